"""A private table beside the rows it was fitted to: two columns that hang together, at two epsilons."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
from PIL import Image

from bimetal.endpoints.noise import noise
from bimetal.generators._asking import answered
from bimetal.generators.private_table import PrivateTable


def picture() -> Image.Image:
    """Draw age against income by label: 5,000 rows learnt from, and as many under epsilon 1 and .1."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["font.family"] = "DejaVu Sans"
    seeds = _people(5000)
    tables = {"learnt from": seeds, "epsilon = 1": _drawn(1.0, seeds), "epsilon = .1": _drawn(0.1, seeds)}
    figure = Figure(figsize=(9, 3.2), dpi=90, layout="constrained")
    for axes, (name, rows) in zip(figure.subplots(1, 3, sharex=True, sharey=True), tables.items(), strict=True):
        for label, colour in (("well", "#2a6f97"), ("ill", "#d1495b")):
            shown = np.array(rows["label"].to_pylist()) == label
            axes.scatter(rows["age"].to_numpy()[shown], rows["income"].to_numpy()[shown], 2, colour, label=label, lw=0)
        axes.set(title=name, xlabel="age", xlim=(10, 105), ylim=(0, 100))
    figure.axes[0].set_ylabel("income, thousands")
    figure.axes[0].legend(markerscale=4, frameon=False, loc="upper left")
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return Image.open(stream).convert("P", palette=Image.Palette.ADAPTIVE, colors=64)


def _people(n: int) -> pa.Table:
    rng = np.random.default_rng(0)
    age = np.clip(rng.normal(48, 17, n), 18, 95)
    income = np.clip(20 + 30 * np.exp(-(((age - 50) / 20) ** 2)) + rng.gamma(2, 4, n), 0, 99)
    ill = rng.random(n) < 1 / (1 + np.exp((70 - age) / 7))
    return pa.table({"age": age.astype(int), "income": income, "label": np.where(ill, "ill", "well")})


def _drawn(epsilon: float, seeds: pa.Table) -> pa.Table:
    steps = PrivateTable(epsilon)(5000, np.random.default_rng(1), seeds)
    return pa.Table.from_batches(list(answered(steps, noise(bytes(32), "a picture"))))
