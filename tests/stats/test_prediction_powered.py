"""Prediction-powered means against ppi-python, and their promised coverage."""

import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.stats import prediction_powered_mean, stratified_prediction_powered_mean, tuned_lambda


def drawn(seed, n, many, slope, noise):
    rng = np.random.default_rng(seed)
    judged = rng.normal(2, 1, n + many)
    return slope * judged[:n] + rng.normal(1, noise, n), judged[:n], judged[n:]


@pytest.mark.parametrize(
    ("case", "estimate", "low", "high"),
    [
        ((1, 60, 600, 0.8, 0.6), 2.409940904079172, 2.2225602523298447, 2.5973215558284997),
        ((2, 500, 5000, 0.4, 1.0), 1.8792191260632052, 1.7941999826699884, 1.964238269456422),
        ((3, 30, 90, 0.9, 0.2), 2.79729211937702, 2.6119365751276886, 2.9826476636263513),
    ],
)
def test_the_estimate_is_that_of_ppi_python(case, estimate, low, high):
    """ppi-python 0.2.3, ppi_mean_pointestimate and ppi_mean_ci at alpha .05, which uses z and n instead of t and n-2."""
    found = prediction_powered_mean(*drawn(*case))
    assert found.estimate == pytest.approx(estimate, abs=1e-12)
    n = case[1]
    assert (high - low) < (found.high - found.low) < (high - low) * (1 + 3 / n)


def test_lambda_leaves_the_least_variance():
    """By definition: the variance of the estimate, sample moments put in, is smallest at lambda."""
    truth, judged, others = drawn(5, 200, 400, 0.7, 1.0)
    pooled = np.concatenate([judged, others]).var(ddof=1)
    grid = np.linspace(0, 2, 2001)
    cross = np.cov(truth, judged, ddof=0)[0, 1]
    variance = (truth.var(ddof=1) - 2 * grid * cross + grid**2 * pooled) / 200 + grid**2 * pooled / 400
    assert tuned_lambda(truth, judged, others) == pytest.approx(grid[variance.argmin()], abs=1e-3)


def test_predictions_on_another_scale_or_turned_around_serve_as_well():
    truth, judged, others = drawn(6, 100, 1000, 0.7, 0.5)
    found, turned = prediction_powered_mean(truth, judged, others), prediction_powered_mean(truth, -judged, -others)
    scaled = prediction_powered_mean(truth, judged / 100 + 7, others / 100 + 7)
    for other in (turned, scaled):
        assert (other.low, other.high) == pytest.approx((found.low, found.high))


def test_predictions_that_say_nothing_leave_the_mean_of_the_labels():
    truth = np.random.default_rng(0).normal(size=40)
    found = prediction_powered_mean(truth, np.ones(40), np.ones(400))
    assert found.estimate == pytest.approx(truth.mean())
    assert found.high - found.estimate == pytest.approx(2.023 * truth.std(ddof=1) / 40**0.5, rel=1e-3)


def test_one_stratum_is_no_stratum_but_for_its_name():
    sample = drawn(7, 100, 1000, 0.7, 0.5)
    one = (np.zeros(100), np.zeros(1000))
    assert stratified_prediction_powered_mean(*sample, one) == prediction_powered_mean(*sample)


def test_all_right_stays_a_share_with_a_width():
    found = prediction_powered_mean(np.ones(50), np.ones(50), np.ones(500))
    assert (found.estimate, found.high) == (1, 1)
    assert 0.9 < found.low < 0.95


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (([1.0] * 4, [1.0] * 4, [1.0] * 9), "4 labelled and 9 unlabelled items are too few"),
        (([1.0] * 6, [1.0] * 5, [1.0] * 9), "have shape"),
        (([1.0] * 6, [1.0] * 6, [np.nan] * 9), "hold NaN"),
    ],
)
def test_what_is_no_sample_is_refused(sample, message):
    with pytest.raises(InputError, match=message):
        prediction_powered_mean(*sample)


def test_a_stratum_without_labels_is_named():
    sample = drawn(8, 100, 1000, 0.7, 0.5)
    with pytest.raises(InputError, match="0 labelled and 500 unlabelled items in stratum 'b' are too few"):
        stratified_prediction_powered_mean(*sample, (np.full(100, "a"), np.repeat(["a", "b"], 500)))


def test_nominal_95_percent_covers_93_to_97_and_the_promised_labels_are_saved():
    """2,000 samples of 50 labels, correlation .7, ten times as many predictions: one standard error is .005."""
    rng = np.random.default_rng(9)
    covered, found, plain = [], [], []
    for _ in range(2000):
        judged = rng.normal(size=550)
        truth = 0.7 * judged[:50] + 0.51**0.5 * rng.normal(size=50)
        interval = prediction_powered_mean(truth, judged[:50], judged[50:])
        covered.append(interval.low <= 0 <= interval.high)
        found.append(interval.estimate)
        plain.append(truth.mean())
    assert 0.93 <= np.mean(covered) <= 0.97
    assert 1 - np.var(found) / np.var(plain) == pytest.approx(0.7**2 * 10 / 11, abs=0.05)


def test_labels_bought_unevenly_over_strata_cover_too():
    rng = np.random.default_rng(10)
    covered = []
    for _ in range(1000):
        kinds = (np.repeat([0, 1], [60, 20]), (rng.random(1000) < 0.7).astype(int))
        judged = [rng.normal(size=len(each)) + 3 * each for each in kinds]
        truth = 2 * kinds[0] + 0.7 * judged[0] + rng.normal(0, 0.7, 80)
        found = stratified_prediction_powered_mean(truth, *judged, kinds)
        covered.append(found.low <= 0.7 * (2 + 2.1) <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.97
