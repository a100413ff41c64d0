"""A sheet read from JSON: every key of the right kind, and every fault named by its path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bimetal.annotation.sheet import REASONS, Example, Label, Sheet, refuse
from bimetal.errors import InputError


def read(said: object) -> Sheet:
    """Read a sheet; raises InputError naming every fault by its path."""
    faults: list[str] = []
    place = _Place(said, "", faults)
    place.only(Sheet.__dataclass_fields__)
    told: dict[str, Any] = {
        "task": place.text("task", ""),
        "labels": tuple(_label(each) for each in place.listed("labels")),
        "guideline": place.words("guideline"),
        "examples": tuple(_example(each) for each in place.listed("examples")),
        "version": place.whole("version", 1),
        "language": place.text("language", "en"),
        "scale": _scale(place),
        "points": place.names("points", ()),
        "warning": place.text("warning", ""),
        "reasons": place.names("reasons", REASONS),
    }
    refuse(faults)
    return Sheet(**told)


def _label(place: _Place) -> Label:
    place.only(Label.__dataclass_fields__)
    return Label(place.text("value"), place.words("names"), place.words("about"), place.text("key", ""))


def _example(place: _Place) -> Example:
    place.only(Example.__dataclass_fields__)
    return Example(place.text("text"), place.text("value"), place.words("why"))


def _scale(place: _Place) -> tuple[float, float, float] | None:
    said = place.get("scale")
    if said is None:
        return None
    numbers = said if isinstance(said, list) else []
    if len(numbers) != 3 or not all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers):
        place.fault("scale", "[low, high, step]", said)
        return None
    if any(isinstance(each, int) and abs(each) > 2**53 for each in numbers):
        place.fault("scale", "numbers up to 2^53", said)
        return None
    return float(numbers[0]), float(numbers[1]), float(numbers[2])


class _Place:
    """An object of JSON and where it stands; what is missing or of the wrong kind becomes a fault."""

    def __init__(self, said: object, path: str, faults: list[str]) -> None:
        self.path, self.faults = path, faults
        if not isinstance(said, Mapping):
            if not path:
                raise InputError(f"a sheet is an object of JSON, got {str(said)[:60]!r}", "send one")
            faults.append(f"{path}: expected an object, got {_short(said)}")
        self.said: Mapping[str, Any] = said if isinstance(said, Mapping) else {}

    def only(self, known: Iterable[str]) -> None:
        allowed = set(known)
        self.faults += [f"{self._under(str(key)[:60])}: no such key" for key in self.said if key not in allowed]

    def get(self, key: str) -> Any:
        return self.said.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        said = self.said.get(key, default)
        if isinstance(said, str):
            return said
        if said is None and key not in self.said:
            if not self.said:
                return ""
            self.faults.append(f"{self._under(key)}: expected text, got nothing")
        else:
            self.fault(key, "text", said)
        return ""

    def whole(self, key: str, default: int) -> int:
        said = self.said.get(key, default)
        if isinstance(said, int) and not isinstance(said, bool):
            return said
        self.fault(key, "a whole number", said)
        return default

    def words(self, key: str) -> dict[str, str]:
        said = self.said.get(key, {})
        if isinstance(said, Mapping) and all(isinstance(each, str) for pair in said.items() for each in pair):
            return dict(said)
        self.fault(key, "texts by language", said)
        return {}

    def names(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        said = self.said.get(key, list(default))
        if isinstance(said, list) and all(isinstance(each, str) for each in said):
            return tuple(said)
        self.fault(key, "a list of texts", said)
        return default

    def listed(self, key: str) -> list[_Place]:
        said = self.said.get(key, [])
        if not isinstance(said, list):
            self.fault(key, "a list", said)
            return []
        return [_Place(each, f"{self._under(key)}[{at}]", self.faults) for at, each in enumerate(said)]

    def fault(self, key: str, expected: str, said: object) -> None:
        self.faults.append(f"{self._under(key)}: expected {expected}, got {_short(said)}")

    def _under(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _short(said: object) -> str:
    try:
        return repr(said)[:60]
    except (ValueError, RecursionError):  # a number of more digits than Python spells, or nests without end
        return type(said).__name__
