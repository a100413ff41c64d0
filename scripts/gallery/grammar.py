"""Sentences of the three grammars that come with the project."""

import numpy as np
import pyarrow as pa
from gallery.paper import sheet

from bimetal.generators.grammar import Grammar


def picture():
    """Four sentences of each grammar beside their label."""
    rows = []
    for name in ("bank", "home", "reviews"):
        drawn = pa.Table.from_batches(Grammar(name)(4, np.random.default_rng(2)))
        rows += [(name, each["label"], each["text"]) for each in drawn.to_pylist()]
    return sheet(("grammar", "label", "text"), rows, (90, 220, 620))
