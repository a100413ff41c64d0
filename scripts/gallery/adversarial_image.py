"""Digits, the same attacked and the same with noise, and what a linear reader says of each."""

import io

import numpy as np
import pyarrow as pa
from gallery.paper import INK, PALE, PAPER, font
from PIL import Image, ImageDraw

from bimetal.generators.adversarial_image import METHODS, AdversarialImage
from bimetal.generators.digits import Digits
from bimetal.types import Target

SIDE, GAP, LEFT, EACH = 84, 8, 150, 3


def picture():
    """A line a method: three digits it fooled the reader on, each clean, attacked, and with noise."""
    seed = pa.Table.from_batches(Digits(size=14)(400, np.random.default_rng(1))).select(["image", "label"])
    wide = 3 * SIDE + 3 * GAP
    sheet = Image.new("RGB", (LEFT + EACH * wide + GAP, 30 + len(METHODS) * (SIDE + 30)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for at in range(EACH):
        for k, word in enumerate(("clean", "attacked", "noise")):
            pen.text((LEFT + at * wide + k * (SIDE + 2), 6), word, PALE, font=font())
    for line, method in enumerate(METHODS):
        drawn = AdversarialImage(epsilon=40)(600, np.random.default_rng(2), seed, (Target("method", method, 1.0),))
        rows = pa.Table.from_batches(drawn).to_pylist()
        pairs = [(a, b) for a, b in zip(rows[::2], rows[1::2], strict=True) if a["fooled"] and not b["fooled"]]
        top = 30 + line * (SIDE + 30)
        pen.text((GAP, top + 30), f"{method}, {rows[0]['epsilon']}", INK, font=font(bold=True))
        for at, (attacked, control) in enumerate(pairs[:EACH]):
            clean = seed["image"][int(attacked["twin"])].as_py()
            shown = ((clean, attacked["said_clean"]), (attacked["image"], attacked["said"]))
            for k, (image, said) in enumerate((*shown, (control["image"], control["said"]))):
                left = LEFT + at * wide + k * (SIDE + 2)
                with Image.open(io.BytesIO(image)) as read:
                    sheet.paste(read.convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST), (left, top))
                pen.text((left + 2, top + SIDE + 3), f"read as {said}", INK if k == 1 else PALE, font=font())
    return sheet.quantize(64)
