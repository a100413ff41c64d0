"""The folder of a pilot before labels: questions out, answers in, nothing lost, resumed wherever it stopped."""

import csv
import io
import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.errors import InputError, LogError
from bimetal.pilot import Population, Prices, Terms
from bimetal.pilot.arms import PLAIN_ARMS
from bimetal.programme.opening import Opening
from bimetal.programme.prospective import proceed, start
from bimetal.programme.questions import Sheet
from bimetal.types import Spec

LABELS = ("c0", "c1", "c2")


@pytest.fixture
def opening(blobs):
    def make(**changes):
        terms = {"target": 0.84, "prices": Prices(1.0), "budget": 400.0, "panel": 80, "rungs": (12, 24), "seeds": 2}
        terms = Terms(**{**terms, "arms": PLAIN_ARMS, **changes.pop("terms", {})})
        given = {"rows": blobs(200, seed=1).drop_columns("label"), "synthetic": {"": blobs(300, seed=3)}}
        return Opening(**{**given, "terms": terms, "sheet": Sheet("label", LABELS), "learner": LINEAR, **changes})

    return make


LINEAR = Spec("learners", "linear")


@pytest.fixture
def truth(blobs):
    rows = blobs(200, seed=1)
    return dict(zip(rows["id"].to_pylist(), rows["label"].to_pylist(), strict=True))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, truth, share=1.0, **changes):
    rows = rows_of(path)
    for row in rows[: round(len(rows) * share)]:
        row["label"] = truth[row["id"]]
    write(path, [{**row, **changes} for row in rows])


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def actions(folder):
    return [json.loads(line)["action"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_the_first_questions_hide_the_panel_and_the_design_is_registered(opening, tmp_path):
    turn = start(tmp_path / "pilot", opening(), actor="ana")
    assert [path.name for path in turn.files] == ["questions-1.csv"]
    rows = rows_of(turn.files[0])
    assert turn.waiting == len(rows) == 92
    assert list(rows[0]) == ["id", "x", "y", "label", "annotator"]
    assert {row["label"] for row in rows} == {""}
    assert actions(tmp_path / "pilot") == ["pilot.registered"]


def test_a_pilot_goes_from_rung_to_rung_to_a_verdict_that_stays(opening, truth, tmp_path):
    folder = tmp_path / "pilot"
    turn, turns = start(folder, opening()), 0
    while not turn.ended:
        fill(turn.files[0], truth)
        turn, turns = proceed(folder, workers=1), turns + 1
        assert turns <= 2
    assert turn.standing["verdict"] in {"buy", "generate", "both", "undecided at this budget"}
    assert actions(folder)[-1] == "pilot.finished"
    again = proceed(folder)
    assert again.standing == json.loads(json.dumps(turn.standing))
    json.dumps(again.json())


def test_partial_answers_are_kept_and_the_rest_may_come_in_another_file(opening, truth, tmp_path):
    folder = tmp_path / "pilot"
    file = start(folder, opening(terms={"rungs": (12,)})).files[0]
    fill(file, truth, 0.5)
    half = proceed(folder)
    assert (half.new_answers, half.waiting, half.standing) == (46, 46, None)
    other = tmp_path / "rest.csv"
    write(other, [{"id": each["id"], "label": truth[each["id"]]} for each in rows_of(file)[46:]])
    assert proceed(folder, [other], workers=1).ended


def test_a_pilot_killed_while_fitting_ends_as_if_it_had_not_been(opening, truth, tmp_path):
    def stop(done, total, cell):
        if done == 5:
            raise KeyboardInterrupt

    for name in ("killed", "whole"):
        fill(start(tmp_path / name, opening(terms={"rungs": (12,)})).files[0], truth)
    with pytest.raises(KeyboardInterrupt):
        proceed(tmp_path / "killed", on_cell=stop, workers=1)
    assert proceed(tmp_path / "killed", workers=1).standing == proceed(tmp_path / "whole", workers=1).standing


def test_items_nobody_can_answer_are_closed(opening, truth, tmp_path):
    folder = tmp_path / "pilot"
    file = start(folder, opening(terms={"rungs": (20,)})).files[0]
    fill(file, truth, 0.97)
    assert proceed(folder).waiting == 3
    turn = proceed(folder, close=True, workers=1)
    assert turn.standing["labels"] in {17, 18, 19, 20}
    assert "pilot.closed" in actions(folder)


FAULTS = {
    "missing column": (lambda rows: [{"id": row["id"]} for row in rows], "has no column 'label'"),
    "nothing filled in": (
        lambda rows: [{**row, "label": ""} for row in rows],
        "no item in questions-1.csv has a label",
    ),
    "unknown label": (lambda rows: [{**rows[0], "label": "c9"}, *rows[1:]], "holds 1 unknown labels, first 'c9'"),
    "strange item": (lambda rows: [{**rows[0], "id": "nobody"}, *rows[1:]], "1 items nobody was asked about: nobody"),
    "twice": (lambda rows: [rows[0], *rows], "holds 1 items twice for one annotator"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_answers_that_cannot_be_taken_are_named_and_lose_nothing(opening, truth, tmp_path, fault):
    spoil, told = FAULTS[fault]
    folder = tmp_path / "pilot"
    file = start(folder, opening()).files[0]
    rows = rows_of(file)
    for row in rows:
        row["label"] = truth[row["id"]]
    write(file, spoil(rows))
    with pytest.raises(InputError, match=told):
        proceed(folder)
    assert actions(folder) == ["pilot.registered"]
    write(file, rows)
    assert proceed(folder, workers=1).standing is not None


def test_raters_have_files_of_their_own_and_a_tie_waits_for_one_more(opening, truth, tmp_path):
    folder = tmp_path / "pilot"
    sheet = Sheet("label", LABELS, 2)
    turn = start(folder, opening(sheet=sheet, terms={"raters": 2, "rungs": (12,), "budget": 800.0}))
    assert [path.name for path in turn.files] == ["questions-1-rater-1.csv", "questions-1-rater-2.csv"]
    for file in turn.files:
        fill(file, truth)
    rows = rows_of(turn.files[1])
    other = next(each for each in LABELS if each != rows[0]["label"])
    write(turn.files[1], [{**rows[0], "label": other}, *rows[1:]])
    tied = proceed(folder)
    assert (tied.waiting, tied.tied) == (1, (rows[0]["id"],))
    third = tmp_path / "third.csv"
    write(third, [{"id": rows[0]["id"], "label": other, "annotator": "eva"}])
    turn = proceed(folder, [third], workers=1)
    assert turn.ended
    assert turn.standing["spent"] == 2 * 92


def test_a_corrected_answer_counts_and_both_are_kept(opening, truth, tmp_path):
    folder = tmp_path / "pilot"
    file = start(folder, opening()).files[0]
    rows = rows_of(file)
    write(file, [{**rows[0], "label": "c0"}, *rows[1:]])
    assert proceed(folder).new_answers == 1
    write(file, [{**rows[0], "label": "c1"}, *rows[1:]])
    assert proceed(folder).new_answers == 1
    assert proceed(folder).new_answers == 0
    assert actions(folder).count("pilot.answered") == 2


def png(value):
    sink = io.BytesIO()
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(sink, "PNG")
    return sink.getvalue()


def test_pictures_lie_beside_the_questions(opening, tmp_path):
    rows = pa.table({"id": [f"../{i}" for i in range(150)], "image": [png(i) for i in range(150)]})
    made = pa.table({"image": [png(200 + i % 50) for i in range(300)], "label": list(LABELS) * 100})
    turn = start(tmp_path / "pilot", opening(rows=rows, synthetic={"": made}))
    shown = rows_of(turn.files[0])
    assert len(shown) == 92
    assert all((tmp_path / "pilot" / row["image"]).read_bytes().startswith(b"\x89PNG") for row in shown)
    assert {path.parent for path in (tmp_path / "pilot" / "images").iterdir()} == {tmp_path / "pilot" / "images"}


def test_a_changed_line_of_the_log_is_found(opening, tmp_path):
    folder = tmp_path / "pilot"
    fill(start(folder, opening()).files[0], {}, 0)
    log = folder / "log.jsonl"
    rows = rows_of(folder / "questions-1.csv")
    write(folder / "questions-1.csv", [{**rows[0], "label": "c0"}, *rows[1:]])
    proceed(folder)
    log.write_text(log.read_text().replace('"target":0.84', '"target":0.5'))
    with pytest.raises(LogError, match=r"line 2 of .* was changed"):
        proceed(folder)


def test_a_pilot_within_a_programme_stands_in_its_log(opening, truth, folder, clock):
    from bimetal.programme import opened

    place = folder / "pilot-rows"
    fill(start(place, opening(terms={"rungs": (12,)}), files=True).files[0], truth)
    proceed(place, workers=1)
    with opened(folder) as programme:
        assert [each.action for each in programme.log.entries()][-2:] == ["pilot.registered", "pilot.finished"]


def test_a_generator_and_another_label_name_do(opening, blobs, truth, tmp_path):
    rows = blobs(300, seed=3)
    named = rows.rename_columns([{"label": "kind"}.get(each, each) for each in rows.column_names])
    sheet = Sheet("kind", LABELS)
    turn = start(tmp_path / "pilot", opening(synthetic={"made": named}, sheet=sheet, terms={"rungs": (12,)}))
    given = rows_of(turn.files[0])
    write(turn.files[0], [{**row, "kind": truth[row["id"]]} for row in given])
    assert proceed(tmp_path / "pilot", workers=1).ended


def test_what_cannot_be_begun_is_refused_before_anybody_works(opening, blobs, tmp_path):
    labelled, few = blobs(200, seed=1), blobs(50, seed=3)
    panel = opening().rows.append_column("label", pa.array(["c0"] * 200))
    refused = {
        "holds 200 labels already": opening(rows=labelled),
        "24 labels want 240 beside them": opening(synthetic={"": few}),
        "has no column 'kind'": opening(sheet=Sheet("kind", LABELS)),
        "labels that people may not give: c2": opening(sheet=Sheet("label", ("c0", "c1"))),
        "also stand in the synthetic table": opening(synthetic={"": pa.concat_tables([panel, blobs(300, seed=3)])}),
        "no column 'site'": opening(population=Population(stratify="site")),
    }
    for told, each in refused.items():
        with pytest.raises(InputError, match=told):
            start(tmp_path / "pilot", each)
    start(tmp_path / "pilot", opening())
    with pytest.raises(InputError, match="holds a pilot already"):
        start(tmp_path / "pilot", opening())
    with pytest.raises(InputError, match="holds no pilot"):
        proceed(tmp_path / "nowhere")


def answered(programme, jobs, truth, people=("ana",), odd=None):
    """Let people answer every item of some jobs they are given; `odd` is (person, item, label)."""
    from bimetal.programme import queue
    from bimetal.store.queue import Rater, Submission

    for job in jobs:
        for who in people:
            while leases := queue.lease(programme, Rater(who), job, 50):
                for each in leases:
                    value = odd[2] if odd and odd[:2] == (who, each.item) else truth[each.item]
                    queue.submit(programme, Rater(who), Submission(each.id, f"{who} {each.id}", value, seconds=2.0))


def test_inside_a_programme_people_answer_in_its_queue_and_nobody_copies_a_file(opening, truth, folder):
    from bimetal.programme import opened, queue

    place = folder / "pilot-rows"
    turn, turns = start(place, opening()), 0
    assert (turn.files, turn.jobs, turn.waiting) == ((), ("pilot-rows/panel", "pilot-rows/rung-1"), 92)
    assert not list(place.glob("questions*"))
    assert proceed(place).waiting == 92
    while not turn.ended:
        with opened(folder, actor="server") as programme:
            answered(programme, turn.jobs, truth)
        turn, turns = proceed(place, workers=1), turns + 1
        assert turn.new_answers == (92 if turns == 1 else 12)
        assert turns <= 2
    with opened(folder) as programme:
        assert {each["state"] for job in turn.jobs for each in queue.queued(programme, job)} <= {"resolved"}
        log = [each.action for each in programme.log.entries()]
        assert log[-1] == "pilot.finished"
        assert log.count("job.opened") == turns + 1
    other = folder.parent / "by-files"
    file = start(other, opening()).files[0]
    fill(file, truth)
    assert proceed(other, workers=1).standing["scores"] == turn_at(place, 0)["scores"]


def turn_at(place, rung):
    stood = [json.loads(line) for line in (place / "log.jsonl").read_text().splitlines()]
    return [each["body"] for each in stood if each["action"] in {"pilot.stood", "pilot.finished"}][rung]


def test_in_the_queue_a_difference_waits_for_an_adjudicator_whose_word_counts(opening, truth, folder):
    from bimetal.programme import opened, queue
    from bimetal.store.queue import Rater, Submission

    place = folder / "pilot-rows"
    given = opening(sheet=Sheet("label", LABELS, 2), terms={"raters": 2, "rungs": (12,), "budget": 800.0})
    turn = start(place, given)
    with opened(folder, actor="server") as programme:
        item = queue.queued(programme, "pilot-rows/rung-1")[0]["item"]
        labels = [each for each in LABELS if each != truth[item]]
        answered(programme, turn.jobs, truth, ("ana", "ben"), ("ben", item, labels[0]))
        answered(programme, ["pilot-rows/rung-1"], truth, ("cem",), ("cem", item, labels[1]))
    turn = proceed(place)
    assert (turn.waiting, turn.tied) == (1, (item,))
    with opened(folder, actor="server") as programme:
        judge = Rater("eva", adjudicates=True)
        (lease,) = queue.lease(programme, judge, "pilot-rows/rung-1/adjudication", 1)
        queue.submit(programme, judge, Submission(lease.id, "k", truth[item]))
    turn = proceed(place, workers=1)
    assert turn.ended
    assert turn.standing["labels"] == 12


def test_in_the_queue_what_nobody_answers_is_closed(opening, truth, folder):
    from bimetal.programme import opened

    place = folder / "pilot-rows"
    turn = start(place, opening(terms={"rungs": (12,)}))
    with opened(folder, actor="server") as programme:
        answered(programme, ["pilot-rows/panel"], truth)
    assert proceed(place).waiting == 12
    with pytest.raises(InputError, match="0 items for training got a label"):
        proceed(place, close=True, workers=1)
    assert turn.jobs[0] == "pilot-rows/panel"
