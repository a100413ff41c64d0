"""Corruptions of pictures after Hendrycks and Dietterich 2019: noise, blur, weather, digital, at severities 1 to 5."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray

Corruption: TypeAlias = "Callable[[FloatArray, int, np.random.Generator], FloatArray]"
"""A picture of shape (height, width, channels) in 0..1, a severity from 0 to 4, and an rng, to a picture alike."""


def corrupted(picture: NDArray[np.uint8], way: str, severity: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Corrupt a grey (height, width) or colour (height, width, 3) picture; `severity` is 1 (mild) to 5.

    >>> corrupted(np.full((8, 8), 128, np.uint8), "brightness", 5, np.random.default_rng(0)).mean() > 128
    np.True_
    """
    whole = np.atleast_3d(picture) / 255.0
    changed = CORRUPTIONS[way](whole, severity - 1, rng)
    levels: NDArray[np.uint8] = np.rint(changed.clip(0, 1) * 255).astype(np.uint8).reshape(picture.shape)
    return levels


def _gaussian_noise(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    return x + rng.normal(0, (0.06, 0.1, 0.16, 0.24, 0.34)[severity], x.shape)


def _shot_noise(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    photons = (120, 50, 22, 10, 5)[severity]
    return np.asarray(rng.poisson(x * photons) / photons, float)


def _impulse_noise(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    hit = rng.random(x.shape) < (0.02, 0.05, 0.1, 0.17, 0.27)[severity]
    return np.where(hit, rng.integers(0, 2, x.shape).astype(float), x)


def _speckle_noise(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    return x + x * rng.normal(0, (0.12, 0.2, 0.32, 0.45, 0.6)[severity], x.shape)


def _gaussian_blur(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(x, (*2 * (0.75 * _reach(x, severity),), 0), mode="nearest")


def _defocus(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    radius = _reach(x, severity)
    side = np.arange(-np.ceil(radius), np.ceil(radius) + 1)
    return _convolved(x, np.clip(radius + 0.5 - np.hypot(*np.meshgrid(side, side)), 0, 1))


def _motion_blur(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    angle, reach = rng.uniform(0, np.pi), 1.5 * _reach(x, severity)
    side = np.arange(-np.ceil(reach), np.ceil(reach) + 1)
    across, down = np.meshgrid(side, side)
    along, off = np.cos(angle) * across + np.sin(angle) * down, np.cos(angle) * down - np.sin(angle) * across
    return _convolved(x, np.clip(reach + 0.5 - abs(along), 0, 1) * np.clip(1 - abs(off), 0, 1))


def _zoom_blur(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    zooms = np.linspace(1, (1.1, 1.16, 1.23, 1.31, 1.4)[severity], 7)
    down, across = np.indices(x.shape[:2]).astype(float)
    middle = (np.array(x.shape[:2]) - 1) / 2
    zoomed = (_sampled(x, middle[0] + (down - middle[0]) / z, middle[1] + (across - middle[1]) / z) for z in zooms)
    return np.asarray(np.stack(list(zoomed)).mean(axis=0), float)


def _fog(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    share = (0.2, 0.32, 0.44, 0.56, 0.68)[severity]
    cloud = 0.75 + 0.25 * _clouds(x.shape[:2], rng)
    return (1 - share) * x + share * cloud[..., None]


def _snow(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    flakes = np.zeros((*x.shape[:2], 1))
    flakes[rng.random(x.shape[:2]) < (0.02, 0.04, 0.07, 0.1, 0.14)[severity]] = 1.0
    streaked = _motion_blur(flakes, 0, rng)
    if flakes.any():
        streaked /= streaked[flakes > 0].min()  # a flake alone is white in its middle
    whiter = (0.05, 0.09, 0.13, 0.17, 0.21)[severity]
    return np.maximum(x * (1 - whiter) + whiter, streaked)


def _brightness(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    return x + (0.1, 0.2, 0.3, 0.4, 0.5)[severity]


def _contrast(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    mean: FloatArray = x.mean(axis=(0, 1), keepdims=True)
    return mean + (x - mean) * (0.7, 0.5, 0.35, 0.22, 0.12)[severity]


def _jpeg(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    from PIL import Image

    stream = io.BytesIO()
    levels = np.rint(x.clip(0, 1) * 255).astype(np.uint8)
    whole = Image.fromarray(levels[..., 0] if x.shape[2] == 1 else levels)
    whole.save(stream, "JPEG", quality=(50, 30, 18, 10, 5)[severity])
    with Image.open(io.BytesIO(stream.getvalue())) as read:
        return np.atleast_3d(np.asarray(read)) / 255.0


def _pixelate(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:  # noqa: ARG001 - all alike
    height, width = x.shape[:2]
    share = (0.8, 0.65, 0.5, 0.38, 0.25)[severity]
    down = (np.arange(height) * max(1, round(height * share)) // height).astype(int)
    across = (np.arange(width) * max(1, round(width * share)) // width).astype(int)
    block = down[:, None] * (across.max() + 1) + across[None]
    counts = np.bincount(block.ravel())
    return np.stack(
        [(np.bincount(block.ravel(), x[..., c].ravel()) / counts)[block] for c in range(x.shape[2])], axis=2
    )


def _elastic(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    from scipy.ndimage import gaussian_filter

    side = max(x.shape[:2])
    shift = [gaussian_filter(rng.uniform(-1, 1, x.shape[:2]), max(side / 12, 0.7), mode="wrap") for _ in "xy"]
    size = (0.012, 0.02, 0.03, 0.042, 0.056)[severity] * side + 0.15
    move = [size * each / (float(np.sqrt((each**2).mean())) + 1e-12) for each in shift]
    down, across = np.indices(x.shape[:2]).astype(float)
    return _sampled(x, down + move[0], across + move[1])


def _occlusion(x: FloatArray, severity: int, rng: np.random.Generator) -> FloatArray:
    share = np.sqrt((0.04, 0.08, 0.13, 0.2, 0.3)[severity])
    height, width = (max(1, round(size * share)) for size in x.shape[:2])
    top, left = (int(rng.integers(0, size - part + 1)) for size, part in zip(x.shape[:2], (height, width), strict=True))
    changed = x.copy()
    changed[top : top + height, left : left + width] = rng.random()
    return changed


CORRUPTIONS: dict[str, Corruption] = {
    "gaussian_noise": _gaussian_noise,
    "shot_noise": _shot_noise,
    "impulse_noise": _impulse_noise,
    "speckle_noise": _speckle_noise,
    "gaussian_blur": _gaussian_blur,
    "defocus": _defocus,
    "motion_blur": _motion_blur,
    "zoom_blur": _zoom_blur,
    "fog": _fog,
    "snow": _snow,
    "brightness": _brightness,
    "contrast": _contrast,
    "jpeg": _jpeg,
    "pixelate": _pixelate,
    "elastic": _elastic,
    "occlusion": _occlusion,
}


def _reach(x: FloatArray, severity: int) -> float:
    """Radius of a blur in pixels: a share of the smaller side, never less than what shows at 8 pixels."""
    return float((0.02, 0.03, 0.042, 0.057, 0.075)[severity] * min(x.shape[:2]) + (0.4, 0.5, 0.65, 0.8, 1.0)[severity])


def _convolved(x: FloatArray, kernel: FloatArray) -> FloatArray:
    from scipy.ndimage import convolve

    return convolve(x, (kernel / kernel.sum())[..., None], mode="nearest")


def _sampled(x: FloatArray, down: FloatArray, across: FloatArray) -> FloatArray:
    from scipy.ndimage import map_coordinates

    channels = [map_coordinates(x[..., c], [down, across], order=1, mode="nearest") for c in range(x.shape[2])]
    return np.stack(channels, axis=2)


def _clouds(shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Noise with a falling spectrum, scaled to 0..1."""
    down, across = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None]
    falling = (np.hypot(down, across) + 1 / max(shape)) ** -1.7
    waves = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) * falling).real
    return np.asarray((waves - waves.min()) / (np.ptp(waves) + 1e-12), float)
