"""Texts enter in one spelling, and what was given stays beside them."""

import pyarrow as pa

from bimetal.payload import payload_columns
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.spelling import one_spelling

ZAWGYI, UNICODE = "ျမန္မာ", "မြန်မာ"


def test_zawgyi_and_invisible_separators_are_read_and_kept():
    rows = pa.table({"text": [ZAWGYI, "ខ្មែរ\u200bល្អ", "plain", None], "language": ["my", "km", "en", None]})
    read = one_spelling(rows)
    assert read["text"].to_pylist() == [UNICODE, "ខ្មែរល្អ", "plain", None]
    assert read["_text_as_given"].to_pylist() == [ZAWGYI, "ខ្មែរ\u200bល្អ", None, None]
    assert payload_columns(read) == ("text",)


def test_a_second_reading_changes_nothing():
    once = one_spelling(pa.table({"text_a": [ZAWGYI], "text_b": ["é"], "prompt": ["e\u0301"]}))
    assert one_spelling(once) == once
    assert once["prompt"].to_pylist() == ["é"]
    assert "_text_b_as_given" not in once.column_names


def test_places_in_a_text_are_not_moved():
    spans = [[{"start": 0, "end": 1, "label": "x"}]]
    rows = pa.table({"text": ["ก\u200bข"], "label": spans})
    assert one_spelling(rows) == rows


def test_other_columns_are_left_alone():
    rows = pa.table({"name": ["ก\u200bข"], "text": [7]})
    assert one_spelling(rows) == rows


def test_what_enters_a_programme_is_read_so(programme):
    rows = pa.table({"text": [ZAWGYI, "hello"]})
    stored, _ = add(programme, Arrival(rows, "burmese", "pool", "live", declared=Declared("real", "undeclared")))
    held = programme.snapshots.get(stored.digest)
    assert held["text"].to_pylist() == [UNICODE, "hello"]
    assert held["_text_as_given"].to_pylist() == [ZAWGYI, None]
