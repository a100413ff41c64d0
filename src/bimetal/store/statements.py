"""SQL spelled once for what runs all day: on SQLite it goes straight to the driver, elsewhere through SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sql
from sqlalchemy import Connection, Dialect

from bimetal.store import database

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any]


class Statement:
    """A statement whose values are named; SQLAlchemy's part in each run of it is ten times the work of SQLite's.

    It runs in the connection's transaction, beside whatever else does. The names given must be the same each time.

    >>> import tempfile
    >>> from bimetal.store.state import State
    >>> twice = Statement(sql.select((sql.bindparam("n", type_=sql.Integer) * 2).label("doubled")))
    >>> with State.open(f"sqlite:///{tempfile.mkdtemp()}/state.db") as state, state.read() as connection:
    ...     twice.first(connection, {"n": 21}).doubled
    42
    """

    def __init__(self, construct: sql.Executable) -> None:
        self.construct = construct
        self._spelled: _Spelled | None = None

    def rows(self, connection: Connection, values: Values) -> Sequence[Any]:
        """Return every row; its columns are attributes."""
        driver = _driver(connection)
        if driver is None:
            return connection.execute(self.construct, values).all()
        row, found, _ = self._run(connection, driver, values)
        return [row(each) for each in found]

    def first(self, connection: Connection, values: Values) -> Any:
        """Return the first row, or None where there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def scalar(self, connection: Connection, values: Values) -> Any:
        """Return the first column of the first row, or None where there is none."""
        found = self.first(connection, values)
        return None if found is None else found[0]

    def run(self, connection: Connection, values: Values) -> int:
        """Change rows and return how many."""
        driver = _driver(connection)
        if driver is None:
            return connection.execute(self.construct, values).rowcount
        return self._run(connection, driver, values)[2]

    def _run(
        self, connection: Connection, driver: sqlite3.Connection, values: Values
    ) -> tuple[_Convert, Sequence[Any], int]:
        spelled = self._spelled
        if spelled is None:
            spelled = self._spelled = _spell(self.construct, connection.dialect, values)
        bound = {**spelled.fixed, **values}
        for name, convert in spelled.binding:
            bound[name] = convert(bound[name])
        try:
            cursor = driver.execute(spelled.text, bound)
            return spelled.row, cursor.fetchall(), cursor.rowcount
        except sqlite3.Error as fault:
            raise database.explained(fault, spelled.text, bound) from fault


class _Spelled(NamedTuple):
    """A statement in SQLite's words: values that never change, and what converts those that come and go."""

    text: str
    fixed: dict[str, Any]
    binding: tuple[tuple[str, _Convert], ...]
    row: _Convert


def _driver(connection: Connection) -> sqlite3.Connection | None:
    """Return what SQLite's driver calls a connection, in a transaction; None on another database."""
    if connection.dialect.name != "sqlite":
        return None
    if not connection.in_transaction():
        connection.begin()
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def _spell(construct: Any, dialect: Dialect, values: Values) -> _Spelled:
    named: Dialect = cast(Any, type(dialect))(paramstyle="named")
    compiled = construct.compile(dialect=named, column_keys=list(values))
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    converts = ((name, bind.type.dialect_impl(named).bind_processor(named)) for name, bind in binds.items())
    return _Spelled(
        str(compiled),
        {name: bind.effective_value for name, bind in binds.items() if not bind.required},
        tuple((name, convert) for name, convert in converts if convert is not None),
        _reader(getattr(construct, "selected_columns", ()), named),
    )


def _reader(columns: Any, dialect: Dialect) -> _Convert:
    shape = cast(Any, namedtuple)("Row", columns.keys() if columns else (), rename=True)
    converts = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
    changed = [(at, convert) for at, convert in enumerate(converts) if convert is not None]
    if not changed:
        return cast(_Convert, shape._make)

    def read(row: Sequence[Any]) -> Any:
        told = list(row)
        for at, convert in changed:
            told[at] = convert(told[at])
        return shape._make(told)

    return read
