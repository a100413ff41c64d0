"""Rules label a dataset of the programme: kept, logged, chosen by people's labels, never by a panel."""

import json

import pyarrow as pa
import pytest

from bimetal.errors import ConfigError, InputError, PolicyError
from bimetal.programme import create, opened
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.label_rules import read_rules
from bimetal.programme.labelling import label, label_held

SETTINGS = {
    "programme": {"name": "queries", "purpose": "route queries"},
    "task": {"labels": ["lost", "pin"]},
    "learner": {"name": "linear"},
}
RULES = """
[[rule]]
name = "lost words"
label = "lost"
any = ["lost", "stol*"]
[[rule]]
name = "pin words"
label = "pin"
any = ["pin"]
"""
PEOPLE = Declared("real", "human")


def texts(first, count):
    return [
        ["my card is lost, case {}", "change my pin, case {}", "hello, case {}"][n % 3].format(first + n)
        for n in range(count)
    ]


def human(first=1000, count=60):
    labels = ["lost" if n % 3 == 0 else "pin" for n in range(count)]
    return pa.table({"text": texts(first, count), "label": labels})


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return read_rules(path)


@pytest.fixture
def queries(tmp_path, clock):
    create(tmp_path / "queries", parse(SETTINGS))
    with opened(tmp_path / "queries", now=clock, actor="ana") as programme:
        add(programme, Arrival(pa.table({"text": texts(0, 90)}), "asked", "pool", "archive", declared=PEOPLE))
        add(programme, Arrival(human(), "people", "train", "archive", declared=PEOPLE))
        add(programme, Arrival(human(5000), "judges", "panel", "archive", declared=PEOPLE))
        yield programme


def test_rows_a_rule_fires_on_are_kept_as_training_data_and_logged(queries, rules):
    stored, done = label_held(queries, "asked", rules, "people", ("by-rules", 0))
    rows = queries.load(stored).rows
    assert (stored.role, stored.rows, done.asked) == ("train", 60, 90)
    assert set(rows["label_origin"].to_pylist()) == {"programmatic"}
    assert set(rows["item_origin"].to_pylist()) == {"real"}
    assert all(
        ("lost" in text) == (said == "lost")
        for text, said in zip(rows["text"].to_pylist(), rows["label"].to_pylist(), strict=True)
    )
    entry = list(queries.log.entries(action="labelled"))[-1]
    assert entry.body["labelling"]["rules_digest"] == rules.digest
    assert entry.body["rules"] == json.loads(json.dumps(dict(rules.text)))
    assert entry.body["parents"] == [queries.dataset("asked").digest, queries.dataset("people").digest]


def test_the_half_that_judges_is_not_the_half_that_chose(queries, rules):
    _, done = label_held(queries, "asked", rules, "people", ("by-rules", 0))
    assert done.judged.items == 30
    assert done.judged.right.estimate == 1
    assert done.judged.labelled.low < 2 / 3 < done.judged.labelled.high


def test_no_panel_chooses_and_no_panel_is_labelled(queries, rules):
    with pytest.raises(PolicyError, match="rule panel-sealed: judges is a panel"):
        label_held(queries, "asked", rules, "judges", ("by-rules", 0))
    with pytest.raises(PolicyError, match="rule panel-sealed: judges is a panel"):
        label_held(queries, "judges", rules, "people", ("by-rules", 0))
    assert not queries.datasets(name="by-rules")


def test_rows_that_people_labelled_are_left_to_them(queries, rules):
    both = pa.table({"text": [*texts(0, 30), *human()["text"].to_pylist()[:6]]})
    add(queries, Arrival(both, "more", "pool", "archive", declared=PEOPLE))
    stored, done = label_held(queries, "more", rules, "people", ("by-rules", 0))
    assert (done.asked, stored.rows) == (30, 20)


def test_a_name_taken_or_rules_that_never_fire_are_refused(queries, rules, tmp_path):
    with pytest.raises(InputError, match="a dataset called 'people' is here already"):
        label_held(queries, "asked", rules, None, ("people", 0))
    (tmp_path / "never.json").write_text('{"rule": [{"label": "pin", "any": ["xyzzy"]}]}')
    with pytest.raises(InputError, match="no row got a label"):
        label_held(queries, "asked", read_rules(tmp_path / "never.json"), None, ("by-rules", 0))


def test_labels_there_are_stay_and_none_left_to_give_is_said(rules):
    rows = pa.table(
        {"text": ["lost", "lost", "hello"], "label": ["pin", None, None], "label_origin": ["human", None, None]}
    )
    done = label(rows, rules, None)
    assert done.rows["label"].to_pylist() == ["pin", "lost", None]
    assert done.rows["label_origin"].to_pylist() == ["human", "programmatic", None]
    assert (done.given, done.asked, done.method) == (1, 2, "majority")
    with pytest.raises(InputError, match="every row has a label already"):
        label(rows.slice(0, 1), rules, None)


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (pa.table({"text": ["lost"]}), "have no column 'label'"),
        (pa.table({"text": ["lost"], "label": ["lost"]}), "1 rows to choose by have a label"),
        (human().append_column("label_origin", pa.array(["model"] * 60)), "have labels of origin 'model'"),
        (
            human().select(["label"]).append_column("words", pa.array(["a"] * 60)),
            "looks at 'text', which the table lacks",
        ),
    ],
)
def test_rows_no_person_labelled_choose_nothing(rules, people, told):
    with pytest.raises(InputError, match=told):
        label(pa.table({"text": texts(0, 9)}), rules, people)


@pytest.mark.parametrize(
    ("name", "text", "error", "told"),
    [
        ("gone.toml", None, InputError, "does not exist"),
        ("rules.toml", "[[rule", ConfigError, "cannot be read as rules"),
        ("rules.json", "[1]", ConfigError, "holds no rules"),
        ("rules.toml", '[[rule]]\nfunction = "bimetal.types:Nothing"', ConfigError, "no function at"),
        ("rules.toml", '[[rule]]\nfunction = "bimetal.types:ROLES"', ConfigError, "which cannot be called"),
    ],
)
def test_a_file_that_is_no_rules_is_refused(tmp_path, name, text, error, told):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(error) as refused:
        read_rules(tmp_path / name)
    assert told in str(refused.value)


def test_the_digest_changes_with_a_functions_source(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_rules.py").write_text("def short(rows):\n    return ['pin'] * rows.num_rows\n")
    (tmp_path / "other_rules.py").write_text("def short(rows):\n    return ['lost'] * rows.num_rows\n")
    found = []
    for module in ("own_rules", "other_rules"):
        (tmp_path / "r.toml").write_text(f'[[rule]]\nname = "f"\nfunction = "{module}:short"')
        found.append(read_rules(tmp_path / "r.toml"))
    assert found[0].digest != found[1].digest
    assert label(pa.table({"text": ["a"]}), found[0], None).rows["label"].to_pylist() == ["pin"]
