"""Rules that bind: what a panel may hold, what is warned of at the door, and what may leave a programme."""

from bimetal.programme.policy.case import Broken, Case, Purpose, Refusal
from bimetal.programme.policy.judging import binding_now, judge, judged_under, refuse, warnings
from bimetal.programme.policy.panel import admit_to_panel, refuse_sealed, sealed, unsealed

__all__ = [
    "Broken",
    "Case",
    "Purpose",
    "Refusal",
    "admit_to_panel",
    "binding_now",
    "judge",
    "judged_under",
    "refuse",
    "refuse_sealed",
    "sealed",
    "unsealed",
    "warnings",
]
