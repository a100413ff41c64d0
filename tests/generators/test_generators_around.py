"""Jitter, SMOTE and borderline-SMOTE: what is drawn around real rows keeps its class, its columns and their types."""

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators.borderline import Borderline
from bimetal.generators.jitter import Jitter
from bimetal.generators.smote import Smote
from bimetal.types import Target

ALL = pytest.mark.parametrize("kind", [Jitter, Smote, Borderline])
SHARED = 170  # rows from here on share a town: a column all of whose values differ is refused
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
            "town": [f"t{min(row, SHARED)}" for row in range(200)],
            "label": ["common"] * COMMON + ["rare"] * RARE,
        }
    )


SEED = seed_rows()


def drawn(generator, n, seed=SEED, targets=(), rng_seed=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng_seed), seed, targets))


@ALL
def test_columns_and_types_are_the_seeds_without_its_provenance(kind):
    assert drawn(kind(), 3).schema.equals(seed_rows().drop_columns("id").schema)


@ALL
def test_classes_keep_the_shares_of_the_seed_or_the_rarest_stands_alone(kind):
    labels = drawn(kind(), 4000)["label"].to_pylist()
    assert abs(labels.count("rare") / 4000 - RARE / (RARE + COMMON)) < 4 * np.sqrt(0.1 * 0.9 / 4000)
    assert set(drawn(kind(only="rarest"), 300)["label"].to_pylist()) == {"rare"}
    assert set(drawn(kind(only="common"), 300)["label"].to_pylist()) == {"common"}


@ALL
def test_what_is_no_number_comes_from_one_and_the_same_seed_row(kind):
    seed = {(row["town"], row["seen"], row["label"]) for row in seed_rows().to_pylist()}
    assert {(row["town"], row["seen"], row["label"]) for row in drawn(kind(), 300).to_pylist()} <= seed


@ALL
@settings(deadline=None)
@given(missing=st.sets(st.integers(0, 199), max_size=199))
def test_a_missing_number_stays_missing_and_no_other_becomes_so(kind, missing):
    seed = seed_rows()
    holes = pa.array(seed["x"].to_pylist(), pa.float32(), mask=np.isin(np.arange(200), list(missing)))
    made = drawn(kind(), 300, seed.set_column(1, "x", holes))
    for town, x in zip(made["town"].to_pylist(), made["x"].to_pylist(), strict=True):
        rows = range(SHARED, 200) if town == f"t{SHARED}" else [int(town[1:])]
        assert (x is None) in {row in missing for row in rows}


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


@ALL
def test_a_target_raises_the_rare_class(kind):
    labels = drawn(kind(), 2000, targets=(Target("label", "rare", 0.5),))["label"].to_pylist()
    assert abs(labels.count("rare") / 2000 - 0.5) < 0.05


@ALL
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


@ALL
def test_a_label_nobody_has_is_refused(kind):
    with pytest.raises(InputError, match="no seed row has the label 'purple'"):
        drawn(kind(only="purple"), 3)


def test_fewer_than_one_neighbour_is_refused():
    with pytest.raises(InputError, match="neighbours is 0, expected 1 or more"):
        Smote(neighbours=0)


def crowded():
    """Ten rare rows: four deep in their own, four at the border, two lone ones among the others; and the others."""
    rng = np.random.default_rng(4)
    own, border, lone = rng.normal(0, 0.1, (4, 2)), rng.normal([1, 0], 0.1, (4, 2)), np.array([[6.0, 6.0], [-6.0, 6.0]])
    others = np.concatenate(
        [rng.normal([1.2, 0], 0.15, (12, 2)), rng.normal(0, 0.1, (0, 2)), rng.normal(lone[0], 0.3, (20, 2))]
    )
    others = np.concatenate([others, rng.normal(lone[1], 0.3, (20, 2))])
    x, y = np.concatenate([own, border, lone, others]).T
    town = [*["own"] * 4, *["border"] * 4, *["lone"] * 2, *["other"] * len(others)]
    return pa.table({"x": x, "y": y, "town": town, "label": ["few"] * 10 + ["many"] * len(others)})


def test_borderline_starts_from_rows_in_danger_as_counted_by_hand():
    seed, crowd = crowded(), 8
    points = np.column_stack([seed["x"].to_numpy(), seed["y"].to_numpy()])
    points /= points.std(axis=0, ddof=1)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) + np.diag([np.inf] * len(points))
    few = np.array(seed["label"].to_pylist()) == "few"
    others = (~few)[np.argsort(apart, axis=1)[:10, :crowd]].mean(axis=1)
    danger = np.flatnonzero((others >= 0.5) & (others < 1))
    assert 0 < len(danger) < 10
    starts = Borderline("few", crowd=crowd).fitted(np.column_stack([seed["x"], seed["y"]]), np.arange(10))[0]
    assert starts.tolist() == danger.tolist()
    assert set(drawn(Borderline("few", crowd=crowd), 300, seed)["town"].to_pylist()) == {"border"}


def test_borderline_without_danger_starts_from_all_that_is_no_noise():
    seed = pa.table({"x": [0.0, 0.1, 0.2, 9.0, 9.1, 50.0, 50.1, 50.2], "label": list("aaaabbbb")})
    assert max(drawn(Borderline("a", neighbours=2, crowd=2), 200, seed)["x"].to_pylist()) <= 9
    alone = pa.table({"x": [0.0, 5.0, 5.1, 5.2], "label": list("abbb")})
    assert set(drawn(Borderline("a"), 20, alone)["x"].to_pylist()) == {0.0}


@pytest.mark.parametrize("wrong", [{"neighbours": 0}, {"crowd": 0}])
def test_borderline_without_neighbours_is_refused(wrong):
    with pytest.raises(InputError, match="expected 1 or more"):
        Borderline(**wrong)


@ALL
def test_what_is_never_negative_stays_so_and_a_flag_is_copied(kind):
    rng = np.random.default_rng(5)
    seed = pa.table(
        {
            "amount": rng.exponential(1, 60),
            "share": rng.beta(0.3, 0.3, 60),
            "gain": rng.normal(0, 1, 60),
            "flag": pa.array(rng.integers(0, 2, 60), pa.int8()),
            "label": ["a"] * 40 + ["b"] * 20,
        }
    )
    made = drawn(kind(), 2000, seed)
    assert min(made["amount"].to_pylist()) >= 0
    assert min(made["share"].to_pylist()) >= 0
    assert max(made["share"].to_pylist()) <= 1
    assert min(made["gain"].to_pylist()) < 0
    assert set(made["flag"].to_pylist()) == {0, 1}


@ALL
def test_odd_columns_are_drawn_without_a_fault(kind):
    seed = pa.table(
        {
            "x": [1.0, 2.0, np.inf, 4.0] * 5,
            "key": pa.array([2**62 + row for row in range(20)], pa.int64()),
            "never": pa.array([None] * 20, pa.float64()),
            "same": [3.5] * 20,
            "name": [f"name {row // 2}" for row in range(20)],
            "label": ["a", "b"] * 10,
        }
    )
    made = drawn(kind(), 50, seed)
    assert made["never"].null_count == 50
    assert set(made["same"].to_pylist()) == {3.5}
    assert made["x"].null_count < 50


@ALL
def test_a_label_typed_as_a_number_is_that_label(kind):
    seed = SEED.set_column(5, "label", pa.array(["0"] * COMMON + ["1"] * RARE))
    assert set(drawn(kind(only=0), 20, seed)["label"].to_pylist()) == {"0"}
    assert set(drawn(kind(only=1), 20, seed)["label"].to_pylist()) == {"1"}


@ALL
def test_keys_taken_for_labels_are_refused_in_one_sentence(kind):
    rows = 100_000
    seed = pa.table({"x": np.arange(rows, dtype=float), "label": [f"k{row}" for row in range(rows)]})
    with pytest.raises(InputError, match="the seed rows have 100000 labels, expected up to 1024") as told:
        drawn(kind(), 3, seed)
    assert len(str(told.value)) < 200
    with pytest.raises(InputError, match="no seed row has the label 'purple'") as told:
        drawn(kind(only="purple"), 3, seed)
    assert len(str(told.value)) < 300
    assert set(drawn(kind(only="k7"), 3, seed)["label"].to_pylist()) == {"k7"}


@ALL
def test_numbers_near_the_ends_of_floats_are_drawn_without_a_warning(kind):
    seed = pa.table({"x": [1.7e308, -1.7e308, 2.0, 3.0] * 5, "y": np.arange(20.0), "label": ["a", "b"] * 10})
    assert drawn(kind(), 50, seed).num_rows == 50


@pytest.mark.parametrize(
    "make",
    [
        lambda: Smote(neighbours=2.5),
        lambda: Smote(neighbours=float("nan")),
        lambda: Borderline(crowd=2.5),
        lambda: Jitter(width=1e308),
        lambda: Jitter(width=float("nan")),
    ],
)
def test_settings_no_neighbour_or_width_can_have_are_refused(make):
    with pytest.raises(InputError, match="expected"):
        make()
