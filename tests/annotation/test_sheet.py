import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.annotation.sheet import KINDS, REASONS, Example, Label, Sheet, in_language
from bimetal.errors import InputError

CATS = (Label("cat", {"en": "Cat", "th": "แมว"}, {"en": "any cat"}, "c"), Label("dog"))
SHEET = Sheet(
    "classification",
    CATS,
    {"en": "# Look\nat it", "th": "ดู"},
    (Example("a tabby", "cat", {"en": "it purrs"}),),
    version=3,
    warning="injuries",
)


def test_a_sheet_survives_json():
    assert Sheet.read(json.loads(json.dumps(SHEET.json()))) == SHEET
    score = Sheet("score", scale=(0.0, 10.0, 0.5), points=("nose", "tail"))
    assert Sheet.read(json.loads(json.dumps(score.json()))) == score


def test_what_is_not_said_is_the_usual():
    assert Sheet.read({"task": "text"}) == Sheet("text")
    assert Sheet.read({"task": "text"}).reasons == REASONS


@pytest.mark.parametrize(
    ("language", "name"), [("th", "แมว"), ("th-TH", "แมว"), ("TH", "แมว"), ("lo", "Cat"), ("", "Cat")]
)
def test_a_name_is_that_of_the_language_else_of_the_sheets_first(language, name):
    assert SHEET.named("cat", language) == name
    assert SHEET.named("dog", language) == "dog"
    assert SHEET.named("cow", language) == "cow"


def test_a_guideline_falls_back_as_names_do():
    assert [SHEET.guide(each) for each in ("th-TH", "vi")] == ["ดู", "# Look\nat it"]
    assert Sheet("text", guideline={"th": "ดู"}).guide("vi") == ""


def test_a_long_tag_falls_back_part_by_part():
    assert in_language({"zh-Hant": "貓", "zh": "猫"}, "zh-Hant-TW") == "貓"
    assert in_language({"zh": "猫"}, "zh-Hant-TW") == "猫"


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ([], "is an object of JSON, got '\\[\\]'"),
        (None, "is an object of JSON"),
        ({}, "task: expected text, got nothing|task: expected one of"),
        ({"task": "boxen"}, "task: expected one of .*, got 'boxen'"),
        ({"task": "text", "labels": "cat"}, "labels: expected a list, got 'cat'"),
        ({"task": "tags", "labels": [{"value": "a"}, {"names": {}}]}, r"labels\[1\]"),
        ({"task": "tags", "labels": [{"value": "a", "names": {"en": 7}}]}, r"labels\[0\].names: expected texts"),
        ({"task": "tags", "labels": [{"value": "a", "names": {"e!": "x"}}]}, r"labels\[0\].names: expected BCP 47"),
        ({"task": "tags", "labels": [{"value": "a", "key": "ab"}]}, r"labels\[0\].key: expected one character"),
        ({"task": "tags", "labels": [{"value": " a"}]}, r"labels\[0\].value: expected 1 to 200"),
        ({"task": "tags", "labels": [{"value": "a\nb"}]}, r"labels\[0\].value"),
        ({"task": "tags", "labels": [{"value": "\ud800"}]}, r"labels\[0\].value"),
        ({"task": "tags", "labels": [{"value": "a" * 201}]}, r"labels\[0\].value"),
        ({"task": "text", "version": 0}, "version: expected 1 or more"),
        ({"task": "text", "version": True}, "version: expected a whole number"),
        ({"task": "text", "version": 1.5}, "version: expected a whole number"),
        ({"task": "text", "language": "<script>"}, "language: expected a BCP 47 tag"),
        ({"task": "score"}, "scale: expected .* for a score"),
        ({"task": "score", "scale": [1, 5]}, r"scale: expected \[low, high, step\]"),
        ({"task": "score", "scale": [5, 1, 1]}, "scale: expected low < high"),
        ({"task": "score", "scale": [0, 1, 1e-9]}, "scale: expected a million steps"),
        ({"task": "score", "scale": [0, 10**400, 1]}, "scale: expected numbers up to"),
        ({"task": "score", "scale": [0, float("nan"), 1]}, "scale: expected low < high"),
        ({"task": "text", "guideline": ["x"]}, "guideline: expected texts by language"),
        ({"task": "text", "guideline": {"en": "\x00"}}, "guideline.en: expected text"),
        ({"task": "text", "examples": [{"text": "x"}]}, r"examples\[0\].value: expected text, got nothing"),
        ({"task": "text", "warning": "a" * 101}, "warning: expected 100 characters"),
        ({"task": "text", "points": ["nose", "nose"]}, r"points\[1\]: 'nose' stands there twice"),
        ({"task": "text", "secret": 1}, "secret: no such key"),
    ],
)
def test_a_fault_is_named_by_its_path(said, fault):
    with pytest.raises(InputError, match=fault):
        Sheet.read(said)


def test_every_fault_is_named_at_once():
    with pytest.raises(InputError, match=r"2 faults: labels\[0\].key: 'x' .*, labels\[1\].key"):
        Sheet("tags", (Label("a", key="x"), Label("b", key="x")))


def test_too_many_labels_are_refused():
    with pytest.raises(InputError, match="labels: expected 1000 at most, got 1001"):
        Sheet("tags", tuple(Label(str(each)) for each in range(1001)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*Sheet.__dataclass_fields__, "x"]), json_values), st.sampled_from(KINDS))
def test_any_json_gives_a_sheet_or_an_input_error(said, task):
    try:
        found = Sheet.read({"task": task, **said})
    except InputError:
        return
    assert Sheet.read(found.json()) == found
