"""The class of personal data a dataset holds, over its sources and everything its synthetic rows were made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.programme.sources.ancestry import Ancestry, Behind
from bimetal.programme.sources.source import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from bimetal.programme.programme import Programme, Stored


@dataclass(frozen=True, slots=True)
class Standing:
    """The highest class of personal data behind rows, and a sentence for each source that puts it there."""

    level: str
    why: tuple[str, ...]


def personal_class(programme: Programme, stored: Stored) -> str:
    """Return the highest class of personal data behind a dataset: none, pseudonymous, personal or special.

    Unknown counts as personal. Synthetic rows keep the class of what they were made from until they are cleared.
    """
    return personal_standing(programme, stored).level


def personal_rows(programme: Programme, stored: Stored, rows: pa.Table) -> list[Standing]:
    """Say the class of personal data behind each of some rows of a dataset, copies of rows held here included."""
    each = Ancestry(programme).of_each(stored, rows)
    known = {behind: standing(behind) for behind in set(each)}
    return [known[behind] for behind in each]


def personal_standing(programme: Programme, stored: Stored) -> Standing:
    """Say the class of personal data behind a dataset, and which sources put it there."""
    return standing(Ancestry(programme).of_dataset(stored))


def standing(behind: Iterable[Behind]) -> Standing:
    """Join sources to the highest class among them.

    >>> standing([Behind("web", "none", "any", "'web' holds no personal data")]).level
    'none'
    """
    known = sorted(behind, key=lambda each: each.name)
    level = max((each.level for each in known), key=CLASSES.index, default=CLASSES[0])
    return Standing(level, tuple(each.why for each in known if each.level == level))
