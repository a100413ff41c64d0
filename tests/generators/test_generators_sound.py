"""Sound events: heard where they say, as loud against the noise as they say, told apart by a learner, hostile arguments refused."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.audio import RATE, decoded
from bimetal.errors import InputError
from bimetal.generators._sound.codecs import CODECS, clipped, lossy, mu_law, telephone
from bimetal.generators._sound.events import FAMILIES, event
from bimetal.generators._sound.hearing import SNRS
from bimetal.generators._sound.noises import BACKGROUNDS, mixed
from bimetal.generators.sound import Sound
from bimetal.payload import sounds, waves
from bimetal.types import Target


def drawn(n, seed=0, targets=(), **arguments):
    return pa.Table.from_batches(Sound(**arguments)(n, np.random.default_rng(seed), None, targets))


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("limit", [0.05, 0.5, 2.0])
def test_every_family_sounds_finite_and_no_longer_than_it_may(name, limit):
    for seed in range(8):
        wave = event(name, np.random.default_rng(seed), limit)
        assert 0 < len(wave) <= limit * RATE
        assert np.isfinite(wave).all()
        assert np.abs(wave).max() == pytest.approx(1)


def test_clips_are_as_long_as_asked_and_say_where_the_event_begins():
    rows = drawn(40, seconds=1.0, rooms=("dry",), snrs=("clean",), codecs=("none",))
    for wave, onset in zip(waves(rows), rows["onset"].to_pylist(), strict=True):
        assert len(wave) == RATE
        before = wave[: max(0, int(onset * RATE) - 64)]
        if len(before) > 400:
            assert np.mean(before**2) < 0.01 * np.mean(wave[int(onset * RATE) :] ** 2)


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 20.0])
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_noise_is_mixed_in_at_the_ratio_stated(background, snr_db):
    rng = np.random.default_rng(0)
    wave = np.zeros(8000)
    wave[2000:5000] = rng.standard_normal(3000)
    noise = mixed(wave, BACKGROUNDS[background](8000, rng), snr_db, slice(2000, 5000)) - wave
    assert 10 * np.log10(np.mean(wave[2000:5000] ** 2) / np.mean(noise**2)) == pytest.approx(snr_db, abs=1e-6)


def test_columns_say_what_was_drawn():
    for row in drawn(100, seconds=0.3).to_pylist():
        low, high = SNRS[row["snr"]]
        assert low <= row["snr_db"] <= high
        assert (row["rt60"] == 0) == (row["room"] == "dry")


def test_codecs_do_what_they_are_called():
    rng = np.random.default_rng(0)
    wave = rng.standard_normal(RATE) / 4
    spectrum, hertz = np.abs(np.fft.rfft(telephone(wave, rng))) ** 2, np.fft.rfftfreq(RATE, 1 / RATE)
    assert spectrum[(hertz > 300) & (hertz < 3400)].sum() > 0.9 * spectrum.sum()
    assert spectrum[hertz > 6800].sum() < 0.02 * spectrum.sum()
    assert len(np.unique(mu_law(wave, rng))) <= 256
    assert np.abs(mu_law(wave, rng) - wave).max() < 0.03
    cut = clipped(wave, rng)
    assert 0.004 < np.mean(np.abs(cut) == np.abs(cut).max()) < 0.11
    shares = [np.mean(lossy(wave, np.random.default_rng(seed)) == 0) for seed in range(60)]
    assert 0.08 < np.mean(shares) < 0.2
    for codec in CODECS.values():
        assert codec(np.zeros(100), rng).shape == (100,)


def test_families_are_told_apart_by_a_plain_learner():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted, judged = (drawn(n, seed, seconds=1.0, snrs=("clean", "high")) for n, seed in ((500, 1), (200, 2)))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    model.fit(sounds(fitted), fitted["label"].to_pylist())
    assert model.score(sounds(judged), judged["label"].to_pylist()) > 5 / len(FAMILIES)


def test_targets_steer_room_ratio_and_codec_together():
    asked = (Target("room", "large", 0.7), Target("snr", "low", 0.5), Target("codec", "telephone", 0.0))
    rows = drawn(600, targets=asked, seconds=0.1)
    assert abs(rows["room"].to_pylist().count("large") / 600 - 0.7) < 0.08
    assert abs(rows["snr"].to_pylist().count("low") / 600 - 0.5) < 0.09
    assert "telephone" not in rows["codec"].to_pylist()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"events": ("bell", "opera")}, "events has 'opera'"),
        ({"events": "bell"}, "events has 'bell'"),
        ({"rooms": (3,)}, "rooms has"),
        ({"snrs": ("loud",)}, "snrs has 'loud'"),
        ({"codecs": ("mp3",)}, "codecs has 'mp3'"),
        ({"backgrounds": ("street",)}, "backgrounds has 'street'"),
        ({"seconds": 0}, "seconds is 0"),
        ({"seconds": float("nan")}, "seconds is nan"),
        ({"seconds": "two"}, "seconds is 'two'"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        Sound(**arguments)


def test_a_target_on_what_cannot_be_steered_is_refused():
    with pytest.raises(InputError, match="no column 'rt60' can be steered"):
        drawn(3, targets=(Target("rt60", "1", 0.5),))


def test_clips_are_16_bit_wav_at_16_khz():
    encoded = drawn(1, seconds=0.2)["audio"][0].as_py()
    assert encoded[:4] == b"RIFF"
    assert len(decoded(encoded)) == 3200
