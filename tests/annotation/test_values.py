import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.annotation.agreement import Box, Polygon, Skeleton, Span, measure_of
from bimetal.annotation.sheet import KINDS, Label, Sheet
from bimetal.annotation.shown import Shown
from bimetal.annotation.values import canonical, labelled, parsed
from bimetal.errors import InputError, UnknownName

LABELS = (Label("cat"), Label("dog"), Label("แมว"))
SHEETS = {
    kind: Sheet(kind, LABELS, scale=(1.0, 5.0, 0.5) if kind == "score" else None, points=("nose", "tail"))
    for kind in KINDS
}
TEXT = Shown("t", text="ab🐈cd")
PICTURE = Shown("p", media=("image",), size=(100, 50))
THREE = Shown("o", options={"a": "one", "b": "two", "c": "three"})


def box(x0=0, y0=0, x1=9, y1=9, label="cat"):
    return {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "label": label}


def said(value):
    return json.dumps(value)


GIVEN = [
    ("classification", "cat", None, "cat"),
    ("tags", '["dog","cat","dog"]', None, '["cat","dog"]'),
    ("tags", "[]", None, "[]"),
    ("tags", said(["แมว"]), None, '["แมว"]'),
    (
        "spans",
        said([{"label": "dog", "start": 3, "end": 5}, {"start": 0.0, "end": 3, "label": "cat"}]),
        TEXT,
        '[{"start":0,"end":3,"label":"cat"},{"start":3,"end":5,"label":"dog"}]',
    ),
    ("spans", "[]", TEXT, "[]"),
    (
        "boxes",
        said([box(5.0), box(-0.4, 0, 100.6, 50)]),
        PICTURE,
        '[{"x0":0,"y0":0,"x1":100,"y1":50,"label":"cat"},{"x0":5,"y0":0,"x1":9,"y1":9,"label":"cat"}]',
    ),
    ("boxes", said([box(1.2345), box(1.2345)]), None, '[{"x0":1.23,"y0":0,"x1":9,"y1":9,"label":"cat"}]'),
    (
        "polygons",
        said([{"points": [[9, 9], [9, 0], [0, 0], [9, 9]], "label": "dog"}]),
        PICTURE,
        '[{"points":[[0,0],[9,0],[9,9]],"label":"dog"}]',
    ),
    (
        "keypoints",
        said([{"points": {"tail": [3, 4], "nose": [1.0, 2]}, "label": "cat"}]),
        PICTURE,
        '[{"points":{"nose":[1,2],"tail":[3,4]},"label":"cat"}]',
    ),
    ("pairs", "tie", None, "tie"),
    ("ranking", '[["b"],["c","a"]]', THREE, '[["b"],["a","c"]]'),
    ("best-worst", '{"worst":"c","best":"a"}', THREE, '{"best":"a","worst":"c"}'),
    ("score", "3.50", None, "3.5"),
    ("score", "5", None, "5"),
    ("text", "cafe\u0301\r\nok", None, "café\nok"),
]


@pytest.mark.parametrize(("task", "value", "about", "spelled"), GIVEN)
def test_a_value_is_spelled_one_way(task, value, about, spelled):
    assert canonical(SHEETS[task], value, about) == spelled
    assert canonical(SHEETS[task], spelled, about) == spelled
    assert canonical(SHEETS[task], value) == spelled or task == "boxes"  # the item alone knows its edges
    measure_of(task)(
        {"i": {"ana": parsed(task, spelled), "ben": parsed(task, spelled)}}, np.random.default_rng(0), None
    )


@pytest.mark.parametrize(
    ("task", "value", "form"),
    [
        ("classification", "cat", "cat"),
        ("tags", '["cat"]', ["cat"]),
        ("score", "3", 3.0),
        ("spans", '[{"start":0,"end":1,"label":"x"}]', [{"start": 0, "end": 1, "label": "x"}]),
        ("ranking", '[["b"],["a"]]', [["b"], ["a"]]),
        ("text", "[1]", "[1]"),
    ],
)
def test_a_dataset_holds_values_as_what_they_are(task, value, form):
    assert labelled(task, value) == form


def test_shapes_are_parsed_as_measures_compare_them():
    assert parsed("spans", '[{"start":0,"end":1,"label":"x"}]') == [Span(0, 1, "x")]
    assert parsed("boxes", said([box()])) == [Box(0, 0, 9, 9, "cat")]
    assert parsed("polygons", said([{"points": [[0, 0], [1, 0], [1, 1]], "label": "x"}])) == [
        Polygon(((0, 0), (1, 0), (1, 1)), "x")
    ]
    assert parsed("keypoints", said([{"points": {"nose": [1, 2]}, "label": "x"}])) == [Skeleton({"nose": (1, 2)}, "x")]
    assert parsed("ranking", '[["b"],["a","c"]]') == ["b", "a", "c"]
    assert parsed("best-worst", '{"best":"a","worst":"c"}') == ("a", "c")


REFUSED = [
    ("classification", "<script>alert(1)</script>", None, "none of the labels"),
    ("classification", "", None, "none of the labels"),
    ("classification", "\ud800", None, "is no text"),
    ("classification", "cat\x00", None, "is no text"),
    ("tags", '["cow"]', None, "'cow' is none of the labels"),
    ("tags", '["\\ud800"]', None, "none of the labels"),
    ("tags", '{"cat":1}', None, "no list of labels"),
    ("tags", "[[]]", None, "no list of labels"),
    ("tags", "[" * 100_000, None, "nests too deep|no JSON"),
    ("spans", "[" * 5_000 + "]" * 5_000, None, "nests too deep|not what was expected"),
    ("spans", said([{"start": 0, "end": 6, "label": "cat"}]), TEXT, "ends at 6, and the text at 5"),
    ("spans", said([{"start": 2, "end": 2, "label": "cat"}]), TEXT, "hold something"),
    ("spans", said([{"start": -1, "end": 2, "label": "cat"}]), TEXT, "begin at 0"),
    ("spans", said([{"start": 0.5, "end": 2, "label": "cat"}]), TEXT, "send a whole number"),
    ("spans", said([{"start": True, "end": 2, "label": "cat"}]), TEXT, "send a whole number"),
    ("spans", '[{"start":0,"end":' + "9" * 4_000 + ',"label":"cat"}]', None, "number of 4000 digits"),
    ("spans", said([{"start": 0, "end": 10**19, "label": "cat"}]), None, "send a whole number"),
    (
        "spans",
        said([{"start": 0, "end": 3, "label": "cat"}, {"start": 2, "end": 4, "label": "dog"}]),
        TEXT,
        "'cat' and 'dog' overlap",
    ),
    ("spans", said([{"start": 0, "end": 3, "label": "cat", "text": "x"}]), TEXT, "send exactly start, end, label"),
    ("spans", '[{"start":0,"start":1,"end":3,"label":"cat"}]', TEXT, "'start' twice"),
    ("spans", said([{"start": 0, "end": 1, "label": ["cat"]}]), TEXT, "none of the labels"),
    ("boxes", '[{"x0":NaN,"y0":0,"x1":1,"y1":1,"label":"cat"}]', None, "NaN, which is no number"),
    ("boxes", '[{"x0":-Infinity,"y0":0,"x1":1,"y1":1,"label":"cat"}]', None, "which is no number"),
    ("boxes", '[{"x0":0,"y0":0,"x1":1e999,"y1":1,"label":"cat"}]', None, "beyond all numbers"),
    ("boxes", said([box(9, 0, 9, 9)]), None, "hold something"),
    ("boxes", said([box(1.001, 0, 1.002, 9)]), None, "hold something"),
    ("boxes", said([box(0, 0, 102, 9)]), PICTURE, "outside 0 to 100"),
    ("boxes", said([box(0, 0, 2_000_000, 9)]), None, "outside 0 to 1,000,000"),
    ("boxes", said([box(x1="9")]), None, "a coordinate is '9'"),
    ("boxes", said([box(x1=None)]), None, "a coordinate is"),
    ("boxes", said([box(at) for at in range(1001)]), None, "1,001 boxes"),
    ("boxes", said(box()), None, "no list of boxes"),
    ("boxes", said([7]), None, "not what was expected"),
    ("polygons", said([{"points": [[0, 0], [1, 1]], "label": "cat"}]), None, "encloses nothing"),
    ("polygons", said([{"points": [[0, 0], [1, 1], [2, 2]], "label": "cat"}]), None, "encloses nothing"),
    ("polygons", said([{"points": [], "label": "cat"}]), None, "encloses nothing"),
    ("polygons", said([{"points": [[0, 0]] * 1001, "label": "cat"}]), None, "too long"),
    ("polygons", said([{"points": [[0, 0, 0]] * 3, "label": "cat"}]), None, "no pair"),
    (
        "polygons",
        said([{"points": [[0, 0], [1, 0], [at + 1, 9]] + [[1, 1]] * 900, "label": "cat"} for at in range(12)]),
        None,
        "over 10,000 corners",
    ),
    ("keypoints", said([{"points": {"ear": [1, 1]}, "label": "cat"}]), None, "'ear' is none of the points"),
    ("keypoints", said([{"points": {}, "label": "cat"}]), None, "no points"),
    ("pairs", "c", None, "chooses neither"),
    ("ranking", '[["a"],["a"]]', THREE, "each option once"),
    ("ranking", '[["a"],["b"]]', THREE, "each option once"),
    ("ranking", '[["a"],[]]', None, "no ranking"),
    ("ranking", '[["a"],[{}]]', None, "each option once"),
    ("ranking", '[["a"]]', None, "each option once"),
    ("best-worst", '{"best":"a","worst":"a"}', THREE, "same option"),
    ("best-worst", '{"best":"a","worst":"d"}', THREE, "'d' is none of the options"),
    ("best-worst", '{"best":"a"}', THREE, "no best and worst"),
    ("best-worst", '{"best":[],"worst":{}}', None, "none of the options"),
    ("score", "nan", None, "is no score"),
    ("score", "1e999", None, "not on the scale"),
    ("score", "5.5", None, "not on the scale"),
    ("score", "1.3", None, "send 1 to 5 in steps of 0.5"),
    ("score", "0x10", None, "is no score"),
    ("text", " \n", None, "is empty"),
    ("text", "a\x1b[31m", None, "holds '\\\\x1b'"),
    ("text", "a" * 262_145, None, "262,145 bytes"),
]


@pytest.mark.parametrize(("task", "value", "about", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_an_answer_is_refused_in_one_sentence(task, value, about, words):
    with pytest.raises(InputError, match=words) as caught:
        canonical(SHEETS[task], value, about)
    assert len(str(caught.value)) < 600
    str(caught.value).encode()  # which a lone surrogate would not survive


def test_without_labels_shapes_have_none_and_nothing_can_be_chosen():
    assert canonical(Sheet("boxes"), said([box(label="")])) == '[{"x0":0,"y0":0,"x1":9,"y1":9,"label":""}]'
    with pytest.raises(InputError, match="none of the labels"):
        canonical(Sheet("boxes"), said([box()]))
    with pytest.raises(InputError, match="its sheet has no labels"):
        canonical(Sheet("classification"), "cat")


def test_another_task_is_named():
    with pytest.raises(UnknownName, match="'mask'"):
        labelled("mask", "x")
    with pytest.raises(InputError, match="no answer to boxes"):
        parsed("boxes", '[{"x0":1}]')


names = st.sampled_from([each.value for each in LABELS])
number = st.integers(0, 60) | st.floats(0, 60)
span = st.tuples(st.integers(0, 40), st.integers(1, 9), names).map(
    lambda each: {"start": each[0], "end": each[0] + each[1], "label": each[2]}
)
boxes = st.builds(
    lambda x, y, wide, high, label: box(x, y, x + wide, y + high, label), number, number, number, number, names
)
point = st.tuples(number, number).map(list)
shapes = {
    "spans": st.lists(span, max_size=5),
    "boxes": st.lists(boxes, max_size=5),
    "polygons": st.lists(
        st.builds(lambda points, label: {"points": points, "label": label}, st.lists(point, max_size=6), names),
        max_size=3,
    ),
    "keypoints": st.lists(
        st.builds(
            lambda points, label: {"points": points, "label": label},
            st.dictionaries(st.sampled_from(["nose", "tail"]), point),
            names,
        ),
        max_size=3,
    ),
    "tags": st.lists(names),
}


@given(st.sampled_from(sorted(shapes)).flatmap(lambda task: st.tuples(st.just(task), shapes[task])), st.randoms())
def test_a_canonical_value_stays_as_it_is_and_order_does_not_matter(given_value, chance):
    task, value = given_value
    try:
        spelled = canonical(SHEETS[task], said(value))
    except InputError:
        return
    assert canonical(SHEETS[task], spelled) == spelled
    mixed = list(value)
    chance.shuffle(mixed)
    if task == "polygons":
        mixed = [{**each, "points": _turned(each["points"], chance)} for each in mixed]
    assert canonical(SHEETS[task], said(mixed)) == spelled
    parsed(task, spelled)
    labelled(task, spelled)


def _turned(points, chance):
    at = chance.randrange(len(points))
    turned = points[at:] + points[:at]
    return turned[::-1] if chance.random() < 0.5 else turned


@given(st.sampled_from(KINDS), st.text(max_size=30) | st.sampled_from([each[1] for each in REFUSED]))
def test_any_text_is_spelled_or_refused_as_input(task, value):
    try:
        spelled = canonical(SHEETS[task], value)
    except InputError:
        return
    assert canonical(SHEETS[task], spelled) == spelled


@given(st.integers(-20, 20), st.integers(1, 40), st.sampled_from([0.1, 0.25, 0.3, 1.0, 7.0]), st.data())
def test_scores_lie_on_their_scale(low, steps, step, data):
    sheet = Sheet("score", scale=(float(low), low + steps * step, step))
    at = data.draw(st.integers(0, steps))
    spelled = canonical(sheet, f"{low + at * step:.6f}")
    assert float(spelled) == pytest.approx(low + at * step)
    assert canonical(sheet, spelled) == spelled
