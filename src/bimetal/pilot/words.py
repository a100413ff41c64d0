"""A pilot's findings as sentences: never a percentage without its target and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from bimetal.report import count, percent, span
from bimetal.stats import Saving


class Compared(Protocol):
    """A size, and whether the mix harms there."""

    @property
    def n(self) -> int: ...

    @property
    def harms(self) -> bool: ...


def answer(saved: Saving, differences: Sequence[Compared]) -> str:
    """Say what the mix saves at the target, and where it harms; the first sentence stands alone."""
    harmed = [count(each.n) for each in differences if each.harms]
    sentence = f"At {percent(saved.target)} accuracy {saving_words(saved)}."
    if harmed:
        sentence += f" With {' and '.join(harmed)} human labels the mix is worse than people alone."
    return sentence


def saving_words(saved: Saving) -> str:
    r"""Say a saving in words; where a curve ends before the target, say what that still bounds.

    >>> from bimetal.types import Interval
    >>> told = saving_words(Saving(0.95, 140.0, 23.0, Interval(0.84, 0.78, 0.88), "none", "exact"))
    >>> told.replace("\u202f", " ")
    'this programme needs 23 human labels instead of 140 (84 % fewer, 95 % interval 78–88 %)'
    """
    if saved.saved is None:
        return _NEITHER if saved.human_labels is None else _BOTH
    needs = _needs(saved)
    low, high = saved.saved.low, saved.saved.high
    ends = span(low, high) if low > -1 else f"from more than twice as many to {percent(high)} fewer"
    between = f"{percent(saved.saved.level)} interval {ends}"
    match saved.bound:
        case "at least" if low > 0:
            return f"{needs} (>{percent(low)} fewer, at {percent(saved.saved.level)} confidence)"
        case "exact" if low > 0:
            return f"{needs} ({percent(saved.saved.estimate)} fewer, {between})"
        case "exact" | "at most" if high < 0:
            return f"{needs}: synthetic data costs labels here ({between})"
    return f"{needs}, which this pilot cannot tell from no saving ({between})"


def _needs(saved: Saving) -> str:
    if saved.hybrid_labels is None:
        return f"the mix does not get there with the labels tried, and people alone need {_human(saved)}"
    if saved.human_labels is None:
        return f"this programme needs {_hybrid(saved)} human labels, and people alone more than were tried"
    return f"this programme needs {_hybrid(saved)} human labels instead of {_human(saved)}"


_NEITHER = "neither people alone nor the mix arrive with the numbers of labels tried"
_BOTH = "people alone and the mix both arrive with the fewest labels tried"


def _human(saved: Saving) -> str:
    return f"{'at most ' if saved.censored in {'human', 'both'} else ''}{count(math.ceil(saved.human_labels or 0))}"


def _hybrid(saved: Saving) -> str:
    return f"{'at most ' if saved.censored in {'hybrid', 'both'} else ''}{count(math.ceil(saved.hybrid_labels or 0))}"
