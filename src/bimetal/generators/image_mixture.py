"""Small pictures drawn from a mixture of Gaussians a class, over the principal components of the seed pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._pictures import Pictures, png
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

BATCH = 256
LARGEST = 96  # pixels a side: beyond that components are no description of anything
FEWEST = 12  # seed pictures a Gaussian is fitted to at least


@dataclass(frozen=True)
class ImageMixture:
    """Fit, for each label, up to `parts` Gaussians to the first `components` principal components; draw, turn back.

    What the components leave out comes back as independent noise of its size. A class of few pictures gets one Gaussian
    whose covariance is shrunk (Ledoit and Wolf 2004). Fits pictures of one size, up to 96 pixels a side, whose objects
    stand in the middle; draws blurred mixtures of anything else. Targets may name the label.
    """

    components: int = 40
    parts: int = 4

    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "image"
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn",)

    def __post_init__(self) -> None:
        for name in ("components", "parts"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)!r}, expected 1 or more", "40 and 4 are the defaults")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seed = Pictures.of(seed_rows)
        _, height, width, _ = seed.levels.shape
        if max(height, width) > LARGEST:
            raise InputError(
                f"the images are {width} x {height} pixels, up to 96 x 96 are expected", "make them smaller"
            )
        labels = list(seed.known)
        shares = raked([len(seed.members(label)) for label in labels], {"label": labels}, targets)
        fit = self.fitted(seed, rng.spawn(1)[0])
        return (_drawn(seed, fit, shares, count, child) for count, child in batches(n, rng, BATCH))

    def fitted(self, seed: Pictures, rng: np.random.Generator) -> Fit:
        """Find the components, and each class's mixture over them."""
        from sklearn.decomposition import PCA

        values = seed.levels.reshape(len(seed.levels), -1).astype(float)
        most = min(self.components, *values.shape)
        with np.errstate(invalid="ignore"):  # of one picture no variance is explained
            pca = PCA(most, random_state=int(rng.integers(2**31))).fit(values)
        codes = pca.transform(values)
        left = (values - pca.inverse_transform(codes)).std(axis=0)
        classes = tuple(self._class(codes[seed.members(label)], codes, rng) for label in seed.known)
        return Fit(pca.mean_, pca.components_, left, classes)

    def _class(self, own: FloatArray, whole: FloatArray, rng: np.random.Generator) -> Mixture:
        from sklearn.covariance import LedoitWolf
        from sklearn.mixture import GaussianMixture

        distinct = len(np.unique(own.round(6), axis=0))  # pictures that repeat are one
        parts = min(self.parts, distinct // max(FEWEST, own.shape[1] // 4))
        if parts < 2:
            around = LedoitWolf().fit(own if len(own) > 1 else whole)
            return Mixture(np.ones(1), own.mean(axis=0)[None], _roots(around.covariance_[None]))
        floor = 1e-3 * float(own.var(axis=0).mean()) + 1e-9
        found = GaussianMixture(parts, reg_covar=floor, random_state=int(rng.integers(2**31)), max_iter=50).fit(own)
        return Mixture(found.weights_, found.means_, _roots(found.covariances_))


@dataclass(frozen=True, eq=False)
class Mixture:
    """Weights (parts,), means (parts, d) and square roots of covariances (parts, d, d)."""

    weights: FloatArray
    means: FloatArray
    roots: FloatArray


@dataclass(frozen=True, eq=False)
class Fit:
    """The mean picture, components (d, values), the spread they leave out, and a mixture a class."""

    mean: FloatArray
    components: FloatArray
    left: FloatArray
    classes: tuple[Mixture, ...]


def _roots(covariances: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariances)
    roots: FloatArray = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    return roots


def _drawn(seed: Pictures, fit: Fit, shares: FloatArray, count: int, rng: np.random.Generator) -> pa.RecordBatch:
    classes = rng.choice(len(shares), BATCH, p=shares)
    noise, chance = rng.standard_normal((BATCH, len(fit.components))), rng.random(BATCH)
    grain = rng.standard_normal((BATCH, len(fit.mean)))
    codes = np.stack([_one(fit.classes[each], noise[row], chance[row]) for row, each in enumerate(classes)])
    values = fit.mean + codes @ fit.components + grain * fit.left
    levels = np.clip(np.rint(values), 0, 255).astype(np.uint8)[:count].reshape(-1, *seed.levels.shape[1:])
    labels = [seed.known[each] for each in classes[:count]]
    return pa.RecordBatch.from_arrays(
        [pa.array(map(png, levels), pa.binary()), pa.array(labels, pa.string())], ["image", "label"]
    )


def _one(mixture: Mixture, noise: FloatArray, chance: float) -> FloatArray:
    ends: IntArray | FloatArray = np.cumsum(mixture.weights)
    part = min(int(np.searchsorted(ends, chance * ends[-1], side="right")), len(ends) - 1)
    drawn: FloatArray = mixture.means[part] + mixture.roots[part] @ noise
    return drawn
