"""Pictures of solids that fell, collided and came to rest under MuJoCo's physics, with boxes, masks and depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bimetal.errors import InputError
from bimetal.generators._scene.cells import MIXED, only
from bimetal.generators._scene.falling import fallen
from bimetal.generators._scene.pictures import Pictures

if TYPE_CHECKING:
    from bimetal.generators._scene.cells import Cell
    from bimetal.generators._scene.dice import Dice
    from bimetal.generators._scene.world import Body, Camera

NEEDS = ("mujoco",)
MOMENTS = {"rest": 0.6, "falling": 0.4}


@dataclass(frozen=True)
class Bodies(Pictures):
    """Drop the solids of `scene` in heaps, clutter among them, and picture them at rest or at a moment of their fall.

    Everything but where bodies lie is as in `scene`: arguments, columns, truth. `moment` is mixed, rest or falling and
    a column that targets may name. Physics needs the package mujoco; no graphics library is asked for.
    """

    moment: str = MIXED

    packages: ClassVar[tuple[str, ...]] = ("mujoco",)
    told: ClassVar[tuple[str, ...]] = ("weather", "light", "crowding", "moment")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.moment not in (MIXED, *MOMENTS):
            raise InputError(f"moment is {self.moment!r}", f"choose one of: {', '.join((MIXED, *MOMENTS))}")

    @property
    def skies(self) -> tuple[Mapping[str, float], ...]:
        return *super().skies[:2], only(self.moment, MOMENTS)

    def bodies(self, shapes: list[str], cell: Cell, seen_by: Camera, dice: Dice) -> list[Body]:
        return fallen(shapes, dice.whole(0, self.clutter), cell.moment == "rest", seen_by, dice)
