"""A grammar says what is written and nothing else, in the shares written, with spans where they were marked."""

import itertools
import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from bimetal.errors import InputError
from bimetal.generators._grammar.reading import bundled
from bimetal.generators.grammar import Grammar
from bimetal.payload import where
from bimetal.types import Target


def said(grammar, n=2000, seed=0, targets=(), **settings):
    drawn = Grammar(grammar, **settings)(n, np.random.default_rng(seed), targets=targets)
    return pa.Table.from_batches(drawn)


def texts(grammar, **more):
    return said(f"# a\n{grammar}", **more)["text"].to_pylist()


def test_choices_are_said_in_the_shares_written():
    seen = Counter(texts("(one*2|two|three (small|large*3))", n=8000))
    expected = {"one": 0.5, "two": 0.25, "three small": 0.0625, "three large": 0.1875}
    assert set(seen) == set(expected)
    assert chisquare([seen[each] for each in expected], [8000 * share for share in expected.values()]).pvalue > 1e-4


def test_what_may_be_left_out_is_said_as_often_as_written():
    seen = Counter(texts("go( now)?20%", n=8000))
    assert abs(seen["go now"] / 8000 - 0.2) < 4 * (0.16 / 8000) ** 0.5


def test_sections_and_patterns_have_weights():
    rows = said("# a *3\nx *9\ny\n# b\nz", n=8000)
    seen = Counter(rows["pattern"].to_pylist())
    expected = {"a-1": 0.675, "a-2": 0.075, "b-1": 0.25}
    assert chisquare([seen[each] for each in expected], [8000 * share for share in expected.values()]).pvalue > 1e-4


def test_tied_slots_say_the_same_and_others_differ():
    tied = [each.split() for each in texts("{x#1} {x#1} {x}\n{x} = (a|b|c)", n=300)]
    assert all(first == second for first, second, _ in tied)
    assert any(first != third for first, _, third in tied)


def test_ties_hold_within_a_choice():
    tied = [each.split() for each in texts("({x#1} and {x#1}|no)\n{x} = (a|b|c)", n=300)]
    assert {len(each) for each in tied} == {1, 3}
    assert all(each[0] == each[-1] for each in tied)


def test_signs_can_be_written_as_themselves():
    assert set(texts(r"a \(b\) \{c\} d\|e \\", n=5)) == {r"a (b) {c} d|e \\"[:-1]}


def test_spaces_are_tidied():
    assert set(texts("(a|) b ( c|) , d", n=50)) == {"a b c, d", "b c, d", "a b, d", "b, d"}


def test_spans_stand_where_the_slots_were():
    rows = said("home", truth="spans")
    plain = said("home")
    assert rows["text"].equals(plain["text"])
    for text, label in zip(rows["text"].to_pylist(), rows["label"].to_pylist(), strict=True):
        spans = json.loads(label)
        covered = [text[each["start"] : each["end"]] for each in spans]
        assert all(each and each == each.strip() for each in covered)
        assert all(one["end"] <= two["start"] for one, two in itertools.pairwise(spans))
    rooms = {text[s["start"] : s["end"]] for text, label in zip(rows["text"].to_pylist(), rows["label"].to_pylist(), strict=True)
             for s in json.loads(label) if s["label"] == "room"}  # fmt: skip
    assert "kitchen" in rooms
    assert "living room" in rooms


def test_declared_columns_can_be_steered():
    rows = said("reviews", targets=(Target("domain", "hotel", 0.7), Target("label", "negative", 0.5)))
    assert abs(where(rows, "domain", "hotel").num_rows / 2000 - 0.7) < 0.05
    assert abs(where(rows, "label", "negative").num_rows / 2000 - 0.5) < 0.05


def test_careless_typing_slips_and_careful_typing_does_not():
    careful, careless = said("bank"), said("bank", typing=1.0)
    assert careful["pattern"].equals(careless["pattern"])
    slipped = np.mean([a != b for a, b in zip(careful["text"].to_pylist(), careless["text"].to_pylist(), strict=True)])
    assert 0.1 < slipped < 0.6


def test_it_takes_on_the_labels_of_real_rows():
    real = pa.table({"text": ["x", "y"], "label": ["age_limit", "change_pin"]})
    rows = pa.Table.from_batches(Grammar("bank").like(real)(100, np.random.default_rng(0)))
    assert set(rows["label"].to_pylist()) == {"age_limit", "change_pin"}


@pytest.mark.parametrize("name", bundled())
def test_what_comes_with_the_project_states_its_terms_and_says_much(name):
    assert Grammar(name).licence == "CC0-1.0"
    assert "en" in set(said(name)["language"].to_pylist())
    assert len(set(said(name)["text"].to_pylist())) > 1000


def test_a_grammar_that_states_no_terms_is_of_unknown_licence():
    assert Grammar("# a\nhello").licence == "unknown"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nothing", "no grammar is called 'nothing'"),
        ("\n\n", "the grammar says nothing"),
        ("# a\n", "is not whole"),
        ("hello\n# a\nx", "line 1 of the grammar: 'hello' stands before any section"),
        ("# a\n(x|y", "line 2 of the grammar: a choice ( is never closed"),
        ("# a\nx) y", "line 2 of the grammar: ')' at place 2"),
        ("# a\n{x y}", "is no slot"),
        ("# a\n{x}", "no slot 'x'"),
        ("# a\n{x}\n{x} = a {x}", "speaks of itself"),
        ("# a | b\nx", "is not whole"),
        ("# a\n" + "({x}|{x#1})" * 20 + "\n{x} = (a|b)", "more than 100,000 ways"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text, sentence):
    with pytest.raises(InputError) as refused:
        Grammar(text)
    assert sentence in str(refused.value)


@given(st.text(alphabet="ab(|)*?%{}#: \\12=\n", max_size=60))
def test_whatever_is_written_is_said_or_refused(text):
    try:
        rows = said(f"# a\n{text}\n", n=5)
    except InputError:
        return
    assert rows.num_rows == 5
    assert not any("\ue000" in each or "\ue002" in each for each in rows["text"].to_pylist())
