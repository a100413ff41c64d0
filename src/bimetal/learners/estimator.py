"""Any scikit-learn classifier as a learner, by import path or as an instance."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError
from bimetal.learners._features import fit_encoder
from bimetal.learners._fitting import Fitted, Prepares, codes_among, softmax, targets

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Model
    from bimetal.types import FloatArray, IntArray

PASSES = 30  # over the rows, where a fitted classifier goes on


@dataclass(frozen=True)
class Estimator(Prepares):
    """Fit a scikit-learn classifier on the rows' matrix; `estimator` is 'module:Class' with `params`, or an instance.

    An import path can be written down and replayed; an instance is cloned for each fit and cannot. Probabilities come
    from `predict_proba`, else a softmax of `decision_function`, else certainty in `predict`. Raises InputError
    where weights differ and the estimator takes none. One trained pass by pass (SGDClassifier, MLPClassifier) can go
    on from a fitted model by `continued`; others have no such attribute.

    >>> import numpy as np, pyarrow as pa
    >>> rows = pa.table({"x": [0.0, 1.0, 9.0, 10.0], "label": ["low", "low", "high", "high"]})
    >>> svm = Estimator("sklearn.svm:SVC", {"C": 10})
    >>> svm(rows, np.ones(4), None, np.random.default_rng(0)).predict_proba(pa.table({"x": [0.5]})).argmax()
    np.int64(1)
    """

    estimator: Any = "sklearn.svm:SVC"
    params: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; scikit-learn's classifiers have no use for it
        rng: np.random.Generator,
    ) -> Model:
        classes, codes = targets(train, weight)
        encode = fit_encoder(train)
        fitted = _seeded(self._made(), rng)
        kept = _kept(codes, np.asarray(weight))
        try:
            fitted.fit(encode(train)[kept], codes[kept], **_weight_argument(fitted, np.asarray(weight)[kept]))
        except (ValueError, TypeError) as fault:
            raise InputError(f"{_name(fitted)} cannot be fitted: {fault}", "change its params or the rows") from fault
        return Fitted(classes, encode, _Scores(fitted, len(classes)))

    @property
    def continued(self) -> Any:
        """Go on from a model with new rows: `(model, train, weight, unlabelled, rng)`; the model stays as it is."""
        if not _goes_on(self._made()):
            raise AttributeError(f"{self.estimator!r} is not trained pass by pass")
        return self._continued

    def _continued(
        self,
        model: Model,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - as above
        rng: np.random.Generator,
    ) -> Model:
        if not (isinstance(model, Fitted) and isinstance(model.score, _Scores)):
            raise InputError(f"the model to go on from is {type(model).__name__}", "pass one that estimator has fitted")
        codes, kept = codes_among(model.classes, train, weight), np.flatnonzero(weight)
        rows, heavy = model.encode(train)[kept], np.asarray(weight, float)[kept]
        fitted = deepcopy(model.score.fitted)
        for _ in range(PASSES):
            _seeded(fitted, rng).partial_fit(rows, codes[kept], sample_weight=heavy)
        return Fitted(model.classes, model.encode, _Scores(fitted, len(model.classes)))

    def _made(self) -> Any:
        from sklearn.base import clone

        if isinstance(self.estimator, str):
            return _built(self.estimator, self.params)
        if not hasattr(self.estimator, "fit") or isinstance(self.estimator, type):
            raise InputError(f"the estimator is {self.estimator!r}", "pass a scikit-learn classifier or 'module:Class'")
        return clone(self.estimator).set_params(**self.params)


@dataclass(frozen=True)
class _Scores:
    fitted: Any
    classes: int

    def __call__(self, rows: Any) -> FloatArray:
        return _probabilities(self.fitted, rows, self.classes)


def _seeded(made: Any, rng: np.random.Generator) -> Any:
    seeds = [name for name in made.get_params() if name == "random_state" or name.endswith("__random_state")]
    return made.set_params(**{name: int(rng.integers(2**31)) for name in sorted(seeds)})


def _kept(codes: IntArray, weight: FloatArray) -> IntArray:
    """Leave out rows that weigh nothing (a batch of nothing else has no mean), but one of a class else unknown."""
    classes, first = np.unique(codes, return_index=True)
    unknown = first[~np.isin(classes, codes[weight > 0])]
    return np.union1d(np.flatnonzero(weight), unknown)


def _goes_on(made: Any) -> bool:
    """Say whether a classifier learns by passes over weighted rows, and not by counting what it has seen."""
    params = made.get_params()
    if "max_iter" not in params or params.get("early_stopping") or params.get("class_weight") == "balanced":
        return False
    return hasattr(made, "partial_fit") and "sample_weight" in inspect.signature(made.partial_fit).parameters


def _built(path: str, params: Mapping[str, Any]) -> Any:
    module, _, attribute = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as fault:
        raise InputError(f"no estimator at {path!r}: {fault}", "write it as 'sklearn.svm:SVC'") from fault
    if not (isinstance(found, type) and hasattr(found, "fit") and hasattr(found, "get_params")):
        raise InputError(f"{path!r} is not a scikit-learn classifier", "name a class with fit and get_params")
    try:
        return found(**params)
    except TypeError as fault:
        raise InputError(f"{path} cannot be made with {dict(params)!r}: {fault}", "change its params") from fault


def _weight_argument(fitted: Any, weight: FloatArray) -> dict[str, FloatArray]:
    from sklearn.utils.validation import has_fit_parameter

    steps = getattr(fitted, "steps", None)
    if has_fit_parameter(steps[-1][1] if steps else fitted, "sample_weight"):
        return {f"{steps[-1][0]}__sample_weight" if steps else "sample_weight": np.asarray(weight, float)}
    if np.ptp(weight) > 0:
        raise InputError(
            f"{_name(fitted)} takes no sample weights and the rows' weights differ",
            "choose an estimator whose fit takes sample_weight, or weigh all rows alike",
        )
    return {}


def _probabilities(fitted: Any, rows: Any, classes: int) -> FloatArray:
    if hasattr(fitted, "predict_proba"):
        known: FloatArray = fitted.predict_proba(rows)
        return known
    if hasattr(fitted, "decision_function"):
        scores = np.asarray(fitted.decision_function(rows), float)
        return softmax(np.column_stack([-scores, scores]) / 2 if scores.ndim == 1 else scores)
    certain: FloatArray = np.eye(classes)[fitted.predict(rows)]
    return certain


def _name(fitted: Any) -> str:
    return type(fitted).__name__
