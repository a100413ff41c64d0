"""Any function of your own as a learner, by import path."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from bimetal.errors import InputError
from bimetal.learners._features import fit_encoder
from bimetal.learners._fitting import Fitted, Prepares, alike, targets

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Model
    from bimetal.types import FloatArray

Takes = Literal["matrix", "rows"]

ARGUMENTS: dict[str, str] = {
    "matrix": "(X, y, weight, unlabelled_X, rng)",
    "rows": "(train, weight, unlabelled, rng)",
}


@dataclass(frozen=True)
class Callable(Prepares):
    """Fit with the function at 'module:function', which is trusted to use the weights it is given.

    With `takes` matrix it is called as `(X, y, weight, unlabelled_X, rng)`: X of shape (rows, d) as `linear` sees it,
    y an array of label strings, unlabelled_X a matrix or None; it returns an object whose `predict_proba(X)` has a
    column for each of `classes_` where it has them, else for each label in sorted order. With `takes` rows it is a
    learner (or a class of them): `(train, weight, unlabelled, rng)` over Arrow tables, and returns a model.
    Raises InputError where the function or what it returns does not fit.

    >>> import pyarrow as pa
    >>> rows = pa.table({"x": [0.0, 9.0], "label": ["low", "high"]})
    >>> model = Callable("bimetal.learners.linear:Linear", "rows")(rows, np.ones(2), None, np.random.default_rng(0))
    >>> model.predict_proba(pa.table({"x": [1.0]})).argmax()
    np.int64(1)
    """

    function: str
    takes: Takes = "matrix"

    def __post_init__(self) -> None:
        if self.takes not in get_args(Takes):
            raise ValueError(f"takes is {self.takes!r}, expected one of: {', '.join(get_args(Takes))}")

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model:
        classes, codes = targets(train, weight)
        if self.takes == "rows":
            return self._checked(self._called(train, weight, unlabelled, rng), classes)
        encode = fit_encoder(train)
        labels = np.array(classes, object)[codes].astype(str)
        pool = None if unlabelled is None or not unlabelled.num_rows else encode(alike(train, unlabelled))
        fitted = self._called(encode(train), labels, np.asarray(weight, float), pool, rng)
        if not callable(getattr(fitted, "predict_proba", None)):
            raise InputError(f"{self.function!r} returned {fitted!r}", "return an object with predict_proba(X)")
        order = self._order(fitted, classes)
        return Fitted(classes, encode, lambda rows: self._scores(fitted, rows, order))

    def _called(self, *given: Any) -> Any:
        function = _imported(self.function)
        if self.takes == "rows" and isinstance(function, type):
            function = function()
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return function(*given)  # written in C: it says itself what it cannot take
        try:
            signature.bind(*given)
        except TypeError as fault:
            taken = ", ".join(signature.parameters)
            raise InputError(
                f"{self.function!r} takes ({taken}), expected {ARGUMENTS[self.takes]}",
                f"change its arguments, or say what it `takes`: {', '.join(get_args(Takes))}",
            ) from fault
        return function(*given)

    def _checked(self, model: Any, classes: tuple[str, ...]) -> Model:
        if not callable(getattr(model, "predict_proba", None)) or tuple(getattr(model, "classes", ())) != classes:
            raise InputError(
                f"{self.function!r} returned {model!r}",
                f"return a model with predict_proba(rows) and classes {classes!r}",
            )
        fitted: Model = model
        return fitted

    def _order(self, fitted: Any, classes: tuple[str, ...]) -> list[int]:
        own = [str(each) for each in getattr(fitted, "classes_", classes)]
        if sorted(own) != list(classes):
            raise InputError(
                f"{self.function!r} learned the classes {own!r}, the labels are {list(classes)!r}",
                "fit it on all of y, or leave `classes_` away",
            )
        return [own.index(each) for each in classes]

    def _scores(self, fitted: Any, rows: Any, order: list[int]) -> FloatArray:
        scores = np.asarray(fitted.predict_proba(rows), float)
        if scores.shape != (rows.shape[0], len(order)):
            raise InputError(
                f"predict_proba of {self.function!r} has shape {scores.shape}, expected {(rows.shape[0], len(order))}",
                "give one column for each class",
            )
        if not np.isfinite(scores).all() or (scores < 0).any() or not np.allclose(scores.sum(axis=1), 1, atol=1e-3):
            raise InputError(
                f"predict_proba of {self.function!r} gives rows that are no probabilities", "let each row sum to 1"
            )
        return scores[:, order]


def _imported(path: str) -> Any:
    module, _, attribute = path.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as fault:
        raise InputError(f"no function at {path!r}: {fault}", "write it as 'module:function'") from fault
    if not callable(found):
        raise InputError(f"{path!r} is {found!r}, which cannot be called", "name a function")
    return found
