"""GLAD: its gradient against differences, its likelihood against a loop, its optimum against the authors' EM."""

import math

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from bimetal.annotation.aggregation import Votes, glad
from bimetal.annotation.aggregation.glad import CENTRE, _believing, _scale, _surprise


def crowd(seed: int = 0, items: int = 120, labels: int = 3):
    rng = np.random.default_rng(seed)
    truth, ease = rng.integers(0, labels, items), rng.normal(0.5, 1.0, items)
    rows = []
    for rater, ability in enumerate([2.0, 1.5, 1.0, 0.7, 0.2, -1.0, 1.2, 0.9]):
        right = rng.random(items) < 1 / (1 + np.exp(-ability * np.exp(ease)))
        said = np.where(right, truth, (truth + rng.integers(1, labels, items)) % labels)
        rows += [(f"{i:03}", f"r{rater}", "xyz"[said[i]]) for i in np.flatnonzero(rng.random(items) < 0.8)]
    return Votes.of(*zip(*rows, strict=True)), truth, ease


def likelihood(votes: Votes, ability, ease) -> float:
    """The answers' chance in loops: equally likely labels, wrong answers equally likely."""
    labels, whole = len(votes.labels), 0.0
    for item in range(len(votes.items)):
        joint = [1 / labels] * labels
        for i, r, v in zip(votes.item, votes.rater, votes.value, strict=True):
            if i == item:
                right = 1 / (1 + math.exp(-ability[r] * math.exp(ease[item])))
                joint = [p * (right if k == v else (1 - right) / (labels - 1)) for k, p in enumerate(joint)]
        whole += math.log(sum(joint))
    return whole


@pytest.mark.parametrize("gold", [{}, {"000": "x", "003": "z"}])
def test_the_gradient_is_that_of_the_surprise(gold):
    votes, *_ = crowd(items=10)
    known, scale = votes.gold(gold), _scale(votes)
    at = np.random.default_rng(0).normal(1, 1, len(scale)) / scale
    expected = approx_fprime(at, lambda x: _surprise(votes, known, x, scale)[0], 1e-7)
    np.testing.assert_allclose(_surprise(votes, known, at, scale)[1], expected, atol=1e-6)


def test_the_likelihood_is_the_loop():
    votes, *_ = crowd(items=10)
    found = glad(votes)
    assert found.log_likelihood == pytest.approx(likelihood(votes, found.quality, found.ease), abs=1e-6)


def test_it_ends_where_the_authors_em_ends():
    """EM: labels given abilities and eases, then these by the expected complete posterior, many times over."""
    votes, *_ = crowd(items=8)
    gold, at, raters = votes.gold({}), np.full(8 + 8, CENTRE), 8

    def expected(x, soft):
        odds = x[:raters][votes.rater] * np.exp(x[raters:])[votes.item]
        right, wrong = -np.logaddexp(0, -odds), -np.logaddexp(0, odds) - math.log(len(votes.labels) - 1)
        own = soft[votes.item, votes.value]
        return 0.5 * ((x - CENTRE) ** 2).sum() - (own * right + (1 - own) * wrong).sum()

    for _ in range(60):
        soft, *_ = _believing(votes, gold, at)
        at = minimize(expected, at, args=(soft.copy(),), tol=1e-9).x
    found = glad(votes, tolerance=1e-13)
    np.testing.assert_allclose(found.quality, at[:raters], atol=2e-3)
    np.testing.assert_allclose(found.ease, at[raters:], atol=2e-3)
    np.testing.assert_allclose(found.soft, soft, atol=2e-3)


def test_ability_ease_and_labels_are_recovered():
    votes, truth, ease = crowd(items=800)
    found = glad(votes)
    assert found.converged
    assert (found.point == truth).mean() > 0.9
    assert np.argmin(found.quality) == 5
    assert found.quality[5] < 0
    assert np.corrcoef(found.ease, ease)[0, 1] > 0.4


def test_gold_stays_as_it_is_and_one_label_is_no_question():
    votes, truth, _ = crowd()
    wrong = "xyz"[(truth[0] + 1) % 3]
    assert glad(votes, clamped={"000": wrong}).soft[0].tolist() == [float(each == wrong) for each in "xyz"]
    assert glad(Votes.of("ab", "AA", "xx")).soft.tolist() == [[1.0], [1.0]]
