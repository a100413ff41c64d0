"""The controlled pilot: arms, sizes and seeds on a held-out real panel, ending in a saving with its interval.

>>> from bimetal.pilot import Design, PilotData, run_pilot
"""

from bimetal.pilot.arms import ARMS, DEFAULT_ARMS, Arm, arms_named
from bimetal.pilot.comparisons import Difference
from bimetal.pilot.data import Cell, PilotData, Spent
from bimetal.pilot.design import Design
from bimetal.pilot.drawing import Population
from bimetal.pilot.law import Law, known_law
from bimetal.pilot.law_fit import Points, fit_law
from bimetal.pilot.plan import Option, Plan
from bimetal.pilot.prices import Limits, Prices
from bimetal.pilot.prospective import Prospective, begin
from bimetal.pilot.result import Facts, PilotResult
from bimetal.pilot.run import run_pilot
from bimetal.pilot.standing import Standing
from bimetal.pilot.terms import Terms
from bimetal.pilot.weights import synthetic_weight

__all__ = [
    "ARMS",
    "DEFAULT_ARMS",
    "Arm",
    "Cell",
    "Design",
    "Difference",
    "Facts",
    "Law",
    "Limits",
    "Option",
    "PilotData",
    "PilotResult",
    "Plan",
    "Points",
    "Population",
    "Prices",
    "Prospective",
    "Spent",
    "Standing",
    "Terms",
    "arms_named",
    "begin",
    "fit_law",
    "known_law",
    "run_pilot",
    "synthetic_weight",
]
