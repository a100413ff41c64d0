"""Each row's payload as a digest, remembered: rows are compared wherever they stand, and digested once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from bimetal.pilot.tables import payload_digests

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme


def payloads(programme: Programme, rows: pa.Table) -> list[str]:
    """Digest each row's payload; the same table again is a look-up."""
    return _kept(programme, programme.snapshots.put(rows), rows)


def payloads_held(programme: Programme, digest: str) -> list[str]:
    """Digest each row's payload in a snapshot held here."""
    return _kept(programme, digest, None)


def _kept(programme: Programme, digest: str, rows: pa.Table | None) -> list[str]:
    def work() -> pa.Table:
        table = programme.snapshots.get(digest) if rows is None else rows
        return pa.table({"payload": pa.array(payload_digests(table), pa.string())})

    return list(map(str, programme.steps.table("payloads", {"snapshot": digest}, work)["payload"].to_pylist()))
