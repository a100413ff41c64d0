"""Parquet that Hugging Face `datasets` reads: features in the schema, media as bytes, labels as classes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from bimetal.connectors import LABELS
from bimetal.connectors._answers import labels_of, revived, told
from bimetal.connectors._features import ANSWERS, classes, features, holds_answers, labelled, plain
from bimetal.connectors._items import by_item
from bimetal.connectors._losses import EVERYTHING, losses, refuse_task
from bimetal.connectors._reading import filled, json_of, named, record, refuse_ids, word
from bimetal.errors import InputError
from bimetal.plugins import Exchange, Loss

_OURS = b"bimetal"
_THEIRS = b"huggingface"
_SHARD = 2_000  # rows
_LARGEST = 8 << 30  # bytes a file may say it unpacks to


@dataclass(frozen=True)
class Huggingface:
    """Read and write the Parquet files of a dataset, in shards; every answer stands in a column `answers`."""

    tasks: ClassVar[tuple[str, ...]] = tuple(LABELS)

    def read(self, files: Mapping[str, bytes]) -> Exchange:
        parts = [_parquet(name, filled(files, name)) for name in named(files, ".parquet")]
        try:
            found = pa.concat_tables(parts, promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
            raise InputError(f"the files differ in their columns: {str(fault)[:120]}", "import one split") from fault
        meta: dict[Any, Any] = dict(parts[0].schema.metadata or {})
        ours = record("bimetal", json_of("bimetal metadata", meta.get(_OURS, b"{}")))
        theirs = record("features", json_of("features", meta.get(_THEIRS, b"{}")))
        names = classes(theirs)
        task, rows = plain(found, names, str(ours.get("task") or ""))
        answers = []
        if holds_answers(rows):
            for item, given in zip(map(str, rows["id"].to_pylist()), rows["answers"].to_pylist(), strict=True):
                answers += [revived(item, each.get("value"), each, at) for at, each in enumerate(given or ())]
            rows = rows.drop_columns("answers")
        said = [word("label", each) for each in ours.get("labels", names)]
        used = labels_of(task, [*(each.value for each in answers), *_labels(rows)])
        refuse_ids(map(str, rows["id"].to_pylist()))
        return Exchange(rows, task, tuple(dict.fromkeys([*said, *used])), tuple(answers))

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
        """Write `data/train-00000-of-0000N.parquet` and so on, a shard at a time."""
        refuse_task(exchange, "Hugging Face", self.tasks)
        used = labels_of(exchange.task, _labels(exchange.rows))
        names = list(dict.fromkeys([*exchange.labels, *used]))
        given = by_item(exchange.annotations)
        shards = max(1, -(-exchange.rows.num_rows // _SHARD))
        for at in range(shards):
            rows = labelled(exchange.rows.slice(at * _SHARD, _SHARD), exchange.task, names)
            if given:
                lists = [[_answer(each) for each in given.get(str(item), ())] for item in rows["id"].to_pylist()]
                rows = rows.append_column("answers", pa.array(lists, ANSWERS))
            ours = {"task": exchange.task, "labels": names}
            info = {"info": {"features": features(rows.schema, exchange.task, names)}}
            meta = {_THEIRS: json.dumps(info), _OURS: json.dumps(ours, ensure_ascii=False)}
            sink = io.BytesIO()
            pq.write_table(rows.replace_schema_metadata(meta), sink, compression="zstd")
            yield f"data/train-{at:05d}-of-{shards:05d}.parquet", sink.getvalue()

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]:
        return losses(exchange, EVERYTHING)


def _answer(each: Any) -> dict[str, Any]:
    return told(each) | {"value": each.value}


def _labels(rows: pa.Table) -> list[str | None]:
    return rows["label"].to_pylist() if "label" in rows.column_names else []


def _parquet(name: str, raw: bytes) -> pa.Table:
    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        groups = (file.metadata.row_group(at) for at in range(file.metadata.num_row_groups))
        unpacked = sum(each.total_byte_size for each in groups)
        if unpacked > _LARGEST:
            raise InputError(f"{name} unpacks to {unpacked:,} bytes", "import it in parts")
        return file.read()
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise InputError(f"{name} is no Parquet that can be read: {str(fault)[:100]}", "download it again") from fault
