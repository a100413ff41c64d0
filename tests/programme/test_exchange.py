"""Files of other tools in and out of a programme: all or nothing, nobody impersonated, nothing sealed let out."""

import errno
import json
import os
import stat
import zipfile
from dataclasses import replace

import pyarrow as pa
import pytest

from bimetal.errors import InputError, PolicyError, StoreError
from bimetal.programme import queue
from bimetal.programme.config import Said
from bimetal.programme.exchange import Coming, Going, bring, send
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.parcel import Parcel, put
from bimetal.programme.sources import Source, register
from bimetal.store import queue as store

PEOPLE = [("rosa@clinic.org", "c0"), ("bob@clinic.org", "c0"), ("p-0123456789abcdef", "c1")]
VOUCHED = Declared("real", "human")


def tasks(texts=("one", "two"), people=PEOPLE, **more):
    return [
        {
            "id": at,
            "data": {"text": text},
            "annotations": [
                {
                    "id": at * 10 + place,
                    "completed_by": {"email": who},
                    "created_at": "2026-02-01T08:00:00Z",
                    "lead_time": 2.5,
                    "was_cancelled": False,
                    "result": [
                        {"type": "choices", "from_name": "c", "to_name": "t", "value": {"choices": [choice]}},
                    ],
                }
                for place, (who, choice) in enumerate(people)
            ],
            **more,
        }
        for at, text in enumerate(texts, 1)
    ]


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "project.json"
    path.write_text(json.dumps(tasks()))
    return path


def coming(path, **more):
    return replace(Coming("label_studio", path, "clinic", "clinic-texts"), **more)


def held(programme):
    """Everything an import could leave behind."""
    with programme.state.read() as connection:
        jobs = [job.name for job in store.read_jobs(connection)]
    return [each.name for each in programme.datasets()], jobs, len(queue.answers(programme)), programme.log.size


CALM = {"regulated": "no", "stationary": "yes", "transfer": "helps", "licence": "allows", "grounded": "yes"}


def registered(programme):
    """Let no rule bind but those that always do, and register where the texts come from."""
    said = {name: Said(value) for name, value in {**CALM, "cost": "similar"}.items()}
    object.__setattr__(programme.config, "answers", {**programme.config.answers, **said})
    facts = {"collector": "the clinic", "collected": "2025-01-01", "purpose": "research", "basis": "not personal"}
    place = {"personal_data": "none", "geography": "EU", "region": "any", "licence": "CC0-1.0"}
    register(programme, Source("clinic", "public", origin="https://example.org/clinic", **facts, **place))


def test_answers_come_in_under_pseudonyms_as_a_closed_job(programme, export):
    came = bring(programme, coming(export, declared=VOUCHED))
    assert (came.stored.rows, came.answers, came.annotators, came.job) == (2, 6, 3, "clinic-texts")
    given = queue.answers(programme)
    assert {each.actor_kind for each in given} == {"human"}
    assert {each.annotator.rpartition(":")[0] for each in given} == {"imported:clinic"}
    told = json.dumps([str(each) for each in given]) + json.dumps(
        [e.body for e in programme.log.entries()], default=dict
    )
    assert not any(who in told for who, _ in PEOPLE)
    assert {each.seconds for each in given} == {2.5}
    assert {each.at.year for each in given} == {2026}
    rows = programme.snapshots.get(came.stored.digest)
    assert rows["label"].null_count == 2
    assert queue.labelled(programme, "clinic-texts", rows)["label"].to_pylist() == ["c0", "c0"]
    assert queue.waiting(programme, "clinic-texts", 3) == 0


def test_the_same_person_has_the_same_pseudonym_in_a_source_and_another_in_the_next(programme, export, tmp_path):
    again = tmp_path / "again.json"
    again.write_text(json.dumps([{**each, "id": f"n{each['id']}"} for each in tasks(("three", "four"))]))
    bring(programme, coming(export))
    bring(programme, coming(again, name="second"))
    first = {each.annotator for each in queue.answers(programme)}
    assert len(first) == 3
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{**each, "id": f"o{each['id']}"} for each in tasks(("five",))]))
    bring(programme, coming(other, name="third", source="elsewhere"))
    assert len({each.annotator for each in queue.answers(programme)}) == 6


def test_what_nobody_vouches_for_is_not_peoples_work(programme, export):
    came = bring(programme, coming(export))
    assert {each.actor_kind for each in queue.answers(programme)} == {"replayed"}
    assert [each.what for each in came.lost] == ["actor_kind"]
    assert any("undeclared" in each or "origin" in each for each in came.warnings)


def test_a_model_stays_a_model_whatever_is_declared(programme, tmp_path):
    path = tmp_path / "predicted.json"
    result = [{"type": "choices", "from_name": "c", "to_name": "t", "value": {"choices": ["c1"]}}]
    path.write_text(json.dumps([{"data": {"text": "x"}, "predictions": [{"model_version": "net", "result": result}]}]))
    bring(programme, coming(path, declared=VOUCHED))
    assert [each.actor_kind for each in queue.answers(programme)] == ["model"]


def test_the_log_names_the_file_by_its_digest(programme, export):
    bring(programme, coming(export))
    (entry,) = programme.log.entries(action="imported")
    assert entry.body["file"] == Parcel(export).digest()
    assert entry.body["answers"] == 6


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "is empty"),
        (json.dumps(tasks())[:-20], "is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps(tasks() + tasks()), "stands more than once"),
        (json.dumps([*tasks(), {"id": 9, "data": {"text": "z"}, "annotations": [{"result": 7}]}]), "is no list"),
        (json.dumps(tasks(people=[("ana", "c0"), ("ana", "c" * 9000)])), "fault|label|long"),
    ],
)
def test_nothing_is_half_imported(programme, tmp_path, body, message):
    path = tmp_path / "broken.json"
    path.write_text(body)
    before = held(programme)
    with pytest.raises(InputError, match=message):
        bring(programme, coming(path))
    assert held(programme) == before


def test_a_fault_after_the_rows_undoes_the_rows(programme, export, monkeypatch):
    before = held(programme)
    monkeypatch.setattr(queue, "close", lambda *_: (_ for _ in ()).throw(StoreError("the disk is full")))
    with pytest.raises(StoreError):
        bring(programme, coming(export))
    assert held(programme) == before


def test_script_and_formulas_come_in_as_they_are(programme, tmp_path):
    hostile = "<script>alert(1)</script>\n=cmd|' /C calc'!A0"
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(tasks((hostile,))))
    came = bring(programme, coming(path))
    assert programme.snapshots.get(came.stored.digest)["text"].to_pylist() == [hostile]


def zipped(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in entries:
            packed.writestr(name, body)
    return path


def test_a_zip_is_read_within_limits(tmp_path):
    parcel = Parcel(zipped(tmp_path / "good.zip", [("a/b.json", b"[]"), ("__MACOSX/x", b""), (".DS_Store", b"")]))
    assert dict(parcel) == {"a/b.json": b"[]"}
    with pytest.raises(InputError, match="unpacks to"):
        Parcel(zipped(tmp_path / "bomb.zip", [("zeros.json", bytes(40 << 20))]))
    for name in ("../up.json", "/etc/passwd", "a/../../b", "C:/x", "new\nline"):
        with pytest.raises(InputError, match="leads out"):
            Parcel(zipped(tmp_path / "out.zip", [(name, b"[]")]))
    link = zipfile.ZipInfo("link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(InputError, match="holds the link"):
        Parcel(zipped(tmp_path / "link.zip", [(link, b"/etc/passwd")]))
    with pytest.raises(InputError, match="twice"), pytest.warns(UserWarning, match="Duplicate"):
        Parcel(zipped(tmp_path / "twice.zip", [("a", b"1"), ("a", b"2")]))
    (tmp_path / "cut.zip").write_bytes((tmp_path / "good.zip").read_bytes()[:-30])
    with pytest.raises((InputError, KeyError)):
        Parcel(tmp_path / "cut.zip")["a/b.json"]


def test_a_folder_is_read_without_what_links_lead_to(tmp_path):
    (tmp_path / "secret.txt").write_text("s")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.json").write_text("[]")
    assert dict(Parcel(folder)) == {"a.json": b"[]"}
    (folder / "b.json").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InputError, match="leads out"):
        Parcel(folder)
    with pytest.raises(InputError, match="does not exist"):
        Parcel(tmp_path / "absent")


def labelled(programme, name="train-texts", role="train", licence="CC0-1.0"):
    rows = pa.table(
        {
            "id": [f"{name}-{at}" for at in range(3)],
            "text": [f"{name} {at}" for at in range(3)],
            "label": ["c0", "c1", "c2"],
        }
    )
    return add(programme, Arrival(rows, name, role, "clinic", None, licence, VOUCHED))[0]


def test_a_dataset_goes_out_with_its_provenance(programme, tmp_path):
    registered(programme)
    labelled(programme)
    sent = send(programme, Going("csv", tmp_path / "out.csv", dataset="train-texts"))
    text = (tmp_path / "out.csv").read_text()
    assert (sent.rows, sent.answers) == (3, 0)
    assert "CC0-1.0" in text
    assert "human" in text
    (entry,) = programme.log.entries(action="exported")
    assert entry.body["file"] == sent.digest == Parcel(tmp_path / "out.csv").digest()


def test_what_came_in_goes_out_with_its_answers(programme, export, tmp_path):
    registered(programme)
    bring(programme, coming(export, declared=VOUCHED, licence="CC0-1.0"))
    sent = send(programme, Going("label_studio", tmp_path / "out.json", job="clinic-texts"))
    out = json.loads((tmp_path / "out.json").read_text())
    assert sent.answers == 6
    assert [each["data"]["text"] for each in out] == ["one", "two"]
    assert [len(each["annotations"]) for each in out] == [3, 3]
    assert {each["meta"]["bimetal"]["label"] for each in out} == {"c0"}
    assert send(programme, Going("doccano", tmp_path / "files", job="clinic-texts")).answers == 6
    assert len(list((tmp_path / "files").iterdir())) == 3


@pytest.mark.parametrize("form", ["csv", "huggingface", "label_studio", "doccano"])
@pytest.mark.parametrize("purpose", ["train", "share", "serve"])
def test_a_panel_leaves_in_no_format(programme, tmp_path, form, purpose):
    registered(programme)
    labelled(programme, "exam", "panel")
    with pytest.raises(PolicyError, match="panel-sealed"):
        send(programme, Going(form, tmp_path / "out", dataset="exam", purpose=purpose))
    assert not (tmp_path / "out").exists()
    assert [each.body["why"] for each in programme.log.entries(action="export.refused")]


def test_a_job_that_measures_leaves_in_no_format(programme, tmp_path):
    registered(programme)
    stored = labelled(programme)
    job = store.Job("exam", "panel", dataset="train-texts", snapshot=stored.digest, raters=2)
    queue.open_job(programme, job, [store.Item("train-texts-0", origin="real")])
    with pytest.raises(PolicyError, match="panel-sealed"):
        send(programme, Going("csv", tmp_path / "out.csv", job="exam"))


def test_an_unknown_licence_does_not_leave(programme, export, tmp_path):
    bring(programme, coming(export, declared=VOUCHED))
    for going in (
        Going("csv", tmp_path / "o.csv", job="clinic-texts"),
        Going("csv", tmp_path / "o.csv", dataset="clinic-texts"),
    ):
        with pytest.raises(PolicyError):
            send(programme, going)
    assert not (tmp_path / "o.csv").exists()


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")

    def pieces():
        yield "answers.csv", b"new"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StoreError, match="is full"):
        put(target, pieces())
    assert target.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]
    put(target, [("answers.csv", b"new"), ("answers.csv", b"er")])
    assert target.read_bytes() == b"newer"


def test_several_files_make_a_folder_or_a_zip(tmp_path):
    pieces = [("data.yaml", b"x"), ("images/1.png", b"p"), ("labels/1.txt", b"")]
    put(tmp_path / "set", pieces)
    assert dict(Parcel(tmp_path / "set")) == dict(pieces)
    put(tmp_path / "set.zip", pieces)
    assert dict(Parcel(tmp_path / "set.zip")) == dict(pieces)
    with pytest.raises(StoreError, match="folder with files"):
        put(tmp_path / "set", pieces)
    with pytest.raises(InputError, match="leads out"):
        put(tmp_path / "other", [("../x", b"")])


def test_boxes_come_in_as_datasets_hold_them_and_go_out_again(programme, tmp_path):
    from PIL import Image

    folder = tmp_path / "coco"
    (folder / "images").mkdir(parents=True)
    for name, size in (("a", (20, 10)), ("b", (8, 8))):
        Image.new("L", size).save(folder / "images" / f"{name}.png")
    shapes = [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 5.5, 6], "iscrowd": 0}]
    images = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}]
    body = {"images": images, "annotations": shapes, "categories": [{"id": 7, "name": "c0"}]}
    (folder / "instances.json").write_text(json.dumps(body))
    registered(programme)
    vouched = {"declared": VOUCHED, "licence": "CC0-1.0", "role": "train"}
    came = bring(programme, replace(Coming("coco", folder, "clinic", "things"), **vouched))
    rows = programme.snapshots.get(came.stored.digest)
    assert rows["label"].to_pylist() == [[{"x0": 1.0, "y0": 2.0, "x1": 6.5, "y1": 8.0, "label": "c0"}], []]
    assert rows["label_origin"].to_pylist() == ["human", "human"]
    send(programme, Going("coco", tmp_path / "out.zip", dataset="things", purpose="train"))
    out = json.loads(Parcel(tmp_path / "out.zip")["annotations.json"])
    assert [each["bbox"] for each in out["annotations"]] == [[1, 2, 5.5, 6]]
