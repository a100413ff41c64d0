"""The door to programs: deterministic, no shell, no options from text, bounded, and clear where nothing is installed."""

import shutil
import subprocess

import pytest

from bimetal.endpoints import programs
from bimetal.endpoints.programs import program, spoken
from bimetal.errors import EndpointError, MissingExtra, UnknownName
from bimetal.types import Request

here = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def ask(text, voice="en", **more):
    return program("espeak-ng")((Request("espeak-ng", {"text": text, "voice": voice, **more}),))[0]


@here
def test_equal_requests_get_equal_bytes_in_order():
    requests = tuple(Request("espeak-ng", {"text": word, "voice": "en+f2"}) for word in ("one", "two", "one") * 3)
    first, again = program("espeak-ng")(requests), program("espeak-ng")(requests)
    assert [each.data for each in first] == [each.data for each in again]
    assert first[0].data == first[2].data != first[1].data
    assert first[0].facts["program"].startswith("espeak-ng 1.")


@here
def test_rate_and_pitch_are_heard():
    slow, fast = ask("seventeen", rate=90), ask("seventeen", rate=300)
    assert len(slow.data) > 1.3 * len(fast.data)
    assert ask("seventeen", pitch=10).data != ask("seventeen", pitch=90).data


@here
@pytest.mark.parametrize(
    "text",
    ["-w stolen.wav", "--version", "<speak><audio src='/etc/passwd'/></speak>", "a\0b", "\ud800 hi", "$(touch stolen)"],
)
def test_hostile_text_is_only_spoken(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ask(text).data[:4] == b"RIFF"
    assert list(tmp_path.iterdir()) == []


def test_text_is_never_an_argument_and_phoneme_brackets_are_opened():
    call = spoken({"text": "-x [[h@l]]", "voice": "en"})
    assert "-x [[h@l]]" not in call.arguments
    assert call.stdin == b"-x [ [h@l] ]"


@here
@pytest.mark.parametrize("voice", ["../../etc/passwd", "-w", "en+../x", "", "en\n", "km"])
def test_a_voice_that_is_none_is_refused_with_the_reason(voice):
    reply = ask("hi", voice)
    assert reply.data == b""
    assert "voice" in reply.refused


@here
@pytest.mark.parametrize(("more", "words"), [({"rate": 10**9}, "rate is"), ({"pitch": "-w"}, "pitch is")])
def test_numbers_out_of_range_are_refused(more, words):
    assert words in ask("hi", **more).refused


@here
def test_a_million_characters_are_refused_and_what_is_done_stays_done():
    good, bad = (Request("espeak-ng", {"text": text, "voice": "en"}) for text in ("hi", "x" * 10**6))
    replies = program("espeak-ng")((good, bad))
    assert replies[0].data
    assert "1,000,000 characters are too much" in replies[1].refused


@here
def test_a_program_that_does_not_end_is_stopped(monkeypatch):
    answer = program("espeak-ng")

    def hanging(*_, timeout, **__):
        raise subprocess.TimeoutExpired("espeak-ng", timeout)

    monkeypatch.setattr(programs.subprocess, "run", hanging)
    reply = answer((Request("espeak-ng", {"text": "hi", "voice": "en"}),))[0]
    assert "had not finished after 20 seconds" in reply.refused


def test_an_absent_program_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingExtra, match=r"espeak-ng is not installed.*apt-get install espeak-ng"):
        program("espeak-ng")


@here
def test_a_program_that_went_away_is_an_endpoint_error(monkeypatch, tmp_path):
    answer = program("espeak-ng")

    def gone(*_, **__):
        raise FileNotFoundError("gone")

    monkeypatch.setattr(programs.subprocess, "run", gone)
    with pytest.raises(EndpointError, match="cannot be run"):
        answer((Request("espeak-ng", {"text": "hi", "voice": "en"}),))


def test_a_program_nobody_taught_it_is_refused():
    with pytest.raises(UnknownName, match="no program is called 'sh' here"):
        program("sh")
