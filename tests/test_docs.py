"""The documentation speaks of commands, files and names that exist."""

import re
from pathlib import Path

import pytest

from bimetal.cli import COMMANDS
from bimetal.plugins import names

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_file_named_exists(page: Path):
    text = page.read_text(encoding="utf-8")
    for command in re.findall(r"^(?:\| `)?bimetal ([a-z]+)", text, flags=re.MULTILINE):
        assert command in COMMANDS, command
    for target in re.findall(r"\]\(([a-z/_.]+(?:md|py|png))\)", text):
        assert (page.parent / target).exists(), target
    for script in re.findall(r"bench/[a-z_]+\.py|tests/[a-z_]+\.py", text):
        assert (ROOT / script).exists(), script


def test_every_check_has_a_line():
    page = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    assert [name for name in names("checks") if f"| `{name}` |" not in page] == []


def test_the_makefile_lists_every_target_it_has():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE).group(1).split()
    assert set(re.findall(r"^([a-z-]+):.*##", makefile, flags=re.MULTILINE)) == set(phony)
