"""Charts as Vega-Lite specifications: curves, bars, timelines, mixes, flows, spreads, tornados; `svg` draws them."""

from bimetal.report.charts.bars import Bar, bars
from bimetal.report.charts.curves import Curve, learning_curves
from bimetal.report.charts.flow import Link, Node, flow
from bimetal.report.charts.picture import sides_of, svg, table_of
from bimetal.report.charts.shares import Share, stacked_share
from bimetal.report.charts.spreads import Spread, spreads
from bimetal.report.charts.timeline import Window, timeline
from bimetal.report.charts.tornado import Swing, tornado

__all__ = [
    "Bar",
    "Curve",
    "Link",
    "Node",
    "Share",
    "Spread",
    "Swing",
    "Window",
    "bars",
    "flow",
    "learning_curves",
    "sides_of",
    "spreads",
    "stacked_share",
    "svg",
    "table_of",
    "timeline",
    "tornado",
]
