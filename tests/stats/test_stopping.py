"""Kappa against scikit-learn, and the stopping rule of Bloodgood and Vijay-Shanker (2009)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from bimetal.errors import InputError
from bimetal.stats import kappa, stabilised


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(2, 200))
def test_kappa_agrees_with_scikit_learn(seed, labels, rows):
    rng = np.random.default_rng(seed)
    first = rng.integers(labels, size=rows)
    second = np.where(rng.random(rows) < 0.7, first, rng.integers(labels, size=rows))
    first[0], second[0] = 0, 1  # more than one label, where kappa is defined
    assert kappa(first.astype(str), second.astype(str)) == pytest.approx(cohen_kappa_score(first, second))


def test_kappa_of_one_label_is_full_agreement():
    assert kappa(["a"] * 5, ["a"] * 5) == 1


@pytest.mark.parametrize(("first", "second"), [(["a"], ["a", "b"]), ([], []), ([["a"]], [["a"]])])
def test_kappa_refuses_what_is_not_paired(first, second):
    with pytest.raises(InputError, match="not paired"):
        kappa(first, second)


def turned(labels, share):
    """Labels of which a share, the first ones, have turned into another."""
    changed = labels.copy()
    changed[: round(share * len(labels))] = (changed[: round(share * len(labels))] + 1) % 4
    return changed


def test_three_agreements_in_a_row_are_enough_and_two_are_not():
    labels = np.arange(4000) % 4
    models = [turned(labels, share) for share in (0.4, 0.1, 0.105, 0.1, 0.104)]
    assert not stabilised(models[:-1])
    assert stabilised(models)
    assert stabilised(models[:-1], successive=2)


def test_one_change_of_mind_starts_the_count_again():
    labels = np.arange(4000) % 4
    models = [turned(labels, share) for share in (0, 0, 0, 0.02, 0.02, 0.02)]
    assert not stabilised(models)
    assert stabilised([*models, models[-1]])
    assert stabilised(models, level=0.97)


def test_no_model_is_not_stable():
    assert not stabilised([])


@pytest.mark.parametrize("rule", [{"level": 1.1}, {"successive": 0}])
def test_a_rule_that_cannot_be_met_is_refused(rule):
    with pytest.raises(InputError, match="can never be met"):
        stabilised([["a"], ["a"]], **rule)
