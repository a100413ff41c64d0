"""People's answers: replay them where labels are known, measure how far they agree, resolve them to labels."""

from bimetal.annotation.agreement import alpha, breakdown, cohen_kappa, fleiss_kappa, raw_agreement
from bimetal.annotation.replay import replay
from bimetal.annotation.resolve import resolve, undecided

__all__ = ["alpha", "breakdown", "cohen_kappa", "fleiss_kappa", "raw_agreement", "replay", "resolve", "undecided"]
