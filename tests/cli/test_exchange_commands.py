"""bimetal import and export as a person types them."""

import json

import pytest


@pytest.fixture
def project(run, tmp_path):
    (tmp_path / "answers.json").write_text(json.dumps({"regulated": "no"}))
    done = run("init", "p")
    assert done.returncode == 0, done.stderr
    (tmp_path / "in.jsonl").write_text(
        "\n".join(
            json.dumps({"id": at, "text": f"text {at}", "label": ["cards" if at % 2 else "loans"], "item": f"t{at}"})
            for at in range(6)
        )
    )
    return tmp_path


def test_what_comes_in_is_told_and_goes_out_when_the_rules_allow(run, project):
    came = run("import", "doccano", "in.jsonl", "--dataset", "cards", "--source", "desk", "--dir", "p", "--json")
    assert came.returncode == 0, came.stderr
    told = json.loads(came.stdout)
    assert (told["dataset"], told["rows"], told["answers"], told["annotators"]) == ("cards", 6, 6, 1)
    assert "actor_kind" in told["lost"]
    out = run("export", "csv", "--dataset", "cards", "-o", "out.csv", "--dir", "p")
    assert out.returncode == 1
    assert "rule" in out.stderr
    assert not (project / "out.csv").exists()


def test_the_words_for_people_name_the_job_and_what_was_not_taken(run, project):
    came = run("import", "doccano", "in.jsonl", "--dir", "p")
    assert came.returncode == 0, came.stderr
    assert "imported 6 rows as in (pool)" in came.stdout
    assert "as the closed job in" in came.stdout
    assert "not taken: actor_kind" in came.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("import", "docano", "in.jsonl"), "did you mean 'doccano'?"),
        (("import", "doccano", "absent.jsonl"), "does not exist"),
        (("import", "doccano", "in.jsonl", "--role", "king"), "--role got 'king'"),
        (("import", "doccano", "in.jsonl", "--set", "task=boxes"), "expected one of: classification"),
        (("import", "doccano", "in.jsonl", "--set", "task"), "write NAME=VALUE"),
        (("export", "csv", "-o", "x.csv"), "pass --dataset NAME or --job NAME"),
        (("export", "csv", "-o", "x.csv", "--dataset", "nothing"), "no dataset is called 'nothing'"),
        (("export", "csv", "-o", "x.csv", "--dataset", "x", "--for", "fun"), "--for got 'fun'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, project, words, told):
    done = run(*words, "--dir", "p")
    assert done.returncode == 2
    assert told in done.stderr


def test_connectors_are_listed(run):
    done = run("list", "connectors", "--json")
    found = json.loads(done.stdout)["connectors"]
    assert {"coco", "label_studio", "trl"} <= {each["name"] for each in found}
    assert all(each["summary"] and each["available"] for each in found)
