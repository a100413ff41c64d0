"""Files as other tools write them, by hand from their documentation, and what ours look like to those tools."""

import json

import exchanges as made
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bimetal.errors import InputError
from bimetal.plugins import UNTIMED, Exchange, Spec, make


def connector(name, **args):
    return make(Spec("connectors", name, args))


def studio(*tasks, **files):
    return connector("label_studio").read({"project.json": json.dumps(tasks).encode(), **files})


def regions(*values, kind="labels", **frame):
    body = [
        {"id": f"r{at}", "type": kind, "from_name": "l", "to_name": "t", **frame, "value": v}
        for at, v in enumerate(values)
    ]
    return {
        "annotations": [{"id": 1001, "completed_by": 10, "was_cancelled": False, "lead_time": 4.288, "result": body}]
    }


def test_label_studio_as_its_guide_shows_it():
    value = {
        "height": 10.458911419423693,
        "rectanglelabels": ["Moonwalker"],
        "rotation": 0,
        "width": 12.4,
        "x": 50.8,
        "y": 5.869797225186766,
    }
    task = {
        "id": 1,
        "data": {"image": "/data/upload/1/moon.png"},
        **regions(value, kind="rectanglelabels", original_width=500, original_height=937),
    }
    task["predictions"] = [{"model_version": "model 1", "result": task["annotations"][0]["result"]}, 7]
    came = (
        studio(task, **{"moon.png": made.picture(1, 500, 937)})
        if False
        else studio(task, **{"data/upload/1/moon.png": made.picture(1, 500, 937)})
    )
    person, model = came.annotations
    assert came.task == "boxes"
    assert json.loads(person.value) == [{"x0": 254, "y0": 55, "x1": 316, "y1": 153, "label": "Moonwalker"}]
    assert (person.annotator, person.seconds, person.actor_kind) == ("user 10", 4.288, "human")
    assert (model.annotator, model.actor_kind, model.value) == ("model 1", "model", person.value)


@pytest.mark.parametrize(("start", "end"), [(4, 8), (5, 9)], ids=["code points", "utf-16"])
def test_label_studio_offsets_are_told_apart_by_the_text_they_carry(start, end):
    came = studio(
        {"data": {"text": "Hi 😀Łódź"}, **regions({"start": start, "end": end, "text": "Łódź", "labels": ["LOC"]})}
    )
    assert json.loads(came.annotations[0].value) == [{"start": 4, "end": 8, "label": "LOC"}]


def test_label_studio_spans_that_stand_nowhere_are_refused():
    with pytest.raises(InputError, match="does not stand there"):
        studio({"data": {"text": "Hi"}, **regions({"start": 0, "end": 2, "text": "Ho", "labels": ["X"]})})


def test_label_studio_skips_ratings_and_other_results():
    rated = regions({"rating": 4}, kind="rating")
    rated["annotations"][0]["result"].append({"type": "relation", "from_id": "a", "to_id": "b"})
    skipped = {"annotations": [{"was_cancelled": True, "completed_by": {"email": "x@y.z"}, "result": []}]}
    came = studio({"data": {"text": "a"}, "id": 1, **rated}, {"data": {"text": "b"}, "id": 2, **skipped})
    assert came.task == "score"
    assert [(each.value, each.status) for each in came.annotations] == [("4", "submitted"), (None, "skipped")]
    assert came.annotations[1].annotator == "x@y.z"
    assert "relation" in came.lost[0].words


def test_label_studio_rankings_pairs_and_keypoints():
    ranked = studio({"data": {"text": "x"}, **regions({"ranker": {"rank": ["b", "a"]}}, kind="ranker")})
    assert ranked.annotations[0].value == '[["b"],["a"]]'
    paired = studio({"data": {"text_a": "x", "text_b": "y"}, **regions({"selected": "right"}, kind="pairwise")})
    assert paired.annotations[0].value == "b"
    point = {"x": 49.6, "y": 50, "width": 0.67, "keypointlabels": ["nose"]}
    pointed = studio(
        {"data": {"image": "a.png"}, **regions(point, kind="keypointlabels", original_width=1000, original_height=10)},
        **{"a.png": made.picture(1, 1000, 10)},
    )
    assert json.loads(pointed.annotations[0].value) == [{"points": {"nose": [496, 5]}, "label": ""}]


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "C:\\secret.png", "a/../../b.png"])
@pytest.mark.parametrize("form", ["coco", "label_studio"])
def test_a_picture_outside_the_folder_is_never_read(name, form):
    secret = {"secret.png": made.picture(1), "/etc/passwd": b"root", "../secret.png": b"s", "b.png": b"s"}
    if form == "coco":
        body = {"images": [{"id": 1, "file_name": name}], "categories": [{"id": 1, "name": "x"}], "annotations": []}
        files = {"a.json": json.dumps(body).encode(), **secret}
    else:
        files = {"a.json": json.dumps([{"data": {"image": name}}]).encode(), **secret}
    with pytest.raises(InputError, match="leads out"):
        connector(form).read(files)


def test_nothing_is_fetched():
    with pytest.raises(InputError, match="nothing is fetched"):
        studio({"data": {"image": "https://example.org/a.png"}})


# The expected file is written by hand after https://cocodataset.org/#format-data.
def test_coco_is_written_as_its_format_says():
    rows = pa.table(
        {
            "id": ["a/b"],
            "image": pa.array([made.picture(1, 40, 30)], pa.large_binary()),
            "label": [made.spelled([{"points": [[1, 2], [11, 2], [11, 7]], "label": "cat"}])],
            "licence": ["MIT"],
        }
    )
    files = made.gathered(connector("coco").write(Exchange(rows, "polygons", ("cat",))))
    assert json.loads(files["annotations.json"]) == {
        "images": [{"id": 1, "file_name": "a%2Fb.png", "width": 40, "height": 30, "license": 1}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "iscrowd": 0,
                "segmentation": [[1, 2, 11, 2, 11, 7]],
                "bbox": [1, 2, 10, 5],
                "area": 25,
            }
        ],
        "categories": [{"id": 1, "name": "cat", "supercategory": ""}],
        "licenses": [{"id": 1, "name": "MIT", "url": ""}],
    }
    assert sorted(files) == ["annotations.json", "images/a%2Fb.png"]


def coco(annotations, **args):
    body = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 3, "name": "cat", "keypoints": ["nose", "tail"]}],
        "annotations": annotations,
    }
    return connector("coco", **args).read({"a.json": json.dumps(body).encode(), "images/a.png": made.picture(1)})


def test_coco_crowds_are_said_to_be_lost_and_masks_refused():
    box = {"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "iscrowd": 0}
    crowd = {**box, "id": 2, "iscrowd": 1, "segmentation": {"counts": [5, 3], "size": [30, 40]}}
    came = coco([box, crowd])
    assert [each.what for each in came.lost] == ["crowd regions"]
    assert json.loads(came.rows["label"][0].as_py()) == [{"x0": 1, "y0": 2, "x1": 4, "y1": 6, "label": "cat"}]
    mask = {**crowd, "iscrowd": 0}
    with pytest.raises(InputError, match="is a mask"):
        coco([mask])
    assert coco([mask], task="boxes").rows.num_rows == 1
    pointed = coco([{**box, "keypoints": [5, 6, 2, 0, 0, 0]}])
    assert json.loads(pointed.rows["label"][0].as_py()) == [{"points": {"nose": [5, 6]}, "label": "cat"}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bbox": [1, 2, -3, 4]}, "expected x, y"),
        ({"bbox": [1, 2, 3]}, "expected x, y"),
        ({"bbox": ["1", 2, 3, 4]}, "expected a number"),
        ({"image_id": 9}, "not listed"),
        ({"category_id": 9}, "not listed"),
    ],
)
def test_coco_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        coco([{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], **change}])


@pytest.mark.parametrize(
    "yaml",
    [
        "names: [cat, 'd og']",
        'nc: 2\nnames:\n  0: cat\n  1: "d og"\n',
        "names:\n- cat\n- d og\ntrain: x",
        "names: {0: cat, 1: d og}",
    ],
)
def test_yolo_names_in_every_usual_spelling(yaml):
    files = {
        "data.yaml": yaml.encode(),
        "images/t/a.png": made.picture(1, 40, 30),
        "labels/t/a.txt": b"1 0.5 0.5 0.25 0.2\n",
    }
    came = connector("yolo").read({**files, "images/t/b.png": made.picture(2)})
    assert came.labels == ("cat", "d og")
    assert came.rows["id"].to_pylist() == ["t/a", "t/b"]
    assert json.loads(came.rows["label"][0].as_py()) == [{"x0": 15, "y0": 12, "x1": 25, "y1": 18, "label": "d og"}]
    assert came.rows["label"][1].as_py() is None


@pytest.mark.parametrize(
    "line",
    ["0 nan 0 0 0", "0 2 0 1 1", "9 .5 .5 .1 .1", "0 .5 .5", "0 .5 .5 .1 .1 .9", "x .5 .5 .1 .1", "0.5 .5 .5 .1 .1"],
)
def test_yolo_lines_that_make_no_sense_are_refused(line):
    files = {"data.yaml": b"names: [cat]", "images/a.png": made.picture(1), "labels/a.txt": line.encode()}
    with pytest.raises(InputError, match=r"labels/a.txt line 1"):
        connector("yolo").read(files)


@pytest.mark.parametrize(
    "tags",
    ["B-PER I-PER O B-LOC", "B-PER E-PER O S-LOC", "B-PER L-PER O U-LOC", "I-PER I-PER O I-LOC"],
    ids=["BIO", "BIOES", "BILOU", "IOB1"],
)
def test_conll_in_every_usual_tagging(tags):
    lines = [f"{token} NNP {tag}" for token, tag in zip(["Ana", "Ruiz", "visits", "Paris"], tags.split(), strict=True)]
    came = connector("conll").read({"a.conll": ("-DOCSTART- -X- O\n\n" + "\r\n".join(lines) + "\n\n").encode()})
    spans = [{"start": 0, "end": 8, "label": "PER"}, {"start": 16, "end": 21, "label": "LOC"}]
    assert came.rows["text"].to_pylist() == ["Ana Ruiz visits Paris"]
    assert json.loads(came.rows["label"][0].as_py()) == spans


def test_conll_tokens_never_split_what_a_reader_sees_as_one():
    text = "น้ำ👩‍👩‍👧x é, 🇹🇭🇻🇳"
    rows = pa.table({"id": ["1"], "text": [text], "label": ["[]"]})
    written = made.gathered(connector("conll").write(Exchange(rows, "spans")))["texts.conll"].decode()
    assert [line.split()[0] for line in written.splitlines() if line] == ["น้ำ", "👩‍👩‍👧", "x", "é", ",", "🇹🇭", "🇻🇳"]


def test_conll_keeps_the_longer_of_nested_spans_and_says_so():
    nested = made.spelled([{"start": 0, "end": 8, "label": "A"}, {"start": 4, "end": 8, "label": "B"}])
    sent = Exchange(pa.table({"id": ["1"], "text": ["Ana Ruiz"], "label": [nested]}), "spans")
    assert "1 spans" in next(each.words for each in connector("conll").lost(sent) if each.what == "nested spans")
    assert made.gathered(connector("conll").write(sent)) == {"texts.conll": b"Ana B-A\nRuiz I-A\n\n"}


def test_doccano_as_it_exports():
    lines = [{"id": 1, "text": "EU rejects", "label": [[0, 2, "ORG"]], "Comments": []}]
    came = connector("doccano").read({"all.jsonl": json.dumps(lines[0]).encode()})
    assert (came.task, came.rows["id"].to_pylist(), came.annotations) == ("spans", ["1"], ())
    entity = {
        "id": 1,
        "text": "EU",
        "entities": [{"id": 7, "label": "ORG", "start_offset": 0, "end_offset": 2}],
        "relations": [],
    }
    two = {"ann.jsonl": json.dumps(entity).encode(), "bob.jsonl": json.dumps(entity).encode()}
    assert [each.annotator for each in connector("doccano").read(two).annotations] == ["ann", "bob"]
    sequence = json.dumps({"id": 1, "text": "a", "label": ["b"]}).encode()
    assert connector("doccano", task="text").read({"all.jsonl": sequence}).task == "text"


def test_prodigy_as_it_exports():
    lines = [
        {
            "text": "a",
            "_input_hash": -5,
            "label": "SPAM",
            "answer": "accept",
            "_annotator_id": "s-ann",
            "_timestamp": 1700000000,
        },
        {"text": "b", "_input_hash": 6, "label": "SPAM", "answer": "reject", "_session_id": "s"},
        {"text": "c", "_input_hash": 7, "label": "SPAM", "answer": "ignore", "_session_id": "s"},
    ]
    came = connector("prodigy").read({"d.jsonl": "\n".join(map(json.dumps, lines)).encode()})
    told = [(each.item, each.annotator, each.value, each.status, each.reason) for each in came.annotations]
    assert told == [
        ("-5", "s-ann", "SPAM", "submitted", ""),
        ("6", "s", None, "skipped", "rejected"),
        ("7", "s", None, "skipped", "ignored"),
    ]
    assert (came.annotations[0].at.year, came.annotations[1].at) == (2023, UNTIMED)


def test_trl_writes_what_trainers_read_and_draws_the_sides_from_the_texts():
    files = made.gathered(connector("trl").write(made.exchange("pairs", answered=False)))
    lines = [json.loads(line) for line in files["preferences.jsonl"].splitlines()]
    assert len(lines) == 3
    assert {"prompt", "chosen", "rejected"} <= set(lines[0])
    turned = [{"prompt": str(at), "chosen": "x", "rejected": "y"} for at in range(400)]
    sides = connector("trl").read({"p.jsonl": "\n".join(map(json.dumps, turned)).encode()}).rows["label"].to_pylist()
    assert 140 < sides.count("a") < 260
    other = [{**each, "chosen": "y", "rejected": "x"} for each in turned]
    mirrored = connector("trl").read({"p.jsonl": "\n".join(map(json.dumps, other)).encode()}).rows
    assert all(a != b for a, b in zip(sides, mirrored["label"].to_pylist(), strict=True))


def test_trl_reads_unpaired_and_conversational_preferences():
    kto = [{"prompt": "p", "completion": "c", "label": True}, {"prompt": "q", "completion": "d", "label": False}]
    came = connector("trl").read({"k.jsonl": "\n".join(map(json.dumps, kto)).encode()})
    assert (came.task, came.rows["label"].to_pylist()) == ("classification", ["good", "bad"])
    turn = [{"role": "user", "content": "hi"}]
    said = {
        "prompt": turn,
        "chosen": [{"role": "assistant", "content": "x"}],
        "rejected": [*turn, {"role": "assistant", "content": "y"}],
    }
    came = connector("trl").read({"k.jsonl": json.dumps(said).encode()})
    assert {came.rows["text_a"][0].as_py(), came.rows["text_b"][0].as_py()} == {"x", "user: hi\n\nassistant: y"}
    assert came.lost[0].what == "roles"


def test_hugging_face_features_are_those_of_datasets():
    files = made.gathered(connector("huggingface").write(made.exchange("classification")))
    ((name, raw),) = files.items()
    table = pq.read_table(pa.BufferReader(raw))
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert name == "data/train-00000-of-00001.parquet"
    assert features["label"] == {"names": ["=dog", "cat", "dog, wild"], "_type": "ClassLabel"}
    assert features["text"] == {"dtype": "string", "_type": "Value"}
    assert features["answers"][0]["seconds"] == {"dtype": "float64", "_type": "Value"}
    assert table["label"].to_pylist() == [1, 2, 1, 0, None]
    boxes = pq.read_table(
        pa.BufferReader(next(iter(made.gathered(connector("huggingface").write(made.exchange("boxes"))).values())))
    )
    assert json.loads(boxes.schema.metadata[b"huggingface"])["info"]["features"]["image"] == {"_type": "Image"}
    assert set(boxes["image"][0].as_py()) == {"bytes", "path"}


def test_hugging_face_datasets_of_others_are_read():
    rows = pa.table({"text": ["a", "b"], "label": [1, -1], "answers": [{"text": ["x"]}, {"text": []}]})
    meta = {
        "huggingface": json.dumps({"info": {"features": {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}})
    }
    sink = pa.BufferOutputStream()
    pq.write_table(rows.replace_schema_metadata(meta), sink)
    came = connector("huggingface").read({"train.parquet": sink.getvalue().to_pybytes()})
    assert came.rows["label"].to_pylist() == ["yes", None]
    assert (came.labels, came.annotations) == (("no", "yes"), ())


def test_formulas_are_kept_as_they_are_unless_a_spreadsheet_shall_open_them():
    sent = made.exchange("text")
    exact = made.gathered(connector("csv").write(sent))["answers.csv"].decode()
    assert ",=1+1," in exact
    guarded = connector("csv", spreadsheet=True)
    written = made.gathered(guarded.write(sent))["answers.csv"].decode()
    assert "'=1+1" in written
    assert ",=" not in written
    assert {each.value for each in guarded.read({"a.csv": written.encode()}).annotations} == {
        each.value for each in sent.annotations
    }


def test_csv_of_others_is_read():
    body = b"id,text,age,zip,label,annotator\r\n007,x,33,007,cat,ann\r\n007,x,33,007,dog,bob\r\n8,y,,08,,\r\n"
    came = connector("csv").read({"a.csv": body})
    assert came.rows.to_pylist() == [
        {"id": "007", "text": "x", "age": 33, "zip": "007"},
        {"id": "8", "text": "y", "age": None, "zip": "08"},
    ]
    assert [(each.annotator, each.value) for each in came.annotations] == [("ann", "cat"), ("bob", "dog")]
    with pytest.raises(InputError, match="stands twice"):
        connector("csv").read({"a.csv": b"id,text\n1,x\n1,x\n"})
    with pytest.raises(InputError, match="differently"):
        connector("csv").read({"a.csv": b"id,text,annotator,label\n1,x,a,l\n1,y,b,l\n"})
    with pytest.raises(InputError, match="is no CSV"):
        connector("csv").read({"a.csv": b"id,text\n1,x,3\n"})


def test_an_answer_changed_in_label_studio_is_no_longer_its_first_authors():
    sent, plugin = made.exchange("classification"), connector("label_studio")
    tasks = json.loads(made.gathered(plugin.write(sent))["tasks.json"])
    changed = tasks[0]["annotations"][0]
    changed["result"][0]["value"]["choices"] = ["=dog"]
    changed["completed_by"] = 7
    tasks[0]["predictions"] = [12]  # as an export lists them
    came = {each.id: each for each in studio(*tasks).annotations}
    assert "x0" not in came
    assert {each.annotator for each in came.values() if each.value == "=dog" and each.item.startswith("item/0")} == {
        "user 7"
    }
    assert (came["y0"].annotator, came["m0"].value) == ("bob", "cat")
