"""Every command as a person types it: JSON alone on standard output, one sentence for a fault, the exit codes."""

import json
import shutil

import pyarrow.csv
import pytest

from bimetal.cli import COMMANDS


@pytest.fixture
def programme(run, tmp_path):
    assert run("init", "forms").returncode == 0
    return tmp_path / "forms"


def told(done) -> object:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(run, name):
    done = run(name, "--help")
    assert done.returncode == 0
    assert "Example: bimetal" in " ".join(done.stdout.split())


def test_init_decide_add_release_log(run, programme, blobs, tmp_path):
    pyarrow.csv.write_csv(blobs(20), tmp_path / "rows.csv")
    where = ("--dir", str(programme), "--json")
    assert told(run("decide", *where))["strategy"] == "measure first"
    added = told(run("add", "rows.csv", "--role", "train", "--source", "archive", *where))
    assert (added["rows"], len(added["warnings"])) == (20, 4)
    refused = run("release", "rows", "--for", "train", *where)
    assert refused.returncode == 1
    assert "rule origin-known" in refused.stderr
    facts = ("--kind", "public", "--origin", "an archive", "--personal-data", "none", "--licence", "CC0-1.0")
    told(run("source", "add", "archive", *facts, *where))
    vouched = ("--declare", "real,human", "--name", "vouched")
    assert told(run("add", "rows.csv", "--role", "train", "--source", "archive", *vouched, *where))["warnings"] == []
    assert run("release", "vouched", "--for", "share", *where).returncode == 1
    word = ("--by", "Ana Ruiz", "--reason", "nothing contested here", "--until", "2099-12-31")
    told(run("waive", "boundary-human", "--dataset", "vouched", *word, *where))
    left = told(run("release", "vouched", "--for", "share", "-o", str(tmp_path / "left.parquet"), *where))
    assert (left["for"], left["rows"], list(left["waived"])) == ("share", 20, ["boundary-human"])
    assert (tmp_path / "left.parquet").exists()
    verified = told(run("log", "verify", *where))
    assert verified["verified"]
    actions = [entry["action"] for entry in told(run("log", "show", *where))]
    assert actions == [
        "programme.created",
        "decided",
        "dataset.added",
        "release.refused",
        "source.registered",
        "dataset.added",
        "release.refused",
        "waived",
        "checked",
        "released",
    ]
    assert told(run("log", "prove", "1", *where))["seq"] == 1


def test_an_auditor_verifies_a_copy_of_the_log_with_the_public_key(run, programme, tmp_path):
    key = told(run("log", "key", "--dir", str(programme), "--json"))["key"]
    shutil.copytree(programme / ".bimetal" / "log", tmp_path / "copy")
    assert told(run("log", "verify", "--copy", "copy", "--key", key, "--json"))["size"] == 1
    bundle = tmp_path / "copy" / "tile" / "entries" / "000.p" / "1"
    bundle.chmod(0o644)
    bundle.write_bytes(bundle.read_bytes().replace(b"created", b"deleted"))
    done = run("log", "verify", "--copy", "copy", "--key", key)
    assert done.returncode == 3
    assert "entry 0 (programme.deleted" in done.stderr
    assert run("log", "verify", "--copy", "copy").returncode == 2


def test_generate_favours_a_slice_and_previews(run, tmp_path):
    ones = told(run("generate", "digits", "--set", "size=8", "--target", "label=1:1", "--preview", "--json"))
    assert {each["label"] for each in ones["rows"]} == {"1"}
    looked = run("generate", "digits", "-n", "99999", "--preview", "-o", "look.html", "--target", "label=1:1")
    assert "99,999 would take" in looked.stdout
    assert (tmp_path / "look.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_generate_then_check(run, tmp_path):
    done = told(run("generate", "digits", "-n", "40", "-o", "made.parquet", "--set", "size=8", "--json"))
    assert done["rows"] == 40
    found = told(run("check", "made.parquet", "--only", "audit_gap", "--only", "licence", "--json"))
    assert {each["verdict"] for each in found} == {"pass"}


def test_tables_come_from_standard_input(run, programme):
    done = run("add", "-", "--role", "pool", "--source", "pipe", "--dir", str(programme), stdin=b"id,x\na,1\nb,2\n")
    assert done.returncode == 0, done.stderr


FAULTS = [
    (("generate", "digit", "-n", "1", "-o", "x.parquet"), 2, "no generator is called 'digit'; did you mean 'digits'"),
    (("generate", "digits", "-n", "1", "-o", "x.xlsx"), 2, "x.xlsx ends in .xlsx"),
    (("generate", "digits", "-n", "-1", "-o", "x.parquet"), 2, "-1"),
    (("generate", "digits", "-n", "1", "-o", "x.csv"), 2, "column 'image' holds bytes"),
    (("generate", "digits", "-n", "1", "-o", "x.parquet", "--set", "colour=red"), 2, "takes no argument 'colour'"),
    (("generate", "digits", "-n", "1", "-o", "x.parquet", "--set", "size"), 2, "write NAME=VALUE"),
    (
        ("generate", "grammar", "-n", "1", "-o", "x.csv", "--set", "grammar=@no"),
        2,
        "--set got @no, which cannot be read",
    ),
    (("generate", "digits", "-o", "x.parquet"), 2, "digits was asked for no number of rows"),
    (("generate", "digits", "-n", "1", "-o", "x.parquet", "--target", "label=7"), 2, "write COLUMN=VALUE:SHARE"),
    (("generate", "digits", "-n", "1", "-o", "x.parquet", "--target", "label=x:.5"), 2, "label is never 'x' here"),
    (("generate", "digits", "--preview", "-o", "x.parquet"), 2, "name a file ending in .html or .md"),
    (("generate", "digits", "-n", "1", "-o", "nowhere/x.parquet"), 3, "nowhere/x.parquet cannot be written"),
    (("decide", "--dir", "nowhere"), 2, "is not a programme"),
    (("check", "missing.csv"), 2, "missing.csv does not exist"),
    (("pilot", "missing.csv"), 2, "needs --synthetic"),
    (("pilot", "missing.csv", "--out", "nowhere/page.html"), 3, "nowhere/page.html cannot be written: its folder"),
    (("pilot", "--sizes", "5,10", "--rng-seed", "0"), 2, "--sizes, --rng-seed without a TABLE"),
    (("pilot", "--target", "0.9", "--label", "label"), 2, "its [pilot] table"),
    (("list", "shelfs"), 2, "no shelf is called 'shelfs'"),
    (("demo", "cars"), 2, "no demo is called 'cars'"),
    (("frobnicate",), 2, "No such command"),
]


@pytest.mark.parametrize(("words", "code", "sentence"), FAULTS, ids=lambda value: str(value)[:40])
def test_what_is_typed_wrong_is_one_sentence_and_an_instruction(run, words, code, sentence):
    done = run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr


TABLES = [
    (b"", "rows.csv is empty"),
    (b"id,x,label\n", "has columns but no rows"),
    (b"id,x,label\n1,caf\xe9,c\n", "is not UTF-8"),
    (b"id,x,label\n1,2\n", "cannot be read as a table"),
    (b"id,x,label\n1,2,c\n1,3,d\n", "1 ids stand more than once: 1"),
    (b"id,x,x,label\n1,2,2,c\n", "names the column 'x' more than once"),
    (b"id,x\n1,2\n", "no column 'label'"),
]


@pytest.mark.parametrize(("content", "sentence"), TABLES, ids=[sentence for _, sentence in TABLES])
def test_a_table_that_cannot_be_used_is_one_sentence(run, programme, tmp_path, content, sentence):
    (tmp_path / "rows.csv").write_bytes(content)
    done = run("add", "rows.csv", "--role", "train", "--source", "s", "--dir", str(programme))
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_a_pilot_on_files(run, tmp_path, blobs):
    for name, rows in {"real": blobs(60, 1), "panel": blobs(200, 2), "made": blobs(400, 3)}.items():
        pyarrow.csv.write_csv(rows, tmp_path / f"{name}.csv")
    words = (
        "pilot",
        "real.csv",
        "--synthetic",
        "made.csv",
        "--panel",
        "panel.csv",
        "--sizes",
        "10,20,40",
        "--seeds",
        "3",
    )
    found = told(run(*words, "--out", "page.html", "--json"))
    assert set(found["arms"]) >= {"human", "synthetic", "hybrid", "human, strengthened", "hybrid, strengthened"}
    assert set(found["arms"]["hybrid"]["40"]) >= {"mean", "low", "high"}
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    assert run(*words[:-2], "--seeds", "x").returncode == 2
    (tmp_path / "taken.html").mkdir()
    unwritten = run(*words, "--out", "taken.html", "--json")
    assert json.loads(unwritten.stdout)["arms"] == found["arms"]
    assert (unwritten.returncode, "cannot be written" in unwritten.stderr) == (3, True)
