"""Sequences: an entity's columns stay its own, times ascend, keys are fresh and join, and labels are steered or refused."""

import datetime
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.generators._sequence.steering import mixed
from bimetal.generators.demo import Demo
from bimetal.generators.sequence import Sequence
from bimetal.types import Target

DAY = datetime.date(2020, 1, 1)


def drawn(generator, n, seed, targets=(), rng_seed=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng_seed), seed, targets))


def bank(customers=150, per_event=True):
    """Customers with a town and a class of spending, whose amounts go on from one payment to the next."""
    rng = np.random.default_rng(3)
    rows = []
    for customer in range(customers):
        rich, amount = rng.random() < 0.3, 0.0
        day = DAY + datetime.timedelta(int(rng.integers(0, 60)))
        for _ in range(1 + rng.poisson(5 if rich else 3)):
            amount = 0.8 * amount + rng.normal(0, 1)
            day += datetime.timedelta(int(rng.integers(1, 15)))
            rows.append(
                {
                    "customer": f"C-{customer:04d}",
                    "town": ["east", "west"][customer % 2],
                    "born": None if customer % 9 == 0 else 1950 + customer % 40,
                    "day": day,
                    "payment": f"T{len(rows):06d}",
                    "amount": round(amount + (10 if rich else 3), 2) if rng.random() < 0.95 else None,
                    "label": ("fraud" if rng.random() < 0.1 else "fine") if per_event else ["poor", "rich"][rich],
                }
            )
    order = rng.permutation(len(rows))
    return pa.Table.from_pylist(rows).take(order)


BANK, RICH = bank(), bank(per_event=False)


def entities(table, key="customer"):
    return [list(rows) for _, rows in groupby(table.to_pylist(), lambda row: row[key])]


def test_an_entity_keeps_its_own_and_its_times_ascend():
    made = drawn(Sequence(), 900, BANK)
    assert made.schema.equals(BANK.schema)
    seen = entities(made)
    assert len({rows[0]["customer"] for rows in seen}) == len(seen)  # rows of an entity stand together
    for rows in seen:
        assert len({(row["town"], row["born"]) for row in rows}) == 1
        assert all(a["day"] < b["day"] for a, b in pairwise(rows))
    assert not set(made["customer"].to_pylist()) & set(BANK["customer"].to_pylist())
    assert not set(made["payment"].to_pylist()) & set(BANK["payment"].to_pylist())
    assert len(set(made["payment"].to_pylist())) == 900
    assert 0 < made["amount"].null_count < 120
    assert made["born"].null_count > 0


def test_events_follow_one_another_as_in_the_seed():
    def after(table):
        pairs = [(a["amount"], b["amount"]) for rows in entities(table.sort_by([("customer", "ascending"), ("day", "ascending")])) for a, b in pairwise(rows)]  # fmt: skip
        return np.corrcoef(np.array([pair for pair in pairs if None not in pair]).T)[0, 1]

    made = drawn(Sequence(), 3000, RICH)
    assert abs(after(made) - after(RICH)) < 0.08
    sizes = [np.mean([len(rows) for rows in entities(table)[:-1]]) for table in (made, RICH.sort_by("customer"))]
    assert abs(sizes[0] - sizes[1]) < 0.4


def test_parents_and_events_join_on_the_key_and_make_the_flat_table():
    parents, events, flat = (drawn(Sequence(table=table), 800, BANK) for table in ("parents", "events", "flat"))
    assert parents.column_names == ["customer", "town", "born"]
    assert events.column_names == ["customer", "day", "payment", "amount", "label"]
    assert len(set(parents["customer"].to_pylist())) == 800
    owned = {row["customer"]: row for row in parents.to_pylist()}
    joined = [{**owned[row["customer"]], **row} for row in events.to_pylist()]
    assert [{name: row[name] for name in flat.column_names} for row in joined] == flat.to_pylist()


@pytest.mark.parametrize("table", ["flat", "parents", "events"])
def test_a_row_depends_on_no_n_across_batches(table):
    seed = RICH.slice(0, 200)
    many = drawn(Sequence(table=table), 40_000 if table == "flat" else 9000, seed)
    for n in (0, 1, 700, many.num_rows - 3):
        assert drawn(Sequence(table=table), n, seed).equals(many.slice(0, n))


@pytest.mark.parametrize(
    ("seed", "value", "share"), [(RICH, "rich", 0.8), (RICH, "rich", 0.05), (BANK, "fraud", 0.2), (BANK, "fraud", 0.03)]
)
def test_a_target_is_met_by_rows_though_entities_are_drawn(seed, value, share):
    made = drawn(Sequence(closest=0), 12_000, seed, (Target("label", value, share),))
    assert abs(made["label"].to_pylist().count(value) / 12_000 - share) < 0.02


def test_a_target_no_mixture_of_entities_meets_is_refused_with_what_is_possible():
    with pytest.raises(InputError, match=r"'fraud' cannot be 0.7 of the rows: entities have it in 0 to 0.\d+ of"):
        drawn(Sequence(), 10, BANK, (Target("label", "fraud", 0.7),))
    with pytest.raises(InputError, match="no column 'town' can be steered"):
        drawn(Sequence(), 10, BANK, (Target("town", "east", 0.7),))
    with pytest.raises(InputError, match="no label to steer"):
        drawn(Sequence(), 10, BANK.drop_columns("label"), (Target("label", "fraud", 0.1),))


@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=2, max_size=5), st.floats(0.02, 0.98))
def test_a_mixture_meets_its_target_or_says_that_none_can(brings, share):
    brings, target = np.array(brings, float) + np.eye(3)[np.arange(len(brings)) % 3], Target("label", "a", share)
    inside = brings[:, 0] / brings.sum(axis=1)
    if not inside.min() <= share <= inside.max():
        if not inside.min() - 0.001 <= share <= inside.max() + 0.001:
            with pytest.raises(InputError, match="cannot be"):
                mixed(np.ones(len(brings)) / len(brings), brings, ["a", "b", "c"], [target])
        return
    shares = mixed(np.ones(len(brings)) / len(brings), brings, ["a", "b", "c"], [target])
    rows = shares @ brings
    assert abs(rows[0] / rows.sum() - share) < 2e-3


VALUES = {
    "number": (pa.float64(), st.none() | st.floats(-1e6, 1e6)),
    "whole": (pa.int16(), st.none() | st.integers(-99, 99)),
    "name": (pa.string(), st.none() | st.sampled_from(["a", "b"])),
    "flag": (pa.bool_(), st.none() | st.booleans()),
    "date": (pa.date32(), st.none() | st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1))),
    "moment": (pa.timestamp("us"), st.none() | st.integers(0, 2**50)),
    "nothing": (pa.string(), st.none()),
    "constant": (pa.string(), st.just("same")),
}


@settings(max_examples=25, deadline=None)
@given(
    data=st.data(),
    names=st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True),
    n=st.integers(0, 60),
    time=st.sampled_from(["", "number", "date"]),
)
def test_any_columns_with_gaps_give_n_rows_of_the_seeds_types(data, names, n, time):
    owners = data.draw(st.lists(st.integers(0, 12), min_size=24, max_size=24))
    columns = {
        name: pa.array(data.draw(st.lists(VALUES[name][1], min_size=24, max_size=24)), VALUES[name][0])
        for name in names
    }
    seed = pa.table({"entity": owners, **columns, "label": ["a", "b", "c"] * 8})
    generator = Sequence(entity="entity", time=time if time in names else "", leaf=1)
    made = drawn(generator, n, seed)
    assert made.num_rows == n
    assert made.schema.equals(seed.schema)
    assert not set(made["entity"].to_pylist()) & set(owners)
    for name in names:
        if seed[name].null_count == 24:
            assert made[name].null_count == n
    if time in names and time not in _own(seed, owners):
        for rows in entities(made, "entity"):
            known = [row[time] for row in rows if row[time] is not None]
            assert known == sorted(known)


def _own(seed, owners):
    return {
        name
        for name in seed.column_names
        if len(set(zip(owners, seed[name].to_pylist(), strict=True))) == len(set(owners))
    }


def test_without_an_entity_each_row_is_one_and_all_columns_are_its_own():
    seed = pa.table({"height": np.arange(60.0), "town": ["a", "b", "c"] * 20, "label": ["no", "yes"] * 30})
    made = drawn(Sequence(), 100, seed)
    assert made.schema.equals(seed.schema)
    assert set(made["town"].to_pylist()) == {"a", "b", "c"}


def test_missing_labels_stay_missing_events():
    labels = [each if k % 3 else None for k, each in enumerate(BANK["label"].to_pylist())]
    made = drawn(Sequence(), 600, BANK.set_column(6, "label", pa.array(labels)))
    assert 120 < made["label"].null_count < 280


def test_what_cannot_be_learned_from_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="got no seed rows"):
        drawn(Sequence(), 3, None)
    with pytest.raises(InputError, match="seed rows hold 1 entities, fewer than the 20 a leaf needs"):
        drawn(Sequence(), 3, BANK.slice(0, 1))
    with pytest.raises(InputError, match="no entity column 'client'"):
        drawn(Sequence(entity="client"), 3, BANK)
    with pytest.raises(InputError, match="no column 'hour' to order by"):
        drawn(Sequence(time="hour"), 3, BANK)
    with pytest.raises(InputError, match="'town' is string, expected a date, a time or a number"):
        drawn(Sequence(time="town"), 3, BANK)
    with pytest.raises(InputError, match="have no born"):
        drawn(Sequence(entity="born"), 3, BANK)
    with pytest.raises(InputError, match="holds list"):
        drawn(Sequence(), 3, BANK.append_column("list", pa.array([[1]] * BANK.num_rows)))
    with pytest.raises(InputError, match="table is 'children'"):
        Sequence(table="children")


def test_payments_keep_their_time_of_day_after_gaps_of_days_and_short_gaps_stay_short():
    seed = pa.Table.from_batches(Demo("transactions")(4000, np.random.default_rng(0))).drop_columns(["demo", "label"])
    made = drawn(Sequence(), 4000, seed)
    for early, late in ((0, 5), (8, 20)):
        shares = [np.mean([early <= each.hour < late for each in table["time"].to_pylist()]) for table in (seed, made)]
        assert abs(shares[0] - shares[1]) < 0.07  # smoothing blurs a quiet night a little
    steady = pa.Table.from_batches(Demo("sensors")(4800, np.random.default_rng(0)))
    made = drawn(Sequence(), 960, steady)
    gaps = {b["time"] - a["time"] for rows in entities(made, "sensor") for a, b in pairwise(rows)}
    assert gaps == {datetime.timedelta(minutes=15)}


def test_what_one_column_says_of_another_holds_for_entities_and_for_events():
    rng = np.random.default_rng(0)
    owners, shop, net, tax = np.repeat(np.arange(100), 6), rng.integers(0, 9, 600), *rng.integers(1, 99, (2, 600))
    town = owners % 4
    seed = pa.table(
        {"client": owners, "town": town, "country": town // 2, "shop": shop, "branch": shop // 3, "net": net, "tax": tax, "paid": net + tax}
    )  # fmt: skip
    made = drawn(Sequence(), 2000, seed).to_pylist()
    assert all(row["country"] == row["town"] // 2 and row["branch"] == row["shop"] // 3 for row in made)
    assert all(row["paid"] == row["net"] + row["tax"] for row in made)
    assert len({row["paid"] for row in made}) > 50


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.dictionary(pa.int32(), pa.string()), pa.large_string()])
def test_keys_of_any_type_are_fresh(kind):
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    owners = pa.array([str(k % 30) for k in range(120)]).cast(plain).cast(kind)
    seed = pa.table({"customer": owners, "spent": np.arange(120.0)})
    made = drawn(Sequence(), 900, seed)["customer"].to_pylist()
    assert len(set(made)) == 225
    assert not set(made) & set(owners.to_pylist())


def test_many_categories_and_one_long_course_are_drawn():
    owners = [0] * 3000 + [k for k in range(1, 60) for _ in range(2)]
    names = [f"shop {k * 7919 % 100_003}" for k in range(len(owners))]
    seed = pa.table({"user": owners, "shop": names[:1500] * 2 + names[3000:], "cost": np.arange(float(len(owners)))})
    assert drawn(Sequence(), 5000, seed).num_rows == 5000


def test_withheld_columns_are_drawn_as_missing():
    assert drawn(Sequence(withhold=("amount",)), 50, BANK)["amount"].null_count == 50
