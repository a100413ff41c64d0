"""The gallery shows what every generator draws, says what it cannot, and leads to its page."""

import re
from pathlib import Path

import pytest

from bimetal.plugins import names

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"^### `(\w+)`\n\n(.+?)\n\n!\[([^\]]+)\]\(gallery/(\w+)\.png\)\n\n\*\*Limits:\*\* (.+?)\n\n\[.+?\]\((generators/\w+\.md)\)", re.MULTILINE | re.DOTALL)  # fmt: skip
LARGEST, ALL = 150_000, 2_500_000


def shown():
    return {name: rest for name, *rest in SHOWN.findall(PAGE)}


@pytest.mark.parametrize("name", names("generators"))
def test_every_generator_is_shown_with_its_limits_and_its_page(name):
    what, words, picture, limits, page = shown()[name]
    assert picture == name
    assert len(words.split()) >= 4
    assert 4 <= len(limits.split()) <= 60
    assert what
    text = (DOCS / page).read_text(encoding="utf-8")
    assert f"`{name}`" in text
    assert "## Limits" in text


def test_every_picture_is_shown_and_small():
    kept = sorted((DOCS / "gallery").iterdir())
    assert {each.stem for each in kept} == set(shown()) == set(names("generators"))
    sizes = {each.name: each.stat().st_size for each in kept}
    assert [name for name, size in sizes.items() if size > LARGEST] == []
    assert sum(sizes.values()) < ALL


def test_every_picture_can_be_taken_again():
    scripts = {each.stem for each in (DOCS.parent / "scripts" / "gallery").glob("*.py")}
    assert set(names("generators")) <= scripts
