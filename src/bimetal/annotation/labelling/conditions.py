"""What a rule looks at in a row: words, a pattern, a range of numbers, membership, a missing cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.writing.scripts import SPACELESS

if TYPE_CHECKING:
    from bimetal.types import BoolArray


class Condition(Protocol):
    """Say of each row of a table whether it holds, shape (rows,); a missing cell holds nothing but `Missing`."""

    @property
    def column(self) -> str: ...

    def __call__(self, rows: pa.Table) -> BoolArray: ...


@dataclass(frozen=True)
class Words:
    """Hold where a text has one of `some`, every one of `every` and none of `without`.

    Words and phrases are found whole, in either case; a * at the end takes any ending. In scripts that put no spaces
    between words they are found anywhere.

    >>> Words("text", some=("refund*", "money back"))(pa.table({"text": ["Refunded?", "my funds", "MONEY BACK"]}))
    array([ True, False,  True])
    """

    column: str
    some: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __call__(self, rows: pa.Table) -> BoolArray:
        texts = _texts(rows, self.column)
        held = np.array([each is not None for each in texts], bool)
        if self.some:
            held &= _found(texts, self.some)
        for word in self.every:
            held &= _found(texts, (word,))
        return held & ~_found(texts, self.without) if self.without else held


@dataclass(frozen=True)
class Pattern:
    r"""Hold where a regular expression is found in a text; (?i) in it takes either case.

    >>> Pattern("text", r"\b\d{4}\b")(pa.table({"text": ["pin 1234", "pin", None]}))
    array([ True, False, False])
    """

    column: str
    matches: str

    def __post_init__(self) -> None:
        try:
            re.compile(self.matches)
        except re.error as fault:
            raise InputError(f"{self.matches!r} is no regular expression: {fault}", "correct it") from fault

    def __call__(self, rows: pa.Table) -> BoolArray:
        search = re.compile(self.matches).search
        return np.array([each is not None and search(each) is not None for each in _texts(rows, self.column)], bool)


@dataclass(frozen=True)
class Range:
    """Hold where a number is at least `least`, above `above`, at most `most` and below `below`, where given.

    >>> Range("age", least=18, below=65)(pa.table({"age": [17, 18, 65, None]}))
    array([False,  True, False, False])
    """

    column: str
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    def __call__(self, rows: pa.Table) -> BoolArray:
        cells = _numbers(rows, self.column)
        held: BoolArray = ~np.isnan(cells)
        held &= (cells >= self.least) if self.least is not None else True
        held &= (cells > self.above) if self.above is not None else True
        held &= (cells <= self.most) if self.most is not None else True
        held &= (cells < self.below) if self.below is not None else True
        return held


@dataclass(frozen=True)
class Among:
    """Hold where a cell is one of some values; numbers compare as numbers, all else as text.

    >>> Among("town", ("Bonn", "Köln"))(pa.table({"town": ["Bonn", "Ulm", None]}))
    array([ True, False, False])
    """

    column: str
    values: tuple[str | float, ...]

    def __call__(self, rows: pa.Table) -> BoolArray:
        if _is_number(rows, self.column):
            return np.isin(_numbers(rows, self.column), [float(each) for each in self.values if _reads(each)])
        wanted = frozenset(map(str, self.values))
        return np.array([each in wanted for each in _texts(rows, self.column)], bool)


@dataclass(frozen=True)
class Missing:
    """Hold where a cell is empty (`missing` true) or is not.

    >>> Missing("town", missing=True)(pa.table({"town": ["Bonn", None]}))
    array([False,  True])
    """

    column: str
    missing: bool

    def __call__(self, rows: pa.Table) -> BoolArray:
        empty = np.asarray(pc.is_null(_column(rows, self.column)).to_numpy(zero_copy_only=False), bool)
        return empty if self.missing else ~empty


def looked_up(rows: pa.Table, column: str, table: dict[str, str]) -> list[str | None]:
    """Give each row the label its cell stands for, None where the table does not have it.

    >>> looked_up(pa.table({"country": ["DE", "JP"]}), "country", {"DE": "eu"})
    ['eu', None]
    """
    return [None if each is None else table.get(each) for each in _texts(rows, column)]


def _found(texts: list[str | None], words: tuple[str, ...]) -> BoolArray:
    search = re.compile("|".join(map(_whole, words))).search
    return np.array([each is not None and search(_folded(each)) is not None for each in texts], bool)


def _whole(word: str) -> str:
    bare = _folded(word.removesuffix("*"))
    inner = r"\s+".join(map(re.escape, bare.split()))
    if SPACELESS.search(bare):
        return inner
    return rf"(?<!\w){inner}" + ("" if word.endswith("*") else r"(?!\w)")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _column(rows: pa.Table, name: str) -> pa.ChunkedArray[Any]:
    if name not in rows.column_names:
        raise InputError(
            f"a rule looks at {name!r}, which the table lacks", f"name one of: {', '.join(rows.column_names)}"
        )
    return rows[name]


def _texts(rows: pa.Table, name: str) -> list[str | None]:
    kind = _column(rows, name).type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise InputError(f"a rule looks at {name!r}, which holds {kind}", "look at texts, numbers or categories")
    return [None if each is None else str(each) for each in rows[name].to_pylist()]


def _is_number(rows: pa.Table, name: str) -> bool:
    kind = _column(rows, name).type
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _numbers(rows: pa.Table, name: str) -> Any:
    if not _is_number(rows, name):
        kind = _column(rows, name).type
        raise InputError(f"a rule compares {name!r} with numbers, and it holds {kind}", "store it as numbers")
    return np.asarray(pc.cast(rows[name], pa.float64(), safe=False).to_numpy(), float)


def _reads(value: str | float) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
