"""Columns with what holds among them: those that others decide are looked up or added up, never drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.generators._table.rules import Rules, decided, rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from bimetal.generators._table.columns import Column
    from bimetal.types import FloatArray


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns of entities or of events by name, and the rules found among them; `follows` maps levels to levels."""

    columns: Mapping[str, Column]
    rules: Rules
    follows: Mapping[str, FloatArray]

    @property
    def drawn(self) -> list[Column]:
        """Give the columns that trees draw."""
        return [each for name, each in self.columns.items() if name not in self.rules.derived]

    def decoded(self, known: Mapping[str, FloatArray]) -> dict[str, pa.Array[Any]]:
        """Turn drawn values into arrays of the seed's types, with those that follow from them."""
        values = {each.name: known[each.name] for each in self.drawn}
        for target, source in self.rules.follows.items():
            values[target] = self.follows[target][self.columns[source].nearest(values[source])]
        made: dict[str, pa.Array[Any]] = {name: self.columns[name].decoded(each) for name, each in values.items()}
        for target, parts in self.rules.sums.items():
            total = np.sum([self.columns[part].numbers(values[part]) for part in parts], axis=0)
            missing = np.isnan(total)
            made[target] = self.columns[target].typed(
                np.where(missing, 0, total - self.columns[target].lowest), missing
            )
        return made


def kept(columns: Sequence[Column]) -> Kept:
    """Find what holds without exception among columns; the label is never looked up."""
    found = rules(columns, (), frozenset({"label"}))
    sources = set(found.follows.values())
    named = {each.name: replace(each, rare=None) if each.name in sources else each for each in columns}
    follows = {
        target: named[target].values_of(decided(named[source], named[target]))
        for target, source in found.follows.items()
    }
    return Kept(named, found, follows)
