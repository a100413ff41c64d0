"""Any scikit-learn classifier as a learner, by import path or as an instance."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError
from bimetal.learners._features import fit_encoder
from bimetal.learners._fitting import Fitted, Prepares, softmax, targets

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Model
    from bimetal.types import FloatArray


@dataclass(frozen=True)
class Estimator(Prepares):
    """Fit a scikit-learn classifier on the rows' matrix; `estimator` is 'module:Class' with `params`, or an instance.

    An import path can be written down and replayed; an instance is cloned for each fit and cannot. Probabilities come
    from `predict_proba`, else a softmax of `decision_function`, else certainty in `predict`. Raises InputError
    where weights differ and the estimator takes none.

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
        fitted = self._seeded(rng)
        try:
            fitted.fit(encode(train), codes, **_weight_argument(fitted, weight))
        except (ValueError, TypeError) as fault:
            raise InputError(f"{_name(fitted)} cannot be fitted: {fault}", "change its params or the rows") from fault
        return Fitted(classes, encode, lambda rows: _probabilities(fitted, rows, len(classes)))

    def _seeded(self, rng: np.random.Generator) -> Any:
        made = self._made()
        seeds = [name for name in made.get_params() if name == "random_state" or name.endswith("__random_state")]
        return made.set_params(**{name: int(rng.integers(2**31)) for name in sorted(seeds)})

    def _made(self) -> Any:
        from sklearn.base import clone

        if isinstance(self.estimator, str):
            return _built(self.estimator, self.params)
        if not hasattr(self.estimator, "fit") or isinstance(self.estimator, type):
            raise InputError(f"the estimator is {self.estimator!r}", "pass a scikit-learn classifier or 'module:Class'")
        return clone(self.estimator).set_params(**self.params)


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
