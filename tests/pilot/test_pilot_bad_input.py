"""Tables that a stranger might bring: refused by name before the first fit, or taken with a finding."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from bimetal.errors import InputError
from bimetal.pilot import Design, PilotData, arms_named, run_pilot
from bimetal.pilot.comparisons import by_size, by_slice
from bimetal.pilot.intake import taken
from bimetal.pilot.result import Facts, PilotResult
from bimetal.pilot.split import hold_out, without_repeats
from bimetal.types import Interval

FEW = Design(sizes=(10, 20), seeds=2, arms=arms_named([]))


@pytest.fixture
def data(blobs):
    return PilotData(blobs(60, seed=1), blobs(100, seed=2), blobs(400, seed=3))


def with_column(rows, name, values):
    return rows.append_column(name, pa.array(list(values)))


def intake(data, **changes):
    return taken(replace(data, **changes), FEW, "classification")


def both(data, name, real, panel):
    return {"real": with_column(data.real, name, real), "panel": with_column(data.panel, name, panel)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: {"panel": with_column(d.panel, "day", range(100)), "time": "day"}, "the real table has no column"),
        (lambda d: {**both(d, "day", ["mon"] * 60, range(100)), "time": "day"}, "int64 in the panel and string in"),
        (lambda d: {**both(d, "day", range(60), [*range(99), None]), "time": "day"}, "1 panel rows have no 'day'"),
        (lambda d: {**both(d, "day", range(60), [7] * 100), "time": "day"}, "all of one 'day'"),
        (lambda d: {**both(d, "who", ["a"] * 60, [None] * 100), "group": "who"}, "100 panel rows have no 'who'"),
        (lambda d: {**both(d, "who", ["a"] * 60, ["b"] * 100), "group": "who"}, "all of one 'who'"),
        (lambda d: {"panel": with_column(d.panel, "tags", [["a"]] * 100), "slices": ("tags",)}, "'tags' is list"),
        (lambda d: {"panel": d.panel.drop_columns("y")}, "the panel table has no column 'y'"),
        (lambda d: {"unlabelled": d.synthetic.drop_columns("y")}, "the unlabelled table has no column 'y'"),
        (
            lambda d: {"unlabelled": with_column(d.synthetic, "item_origin", ["synthetic"] * 400)},
            "the unlabelled table holds 400 synthetic rows",
        ),
        (
            lambda d: {"synthetic": d.synthetic.set_column(2, "y", pa.array(["high"] * 400))},
            "do not fit together.*double vs string",
        ),
        (lambda d: {"synthetic": {}}, "names no table and no generator"),
    ],
)
def test_what_would_fail_in_the_middle_is_refused_at_the_start(data, change, words):
    with pytest.raises(InputError, match=words):
        intake(data, **change(data))


def test_few_groups_are_warned_of(data):
    few, many = (both(data, "who", ["a"] * 60, [f"b{row % count}" for row in range(100)]) for count in (5, 20))
    assert any("5 values of 'who'" in each.message for each in intake(data, **few, group="who").findings)
    assert not any("values of 'who'" in each.message for each in intake(data, **many, group="who").findings)


def test_a_synthetic_column_that_the_panel_lacks_is_not_learned_from(data):
    made = with_column(data.synthetic, "prompt_length", np.arange(400.0))
    told = run_pilot(replace(data, synthetic=made), LogisticRegression(), FEW)
    plain = run_pilot(data, LogisticRegression(), FEW)
    assert all(np.array_equal(told.items[arm], plain.items[arm]) for arm in plain.items)


def test_an_unlabelled_table_without_rows_is_none(data):
    assert intake(data, unlabelled=data.real.drop_columns("label").slice(0, 0)).unlabelled is None


def test_classes_that_stand_on_one_side_alone_are_warned_of(data):
    def named(rows, old, new):
        labels = pa.array([new if each == old else each for each in rows["label"].to_pylist()])
        return rows.set_column(3, "label", labels)

    assert not [each for each in intake(data).findings if each.check == "classes"]
    given = intake(data, panel=named(data.panel, "c0", "zero"), synthetic=named(data.synthetic, "c1", "one"))
    told = [each.message for each in given.findings if each.check == "classes"]
    assert told == [
        "the panel holds classes that no real row has: zero",
        "the synthetic table holds classes that no real row has: one",
    ]


def test_ids_that_agree_by_chance_name_the_way_out(data):
    numbered = data.synthetic.set_column(0, "id", data.panel["id"].combine_chunks().take(pa.array([0] * 400)))
    with pytest.raises(InputError, match="1 panel rows also stand in the synthetic table") as fault:
        intake(data, synthetic=numbered)
    assert "drop the id column" in fault.value.hint
    holes = pa.array([None] * 400, pa.string())
    nameless = data.panel.set_column(0, "id", pa.array([None] * 100, pa.string()))
    assert intake(data, panel=nameless, synthetic=data.synthetic.set_column(0, "id", holes)).panel.num_rows == 100


def test_rows_that_repeat_a_panel_item_leave_the_training_rows():
    rng = np.random.default_rng(0)
    rows = pa.table({"x": rng.integers(0, 30, 90), "y": rng.integers(0, 30, 90), "kind": ["a", "b"] * 45})
    twice = pa.concat_tables([rows, rows.slice(0, 40)])
    rest, panel = hold_out(twice, 0.3, rng)
    free = without_repeats(rest, panel, ("kind",))
    shown = set(zip(panel["x"].to_pylist(), panel["y"].to_pylist(), strict=True))
    seen = set(zip(free["x"].to_pylist(), free["y"].to_pylist(), strict=True))
    assert free.num_rows < rest.num_rows
    assert not shown & seen


def test_slices_of_few_groups_have_wider_intervals_than_their_items():
    rng = np.random.default_rng(1)
    units = np.repeat(np.arange(12), 20)
    mix = np.tile(np.repeat(rng.integers(0, 2, 12), 20), (4, 1)).astype(float)  # whole groups are right or wrong
    alone = np.ones((4, 240))
    slices = {"city": ["all"] * 240, "who": [f"g{unit}" for unit in units]}
    loose = by_slice({"city": slices["city"]}, mix, alone)[0]
    bound = by_slice(slices, mix, alone, units)
    assert [each.column for each in bound] == ["city"]  # each "who" is one group, which says nothing of others
    assert bound[0].difference.estimate == pytest.approx(loose.difference.estimate)
    assert _width(bound[0].difference) > 2 * _width(loose.difference)


def _width(interval: Interval) -> float:
    return interval.high - interval.low


def _measured(means: dict[str, float], chance: float, sources=("",)) -> PilotResult:
    design = Design(sizes=(10, 20), seeds=3, arms=arms_named([]), targets=(0.9,)).with_sources(sources)
    right = {arm.name: means[arm.name.partition(" ")[0]] for arm in design.arms}
    rng = np.random.default_rng(5)
    drawn = rng.random((2, 3, 4000))
    return PilotResult(
        design, {arm: (drawn < mean) * 1.0 for arm, mean in right.items()}, Facts("0" * 64, chance=chance)
    )


def test_a_generator_that_fails_half_way_is_named(data, blobs):
    def failing(n, rng, seed_rows=None, targets=()):
        yield from blobs(5).to_batches()
        raise OSError("the disk is full")

    with pytest.raises(InputError, match="failed after 5 of 300 rows: OSError: the disk is full"):
        run_pilot(replace(data, synthetic=failing), LogisticRegression(), FEW)
    with pytest.raises(InputError, match="drew nothing where 300 rows"):
        run_pilot(replace(data, synthetic=lambda *_: iter(())), LogisticRegression(), FEW)


def test_the_best_of_several_sources_must_show_more_to_be_no_worse():
    drawn = np.random.default_rng(2).random((1, 3, 300))
    mix, alone = (drawn < 0.9) * 1.0, (drawn < 0.89) * 1.0
    first = by_size((10,), mix, alone, 0.01)[0]
    picked = by_size((10,), mix, alone, 0.01, rivals=3)[0]
    assert picked.noninferior == pytest.approx(3 * first.noninferior)
    assert picked.sure == first.sure


def test_guessing_is_never_called_equal():
    alike = {"human": 0.9, "hybrid": 0.9, "synthetic": 0.9}
    assert _measured(alike, chance=0.1).transfer == "equal"
    assert _measured(alike, chance=0.9).transfer == "unclear"  # both only ever say the commonest class
