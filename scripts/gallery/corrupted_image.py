"""A colour picture under every corruption at severities 1, 3 and 5."""

import numpy as np
from gallery.paper import INK, PAPER, font
from PIL import Image, ImageDraw

from bimetal.generators._redteam.corruptions import CORRUPTIONS, corrupted

SIDE, GAP, TEXT = 96, 6, 22


def picture():
    """Four columns of ways, each way thrice."""
    clean = _scene()
    wide, high = 3 * (SIDE + 2) + GAP, SIDE + TEXT + GAP
    sheet = Image.new("RGB", (4 * wide + GAP, 4 * high + GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, way in enumerate(CORRUPTIONS):
        left, top = GAP + place % 4 * wide, GAP + place // 4 * high
        pen.text((left, top), f"{way} 1, 3, 5", INK, font=font())
        for at, severity in enumerate((1, 3, 5)):
            found = corrupted(clean, way, severity, np.random.default_rng(place))
            sheet.paste(Image.fromarray(found), (left + at * (SIDE + 2), top + TEXT))
    return sheet.quantize(128)


def _scene():
    """Draw a house by a tree, in plain shapes."""
    big = Image.new("RGB", (4 * SIDE, 4 * SIDE), (150, 195, 225))
    pen = ImageDraw.Draw(big)
    pen.rectangle([0, 270, 384, 384], (120, 165, 95))
    pen.rectangle([70, 160, 230, 320], (205, 120, 90))
    pen.polygon([(50, 165), (150, 75), (250, 165)], (110, 60, 55))
    pen.rectangle([125, 235, 175, 320], (80, 50, 40))
    pen.rectangle([190, 185, 216, 215], (245, 235, 170))
    pen.rectangle([296, 220, 312, 330], (95, 70, 50))
    pen.ellipse([255, 110, 355, 240], (60, 120, 65))
    pen.ellipse([300, 20, 350, 70], (250, 220, 110))
    return np.asarray(big.resize((SIDE, SIDE), Image.Resampling.BOX))
