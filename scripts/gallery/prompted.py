"""Rows of three prompt graphs, written by the stand-in for a model that the tests ask: words strung together."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from gallery.paper import sheet

from bimetal.generators._asking import answered
from bimetal.generators.prompted import Prompted
from bimetal.types import Reply, Target

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.endpoints import pretend

SHOWN = {"bank": ("persona", "style"), "reviews": ("thing", "aspect"), "questions": ("language", "place")}


def picture():
    """Four rows of each graph: what was drawn, what the stand-in said, and how often it was asked."""
    rows = []
    for name, parts in SHOWN.items():
        targets = (Target("language", "vi", 1.0),) if name == "questions" else ()
        for each in drawing(Prompted(name), 4, None, targets):
            attributes = ", ".join(each[part] for part in parts)
            rows.append((name, each["label"], attributes, each["text"], each["tries"]))
    header = ("graph", "label", "and more that was drawn", "text, by a stand-in that strings words together", "tries")
    return sheet(header, rows, (90, 210, 370, 480, 60))


def drawing(generator, n, seeds=None, targets=()):
    """Draw rows with the stand-in's answers."""
    steps = generator(n, np.random.default_rng(3), seeds, targets)
    return pa.Table.from_batches(answered(steps, lambda asked: tuple(map(said, asked)))).to_pylist()


def said(request):
    """Answer as the tests' server does."""
    text = pretend.content(dict(request.body), request.sample)
    return Reply((text or "").encode(), {"model": "stand-in"}, "" if text else "refused")
