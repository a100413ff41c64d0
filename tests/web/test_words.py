import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import UnknownName
from bimetal.web.words import HEAD, chosen, languages, words
from bimetal.writing import normalised, script

FOLDER = Path(str(files("bimetal.web")))
READ = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / "languages").glob("*.toml"))
}
SOURCE = READ["en"]
TRANSLATED = sorted(set(READ) - {"en"})
SCRIPTS = {"th": "Thai", "km": "Khmr", "lo": "Laoo", "my": "Mymr", "vi": "Latn", "id": "Latn", "tl": "Latn"}
OF_THE_LABELLING_SCREEN = [
    "label",
    "skip",
    "none",
    "outbox",
    "list",
    "progress",
    "guideline",
    "comment",
    "suggestion",
    "warning",
    "timer",
    "pair",
    "rank",
    "best",
    "score",
    "text",
    "shape",
    "span",
    "sound",
    "keys",
    "settings",
    "adjudicate",
    "reason",
    "feedback",
    "error",
    "page",
    "jobs",
    "task",
    "login",
    "join",
    "reset",
]
USED = re.compile(
    r"""(?:words\[|words\.get\(|say\(|word\()\s*["']([a-z]+\.[a-z_.-]+)["']|told=["']([a-z_]+)["']|"(page\.[a-z_]+)"\)"""
)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w*\}", text))


def test_the_eight_languages_are_there():
    assert sorted(READ) == ["en", "id", "km", "lo", "my", "th", "tl", "vi"]
    assert [language.tag for language in languages() if language.reviewed] == ["en"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_no_key_that_english_lacks(language):
    assert set(READ[language]) - set(SOURCE) == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_labelling_screen_is_complete(language):
    wanted = {key for key in SOURCE if key.partition(".")[0] in OF_THE_LABELLING_SCREEN}
    assert wanted - set(READ[language]) == set()


@pytest.mark.parametrize("language", READ)
def test_every_value_says_something_with_the_same_places_to_fill(language):
    for key, value in READ[language].items():
        if key in HEAD:
            continue
        assert isinstance(value, str)
        assert value.strip() == value
        assert value, key
        assert "<" not in value, key
        assert placeholders(value) == placeholders(SOURCE[key]), key


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_in_its_script_and_in_the_one_spelling(language):
    said = [value for key, value in READ[language].items() if key not in HEAD]
    assert script(" ".join(re.sub(r"\{\w*\}", "", value) for value in said)) == SCRIPTS[language]
    assert [value for value in said if normalised(value, language).text != value] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_only_a_named_speaker_makes_a_catalogue_reviewed(language):
    head = READ[language]
    assert head["status"] in {"machine-drafted", "reviewed"}
    assert (head["status"] == "reviewed") == bool(head["reviewed_by"])


def test_every_word_the_pages_ask_for_is_in_english():
    asked = set()
    for path in [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.js"), *FOLDER.rglob("*.py")]:
        if "built" in path.parts:
            continue
        for key, told, page in USED.findall(path.read_text(encoding="utf-8")):
            asked.add(key or page or f"told.{told}")
    assert len(asked) > 50
    assert {key for key in asked if not key.endswith((".", "_"))} - set(SOURCE) == set()


@pytest.mark.parametrize(
    ("header", "cookie", "person", "language"),
    [
        ("", "", "", "en"),
        ("de,fr;q=0.9", "", "", "en"),
        ("th-TH,th;q=0.9,en;q=0.8", "", "", "th"),
        ("en;q=0.5, km;q=0.9", "", "", "km"),
        ("fil-PH", "", "", "tl"),
        ("vi;q=0, id", "", "", "id"),
        ("th", "my", "vi", "my"),
        ("th", "", "vi", "vi"),
        ("th", "../../etc/passwd", "xx", "th"),
        ("lo;q=high, *;q=0.1, en_US", "", "", "en"),
    ],
)
def test_the_language_of_the_pages(header, cookie, person, language):
    assert chosen(header, cookie, person) == language


@given(st.text(max_size=80), st.text(max_size=10))
def test_no_header_breaks_a_page(header, cookie):
    assert words(chosen(header, cookie))["label.submit"]


def test_a_key_that_a_catalogue_lacks_is_said_in_english():
    for language in READ:
        assert set(words(language)) == set(SOURCE) - set(HEAD)


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(UnknownName, match="'xx'"):
        words("xx")
