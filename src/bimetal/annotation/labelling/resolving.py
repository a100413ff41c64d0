"""Votes of label rules become labels: by majority, weighted by measured accuracy, or by expectation-maximisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from bimetal.annotation.labelling.firing import ABSTAINS, Fired

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

Method = Literal["majority", "weighted", "em"]
METHODS: tuple[Method, ...] = get_args(Method)  # the plainest first: of equals it is taken
BORROWED = 4.0  # votes' worth of the rules' common accuracy that each rule's own begins with
NEVER = 0.01  # no rule is taken to be always right, or always wrong
LEVEL = 1e-9
STEPS, STILL = 200, 1e-6  # EM ends after so many steps, or where no probability moves more


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often each rule's votes are right, shape (rules,), and how common each label is, shape (labels,)."""

    right: FloatArray
    shares: FloatArray


def resolved(fired: Fired, method: Method, reliability: Reliability | None = None) -> IntArray:
    """Give each row the code of its label, -1 where no rule fires, leading labels are level, or none spoke for it.

    "weighted" takes rules to fire independently given the label and multiplies their odds, each measured against how
    common its label is (`reliability`, from `measured`). "em" finds those numbers without a label, by expectation-
    maximisation over the rows; where rules echo each other it takes their echo for truth. Dawid-Skene as people's
    answers have it would not do: a rule with one label says that label whatever is true.

    >>> fired = Fired(("a", "b", "c"), ("no", "yes"), np.array([[0, 1, 1], [0, 1, -1], [-1, -1, -1]]))
    >>> known = Reliability(np.array([0.95, 0.6, 0.6]), np.array([0.5, 0.5]))
    >>> resolved(fired, "majority").tolist(), resolved(fired, "weighted", known).tolist()
    ([1, -1, -1], [0, 0, -1])
    """
    if method == "em":
        return _leading(_scores(fired, _learned(fired)), fired)
    if method == "majority" or reliability is None:
        return _leading(fired.counts.astype(float), fired)
    return _leading(_scores(fired, reliability), fired)


def measured(fired: Fired, truth: IntArray) -> Reliability:
    """Measure rules on rows whose labels' codes are known.

    A rule's accuracy begins with four votes of the rules' common one, and every label with one row: a rule of few votes
    is neither trusted nor damned.
    """
    seen = np.bincount(truth, minlength=len(fired.labels)) + 1.0
    votes = fired.codes != ABSTAINS
    right = (votes & (fired.codes == truth[:, None])).sum(axis=0).astype(float)
    return Reliability(_shrunk(right, votes.sum(axis=0).astype(float)), seen / seen.sum())


def _shrunk(right: FloatArray, times: FloatArray) -> FloatArray:
    common = (right.sum() + 1) / (times.sum() + 2)
    shrunk: FloatArray = (right + BORROWED * common) / (times + BORROWED)
    return np.clip(shrunk, NEVER, 1 - NEVER)


def _scores(fired: Fired, known: Reliability) -> FloatArray:
    """Log-probability of each label up to a constant, shape (rows, labels)."""
    size = len(fired.codes) * len(fired.labels)
    rows, rules = np.nonzero(fired.codes != ABSTAINS)
    said = fired.codes[rows, rules]
    odds = _odds(known.right)[rules] - _odds(known.shares)[said]
    told = np.bincount(rows * len(fired.labels) + said, odds, size).reshape(fired.counts.shape)
    return np.log(known.shares) + told


def _odds(chance: FloatArray) -> FloatArray:
    chance = np.clip(chance, LEVEL, 1 - LEVEL)
    return np.log(chance / (1 - chance))


def _leading(scores: FloatArray, fired: Fired) -> IntArray:
    top = scores.max(axis=1, initial=-np.inf)
    level = (scores >= top[:, None] - LEVEL).sum(axis=1) > 1
    code = scores.argmax(axis=1) if scores.size else np.zeros(len(scores), np.int64)
    # Where the likeliest label is one no rule speaks for, the rules that fire are too poor to be followed.
    spoken = fired.counts[np.arange(len(code)), code] > 0 if scores.size else np.zeros(len(scores), bool)
    return np.where(level | ~spoken, ABSTAINS, code)


def _learned(fired: Fired) -> Reliability:
    """Take every label to be as common as any other: shares learned with the rest drift to one label for all."""
    covered = fired.at(np.flatnonzero(fired.covered))
    rows, rules = np.nonzero(covered.codes != ABSTAINS)
    said = covered.codes[rows, rules]
    times = np.bincount(rules, minlength=len(fired.rules)).astype(float)
    belief = covered.counts / np.maximum(covered.counts.sum(axis=1, keepdims=True), 1)
    known, step, moved = Reliability(np.zeros(0), np.zeros(0)), 0, 1.0
    while step < STEPS and moved > STILL:
        right = np.bincount(rules, belief[rows, said], len(fired.rules)).astype(float)
        known = Reliability(_shrunk(right, times), np.full(len(fired.labels), 1 / len(fired.labels)))
        scores = _scores(covered, known)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        before, belief = belief, powers / powers.sum(axis=1, keepdims=True)
        step, moved = step + 1, float(np.abs(belief - before).max(initial=0.0))
    return known
