"""Tables from a handful of rows: columns with their own distributions, tied by a Gaussian copula shrunk to few rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._shares import raked
from bimetal.generators._table.columns import Column, coded
from bimetal.generators._table.keys import refuse_own
from bimetal.generators._table.seed import seed_table
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

BATCH = 1024
FEWEST = 3
MOST = 1024  # labels: a column of more is hardly one


@dataclass(frozen=True)
class Copula:
    """Draw ranks from a normal distribution whose mean is the label's and whose covariance all labels share.

    The covariance is shrunk as Ledoit and Wolf (2004) and the means by one row, so that it stands on three rows.
    Numbers are read between the seed's, within their range; categories and gaps by their shares. `only` is a label,
    "rarest", or "" for all; targets may name the label. Learns from its seed rows. Raises InputError below three rows.

    >>> seed = pa.table({"x": [1.0, 2.0, 4.0, 5.0], "y": [10, 20, 40, 50], "label": ["a", "a", "b", "b"]})
    >>> rows = pa.Table.from_batches(Copula()(200, np.random.default_rng(0), seed))
    >>> bool(np.corrcoef(rows["x"], rows["y"])[0, 1] > 0.5)
    True
    """

    only: str = ""

    learns: ClassVar[bool] = True
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    label_origin: ClassVar[str] = "model"
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn", "pyarrow")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seed = seed_table(seed_rows, str(self.only))
        if "label" in seed.column_names and pa.types.is_nested(seed["label"].type):
            raise InputError(f"the label holds {seed['label'].type}, expected plain values", "spell each label as text")
        refuse_own(seed)
        if seed.num_rows < FEWEST:
            raise InputError(
                f"the seed rows are {seed.num_rows}, expected {FEWEST} or more", "draw around one row with jitter"
            )
        columns = [coded(seed[field.name], field) for field in seed.schema if field.name != "label"]
        labels = (
            [str(each) for each in seed["label"].to_pylist()] if "label" in seed.column_names else [""] * seed.num_rows
        )
        classes = sorted(set(labels))
        if len(classes) > MOST:
            raise InputError(
                f"the seed rows have {len(classes)} labels, expected up to {MOST}",
                "name one as `only`, or make a column with fewer values the label",
            )
        belongs = np.searchsorted(classes, labels)
        known = {"label": classes} if "label" in seed.column_names else {}
        shares = raked(np.bincount(belongs).tolist(), known, targets)
        means, spread = _normal(np.column_stack([_scores(each, rng) for each in columns]), belongs)
        fitted = _Fitted(seed.schema, columns, classes, shares, means, spread)
        return (fitted.batch(count, child) for count, child in batches(n, rng, BATCH))


@dataclass(frozen=True, slots=True)
class _Fitted:
    schema: pa.Schema
    columns: list[Column]
    classes: list[str]
    shares: FloatArray
    means: FloatArray
    spread: FloatArray

    def batch(self, count: int, rng: np.random.Generator) -> pa.RecordBatch:
        from scipy.special import ndtr

        label = rng.choice(len(self.classes), BATCH, p=self.shares)
        noise = rng.standard_normal((BATCH, len(self.columns)))
        ranks = ndtr(self.means[label] + noise @ self.spread.T)[:count]
        made = {each.name: each.decoded(_read(each, rank)) for each, rank in zip(self.columns, ranks.T, strict=True)}
        if "label" in self.schema.names:
            field = self.schema.field("label")
            made["label"] = pa.array([self.classes[each] for each in label[:count]]).cast(field.type)
        return pa.RecordBatch.from_arrays([made[name] for name in self.schema.names], schema=self.schema)


def _scores(column: Column, rng: np.random.Generator) -> FloatArray:
    """Spread each row evenly at random over the stretch of ranks that its value holds, as a normal score."""
    from scipy.special import ndtri

    start, length = _stretches(column)
    place = column.codes % len(length)
    return np.asarray(ndtri(start[place] + length[place] * rng.uniform(0.02, 0.98, len(place))))


def _stretches(column: Column) -> tuple[FloatArray, FloatArray]:
    """Give where each level's ranks begin and how long they are; those of missing values come last."""
    counts = np.bincount(column.codes % (len(column.levels) + 1), minlength=len(column.levels) + 1)
    return (np.cumsum(counts) - counts) / counts.sum(), counts / counts.sum()


def _read(column: Column, ranks: FloatArray) -> FloatArray:
    start, length = _stretches(column)
    held = np.flatnonzero(length)
    place = held[np.searchsorted(start[held], ranks, side="right") - 1]
    missing = place == len(column.levels)
    if not column.ordered or column.rare is None:
        return np.where(missing, -1.0, place)
    known = 1 - length[-1]
    rare = column.rare[np.minimum(place, len(column.levels) - 1)]
    smooth = ranks / known if known else ranks
    return np.where(
        missing, -1.0, np.where(rare, np.clip(smooth, 0, 1), column.values_of(np.where(missing, -1, place)))
    )


def _normal(scores: FloatArray, belongs: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give the classes' means, shape (classes, d), and a factor of the covariance within them; variances sum to 1."""
    from sklearn.covariance import ledoit_wolf

    held = np.bincount(belongs)[:, None]
    sums = np.stack([scores[belongs == k].sum(axis=0) for k in range(len(held))])
    means = sums / (held + 1)
    means -= (means * held).sum(axis=0) / held.sum()
    within, _ = ledoit_wolf(scores - means[belongs], assume_centered=False)
    total = np.diag(within) + (means**2 * held).sum(axis=0) / held.sum()
    scale = np.sqrt(np.maximum(total, 1e-9))
    covariance = within / np.outer(scale, scale) + 1e-9 * np.eye(len(scale))
    return means / scale, np.linalg.cholesky(covariance)
