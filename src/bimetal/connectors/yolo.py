"""YOLO's folder: `data.yaml`, `images/` and a text of normalised boxes or polygons beside each in `labels/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from bimetal.canonical import Json
from bimetal.connectors._answers import labels_of
from bimetal.connectors._items import PICTURES, ending, exact, items, parsed, size, spelled
from bimetal.connectors._losses import losses, refuse_task
from bimetal.connectors._reading import named, shown, table, text_of
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss

_NEAR = 1e-6  # how far outside the picture rounding may put an edge


@dataclass(frozen=True)
class Yolo:
    """Read and write YOLO labels; a picture without a text is unlabelled, one with an empty text holds nothing."""

    tasks: ClassVar[tuple[str, ...]] = ("boxes", "polygons")

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        (yaml,) = named(files, "data.yaml", ".yaml", ".yml")[:1]
        labels = _names(yaml, text_of(yaml, files[yaml]))
        rows: list[dict[str, Any]] = []
        kinds: set[str] = set()
        for picture in named(files, *PICTURES):
            path = PurePosixPath(picture)
            row = {"id": unquote(_below_images(path)), "image": files[picture], "label": None}
            text = _text_beside(path, files)
            if text is not None:
                lines = _lines(text, files[text])
                kinds.update("boxes" if len(each) == 5 else "polygons" for _, each in lines)
                frame = size(picture, files[picture])
                row["label"] = spelled([_shape(where, each, labels, frame) for where, each in lines])
            rows.append(row)
        if len(kinds) > 1:
            raise InputError("the texts hold boxes and polygons", "keep one kind in a folder, and import it alone")
        return Exchange(table(rows), kinds.pop() if kinds else "boxes", tuple(labels))

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `data.yaml`, then each labelled picture and its text."""
        refuse_task(exchange, "YOLO", self.tasks)
        column = exchange.rows["label"].to_pylist() if "label" in exchange.rows.column_names else []
        labels = list(dict.fromkeys([*exchange.labels, *labels_of(exchange.task, column)]))
        listed = "".join(f"  {at}: {json.dumps(name, ensure_ascii=False)}\n" for at, name in enumerate(labels))
        yield "data.yaml", f"path: .\ntrain: images\nval: images\nnames:\n{listed}".encode()
        for row in items(exchange.rows):
            if row.get("label") is None:
                continue
            frame, name = size(f"item {row['id']}", row["image"]), quote(row["id"], safe="")
            lines = [_line(each, labels, frame) for each in parsed(row["label"])]
            yield f"images/{name}{ending(row['image'])}", row["image"]
            yield f"labels/{name}.txt", "".join(lines).encode()

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        return losses(exchange, (), edges="what lies outside the picture is cut off")


def _below_images(path: PurePosixPath) -> str:
    """Name a picture by its path below `images`, without the ending."""
    parts = path.with_suffix("").parts
    return "/".join(parts[parts.index("images") + 1 :] if "images" in parts[:-1] else parts)


def _text_beside(path: PurePosixPath, files: Mapping[str, bytes]) -> str | None:
    swapped = PurePosixPath(*("labels" if each == "images" else each for each in path.parts[:-1]), path.name)
    tried = (str(each.with_suffix(".txt")) for each in (swapped, path))
    return next((each for each in tried if each in files), None)


def _lines(name: str, raw: bytes) -> list[tuple[str, list[float]]]:
    found = []
    for at, line in enumerate(text_of(name, raw).splitlines(), 1):
        if line.strip():
            found.append((f"{name} line {at}", _numbers(f"{name} line {at}", line)))
    return found


def _numbers(where: str, line: str) -> list[float]:
    try:
        said = [float(each) for each in line.split()]
    except ValueError as fault:
        raise InputError(f"{where} is {shown(line)}", "expected a class and numbers from 0 to 1") from fault
    if not (len(said) == 5 or (len(said) >= 7 and len(said) % 2)):
        raise InputError(
            f"{where} has {len(said)} numbers", "expected class x y width height, or class and three points or more"
        )
    if not all(-_NEAR <= each <= 1 + _NEAR for each in said[1:]):  # NaN is in no range
        raise InputError(f"{where} leads out of the picture: {shown(line)}", "write shares of width and height, 0 to 1")
    return said


def _shape(where: str, said: Sequence[float], labels: Sequence[str], frame: tuple[int, int]) -> Json:
    width, height = frame
    if not (0 <= said[0] < len(labels) and said[0] == int(said[0])):
        raise InputError(f"{where} has class {said[0]:g}, data.yaml names {len(labels)}", "name every class")
    label = labels[int(said[0])]
    if len(said) > 5:
        points = [[exact(x * width), exact(y * height)] for x, y in zip(said[1::2], said[2::2], strict=True)]
        return {"points": points, "label": label}
    x, y, wide, high = said[1:]
    across = {"x0": exact((x - wide / 2) * width), "x1": exact((x + wide / 2) * width)}
    return {**across, "y0": exact((y - high / 2) * height), "y1": exact((y + high / 2) * height), "label": label}


def _line(each: Mapping[str, Any], labels: Sequence[str], frame: tuple[int, int]) -> str:
    width, height = frame
    if "points" in each:
        shares = [share for x, y in each["points"] for share in (_share(x, width), _share(y, height))]
    else:
        x0, x1 = _share(each["x0"], width), _share(each["x1"], width)
        y0, y1 = _share(each["y0"], height), _share(each["y1"], height)
        shares = [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]
    return " ".join([str(labels.index(each["label"])), *(f"{share:.12g}" for share in shares)]) + "\n"


def _share(at: float, whole: int) -> float:
    return min(max(at / whole, 0.0), 1.0)


def _names(where: str, text: str) -> list[str]:
    """Read `names` of data.yaml: a list or a map, on one line or below; no other YAML is needed."""
    head = re.search(r"^names[ \t]*:(.*)$", text, re.MULTILINE)
    if head is None:
        raise InputError(f"{where} names no classes", "add a line such as names: [cat, dog]")
    inline = head[1].partition(" #")[0].strip()
    if inline:
        entries = re.findall(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^,]+', inline.strip("[]{}"))
    else:
        below = re.match(r"(?:[ \t]*(?:-[ \t]+|\d+[ \t]*:[ \t]*|[ \t]+).*(?:\n|$)|[ \t]*\n)*", text[head.end() + 1 :])
        entries = [re.sub(r"^-\s+", "", each.strip()) for each in (below[0] if below else "").splitlines()]
    names = [_unquoted(re.sub(r"^\d+\s*:\s*", "", each.strip())) for each in entries if each.strip()]
    if not names or len(set(names)) < len(names):
        raise InputError(f"{where} names {len(names)} classes, {len(set(names))} different", "name each class once")
    return names


def _unquoted(text: str) -> str:
    if text.startswith('"') and text.endswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text[1:-1].replace("''", "'") if text[:1] == text[-1:] == "'" and len(text) > 1 else text
