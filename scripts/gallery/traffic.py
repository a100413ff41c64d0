"""A cut-in over time, a person who darts out seen from above, and times to collision with and without targets."""

import io

import matplotlib as mpl
import numpy as np
import pyarrow as pa
from PIL import Image

from bimetal.generators._traffic.episodes import OVER_MARKING
from bimetal.generators.traffic import Traffic
from bimetal.types import Target

INK, EGO, OTHER, PALE = "#1b1f24", "#1f6f8b", "#c1502e", "#aab2bb"
CLOSE = (Target("label", "near_miss", 1.0),)
RARE = (Target("scenario", "dart_out", 0.5), Target("light", "dusk", 0.5), Target("ttc", "<1.5", 0.5))


def picture():
    """Three panels side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 9, "axes.edgecolor": PALE, "text.color": INK}):
        figure = Figure((11, 3.4), dpi=90, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        panels = figure.subplots(1, 3)
        for panel in panels:
            panel.spines[["top", "right"]].set_visible(False)
        over_time(panels[0], one("cut_in", 1))
        from_above(panels[1], one("dart_out", 9))
        histogram(panels[2])
        stream = io.BytesIO()
        canvas.print_png(stream)
    return Image.open(stream).convert("RGB").quantize(64)


def one(scenario, seed):
    """Draw a near miss with its trajectory."""
    made = Traffic(scenario=scenario, trajectories=True)
    return next(iter(made(1, np.random.default_rng(seed), targets=CLOSE))).to_pylist()[0]


def over_time(panel, row):
    """Show where both cars are, the other thicker once it is in the ego's lane."""
    time = np.arange(len(row["_ego_x"])) / 10
    ego, other, aside = (np.array(row[name]) for name in ("_ego_x", "_other_x", "_other_y"))
    pace = row["other_speed"] * time  # seen from a frame that drives along, so that the gap can be seen
    inside = np.abs(aside) < 1.8
    panel.plot(time, ego - pace, color=EGO, lw=2, label="front of the ego car")
    panel.plot(time, other - pace, color=OTHER, lw=1, ls=":", label="rear of the other, next lane")
    panel.plot(time[inside], (other - pace)[inside], color=OTHER, lw=2, label="rear of the other, ego's lane")
    noticed = row["event_time"] + OVER_MARKING * row["manoeuvre_time"]
    panel.axvline(noticed, color=PALE, lw=1)
    panel.text(noticed + 0.1, -12, "crosses\nthe marking", fontsize=8, color=INK)
    panel.set(xlabel="s", ylabel="m, in a frame that drives along", xlim=(0, 12))
    panel.set_title(f"cut-in, least TTC {row['_min_ttc']:.2f} s", loc="left", color=INK)
    panel.legend(frameon=False, fontsize=8, loc="lower left")


def from_above(panel, row):
    """Show positions each half second until the car has stopped or passed."""
    ego, x, y = (np.array(row[name]) for name in ("_ego_x", "_other_x", "_other_y"))
    frames = [k for k in range(0, len(ego), 5) if y[k] > -4]
    for k in frames:
        shade = 0.2 + 0.8 * k / max(frames[-1], 1)
        panel.add_patch(mpl.patches.Rectangle((ego[k] - 5, -0.9), 5, 1.8, fill=False, ec=EGO, alpha=shade, lw=1.5))
        panel.plot(x[k], y[k], "o", color=OTHER, alpha=shade, ms=5)
    panel.axhline(1.75, color=PALE, lw=1)
    panel.axhline(-1.75, color=PALE, lw=1)
    panel.set(xlabel="m along the lane", ylabel="m across", xlim=(-6, x[0] + 6), ylim=(-4.5, 5.5))
    panel.set_title(
        f"dart-out, {row['light']}, {row['weather']}, least TTC {row['_min_ttc']:.2f} s", loc="left", color=INK
    )


def histogram(panel):
    """Compare the least times to collision of unsteered and steered draws."""
    edges = np.arange(0, 8.1, 0.25)
    for targets, words, colour in (((), "as it comes", PALE), (RARE, "half dart-outs, dusk, < 1.5 s", OTHER)):
        rows = pa.Table.from_batches(Traffic()(8192, np.random.default_rng(3), targets=targets))
        times = rows["_min_ttc"].drop_null().to_numpy()
        touched = (times == 0).sum() / rows.num_rows
        times = times[times > 0]
        panel.hist(
            times,
            edges,
            weights=np.full(len(times), 1 / rows.num_rows),
            color=colour,
            alpha=0.75,
            label=f"{words}: {touched:.0%} touch",
        )
    panel.axvline(1.5, color=INK, lw=1, ls=":")
    panel.set(xlabel="least time to collision, s", ylabel="share of episodes", ylim=(0, 0.052))
    panel.set_title("times to collision where none touches", loc="left", color=INK)
    panel.legend(frameon=False, fontsize=8)
