import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.writing import normalised

ODD = (
    "ก้ำํา่ิุเแ" + "ກ້ຳໍາ່ິເແ" + "កខ្រាេីុំះ៉៊៌" + "မနကျြွှော်းံ့ုိ္ငဥ၀၁ၤၾၿႏဳ၎" + "\u200b\u200c\u200d\ufeff\u2060\u202e\u200f\u2067"
    "\u0301\u0323\u0302eoa한\u1100\u1161\u11a8" + "👨👩🏽❤\ufe0f" + "شلנא" + "क्षि" + " .1"
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.one_of(st.sampled_from(ODD), st.characters(codec="utf-8")), max_size=30),
    *(st.text(st.sampled_from(letters), max_size=12) for letters in ("กํา้่ิุำเ็์", "ກໍາ້່ິຸຳເ", "កខ្រេាីុំ៉៊៌៝\u200c", "ကငနမျြွှောို်္ံ့ဳၤၾ")),
)
LANGUAGES = st.sampled_from(["", "my", "th", "shn", "en"])


@given(TEXTS, LANGUAGES)
@settings(max_examples=600, deadline=None)
def test_once_is_enough(text, language):
    once = normalised(text, language).text
    assert normalised(once, language).text == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_stays(text):
    assert normalised(text).text == text
    assert normalised(text).changes == ()


@given(TEXTS, LANGUAGES)
@settings(max_examples=400, deadline=None)
def test_changes_rebuild_both_texts_and_every_map_is_monotone(text, language):
    read = normalised(text, language)
    assert read.original == text
    at = was = 0
    for change in read.changes:
        assert read.text[at : change.start] == text[was : change.original_start]
        assert change.start <= change.end
        assert change.original_start < change.original_end
        at, was = change.end, change.original_end
    assert read.text[at:] == text[was:]
    starts = [read.to_original(n, n)[0] for n in range(len(read.text) + 1)]
    assert starts == sorted(starts)
    for start in range(len(read.text)):
        ends = [read.to_original(start, end) for end in range(start + 1, len(read.text) + 1)]
        assert all(low == ends[0][0] and low < high <= len(text) for low, high in ends)
        assert [high for _, high in ends] == sorted(high for _, high in ends)


@pytest.mark.parametrize(
    ("given_text", "meant"),
    [
        ("Vie\u0323\u0302t", "Vi\u1ec7t"),
        ("\u0e19\u0e4d\u0e32", "\u0e19\u0e33"),
        ("\u0e19\u0e49\u0e4d\u0e32", "\u0e19\u0e49\u0e33"),
        ("\u0e19\u0e4d\u0e49\u0e32", "\u0e19\u0e49\u0e33"),
        ("\u0e19\u0e33\u0e49", "\u0e19\u0e49\u0e33"),
        ("\u0e17\u0e48\u0e35", "\u0e17\u0e35\u0e48"),
        ("\u0e40\u0e40\u0e21\u0e48", "\u0e41\u0e21\u0e48"),
        ("\u0e99\u0ec9\u0ecd\u0eb2", "\u0e99\u0ec9\u0eb3"),
        ("\u0e97\u0ec8\u0eb5", "\u0e97\u0eb5\u0ec8"),
        ("\u0ec0\u0ec0\u0ea1\u0ec8", "\u0ec1\u0ea1\u0ec8"),
        ("\u1780\u17c6\u17b6", "\u1780\u17b6\u17c6"),
        ("\u179f\u17d2\u179a\u17d2\u178f\u17b8", "\u179f\u17d2\u178f\u17d2\u179a\u17b8"),
        ("\u1780\u17c1\u17b6", "\u1780\u17c4"),
        ("\u179f\u17b6\u200b\u179b\u17b6", "\u179f\u17b6\u179b\u17b6"),
        ("\u1014\u102f\u102d\u1004\u103a\u1004\u1036", "\u1014\u102d\u102f\u1004\u103a\u1004\u1036"),
        ("\ufeffab\u2060\u202ec\u200bé", "abcé"),
        ("a\u200fé", "aé"),
        ("e\u200d\u200cé", "eé"),
        ("\u0e01\u200d\u0e02", "\u0e01\u0e02"),
    ],
)
def test_one_spelling(given_text, meant):
    assert normalised(given_text).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "क्\u200dष और क्\u200cष",  # joiners choose between letter shapes
        "می\u200cخواهم",  # Persian "I want"
        "👨\u200d👩\u200d👧\u200d👦 🏴\u200d☠\ufe0f ❤\ufe0f\u200d🔥",
        "\u1798\u17c9\u200c\u17b8",  # the shape of a register shifter
        "שלום \u2067abc\u2069 \u200f.",  # directions beside right-to-left letters
        "ภาษาไทยที่ถูกต้องน้ำ",
        "ພາສາລາວທີ່ຖືກຕ້ອງນ້ຳ",
        "ភាសាខ្មែរស្ត្រីកម្ពុជា",
        "မြန်မာဘာသာစကားယောက်ျားကျွန်ုပ်အင်္ဂလိပ်ဩဇာ",
    ],
)
def test_what_a_script_needs_stays(text):
    assert normalised(text).text == text


def test_spans_find_their_place_in_the_original():
    read = normalised("\u1000\u200b\u1001 e\u0301x")
    assert read.text == "\u1000\u1001 éx"
    assert read.to_original(0, 1) == (0, 1)
    assert read.to_original(1, 2) == (2, 3)
    assert read.to_original(3, 4) == (4, 6)
    assert read.to_original(4, 5) == (6, 7)
    with pytest.raises(InputError):
        read.to_original(2, 9)


def test_what_the_page_on_languages_shows_is_so():
    page = (Path(__file__).parents[2] / "docs" / "languages.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert shown.count("assert") >= 6
    exec(compile(shown, "languages.md", "exec"), {})
