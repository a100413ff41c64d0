"""The graph a model is asked by: attributes, prompt, reply, judge; read from TOML or JSON, all faults at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from bimetal.errors import InputError
from bimetal.generators._prompted.drawing import MOST_CELLS, Attribute, combinations
from bimetal.generators._prompted.replies import Field, scripts
from bimetal.payload import PROVENANCE

OWN = ("model", "likeness", "tries", "score", "transfer", "image", "audio")  # columns that are drawn beside a graph's
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
WAY_OUT = "see docs/generators/prompted.md for the format"


@dataclass(frozen=True)
class Prompt:
    """What is said to the model, with {attributes} to fill in, and how freely it answers."""

    user: str
    system: str = ""
    temperature: float = 1.0
    max_tokens: int = 500

    def filled(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Return what the system and the user say; braces that name nothing stay."""

        def fill(text: str) -> str:
            return SLOT.sub(lambda slot: values.get(slot[1], slot[0]), text)

        return fill(self.system), fill(self.user)


@dataclass(frozen=True)
class Judge:
    """A second prompt that scores a row from 1 to 5; `agree` names an attribute it must guess right, unseen."""

    prompt: Prompt
    least: int = 4
    agree: str = ""


@dataclass(frozen=True)
class Graph:
    """Columns and how they hang together: attributes are drawn, `fields` come from the reply, one of them the text."""

    about: str
    attributes: tuple[Attribute, ...]
    prompt: Prompt
    fields: tuple[Field, ...]
    judge: Judge | None = None
    near: float = 0.8

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns of text, in order: text and label first."""
        named = [*(each.name for each in self.attributes), *(each.name for each in self.fields)]
        return ("text", "label", *(each for each in named if each not in {"text", "label"}))

    def said(self, drawn: Mapping[str, str]) -> dict[str, str]:
        """Put words in place of values that need some."""
        return {each.name: each.words.get(drawn[each.name], drawn[each.name]) for each in self.attributes}


def bundled() -> tuple[str, ...]:
    """Name the graphs that come along.

    >>> "bank" in bundled()
    True
    """
    folder = resources.files("bimetal.generators._prompted") / "graphs"
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


def graph(given: str) -> Graph:
    """Read a bundled graph by name, or one written as TOML or JSON; raises InputError naming every fault.

    >>> graph("bank").columns[:3]
    ('text', 'label', 'persona')
    """
    faults: list[str] = []
    made = _graph(_raw(given), faults)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InputError(f"the prompt graph has {count}: {'; '.join(faults)}", WAY_OUT)
    return made


def _raw(given: str) -> dict[str, Any]:
    as_json = given.lstrip().startswith("{")
    if not as_json and "\n" not in given.strip():
        if given not in bundled():
            raise InputError(f"no prompt graph is called {given[:100]!r}", f"choose one of: {', '.join(bundled())}")
        path = resources.files("bimetal.generators._prompted") / "graphs" / f"{given}.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        raw: dict[str, Any] = json.loads(given) if as_json else tomllib.loads(given)
    except ValueError as fault:  # which TOML's faults are too
        raise InputError(f"the prompt graph is not {'JSON' if as_json else 'TOML'}: {fault}", WAY_OUT) from fault
    return raw


def _graph(raw: dict[str, Any], faults: list[str]) -> Graph:
    read = _Table(raw, "", faults)
    attributes = _attributes(read.table("attributes"))
    fields = tuple(_field(name, read.table("reply").table(name)) for name in read.table("reply").raw)
    judge = _judge(read.table("judge")) if "judge" in raw else None
    made = Graph(
        read.text("about"),
        attributes,
        _prompt(read.table("prompt")),
        fields,
        judge,
        float(read.number("near", 0.8, 1.0)),
    )
    read.close("about", "attributes", "reply", "prompt", "judge", "near")
    if not faults:
        faults += _contradictions(made)
    return made


def _attributes(read: _Table) -> tuple[Attribute, ...]:
    made = []
    for name in read.raw:
        each = read.table(name)
        by, values = each.text("by"), each.raw.get("values")
        spelled = {"": values} if not by else values if isinstance(values, dict) else {}
        weights = {str(key): _weights(value, f"{each.where}.values", read.faults) for key, value in spelled.items()}
        made.append(Attribute(name, weights, by, {key: str(value) for key, value in each.table("words").raw.items()}))
        each.close("by", "values", "words")
    return _ordered(made)


def _weights(values: Any, where: str, faults: list[str]) -> dict[str, float]:
    if isinstance(values, list):
        values = dict.fromkeys(map(str, values), 1.0)
    if not isinstance(values, dict) or not values:
        faults.append(f"{where}: expected values, or values with weights, got {values!r}")
        return {"": 1.0}
    weights = {str(value): weight for value, weight in values.items()}
    good = all(isinstance(each, int | float) and not isinstance(each, bool) and each >= 0 for each in weights.values())
    if not good or not sum(weights.values()) > 0:
        faults.append(f"{where}: expected weights of 0 or more, got {values!r}")
        return dict.fromkeys(weights, 1.0)
    return weights


def _field(name: str, read: _Table) -> Field:
    kind = read.text("kind", "text")
    if kind not in {"text", "choice", "whole"}:
        read.faults.append(f"{read.where}.kind: expected text, choice or whole, got {kind!r}")
    lists = {key: read.texts(key) for key in ("choices", "contains", "avoids")}
    least, most = (int(read.number(key, default, 1e5)) for key, default in (("least", 1), ("most", 2000)))
    if least > most or (kind == "choice") != bool(lists["choices"]):
        wants = "least above most" if least > most else "choices and kind = 'choice' go together"
        read.faults.append(f"{read.where}: {wants}")
    made = Field(name, kind, read.text("says"), least, most, **lists, same=read.text("same"))  # type: ignore[arg-type]
    read.close("kind", "says", "least", "most", "choices", "contains", "avoids", "same")
    return made


def _prompt(read: _Table, *more: str) -> Prompt:
    user = read.text("user")
    if not user.strip():
        read.faults.append(f"{read.where}.user: required, and missing")
    made = Prompt(
        user, read.text("system"), float(read.number("temperature", 1.0, 2.0)), int(read.number("max_tokens", 500, 1e5))
    )
    read.close("user", "system", "temperature", "max_tokens", *more)
    return made


def _judge(read: _Table) -> Judge:
    return Judge(_prompt(read, "least", "agree"), int(read.number("least", 4, 5)), read.text("agree"))


def _contradictions(made: Graph) -> list[str]:
    attributes, fields = [each.name for each in made.attributes], [each.name for each in made.fields]
    named = [*attributes, *fields]
    faults = [f"{each}: not a name; use lower case, digits, _" for each in named if not NAME.fullmatch(each)]
    faults += [f"{each}: two columns of that name" for each in sorted({one for one in named if named.count(one) > 1})]
    taken = set(OWN) | set(PROVENANCE) - {"label"}
    faults += [f"{each}: a column of that name is drawn beside the graph" for each in named if each in taken]
    faults += _lacking(made, attributes, fields)
    prompts = {"prompt": made.prompt, **({"judge": made.judge.prompt} if made.judge else {})}
    for where, prompt in prompts.items():
        known = set(attributes) | (set(fields) if where == "judge" else set())
        slots = {slot for text in (prompt.system, prompt.user) for slot in SLOT.findall(text)}
        faults += [f"{where}: {{{slot}}} names nothing" for slot in sorted(slots - known)]
    return faults + _dependences(made.attributes)


def _lacking(made: Graph, attributes: list[str], fields: list[str]) -> list[str]:
    faults = [] if "text" in fields else ["reply: no field is called text"]
    faults += [] if "label" in {*attributes, *fields} else ["no attribute or field is called label"]
    faults += [
        f"reply.{each.name}.same: no attribute {each.same!r}"
        for each in made.fields
        if each.same not in {"", *attributes}
    ]
    if made.judge and made.judge.agree not in {"", *attributes}:
        faults.append(f"judge.agree: no attribute {made.judge.agree!r}")
    if made.judge and "{text}" not in made.judge.prompt.user:
        faults.append("judge.user: it does not show the {text}")
    if made.judge and made.judge.agree and f"{{{made.judge.agree}}}" in made.judge.prompt.user:
        faults.append(f"judge.user: it shows the {{{made.judge.agree}}} that the judge must guess")
    language = next((each for each in made.attributes if each.name == "language"), None)
    spoken = sorted({value for values in language.values.values() for value in values}) if language else []
    unknown = [each for each in spoken if not scripts(each)]
    faults += [f"language {each!r}: its script is not known; write it as {each}-Latn or the like" for each in unknown]
    return faults


def _dependences(attributes: tuple[Attribute, ...]) -> list[str]:
    faults = []
    values = {each.name: {value for weights in each.values.values() for value in weights} for each in attributes}
    for at, each in enumerate(attributes):
        if each.by not in {"", *(other.name for other in attributes[:at])}:
            what = "is depended on by what it depends on" if each.by in values else "is no attribute"
            faults.append(f"attributes.{each.name}.by: {each.by!r} {what}")
        elif each.by and values[each.by] - set(each.values):
            lacking = ", ".join(map(repr, sorted(values[each.by] - set(each.values))))
            faults.append(f"attributes.{each.name}.values: none for {lacking}")
    if not faults and combinations(attributes) > MOST_CELLS:
        faults.append(f"attributes: more than {MOST_CELLS:,} combinations depend on each other")
    return faults


def _ordered(attributes: list[Attribute]) -> tuple[Attribute, ...]:
    """Put each attribute behind the one it depends on, those that depend on each other last."""
    done: list[Attribute] = []
    while ready := [each for each in attributes if each.by in {"", *(other.name for other in done)}]:
        done.append(ready[0])
        attributes = [each for each in attributes if each is not ready[0]]
    return (*done, *attributes)


@dataclass(frozen=True)
class _Table:
    """A table as it is read: what has the wrong type becomes a fault with its path, and a value that goes on."""

    raw: dict[str, Any]
    where: str
    faults: list[str]

    def table(self, name: str) -> _Table:
        return _Table(self._of(name, dict, "a table", {}), f"{self.where}.{name}".lstrip("."), self.faults)

    def text(self, name: str, default: str = "") -> str:
        return str(self._of(name, str, "text", default))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(map(str, self._of(name, list, "a list", [])))

    def number(self, name: str, default: float, most: float) -> float:
        value = self.raw.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            self.faults.append(f"{self.where}.{name}: expected a number from 0 to {most:g}, got {value!r}".lstrip("."))
            return default
        return value

    def close(self, *known: str) -> None:
        self.faults.extend(f"{self.where}.{each}: unknown".lstrip(".") for each in self.raw if each not in known)

    def _of(self, name: str, kind: type, words: str, default: Any) -> Any:
        value = self.raw.get(name, default)
        if not isinstance(value, kind):
            self.faults.append(f"{self.where}.{name}: expected {words}, got {value!r}".lstrip("."))
            return default
        return value
