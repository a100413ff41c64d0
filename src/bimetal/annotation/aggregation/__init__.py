"""Many answers an item, one belief: majority, Dawid-Skene, MACE and GLAD, and labels that look wrong."""

from bimetal.annotation.aggregation.compare import SideBySide, compare
from bimetal.annotation.aggregation.dawid_skene import dawid_skene
from bimetal.annotation.aggregation.glad import glad
from bimetal.annotation.aggregation.label_errors import LabelErrors, label_errors
from bimetal.annotation.aggregation.mace import mace
from bimetal.annotation.aggregation.majority import majority
from bimetal.annotation.aggregation.posterior import Posterior
from bimetal.annotation.aggregation.votes import Gold, Votes

__all__ = [
    "Gold",
    "LabelErrors",
    "Posterior",
    "SideBySide",
    "Votes",
    "compare",
    "dawid_skene",
    "glad",
    "label_errors",
    "mace",
    "majority",
]
