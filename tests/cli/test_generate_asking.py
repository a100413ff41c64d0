"""Generators that ask outside, from the command line: a real server on this machine, a real ledger, a real program."""

import json
import shutil

import pytest

from bimetal.plugins import listing
from bimetal.store.tables import read_table
from tests.endpoints.stub import Stub


def test_rows_are_bought_once_and_replayed_without_the_server(run, tmp_path):
    words = ("generate", "prompted", "-n", "20", "-o", "rows.parquet")
    with Stub() as stub:
        bought = run(*words, "--endpoint", stub.url, "--model", "small", "--licence", "Apache-2.0")
        assert bought.returncode == 0, bought.stderr
        assert "stands in rows.parquet.ledger" in bought.stdout
        asked = sum(stub.seen.values())
        first = read_table(str(tmp_path / "rows.parquet"))
        again = run(*words, "--endpoint", stub.url, "--model", "small", "--licence", "Apache-2.0")
        assert again.returncode == 0, again.stderr
        assert sum(stub.seen.values()) == asked > 0
    replayed = run(*words, "--model", "small", "--licence", "Apache-2.0", "--replay")
    assert replayed.returncode == 0, replayed.stderr
    assert read_table(str(tmp_path / "rows.parquet")).equals(first)
    assert set(first["licence"].to_pylist()) == {"Apache-2.0"}
    assert set(first["label_origin"].to_pylist()) == {"model"}


def test_a_programme_keeps_replies_and_what_they_cost(run, tmp_path):
    assert run("init", ".", "--no-ask").returncode == 0
    with Stub() as stub:
        bought = run("generate", "prompted", "-n", "12", "--name", "said", "--endpoint", stub.url, "--model", "small", "--prices", "1,2", "--json")  # fmt: skip
    assert bought.returncode == 0, bought.stderr
    assert json.loads(bought.stdout)["rows"] == 12
    assert (tmp_path / ".bimetal" / "chat.ledger").exists()
    checked = run("check", "said", "--only", "audit_gap")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_seed_rows_of_a_programme_can_be_looked_at_before_they_are_drawn_from(run, tmp_path):
    assert run("init", ".", "--no-ask").returncode == 0
    (tmp_path / "real.csv").write_text("x,label\n" + "\n".join(f"{k * 1.5},{'ab'[k % 2]}" for k in range(60)), "utf-8")
    assert run("add", "real.csv", "--role", "seed", "--source", "here", "--name", "kept").returncode == 0
    looked = run("generate", "jitter", "--preview", "--seed-rows", "kept", "-n", "500")
    assert looked.returncode == 0, looked.stderr
    assert "500 would take" in looked.stdout


def test_a_budget_stops_before_it_is_spent(run):
    with Stub() as stub:
        stopped = run("generate", "prompted", "-n", "20", "-o", "rows.parquet", "--endpoint", stub.url, "--model", "small", "--tokens", "50")  # fmt: skip
    assert stopped.returncode == 3
    assert "--tokens" in stopped.stderr or "tokens" in stopped.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-n", "5", "-o", "x.parquet"), "no endpoint is named"),
        (("-n", "5", "-o", "x.parquet", "--endpoint", "http://127.0.0.1:9"), "no model is named"),
        (("-n", "5", "-o", "x.parquet", "--endpoint", "here", "--model", "m"), "no endpoint is called 'here'"),
        (("-n", "5", "-o", "x.parquet", "--prices", "cheap"), "--prices got 'cheap'"),
        (("-n", "5", "-o", "-", "--json"), "--json and -o - both want standard output"),
    ],
)
def test_what_is_lacking_is_one_sentence(run, words, sentence):
    done = run("generate", "prompted", *words)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_noise_is_sealed_and_stands_in_no_recipe(run, tmp_path):
    rows = ["age,town,label", *(f"{20 + k % 50},{'ab'[k % 2]},{'yn'[k % 3 == 0]}" for k in range(400))]
    (tmp_path / "seeds.csv").write_text("\n".join(rows), encoding="utf-8")
    words = ("generate", "private_table", "-n", "50", "-o", "made.csv", "--seed-rows", "seeds.csv", "--json")
    first = json.loads(run(*words).stdout)
    drawn = (tmp_path / "made.csv").read_bytes()
    assert json.loads(run(*words).stdout) == first
    assert (tmp_path / "made.csv").read_bytes() == drawn
    keys = [each for each in (tmp_path / "keys").iterdir() if each.name.endswith(".noise")]
    assert len(keys) == 1
    assert keys[0].stat().st_mode & 0o077 == 0
    assert keys[0].read_bytes().hex() not in json.dumps(first)
    keys[0].unlink()
    run(*words)
    assert (tmp_path / "made.csv").read_bytes() != drawn


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_speech_is_spoken_by_the_program(run, tmp_path):
    done = run("generate", "speech", "-n", "4", "-o", "said.parquet")
    assert done.returncode == 0, done.stderr
    assert read_table(str(tmp_path / "said.parquet")).num_rows == 4


def test_a_pilot_wants_rows_of_a_generator_that_asks(run, tmp_path):
    (tmp_path / "real.csv").write_text("text,label\n" + "\n".join(f"t{k},{'ab'[k % 2]}" for k in range(60)), "utf-8")
    done = run("pilot", "real.csv", "--label", "label", "--synthetic", "prompted", "--panel", "0.5")
    assert done.returncode == 2
    assert "prompted asks chat" in done.stderr


def test_list_says_what_runs_here(run):
    told = {each["name"]: each for each in json.loads(run("list", "generators", "--json").stdout)["generators"]}
    assert set(told) == {each.name for each in listing("generators")}
    assert told["prompted"]["asks"] == "chat"
    assert told["speech"]["needs"] == ["espeak-ng"]
    assert told["speech"]["available"] == (shutil.which("espeak-ng") is not None)
