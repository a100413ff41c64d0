"""The tree-drawn table and the copula: types, gaps, keys and rules of the seed are kept, and its rows are not."""

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators.copula import Copula
from bimetal.generators.table import Table
from bimetal.types import Target

BOTH = pytest.mark.parametrize("kind", [Table, Copula])
DAY = datetime.date(2020, 1, 1)


def drawn(generator, n, seed, targets=(), rng_seed=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng_seed), seed, targets))


def people(n=400):
    rng = np.random.default_rng(1)
    school = rng.integers(0, 4, n)
    start = rng.integers(0, 500, n)
    wage, bonus = rng.integers(10, 99, n) * 100, rng.integers(0, 9, n) * 50
    return pa.table(
        {
            "person_id": [f"P-{k * 37 % 100_000:05d}" for k in range(n)],
            "age": pa.array((20 + 10 * school + rng.integers(0, 9, n)).tolist(), pa.int8()),
            "school": np.array(["none", "basic", "high", "degree"])[school],
            "years": school * 4,
            "start": [DAY + datetime.timedelta(int(day)) for day in start],
            "end": [DAY + datetime.timedelta(int(day + more)) for day, more in zip(start, rng.integers(0, 90, n), strict=True)],
            "wage": wage,
            "bonus": bonus,
            "paid": wage + bonus,
            "score": pa.array(rng.normal(school, 1), mask=school == 1),
            "label": np.where(rng.random(n) < 0.2 + 0.15 * school, "yes", "no"),
        }
    )  # fmt: skip


KINDS = {
    "int8": (pa.int8(), st.integers(-128, 127)),
    "uint64": (pa.uint64(), st.integers(0, 2**63 - 1)),
    "float32": (pa.float32(), st.floats(-1e6, 1e6, width=32)),
    "float64": (pa.float64(), st.floats(allow_nan=True, allow_infinity=True)),
    "decimal": (pa.decimal128(9, 2), st.integers(-99_999, 99_999).map(lambda x: decimal.Decimal(x) / 100)),
    "string": (pa.string(), st.text("abc", max_size=2)),
    "category": (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b", "c"])),
    "bool": (pa.bool_(), st.booleans()),
    "date": (pa.date32(), st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))),
    "time": (pa.timestamp("ns", tz="UTC"), st.integers(0, 2**60)),
    "clock": (pa.time64("us"), st.integers(0, 86_399_000_000)),
    "nothing": (pa.null(), st.none()),
}


@BOTH
@settings(max_examples=15, deadline=None)
@given(data=st.data(), names=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4, unique=True))
def test_any_types_with_gaps_come_back_as_they_were_and_within_the_seeds_range(kind, data, names):
    columns = {}
    for name in names:
        arrow, values = KINDS[name]
        columns[name] = pa.array(data.draw(st.lists(st.none() | values, min_size=25, max_size=25)), arrow)
    seed = pa.table({**columns, "label": ["a", "b", "a", "c", "a"] * 5})
    made = drawn(kind(), 60, seed)
    assert made.schema.equals(seed.schema)
    assert made.num_rows == 60
    for name in names:
        values = [
            each
            for each in seed[name].to_pylist()
            if each is not None and not (isinstance(each, float) and np.isnan(each))
        ]
        if made[name].null_count < 60 and name not in {"nothing", "float64"}:
            cells = [each for each in made[name].to_pylist() if each is not None]
            assert min(values) <= min(cells)
            assert max(cells) <= max(values)
        if not seed[name].null_count and name != "float64":
            assert not made[name].null_count


def test_rules_that_hold_in_every_seed_row_hold_in_every_drawn_one():
    years = {"none": 0, "basic": 4, "high": 8, "degree": 12}
    made = drawn(Table(), 3000, people()).to_pylist()
    assert all(row["years"] == years[row["school"]] for row in made)
    assert all(row["paid"] == row["wage"] + row["bonus"] for row in made)
    assert all(row["start"] <= row["end"] for row in made)
    assert all((row["score"] is None) == (row["school"] == "basic") for row in made if row["school"] == "basic")


def test_declared_rules_are_kept_and_those_the_seed_breaks_are_refused():
    kept = Table(rules=("bonus <= wage", "paid = bonus + wage", "school -> years"))
    assert all(row["bonus"] <= row["wage"] for row in drawn(kept, 500, people()).to_pylist())
    for rule, said in (
        ("age -> label", "does not hold in"),
        ("years < age", "cannot be read"),
        ("a -> b", "no column"),
    ):
        with pytest.raises(InputError, match=said):
            drawn(Table(rules=(rule,)), 3, people())


@settings(max_examples=5, deadline=None)
@given(rng_seed=st.integers(0, 2**32))
def test_keys_are_fresh_unique_and_of_the_seeds_shape(rng_seed):
    made = drawn(Table(), 2000, people(), rng_seed=rng_seed)["person_id"].to_pylist()
    assert len(set(made)) == 2000
    assert not set(made) & set(people()["person_id"].to_pylist())
    assert all(len(each) == 7 and each.startswith("P-") and each[2:].isdigit() for each in made)


def test_keys_go_on_where_their_shape_is_used_up():
    seed = pa.table({"key": [f"{k:02d}" for k in range(60)], "x": [k % 7 for k in range(60)]})
    made = drawn(Table(), 500, seed)["key"].to_pylist()
    assert len(set(made)) == 500
    assert not set(made) & set(seed["key"].to_pylist())


def test_whole_numbers_that_number_rows_go_on_after_the_last():
    seed = people().set_column(0, "row_id", pa.array(range(100, 500)))
    assert drawn(Table(), 700, seed)["row_id"].to_pylist() == list(range(500, 1200))


def test_free_text_is_refused_with_what_looks_personal_or_drawn_as_missing():
    notes = [f"call number {k} again, write to person{k}@example.org please" for k in range(400)]
    seed = people().append_column("notes", pa.array(notes))
    with pytest.raises(InputError, match="'notes' holds free text, 400 texts of 8 words, 400 of them with an address"):
        drawn(Table(), 3, seed)
    made = drawn(Table(withhold=("notes",)), 30, seed)
    assert made["notes"].null_count == 30
    assert made.column_names[-1] == "label" or set(made.column_names) == set(seed.column_names)


def test_a_hundred_thousand_categories_are_drawn_in_seconds():
    rng = np.random.default_rng(0)
    code = rng.integers(0, 100_000, 120_000)
    seed = pa.table({"code": np.char.add("c", code.astype(str)), "x": code % 7 + rng.normal(0, 0.1, 120_000), "label": np.where(code % 7 > 3, "a", "b")})  # fmt: skip
    made = drawn(Table(), 5000, seed)
    assert set(made["code"].to_pylist()) <= set(seed["code"].to_pylist())
    assert abs(np.corrcoef(made["x"], np.array(made["label"].to_pylist()) == "a")[0, 1]) > 0.7


@BOTH
def test_a_constant_and_an_all_missing_column_stay_so(kind):
    seed = (
        people().append_column("same", pa.array(["x"] * 400)).append_column("gone", pa.array([None] * 400, pa.int32()))
    )
    seed = seed.drop_columns("person_id")
    made = drawn(kind(), 50, seed)
    assert set(made["same"].to_pylist()) == {"x"}
    assert made["gone"].null_count == 50


@BOTH
def test_seed_rows_too_few_or_of_no_plain_columns_are_refused(kind):
    for bad in (people(1), people().slice(0, 0), people().select(["label"]), pa.table({"text": ["a"] * 50})):
        with pytest.raises(InputError, match="the seed rows"):
            drawn(kind(), 3, bad)


@BOTH
def test_rows_without_a_label_are_left_out_and_tables_without_labels_work(kind):
    half = pa.array([*people()["label"].to_pylist()[:200], *[None] * 200])
    seed = people().drop_columns(["person_id", "label"]).append_column("label", half)
    assert not drawn(kind(), 50, seed)["label"].null_count
    assert "label" not in drawn(kind(), 50, seed.drop_columns("label")).column_names


@BOTH
def test_only_one_class_is_drawn_where_asked(kind):
    seed = people().drop_columns("person_id")
    rarest = min(("yes", "no"), key=seed["label"].to_pylist().count)
    assert set(drawn(kind(only="rarest"), 80, seed)["label"].to_pylist()) == {rarest}
    with pytest.raises(InputError, match="no seed row has the label 'maybe'"):
        drawn(kind(only="maybe"), 3, seed)


def test_targets_on_several_columns_are_met_together():
    targets = (Target("school", "degree", 0.5), Target("label", "yes", 0.7))
    made = drawn(Table(), 2048, people(), targets)
    assert made["school"].to_pylist().count("degree") / 2048 == pytest.approx(0.5, abs=0.03)
    assert made["label"].to_pylist().count("yes") / 2048 == pytest.approx(0.7, abs=0.03)
    with pytest.raises(InputError, match="no column 'score'"):
        drawn(Table(leaf=20), 3, people(2000), (Target("score", "1", 0.5),))


def test_marginals_and_dependence_are_those_of_the_seed():
    seed = people(4000)
    made = drawn(Table(), 4000, seed)
    for name in ("age", "wage", "bonus"):
        assert np.mean(made[name]) == pytest.approx(np.mean(seed[name]), rel=0.02)
    gap = np.corrcoef(made["age"], made["years"])[0, 1] - np.corrcoef(seed["age"], seed["years"])[0, 1]
    assert abs(gap) < 0.05


def test_fewer_rows_than_of_fresh_real_data_lie_by_a_seed():
    rng = np.random.default_rng(0)
    rows = rng.multivariate_normal([0, 0, 0], [[1, 0.8, 0.3], [0.8, 1, 0.5], [0.3, 0.5, 1]], 3000)
    real, fresh = (pa.table({"a": part[:, 0], "b": part[:, 1], "c": part[:, 2]}) for part in (rows[:1500], rows[1500:]))

    def by_a_seed(table):
        points = np.column_stack([table[name] for name in "abc"])
        return (np.linalg.norm(points[:, None] - rows[None, :1500], axis=2).min(axis=1) < 0.03).mean()

    assert by_a_seed(drawn(Table(), 1500, real)) < by_a_seed(fresh)
    assert by_a_seed(drawn(Table(closest=0.0), 1500, real)) > by_a_seed(drawn(Table(), 1500, real))


def test_arguments_out_of_range_are_refused():
    for wrong in ({"leaf": 0}, {"closest": 1.0}):
        with pytest.raises(InputError, match="expected"):
            Table(**wrong)
    with pytest.raises(InputError, match="no column 'nowhere'"):
        drawn(Table(withhold=("nowhere",)), 3, people())


def test_the_copula_keeps_the_seeds_correlation_and_each_columns_range():
    seed = people(200).drop_columns("person_id")
    made = drawn(Copula(), 3000, seed)
    assert np.corrcoef(made["age"], made["years"])[0, 1] > 0.7
    assert set(made["school"].to_pylist()) == {"none", "basic", "high", "degree"}
    assert drawn(Copula(), 20, people(3).drop_columns("person_id")).num_rows == 20


def test_the_copula_takes_a_label_typed_as_a_number_and_refuses_what_is_no_label():
    rows = 3000
    seed = pa.table({"x": np.arange(rows, dtype=float), "label": ["0", "1", "1"] * 1000})
    assert set(drawn(Copula(only=0), 20, seed)["label"].to_pylist()) == {"0"}
    with pytest.raises(InputError, match="the seed rows have 3000 labels, expected up to 1024"):
        drawn(Copula(), 3, seed.set_column(1, "label", pa.array([f"k{row}" for row in range(rows)])))
    with pytest.raises(InputError, match="the label holds list"):
        drawn(Copula(), 3, seed.set_column(1, "label", pa.array([["a"]] * rows)))


def test_values_seeds_share_are_drawn_to_the_last_bit_and_those_of_one_seed_are_not():
    rng = np.random.default_rng(0)
    few = np.repeat(rng.normal(3, 1, 1000), 3)
    seed = pa.table({"shared": rng.permutation(few), "own": rng.normal(size=3000)})
    made = drawn(Table(), 3000, seed)
    assert np.isin(made["shared"], few).all()
    assert not np.isin(made["own"], seed["own"]).any()


def test_a_number_near_the_sum_of_others_stays_near_it():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 1000))
    made = drawn(Table(), 1000, pa.table({"a": a, "b": b, "both": a + b + rng.normal(0, 0.05, 1000)}))
    away = np.asarray(made["both"]) - np.asarray(made["a"]) - np.asarray(made["b"])
    assert away.std() < 0.3 * np.std(a + b)  # trees that cut along one column at a time: 0.36
