"""Label Studio's results, region by region: percent to pixels, buckets to tiers, code points, into values and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bimetal.canonical import Json
from bimetal.connectors._items import exact, parsed, spelled
from bimetal.connectors._reading import listed, number, numbers, record, shown, word
from bimetal.errors import InputError

Regions = list[dict[str, Any]]
Size = tuple[int, int] | None
TYPES = {
    "classification": "choices",
    "tags": "choices",
    "spans": "labels",
    "boxes": "rectanglelabels",
    "polygons": "polygonlabels",
    "keypoints": "keypointlabels",
    "pairs": "pairwise",
    "ranking": "ranker",
    "best-worst": "ranker",
    "score": "number",
    "text": "textarea",
}
_SIDES = {"a": "left", "b": "right", "tie": "none"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer is about: the text or the picture's size, and a name for messages."""

    where: str
    text: str = ""
    size: Size = None


def kind_of(types: Sequence[str], choices: Sequence[int]) -> str:
    """Tell the task by the types of its results; several choices in one answer are tags."""
    for task, name in TYPES.items():
        if name in types:
            return "tags" if task == "classification" and max(choices, default=0) > 1 else task
    return "score" if "rating" in types else "classification"


def regions(task: str, value: str, about: Shown) -> list[tuple[str, dict[str, Any]]]:
    """Spell an answer as (type, value) of its regions."""
    name = TYPES[task]
    return [(name, each) for each in _WRITE[task](value, about)]


def value_of(task: str, found: Regions, about: Shown) -> str:
    """Read an answer from the regions of its task's type; raises InputError naming what is wrong."""
    return _READ[task](found, about)


def _boxes(value: str, about: Shown) -> Regions:
    width, height = _size(about)
    return [
        {
            "x": 100 * each["x0"] / width,
            "y": 100 * each["y0"] / height,
            "width": 100 * (each["x1"] - each["x0"]) / width,
            "height": 100 * (each["y1"] - each["y0"]) / height,
            "rotation": 0,
            "rectanglelabels": [each["label"]],
        }
        for each in parsed(value)
    ]


def _read_boxes(found: Regions, about: Shown) -> str:
    made: list[Json] = []
    for where, region, (width, height) in _placed(found, about):
        x, y, wide, high = (number(f"{where} {name}", region.get(name)) for name in ("x", "y", "width", "height"))
        corners = {"x0": x * width, "y0": y * height, "x1": (x + wide) * width, "y1": (y + high) * height}
        made.append({name: exact(at / 100) for name, at in corners.items()} | {"label": _label(where, region)})
    return spelled(made)


def _polygons(value: str, about: Shown) -> Regions:
    width, height = _size(about)
    return [
        {
            "points": [[100 * x / width, 100 * y / height] for x, y in each["points"]],
            "closed": True,
            "polygonlabels": [each["label"]],
        }
        for each in parsed(value)
    ]


def _read_polygons(found: Regions, about: Shown) -> str:
    made: list[Json] = []
    for where, region, (width, height) in _placed(found, about):
        points = [_pair(where, each) for each in listed(f"{where} points", region.get("points"))]
        spread = [[exact(x * width / 100), exact(y * height / 100)] for x, y in points]
        made.append({"points": spread, "label": _label(where, region)})
    return spelled(made)


def _keypoints(value: str, about: Shown) -> Regions:
    width, height = _size(about)
    return [
        {
            "x": 100 * x / width,
            "y": 100 * y / height,
            "width": 0.5,
            "keypointlabels": [name],
            "thing": [each["label"], str(at)],
        }
        for at, each in enumerate(parsed(value))
        for name, (x, y) in each["points"].items()
    ]


def _read_keypoints(found: Regions, about: Shown) -> str:
    """Put points that belong together into one thing; where the file does not say, each item is one thing."""
    things: dict[tuple[str, str], dict[str, Json]] = {}
    for where, region, (width, height) in _placed(found, about):
        said = [word(where, each) for each in listed(where, region.get("thing", ["", "0"]))]
        points = things.setdefault((said[-1], said[0]), {})
        name, x, y = _label(where, region), number(where, region.get("x")), number(where, region.get("y"))
        if name in points:
            raise InputError(f"{where} has the point {shown(name)} twice", "mark each point of a thing once")
        points[name] = [exact(x * width / 100), exact(y * height / 100)]
    return spelled([{"points": points, "label": label} for (_, label), points in things.items()])


def _spans(value: str, about: Shown) -> Regions:
    return [
        {
            "start": each["start"],
            "end": each["end"],
            "text": about.text[each["start"] : each["end"]],
            "labels": [each["label"]],
        }
        for each in parsed(value)
    ]


def _read_spans(found: Regions, about: Shown) -> str:
    """Read offsets as code points, which Label Studio counts since 1.4; as UTF-16 where only these give its text."""
    made = []
    for region in found:
        start, end = (round(number(f"{about.where} {name}", region.get(name))) for name in ("start", "end"))
        said = region.get("text")
        if isinstance(said, str) and _loose(about.text[max(start, 0) : end]) != _loose(said):
            wide = about.text.encode("utf-16-le", "replace")
            before, inner = wide[: 2 * start].decode("utf-16-le", "replace"), wide[2 * start : 2 * end]
            if _loose(inner.decode("utf-16-le", "replace")) != _loose(said):
                raise InputError(f"{about.where} marks {shown(said)}, which does not stand there", "export it again")
            start, end = len(before), len(before) + len(inner.decode("utf-16-le", "replace"))
        if not 0 <= start < end <= len(about.text):
            raise InputError(f"{about.where} marks {start} to {end} of {len(about.text)} characters", "export it again")
        made.append((start, end, _label(about.where, region)))
    return spelled([{"start": start, "end": end, "label": label} for start, end, label in sorted(made)])


def _loose(text: str) -> str:
    """Compare as Label Studio copies text: line ends spelled out, spaces at the ends taken away."""
    return text.replace("\\n", "\n").strip()


def _choices(found: Regions, about: Shown) -> list[str]:
    return [word(about.where, each) for region in found for each in listed(about.where, region.get("choices"))]


def _read_class(found: Regions, about: Shown) -> str:
    said = _choices(found, about)
    if len(said) != 1:
        raise InputError(f"{about.where} chooses {len(said)} labels, expected one", "correct the answer")
    return said[0]


def _read_pair(found: Regions, about: Shown) -> str:
    selected = _one(found, about).get("selected")
    side = next((side for side, name in _SIDES.items() if name == selected), None)
    if side is None:
        raise InputError(f"{about.where} selects {shown(selected)}", "expected left, right or none")
    return side


def _read_ranking(found: Regions, about: Shown) -> str:
    """Read buckets we wrote as tiers; one bucket of somebody else's is an order without ties."""
    buckets = record(about.where, _one(found, about).get("ranker"))
    if all(name.startswith("tier ") for name in buckets):
        return spelled([listed(about.where, each) for each in buckets.values()])
    if len(buckets) != 1:
        raise InputError(f"{about.where} sorts into {len(buckets)} buckets", "export a ranker with one list")
    return spelled([[word(about.where, each)] for each in listed(about.where, next(iter(buckets.values())))])


def _read_extremes(found: Regions, about: Shown) -> str:
    buckets = record(about.where, _one(found, about).get("ranker"))
    best, worst = (listed(about.where, buckets.get(name)) for name in ("best", "worst"))
    return spelled({"best": word(about.where, best[0]), "worst": word(about.where, worst[0])})


def _read_score(found: Regions, about: Shown) -> str:
    region = _one(found, about)
    return spelled(number(about.where, region.get("number", region.get("rating"))))


def _read_text(found: Regions, about: Shown) -> str:
    said = _one(found, about).get("text")
    return "\n".join(word(about.where, each) for each in (said if isinstance(said, list) else [said]))


def _placed(found: Regions, about: Shown) -> list[tuple[str, dict[str, Any], tuple[int, int]]]:
    if any(each.get("rotation") for each in found):
        raise InputError(f"{about.where} holds a turned shape", "redraw it upright, or as a polygon")
    return [(about.where, each, _size(about)) for each in found]


def _pair(where: str, value: Any) -> list[float]:
    at = numbers(where, value)
    if len(at) != 2:
        raise InputError(f"{where} has a point of {len(at)} numbers", "expected x and y")
    return at


def _size(about: Shown) -> tuple[int, int]:
    if about.size is None or min(about.size) < 1:
        raise InputError(f"{about.where} does not say how large its picture is", "import it with its pictures")
    return about.size


def _label(where: str, region: dict[str, Any]) -> str:
    said: Any = next((region[name] for name in TYPES.values() if name in region), [])
    if not isinstance(said, list) or len(said) != 1:
        raise InputError(f"{where} has a region with {shown(said)} for its label", "give every region one label")
    return word(where, said[0])


def _one(found: Regions, about: Shown) -> dict[str, Any]:
    if len(found) != 1:
        raise InputError(f"{about.where} holds {len(found)} results, expected one", "correct the answer")
    return found[0]


def _buckets(value: str) -> dict[str, Any]:
    return {f"tier {rank}": tier for rank, tier in enumerate(parsed(value), 1)}


_WRITE: dict[str, Callable[[str, Shown], Regions]] = {
    "classification": lambda value, _: [{"choices": [value]}],
    "tags": lambda value, _: [{"choices": parsed(value)}] if parsed(value) else [],
    "spans": _spans,
    "boxes": _boxes,
    "polygons": _polygons,
    "keypoints": _keypoints,
    "pairs": lambda value, _: [{"selected": _SIDES[value]}],
    "ranking": lambda value, _: [{"ranker": _buckets(value)}],
    "best-worst": lambda value, _: [{"ranker": {name: [option] for name, option in parsed(value).items()}}],
    "score": lambda value, _: [{"number": parsed(value)}],
    "text": lambda value, _: [{"text": [value]}],
}
_READ: dict[str, Callable[[Regions, Shown], str]] = {
    "classification": _read_class,
    "tags": lambda found, about: spelled(sorted(set(_choices(found, about)))),
    "spans": _read_spans,
    "boxes": _read_boxes,
    "polygons": _read_polygons,
    "keypoints": _read_keypoints,
    "pairs": _read_pair,
    "ranking": _read_ranking,
    "best-worst": _read_extremes,
    "score": _read_score,
    "text": _read_text,
}
