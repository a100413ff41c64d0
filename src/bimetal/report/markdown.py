"""A page as Markdown: for pull requests, wikis and mail; charts become their tables of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import singledispatch

from bimetal.report.charts import sides_of, table_of
from bimetal.report.numbers import statistic
from bimetal.report.page import Block, Code, Facts, Figure, Findings, Page, Picture, Table, Text
from bimetal.types import Finding

_MARKS = {"fail": "❌", "warn": "⚠️", "pass": "✅", "skip": "➖"}


def to_markdown(page: Page) -> str:
    """Render a page as GitHub-flavoured Markdown; every value is escaped.

    >>> print(to_markdown(Page("Digits", "23 labels are enough.")))
    # Digits
    <BLANKLINE>
    **23 labels are enough.**
    """
    parts = [f"# {plain(page.title)}", f"**{plain(page.answer)}**", plain(page.subtitle)]
    for section in page.sections:
        parts += [f"## {plain(section.title)}", *(_block(block) for block in section.blocks)]
    return "\n\n".join(part for part in [*parts, plain(page.footer)] if part)


def plain(text: str) -> str:
    r"""Escape what Markdown or HTML would read as markup, and join lines.

    >>> plain("a|b <script> *c*")
    'a\\|b &lt;script&gt; \\*c\\*'
    """
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~]|^(?:[#+-]|\d+\.)(?= ))", r"\\\1", text)


@singledispatch
def _block(block: Block) -> str:
    raise TypeError(f"a page holds no {type(block).__name__}")


@_block.register
def _(block: Text) -> str:
    return "\n\n".join(plain(each) for each in block.paragraphs)


@_block.register
def _(block: Figure) -> str:
    header, rows = table_of(block.spec)
    sides = ["---:" if side == "right" else "---" for side in sides_of(block.spec)]
    said = f"**{plain(block.caption)}** {plain(block.note)}".strip()
    return f"{said}\n\n{_table(header, rows, sides)}" if header else said


@_block.register
def _(block: Table) -> str:
    sides = ["---:" if block.side(k) == "right" else "---" for k in range(len(block.header))]
    return "\n\n".join(filter(None, (_table(block.header, block.rows, sides), plain(block.caption))))


@_block.register
def _(block: Facts) -> str:
    return "\n".join(f"- **{plain(name)}**: {plain(value)}" for name, value in block.pairs)


@_block.register
def _(block: Findings) -> str:
    return "\n".join([f"{block.tally}.", "", *(_finding(each) for each in block.ranked)])


@_block.register
def _(block: Picture) -> str:
    return f"*{plain(block.caption)}* ({plain(block.alt)})"


@_block.register
def _(block: Code) -> str:
    fence = "`" * (1 + max([2, *map(len, re.findall("`+", block.text))]))
    return f"{fence}\n{block.text}\n{fence}"


def _finding(each: Finding) -> str:
    where = f" ({plain(each.where)})" if each.where else ""
    measured = "" if each.statistic is None else f"; {statistic(each.statistic)}"
    measured += "" if each.limit is None else f", limit {statistic(each.limit)}"
    remedy = f" → {plain(each.remedy)}" if each.remedy else ""
    verdict = f"{_MARKS[each.verdict]} {each.verdict}"
    return f"- {verdict}: **{plain(each.check)}**{where}: {plain(each.message)}{measured}.{remedy}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], sides: Sequence[str]) -> str:
    lines = [[plain(each) for each in header], list(sides), *([plain(each) for each in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
