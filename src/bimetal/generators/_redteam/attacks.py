"""Attacks on any `predict_proba` over 8-bit pictures: FGSM, PGD, square and patch, by estimated gradients or queries.

Pictures go in and come out as uint8 arrays of shape (n, height, width) or (n, height, width, channels), `labels` are
columns of what `predict_proba` gives, `epsilon` is in grey levels (1-255): a change is what stands in a PNG, exactly.
What is maximised is the margin log p(best other class) - log p(true class), which does not saturate as p nears 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray

    Pictures = NDArray[np.uint8]

PredictProba: TypeAlias = "Callable[[Pictures], FloatArray]"
Gradient: TypeAlias = "Callable[[PredictProba, Pictures, IntArray], FloatArray]"

SMALL = 1024  # pixels up to which every coordinate is asked about
AT_ONCE = 1 << 24  # bytes of pictures asked about in one call
TINY = 1e-300
PLACES, REPAINTED = 4, 3  # of a patch: places tried, and times its pixels are chosen anew


def finite_differences(predict_proba: PredictProba, images: Pictures, labels: IntArray, step: int = 4) -> FloatArray:
    """Return the margin's slope in every pixel by central differences of `step` levels, shape as `images`.

    Asks about two pictures a pixel. Exact where log-odds are linear in the pixels, as with logistic regression.

    >>> two = lambda x: np.stack([1 - x[:, 0, 0] / 255, x[:, 0, 0] / 255], axis=1)
    >>> finite_differences(two, np.full((1, 1, 2), 128, np.uint8), np.array([0])).round(3).tolist()
    [[[0.016, 0.0]]]
    """
    flat = images.reshape(len(images), -1).astype(np.int64)
    size = flat.shape[1]
    slopes = np.zeros(flat.shape)
    eye = np.eye(size, dtype=np.int64) * step
    some = max(1, AT_ONCE // (2 * size * size))
    for start in range(0, len(flat), some):
        part = flat[start : start + some, None]
        high, low = np.minimum(part + eye, 255), np.maximum(part - eye, 0)
        moved = np.diagonal(high - low, axis1=1, axis2=2)
        asked = np.concatenate([high, low]).reshape(-1, *images.shape[1:]).astype(np.uint8)
        found = margin(predict_proba(asked), np.tile(np.repeat(labels[start : start + some], size), 2))
        rises = found.reshape(2, -1, size)
        slopes[start : start + some] = (rises[0] - rises[1]) / moved
    return slopes.reshape(images.shape)


def random_directions(rng: np.random.Generator, directions: int = 64, step: int = 4, tiles: int = 16) -> Gradient:
    """Return a gradient estimate by pairs of opposite random signs (SPSA, Spall 1992), for pictures of any size.

    Signs are drawn for at most `tiles` tiles a side, since slopes of neighbouring pixels are alike (Ilyas, Engstrom and
    Madry 2019). Asks about 2 x `directions` pictures a picture, however many pixels it has.
    """

    def estimated(predict_proba: PredictProba, images: Pictures, labels: IntArray) -> FloatArray:
        slopes = np.zeros(images.shape)
        for _ in range(directions):
            signs = _tiled(rng, images.shape, tiles)
            high, low = (_levels(images + way * step * signs) for way in (1, -1))
            rise = margin(predict_proba(high), labels) - margin(predict_proba(low), labels)
            slopes += _beside(rise, images) * signs / (2 * step * directions)
        return slopes

    return estimated


def fgsm(
    predict_proba: PredictProba,
    images: Pictures,
    labels: IntArray,
    epsilon: int,
    gradient: Gradient = finite_differences,
) -> Pictures:
    """Take one step of `epsilon` levels up the sign of the gradient (Goodfellow, Shlens and Szegedy 2015).

    Five lines attack an estimator of one's own:

    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> x, y = np.rint(load_digits().images * 255 / 16).astype(np.uint8), load_digits().target
    >>> model = LogisticRegression(max_iter=500).fit(x[:900].reshape(900, 64) / 255, y[:900])
    >>> moved = fgsm(lambda x: model.predict_proba(x.reshape(-1, 64) / 255), x[900:1000], y[900:1000], epsilon=32)
    >>> bool(model.score(moved.reshape(-1, 64) / 255, y[900:1000]) < 0.5)
    True
    """
    _checked(images, labels, epsilon)
    return _within(images, images + epsilon * np.sign(gradient(predict_proba, images, labels)), epsilon)


def pgd(
    predict_proba: PredictProba,
    images: Pictures,
    labels: IntArray,
    epsilon: int,
    gradient: Gradient = finite_differences,
    *,
    steps: int = 10,
) -> Pictures:
    """Climb in `steps` steps within `epsilon` levels of each pixel, and keep the best (Madry and others 2018)."""
    _checked(images, labels, epsilon)
    stride = max(1, round(2.5 * epsilon / steps))
    best, most = images.copy(), margin(predict_proba(images), labels)
    now = images
    for _ in range(steps):
        now = _within(images, now + stride * np.sign(gradient(predict_proba, now, labels)), epsilon)
        best, most = _better(predict_proba, labels, best, most, now)
    return best


def square(
    predict_proba: PredictProba,
    images: Pictures,
    labels: IntArray,
    epsilon: int,
    rng: np.random.Generator,
    *,
    queries: int = 200,
) -> Pictures:
    """Move random squares by `epsilon` levels and keep what helps, without any gradient (Andriushchenko 2020)."""
    _checked(images, labels, epsilon)
    height, width = images.shape[1:3]
    stripes = rng.choice(np.array([-epsilon, epsilon]), (len(images), 1, *images.shape[2:]))
    best, most = images.copy(), margin(predict_proba(images), labels)
    best, most = _better(predict_proba, labels, best, most, _within(images, images + stripes, epsilon))
    for query in range(queries):
        share = 0.5 * 0.5 ** (8 * query / queries)
        side = max(1, min(round(np.sqrt(share * height * width)), height, width))
        tried = best.astype(np.int64)
        for row, (top, left) in enumerate(rng.integers(0, (height - side + 1, width - side + 1), (len(images), 2))):
            window = (row, slice(top, top + side), slice(left, left + side))
            tried[window] = images[window] + rng.choice(np.array([-epsilon, epsilon]), images.shape[3:])
        best, most = _better(predict_proba, labels, best, most, _within(images, tried, epsilon))
    return best


def patch(
    predict_proba: PredictProba,
    images: Pictures,
    labels: IntArray,
    side: int,
    rng: np.random.Generator,
    gradient: Gradient = finite_differences,
) -> Pictures:
    """Repaint one square of `side` pixels without any bound on levels, at the best of a few places (Brown 2017)."""
    _checked(images, labels, 255)
    slope = gradient(predict_proba, images, labels)
    best, most = images.copy(), margin(predict_proba(images), labels)
    inside = np.zeros(images.shape, bool)
    for _ in range(PLACES):
        window = _windows(images, side, rng)
        found = _painted(images, slope, window)
        better = margin(predict_proba(found), labels)
        rows = (better > most) | ~inside.reshape(len(images), -1).any(axis=1)
        best[rows], most[rows], inside[rows] = found[rows], better[rows], window[rows]
    for _ in range(REPAINTED):
        found = _painted(best, gradient(predict_proba, best, labels), inside)
        best, most = _better(predict_proba, labels, best, most, found)
    return best


def noise(images: Pictures, epsilon: int, rng: np.random.Generator) -> Pictures:
    """Move every pixel by plus or minus `epsilon` levels at random: the control that any attack is to beat."""
    return _levels(images + rng.choice(np.array([-epsilon, epsilon]), images.shape))


def noise_patch(images: Pictures, side: int, rng: np.random.Generator) -> Pictures:
    """Fill one square of `side` pixels at a random place with random levels: the control of `patch`."""
    window = _windows(images, side, rng)
    return np.where(window, rng.integers(0, 256, images.shape), images).astype(np.uint8)


def margin(proba: FloatArray, labels: IntArray) -> FloatArray:
    """Return log p(best other class) - log p(true class), shape (rows,): above 0 where the answer is wrong.

    >>> margin(np.array([[0.5, 0.25, 0.25]]), np.array([0])).round(3).tolist()
    [-0.693]
    """
    log = np.log(np.maximum(np.asarray(proba, float), TINY))
    rows = np.arange(len(log))
    true = log[rows, labels]
    log[rows, labels] = -np.inf
    found: FloatArray = log.max(axis=1) - true
    return found


def _checked(images: Pictures, labels: IntArray, epsilon: int) -> None:
    if images.dtype != np.uint8 or images.ndim not in {3, 4}:
        raise InputError(
            f"the images are {images.dtype} of shape {images.shape}",
            "pass uint8 of shape (n, height, width) or (n, height, width, channels)",
        )
    if np.shape(labels) != (len(images),):
        raise InputError(f"the labels have shape {np.shape(labels)} for {len(images)} images", "pass one an image")
    if epsilon not in range(1, 256):
        raise InputError(
            f"epsilon is {epsilon!r}, expected a whole number of levels from 1 to 255", "8 of 255 is usual"
        )


def _levels(values: NDArray[Any]) -> Pictures:
    levels: Pictures = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def _within(images: Pictures, values: NDArray[Any], epsilon: int) -> Pictures:
    middle = images.astype(np.int64)
    return _levels(np.clip(values, middle - epsilon, middle + epsilon))


def _better(
    predict_proba: PredictProba, labels: IntArray, best: Pictures, most: FloatArray, tried: Pictures
) -> tuple[Pictures, FloatArray]:
    found = margin(predict_proba(tried), labels)
    rows = found > most
    return np.where(_beside(rows, best), tried, best), np.where(rows, found, most)


def _beside(values: NDArray[Any], images: Pictures) -> NDArray[Any]:
    return values.reshape(-1, *[1] * (images.ndim - 1))


def _tiled(rng: np.random.Generator, shape: tuple[int, ...], tiles: int) -> IntArray:
    tile = -(-max(shape[1:3]) // tiles)
    coarse = (shape[0], -(-shape[1] // tile), -(-shape[2] // tile), *shape[3:])
    signs = rng.choice(np.array([-1, 1]), coarse).repeat(tile, axis=1).repeat(tile, axis=2)
    return signs[:, : shape[1], : shape[2]]


def _windows(images: Pictures, side: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    height, width = images.shape[1:3]
    if not 1 <= side <= min(height, width):
        raise InputError(f"side is {side!r} in pictures of {width} x {height}", "give pixels that fit in")
    tops, lefts = rng.integers(0, (height - side + 1, width - side + 1), (len(images), 2)).T
    down, across = np.arange(height)[None, :, None], np.arange(width)[None, None, :]
    top, left = tops[:, None, None], lefts[:, None, None]
    window = (down >= top) & (down < top + side) & (across >= left) & (across < left + side)
    return np.broadcast_to(window if images.ndim == 3 else window[..., None], images.shape)


def _painted(images: Pictures, slope: FloatArray, window: NDArray[np.bool_]) -> Pictures:
    extreme = np.where(slope > 0, 255, 0)
    return np.where(window & (slope != 0), extreme, images).astype(np.uint8)
