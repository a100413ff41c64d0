"""Rules from data: what fires on which row, and every fault of a file named."""

import pyarrow as pa
import pytest

from bimetal.annotation.labelling import fire, parsed
from bimetal.errors import ConfigError, InputError

ROWS = pa.table(
    {
        "text": ["I lost my card", "Lostandfound?", "STOLEN, not lost", None, "บัตรหาย"],
        "age": [17, 18, None, 40, 65],
        "town": ["Bonn", "Ulm", None, "Bonn", "7"],
    }
)


def said(**rule):
    return [each == "x" for each in parsed({"rule": [{"label": "x", **rule}]})[0].say(ROWS)]


@pytest.mark.parametrize(
    ("rule", "fires"),
    [
        ({"any": ["lost"]}, [True, False, True, False, False]),
        ({"any": ["lost*"]}, [True, True, True, False, False]),
        ({"any": ["my  card"]}, [True, False, False, False, False]),
        ({"all": ["lost", "stolen"]}, [False, False, True, False, False]),
        ({"any": ["lost"], "none": ["stolen"]}, [True, False, False, False, False]),
        ({"none": ["lost"]}, [False, True, False, False, True]),
        ({"any": ["หาย"]}, [False, False, False, False, True]),
        ({"matches": "^I"}, [True, False, False, False, False]),
        ({"column": "age", "least": 18, "below": 65}, [False, True, False, True, False]),
        ({"column": "age", "above": 18, "most": 65}, [False, False, False, True, True]),
        ({"column": "age", "in": [17, "65"]}, [True, False, False, False, True]),
        ({"column": "town", "in": ["Bonn", 7]}, [True, False, False, True, True]),
        ({"column": "town", "missing": True}, [False, False, True, False, False]),
        ({"any": ["lost"], "where": [{"column": "age", "missing": False}]}, [True, False, False, False, False]),
        ({"where": [{"column": "town", "in": ["Bonn"]}, {"column": "age", "least": 20}]}, [False] * 3 + [True, False]),
    ],
)
def test_a_condition_fires_where_it_holds(rule, fires):
    assert said(**rule) == fires


def test_a_lookup_votes_for_what_a_value_stands_for():
    (rule,) = parsed({"rule": [{"name": "by town", "column": "town", "lookup": {"Bonn": "west", "Ulm": "south"}}]})
    assert rule.labels == ("south", "west")
    assert rule.say(ROWS) == ["west", "south", None, "west", None]


def test_a_function_votes_where_it_can_be_imported():
    told = {"rule": [{"name": "own", "function": "mine:old"}]}
    rules = parsed(told, lambda path: lambda rows: ["old" if path == "mine:old" else None] * rows.num_rows)
    assert fire(rules, ROWS).labels == ("old",)
    with pytest.raises(ConfigError, match="cannot be imported here"):
        parsed(told)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"label": "x"}, "it looks at nothing"),
        ({"any": ["a"]}, "it says nothing"),
        ({"label": "x", "lookup": {"a": "b"}}, "it says label and lookup"),
        ({"label": "x", "any": "lost"}, "any is 'lost'; list one word"),
        ({"label": "x", "any": [" *"]}, "any is"),
        ({"label": 3, "any": ["a"]}, "label is 3; give a text"),
        ({"label": "x", "matches": "("}, "is no regular expression"),
        ({"label": "x", "column": "age", "above": "old"}, "above is 'old'; give a number"),
        ({"label": "x", "column": "age", "in": 3}, "in is 3"),
        ({"label": "x", "missing": 1}, "missing is 1"),
        ({"label": "x", "contains": ["a"]}, "'contains' is not known"),
        ({"label": "x", "where": [{"above": "x"}]}, "above is 'x'"),
        ({"label": "x", "where": {"column": "age"}}, "where is"),
        ({"label": "x", "where": [{"column": "age"}]}, "where has"),
        ({"lookup": {"a": 1}}, "lookup is"),
        ("lost", "it is 'lost'"),
    ],
)
def test_a_faulty_rule_is_named(rule, told):
    with pytest.raises(ConfigError) as refused:
        parsed({"rule": [{"label": "y", "any": ["fine"]}, rule]})
    assert f"rule 2: {told}" in str(refused.value) or told in str(refused.value)
    assert "rule 2" in str(refused.value)


def test_every_fault_is_listed_at_once():
    with pytest.raises(ConfigError) as refused:
        parsed({"rules": 1, "rule": [{}, {"label": "a"}, *[{"name": "twice", "label": "a", "any": ["b"]}] * 2]})
    assert len(refused.value.faults) == 4
    for empty in ({}, {"rule": []}, {"rule": "x"}):
        with pytest.raises(ConfigError, match="there are no rules"):
            parsed(empty)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"label": "x", "column": "colour", "in": ["red"]}, "looks at 'colour', which the table lacks"),
        ({"label": "x", "column": "town", "above": 3}, "compares 'town' with numbers"),
    ],
)
def test_a_rule_that_does_not_fit_the_table_is_refused(rule, told):
    with pytest.raises(InputError, match=told):
        fire(parsed({"rule": [rule]}), ROWS)


@pytest.mark.parametrize("gives", [["a"], [1, 2, 3, 4, 5]])
def test_a_function_that_gives_no_labels_is_refused(gives):
    rules = parsed({"rule": [{"function": "f:f"}]}, lambda _: lambda _: gives)
    with pytest.raises(InputError, match="rule 1 gives"):
        fire(rules, ROWS)
