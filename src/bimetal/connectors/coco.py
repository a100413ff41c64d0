"""COCO's JSON of boxes, polygons or keypoints beside a folder of pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from bimetal.canonical import Json
from bimetal.connectors._answers import labels_of
from bimetal.connectors._coco_shapes import keypoints_named, read_shape, written_shape
from bimetal.connectors._items import ending, fetched, items, parsed, size, spelled
from bimetal.connectors._losses import losses, refuse_task
from bimetal.connectors._reading import json_of, listed, only, record, shown, table, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss


@dataclass(frozen=True)
class Coco:
    """Read and write `annotations.json` and `images/`; `task` says which shapes to read, by default the richest.

    An item's id is its picture's name without the ending. Crowd regions are listed as lost. Masks (PNG in base64) are
    written as run lengths, and refused where they are read.
    """

    task: str = ""
    tasks: ClassVar[tuple[str, ...]] = ("boxes", "polygons", "keypoints")

    def __post_init__(self) -> None:
        if self.task and self.task not in self.tasks:
            raise InputError(f"task is {self.task!r}", f"expected one of: {', '.join(self.tasks)}")

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        name, raw = only(files, ".json")
        found = record(name, json_of(name, raw))
        folder = str(PurePosixPath(name).parent)
        pictures = _known(found, "images", "file_name")
        categories = _known(found, "categories", "name")
        kept, crowd = _annotations(found, pictures)
        task = self.task or _richest(kept)
        shapes: dict[str, list[Json]] = {each: [] for each in pictures}
        for where, each in kept:
            shapes[word(where, each["image_id"])].append(_shape(task, where, each, categories))
        licences = {word("licence", each.get("id")): each.get("name") for each in _objects(found, "licenses")}
        rows = []
        for key, picture in pictures.items():
            file = word("file_name", picture["file_name"])
            row: dict[str, Any] = {"id": unquote(str(PurePosixPath(file).with_suffix("")))}
            row |= {"image": fetched(f"image {key}", file, files, "images", folder, f"{folder}/images")}
            licence = licences.get(str(picture.get("license")))
            rows.append(row | ({"licence": str(licence)} if licence else {}) | {"label": spelled(shapes[key])})
        labels = tuple(dict.fromkeys(word("category", each["name"]) for each in categories.values()))
        lost = (Loss("crowd regions", f"{crowd} regions of many things at once"),) if crowd else ()
        return Exchange(table(rows), task, labels, (), lost)

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write the pictures one by one, then `annotations.json`."""
        refuse_task(exchange, "COCO", (*self.tasks, "masks"))
        labels = sorted({*exchange.labels, *labels_of(exchange.task, _labels(exchange))})
        names = keypoints_named(exchange.task, _labels(exchange))
        categories = [
            {"id": at, "name": name, "supercategory": ""} | names.get(name, {}) for at, name in _from_one(labels)
        ]
        numbers = {name: at for at, name in _from_one(labels)}
        images: list[Any] = []
        shapes: list[Any] = []
        licences: dict[str, int] = {}
        labelled = (row for row in items(exchange.rows) if row.get("label") is not None)
        for at, row in _from_one(labelled):
            file = quote(row["id"], safe="") + ending(row["image"])
            width, height = size(f"item {row['id']}", row["image"])
            image = {"id": at, "file_name": file, "width": width, "height": height}
            if row.get("licence"):
                image["license"] = licences.setdefault(row["licence"], len(licences) + 1)
            images.append(image)
            for each in parsed(row["label"]):
                head = {"id": len(shapes) + 1, "image_id": at, "category_id": numbers[each["label"]], "iscrowd": 0}
                shapes.append(head | written_shape(exchange.task, each, names))
            yield f"images/{file}", row["image"]
        known = [{"id": at, "name": name, "url": ""} for name, at in licences.items()]
        body = {"images": images, "annotations": shapes, "categories": categories, "licenses": known}
        yield "annotations.json", json.dumps(body, ensure_ascii=False).encode()

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        return losses(exchange, {"licence"})


def _from_one(values: Any) -> Any:
    return enumerate(values, 1)


def _labels(exchange: Exchange) -> list[str | None]:
    return exchange.rows["label"].to_pylist() if "label" in exchange.rows.column_names else []


def _objects(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [record(f"{name} {at}", each) for at, each in enumerate(listed(name, found.get(name) or []), 1)]


def _known(found: Mapping[str, Any], name: str, what: str) -> dict[str, dict[str, Any]]:
    """Index a list of the file by id; raises InputError for an id or a name that stands twice."""
    known: dict[str, dict[str, Any]] = {}
    for each in _objects(found, name):
        key = word(f"{name} id", each.get("id"))
        if key in known:
            raise InputError(f"{name} has the id {shown(key)} twice", "give each an id of its own")
        word(f"{name} {key} {what}", each.get(what))
        known[key] = each
    if not known:
        raise InputError(f"the file lists no {name}", "export COCO with images and categories")
    return known


def _annotations(found: Mapping[str, Any], pictures: Mapping[str, Any]) -> tuple[list[tuple[str, dict[str, Any]]], int]:
    kept, seen, crowd = [], set(), 0
    for each in _objects(found, "annotations"):
        where = f"annotation {shown(each.get('id'))}"
        key = word(where, each.get("id"))
        if key in seen:
            raise InputError(f"{where} stands twice", "give each annotation an id of its own")
        seen.add(key)
        if word(f"{where} image_id", each.get("image_id")) not in pictures:
            raise InputError(
                f"{where} is on image {shown(each.get('image_id'))}, which is not listed", "list the image"
            )
        crowd += bool(each.get("iscrowd"))
        if not each.get("iscrowd"):
            kept.append((where, each))
    return kept, crowd


def _richest(kept: list[tuple[str, dict[str, Any]]]) -> str:
    if any(each.get("keypoints") for _, each in kept):
        return "keypoints"
    return "polygons" if any(each.get("segmentation") for _, each in kept) else "boxes"


def _shape(task: str, where: str, each: Mapping[str, Any], categories: Mapping[str, dict[str, Any]]) -> Json:
    category = categories.get(word(f"{where} category_id", each.get("category_id")))
    if category is None:
        raise InputError(f"{where} has category {shown(each.get('category_id'))}, which is not listed", "list it")
    return {**read_shape(task, where, each, category), "label": word(f"{where} category", category["name"])}
