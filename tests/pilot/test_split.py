"""Panels held out of one table: at random, by group, by time."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.pilot.split import hold_out


@given(rows=st.integers(10, 80), groups=st.integers(3, 9), seed=st.integers(0, 999), timed=st.booleans())
def test_groups_stay_whole_and_nothing_is_lost(rows, groups, seed, timed):
    who = np.random.default_rng(seed).integers(0, groups, rows)
    table = pa.table({"x": range(rows), "who": who, "day": np.arange(rows)[::-1]})
    if len(np.unique(who)) < 2:
        return
    try:
        rest, panel = hold_out(table, 0.3, np.random.default_rng(seed), "who", "day" if timed else "")
    except InputError:
        assert np.bincount(who).max() > 0.5 * rows
        return
    assert not set(rest["who"].to_pylist()) & set(panel["who"].to_pylist())
    assert sorted(rest["x"].to_pylist() + panel["x"].to_pylist()) == list(range(rows))


@pytest.mark.parametrize("share", [0.0, 1.0, 7])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InputError, match="share"):
        hold_out(pa.table({"x": range(9)}), share, np.random.default_rng(0))
