"""Diffusion for any network: noise taken away step by step; trained and drawn by compiled loops."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bimetal.generators._nets.layers import ONE_CORE, adam

STEPS = 50  # from noise to a row
Velocity = Callable[[Any, Any, Any, Any], Any]


@cache
def compiled(velocity: Velocity) -> tuple[Any, Any]:
    """Compile training and drawing for a network (Ho et al. 2020; Salimans and Ho 2022).

    `velocity(layers, rows, when, labels)` says the velocity of noisy rows, shape (rows, width), at times 0-1. Returns
    `train((layers, memory), (rows, labels), picks, key, rate)`, which gives layers, and
    `make(layers, labels, width, key)`, which draws a row for each label. JAX keeps a version of each for every shape.
    """
    import jax

    settings: dict[str, Any] = {"compiler_options": ONE_CORE}
    return jax.jit(_training(velocity), **settings), jax.jit(_drawing(velocity), static_argnums=2, **settings)


def _training(velocity: Velocity) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    def loss(layers: Any, rows: Any, labels: Any, key: Any) -> Any:
        when_key, noise_key = jax.random.split(key)
        when = jax.random.uniform(when_key, (len(rows),))
        noise = jax.random.normal(noise_key, rows.shape)
        kept, added = jnp.cos(when * jnp.pi / 2)[:, None], jnp.sin(when * jnp.pi / 2)[:, None]
        said = velocity(layers, kept * rows + added * noise, when, labels)
        return ((said - (kept * noise - added * rows)) ** 2).mean()

    def train(state: Any, seen: Any, picks: Any, key: Any, rate: Any) -> Any:
        rows, given = seen

        def step(state: Any, now: Any) -> Any:
            layers, memory = state
            picked, at, done = now
            slope = jax.grad(loss)(layers, rows[picked], given[picked], at)
            falling = rate * (1 + jnp.cos(jnp.pi * done)) / 2
            return adam(layers, slope, memory, falling), None

        done = jnp.arange(len(picks)) / len(picks)
        return jax.lax.scan(step, state, (picks, jax.random.split(key, len(picks)), done))[0][0]

    return train


def _drawing(velocity: Velocity) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    def make(layers: Any, labels: Any, width: int, key: Any) -> Any:
        first, key = jax.random.split(key)
        start = jax.random.normal(first, (len(labels), width))
        angles = jnp.linspace(jnp.pi / 2, 0, STEPS + 1)

        def step(rows: Any, now: Any) -> Any:
            angle, following, at = now
            said = velocity(layers, rows, jnp.full(len(rows), angle * 2 / jnp.pi), labels)
            clean = jnp.cos(angle) * rows - jnp.sin(angle) * said
            noise = jnp.sin(angle) * rows + jnp.cos(angle) * said
            # Ancestral: as much fresh noise as keeps the variance, so that an error made early is forgotten.
            fresh = jnp.sin(following) / jnp.sin(angle) * jnp.sqrt(1 - (jnp.cos(angle) / jnp.cos(following)) ** 2)
            left = jnp.sqrt(jnp.maximum(jnp.sin(following) ** 2 - fresh**2, 0))
            drawn_now = jax.random.normal(at, rows.shape)
            return jnp.cos(following) * clean + left * noise + fresh * drawn_now, None

        steps = angles[:-1], angles[1:], jax.random.split(key, STEPS)
        return jax.lax.scan(step, start, steps)[0]

    return make
