"""The plan: closed form, grid search and constraints agree; information and margins mean what they say."""

from dataclasses import replace
from math import comb, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.pilot.closed_form import cheapest_mix
from bimetal.pilot.frontier import frontier
from bimetal.pilot.information import marginal
from bimetal.pilot.law import Law, bounds_of, known_law
from bimetal.pilot.menu import AMOUNTS
from bimetal.pilot.plan import plan
from bimetal.pilot.prices import Limits, Prices
from bimetal.pilot.raters import label_worth, plurality

KNOWN = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
PRICES = Prices(0.25, 0.01)


def doubtful(seed=0, draws=60, **changes):
    rng = np.random.default_rng(seed)
    spread = np.exp(rng.normal(0, [0.0, 0.2, 0.05, 0.4, 0.5], (draws, 5)))
    values = np.array([0.0, 1.0, 0.5, 0.5, 150]) * spread
    return replace(Law(**bounds_of(np.median(values, 0), values), draws=values, residual=0, p=1, fits=True), **changes)


laws = st.builds(
    known_law,
    E=st.sampled_from([0.0, 0.005]),
    A=st.floats(0.5, 3),
    b=st.floats(0.4, 1.2),
    kappa=st.floats(0.05, 1.5),
    n_inf=st.floats(10, 2000),
)
targets = st.floats(0.8, 0.97)
label_prices = st.floats(0.02, 5)


@given(laws, targets, label_prices, st.floats(0.0001, 0.1), st.sampled_from([0, 10, 500]))
@settings(max_examples=60, deadline=None)
def test_the_closed_form_costs_what_the_search_finds(law, target, label, item, generator):
    prices = Prices(label, item, generator)
    n, m, raters = cheapest_mix(law, prices, 1 - target)
    assert law.error(n * prices.label_worth(raters), m) == pytest.approx(1 - target)
    found = plan(law, prices, target).choice
    closed = float(prices.money(n, m, raters))
    assert found.money <= closed * 1.002 + label + item * m * 0.02  # a whole label, and 2 % between amounts
    assert found.money >= closed * (1 - 1e-6) - 1e-9


@given(st.integers(0, 5), targets, label_prices, st.floats(1, 4))
@settings(max_examples=40, deadline=None)
def test_dearer_labels_never_lower_the_synthetic_amount(seed, target, label, times):
    cheap, dear = (plan(doubtful(seed), Prices(price, 0.01, 20), target).choice for price in (label, label * times))
    assert dear.m >= cheap.m


@given(st.integers(0, 5), targets, targets, label_prices)
@settings(max_examples=40, deadline=None)
def test_a_tighter_target_or_more_certainty_never_costs_less(seed, one, other, label):
    law, prices = doubtful(seed), Prices(label, 0.01, 20)
    loose, tight = sorted((one, other))
    assert plan(law, prices, tight).choice.money >= plan(law, prices, loose).choice.money
    assert plan(law, prices, one, 0.9).choice.money >= plan(law, prices, one, 0.6).choice.money


@pytest.mark.parametrize(
    "limits",
    [
        Limits(min_human_share=0.5),
        Limits(min_human_share=1),
        Limits(slices=4, slice_floor=100),
        Limits(regulated=300),
        Limits(weeks=3),
        Limits(max_synthetic=50),
        Limits(max_raters=1),
    ],
)
@given(st.integers(0, 5), targets)
@settings(max_examples=12, deadline=None)
def test_a_constraint_never_lowers_the_cost_and_is_kept(limits, seed, target):
    prices = Prices(0.25, 0.01, 20, rater_accuracy=0.85, annotations_per_week=400, generator_weeks=2)
    free, bound = plan(doubtful(seed), prices, target), plan(doubtful(seed), prices, target, limits=limits)
    if bound.people is None and bound.mix is None:
        assert limits.weeks < inf
        return
    chosen = bound.choice
    assert chosen.money >= free.choice.money
    assert chosen.n >= max(limits.regulated, limits.slices * limits.slice_floor)
    assert chosen.n >= limits.min_human_share * (chosen.n + chosen.m) - 1
    assert chosen.weeks <= limits.weeks
    assert chosen.m <= limits.max_synthetic
    assert chosen.raters <= limits.max_raters
    assert chosen.reached >= 0.8


def test_the_plan_holds_in_the_asked_share_of_draws_and_no_cheaper_mix_does():
    law, target = doubtful(draws=100), 0.95
    prices = Prices(0.25, 0.01, 5, rater_accuracy=0.8)
    chosen = plan(law, prices, target, 0.8).choice
    assert chosen.reached >= 0.8
    n = np.arange(0, 2500, 5.0)[:, None]
    best = inf
    for raters in (1, 2, 3, 4, 5):
        for m in np.unique(np.round(np.concatenate([[0], np.geomspace(1, 1e5, 300)]))):
            enough = n[np.mean(_errors(law, n * prices.label_worth(raters), m) <= 1 - target, axis=1) >= 0.8]
            best = min(best, float(prices.money(enough.min(initial=inf), m, raters)))
    assert chosen.money <= best * 1.001
    assert chosen.money >= best * 0.97  # the grid's steps of five labels


def _errors(law, n, m):
    _, scale, slope, kappa, n_inf = law.draws.T
    s = 1 / (1 / (kappa * m) + 1 / n_inf) if m else 0.0
    with np.errstate(divide="ignore"):
        return 1 / ((n + s) ** slope / scale + 1)


@pytest.mark.parametrize(
    ("prices", "limits", "advice"),
    [
        (Prices(0.25, 0.2), Limits(), "buy"),
        (Prices(0.25, 0.01, generator=1000), Limits(), "buy"),
        (Prices(0.25, 0.01), Limits(), "both"),
        (Prices(0.25, 0.01), Limits(budget=10), "undecided at this budget"),
    ],
)
def test_the_advice_follows_the_prices(prices, limits, advice):
    assert plan(KNOWN, prices, 0.95, limits=limits).advice == advice


def test_a_coarse_target_is_generated_alone():
    found = plan(KNOWN, PRICES, 0.9)
    assert (found.advice, found.choice.n) == ("generate", 0)
    assert found.people.n == 81  # 9^2


def test_a_law_that_does_not_fit_decides_nothing():
    found = plan(replace(KNOWN, fits=False, why="synthetic items do harm"), PRICES, 0.95)
    assert found.advice == "undecided at this budget"
    assert "synthetic items do harm" in found.answer


def test_a_plan_far_beyond_what_was_measured_says_so():
    near, far = (plan(replace(KNOWN, measured=size), Prices(0.25, 0.2), 0.95) for size in (100, 50))
    assert near.choice.n == far.choice.n == 361  # 19^2
    assert near.caution == ""
    assert "361 labels are far more than the 50 measured" in far.caution
    assert far.advice == "buy"


def test_an_unreachable_target_has_no_price():
    law = known_law(E=0.1, A=1, b=0.5, kappa=0.5, n_inf=150)
    found = plan(law, PRICES, 0.95)
    assert (found.choice, found.people, found.mix, found.information) == (None, None, None, None)
    assert found.answer.startswith("Undecided")
    assert plan(law, PRICES, 0.95, limits=Limits(budget=100)).choice.money <= 100


def test_within_a_short_budget_the_surest_mix_is_named():
    limits = Limits(budget=60)
    found = plan(doubtful(), PRICES, 0.95, limits=limits)
    assert found.people is None
    assert found.mix is None
    assert 0 < found.choice.reached < 0.8
    assert found.choice.money <= 60


def test_nothing_is_learnt_where_nothing_is_in_doubt():
    found = plan(KNOWN, PRICES, 0.95)
    assert found.information == pytest.approx(0, abs=1e-9)
    assert found.agreed == 1
    assert found.stop(1)


def test_perfect_information_is_what_a_buyer_who_knew_would_gain():
    draws = np.array([[0, 1.0, 0.5, 1e-6, 1], [0, 2.0, 0.5, 1e-6, 1]])
    law = Law(**bounds_of(draws.mean(0), draws), draws=draws, residual=0, p=1, fits=True)
    found = plan(law, Prices(1.0), 0.9, 0.95, Limits(worth=400))
    assert [found.choice.n, found.choice.money] == [
        324,
        324,
    ]  # 4 * 81 labels in the worse of two draws, 81 in the other
    knowing = ((400 - 81) + (400 - 324)) / 2
    blind = max(400 / 2 - 81, 400 - 324, 0)
    assert found.information == pytest.approx(knowing - blind)
    assert found.stop(knowing - blind + 1)
    assert not found.stop(knowing - blind - 1)


@given(st.integers(0, 20), targets, st.floats(10, 5000))
@settings(max_examples=30, deadline=None)
def test_information_is_never_worth_less_than_nothing_nor_more_than_the_target(seed, target, worth):
    found = plan(doubtful(seed), Prices(0.25, 0.01, 20), target, limits=Limits(worth=worth))
    assert 0 <= found.information <= worth


def test_doubt_has_a_price():
    assert plan(KNOWN, PRICES, 0.96).certain == pytest.approx(plan(KNOWN, PRICES, 0.96).choice.money, rel=0.01)
    law = doubtful(draws=200)
    assert plan(law, PRICES, 0.96, 0.9).choice.money > plan(law, PRICES, 0.96, 0.9).certain
    assert plan(known_law(E=0.1, A=1, b=0.5, kappa=0.5, n_inf=150), PRICES, 0.96).certain is None


def test_the_last_unit_of_money_buys_as_much_at_either_source():
    amounts = cheapest_mix(KNOWN, PRICES, 0.04)
    found = marginal(KNOWN, PRICES, amounts.n, amounts.m, amounts.raters)
    assert found.people == pytest.approx(found.synthetic, rel=0.01)
    assert found.raters == 0


def test_weeks_are_the_slower_of_people_and_generator_and_the_training():
    prices = Prices(0.25, annotations_per_week=500, synthetic_per_week=1000, generator_weeks=3, training_hours=84)
    assert prices.weeks(1000, 0, 2) == pytest.approx(4.5)
    assert prices.weeks(1000, 4000, 1) == pytest.approx(7.5)


def test_raters_are_bought_where_they_are_worth_their_price():
    noisy = Prices(0.25, rater_accuracy=0.7)
    worths = [label_worth(raters, 0.7, 2) / raters for raters in (1, 2, 3, 4, 5)]
    assert cheapest_mix(KNOWN, noisy, 0.05).raters == 1 + int(np.argmax(worths))
    limited = plan(KNOWN, noisy, 0.95, limits=Limits(max_labels=1200))
    assert limited.choice.raters > plan(KNOWN, noisy, 0.95).choice.raters


@pytest.mark.parametrize("raters", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("accuracy", [0.3, 0.55, 0.9, 1.0])
def test_two_classes_vote_by_the_binomial(raters, accuracy):
    parts = [comb(raters, k) * accuracy**k * (1 - accuracy) ** (raters - k) for k in range(raters + 1)]
    wins = sum(part for k, part in enumerate(parts) if 2 * k > raters) + sum(
        parts[k] / 2 for k in range(raters + 1) if 2 * k == raters
    )
    assert plurality(raters, accuracy, 2) == pytest.approx(wins)


@pytest.mark.parametrize(("raters", "classes"), [(3, 4), (4, 3), (5, 10), (6, 3)])
def test_many_classes_vote_as_simulated(raters, classes):
    rng = np.random.default_rng(1)
    votes = np.where(rng.random((100_000, raters)) < 0.5, 0, rng.integers(1, classes, (100_000, raters)))
    counts = (votes[:, :, None] == np.arange(classes)).sum(1)
    top = counts.max(1, keepdims=True)
    right = np.mean((counts[:, 0] == top[:, 0]) / (counts == top).sum(1))
    assert plurality(raters, 0.5, classes) == pytest.approx(right, abs=0.006)


def test_noise_costs_the_square_of_what_it_hides():
    """Estimating a share through labels flipped with probability rho: the corrected estimate's variance, simulated."""
    rng = np.random.default_rng(2)
    truth = rng.random((4000, 400)) < 0.5
    seen = truth ^ (rng.random(truth.shape) < 0.2)
    corrected = (seen.mean(1) - 0.2) / (1 - 0.4)
    assert 0.5 * 0.5 / 400 / corrected.var() == pytest.approx(label_worth(1, 0.8, 2), rel=0.06)


def test_labels_like_the_pilots_are_worth_one():
    assert Prices(1, rater_accuracy=0.8, pilot_raters=3).label_worth(3) == pytest.approx(1)


def test_the_frontier_rises_and_the_best_mix_never_costs_more():
    rungs = frontier(doubtful(), PRICES, (0.85, 0.9, 0.95), limits=Limits(budget=500))
    assert [each.mix <= (each.people or inf) for each in rungs if each.mix] == [True] * 3
    assert sorted(each.mix for each in rungs) == [each.mix for each in rungs]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Prices(0),
        lambda: Prices(-1),
        lambda: Prices(float("nan")),
        lambda: Prices(1, rater_accuracy=0.5),
        lambda: Prices(1, rater_accuracy=0.1, classes=10),
        lambda: Limits(min_human_share=1.5),
        lambda: Limits(slices=1.5),
        lambda: plan(KNOWN, PRICES, 95),
        lambda: plan(KNOWN, PRICES, 0.9, 1),
        lambda: plurality(0, 0.9, 2),
    ],
)
def test_what_no_plan_can_use_is_refused(wrong):
    with pytest.raises(InputError):
        wrong()


def test_the_amounts_start_with_people_alone():
    assert AMOUNTS[0] == 0
    assert (np.diff(AMOUNTS) > 0).all()


def test_a_plan_is_written_down_whole():
    told = plan(doubtful(), PRICES, 0.95).json()
    assert set(told["choice"]) == {"n", "m", "raters", "money", "weeks", "reached", "error"}
    assert told["answer"].endswith(".")
