"""A rare class before and after, as scatter plots: what the pictures of rare-class generators share."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
from PIL import Image

from bimetal.plugins import make
from bimetal.types import Spec

MADE = 240


def moons() -> pa.Table:
    """Draw two crescents: 300 rows of a common class and 24 of a rare one that it crowds."""
    rng = np.random.default_rng(2)
    many, few = rng.uniform(0, np.pi, 300), rng.uniform(0, np.pi, 24)
    x = np.concatenate([np.cos(many), 1 - np.cos(few)]) + rng.normal(0, 0.13, 324)
    y = np.concatenate([np.sin(many), 0.5 - np.sin(few)]) + rng.normal(0, 0.13, 324)
    return pa.table({"x": x, "y": y, "label": ["many"] * 300 + ["few"] * 24})


def drawn(name: str, settings: dict[str, object]) -> Image.Image:
    """Plot what a generator learned from beside what it makes of the rare class."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    seed = moons()
    generator = make(Spec("generators", name, {"only": "few", **settings}))
    made = pa.Table.from_batches(generator(MADE, np.random.default_rng(1), seed))
    figure, sides = pyplot.subplots(1, 2, figsize=(8, 3.6), sharex=True, sharey=True, layout="constrained")
    rare = np.array(seed["label"].to_pylist()) == "few"
    for side, title in zip(sides, (f"24 rare rows among {300}", f"{MADE} made by {name}"), strict=True):
        side.scatter(seed["x"].to_numpy()[~rare], seed["y"].to_numpy()[~rare], s=9, c="#b8bcc2", linewidths=0)
        side.set_title(title, fontsize=11)
        side.set_xticks([])
        side.set_yticks([])
        side.spines[:].set_color("#b8bcc2")
    sides[1].scatter(made["x"], made["y"], s=9, c="#d9822b", linewidths=0)
    for side in sides:
        side.scatter(seed["x"].to_numpy()[rare], seed["y"].to_numpy()[rare], s=22, c="#1f5fa8", linewidths=0)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    pyplot.close(figure)
    return Image.open(stream).convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
