"""Hugging Face features: which Arrow type each column has, and how `datasets` calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from bimetal.connectors import LABELS
from bimetal.connectors._items import parsed, spelled
from bimetal.connectors._reading import shown
from bimetal.errors import InputError

_WORDS = ("id", "annotator", "actor_kind", "at", "status", "reason", "suggestion", "comment", "value")
_NUMBERS: list[tuple[str, pa.DataType]] = [("seconds", pa.float64()), ("round", pa.int64()), ("guideline", pa.int64())]
ANSWERS = pa.list_(pa.struct([*((name, pa.string()) for name in _WORDS), *_NUMBERS]))
_MEDIA = {"image": "Image", "audio": "Audio"}
_FILE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def holds_answers(rows: pa.Table) -> bool:
    """Say whether a column `answers` is one of ours; questions with answers have one of that name, too."""
    kind = rows["answers"].type if "answers" in rows.column_names else pa.null()
    inner = kind.value_type if pa.types.is_list(kind) else pa.null()
    return pa.types.is_struct(inner) and {"annotator", "value"} <= {field.name for field in inner}


def features(schema: pa.Schema, task: str, names: Sequence[str]) -> dict[str, Any]:
    """Describe columns as `datasets` keeps it beside the schema."""
    found: dict[str, Any] = {}
    for field in schema:
        if field.name in _MEDIA and field.type == _FILE:
            found[field.name] = {"_type": _MEDIA[field.name]}
        elif field.name == "label" and task == "classification":
            found[field.name] = {"names": list(names), "_type": "ClassLabel"}
        else:
            found[field.name] = _feature(field.type)
    return found


def classes(meta: Mapping[str, Any]) -> list[str]:
    """Return the names of the classes of `label`, none where it is no class label."""
    try:
        label = meta["info"]["features"]["label"]
        return [str(each) for each in label["names"]] if label["_type"] == "ClassLabel" else []
    except (KeyError, TypeError):
        return []


def labelled(rows: pa.Table, task: str, names: Sequence[str]) -> pa.Table:
    """Turn an exchange's rows to what `datasets` expects: media as structs, labels as numbers, lists or texts."""
    for name in _MEDIA:
        if name in rows.column_names:
            files = [None if each is None else {"bytes": each, "path": None} for each in rows[name].to_pylist()]
            rows = rows.set_column(rows.column_names.index(name), name, pa.array(files, _FILE))
    if "label" in rows.column_names:
        told = [None if each is None else _told(task, each, names) for each in rows["label"].to_pylist()]
        rows = rows.set_column(rows.column_names.index("label"), "label", pa.array(told, LABELS[task]))
    return rows


def plain(rows: pa.Table, names: Sequence[str], said: str) -> tuple[str, pa.Table]:
    """Turn a dataset's rows to an exchange's and tell the task: what the file says of itself, else by the label."""
    for name in rows.column_names:
        if pa.types.is_struct(rows[name].type) and "bytes" in [field.name for field in rows[name].type]:
            files = [_bytes(name, each) for each in rows[name].to_pylist()]
            rows = rows.set_column(rows.column_names.index(name), name, pa.array(files, pa.large_binary()))
    if "id" not in rows.column_names:
        rows = rows.add_column(0, "id", pa.array([f"{at:07d}" for at in range(rows.num_rows)]))
    rows = rows.set_column(
        rows.column_names.index("id"), "id", pa.array([str(each) for each in rows["id"].to_pylist()])
    )
    if "label" not in rows.column_names:
        return said or "classification", rows.replace_schema_metadata(None)
    task = said if said in LABELS else _task(rows["label"].type)
    texts = [_text(task, each, names) for each in rows["label"].to_pylist()]
    at = rows.column_names.index("label")
    return task, rows.set_column(at, "label", pa.array(texts, pa.string())).replace_schema_metadata(None)


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_feature(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    names = {"double": "float64", "float": "float32", "halffloat": "float16"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}


def _told(task: str, value: str, names: Sequence[str]) -> Any:
    if task == "classification":
        return list(names).index(value)
    return value if LABELS[task] == pa.string() else parsed(value)


def _task(kind: pa.DataType) -> str:
    for task in ("tags", "spans", "boxes", "polygons"):
        if _feature(kind) == _feature(LABELS[task]):
            return task
    if pa.types.is_floating(kind):
        return "score"
    if pa.types.is_nested(kind):
        raise InputError(f"the label is {kind}", "turn it into one of the forms of docs/modalities.md")
    return "classification"


def _text(task: str, value: Any, names: Sequence[str]) -> str | None:
    if value is None:
        return None
    if task == "classification" and names:
        if not (isinstance(value, int) and 0 <= value < len(names)):
            if value != -1:  # how datasets spells a hidden label
                raise InputError(f"a label is class {shown(value)} of {len(names)}", "name every class in the features")
            return None
        return names[value]
    return spelled(value) if task != "classification" and not isinstance(value, str) else str(value)


def _bytes(name: str, value: Any) -> bytes | None:
    if value is None or isinstance(value.get("bytes"), bytes):
        return None if value is None else value["bytes"]
    raise InputError(f"column {name!r} names {shown(value.get('path'))}, and holds no bytes", "embed the files first")
