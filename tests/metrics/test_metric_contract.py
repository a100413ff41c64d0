"""What every metric on the shelf keeps to; a new file there is picked up by itself."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.errors import InputError
from bimetal.plugins import Predictions, Spec, find, make, names, spec_of

METRICS = names("metrics")
N = 240


def classified(rng, right):
    truth = rng.choice(["a", "b", "c"], N, p=[0.5, 0.4, 0.1])
    sure = np.eye(3)[np.searchsorted(["a", "b", "c"], truth)] * (1 if right else rng.uniform(size=(N, 1)))
    scores = (sure + (0 if right else rng.dirichlet(np.ones(3), N))) / (1 if right else 2)
    said = np.array(["a", "b", "c"])[scores.argmax(axis=1)]
    return pa.chunked_array([truth[:9].tolist(), truth[9:].tolist()]), Predictions(
        pa.array(said.tolist()), ("a", "b", "c"), scores
    )


def listed(rng, right, draw):
    """Every item holds up to three things; a model misses a third and invents some."""
    truth = [[draw(rng, k) for k in range(rng.integers(0, 4))] for _ in range(N)]
    said = [
        [
            (thing if right or rng.random() < 0.7 else draw(rng, k)) | {"confidence": float(rng.random())}
            for k, thing in enumerate(item)
        ]
        for item in truth
    ]
    return pa.chunked_array([truth]), Predictions(pa.array(said))


def span(rng, k):
    start = int(rng.integers(0, 90))
    return {"start": start, "end": start + 5, "label": "xy"[k % 2]}


def box(rng, k):
    x, y = rng.uniform(0, 50, 2).tolist()
    return {"x0": x, "y0": y, "x1": x + 10, "y1": y + 10, "label": "xy"[k % 2]}


def mask(rng, k):
    picture, (x, y), stream = np.zeros((16, 16), np.uint8), rng.integers(0, 10, 2), io.BytesIO()
    picture[y : y + 6, x : x + 6] = 255
    Image.fromarray(picture).save(stream, "PNG")
    return {"mask": stream.getvalue(), "label": "xy"[k % 2]}


def scored(rng, right):
    truth = rng.integers(1, 6, N)
    said = truth + (0 if right else rng.normal(0, 0.7, N))
    return pa.chunked_array([[str(each) for each in truth]]), Predictions(pa.array(said, pa.float64()))


DRAWN = {
    "classification": classified,
    "spans": lambda rng, right: listed(rng, right, span),
    "boxes": lambda rng, right: listed(rng, right, box),
    "masks": lambda rng, right: listed(rng, right, mask),
    "score": scored,
}


def drawn(name, right=False, seed=0):
    metric = make(Spec("metrics", name))
    return metric, *DRAWN[metric.task](np.random.default_rng(seed), right)


def taken(predicted, rows):
    scores = None if predicted.scores is None else predicted.scores[rows]
    return Predictions(predicted.values.take(pa.array(rows)), predicted.classes, scores)


@pytest.mark.parametrize("name", METRICS)
def test_every_item_contributes_a_finite_number_and_the_mean_is_at_most_one(name):
    metric, truth, predicted = drawn(name)
    found = metric(truth, predicted)
    assert found.shape == (N,)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.mean() < 1 - 1e-6


@pytest.mark.parametrize("name", METRICS)
def test_what_is_right_everywhere_scores_one_everywhere(name):
    metric, truth, predicted = drawn(name, right=True)
    np.testing.assert_allclose(metric(truth, predicted), 1)


@pytest.mark.parametrize("name", METRICS)
def test_the_order_of_items_does_not_matter(name):
    metric, truth, predicted = drawn(name)
    rows = np.random.default_rng(3).permutation(N)
    turned = metric(pa.chunked_array([truth.combine_chunks().take(pa.array(rows))]), taken(predicted, rows))
    np.testing.assert_allclose(turned, metric(truth, predicted)[rows], atol=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_a_panel_twice_over_scores_the_same(name):
    metric, truth, predicted = drawn(name)
    twice = np.tile(np.arange(N), 2)
    found = metric(pa.chunked_array([*truth.chunks, *truth.chunks]), taken(predicted, twice))
    assert found.mean() == pytest.approx(metric(truth, predicted).mean(), abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_contributions_foretell_the_metric_of_a_panel_without_one_item(name):
    """What a linearisation is for: the mean of the others' contributions is the metric without the item, to 1/n^2."""
    metric, truth, predicted = drawn(name)
    if "fpr" in name:
        pytest.skip("a quantile moves in steps, so that single items foretell nothing")
    found = metric(truth, predicted)
    for left_out in range(5):
        rows = np.delete(np.arange(N), left_out)
        without = metric(pa.chunked_array([truth.combine_chunks().take(pa.array(rows))]), taken(predicted, rows))
        assert without.mean() == pytest.approx(found[rows].mean(), abs=40 / N**2)


@pytest.mark.parametrize("name", METRICS)
def test_what_cannot_be_scored_is_refused(name):
    metric, truth, predicted = drawn(name)
    with pytest.raises(InputError, match="240 predictions for 239 items"):
        metric(truth.slice(1), predicted)
    with pytest.raises(InputError, match="no item to score"):
        metric(truth.slice(0, 0), taken(predicted, np.arange(0)))
    unlabelled = pa.chunked_array([pa.array([None, *truth.to_pylist()[1:]], truth.type)])
    with pytest.raises(InputError, match="1 of 240 items have no label"):
        metric(unlabelled, predicted)


@pytest.mark.parametrize("name", METRICS)
def test_the_spec_replays_and_the_task_is_known(name):
    metric = make(Spec("metrics", name))
    assert make(spec_of(metric)) == metric
    assert find("metrics", name).task in DRAWN
