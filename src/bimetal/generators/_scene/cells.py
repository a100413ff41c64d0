"""Which kinds of picture there are and how common each is: weather, light, crowding, and the classes that occur."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from bimetal.generators._shares import raked

if TYPE_CHECKING:
    from bimetal.generators._scene.dice import Dice
    from bimetal.types import FloatArray, Target

MIXED = "mixed"
CROWDINGS = {"sparse": 0.3, "loose": 0.4, "crowded": 0.3}


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of picture; `present` are the classes that are seen in it, no others are."""

    weather: str
    light: str
    crowding: str
    moment: str
    present: tuple[str, ...]


def cells_of(
    classes: Sequence[str],
    objects: int,
    skies: Sequence[Mapping[str, float]],
    told: Sequence[str],
    targets: tuple[Target, ...],
) -> tuple[list[Cell], FloatArray]:
    """List every kind of picture and its share of the draw, bent to the targets; raises InputError where none fits.

    `skies` are shares of weathers, lights and moments; `told` are the fields of a cell that targets may name.
    """
    found, prior = [], []
    around = [(names, math.prod(shares)) for names, shares in _products(skies)]
    for crowding, share in CROWDINGS.items():
        numbers = numbers_of(crowding, objects)
        for size in range(1, min(len(classes), numbers[-1]) + 1):
            common = share * sum(_covering(number, size, len(classes)) for number in numbers) / len(numbers)
            for present in combinations(classes, size):
                for (weather, light, moment), by in around:
                    found.append(Cell(weather, light, crowding, moment, present))
                    prior.append(common * by)
    columns: dict[str, list[str]] = {name: [getattr(cell, name) for cell in found] for name in told}
    for each in classes:
        columns[f"holds_{each}"] = ["yes" if each in cell.present else "no" for cell in found]
    return found, raked(prior, columns, targets)


def numbers_of(crowding: str, objects: int) -> range:
    """Return how many objects a crowding may have: the thirds of 1 to `objects`.

    >>> [list(numbers_of(each, 8)) for each in CROWDINGS]
    [[1, 2], [3, 4, 5], [6, 7, 8]]
    """
    at = list(CROWDINGS).index(crowding)
    low, high = (objects * at) // 3, (objects * (at + 1)) // 3
    return range(min(low + 1, objects), max(high, min(low + 1, objects)) + 1)


def shapes_of(cell: Cell, objects: int, dice: Dice) -> list[str]:
    """Throw the objects of a picture: every class of the cell once, the rest any of them."""
    numbers = [number for number in numbers_of(cell.crowding, objects) if number >= len(cell.present)]
    number = dice.pick(numbers)
    shapes = [*cell.present, *(dice.pick(cell.present) for _ in range(number - len(cell.present)))]
    for at in range(len(shapes) - 1, 0, -1):  # so that clutter and classes are thrown in any order
        other = dice.whole(0, at)
        shapes[at], shapes[other] = shapes[other], shapes[at]
    return shapes


def only(choice: str, shares: Mapping[str, float]) -> Mapping[str, float]:
    """Return all shares where the choice is mixed, else that one alone."""
    return shares if choice == MIXED else {choice: 1.0}


def _products(skies: Sequence[Mapping[str, float]]) -> Iterator[tuple[tuple[str, ...], tuple[float, ...]]]:
    for each in product(*(shares.items() for shares in skies)):
        names, shares = zip(*each, strict=True)
        yield names, shares


def _covering(number: int, size: int, classes: int) -> float:
    # The chance that `number` throws of a class come to just these `size` classes (inclusion and exclusion).
    ways: int = sum((-1) ** k * math.comb(size, k) * (size - k) ** number for k in range(size + 1))
    return float(ways / classes**number)
