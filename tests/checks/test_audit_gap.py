"""The audit trail: every gap is named by row, and an edited synthetic row is found by drawing it again."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from bimetal.checks.audit_gap import AuditGap
from bimetal.errors import InputError, UnknownName
from bimetal.plugins import Context
from bimetal.types import Dataset, Origin, Recipe, Spec, Task

RECIPE = Recipe(Spec("generators", "noise"), rng_seed=4)


def drawn(recipe, n):
    rng = np.random.default_rng(recipe.rng_seed)
    x = np.array([float(rng.standard_normal()) if i != 3 else float("nan") for i in range(n)])
    return pa.table(
        {
            "id": [f"{recipe.digest[:12]}-{i:07d}" for i in range(n)],
            "x": x,
            "label": [str(i % 2) for i in range(n)],
            "item_origin": ["synthetic"] * n,
            "label_origin": ["construction"] * n,
            "source": ["noise"] * n,
            "licence": ["CC0-1.0"] * n,
            "recipe": [recipe.digest] * n,
        }
    )


def judged(table, check=None, **changes):
    context = dataclasses.replace(Context(np.random.default_rng(0), {RECIPE.digest: RECIPE}, drawn), **changes)
    dataset = Dataset("rows", table, Task(), "train", Origin("synthetic", "a test"))
    return {each.where: each for each in (check or AuditGap())(dataset, None, context)}


def with_value(table, name, row, value):
    values = table[name].to_pylist()
    values[row] = value
    return table.set_column(table.column_names.index(name), name, pa.array(values, table[name].type))


def test_untouched_rows_pass_in_any_order_and_any_number():
    table = drawn(RECIPE, 40)
    for rows in (table, table.take(list(range(39, 0, -3)))):
        found = judged(rows)
        assert {each.verdict for each in found.values()} == {"pass"}
        assert set(found) == {"id", "item_origin", "label_origin", "source", "recipe", "replay"}


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("id", None, "id"),
        ("id", f"{RECIPE.digest[:12]}-0000000", "id"),
        ("item_origin", None, "item_origin"),
        ("item_origin", "undeclared", "item_origin"),
        ("item_origin", "made up", "item_origin"),
        ("label_origin", None, "label_origin"),
        ("label_origin", "undeclared", "label_origin"),
        ("source", " ", "source"),
        ("recipe", "f" * 64, "recipe"),
        ("recipe", None, "recipe"),
        ("x", 7.0, "replay"),
        ("label", "9", "replay"),
        ("id", "elsewhere-0000007", "replay"),
        ("id", f"{RECIPE.digest[:12]}-9999999", "replay"),
    ],
)
def test_each_planted_gap_fires_and_names_its_row(name, value, where):
    table = with_value(drawn(RECIPE, 20), name, 7, value)
    found = judged(table, AuditGap(longest=1000))[where]
    assert (found.verdict, found.statistic) == ("fail", 1)
    shown = table["id"][7].as_py()
    assert (repr(shown) if shown else "row 7") in found.message


def test_a_label_given_later_by_a_person_is_no_gap():
    table = with_value(with_value(drawn(RECIPE, 20), "label", 7, "9"), "label_origin", 7, "human")
    assert judged(table)["replay"].verdict == "pass"


def test_an_unlabelled_row_needs_no_label_origin():
    table = with_value(with_value(drawn(RECIPE, 20), "label", 7, None), "label_origin", 7, None)
    assert judged(table)["label_origin"].verdict == "pass"


def test_a_recipe_that_cannot_be_drawn_fails_with_the_reason():
    def gone(recipe, n):
        raise UnknownName("no generator is called 'noise'", "install it")

    found = judged(drawn(RECIPE, 20), replay=gone)["replay"]
    assert found.verdict == "fail"
    assert "no generator is called 'noise'" in found.message


def test_a_replay_of_other_columns_or_fewer_rows_fails():
    assert judged(drawn(RECIPE, 5), replay=lambda recipe, n: drawn(recipe, n).drop(["x"]))["replay"].statistic == 5
    assert judged(drawn(RECIPE, 5), replay=lambda recipe, n: drawn(recipe, 0))["replay"].statistic == 5


def test_without_a_replay_the_check_says_so():
    assert judged(drawn(RECIPE, 5), replay=None)["replay"].verdict == "skip"


def test_a_sample_finds_a_common_fault_and_states_what_it_would_miss():
    table = drawn(RECIPE, 200)
    broken = table.set_column(1, "x", pa.array(np.where(np.arange(200) % 2, 0.0, table["x"].to_numpy())))
    found = judged(broken, AuditGap(sample=20))["replay"]
    assert found.verdict == "fail"
    assert "13.9%" in found.guarantee  # 1 - .05 ** (1 / 20)
    assert judged(table, AuditGap(sample=20))["replay"].verdict == "pass"


def test_a_sample_of_nothing_is_refused():
    with pytest.raises(InputError, match="1 or more"):
        AuditGap(sample=0)


def test_rows_that_say_nothing_fail_everywhere():
    found = judged(pa.table({"x": [1.0, 2.0]}))
    assert {name: each.verdict for name, each in found.items()} == {
        "id": "fail",
        "item_origin": "fail",
        "label_origin": "pass",  # nothing is labelled
        "source": "fail",
        "recipe": "pass",  # nothing is synthetic
    }
