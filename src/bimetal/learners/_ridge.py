"""Weighted ridge regression on class indicators, in closed form, with a leave-one-out temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

CALIBRATION_ROWS = 500  # enough to fit the one number a temperature is
SHARPEST = 50.0


@dataclass(frozen=True)
class Ridge:
    """Scores of shape (rows, classes) in units of log odds."""

    centre: Any
    slope: Any
    offset: FloatArray
    sharpness: float

    def scores(self, features: Any) -> FloatArray:
        raw: FloatArray = ((features - self.centre) @ self.slope + self.offset).astype(float)
        return raw * self.sharpness


def fit_ridge(features: Any, codes: IntArray, weight: FloatArray, penalty: float) -> Ridge:
    """Minimise sum of weight x squared error + penalty x squared slopes, the offset unpenalised.

    Works in rows or in columns, whichever are fewer. `features` has shape (rows, d), `codes` are class indices.
    """
    goals = 2.0 * np.eye(codes.max() + 1)[codes] - 1
    centre = np.average(features, axis=0, weights=weight).astype(features.dtype)
    offset = np.average(goals, axis=0, weights=weight)
    root = np.sqrt(weight).astype(features.dtype)[:, None]
    x, y = (features - centre) * root, (goals - offset) * root
    slope, leverage = _solved(x, y.astype(features.dtype), penalty)
    chosen, leverage = leverage
    leverage = np.clip(leverage + weight[chosen] / weight.sum(), 0, 1 - 1e-6)[:, None]
    fitted = (features[chosen] - centre) @ slope + offset
    left_out = (fitted - leverage * goals[chosen]) / (1 - leverage)
    return Ridge(centre, slope, offset, _sharpness(left_out, codes[chosen], weight[chosen]))


def _solved(x: Any, y: Any, penalty: float) -> tuple[Any, tuple[Any, Any]]:
    from scipy.linalg import cho_factor, cho_solve

    rows, columns = x.shape
    chosen = np.linspace(0, rows - 1, min(rows, CALIBRATION_ROWS)).astype(int)
    if rows <= columns:
        gram = x @ x.T
        factor = cho_factor(gram + penalty * np.eye(rows, dtype=x.dtype))
        leverage = np.einsum("ij,ij->j", gram[:, chosen], cho_solve(factor, gram[:, chosen])) / penalty
        leverage = np.diag(gram)[chosen] / penalty - leverage
        return x.T @ cho_solve(factor, y), (chosen, leverage)
    factor = cho_factor(x.T @ x + penalty * np.eye(columns, dtype=x.dtype))
    leverage = np.einsum("ij,ji->i", x[chosen], cho_solve(factor, x[chosen].T))
    return cho_solve(factor, x.T @ y), (chosen, leverage)


def _sharpness(scores: FloatArray, codes: IntArray, weight: FloatArray) -> float:
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    def loss(log_sharpness: float) -> float:
        sharp = np.exp(log_sharpness) * scores
        return float(weight @ (logsumexp(sharp, axis=1) - sharp[np.arange(len(codes)), codes]))

    bounds = (-np.log(SHARPEST), np.log(SHARPEST))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
