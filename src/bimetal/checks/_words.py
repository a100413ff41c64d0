"""Plain words for how two datasets differ: who is compared, and what is brighter, longer, rarer or missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.checks._rows import values
from bimetal.payload import modality
from bimetal.types import Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.checks._columns import Pair

ITEMS = {"image": "images", "audio": "sounds", "text": "texts", "table": "rows"}
MORE_OR_LESS = {
    "brightness": ("are brighter", "are darker"),
    "contrast": ("have more contrast", "have less contrast"),
    "ink": ("carry more ink", "carry less ink"),
    "centre_x": ("sit further right", "sit further left"),
    "centre_y": ("sit lower", "sit higher"),
    "seconds": ("last longer", "are shorter"),
    "loudness": ("are louder", "are quieter"),
    "silence": ("hold more silence", "hold less silence"),
    "centroid": ("sound brighter", "sound duller"),
    "characters": ("are longer", "are shorter"),
    "words": ("have more words", "have fewer words"),
    "word_length": ("use longer words", "use shorter words"),
    "distinct_words": ("repeat words less", "repeat words more"),
    "uppercase": ("use more capitals", "use fewer capitals"),
    "digits": ("hold more digits", "hold fewer digits"),
    "punctuation": ("are punctuated more", "are punctuated less"),
}


def sides(dataset: Dataset, reference: Dataset) -> tuple[str, str]:
    """Name both in words, 'synthetic images' and 'real images' where every row is, else by role or by name."""
    items = ITEMS[modality(dataset.rows)]
    one, two = _name(dataset), _name(reference)
    if one == two:
        one, two = dataset.name, reference.name if reference.name != dataset.name else "reference"
    return f"{one} {items}", f"{two} {items}"


def in_shape(name: str, pair: Pair) -> str:
    """Say how the second column of numbers or categories lies against the first: 'are brighter'."""
    old, new = pair
    if old.dtype == object:
        return f"have another mix of {name!r} (most of all {_moved(old, new)})"
    old, new = old[~np.isnan(old)], new[~np.isnan(new)]
    if name.startswith("component_"):
        return f"lie elsewhere along {name!r}, one of the directions in which all of them differ most,"
    gap, spread = float(new.mean() - old.mean()), float(np.hypot(old.std(), new.std()))
    if abs(gap) > spread / 10:
        more, less = MORE_OR_LESS.get(name, (f"have higher {name!r}", f"have lower {name!r}"))
        return more if gap > 0 else less
    wider = "more" if new.std() > old.std() else "less"
    return f"vary {wider} in {name!r}"


def in_tails(name: str, pair: Pair) -> str:
    """Say how the second column reaches beyond the first's usual range, or into categories it lacks."""
    old, new = pair
    if old.dtype == object:
        known = set(old.tolist())
        share = float(np.mean([each is not None and each not in known for each in new.tolist()]))
        return f"hold more values of {name!r} that the others never hold ({share:.1%} of rows)"
    low, high = np.nanquantile(old, [0.01, 0.99])
    beyond = float(np.mean((new < low) | (new > high)))
    return f"reach beyond the usual range of {name!r} at another rate ({beyond:.1%} of rows, 2 % expected)"


def in_missing(name: str, pair: Pair) -> str:
    """Say how often either column is missing."""
    old, new = (float(np.mean(_missing(column))) for column in pair)
    return f"lack {name!r} {'more' if new > old else 'less'} often ({new:.1%} against {old:.1%})"


def _missing(column: NDArray[Any]) -> list[bool]:
    return [each is None for each in column.tolist()] if column.dtype == object else np.isnan(column).tolist()


def _name(dataset: Dataset) -> str:
    if dataset.role == "production":
        return "production"
    origins = set(values(dataset.rows, "item_origin"))
    return str(*origins) if origins in ({"real"}, {"synthetic"}) else dataset.name


def _moved(old: NDArray[Any], new: NDArray[Any]) -> str:
    before, after = (Counter(each for each in column.tolist() if each is not None) for column in (old, new))
    change = {
        value: after[value] / max(after.total(), 1) - before[value] / max(before.total(), 1) for value in before | after
    }
    value = max(change, key=lambda each: (abs(change[each]), each))
    return f"{value!r}, {100 * change[value]:+.1f} points"
