"""The controlled pilot: arms, sizes and seeds on a held-out real panel, ending in a saving with its interval.

>>> from bimetal.pilot import Design, PilotData, run_pilot
"""

from bimetal.pilot.design import DEFAULT_ARMS, Arm, Cell, Design, PilotData
from bimetal.pilot.result import Difference, PilotResult
from bimetal.pilot.run import run_pilot
from bimetal.pilot.weights import synthetic_weight

__all__ = [
    "DEFAULT_ARMS",
    "Arm",
    "Cell",
    "Design",
    "Difference",
    "PilotData",
    "PilotResult",
    "run_pilot",
    "synthetic_weight",
]
