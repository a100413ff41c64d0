"""Append-only transparency log: entries commit in SQL with the act they record, tiles and checkpoints follow."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.canonical import Json, canonical_json
from bimetal.errors import LogError
from bimetal.store import audit, checkpoint, merkle, proofs, schema
from bimetal.store.checkpoint import Checkpoint
from bimetal.store.keys import verifier_key
from bimetal.store.rows import leaves, read_entry, stored, stored_size
from bimetal.store.state import State
from bimetal.store.statements import Statement
from bimetal.store.tiles import Edge, Tiles, check_length
from bimetal.types import Entry

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_APPEND = Statement(sql.insert(schema.entries))


class Log:
    """The log of one programme; `origin` names it in checkpoints, `key` signs them.

    >>> import tempfile
    >>> from datetime import UTC
    >>> from bimetal.store.keys import signing_key
    >>> folder = Path(tempfile.mkdtemp())
    >>> state = State.open(f"sqlite:///{folder}/state.db")
    >>> log = Log(state, folder / "log", signing_key("digits", folder / "keys"), "digits")
    >>> what = dict(at=datetime(2026, 3, 1, tzinfo=UTC), actor="ana", action="data.added", subject="digits", body={})
    >>> state.write(lambda connection: log.append(connection, **what)).seq
    0
    >>> note = log.publish()
    >>> log.verify().checkpoint_size
    1
    >>> state.close()
    """

    def __init__(self, state: State, tiles_folder: Path, key: Ed25519PrivateKey, origin: str) -> None:
        self.verifier = verifier_key(origin, key)
        self.tiles = Tiles(tiles_folder)
        self._state, self._key, self._origin = state, key, origin
        self._edge, self._gate = Edge(), threading.Lock()

    def append(
        self, connection: Connection, *, at: datetime, actor: str, action: str, subject: str, body: Mapping[str, Json]
    ) -> Entry:
        """Add an entry inside the caller's transaction, so that it commits with the act it records, or not at all.

        Raises InputError where it is no JSON, has no time zone, or is longer than 65,535 bytes.
        """
        seq = stored_size(connection)
        who_what: dict[str, Json] = {"actor": actor, "action": action, "subject": subject, "body": body}
        leaf = canonical_json({"seq": seq, "at": schema.rfc3339(at), **who_what})
        check_length(leaf)
        _APPEND.run(connection, {"seq": seq, "leaf": leaf, "hash": merkle.leaf_hash(leaf)})
        return read_entry(leaf)

    def entries(
        self, start: int = 0, stop: int | None = None, action: str | None = None, subject: str | None = None
    ) -> Iterator[Entry]:
        """Read entries `start` up to `stop` in order, or those of one action or subject."""
        for row in stored(self._state, start, self.size if stop is None else stop):
            entry = read_entry(row.leaf)
            if action in {None, entry.action} and subject in {None, entry.subject}:
                yield entry

    @property
    def size(self) -> int:
        """Say how many entries there are, published or not."""
        with self._state.read() as connection:
            return stored_size(connection)

    def root(self) -> bytes:
        """Hash the tree over all entries, 32 bytes, reading only those that came since it was last asked."""
        with self._gate:
            self._edge.push(row.hash for row in stored(self._state, self._edge.size, self.size))
            return self._edge.root()

    def publish(self) -> str:
        """Write tiles up to the present size, sign a checkpoint, keep it in SQL and beside the tiles, and return it.

        Only what is new is written; tiles that are gone are rebuilt. Raises LogError, signing nothing, where the
        entries no longer lead to the last signed root.
        """
        import filelock

        self.tiles.folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(self.tiles.folder / ".publishing"):
            last = self._last()
            edge = self._continued(last)
            size = self.size
            self.tiles.extend(edge, leaves(self._state, edge.size, size))
            note = last[1] if last and last[0].size == size else self._signed(edge)
            self.tiles.publish(note)
        return note

    def prove(self, seq: int) -> proofs.Inclusion:
        """Prove that an entry is in the log as last published; raises LogError where it is not."""
        return proofs.prove(self.tiles, seq, self.verifier)

    def consistency(self, old_size: int) -> proofs.Consistency:
        """Prove that the log as last published only added to its first `old_size` entries."""
        return proofs.consistency(self.tiles, old_size, self.verifier)

    def verify(self) -> audit.Verified:
        """Recompute everything from SQL entries, tiles, bundles and every checkpoint.

        Raises LogError naming the first entry that does not fit.
        """
        return audit.verify_log(self._state, self.tiles.folder, self.verifier)

    def _last(self) -> tuple[Checkpoint, str] | None:
        newest = sql.select(schema.checkpoints.c.note).order_by(schema.checkpoints.c.size.desc()).limit(1)
        with self._state.read() as connection:
            note = connection.execute(newest).scalar()
        last = None if note is None else (checkpoint.verify(note, self.verifier), note)
        if (self.tiles.folder / "checkpoint").exists():
            published = checkpoint.verify(self.tiles.checkpoint(), self.verifier)
            known = last[0].size if last else 0
            if published.size > known:
                raise LogError(
                    f"{published.size} entries were signed, the database knows of {known}: its end was cut off",
                    "restore the newest backup of the database; nothing was signed",
                )
        return last

    def _continued(self, last: tuple[Checkpoint, str] | None) -> Edge:
        """Stand at the end of the last signed tree, its tiles rebuilt from SQL where they are gone."""
        if last is None:
            return Edge()
        try:
            edge = self.tiles.edge(last[0].size)
        except LogError:
            edge = Edge()
            self.tiles.extend(edge, leaves(self._state, 0, last[0].size))
        if edge.root() != last[0].root:
            raise LogError(
                f"the log no longer leads to the root signed at {last[0].size} entries; nothing was signed",
                "run: bimetal log verify, which names the entry that was changed",
            )
        return edge

    def _signed(self, edge: Edge) -> str:
        note = checkpoint.sign(Checkpoint(self._origin, edge.size, edge.root()), self._key)
        same = sql.select(schema.checkpoints.c.note).where(schema.checkpoints.c.size == edge.size)

        def keep(connection: Connection) -> str:
            known = connection.execute(same).scalar()
            if known is None:
                connection.execute(sql.insert(schema.checkpoints), {"size": edge.size, "note": note})
            return known or note

        return self._state.write(keep)
