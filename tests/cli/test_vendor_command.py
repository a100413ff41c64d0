"""bimetal import vendor as a person types it: in, asked for what is owed, accepted by name."""

import json

import numpy as np
import pytest


@pytest.fixture
def lot(run, tmp_path):
    assert run("init", "p").returncode == 0
    drawn = np.random.default_rng(4).normal(size=40).tolist()
    rows = [{"x": x, "label": "ab"[at % 2]} for at, x in enumerate(drawn)]
    (tmp_path / "lot.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "terms.txt").write_text("may be trained on")
    return ("import", "vendor", "lot.jsonl", "--source", "acme", "--dir", "p", "--declare", "synthetic,construction")


def test_bought_rows_come_in_wait_and_are_accepted_by_name(run, lot):
    said = ("--who", "Acme Data Ltd", "--how", "drawn", "--licence", "CC-BY-4.0", "--claim", "balanced")
    came = run(*lot, *said)
    assert came.returncode == 0, came.stderr
    assert "imported 40 rows as lot (train), in quarantine: nothing uses them yet" in came.stdout
    assert "run: bimetal source add acme --contract FILE" in came.stdout
    refused = run("sign", "quarantine:lot", "--by", "Ana Ruiz", "--reason", "looked", "--dir", "p")
    assert refused.returncode == 1
    assert "lot stays in quarantine" in refused.stderr
    facts = ("--personal-data", "none", "--region", "EU", "--contract", "terms.txt", "--purpose", "sold")
    assert run("source", "add", "acme", *facts, "--input", "training-data=web:CC0-1.0", "--dir", "p").returncode == 0
    told = json.loads(run(*lot, "--json").stdout)
    assert (told["quarantine"], told["owed"]) == (True, [])
    assert told["next"].startswith("run: bimetal sign quarantine:lot")
    assert "40 in lot, in quarantine" in run("source", "show", "acme", "--dir", "p").stdout
    signed = run("sign", "quarantine:lot", "--by", "Ana Ruiz", "--reason", "looked", "--dir", "p")
    assert signed.returncode == 0, signed.stderr
    assert json.loads(run("source", "show", "acme", "--dir", "p", "--json").stdout)["quarantine"] == []


def test_a_check_that_fails_ends_with_1_and_the_rows_are_kept_apart(run, lot):
    came = run(*lot, "--licence", "made up", "--json")
    assert came.returncode == 1
    told = json.loads(came.stdout)
    assert told["quarantine"]
    assert [each["check"] for each in told["findings"] if each["verdict"] == "fail"] == ["licence"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("vendor", "lot.jsonl"), "say who sold the rows with --source NAME"),
        (("vendor", "lot.jsonl", "--source", "acme"), "40 rows of lot do not say who or what labelled them"),
        (("vendor", "lot.jsonl", "--source", "acme", "--set", "task=boxes"), "knows one setting: label=COLUMN"),
        (("vendor", "absent.jsonl", "--source", "acme"), "absent.jsonl"),
        (("doccano", "lot.jsonl", "--claim", "balanced"), "--claim is said of a doccano file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, lot, words, told):
    done = run("import", *words, "--dir", "p")
    assert done.returncode == 2
    assert told in done.stderr
