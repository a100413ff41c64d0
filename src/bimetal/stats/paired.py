"""Paired comparisons of two classifiers, and p values corrected for many comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray


def mcnemar(a_correct: ArrayLike, b_correct: ArrayLike) -> float:
    """Return the exact two-sided p that two classifiers, scored on the same items, err equally often (McNemar 1947).

    Both have shape (items,), true where correct. Without a single disagreement p is 1.

    >>> mcnemar([True] * 10 + [False] * 2, [False] * 10 + [True] * 2)
    0.03857421875
    """
    from scipy.stats import binomtest

    a, b = np.asarray(a_correct, dtype=bool), np.asarray(b_correct, dtype=bool)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError(f"shapes {a.shape} and {b.shape} are not paired", "score both on the same items, one row each")
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def holm(p: ArrayLike) -> FloatArray:
    """Adjust p values so that the chance of any false rejection holds, whatever their dependence (Holm 1979).

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = _p_values(p)
    order = np.argsort(p, kind="stable")
    climbing = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(climbing, 1)
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> FloatArray:
    """Adjust p values so that the expected share of false rejections holds (Benjamini and Hochberg 1995).

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3)
    array([0.03, 0.04, 0.04])
    """
    from scipy.stats import false_discovery_control

    p = _p_values(p)
    return np.asarray(false_discovery_control(p), dtype=float) if len(p) else p


def _p_values(p: ArrayLike) -> FloatArray:
    p = np.asarray(p, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise InputError(f"{p.tolist()} are not p values", "give a list of numbers between 0 and 1")
    return p
