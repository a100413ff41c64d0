import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.learners._features import FEATURES, fit_encoder, payload, prepare, vectors, with_vectors


def test_one_rule_says_what_the_payload_is():
    assert payload(pa.table({"image": [b""], "text": ["a"], "x": [1]})) == ("image",)
    assert payload(pa.table({"text": ["a"], "x": [1]})) == ("text",)
    assert payload(pa.table({"id": ["1"], "x": [1], "label": ["a"], "source": ["s"], "_slice": ["n"]})) == ("x",)
    with pytest.raises(InputError, match="no payload column among: id, label"):
        payload(pa.table({"id": ["1"], "label": ["a"]}))


def test_numbers_are_standardised_and_missing_ones_told(shoppers):
    encode = fit_encoder(shoppers)
    age = shoppers["age"].combine_chunks()
    known = age.drop_null().to_numpy()
    first = encode(shoppers)[:, :2]
    missing = age.is_null().to_numpy(zero_copy_only=False)
    np.testing.assert_array_equal(first[:, 1], missing)
    np.testing.assert_allclose(first[~missing, 0], (known - np.median(known)) / known.std())
    assert (first[missing, 0] == 0).all()


def test_an_unseen_category_is_all_zero_and_a_missing_one_its_own():
    encode = fit_encoder(pa.table({"town": ["Hue", None, "Ubud"]}))
    matrix = encode(pa.table({"town": ["Ubud", None, "Lima"]}))
    np.testing.assert_array_equal(matrix.sum(axis=1), [1, 1, 0])


def test_a_missing_or_retyped_column_is_named():
    encode = fit_encoder(pa.table({"age": [20.0, 30.0], "town": ["a", "b"]}))
    with pytest.raises(InputError, match="'town', which the table lacks"):
        encode(pa.table({"age": [20.0]}))
    with pytest.raises(InputError, match="column 'age' held numbers"):
        encode(pa.table({"age": ["old"], "town": ["a"]}))


def test_a_number_that_was_never_known_does_not_break_a_fit():
    encode = fit_encoder(pa.table({"age": pa.array([None, None], pa.float64()), "x": [1.0, 1.0]}))
    assert np.isfinite(encode(pa.table({"age": [3.0], "x": [9.0]}))).all()


def test_texts_without_words_are_refused():
    with pytest.raises(InputError, match="hold no words"):
        fit_encoder(pa.table({"text": ["", " "]}))
    with pytest.raises(InputError, match="row 'b' has no text"):
        fit_encoder(pa.table({"id": ["a", "b"], "text": ["fine", None]}))


def test_pictures_of_unequal_size_are_refused_by_id(digits):
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (9, 8)).save(out, "PNG")
    images = [*digits["image"].to_pylist()[:2], out.getvalue()]
    with pytest.raises(InputError, match="row 'c' is 9 x 8 pixels"):
        prepare(pa.table({"id": ["a", "b", "c"], "image": images}))


def test_preparing_leaves_other_tables_alone(cards, shoppers):
    assert prepare(cards) is cards
    assert prepare(shoppers) is shoppers


def test_vectors_come_back_as_they_went_in_through_slices_and_chunks(digits):
    given = np.arange(200 * 2 * 3, dtype=np.float32).reshape(200, 2, 3)
    table = with_vectors(digits, given)
    assert FEATURES in table.column_names
    assert "image" not in table.column_names
    np.testing.assert_array_equal(vectors(table), given)
    shuffled = pa.concat_tables([table.slice(150), table.slice(0, 150)])
    np.testing.assert_array_equal(vectors(shuffled), np.roll(given, 50, axis=0))
    np.testing.assert_array_equal(fit_encoder(table)(table.slice(3, 1)), given[[3], 0])


def test_one_view_of_one_number_goes_through(digits):
    assert vectors(with_vectors(digits, np.ones((200, 1, 1), np.float32))).shape == (200, 1, 1)
