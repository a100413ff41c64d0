"""One batch of paraphrases: which text is said again in which manner, and what must stay as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.generators._prompted.asking import DOOR
from bimetal.generators._prompted.likeness import closest, printed
from bimetal.generators._prompted.replies import Field, instruction, read, response_format
from bimetal.generators._prompted.settling import Candidate
from bimetal.types import Reply, Request
from bimetal.writing import script

if TYPE_CHECKING:
    from bimetal.canonical import Json

KEPT = re.compile(r"\{\w+\}|https?://\S+|\S+@\S+\w|\d(?:[\d.,:/-]*\d)?")  # slots, addresses and numbers
FIELDS = (Field("text", says="the text in other words", most=20_000),)
SYSTEM = "You rewrite texts so that they mean the same. Keep the language, and every number, name, address and {slot}."
SHORT = 150  # characters that any paraphrase may have
TOKENS_A_BYTE, LEAST_TOKENS = 1.5, 100


@dataclass(frozen=True)
class Twin:
    """A seed text that is said again: its id, text and label."""

    id: str
    text: str
    label: str


@dataclass(frozen=True)
class Rewriting:
    """Slots of a batch: at each redraw a twin and a manner, and a seed."""

    model: str
    tries: int
    near: float
    drawn: list[list[tuple[Twin, str]]]
    seeds: list[int]

    @property
    def attempts(self) -> int:
        return self.tries * len(self.drawn)

    def request(self, slot: int, attempt: int) -> Request:
        twin, style = self._of(slot, attempt)
        user = f"Say this text in other words, in a {style} manner:\n\n<<<{twin.text}>>>\n\n{instruction(FIELDS)}"
        body: dict[str, Json] = {
            "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}],
            "temperature": 1.0,
            "max_tokens": LEAST_TOKENS + int(TOKENS_A_BYTE * len(twin.text.encode("utf-8", "replace"))),
            "seed": self.seeds[slot],
            "response_format": response_format(FIELDS),
        }
        return Request(DOOR, {**body, "model": self.model} if self.model else body, attempt)

    def read(self, slot: int, attempt: int, reply: Reply) -> Candidate | str:
        twin, style = self._of(slot, attempt)
        if reply.refused:
            return f"refused ({reply.refused[:80]})"
        values = read(reply.data, FIELDS, {})
        if isinstance(values, str):
            return values
        fault = _lost(twin.text, values["text"], self.near)
        model = str(reply.facts.get("model") or self.model)
        columns: Mapping[str, str] = {"label": twin.label, "style": style, "twin": twin.id, "model": model}
        return fault or Candidate(values["text"], columns)

    def question(self, slot: int, attempt: int, candidate: Candidate) -> Request | None:  # noqa: ARG002 - nobody is asked
        return None

    def judged(self, slot: int, candidate: Candidate, reply: Reply) -> Candidate | str:  # noqa: ARG002 - nobody was asked
        return candidate

    def _of(self, slot: int, attempt: int) -> tuple[Twin, str]:
        return self.drawn[attempt // self.tries][slot]


def _lost(text: str, said: str, near: float) -> str:
    """Say what of a text a paraphrase lost, or that it is none; "" where it is good."""
    missing = sorted(set(KEPT.findall(text)) - set(KEPT.findall(said)))
    if missing:
        return f"{missing[0]!r} is lost"
    if not len(text) / 3 <= len(said) <= max(3 * len(text), SHORT):
        return "its length is below a third or above three times that of its twin"
    if {script(text), script(said)} - {"Zyyy"} > {script(text)}:
        return "it is in another script than its twin"
    alike = closest(printed(said), printed(text)[None])
    return "it is too much like its twin" if alike >= near else ""
