"""A small diffusion model for tables, trained on seed rows with JAX: noise made into rows of a label, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._nets.conditional import Conditional, Draw, evenly
from bimetal.generators._nets.diffusion import compiled
from bimetal.generators._nets.layers import begun, drawn, forward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.generators._nets.columns import Columns

NEEDS = ("jax",)
TIMES = 16  # waves that tell the network how far the noise has come


@dataclass(frozen=True)
class TableDiffusion(Conditional):
    """Learn to take noise away (Ho et al. 2020; velocities and cosine schedule of Salimans and Ho 2022), label given.

    Numbers are learned as normal quantiles; categories as numbers, -1 or 1 for each, of which the largest counts (after
    Chen et al. 2023), where TabDDPM (Kotelnikov et al. 2023) diffuses categories themselves.
    """

    rate: float = 2e-3

    def fitted(
        self, columns: Columns, seen: tuple[NDArray[np.float32], NDArray[np.float32]], rng: np.random.Generator
    ) -> Draw:
        import jax

        rows, given = seen
        rows = np.concatenate([rows[:, : len(columns.numbers)], 2 * rows[:, len(columns.numbers) :] - 1], axis=1)
        size = (columns.width + 2 * TIMES + given.shape[1], self.width, self.width, columns.width)
        layers, picks = drawn(size, rng), evenly(given, self.steps, rng)
        train, make = compiled(_velocity)
        key = jax.random.key(rng.integers(2**31))
        layers = train((layers, begun(layers)), (rows, given), picks, key, np.float32(self.rate))

        def draw(labels: NDArray[np.float32], child: np.random.Generator) -> NDArray[np.float32]:
            return np.asarray(make(layers, labels, columns.width, jax.random.key(child.integers(2**31))))

        return draw


def _velocity(layers: Any, rows: Any, when: Any, labels: Any) -> Any:
    import jax
    import jax.numpy as jnp

    waves = when[:, None] * jnp.pi * 2.0 ** (jnp.arange(TIMES) / 2)
    seen = jnp.concatenate([rows, jnp.sin(waves), jnp.cos(waves), labels], axis=1)
    return forward(layers, seen, jax.nn.silu)
