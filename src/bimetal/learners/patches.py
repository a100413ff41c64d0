"""The light image learner: k-means patch features and ridge regression, no deep-learning framework."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import FEATURES, levels, payload, require, vectors, with_vectors
from bimetal.learners._fitting import Fitted, Prepares, Represented, alike, softmax, targets
from bimetal.learners._ridge import fit_ridge
from bimetal.payload import pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.learners._features import Represent
    from bimetal.plugins import Model
    from bimetal.types import FloatArray

    Pictures = NDArray[np.float32]

FLOOR = 0.01  # added to a patch's variance (grey levels 0-1), so that flat patches are not blown up to noise
WHITENING = 0.1  # added to the patch covariance's eigenvalues
SMALL = 12  # images up to this side take 100 centroids of 4-pixel patches, larger ones 400 of 6-pixel patches
BLOCK = 2**22  # patch-centroid distances computed at once, to stay in the processor's cache


@dataclass(frozen=True)
class Patches(Prepares):
    """Fit ridge regression on pooled distances of whitened patches to k-means centroids (Coates and Ng 2011).

    Centroids and scaling come from the training and unlabelled images. `centroids` and `patch`, a side in pixels,
    go by image size where 0; `grid` is the pooling cells a side, `penalty` the ridge's for each feature.
    Probabilities are a softmax of ridge scores whose temperature minimises the leave-one-out log loss.

    >>> rows = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.eye(64, dtype=np.uint8)
    ...     .reshape(64, 8, 8) * 255), "label": ["top"] * 32 + ["bottom"] * 32})
    >>> model = Patches(centroids=20)(rows, np.ones(64), None, np.random.default_rng(0))
    >>> (model.predict_proba(rows).argmax(axis=1) == np.repeat([1, 0], 32)).mean() > 0.9
    np.True_
    """

    centroids: int = 0
    patch: int = 0
    grid: int = 3
    penalty: float = 0.01
    sample: int = 20_000

    def __post_init__(self) -> None:
        if min(self.grid, self.sample) < 1 or self.penalty <= 0 or min(self.centroids, self.patch) < 0:
            raise ValueError("grid and sample must be 1 or more, penalty above 0, centroids and patch 0 or more")

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model:
        classes, codes = targets(train, weight)
        if FEATURES not in train.column_names:
            represent = self.represent(train, unlabelled, rng)
            return Represented(self(represent(train), weight, None, rng), represent)
        seen = vectors(train)[:, 0]
        ridge = fit_ridge(seen, codes, np.asarray(weight, float), self.penalty * seen.shape[1])
        return Fitted(classes, lambda rows: vectors(rows)[:, 0], lambda matrix: softmax(ridge.scores(matrix)))

    def represent(self, train: pa.Table, unlabelled: pa.Table | None, rng: np.random.Generator) -> Represent:
        """Learn centroids and scaling; the function returned turns images into a `_features` column of one view."""
        if payload(train) != ("image",):
            raise InputError(f"patches are of images, the payload is {', '.join(payload(train))}", "use `linear`")
        pictures = pixels(train)
        shape = pictures.shape[1:]
        seen = levels(train, shape)
        if unlabelled is not None and unlabelled.num_rows:
            seen = np.concatenate([seen, levels(alike(train, unlabelled), shape)])
        words = self._vocabulary(seen, rng)
        featured = words(seen)
        return _View(words, shape, featured.mean(axis=0), featured.std(axis=0) + 1e-3)

    def _vocabulary(self, pictures: Pictures, rng: np.random.Generator) -> _Vocabulary:
        from sklearn.cluster import MiniBatchKMeans

        smallest = min(pictures.shape[1:])
        side = self.patch or (4 if smallest <= SMALL else 6)
        words = self.centroids or (100 if smallest <= SMALL else 400)
        if side > smallest:
            raise InputError(f"patches of {side} pixels do not fit the images", "choose a smaller `patch`")
        sampled = _sampled(pictures, side, self.sample, rng)
        mean, whiten = _whitening(sampled)
        white = (sampled - mean) @ whiten
        clusters = MiniBatchKMeans(
            min(words, len(white)),
            n_init=1,
            max_iter=30,
            batch_size=2048,
            random_state=int(rng.integers(2**31)),
        ).fit(white)
        return _Vocabulary(side, self.grid, mean, whiten, clusters.cluster_centers_.astype(np.float32))


@dataclass(frozen=True)
class _Vocabulary:
    side: int
    grid: int
    mean: Pictures
    whiten: Pictures
    centroids: Pictures

    def __call__(self, pictures: Pictures) -> Pictures:
        height, width = pictures.shape[1] + 3 - self.side, pictures.shape[2] + 3 - self.side
        step = max(1, BLOCK // (height * width * len(self.centroids)))
        blocks = [self._block(pictures[at : at + step]) for at in range(0, len(pictures), step)]
        return np.concatenate(blocks)

    def _block(self, pictures: Pictures) -> Pictures:
        patches = _patches(pictures, self.side)
        rows, height, width, _ = patches.shape
        white = (_normal(patches.reshape(rows * height * width, -1)) - self.mean) @ self.whiten
        distance = white @ (-2 * self.centroids.T)
        distance += (self.centroids**2).sum(axis=1)
        distance += (white**2).sum(axis=1, keepdims=True)
        np.sqrt(np.maximum(distance, 0, out=distance), out=distance)
        active = np.subtract(distance.mean(axis=1, keepdims=True), distance, out=distance)
        np.maximum(active, 0, out=active)
        return self._pooled(active.reshape(rows, height, width, -1))

    def _pooled(self, active: Pictures) -> Pictures:
        rows, height, width, words = active.shape
        cells = np.kron(_averages(height, self.grid), _averages(width, self.grid))
        pooled: Pictures = np.matmul(cells, active.reshape(rows, height * width, words))
        return pooled.reshape(rows, -1)


@dataclass(frozen=True)
class _View:
    words: _Vocabulary
    shape: tuple[int, ...]
    mean: Pictures
    spread: Pictures

    def __call__(self, table: pa.Table) -> pa.Table:
        if FEATURES in table.column_names:
            return table
        require(table, ("image",))
        if not table.num_rows:
            return with_vectors(table, np.zeros((0, 1, len(self.mean)), np.float32))
        featured = (self.words(levels(table, self.shape)) - self.mean) / self.spread
        return with_vectors(table, featured[:, None])


def _patches(pictures: Pictures, side: int) -> Pictures:
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], side * side)


def _normal(patches: Pictures) -> Pictures:
    centred: Pictures = patches - patches.mean(axis=1, keepdims=True)
    centred /= np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(FLOOR))
    return centred


def _sampled(pictures: Pictures, side: int, most: int, rng: np.random.Generator) -> Pictures:
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(pictures, ((0, 0), (1, 1), (1, 1))), (side, side), (1, 2))
    count = windows[..., 0, 0].size
    chosen = np.sort(rng.choice(count, min(most, count), replace=False))
    image, row, column = np.unravel_index(chosen, windows.shape[:3])
    return _normal(windows[image, row, column].reshape(len(chosen), -1))


def _whitening(patches: Pictures) -> tuple[Pictures, Pictures]:
    mean = patches.mean(axis=0)
    values, axes = np.linalg.eigh(np.atleast_2d(np.cov(patches - mean, rowvar=False)))
    whiten = (axes / np.sqrt(np.maximum(values, 0) + WHITENING)) @ axes.T
    return mean, whiten.astype(np.float32)


def _averages(size: int, cells: int) -> Pictures:
    edges = np.linspace(0, size, min(cells, size) + 1).round().astype(int)
    averages = np.zeros((len(edges) - 1, size), np.float32)
    for cell, (start, end) in enumerate(pairwise(edges)):
        averages[cell, start:end] = 1 / (end - start)
    return averages
