"""Patterns that no one has photographed: checks, stripes, dots, marble and speckle, from sums and one noise tile."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bimetal.generators._scene.solids import Plane

TILE = 512  # texels a side; the tile repeats
TEXELS = 128.0  # for each unit of a pattern's coordinates


def pattern(texture: str, x: Any, y: Any) -> Any:
    """Say how much of the second colour shows (0-1) at coordinates in units of the pattern; plain is none.

    >>> pattern("checker", np.array([0.5, 1.5]), np.array([0.5, 0.5])).tolist()
    [0.0, 1.0]
    """
    draw = _PATTERNS.get(texture)
    return np.float32(0) if draw is None else draw(x, y)


def noise(x: Any, y: Any) -> Plane:
    """Look up the noise tile (0-1) at coordinates in units of 128 texels."""
    across = (x * TEXELS).astype(np.int32) & (TILE - 1)
    along = (y * TEXELS).astype(np.int32) & (TILE - 1)
    across += along * TILE
    return np.asarray(tile().take(across))


@cache
def tile() -> Plane:
    """Make noise whose power falls with frequency, periodic, values 0-1, flat; the same on every call."""
    rng = np.random.default_rng(20260101)
    frequency = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None, :])
    frequency[0, 0] = np.inf
    waves = np.fft.rfft2(rng.standard_normal((TILE, TILE))) / frequency**0.9
    rough = np.fft.irfft2(waves, (TILE, TILE))
    return np.asarray(np.clip(0.5 + 0.2 * rough / rough.std(), 0, 1).ravel(), np.float32)


@cache
def grain(side: int) -> Plane:
    """Make sensor noise of unit spread for pictures up to this side, with 64 pixels to begin elsewhere."""
    return np.random.default_rng(20260102).standard_normal((side + 64, side + 64), dtype=np.float32)


def _checker(x: Any, y: Any) -> Any:
    return ((np.floor(x) + np.floor(y)) % 2).astype(np.float32)


def _stripes(x: Any, y: Any) -> Any:  # noqa: ARG001 - stripes run along y
    return _step(x - np.floor(x), 0.5, 12)


def _tiles(x: Any, y: Any) -> Any:
    edge = np.minimum(np.abs(x - np.rint(x)), np.abs(y - np.rint(y)))
    return np.clip(1 - edge * 14, 0, 1) + 0.35 * noise(x * 0.5, y * 0.5)


def _dots(x: Any, y: Any) -> Any:
    across, along = x - np.floor(x) - 0.5, y - np.floor(y) - 0.5
    return _step(across * across + along * along, 0.1, -30)


def _marble(x: Any, y: Any) -> Any:
    bent = x + 2.5 * noise(x * 0.2, y * 0.2)
    return 1 - np.abs(2 * (bent - np.floor(bent)) - 1)


def _planks(x: Any, y: Any) -> Any:
    grain = noise(x * 1.5, y * 0.08 + np.floor(x) * 0.37)
    seam = np.clip(1 - np.abs(x - np.rint(x)) * 20, 0, 1)
    return np.clip(0.8 * grain + seam, 0, 1)


def _step(value: Any, at: float, steep: float) -> NDArray[np.float32]:
    return np.asarray(np.clip((value - at) * steep + 0.5, 0, 1))


_PATTERNS: dict[str, Callable[[Any, Any], Any]] = {
    "checker": _checker,
    "stripes": _stripes,
    "tiles": _tiles,
    "dots": _dots,
    "marble": _marble,
    "planks": _planks,
    "speckle": noise,
    "grass": noise,
}
