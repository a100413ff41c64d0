"""The command line: one file a command, every one with --json, --help and an example."""

from __future__ import annotations

import keyword
import sys
from importlib import import_module

import typer

import bimetal
from bimetal.errors import BimetalError

# In the order a newcomer needs them; each name is a file here with a `command` function or an `app`.
COMMANDS = (
    *("demo", "init", "source", "add", "decide", "cost", "pilot", "plan", "boundary", "generate", "label", "check"),
    *("cycle", "serve", "licence", "sign", "waive", "release", "import", "export", "log", "list"),
)

app = typer.Typer(
    name="bimetal",
    help="Decide between synthetic and human-labelled training data with evidence, run the hybrid, prove it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bimetal {bimetal.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Decide between synthetic and human-labelled training data with evidence, run the hybrid, prove it."""


for _name in COMMANDS:
    _module = import_module(f"bimetal.cli.{_name}_" if keyword.iskeyword(_name) else f"bimetal.cli.{_name}")
    if hasattr(_module, "app"):
        app.add_typer(_module.app, name=_name, epilog=f"Example: {_module.EXAMPLE}")
    else:
        app.command(_name, epilog=f"Example: {_module.EXAMPLE}")(_module.command)


def main() -> None:
    """Run a command; what a person typed or supplied never ends in a traceback."""
    try:
        app()
    except BimetalError as error:
        sys.stderr.write(f"bimetal: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("bimetal: stopped; the same command goes on where this one left off\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
