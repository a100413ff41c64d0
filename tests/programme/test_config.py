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


def test_numbers_out_of_range_are_named_at_once_beside_wrong_answers():
    found = faults(
        {
            "programme": {"name": " ", "rng_seed": -1},
            "answers": {"cost": {"value": "dear"}},
            "pilot": {"sizes": [50, 20], "seeds": 1, "targets": [95], "margin": float("nan")},
            "cycle": {"batch": 0, "raters": 0, "random_share": 1.5, "synthetic_ratio": -1, "margin": 1},
        }
    )
    assert found[:-1] == (
        "programme.name: expected a name that is not blank, got ' '",
        "programme.rng_seed: expected 0 or more, got -1",
        "pilot.sizes: expected growing numbers of labels from 2 up, got [50, 20]",
        "pilot.seeds: expected 2 or more, got 1",
        "pilot.targets: expected scores between 0 and 1, got [95.0]",
        "pilot.margin: expected 0 or more and below 1, got nan",
        "cycle.batch: expected 1 or more, got 0",
        "cycle.raters: expected 1 or more, got 0",
        "cycle.random_share: expected a share from 0 to 1, got 1.5",
        "cycle.synthetic_ratio: expected 0 or more, got -1.0",
        "cycle.margin: expected 0 or more and below 1, got 1.0",
    )
    assert found[-1].startswith("answers.cost.value: expected one of")


def test_endpoints_are_read_and_their_faults_named_among_the_others():
    judge = {
        "url": "http://localhost:8000/v1",
        "model": "llama",
        "price_in": 1,
        "price_out": 2.5,
        "leaves_out": ["seed"],
    }
    held = parse({**GOOD, "endpoints": {"judge": judge}}).endpoints["judge"]
    assert (held.model, held.price_in, held.leaves_out, held.licence) == ("llama", 1.0, ("seed",), "unknown")
    bad = {"url": "https://x/v1?key=secret", "in_flight": 0}
    found = faults({**GOOD, "endpoints": {"a": {"model": 3, "key": "sk-1"}, "b": bad}})
    assert found[:3] == (
        "endpoints['a'].model: expected text, got 3",
        "endpoints['a'].url: required, and missing",
        "endpoints['a']: unknown key 'key'",
    )
    assert found[3].startswith("endpoints['b']: the address of https://x/v1 carries a name, password or query; keep")
    assert "secret" not in "".join(found)


def test_the_ends_of_the_ranges_are_allowed():
    cycle = {"batch": 1, "raters": 1, "random_share": 1, "synthetic_ratio": 0, "margin": 0}
    assert parse({**GOOD, "pilot": {"sizes": [2], "seeds": 2, "margin": 0}, "cycle": cycle}).cycle.random_share == 1


def test_answers_are_held_to_the_six_questions():
    found = faults({**GOOD, "answers": {"grounded": {"value": "maybe"}, "colour": {"value": "red"}}})
    assert found[0].startswith("answers.colour: no such question, expected one of grounded, regulated")
    assert found[1].startswith("answers.grounded.value: expected one of yes, partly, no, unknown, got 'maybe'")


def test_unanswered_questions_are_unknown():
    assert {answer.value for answer in parse(GOOD).six} == {"unknown"}


def test_what_is_written_reads_back(tmp_path):
    endpoints = {"judge": {"url": "http://localhost/v1", "renames": {"max_tokens": "limit"}, "leaves_out": ["seed"]}}
    answers = {"cost": {"value": "human", "said_by": "ana"}}
    written = parse({**GOOD, "answers": answers, "pilot": {"sizes": [5, 10]}, "endpoints": endpoints})
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
