"""What holds in every seed row and must hold in every drawn one: `a -> b`, `c = a + b`, `a <= b`; declared or found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bimetal.generators._table.columns import Column
    from bimetal.types import BoolArray, FloatArray, IntArray

CHANCE = -20.0  # log-probability below which a rule is no accident
REPEATS = 5  # rows a value needs on average to say what another column is
SUMMED = 32  # columns among which sums are looked for
FORM = "write 'a -> b', 'c = a + b' or 'a <= b' with the names of columns"


@dataclass(frozen=True, slots=True)
class Rules:
    """`follows` maps a column to the one that decides it, `sums` to its parts; `orders` are pairs (low, high)."""

    follows: Mapping[str, str]
    sums: Mapping[str, tuple[str, ...]]
    orders: tuple[tuple[str, str], ...]

    @property
    def derived(self) -> frozenset[str]:
        return frozenset([*self.follows, *self.sums])


def rules(columns: Sequence[Column], declared: tuple[str, ...], fixed: frozenset[str]) -> Rules:
    """Read the declared rules, and find what else holds without exception; columns in `fixed` are never derived.

    Raises InputError for a rule that cannot be read, names no such column, or does not hold in the seed.
    """
    named = {each.name: each for each in columns}
    follows, sums, orders = _declared(named, declared)
    taken = {*fixed, *follows, *follows.values(), *sums, *(part for parts in sums.values() for part in parts)}
    for high, parts in _found_sums(columns, fixed):
        if high not in taken and not set(parts) & {*follows, *sums}:
            sums[high] = parts
            taken |= {high, *parts}
    for source, target in _found_follows(columns):
        if target not in {*taken, *follows.values()} and source not in {*follows, *sums}:
            follows[target] = source
            taken.add(target)
    dates = [each for each in columns if each.ordered and _is_date(each)]
    found = [(a.name, b.name) for a in dates for b in dates if a is not b and _crosses(a, b) and _kept_order(a, b)]
    return Rules(follows, sums, (*orders, *(each for each in found if each not in orders)))


def numbers(column: Column) -> FloatArray:
    """Give each seed row's number, NaN where missing."""
    return column.numbers(column.values)


def _declared(
    named: Mapping[str, Column], declared: tuple[str, ...]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]], list[tuple[str, str]]]:
    follows: dict[str, str] = {}
    sums: dict[str, tuple[str, ...]] = {}
    orders: list[tuple[str, str]] = []
    for rule in declared:
        read = re.fullmatch(r"\s*(.+?)\s*(->|<=|=)\s*(.+?)\s*", rule)
        if read is None:
            raise InputError(f"rule {rule!r} cannot be read", FORM)
        left, sign, right = read.groups()
        parts = tuple(part.strip() for part in right.split("+")) if sign == "=" else (right,)
        unknown = [name for name in (left, *parts) if name not in named]
        if unknown:
            raise InputError(f"rule {rule!r} names {unknown[0]!r}, which is no column", f"use: {', '.join(named)}")
        wrong = _broken(named, left, sign, parts)
        if wrong:
            raise InputError(f"rule {rule!r} does not hold in {wrong:,} of the seed rows", "drop it or mend the rows")
        if sign == "->":
            follows[right] = left
        elif sign == "=":
            sums[left] = parts
        else:
            orders.append((left, right))
    return follows, sums, orders


def _broken(named: Mapping[str, Column], left: str, sign: str, parts: tuple[str, ...]) -> int:
    if sign == "->":
        source, target = named[left], named[parts[0]]
        decided = _majority(source, target)[source.codes]
        return int((decided != target.codes).sum())
    if not all(named[name].ordered for name in (left, *parts)):
        raise InputError(f"the rule on {left!r} compares what has no order", "sums and orders are between numbers")
    if sign == "<=":
        return int((numbers(named[left]) > numbers(named[parts[0]])).sum())
    return int((~_adds_up(named[left], [named[part] for part in parts])).sum())


def _majority(source: Column, target: Column) -> IntArray:
    width = len(target.levels) + 1
    joint = (source.codes % (len(source.levels) + 1)) * width + target.codes % width
    cells, counts = np.unique(joint, return_counts=True)
    decided = np.full(len(source.levels) + 1, -1)
    order = np.argsort(counts, kind="stable")
    decided[cells[order] // width] = cells[order] % width
    return np.where(decided == width - 1, -1, decided)


def decided(source: Column, target: Column) -> IntArray:
    """Give the target's level for each level of the source, and last for a missing one."""
    return _majority(source, target)


def _found_follows(columns: Sequence[Column]) -> list[tuple[str, str]]:
    usable = [each for each in columns if 2 <= len(each.levels) <= len(each.codes) / REPEATS]
    usable.sort(key=lambda each: (-len(each.levels), each.ordered))
    return [
        (a.name, b.name)
        for a in usable
        for b in usable
        if a is not b and len(b.levels) <= len(a.levels) and _follows(a, b)
    ]


def _follows(source: Column, target: Column) -> bool:
    sample = slice(0, 200)  # most pairs fall here
    if (_majority(source, target)[source.codes[sample]] != target.codes[sample]).any():
        return False
    if (_majority(source, target)[source.codes] != target.codes).any():
        return False
    shares = np.bincount(target.codes + 1) / len(target.codes)
    logs = np.log(np.where(shares > 0, shares, 1))[target.codes + 1]
    return float(logs.sum() * (1 - len(source.levels) / len(source.codes))) < CHANCE


def _found_sums(columns: Sequence[Column], fixed: frozenset[str]) -> list[tuple[str, tuple[str, ...]]]:
    usable = [each for each in columns if each.ordered and len(each.levels) > 2 and not _is_date(each)][:SUMMED]
    found: list[tuple[str, tuple[str, ...]]] = []
    if not usable or len(usable[0].codes) < 10:
        return found
    rows = np.linspace(0, len(usable[0].codes) - 1, 64).astype(int)
    sample = np.nan_to_num(np.array([numbers(each)[rows] for each in usable]))
    for size in (1, 2, 3):
        for parts in combinations(range(len(usable) if size < 3 else min(len(usable), 12)), size):
            total = sample[list(parts)].sum(axis=0)
            for at in np.flatnonzero(np.isclose(sample, total, rtol=1e-9, atol=0).all(axis=1)):
                if at not in parts and usable[at].name not in fixed and (size > 1 or at > parts[0]):
                    chosen = [usable[part] for part in parts]
                    if _adds_up(usable[at], chosen).all():
                        found.append((usable[at].name, tuple(each.name for each in chosen)))
    return found


def _adds_up(high: Column, parts: list[Column]) -> BoolArray:
    total = np.sum([numbers(each) for each in parts], axis=0)
    return np.asarray(np.isclose(numbers(high), total, rtol=1e-9, atol=1e-12, equal_nan=True))


def _is_date(column: Column) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_date(column.field.type) or pa.types.is_timestamp(column.field.type))


def _crosses(low: Column, high: Column) -> bool:
    return bool(
        low.field.type == high.field.type
        and len(high.levels) > 1
        and np.nanmax(numbers(low)) > np.nanmin(numbers(high))
    )


def _kept_order(low: Column, high: Column) -> bool:
    return len(low.codes) >= 20 and not (numbers(low) > numbers(high)).any()
