"""Who is in the boundary subset and why: thresholds, slices, margins and chance, none of them by oversight."""

import math

import numpy as np
import pyarrow as pa
import pytest
from cattrs import Converter
from hypothesis import given
from hypothesis import strategies as st

from bimetal.decision.boundary import Boundary, SliceOf, Threshold, faults, membership, tau
from bimetal.errors import InputError

ROWS = pa.table(
    {
        "id": [f"row-{k}" for k in range(6)],
        "amount": [90.0, 400.0, 500.0, 600.0, 601.0, None],
        "country": ["TH", "SG", None, "SG", "TH", "SG"],
    }
)
QUIET = {"random_share": 0.0}


def why(boundary, rows=ROWS, **model):
    return membership(rows, boundary, **model).to_pylist()


def test_a_threshold_takes_both_ends_and_what_is_not_known():
    told = "threshold amount"
    assert why(Boundary((Threshold("amount", 400, 600),), **QUIET)) == [None, told, told, told, None, told]
    assert why(Boundary((Threshold("amount", low=601),), **QUIET)) == [None, None, None, None, told, told]


def test_a_slice_takes_its_value_and_what_is_not_known():
    told = "slice country=TH"
    assert why(Boundary(slices=(SliceOf("country", "TH"),), **QUIET)) == [told, None, told, None, told, None]


def test_a_slice_of_a_column_that_is_not_text_is_compared_as_text():
    rows = pa.table({"id": ["a", "b"], "year": [2025, 2026]})
    assert why(Boundary(slices=(SliceOf("year", "2026"),), **QUIET), rows) == [None, "slice year=2026"]


def test_margins_take_tau_itself_and_what_is_not_a_number():
    margins = np.array([0.1, 0.2, 0.3, math.nan, 0.0, 1.0])
    told = ["margin", "margin", None, "margin", "margin", None]
    assert why(Boundary(**QUIET), margins=margins, tau=0.2) == told
    assert why(Boundary(**QUIET), margins=margins, tau=math.inf) == ["margin"] * 6


def test_without_model_threshold_or_slice_every_row_is_in():
    assert why(Boundary()) == ["whole slice"] * 6
    assert why(Boundary(**QUIET), ROWS.slice(0, 0)) == []


def test_the_first_ground_is_named():
    boundary = Boundary((Threshold("amount", 0, 95),), (SliceOf("country", "TH"),), 1.0)
    told = why(boundary, margins=np.zeros(6), tau=0.0)
    amount, country = "threshold amount", "slice country=TH"
    assert told == [amount, "margin", country, "margin", country, amount]


@given(st.lists(st.text(min_size=1), unique=True, max_size=50), st.floats(0, 1), st.floats(0, 1), st.integers(0, 9))
def test_chance_is_the_same_in_every_table_and_grows_with_its_share(ids, one, other, seed):
    low, high = sorted((one, other))
    rows = pa.table({"id": pa.array(ids, pa.string()), "x": np.zeros(len(ids))})
    few, many = (
        dict(zip(ids, why(Boundary((Threshold("x", 1, 2),), (), share, rng_seed=seed), rows), strict=True))
        for share in (low, high)
    )
    assert {each for each in ids if few[each]} <= {each for each in ids if many[each]}
    backwards = rows.take(pa.array(np.arange(len(ids))[::-1]))
    assert why(Boundary((Threshold("x", 1, 2),), (), low, rng_seed=seed), backwards)[::-1] == list(few.values())


def test_chance_takes_about_its_share_and_another_seed_takes_others():
    rows = pa.table({"id": [str(k) for k in range(20_000)], "x": np.zeros(20_000)})
    one, two = (why(Boundary((Threshold("x", 1, 2),), (), 0.05, rng_seed=seed), rows) for seed in (0, 1))
    assert 0.045 < sum(each == "random" for each in one) / 20_000 < 0.055
    assert one != two


def test_tau_holds_nine_errors_in_ten_with_the_confidence_asked_for():
    """Coverage of an order statistic is distribution-free (Wilks 1941): the share of trials that miss is at most 5 %."""
    rng = np.random.default_rng(4)
    missed = 0
    for _ in range(400):
        margins = rng.beta(1, 4, 200)
        bound = tau(margins, rng.random(200) < 0.4, Boundary())
        missed += 1 - (1 - bound) ** 4 < 0.9
    assert missed <= 400 * 0.05 + 3 * math.sqrt(400 * 0.05 * 0.95)


def test_tau_reads_errors_alone_and_is_infinite_where_they_are_few():
    margins = np.concatenate([np.full(50, 0.1), np.full(50, 0.9)])
    wrong = np.arange(100) < 50
    assert tau(margins, wrong, Boundary()) == 0.1
    assert tau(margins, np.arange(100) < 28, Boundary()) == math.inf
    assert tau(margins, np.zeros(100, bool), Boundary()) == math.inf


@pytest.mark.parametrize(
    ("boundary", "model", "words"),
    [
        (Boundary((Threshold("price", 1, 2),)), {}, "there is no column 'price'"),
        (Boundary((Threshold("country", 1, 2),)), {}, "name a column of numbers"),
        (Boundary(slices=(SliceOf("region", "TH"),)), {}, "there is no column 'region'"),
        (Boundary(), {"margins": np.zeros(6)}, "margins and tau go together"),
        (Boundary(), {"tau": 0.1}, "margins and tau go together"),
        (Boundary(), {"margins": np.zeros(6), "tau": math.nan}, "margins and tau go together"),
        (Boundary(), {"margins": np.zeros(5), "tau": 0.1}, "give one margin per row"),
        (Boundary(random_share=1.5), {}, "boundary.random_share"),
    ],
)
def test_what_does_not_fit_is_refused(boundary, model, words):
    with pytest.raises(InputError, match=words):
        membership(ROWS, boundary, **model)


def test_rows_need_ids_and_margins_their_verdicts():
    with pytest.raises(InputError, match="row 1 has no id"):
        why(Boundary(**QUIET), pa.table({"id": ["a", None]}))
    with pytest.raises(InputError, match="no column 'id'"):
        why(Boundary(**QUIET), pa.table({"name": ["a"]}))
    with pytest.raises(InputError, match="3 margins for 2 items"):
        tau(np.zeros(3), np.zeros(2, bool), Boundary())


def test_faults_have_paths():
    broken = Boundary((Threshold("a", 2, 1), Threshold("b")), (), -1, 1.0, 0.0)
    assert [each.partition(":")[0] for each in faults(broken)] == [
        "boundary.random_share",
        "boundary.coverage",
        "boundary.confidence",
        "boundary.thresholds[0]",
        "boundary.thresholds[1]",
    ]
    assert not faults(Boundary())


def test_a_boundary_is_structured_from_toml():
    raw = {"thresholds": [{"column": "amount", "low": 400, "high": 600}], "slices": [{"column": "c", "value": "TH"}]}
    read = Converter(forbid_extra_keys=True).structure(raw, Boundary)
    assert read == Boundary((Threshold("amount", 400, 600),), (SliceOf("c", "TH"),))
