"""Small networks for tables: columns there and back, classes kept apart, the same rows again, odd tables refused."""

import datetime
import decimal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators._nets.columns import MOST, Columns

pytest.importorskip("jax")

from bimetal.generators.table_diffusion import TableDiffusion
from bimetal.generators.table_gan import TableGan

BOTH = pytest.mark.parametrize("kind", [TableGan, TableDiffusion])
MIXED = st.lists(
    st.fixed_dictionaries(
        {
            "x": st.none() | st.floats(-1e6, 1e6),
            "k": st.none() | st.integers(-1000, 1000),
            "seen": st.none() | st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1)),
            "town": st.none() | st.sampled_from(["Bonn", "Ulm", "Kiel"]),
            "yes": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=30,
)
SCHEMA = pa.schema(
    [("x", pa.float64()), ("k", pa.int32()), ("seen", pa.date32()), ("town", pa.string()), ("yes", pa.bool_())]
)


def rows_of(n=200):
    """Two classes: apart in x, alike in y; the town goes with the class."""
    rng = np.random.default_rng(0)
    few = np.arange(n) < n // 5
    return pa.table(
        {
            "id": list(map(str, range(n))),
            "x": np.where(few, 4.0, -4.0) + rng.normal(0, 1, n),
            "y": rng.integers(0, 5, n).astype(np.int16),
            "town": np.where(few, "Ulm", "Bonn"),
            "label": np.where(few, "few", "many"),
        }
    )


def drawn(generator, n, seed=None, rng_seed=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng_seed), rows_of() if seed is None else seed))


@settings(deadline=None)
@given(MIXED, st.integers(0, 2**32 - 1))
def test_rows_turned_into_vectors_and_back_are_the_rows(rows, seed):
    table = pa.Table.from_pylist(rows, SCHEMA)
    columns = Columns.of(table)
    rng = np.random.default_rng(seed)
    vectors = columns.vectors(table, rng)
    assert vectors.shape == (len(rows), columns.width)
    assert np.isfinite(vectors).all()
    back = columns.table(vectors, rng)
    assert back.schema.equals(SCHEMA)
    for name in ("k", "seen", "town", "yes"):
        assert back[name].to_pylist() == table[name].to_pylist()
    for was, now in zip(table["x"].to_pylist(), back["x"].to_pylist(), strict=True):
        assert (
            now is None
            if was is None
            else now == pytest.approx(was, rel=1e-3, abs=2e-3 * (1 + np.ptp([r["x"] or 0 for r in rows])))
        )


def test_numbers_are_normal_and_an_atom_keeps_its_share():
    rng = np.random.default_rng(1)
    values = np.where(rng.random(4000) < 0.7, 0.0, rng.exponential(1000, 4000))
    columns = Columns.of(pa.table({"gain": values}))
    vectors = columns.vectors(pa.table({"gain": values}), rng)[:, 0]
    assert (vectors.mean(), vectors.std()) == (pytest.approx(0, abs=0.05), pytest.approx(1, abs=0.05))
    back = columns.table(rng.standard_normal((20_000, 1)), rng)["gain"].to_numpy()
    assert (back == 0).mean() == pytest.approx((values == 0).mean(), abs=0.02)


def test_many_categories_share_one_place_and_are_drawn_by_how_common_they_are():
    rng = np.random.default_rng(2)
    names = [f"c{code:03d}" for code in np.minimum(rng.geometric(0.02, 3000), 400)]
    table = pa.table({"code": names})
    columns = Columns.of(table)
    assert columns.width == MOST
    back = columns.table(columns.vectors(table, rng), rng)["code"].to_pylist()
    assert set(back) <= set(names)
    same = np.mean([was == now for was, now in zip(names, back, strict=True)])
    assert 0.6 < same < 1
    assert len(set(back)) > MOST


@BOTH
def test_a_class_is_drawn_where_its_rows_lie(kind):
    few = drawn(kind(only="few", steps=800, width=32), 500)
    assert few.column_names == ["x", "y", "town", "label"]
    assert few["y"].type == pa.int16()
    assert set(few["label"].to_pylist()) == {"few"}
    assert np.median(few["x"].to_numpy()) > 2
    assert few["town"].to_pylist().count("Ulm") > 400
    assert set(few["y"].to_pylist()) <= set(range(5))


@BOTH
@pytest.mark.parametrize(
    ("seed", "told"),
    [
        (None, "got no seed rows"),
        (pa.table({"x": [1.0]}), "expected plain columns and a label"),
        (pa.table({"text": ["a"], "label": ["b"]}), "expected plain columns and a label"),
        (pa.table({"x": [1.0], "label": pa.array([None], pa.string())}), "no labelled rows"),
        (pa.table({"id": ["1"], "label": ["a"]}), "no columns beside the label"),
        (pa.table({"x": [[1]], "label": ["a"]}), "which is no number and no category"),
        (pa.table({"name": [f"n{k}" for k in range(100)], "label": ["a"] * 100}), "100 different values in 100 rows"),
    ],
)
def test_seed_rows_it_cannot_learn_from_are_refused(kind, seed, told):
    with pytest.raises(InputError, match=told):
        kind(steps=1)(3, np.random.default_rng(0), seed)


@BOTH
def test_odd_tables_work(kind):
    one = pa.table({"x": [1.5], "n": pa.array([None], pa.float64()), "label": ["a"]})
    assert drawn(kind(steps=3, width=4), 5, one).to_pylist() == [{"x": 1.5, "n": None, "label": "a"}] * 5
    odd = pa.table(
        {
            "same": [3] * 30,
            "price": pa.array([decimal.Decimal("1.25"), decimal.Decimal("9.50"), None] * 10, pa.decimal128(5, 2)),
            "at": pa.array(list(range(30)), pa.timestamp("us")),
            "kind": pa.array(["a", "b", None] * 10).dictionary_encode(),
            "wild": [np.inf, -np.inf, np.nan] * 10,
            "label": ["x"] * 30,
        }
    )
    made = drawn(kind(steps=3, width=4), 20, odd)
    assert set(made["same"].to_pylist()) == {3}
    assert made["wild"].null_count == 20
    assert made["at"].type == pa.timestamp("us")


@BOTH
@pytest.mark.parametrize(
    "wrong",
    [{"steps": 0}, {"width": 0}, {"steps": 2.5}, {"steps": 10**18}, {"rate": "x"}, {"rate": -1}, {"width": True}],
)
def test_arguments_that_train_nothing_are_refused(kind, wrong):
    with pytest.raises(InputError, match="above 0, up to"):
        kind(**wrong)


def test_another_process_draws_the_same_bits():
    code = (
        "import hashlib, numpy as np, pyarrow as pa\n"
        "from bimetal.generators.table_diffusion import TableDiffusion\n"
        "seed = pa.table({'x': np.arange(40.0), 'label': ['a', 'b'] * 20})\n"
        "rows = pa.Table.from_batches(TableDiffusion(steps=20, width=16)(50, np.random.default_rng(3), seed))\n"
        "print(hashlib.sha256(rows['x'].to_numpy().tobytes()).hexdigest())\n"
    )
    found = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(found) == 1
