"""One spelling for every JSON value: the quick way spells as the reference does, byte for byte, and refuses alike."""

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from bimetal.canonical import canonical_json, digest
from bimetal.errors import InputError

WHOLE = st.integers(-(2**53) - 3, 2**53 + 3) | st.sampled_from([2**53 - 1, 2**53, -(2**53) + 1, -(2**53)])
TEXT = st.text(st.characters(codec=None), max_size=12)  # halves of surrogate pairs and control characters among them
SINGLE = st.none() | st.booleans() | WHOLE | st.floats() | TEXT
VALUES = st.recursive(SINGLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))


def reference(value):
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):  # the latter for half a surrogate pair in a key
        return None


def spelled(value):
    try:
        return canonical_json(value)
    except InputError:
        return None


@given(VALUES)
@example({"\ue000": 1, "\U0001f600": 2})  # by character and in UTF-16 these sort otherwise
@example({"b": '\x00\x07\b\t\n\f\r\x1f\x7f"\\/\u2028', "a": "€"})
@example(["\ud800"])
@example({"\udc00": None})
@example([1, 1.0, True, -0.0, 0])
def test_every_value_is_spelled_or_refused_as_the_reference_does(value):
    assert spelled(value) == reference(value)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=40))
def test_text_is_escaped_as_the_reference_does(text):
    assert canonical_json({"said": text}) == rfc8785.dumps({"said": text})


@given(st.dictionaries(st.text(st.characters(codec="ascii"), max_size=4), WHOLE, max_size=12))
def test_keys_come_in_the_order_of_the_reference(value):
    assert spelled(value) == reference(value)


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {"n": 2**53}, "\ud800", {"\ud800": 1.5}, {"a": {1, 2}}]
)
def test_what_is_no_json_is_refused(value):
    with pytest.raises(InputError, match="cannot be written as JSON"):
        canonical_json(value)


def test_pairs_and_other_keys_are_spelled_as_lists_and_text():
    assert canonical_json((1, ("a",))) == b'[1,["a"]]'
    assert canonical_json({2: "b", 10: "a"}) == b'{"10":"a","2":"b"}'
    assert digest((1, 2)) == digest([1, 2])
