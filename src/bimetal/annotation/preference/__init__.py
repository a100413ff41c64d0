"""Preferences: drawn places and their bias, circles, strengths with intervals, people and models apart, TRL rows."""

from bimetal.annotation.preference.apart import Apart, apart, majorities
from bimetal.annotation.preference.choices import Choice, PositionBias, arranged, position_bias
from bimetal.annotation.preference.rows import Preferences, trl_rows
from bimetal.annotation.preference.strengths import Strengths, strengths
from bimetal.annotation.preference.triads import Circles, circles

__all__ = [
    "Apart",
    "Choice",
    "Circles",
    "PositionBias",
    "Preferences",
    "Strengths",
    "apart",
    "arranged",
    "circles",
    "majorities",
    "position_bias",
    "strengths",
    "trl_rows",
]
