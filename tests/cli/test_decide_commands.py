"""The decision's commands as people type them: presets, versions, pages, refusals, names."""

import json

import pyarrow.csv
import pytest

from bimetal.programme import presets


@pytest.fixture
def fraud(run, tmp_path):
    """Return the options that name a fraud programme."""
    assert run("init", "claims", "--preset", "fraud").returncode == 0
    return ("--dir", str(tmp_path / "claims"))


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_runs_from_nothing_to_a_record_and_a_price(run, tmp_path, name):
    assert run("init", name, "--preset", name).returncode == 0
    record = json.loads(run("decide", "--dir", name, "--json", "-o", f"{name}.html").stdout)
    assert record["version"] == 1
    assert (tmp_path / f"{name}.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    priced = run("cost", "--dir", name, "--draws", "2000", "--json")
    assert json.loads(priced.stdout)["sentence"], priced.stderr


def test_an_unchanged_decision_is_no_new_version(run, fraud):
    assert [json.loads(run("decide", "--json", *fraud).stdout)["version"] for _ in range(2)] == [1, 1]
    assert len(json.loads(run("decide", "--history", "--json", *fraud).stdout)) == 1


def test_a_changed_answer_is_a_new_version_and_the_difference_is_told(run, fraud, tmp_path):
    run("decide", *fraud)
    path = tmp_path / "claims" / "bimetal.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('commercial = "unknown"', 'commercial = "yes"'))
    assert json.loads(run("decide", "--json", *fraud).stdout)["version"] == 2
    assert "commercial" in run("decide", "--diff", "1", "2", *fraud).stdout
    first = run("decide", "--version", "1", "--json", *fraud).stdout
    assert json.loads(first)["facts"]["commercial"] == "unknown"


def test_a_signature_stands_on_the_page(run, fraud, tmp_path):
    run("decide", *fraud)
    assert run("sign", "decision", "--by", "Ana Ruiz", "--reason", "agreed", *fraud).returncode == 0
    run("decide", "-o", "page.md", *fraud)
    assert "Ana Ruiz" in (tmp_path / "page.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("init", "x", "--preset", "frauds"), 2, "did you mean 'fraud'"),
        (("init", "x", "--preset", "fraud", "--answers", "a.toml"), 2, "give one of them"),
        (("decide", "--version", "7"), 2, "there is no version 7"),
        (("decide", "--history", "--version", "1"), 2, "give one of them"),
        (("decide", "-o", "page.pdf"), 2, "ending in .html or .md"),
        (("decide", "-o", "nowhere/page.html"), 3, "cannot be written"),
        (("sign", "decision", "--by", "", "--reason", "x"), 2, "names no person"),
        (("sign", "decision:9", "--by", "Ana Ruiz", "--reason", "x"), 2, "versions 1 to 1 are here"),
        (("sign", "nothing", "--by", "Ana Ruiz", "--reason", "x"), 2, "no dataset is called 'nothing'"),
        (
            (
                "waive",
                "licence-inherited",
                "--dataset",
                "*",
                "--by",
                "Ana Ruiz",
                "--reason",
                "x",
                "--until",
                "2099-01-01",
            ),
            1,
            "cannot be waived",
        ),
        (
            ("waive", "panel-sealed", "--dataset", "*", "--by", "Ana Ruiz", "--reason", "x", "--until", "2099-01-01"),
            1,
            "cannot be waived",
        ),
        (
            ("waive", "loop-first", "--dataset", "*", "--by", "Ana Ruiz", "--reason", "x", "--until", "2001-01-01"),
            2,
            "is over",
        ),
        (
            ("waive", "loop-first", "--dataset", "*", "--by", "Ana Ruiz", "--reason", " ", "--until", "2099-01-01"),
            2,
            "no reason is given",
        ),
        (("licence", "trace", "nothing"), 2, "no dataset is called 'nothing'"),
        (("boundary", "show", "nothing"), 2, "no boundary subset is defined"),
        (("boundary", "define"), 2, "too few real rows"),
        (("generate", "jitter", "-n", "5", "--seed-rows", "nothing"), 2, "no dataset is called 'nothing'"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else str(value)[:20],
)
def test_what_is_typed_wrong_is_one_sentence_and_an_instruction(run, fraud, words, code, sentence):
    run("decide", *fraud)
    done = run(*words, *(() if words[0] == "init" else fraud))
    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr
    assert done.stderr.startswith("bimetal: ")


def test_rules_hold_at_the_command_line(run, fraud, blobs, tmp_path):
    """A file that calls itself human, a panel under another name, a generator fed from the panel: each is refused."""
    rows = blobs(30).drop_columns("label").append_column("label", [["fraud", "genuine"] * 15])
    pyarrow.csv.write_csv(rows, tmp_path / "rows.csv")
    boast = rows.append_column("label_origin", [["human"] * 30]).append_column("item_origin", [["real"] * 30])
    pyarrow.csv.write_csv(boast, tmp_path / "boast.csv")
    where = ("--source", "archive", *fraud)
    assert run("add", "rows.csv", "--role", "panel", "--declare", "real,human", *where).returncode == 0
    again = run("add", "boast.csv", "--role", "train", *where)
    assert again.returncode == 1
    assert "panel-sealed" in again.stderr
    fed = run("generate", "jitter", "-n", "5", "--seed-rows", "rows", *fraud)
    assert fed.returncode == 1
    assert "no generator learns from it" in fed.stderr
    assert run("release", "rows", "--for", "train", *fraud).returncode == 1
    other = blobs(30, seed=4).drop_columns("label").append_column("label", [["fraud", "genuine"] * 15])
    pyarrow.csv.write_csv(other.append_column("label_origin", [["human"] * 30]), tmp_path / "claims.csv")
    assert run("add", "claims.csv", "--role", "train", *where).returncode == 0
    told = run("release", "claims", "--for", "train", *fraud).stderr
    for rule in ("origin-known", "labels-known", "source-registered", "licence-inherited", "boundary-human"):
        assert f"rule {rule}" in told
