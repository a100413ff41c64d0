"""Each kind of task has its measure, and full agreement, none and a careless rater look so in each."""

import numpy as np
import pytest

from bimetal.annotation.agreement import Box, Polygon, Skeleton, Span, measure_of
from bimetal.annotation.agreement.tasks import trigrams
from bimetal.errors import UnknownName

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
AWAY = tuple((x + 9, y + 9) for x, y in SQUARE)
POINTS = {"head": (0.0, 0.0), "foot": (4.0, 9.0)}
AFAR = {"head": (90.0, 0.0), "foot": (94.0, 9.0)}
TWO_ANSWERS = {
    "classification": ("cat", "dog"),
    "pairs": ("a", "tie"),
    "tags": ({"cat", "dog"}, {"cow"}),
    "score": (1, 5),
    "text": ("a small dog", "two horses"),
    "spans": ([Span(0, 4, "NAME")], [Span(6, 9, "NAME")]),
    "boxes": ([Box(0, 0, 2, 2)], [Box(5, 5, 6, 6)]),
    "polygons": ([Polygon(SQUARE)], [Polygon(AWAY)]),
    "keypoints": ([Skeleton(POINTS)], [Skeleton(AFAR)]),
    "ranking": ("abc", "cba"),
    "best-worst": ("ac", "ca"),
}


@pytest.mark.parametrize("kind", TWO_ANSWERS)
def test_agreement_disagreement_and_a_careless_rater(kind):
    one, other = TWO_ANSWERS[kind]
    agreed = {str(i): {"Ann": answer, "Ben": answer, "Cat": answer} for i, answer in enumerate([one, other] * 10)}
    assert measure_of(kind)(agreed, np.random.default_rng(0), None).estimate == 1
    swapped = {one_of: {**by, "Cat": other if by["Cat"] == one else one} for one_of, by in agreed.items()}
    found = {who: measure_of(kind)(swapped, np.random.default_rng(0), who).estimate for who in ("Ann", "Cat")}
    assert found["Cat"] <= 0 <= found["Ann"]


def test_an_unknown_kind():
    with pytest.raises(UnknownName, match="'masks'"):
        measure_of("masks")


def test_trigrams_need_no_words():
    assert len(trigrams("สวัสดี")) == 6
    assert trigrams("") == {"^$"}
