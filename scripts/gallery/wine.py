"""Scikit-learn's wine table (CC BY 4.0) beside what a generator draws from it."""

import io

import numpy as np
import pyarrow as pa
from PIL import Image

X, Y = "flavanoids", "color_intensity"
TINTS = ("#1f5fa8", "#c2571a", "#3d8a4f")


def compared(generator, seeds):
    """Two scatter plots, seeds and drawn rows, with a histogram of each column along the edges."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from sklearn.datasets import load_wine

    wine = load_wine()
    order = np.random.default_rng(0).permutation(178)[:seeds]
    names = [str(each).replace("/", "_") for each in wine.feature_names]
    real = pa.table({**dict(zip(names, wine.data[order].T, strict=True)), "label": wine.target[order].astype(str)})
    made = pa.Table.from_batches(generator(178, np.random.default_rng(1), real))
    figure = Figure(figsize=(7.2, 3.6), dpi=110, layout="constrained")
    grid = figure.add_gridspec(2, 4, width_ratios=(4, 1, 4, 1), height_ratios=(1, 4))
    for side, (title, rows) in enumerate(((f"{seeds} real rows", real), ("178 drawn rows", made))):
        main = figure.add_subplot(grid[1, 2 * side])
        labels = np.array(rows["label"].to_pylist())
        for tint, label in zip(TINTS, "012", strict=True):
            held = labels == label
            main.scatter(np.array(rows[X])[held], np.array(rows[Y])[held], s=9, color=tint, label=f"cultivar {label}")
        main.set(xlabel=X, ylabel=Y.replace("_", " "), xlim=(0, 5.3), ylim=(0, 14))
        across, up = figure.add_subplot(grid[0, 2 * side]), figure.add_subplot(grid[1, 2 * side + 1])
        across.hist(np.array(rows[X]), np.linspace(0, 5.3, 22), color="#888888")
        up.hist(np.array(rows[Y]), np.linspace(0, 14, 22), color="#888888", orientation="horizontal")
        across.set(title=title, xlim=(0, 5.3))
        up.set(ylim=(0, 14))
        for edge in (across, up):
            edge.set_axis_off()
    figure.axes[0].legend(fontsize=7, loc="upper right")
    FigureCanvasAgg(figure).print_png(stream := io.BytesIO())
    return Image.open(stream).convert("RGB").quantize(64)
