"""Charts as Vega-Lite specifications: learning curves, bars, timelines and mixes; `svg` draws any of them."""

from bimetal.report.charts.bars import Bar, bars
from bimetal.report.charts.curves import Curve, learning_curves
from bimetal.report.charts.picture import svg, table_of
from bimetal.report.charts.shares import Share, stacked_share
from bimetal.report.charts.timeline import Window, timeline

__all__ = [
    "Bar",
    "Curve",
    "Share",
    "Window",
    "bars",
    "learning_curves",
    "stacked_share",
    "svg",
    "table_of",
    "timeline",
]
