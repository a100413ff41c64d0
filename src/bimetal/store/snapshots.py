"""Parquet snapshots named by the SHA-256 of their bytes: written once, never changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bimetal.errors import StoreError
from bimetal.store import files

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 65_536
_NAME = re.compile(r"([0-9a-f]{64})\.parquet")


class Snapshots:
    """A folder of immutable tables, each in a file named by its digest.

    >>> import pyarrow as pa, tempfile
    >>> snapshots = Snapshots(Path(tempfile.mkdtemp()))
    >>> digest = snapshots.put(pa.table({"id": ["a", "b"]}))
    >>> digest in snapshots, snapshots.get(digest).num_rows
    (True, 2)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, table: pa.Table) -> str:
        """Keep a table and return its digest, 64 hex digits; equal rows give equal digests however they are chunked."""
        with files.aside(self.folder) as temporary:
            _write(table, temporary)
            digest = _hash(temporary)
            if digest not in self:
                files.settle(temporary, self.path(digest), mode=0o444)
        return digest

    def get(self, digest: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table, or some of its columns; raises StoreError where it is missing or unreadable."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self._existing(digest)
        try:
            return pq.read_table(path, columns=None if columns is None else list(columns), partitioning=None)
        except (pa.ArrowInvalid, OSError) as fault:
            raise StoreError(f"snapshot {digest} cannot be read: {fault}", _RESTORE) from fault

    def verify(self, digest: str) -> None:
        """Read every byte again; raises StoreError where they no longer give the digest."""
        found = _hash(self._existing(digest))
        if found != digest:
            raise StoreError(f"snapshot {digest} is damaged: its bytes now give {found}", _RESTORE)

    def path(self, digest: str) -> Path:
        """Say where a snapshot is kept, whether or not it is there."""
        return self.folder / f"{digest}.parquet"

    def __contains__(self, digest: str) -> bool:
        return self.path(digest).exists()

    def __iter__(self) -> Iterator[str]:
        found = (_NAME.fullmatch(path.name) for path in self.folder.glob("*.parquet"))
        return iter(sorted(match[1] for match in found if match))

    def _existing(self, digest: str) -> Path:
        if digest not in self:
            raise StoreError(f"snapshot {digest} is not in {self.folder}", _RESTORE)
        return self.path(digest)


_RESTORE = "restore the file from a backup, or run the command that made it again"


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    # Settings are spelled out and rows rechunked, so that the bytes depend on the rows alone.
    with pq.ParquetWriter(
        path, table.schema, compression="zstd", compression_level=3, version="2.6", data_page_version="1.0"
    ) as writer:
        for start in range(0, table.num_rows, ROW_GROUP):
            writer.write_table(table.slice(start, ROW_GROUP).combine_chunks(), row_group_size=ROW_GROUP)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
