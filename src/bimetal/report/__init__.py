"""Reports: values in, pictures and pages out. Charts are Vega-Lite values, pages render to HTML, Markdown, terminal."""

from bimetal.report.charts import (
    Bar,
    Curve,
    Share,
    Window,
    bars,
    learning_curves,
    stacked_share,
    svg,
    table_of,
    timeline,
)
from bimetal.report.html import to_html
from bimetal.report.markdown import to_markdown
from bimetal.report.numbers import bounded, count, money, number, percent, points, size, span, statistic
from bimetal.report.page import Code, Facts, Figure, Findings, Page, Picture, Section, Table, Text
from bimetal.report.terminal import to_terminal

__all__ = [
    "Bar",
    "Code",
    "Curve",
    "Facts",
    "Figure",
    "Findings",
    "Page",
    "Picture",
    "Section",
    "Share",
    "Table",
    "Text",
    "Window",
    "bars",
    "bounded",
    "count",
    "learning_curves",
    "money",
    "number",
    "percent",
    "points",
    "size",
    "span",
    "stacked_share",
    "statistic",
    "svg",
    "table_of",
    "timeline",
    "to_html",
    "to_markdown",
    "to_terminal",
]
