"""Private tables: every kind of column, what is asked of whom, bad rows refused, and noise that hides one row."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from bimetal.endpoints.noise import noise
from bimetal.errors import InputError
from bimetal.generators import draw, recipe_for
from bimetal.generators._asking import answered
from bimetal.generators._private import bins
from bimetal.generators._private.account import Budget
from bimetal.generators._private.columns import Numbers, Public, read
from bimetal.generators._private.exact import Noise
from bimetal.generators._private.fit import fit
from bimetal.generators._private.purse import Purse
from bimetal.generators.private_table import PrivateTable
from bimetal.types import Reply, Spec

KEY = bytes(range(32))


def people(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    age, town = rng.integers(18, 90, n), rng.choice(["north", "south", "west"], n, p=[0.6, 0.3, 0.1])
    income = np.exp(rng.normal(7, 1, n)) * (1 + (town == "north"))
    region = np.where(town == "west", "sea", "land")
    label = np.where(rng.random(n) < 1 / (1 + np.exp((50 - age) / 8)), "yes", "no")
    return pa.table({"age": age, "town": town, "region": region, "income": income, "label": label})


def drawn(generator, seed_rows, n=1000, targets=(), rng_seed=1, key=KEY):
    steps = generator(n, np.random.default_rng(rng_seed), seed_rows, targets)
    return pa.Table.from_batches(list(answered(steps, noise(key, "rows"))))


def share(table, column, value):
    return float(np.mean([each == value for each in table[column].to_pylist()]))


def test_marginals_dependence_and_types_come_through():
    seed, made = people(), drawn(PrivateTable(), people(), 8000)
    assert made.schema.equals(seed.schema)
    for column, value in (("town", "north"), ("label", "yes"), ("region", "sea")):
        assert share(made, column, value) == pytest.approx(share(seed, column, value), abs=0.05)
    sea = np.array(made["region"].to_pylist()) == "sea"
    west = np.array(made["town"].to_pylist()) == "west"
    assert np.mean(west[sea]) > 0.8  # west 10 % of all: the pair was found to hang together
    yes = np.array(made["label"].to_pylist()) == "yes"
    ages = made["age"].to_numpy()
    assert ages[yes].mean() - ages[~yes].mean() > 15
    assert ages.min() >= 16
    assert ages.max() <= 96


def test_noise_is_asked_for_once_and_everything_else_is_post_processing():
    steps = PrivateTable()(5000, np.random.default_rng(0), people())
    (request,) = next(steps)
    assert (request.to, request.body["bytes"], request.body["epsilon"]) == ("noise", 32, 1.0)
    rest = [steps.send(noise(KEY, "rows")((request,))), *steps]
    assert [each.num_rows for each in rest] == [4096, 904]


def test_another_key_gives_other_rows_and_another_rng_the_same_fit():
    assert not drawn(PrivateTable(), people(), key=bytes(32)).equals(drawn(PrivateTable(), people()))
    one, two = (drawn(PrivateTable(), people(), 20_000, rng_seed=k) for k in (1, 2))
    assert not one.equals(two)
    assert share(one, "town", "north") == pytest.approx(share(two, "town", "north"), abs=0.02)


def asked(generator, rows):
    return next(generator(1, np.random.default_rng(0), rows))[0].digest


def test_no_two_tables_and_no_two_questions_share_their_noise():
    rows, plain = people(200), PrivateTable()
    others = [
        (plain, rows.slice(1)),
        (plain, rows.slice(0, 199)),
        (plain, rows.set_column(0, "age", pa.array(rows["age"].to_pylist()[::-1]))),
        (plain, rows.rename_columns(["years", "town", "region", "income", "label"])),
        (replace(plain, epsilon=0.5), rows),
        (replace(plain, delta=1e-7), rows),
        (replace(plain, bins=8), rows),
        (replace(plain, bounds={"age": [0, 99]}), rows),
        (replace(plain, categories={"town": ["north"]}), rows),
    ]
    digests = [asked(plain, rows), *(asked(*each) for each in others)]
    assert len(set(digests)) == len(digests)
    assert asked(plain, pa.concat_tables([rows.slice(0, 50), rows.slice(50)])) == digests[0]


def test_the_key_stands_in_no_recipe_and_its_holder_alone_replays():
    recipe = recipe_for(Spec("generators", "private_table", {"epsilon": 2.0}), 3, "ab" * 32)
    first, again = (pa.Table.from_batches(draw(recipe, 50, people(), noise(KEY, "ab" * 32))) for _ in range(2))
    other = pa.Table.from_batches(draw(recipe, 50, people(), noise(bytes(32), "ab" * 32)))
    assert first.equals(again)
    assert not first.equals(other)
    assert set(first["label_origin"].to_pylist()) == {"model"}


def test_every_kind_of_column_comes_back_in_its_type():
    n, rng = 600, np.random.default_rng(3)
    day = [dt.date(2024, 1, 1) + dt.timedelta(days=int(each)) for each in rng.integers(0, 300, n)]
    moment = [
        dt.datetime(2024, 5, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=int(each)) for each in rng.integers(0, 10**6, n)
    ]
    seed = pa.table(
        {
            "day": pa.array(day),
            "moment": pa.array(moment, pa.timestamp("us", "UTC")),
            "hour": pa.array([dt.time(int(each)) for each in rng.integers(0, 24, n)], pa.time64("us")),
            "span": pa.array(rng.integers(0, 10**9, n), pa.duration("us")),
            "small": pa.array(rng.integers(0, 256, n), pa.uint8()),
            "single": pa.array(rng.normal(0, 1e-3, n), pa.float32()),
            "price": pa.array(
                [Decimal(int(each)) / 100 for each in rng.integers(100, 90_000, n)], pa.decimal128(12, 2)
            ),
            "kept": pa.array(rng.random(n) < 0.5),
            "coded": pa.array(rng.choice(["a", "b"], n)).dictionary_encode(),
            "long": pa.array(rng.choice(["a", "b"], n), pa.large_string()),
            "gaps": pa.array([None if each < 0.5 else each for each in rng.random(n)]),
            "named_gaps": pa.array([None if each < 0.5 else "there" for each in rng.random(n)]),
            "empty": pa.array([None] * n, pa.float64()),
            "nothing": pa.nulls(n),
            "one": pa.array([7] * n),
            "word": pa.array(["same"] * n),
            "unique": pa.array([f"name {k}" for k in range(n)]),
            "label": pa.array(rng.choice(["x", "y"], n)),
        }
    )
    made = drawn(PrivateTable(epsilon=400.0), seed, 500)
    assert made.schema.equals(seed.schema)
    made.validate(full=True)
    assert share(made, "gaps", None) == pytest.approx(0.5, abs=0.1)
    assert share(made, "named_gaps", None) == pytest.approx(0.5, abs=0.1)
    assert share(made, "empty", None) == share(made, "unique", None) == share(made, "word", "same") == 1
    assert min(made["day"].to_pylist()) > dt.date(2023, 1, 1)
    assert max(made["moment"].to_pylist()).year == 2024
    assert share(made, "one", 7) > 0.95


def test_a_name_that_few_rows_have_never_comes_out():
    rows = people(3000)
    few = pa.array(["secret clinic"] * 10 + rows["town"].to_pylist()[10:])
    made = drawn(PrivateTable(), rows.set_column(1, "town", few), 5000)
    assert set(made["town"].to_pylist()) == {"north", "south", "west"}


def test_declared_bounds_and_names_are_kept_to():
    generator = PrivateTable(bounds={"age": [30, 40]}, categories={"town": ["north", "moon"], "label": ["yes", "no"]})
    made = drawn(generator, people(), 3000)
    assert set(made["age"].to_pylist()) <= set(range(30, 41))
    assert set(made["town"].to_pylist()) <= {"north", "moon", None}
    assert "age" in generator.guarantee
    assert "town" in generator.guarantee


def test_without_delta_all_names_are_declared():
    with pytest.raises(InputError, match="delta is 0 and the names in label, town, region are declared nowhere"):
        drawn(PrivateTable(delta=0.0), people())
    categories = {"label": ["yes", "no"], "town": ["north", "south", "west"], "region": ["sea", "land"]}
    made = drawn(PrivateTable(delta=0.0, categories=categories), people(), 4000)
    assert share(made, "town", "north") == pytest.approx(0.6, abs=0.08)


@pytest.mark.parametrize("epsilon", [0.3, 1.0, 30.0])
@pytest.mark.parametrize("declared", [False, True])
def test_the_account_names_all_that_is_asked_and_the_budget_holds(epsilon, declared):
    public = {"bounds": {"age": [0, 120]}, "categories": {"town": ["north", "south", "west"]}} if declared else {}
    generator = PrivateTable(epsilon=epsilon, **public)
    account = generator.account(people(10).schema)
    budget = Budget(epsilon, 1e-6)
    purse = Purse(budget, Noise(KEY))
    fit(*read(people(), Public(public.get("bounds", {}), public.get("categories", {}))), 16, purse)
    assert purse.spent <= account.spent * (1 + 1e-9) + 1e-12
    assert account.spent <= budget.whole
    assert purse.hidden <= account.hidden <= 0.5e-6


def test_bins_hold_about_as_many_rows_each_and_lie_where_the_rows_are():
    values = np.exp(np.random.default_rng(5).normal(3, 1, 20_000))
    purse = Purse(Budget(1.0, 1e-6), Noise(KEY))
    numbers = Numbers("x", pa.float64(), values)
    edges = bins.found(numbers, purse, purse.budget.whole / bins.histograms(numbers), 2000)
    held = np.histogram(values, edges)[0]
    assert 8 <= len(held) <= 24
    assert held.max() < 4000
    assert held.sum() > 0.98 * len(values)


REFUSED = {
    "no label": (people(9).drop_columns("label"), "expected plain columns and a label"),
    "labels alone": (people(9).select(["label"]), "expected plain columns and a label"),
    "no row": (people(9).slice(0, 0), "have no labelled rows"),
    "no known label": (people(9).set_column(4, "label", pa.nulls(9, pa.string())), "have no labelled rows"),
    "one row": (people(1), "no label is common enough"),
    "pictures": (pa.table({"image": [b"x"] * 9, "label": ["a"] * 9}), "expected plain columns and a label"),
    "lists for labels": (pa.table({"x": [1], "label": [["a"]]}), "the label holds list"),
    "lists": (people(9).append_column("many", pa.array([[1]] * 9)), "holds list<item: int64>, which has no bins"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_rows_that_nothing_private_can_be_learnt_from_are_refused(case):
    rows, why = REFUSED[case]
    with pytest.raises(InputError, match=why):
        drawn(PrivateTable(), rows)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"bins": 1}, "bins is 1"),
        ({"epsilon": -1.0}, "epsilon is -1.0"),
        ({"bounds": {"age": [9, 1]}}, "bounds of 'age'"),
        ({"bounds": {"height": [0, 1]}}, "no column 'height'"),
        ({"bounds": {"town": [0, 1]}}, "column 'town' holds string"),
        ({"categories": {"age": ["a"]}}, "column 'age' holds int64"),
        ({"categories": {"town": []}}, "categories of 'town'"),
        ({"epsilon": 1e-4}, "epsilon is 0.0001"),
        ({"epsilon": 2e-3}, "expected at most 4,096"),
        ({"epsilon": 1e308}, r"expected .001 to 1,000,000"),
        ({"bounds": "x"}, "bounds are 'x', expected columns by name"),
        ({"categories": ("x",)}, "categories are \\('x',\\), expected columns by name"),
    ],
)
def test_what_cannot_be_declared_or_kept_is_refused(given, why):
    with pytest.raises(InputError, match=why):
        drawn(PrivateTable(**given), people())


def test_a_door_that_refuses_ends_the_draw():
    steps = PrivateTable()(3, np.random.default_rng(0), people())
    with pytest.raises(InputError, match="no noise was given: the key is lost"):
        list(answered(steps, lambda requests: (Reply(b"", refused="the key is lost"),)))


def test_one_class_and_a_hundred_thousand_names_are_learnt():
    n = 100_000
    rows = pa.table({"who": [f"p{k}" for k in range(n)], "x": np.arange(n), "label": ["only"] * n})
    made = drawn(PrivateTable(), rows, 100)
    assert set(made["label"].to_pylist()) == {"only"}
    assert set(made["who"].to_pylist()) == {None}
