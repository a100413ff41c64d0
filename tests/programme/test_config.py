"""bimetal.toml: every fault at once, each with its path; what was written reads back."""

import pytest

from bimetal.errors import ConfigError
from bimetal.programme import config
from bimetal.programme.config import Config, dump, load, parse, read

GOOD = {"programme": {"name": "forms"}}


def faults(raw: dict) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(raw)
    return caught.value.faults


def test_all_faults_are_named_at_once_each_with_its_path():
    found = faults(
        {
            "programme": {"name": 7, "colour": "red"},
            "pilot": {"seeds": "five", "sizes": [20, 2.5]},
            "cycle": {"batch": True},
            "extra": 1,
        }
    )
    assert set(found) == {
        "bimetal.toml: unknown key 'extra'",
        "programme.name: expected text, got 7",
        "programme: unknown key 'colour'",
        "pilot.seeds: expected a whole number, got 'five'",
        "pilot.sizes[1]: expected a whole number, got 2.5",
        "cycle.batch: expected a whole number, got True",
    }


def test_what_is_required_is_missed():
    assert faults({}) == ("programme: required, and missing",)
    assert faults({"programme": {}}) == ("programme.name: required, and missing",)


def test_answers_are_held_to_the_six_questions():
    found = faults({**GOOD, "answers": {"grounded": {"value": "maybe"}, "colour": {"value": "red"}}})
    assert found[0].startswith("answers.colour: no such question, expected one of grounded, regulated")
    assert found[1].startswith("answers.grounded.value: expected one of yes, partly, no, unknown, got 'maybe'")


def test_unanswered_questions_are_unknown():
    assert {answer.value for answer in parse(GOOD).six} == {"unknown"}


def test_what_is_written_reads_back(tmp_path):
    written = parse({**GOOD, "answers": {"cost": {"value": "human", "said_by": "ana"}}, "pilot": {"sizes": [5, 10]}})
    (tmp_path / config.FILE).write_text(dump(written), encoding="utf-8")
    assert load(tmp_path) == written
    assert isinstance(load(tmp_path), Config)


def test_a_folder_without_a_programme_says_how_to_begin(tmp_path):
    with pytest.raises(ConfigError, match=r"is not a programme: it has no bimetal.toml; run: bimetal init"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"), [(b"[programme\nname = 1", "is not TOML"), (b'[programme]\nname = "\xe9"', "is not UTF-8")]
)
def test_files_that_are_no_toml_are_one_sentence(tmp_path, content, words):
    path = tmp_path / config.FILE
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read(path)
