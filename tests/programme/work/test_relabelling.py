"""Items to look at again: planted errors are found and go back in line, a guideline touches what carries its labels."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.programme import queue
from bimetal.programme.work.relabelling import affected, carried, look_again, suspects, suspects_in
from bimetal.store.queue import Item, Job
from bimetal.types import Spec

LINEAR = Spec("learners", "linear")


def test_planted_errors_are_found(blobs):
    rows = blobs(300, seed=2)
    labels = rows["label"].to_pylist()
    points = np.column_stack([rows["x"].to_numpy(), rows["y"].to_numpy()])
    centres = np.array([[0.0, 0.0], [2.0, 0.5], [1.0, 2.0]])
    near = np.linalg.norm(points[:, None] - centres, axis=2).min(axis=1)
    planted = [at for at in np.argsort(near) if labels[at] != "c2"][:6]
    for at in planted:
        labels[at] = "c2"
    spoiled = rows.set_column(3, "label", pa.array(labels))
    found = suspects(spoiled, LINEAR, np.random.default_rng(0))
    named = {f"row-2-{at}" for at in planted}
    doubted = {each.item: each for each in found.found}
    assert named <= set(doubted)
    assert all(doubted[each].given == "c2" != doubted[each].suggested for each in named)
    assert named & {each.item for each in found.found[:6]}
    assert [each.margin for each in found.found] == sorted(each.margin for each in found.found)
    assert 0.02 <= found.wrong < 0.2
    assert found.labelled == 300
    again = suspects(spoiled, LINEAR, np.random.default_rng(0))
    assert again.found == found.found


def test_too_few_labels_teach_nothing(blobs):
    with pytest.raises(InputError, match="teach no model"):
        suspects(blobs(3), LINEAR, np.random.default_rng(0))


@pytest.fixture
def march(programme, pool):
    items = [Item(f"t{at}", language="en", origin="real") for at in range(40)]
    return queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest, raters=1), items)


def test_suspects_of_a_job_go_back_in_line_for_another_rater(programme, people, march, works):
    def say(item):
        return "cash" if item == "t5" else "card" if int(item[1:]) % 2 else "cash"

    works(people.ana, "march", 40, say)
    found = suspects_in(programme, "march", LINEAR)
    assert [each.item for each in found.found][:1] == ["t5"]
    assert look_again(programme, people.lead, "march", ["t5"]) == 1
    (entry,) = programme.log.entries(action="job.looked-again")
    assert (entry.actor, entry.body["reason"]) == (people.lead.id, "possible label error")
    assert works(people.ana, "march", 1) == []
    assert works(people.bo, "march", 1) == ["t5"]
    assert next(each for each in queue.queued(programme, "march") if each["item"] == "t5")["state"] == "conflict"


def test_a_closed_job_stays_closed(programme, people, march, works):
    works(people.ana, "march", 40)
    queue.close(programme, "march")
    assert look_again(programme, people.lead, "march", ["t5"]) == 0


def test_a_guideline_touches_labels_slices_and_items_named(programme, people, march, works):
    works(people.ana, "march", 10)
    assert affected(programme, "march", labels=["card"]) == ("t1", "t3", "t5", "t7", "t9")
    assert affected(programme, "march", within=("language", "th"))[:3] == ("t11", "t15", "t19")
    assert affected(programme, "march", items=["t2", "nowhere"]) == ("t2",)
    queue.reopen(programme, "march", affected(programme, "march", labels=["card"]), 2)
    assert affected(programme, "march", labels=["card"]) == ()


def test_labels_are_read_out_of_every_kind_of_answer():
    assert carried("tags", '["a","b"]') == {"a", "b"}
    assert carried("boxes", '[{"x0":0,"y0":0,"x1":1,"y1":1,"label":"car"}]') == {"car"}
    assert carried("text", "card") == carried("score", "4") == carried("spans", None) == set()
