"""The programme: one folder a team shares, and the only object that remembers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import ConfigError, InputError, StoreError
from bimetal.plugins import Model
from bimetal.programme import clock, config
from bimetal.programme.config import Config
from bimetal.store import files
from bimetal.store.keys import keys_folder, signing_key
from bimetal.store.lock import only_one
from bimetal.store.log import Log
from bimetal.store.schema import datasets
from bimetal.store.snapshots import Snapshots
from bimetal.store.state import State
from bimetal.store.steps import Steps
from bimetal.types import Dataset, Entry, Origin, Role

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Connection

MEMORY = ".bimetal"


@dataclass(frozen=True)
class Stored:
    """A dataset the programme holds: its name, role, snapshot digest, row count and where it came from."""

    name: str
    role: Role
    digest: str
    rows: int
    source: str
    licence: str
    at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Programme:
    """A programme folder, open: what people decided (`config`) and what the program remembers (the rest)."""

    folder: Path
    config: Config
    state: State
    snapshots: Snapshots
    log: Log
    actor: str
    now: Callable[[], datetime]
    fitted: dict[str, Model] = field(default_factory=dict)  # by digest, for this process alone

    @property
    def steps(self) -> Steps:
        """The one way long work resumes: results stored under the digest of their inputs."""
        return Steps(self.state, self.snapshots, self.now)

    @property
    def memory(self) -> Path:
        return self.folder / MEMORY

    def append(self, connection: Connection, action: str, subject: str, body: Mapping[str, Json]) -> Entry:
        """Log an entry inside a transaction that is already open."""
        return self.log.append(connection, at=self.now(), actor=self.actor, action=action, subject=subject, body=body)

    def record(
        self, action: str, subject: str, body: Mapping[str, Json], act: Callable[[Connection], object] | None = None
    ) -> Entry:
        """Do an act and log it in one transaction: either both stand or neither."""

        def both(connection: Connection) -> Entry:
            if act is not None:
                act(connection)
            return self.append(connection, action, subject, body)

        return self.state.write(both)

    def keep(self, dataset: Dataset, action: str = "dataset.added", **details: Json) -> Stored:
        """Store a dataset's rows as an immutable snapshot and record where they came from."""
        digest = self.snapshots.put(dataset.rows)
        origin = dataset.origin
        made_by = origin.made_by.json() if origin.made_by else None
        extra: dict[str, Json] = {"kind": origin.kind, "recipe": made_by, "parents": list(origin.parents), **details}
        row: dict[str, Json] = {
            "name": dataset.name,
            "role": dataset.role,
            "digest": digest,
            "source": origin.source,
            "licence": origin.licence,
            "rows": dataset.rows.num_rows,
        }
        at = self.now()
        insert = datasets.insert().values(**row, at=at, details=json.dumps(extra))
        self.record(action, digest, {**row, **extra}, lambda connection: connection.execute(insert))
        return Stored(**row, at=at, details=extra)  # type: ignore[arg-type]  # the row's keys are Stored's fields

    def datasets(self, role: Role | None = None, name: str | None = None) -> list[Stored]:
        """List the datasets held, oldest first, of one role or name if asked."""
        query = datasets.select().order_by(datasets.c.id)
        if role is not None:
            query = query.where(datasets.c.role == role)
        if name is not None:
            query = query.where(datasets.c.name == name)
        with self.state.read() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [_stored(row) for row in rows]

    def dataset(self, reference: str) -> Stored:
        """Find a dataset by name (the newest), digest or unambiguous start of one; raises InputError."""
        held = self.datasets()
        named = [each for each in held if each.name == reference]
        if named:
            return named[-1]
        begun = {each.digest: each for each in held if len(reference) >= 4 and each.digest.startswith(reference)}
        if len(begun) == 1:
            return next(iter(begun.values()))
        known = ", ".join(sorted({each.name for each in held})) or "none yet"
        raise InputError(f"no dataset is called {reference!r}", f"datasets here: {known}")

    def load(self, stored: Stored) -> Dataset:
        """Read a stored dataset back with its rows."""
        origin = Origin(stored.details["kind"], stored.source, stored.licence, None, tuple(stored.details["parents"]))
        return Dataset(stored.name, self.snapshots.get(stored.digest), self.config.labelled, stored.role, origin)

    def usable(self, role: Role) -> list[Stored]:
        """List the datasets of a role that anything may use: all but a vendor's in quarantine."""
        from bimetal.programme.quarantine import in_quarantine  # which reads programmes itself

        return [each for each in self.datasets(role) if not in_quarantine(self, each)]

    def rows(self, role: Role, *, as_they_came: bool = False) -> pa.Table | None:
        """Put together the rows of every usable dataset with a role, or None where there are none.

        `as_they_came` leaves out rows chosen for being hard, which no fair sample of the population holds. Rows that an
        evaluation panel was drawn with are left out of what models and generators learn from.
        """
        from bimetal.programme.policy.panel import unsealed  # which reads programmes itself

        held = [each for each in self.usable(role) if not (as_they_came and each.details.get("chosen"))]
        tables = [unsealed(self, each) for each in held]
        return pa.concat_tables(tables, promote_options="permissive") if tables else None

    def alone(self, job: str) -> Any:
        """Hold a job so that a second instance of it is refused; readers and short writers go on."""
        return only_one(self.memory, job)


def create(folder: Path, decided: Config) -> None:
    """Write a new programme's bimetal.toml and memory; raises InputError where one stands already."""
    path = folder / config.FILE
    if path.exists():
        raise InputError(f"{path} exists already", "choose another folder, or edit that file")
    written = _encoded(config.dump(decided) + config.guide())
    with _remembering(folder, decided) as programme:
        programme.record("programme.created", decided.programme.name, {"purpose": decided.programme.purpose})
    files.write(path, written, replace=False)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as fault:
        broken = text[fault.start : fault.end]
        raise ConfigError(f"an answer holds {broken!r}, which no file can hold", "type it again in UTF-8") from fault


@contextmanager
def opened(folder: Path, *, now: Callable[[], datetime] = clock.now, actor: str | None = None) -> Iterator[Programme]:
    """Open a programme's folder; raises ConfigError for a faulty bimetal.toml, StoreError for a damaged memory."""
    with _remembering(folder, config.load(folder), now, actor) as programme:
        yield programme


@contextmanager
def _remembering(
    folder: Path,
    decided: Config,
    now: Callable[[], datetime] = clock.now,
    actor: str | None = None,
) -> Iterator[Programme]:
    memory = folder / MEMORY
    memory.mkdir(parents=True, exist_ok=True)
    with State.open(f"sqlite:///{(memory / 'state.db').resolve()}") as state:
        origin = _origin(memory, decided.programme.name)
        log = Log(state, memory / "log", _key(memory, origin, keys_folder()), origin)
        try:
            yield Programme(folder, decided, state, Snapshots(memory / "snapshots"), log, actor or clock.person(), now)
        finally:
            log.publish()


def _origin(memory: Path, name: str) -> str:
    """Name the log for good, so that two programmes of one name never share a signing key."""
    path = memory / "origin"
    if not path.exists():
        if _signed(memory):
            raise StoreError(
                f"{path} is gone, and with it the name the log is signed under", "restore it from a backup"
            )
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "programme"
        files.write(path, f"{plain}-{secrets.token_hex(4)}".encode(), replace=False)
    return path.read_text(encoding="ascii")


def _key(memory: Path, origin: str, folder: Path) -> Ed25519PrivateKey:
    """Return the log's signing key, made with the programme and never again."""
    if _signed(memory) and not (folder / origin).exists():
        raise StoreError(
            f"the signing key of {origin} is not in {folder}",
            "set BIMETAL_KEYS to the folder that holds it, or restore it",
        )
    return signing_key(origin, folder)


def _signed(memory: Path) -> bool:
    return (memory / "log" / "checkpoint").exists()


def _stored(row: Mapping[str, Any]) -> Stored:
    return Stored(
        **{key: row[key] for key in ("name", "role", "digest", "rows", "source", "licence", "at")},
        details=json.loads(row["details"]),
    )
