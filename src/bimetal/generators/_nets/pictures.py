"""A small U-Net for pictures: what it is given of time and label scales and shifts its channels."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.generators._nets.diffusion import Velocity

    Layers = dict[str, tuple[NDArray[np.float32], ...]]

TIMES = 16  # waves that tell the network how far the noise has come


def halvings(shape: tuple[int, int, int]) -> int:
    """Say how often a picture is halved on the way down: to 4-7 pixels a side, three times at most.

    >>> halvings((8, 8, 1)), halvings((28, 28, 1)), halvings((5, 9, 3))
    (1, 2, 0)
    """
    return max(0, min(3, int(np.log2(max(min(shape[:2]), 4) / 4))))


def drawn(shape: tuple[int, int, int], classes: int, width: int, rng: np.random.Generator) -> Layers:
    """Draw first weights (He et al. 2015; the last layer of each path begins at zero)."""
    levels = halvings(shape)
    wide = [width * min(2**level, 2) for level in range(levels + 1)]
    sizes = {"in": (shape[2], wide[0]), "out": (wide[0], shape[2])}
    for level in range(levels):
        sizes[f"down{level}"] = (wide[level], wide[level + 1])
        sizes[f"up{level}"] = (wide[level + 1] + wide[level], wide[level])
    sizes |= {"middle0": (wide[-1], wide[-1]), "middle1": (wide[-1], wide[-1])}
    layers: Layers = {}
    for name, (before, after) in sizes.items():
        kernel = rng.standard_normal((9 * before, after)) * (2 / (9 * before)) ** 0.5 * (name != "out")
        told = rng.standard_normal((2 * TIMES + classes, 2 * after)) * (1 / (2 * TIMES + classes)) ** 0.5
        layers[name] = tuple(each.astype(np.float32) for each in (kernel, np.zeros(after), told))
    return layers


@cache
def velocity(shape: tuple[int, int, int]) -> Velocity:
    """Return the network for pictures of this shape (height, width, channels), given as rows of values."""
    import jax
    import jax.numpy as jnp

    levels = halvings(shape)

    def around(seen: Any) -> Any:
        # Nine shifted copies and a product: XLA's own convolutions crawl inside a loop on CPUs.
        _, height, width, _ = seen.shape
        padded = jnp.pad(seen, ((0, 0), (1, 1), (1, 1), (0, 0)))
        copies = [padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)]
        return jnp.concatenate(copies, axis=-1)

    def bent(layer: Any, seen: Any, given: Any, stride: int = 1) -> Any:
        kernel, bias, told = layer
        made = around(seen)[:, ::stride, ::stride] @ kernel + bias
        scale, shift = jnp.split((given @ told)[:, None, None, :], 2, axis=-1)
        return jax.nn.silu(made * (1 + scale) + shift)

    def network(layers: Any, rows: Any, when: Any, labels: Any) -> Any:
        waves = when[:, None] * jnp.pi * 2.0 ** (jnp.arange(TIMES) / 2)
        given = jnp.concatenate([jnp.sin(waves), jnp.cos(waves), labels], axis=1)
        seen = bent(layers["in"], rows.reshape(-1, *shape), given)
        passed = []
        for level in range(levels):
            passed.append(seen)
            seen = bent(layers[f"down{level}"], seen, given, stride=2)
        seen = seen + bent(layers["middle1"], bent(layers["middle0"], seen, given), given)
        for level in reversed(range(levels)):
            beside = passed[level]
            seen = jax.image.resize(seen, (*beside.shape[:3], seen.shape[3]), "nearest")
            seen = bent(layers[f"up{level}"], jnp.concatenate([seen, beside], axis=-1), given)
        kernel, bias, _ = layers["out"]
        return (around(seen) @ kernel + bias).reshape(rows.shape)

    return network
