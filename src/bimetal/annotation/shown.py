"""What a rater sees of an item: its payload alone, nothing of where it comes from or what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An item's payload: a text, media by the names of their columns, plain columns, or options a, b, c to compare.

    `size` is a picture's (width, height) in pixels where there is one.
    """

    item: str
    text: str | None = None
    media: tuple[str, ...] = ()
    columns: Mapping[str, Cell] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    prompt: str = ""
    size: tuple[int, int] | None = None
