"""Answers as arrays: who answered what to which item, coded once so that every measure is arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from bimetal.annotation.resolve import latest
from bimetal.errors import InputError
from bimetal.types import Annotation, Interval

if TYPE_CHECKING:
    from bimetal.types import IntArray

    Answers: TypeAlias = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far raters agree on a measure; `interval` is None where it cannot be told, and `words` then say why.

    `items` are those with two answers or more, `answers` the answers to them, `raters` those who gave them.
    """

    measure: str
    interval: Interval | None
    words: str
    items: int = 0
    answers: int = 0
    raters: int = 0

    @property
    def estimate(self) -> float | None:
        return self.interval.estimate if self.interval else None

    def __str__(self) -> str:
        return f"{self.measure}: {self.interval or 'not known'}; {self.words}"


class Coded(Protocol):
    """Answers in codes, as `Ratings` or the aggregation's `Votes` hold them."""

    @property
    def item(self) -> IntArray: ...
    @property
    def rater(self) -> IntArray: ...
    @property
    def value(self) -> IntArray: ...
    @property
    def labels(self) -> tuple[Hashable, ...]: ...
    @property
    def raters(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Coded answers, one place an answer: its item, its rater and its value, each a number from 0.

    `labels` are what the values stand for, in the order of the scale where there is one; `raters` are names.
    """

    item: IntArray
    rater: IntArray
    value: IntArray
    labels: tuple[Hashable, ...]
    raters: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.item) == len(self.rater) == len(self.value):
            raise InputError(
                f"{len(self.item)} items, {len(self.rater)} raters and {len(self.value)} values are no answers",
                "give one item, one rater and one value an answer",
            )
        for name, codes, many in (("value", self.value, len(self.labels)), ("rater", self.rater, len(self.raters))):
            if len(codes) and not 0 <= codes.min() <= codes.max() < many:
                raise InputError(f"a {name} is outside 0 to {many - 1}", f"code each {name} by its place among {many}")


def answers(annotations: Iterable[Annotation], read: Callable[[str], Any] = str) -> dict[str, dict[str, Any]]:
    """Return item -> rater -> answer, each rater's last; skipped answers are none. `read` parses the value.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> answers([Annotation("1", "a", "Ann", "human", "4", noon)], int)
    {'a': {'Ann': 4}}
    """
    given = {
        item: {who: read(each.value) for who, each in by.items() if each.status == "submitted" and each.value}
        for item, by in latest(annotations).items()
    }
    return {item: by for item, by in given.items() if by}


def ratings(given: Answers, labels: Sequence[Hashable] | None = None) -> Ratings:
    """Code answers; `labels` is the scale in order, by default the answers sorted (numbers in words as numbers).

    Raises InputError for an answer that is not on the scale.

    >>> ratings({"a": {"Ann": "x", "Ben": "y"}, "b": {"Ann": "y"}}).value
    array([0, 1, 1])
    """
    scale = tuple(labels) if labels is not None else _sorted({value for by in given.values() for value in by.values()})
    names = tuple(sorted({who for by in given.values() for who in by}))
    place, seat = {label: at for at, label in enumerate(scale)}, {who: at for at, who in enumerate(names)}
    rows = [(at, seat[who], _code(value, place)) for at, by in enumerate(given.values()) for who, value in by.items()]
    item, rater, value = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Ratings(item, rater, value, scale, names)


def by_rater(rows: Mapping[str, Sequence[Hashable | None]], labels: Sequence[Hashable] | None = None) -> Ratings:
    """Code a reliability table, rater -> one value an item in the same order, None where there is no answer.

    >>> by_rater({"Ann": [1, 2, None], "Ben": [1, 1, 2]}).labels
    (1, 2)
    """
    given: dict[str, dict[str, Hashable]] = {}
    for who, values in rows.items():
        for item, value in enumerate(values):
            if value is not None:
                given.setdefault(str(item), {})[who] = value
    return ratings(given, labels)


def _sorted(values: set[Any]) -> tuple[Any, ...]:
    if all(isinstance(each, frozenset) for each in values):
        return tuple(sorted(values, key=lambda each: (len(each), sorted(map(str, each)))))
    try:
        numbers = {each: float(each) for each in values}
    except (TypeError, ValueError):
        return tuple(sorted(values))
    return tuple(sorted(values, key=numbers.__getitem__ if np.isfinite([*numbers.values()]).all() else None))


def _code(value: Hashable, place: Mapping[Hashable, int]) -> int:
    if value not in place:
        raise InputError(f"answer {value!r} is not on the scale", f"use one of: {', '.join(map(str, place))}")
    return place[value]
