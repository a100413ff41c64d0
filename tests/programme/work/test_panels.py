"""Panels: people alone judge real items, and nothing in the programme trains on them afterwards."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.policy import sealed
from bimetal.programme.release import release
from bimetal.programme.work.panels import Panel, close_panel, open_panel
from bimetal.store.queue import Rater
from bimetal.types import Dataset, Origin


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def exam(programme, people, pool, rng):
    return open_panel(programme, people.lead, Panel("exam", "march", 12, raters=2, extra=1), rng)


@pytest.fixture
def finish(works, people, truth):
    """Return a function by which two people judge the whole panel; the second says `odd(item)` where that is a label."""

    def judged(odd):
        works(people.ana, "exam", 12)
        works(people.bo, "exam", 12, lambda item: odd(item) or truth(item))

    return judged


def test_people_alone_judge_real_items_without_gold_or_suggestions(programme, exam):
    assert (exam.kind, exam.gold, exam.suggestions, exam.raters) == ("panel", 0.0, False, 2)
    with pytest.raises(PolicyError, match="for people alone"):
        queue.lease(programme, Rater("gpt", "model", frozenset({"en", "th"})), "exam", 1)
    states = queue.queued(programme, "exam")
    assert len(states) == 12
    assert {each["probability"] for each in states} == {12 / 40}


def test_what_people_decided_is_a_panel_with_their_pseudonyms(programme, people, exam, finish):
    first = queue.queued(programme, "exam")[0]["item"]
    finish(lambda item: ("cash" if int(item[1:]) % 2 else "card") if item == first else None)
    found = close_panel(programme, people.lead, "exam")
    assert found.undecided == (first,)
    assert (found.stored.role, found.stored.rows, found.stored.details["parents"]) == ("panel", 11, [exam.snapshot])
    rows = programme.rows("panel")
    assert set(rows["label_origin"].to_pylist()) == {"human"}
    assert set(rows["item_origin"].to_pylist()) == {"real"}
    assert set(rows["annotator"].to_pylist()) == {"; ".join(sorted((people.ana.id, people.bo.id)))}
    assert {each["state"] for each in queue.queued(programme, "exam")} == {"resolved"}
    with pytest.raises(InputError, match="dataset already"):
        close_panel(programme, people.lead, "exam")


def test_nobody_trains_on_a_panel_from_the_moment_it_is_asked(programme, people, exam):
    asked = {each["item"] for each in queue.queued(programme, "exam")}
    assert len(sealed(programme)) == 12
    assert asked.isdisjoint(programme.rows("pool")["id"].to_pylist())
    held = programme.snapshots.get(programme.dataset("march").digest)
    rows = held.drop_columns(["label"]).append_column("label", pa.array(["card"] * 40))
    with pytest.raises(PolicyError, match="12 rows stand on the panel exam"):
        add(programme, Arrival(rows, "again", "train", "live", declared=Declared("real", "human")))


def test_release_for_training_refuses_rows_of_a_panel_under_any_name(programme, people, exam):
    held = programme.snapshots.get(programme.dataset("march").digest)
    asked = {each["item"] for each in queue.queued(programme, "exam")}
    ids = [f"other-{each}" for each in held["id"].to_pylist()]
    named = held.drop_columns(["id", "label"]).append_column("id", pa.array(ids))
    named = named.append_column("label", pa.array(["card"] * 40))
    named = named.set_column(named.column_names.index("label_origin"), "label_origin", pa.array(["human"] * 40))
    programme.keep(Dataset("sly", named, programme.config.labelled, "train", Origin("real", "live", "CC0-1.0")))
    with pytest.raises(PolicyError, match="panel-sealed") as refused:
        release(programme, "sly", "train")
    assert "12 rows break it" in str(refused.value)
    assert programme.rows("train").num_rows == 28
    assert {each.removeprefix("other-") for each in programme.rows("train")["id"].to_pylist()}.isdisjoint(asked)


def test_synthetic_and_learned_from_items_are_not_drawn(programme, people, rng, tables):
    train = tables(10, 0, lambda at: "card", "en")
    add(programme, Arrival(train, "old", "train", "live", declared=Declared("real", "human")))
    mixed = tables(30, 0).append_column("item_origin", pa.array(["real"] * 20 + ["synthetic"] * 10))
    ids = pa.array([f"new-{at}" for at in range(30)])
    add(
        programme,
        Arrival(mixed.set_column(0, "id", ids), "fresh", "pool", "live", declared=Declared("real", "undeclared")),
    )
    with pytest.raises(InputError, match="11 items are asked of 10"):
        open_panel(programme, people.lead, Panel("exam", "fresh", 11), rng)
    open_panel(programme, people.lead, Panel("exam", "fresh", 10), rng)
    assert {each["item"] for each in queue.queued(programme, "exam")} == {f"new-{at}" for at in range(10, 20)}
    with pytest.raises(InputError, match="is a train dataset"):
        open_panel(programme, people.lead, Panel("other", "old", 5), rng)
    with pytest.raises(PolicyError, match="'steer queue'"):
        open_panel(programme, people.ana, Panel("other", "fresh", 5), rng)


def test_a_model_does_not_say_what_a_panel_looks_at_again(programme, people, exam):
    from bimetal.programme.work.relabelling import look_again

    with pytest.raises(PolicyError, match="no model says"):
        look_again(programme, people.lead, "exam", ["t1"])
