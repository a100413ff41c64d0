"""A small adversarial network for tables (WGAN-GP), trained on seed rows with JAX: rows of a label on request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._nets.conditional import SEEN, Conditional, Draw, evenly
from bimetal.generators._nets.layers import ONE_CORE, adam, begun, drawn, forward

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bimetal.generators._nets.columns import Columns

NEEDS = ("jax",)
NOISE = 32  # numbers a row is made from
CRITICS = 3  # steps of the critic for each of the generator
PENALTY = 10.0  # of a slope other than 1 (Gulrajani et al. 2017)
SHARP = 0.2  # temperature of a choice among categories (Jang et al. 2017)
FADE = (0.5, 0.9)  # Adam's, as Gulrajani et al. have it


@dataclass(frozen=True)
class TableGan(Conditional):
    """Let a generator and a critic learn against each other (Wasserstein distance, gradient penalty), label given.

    Numbers are learned as normal quantiles, categories by Gumbel-softmax, as CTGAN has it (Xu et al. 2019).
    """

    steps: int = 1000
    rate: float = 5e-4

    def fitted(
        self, columns: Columns, seen: tuple[NDArray[np.float32], NDArray[np.float32]], rng: np.random.Generator
    ) -> Draw:
        import jax

        rows, given = seen
        classes, inner = given.shape[1], (self.width, self.width)
        maker = drawn((NOISE + classes, *inner, columns.width), rng)
        critic = drawn((columns.width + classes, *inner, 1), rng)
        picks = evenly(given, self.steps * (CRITICS + 1), rng).reshape(self.steps, CRITICS + 1, SEEN)
        train, make = _compiled(len(columns.numbers), columns.spans)
        state = maker, critic, begun(maker), begun(critic)
        maker = train(state, (rows, given), picks, jax.random.key(rng.integers(2**31)), np.float32(self.rate))

        def draw(labels: NDArray[np.float32], child: np.random.Generator) -> NDArray[np.float32]:
            return np.asarray(make(maker, labels, jax.random.key(child.integers(2**31))))

        return draw


@cache
def _compiled(numbers: int, spans: tuple[tuple[int, int], ...]) -> tuple[Any, Any]:
    """Compile training and drawing for one layout of columns."""
    import jax

    make = _making(numbers, spans)
    return jax.jit(_training(make), compiler_options=ONE_CORE), jax.jit(make, compiler_options=ONE_CORE)


def _making(numbers: int, spans: tuple[tuple[int, int], ...]) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    def make(maker: Any, labels: Any, key: Any) -> Any:
        noise_key, choice_key = jax.random.split(key)
        noise = jax.random.normal(noise_key, (len(labels), NOISE))
        raw = forward(maker, jnp.concatenate([noise, labels], axis=1), jax.nn.relu)
        raw = raw.at[:, numbers:].add(jax.random.gumbel(choice_key, (len(labels), raw.shape[1] - numbers)))
        chosen = [jax.nn.softmax(raw[:, begin:end] / SHARP) for begin, end in spans]
        return jnp.concatenate([raw[:, :numbers], *chosen], axis=1)

    return make


def _training(make: Callable[..., Any]) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    def judged(critic: Any, rows: Any, labels: Any) -> Any:
        return forward(critic, jnp.concatenate([rows, labels], axis=1), jax.nn.leaky_relu)[:, 0]

    def unsure(critic: Any, real: Any, made: Any, labels: Any, mix: Any) -> Any:
        between = mix * real + (1 - mix) * made
        slope = jax.grad(lambda rows: judged(critic, rows, labels).sum())(between)
        steep = jnp.sqrt((slope**2).sum(axis=1) + 1e-12)
        apart = judged(critic, made, labels).mean() - judged(critic, real, labels).mean()
        return apart + PENALTY * ((steep - 1) ** 2).mean()

    def caught(maker: Any, critic: Any, labels: Any, key: Any) -> Any:
        return -judged(critic, make(maker, labels, key), labels).mean()

    def train(state: Any, seen: Any, picks: Any, key: Any, rate: Any) -> Any:
        rows, given = seen

        def step(state: Any, now: Any) -> Any:
            maker, critic, making, judging = state
            picked, keys = now
            for part in range(CRITICS):
                real, labels = rows[picked[part]], given[picked[part]]
                made_key, mix_key = jax.random.split(keys[part])
                mix = jax.random.uniform(mix_key, (SEEN, 1))
                slope = jax.grad(unsure)(critic, real, make(maker, labels, made_key), labels, mix)
                critic, judging = adam(critic, slope, judging, rate, FADE)
            slope = jax.grad(caught)(maker, critic, given[picked[CRITICS]], keys[CRITICS])
            maker, making = adam(maker, slope, making, rate, FADE)
            return (maker, critic, making, judging), None

        keys = jax.random.split(key, picks.shape[:2])
        return jax.lax.scan(step, state, (picks, keys))[0][0]

    return train
