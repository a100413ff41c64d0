"""Recordings put elsewhere: label and twin kept, lengths kept, bad seed rows said in one sentence."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.audio import RATE
from bimetal.errors import InputError
from bimetal.generators._sound.hearing import wav
from bimetal.generators.reverberant import Reverberant
from bimetal.payload import waves


def beep(hertz, seconds=0.25):
    return wav(0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE))


def seed(**columns):
    rows = {"id": ["a", "b", "c"], "audio": [beep(300), beep(900), beep(2000, 0.5)], "label": ["low", "low", "high"]}
    return pa.table({**rows, **columns})


def drawn(n, rows, **arguments):
    return pa.Table.from_batches(Reverberant(**arguments)(n, np.random.default_rng(0), rows))


def test_label_and_length_are_those_of_the_twin():
    rows = drawn(60, seed())
    lengths = {"a": 4000, "b": 4000, "c": 8000}
    labels = dict(zip("abc", ["low", "low", "high"], strict=True))
    for row, wave in zip(rows.to_pylist(), waves(rows), strict=True):
        assert row["label"] == labels[row["twin"]]
        assert len(wave) == lengths[row["twin"]]
    assert set(rows["twin"].to_pylist()) == {"a", "b", "c"}


def test_a_dry_clean_copy_still_sounds_like_its_twin_and_a_reverberant_one_less():
    original = {"a": 300, "b": 900, "c": 2000}

    def likeness(rooms):
        found = []
        rows = drawn(30, seed(), rooms=rooms, snrs=("clean",), codecs=("none",), backgrounds=("white",))
        for row, wave in zip(rows.to_pylist(), waves(rows), strict=True):
            at = np.arange(len(wave)) / RATE
            pure = np.sin(2 * np.pi * original[row["twin"]] * at)
            found.append(abs(np.corrcoef(wave, pure)[0, 1]))
        return np.mean(found)

    assert likeness(("dry",)) > 0.99
    assert likeness(("large",)) < 0.99


def test_labels_keep_the_shares_of_the_seed():
    labels = drawn(600, seed(), rooms=("dry",))["label"].to_pylist()
    assert abs(labels.count("low") / 600 - 2 / 3) < 0.08


def test_rows_without_a_label_are_left_out_and_ids_may_be_missing():
    rows = drawn(20, seed(label=["low", None, None]).drop_columns(["id"]))
    assert set(rows["label"].to_pylist()) == {"low"}
    assert set(rows["twin"].to_pylist()) == {"0"}


def test_a_silent_recording_becomes_noise_and_nothing_breaks():
    rows = drawn(10, seed(audio=[wav(np.zeros(4000))] * 3))
    assert all(np.isfinite(wave).all() for wave in waves(rows))


def test_a_hundred_thousand_labels_are_drawn_from():
    many = pa.table({"audio": [beep(300, 0.02)] * 100_000, "label": [str(k) for k in range(100_000)]})
    assert drawn(3, many).num_rows == 3


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (pa.table({"text": ["hi"], "label": ["a"]}), "expected audio and a label"),
        (pa.table({"audio": [beep(300)]}), "expected audio and a label"),
        (seed(label=pa.array([None] * 3, pa.string())), "no labelled recordings"),
        (seed().slice(0, 0), "no labelled recordings"),
        (seed(audio=[b"not a sound"] * 3), "broken sound"),
        (seed(audio=pa.array([None] * 3, pa.binary())), "no sound bytes"),
        (seed(audio=[beep(300, 61)] * 3), "61 seconds long, expected 60 at most"),
    ],
)
def test_bad_seed_rows_are_one_clear_sentence(rows, words):
    with pytest.raises(InputError, match=words):
        drawn(3, rows)
