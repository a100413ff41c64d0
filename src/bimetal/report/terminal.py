"""A page in a terminal: title, answer, findings, facts and tables; charts become their tables of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bimetal.report.charts import sides_of, table_of
from bimetal.report.page import Block, Code, Facts, Figure, Findings, Page, Table, Text

if TYPE_CHECKING:
    from rich import table
    from rich.console import Group, RenderableType
    from rich.text import Text as Styled

_STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "skip": "dim"}
_MARKS = {"fail": "✕", "warn": "!", "pass": "✓", "skip": "–"}


def to_terminal(page: Page) -> Group:
    """Lay a page out for `rich.console.Console.print`; markup and control characters in values stay inert.

    >>> from rich.console import Console
    >>> Console(width=40).print(to_terminal(Page("Digits", "23 labels are enough.")))
    Digits
    23 labels are enough.
    """
    from rich.console import Group

    parts: list[RenderableType] = [_styled(page.title, "dim"), _styled(page.answer, "bold")]
    parts += [_styled(page.subtitle, "dim")] if page.subtitle else []
    for section in page.sections:
        drawn = [each for block in section.blocks for each in _block(block)]
        parts += [_styled(f"\n{section.title}", "bold underline"), *drawn] if drawn else []
    return Group(*parts)


def _block(block: Block) -> Iterator[RenderableType]:
    match block:
        case Text():
            yield from (_styled(each) for each in block.paragraphs)
        case Code():
            yield _styled(block.text, "cyan")
        case Facts():
            yield _table((), block.pairs, ("left", "left"))
        case Findings():
            for each in block.ranked:
                yield _styled(f"{_MARKS[each.verdict]} {each.check}: {each.message}", _STYLES[each.verdict])
        case Table():
            yield _table(block.header, block.rows, [block.side(k) for k in range(len(block.header))])
        case Figure():
            header, rows = table_of(block.spec)
            yield _styled(block.caption)
            yield _table(header, rows, sides_of(block.spec))
        case _:
            return


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], sides: Sequence[str]) -> table.Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Grid

    grid = Grid(box=SIMPLE_HEAD if header else None, show_header=bool(header), pad_edge=False)
    for k, side in enumerate(sides):
        grid.add_column(_styled(header[k] if header else ""), justify="right" if side == "right" else "left")
    for row in rows:
        grid.add_row(*map(_styled, row))
    return grid


def _styled(text: str, style: str = "") -> Styled:
    from rich.text import Text as Styled

    return Styled("".join(each for each in text if each.isprintable() or each == "\n"), style)
