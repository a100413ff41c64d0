"""Zawgyi told from Unicode by the line and by a few words, and how near the conversion comes to the paired text.

Two texts in both encodings: articles of the Universal Declaration, whose Zawgyi was made from Unicode, and a government
notice, whose Unicode was made from Zawgyi. Both stand in the resources of the npm package myanmar-tools (Apache-2.0);
copy them to `zawgyi/` in the data folder. The peer, `pip install myanmartools`, is measured where it is installed.
"""

from __future__ import annotations

import os
import re
import tomllib
import warnings
from collections.abc import Callable
from difflib import SequenceMatcher
from importlib import import_module, util
from itertools import chain
from pathlib import Path

from bimetal.writing import is_zawgyi, normalised

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", ROOT.parent / "shared" / "data")) / "zawgyi"
TEXTS = {
    "Declaration": ("udhr_mya_zawgyi_out.txt", "udhr_mya_unicode_src.txt"),
    "notice": ("mmgov_zawgyi_src.txt", "mmgov_unicode_out.txt"),
}
BURMESE = re.compile(r"[\u1000-\u109f]")
LIKELY = 0.95
"""The peer's probability above which its authors let text be converted unseen."""
Judge = Callable[[str], bool]


def main() -> None:
    if not DATA.is_dir():
        print(
            f"Not measured: the paired texts are not in {DATA.name}/ of the data folder (see the script's first lines)."
        )
        return
    judges: dict[str, Judge] = {"here": is_zawgyi, "here, named Burmese": lambda text: is_zawgyi(text, "my"), **peer()}
    print("**Found**\n\nZawgyi taken for Zawgyi / Unicode taken for Zawgyi: lines, and all runs of so many words.\n")
    print(f"| text | pieces | {' | '.join(judges)} |\n|---|---:|{'---:|' * len(judges)}")
    for name, files in TEXTS.items():
        zawgyi, unicode = map(lines, files)
        for words in (1, 2, 4, 0):
            pieces = runs(zawgyi, words), runs(unicode, words)
            cells = [" / ".join(f"{sum(map(judge, some)):,}" for some in pieces) for judge in judges.values()]
            print(f"| {name}, {f'{words} words' if words else 'lines'} | {len(pieces[0]):,} | {' | '.join(cells)} |")
    ours = [line for line in catalogue() if BURMESE.search(line)]
    cells = [f"- / {sum(map(judge, ours)):,}" for judge in judges.values()]
    print(f"| words of the pages, Unicode only | {len(ours):,} | {' | '.join(cells)} |")
    conversion()


def conversion() -> None:
    print("\n**Converted**\n\nLines of Zawgyi named Burmese, against the paired line; both in the one spelling.\n")
    print("| text | lines | the same | code points that differ |\n|---|---:|---:|---:|")
    for name, files in TEXTS.items():
        made, wanted = ([normalised(line, "my").text for line in lines(file)] for file in files)
        same = sum(one == other for one, other in zip(made, wanted, strict=True))
        differ = sum(distance(one, other) for one, other in zip(made, wanted, strict=True))
        print(f"| {name} | {len(made)} | {same} | {differ} of {sum(map(len, wanted)):,} |")


def lines(file: str) -> list[str]:
    read = (DATA / file).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in read if BURMESE.search(line)]


def runs(texts: list[str], words: int) -> list[str]:
    """Return every run of so many words that has a Burmese letter; the texts themselves for 0."""
    if not words:
        return texts
    parts = (text.split() for text in texts)
    found = chain.from_iterable(zip(*(part[at:] for at in range(words)), strict=False) for part in parts)
    return [run for run in map(" ".join, found) if BURMESE.search(run)]


def distance(one: str, other: str) -> int:
    changed = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for kind, a, b, c, d in changed if kind != "equal")


def catalogue() -> list[str]:
    path = ROOT / "src" / "bimetal" / "web" / "languages" / "my.toml"
    return list(tomllib.loads(path.read_text(encoding="utf-8")).values())


def peer() -> dict[str, Judge]:
    if util.find_spec("myanmartools") is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its way of reading its model is deprecated in Python 3.11
        detector = import_module("myanmartools").ZawgyiDetector()
    return {"myanmartools": lambda text: detector.get_zawgyi_probability(text) > LIKELY}


if __name__ == "__main__":
    main()
