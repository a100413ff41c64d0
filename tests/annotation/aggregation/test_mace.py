"""MACE against a loop written from its model, and on raters who are known to guess."""

import math

import numpy as np
import pytest
from scipy.special import digamma

from bimetal.annotation.aggregation import Votes, mace, majority
from bimetal.annotation.aggregation.mace import HABIT, KNOWING, _start, _step
from bimetal.errors import InputError


def crowd(seed: int = 0, items: int = 150):
    """Four raters who mostly know, four who guess, one of them always the same label."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, items)
    rows = []
    for rater, knows in enumerate([0.9, 0.8, 0.7, 0.6, 0.0, 0.0, 0.1, 0.0]):
        guess = rng.integers(0, 3, items) if rater < 7 else np.zeros(items, int)
        said = np.where(rng.random(items) < knows, truth, guess)
        answered = rng.random(items) < 0.7
        rows += [(f"{i:03}", f"r{rater}", "xyz"[said[i]]) for i in np.flatnonzero(answered)]
    return Votes.of(*zip(*rows, strict=True)), truth


def by_hand(votes: Votes, knew):
    """One step of variational Bayes in loops, from the model's own words."""
    items, labels, raters = len(votes.items), len(votes.labels), len(votes.raters)
    guessed = votes.usage - knew
    rows = list(zip(votes.item.tolist(), votes.rater.tolist(), votes.value.tolist(), strict=True))
    learnt, soft = np.zeros((raters, labels)), np.zeros((items, labels))

    def weights(rater, value, truth):
        whole = knew[rater].sum() + guessed[rater].sum() + sum(KNOWING)
        knows = math.exp(digamma(knew[rater].sum() + KNOWING[0]) - digamma(whole))
        guesses = math.exp(digamma(guessed[rater].sum() + KNOWING[1]) - digamma(whole))
        habit = digamma(guessed[rater, value] + HABIT) - digamma(guessed[rater].sum() + HABIT * labels)
        return knows * (value == truth), guesses * math.exp(habit)

    for item in range(items):
        mine = [(r, v) for i, r, v in rows if i == item]
        joint = [math.prod(sum(weights(r, v, k)) for r, v in mine) for k in range(labels)]
        soft[item] = np.array(joint) / sum(joint)
        for r, v in mine:
            knows, guesses = weights(r, v, v)
            learnt[r, v] += soft[item, v] * knows / (knows + guesses)
    return soft, learnt


def test_a_step_is_the_loop_written_from_the_model():
    votes, _ = crowd(items=25)
    knew = _start(votes, np.random.default_rng(1))
    for _ in range(4):
        soft, learnt, _ = _step(votes, votes.gold({}), knew)
        expected_soft, expected_learnt = by_hand(votes, knew)
        np.testing.assert_allclose(soft, expected_soft, atol=1e-8)
        np.testing.assert_allclose(learnt, expected_learnt, atol=1e-6)
        knew = learnt


@pytest.mark.parametrize("gold", [{}, {"000": "z", "001": "x"}])
def test_the_bound_never_falls(gold):
    votes, _ = crowd()
    knew, bounds = _start(votes, np.random.default_rng(2)), []
    for _ in range(30):
        _, knew, bound = _step(votes, votes.gold(gold), knew)
        bounds.append(bound)
    assert (np.diff(bounds) >= -1e-5).all()
    assert bounds[-1] > bounds[0]


def test_the_bound_is_below_the_evidence():
    """With one rater and one item the evidence is the same for every answer: 1 / labels, by symmetry."""
    votes = Votes.of("a", "A", "x", labels="xyz")
    found = mace(votes, np.random.default_rng(0), tolerance=1e-12)
    assert math.log(1 / 3) - 1 < found.log_likelihood <= math.log(1 / 3) + 1e-9


def test_guessers_are_found_and_do_not_count():
    votes, truth = crowd()
    found = mace(votes, np.random.default_rng(0))
    assert found.converged
    assert found.quality[:4].min() > 0.45
    assert found.quality[4:].max() < 0.3
    assert (found.point == truth).mean() > (majority(votes).point == truth).mean() + 0.1
    np.testing.assert_allclose(found.confusion.sum(axis=2), 1)
    assert found.confusion[7, :, 0].min() > 0.6  # the one with a habit, whatever is true


def test_restarts_begin_and_end_apart_and_the_best_stands():
    votes, _ = crowd(items=12)
    rng = np.random.default_rng(4)
    starts = [_start(votes, rng) for _ in range(10)]
    apart = [np.abs(one - other).max() for i, one in enumerate(starts) for other in starts[:i]]
    assert min(apart) > 0.1
    assert all(((start >= 0) & (start <= votes.usage)).all() for start in starts)
    one_by_one = np.random.default_rng(9)
    alone = [mace(votes, one_by_one, restarts=1).log_likelihood for _ in range(10)]
    assert len(set(alone)) > 1
    assert mace(votes, np.random.default_rng(9), restarts=10).log_likelihood == max(alone)


def test_gold_stays_as_it_is():
    votes, truth = crowd()
    wrong = "xyz"[(truth[0] + 1) % 3]
    found = mace(votes, np.random.default_rng(0), clamped={"000": wrong})
    assert found.soft[0].tolist() == [float(each == wrong) for each in "xyz"]


def test_no_restart_is_refused():
    with pytest.raises(InputError, match="restarts is 0"):
        mace(Votes.of("a", "A", "x"), np.random.default_rng(0), restarts=0)
