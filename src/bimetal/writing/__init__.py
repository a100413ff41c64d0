"""How scripts are written: one spelling for each text, scripts and directions, offsets in three units."""

from bimetal.writing.normalising import Change, Normalised, normalised
from bimetal.writing.offsets import Offsets
from bimetal.writing.scripts import direction, script
from bimetal.writing.zawgyi import is_zawgyi

__all__ = ["Change", "Normalised", "Offsets", "direction", "is_zawgyi", "normalised", "script"]
