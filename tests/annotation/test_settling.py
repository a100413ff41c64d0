import itertools
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation import resolve, undecided
from bimetal.annotation.assignment import Job, Rater, outcome
from bimetal.annotation.settling import alike, groups, middle
from bimetal.types import Annotation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def boxes(*places, label="cat"):
    return json.dumps([{"x0": x, "y0": 0, "x1": x + 10, "y1": 10, "label": label} for x in places])


def outline(shift=0, label="cat", wide=10):
    points = [[shift, 0], [shift + wide, 0], [shift + wide, 10], [shift, 10]]
    return json.dumps([{"points": points, "label": label}])


def pose(shift):
    return json.dumps([{"points": {"nose": [shift, 0], "tail": [100 + shift, 100]}, "label": "cat"}])


def ranking(*tiers):
    return json.dumps([list(tier) for tier in tiers])


@pytest.mark.parametrize(
    ("task", "one", "other", "same"),
    [
        ("classification", "cat", "cat", True),
        ("classification", "cat", "dog", False),
        ("spans", '[{"start":0,"end":4,"label":"a"}]', '[{"start":0,"end":5,"label":"a"}]', False),
        ("boxes", boxes(0, 50), boxes(52, 2), True),
        ("boxes", boxes(0), boxes(3), True),  # 7 of 13 in common
        ("boxes", boxes(0), boxes(4), False),  # 6 of 14
        ("boxes", boxes(0), boxes(0, 50), False),
        ("boxes", boxes(0), boxes(0, label="dog"), False),
        ("boxes", "[]", "[]", True),
        ("boxes", "[]", boxes(0), False),
        ("boxes", boxes(0, 1), boxes(0, 30), False),  # both near one, none near the other
        ("polygons", outline(), outline(2), True),
        ("polygons", outline(), outline(6), False),
        ("polygons", outline(), outline(0, "dog"), False),
        ("keypoints", pose(0), pose(3), True),
        ("keypoints", pose(0), pose(40), False),
        ("ranking", ranking("a", "b", "c", "d"), ranking("b", "a", "c", "d"), True),
        ("ranking", ranking("a", "b", "c"), ranking("b", "a", "c"), False),
        ("ranking", ranking("a", "b", "c"), ranking("a", "bc"), True),  # of three pairs one is half right
        ("ranking", ranking("a", "b"), ranking("ab"), False),
        ("ranking", ranking("a", "b"), ranking("a", "c"), False),
        ("boxes", "no JSON", boxes(0), False),
        ("boxes", '[{"x0":1}]', boxes(0), False),
    ],
)
def test_answers_are_alike_by_what_they_mark(task, one, other, same):
    assert alike(task)(one, other) is same
    assert alike(task)(other, one) is same
    assert alike(task)(one, one)


def test_an_item_of_boxes_settles_though_no_two_are_spelled_the_same():
    job = Job("march", task="boxes", raters=2)
    assert outcome(job, [boxes(0), boxes(1)]).state == "settled"
    assert outcome(job, [boxes(0), boxes(9)]).state == "open"
    assert outcome(job, [boxes(0), boxes(9), boxes(1)]) == ("conflict", 3)
    assert outcome(Job("march", task="boxes", raters=2, agreement=0.6), [boxes(0), boxes(9), boxes(1)])[0] == "settled"


small = st.lists(st.sampled_from([boxes(0), boxes(2), boxes(4), boxes(30), "[]"]), min_size=1, max_size=4)


@settings(deadline=None)
@given(small)
def test_the_order_of_answers_does_not_matter(values):
    job = Job("march", task="boxes", raters=3, agreement=0.5)
    found = {(outcome(job, order), middle("boxes", order)) for order in itertools.permutations(values)}
    assert len(found) == 1
    assert middle("boxes", values) in values


def test_groups_count_each_answer_with_those_like_it():
    assert groups("boxes", [boxes(0), boxes(3), boxes(6)]) == {boxes(3): 3, boxes(0): 2, boxes(6): 2}


def test_the_middle_is_the_answer_most_like_the_others():
    assert middle("boxes", [boxes(0), boxes(2), boxes(4)]) == boxes(2)
    assert middle("polygons", [outline(0), outline(2), outline(4)]) == outline(2)
    assert middle("tags", ['["a"]', '["b"]', '["b"]']) == '["b"]'
    assert middle("text", ["b", "a"]) == "a"


def vote(who, value, at=NOON):
    return Annotation(who, "i", who, "human", value, at)


def test_shapes_resolve_to_the_middle_and_keep_every_voice():
    votes = [vote("ana", boxes(0)), vote("ben", boxes(1)), vote("cem", boxes(2)), vote("dee", boxes(60))]
    (row,) = resolve(votes, "boxes").to_pylist()
    assert (row["label"], row["votes"], row["agreement"]) == (boxes(1), 4, 0.75)
    assert {each["value"]: each["share"] for each in row["soft"]} == dict.fromkeys(
        (boxes(0), boxes(1), boxes(2), boxes(60)), 0.25
    )


def test_shapes_nobody_agrees_on_stay_undecided():
    resolved = resolve([vote("ana", boxes(0)), vote("ben", boxes(60))], "boxes")
    assert undecided(resolved) == ("i",)


def test_soft_votes_stand_beside_a_majority():
    (row,) = resolve([vote("ana", "cat"), vote("ben", "dog"), vote("cem", "cat")]).to_pylist()
    assert row["soft"] == [
        {"value": "cat", "share": pytest.approx(2 / 3)},
        {"value": "dog", "share": pytest.approx(1 / 3)},
    ]


def comb(teeth, upright, shift):
    points = [point for at in range(teeth) for point in ([at * 10, 0], [at * 10 + 5, 500])] + [[shift, 700]]
    return [point[::-1] if upright else point for point in points]


def test_outlines_made_to_cross_without_end_are_compared_in_bounded_time():
    hostile = [
        json.dumps([{"points": comb(400, upright, at), "label": "cat"} for at in range(10)])
        for upright in (False, True)
    ]
    begun = time.process_time()
    assert not alike("polygons")(*hostile)
    assert time.process_time() - begun < 10


def test_a_language_is_spoken_however_its_tag_is_spelled():
    assert Rater("ana", languages=frozenset({"pt-br"})).speaks("pt-BR")
    assert not Rater("ana", languages=frozenset({"pt-br"})).speaks("pt")
    assert not Rater("ana", languages=frozenset({"th"})).speaks("the")
