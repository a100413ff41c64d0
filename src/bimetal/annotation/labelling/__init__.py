"""Programmatic labels: rules vote, their votes are resolved, and rows people labelled say how and how well."""

from bimetal.annotation.labelling.choosing import Choice, Judged, choose, credit, judged, together
from bimetal.annotation.labelling.conditions import Condition
from bimetal.annotation.labelling.firing import Facts, Fired, facts, fire
from bimetal.annotation.labelling.resolving import METHODS, Method, Reliability, measured, resolved
from bimetal.annotation.labelling.rules import Rule, parsed

__all__ = [
    "METHODS",
    "Choice",
    "Condition",
    "Facts",
    "Fired",
    "Judged",
    "Method",
    "Reliability",
    "Rule",
    "choose",
    "credit",
    "facts",
    "fire",
    "judged",
    "measured",
    "parsed",
    "resolved",
    "together",
]
