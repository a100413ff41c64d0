"""Label Studio's task JSON: items, annotations and predictions, with who answered, how long and what was skipped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

from bimetal.canonical import digest
from bimetal.connectors._answers import SHAPES, labels_of, revived, told
from bimetal.connectors._items import by_item, fetched, items, payload_names, provenance, size, uri
from bimetal.connectors._label_studio_results import TYPES, Shown, kind_of, regions, value_of
from bimetal.connectors._losses import EVERYTHING, PROVENANCE, losses, refuse_task
from bimetal.connectors._reading import filled, json_of, listed, named, number, record, table, word
from bimetal.plugins import Exchange, Loss
from bimetal.types import Annotation

_OBJECTS = {"image": "image", "audio": "audio", "text": "text"}
_OURS = "bimetal"  # our corner of a task's `meta`, which Label Studio keeps and hands back


@dataclass(frozen=True)
class LabelStudio:
    """Read and write Label Studio's export (the JSON of tasks); what it has no field for travels in a task's `meta`."""

    tasks: ClassVar[tuple[str, ...]] = tuple(TYPES)

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        (name,) = named(files, ".json")[:1]
        found = [record(f"task {at}", each) for at, each in enumerate(_tasks(name, files), 1)]
        task, other = _kind(found)
        rows: list[dict[str, Any]] = []
        answers: list[Annotation] = []
        for at, each in enumerate(found, 1):
            row = _row(f"task {at}", each, files)
            rows.append(row)
            answers += _answers(task, each, row)
        lost = [Loss("other results", f"{len(other)} results of type {', '.join(sorted(set(other)))}")] if other else []
        return Exchange(
            table(rows),
            task,
            labels_of(task, [*(each.value for each in answers), *(row.get("label") for row in rows)]),
            tuple(answers),
            tuple(lost),
        )

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `tasks.json`, a task at a time; pictures and sounds go in it as data URIs."""
        refuse_task(exchange, "Label Studio", self.tasks)
        given = by_item(exchange.annotations)
        lead = b"["
        for row in items(exchange.rows):
            told = json.dumps(_task(exchange, row, given.get(row["id"], [])), ensure_ascii=False)
            yield "tasks.json", lead + b"\n" + told.encode()
            lead = b","
        yield "tasks.json", b"\n]\n"

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        return losses(exchange, EVERYTHING, labels="labels that no answer gives")


def _tasks(name: str, files: Mapping[str, bytes]) -> list[Any]:
    return listed(name, json_of(name, filled(files, name)))


def _task(exchange: Exchange, row: Mapping[str, Any], given: Sequence[Annotation]) -> dict[str, Any]:
    data = {
        name: uri(row[name]) if isinstance(row[name], bytes) else row[name] for name in payload_names(exchange.rows)
    }
    about = _about(f"item {row['id']}", row, exchange.task)
    ours: dict[str, Any] = {**provenance(row), "task": exchange.task, "answers": [_told(each) for each in given]}
    if row.get("label") is not None:
        ours["label"] = row["label"]
    made: dict[str, Any] = {"data": {"id": row["id"], **data}, "annotations": [], "predictions": []}
    for at, each in enumerate(given):
        body = {"result": _result(exchange.task, each, at, about)}
        if _predicted(each):
            made["predictions"].append({**body, "model_version": each.annotator})
            ours["answers"][at]["body"] = made["predictions"][-1]
        else:
            times = {"lead_time": each.seconds, "created_at": each.at.isoformat()}
            made["annotations"].append({**body, "was_cancelled": each.status == "skipped", **times})
    return {**made, "meta": {_OURS: ours}}


def _predicted(each: Annotation) -> bool:
    return each.actor_kind == "model" and each.status == "submitted"


def _result(task: str, each: Annotation, at: int, about: Shown) -> list[dict[str, Any]]:
    """Spell an answer's regions; their ids begin with the answer's place, for Label Studio gives answers new ids."""
    if each.value is None:
        return []
    target = "image" if about.size else "text"
    frame = (
        {"original_width": about.size[0], "original_height": about.size[1], "image_rotation": 0} if about.size else {}
    )
    return [
        {"id": f"{at}-{part}", "type": kind, "from_name": "answer", "to_name": target, **frame, "value": value}
        for part, (kind, value) in enumerate(regions(task, each.value, about))
    ]


def _about(where: str, row: Mapping[str, Any], task: str) -> Shown:
    picture = row.get("image") if task in {"boxes", "polygons", "keypoints"} else None
    return Shown(where, str(row.get("text") or ""), size(where, picture) if picture else None)


def _row(where: str, task: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    data = record(f"{where} data", task.get("data"))
    ours = _ours(task)
    name = word(f"{where} id", data.get("id", task.get("id", task.get("inner_id", where))))
    row: dict[str, Any] = {"id": name}
    for key, value in data.items():
        if key != "id" and key not in PROVENANCE and value is not None:
            row[key] = (
                fetched(where, word(where, value), files, "images") if key in {"image", "audio"} else _cell(value)
            )
    row |= {key: word(where, ours[key]) for key in (*PROVENANCE, "label") if ours.get(key) is not None}
    return row


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _ours(task: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = task.get("meta")
    ours = meta.get(_OURS) if isinstance(meta, dict) else None
    return ours if isinstance(ours, dict) else {}


def _bodies(task: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    for each in listed("annotations", task.get("annotations") or task.get("completions") or []):
        yield record("an annotation", each), False
    by_number = 0
    for each in listed("predictions", task.get("predictions") or []):
        if isinstance(each, dict):
            yield each, True
        else:
            by_number += 1
    # Label Studio's own export lists predictions by number alone: ours are told in full by `meta`.
    told = [each for each in _known(task) if each.get("predicted")]
    if by_number == len(told):
        yield from ((body, True) for body in (each.get("body") for each in told) if isinstance(body, dict))


def _results(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [record("a result", each) for each in listed("result", body.get("result", []))]


def _kind(tasks: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """Tell what the project asks: our own word where it has one, else the type most of its results have."""
    said = {str(_ours(each).get("task", "")) for each in tasks}
    bodies = [_results(body) for each in tasks for body, _ in _bodies(each)]
    types = [str(each.get("type")) for each in chain.from_iterable(bodies)]
    known = [each for each in types if each in {*TYPES.values(), "rating"}]
    main = max(sorted(set(known)), key=known.count, default="choices")
    choices = [sum(len(_chosen(each)) for each in body) for body in bodies]
    task = said.pop() if len(said) == 1 and said <= set(TYPES) else kind_of([main], choices)
    return task, [each for each in types if each != main]


def _chosen(result: Mapping[str, Any]) -> Sequence[Any]:
    value = result.get("value")
    chosen = value.get("choices") if isinstance(value, dict) else None
    return chosen if isinstance(chosen, list) else ()


def _known(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [record("an answer", each) for each in listed("answers", _ours(task).get("answers", []))]


def _answers(task: str, item: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Annotation]:
    known = _known(item)
    bare = [each for each in known if each.get("empty")]
    for at, (body, predicted) in enumerate(_bodies(item)):
        own = _own(known, bare, _results(body), predicted)
        mine = [each for each in _results(body) if str(each.get("type")) in {TYPES[task], *_also(task)}]
        skipped = bool(body.get("was_cancelled")) or (not mine and own.get("status") == "skipped")
        framed = _framed(_about(f"item {row['id']}", row, task), mine)
        values = [record("a result's value", each.get("value")) for each in mine]
        empty = not mine and task not in {*SHAPES, "tags"}
        if empty and not skipped:
            continue  # nothing was answered: a prediction of another kind, or a draft
        value = None if skipped else value_of(task, values, framed)
        if own.get("digest") != digest(value):
            own = {}  # somebody changed the answer there: it is no longer the one whose author `meta` names
        yield revived(row["id"], value, {**_foreign(body, predicted), **own}, at)


def _also(task: str) -> tuple[str, ...]:
    return ("rating",) if task == "score" else ()


def _framed(about: Shown, mine: Sequence[Mapping[str, Any]]) -> Shown:
    if about.size is not None or not mine or "original_width" not in mine[0]:
        return about
    wide, high = (int(number("original size", mine[0].get(f"original_{side}"))) for side in ("width", "height"))
    return Shown(about.where, about.text, (wide, high))


def _own(
    known: list[dict[str, Any]], bare: list[dict[str, Any]], results: Sequence[Mapping[str, Any]], predicted: bool
) -> Mapping[str, Any]:
    """Find what `meta` tells of an answer: by its regions' ids, else the next of those that have no regions."""
    for each in results:
        place = str(each.get("id", "")).partition("-")[0]
        if place.isdecimal() and len(place) < 6 and int(place) < len(known):
            return known[int(place)]
    mine = [] if results else [each for each in bare if bool(each.get("predicted")) == predicted]
    if not mine:
        return {}
    bare.remove(mine[0])
    return mine[0]


def _told(each: Annotation) -> dict[str, Any]:
    said = {"empty": each.value in {None, "[]"}, "predicted": _predicted(each), "digest": digest(each.value)}
    return told(each) | said


def _foreign(body: Mapping[str, Any], predicted: bool) -> dict[str, Any]:
    """Say of an answer what Label Studio's own fields say."""
    if predicted:
        return {"annotator": str(body.get("model_version") or "model"), "actor_kind": "model"}
    by = body.get("completed_by")
    by = by.get("email", by.get("id")) if isinstance(by, dict) else by
    who = f"user {by}" if isinstance(by, int) else str(by or "unnamed")
    return {"annotator": who, "seconds": body.get("lead_time"), "at": body.get("created_at")}
