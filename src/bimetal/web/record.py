"""What the log says of an answer: the entry that bound it, and the role its author had at the time."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bimetal.programme.queue import ANSWERED

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.store.log import Log
    from bimetal.types import Annotation

AROUND = timedelta(seconds=60)
"""How far entries may stand out of the order of their times: several people answer at once."""

ANNOTATED, JOINED, APPOINTED = "annotated", "person.joined", "person.appointed"


def bound_by(programme: Programme, given: Annotation) -> int | None:
    """Find the log's entry that bound an answer, by its time and then its id; None where there is none.

    Answers that came in a table are bound by the digest of all of them together.
    """
    log = programme.log
    size = log.size
    moments = _Moments(log, size)
    start = bisect_left(moments, given.at - AROUND)
    for entry in log.entries(start, size):
        if entry.at > given.at + AROUND:
            break
        if entry.action == ANSWERED and entry.body.get("id") == given.id:
            return entry.seq
    return _brought(programme, given)


def role_at(programme: Programme, who: str, at: datetime) -> str:
    """Say which role somebody had at a moment, as the log tells it; empty for a stranger."""
    known = [role for since, role in _known(programme.log).roles.get(who, ()) if since <= at]
    return known[-1] if known else ""


def _brought(programme: Programme, given: Annotation) -> int | None:
    for seq, digest in _known(programme.log).tables:
        if given.id in programme.snapshots.get(digest, ["id"])["id"].to_pylist():
            return seq
    return None


@dataclass
class _Seen:
    """What the log said up to an entry, of roles and of tables of answers: each look reads only what came since."""

    size: int = 0
    roles: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    tables: list[tuple[int, str]] = field(default_factory=list)
    gate: threading.Lock = field(default_factory=threading.Lock)


_SEEN: WeakKeyDictionary[Log, _Seen] = WeakKeyDictionary()


def _known(log: Log) -> _Seen:
    seen = _SEEN.setdefault(log, _Seen())
    with seen.gate:
        size = log.size
        for entry in log.entries(seen.size, size):
            if entry.action in {JOINED, APPOINTED}:
                role = entry.body["role" if entry.action == JOINED else "to"]
                seen.roles.setdefault(entry.subject, []).append((entry.at, str(role)))
            elif entry.action == ANNOTATED:
                seen.tables.append((entry.seq, str(entry.body["digest"])))
        seen.size = size
    return seen


class _Moments:
    """The times of a log's entries in order, read one by one as a search asks for them."""

    def __init__(self, log: Log, size: int) -> None:
        self._log, self._size = log, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, seq: int) -> datetime:
        return next(self._log.entries(seq, seq + 1)).at
