"""How far annotators agree, task by task: a measure, its interval over items, and words where it is not known."""

from bimetal.annotation.agreement.by import breakdown
from bimetal.annotation.agreement.chance import cohen_kappa, fleiss_kappa, raw_agreement
from bimetal.annotation.agreement.krippendorff import alpha
from bimetal.annotation.agreement.matching import matched
from bimetal.annotation.agreement.ranking import ranked
from bimetal.annotation.agreement.ratings import Agreement, Ratings, answers, by_rater, ratings
from bimetal.annotation.agreement.shapes import Box, Polygon, Skeleton, Span, likeness
from bimetal.annotation.agreement.tasks import measure_of
from bimetal.annotation.agreement.unitised import span_alpha

__all__ = [
    "Agreement",
    "Box",
    "Polygon",
    "Ratings",
    "Skeleton",
    "Span",
    "alpha",
    "answers",
    "breakdown",
    "by_rater",
    "cohen_kappa",
    "fleiss_kappa",
    "likeness",
    "matched",
    "measure_of",
    "ranked",
    "ratings",
    "raw_agreement",
    "span_alpha",
]
