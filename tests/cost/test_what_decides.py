"""Swings, break-evens and the worth of knowing more, against closed forms and nested simulation."""

import numpy as np
import pytest

from bimetal.cost import STRATEGIES, Need, Needs, Scenario, lifecycle_cost, priced
from bimetal.cost.information import value_of_knowing
from bimetal.cost.lines import expected
from bimetal.cost.sensitivity import Middle, advantage
from bimetal.cost.setting import setting
from bimetal.cost.simulate import sampled, uniforms

CERTAIN = {name: row.median for name, row in priced("document").items() if row.range}
PLAIN = {
    **CERTAIN,
    "hazard": 0.0,
    "regulatory_probability": 0.0,
    "synthetic_probability": 0.0,
    "synthetic_audit_hours": 0.0,
}
NEEDS = Needs(Need((4000.0,)), None, Need((1500.0,), (20_000.0,)), "test")


def run(inputs, needs=NEEDS, kind="document", draws=2000):
    return lifecycle_cost(Scenario(kind, inputs=inputs), needs, rng=np.random.default_rng(0), draws=draws)


def breaks(found):
    return {each.name: each for each in found.break_evens}


def test_the_break_even_price_is_where_the_sums_meet():
    """2,500 labels replaced pay for the generator and its 20,000 items; both sides are linear in the answer's price."""
    free = {**PLAIN, "review_share": 0.0, "rejected_share": 0.0, "synthetic_review": 0.0, "capture": 0.0, "access": 0.0}
    found = breaks(run(free))["label price"]
    generator = free["generator_build"] + 24 * free["generator_upkeep"]
    items = 20_000 * free["synthetic_item"] / (1 - free["synthetic_rejected"])
    assert found.at == pytest.approx((generator + items) / (2500 * 3), rel=1e-6)
    assert (found.below, found.above) == ("human only", "hybrid")


def test_at_every_break_even_two_strategies_cost_the_same():
    found = lifecycle_cost(Scenario("medical image"), rng=np.random.default_rng(0), draws=1000)
    middle = Middle(found.setting, (True, False, True))
    hazard = breaks(found)["hazard"].at
    costs = middle.costs({}, lambda values, amounts: ({**values, "hazard": np.array([hazard])}, amounts))[:, 0]
    assert costs[0] == pytest.approx(costs[2], rel=1e-5)
    volume = breaks(found)["volume"].at

    def larger(values, _):
        values = {**values, "labels": np.array([volume])}
        return values, found.setting.amounts(values, np.array([0.5]), np.array([0.5]))

    costs = middle.costs({}, larger)[:, 0]
    assert costs[0] == pytest.approx(costs[2], rel=1e-5)


def test_a_measured_number_of_labels_replaced_does_not_grow_with_the_volume():
    found = breaks(run(PLAIN))
    assert found["volume"].at is None or found["volume"].at < 4000
    assert found["labels replaced"].now == 2500


def test_swings_are_the_costs_at_both_ends():
    inputs = {**PLAIN, "generator_build": [1000.0, 20_000.0, 60_000.0]}
    found = run(inputs)
    swing = next(each for each in found.swings if each.name == "generator_build")
    hybrid = [costs[2] for costs in swing.costs]
    assert hybrid[1] - hybrid[0] == pytest.approx(59_000)
    people = [costs[0] for costs in swing.costs]
    assert people[0] == people[1]
    assert swing.advantage == pytest.approx([hybrid[0] - people[0], hybrid[1] - people[1]])


def test_the_widest_swing_comes_first():
    found = run({"generator_build": [1000, 20_000, 60_000]})
    widths = [each.width for each in found.swings]
    assert widths == sorted(widths, reverse=True)


def test_the_advantage_is_against_the_next_that_reaches():
    costs = np.array([[1.0, 5.0], [np.inf, np.inf], [3.0, 4.0]])
    assert advantage(costs, 0).tolist() == [2.0, -1.0]


def test_knowing_the_one_input_in_doubt_is_worth_the_mean_gain_of_the_better_choice():
    """With the generator's price alone in doubt the gain is E[max(saved, 0)] - max(E[saved], 0), and all of it is its."""
    inputs = {**PLAIN, "generator_upkeep": 0.0, "label_price": 4.0, "generator_build": [2000.0, 20_000.0, 90_000.0]}
    found = run(inputs, draws=20_000)
    saved = found.totals[0] - found.totals[2]
    gain = np.maximum(saved, 0).mean() - max(saved.mean(), 0)
    assert gain > 100
    assert found.information["everything"] == pytest.approx(gain, rel=1e-9)
    assert found.information["generator"] == pytest.approx(gain, rel=1e-6)
    assert found.information["people"] == pytest.approx(0, abs=1e-6)


def test_knowing_a_group_is_worth_what_nested_simulation_says():
    found = setting(Scenario("medical image"), None)
    u = uniforms(found, 20_000, np.random.default_rng(1))
    values, amounts, _ = sampled(found, u)
    ours = value_of_knowing(found, values, amounts)
    names = [name for name, row in found.sampled.items() if row.group == "drift"]
    rng, chosen = np.random.default_rng(2), np.array([0, 2])
    inner = []
    for i in range(300):
        drawn = {name: rng.random(2000) for name in u}
        drawn |= {name: np.full(2000, u[name][i]) for name in names}
        some, needs, _ = sampled(found, drawn)
        spent = sum(found.price(some, needs, expected(some, needs, 24)).values())
        inner.append(spent[chosen].mean(axis=1))
    inner = np.array(inner)
    nested = inner.mean(axis=0).min() - inner.min(axis=1).mean()
    values_of_drift = {name: each for name, each in ours.items() if name == "drift"}
    error = np.std(inner[:, 0] - inner[:, 1]) / np.sqrt(len(inner))
    assert values_of_drift["drift"] == pytest.approx(nested, abs=4 * error)


@pytest.mark.parametrize("kind", ["medical image", "driving frame", "audio minute"])
def test_no_group_is_worth_more_than_everything(kind):
    worth = lifecycle_cost(Scenario(kind), rng=np.random.default_rng(0), draws=5000).information
    assert all(0 <= each <= worth["everything"] for each in worth.values())
    assert set(worth) >= {"everything", "amounts", "people", "generator", "drift"}


def test_certainty_makes_knowing_worthless():
    assert run(PLAIN).information["everything"] == 0
    assert STRATEGIES[0] == run(PLAIN).winner
