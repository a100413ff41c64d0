"""Each kind of demo data, two or three rows of each."""

import numpy as np
import pyarrow as pa
from gallery.paper import cut, font, sheet
from PIL import Image, ImageDraw

from bimetal.generators.demo import MARK, Demo

SHOWN = {
    "tickets": ("text", "label"),
    "customers": ("customer", "name", "town", "monthly_spend", "complaints", "label"),
    "transactions": ("customer", "time", "amount", "shop", "card_present", "label"),
    "patients": ("patient", "name", "age", "ward", "illnesses", "label"),
    "visits": ("patient", "day", "ward", "nights", "pressure", "label"),
    "sensors": ("sensor", "time", "temperature", "load", "vibration", "label"),
    "reviews": ("text", "label"),
}
WIDTH = 900


def picture():
    """A small table a kind, under the sentence every row carries."""
    sheets = [_kind(kind, names) for kind, names in SHOWN.items()]
    whole = Image.new("RGB", (WIDTH, 30 + sum(each.height for each in sheets)), "white")
    ImageDraw.Draw(whole).text((16, 14), cut(MARK, font(), WIDTH), (160, 60, 20), font=font(bold=True))
    top = 30
    for each in sheets:
        whole.paste(each.convert("RGB"), (0, top))
        top += each.height
    return whole.quantize(32)


def _kind(kind, names):
    rows = pa.Table.from_batches(Demo(kind)(400, np.random.default_rng(3))).to_pylist()
    labels = list(dict.fromkeys(row["label"] for row in rows))[:2]
    one_of_each = [next(row for row in rows if row["label"] == label) for label in labels]
    widths = (150, 200, 130, 140, 140, 108) if len(names) > 2 else (700, 168)
    return sheet((kind, *names[1:]), [[row[name] for name in names] for row in one_of_each], widths)
