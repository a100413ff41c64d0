"""What every learner checks before a fit and returns after it: labels as codes, weights, a model over tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import FEATURES, Represent, named, payload, prepare, require

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.plugins import Learner, Model
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Fitted:
    """A model over tables: `score` takes what `encode` makes of them and gives shape (rows, classes)."""

    classes: tuple[str, ...]
    encode: Callable[[pa.Table], Any]
    score: Callable[[Any], FloatArray]

    def predict_proba(self, rows: pa.Table) -> FloatArray:
        if not rows.num_rows:
            return np.zeros((0, len(self.classes)))
        return np.asarray(self.score(self.encode(rows)), float)


@dataclass(frozen=True)
class Represented:
    """A model over rows that are first represented as vectors; rows already so are taken as they are."""

    model: Model
    represent: Represent

    @property
    def classes(self) -> tuple[str, ...]:
        return self.model.classes

    def predict_proba(self, rows: pa.Table) -> FloatArray:
        return self.model.predict_proba(self.represent(rows))


class Prepares:
    """Give a learner `prepare`, the decoding a caller may do once for many fits."""

    def prepare(self, table: pa.Table) -> pa.Table:
        """Decode images or sounds once; see `bimetal.learners._features.prepare`."""
        return prepare(table)


class OnPool(Prepares):
    """Give a learner around `base` its way to unlabelled rows: checked, and featurised once where the base can.

    A subclass says `on_pool(train, weight, pool, rng)`; without unlabelled rows it is its base.
    """

    base: Learner

    @property
    def represent(self) -> Any:
        """The base's own, so that wrappers of wrappers see the same vectors; AttributeError where it has none."""
        return getattr(self.base, "represent")  # noqa: B009 - offered by some learners, not by the protocol

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model:
        targets(train, weight)
        if unlabelled is None or not unlabelled.num_rows:
            return self.base(train, weight, unlabelled, rng)
        train, pool = prepare(train), alike(prepare(train), prepare(unlabelled))
        represent = getattr(self, "represent", None)
        if represent is None or FEATURES in train.column_names:
            return self.on_pool(train, weight, pool, rng)
        see = represent(train, pool, rng)
        return Represented(self.on_pool(see(train), weight, see(pool), rng), see)

    def on_pool(self, train: pa.Table, weight: FloatArray, pool: pa.Table, rng: np.random.Generator) -> Model:
        raise NotImplementedError


def targets(train: pa.Table, weight: FloatArray) -> tuple[tuple[str, ...], IntArray]:
    """Return the classes, sorted, and each row's class code; raises InputError where rows cannot be learned from."""
    classes, codes = np.unique(_labels(train, weight), return_inverse=True)
    if len(classes) < 2:
        raise InputError(f"the training rows hold one class, {classes[0]!r}", "bring rows of two classes or more")
    return tuple(classes.tolist()), codes


def codes_among(classes: tuple[str, ...], train: pa.Table, weight: FloatArray) -> IntArray:
    """Return each row's code among a fitted model's classes; raises InputError as `targets`, or for a new class.

    >>> codes_among(("no", "yes"), pa.table({"x": [1.0], "label": ["yes"]}), np.ones(1))
    array([1])
    """
    labels = _labels(train, weight)
    new = sorted(set(labels.tolist()) - set(classes))
    if new:
        raise InputError(f"the model knows no class {new[0]!r}", f"bring rows of: {', '.join(classes)}")
    return np.searchsorted(np.array(classes, object), labels)


def check_rows(train: pa.Table) -> None:
    """Raise InputError where there is no `label` column or no row."""
    if "label" not in train.column_names:
        raise InputError(f"no column 'label' among: {', '.join(train.column_names)}", "name the labels' column 'label'")
    if train.num_rows == 0:
        raise InputError("the training table has no rows", "bring labelled rows")


def check_weight(train: pa.Table, weight: FloatArray) -> None:
    """Raise InputError unless there is one finite weight >= 0 for each row, and one above 0."""
    if np.shape(weight) != (train.num_rows,):
        raise InputError(
            f"the weights have shape {np.shape(weight)} for {train.num_rows} rows", "pass one weight for each row"
        )
    if not np.isfinite(weight).all() or (np.asarray(weight) < 0).any() or not np.any(weight):
        raise InputError("a weight is negative or not finite, or all are 0", "pass finite weights of 0 or more")


def alike(train: pa.Table, unlabelled: pa.Table) -> pa.Table:
    """Select the training rows' payload from unlabelled rows; raises InputError naming a column they lack."""
    require(unlabelled, payload(train))
    return unlabelled.select(list(payload(train)))


def softmax(scores: FloatArray) -> FloatArray:
    """Turn scores of shape (rows, classes) into probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _labels(train: pa.Table, weight: FloatArray) -> NDArray[np.object_]:
    check_rows(train)
    labels = train["label"].to_pylist()
    for row, label in enumerate(labels):
        if not isinstance(label, str):
            raise InputError(
                f"{named(train, row)} has the label {label!r}, expected a string", "label it, or leave it out"
            )
    check_weight(train, weight)
    return np.array(labels, object)
