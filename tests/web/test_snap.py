"""Whole words and whole characters, in the browser that people label in."""

import os
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
MODULE = Path(__file__).parents[2] / "src" / "bimetal" / "web" / "static" / "snap.js"
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.fixture(scope="module")
def call():
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed at /usr/bin/chromium")
        pytest.skip("chromium is not installed at /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--headless"])
        tab = browser.new_page()
        code = MODULE.read_text(encoding="utf-8")
        tab.evaluate(
            "async code => { window.snap = await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'}))) }",
            code,
        )
        yield lambda name, *given: tab.evaluate("([name, given]) => window.snap[name](...given)", [name, list(given)])
        browser.close()


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def within(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


WORDS = [
    ("th", "ฉันรักภาษาไทย", "ภาษา"),
    ("th", "ร้านเปิดกี่โมง", "เปิด"),
    ("km", "ខ្ញុំស្រឡាញ់ភាសាខ្មែរ", "ស្រឡាញ់"),
    ("lo", "ຂ້ອຍຮັກພາສາລາວ", "ພາສາ"),
    ("my", "ကျွန်တော်မြန်မာစာကိုချစ်တယ်", "မြန်မာ"),
    ("vi", "Tôi yêu tiếng Việt", "tiếng"),
    ("ar", "أحب اللغة العربية", "اللغة"),
    ("ja", "私は東京に住んでいます", "東京"),
    ("en", "one cafe\u0301s two", "cafe\u0301s"),
]


@pytest.mark.parametrize(("language", "text", "word"), WORDS, ids=[f"{each[0]}-{each[2]}" for each in WORDS])
def test_a_touched_word_is_taken_whole(call, language, text, word):
    start, end = text.index(word), text.index(word) + len(word)
    middle = (start + end) // 2
    for low, high in [(start, end), (middle, middle + 1), (start, start + 1), (end - 1, end), (middle, middle)]:
        found = call("snap", text, low, high, language)
        assert within(text, *found) == word
        assert call("snap", text, *found, language) == found, "a snapped span stays"


@pytest.mark.parametrize(("language", "text", "word"), WORDS, ids=[each[0] for each in WORDS])
def test_segments_cover_the_text_and_steps_reach_both_ends(call, language, text, word):
    pieces = call("segments", text, language)
    assert "".join(within(text, piece["start"], piece["end"]) for piece in pieces) == text
    assert sum(piece["word"] for piece in pieces) >= 3
    forward, at = [], 0
    while at < units(text):
        after = call("nextWord", text, at, language)
        assert after > at
        forward.append(at := after)
    back = []
    while at > 0:
        before = call("previousWord", text, at, language)
        assert before < at
        back.append(at := before)
    assert sorted(back)[1:] == forward[:-1]


@pytest.mark.parametrize(
    ("text", "place", "seen"),
    [
        (f"a{FAMILY}b", 4, FAMILY),
        ("x🇹🇭🇰🇭", 4, "🇹🇭"),
        ("👍🏽", 1, "👍🏽"),
        ("e\u0301\u0323a", 1, "e\u0301\u0323"),
        ("น้ำ", 1, "น้ำ"),
        ("한", 0, "한"),
    ],
)
def test_what_is_seen_as_one_is_never_cut(call, text, place, seen):
    assert within(text, *call("character", text, place, "")) == seen
    start, end = call("whole", text, place, place + 1, "")
    assert within(text, start, end) == seen
    low, high = call("snap", text, place, place + 1, "")
    assert low <= start < end <= high


def test_blanks_at_the_ends_are_left_out(call):
    text = "one  two, three"
    assert within(text, *call("snap", text, 3, 9, "en")) == "two,"
    assert within(text, *call("snap", text, 3, 5, "en")) == "  "
    assert within(text, *call("snap", text, 10, 6, "en")) == "two,"
    assert call("snap", "", 0, 5, "en") == [0, 0]


@pytest.mark.parametrize("text", ["aกb", f"x{FAMILY}y", "🙂🙂", "", "e\u0301"])
def test_code_points_there_and_back(call, text):
    for point in range(len(text) + 1):
        unit = units(text[:point])
        assert call("fromCodePoints", text, point) == unit
        assert call("toCodePoints", text, unit) == point
    assert call("toCodePoints", "🙂", 1) == 0, "inside a pair is before it"


def test_a_tag_the_browser_does_not_know_still_cuts(call):
    assert within("one two", *call("snap", "one two", 1, 2, "not_a_tag!")) == "one"


def test_carets_move_by_whole_characters_and_words_end_where_they_end(call):
    text = f"a{FAMILY} ok"
    assert call("nextCharacter", text, 1, 1) == 1 + units(FAMILY)
    assert call("nextCharacter", text, 1 + units(FAMILY), -1) == 1
    assert call("nextCharacter", text, 0, -1) == 0
    assert call("nextCharacter", text, units(text), 1) == units(text)
    assert call("wordEnd", "one two", 3, "en") == 7
