"""Perturbed texts: a reader still reads them, labels and twins stay, strength means what it says."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators._redteam.perturbations import EDITS, NEIGHBOURS, perturbed
from bimetal.generators.perturbed_text import PerturbedText
from bimetal.types import Target
from bimetal.writing import normalised

SEED = pa.table(
    {
        "id": ["a", "b", "c"],
        "text": ["Where is my new card", "tôi bị mất thẻ", "บัตรของฉันหาย"],
        "label": ["card", "lost", None],
    }
)


def drawn(n=300, seed=SEED, targets=(), **settings):
    return pa.Table.from_batches(PerturbedText(**settings)(n, np.random.default_rng(3), seed, targets))


@pytest.mark.parametrize("way", EDITS)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40), share=st.floats(0.01, 1))
def test_any_text_is_changed_where_edits_are_counted_and_nowhere_else(way, text, share):
    picks = np.random.default_rng(len(text)).random((len(text), 2))
    changed, edits = perturbed(text, way, share, picks)
    assert (changed == text) == (edits == 0)


def test_labels_and_twins_are_those_of_the_seed():
    known = {row["id"]: row["label"] for row in SEED.to_pylist()}
    for row in drawn().to_pylist():
        assert row["label"] == known[row["twin"]]


@pytest.mark.parametrize("text", SEED["text"].to_pylist())
def test_zero_width_signs_are_gone_after_normalising(text):
    changed, edits = perturbed(text, "zero_width", 0.5, np.random.default_rng(0).random((len(text), 2)))
    assert edits > 2
    assert normalised(changed).text == normalised(text).text


def test_what_each_way_may_touch():
    text = SEED["text"][0].as_py()
    for row in drawn(ways=("case",), targets=(Target("label", "card", 1.0),)).to_pylist():
        assert row["text"].casefold() == text.casefold()
    for row in drawn(ways=("diacritics",), targets=(Target("label", "card", 1.0),)).to_pylist():
        bare = "".join(each for each in unicodedata.normalize("NFD", row["text"]) if not unicodedata.combining(each))
        assert bare == text
    for row in drawn(ways=("whitespace",)).to_pylist():
        assert "".join(row["text"].split()) == "".join(
            {each["id"]: each["text"] for each in SEED.to_pylist()}[row["twin"]].split()
        )


def test_a_letter_has_the_neighbours_of_its_key():
    assert set(NEIGHBOURS["s"]) == set("awedzx")
    assert set(NEIGHBOURS["q"]) == set("wa")


def test_a_higher_strength_edits_more():
    many = [np.mean(drawn(strength=each)["edits"].to_numpy()) for each in (0.05, 0.2, 0.6)]
    assert many == sorted(many)
    assert many[2] > 2 * many[0]


def test_a_text_with_nothing_to_change_stays_and_says_so():
    rows = drawn(9, pa.table({"text": ["1234"], "label": ["x"]}), ways=("homoglyph", "case", "diacritics"))
    assert set(rows["text"].to_pylist()) == {"1234"}
    assert set(rows["edits"].to_pylist()) == {0}
    assert set(rows["twin"].to_pylist()) == {"0"}


BAD = {
    "another payload": pa.table({"x": [1.0], "label": ["a"]}),
    "no label": pa.table({"text": ["a"]}),
    "empty": SEED.slice(0, 0),
    "a missing text": pa.table({"text": ["a", None], "label": ["x", "y"]}),
}


@pytest.mark.parametrize("seed", BAD.values(), ids=BAD.keys())
def test_seed_rows_that_cannot_be_used_are_refused(seed):
    with pytest.raises(InputError) as refused:
        drawn(3, seed)
    assert refused.value.hint
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "bad", [{"strength": 0}, {"strength": 2}, {"strength": "x"}, {"ways": "typo"}, {"ways": ("x",)}]
)
def test_bad_arguments_are_refused(bad):
    with pytest.raises(InputError):
        PerturbedText(**bad)
