"""The gallery shows every picture that is kept, keeps every picture it shows, and says in words what each shows."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = re.compile(r"!\[([^\]]*)\]\((screens/[\w-]+\.webp)\)")
LARGEST, ALL = 80_000, 1_200_000


def shown():
    return SHOWN.findall((DOCS / "screens.md").read_text(encoding="utf-8"))


def kept():
    return sorted((DOCS / "screens").iterdir())


def test_every_picture_is_there_and_none_is_unused():
    assert sorted(f"screens/{each.name}" for each in kept()) == sorted(path for _, path in shown())


def test_every_picture_is_said_in_words():
    said = [words for words, _ in shown()]
    assert [words for words in said if len(words.split()) < 4] == []
    assert len(set(said)) == len(said)


def test_the_pictures_are_small():
    sizes = {each.name: each.stat().st_size for each in kept()}
    assert [name for name, size in sizes.items() if size > LARGEST] == []
    assert sum(sizes.values()) < ALL
