"""The register of sources: what is said of each, who said it when, and which rows name none of them."""

from __future__ import annotations

import difflib
import json
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from bimetal.errors import InputError, LogError, UnknownName
from bimetal.programme.sources import spelling
from bimetal.programme.sources.source import UNKNOWN, Source
from bimetal.store import schema
from bimetal.types import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from bimetal.canonical import Json
    from bimetal.programme.programme import Programme
    from bimetal.types import Entry

REGISTERED, CHANGED = "source.registered", "source.changed"


def register(programme: Programme, source: Source, replace_reason: str = "") -> Entry:
    """Put a source into the register and the log; the same again is a look-up that logs nothing.

    What was unknown may be filled in; replacing what was said needs a reason, and the old stays in the log. Raises
    InputError where none is given, and for a name that differs from another in capitals alone.
    """
    spelling.text("reason", replace_reason)

    def act(connection: Connection) -> Entry | None:
        held = _held(connection)
        _refuse_twin(source.name, held)
        before = held.get(source.name)
        if before == source:
            return None
        values = {"body": json.dumps(source.json()), "at": programme.now()}
        if before is None:
            connection.execute(schema.sources.insert().values(name=source.name, **values))
            return programme.append(connection, REGISTERED, source.name, source.json())
        changed = _changed(before, source, replace_reason)
        connection.execute(schema.sources.update().where(schema.sources.c.name == source.name).values(**values))
        return programme.append(connection, CHANGED, source.name, {"changed": changed, "reason": replace_reason})

    entry = programme.state.write(act)
    return entry or _entries(programme, source.name)[-1]


def sources(programme: Programme) -> dict[str, Source]:
    """Read the register, by name."""
    with programme.state.read() as connection:
        return _held(connection)


def source(programme: Programme, name: str) -> Source:
    """Look one source up; raises UnknownName with the nearest name."""
    held = sources(programme)
    if name not in held:
        close = difflib.get_close_matches(name, held, n=1)
        raise UnknownName(
            f"no source is called {name[: spelling.LONGEST_NAME]!r}",
            f"did you mean {close[0]!r}?" if close else f"sources here: {', '.join(held) or 'none yet'}",
        )
    return held[name]


def unregistered(programme: Programme, rows: pa.Table) -> dict[str, int]:
    """Count rows by each source they name that is not in the register; "" stands for rows that name none."""
    held = sources(programme)
    return {name: count for name, count in _named(rows).items() if name not in held}


def rows_of(programme: Programme) -> dict[str, dict[str, int]]:
    """Count the rows of each source by the dataset that holds them; "" stands for rows that name none."""
    used: dict[str, dict[str, int]] = {}
    for held in programme.datasets():
        for name, count in _named(programme.snapshots.get(held.digest)).items():
            used.setdefault(name, {})[held.name] = count
    return used


def nameless(programme: Programme) -> tuple[Finding, ...]:
    """Find, source by source, the rows held here whose source is not in the register."""
    held = sources(programme)
    return tuple(_nameless(name, used) for name, used in sorted(rows_of(programme).items()) if name not in held)


def refuse_rewritten(programme: Programme) -> None:
    """Raise LogError where the register does not say what the log says was put into it."""
    told: dict[str, dict[str, Any]] = {}
    for entry in programme.log.entries():
        if entry.action == REGISTERED:
            told[entry.subject] = dict(entry.body)
        elif entry.action == CHANGED:
            told[entry.subject] |= {fact: each["is"] for fact, each in entry.body["changed"].items()}
    held = {name: each.json() for name, each in sources(programme).items()}
    for name in sorted(told.keys() | held.keys()):
        if told.get(name) != held.get(name):
            raise LogError(
                f"the register does not say of {name!r} what the log says: it was changed since",
                "restore the database from a backup and ask who had access",
            )


def _named(rows: pa.Table) -> dict[str, int]:
    said = rows["source"].to_pylist() if "source" in rows.column_names else [None] * rows.num_rows
    return dict(Counter(str(each or "") for each in said))


def _nameless(name: str, used: Mapping[str, int]) -> Finding:
    where, count = ", ".join(sorted(used)), sum(used.values())
    what = f"{name!r}, which is not in the register" if name else "no source"
    rows = "1 row" if count == 1 else f"{count:,} rows"
    way_out = f"bimetal source add {shlex.quote(name)} --kind KIND"
    try:
        spelling.name(name)
    except InputError:
        way_out = "add them again with --source NAME, a name that stands in the register"
    return Finding(
        "source-registered", "fail", f"{rows} of {where} {'names' if count == 1 else 'name'} {what}", remedy=way_out
    )


def _held(connection: Connection) -> dict[str, Source]:
    found = connection.execute(select(schema.sources).order_by(schema.sources.c.name)).mappings()
    return {row["name"]: Source.from_json(json.loads(row["body"])) for row in found}


def _refuse_twin(name: str, held: Mapping[str, Source]) -> None:
    twins = [each for each in held if each != name and each.casefold() == name.casefold()]
    if twins:
        raise InputError(f"{name!r} differs from {twins[0]!r} in capitals alone", f"write {twins[0]!r}")


def _changed(before: Source, after: Source, reason: str) -> dict[str, Json]:
    was, now = before.json(), after.json()
    changed = [fact for fact in now if was[fact] != now[fact]]
    replaced = [fact for fact in changed if not _only_adds(was[fact], now[fact])]
    if replaced and not reason.strip():
        fact = replaced[0]
        words = fact.replace("_", " ")
        raise InputError(
            f"the {words} of {after.name!r} was said to be {_short(was[fact])}, now {_short(now[fact])}",
            "say why it changes with --because",
        )
    return {fact: {"was": was[fact], "is": now[fact]} for fact in changed}


def _only_adds(was: Json, now: Json) -> bool:
    if isinstance(was, list) and isinstance(now, list):
        licences = {(each["role"], each["name"]) for each in now}
        return all(
            each in now or (each["licence"] == UNKNOWN and (each["role"], each["name"]) in licences) for each in was
        )
    return was in ("", UNKNOWN)  # a list has no hash


def _short(said: Json) -> str:
    spelled = repr(said)
    return spelled if len(spelled) <= 60 else f"{spelled[:57]}..."


def _entries(programme: Programme, name: str) -> list[Entry]:
    return [each for each in programme.log.entries(subject=name) if each.action in {REGISTERED, CHANGED}]
