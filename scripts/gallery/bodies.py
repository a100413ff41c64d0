"""A contact sheet of bodies that fell: at rest in heaps and at a moment of their fall, with their boxes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from gallery.scene import FINE, boxed, sheet
from PIL import Image

from bimetal.generators.bodies import Bodies
from bimetal.types import Target

SEED = 40


def picture() -> Image.Image:
    """Draw twelve heaps, by turns at rest and falling."""
    skies = [("clear", "day"), ("clear", "day"), ("clear", "dusk"), ("clear", "night"), ("fog", "day"), ("rain", "day")]
    panels = []
    for at, (weather, light) in enumerate(skies * 2):
        moment = "rest" if at < len(skies) else "falling"
        generator = Bodies(size=FINE, objects=8, clutter=3, weather=weather, light=light, moment=moment)
        crowded = (Target("crowding", "crowded", 1.0),)
        rows = pa.Table.from_batches(generator(1, np.random.default_rng(SEED + at), None, crowded))
        panels.append(boxed(rows.to_pylist()[0]))
    return sheet(panels)
