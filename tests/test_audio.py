"""Sound: every common WAV depth decodes to the same wave, features are where they should be, bad bytes are named."""

import contextlib
import io
import sys
import wave as stdlib_wave

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from bimetal.audio import BANDS, FACTS, RATE, SUMMARY, decoded, facts, log_mel, summary
from bimetal.errors import InputError, MissingExtra
from bimetal.payload import columns, matrices, modality, payload_columns, sounds, waves


def tone(hertz=1000.0, seconds=0.5, rate=RATE, level=0.5):
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def wav(samples, rate=RATE, dtype=np.int16):
    samples = np.asarray(samples, float)
    if dtype is np.uint8:
        stored = np.round(samples * 127 + 128).astype(np.uint8)
    elif np.issubdtype(dtype, np.integer):
        stored = np.round(samples * np.iinfo(dtype).max).astype(dtype)
    else:
        stored = samples.astype(dtype)
    out = io.BytesIO()
    wavfile.write(out, rate, stored)
    return out.getvalue()


def wav24(samples, rate=RATE):
    whole = np.round(np.asarray(samples) * (2**23 - 1)).astype("<i4")
    out = io.BytesIO()
    with stdlib_wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(rate)
        file.writeframes(whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    return out.getvalue()


@pytest.mark.parametrize(
    ("encode", "step"),
    [
        (lambda x: wav(x, dtype=np.uint8), 1 / 100),
        (wav, 1e-4),
        (wav24, 1e-6),
        (lambda x: wav(x, dtype=np.int32), 1e-6),
        (lambda x: wav(x, dtype=np.float32), 1e-6),
        (lambda x: wav(x, dtype=np.float64), 1e-6),
        (lambda x: wav(np.column_stack([2 * x, 0 * x]), dtype=np.float32), 1e-6),
    ],
    ids=["8 bit", "16 bit", "24 bit", "32 bit", "float", "double", "stereo"],
)
def test_every_depth_gives_the_same_wave(encode, step):
    got = decoded(encode(tone()))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, tone(), atol=step)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_every_rate_is_brought_to_one(rate):
    got = decoded(wav(tone(rate=rate), rate))
    assert abs(len(got) - RATE / 2) <= 1
    np.testing.assert_allclose(got[400:7500], tone()[400:7500], atol=0.02)


def test_flac_is_read_where_soundfile_is_there():
    soundfile = pytest.importorskip("soundfile")
    out = io.BytesIO()
    soundfile.write(out, tone(), RATE, format="FLAC")
    np.testing.assert_allclose(decoded(out.getvalue()), tone(), atol=1e-4)
    with pytest.raises(InputError, match="row 'a' holds a broken sound"):
        list(waves(pa.table({"id": ["a"], "audio": [out.getvalue()[:40]]})))


def test_flac_without_soundfile_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingExtra, match=r"pip install 'bimetal\[audio\]'"):
        decoded(b"fLaC and so on")


@pytest.mark.parametrize("hertz", [200, 440, 1000, 3000, 6000])
def test_a_tone_is_loudest_in_its_own_band(hertz):
    mel = log_mel(tone(hertz).astype(np.float32))
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), BANDS + 2) / 2595) - 1)
    band = mel[10:-10].mean(axis=0).argmax()
    assert edges[band] <= hertz <= edges[band + 2]


def test_facts_mean_what_they_say():
    half = np.concatenate([tone(level=1.0, hertz=2000), np.zeros(8_000)]).astype(np.float32)
    heard = facts(half)
    assert tuple(heard) == FACTS
    assert heard["seconds"] == 1
    assert heard["loudness"] == pytest.approx(10 * np.log10(0.25), abs=0.01)  # half of a sine's -3 dB
    assert heard["silence"] == pytest.approx(0.5, abs=0.03)
    assert heard["centroid"] == pytest.approx(2000, rel=0.05)
    assert facts(np.zeros(100, np.float32)) == {
        "seconds": 100 / RATE,
        "loudness": pytest.approx(-80),
        "silence": 1,
        "centroid": 0,
    }


@given(st.integers(1, 20_000))
def test_a_wave_of_any_length_is_summarised(length):
    seen = summary(np.ones(length, np.float32) * 0.1)
    assert seen.shape == (SUMMARY,)
    assert np.isfinite(seen).all()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (None, "row 'b' has no sound bytes"),
        (b"", "row 'b' holds a broken sound"),
        (b"not a sound", "row 'b' holds a broken sound"),
        (wav(tone())[:300], "row 'b' holds a broken sound"),
        (wav([]), "row 'b' holds a broken sound: it has no samples"),
        (wav(np.full(50, np.nan), dtype=np.float32), "samples that are not finite"),
        (wav(tone(), rate=7), "the rate is 7 Hz"),
    ],
)
def test_a_bad_sound_is_named(bad, words):
    table = pa.table({"id": ["a", "b"], "audio": pa.array([wav(tone()), bad], pa.large_binary())})
    with pytest.raises(InputError, match=words):
        list(waves(table))


@given(st.integers(0, 60), st.integers(0, 255), st.integers(0, 400))
def test_a_damaged_header_is_an_input_error_or_a_sound(at, value, cut):
    good = bytearray(wav(tone(seconds=0.02)))
    good[at] = value
    with contextlib.suppress(InputError):  # any other exception, or a warning, fails
        assert np.isfinite(next(waves(pa.table({"audio": [bytes(good[: len(good) - cut])]})))).all()


def test_a_title_in_the_file_does_not_matter():
    plain = wav(tone())
    titled = plain + b"note" + (4).to_bytes(4, "little") + b"song"
    titled = titled[:4] + (len(titled) - 8).to_bytes(4, "little") + titled[8:]
    np.testing.assert_array_equal(decoded(titled), decoded(plain))


def test_sounds_are_a_payload():
    table = pa.table({"id": ["a", "b"], "audio": [wav(tone()), wav(tone(300))], "text": ["heard", "said"]})
    assert modality(table) == "audio"
    assert payload_columns(table) == ("audio",)
    assert tuple(columns(table)) == FACTS
    first, second = matrices(table, table.slice(0, 1))
    assert first.shape == (2, SUMMARY)
    np.testing.assert_array_equal(first[0], second[0])
    assert sounds(table.slice(0, 0)).shape == (0, SUMMARY)
    assert [each.shape for each in matrices(table.slice(0, 0), table.slice(0, 0))] == [(0, SUMMARY)] * 2
