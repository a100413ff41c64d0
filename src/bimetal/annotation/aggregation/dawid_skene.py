"""Dawid-Skene: what is true and who confuses what, estimated together by expectation-maximisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.aggregation.exact import LOGARITHMS, leading, log, on_grid, row_sum, softmax, total
from bimetal.annotation.aggregation.posterior import Posterior
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.annotation.aggregation.votes import Gold, Votes
    from bimetal.types import FloatArray


def dawid_skene(
    votes: Votes,
    clamped: Mapping[str, str] | None = None,
    prior: float = 1.0,
    tolerance: float = 1e-6,
    limit: int = 500,
) -> Posterior:
    """Estimate a confusion matrix a rater and soft labels (Dawid and Skene, Applied Statistics 28, 1979).

    EM from the vote shares. `prior` is in answers: each rater's row for a true label starts with so many right
    ones and as many spread evenly over the labels, so that a rater of few answers is trusted a little and
    never wholly; so many spread evenly precede the label shares, too. With 0 it is maximum likelihood as in
    the paper. Ends when a step gains less than `tolerance` nats an annotation, or after `limit` steps.
    `clamped` maps gold items to known labels, which stay as they are and teach who is right.

    >>> from bimetal.annotation.aggregation import Votes
    >>> said = {"Ann": "xxxyyy", "Ben": "xxxyyy", "Cid": "yyyxxx"}
    >>> rows = [(str(i), who, label) for who, labels in said.items() for i, label in enumerate(labels)]
    >>> posterior = dawid_skene(Votes.of(*zip(*rows)))
    >>> posterior.point.tolist(), posterior.quality.round(1).tolist()
    ([0, 0, 0, 1, 1, 1], [0.9, 0.9, 0.3])
    """
    if prior < 0:
        raise InputError(f"prior is {prior}, expected 0 or more answers", "say 1.0, or 0.0 for maximum likelihood")
    return _climbed(votes, votes.gold(clamped), prior, (tolerance, limit))


def _climbed(votes: Votes, gold: Gold, prior: float, ends: tuple[float, int]) -> Posterior:
    soft = gold.clamp(votes.shares())
    (tolerance, limit), gain, reached, step = ends, np.inf, -np.inf, 0
    while not step or (step < limit and gain >= tolerance * len(votes.item)):
        share, confusion = _believing(votes, soft, prior)
        soft, evidence = _seeing(votes, gold, share, confusion)
        density = evidence + _density(share, confusion, prior)
        gain, reached, step = density - reached, density, step + 1
    right = np.einsum("jkk->jk", confusion) * share
    return Posterior(
        votes,
        soft,
        leading(soft),
        quality=row_sum(on_grid(right, right.shape[1])),
        confusion=confusion.swapaxes(1, 2),
        iterations=step,
        converged=gain < tolerance * len(votes.item),
        log_likelihood=evidence,
    )


def _believing(votes: Votes, soft: FloatArray, prior: float) -> tuple[FloatArray, FloatArray]:
    """Label shares, and each rater's chances as (raters, answers, true labels), given soft labels."""
    labels = soft.shape[1]
    seen = (votes.answers_by_item.T @ soft).reshape(-1, labels, labels)
    times, items = seen.sum(axis=1, keepdims=True) + 2 * prior, np.ones(len(soft)) @ soft
    chances = (seen + prior * (1 / labels + np.eye(labels))) / np.where(times, times, 1.0)
    chances[np.broadcast_to(times == 0, chances.shape)] = 1 / labels
    return (items + prior / labels) / (items.sum() + prior), chances


def _seeing(votes: Votes, gold: Gold, share: FloatArray, confusion: FloatArray) -> tuple[FloatArray, float]:
    """Soft labels and the log-likelihood of the answers, given what raters confuse."""
    surprise = on_grid(log(confusion), int(votes.per_item.max()), LOGARITHMS)
    scores = votes.answers_by_item @ surprise.reshape(-1, len(share))
    scores += log(share)
    given = scores[gold.item, gold.label]
    soft, evidence = softmax(scores)
    evidence[gold.item] = given
    return gold.clamp(soft), total(evidence)


def _density(share: FloatArray, confusion: FloatArray, prior: float) -> float:
    """The prior's part of what EM climbs, up to a constant."""
    if not prior:
        return 0.0
    surprise = log(confusion)
    even = total(surprise.ravel()) + total(log(share))
    return prior * (even / len(share) + total(np.einsum("jkk->jk", surprise).ravel()))
