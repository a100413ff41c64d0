"""One sentence changed in six ways."""

import numpy as np
import pyarrow as pa
from gallery.paper import sheet

from bimetal.generators._redteam.perturbations import EDITS
from bimetal.generators.perturbed_text import PerturbedText

TEXT = "My new card has not arrived, where is it?"


def picture():
    """The sentence as it was, then each way at strength .15; invisible signs are shown as a dot below."""
    seed = pa.table({"text": [TEXT], "label": ["card_arrival"]})
    rows = [("as it was", TEXT, 0, "card_arrival")]
    for way in EDITS:
        drawn = PerturbedText(0.15, (way,))(1, np.random.default_rng(4), seed)
        (row,) = pa.Table.from_batches(drawn).to_pylist()
        rows.append((way, _seen(row["text"]), row["edits"], row["label"]))
    return sheet(("perturbation", "text", "edits", "label"), rows, (140, 480, 70, 130))


def _seen(text):
    return "".join("·" if sign in "\u200b\u2060\ufeff" else sign for sign in text)
