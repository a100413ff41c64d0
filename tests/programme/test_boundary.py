"""The boundary subset: tau keeps its promise, membership never shrinks, and a panel never calibrates it."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.decision.boundary import Boundary, SliceOf, Threshold
from bimetal.errors import InputError
from bimetal.programme.boundary import define, defined, freeze, members, top_two
from bimetal.programme.intake import Arrival, Declared, add

VOUCHED = Declared("real", "human")


def bring(programme, rows, name, role="train"):
    return add(programme, Arrival(rows, name, role, "archive", declared=VOUCHED))[0]


def with_boundary(programme, **settings):
    object.__setattr__(programme.config, "boundary", Boundary(**settings))


def test_nothing_defined_is_said(programme, blobs):
    assert defined(programme) is None
    with pytest.raises(InputError, match="no boundary subset is defined"):
        members(programme, blobs(3))


def test_thresholds_and_slices_without_a_model(programme, blobs):
    with_boundary(
        programme, thresholds=(Threshold("x", -0.5, 0.5),), slices=(SliceOf("label", "c2"),), random_share=0.0
    )
    define(programme, model=False)
    rows = blobs(60)
    why = members(programme, rows)
    for row, told in zip(rows.to_pylist(), why, strict=True):
        assert (told is not None) == (-0.5 <= row["x"] <= 0.5 or row["label"] == "c2")


def test_without_anything_every_row_is_in(programme, blobs):
    with_boundary(programme, random_share=0.0)
    define(programme, model=False)
    assert None not in members(programme, blobs(10))


def test_too_few_errors_put_every_row_in_and_the_words_say_so(programme, blobs):
    bring(programme, blobs(60, seed=1), "train")
    found = define(programme)
    assert found.tau == np.inf
    assert "too few" in found.words
    assert None not in members(programme, blobs(10, seed=9))


def test_tau_covers_nine_errors_in_ten_on_rows_never_seen(programme, blobs):
    bring(programme, blobs(300, seed=1), "train")
    bring(programme, blobs(900, seed=2), "reviewed")
    with_boundary(programme, random_share=0.0)
    found = define(programme, "reviewed")
    assert found.errors >= 29
    assert np.isfinite(found.tau)
    fresh = blobs(3000, seed=3)
    from bimetal.programme.models import Fitted, predicted

    guessed = predicted(Fitted(programme, found.model).scores(fresh, programme.snapshots.put(fresh)))
    wrong = np.array([a != b for a, b in zip(guessed, fresh["label"].to_pylist(), strict=True)])
    inside = np.array([each is not None for each in members(programme, fresh)])
    assert inside[wrong].mean() >= 0.9
    assert inside.mean() < 0.9


def test_a_panel_never_calibrates(programme, blobs):
    bring(programme, blobs(60, seed=1), "train")
    bring(programme, blobs(60, seed=2), "panel", "panel")
    with pytest.raises(InputError, match="is an evaluation panel"):
        define(programme, "panel")


def test_calibration_rows_that_are_trained_on_are_refused(programme, blobs):
    bring(programme, blobs(60, seed=1), "train")
    bring(programme, blobs(60, seed=1), "again")
    with pytest.raises(InputError):
        define(programme, "again")


def test_a_new_model_adds_members_and_drops_none(programme, blobs):
    bring(programme, blobs(300, seed=1), "train")
    bring(programme, blobs(900, seed=2), "reviewed")
    with_boundary(programme, random_share=0.0)
    define(programme, "reviewed")
    rows = blobs(200, seed=4)
    before = members(programme, rows)
    programme.record("released", "x", {"name": "x", "purpose": "train", "boundary": freeze(programme, rows, before)})
    with_boundary(programme, thresholds=(Threshold("x", 99.0, 100.0),), random_share=0.0)
    define(programme, model=False)
    after = members(programme, rows)
    kept = [told is not None for told in before]
    assert [told is not None for told in after] == kept
    assert all(told.startswith("since entry") for told in after if told)
    renamed = rows.set_column(0, "id", pa.array([f"new-{at}" for at in range(rows.num_rows)]))
    assert [told is not None for told in members(programme, renamed)] == kept


def test_margins_of_one_class_are_certain():
    assert top_two(np.ones((3, 1))).tolist() == [1.0, 1.0, 1.0]
