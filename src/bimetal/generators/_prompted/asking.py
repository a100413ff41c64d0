"""One batch of a prompt graph: what is asked for each row, how a reply is read, and what the judge is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bimetal.generators._prompted.graph import Graph, Prompt
from bimetal.generators._prompted.replies import Field, instruction, read, response_format
from bimetal.generators._prompted.settling import Candidate
from bimetal.types import Reply, Request

if TYPE_CHECKING:
    from bimetal.canonical import Json

DOOR = "chat"


class Settings(Protocol):
    """What a generator says beside its graph: the model, and how often a slot is asked with the same attributes."""

    @property
    def model(self) -> str: ...

    @property
    def tries(self) -> int: ...


@dataclass(frozen=True)
class Asking:
    """One batch: every slot's attributes at each redraw, and the seed its requests carry."""

    settings: Settings
    plan: Graph
    drawn: list[list[dict[str, str]]]
    seeds: list[int]

    @property
    def tries(self) -> int:
        return self.settings.tries

    @property
    def attempts(self) -> int:
        return self.settings.tries * len(self.drawn)

    @property
    def near(self) -> float:
        return self.plan.near

    def request(self, slot: int, attempt: int) -> Request:
        said = self.plan.said(self._attributes(slot, attempt))
        return Request(DOOR, self._body(self.plan.prompt, said, self.plan.fields, slot), attempt)

    def read(self, slot: int, attempt: int, reply: Reply) -> Candidate | str:
        if reply.refused:
            return f"refused ({reply.refused[:80]})"
        drawn = self._attributes(slot, attempt)
        values = read(reply.data, self.plan.fields, drawn)
        if isinstance(values, str):
            return values
        model = str(reply.facts.get("model") or self.settings.model)
        return Candidate(values["text"], {**drawn, **values, "model": model})

    def question(self, slot: int, attempt: int, candidate: Candidate) -> Request | None:
        judge = self.plan.judge
        if judge is None:
            return None
        drawn = self._attributes(slot, attempt)
        shown = {**{name: str(value) for name, value in candidate.columns.items()}, **self.plan.said(drawn)}
        return Request(DOOR, self._body(judge.prompt, shown, self._verdict(), slot), attempt)

    def judged(self, slot: int, candidate: Candidate, reply: Reply) -> Candidate | str:  # noqa: ARG002 - it reads alone
        judge = self.plan.judge
        assert judge is not None
        if reply.refused:
            return f"the judge refused ({reply.refused[:80]})"
        values = read(reply.data, self._verdict(), {})
        if isinstance(values, str):
            return f"the judge: {values}"
        if int(values["score"]) < judge.least:
            return f"scored below {judge.least} by the judge"
        if judge.agree and values[judge.agree] != candidate.columns[judge.agree]:
            return f"the judge read another {judge.agree}"
        return Candidate(candidate.text, {**candidate.columns, "score": float(values["score"])})

    def _attributes(self, slot: int, attempt: int) -> dict[str, str]:
        return self.drawn[attempt // self.settings.tries][slot]

    def _verdict(self) -> tuple[Field, ...]:
        judge = self.plan.judge
        fields = (Field("score", "whole", "5 is best", 1, 5),)
        if judge is None or not judge.agree:
            return fields
        values = next(each.values for each in self.plan.attributes if each.name == judge.agree)
        choices = tuple(sorted({value for weights in values.values() for value in weights}))
        return (*fields, Field(judge.agree, "choice", choices=choices))

    def _body(self, prompt: Prompt, said: Mapping[str, str], fields: tuple[Field, ...], slot: int) -> dict[str, Json]:
        system, user = prompt.filled(said)
        messages = [{"role": "system", "content": system}] if system else []
        body: dict[str, Json] = {
            "messages": [*messages, {"role": "user", "content": f"{user.strip()}\n\n{instruction(fields)}"}],
            "temperature": prompt.temperature,
            "max_tokens": prompt.max_tokens,
            "seed": self.seeds[slot],
            "response_format": response_format(fields),
        }
        return {**body, "model": self.settings.model} if self.settings.model else body
