from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bimetal.annotation.aggregation import Votes, majority
from bimetal.annotation.aggregation.votes import _sorted
from bimetal.errors import InputError
from bimetal.types import Annotation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_codes_point_into_sorted_names_and_rows_are_sorted():
    votes = Votes.of(["b", "a", "b"], ["Zoe", "Ann", "Ann"], ["x", "y", "x"])
    assert (votes.items, votes.raters, votes.labels) == (("a", "b"), ("Ann", "Zoe"), ("x", "y"))
    assert [votes.item.tolist(), votes.rater.tolist(), votes.value.tolist()] == [[0, 1, 1], [0, 0, 1], [1, 0, 0]]
    assert votes.counts.tolist() == [[0, 1], [2, 0]]
    assert votes.usage.tolist() == [[1, 1], [1, 0]]
    assert votes.per_item.tolist() == [1, 2]


def test_lists_arrays_chunks_and_dictionaries_code_alike():
    columns = ["b", "a", "c"], ["Ann", "Ann", "Bo"], ["y", "x", "y"]
    expected = Votes.of(*columns)
    forms = (
        pa.array,
        lambda column: pa.chunked_array([column[:1], column[1:]]),
        lambda column: pa.array(column).dictionary_encode(),
        lambda column: np.array(column, dtype=object),
    )
    for form in forms:
        votes = Votes.of(*map(form, columns))
        assert votes.items == expected.items
        for name in ("item", "rater", "value"):
            np.testing.assert_array_equal(getattr(votes, name), getattr(expected, name))


def test_labels_nobody_gave_can_be_named():
    assert Votes.of("a", "A", "y", labels=("x", "y", "z")).labels == ("x", "y", "z")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (([], [], []), "0 items, 0 raters and 0 values"),
        ((["a"], ["A", "B"], ["x"]), "1 items, 2 raters"),
        ((["a", None], ["A", "B"], ["x", "x"]), "1 rows have no item"),
        ((["a", "b"], ["A", "B"], ["x", None]), "1 rows have no value"),
        ((["a"], [7], ["x"]), "a rater is no string"),
        ((pa.array([1]), ["A"], ["x"]), "a item is no string: the column holds int64"),
        ((["a", "b", "a"], ["A", "A", "A"], ["x", "x", "y"]), "'A' answers item 'a' more than once"),
    ],
)
def test_what_is_no_column_of_answers_is_refused(columns, said):
    with pytest.raises(InputError, match=said):
        Votes.of(*columns)


def test_free_text_is_no_label():
    last = np.array([0, 2**21])
    with pytest.raises(InputError, match="2097153 labels beside 2097153 items"):
        _sorted(last, last, last)


def test_annotations_count_once_by_time_and_not_when_skipped():
    annotations = [
        Annotation("1", "a", "Ann", "human", "x", NOON + timedelta(hours=1)),
        Annotation("2", "a", "Ann", "human", "y", NOON),
        Annotation("3", "a", "Bo", "human", None, NOON, status="skipped"),
        Annotation("4", "b", "Bo", "human", "y", NOON),
    ]
    votes = Votes.of_annotations(annotations)
    assert [
        (votes.items[item], votes.raters[rater], votes.labels[value])
        for item, rater, value in zip(votes.item, votes.rater, votes.value, strict=True)
    ] == [
        ("a", "Ann", "x"),
        ("b", "Bo", "y"),
    ]


def test_gold_of_unknown_label_is_refused_and_unanswered_gold_left_out():
    votes = Votes.of("ab", "AA", "xy")
    with pytest.raises(InputError, match="gold label 'z' is none of the 2 labels"):
        votes.gold({"a": "z"})
    gold = votes.gold({"b": "x", "elsewhere": "y"})
    assert (gold.item.tolist(), gold.label.tolist()) == ([1], [0])


def test_majority_keeps_shares_and_ties():
    votes = Votes.of("aaabbcc", "ABCABAB", "xxyxyxx")
    posterior = majority(votes)
    np.testing.assert_allclose(posterior.soft, [[2 / 3, 1 / 3], [0.5, 0.5], [1, 0]], atol=1e-9)
    assert posterior.point.tolist() == [0, -1, 0]
    assert posterior.tied == ("b",)
    np.testing.assert_allclose(posterior.quality, [1, 1, 0])
    assert majority(votes, ties="commonest").point.tolist() == [0, 0, 0]
    assert majority(votes, clamped={"b": "y", "a": "y"}).point.tolist() == [1, 1, 0]


def test_a_rater_whose_items_are_all_tied_has_no_quality():
    assert np.isnan(majority(Votes.of("aa", "AB", "xy")).quality).all()


def test_equally_common_labels_stay_tied():
    assert majority(Votes.of("aabb", "ABAB", "xyxy"), ties="commonest").point.tolist() == [-1, -1]


def test_the_table_names_labels_and_leaves_ties_null():
    table = majority(Votes.of("aabb", "ABAB", "xyxx")).table()
    assert table.to_pylist() == [
        {"id": "a", "label": None, "probability": 0.5, "soft": [0.5, 0.5]},
        {"id": "b", "label": "x", "probability": 1.0, "soft": [1.0, 0.0]},
    ]
