"""Attacks beside their benign twins, plain and through converters."""

import textwrap
from itertools import pairwise

import numpy as np
import pyarrow as pa
from gallery.paper import INK, LINE, MARGIN, PALE, PAPER, RULE, font
from PIL import Image, ImageDraw

from bimetal.generators.redteam import Redteam
from bimetal.types import Target

SHOWN = (
    ("indirect-instruction", "web-page", ()),
    ("authority", "chat-message", ("leetspeak",)),
    ("split-request", "chat-message", ("splitting", "json")),
    ("encoded-request", "chat-message", ("base64", "please_decode")),
)
WIDTH, LETTERS = 900, 84


def picture():
    """A pair of each of four families: what it is, the attack, and its twin."""
    lines = [line for family, carrier, chain in SHOWN for line in _told(family, carrier, chain)]
    sheet = Image.new("RGB", (WIDTH, 2 * MARGIN + LINE * len(lines)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for at, (label, words) in enumerate(lines):
        top = MARGIN + at * LINE
        heading = label == "head"
        if heading and at:
            pen.line([(MARGIN, top), (WIDTH - MARGIN, top)], RULE)
        if not heading:
            pen.text((MARGIN, top + 4), label, PALE, font=font())
        pen.text((MARGIN + (0 if heading else 70), top + 4), words, INK, font=font(bold=heading))
    return sheet.quantize(32)


def _told(family, carrier, chain):
    targets = (Target("family", family, 1.0), Target("carrier", carrier, 1.0))
    drawn = Redteam(len(chain), chain)(400, np.random.default_rng(5), targets=targets)
    rows = pa.Table.from_batches(drawn).to_pylist()
    wanted = "+".join(chain)
    found = [each for each in rows if each["converters"] == wanted and len(each["text"]) < 420]
    pair = next([a, b] for a, b in pairwise(found) if a["twin"] == b["twin"])
    yield "head", f"{family}, severity {pair[0]['severity']}, {carrier}, converters: {wanted or 'none'}"
    for each in pair:
        wrapped = textwrap.wrap(each["text"].replace("\n", " "), LETTERS, break_long_words=True)
        for at, words in enumerate(wrapped):
            yield "" if at else each["label"], words
