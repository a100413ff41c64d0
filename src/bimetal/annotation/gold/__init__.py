"""Gold items: may this annotator work, when to ask again, where gold hides in a queue, and which items have leaked."""

from bimetal.annotation.gold.evidence import accuracy, evidence_above, evidence_below
from bimetal.annotation.gold.rotation import Worn, worn
from bimetal.annotation.gold.schedule import draw, schedule
from bimetal.annotation.gold.standing import Bar, Judged, Standing, standing

__all__ = [
    "Bar",
    "Judged",
    "Standing",
    "Worn",
    "accuracy",
    "draw",
    "evidence_above",
    "evidence_below",
    "schedule",
    "standing",
    "worn",
]
