"""Durable SQL state with one writer thread: concurrent acts share a transaction and return after it is on disk."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sql
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from bimetal.errors import BimetalError, StoreError
from bimetal.store import database
from bimetal.store.statements import Statement

T = TypeVar("T")

BATCH = 256
"""How many waiting acts at most share one transaction."""

READERS = 10
"""How many connections of readers to a SQLite file are kept for those who come next."""

_Waiting = tuple[Callable[[Connection], Any], "Future[Any]"]
_Outcome = tuple[Any, BaseException | None]


class State:
    """A programme's database: any number of readers, one writer.

    >>> import tempfile, sqlalchemy as sql
    >>> with State.open(f"sqlite:///{tempfile.mkdtemp()}/state.db") as state:
    ...     state.write(lambda connection: connection.execute(sql.text("select 1")).scalar())
    1
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{database.WRITES: True})
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._held: Connection | None = None
        self._idle: deque[Connection] = deque()
        self._in_file = engine.dialect.name == "sqlite"
        self._open = True
        self._gate = threading.Lock()
        self._process = os.getpid()
        self._thread = threading.Thread(target=self._serve, name="bimetal-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, url: str, patience: float = 10.0) -> State:
        """Open or create the database at `url`, waiting up to `patience` seconds for writers of other processes.

        Raises StoreError where it cannot be opened or is newer than this code.
        """
        engine = database.connect(url, patience)
        try:
            database.migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that sees one unchanging moment, waits for no writer and cannot write."""
        connection = self._borrowed()
        try:
            yield connection
            connection.rollback()
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)

    def write(self, act: Callable[[Connection], T]) -> T:
        """Run `act` in a transaction of its own making and return its result once it is on disk.

        What `act` raises undoes its writes alone and is raised here; raises StoreError where the database fails,
        in which case nothing of it was kept.
        """
        return self.begin(act).result()

    def begin(self, act: Callable[[Connection], T]) -> Future[T]:
        """Do as `write`, without waiting: the future is done once the act is on disk, or has failed.

        An event loop awaits it through `asyncio.wrap_future`. An act cancelled before its turn is never run.
        """
        if os.getpid() != self._process or threading.current_thread() is self._thread:
            raise StoreError(
                "this State cannot write from here", "open one per process; inside an act use its connection"
            )
        future: Future[T] = Future()
        with self._gate:
            if not self._open:
                raise StoreError("this State is closed", "open it again")
            self._waiting.put((act, future))
        return future

    def close(self) -> None:
        """Finish the acts that wait, then let go of the database; again does nothing."""
        with self._gate:
            was_open, self._open = self._open, False
            if was_open:
                self._waiting.put(None)
        if os.getpid() == self._process:
            self._thread.join()
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    def __enter__(self) -> State:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise StoreError("a State cannot be sent to another process", "send its url and open it there")

    def _serve(self) -> None:
        more = True
        while more:
            batch = [self._waiting.get()]
            while batch[-1] is not None and len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            more = batch[-1] is not None
            self._commit([each for each in batch if each is not None and each[1].set_running_or_notify_cancel()])
        self._let_go()

    def _commit(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        try:
            with self._lent() as connection, connection.begin():
                run = _alone if len(batch) == 1 and self._in_file else _beside_others
                outcomes = [run(connection, act) for act, _ in batch]
        except BaseException as fault:  # nothing was kept, so every caller must hear of it
            for _, future in batch:
                future.set_exception(fault)
            return
        for (_, future), (result, failure) in zip(batch, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

    def _borrowed(self) -> Connection:
        """Take a reader that was given back: to ask the pool for one costs as much as a query."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _give_back(self, connection: Connection) -> None:
        if self._in_file and self._open and len(self._idle) < READERS:
            self._idle.append(connection)
        else:
            connection.close()

    @contextlib.contextmanager
    def _lent(self) -> Iterator[Connection]:
        """Lend the connection that writes.

        A SQLite file's is kept between acts, and its prepared statements with it, until the database fails; a server's
        may break while nobody writes, so it goes through the pool, which tries it first.
        """
        if self._held is None:
            self._held = self._writer.connect()
        kept = False
        try:
            yield self._held
            kept = self._in_file
        except BimetalError as refused:
            kept = self._in_file and not isinstance(refused, StoreError)
            raise
        finally:
            if not kept:
                self._let_go()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.close()


def _alone(connection: Connection, act: Callable[[Connection], T]) -> _Outcome:
    """Run an act that has SQLite's transaction to itself, which is then undone as a whole where the act fails."""
    result = act(connection)
    if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's own
        raise StoreError("the database gave up a transaction that went on", "run the same command again")
    return result, None


def _beside_others(connection: Connection, act: Callable[[Connection], T]) -> _Outcome:
    """Run an act so that its failure is undone alone; leaving the savepoint shows that the transaction still stands."""
    _MARK.run(connection, {})
    try:
        result = act(connection)
    except BaseException as fault:
        try:
            _UNDO.run(connection, {})
        except (SQLAlchemyError, StoreError) as lost:  # the database gave up the whole transaction
            raise (fault if isinstance(fault, StoreError) else lost) from fault
        _LEAVE.run(connection, {})
        return None, fault
    _LEAVE.run(connection, {})
    return result, None


_MARK, _UNDO, _LEAVE = (
    Statement(sql.text(f"{verb} act")) for verb in ("SAVEPOINT", "ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT")
)
