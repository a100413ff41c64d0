"""Connections to SQLite and PostgreSQL: durable settings, one writer at a time, migrations, errors in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection, Engine, event, exc

from bimetal.errors import BimetalError, InputError, MissingExtra, StoreError
from bimetal.store import schema

WRITES = "bimetal_writes"
"""The execution option that marks a connection as a writer; all others can only read."""

_IDLE = 10  # connections kept for readers who come again
_LOCK = 0x6269_6D65  # the advisory lock by which PostgreSQL admits one writer; any constant does
_MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str, patience: float) -> Engine:
    """Make an engine for a database URL, waiting up to `patience` seconds for other writers.

    Raises InputError for a URL that is neither a SQLite file nor PostgreSQL, MissingExtra where its driver lacks.
    """
    address = _address(url)
    arguments = {"timeout": patience} if address.get_backend_name() == "sqlite" else {}
    pool: dict[str, Any] = {
        "pool_size": _IDLE,
        "max_overflow": -1,
        "pool_use_lifo": True,
        "pool_pre_ping": not arguments,
    }
    try:
        # Readers never wait for a free connection, hence no limit on how many there are; the last one used comes first,
        # since it has its statements prepared.
        engine = sql.create_engine(address, connect_args=arguments, **pool)
    except ModuleNotFoundError as fault:
        raise MissingExtra(
            "PostgreSQL needs pg8000, which is not installed", "pip install 'bimetal[postgres]'"
        ) from fault
    event.listen(engine, "handle_error", _explain)
    if arguments:
        event.listen(engine, "connect", _sqlite_connected)
        event.listen(engine, "begin", _sqlite_begun)
    else:
        event.listen(engine, "begin", lambda connection: _postgres_begun(connection, patience))
    return engine


def migrate(engine: Engine) -> None:
    """Bring a database to this version's tables from any older one; raises StoreError where it is newer.

    An empty database gets the tables at once, which leaves alembic unimported; the tests hold both ways equal.
    """
    with engine.connect() as connection:
        if _version(connection) == schema.VERSION:
            return
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        found = _version(connection)  # asked again: another process may have been quicker
        if found is None:
            schema.metadata.create_all(connection, checkfirst=False)
            schema.version.create(connection)
            connection.execute(schema.version.insert().values(version_num=schema.VERSION))
        elif found != schema.VERSION:
            _upgrade(connection, found)


def _address(url: str) -> sql.URL:
    try:
        address = sql.make_url(url)
    except exc.ArgumentError as fault:
        raise InputError(f"{url!r} is not a database URL", _URLS) from fault
    backend, _, driver = address.drivername.partition("+")
    if backend == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address
    if backend in {"postgresql", "postgres"} and driver in {"", "pg8000"}:
        return address.set(drivername="postgresql+pg8000")
    raise InputError(f"{backend} database {address.database!r} cannot keep a programme", _URLS)


_URLS = "use sqlite:///path/to/file or postgresql://user@host/name"


def _sqlite_connected(dbapi: Any, _: Any) -> None:
    dbapi.isolation_level = None  # transactions begin where _sqlite_begun says, not where Python's driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        dbapi.execute(f"PRAGMA {pragma}")


def _sqlite_begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    driver: Any = connection.connection.dbapi_connection
    try:
        if connection.info.get(WRITES) is not writes:  # a PRAGMA makes SQLite prepare every statement anew
            driver.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
            connection.info[WRITES] = writes
        driver.execute(begin)
    except sqlite3.Error as fault:
        raise explained(fault, begin, ()) from fault


def _postgres_begun(connection: Connection, patience: float) -> None:
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1000)}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _version(connection: Connection) -> str | None:
    if not sql.inspect(connection).has_table(schema.version.name):
        return None
    return connection.execute(sql.select(schema.version.c.version_num)).scalar()


def _upgrade(connection: Connection, found: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database has version {found}, this Bimetal knows up to {schema.VERSION}", "upgrade Bimetal to open it"
        )
    command.upgrade(config, "head")


class _Trouble(NamedTuple):
    signs: tuple[str, ...]
    message: str
    hint: str


_TROUBLES = (
    _Trouble(
        ("locked", "lock timeout"),
        "the database is busy: another process has not finished writing",
        "wait for it or stop it, then run the same command again",
    ),
    _Trouble(
        ("disk is full", "no space left"),
        "the disk that holds the database is full",
        "free some space, then run the same command again",
    ),
    _Trouble(
        ("not a database", "malformed"),
        "the database file is damaged or is no database",
        "restore it from a backup, or point to another file",
    ),
    _Trouble(
        ("unable to open",), "the database file cannot be opened", "check that its folder exists and can be written"
    ),
    _Trouble(
        ("readonly database", "read-only"),
        "the database cannot be written here",
        "write through State.write, in a folder you may write",
    ),
    _Trouble(
        ("can't create a connection", "refused", "network error", "connection is closed"),
        "the PostgreSQL server cannot be reached",
        "check that it runs and that the URL names it, then run the same command again",
    ),
)


def _explain(context: Any) -> BaseException | None:
    """Put trouble with the database, as opposed to with a statement, into words a person can act on."""
    fault: BaseException = context.original_exception
    if isinstance(fault, BimetalError):  # a value that no column takes
        return fault
    said = fault.args[0] if fault.args and isinstance(fault.args[0], dict) else {"M": str(fault)}  # pg8000 sends fields
    code, words = said.get("C", ""), said["M"]
    if code.startswith("23"):  # broken constraints, of which pg8000 tells some apart
        return exc.IntegrityError(context.statement, context.parameters, fault)
    if isinstance(context.sqlalchemy_exception, _OF_STATEMENTS) and (not code or code.startswith(("22", "42"))):
        return None
    return _in_words(words)


def explained(fault: sqlite3.Error, statement: str, parameters: Any) -> BaseException:
    """Say of a fault of SQLite's driver what SQLAlchemy would raise for it on a connection of `connect`."""
    if isinstance(fault, sqlite3.IntegrityError):
        return exc.IntegrityError(statement, parameters, fault)
    if isinstance(fault, (sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)):
        return exc.DBAPIError(statement, parameters, fault)
    return _in_words(str(fault))


def _in_words(words: str) -> StoreError:
    for trouble in _TROUBLES:
        if any(sign in words.lower() for sign in trouble.signs):
            return StoreError(f"{trouble.message} ({words})", trouble.hint)
    return StoreError(f"the database failed: {words}", "check the database, then run the same command again")


_OF_STATEMENTS = (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError)
