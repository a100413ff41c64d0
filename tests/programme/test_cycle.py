"""The cycle: waits for people, learns from what they say, never trains on its random stream, resumes after a kill."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.annotation import replay
from bimetal.errors import InputError
from bimetal.programme import queue
from bimetal.programme.cycle import Turn, Waiting, advance, history, windows_left
from bimetal.programme.intake import Arrival, Declared, add

VOUCHED = Declared("real", "human")


@pytest.fixture
def running(programme, blobs):
    add(programme, Arrival(blobs(200, seed=2), "panel", "panel", "archive", declared=VOUCHED))
    add(programme, Arrival(blobs(40, seed=1), "first", "train", "archive", declared=VOUCHED))
    pool = blobs(100, seed=5).drop_columns("label")
    add(programme, Arrival(pool, "pool", "pool", "archive", declared=Declared("real", "undeclared")))
    return programme


def bring(programme, rows, name):
    arrival = Arrival(rows.drop_columns("label"), name, "production", "live", declared=Declared("real", "undeclared"))
    add(programme, arrival)


def answer_all(programme, window, truth):
    asked = {each["item"] for each in queue.queued(programme, window)}
    rows = truth.filter(pa.array([item in asked for item in truth["id"].to_pylist()]))
    queue.answer(programme, replay(rows, ("a", "b", "c"), 0.0, np.random.default_rng(0), programme.now()))


def test_a_window_waits_then_turns_and_the_history_tells(running, blobs):
    window = blobs(80, seed=7)
    bring(running, window, "march")
    first = advance(running)
    assert first == Waiting("march", 20) == advance(running)
    assert windows_left(running) == [Waiting("march", 20)]
    answer_all(running, "march", window)
    turn = advance(running)
    assert isinstance(turn, Turn)
    assert (turn.routed, turn.labels) == (20, 20)
    assert not turn.drifted
    assert history(running)[0]["window"] == "march"
    assert advance(running) is None


def test_the_random_stream_is_never_trained_on(running, blobs):
    window = blobs(80, seed=7)
    bring(running, window, "march")
    advance(running)
    answer_all(running, "march", window)
    advance(running)
    stream = {each["item"] for each in queue.queued(running, "march") if each["reason"] == "random"}
    trained = set(running.rows("train")["id"].to_pylist())
    assert len(stream) == 6
    assert not stream & trained


def test_a_window_that_moved_is_called_drifted(running, blobs):
    bring(running, blobs(120, seed=8, shift=1.5), "april")
    outcome = advance(running)
    answer_all(running, "april", blobs(120, seed=8, shift=1.5))
    turn = advance(running)
    assert isinstance(outcome, Waiting)
    assert turn.drifted


def test_a_model_that_got_worse_is_not_promoted(running, blobs):
    window = blobs(80, seed=9)
    bring(running, window, "may")
    advance(running)
    answer_all(running, "may", window)
    turned = {"c0": "c1", "c1": "c2", "c2": "c0"}
    wrong = blobs(400, seed=11)
    wrong = wrong.set_column(3, "label", pa.array([turned[value] for value in wrong["label"].to_pylist()]))
    add(running, Arrival(wrong, "mislabelled", "train", "archive", declared=VOUCHED))
    turn = advance(running)
    assert turn.panel[1].estimate < turn.panel[0].estimate
    assert not turn.promoted
    assert [entry.action for entry in running.log.entries()][-2:] == ["model.kept", "cycle.finished"]


def test_answers_to_items_nobody_asked_about_are_refused(running):
    table = pa.table({"id": ["row-0-1"], "label": ["c1"], "annotator": ["ana"]})
    with pytest.raises(InputError, match="1 answers are to items nobody asked about: row-0-1"):
        queue.answer(running, queue.answers_from(running, table))


def test_an_answer_sent_twice_is_kept_once_and_a_label_not_on_the_list_is_refused(running, blobs):
    bring(running, blobs(80, seed=7), "march")
    advance(running)
    item = queue.queued(running, "march")[0]["item"]
    table = pa.table({"id": [item], "label": ["c1"], "annotator": ["ana"]})
    assert [queue.answer(running, queue.answers_from(running, table)) for _ in range(2)] == [1, 0]
    with pytest.raises(InputError, match=r"ana answered 'c1' to .* before, and 'c2' now"):
        queue.answer(running, queue.answers_from(running, table.set_column(1, "label", pa.array(["c2"]))))
    with pytest.raises(InputError, match=r"ana answered 'c9' to .*; expected one of: c0, c1, c2"):
        queue.answers_from(running, table.set_column(1, "label", pa.array(["c9"])))
    with pytest.raises(InputError, match="the answers have no column annotator"):
        queue.answers_from(running, table.drop_columns("annotator"))


def test_the_file_of_questions_holds_no_hint(running, blobs):
    bring(running, blobs(80, seed=7), "march")
    advance(running)
    assert queue.questions(running, "march").column_names == ["id", "x", "y"]


def test_a_programme_without_labels_says_what_to_add(programme, blobs):
    bring(programme, blobs(80, seed=7), "march")
    with pytest.raises(InputError, match="the programme has no panel to judge a model by"):
        advance(programme)
    add(programme, Arrival(blobs(50, seed=2), "panel", "panel", "archive", declared=VOUCHED))
    with pytest.raises(InputError, match="the programme has no labelled rows; run: bimetal add"):
        advance(programme)


def test_answers_that_come_late_do_not_change_a_turn_that_has_begun_to_learn(running, blobs, monkeypatch):
    from bimetal.programme import cycle

    window = blobs(80, seed=7)
    bring(running, window, "march")
    advance(running)
    answer_all(running, "march", window)
    whole = cycle._judge

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cycle, "_judge", killed)
    with pytest.raises(KeyboardInterrupt):
        advance(running)
    monkeypatch.setattr(cycle, "_judge", whole)
    late = running.now()
    items = [each["item"] for each in queue.queued(running, "march")]
    rows = pa.table({"id": items, "label": ["c0"] * len(items)})
    queue.answer(running, replay(rows, ("d", "e", "f", "g"), 0.0, np.random.default_rng(0), late))
    turn = advance(running)
    assert turn.labels == 20
    assert [each.name for each in running.datasets("train")] == ["first", "march-labelled", "march-synthetic"]


def test_a_promoted_model_stays_the_same_when_the_pool_and_the_settings_change(running, blobs):
    from dataclasses import replace

    from bimetal.programme.config import Named
    from bimetal.programme.cycle import champion

    first = champion(running)
    panel = running.rows("panel")
    before = first.model.predict_proba(panel)
    arrival = Arrival(blobs(90, seed=6).drop_columns("label"), "more", "pool", "archive", declared=VOUCHED)
    add(running, arrival)
    changed = replace(running, config=replace(running.config, learner=Named("boosted")), fitted={})
    assert champion(changed).digest == first.digest
    assert np.array_equal(champion(changed).model.predict_proba(panel), before)


def test_a_window_smaller_than_the_batch_keeps_a_random_stream(running, blobs):
    bring(running, blobs(10, seed=7), "small")
    advance(running)
    reasons = [each["reason"] for each in queue.queued(running, "small")]
    assert (len(reasons), reasons.count("random")) == (10, 3)
