"""Payloads: images, texts and plain columns become numbers, and what cannot is named by row."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.errors import InputError
from bimetal.payload import columns, matrices, matrix, modality, payload_columns, pixels


def png(levels):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(levels, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def pictures(arrays, ids=None):
    ids = ids or [f"p{i}" for i in range(len(arrays))]
    return pa.table({"id": ids, "image": pa.array([png(each) for each in arrays], pa.large_binary())})


GRID = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


def test_pixels_come_back_as_they_went_in():
    assert (pixels(pictures([GRID, GRID.max() - GRID])) == np.stack([GRID, GRID.max() - GRID])).all()


def test_a_tensor_column_is_read_without_decoding():
    stacked = np.stack([GRID, GRID + 1])
    table = pa.table({"id": ["a", "b"], "image": pa.FixedShapeTensorArray.from_numpy_ndarray(stacked)})
    assert (pixels(table) == stacked).all()
    assert (pixels(pa.concat_tables([table, table])) == np.concatenate([stacked, stacked])).all()


def test_colour_turns_to_grey():
    colour = np.zeros((4, 4, 3), np.uint8)
    colour[..., 1] = 255
    assert pixels(pictures([colour]))[0, 0, 0] == 150  # ITU-R 601-2: .587 * 255


def test_a_sixteen_bit_picture_keeps_its_scale():
    deep = np.full((4, 4), 32896, np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG")
    table = pa.table({"id": ["a"], "image": [buffer.getvalue()]})
    assert pixels(table)[0, 0, 0] == 128


@pytest.mark.parametrize(
    ("bad", "words"),
    [(b"not a picture", "row 'b' holds a broken picture"), (None, "row 'b' has no picture"), (png(GRID.T), "6 x 8")],
)
def test_a_bad_picture_is_named(bad, words):
    table = pa.table({"id": ["a", "b"], "image": pa.array([png(GRID), bad], pa.large_binary())})
    with pytest.raises(InputError, match=words):
        pixels(table)


def test_a_cut_off_picture_is_named():
    table = pa.table({"id": ["a"], "image": pa.array([png(GRID)[:-30]], pa.large_binary())})
    with pytest.raises(InputError, match="row 'a' holds a broken picture"):
        pixels(table)


def test_image_columns_mean_what_they_say():
    left, blank = np.zeros((8, 8)), np.zeros((8, 8))
    left[:, 0] = 255
    found = columns(pictures([left, blank]))
    assert found["brightness"].tolist() == [0.125, 0]
    assert found["ink"].tolist() == [0.125, 0]
    assert found["centre_x"].tolist() == [0.0625, 0.5]
    assert found["centre_y"].tolist() == [0.5, 0.5]
    assert found["contrast"][1] == 0


def test_text_columns_mean_what_they_say():
    found = columns(pa.table({"text": ["Why? WHY 42", ""]}))
    assert {name: values[0] for name, values in found.items()} == {
        "characters": 11,
        "words": 3,
        "word_length": 3,
        "distinct_words": 1,
        "uppercase": 4 / 11,
        "digits": 2 / 11,
        "punctuation": 1 / 11,
    }
    assert all(values[1] == 0 for values in found.values())


def test_plain_columns_keep_what_is_missing():
    table = pa.table(
        {"age": [1, None, 3], "sex": ["f", None, "m"], "on": [True, False, None], "label": ["a", "b", "c"]}
    )
    found = columns(table)
    assert list(found) == ["age", "sex", "on"]
    assert np.isnan(found["age"]).tolist() == [False, True, False]
    assert found["sex"].tolist() == ["f", None, "m"]
    assert found["on"].tolist() == ["True", "False", None]


def test_infinite_numbers_count_as_missing():
    assert np.isnan(columns(pa.table({"x": [1.0, float("inf")]}))["x"][1])


def test_matrices_share_columns_and_hold_nothing_missing():
    one = pa.table({"age": [20.0, None], "job": ["cook", "smith"]})
    two = pa.table({"job": ["miner"], "age": [30]})
    first, second = matrices(one, two)
    assert first.shape == (2, 5)
    assert second.shape == (1, 5)
    assert np.isfinite(np.vstack([first, second])).all()
    assert second[0, 0] == pytest.approx(1)  # standardised over both tables


def test_a_column_of_names_does_not_make_a_wide_matrix():
    assert matrix(pa.table({"name": [f"n{i}" for i in range(500)]})).shape == (500, 64)


def test_encoded_pictures_and_tensors_share_a_matrix():
    tensor = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(np.stack([GRID]))})
    first, second = matrices(pictures([GRID]), tensor)
    assert (first == second).all()
    assert matrices(pictures([GRID]), pictures([]))[1].shape == (0, 48)


def test_large_pictures_are_averaged_down():
    large = np.kron(GRID, np.ones((16, 16), np.uint8))  # 96 x 128
    assert matrix(pictures([large])).shape == (1, 24 * 32)
    assert matrix(pictures([large])).mean() == pytest.approx(GRID.mean() / 255, abs=0.002)


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        (pictures([GRID]), pictures([GRID.T]), "8 x 6 against 6 x 8"),
        (pa.table({"x": [1]}), pa.table({"y": [1]}), "x against y"),
        (pa.table({"x": [1]}), pa.table({"x": ["a"]}), "payloads differ"),
        (pa.table({"text": ["a"]}), pa.table({"x": [1]}), "text against x"),
    ],
)
def test_different_payloads_are_refused(one, two, words):
    with pytest.raises(InputError, match=words):
        matrices(one, two)


def test_text_without_text_is_named():
    with pytest.raises(InputError, match="row 1 has no text"):
        columns(pa.table({"text": ["a", None]}))


def test_a_column_of_lists_is_refused():
    with pytest.raises(InputError, match="column 'x'"):
        columns(pa.table({"x": [[1, 2]]}))


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"image": pa.array([], pa.large_binary())}),
        pa.table({"text": pa.array([], pa.string())}),
        pa.table({"x": pa.array([], pa.float64())}),
        pa.table({"id": pa.array([], pa.string())}),
    ],
)
def test_no_rows_give_no_rows(table):
    assert len(matrix(table)) == 0
    assert all(len(values) == 0 for values in columns(table).values())


def test_the_payload_is_told_from_provenance():
    table = pa.table({"id": ["a"], "x": [1], "label": ["1"], "recipe": ["d"]})
    assert payload_columns(table) == ("x",)
    assert modality(table) == "table"
    assert payload_columns(table.append_column("text", pa.array(["hello"]))) == ("text",)
