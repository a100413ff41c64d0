"""Preferences out of a queue: the places were drawn, people and models stand apart, ties are left out and counted."""

from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.work.preferences import order_shown, report, training_rows
from bimetal.store.queue import Item, Job, Rater

MODELS = ("ant", "bee", "cat")


@pytest.fixture
def duel(programme):
    pairs = [pair for pair in product(MODELS, MODELS) if pair[0] != pair[1]] * 6
    rows = pa.table(
        {
            "id": [f"p{at}" for at in range(36)],
            "prompt": [f"question {at}" for at in range(36)],
            "text_a": [f"{a} says {at}" for at, (a, _) in enumerate(pairs)],
            "text_b": [f"{b} says {at}" for at, (_, b) in enumerate(pairs)],
            "model_a": [a for a, _ in pairs],
            "model_b": [b for _, b in pairs],
        }
    )
    held, _ = add(programme, Arrival(rows, "duels", "pool", "live", declared=Declared("real", "undeclared")))
    job = Job("duel", dataset="duels", snapshot=held.digest, task="pairs", raters=3, extra=0, salt="s")
    return queue.open_job(programme, job, [Item(f"p{at}", origin="real") for at in range(36)]), pairs


def better(pairs, spoil=0):
    """Prefer the model that comes first by name, the other one every `spoil`th time, and tie on p0."""

    def say(item):
        at = int(item[1:])
        if at == 0:
            return "tie"
        first = "a" if pairs[at] == tuple(sorted(pairs[at])) else "b"
        return first if not spoil or at % spoil else {"a": "b", "b": "a"}[first]

    return say


def test_strengths_are_of_models_and_people_stand_apart(programme, people, duel, works):
    _, pairs = duel
    works(None, "duel", 36, better(pairs, 5), rater=Rater("ana"))
    works(None, "duel", 36, better(pairs, 3), rater=Rater("gpt", "model"))
    found = report(programme, "duel")
    assert set(found.preferred) == {"human", "model"}
    human = found.preferred["human"]
    assert list(human.strengths.intervals) == ["ant", "bee", "cat"]
    assert human.strengths.actor_kind == "human"
    assert (human.answers, found.left_out, found.pairs) == (36, 0, 36)
    bias = human.places[2]
    assert (bias.ties, bias.fair) == (1, 0.5)
    assert bias.share.low < 0.5 < bias.share.high
    assert 0 < found.agreed.estimate < 1


def test_rows_to_train_on_leave_ties_out(programme, people, duel, works):
    _, pairs = duel
    works(people.ana, "duel", 36, better(pairs))
    found = training_rows(programme, "duel")
    assert (found.rows.num_rows, found.ties) == (35, 1)
    assert found.rows.column_names == ["prompt", "chosen", "rejected"]
    assert all(each["chosen"] < each["rejected"] for each in found.rows.to_pylist())
    with pytest.raises(InputError, match="no model answered"):
        training_rows(programme, "duel", "model")


def test_one_who_takes_the_left_is_seen(programme, people, duel, works):
    job, _ = duel

    def left(item):
        return order_shown(job, item, people.ana.id, ("a", "b"))[0]

    works(people.ana, "duel", 36, left)
    bias = report(programme, "duel").preferred["human"].places[2]
    assert bias.share.estimate == 1.0
    assert bias.words.endswith("the place matters")


def test_a_job_of_labels_prefers_nothing(programme, pool):
    queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest), [Item("t0")])
    with pytest.raises(InputError, match="prefers nothing"):
        report(programme, "march")


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_the_order_is_the_same_again_and_holds_every_option(item, person):
    job = Job("duel", task="ranking", salt="secret")
    order = order_shown(job, item, person, ("a", "b", "c"))
    assert sorted(order) == ["a", "b", "c"]
    assert order == order_shown(job, item, person, ("c", "b", "a"))
