"""Read a phrase grammar: slots, and sections of patterns with choices (a|b), slots {name}, weights *2 and odds ?20%."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import NoReturn, TypeAlias

from bimetal.errors import InputError

Node: TypeAlias = "str | Choice | Slot | tuple[Node, ...]"
SETTINGS = ("licence", "language", "every", "capital")
ODDS = re.compile(r"\?(\d+(?:\.\d+)?)%")
WEIGHT = re.compile(r"\s*(?<!\\)\*(\d+(?:\.\d+)?)\s*$")
NAMED = re.compile(r"\{([\w-]+)(?::([\w-]+))?(?:#(\w+))?\}")
HELP = "see docs/generators/grammar.md for the format"


@dataclass(frozen=True)
class Choice:
    """One of several nodes, by weight."""

    options: tuple[Node, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Slot:
    """What a slot says; `mark` labels it as a span, and equal `tie`s within a sentence say the same."""

    name: str
    mark: str = ""
    tie: str = ""


@dataclass(frozen=True)
class Pattern:
    """One way to say something: its label and other columns, its name, its weight among all, and its words."""

    name: str
    label: str
    columns: tuple[tuple[str, str], ...]
    weight: float
    words: Node


@dataclass
class Grammar:
    """Settings, slots and patterns, as they were read."""

    settings: dict[str, str] = field(default_factory=dict)
    slots: dict[str, Node] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)


def bundled() -> tuple[str, ...]:
    """Name the grammars that come with the project."""
    files = resources.files("bimetal.generators._grammar").iterdir()
    return tuple(sorted(each.name.removesuffix(".txt") for each in files if each.name.endswith(".txt")))


def read(given: str) -> Grammar:
    r"""Read a grammar: the name of one that comes with the project, or the text itself (more than one line).

    Raises InputError with the line's number for what cannot be read, for slots nobody wrote, and where nothing is said.

    >>> found = read("{who} = (I|we*3)\n# lost\n{who} lost (my|our) card")
    >>> [(each.label, each.name) for each in found.patterns]
    [('lost', 'lost-1')]
    """
    if "\n" not in given:
        if given not in bundled():
            known = ", ".join(bundled())
            raise InputError(f"no grammar is called {given[:60]!r}", f"choose one of {known}, or give its text; {HELP}")
        given = (resources.files("bimetal.generators._grammar") / f"{given}.txt").read_text(encoding="utf-8")
    lines = [(number, line.strip()) for number, line in enumerate(given.splitlines(), 1)]
    found = Grammar()
    sections: list[tuple[int, str, list[tuple[int, str]]]] = []
    for number, line in lines:
        if line.startswith("# "):
            sections.append((number, line[2:], []))
        elif line and not line.startswith(";"):
            _take(found, sections, number, line)
    held: Counter[str] = Counter()
    for number, head, said in sections:
        found.patterns += _patterns(number, head, said, held)
    if not found.patterns:
        raise InputError("the grammar says nothing", f"write a section '# label' and patterns below it; {HELP}")
    return found


def _take(found: Grammar, sections: list[tuple[int, str, list[tuple[int, str]]]], number: int, line: str) -> None:
    name, equals, rest = line.partition(" = ")
    if equals and NAMED.fullmatch(name):
        found.slots[name[1:-1]] = parsed(rest, number)
    elif equals and not sections and name in SETTINGS:
        found.settings[name] = rest
    elif sections:
        sections[-1][2].append((number, line))
    else:
        known = ", ".join(SETTINGS)
        _refuse(number, f"{line[:60]!r} stands before any section", f"settings are: {known}")


def _patterns(number: int, head: str, lines: list[tuple[int, str]], held: Counter[str]) -> list[Pattern]:
    head, share = _weighed(head)
    label, *facts = (each.strip() for each in head.split("|"))
    columns = tuple((key, value) for key, _, value in (each.partition("=") for each in facts))
    if not label or not all(key and value for key, value in columns) or not lines:
        _refuse(number, f"the section {head[:60]!r} is not whole", "write '# label | column=value' and patterns below")
    weighed = [(at, *_weighed(line)) for at, line in lines]
    total = sum(weight for *_, weight in weighed)
    first = held[label] + 1  # a label may have several sections, its patterns are numbered through
    held[label] += len(weighed)
    return [
        Pattern(f"{label}-{k}", label, columns, share * weight / total, parsed(line, at))
        for k, (at, line, weight) in enumerate(weighed, first)
    ]


def parsed(text: str, number: int) -> Node:
    """Parse the words of one line; `number` is named where they cannot be read.

    >>> parsed("a (b|c)", 1)
    ('a ', Choice(options=('b', 'c'), weights=(1.0, 1.0)))
    """
    node, at = _sequence(text, 0, number)
    if at < len(text):
        _refuse(number, f"{text[at]!r} at place {at + 1} closes or divides nothing", f"write \\{text[at]} for the sign")
    return node


def _sequence(text: str, at: int, number: int) -> tuple[Node, int]:
    parts: list[Node] = []
    said = ""
    while at < len(text) and text[at] not in "|)":
        if text[at] in "({":
            parts += [said] if said else []
            said = ""
            part, at = (_choice if text[at] == "(" else _slot)(text, at, number)
            parts.append(part)
        else:
            at += text[at] == "\\"
            said += text[at : at + 1]
            at += 1
    parts += [said] if said else []
    return (parts[0] if len(parts) == 1 else tuple(parts)), at


def _choice(text: str, at: int, number: int) -> tuple[Node, int]:
    options: list[Node] = []
    weights: list[float] = []
    while at < len(text) and text[at] != ")":
        option, end = _sequence(text, at + 1, number)
        weight = WEIGHT.search(text[at + 1 : end])
        if weight:
            option, _ = _sequence(text[at + 1 : at + 1 + weight.start()], 0, number)
        options.append(option)
        weights.append(float(weight[1]) if weight else 1.0)
        at = end
    if at >= len(text):
        _refuse(number, "a choice ( is never closed", "write ) behind it, or \\( for the sign")
    odds = ODDS.match(text, at + 1)
    if odds:
        share = min(float(odds[1]) / 100, 1.0)
        options, weights = [*options, ""], [*(share * each / sum(weights) for each in weights), 1 - share]
    return Choice(tuple(options), tuple(weights)), odds.end() if odds else at + 1


def _slot(text: str, at: int, number: int) -> tuple[Node, int]:
    found = NAMED.match(text, at)
    if not found:
        _refuse(number, f"{text[at : at + 20]!r} is no slot", "write {name}, {name:mark} or {name#1}; \\{ for the sign")
    return Slot(found[1], found[2] or "", found[3] or ""), found.end()


def _weighed(line: str) -> tuple[str, float]:
    weight = WEIGHT.search(line)
    return (line[: weight.start()], float(weight[1])) if weight else (line, 1.0)


def _refuse(number: int, what: str, way: str) -> NoReturn:
    raise InputError(f"line {number} of the grammar: {what}", f"{way}; {HELP}")
