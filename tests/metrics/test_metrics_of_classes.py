"""Metrics of classes against scikit-learn, and their standard errors against repeated samples."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, roc_curve

from bimetal.errors import InputError
from bimetal.metrics.average_precision import AveragePrecision
from bimetal.metrics.balanced_accuracy import BalancedAccuracy
from bimetal.metrics.macro_f1 import MacroF1
from bimetal.metrics.recall_at_fpr import RecallAtFpr
from bimetal.plugins import Predictions


def said(values, scores=None):
    return Predictions(pa.array(list(values), pa.string()), ("no", "yes"), scores)


def scored(positive, score):
    """A rare class as (truth, predictions): the score is the second column."""
    truth = pa.chunked_array([np.where(positive, "yes", "no").tolist()])
    return truth, said(np.where(score > 0.5, "yes", "no"), np.stack([1 - score, score], axis=1))


LABELS = st.integers(2, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from("abc"), min_size=n, max_size=n),
        st.lists(st.sampled_from("abcd"), min_size=n, max_size=n),
    )
)


@given(LABELS)
def test_macro_f1_is_scikit_learns(pair):
    found = MacroF1()(pa.chunked_array([pair[0]]), said(pair[1])).mean()
    assert found == pytest.approx(f1_score(*pair, average="macro", zero_division=0), abs=1e-12)


@given(LABELS)
def test_balanced_accuracy_is_scikit_learns(pair):
    known, guess = np.array(pair)
    guess = np.where(np.isin(guess, known), guess, known[0])  # scikit-learn warns of classes it has not seen
    found = BalancedAccuracy()(pa.chunked_array([known.tolist()]), said(guess)).mean()
    recalls = [np.mean(guess[known == each] == each) for each in np.unique(known)]
    assert found == pytest.approx(np.mean(recalls), abs=1e-12)
    if len(recalls) > 1:
        assert found == pytest.approx(balanced_accuracy_score(known, guess), abs=1e-12)


@given(st.integers(0, 10**6), st.integers(3, 300), st.sampled_from([1, 2, 9]))
def test_average_precision_is_scikit_learns_ties_and_all(seed, n, digits):
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.2
    positive[:2] = True, False
    score = np.round(rng.random(n), digits)
    found = AveragePrecision("yes")(*scored(positive, score)).mean()
    assert found == pytest.approx(average_precision_score(positive, score), abs=1e-9)


@given(st.integers(0, 10**6), st.integers(20, 300), st.sampled_from([1, 2, 9]), st.floats(0.1, 0.9))
def test_recall_at_fpr_is_read_off_scikit_learns_roc(seed, n, digits, fpr):
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.2
    positive[:11] = True, *[False] * 10
    score = np.round(rng.random(n), digits)
    rates, recalls, _ = roc_curve(positive, score, drop_intermediate=False)
    found = RecallAtFpr(fpr, "yes")(*scored(positive, score)).mean()
    assert found == pytest.approx(recalls[rates <= fpr + 1e-12].max(), abs=1e-12)


def test_the_rarest_class_is_the_positive_one_unless_named():
    rng = np.random.default_rng(0)
    positive, score = np.arange(50) < 5, rng.random(50)
    truth, predicted = scored(positive, score)
    assert AveragePrecision()(truth, predicted).mean() == pytest.approx(average_precision_score(positive, score))
    turned = AveragePrecision("no")(truth, predicted).mean()
    assert turned == pytest.approx(average_precision_score(~positive, 1 - score))


def test_a_model_that_never_saw_the_class_ranks_nothing():
    truth, predicted = scored(np.arange(50) < 5, np.ones(50))
    blind = Predictions(predicted.values, ("no",), np.ones((50, 1)))
    assert AveragePrecision()(truth, blind).mean() == pytest.approx(0.1)
    assert RecallAtFpr(0.1)(truth, blind).mean() == 0


@pytest.mark.parametrize("metric", [AveragePrecision("yes"), RecallAtFpr(0.1, "yes")])
def test_what_gives_no_ranking_is_refused_with_a_way_out(metric):
    truth, predicted = scored(np.arange(50) < 5, np.linspace(1, 0, 50))
    none = pa.chunked_array([["no"] * 49 + ["maybe"]])
    with pytest.raises(
        InputError, match="no item of the panel is 'yes'; put some there, or choose among 'maybe', 'no'"
    ):
        metric(none, predicted)
    with pytest.raises(InputError, match="every item of the panel is 'yes'"):
        metric(pa.chunked_array([["yes"] * 50]), predicted)
    with pytest.raises(InputError, match="have no scores"):
        metric(truth, said(["no"] * 50))
    holed = predicted.scores.copy()
    holed[7, 0] = np.nan
    with pytest.raises(InputError, match="scores of item 7 hold NaN"):
        metric(truth, said(["no"] * 50, holed))
    with pytest.raises(InputError, match="do not fit"):
        metric(truth, said(["no"] * 50, holed[:40]))


def test_too_few_negatives_for_the_rate_asked_are_said_so():
    with pytest.raises(InputError, match=r"45 negatives cannot show a false-positive rate of 0\.01; put 100 or more"):
        RecallAtFpr()(*scored(np.arange(50) < 5, np.linspace(1, 0, 50)))


def binormal(rng, n, share):
    positive = rng.random(n) < share
    return scored(positive, 1 / (1 + np.exp(-rng.normal(1.8 * positive - 1.0, 1.0, n))))


@pytest.mark.parametrize(
    ("metric", "n", "share"),
    [
        (AveragePrecision("yes"), 1000, 0.1),
        (AveragePrecision("yes"), 3000, 0.03),
        (MacroF1(), 600, 0.15),
        (BalancedAccuracy(), 600, 0.15),
        (RecallAtFpr(0.05, "yes"), 1000, 0.2),
        (RecallAtFpr(0.01, "yes"), 3000, 0.1),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "task") else str(value),
)
def test_the_standard_error_of_contributions_is_the_spread_of_the_metric(metric, n, share):
    """500 samples: the spread itself is known to 3 %."""
    rng = np.random.default_rng(1)
    runs = [metric(*binormal(rng, n, share)) for _ in range(500)]
    spread = np.std([each.mean() for each in runs])
    told = np.mean([each.std() / n**0.5 for each in runs])
    assert told == pytest.approx(spread, rel=0.1)
