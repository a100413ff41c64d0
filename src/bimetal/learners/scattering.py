"""The light image learner: a scattering transform and kernel ridge regression, no deep-learning framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import FEATURES, levels, payload, require, vectors, with_vectors
from bimetal.learners._fitting import Fitted, Prepares, Represented, alike, softmax, targets
from bimetal.learners._ridge import fit_ridge
from bimetal.learners._wavelets import scattered
from bimetal.payload import pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bimetal.learners._features import Represent
    from bimetal.plugins import Model
    from bimetal.types import FloatArray

    Pictures = NDArray[np.float32]

GAMMA = 0.5  # of the Gaussian kernel, between vectors of mean squared length 1
JITTER = 1e-4  # added to the kernel among landmarks, so that alike ones can be told apart in single precision
SEEN = 5000  # images that the axes are learned from, at most
CROWD = 10  # images an axis is learned from, at least
FAINT, TINY = 1e-6, 1e-12  # axes with less variance, as a share of the first's, are noise and shall stay small


@dataclass(frozen=True)
class Scattering(Prepares):
    """Fit Gaussian kernel ridge regression on scattering coefficients (Bruna and Mallat 2013).

    Square roots of the coefficients are turned to their `axes` main axes over training and unlabelled images, one for
    ten images at most, and divided by their spread to the power of `whitening`. The kernel is spanned by `landmarks`
    training rows (Nystroem); `penalty` is the ridge's. `octaves` sets the averaging window, 2**octaves pixels; 0 goes
    by image size: about eight windows a side, 4 pixels at least. Probabilities are a softmax of ridge scores whose
    temperature minimises the leave-one-out log loss.

    >>> rows = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.eye(64, dtype=np.uint8)
    ...     .reshape(64, 8, 8) * 255), "label": ["top"] * 32 + ["bottom"] * 32})
    >>> model = Scattering()(rows, np.ones(64), None, np.random.default_rng(0))
    >>> (model.predict_proba(rows).argmax(axis=1) == np.repeat([1, 0], 32)).mean() > 0.9
    np.True_
    """

    octaves: int = 0
    orientations: int = 8
    axes: int = 300
    whitening: float = 0.5
    landmarks: int = 1000
    penalty: float = 0.03

    def __post_init__(self) -> None:
        if min(self.orientations, self.axes, self.landmarks) < 1 or self.octaves < 0 or self.penalty <= 0:
            raise ValueError("orientations, axes and landmarks must be 1 or more, octaves 0 or more, penalty above 0")
        if not 0 <= self.whitening <= 1:
            raise ValueError(f"whitening is {self.whitening!r}, it must be from 0 (none) to 1")

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model:
        classes, codes = targets(train, weight)
        if FEATURES not in train.column_names:
            represent = self.represent(train, unlabelled, rng)
            return Represented(self(represent(train), weight, None, rng), represent)
        seen = vectors(train)[:, 0]
        kernel = self._kernel(seen, rng)
        ridge = fit_ridge(kernel(seen), codes, np.asarray(weight, float), self.penalty)
        return Fitted(classes, lambda rows: kernel(vectors(rows)[:, 0]), lambda matrix: softmax(ridge.scores(matrix)))

    def represent(self, train: pa.Table, unlabelled: pa.Table | None, rng: np.random.Generator) -> Represent:
        """Learn the axes; the function returned turns images into a `_features` column of one view."""
        if payload(train) != ("image",):
            raise InputError(f"scattering is of images, the payload is {', '.join(payload(train))}", "use `linear`")
        shape = pixels(train.slice(0, 1)).shape[1:]
        seen = levels(train, shape)
        if unlabelled is not None and unlabelled.num_rows:
            seen = np.concatenate([seen, levels(alike(train, unlabelled), shape)])
        seen = seen[np.sort(rng.permutation(len(seen))[:SEEN])]
        octaves = self.octaves or max(2, round(np.log2(min(shape) / 8)))
        mean, turn = _axes(_roots(seen, octaves, self.orientations), self.axes, self.whitening, rng)
        return _View(octaves, self.orientations, shape, mean, turn)

    def _kernel(self, seen: Pictures, rng: np.random.Generator) -> Callable[[Pictures], Pictures]:
        """Map vectors so that inner products are the kernel's, as far as rows drawn as landmarks span it."""
        from scipy.linalg import cholesky, solve_triangular

        landmarks = seen[rng.permutation(len(seen))[: self.landmarks]]
        among = gaussian(landmarks, landmarks).astype(float)
        root = cholesky(among + JITTER * np.eye(len(among)), lower=True)
        turn = solve_triangular(root, np.eye(len(root)), lower=True).T.astype(np.float32)
        return lambda rows: gaussian(rows, landmarks) @ turn


def gaussian(rows: Pictures, landmarks: Pictures) -> Pictures:
    """Return exp(-GAMMA x squared distance), shape (rows, landmarks).

    >>> gaussian(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32)).round(2)
    array([[1.  , 0.37],
           [0.37, 1.  ]], dtype=float32)
    """
    apart = rows @ (-2 * landmarks.T)
    apart += (rows**2).sum(axis=1, keepdims=True)
    apart += (landmarks**2).sum(axis=1)
    np.maximum(apart, 0, out=apart)
    apart *= np.float32(-GAMMA)
    np.exp(apart, out=apart)
    return apart


@dataclass(frozen=True)
class _View:
    octaves: int
    orientations: int
    shape: tuple[int, ...]
    mean: Pictures
    turn: Pictures

    def __call__(self, table: pa.Table) -> pa.Table:
        if FEATURES in table.column_names:
            return table
        require(table, ("image",))
        if not table.num_rows:
            return with_vectors(table, np.zeros((0, 1, self.turn.shape[1]), np.float32))
        found = _roots(levels(table, self.shape), self.octaves, self.orientations)
        turned: Pictures = np.matmul(found - self.mean, self.turn)
        return with_vectors(table, turned[:, None])


def _roots(pictures: Pictures, octaves: int, orientations: int) -> Pictures:
    # A coefficient grows with the pen's width and the ink's darkness; its root less so.
    found = np.maximum(scattered(pictures, octaves, orientations), 0)
    return np.sqrt(found, out=found)


def _axes(seen: Pictures, axes: int, whitening: float, rng: np.random.Generator) -> tuple[Pictures, Pictures]:
    """Return the mean and the turn to main axes, whitened in part, that gives vectors of mean squared length 1."""
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # blank pictures have no variance to share out
        found = PCA(min(axes, 1 + len(seen) // CROWD, seen.shape[1]), random_state=int(rng.integers(2**31))).fit(seen)
    spread = np.maximum(found.explained_variance_, FAINT * found.explained_variance_[0] + TINY)
    scale = spread ** (-whitening / 2)
    scale /= np.sqrt((found.explained_variance_ * scale**2).sum() + TINY)
    return found.mean_, (found.components_.T * scale).astype(np.float32)
