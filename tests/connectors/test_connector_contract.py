"""What every connector on the shelf keeps to; a new file there is picked up by itself."""

import json
from dataclasses import replace

import exchanges as made
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.plugins import UNTIMED, Exchange, Spec, make, names, spec_of
from bimetal.types import Annotation

CONNECTORS = names("connectors")
PLAIN = Annotation("", "", "", "human", "", UNTIMED)


def connector(name, **args):
    return make(Spec("connectors", name, args))


CASES = [(name, task) for name in CONNECTORS for task in connector(name).tasks]
KINDS = [(True, True), (True, False), (False, True)]


def without_spaces(text, spans):
    """Move spans to where they are once all spaces are gone."""
    at = [sum(not sign.isspace() for sign in text[:end]) for end in range(len(text) + 1)]
    moved = [
        {"start": at[each["start"]], "end": at[each["end"]], "label": each["label"].replace(" ", "_")} for each in spans
    ]
    return "".join(text.split()), moved


def told(exchange, lost):
    """Spell an exchange without what was declared lost, so that two can be compared."""
    gone = {each.what for each in lost}
    rows = [
        {key: value for key, value in row.items() if value is not None and key not in gone}
        for row in exchange.rows.to_pylist()
        if not ("unlabelled" in gone and row.get("label") is None)
        and not ("ties" in gone and row.get("label") == "tie")
    ]
    for row in rows:
        if "spaces" in gone:
            row["text"], spans = without_spaces(row["text"], json.loads(row["label"]))
            row["label"] = json.dumps(spans)
        if "order" in gone and row["label"] == "b":
            row |= {"text_a": row["text_b"], "text_b": row["text_a"], "label": "a"}
        if "ids" in gone:
            row.pop("id")
    if "answers" in gone:
        return rows, set()
    answers = set()
    for each in exchange.annotations:
        if "status" in gone and each.status == "skipped":
            continue
        blank = {field: getattr(PLAIN, field) for field in gone & set(PLAIN.__dataclass_fields__)}
        answers.add(replace(each, **blank, **({"id": ""} if "annotation" in gone else {})))
    return rows, answers


@pytest.mark.parametrize(("answered", "labels"), KINDS, ids=["both", "answers", "labels"])
@pytest.mark.parametrize(("name", "task"), CASES)
def test_what_is_written_reads_back_but_for_what_is_said_to_be_lost(name, task, answered, labels):
    sent, plugin = made.exchange(task, answered=answered, labels=labels), connector(name)
    lost = plugin.lost(sent)
    if "unlabelled" in {each.what for each in lost} and not labels:
        assert not {each for each in made.gathered(plugin.write(sent)) if each.startswith("images/")}
        return
    came = plugin.read(made.gathered(plugin.write(sent)))
    rows, answers = told(sent, lost)
    again, said = told(came, lost)
    assert sorted(again, key=str) == sorted(rows, key=str)
    assert said == answers
    assert came.task == task
    assert set(came.labels) == set(sent.labels)
    assert [each.what for each in lost] == sorted({each.what for each in lost}, key=[e.what for e in lost].index)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_writing_twice_gives_the_same_bytes_and_again_the_same(name, task):
    sent, plugin = made.exchange(task), connector(name)
    first = made.gathered(plugin.write(sent))
    assert made.gathered(plugin.write(sent)) == first
    came = plugin.read(first)
    settled = made.gathered(plugin.write(came))
    assert made.gathered(plugin.write(plugin.read(settled))) == settled


@pytest.mark.parametrize(("name", "task"), CASES)
def test_files_are_named_inside_their_folder(name, task):
    hostile = made.exchange(task)
    ids = pa.array([f"../../{at}/<img src=x>" for at in range(5)])
    hostile = replace(hostile, rows=hostile.rows.set_column(0, "id", ids), annotations=())
    for file in made.gathered(connector(name).write(hostile)):
        assert not file.startswith("/")
        assert ".." not in file.split("/")
        assert file.isprintable()


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_task_without_a_spelling_is_refused(name):
    plugin = connector(name)
    for task in set(made.VALUES) - set(plugin.tasks):
        with pytest.raises(InputError, match=f"cannot spell {task}"):
            list(plugin.write(made.exchange(task)))


def broken(name):
    """Give files a stranger may send, made of what the connector itself writes."""
    plugin = connector(name)
    good = made.gathered(plugin.write(made.exchange(plugin.tasks[0])))
    main = next(each for each in good if not each.startswith(("images/", "labels/")))
    raw = good[main]
    yield "nothing", {}
    yield "another kind", {"notes.pdf": b"%PDF-1.4"}
    yield "empty", {**good, main: b""}
    yield "blank", {**good, main: b" \n\n"}
    yield "utf-16", {**good, main: "names: [a]\nid,text\n{}".encode("utf-16")}
    yield "latin-1", {**good, main: "id,text\n1,caf\xe9\n".encode("latin-1")}
    yield "garbage", {**good, main: bytes(range(256)) * 20}
    yield "deep", {**good, main: b"[" * 100_000 + b"]" * 100_000}
    yield "deep objects", {**good, main: b'{"text":' * 100_000 + b"1" + b"}" * 100_000}
    if name not in {"conll", "yolo", "csv"}:
        yield "truncated", {**good, main: raw[: len(raw) * 2 // 3].rstrip()[:-3]}
        yield "a number", {**good, main: b"17"}
        yield "nan", {**good, main: b'[{"id": NaN, "text": NaN}]'}
        yield "infinite", {**good, main: b'{"id": 1e999, "text": "x", "label": ["y"]}'}
        yield "digits", {**good, main: b'{"id": ' + b"9" * 10_000 + b"}"}
        yield "half a character", {**good, main: b'{"id": 1, "text": "\\ud800", "label": ["x"], "answer": "accept"}'}


HOSTILE = [(name, kind, files) for name in CONNECTORS for kind, files in broken(name)]


@pytest.mark.parametrize(("name", "files"), [(n, f) for n, _, f in HOSTILE], ids=[f"{n}-{k}" for n, k, _ in HOSTILE])
def test_what_cannot_be_read_is_refused_with_one_sentence_and_an_instruction(name, files):
    with pytest.raises(InputError) as refused:
        connector(name).read(files)
    assert "\n" not in str(refused.value)
    assert refused.value.hint
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("name", CONNECTORS)
def test_the_spec_replays(name):
    assert make(spec_of(connector(name))) == connector(name)


@pytest.mark.parametrize("name", CONNECTORS)
def test_nothing_is_said_to_be_lost_of_nothing(name):
    task = connector(name).tasks[0]
    bare = Exchange(pa.table({"id": ["1"], **{key: value[:1] for key, value in made.payload(task).items()}}), task)
    kept = {each.what for each in connector(name).lost(bare)}
    assert not kept & {"annotator", "at", "seconds", "licence", "source", "answers", "comment"}


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5), st.just([]), st.just({}), st.just([[]]), st.just({"x": 1}), st.just("a\nb"), st.just(["a", "b"]),
)  # fmt: skip


def spoiled(value, steps, junk):
    """Put junk somewhere into a JSON value, found by following steps."""
    if not steps or not isinstance(value, dict | list) or not value:
        return junk
    keys = sorted(value) if isinstance(value, dict) else range(len(value))
    key = keys[steps[0] % len(keys)]
    whole = dict(value) if isinstance(value, dict) else list(value)
    whole[key] = spoiled(value[key], steps[1:], junk)
    return whole


GOOD = {case: made.gathered(connector(case[0]).write(made.exchange(case[1]))) for case in CASES}


def refusal(plugin, files):
    """Return how a file was refused, None where it was read; anything else that is raised is a fault."""
    try:
        plugin.read(files)
    except InputError as refused:
        return refused
    return None


JSONS = [(name, task) for name, task in CASES if name not in {"conll", "yolo", "csv", "huggingface"}]


@pytest.mark.parametrize(("name", "task"), JSONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.integers(0, 40), min_size=1, max_size=9), junk=JUNK)
def test_a_spoiled_file_is_read_or_refused_and_nothing_else(name, task, steps, junk):
    files = GOOD[name, task]
    main = next(each for each in files if each.endswith((".json", ".jsonl")))
    if main.endswith(".json"):
        raw = json.dumps(spoiled(json.loads(files[main]), steps, junk))
    else:
        lines = [json.loads(line) for line in files[main].splitlines()]
        raw = (
            "\n".join(json.dumps(line) for line in spoiled(lines, steps, junk) or [] if line is not None)
            if len(steps) > 1
            else "1"
        )
    fault = refusal(connector(name), {**files, main: raw.encode()})
    assert fault is None or (fault.hint and "\n" not in str(fault))


@pytest.mark.parametrize("name", ["conll", "yolo", "csv", "huggingface"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_file_with_spoiled_bytes_is_read_or_refused_and_nothing_else(name, data):
    files = GOOD[name, connector(name).tasks[0]]
    main = data.draw(st.sampled_from(sorted(files)))
    raw = bytearray(files[main])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    fault = refusal(connector(name), {**files, main: bytes(raw)})
    assert fault is None or fault.hint
