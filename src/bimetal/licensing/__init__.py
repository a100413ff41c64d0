"""Licences: names read, clauses looked up, and what rows inherit from everything that went into them."""

from bimetal.licensing.inheritance import Inheritance, inherit
from bimetal.licensing.inputs import Input, Override
from bimetal.licensing.names import Name, resolve
from bimetal.licensing.page import page
from bimetal.licensing.table import CONDITIONS, EVENTS, Clause, clauses, licences
from bimetal.licensing.terms import NOTHING, PURPOSES, Terms, Use, join
from bimetal.licensing.tracing import Obligation, Reason

__all__ = [
    "CONDITIONS",
    "EVENTS",
    "NOTHING",
    "PURPOSES",
    "Clause",
    "Inheritance",
    "Input",
    "Name",
    "Obligation",
    "Override",
    "Reason",
    "Terms",
    "Use",
    "clauses",
    "inherit",
    "join",
    "licences",
    "page",
    "resolve",
]
