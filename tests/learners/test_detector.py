"""Detection: regions are proposed where they are, boxes and masks beat guessing, labels that do not fit are named."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.learners._objects import scenes
from bimetal.learners._proposals import apart, contrast, crops, overlap, proposals, region
from bimetal.learners.detector import Detector, _medians
from bimetal.metrics.box_ap import BoxAp
from bimetal.metrics.mask_ap import MaskAp
from bimetal.plugins import Predictions, Spec, make
from tests.learners import made


def fit(rows, kind="boxes", weight=None):
    weight = np.ones(rows.num_rows) if weight is None else weight
    return Detector(kind, side=12)(rows, weight, None, np.random.default_rng(0))


def unlabelled_guess(test, label):
    """Call whatever stands out by the commonest label: the floor for a detector that learned no look."""
    found = []
    for scene in scenes(test, "boxes"):
        boxes = proposals(contrast(scene.picture))
        kept = apart(boxes, np.arange(len(boxes), 0, -1.0), 0.3)
        found.append([dict(zip(("x0", "y0", "x1", "y1"), boxes[at], strict=True)) for at in kept])
    return Predictions(pa.array([[{**box, "label": label, "confidence": 0.5} for box in row] for row in found]))


def test_boxes_of_two_digits_are_found_and_told_apart():
    train, test = made.scenes(40, 1), made.scenes(60, 2)
    model = fit(train)
    got = BoxAp()(test["label"], model.predict(test)).mean()
    floor = max(BoxAp()(test["label"], unlabelled_guess(test, each)).mean() for each in "17")
    assert got > 0.65
    assert got > floor + 0.3
    assert model.move[0] < 0 < model.move[2]  # people drew two pixels outside the ink


def test_masks_are_cut_along_the_ink():
    train, test = made.scenes(40, 1, "masks"), made.scenes(40, 2, "masks")
    said = fit(train, "masks").predict(test)
    assert MaskAp()(test["label"], said).mean() > 0.5
    assert MaskAp(overlap=0.7)(test["label"], said).mean() > 0.5


def test_a_row_that_weighs_nothing_teaches_nothing():
    right, test = made.scenes(30, 1), made.scenes(40, 2)
    swapped = [
        [{**each, "label": {"1": "7", "7": "1"}[each["label"]]} for each in row] for row in right["label"].to_pylist()
    ]
    both = pa.concat_tables([right, right.set_column(2, "label", pa.array(swapped, right["label"].type))])
    scores = [
        BoxAp()(test["label"], fit(both, weight=np.repeat(each, 30)).predict(test)).mean()
        for each in ([1.0, 1e-6], [1e-6, 1.0])
    ]
    assert scores[0] > 0.6
    assert scores[1] < 0.3


def test_pictures_may_differ_in_size_and_hold_nothing():
    train = pa.concat_tables([made.scenes(15, 1, size=80), made.scenes(15, 2, size=96)])
    blank = pa.table({"image": [made.png(np.full((40, 60), 90, np.uint8))]})
    model = fit(train)
    assert model.predict(blank).values.to_pylist() == [[]]
    assert model.predict(blank.slice(0, 0)).values.to_pylist() == []


@pytest.mark.parametrize("invert", [False, True])
def test_a_rectangle_is_proposed_where_it_is(invert):
    picture = np.full((40, 60), 100, np.uint8)
    picture[0:7, 5:25] = 10 if invert else 220
    picture[20:30, 50:60] = 120
    found = proposals(contrast(picture))
    for truth in ([5, 0, 25, 7], [50, 20, 60, 30]):
        assert overlap(np.array([truth], float), found).max() > 0.7
    assert (found[:, :2] >= 0).all()
    assert (found[:, 2] <= 60).all()
    assert (found[:, 3] <= 40).all()
    assert (found[:, :2] < found[:, 2:]).all()


def test_noise_alone_proposes_nothing_large():
    rng = np.random.default_rng(0)
    picture = np.clip(rng.normal(100, 10, (80, 80)), 0, 255).astype(np.uint8)
    found = proposals(contrast(picture))
    assert len(found) <= 10
    assert not len(found) or (found[:, 2:] - found[:, :2]).max() < 12


def test_parts_near_each_other_are_proposed_as_one():
    picture = np.zeros((30, 30), np.uint8)
    picture[5:8, 10:14] = 255
    picture[10:24, 10:14] = 255
    found = proposals(contrast(picture)).tolist()
    assert any(abs(y0 - 5) <= 1 and abs(y1 - 24) <= 1 for _, y0, _, y1 in found)


def test_crops_centre_what_they_show_and_reach_beyond_the_edge():
    picture = np.zeros((20, 20), np.uint8)
    picture[0:10, 0:4] = 255
    cut = crops(picture, np.array([[0.0, 0, 4, 10], [0, 0, 20, 20]]), 12)
    assert cut.shape == (2, 12, 12)
    bright = np.argwhere(cut[0] > 128).mean(axis=0)
    np.testing.assert_allclose(bright, 5.5, atol=0.5)


def test_a_region_is_what_lies_apart_within_the_box():
    far = np.zeros((6, 8))
    far[1:4, 2:6] = 0.4
    assert region(far, np.array([0.0, 0, 4, 9]), 0.3).sum() == 6
    assert not region(far, np.array([0.0, 0, 8, 6]), 0.5).any()


def test_the_median_minds_the_weights():
    moves = np.array([[0.0] * 4, [1.0] * 4, [2.0] * 4])
    assert _medians(moves, np.array([1.0, 1, 1])).tolist() == [1] * 4
    assert _medians(moves, np.array([0.1, 0.1, 5])).tolist() == [2] * 4
    assert _medians(np.zeros((0, 4)), np.zeros(0)).tolist() == [0] * 4


@pytest.mark.parametrize(
    ("kind", "label", "message"),
    [
        ("boxes", [{"x0": 5.0, "y0": 1.0, "x1": 5.0, "y1": 9.0, "label": "a"}], "row 's0' has an object 'a' at 5.0"),
        ("boxes", [{"x0": None, "y0": 1.0, "x1": 5.0, "y1": 9.0, "label": "a"}], "row 's0' has an object 'a' at nan"),
        ("boxes", [{"x0": 1.0, "y0": 1.0, "x1": 5.0, "y1": 9.0, "label": None}], "row 's0' has an object None"),
        ("boxes", [{"mask": b"", "label": "a"}], "row 's0' has the label .* expected a list of boxes"),
        ("boxes", "a", "row 's0' has the label 'a', expected a list of boxes"),
        ("boxes", [], "the training rows hold no boxes"),
        ("masks", [{"mask": b"no", "label": "a"}], "row 's0' holds a broken mask"),
        ("masks", [{"mask": None, "label": "a"}], "row 's0' holds a broken mask"),
        ("masks", [{"mask": made.png(np.ones((4, 5), bool)), "label": "a"}], "a mask of 5 x 4 pixels, 20 of them"),
        ("masks", [{"mask": made.png(np.zeros((80, 80), bool)), "label": "a"}], "0 of them marked"),
    ],
)
def test_labels_that_do_not_fit_are_named(kind, label, message):
    picture = made.scenes(1, 1).select(["id", "image"])
    box = pa.struct([(edge, pa.float32()) for edge in ("x0", "y0", "x1", "y1")] + [("label", pa.string())])
    column = pa.array([label], pa.list_(box)) if label == [] else pa.array([label])
    with pytest.raises(InputError, match=message):
        fit(picture.append_column("label", column), kind)


def test_arguments_out_of_range_are_refused():
    for args in ({"kind": "circles"}, {"side": 4}, {"least": 2}):
        with pytest.raises(InputError, match="detector cannot be made"):
            make(Spec("learners", "detector", args))
