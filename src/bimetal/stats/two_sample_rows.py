"""Classifier two-sample test: can a model tell two sets of rows apart, and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray


def classifier_two_sample(
    reference: ArrayLike, sample: ArrayLike, rng: np.random.Generator, folds: int = 3, level: float = 0.95
) -> tuple[Interval, float]:
    """Ask a random forest to tell two sets of rows apart, shape (n, d) and (m, d): its AUC on unseen rows, and p.

    AUC .5 means no difference it can see, 1 two worlds (Lopez-Paz and Oquab 2017). Every row is scored by a forest
    that saw only other folds; each fold gives an AUC with DeLong's variance (1988) and a Mann-Whitney z. Folds share
    their training rows, so the means of both are corrected as by Nadeau and Bengio (2003); p is one-sided, and the
    low end stays at .5 unless it rejects.
    Rows are numbers without NaN. Raises InputError where a fold would hold fewer than two rows of a kind.

    >>> rng = np.random.default_rng(1)
    >>> auc, p = classifier_two_sample(rng.normal(size=(200, 4)), rng.normal(size=(200, 4)) + [1, 0, 0, 0], rng)
    >>> auc.low > 0.6, p < 1e-6
    (True, True)
    """
    from scipy.stats import norm

    old, new = np.asarray(reference, dtype=float), np.asarray(sample, dtype=float)
    if old.ndim != 2 or new.ndim != 2 or old.shape[1] != new.shape[1] or min(len(old), len(new)) < 2 * folds:
        raise InputError(
            f"rows of shape {old.shape} and {new.shape} cannot be told apart in {folds} folds",
            f"give two sets with the same columns and at least {2 * folds} rows each",
        )
    parts = np.array([_delong(*scores) for scores in _cross_fitted(old, new, folds, rng)])
    correction = min(1, 1 / folds + 1 / (folds - 1))
    auc, variance, z = parts.mean(axis=0).tolist()
    p = float(norm.sf(z / correction**0.5))
    half = float(norm.ppf((1 + level) / 2) * (variance * correction) ** 0.5)
    low = auc - half if p <= 1 - level else min(auc - half, 0.5)
    return Interval(auc, max(0.0, low), min(1.0, auc + half), level), p


def _cross_fitted(
    old: FloatArray, new: FloatArray, folds: int, rng: np.random.Generator
) -> list[tuple[FloatArray, FloatArray]]:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold

    rows, kind = np.vstack([old, new]), np.repeat([0, 1], [len(old), len(new)])
    split = StratifiedKFold(folds, shuffle=True, random_state=int(rng.integers(2**31)))
    scored = []
    for train, test in split.split(rows, kind):
        forest = RandomForestClassifier(
            100, min_samples_leaf=5, class_weight="balanced", random_state=int(rng.integers(2**31))
        )
        score = forest.fit(rows[train], kind[train]).predict_proba(rows[test])[:, 1]
        scored.append((score[kind[test] == 0], score[kind[test] == 1]))
    return scored


def _delong(low: FloatArray, high: FloatArray) -> tuple[float, float, float]:
    """Return AUC, DeLong's variance of it (plus that of half a pair, so that none is certain), and Mann-Whitney's z."""
    from scipy.stats import rankdata

    n, m = len(low), len(high)
    ranks = rankdata(np.concatenate([low, high]))
    below = (ranks[n:] - rankdata(high)) / n
    above = 1 - (ranks[:n] - rankdata(low)) / m
    auc = float(below.mean())
    variance = float(below.var(ddof=1) / m + above.var(ddof=1) / n) + 1 / (4 * n * m)
    return auc, variance, (auc - 0.5) / ((n + m + 1) / (12 * n * m)) ** 0.5
