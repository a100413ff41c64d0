"""Six answers in, a recommendation out: generate, annotate, or both - with the reason for every word."""

from bimetal.decision.questions import QUESTIONS, Question
from bimetal.decision.rules import RULES, Rule, decide

__all__ = ["QUESTIONS", "RULES", "Question", "Rule", "decide"]
