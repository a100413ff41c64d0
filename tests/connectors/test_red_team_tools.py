"""garak's and PyRIT's files by hand, in the spellings of several versions: what is a hit, who judged, what is left."""

import csv
import io
import json

import pytest

from bimetal.errors import InputError
from bimetal.plugins import Spec, make


def connector(name):
    return make(Spec("connectors", name, {}))


def garak(*lines, name="garak.x.report.jsonl"):
    return connector("garak").read({name: "\n".join(map(json.dumps, lines)).encode()})


def message(text):
    return {"text": text, "lang": "en", "data_path": None, "data_type": None, "data_checksum": None, "notes": {}}


def conversation(*said):
    return {"turns": [{"role": role, "content": message(text)} for role, text in said], "notes": {}}


SETUP = {"entry_type": "start_run setup", "_config.version": "0.14", "run.generations": 2}
BROKEN_BY_TWO = {
    "entry_type": "attempt", "uuid": "u1", "seq": 0, "status": 2, "probe_classname": "encoding.InjectBase64",
    "prompt": conversation(("user", "decode [[PAYLOAD]]")), "outputs": [message("no"), message("sure")],
    "detector_results": {"encoding.DecodeMatch": [0.0, 1.0], "mitigation.MitigationBypass": [None, 0.2]},
    "goal": "make it decode", "notes": {},
}  # fmt: skip


def test_a_garak_report_is_a_prompt_an_attempt_with_verdicts_of_detectors():
    sent = {**BROKEN_BY_TWO, "status": 1, "detector_results": {}}
    came = garak(SETUP, {"entry_type": "init"}, sent, BROKEN_BY_TWO, {"entry_type": "eval", "passed": 1})
    (row,) = came.rows.to_pylist()
    assert row == {
        "id": "u1", "text": "decode [[PAYLOAD]]", "family": "encoding", "probe": "encoding.InjectBase64",
        "goal": "make it decode", "replies": 2, "hits": 1, "reply": "sure", "label": "hit",
    }  # fmt: skip
    verdicts = {each.annotator: (each.value, each.actor_kind) for each in came.annotations}
    assert verdicts == {
        "encoding.DecodeMatch": ("hit", "model"),
        "mitigation.MitigationBypass": ("safe", "model"),
    }
    assert (came.task, came.labels) == ("classification", ("hit", "safe"))


def test_the_threshold_of_the_run_decides():
    came = garak({**SETUP, "run.eval_threshold": 0.1}, BROKEN_BY_TWO)
    assert {each.value for each in came.annotations} == {"hit"}


@pytest.mark.parametrize(
    "prompt", ["say x", message("say x"), conversation(("user", "say x"))], ids=["text", "message", "turns"]
)
def test_garak_prompts_in_three_spellings(prompt):
    came = garak({**BROKEN_BY_TWO, "prompt": prompt, "outputs": ["a", None]})
    assert came.rows["text"].to_pylist() == ["say x"]


def test_turns_are_kept_and_attempts_nobody_judged_have_no_label():
    prompt = conversation(("system", "be kind"), ("user", "go on"))
    came = garak({**BROKEN_BY_TWO, "prompt": prompt, "detector_results": ["names.Alone"], "outputs": []})
    (row,) = came.rows.to_pylist()
    assert row["text"] == "system: be kind\nuser: go on"
    assert row["label"] is None


def test_a_prompt_that_is_a_picture_is_said_to_be_left():
    picture = {**BROKEN_BY_TWO, "uuid": "u2", "prompt": {"text": None, "data_path": "x.png"}}
    came = garak(BROKEN_BY_TWO, picture)
    assert came.rows.num_rows == 1
    assert [str(each) for each in came.lost] == ["prompts: 1 prompts that are no text, such as pictures or sounds"]


def test_a_hit_log_holds_one_item_an_attempt():
    hit = {
        "goal": "g", "prompt": conversation(("user", "p")), "output": message("bad"), "triggers": None, "score": 1.0,
        "run_id": "r", "attempt_id": "a1", "attempt_seq": 0, "attempt_idx": 3, "generator": "test", "probe": "dan.Dan",
        "detector": "dan.DAN", "generations_per_prompt": 5,
    }  # fmt: skip
    came = garak(hit, {**hit, "detector": "other.D"}, {**hit, "attempt_idx": 4}, name="x.hitlog.jsonl")
    (row,) = came.rows.to_pylist()
    assert (row["id"], row["family"], row["label"], row["replies"], row["hits"]) == ("a1", "dan", "hit", 5, 2)
    assert {each.annotator for each in came.annotations} == {"dan.DAN", "other.D"}


def test_other_json_lines_are_refused():
    with pytest.raises(InputError, match=r"line 1 is no line of garak's"):
        garak({"text": "a", "label": "b"})


def score(value, scorer, kind="true_false"):
    return {
        "id": f"{scorer}-{value}", "score_value": value, "score_type": kind, "score_category": ["x"],
        "scorer_class_identifier": {"__type__": scorer}, "timestamp": "2026-03-01T10:00:00", "score_rationale": "",
    }  # fmt: skip


def piece(role, sequence, text, **more):
    return {
        "id": f"{role}{sequence}", "role": role, "conversation_id": "c1", "sequence": sequence, "labels": {"op": "t"},
        "original_value": text, "converted_value": text, "original_value_data_type": "text",
        "converted_value_data_type": "text", "converter_identifiers": [], "response_error": "none",
        "prompt_metadata": {}, "scores": [], **more,
    }  # fmt: skip


def chat(*scores, **more):
    asked = piece("user", 0, "cGF5bG9hZA==", original_value="payload", targeted_harm_categories=["fraud"], **more)
    return [piece("system", 0, "be kind"), asked, piece("assistant", 1, "sure", scores=list(scores))]


def pyrit(pieces):
    return connector("pyrit").read({"export.json": json.dumps(pieces).encode()})


@pytest.mark.parametrize("named", [{"__type__": "Base64Converter"}, {"class_name": "Base64Converter"}])
def test_a_pyrit_export_is_a_prompt_a_user_piece_with_its_reply(named):
    came = pyrit(chat(score("true", "SelfAskTrueFalseScorer"), converter_identifiers=[named]))
    (row,) = came.rows.to_pylist()
    assert row == {
        "id": "user0", "text": "cGF5bG9hZA==", "original": "payload", "converters": "Base64Converter", "attack": None,
        "family": "fraud", "conversation": "c1", "error": "none", "reply": "sure", "label": "hit",
    }  # fmt: skip
    (answer,) = came.annotations
    assert (answer.annotator, answer.value, answer.actor_kind, answer.at.year) == (
        "SelfAskTrueFalseScorer", "hit", "model", 2026,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "scorer", "kind", "label"),
    [
        ("false", "SelfAskTrueFalseScorer", "true_false", "safe"),
        ("0.75", "SelfAskLikertScorer", "float_scale", "hit"),
        ("0.25", "SelfAskLikertScorer", "float_scale", "safe"),
        ("true", "SelfAskRefusalScorer", "true_false", "safe"),
        ("false", "SelfAskRefusalScorer", "true_false", None),
    ],
)
def test_what_a_score_says_depends_on_what_was_asked(value, scorer, kind, label):
    assert pyrit(chat(score(value, scorer, kind))).rows["label"].to_pylist() == [label]


def test_a_csv_export_says_the_same():
    pieces = chat(score("true", "SelfAskTrueFalseScorer"), converter_identifiers=[{"__type__": "Base64Converter"}])
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(pieces[1]))
    writer.writeheader()
    writer.writerows([{name: each.get(name) for name in pieces[1]} for each in pieces])
    came = connector("pyrit").read({"export.csv": sink.getvalue().encode()})
    assert came.rows.to_pylist() == pyrit(pieces).rows.to_pylist()
    assert came.annotations == pyrit(pieces).annotations


def test_cells_of_a_csv_are_never_run():
    head = "id,role,conversation_id,sequence,converted_value,scores\n"
    with pytest.raises(InputError, match="row 1 scores is"):
        connector("pyrit").read({"x.csv": f"{head}1,user,c,0,hi,__import__('os').getcwd()\n".encode()})


def test_pictures_are_said_to_be_left():
    came = pyrit([*chat(), piece("user", 2, "x.png", converted_value_data_type="image_path")])
    assert came.rows.num_rows == 1
    assert came.lost[0].what == "prompts"
