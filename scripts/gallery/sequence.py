"""Payments of made-up customers, and customers and payments drawn after them."""

import numpy as np
import pyarrow as pa
from gallery.paper import sheet
from PIL import Image

from bimetal.generators.demo import Demo
from bimetal.generators.sequence import Sequence

NAMES = ("customer", "plan", "time", "amount", "shop", "label")
WIDTHS = (120, 90, 190, 90, 120, 90)


def picture():
    """Three customers of the demo data, and below, some that never were."""
    rng = np.random.default_rng
    people, paid = (pa.Table.from_batches(Demo(kind, 0.1)(1500, rng(4))) for kind in ("customers", "transactions"))
    plans = dict(zip(people["customer"].to_pylist(), people["plan"].to_pylist(), strict=True))
    plan = pa.array([plans[each] for each in paid["customer"].to_pylist()])
    paid = paid.drop_columns("demo").append_column("plan", plan)
    drawn = pa.Table.from_batches(Sequence()(60, rng(1), paid))
    parts = [
        sheet((title, *NAMES[1:]), _shown(rows), WIDTHS).convert("RGB")
        for title, rows in (("seed", paid.slice(0, 60)), ("drawn", drawn))
    ]
    whole = Image.new("RGB", (parts[0].width, sum(each.height for each in parts)), "white")
    whole.paste(parts[0], (0, 0))
    whole.paste(parts[1], (0, parts[0].height))
    return whole.quantize(32)


def _shown(rows):
    """Eleven rows, at most four a customer, who is named once."""
    shown, last = [], None
    counts = {}
    for row in rows.to_pylist():
        counts[row["customer"]] = counts.get(row["customer"], 0) + 1
        if counts[row["customer"]] > 4:
            continue
        first = row["customer"] != last
        last = row["customer"]
        owned = [row["customer"], row["plan"]] if first else ["", ""]
        shown.append(
            (*owned, row["time"].strftime("%Y-%m-%d %H:%M"), f"{row['amount']:.2f}", row["shop"], row["label"])
        )
    return shown[:11]
