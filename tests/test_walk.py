"""The documented walk is run command by command, and what it prints is what the page says it prints."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(page for page in (ROOT / "docs").glob("*.md") if "```console" in page.read_text(encoding="utf-8"))
BLOCK = re.compile(r"```(python|console)\n(.*?)```", re.DOTALL)
PASSING = [
    (r"\b[0-9a-f]{12,64}\b", "DIGEST"),
    (r"\b\d{4}-\d\d-\d\d( \d\d:\d\d)?\b", "DAY"),
    (r"\s+$", ""),
]  # differ from run to run
COMMAND = "import sys; from bimetal.cli import main; sys.argv[0] = 'bimetal'; main()"


def run(command: str, folder: Path) -> str:
    """Run what stands behind a dollar sign and return what a terminal would show."""
    words = shlex.split(command)
    assert words[0] == "bimetal", command
    place = {"BIMETAL_KEYS": str(folder / "keys"), "LOGNAME": "ana", "COLUMNS": "100", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words[1:]],
        cwd=folder, env={**os.environ, **place}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def played(text: str, folder: Path) -> str:
    """Run every block of a page in order and put what it printed in its place; a last line of `...` cuts it there."""

    def again(block: re.Match[str]) -> str:
        kind, body = block.groups()
        if kind == "python":
            exec(compile(body, "page", "exec"), {"__name__": "page", "FOLDER": folder})
            return block[0]
        parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", body, flags=re.MULTILINE)
        assert not parts[0], "a console block begins with a command"
        shown = []
        for command, before in zip(parts[1::2], parts[2::2], strict=True):
            lines = [line.rstrip() for line in run(command.replace("\\\n", " "), folder).rstrip().splitlines()]
            kept = before.rstrip().splitlines()
            if kept and kept[-1] == "...":
                lines = [*lines[: len(kept) - 1], "..."]
            shown.append("\n".join([f"$ {command}", *lines]) + "\n")
        return f"```console\n{''.join(shown)}```"

    return BLOCK.sub(again, text)


def settled(text: str) -> str:
    for pattern, word in PASSING:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_page_shows_is_what_happens(page, tmp_path, monkeypatch):
    """Set WRITE_DOCS=1 to write what happened into the page instead."""
    monkeypatch.chdir(tmp_path)
    said = page.read_text(encoding="utf-8")
    found = played(said, tmp_path)
    if os.environ.get("WRITE_DOCS"):
        page.write_text(found, encoding="utf-8")
    else:
        assert settled(found) == settled(said)
