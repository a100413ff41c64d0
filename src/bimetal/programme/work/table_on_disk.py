"""One row of a snapshot at once: its payload laid out on disk, mapped into memory, found by the item's id."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import StoreError
from bimetal.store import files

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

BATCH = 256
"""Rows laid out at a time."""

_PLACE = np.dtype([("hash", "<u8"), ("batch", "<u4"), ("row", "<u4")])


class OnDisk:
    """A table whose rows are read one by one, none of it held in memory; any thread may ask."""

    def __init__(self, rows: Path, places: Path) -> None:
        import pyarrow as pa

        try:
            self._file = pa.ipc.open_file(pa.memory_map(str(rows)))
            self._places: NDArray[Any] = np.load(places, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, pa.ArrowInvalid) as fault:
            raise StoreError(
                f"{rows} cannot be read: {fault}", f"remove the folder {rows.parent}: it is made again"
            ) from fault
        self._hashes = self._places["hash"]
        self._lock = threading.Lock()

    @property
    def schema(self) -> pa.Schema:
        """The columns there are."""
        return self._file.schema

    def row(self, identity: str) -> dict[str, pa.Scalar[Any]] | None:
        """Return a row's cells by its `id`, or None where there is none."""
        wanted = _hash(identity)
        at = int(np.searchsorted(self._hashes, np.uint64(wanted)))
        while at < len(self._places) and int(self._hashes[at]) == wanted:
            _, batch, row = self._places[at].item()
            with self._lock:
                held = self._file.get_batch(batch)
            if str(held.column("id")[row].as_py()) == identity:
                return {name: held.column(name)[row] for name in held.schema.names}
            at += 1
        return None


def on_disk(source: Path, folder: Path, choose: Callable[[pa.Schema], Sequence[str]]) -> OnDisk:
    """Open the layout of a snapshot, made at the first asking; `choose` names the columns it takes beside `id`."""
    rows, places = folder / f"{source.stem}.arrow", folder / f"{source.stem}.npy"
    if not (rows.exists() and places.exists()):
        _opened.cache_clear()
        _lay_out(source, rows, places, choose)
    return _opened(rows.resolve(), places.resolve())


@lru_cache(maxsize=32)
def _opened(rows: Path, places: Path) -> OnDisk:
    return OnDisk(rows, places)


def _lay_out(source: Path, rows: Path, places: Path, choose: Callable[[pa.Schema], Sequence[str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: list[NDArray[Any]] = []
    with files.aside(rows.parent) as temporary, pq.ParquetFile(source, memory_map=True) as parquet:
        columns = ["id", *choose(parquet.schema_arrow)]
        kept = pa.schema([parquet.schema_arrow.field(name) for name in columns])
        with pa.ipc.new_file(str(temporary), kept) as sink:
            for number, batch in enumerate(parquet.iter_batches(BATCH, columns=columns)):
                sink.write_batch(batch.select(columns).cast(kept) if batch.schema != kept else batch)
                found.append(_found(batch, number))
        files.settle(temporary, rows)
    index = np.concatenate([np.zeros(0, _PLACE), *found])
    index.sort(order="hash")
    with files.aside(places.parent) as temporary:
        with temporary.open("wb") as file:
            np.save(file, index, allow_pickle=False)
        files.settle(temporary, places)


def _found(batch: pa.RecordBatch, number: int) -> NDArray[Any]:
    hashes = [_hash(str(each)) for each in batch.column("id").to_pylist()]
    found = np.empty(len(hashes), _PLACE)
    found["hash"], found["batch"], found["row"] = hashes, number, np.arange(len(hashes))
    return found


def _hash(identity: str) -> int:
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest())
