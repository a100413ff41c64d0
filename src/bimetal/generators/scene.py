"""Pictures of solids in changing light and weather with boxes, masks and depth, drawn by an own z-buffer rasteriser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.generators._scene.layout import placed
from bimetal.generators._scene.pictures import Pictures

if TYPE_CHECKING:
    from bimetal.generators._scene.cells import Cell
    from bimetal.generators._scene.dice import Dice
    from bimetal.generators._scene.world import Body, Camera


@dataclass(frozen=True)
class Scene(Pictures):
    """Draw boxes, capsules, cones, cylinders, spheres and tubes on the ground or in the air, `size` pixels square.

    A picture holds 1 to `objects` of them and up to `clutter` stones and blocks without a label. `label` is JSON of
    `truth`, boxes or masks (PNG in base64), exact to the pixel; an object counts from 12 visible pixels and a tenth of
    itself. `depth` is a 16-bit PNG in millimetres (0: sky, or beyond 65.5 m), `instances` a PNG of the objects' places
    in the label from 1, 255 where a thing has none; `visible` is each object's visible share, `hidden` how many are
    too well hidden to be labelled. Targets may name weather, light, crowding and holds_box to holds_tube.

    >>> import numpy as np
    >>> batch = next(Scene(size=64)(1, np.random.default_rng(0)))
    >>> batch.schema.names[:7]
    ['image', 'label', 'depth', 'instances', 'weather', 'light', 'crowding']
    """

    def bodies(self, shapes: list[str], cell: Cell, seen_by: Camera, dice: Dice) -> list[Body]:  # noqa: ARG002 - a
        # scene has no moments
        return placed(shapes, dice.whole(0, self.clutter), seen_by, dice)
