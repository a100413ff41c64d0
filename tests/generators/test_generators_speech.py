"""Speech without a program: what is asked, what becomes of answers, and what is said where there is none; with it, too."""

import shutil
import struct

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators import draw, recipe_for
from bimetal.generators._asking import answered
from bimetal.generators._sound.hearing import wav
from bimetal.generators._sound.phrases import COMMANDS, DIGITS, WORDS, phrases
from bimetal.generators._sound.spoken import mended
from bimetal.generators.speech import LONGEST, Speech
from bimetal.payload import waves
from bimetal.types import Reply, Spec, Target

HERE = shutil.which("espeak-ng") is not None


def beeps(requests):
    """Answer with a tone whose pitch follows the text: enough to see what becomes of a reply."""
    at = np.arange(3000) / 16_000
    sound = [wav(np.sin(2 * np.pi * (200 + 40 * len(str(each.body["text"]))) * at)) for each in requests]
    return tuple(Reply(each, {"program": "espeak-ng 0"}) for each in sound)


def drawn(n, targets=(), answer=beeps, **arguments):
    return pa.Table.from_batches(answered(Speech(**arguments)(n, np.random.default_rng(0), None, targets), answer))


def test_a_request_says_words_voice_rate_and_pitch():
    asked = next(Speech(languages=("de",))(3, np.random.default_rng(0)))
    words = {words for _, _, words in phrases("de")}
    for request in asked:
        assert request.to == "espeak-ng"
        assert request.body["text"] in words
        assert request.body["voice"].partition("+")[0] == "de"
        assert 110 <= request.body["rate"] <= 230


def test_label_words_and_language_belong_together():
    known = {(language, label, words) for language in WORDS for language, label, words in phrases(language)}
    rows = drawn(200, languages=tuple(WORDS), commands=True).to_pylist()
    assert {(row["language"], row["label"], row["text"]) for row in rows} <= known
    assert {row["language"] for row in rows} == set(WORDS)
    assert {row["transfer"] for row in rows if row["language"] == "vi"} == {"not measured"}


def test_every_language_bundled_has_a_word_for_every_label():
    for language in WORDS:
        assert [label for _, label, _ in phrases(language)] == [*DIGITS, *COMMANDS]
        assert len({words for _, label, words in phrases(language) if label in DIGITS}) == 10


def test_own_phrases_are_spoken_and_steered():
    own = (("en", "fire", "the house is on fire"), ("en", "calm", "all is well"))
    rows = drawn(300, (Target("label", "fire", 0.9),), phrases=own)
    assert abs(rows["label"].to_pylist().count("fire") / 300 - 0.9) < 0.07
    assert set(rows["text"].to_pylist()) == {"the house is on fire", "all is well"}


def test_a_streamed_header_is_mended():
    whole = wav(np.sin(np.arange(400)))
    streamed = whole[:4] + struct.pack("<I", 0x7FFFF024) + whole[8:40] + struct.pack("<I", 0x7FFFF000) + whole[44:]
    assert mended(streamed) == whole
    assert mended(whole) == whole
    for broken in (b"", b"RIFF", b"nonsense", whole[:36]):
        assert mended(broken) == broken


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"", refused="espeak-ng has no voice 'km'"), "espeak-ng has no voice 'km'"),
        (Reply(b""), "answered with no sound"),
        (Reply(b"nonsense"), "answered with no sound"),
        (Reply(wav(np.zeros(4000))), "says nothing to"),
    ],
)
def test_answers_that_hold_no_speech_are_one_clear_sentence(reply, words):
    with pytest.raises(InputError, match=words):
        drawn(2, answer=lambda requests: (reply,) * len(requests))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"languages": ("km",)}, "no words are bundled in 'km'"),
        ({"languages": "en"}, "languages is 'en', expected a list"),
        ({"phrases": "hello"}, "phrases is 'hello', expected a list"),
        ({"languages": ()}, "no words are bundled in ''"),
        ({"phrases": (("en", "a"),)}, "phrases has"),
        ({"phrases": (("en", "a", "  "),)}, "phrases has"),
        ({"phrases": (("en", "a", "x" * (LONGEST + 1)),)}, "phrases has"),
        ({"rate": (500, 600)}, "rate is"),
        ({"pitch": (50, 10)}, "pitch is"),
        ({"pitch": 50}, "pitch is"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        Speech(**arguments)


@pytest.mark.skipif(not HERE, reason="espeak-ng is not installed")
def test_the_program_speaks_every_bundled_language_and_lacks_khmer():
    from bimetal.endpoints.programs import program

    ask = program("espeak-ng")
    rows = drawn(60, languages=tuple(WORDS), commands=True, answer=ask)
    assert all(0.1 < len(wave) / 16_000 < 4 for wave in waves(rows))
    assert set(rows["program"].to_pylist()) == {rows["program"][0].as_py()}
    with pytest.raises(InputError, match="has no voice 'km'"):
        drawn(2, phrases=(("km", "one", "មួយ"),), answer=ask)


def test_without_anybody_to_ask_the_way_out_is_named():
    with pytest.raises(InputError, match="install that program"):
        list(draw(recipe_for(Spec("generators", "speech"), 1), 2))
