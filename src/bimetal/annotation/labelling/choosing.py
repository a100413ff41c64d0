"""Choose how votes are resolved by rows people labelled, and say on rows kept apart how right that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bimetal.annotation.labelling.firing import ABSTAINS, Fired
from bimetal.annotation.labelling.resolving import METHODS, Method, Reliability, measured, resolved
from bimetal.errors import InputError
from bimetal.stats import crossed, crossed_difference, wilson

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray, Interval

FOLDS = 5
FEWEST = 20  # covered rows people labelled, below which nothing is chosen
UNSAID = 0.5  # what a row left without a label counts: a wrong label costs what a right one is worth


@dataclass(frozen=True, eq=False)
class Choice:
    """The method chosen, each method's score over `items` covered rows people labelled, and its gain on majority.

    A score is the mean of 1 for a right label, .5 for none and 0 for a wrong one. `reliability` is what "weighted"
    needs. Where there were too few rows to choose by, `why` says so and the method is majority.
    """

    method: Method
    reliability: Reliability
    items: int = 0
    score: Mapping[Method, Interval] = field(default_factory=dict)
    gain: Mapping[Method, Interval] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Judged:
    """How a method does on rows it was not chosen by: share labelled, and of those the share that is right."""

    items: int
    labelled: Interval
    right: Interval | None


def choose(fired: Fired, truth: IntArray, others: Fired, rng: np.random.Generator) -> Choice:
    """Choose the method of the best score on rows whose labels' codes people gave; of equals the plainest.

    Rows that no rule covers are left aside. What "weighted" needs is measured on other folds than it is judged on, and
    on all rows once chosen; "em" learns from `others`' votes too and sees no label.
    """
    rows = np.flatnonzero(fired.covered)
    near = fired.at(rows)
    known = truth[rows]
    reliability = measured(near, known)
    if len(rows) < FEWEST:
        why = f"{len(rows)} rows people labelled are covered by rules, {FEWEST} are needed to choose by"
        return Choice("majority", reliability, len(rows), why=why)
    said: dict[Method, IntArray] = {
        "majority": resolved(near, "majority"),
        "weighted": _crosswise(near, known, rng),
        "em": together(near, others, "em", reliability),
    }
    won = {method: credit(said[method], known)[None] for method in METHODS}
    best = max(METHODS, key=lambda method: won[method].mean())
    gain: dict[Method, Interval] = {
        method: crossed_difference(won[method], won["majority"]) for method in METHODS if method != "majority"
    }
    return Choice(best, reliability, len(rows), {method: crossed(won[method]) for method in METHODS}, gain)


def judged(fired: Fired, truth: IntArray, others: Fired, choice: Choice) -> Judged:
    """Judge a choice on rows that had no part in it; raises InputError where there are none."""
    if not len(truth):
        raise InputError("no rows are kept apart to judge by", "bring more rows people labelled")
    said = together(fired, others, choice.method, choice.reliability)
    given = said != ABSTAINS
    right = wilson(int((said == truth)[given].sum()), int(given.sum())) if given.any() else None
    return Judged(len(truth), wilson(int(given.sum()), len(given)), right)


def together(fired: Fired, others: Fired, method: Method, reliability: Reliability | None = None) -> IntArray:
    """Resolve the votes of some rows in the company of others, which "em" learns from."""
    if method != "em":
        return resolved(fired, method, reliability)
    both = Fired(fired.rules, fired.labels, np.concatenate([fired.codes, others.codes]))
    return resolved(both, "em")[: len(fired.codes)]


def credit(said: IntArray, truth: IntArray) -> FloatArray:
    """Count a right label 1, none .5 and a wrong one 0.

    >>> credit(np.array([0, -1, 1]), np.array([0, 0, 0])).tolist()
    [1.0, 0.5, 0.0]
    """
    return np.where(said == ABSTAINS, UNSAID, said == truth).astype(float)


def _crosswise(fired: Fired, truth: IntArray, rng: np.random.Generator) -> IntArray:
    fold = rng.permutation(len(truth)) % FOLDS
    said = np.full(len(truth), ABSTAINS)
    for each in range(FOLDS):
        inside = np.flatnonzero(fold == each)
        reliability = measured(fired.at(np.flatnonzero(fold != each)), truth[fold != each])
        said[inside] = resolved(fired.at(inside), "weighted", reliability)
    return said
