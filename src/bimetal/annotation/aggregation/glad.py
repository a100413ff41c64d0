"""GLAD: easy and hard items, able and unable raters, fitted together by L-BFGS on the marginal likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.aggregation.exact import leading, softmax
from bimetal.annotation.aggregation.posterior import Posterior

if TYPE_CHECKING:
    from bimetal.annotation.aggregation.votes import Gold, Votes
    from bimetal.types import FloatArray

CENTRE = 1.0  # prior mean of abilities and of eases, both normal with variance 1, as in the authors' program


def glad(
    votes: Votes, clamped: Mapping[str, str] | None = None, tolerance: float = 1e-7, limit: int = 500
) -> Posterior:
    """Estimate abilities of raters and ease of items (Whitehill, Ruvolo, Wu, Bergsma and Movellan, NIPS 2009).

    An answer is right with chance 1 / (1 + exp(-alpha beta)), alpha the rater's ability (`quality`, below 0 for
    one who is wrong on purpose), beta > 0 how easy the item is (`ease` is its logarithm); wrong answers are equally
    likely. The posterior is climbed directly, labels summed out, which ends where the paper's EM ends, and when a
    step gains less than `tolerance` nats an annotation. `clamped` maps gold items to known labels.

    >>> from bimetal.annotation.aggregation import Votes
    >>> said = {"Ann": "xyxyxy", "Ben": "xyxyxy", "Cid": "xyxyyx"}
    >>> rows = [(str(i), who, label) for who, labels in said.items() for i, label in enumerate(labels)]
    >>> posterior = glad(Votes.of(*zip(*rows)))
    >>> posterior.point.tolist(), bool(posterior.ease[0] > posterior.ease[5])
    ([0, 1, 0, 1, 0, 1], True)
    """
    from scipy.optimize import fmin_l_bfgs_b

    gold, raters, scale = votes.gold(clamped), len(votes.raters), _scale(votes)
    found, _, how = fmin_l_bfgs_b(
        lambda scaled: _surprise(votes, gold, scaled, scale),
        CENTRE / scale,
        factr=tolerance / float(np.finfo(float).eps),
        pgtol=0.0,
        maxiter=limit,
    )
    at = found * scale
    soft, evidence, _ = _believing(votes, gold, at)
    return Posterior(
        votes,
        soft,
        leading(soft),
        quality=at[:raters],
        ease=at[raters:],
        iterations=int(how["nit"]),
        converged=how["warnflag"] == 0,
        log_likelihood=evidence,
    )


def _scale(votes: Votes) -> FloatArray:
    """Each parameter's spread given the others, from the curvature where the climb begins: fewer steps on it."""
    answers = np.concatenate([votes.usage.sum(axis=1), votes.per_item])
    right = 1 / (1 + np.exp(-CENTRE * np.exp(CENTRE)))
    return np.asarray(1 / np.sqrt(1 + answers * right * (1 - right) * np.exp(CENTRE) ** 2))


def _surprise(votes: Votes, gold: Gold, scaled: FloatArray, scale: FloatArray) -> tuple[float, FloatArray]:
    """Minus the log posterior of abilities and eases, and its gradient by the scaled, both an annotation."""
    at, answers = scaled * scale, len(votes.item)
    _, evidence, gradient = _believing(votes, gold, at)
    off = at - CENTRE
    return (0.5 * float(off @ off) - evidence) / answers, (off - gradient) * scale / answers


def _believing(votes: Votes, gold: Gold, at: FloatArray) -> tuple[FloatArray, float, FloatArray]:
    """Soft labels, the log-likelihood of the answers, and its gradient by ability and log ease."""
    (items, labels), raters = votes.counts.shape, len(votes.raters)
    ease = np.exp(at[raters:])
    ability = at[:raters][votes.rater]
    easy = np.repeat(ease, votes.per_item)
    right, surprise = _logistic(ability * easy)
    # log right - log wrong is the product itself, so only it and the number of answers differ between labels
    spoken = np.bincount(votes.cell, ability, items * labels).reshape(items, labels) * ease[:, None]
    odds = float(np.log(max(labels - 1, 1)))
    scores = spoken + votes.counts * odds
    given = scores[gold.item, gold.label]
    soft, evidence = softmax(scores)
    evidence[gold.item] = given
    gold.clamp(soft)
    residual = soft.ravel()[votes.cell] - right
    residual *= easy
    by_rater = np.bincount(votes.rater, residual, raters)
    by_item = np.bincount(votes.item, residual * ability, items)
    likelihood = float(evidence.sum() - surprise) - len(votes.item) * odds - items * float(np.log(labels))
    return soft, likelihood, np.concatenate([by_rater, by_item])


def _logistic(odds: FloatArray) -> tuple[FloatArray, float]:
    """Return 1 / (1 + exp(-odds)), and minus the sum of its complement's logarithms, without overflow."""
    small = np.exp(-np.abs(odds))
    share = 1.0 / (1.0 + small)
    return np.where(odds >= 0, share, 1.0 - share), float(np.maximum(odds, 0).sum() + np.log1p(small).sum())
