"""Cost: what people alone, synthetic data alone and both cost over a lifecycle, and what that depends on."""

from bimetal.cost.lines import LINES, STRATEGIES
from bimetal.cost.needs import Need, Needs
from bimetal.cost.result import LifecycleCost, Range
from bimetal.cost.scenario import Scenario, faults
from bimetal.cost.simulate import DRAWS, lifecycle_cost
from bimetal.cost.spending import Spending
from bimetal.cost.table import Row, inputs, kinds, nearest, priced

__all__ = [
    "DRAWS",
    "LINES",
    "STRATEGIES",
    "LifecycleCost",
    "Need",
    "Needs",
    "Range",
    "Row",
    "Scenario",
    "Spending",
    "faults",
    "inputs",
    "kinds",
    "lifecycle_cost",
    "nearest",
    "priced",
]
