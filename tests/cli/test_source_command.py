"""bimetal source as a person types it: added piece by piece or from a file, shown, checked, refused in one sentence."""

import hashlib
import json

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from bimetal.cli.source import app
from bimetal.errors import BimetalError, InputError, UnknownName
from bimetal.programme import create, opened
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add

SETTINGS = {"programme": {"name": "forms", "purpose": "read forms"}, "task": {"labels": ["a", "b"]}}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("COLUMNS", "200")
    create(tmp_path / "forms", parse(SETTINGS))
    return tmp_path / "forms"


@pytest.fixture
def run(folder):
    """Return a call that gives what was written; what the command refuses is raised."""

    def call(*words, code=0):
        done = CliRunner().invoke(app, [*words, "--dir", str(folder)])
        if isinstance(done.exception, BimetalError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    return call


def told(run, *words, code=0):
    return json.loads(run(*words, "--json", code=code))


def test_a_source_is_said_piece_by_piece(run, tmp_path):
    contract = tmp_path / "terms.pdf"
    contract.write_bytes(b"the terms")
    out = run("add", "crowd", "--kind", "vendor", "--licence", "CC-BY-4.0", "--input", "prompts=ours:MIT")
    assert out == (
        "crowd stands in the register (vendor)\n"
        "still owed: origin, purpose, personal-data, basis, contract, inputs\n"
        "worth saying: collector, collected, geography, region, claims\n"
        "how: bimetal source check crowd\n"
    )
    run("add", "crowd", "--contract", str(contract), "--input", "annotators=crowd workers:contract", "--region", "eu")
    (after,) = told(run, "add", "crowd", "--input", "prompts=ours:CC0-1.0", "--because", "the licence was wrong")
    assert (after["licence"], after["region"]) == ("CC-BY-4.0", "EU")
    assert after["contract"] == hashlib.sha256(b"the terms").hexdigest()
    assert after["contract_file"] == "terms.pdf"
    assert [(each["role"], each["licence"]) for each in after["inputs"]] == [
        ("annotators", "contract"),
        ("prompts", "CC0-1.0"),
    ]


def test_many_sources_come_from_a_file(run, tmp_path):
    (tmp_path / "dpa.txt").write_text("agreed")
    (tmp_path / "many.toml").write_text(
        """
        [[source]]
        name = "archive"
        kind = "people"
        collected = 2025-01-01
        personal-data = "none"
        inputs = ["annotators=students:contract", {role = "prompts", name = "ours", licence = "MIT"}]
        [[source]]
        name = "judge"
        kind = "endpoint"
        contract = "dpa.txt"
        """
    )
    many = told(run, "add", "--from", str(tmp_path / "many.toml"))
    assert [each["name"] for each in many] == ["archive", "judge"]
    assert (many[0]["collected"], len(many[0]["inputs"]), many[1]["contract_file"]) == ("2025-01-01", 2, "dpa.txt")
    assert told(run, "add", "--from", str(tmp_path / "many.toml")) == many
    assert [each["name"] for each in told(run, "show")] == ["archive", "judge"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no list of sources"),
        ("[source]\nname='a'", "holds no list of sources"),
        ("[[source]]\nname='a'\nkind='public'\n[other]", "holds no list of sources"),
        ("source = [1]", "holds no list of sources"),
        ("[[source]", "cannot be read"),
        (
            "[[source]]\nname='a'\nkind='public'\n[[source]]\nname='b'\nkind='pubic'",
            "source 2 of .*did you mean 'public'",
        ),
        ("[[source]]\nname=3\nkind='public'", "source 1 of .*the name of a source is '3'"),
        ("[[source]]\nkind='public'", "says no name"),
        ("[[source]]\nname='a'\nkind='public'\nlicense='MIT'", "did you mean 'licence'"),
        ("[[source]]\nname='a'\nkind='public'\ncontract=3", "the contract .* cannot be read"),
        ("[[source]]\nname='a'\nkind='public'\norigin=[1]", "write it as text"),
    ],
)
def test_a_faulty_file_is_named_and_nothing_enters(run, tmp_path, text, words):
    (tmp_path / "many.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        run("add", "--from", str(tmp_path / "many.toml"))
    assert told(run, "show") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say one source or a file of many"),
        (("a", "--from", "x.toml"), "say one source or a file of many"),
        (("--from", "x.toml", "--kind", "public"), "say one source or a file of many"),
        (("--from", "nowhere.toml"), "nowhere.toml cannot be read: no such file"),
        (("a",), "'a' is not in the register yet; say what it is with --kind"),
        (("", "--kind", "public"), "a source says no name"),
        (("a/b", "--kind", "public"), "holds '/'"),
        (("😀", "--kind", "public"), "holds '😀'"),
        (("x" * 10_000, "--kind", "public"), "10,000 characters long"),
        (("a\x1b[2J", "--kind", "public"), "holds"),
        (("a", "--kind", "publik"), "did you mean 'public'"),
        (("a", "--kind", "vendor", "--input", "teachers=b:MIT"), "role of an input is 'teachers'"),
        (("a", "--kind", "vendor", "--input", "prompts"), "write ROLE=NAME:LICENCE"),
        (("a", "--kind", "vendor", "--contract", "nowhere.pdf"), "the contract nowhere.pdf cannot be read"),
        (("a", "--kind", "vendor", "--contract", "."), "is a directory"),
        (("a", "--kind", "endpoint", "--url", "https://ana:pw@x.example"), "user name or password"),
        (("a", "--kind", "endpoint", "--url", "https://x.example?key=1"), "holds a secret"),
        (("a", "--kind", "public", "--url", "https://x.example"), "say --kind endpoint"),
    ],
)
def test_what_is_refused_is_refused_in_one_sentence(run, words, said):
    with pytest.raises(InputError) as refusal:
        run("add", *words)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_what_stands_changes_with_a_reason_only(run):
    run("add", "web", "--kind", "public", "--licence", "MIT")
    with pytest.raises(InputError, match="say why it changes with --because"):
        run("add", "web", "--licence", "CC0-1.0")
    run("add", "web", "--licence", "CC0-1.0", "--because", "it was relicensed")
    assert told(run, "show", "web")["licence"] == "CC0-1.0"
    with pytest.raises(UnknownName, match="did you mean 'web'"):
        run("show", "wbe")
    with pytest.raises(UnknownName, match="did you mean 'web'"):
        run("check", "wbe")


def test_show_and_check_tell_what_is_owed_and_whose_rows_stand_where(run, folder):
    assert "no source is registered yet" in run("show")
    assert run("check") == "no source is registered yet\n"
    run("add", "web", "--kind", "public", "--origin", "the web", "--licence", "[red]", "--personal-data", "none")
    rows = pa.table({"x": [1.0, 2.0, 3.0], "label": ["a", "b", "a"], "source": ["web", "web", "Web"]})
    with opened(folder) as programme:
        add(programme, Arrival(rows, "pages", "train", "web", declared=Declared("real", "human")))
    assert "[red]" in run("show")
    full = told(run, "show", "web")
    assert full["datasets"] == {"pages": 2}
    assert {each["check"] for each in full["duties"] if each["verdict"] == "warn"} == {
        *("source-collector", "source-collected", "source-purpose", "source-geography", "source-region"),
    }
    in_words = run("show", "web")
    assert "2 in pages" in in_words
    assert "bimetal source add web --collector NAME" in in_words
    run("check", "web")
    assert "1 row of pages names 'Web', which is not in the register" in run("check", code=1)
    found = told(run, "check", code=1)
    assert [each["verdict"] for each in found].count("fail") == 1
