"""Resume after any stop: results kept under the digest of what made them, so that doing a step again is a look-up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sql
from sqlalchemy import Connection

from bimetal.canonical import Json, canonical_json, digest
from bimetal.store import schema
from bimetal.store.snapshots import Snapshots
from bimetal.store.state import State

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""Anything that is called like `map`; its results may come in any order."""

_BOUND = 500  # variables in one look-up: SQLite before 3.32 allows 999


class Steps:
    """Run pure steps once; name a step's inputs by their digests in its `spec`.

    >>> import tempfile, pathlib
    >>> from datetime import UTC
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> state = State.open(f"sqlite:///{folder}/state.db")
    >>> steps = Steps(state, Snapshots(folder / "snapshots"), lambda: datetime(2026, 3, 1, tzinfo=UTC))
    >>> steps.value("double", {"of": 21}, lambda: 42)
    42
    >>> steps.value("double", {"of": 21}, lambda: 1 / 0)
    42
    >>> state.close()
    """

    def __init__(self, state: State, snapshots: Snapshots, clock: Callable[[], datetime]) -> None:
        self._state, self._snapshots, self._clock = state, snapshots, clock

    def table(self, name: str, spec: Json, work: Callable[[], pa.Table]) -> pa.Table:
        """Return the step's table, calling `work` where it was never finished or its snapshot is gone."""
        key = step_key(name, spec)
        known = self._tables([key]).get(key)
        return self._snapshots.get(known or self._keep_table(key, name, work()))

    def value(self, name: str, spec: Json, work: Callable[[], Json]) -> Json:
        """Return the step's JSON value, calling `work` where it was never finished."""
        key = step_key(name, spec)
        known = self._results([key]).get(key)
        if known is None or "value" not in known:
            known = {"value": json.loads(canonical_json(work()))}
            self._keep(key, name, known)
        value: Json = known["value"]
        return value

    def mapper(
        self, name: str, key: Callable[[Any], Json], run: Run = map
    ) -> Callable[[Callable[[Any], pa.Table], Iterable[Any]], Iterator[pa.Table]]:
        """Make a `map` that yields tables in order, sends only unfinished items through `run`, keeps each as it comes.

        `key` says what distinguishes an item; equal items run once. A `run` that yields as items finish, in whatever
        order, loses least when killed.
        """

        def mapped(work: Callable[[Any], pa.Table], items: Iterable[Any]) -> Iterator[pa.Table]:
            listed = list(items)
            keys = [step_key(name, key(item)) for item in listed]
            known = self._tables(keys)
            missing = {each: item for each, item in zip(keys, listed, strict=True) if each not in known}
            results = iter(run(_Keyed(work), missing.items()))
            for each in keys:
                while each not in known:
                    done, table = next(results)
                    known[done] = self._keep_table(done, name, table)
                yield self._snapshots.get(known[each])

        return mapped

    def _keep_table(self, key: str, name: str, table: pa.Table) -> str:
        snapshot = self._snapshots.put(table)
        self._keep(key, name, {"snapshot": snapshot})
        return snapshot

    def _keep(self, key: str, name: str, result: dict[str, Json]) -> None:
        row = {"key": key, "name": name, "result": canonical_json(result).decode(), "at": self._clock()}

        def replace(connection: Connection) -> None:
            connection.execute(sql.delete(schema.steps).where(schema.steps.c.key == key))
            connection.execute(sql.insert(schema.steps), row)

        self._state.write(replace)

    def _tables(self, keys: list[str]) -> dict[str, str]:
        found = {key: str(result.get("snapshot")) for key, result in self._results(keys).items()}
        return {key: snapshot for key, snapshot in found.items() if snapshot in self._snapshots}

    def _results(self, keys: list[str]) -> dict[str, dict[str, Any]]:
        table, found = schema.steps.c, {}
        with self._state.read() as connection:
            for start in range(0, len(keys), _BOUND):
                wanted = sql.select(table.key, table.result).where(table.key.in_(keys[start : start + _BOUND]))
                found.update({key: json.loads(result) for key, result in connection.execute(wanted)})
        return found


def step_key(name: str, spec: Json) -> str:
    """Name a step by what it is and what goes in, 64 hex digits.

    >>> step_key("train", {"rows": "ab"}) == step_key("train", {"rows": "ac"})
    False
    """
    return digest({"name": name, "spec": spec})


@dataclass(frozen=True, slots=True)
class _Keyed(Generic[T]):
    """Carries each item's key past a `run` that may reorder; a class, so that it can go to another process."""

    work: Callable[[Any], T]

    def __call__(self, keyed: tuple[str, Any]) -> tuple[str, T]:
        key, item = keyed
        return key, self.work(item)
