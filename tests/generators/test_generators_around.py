"""Jitter and SMOTE: what is drawn around real rows keeps its class, its columns and their types."""

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators.jitter import Jitter
from bimetal.generators.smote import Smote
from bimetal.types import Target

BOTH = pytest.mark.parametrize("kind", [Jitter, Smote])
RARE, COMMON = 20, 180


def seed_rows():
    rng = np.random.default_rng(1)
    common, rare = rng.normal([0, 100], [1, 10], (COMMON, 2)), rng.normal([5, 300], [0.5, 40], (RARE, 2))
    x, y = np.concatenate([common, rare]).T
    return pa.table(
        {
            "id": list(map(str, range(200))),
            "x": x.astype(np.float32),
            "y": np.rint(y).astype(np.int16),
            "seen": [datetime.date(2020, 1, 1 + row % 28) for row in range(200)],
            "town": [f"t{row}" for row in range(200)],
            "label": ["common"] * COMMON + ["rare"] * RARE,
        }
    )


SEED = seed_rows()


def drawn(generator, n, seed=SEED, targets=(), rng_seed=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng_seed), seed, targets))


@BOTH
def test_columns_and_types_are_the_seeds_without_its_provenance(kind):
    assert drawn(kind(), 3).schema.equals(seed_rows().drop_columns("id").schema)


@BOTH
def test_classes_keep_the_shares_of_the_seed_or_the_rarest_stands_alone(kind):
    labels = drawn(kind(), 4000)["label"].to_pylist()
    assert abs(labels.count("rare") / 4000 - RARE / (RARE + COMMON)) < 4 * np.sqrt(0.1 * 0.9 / 4000)
    assert set(drawn(kind(only="rarest"), 300)["label"].to_pylist()) == {"rare"}
    assert set(drawn(kind(only="common"), 300)["label"].to_pylist()) == {"common"}


@BOTH
def test_what_is_no_number_comes_from_one_and_the_same_seed_row(kind):
    seed = {row["town"]: row for row in seed_rows().to_pylist()}
    for row in drawn(kind(), 300).to_pylist():
        assert (row["seen"], row["label"]) == (seed[row["town"]]["seen"], seed[row["town"]]["label"])


@BOTH
@given(missing=st.sets(st.integers(0, 199), max_size=199))
def test_a_missing_number_stays_missing_and_no_other_becomes_so(kind, missing):
    seed = seed_rows()
    holes = pa.array(seed["x"].to_pylist(), pa.float32(), mask=np.isin(np.arange(200), list(missing)))
    made = drawn(kind(), 300, seed.set_column(1, "x", holes))
    for town, x in zip(made["town"].to_pylist(), made["x"].to_pylist(), strict=True):
        assert (x is None) == (int(town[1:]) in missing)


def test_jitter_widens_a_class_by_silvermans_bandwidth():
    seed = seed_rows()
    made = drawn(Jitter(only="rare"), 20_000)["x"].to_numpy()
    rare = seed["x"].to_numpy()[COMMON:].astype(float)
    step = rare.std(ddof=1) * (4 / (4 * RARE)) ** (1 / 6)  # Silverman 1986, eq. 4.14, of two columns
    assert made.mean() == pytest.approx(rare.mean(), abs=0.02)
    assert made.var() == pytest.approx(rare.var() + step**2, rel=0.05)


def test_jitter_of_no_width_would_copy_and_is_refused():
    with pytest.raises(InputError, match="width is 0, expected a number above 0"):
        Jitter(width=0)
    made = drawn(Jitter(only="rare", width=1e-9), 50)
    assert set(made["y"].to_pylist()) <= set(seed_rows()["y"].to_pylist()[COMMON:])


def test_smote_stays_on_the_lines_between_neighbours_of_its_class():
    seed = pa.table({"x": [0.0, 1.0, 10.0, 11.0, 5.0], "y": [0.0, 2.0, 0.0, 2.0, 9.0], "label": list("aaaab")})
    for row in drawn(Smote(only="a", neighbours=1), 200, seed).to_pylist():
        x = row["x"] - (10 if row["x"] > 5 else 0)
        assert 0 <= x <= 1
        assert row["y"] == pytest.approx(2 * x)


def test_smote_agrees_with_a_plain_search_for_neighbours():
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(30, 3)) * [1, 10, 100]
    seed = pa.table({**{f"c{k}": column for k, column in enumerate(numbers.T)}, "label": ["a"] * 30})
    scaled = numbers / numbers.std(axis=0, ddof=1)
    apart = np.linalg.norm(scaled[:, None] - scaled[None], axis=2) + np.diag([np.inf] * 30)
    near = np.argsort(apart, axis=1)[:, :4]
    made = drawn(Smote(neighbours=4), 100, seed)
    points = np.column_stack([made[f"c{k}"].to_numpy() for k in range(3)])
    ends = [(numbers[row], numbers[other]) for row in range(30) for other in near[row]]
    for point in points:
        ways = [(point - a) @ (b - a) / ((b - a) @ (b - a)) for a, b in ends]
        off = [np.abs(a + way * (b - a) - point).max() for (a, b), way in zip(ends, ways, strict=True) if 0 <= way <= 1]
        assert min(off) < 1e-9


def test_a_class_of_one_row_is_copied_by_smote_and_moved_by_jitter():
    seed = pa.table({"x": [1.0, 2.0, 50.0], "label": ["many", "many", "one"]})
    assert set(drawn(Smote(only="one"), 20, seed)["x"].to_pylist()) == {50.0}
    assert len(set(drawn(Jitter(only="one"), 20, seed)["x"].to_pylist())) == 20


def test_whole_numbers_stay_within_their_type():
    seed = pa.table({"x": pa.array([0, 255, 128, 3], pa.uint8()), "label": ["a"] * 4})
    assert drawn(Jitter(), 500, seed)["x"].type == pa.uint8()


@BOTH
def test_a_target_raises_the_rare_class(kind):
    labels = drawn(kind(), 2000, targets=(Target("label", "rare", 0.5),))["label"].to_pylist()
    assert abs(labels.count("rare") / 2000 - 0.5) < 0.05


@BOTH
@pytest.mark.parametrize(
    ("seed", "told"),
    [
        (None, "got no seed rows"),
        (pa.table({"x": [1.0]}), "expected plain columns and a label"),
        (pa.table({"text": ["hello"], "label": ["a"]}), "expected plain columns and a label"),
        (pa.table({"town": ["a"], "label": ["a"]}), "no numeric columns"),
        (pa.table({"x": [1.0], "label": pa.array([None], pa.string())}), "no labelled rows"),
    ],
)
def test_seed_rows_it_cannot_learn_from_are_refused(kind, seed, told):
    with pytest.raises(InputError, match=told):
        drawn(kind(), 3, seed)


@BOTH
def test_a_label_nobody_has_is_refused(kind):
    with pytest.raises(InputError, match="no seed row has the label 'purple'"):
        drawn(kind(only="purple"), 3)


def test_fewer_than_one_neighbour_is_refused():
    with pytest.raises(InputError, match="neighbours is 0, expected 1 or more"):
        Smote(neighbours=0)
