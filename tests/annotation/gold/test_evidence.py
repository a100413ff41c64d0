"""E-processes against their theorem by simulation and by exact integration, and the confidence sequence's coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from bimetal.annotation.gold import accuracy, evidence_above, evidence_below
from bimetal.errors import InputError

RIGHT = st.lists(st.booleans(), min_size=1, max_size=30)


@given(RIGHT, st.sampled_from([0.5, 0.8, 0.95]))
@settings(deadline=None)
def test_evidence_is_the_mean_over_bets(right, bar):
    hits, misses = sum(right), len(right) - sum(right)
    mean, _ = quad(lambda q: (q / bar) ** hits * ((1 - q) / (1 - bar)) ** misses / (1 - bar), bar, 1)
    assert evidence_above(right, bar)[-1] == pytest.approx(np.log(mean), abs=1e-6)


@given(RIGHT, st.sampled_from([0.5, 0.8]))
@settings(deadline=None)
def test_each_bet_is_fair_at_the_bar(right, bar):
    """One answer more changes the capital by nothing on average, if right with the bar's probability."""
    for capital, chance in ((evidence_above, bar), (evidence_below, bar)):
        after = [np.exp(capital([*right, last], bar)[-1]) for last in (1, 0)]
        assert chance * after[0] + (1 - chance) * after[1] == pytest.approx(np.exp(capital(right, bar)[-1]))


@given(RIGHT)
@settings(deadline=None)
def test_later_answers_do_not_change_earlier_evidence(right):
    for capital in (evidence_above, evidence_below):
        assert capital(right, 0.8)[: len(right) // 2] == pytest.approx(capital(right[: len(right) // 2], 0.8))


@pytest.mark.parametrize(("capital", "bar"), [(evidence_above, 0.8), (evidence_below, 0.8), (evidence_below, 0.6)])
def test_looking_after_every_answer_errs_no_more_than_alpha(capital, bar):
    draws, alpha, rounds = np.random.default_rng(2), 0.05, 400
    crossed = [capital(draws.random(300) < bar, bar).max() >= np.log(1 / alpha) for _ in range(rounds)]
    assert np.mean(crossed) <= alpha + 3 * (alpha * (1 - alpha) / rounds) ** 0.5


def test_a_fixed_binomial_test_looked_at_as_often_would_err_far_more():
    from scipy.stats import binom

    draws, crossed = np.random.default_rng(2), 0
    for _ in range(300):
        hits = np.cumsum(draws.random(400) < 0.8)
        crossed += bool((binom.sf(hits - 1, np.arange(1, 401), 0.8) <= 0.05).any())
    assert crossed / 300 > 0.2


def test_a_fall_after_a_long_good_record_is_seen():
    record = np.r_[np.ones(300), np.zeros(30)]
    assert evidence_below(record, 0.8).max() > np.log(20)
    assert evidence_below(record, 0.8, block=1000).max() < np.log(20)


def test_the_confidence_sequence_holds_at_all_times_at_once():
    draws, left, rounds = np.random.default_rng(6), 0, 300
    for _ in range(rounds):
        hits = np.cumsum(draws.random(150) < 0.85)
        bounds = [accuracy(int(hits[n - 1]), n) for n in range(1, 151, 6)]
        left += any(not each.low <= 0.85 <= each.high for each in bounds)
    assert left / rounds <= 0.05 + 3 * (0.05 * 0.95 / rounds) ** 0.5


@given(st.integers(0, 200), st.integers(1, 200))
@settings(deadline=None)
def test_accuracy_lies_in_its_bounds(right, answered):
    right = min(right, answered)
    found = accuracy(right, answered)
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    assert found.low < found.high


def test_what_is_no_answer_and_no_bar():
    assert accuracy(0, 0) is None
    assert len(evidence_above([], 0.8)) == len(evidence_below([], 0.8)) == 0
    for wrong in (lambda: evidence_above([0.5], 0.8), lambda: evidence_above([1], 1.0), lambda: accuracy(3, 2)):
        with pytest.raises(InputError):
            wrong()
