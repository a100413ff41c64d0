"""bimetal label as a person types it: on files, inside a programme, and refused in one sentence."""

import json

import pyarrow as pa
from pyarrow import csv

RULES = (
    '[[rule]]\nname = "lost"\nlabel = "lost"\nany = ["lost"]\n[[rule]]\nname = "pin"\nlabel = "pin"\nany = ["pin"]\n'
)


def written(tmp_path):
    (tmp_path / "rules.toml").write_text(RULES)
    texts = [["card lost {}", "pin {}", "hello {}"][n % 3].format(n) for n in range(90)]
    csv.write_csv(pa.table({"text": texts}), tmp_path / "q.csv")
    judged = {"text": [f"{text} again" for text in texts], "label": ["lost", "pin", "pin"] * 30}
    csv.write_csv(pa.table(judged), tmp_path / "people.csv")


def test_files_are_labelled_and_what_stands_behind_it_is_shown(run, tmp_path):
    written(tmp_path)
    done = run("label", "q.csv", "--rules", "rules.toml", "--panel", "people.csv", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    assert "majority (chosen)" in done.stdout
    assert "on 45 other rows people labelled, untouched until now" in done.stdout
    assert "labelled 60 of 90 rows: written to out.csv" in done.stdout
    labels = csv.read_csv(tmp_path / "out.csv").to_pydict()
    assert labels["label"][:3] == ["lost", "pin", ""]
    assert labels["label_origin"][:3] == ["programmatic", "programmatic", ""]


def test_json_is_one_value_and_rows_go_to_standard_output(run, tmp_path):
    written(tmp_path)
    told = json.loads(run("label", "q.csv", "--rules", "rules.toml", "--json").stdout)
    assert (told["method"], told["labelled"], told["rows"], told["untouched"]) == ("majority", 60, 90, None)
    assert [(each["rule"], each["covers"], each["conflicts"]) for each in told["each"]] == [
        ("lost", 30, 0),
        ("pin", 30, 0),
    ]
    rows = run("label", "q.csv", "--rules", "rules.toml", "-o", "-").stdout.splitlines()
    assert json.loads(rows[1]) == {"text": "pin 1", "label": "pin", "label_origin": "programmatic"}


def test_a_programme_keeps_what_rules_labelled_and_its_panel_out_of_it(run, tmp_path):
    written(tmp_path)
    settings = '[programme]\nname = "q"\npurpose = "route"\n[task]\nlabels = ["lost", "pin"]\n'
    (tmp_path / "answers.toml").write_text(settings)
    made = run("init", ".", "--answers", "answers.toml", "--json")
    assert made.returncode == 0, made.stderr
    run("add", "q.csv", "--role", "pool", "--source", "archive", "--name", "asked", "--declare", "real,human")
    run("add", "people.csv", "--role", "panel", "--source", "archive", "--name", "judges", "--declare", "real,human")
    for panel in ("judges", "people.csv"):
        refused = run("label", "asked" if panel == "judges" else "q.csv", "--rules", "rules.toml", "--panel", panel)
        assert refused.returncode == 1, refused.stdout
        assert "rule panel-sealed" in refused.stderr
    kept = run("label", "asked", "--rules", "rules.toml", "--json")
    assert (json.loads(kept.stdout)["name"], json.loads(kept.stdout)["kept"]) == ("asked-labelled", 60)
    assert "labelled" in run("log", "show").stdout


def test_what_cannot_be_read_is_one_sentence(run, tmp_path):
    written(tmp_path)
    assert run("label", "q.csv", "--rules", "gone.toml").stderr == "bimetal: gone.toml does not exist; check the path\n"
    (tmp_path / "bad.toml").write_text('[[rule]]\nlabel = "a"\nany = "lost"\n')
    done = run("label", "q.csv", "--rules", "bad.toml")
    assert (done.returncode, "rule 1: any is 'lost'" in done.stderr) == (2, True)
