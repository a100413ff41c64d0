"""Paper: a page on which words are put at places and remembered, with security-print ground and SPECIMEN across it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

    from bimetal.types import FloatArray

MARK = "SPECIMEN"
INK, PALE = (24, 26, 32), (92, 98, 110)
FACES = {"plain": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}


@dataclass(frozen=True, slots=True)
class Field:
    """Words on the page: what they are, what they say, and the box of their ink, (x0, y0, x1, y1) in pixels."""

    name: str
    text: str
    box: tuple[float, float, float, float]

    @property
    def quad(self) -> FloatArray:
        """The box's corners from the upper left, clockwise, shape (4, 2)."""
        x0, y0, x1, y1 = self.box
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


@dataclass
class Paper:
    """A page being written; `put` names what is truth, captions are put without a name."""

    picture: Image
    fields: list[Field] = field(default_factory=list)
    pen: Any = None

    @classmethod
    def of(cls, size: tuple[int, int], hue: int) -> Paper:
        """Take a sheet of (width, height) pixels whose ground has one of a few hues."""
        from PIL import ImageDraw

        picture = ground(size, hue).copy()
        return cls(picture, [], ImageDraw.Draw(picture))

    def put(self, text: str, at: tuple[float, float], how: tuple[str, int] = ("plain", 15), name: str = "") -> float:
        """Write a line with its upper left corner at a place; returns where it ends."""
        face = font(*how)
        ink = PALE if how == ("plain", 11) else INK
        self.pen.text(at, text, ink, font=face, anchor="lt")
        x0, y0, x1, y1 = face.getbbox(text, anchor="lt")
        if name:
            self.fields.append(Field(name, text, (at[0] + x0, at[1] + y0, at[0] + x1, at[1] + y1)))
        return at[0] + float(x1)

    def lines(self, text: str, at: tuple[float, float], how: tuple[str, int], name: str = "") -> float:
        """Write several lines, each a field of its own; returns where the next would begin."""
        for k, line in enumerate(text.splitlines()):
            self.put(line, (at[0], at[1] + k * (how[1] + 7)), how, name)
        return at[1] + (text.count("\n") + 1) * (how[1] + 7)

    def rule(self, y: float) -> None:
        """Draw a thin line across the page."""
        self.pen.line([(36, y), (self.picture.width - 36, y)], PALE)


@lru_cache(maxsize=64)
def font(face: str, size: int) -> FreeTypeFont:
    """Load a face that comes with matplotlib; raises InputError where the install lacks it."""
    from PIL import ImageFont

    source = resources.files("matplotlib") / "mpl-data" / "fonts" / "ttf" / FACES[face]
    try:
        return ImageFont.truetype(str(source), size, layout_engine=ImageFont.Layout.BASIC)
    except OSError as fault:
        raise InputError(f"the font {FACES[face]} cannot be read", "install matplotlib again: it brings it") from fault


@lru_cache(maxsize=32)
def ground(size: tuple[int, int], hue: int) -> Image:
    """Print fine waves in a pale hue over the whole sheet, as papers of value have."""
    from PIL import Image

    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wave = np.sin((y + 14 * np.sin(x / 47 + hue)) / 2.6) + np.sin((x + 11 * np.sin(y / 39 - hue)) / 3.1)
    tint = np.array([(1, 0.35, 0.3), (0.3, 0.6, 1), (0.35, 0.8, 0.4), (0.8, 0.55, 0.2)][hue % 4], np.float32)
    shade = 249 - (wave[..., None] + 2) * 5.5 * (1.15 - tint)
    return Image.fromarray(shade.astype(np.uint8))


@lru_cache(maxsize=32)
def _marks(size: tuple[int, int]) -> tuple[Image, Image]:
    from PIL import Image, ImageDraw

    width, height = size
    large = font("bold", max(24, min(size) // 7))
    layer = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(layer)
    step = large.getbbox(MARK)
    for row in range(0, height * 2, int(step[3] * 2.4)):
        pen.text(((row * 7) % 90 - 60, row), f"{MARK}    " * 8, 88, font=large)
    turned = layer.rotate(24).crop((width // 2, height // 2, width // 2 + width, height // 2 + height))
    return Image.new("RGB", size, (196, 30, 40)), turned


def marked(paper: Paper) -> Image:
    """Print SPECIMEN across the page, large, again and again: it cannot be cut away without cutting the page."""
    red, mask = _marks(paper.picture.size)
    paper.picture.paste(red, (0, 0), mask)
    return paper.picture
