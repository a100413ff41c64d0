"""MACE: raters who either know or guess, each by a habit of their own, found by variational Bayes with restarts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.aggregation.exact import leading, on_grid, row_sum, softmax, total
from bimetal.annotation.aggregation.posterior import Posterior
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.annotation.aggregation.votes import Gold, Votes
    from bimetal.types import FloatArray, IntArray

KNOWING = (0.5, 0.5)  # Beta prior of knowing and guessing, from the paper
HABIT = 10.0  # Dirichlet prior of each label in a guesser's habit, from the paper's program
LARGEST_WEIGHT = 700.0


def mace(
    votes: Votes,
    rng: np.random.Generator,
    clamped: Mapping[str, str] | None = None,
    restarts: int = 10,
    tolerance: float = 1e-7,
    limit: int = 500,
) -> Posterior:
    """Estimate who knows and who guesses (Hovy, Berg-Kirkpatrick, Vaswani and Hovy, NAACL 2013).

    A rater knows the answer with a chance of their own, `quality`, and otherwise guesses from a habit of their
    own, whatever is true. Each restart draws other chances and habits to begin from; the one whose evidence
    bound, `log_likelihood`, is highest stands. Ends when a step gains less than `tolerance` nats an annotation.
    `clamped` maps gold items to known labels.

    >>> import numpy as np
    >>> from bimetal.annotation.aggregation import Votes
    >>> said = {"Ann": "xyxyxy", "Ben": "xyxyxy", "Lazy": "xxxxxx"}
    >>> rows = [(str(i), who, label) for who, labels in said.items() for i, label in enumerate(labels)]
    >>> posterior = mace(Votes.of(*zip(*rows)), np.random.default_rng(0))
    >>> posterior.point.tolist(), (posterior.quality > 0.5).tolist()
    ([0, 1, 0, 1, 0, 1], [True, True, False])
    """
    if restarts < 1:
        raise InputError(f"restarts is {restarts}, expected 1 or more", "say 10")
    gold, ends = votes.gold(clamped), (tolerance, limit)
    best = max((_climb(votes, gold, _start(votes, rng), ends) for _ in range(restarts)), key=lambda fit: fit.bound)
    quality, confusion = _means(votes, best.knew)
    soft, steps = best.soft, best.steps
    return Posterior(votes, soft, leading(soft), quality, confusion, None, steps, best.converged, best.bound)


@dataclass(frozen=True, eq=False)
class _Fit:
    """Soft labels and `knew`: how many of a rater's answers of each label were known, shape (raters, labels)."""

    soft: FloatArray
    knew: FloatArray
    bound: float
    steps: int
    converged: bool


def _climb(votes: Votes, gold: Gold, knew: FloatArray, ends: tuple[float, int]) -> _Fit:
    (tolerance, limit), gain, reached, step = ends, np.inf, -np.inf, 0
    soft = np.empty(0)
    while not step or (step < limit and gain >= tolerance * len(votes.item)):
        soft, learnt, bound = _step(votes, gold, knew)
        gain, reached, step = bound - reached, bound, step + 1
        knew, before = learnt, knew
    return _Fit(soft, before, reached, step, gain < tolerance * len(votes.item))


def _step(votes: Votes, gold: Gold, knew: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return soft labels given what was known, what was known given them, and the evidence's bound between."""
    items, labels = votes.counts.shape
    (knows, guesses, habit), cost = _expected(votes, knew)
    guessed = np.exp(guesses[:, None] + habit)
    known = np.exp(knows)[:, None] / (guessed + np.exp(knows)[:, None])
    # an answer speaks for its own label alone: by how much more likely it is where that label is true
    speaks = on_grid(-np.log1p(-known), int(votes.per_item.max()), LARGEST_WEIGHT).ravel()
    scores = np.bincount(votes.cell, speaks[votes.answer], items * labels).astype(float, copy=False)
    scores = scores.reshape(items, labels)
    given = scores[gold.item, gold.label]
    soft, evidence = softmax(scores)
    evidence[gold.item] = given
    gold.clamp(soft)
    right = soft.ravel()[votes.cell]
    learnt = known * np.bincount(votes.answer, right, votes.usage.size).reshape(votes.usage.shape)
    spoken = total((votes.usage * (guesses[:, None] + habit)).ravel())
    return soft, learnt, total(evidence) + spoken - items * float(np.log(labels)) - cost


def _expected(votes: Votes, knew: FloatArray) -> tuple[tuple[FloatArray, FloatArray, FloatArray], float]:
    """Expected logarithms of knowing, of guessing and of each habit; and what they cost against the prior."""
    knowing, guessed = _counts(votes, knew)
    chances, spent = _dirichlet(knowing, np.array(KNOWING))
    habit, paid = _dirichlet(guessed, np.full(guessed.shape[1], HABIT))
    return (chances[:, 0], chances[:, 1], habit), spent + paid


def _counts(votes: Votes, knew: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How often each rater knew and guessed (raters, 2), and the labels of the guesses (raters, labels)."""
    labels = knew.shape[1]
    knew = on_grid(knew, labels, float(votes.usage.max()))
    guessed = votes.usage - knew
    return np.column_stack([row_sum(knew), row_sum(guessed)]), guessed


def _dirichlet(counts: FloatArray, prior: FloatArray) -> tuple[FloatArray, float]:
    """Expected logarithms under each row's Dirichlet posterior, and the divergence of all rows from the prior."""
    from scipy.special import digamma, gammaln

    after, whole = counts + prior, row_sum(counts) + prior.sum()
    logs = digamma(after) - digamma(whole)[:, None]
    constant = len(counts) * float(gammaln(prior).sum() - gammaln(prior.sum()))
    parts = total((counts * logs - gammaln(after)).ravel())
    return logs, parts + total(gammaln(whole)) + constant


def _means(votes: Votes, knew: FloatArray) -> tuple[FloatArray, FloatArray]:
    knowing, guessed = _counts(votes, knew)
    knows = (knowing[:, 0] + KNOWING[0]) / (row_sum(knowing) + sum(KNOWING))
    habit = (guessed + HABIT) / (row_sum(guessed) + HABIT * guessed.shape[1])[:, None]
    labels = guessed.shape[1]
    confusion = (1 - knows)[:, None, None] * np.repeat(habit[:, None, :], labels, axis=1)
    confusion[:, np.arange(labels), np.arange(labels)] += knows[:, None]
    return knows, confusion


def _start(votes: Votes, rng: np.random.Generator) -> FloatArray:
    """Draw how much each rater knew, and of each label, anew.

    The draws hang on what raters did, not on their names or places: uniform hashes of counts, so that renaming
    changes nothing. Raters who did the same in every count below draw the same.
    """
    met = np.repeat(votes.per_item, votes.per_item)
    backed = votes.counts.ravel()[votes.cell]
    shape = votes.usage.shape

    def summed(weights: IntArray) -> FloatArray:
        return np.bincount(votes.answer, weights, votes.usage.size).reshape(shape).astype(float, copy=False)

    by_label = [votes.usage.astype(float), summed(met), summed(backed), summed(backed * backed)]
    by_rater = [np.broadcast_to(row_sum(counts)[:, None], shape) for counts in by_label]
    used = np.broadcast_to(votes.usage.sum(axis=0).astype(float), shape)
    return votes.usage * (_hashed(by_rater, rng) + _hashed([*by_rater, *by_label, used], rng)) / 2


def _hashed(counts: list[FloatArray], rng: np.random.Generator) -> FloatArray:
    """Map whole numbers to [0, 1): the fractional part of their sum, each times a random number (Weyl)."""
    whole = np.zeros(counts[0].shape)
    for count, factor in zip(counts, rng.random(len(counts)), strict=True):
        whole = (whole + count * factor) % 1.0
    return whole
