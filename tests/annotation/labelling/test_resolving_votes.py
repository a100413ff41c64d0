"""Votes of rules: counted, resolved and chosen among; correlated rules mislead EM, and people's labels show it."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.annotation.labelling import (
    METHODS,
    Fired,
    Reliability,
    choose,
    credit,
    facts,
    fire,
    judged,
    measured,
    parsed,
    resolved,
    together,
)
from bimetal.errors import InputError

VOTES = st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=1, max_size=40)


def fired(codes, labels=("a", "b", "c")):
    codes = np.array(codes)
    return Fired(tuple(f"r{k}" for k in range(codes.shape[1])), labels, codes)


def independent(rows, accuracies, rng, covers=0.8):
    truth = rng.integers(0, 2, rows)
    right = rng.random((rows, len(accuracies))) < accuracies
    codes = np.where(right, truth[:, None], 1 - truth[:, None])
    return fired(np.where(rng.random(codes.shape) < covers, codes, -1), ("no", "yes")), truth


def echoed(rows, rng):
    """Two poor rules that always say the same outvote, and to EM outrank, three good ones."""
    votes, truth = independent(rows, [0.85, 0.85, 0.85, 0.6], rng, covers=1.0)
    return fired(np.column_stack([votes.codes, votes.codes[:, 3], votes.codes[:, 3]]), ("no", "yes")), truth


@given(VOTES)
def test_a_row_gets_a_label_some_rule_gave_it_or_none(codes):
    votes = fired(codes)
    for method in METHODS:
        for row, code in zip(
            codes, resolved(votes, method, Reliability(np.array([0.9, 0.7, 0.6]), np.ones(3) / 3)), strict=True
        ):
            assert code == -1 or code in row
            if set(row) == {-1}:
                assert code == -1
            if len(set(row) - {-1}) == 1 and method != "em":
                assert code == next(iter(set(row) - {-1}))


@given(VOTES)
def test_coverage_overlaps_and_conflicts_are_those_counted_by_hand(codes):
    rules = parsed({"rule": [{"name": f"r{k}", "label": "a", "any": ["x"]} for k in range(3)]})
    for place, each in enumerate(facts(fired(codes), rules)):
        speaks = [row for row in codes if row[place] >= 0]
        others = [[said for k, said in enumerate(row) if k != place and said >= 0] for row in speaks]
        conflicts = sum(any(said != row[place] for said in more) for row, more in zip(speaks, others, strict=True))
        assert (each.covers, each.overlaps, each.conflicts) == (len(speaks), sum(map(bool, others)), conflicts)
        assert each.right is None


def test_majority_leaves_a_tie_and_a_weight_breaks_it():
    votes = fired([[0, 1, -1], [0, 1, 1], [2, -1, -1]])
    assert resolved(votes, "majority").tolist() == [-1, 1, 2]
    assert resolved(votes, "weighted", Reliability(np.array([0.95, 0.6, 0.6]), np.ones(3) / 3)).tolist() == [0, 0, 2]


def test_a_rule_wrong_more_often_than_a_guess_says_nothing_alone():
    votes, truth = independent(4000, [0.9, 0.3], np.random.default_rng(0))
    found = measured(votes, truth)
    assert found.right == pytest.approx([0.9, 0.3], abs=0.03)
    assert resolved(fired([[-1, 1], [1, 1]], ("no", "yes")), "weighted", found).tolist() == [-1, 1]


@given(st.integers(0, 2**32 - 1))
def test_the_weighted_label_is_the_likeliest_by_bayes(seed):
    rng = np.random.default_rng(seed)
    right, shares = rng.uniform(0.05, 0.95, 3), rng.dirichlet([2, 2, 2])
    codes = rng.integers(-1, 3, (20, 3))
    for row, code in zip(codes, resolved(fired(codes), "weighted", Reliability(right, shares)), strict=True):
        chance = shares.copy()
        for said, p in zip(row, right, strict=True):
            if said >= 0:
                of_others = np.full(3, (1 - p) / (1 - shares[said]))
                of_others[said] = p / shares[said]
                chance *= of_others
        assert code == (chance.argmax() if chance.argmax() in row else -1)


def test_rules_that_err_alone_are_best_weighted_and_em_finds_the_weights_without_labels():
    votes, truth = independent(6000, [0.95, 0.6, 0.6, 0.55], np.random.default_rng(2), covers=1.0)
    right = {method: (resolved(votes, method, measured(votes, truth)) == truth).mean() for method in METHODS}
    assert right["weighted"] > right["majority"] + 0.1
    assert right["em"] > right["majority"] + 0.1


def test_echoing_rules_mislead_em_and_the_choice_sees_it():
    rng = np.random.default_rng(3)
    table, _ = echoed(4000, rng)
    by, truth = echoed(400, rng)
    choice = choose(by, truth, table, np.random.default_rng(0))
    assert choice.method == "weighted"
    assert choice.score["em"].high < choice.score["weighted"].low
    assert choice.gain["weighted"].low > 0
    other, known = echoed(4000, rng)
    told = judged(other, known, table, choice)
    assert told.right is not None
    assert choice.score["weighted"].low < told.right.estimate < choice.score["weighted"].high
    assert told.labelled.estimate == 1


def test_rules_that_know_nothing_are_not_judged_on_the_rows_they_were_weighed_on():
    inside, across = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        votes, truth = independent(40, [0.5] * 40, rng, covers=0.1)
        inside.append(credit(resolved(votes, "weighted", measured(votes, truth)), truth).mean())
        across.append(choose(votes, truth, votes.at(np.arange(0)), rng).score["weighted"].estimate)
    assert np.mean(inside) > np.mean(across) + 0.1
    assert np.mean(across) < 0.5 + 0.06


def test_too_few_labelled_rows_choose_nothing():
    votes, truth = independent(15, [0.9, 0.6], np.random.default_rng(4))
    choice = choose(votes, truth, votes, np.random.default_rng(0))
    assert choice.method == "majority"
    assert "20 are needed" in choice.why
    with pytest.raises(InputError, match="no rows are kept apart"):
        judged(votes.at(np.arange(0)), truth[:0], votes, choice)


def test_no_rule_fires():
    nothing = fired([[-1, -1, -1]] * 3)
    for method in METHODS:
        assert resolved(nothing, method, Reliability(np.ones(3) * 0.8, np.ones(3) / 3)).tolist() == [-1, -1, -1]
    assert together(nothing.at(np.arange(0)), nothing, "em").tolist() == []
    rules = parsed({"rule": [{"label": "a", "any": ["x"]}]})
    assert fire(rules, pa.table({"text": ["y"]})).covered.tolist() == [False]
