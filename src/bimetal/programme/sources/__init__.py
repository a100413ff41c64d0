"""The register of sources: where rows come from, what is said of it, what is still owed, and where rows may go."""

from bimetal.programme.sources.clearance import cleared, residual_risk
from bimetal.programme.sources.duties import duties, missing
from bimetal.programme.sources.generator import register_generator
from bimetal.programme.sources.personal import Standing, personal_class, personal_rows, personal_standing
from bimetal.programme.sources.reach import may_reach
from bimetal.programme.sources.register import (
    nameless,
    refuse_rewritten,
    register,
    rows_of,
    source,
    sources,
    unregistered,
)
from bimetal.programme.sources.source import CLASSES, INPUT_ROLES, KINDS, Source, SourceInput

__all__ = [
    "CLASSES",
    "INPUT_ROLES",
    "KINDS",
    "Source",
    "SourceInput",
    "Standing",
    "cleared",
    "duties",
    "may_reach",
    "missing",
    "nameless",
    "personal_class",
    "personal_rows",
    "personal_standing",
    "refuse_rewritten",
    "register",
    "register_generator",
    "residual_risk",
    "rows_of",
    "source",
    "sources",
    "unregistered",
]
