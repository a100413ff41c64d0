"""bimetal cost as a person types it: the answer first, one JSON value with --json, one sentence for a fault."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bimetal.cli import app
from bimetal.errors import ConfigError, InputError, StoreError
from bimetal.programme import create, opened
from bimetal.programme.config import parse


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))

    def call(*words):
        given = ["cost", "--dir", str(tmp_path), "--draws", "1000", *words]
        return CliRunner().invoke(app, given, env={"COLUMNS": "200"})

    return call


def test_the_answer_comes_first_without_a_programme(run):
    told = run("--kind", "image class", "--volume", "30000").stdout.replace("\u202f", " ").splitlines()
    assert told[0].startswith("People alone are cheapest with probability 100 %")
    assert any(line.startswith("What human only saves") for line in told)


def test_json_alone_is_written(run):
    told = json.loads(run("--kind", "medical image", "--months", "36", "--json").stdout)
    assert told["scenario"]["kind"] == "medical image"
    assert told["scenario"]["months"] == 36
    assert sum(told["cheapest"].values()) == pytest.approx(1)
    assert set(told["lines"]) >= {"acquisition", "generation", "rework", "regulatory"}


def test_numbers_of_ones_own_take_the_tables_place(run):
    words = ("--kind", "image box", "--label-price", "5", "--set", "generator-build=100,200,300", "--set", "hazard=0")
    told = json.loads(run(*words, "--json").stdout)
    rows = {row["name"]: row for row in told["inputs"]}
    assert rows["label_price"]["range"] == [5, 5, 5]
    assert rows["generator_build"]["range"] == [100, 200, 300]
    assert rows["generator_build"]["assumption"]
    assert told["winner"] == "hybrid"


def test_the_page_is_written(run, tmp_path):
    out = tmp_path / "cost.html"
    told = run("--kind", "document", "-o", str(out))
    assert f"report: {out}" in told.stdout
    text = out.read_text()
    assert "assumption" in text
    assert "<svg" in text


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("--set", "wage"), InputError, "--set got 'wage'"),
        (("--set", "wage=dear"), InputError, "--set got 'wage=dear'"),
        (("--set", "wgae=3"), ConfigError, "did you mean wage?"),
        (("--set", "wage=3,2,1"), ConfigError, "cost.inputs.wage: expected one number"),
        (("--kind", "image boxes"), ConfigError, "cost.kind: expected one of"),
        (("--draws", "3"), InputError, "draws is 3"),
        (("-o", "/nowhere/x.html"), StoreError, "/nowhere/x.html cannot be written"),
    ],
)
def test_a_fault_is_one_sentence(run, words, error, said):
    raised = run(*words).exception
    assert isinstance(raised, error)
    assert said in str(raised)


def test_a_programme_is_priced_by_its_own_settings(run, tmp_path):
    settings = {"programme": {"name": "boxes"}, "cost": {"kind": "image box", "currency": "EUR", "rate": 0.9}}
    create(tmp_path, parse(settings))
    told = json.loads(run("--set", "wage=20", "--json").stdout)
    assert told["scenario"]["currency"] == "EUR"
    assert told["notes"]  # a wage without seconds prices nothing
    with opened(tmp_path) as programme:
        (entry,) = programme.log.entries(action="costed")
    assert entry.body["sentence"] == told["sentence"]


DOCS = (Path(__file__).parent.parent.parent / "docs" / "cost.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", re.findall(r"^\$ bimetal (cost .*)$", DOCS, flags=re.MULTILINE))
def test_the_documented_output_is_the_real_one(line, tmp_path):
    told = CliRunner().invoke(app, [*shlex.split(line), "--dir", str(tmp_path)], env={"COLUMNS": "110"})
    sentence, *rest = [
        " ".join(each.replace("\u202f", " ").split()) for each in told.stdout.splitlines() if each.strip()
    ]
    shown = " ".join(DOCS.split(f"$ bimetal {line}")[1].split("```")[0].split())
    assert shown.startswith(sentence)
    assert sum(each in shown for each in rest) >= 9  # the tables it quotes
