import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.writing import Offsets, direction, script


@given(st.text(st.characters(codec="utf-8")))
def test_units_agree_with_the_encodings(text):
    places = Offsets(text)
    for point in range(len(text) + 1):
        assert places.utf8(point) == len(text[:point].encode())
        assert places.utf16(point) == len(text[:point].encode("utf-16-le")) // 2
        assert places.from_utf8(places.utf8(point)) == point
        assert places.from_utf16(places.utf16(point)) == point


@pytest.mark.parametrize(
    "ask",
    [
        lambda o: o.utf8(3),
        lambda o: o.utf16(-1),
        lambda o: o.from_utf8(1),
        lambda o: o.from_utf16(1),
        lambda o: o.from_utf8(99),
    ],
)
def test_places_between_characters_are_refused(ask):
    with pytest.raises(InputError):
        ask(Offsets("🙂ก"))


@pytest.mark.parametrize("language", ["ar", "he", "fa-IR", "ur", "ks-Arab", "UZ-arab-AF", "yi"])
def test_right_to_left(language):
    assert direction(language) == "rtl"


@pytest.mark.parametrize("language", ["en", "th", "km", "lo", "my", "vi", "ku-Latn", "ar-Latn", ""])
def test_left_to_right(language):
    assert direction(language) == "ltr"


def test_text_without_a_tag_runs_as_its_first_strong_letter():
    assert direction("", "123 مرحبا abc") == "rtl"
    assert direction("", "abc مرحبا") == "ltr"
    assert direction("en", "مرحبا") == "ltr"


def test_the_script_of_most_letters():
    assert script("สวัสดี hello") == "Thai"
    assert script("ok ສະບາຍດີ") == "Laoo"
    assert script("漢字かな") in {"Hani", "Hira"}
