"""Replayed raters err as often as stated, and their votes resolve to labels that say where they come from."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bimetal.annotation import replay, resolve, undecided
from bimetal.errors import InputError
from bimetal.types import Annotation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def items(n):
    return pa.table({"id": [f"item-{i}" for i in range(n)], "label": [str(i % 5) for i in range(n)]})


def vote(item, annotator, value, kind="human", minutes=0):
    return Annotation(f"{item}{annotator}{minutes}", item, annotator, kind, value, NOON + timedelta(minutes=minutes))


def test_replayed_raters_err_as_often_as_stated_and_never_pass_for_people():
    table = items(2000)
    answers = replay(table, ["Ann", "Ben"], 0.1, np.random.default_rng(0), NOON, turn=3)
    truth = dict(zip(table["id"].to_pylist(), table["label"].to_pylist(), strict=True))
    wrong = np.mean([each.value != truth[each.item] for each in answers])
    assert wrong == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 4000))
    assert {each.actor_kind for each in answers} == {"replayed"}
    assert {each.round for each in answers} == {3}
    assert len({each.id for each in answers}) == 4000
    assert set(resolve(answers)["label_origin"].to_pylist()) <= {"replayed", "undeclared"}


def test_the_same_rng_replays_the_same_answers():
    one, two = (replay(items(50), ["Ann"], 0.3, np.random.default_rng(8), NOON) for _ in range(2))
    assert one == two


def test_three_raters_outvote_their_errors():
    table = items(500)
    resolved = resolve(replay(table, ["Ann", "Ben", "Cho"], 0.1, np.random.default_rng(1), NOON))
    right = np.mean(np.array(resolved["label"].to_pylist()) == np.array(table["label"].to_pylist()))
    assert right > 0.95  # expected .972 and a little more


@pytest.mark.parametrize(
    ("table", "rate", "words"),
    [
        (pa.table({"id": ["a"], "label": pa.array([None], pa.string())}), 0.1, "'a' has no label"),
        (pa.table({"id": ["a"]}), 0.1, "no column label"),
        (pa.table({"id": ["a", "b"], "label": ["1", "2"]}), 1.5, "expected 0 to 1"),
        (pa.table({"id": ["a"], "label": ["1"]}), 0.1, "two labels or more"),
    ],
)
def test_what_cannot_be_replayed_is_refused(table, rate, words):
    with pytest.raises(InputError, match=words):
        replay(table, ["Ann"], rate, np.random.default_rng(0), NOON)


def test_no_items_give_no_answers():
    assert replay(items(0), ["Ann"], 0.1, np.random.default_rng(0), NOON) == []
    assert resolve([]).num_rows == 0


def test_a_tie_stays_undecided_until_one_more_annotator_answers():
    votes = [vote("a", "Ann", "1"), vote("a", "Ben", "7"), vote("b", "Ann", "2")]
    resolved = resolve(votes)
    assert resolved["label"].to_pylist() == [None, "2"]
    assert undecided(resolved) == ("a",)
    assert resolve([*votes, vote("a", "Cho", "7")])["label"].to_pylist() == ["7", "2"]


def test_one_annotator_has_one_vote_the_latest():
    resolved = resolve([vote("a", "Ann", "1", minutes=2), vote("a", "Ann", "7", minutes=1)])
    assert resolved.to_pylist()[0]["label"] == "1"
    assert resolved.to_pylist()[0]["votes"] == 1


def test_an_item_everyone_skipped_has_no_label_and_no_votes():
    skipped = Annotation("s", "a", "Ann", "human", None, NOON, status="skipped", reason="unreadable")
    resolved = resolve([skipped])
    assert resolved.to_pylist()[0] == {
        "id": "a",
        "label": None,
        "label_origin": "undeclared",
        "votes": 0,
        "agreement": None,
        "soft": [],
    }
    assert undecided(resolved) == ()


@pytest.mark.parametrize(
    ("kinds", "origin"),
    [(("human", "human"), "human"), (("human", "model"), "model"), (("human", "model", "replayed"), "replayed")],
)
def test_a_label_is_human_only_where_every_vote_is(kinds, origin):
    resolved = resolve([vote("a", str(i), "1", kind) for i, kind in enumerate(kinds)])
    assert resolved["label_origin"].to_pylist() == [origin]
