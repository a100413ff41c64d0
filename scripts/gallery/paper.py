"""A sheet of text as a picture: columns of words, set in the fonts that come with matplotlib."""

from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
INK, PALE, RULE, PAPER = (27, 31, 36), (101, 109, 118), (221, 225, 230), (255, 255, 255)
SIZE, LINE, MARGIN = 15, 26, 16


def font(bold=False):
    """Load DejaVu Sans."""
    return ImageFont.truetype(str(FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf"), SIZE)


def sheet(header, rows, widths):
    """Draw a table: a header, rows of strings, and each column's width in pixels; too long cells are cut."""
    picture = Image.new("RGB", (sum(widths) + 2 * MARGIN, LINE * (len(rows) + 1) + 2 * MARGIN), PAPER)
    pen = ImageDraw.Draw(picture)
    for k, row in enumerate([header, *rows]):
        top = MARGIN + k * LINE
        if k:
            pen.line([(MARGIN, top), (picture.width - MARGIN, top)], RULE)
        for cell, width, left in zip(row, widths, _lefts(widths), strict=True):
            face = font(bold=not k)
            pen.text((left, top + 4), cut(str(cell), face, width - 12), PALE if not k else INK, font=face)
    return picture.quantize(32)


def cut(text, face, width):
    """Shorten a text to a width in pixels."""
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"


def _lefts(widths):
    return [MARGIN + sum(widths[:k]) for k in range(len(widths))]
