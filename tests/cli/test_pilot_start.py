"""bimetal pilot start and next, as a person types them: from a table without labels to the first verdict."""

import csv
import json

import pyarrow.csv
import pytest

from bimetal.cli import app
from bimetal.errors import BimetalError


@pytest.fixture
def run(run):
    return lambda *words: run("pilot", *words)


@pytest.fixture
def tables(blobs, tmp_path):
    rows = blobs(150, seed=1)
    pyarrow.csv.write_csv(rows.drop_columns("label"), tmp_path / "rows.csv")
    pyarrow.csv.write_csv(blobs(200, seed=3), tmp_path / "made.csv")
    return dict(zip(rows["id"].to_pylist(), rows["label"].to_pylist(), strict=True))


START = ("start", "rows.csv", "--synthetic", "made.csv", "--target", "0.84", "--label-price", "1", "--budget", "300")
SMALL = ("--panel-size", "60", "--rungs", "12", "--seeds", "2", "--learner", "linear", "--arm", "human")


def test_from_a_table_without_labels_to_a_verdict(run, tables, tmp_path):
    done = run(*START, *SMALL)
    assert done.returncode == 0, done.stderr
    said = done.stdout.replace("\u202f", " ")
    assert "The panel: 60 items for" in said
    assert "points between two models" in said
    assert "bimetal pilot next pilot-rows" in said
    path = tmp_path / "pilot-rows" / "questions-1.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "label": tables[row["id"]]} for row in rows)
    done = run("next", "pilot-rows", "--json")
    assert done.returncode == 0, done.stderr
    standing = json.loads(done.stdout)["standing"]
    assert standing["verdict"] in {"buy", "generate", "both", "undecided at this budget"}
    again = run("next", "pilot-rows")
    assert standing["answer"] in again.stdout
    assert json.loads((tmp_path / "pilot-rows" / "standing.json").read_text())["law"]["draws"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--panel-size", "5000"), "the budget is 300"),
        (("--rungs", "many"), "--rungs got 'many'"),
        (("--stratify", "site"), "no column 'site'"),
        (("--labels", "c0"), "1 label to choose from"),
        (("--target", "95"), "target is 95"),
        (("--metric", "colour"), "colour"),
        (("--metric", "box_ap"), "scores boxes"),
        (("--learner", "oracle"), "oracle"),
    ],
)
@pytest.mark.usefixtures("tables")
def test_what_cannot_be_begun_is_refused_before_a_folder_is_made(more, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BimetalError, match=told):
        app(["pilot", *START, *SMALL, *more], standalone_mode=False)
    assert not (tmp_path / "pilot-rows").exists()


@pytest.mark.usefixtures("tables")
def test_next_without_answers_says_so(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app(["pilot", *START, *SMALL], standalone_mode=False)
    with pytest.raises(BimetalError, match=r"nowhere\.csv does not exist"):
        app(["pilot", "next", "pilot-rows", "--answers", "nowhere.csv"], standalone_mode=False)
    done = run("next", "pilot-rows")
    assert done.returncode == 2
    assert "no item in questions-1.csv has a label yet" in done.stderr
    assert done.stderr.count("\n") <= 2


@pytest.mark.parametrize("name", ["start", "next"])
def test_help_has_an_example(name, capsys):
    app(["pilot", name, "--help"], standalone_mode=False)
    assert f"Example: bimetal pilot {name}" in " ".join(capsys.readouterr().out.split())
