"""The simulation against sums by hand, closed forms and brute force."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bimetal.cost import LINES, STRATEGIES, Need, Needs, Scenario, lifecycle_cost, priced
from bimetal.cost.setting import setting
from bimetal.cost.simulate import sampled, uniforms
from bimetal.errors import InputError

sys.path.insert(0, str(Path(__file__).parent))
import by_hand

CERTAIN = {name: row.median for name, row in priced("document").items() if row.range}
CALM = {**CERTAIN, "hazard": 0.0, "regulatory_probability": 0.0, "synthetic_probability": 0.0}
NO_UPKEEP = {**CALM, "generator_upkeep": 0.0, "synthetic_audit_hours": 0.0}
NEEDS = Needs(Need((4000.0,)), Need((0.0,), (50_000.0,), 0.25), Need((1500.0,), (20_000.0,)), "test", 0.95, 0.1)


def run(scenario=None, needs=None, draws=2000, seed=0, **more):
    return lifecycle_cost(scenario or Scenario("document"), needs, rng=np.random.default_rng(seed), draws=draws, **more)


def test_certain_inputs_give_the_exact_sum():
    fixed = CALM
    found = run(Scenario("document", inputs=fixed, months=18, raters=2), NEEDS)
    for place, need in enumerate(NEEDS.all):
        by_line = by_hand.total(fixed, (need.labels[0], need.synthetic[0]), (0, 0), 18, 2)
        for line, amount in zip(LINES, by_line, strict=True):
            assert found.lines[LINES.index(line), place] == pytest.approx(amount), line


def test_a_certain_delay_costs_probability_times_months_times_a_month():
    fixed = {**CERTAIN, "regulatory_probability": 0.3, "synthetic_probability": 0.5}
    found = run(Scenario("document", inputs=fixed), NEEDS, draws=20_000)
    amount = fixed["regulatory_months"] * fixed["regulatory_month"]
    late = found.lines[LINES.index("regulatory")].mean(axis=1) / amount
    assert late == pytest.approx([0.3, 1 - 0.7 * 0.5, 1 - 0.7 * 0.5], abs=1e-4)


def test_drift_costs_its_expected_number_of_times():
    fixed = {**CERTAIN, "hazard": 0.1}
    found = run(Scenario("document", inputs=fixed, months=30), NEEDS, draws=20_000)
    each = by_hand.total(fixed, (4000, 0), (1, 0), 30, 3)[LINES.index("rework")]
    rework = found.lines[LINES.index("rework"), 0]
    assert rework.mean() == pytest.approx(3 * each, rel=2e-3)
    assert rework.var() == pytest.approx(3 * each**2, rel=2e-2)
    assert np.mean(rework == 0) == pytest.approx(np.exp(-3), abs=1e-3)


def test_draws_are_what_a_plain_loop_gets_from_the_same_ranks():
    found = setting(Scenario("medical image"), None)
    u = uniforms(found, 200, np.random.default_rng(3))
    _, amounts, by_line = sampled(found, u)
    rows = found.sampled
    for i in range(200):
        v = {n: by_hand.quantile(*row.range, float(u[n][i]), share=row.share) for n, row in rows.items()}
        n, share = v["labels"], v["replaced_share"]
        takes = ((n, 0), (0, n * v["synthetic_ratio"]), (n * (1 - share), n * share * v["synthetic_ratio"]))
        for place, (labels, items) in enumerate(takes):
            late = v["regulatory_probability"]
            late = late if not items else 1 - (1 - late) * (1 - v["synthetic_probability"])
            drifts = by_hand.count(float(u["drift"][i]), v["hazard"] * 24)
            told = by_hand.total(v, (labels, items), (drifts, float(u["late"][i] < late)), 24, 3)
            assert [by_line[line][place, i] for line in LINES] == pytest.approx(told, rel=1e-9)
    assert amounts.missed[1].mean() > 0.5


@pytest.mark.parametrize("kind", ["image class", "driving frame", "table row"])
def test_the_hypercube_agrees_with_ten_times_as_many_plain_draws(kind):
    found = setting(Scenario(kind), None)
    rng = np.random.default_rng(5)
    plain = {name: rng.random(200_000) for name in uniforms(found, 10, rng)}
    brute = sum(sampled(found, plain)[2].values())
    ours = run(Scenario(kind), draws=20_000, seed=6)
    for place in range(3):
        spent, many = ours.totals[place], brute[place]
        error = np.sqrt(spent.var() / spent.size + many.var() / many.size)
        assert abs(spent.mean() - many.mean()) < 4 * error
        for level in (0.1, 0.5, 0.9):
            share = np.mean(spent <= np.quantile(many, level))
            assert share == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 20_000))


def test_the_same_seed_gives_the_same_result():
    assert run(seed=4).json() == run(seed=4).json()
    assert run(seed=4).json() != run(seed=5).json()


def test_a_strategy_is_cheapest_only_where_it_reaches_the_target():
    free = {**CALM, "generator_build": 0.0, "generator_upkeep": 0.0, "synthetic_item": 0.0}
    found = run(Scenario("document", inputs=free), NEEDS, draws=20_000)
    assert found.reaches["synthetic only"] == pytest.approx(0.25, abs=1e-3)
    assert found.cheapest["synthetic only"] == pytest.approx(0.25, abs=1e-3)
    assert found.cheapest["hybrid"] == pytest.approx(0.75, abs=1e-3)


def test_a_strategy_that_never_reaches_has_no_cost():
    found = run(needs=Needs(Need((4000.0,)), None, Need((1500.0,), (20_000.0,)), "test"))
    assert found.costs["synthetic only"] is None
    assert found.cheapest["synthetic only"] == 0
    assert sum(found.cheapest.values()) == pytest.approx(1)


def test_where_nothing_reaches_nothing_is_priced():
    found = run(needs=Needs(None, None, None, "test"))
    assert found.winner is None
    assert found.answer == "unknown"
    assert found.sentence.startswith("No strategy reaches the target")
    assert found.json()["costs"] == dict.fromkeys(STRATEGIES)


def test_draws_of_the_strategies_stay_together():
    labels = np.array([100.0, 200, 300, 400, np.nan])
    needs = Needs(Need(tuple(labels), (0.0,) * 5), None, Need(tuple(labels / 2), (7.0,) * 5), "test")
    found = run(needs=needs)
    assert found.reaches["human only"] == pytest.approx(0.8, abs=1e-3)
    held = found.reached[0]
    assert (found.labels[2, held] == found.labels[0, held] / 2).all()


def test_commodity_labels_never_pay_for_a_generator():
    inputs = {"label_price": [0.025, 0.03, 0.035], "generator_build": 20_000}
    found = run(Scenario("image class", volume=30_000, inputs=inputs), draws=20_000)
    assert found.winner == "human only"
    assert found.cheapest["human only"] > 0.99
    assert found.answer == "human"
    assert next(each for each in found.break_evens if each.name == "label price").at > 0.1


def test_dear_frames_do():
    found = run(Scenario("driving frame"), draws=20_000)
    assert found.winner == "hybrid"
    assert found.cheapest["human only"] < 0.5


def test_an_assumption_that_turns_the_order_stands_in_the_first_sentence():
    found = run(Scenario("medical image"), draws=20_000)
    assert found.deciding
    assert all(each.assumption and each.flips for each in found.deciding)
    assert "assumption" in found.sentence
    assert found.deciding[0].says in found.sentence
    backed = {each.name: [each.low, each.high] for each in found.deciding}
    rows = found.setting.rows
    inputs = {name: list(rows[name].range) for name in backed}
    told = run(Scenario("medical image", inputs=inputs, sources=dict.fromkeys(backed, "own books")), draws=20_000)
    assert told.deciding == ()
    assert "assumptions decide" not in told.sentence


@pytest.mark.parametrize(("build", "said"), [(100.0, "synthetic"), (10**6, "human")])
def test_the_answer_follows_the_side_that_is_surely_cheaper(build, said):
    assert run(Scenario("document", inputs={**NO_UPKEEP, "generator_build": build}), NEEDS).answer == said


def test_the_answer_is_similar_where_neither_side_is_sure():
    even = run(Scenario("document", inputs=NO_UPKEEP), NEEDS)
    build = next(each.at for each in even.break_evens if each.name == "generator")
    found = run(Scenario("document", inputs={**NO_UPKEEP, "generator_build": [build / 2, build, build * 2]}), NEEDS)
    assert found.cheapest["human only"] + found.cheapest["synthetic only"] == pytest.approx(0.5, abs=0.2)
    assert found.answer == "similar"


def test_amounts_per_label_item_and_point_are_ratios_of_lines():
    fixed = CALM
    found = run(Scenario("document", inputs=fixed), NEEDS)
    lines = {name: by_hand.total(fixed, (n.labels[0], n.synthetic[0]), (0, 0), 24, 3) for name, n in zip(STRATEGIES, NEEDS.all, strict=True)}  # fmt: skip
    assert found.per_label["human only"] == pytest.approx((lines["human only"][0] + lines["human only"][2]) / 4000)
    assert found.per_label["synthetic only"] is None
    assert found.per_item["hybrid"] == pytest.approx(lines["hybrid"][1] / 20_000)
    assert found.per_point["human only"] == pytest.approx(sum(lines["human only"]) / 85)


def test_too_few_draws_are_refused():
    with pytest.raises(InputError, match="draws is 5"):
        run(draws=5)


def test_amounts_that_cannot_be_are_refused():
    for wrong in ({"labels": (-1.0,)}, {"labels": (3.0, 2.0, 1.0)}, {"reaches": 2.0}, {"labels": ()}):
        with pytest.raises(InputError):
            Need(**wrong)
