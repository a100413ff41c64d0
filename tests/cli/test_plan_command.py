"""bimetal plan as a person types it: the answer first, one JSON value with --json, one sentence for a fault."""

import json

import pytest
from typer.testing import CliRunner

from bimetal.cli import app
from bimetal.errors import InputError
from bimetal.pilot.law import known_law

PRICES = ("--label-price", "0.25", "--synthetic-price", "0.01")


@pytest.fixture
def run(tmp_path):
    law = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"law": law.json(), "saving": [{"target": 0.96}]}))

    def call(*words, source=str(path), stdin=None):
        return CliRunner().invoke(app, ["plan", source, *words], input=stdin, env={"COLUMNS": "200"})

    call.path = path
    return call


def test_the_answer_comes_first(run):
    told = run(*PRICES, "--next-round", "5").stdout.splitlines()
    assert told[0].startswith("Buy 469 human labels and generate 747 items: that reaches 96")
    assert any(line.startswith("Stop here") for line in told)


def test_json_alone_is_written(run):
    told = json.loads(run(*PRICES, "--target", "0.95", "--budget", "100", "--json").stdout)
    assert (told["advice"], told["target"], told["stop"]) == ("both", 0.95, None)
    prices = [each["mix"] for each in told["frontier"]]
    within = [each for each in prices if each is not None]
    assert within == sorted(within)
    assert prices[len(within) :] == [None] * 3  # the tightest targets cost more than the budget


def test_the_result_may_come_on_standard_input(run):
    told = run(*PRICES, "--json", source="-", stdin=run.path.read_text())
    assert json.loads(told.stdout)["advice"] == "both"


def test_limits_reach_the_plan(run):
    told = json.loads(
        run(*PRICES, "--min-human-share", "0.8", "--slices", "10", "--slice-floor", "60", "--json").stdout
    )
    assert told["choice"]["n"] >= max(600, 4 * told["choice"]["m"])
    told = json.loads(run(*PRICES, "--weekly-labels", "10", "--max-weeks", "2", "--json").stdout)
    assert told["advice"] == "undecided at this budget"
    assert told["choice"]["weeks"] <= 2


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, PRICES), ("no json", PRICES), ("[]", PRICES), ('{"law": null}', PRICES), ('{"law": {"fits": 1}}', PRICES)],
)
def test_what_is_no_result_is_refused(run, text, words):
    if text is None:
        run.path.unlink()
    else:
        run.path.write_text(text)
    assert isinstance(run(*words).exception, InputError)


def test_a_result_without_a_target_wants_one(run):
    told = json.loads(run.path.read_text())
    run.path.write_text(json.dumps({"law": told["law"]}))
    fault = run(*PRICES).exception
    assert isinstance(fault, InputError)
    assert "--target" in fault.hint
