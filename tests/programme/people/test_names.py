"""One spelling, one script, no look-alikes, nothing invisible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.programme.people.names import email_address, login_name, looks, shown_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana", "ana"),
        ("ＡＮＡ", "ana"),
        ("ﬁona", "fiona"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ngọc.Anh", "ngọc.anh"),
        ("Ngo\u0323c.Anh", "ngọc.anh"),
        ("สมชาย", "สมชาย"),
        ("សុខា", "សុខា"),
        ("အောင်", "အောင်"),
        ("たなか太郎", "たなか太郎"),
        ("김민준", "김민준"),
        ("ana+2@example.org", "ana+2@example.org"),
    ],
)
def test_one_spelling(typed, kept):
    assert login_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "a" * 65,
        "a" * 10_000_000,
        "a\x00b",
        "a b",
        "a\nb",
        "ana\u200b",
        "ana\u202e",
        "<script>",
        "../etc",
        "1234",
        "...",
        "\ud800a",
        "аna",  # Cyrillic а
        "anα",  # Greek α
        "pаypal",  # Cyrillic а
        "สมchai",
        "١٢a",  # Arabic digits
    ],
)
def test_refused_names(typed):
    with pytest.raises(InputError) as refused:
        login_name(typed)
    assert len(str(refused.value)) < 1500


@pytest.mark.parametrize(("one", "other"), [("асе", "ace"), ("αβα", "aba"), ("paypa1", "paypal"), ("modem", "modern")])
def test_what_readers_take_for_each_other_looks_the_same(one, other):
    assert looks(login_name(one)) == looks(login_name(other))


@pytest.mark.parametrize(("one", "other"), [("ana", "bo"), ("minh", "linh"), ("สมชาย", "สมชัย"), ("がく", "かく")])
def test_other_names_look_otherwise(one, other):
    assert looks(login_name(one)) != looks(login_name(other))


@given(st.text(max_size=80))
def test_a_kept_name_is_kept_as_it_is(text):
    try:
        name = login_name(text)
    except InputError:
        return
    assert login_name(name) == name
    assert name.isprintable()
    assert looks(name)


@pytest.mark.parametrize("typed", ["", " ", "a" * 201, "Ana\x00", "Ana\u202eziur", "Ana\u2066", "Ana\ud800"])
def test_refused_shown_names(typed):
    with pytest.raises(InputError):
        shown_name(typed)


def test_a_name_keeps_its_own_letters():
    assert shown_name("O\u2019Brien-Ńguyễn") == "O\u2019Brien-Ńguyễn"
    assert shown_name("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize("typed", ["ana", "a@b@c", "a b@c", "@", "a@\n", "x" * 260 + "@example.org", "a@b\u202e"])
def test_refused_addresses(typed):
    if typed == "a@\n":
        typed = "a@\nb"
    with pytest.raises(InputError):
        email_address(typed)
