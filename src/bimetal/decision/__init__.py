"""Six answers in, a recommendation out: generate, annotate, or both - with the reason for every word."""

from bimetal.decision.binding import BINDINGS, Binding, binding
from bimetal.decision.facts import Facts, Vendor, faults
from bimetal.decision.measured import Measurement
from bimetal.decision.priors import Domain, domains, priors
from bimetal.decision.questions import QUESTIONS, Question
from bimetal.decision.recommend import decide
from bimetal.decision.record import DecisionRecord, Experiment, Reason, Review, from_json
from bimetal.decision.routes import Criterion, Routes
from bimetal.decision.rules import RULES, Rule

__all__ = [
    "BINDINGS",
    "QUESTIONS",
    "RULES",
    "Binding",
    "Criterion",
    "DecisionRecord",
    "Domain",
    "Experiment",
    "Facts",
    "Measurement",
    "Question",
    "Reason",
    "Review",
    "Routes",
    "Rule",
    "Vendor",
    "binding",
    "decide",
    "domains",
    "faults",
    "from_json",
    "priors",
]
