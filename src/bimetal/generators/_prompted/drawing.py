"""Draw a row's attributes: each by its shares, or by its shares given another; targets move the shares (raking)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bimetal.errors import InputError
from bimetal.generators._shares import raked

if TYPE_CHECKING:
    import numpy as np

    from bimetal.types import FloatArray, Target

MOST_CELLS = 100_000


@dataclass(frozen=True)
class Attribute:
    """What is drawn before anything is asked: values with weights, for each value of the attribute named `by`.

    Without `by` the only key is "". `words` say a value to the model where the value itself does not.
    """

    name: str
    values: Mapping[str, Mapping[str, float]]
    by: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Joint:
    """Attributes that depend on each other: every combination there is, and its share."""

    names: tuple[str, ...]
    cells: list[tuple[str, ...]]
    shares: FloatArray

    def drawn(self, rng: np.random.Generator, size: tuple[int, int]) -> list[list[dict[str, str]]]:
        """Draw combinations, as lists of shape `size`."""
        picked = rng.choice(len(self.cells), size, p=self.shares)
        return [[dict(zip(self.names, self.cells[cell], strict=True)) for cell in row] for row in picked]


def joints(attributes: tuple[Attribute, ...], targets: tuple[Target, ...]) -> list[Joint]:
    """Group attributes that depend on each other and move each group's shares to the targets on it.

    Groups are independent, so that raking one by one is raking them all. Raises InputError for a target on no
    attribute, or one that cannot be met.
    """
    known = [each.name for each in attributes]
    for target in targets:
        if target.column not in known:
            raise InputError(f"no column {target.column!r} can be steered", f"name one of: {', '.join(known)}")
    found = []
    for group in _groups(attributes):
        names = tuple(each.name for each in group)
        cells, prior = zip(*_cells(group), strict=True)
        columns = dict(zip(names, zip(*cells, strict=True), strict=True))
        wanted = tuple(each for each in targets if each.column in names)
        found.append(Joint(names, list(cells), raked(prior, columns, wanted)))
    return found


def drawn(
    groups: list[Joint], rng: np.random.Generator, size: tuple[int, int]
) -> tuple[list[list[dict[str, str]]], list[int]]:
    """Draw attributes as dicts in lists of shape `size`, and a seed for each place of a list."""
    merged: list[list[dict[str, str]]] = [[{} for _ in range(size[1])] for _ in range(size[0])]
    for group in groups:
        for row, more in zip(merged, group.drawn(rng, size), strict=True):
            for cell, extra in zip(row, more, strict=True):
                cell.update(extra)
    return merged, rng.integers(0, 2**31, size[1]).tolist()


def combinations(attributes: tuple[Attribute, ...]) -> int:
    """Count the combinations of the largest group of attributes that depend on each other."""
    return max((_count(group) for group in _groups(attributes)), default=0)


def _groups(attributes: tuple[Attribute, ...]) -> list[list[Attribute]]:
    root: dict[str, str] = {}
    for each in attributes:  # an attribute stands behind the one it depends on
        root[each.name] = root[each.by] if each.by else each.name
    return [[each for each in attributes if root[each.name] == name] for name in dict.fromkeys(root.values())]


def _count(group: list[Attribute]) -> int:
    count = 1
    for each in group:
        count *= max(map(len, each.values.values()))
    return count


def _cells(group: list[Attribute]) -> Iterator[tuple[tuple[str, ...], float]]:
    cells: list[tuple[dict[str, str], float]] = [({}, 1.0)]
    for each in group:
        cells = [
            ({**cell, each.name: value}, share * weight / sum(weights.values()))
            for cell, share in cells
            for weights in [each.values[cell[each.by] if each.by else ""]]
            for value, weight in weights.items()
        ]
    return ((tuple(cell.values()), share) for cell, share in cells)
