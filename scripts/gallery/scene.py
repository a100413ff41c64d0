"""A contact sheet of scenes: pictures with their boxes, one of them with its depth and its instances."""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw

from bimetal.generators.scene import Scene
from bimetal.types import Target

SIDE, COLUMNS, EDGE = 160, 6, 2
FINE = 2 * SIDE  # drawn twice as large and reduced: smooth edges, and less grain for the file to hold
COLOURS = {
    "box": "#ff5a4f",
    "capsule": "#ffb000",
    "cone": "#ffe94a",
    "cylinder": "#4adf86",
    "sphere": "#4fc3ff",
    "tube": "#e07bff",
}


def picture() -> Image.Image:
    """Draw nine scenes in all weathers and lights, three of them again as depth and instances."""
    skies = [("clear", "day"), ("clear", "dusk"), ("fog", "day"), ("rain", "day"), ("clear", "night"), ("fog", "dusk")]
    skies += [("clear", "day"), ("rain", "night"), ("clear", "dusk")]
    rows = [_row(Scene(size=FINE, objects=7, clutter=4, weather=w, light=t), at) for at, (w, t) in enumerate(skies)]
    panels = [boxed(row) for row in rows]
    panels += [_deep(rows[0]), _numbered(rows[0]), _numbered(rows[6])]
    return sheet(panels)


def sheet(panels: list[Image.Image]) -> Image.Image:
    """Lay panels out in rows of six, reduced to a palette so that the page stays light."""
    lines = -(-len(panels) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * (SIDE + EDGE) - EDGE, lines * (SIDE + EDGE) - EDGE), "white")
    for at, panel in enumerate(panels):
        whole.paste(panel, (at % COLUMNS * (SIDE + EDGE), at // COLUMNS * (SIDE + EDGE)))
    return whole.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)


def boxed(row: dict[str, object]) -> Image.Image:
    """Draw a row's boxes over its picture, a colour for each class."""
    shown = _small(Image.open(io.BytesIO(row["image"])).convert("RGB"))
    pen = ImageDraw.Draw(shown)
    for each in json.loads(row["label"]):
        corners = (each["x0"] // 2, each["y0"] // 2, (each["x1"] - 1) // 2, (each["y1"] - 1) // 2)
        pen.rectangle(corners, outline=COLOURS[each["label"]])
    return shown


def _row(generator: Scene, seed: int) -> dict[str, object]:
    crowded = (Target("crowding", "crowded", 1.0),)
    return pa.Table.from_batches(generator(1, np.random.default_rng(SEED + seed), None, crowded)).to_pylist()[0]


def _deep(row: dict[str, object]) -> Image.Image:
    depth = np.asarray(Image.open(io.BytesIO(row["depth"]))).astype(float)
    near = np.where(depth > 0, 1500 / np.maximum(depth, 1500), 0)
    return _small(Image.fromarray((near * 255).astype(np.uint8)).convert("RGB"))


def _numbered(row: dict[str, object]) -> Image.Image:
    instances = np.asarray(Image.open(io.BytesIO(row["instances"])))
    tints = np.full((256, 3), 40, np.uint8)
    tints[255] = 90
    for number, each in enumerate(json.loads(row["label"]), 1):
        code = COLOURS[each["label"]]
        tints[number] = [int(int(code[k : k + 2], 16) * (1 - 0.06 * number)) for k in (1, 3, 5)]
    return _small(Image.fromarray(tints[instances]))


def _small(picture: Image.Image) -> Image.Image:
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


SEED = 20
