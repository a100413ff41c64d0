"""What commands write: JSON alone on standard output, words for people, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.errors import InputError, StoreError

if TYPE_CHECKING:
    from bimetal.report import Page
    from bimetal.types import Finding

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON value to standard output, nothing else there.")]
Folder = Annotated[Path, typer.Option("--dir", help="The programme's folder.", show_default="here")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write the page here: .html or .md.")]
HERE = Path()
MARKS = {"pass": "[green]pass[/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]", "skip": "[dim]skip[/]"}


def emit(value: object) -> None:
    """Write one JSON value to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=dict) + "\n")


def say(text: str) -> None:
    """Write a line for people to standard output; rich markup is not read from it."""
    sys.stdout.write(text + "\n")


def aside(text: str) -> None:
    """Write a line of progress to standard error, where someone is looking."""
    if sys.stderr.isatty():
        sys.stderr.write(text + "\n")


def show_page(page: Page) -> None:
    """Print a page: title, answer, and every section as words and tables."""
    from rich.console import Console

    from bimetal.report import to_terminal

    Console().print(to_terminal(page))


def refuse_out(out: Path | None) -> None:
    """Raise, before any work is done, where a page cannot be written: another ending, or no such folder."""
    if out is None:
        return
    if out.suffix.lower() not in {".html", ".md"}:
        raise InputError(f"--out got {str(out)!r}", "name a file ending in .html or .md")
    if not out.parent.is_dir():
        raise StoreError(f"{out} cannot be written: its folder does not exist", "choose another place for --out")


def write_page(page: Page, out: Path) -> StoreError | None:
    """Write a page by its file's ending; what stopped it is returned, so that a result is shown before it is raised."""
    from bimetal.report import to_html, to_markdown

    written = to_markdown if out.suffix.lower() == ".md" else to_html
    try:
        out.write_text(written(page), encoding="utf-8")
    except OSError as fault:
        return StoreError(f"{out} cannot be written: {fault.strerror}", "choose another place for --out")
    return None


def table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """Print a small table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*header, title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        drawn.add_row(*row)
    Console().print(drawn)


def findings(found: Sequence[Finding]) -> None:
    """Print findings: verdict, check, message, and the way out where there is one to take."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    for each in found:
        where = f" ({each.where})" if each.where else ""
        console.print(f"{MARKS[each.verdict]}  {escape(each.check + where)}: {escape(each.message)}", highlight=False)
        if each.verdict in {"warn", "fail"} and each.remedy:
            console.print(f"      [dim]do:[/] {escape(each.remedy)}", highlight=False)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, Any], None]]:
    """Show a bar with the time left on standard error; silent where standard error is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, _: bar.update(task, completed=done, total=total)
