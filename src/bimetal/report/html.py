"""A page as one self-contained HTML file: no script, no network, light and dark, phone and A4 paper."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bimetal.report.charts import sides_of, svg, table_of
from bimetal.report.charts.picture import writable
from bimetal.report.numbers import statistic
from bimetal.report.page import Block, Figure, Page, Picture, Table
from bimetal.report.palette import css

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


class Group(NamedTuple):
    """Blocks that stand together: a plate of pictures side by side, or one block of any other kind."""

    kind: str
    blocks: tuple[Block, ...]


def to_html(page: Page) -> str:
    """Render a page as one file that opens anywhere, from disk or behind the strictest content security policy.

    Every value is escaped; charts are inline SVG, pictures data URIs.

    >>> "<h1" in to_html(Page("Digits", "23 labels are enough."))
    True
    """
    return writable(_environment().get_template("page.html").render(page=page))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("bimetal.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "drawn": _drawn,
        "numbers": _numbers,
        "data": _data,
        "groups": _groups,
        "amount": statistic,
        "unbroken": _unbroken,
    }
    environment.globals["palette"] = Markup(css())  # noqa: S704  # our own constants
    return environment


def _drawn(figure: Figure, name: str) -> Markup:
    from markupsafe import Markup

    return Markup(svg(figure.spec, name))  # noqa: S704  # the renderer escapes every text it draws


def _numbers(figure: Figure) -> Table:
    header, rows = table_of(figure.spec)
    return Table(header, rows, align=sides_of(figure.spec))


def _data(picture: Picture) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.png).decode("ascii")


def _groups(blocks: Sequence[Block]) -> Iterable[Group]:
    for kind, run in itertools.groupby(blocks, _kind):
        together = tuple(run)
        yield from [Group(kind, together)] if kind == "plate" else [Group(kind, (each,)) for each in together]


def _kind(block: Block) -> str:
    return "plate" if isinstance(block, Figure | Picture) else type(block).__name__.lower()


def _unbroken(text: str) -> str:
    """Keep a percent sign on the line of its number."""
    return re.sub(r"(?<=\d) %", "\u202f%", text)
