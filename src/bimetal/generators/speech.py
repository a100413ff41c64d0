"""Spoken words in rooms and noise, in the languages of espeak-ng; whether it transfers is measured per language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.audio import RATE
from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._sound.hearing import Heard, heard, schema, steered, wav
from bimetal.generators._sound.phrases import COMMANDS, WORDS, phrases
from bimetal.generators._sound.spoken import trimmed
from bimetal.types import Reply, Request, Target

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from bimetal.generators._sound.hearing import Groups
    from bimetal.plugins import Step
    from bimetal.types import FloatArray

    Steps = Generator[Step, tuple[Reply, ...], None]

ASKS = "espeak-ng"
BATCH = 64
SAID = ("language", "label", "text")
PLAIN = "plain"
VOICES = (PLAIN, "m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "f5")
LONGEST = 2_000  # characters a phrase
SCHEMA = schema(
    ("label", "text", "language", "voice", "program", "transfer"), ("onset", "end", "rate", "pitch", "rt60", "snr_db")
)
UNMEASURED = "not measured"
TRANSFER = {"en": "measured on digits"}  # language: on what transfer to people was measured, bench/sound_pilot.py


@dataclass(frozen=True)
class Speech(Heard):
    """Have espeak-ng say phrases in many voices and put them into rooms, noises and codecs; the label is what is said.

    `phrases` are (language, label, words); none is the digits and, with `commands`, eight commands in `languages`,
    of which de en es fr id it my pt ru th vi come along. `rate` is words a minute and `pitch` 0-99, each a range;
    `rooms`, `snrs`, `codecs` and `backgrounds` as in `sound`. A voice is plain or a variant, m1 to m7 and f1 to f5.
    Targets may name label, language, text, voice, room, snr, codec or background.
    Raises InputError for a language espeak-ng lacks (Khmer, Lao, Filipino) and for words it cannot say.

    >>> steps = Speech()(1, np.random.default_rng(0))
    >>> next(steps)[0].to
    'espeak-ng'
    """

    phrases: tuple[tuple[str, str, str], ...] = ()
    languages: tuple[str, ...] = ("en",)
    commands: bool = False
    rate: tuple[float, float] = (110, 230)
    pitch: tuple[float, float] = (15, 85)
    licence: str = "CC0-1.0"

    asks: ClassVar[str] = ASKS

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, (low, high) in {"rate": (80, 450), "pitch": (0, 99)}.items():
            _bounded(name, getattr(self, name), low, high)
        for name in ("phrases", "languages"):
            if not isinstance(getattr(self, name), tuple):
                raise InputError(
                    f"{name} is {getattr(self, name)!r:.80}, expected a list", 'write it as JSON, such as ["en"]'
                )
        for phrase in self.phrases:
            fits = isinstance(phrase, tuple) and len(phrase) == 3 and all(isinstance(each, str) for each in phrase)
            if not fits or not all(map(str.strip, phrase)) or len(phrase[2]) > LONGEST:
                told = f"{phrase!r:.80}"
                raise InputError(f"phrases has {told}", f"give [language, label, words of 1 to {LONGEST} characters]")
        for language in () if self.phrases else self.languages or ("",):
            if language not in WORDS:
                raise InputError(
                    f"no words are bundled in {language!r}",
                    f"pass phrases as [language, label, words], or languages out of: {', '.join(WORDS)}",
                )

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[Step]:
        said: dict[str, Sequence[str]] = dict(zip(SAID, zip(*self._phrases(), strict=True), strict=True))
        groups: Groups = {"said": said, "voice": {"voice": VOICES}, **self.conditions()}
        shares = steered(groups, targets)
        return self._steps(batches(n, rng, BATCH), groups, shares)

    def _steps(
        self,
        parts: Iterator[tuple[int, np.random.Generator]],
        groups: Groups,
        shares: dict[str, FloatArray],
    ) -> Steps:
        for count, rng in parts:
            codes = {name: rng.choice(len(share), BATCH, p=share) for name, share in shares.items()}
            rates, pitches = rng.uniform(*self.rate, BATCH).round(), rng.uniform(*self.pitch, BATCH).round()
            settings: list[dict[str, str]] = [
                {column: values[codes[name][row]] for name, group in groups.items() for column, values in group.items()}
                for row in range(count)
            ]
            asked = tuple(_request(setting, rates[row], pitches[row]) for row, setting in enumerate(settings))
            replies = (yield asked) if asked else ()
            waves = map(trimmed, replies, asked)
            rows = [
                _row(setting, request, reply, wave, child)
                for setting, request, reply, wave, child in zip(
                    settings, asked, replies, waves, rng.spawn(BATCH)[:count], strict=True
                )
            ]
            yield pa.RecordBatch.from_pylist(rows, SCHEMA)

    def _phrases(self) -> tuple[tuple[str, str, str], ...]:
        if self.phrases:
            return self.phrases
        spoken = [phrase for language in dict.fromkeys(self.languages) for phrase in phrases(language)]
        return tuple(phrase for phrase in spoken if self.commands or phrase[1] not in COMMANDS)


def _bounded(name: str, given: object, low: float, high: float) -> None:
    fits = isinstance(given, tuple) and len(given) == 2 and all(isinstance(each, int | float) for each in given)
    if not fits or not low <= given[0] <= given[1] <= high:  # type: ignore[index]  # two numbers, by the line above
        raise InputError(f"{name} is {given!r}, expected two numbers from {low} to {high}", "give [least, most]")


def _request(setting: dict[str, str], rate: float, pitch: float) -> Request:
    voice = setting["language"] + (f"+{setting['voice']}" if setting["voice"] != PLAIN else "")
    return Request(ASKS, {"text": setting["text"], "voice": voice, "rate": int(rate), "pitch": int(pitch)})


def _row(
    setting: dict[str, str], request: Request, reply: Reply, wave: FloatArray, rng: np.random.Generator
) -> dict[str, object]:
    before, after = rng.uniform(0.02, 0.3, 2)
    onset = int(before * RATE)
    clip = heard(wave, onset, onset + len(wave) + int(after * RATE), setting, rng)
    return {
        **setting,
        "audio": wav(clip.wave),
        "rate": request.body["rate"],
        "pitch": request.body["pitch"],
        "program": reply.facts.get("program", ASKS),
        "transfer": TRANSFER.get(setting["language"].partition("-")[0], UNMEASURED),
        "onset": onset / RATE,
        "end": (onset + len(wave)) / RATE,
        "rt60": clip.rt60,
        "snr_db": clip.snr_db,
    }
