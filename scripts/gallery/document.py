"""Eight specimen documents, flat, scanned and photographed, with the quads of their fields."""

import io
import json

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw

from bimetal.generators.document import Document

WIDTH, HEIGHT = 230, 310


def picture():
    """Draw the quads in blue over each document."""
    rows = pa.Table.from_batches(Document()(8, np.random.default_rng(15))).to_pylist()
    sheet = Image.new("RGB", (4 * WIDTH, 2 * HEIGHT), (244, 245, 247))
    for k, row in enumerate(rows):
        page = Image.open(io.BytesIO(row["image"])).convert("RGB")
        pen = ImageDraw.Draw(page)
        for each in json.loads(row["fields"]):
            pen.polygon([tuple(corner) for corner in each["quad"]], outline=(0, 110, 255), width=2)
        page.thumbnail((WIDTH - 12, HEIGHT - 12), Image.Resampling.LANCZOS)
        left, top = (k % 4) * WIDTH, (k // 4) * HEIGHT
        sheet.paste(page, (left + (WIDTH - page.width) // 2, top + (HEIGHT - page.height) // 2))
    return sheet.quantize(48)
