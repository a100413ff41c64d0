"""Laws of the algebra over the whole table: joining takes nothing back, and pools intersect."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.licensing import CONDITIONS, EVENTS, NOTHING, Terms, Use, clauses, join, licences
from bimetal.licensing.table import PARTS
from bimetal.licensing.terms import Unknown, fired

EVERYTHING = Use(frozenset(EVENTS))
MILD = Use(
    frozenset(EVENTS), False, circumstances=dict.fromkeys(set(CONDITIONS) - {"commercial", "outside-purpose"}, False)
)
TABLE = {(licence, part): clauses(licence, part) for licence in licences() for part in PARTS}
UNREADABLE = Terms(unknowns=frozenset({Unknown("nobody knows", "find out")}))
ALL = [fired(each, use) for use in (EVERYTHING, MILD) for each in TABLE.values()] + [NOTHING, UNREADABLE]
DISTINCT = list(dict.fromkeys(ALL))


def pairs():
    return itertools.product(DISTINCT, repeat=2)


def test_joining_knows_no_order_no_repetition_and_nothing_is_its_identity():
    assert all(one | other == other | one for one, other in pairs())
    assert all(one | one == one == one | NOTHING for one in DISTINCT)


terms = st.sampled_from(DISTINCT)


@given(terms, terms, terms)
def test_joining_knows_no_grouping(one, two, three):
    assert (one | two) | three == one | (two | three) == join([three, one, two, one])


@pytest.mark.parametrize("use", [EVERYTHING, MILD], ids=["unsaid", "mild"])
def test_adding_an_input_never_unblocks_and_never_drops_an_obligation(use):
    for one, other in pairs():
        both = one | other
        assert one.obligations <= both.obligations
        assert one.prohibitions <= both.prohibitions
        assert one.barred <= both.barred
        assert both.blocks(use) or not one.blocks(use)


def test_pools_intersect_and_nothing_means_unrestricted():
    assert NOTHING.pool is None
    for one, other in pairs():
        both = (one | other).pool
        if one.pool is None or other.pool is None:
            assert both == (other.pool if one.pool is None else one.pool)
        else:
            assert both == one.pool & other.pool


def test_an_output_fits_less_and_less():
    for output in map(frozenset, (["CC-BY-SA-4.0"], ["CC0-1.0"], ["GPL-3.0-only"])):
        refusing = [each for each in DISTINCT if not each.fits(output)]
        assert refusing
        assert not any((one | other).fits(output) for one in refusing for other in DISTINCT)


def test_the_unknown_blocks_every_event_and_no_trial_at_home():
    assert all((one | UNREADABLE).blocks(Use(frozenset({event}))) for one in DISTINCT for event in EVENTS)
    assert not any((one | UNREADABLE).blocks(Use(frozenset())) for one in DISTINCT)


@pytest.mark.parametrize("key", TABLE, ids=" ".join)
def test_saying_more_of_the_use_frees_and_doing_more_binds(key):
    for fewer, more in itertools.pairwise([frozenset(list(EVENTS)[:n]) for n in range(5)]):
        assert fired(TABLE[key], Use(fewer)).clauses <= fired(TABLE[key], Use(more)).clauses
        for circumstances in ({}, MILD.circumstances):
            told = fired(TABLE[key], Use(more, False, circumstances=circumstances))
            assert told.clauses <= fired(TABLE[key], Use(more, None)).clauses
    assert fired(TABLE[key], Use(frozenset(EVENTS), True)) == fired(TABLE[key], Use(frozenset(EVENTS), None))


def test_strange_words_are_refused():
    with pytest.raises(InputError, match="unknown event: 'sold'"):
        Use(frozenset({"sold"}))
    with pytest.raises(InputError, match="unknown circumstance: 'rich'"):
        Use(frozenset({"shared"}), circumstances={"rich": True})
