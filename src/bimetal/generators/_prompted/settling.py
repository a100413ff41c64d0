"""Ask for rows until each is good: what fails is asked again, and near copies of rows before it count as failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from bimetal.generators._prompted.likeness import PRINTS, Seen, closest, printed

if TYPE_CHECKING:
    from bimetal.generators._prompted.likeness import Print
    from bimetal.types import Reply, Request

Asked: TypeAlias = "Generator[tuple[Request, ...], tuple[Reply, ...], Settled]"
ENOUGH = 8  # slots, of which not one gets a good reply in its first tries, say that none will


@dataclass(frozen=True)
class Candidate:
    """A reply that reads well: its text, and what else stands in its row."""

    text: str
    columns: Mapping[str, str | float | None]

    @cached_property
    def its_print(self) -> Print:
        return printed(self.text)


@dataclass(frozen=True)
class Settled:
    """The rows had, in order: candidate, likeness to the likest row before it, tries; `failed` says why no more."""

    rows: list[tuple[Candidate, float, int]]
    failed: str = ""


class Asker(Protocol):
    """What is asked for slot i at its k-th try, and how replies are read: a candidate, or what is wrong with it."""

    @property
    def attempts(self) -> int: ...

    @property
    def tries(self) -> int: ...

    @property
    def near(self) -> float: ...

    def request(self, slot: int, attempt: int) -> Request: ...

    def read(self, slot: int, attempt: int, reply: Reply) -> Candidate | str: ...

    def question(self, slot: int, attempt: int, candidate: Candidate) -> Request | None: ...

    def judged(self, slot: int, candidate: Candidate, reply: Reply) -> Candidate | str: ...


def settled(asker: Asker, count: int, seen: Seen) -> Asked:
    """Fill `count` slots. Slot i gets its first good candidate unlike the rows before it: it depends on no later slot.

    Whose candidates are all rejected ends the rows there. Where no slot gets any good reply, it gives up early.
    """
    heard: list[list[Candidate | str]] = [[] for _ in range(count)]
    chosen = _chosen(heard, seen, asker.near)
    while wanting := [slot for slot, pick in enumerate(chosen) if pick is None and len(heard[slot]) < asker.attempts]:
        if count >= ENOUGH and len(heard[0]) >= asker.tries and not any(chosen):
            break
        yield from _asked(asker, wanting, heard)
        chosen = _chosen(heard, seen, asker.near)
    rows = []
    for pick in chosen:
        if pick is None:
            break
        rows.append(pick)
    seen.add([each.text for each, _, _ in rows], [each.its_print for each, _, _ in rows])
    return Settled(rows, "" if len(rows) == count else _reasons(heard[len(rows)]))


def _asked(
    asker: Asker, slots: list[int], heard: list[list[Candidate | str]]
) -> Generator[tuple[Request, ...], tuple[Reply, ...], None]:
    attempts = [len(heard[slot]) for slot in slots]
    replies = yield tuple(map(asker.request, slots, attempts))
    read = list(map(asker.read, slots, attempts, replies))
    doubts = {
        place: request
        for place, each in enumerate(read)
        if isinstance(each, Candidate) and (request := asker.question(slots[place], attempts[place], each))
    }
    if doubts:
        words = yield tuple(doubts.values())
        for place, reply in zip(doubts, words, strict=True):
            candidate = read[place]
            assert isinstance(candidate, Candidate)
            read[place] = asker.judged(slots[place], candidate, reply)
    for slot, each in zip(slots, read, strict=True):
        heard[slot].append(each)


def _chosen(heard: list[list[Candidate | str]], seen: Seen, near: float) -> list[tuple[Candidate, float, int] | None]:
    chosen: list[tuple[Candidate, float, int] | None] = []
    prints, kept = np.zeros((len(heard), PRINTS), np.uint32), 0
    for candidates in heard:
        pick = None
        for tries, each in enumerate(candidates, 1):
            if isinstance(each, str):
                continue
            alike = max(seen.likest(each.text, each.its_print), closest(each.its_print, prints[:kept]))
            if alike < near:
                pick = (each, alike, tries)
                prints[kept], kept = each.its_print, kept + 1
                break
        chosen.append(pick)
    return chosen


def _reasons(heard: list[Candidate | str]) -> str:
    counted = Counter(each if isinstance(each, str) else "too much like a row before it" for each in heard)
    said = "; ".join(f"{each} ({count} of {len(heard)})" for each, count in counted.most_common(3))
    return said or "it was never asked for"
