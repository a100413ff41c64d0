"""What a rater sent, task by task: checked against the sheet and the item, and spelled the one way it is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from bimetal.annotation.drawn import boxes, keypoints, polygons, spans
from bimetal.annotation.forms import NUMBER, labelled, parsed
from bimetal.annotation.settling import alike, middle
from bimetal.annotation.sheet import Sheet
from bimetal.annotation.shown import Shown
from bimetal.annotation.strict_json import LONGEST, dumps, loads, tidy
from bimetal.errors import InputError

__all__ = ["alike", "canonical", "labelled", "middle", "parsed"]


def canonical(sheet: Sheet, value: str, about: Shown | None = None) -> str:
    """Check what a rater sent against the sheet and the item, and spell it the one way it is compared in.

    Raises InputError for anything else. Without the item, what only it tells (a text's length, a picture's size, which
    options there are) goes unchecked.

    >>> from bimetal.annotation.sheet import Label
    >>> canonical(Sheet("tags", (Label("cat"), Label("dog"))), '["dog", "cat", "dog"]')
    '["cat","dog"]'
    """
    if not isinstance(value, str) or any("\ud800" <= each <= "\udfff" or each == "\x00" for each in value):
        raise InputError("the answer is no text", "send text in UTF-8 without control zeros")
    if len(value.encode()) > LONGEST:
        raise InputError(f"the answer has {len(value.encode()):,} bytes, over {LONGEST:,}", "send a shorter one")
    return _CANONICAL[sheet.task](sheet, value, about or Shown(""))


def _classification(sheet: Sheet, value: str, _: Shown) -> str:
    return _label(sheet, value)


def _tags(sheet: Sheet, value: str, _: Shown) -> str:
    said = loads(value)
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise InputError("the answer is no list of labels", 'send labels as JSON, such as ["cat","dog"]')
    return dumps(sorted({_label(sheet, each) for each in said}))


def _label(sheet: Sheet, value: str) -> str:
    if value not in sheet.values:
        allowed = ", ".join(each.value for each in sheet.labels[:20]) or "nothing yet: its sheet has no labels"
        raise InputError(f"{value[:60]!r} is none of the labels", f"give one of: {allowed}")
    return value


def _pairs(_: Sheet, value: str, __: Shown) -> str:
    if value not in {"a", "b", "tie"}:
        raise InputError(f"{value[:60]!r} chooses neither", "send a, b or tie")
    return value


def _ranking(_: Sheet, value: str, about: Shown) -> str:
    tiers = loads(value)
    if not isinstance(tiers, list) or not all(isinstance(tier, list) and tier for tier in tiers):
        raise InputError("the answer is no ranking", 'send tiers, best first, such as [["b"],["a","c"]]')
    named = [each for tier in tiers for each in tier]
    options = set(about.options) or {each for each in named if _is_option(each)}
    if any(not isinstance(each, str) for each in named) or len(named) < 2 or sorted(named) != sorted(options):
        raise InputError("the ranking does not name each option once", f"rank {_named(about)}")
    return dumps([sorted(tier) for tier in tiers])


def _best_worst(_: Sheet, value: str, about: Shown) -> str:
    said = loads(value)
    if not isinstance(said, dict) or set(said) != {"best", "worst"}:
        raise InputError("the answer names no best and worst", 'send them as {"best":"a","worst":"c"}')
    best, worst = said["best"], said["worst"]
    for each in (best, worst):
        if not _is_option(each) or (about.options and each not in about.options):
            raise InputError(f"{str(each)[:60]!r} is none of the options", f"choose among {_named(about)}")
    if best == worst:
        raise InputError("the best and the worst are the same option", "choose two")
    return dumps({"best": best, "worst": worst})


def _is_option(said: object) -> bool:
    return isinstance(said, str) and len(said) == 1 and "a" <= said <= "z"


def _named(about: Shown) -> str:
    return ", ".join(about.options) or "the options a, b, c ..."


def _score(sheet: Sheet, value: str, _: Shown) -> str:
    if not NUMBER.fullmatch(value) or sheet.scale is None:
        raise InputError(f"{value[:60]!r} is no score", "send a number of the scale")
    low, high, step = sheet.scale
    score, slack = float(value), step * 1e-6
    steps = round((score - low) / step) if low - slack <= score <= high + slack else -1
    if steps < 0 or abs(score - low - steps * step) > slack:
        raise InputError(f"{value[:60]!r} is not on the scale", f"send {low:g} to {high:g} in steps of {step:g}")
    return dumps(tidy(low + steps * step, 10))


def _text(_: Sheet, value: str, __: Shown) -> str:
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    odd = next((each for each in text if unicodedata.category(each) == "Cc" and each not in "\n\t"), None)
    if odd is not None:
        raise InputError(f"the text holds {odd!r}", "type it again without control characters")
    if not text.strip():
        raise InputError("the text is empty", "write one, or skip the item")
    return text


_CANONICAL: dict[str, Callable[[Sheet, str, Shown], str]] = {
    "classification": _classification,
    "tags": _tags,
    "spans": spans,
    "boxes": boxes,
    "polygons": polygons,
    "keypoints": keypoints,
    "pairs": _pairs,
    "ranking": _ranking,
    "best-worst": _best_worst,
    "score": _score,
    "text": _text,
}
