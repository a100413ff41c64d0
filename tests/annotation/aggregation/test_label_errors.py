import numpy as np
import pytest

from bimetal.annotation.aggregation import label_errors
from bimetal.errors import InputError

# Eight items of two labels, worked by hand: thresholds are (.9+.8+.6+.3)/4 = .65 and (.9+.7+.2+.6)/4 = .6
SCORES = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2], [0.4, 0.6]])
GIVEN = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def test_a_worked_example():
    found = label_errors(SCORES, GIVEN)
    np.testing.assert_allclose(found.thresholds, [0.65, 0.6])
    # the confident joint is [[2, 1], [1, 3]]: item 2 (.6 < .65, .4 < .6) counts for neither
    assert found.items.tolist() == [6, 3]
    assert found.suggested.tolist() == [0, 1]
    np.testing.assert_allclose(found.margin, [-0.6, -0.4])
    np.testing.assert_allclose(found.joint, [[4 * 2 / 3 / 8, 4 / 3 / 8], [1 / 8, 3 / 8]])
    assert found.wrong == pytest.approx((4 / 3 + 1) / 8)


def test_undecided_items_are_left_out():
    given = np.array([0, 0, 0, -1, 1, 1, -1, 1])
    found = label_errors(SCORES, given)
    assert len(found.items) == 0
    np.testing.assert_allclose(found.thresholds, [2.3 / 3, 2.2 / 3])
    assert found.joint.sum() == pytest.approx(1)


def test_a_label_nobody_gave_is_never_suggested():
    scores = np.column_stack([SCORES * 0.5, np.full(8, 0.5)])
    found = label_errors(scores, GIVEN)
    assert np.isnan(found.thresholds[2])
    assert found.items.tolist() == [6, 3]
    assert found.joint[2].sum() == found.joint[:, 2].sum() == 0


def test_planted_errors_are_found_and_counted():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 40_000)
    given = np.where(rng.random(40_000) < 0.1, (truth + 1) % 5, truth)
    scores = rng.random((40_000, 5))
    scores[np.arange(40_000), truth] += 1.5
    found = label_errors((scores / scores.sum(axis=1, keepdims=True)).astype(np.float32), given)
    wrong = np.flatnonzero(given != truth)
    assert np.isin(wrong, found.items).mean() > 0.6  # half of those below the mean score are never sure
    assert (truth[found.items] == found.suggested).mean() > 0.95
    assert found.wrong == pytest.approx(0.1, abs=0.01)
    assert (np.diff(found.margin) >= 0).all()


@pytest.mark.parametrize(
    ("scores", "labels", "said"),
    [
        ([[0.5, 0.5]], [0, 1], "do not belong together"),
        ([0.5], [0], "do not belong together"),
        ([[2.0, -1.0]], [0], "scores run from -1.0 to 2.0"),
        ([[np.nan, 1.0]], [0], "scores run from nan"),
        ([[0.5, 0.5]], [2], "labels are no columns"),
        ([[0.5, 0.5]], [0.0], "labels are no columns"),
        ([[0.5, 0.5]], [-1], "every item is undecided"),
    ],
)
def test_what_is_no_score_or_label_is_refused(scores, labels, said):
    with pytest.raises(InputError, match=said):
        label_errors(scores, labels)
