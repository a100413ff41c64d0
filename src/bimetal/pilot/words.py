"""A pilot's findings as sentences: never a percentage without its target and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Protocol

from bimetal.report import count, percent, span
from bimetal.stats import Saving

Verdict = Literal["buy", "generate", "both", "undecided"]

SMALL = 0.1  # a saving that is surely below this share of the labels is none to speak of


class Compared(Protocol):
    """A size, whether the mix harms there, and whether it is shown to be no worse by more than the margin."""

    @property
    def n(self) -> int: ...

    @property
    def harms(self) -> bool: ...

    @property
    def no_worse(self) -> bool: ...


def verdict(saved: Saving, transfer: str, claims: bool = True) -> Verdict:
    """Decide what the saving at the target and the measured transfer say; nothing is saved that may not be claimed.

    Generate where synthetic rows alone equal people's labels, both where the mix surely saves labels, buy where it
    costs labels, harms without saving, or surely saves less than a tenth of them.
    """
    if not claims and verdict(saved, transfer) in {"both", "generate"}:
        return "undecided"
    if transfer == "equal":
        return "generate"
    share = saved.saved
    if share is None:
        return "buy" if transfer == "harms" else "undecided"
    if share.low > 0 and saved.bound in {"exact", "at least"}:
        return "both"
    if share.high < SMALL or transfer == "harms":
        return "buy"
    return "undecided"


def answer(
    decided: Verdict,
    saved: Saving,
    differences: Sequence[Compared],
    measure: str = "accuracy",
    margin: float = 0.01,
    claims: bool = True,
) -> str:
    """Say what to do, what it saves at the target, and where the mix harms; the first sentence stands alone."""
    saves = saved.saved is not None and saved.saved.low > 0
    if decided == "undecided" and (saves or not claims):
        first = (
            "Undecided: nobody said which human labels the synthetic rows were fitted on, so no saving is claimed; "
            "declare their number (--seed-labels, 0 if none)."
        )
    elif decided == "generate" and not saves:  # what the mix costs or saves is beside the point
        first = f"{_DO[decided]}."
    else:
        first = f"{_DO[decided]}: at {percent(saved.target)} {measure} {saving_words(saved)}."
    said = [first, _no_worse(differences, margin), _harm(differences)]
    return " ".join(each for each in said if each)


_DO = {
    "buy": "Buy labels",
    "generate": "Generate (synthetic rows alone are as good as people's labels here)",
    "both": "Do both",
    "undecided": "Undecided",
}


def _no_worse(differences: Sequence[Compared], margin: float) -> str:
    points = f"{margin * 100:g} point{'' if margin == 0.01 else 's'}"
    shown = [count(each.n) for each in differences if each.no_worse]
    if not differences or (not shown and any(each.harms for each in differences)):
        return ""
    if not shown:
        return f"At no size is the mix shown to be no worse than people alone by more than {points}."
    sizes = "every size tried" if len(shown) == len(differences) else f"{_listed(shown)} human labels"
    return f"At {sizes} the mix is no worse than people alone by more than {points}."


def _harm(differences: Sequence[Compared]) -> str:
    harmed = [count(each.n) for each in differences if each.harms]
    return f"With {_listed(harmed)} human labels the mix is worse than people alone." if harmed else ""


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


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
    ends = span(low, high) if low > -1 else _far(high)
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


def _far(high: float) -> str:
    if high <= -1:
        return "more than twice as many"
    return f"from more than twice as many to {percent(abs(high))} {'fewer' if high >= 0 else 'more'}"


_NEITHER = "neither people alone nor the mix arrive with the numbers of labels tried"
_BOTH = "people alone and the mix both arrive with the fewest labels tried"


def _human(saved: Saving) -> str:
    return f"{'at most ' if saved.censored in {'human', 'both'} else ''}{count(math.ceil(saved.human_labels or 0))}"


def _hybrid(saved: Saving) -> str:
    return f"{'at most ' if saved.censored in {'hybrid', 'both'} else ''}{count(math.ceil(saved.hybrid_labels or 0))}"
