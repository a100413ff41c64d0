"""Spans, boxes, masks and scores against plain reference implementations."""

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import r2_score

from bimetal.errors import InputError
from bimetal.metrics.box_ap import BoxAp
from bimetal.metrics.explained import Explained
from bimetal.metrics.mask_ap import MaskAp
from bimetal.metrics.span_f1 import SpanF1
from bimetal.metrics.within import Within
from bimetal.plugins import Predictions

SPANS = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(3, 5), st.sampled_from("xy")), max_size=4, unique=True),
    min_size=4,
    max_size=4,
)


def spans(items):
    return [[{"start": start, "end": end, "label": label} for start, end, label in item] for item in items]


@given(SPANS, SPANS)
def test_span_f1_is_that_of_all_spans_pooled(known, said):
    known = [[(0, 3, "x")], *known]
    said = [[], *said]
    found = SpanF1()(pa.chunked_array([spans(known)]), Predictions(pa.array(spans(said)))).mean()
    true, claimed = ({(k, *each) for k, item in enumerate(items) for each in item} for items in (known, said))
    assert found == pytest.approx(2 * len(true & claimed) / (len(true) + len(claimed)))


def test_a_span_said_twice_is_right_once_and_wrong_once():
    truth, twice = spans([[(0, 3, "x")]]), spans([[(0, 3, "x"), (0, 3, "x")]])
    assert SpanF1()(pa.chunked_array([truth]), Predictions(pa.array(twice))).mean() == pytest.approx(2 / 3)


def test_a_panel_without_spans_or_with_other_structs_is_refused():
    with pytest.raises(InputError, match="no item of the panel holds a span"):
        SpanF1()(pa.chunked_array([pa.array([[]], pa.list_(pa.string()))]), Predictions(pa.array([[]])))
    with pytest.raises(InputError, match="is no list of spans"):
        SpanF1()(pa.chunked_array([[[{"from": 1}]]]), Predictions(pa.array([[]])))


def box(x, y, w, h, label, **more):
    return {"x0": x, "y0": y, "x1": x + w, "y1": y + h, "label": label} | more


def overlap(one, two):
    across = min(one["x1"], two["x1"]) - max(one["x0"], two["x0"])
    down = min(one["y1"], two["y1"]) - max(one["y0"], two["y0"])
    if across <= 0 or down <= 0:
        return 0.0
    areas = sum((each["x1"] - each["x0"]) * (each["y1"] - each["y0"]) for each in (one, two))
    return across * down / (areas - across * down)


def plain_ap(truth, said, least=0.5):
    """Mean over classes of the precision at each hit, one prediction after another; confidences differ."""
    scores = []
    for name in sorted({each["label"] for item in truth for each in item}):
        left = [[each for each in item if each["label"] == name] for item in truth]
        wanted = sum(map(len, left))
        claims = sorted(
            ((each["confidence"], k, each) for k, item in enumerate(said) for each in item if each["label"] == name),
            key=lambda claim: -claim[0],
        )
        hits = total = 0
        for rank, (_, k, claim) in enumerate(claims, start=1):
            best = max(left[k], key=lambda each, claim=claim: overlap(each, claim), default=None)
            if best is not None and overlap(best, claim) >= least:
                left[k].remove(best)
                hits += 1
                total += hits / rank
        scores.append(total / wanted)
    return np.mean(scores)


def scene(seed, items=12):
    """True boxes and predictions around them, some far off, some twice, some of the other class."""
    rng = np.random.default_rng(seed)
    truth, said = [], []
    for _ in range(items):
        true = [box(*rng.uniform(0, 20, 2), *rng.uniform(3, 9, 2), "xy"[rng.integers(2)]) for _ in range(4)]
        near = [true[k] for k in rng.integers(0, 4, rng.integers(1, 7))]
        said.append(
            [
                box(
                    each["x0"] + rng.normal(0, 0.8),
                    each["y0"] + rng.normal(0, 0.8),
                    each["x1"] - each["x0"],
                    each["y1"] - each["y0"],
                    each["label"] if rng.random() < 0.9 else "z",
                    confidence=float(rng.random()),
                )
                for each in near
            ]
        )
        truth.append(true[: rng.integers(1, 5)])
    return truth, said


@given(st.integers(0, 10**6))
def test_box_ap_is_that_of_a_plain_walk_down_the_ranking(seed):
    truth, said = scene(seed)
    assert BoxAp()(pa.chunked_array([truth]), Predictions(pa.array(said))).mean() == pytest.approx(
        plain_ap(truth, said)
    )


def png(corners, side=32):
    picture, stream = np.zeros((side, side), np.uint8), io.BytesIO()
    x0, y0, x1, y1 = (int(corners[each]) for each in ("x0", "y0", "x1", "y1"))
    picture[y0:y1, x0:x1] = 1
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


def test_masks_of_rectangles_score_like_the_boxes():
    rng = np.random.default_rng(5)

    def draw(label, **more):
        x, y = rng.integers(0, 4, 2).tolist()
        return box(float(x), float(y), 8.0, 8.0, label, **more)

    truth = [[draw("x"), draw("y")] for _ in range(30)]
    said = [[draw("x", confidence=float(rng.random())), draw("y", confidence=float(rng.random()))] for _ in range(30)]
    as_masks = [[[each | {"mask": png(each)} for each in item] for item in items] for items in (truth, said)]
    found = MaskAp()(pa.chunked_array([as_masks[0]]), Predictions(pa.array(as_masks[1])))
    np.testing.assert_allclose(found, BoxAp()(pa.chunked_array([truth]), Predictions(pa.array(said))))
    assert 0.1 < found.mean() < 0.9


def test_the_standard_error_of_box_ap_is_its_spread():
    rng = np.random.default_rng(2)
    runs = [scene(int(rng.integers(10**9)), 40) for _ in range(300)]
    found = [BoxAp()(pa.chunked_array([truth]), Predictions(pa.array(said))) for truth, said in runs]
    spread = np.std([each.mean() for each in found])
    assert np.mean([each.std() / 40**0.5 for each in found]) == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize(
    ("truth", "said", "message"),
    [
        ([], [], "holds anything to find"),
        ([box(0.0, 0.0, 1.0, 1.0, "x")], [box(0.0, 0.0, 1.0, 1.0, "x", confidence=float("nan"))], "confidence nan"),
        ([box(0.0, 0.0, 1.0, 1.0, "x")], [box(0.0, 0.0, 1.0, 1.0, "x")], "has no confidence"),
        ([box(0.0, 0.0, -1.0, 1.0, "x")], [box(0.0, 0.0, 1.0, 1.0, "x", confidence=1.0)], "ends before it starts"),
        ([{"label": "x"}], [{"label": "x", "confidence": 1.0}], "has no corner"),
        ([{"x0": 1.0}], [], "has no label"),
    ],
)
def test_boxes_that_cannot_be_scored_are_refused(truth, said, message):
    with pytest.raises(InputError, match=message):
        BoxAp()(pa.chunked_array([pa.array([truth])]), Predictions(pa.array([said])))


def test_masks_that_cannot_be_scored_are_refused():
    square = box(0.0, 0.0, 4.0, 4.0, "x")
    true = {"label": "x", "mask": png(square)}
    for mask, message in ((png(square, 16), "sizes 16 x 16, 32 x 32"), (b"no picture", "cannot be read")):
        said = {"label": "x", "mask": mask, "confidence": 1.0}
        with pytest.raises(InputError, match=message):
            MaskAp()(pa.chunked_array([[[true]]]), Predictions(pa.array([[said]])))


def test_explained_is_scikit_learns_r2():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=50)
    for noise in (0.1, 1.0, 5.0):
        said = truth + rng.normal(0, noise, 50)
        found = Explained()(pa.chunked_array([truth]), Predictions(pa.array(said))).mean()
        assert found == pytest.approx(r2_score(truth, said))


def test_scores_may_be_spelled_and_decimal_tolerances_are_kept():
    truth = pa.chunked_array([["0.3", "4", "2"]])
    found = Within(0.1)(truth, Predictions(pa.array([0.2, 4.11, 2.0])))
    assert found.tolist() == [1, 0, 1]


@pytest.mark.parametrize("metric", [Within(), Explained()])
def test_scores_that_are_no_numbers_are_refused(metric):
    with pytest.raises(InputError, match="the truth hold what is no number"):
        metric(pa.chunked_array([["good", "bad"]]), Predictions(pa.array([1.0, 2.0])))
    with pytest.raises(InputError, match="predictions hold nan at item 1"):
        metric(pa.chunked_array([["1", "2"]]), Predictions(pa.array([1.0, None])))


def test_a_panel_scored_alike_explains_nothing():
    with pytest.raises(InputError, match="every item of the panel is scored 3"):
        Explained()(pa.chunked_array([["3", "3"]]), Predictions(pa.array([1.0, 2.0])))
