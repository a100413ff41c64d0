import asyncio
import contextlib
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

import bimetal.store.state
from bimetal.errors import InputError, StoreError
from bimetal.store import schema
from bimetal.store.state import State


def _insert(name, at):
    return lambda connection: connection.execute(sql.insert(schema.sources), {"name": name, "body": "{}", "at": at})


def _names(state):
    with state.read() as connection:
        return sorted(connection.execute(sql.select(schema.sources.c.name)).scalars())


def test_what_is_written_is_read(state, at):
    state.write(_insert("a", at))
    with state.read() as connection:
        assert connection.execute(sql.select(schema.sources.c.at)).scalar() == at
    assert state.write(lambda _: 42) == 42


def test_a_failing_act_undoes_itself_alone_and_raises_at_its_caller(state, at):
    started, waiting = threading.Event(), threading.Event()

    def block(_):
        started.set()
        assert waiting.wait(10)

    def fail(connection):
        _insert("lost", at)(connection)
        raise ValueError("mine")

    with ThreadPoolExecutor(4) as pool:
        blocked = pool.submit(state.write, block)
        assert started.wait(10)
        acts = [_insert("first", at), fail, _insert("last", at)]
        done = [pool.submit(state.write, act) for act in acts]  # these three share one transaction
        waiting.set()
        blocked.result(10)
        assert done[0].result(10) is not None
        with pytest.raises(ValueError, match="mine"):
            done[1].result(10)
        done[2].result(10)
    assert _names(state) == ["first", "last"]


def test_a_broken_rule_of_the_tables_is_an_integrity_error_on_both_databases(state, at):
    state.write(_insert("a", at))
    with pytest.raises(IntegrityError):
        state.write(_insert("a", at))
    state.write(_insert("b", at))
    assert _names(state) == ["a", "b"]


def test_concurrent_writers_share_commits(state, at, monkeypatch):
    commits = []
    sql.event.listen(state._engine, "commit", commits.append)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda each: state.write(_insert(f"s{each:03}", at)), range(200)))
    assert len(_names(state)) == 200
    assert len(commits) < 150


def test_readers_see_one_moment_and_do_not_wait(state, at):
    state.write(_insert("a", at))
    count = sql.select(sql.func.count()).select_from(schema.sources)
    with state.read() as connection:
        assert connection.execute(count).scalar() == 1
        state.write(_insert("b", at))
        assert connection.execute(count).scalar() == 1

    def read_during(writer):
        _insert("c", at)(writer)
        return _names(state)

    assert state.write(read_during) == ["a", "b"]


def test_readers_cannot_write(state, at):
    with pytest.raises(StoreError, match="cannot be written here"), state.read() as connection:
        _insert("a", at)(connection)


def test_a_closed_state_says_so(url, at):
    state = State.open(url)
    state.close()
    state.close()
    with pytest.raises(StoreError, match="closed"):
        state.write(_insert("a", at))


def test_close_finishes_what_waits(url, at):
    state = State.open(url)
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(state.write, _insert(str(each), at)) for each in range(8)]
        while sum(each.done() for each in done) == 0:
            pass
        state.close()
    kept = [each for each, future in enumerate(done) if future.exception() is None]
    with State.open(url) as again:
        assert _names(again) == [str(each) for each in kept]


def test_a_state_cannot_travel(state):
    with pytest.raises(StoreError, match="cannot be sent to another process; send its url"):
        pickle.dumps(state)


def test_writing_within_an_act_is_refused_rather_than_waiting_for_ever(state, at):
    with pytest.raises(StoreError, match="inside an act use its connection"):
        state.write(lambda _: state.write(_insert("a", at)))


_OTHER = """
import sys
from datetime import UTC, datetime
import sqlalchemy as sql
from bimetal.store import schema
from bimetal.store.state import State
with State.open(sys.argv[1]) as state:
    for each in range(40):
        row = {"name": f"{sys.argv[2]}{each}", "body": "{}", "at": datetime(2026, 3, 1, tzinfo=UTC)}
        state.write(lambda connection: connection.execute(sql.insert(schema.sources), row))
"""


def test_writers_of_several_processes_coexist(url):
    State.open(url).close()
    command = [sys.executable, "-c", _OTHER, url]
    writing = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in "abc"]
    for process in writing:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    with State.open(url) as state:
        assert len(_names(state)) == 120


def test_a_writer_that_does_not_finish_is_waited_for_then_reported(url, at):
    with State.open(url) as first, State.open(url, patience=0.2) as second, ThreadPoolExecutor(1) as pool:
        started, waiting = threading.Event(), threading.Event()
        held = pool.submit(first.write, lambda _: (started.set(), waiting.wait(20)))
        assert started.wait(10)
        try:
            with pytest.raises(StoreError, match=r"the database is busy.*wait for it or stop it"):
                second.write(_insert("a", at))
        finally:
            waiting.set()
        held.result(10)
        second.write(_insert("a", at))
        assert _names(second) == ["a"]


def test_a_full_disk_fails_every_waiting_act_with_one_sentence(tmp_path, at):
    with State.open(f"sqlite:///{tmp_path}/state.db") as state:
        sql.event.listen(
            state._engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=40")
        )
        state.write(_insert("a", at))
        large = {"name": "b", "body": "x" * 1_000_000, "at": at}
        with pytest.raises(StoreError, match=r"disk that holds the database is full.*free some space"):
            state.write(lambda connection: connection.execute(sql.insert(schema.sources), large))
        state.write(_insert("c", at))
        assert _names(state) == ["a", "c"]


def test_sqlite_is_set_to_survive_a_power_cut(tmp_path):
    with State.open(f"sqlite:///{tmp_path}/state.db") as state, state.read() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {each}").scalar()
            for each in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert told == ["wal", 2, 1]


def test_what_is_no_database_is_said_so(tmp_path):
    (tmp_path / "state.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match=r"damaged or is no database.*restore it"):
        State.open(f"sqlite:///{tmp_path}/state.db")
    with pytest.raises(StoreError, match=r"cannot be opened.*check that its folder exists"):
        State.open(f"sqlite:///{tmp_path}/missing/state.db")


def test_a_server_that_is_not_there_is_said_so():
    with pytest.raises(StoreError, match="PostgreSQL server cannot be reached"):
        State.open("postgresql://nobody@127.0.0.1:1/nothing")


@pytest.mark.parametrize("url", ["", "state.db", "mysql://root@localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused(url):
    with pytest.raises(InputError, match="use sqlite:///path/to/file or postgresql://"):
        State.open(url)


def test_a_forked_child_cannot_write_through_its_parents_thread(state, at, monkeypatch):
    monkeypatch.setattr(bimetal.store.state.os, "getpid", lambda: -1)
    with pytest.raises(StoreError, match="open one per process"):
        state.write(_insert("a", at))
    monkeypatch.undo()


def test_an_act_alone_that_fails_is_undone_and_the_next_one_is_kept(state, at):
    def fail(connection):
        _insert("lost", at)(connection)
        raise InputError("mine", "yours")

    for _ in range(3):
        with pytest.raises(InputError, match="mine"):
            state.write(fail)
        with pytest.raises(ZeroDivisionError):
            state.write(lambda connection: (_insert("lost", at)(connection), 1 / 0))
    state.write(_insert("kept", at))
    assert _names(state) == ["kept"]


def test_of_many_acts_exactly_those_acknowledged_are_kept_when_the_disk_fills(tmp_path, at):
    with State.open(f"sqlite:///{tmp_path}/state.db") as state:
        sql.event.listen(
            state._engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=60")
        )

        def insert(name, size):
            row = {"name": name, "body": "x" * size, "at": at}
            return lambda connection: connection.execute(sql.insert(schema.sources), row)

        done = _together(state, [insert("a", 1), insert("b", 1_000_000), insert("c", 1), insert("d", 1_000_000)])
        kept = [name for name, future in zip("abcd", done, strict=True) if future.exception(10) is None]
        assert isinstance(done[1].exception(), StoreError)
        assert _names(state) == kept
        state.write(_insert("e", at))
        assert _names(state) == [*kept, "e"]


@pytest.mark.parametrize("others", [0, 2])
def test_a_transaction_the_database_gave_up_is_acknowledged_to_nobody(tmp_path, at, others):
    def given_up(connection):
        _insert("lost", at)(connection)
        connection.connection.dbapi_connection.execute("ROLLBACK")  # as SQLite itself does where a disk fails

    with State.open(f"sqlite:///{tmp_path}/state.db") as state:
        done = _together(state, [*(_insert(str(each), at) for each in range(others)), given_up])
        assert all(isinstance(each.exception(10), StoreError) for each in done)
        state.write(_insert("kept", at))
        assert _names(state) == ["kept"]


def test_what_an_act_hides_from_a_broken_transaction_is_not_acknowledged(state, at):
    """PostgreSQL ends such a transaction at the first error, SQLite goes on with it: neither may lie about it."""

    def hides(connection):
        _insert("a", at)(connection)
        with contextlib.suppress(IntegrityError):
            _insert("a", at)(connection)

    try:
        state.write(hides)
        acknowledged = ["a"]
    except StoreError:
        acknowledged = []
    assert _names(state) == acknowledged


def test_an_event_loop_awaits_many_acts_without_a_thread_each(state, at):
    async def all_of(names):
        return await asyncio.gather(*(asyncio.wrap_future(state.begin(_insert(name, at))) for name in names))

    before = threading.active_count()
    names = [f"n{each:02}" for each in range(40)]
    assert len(asyncio.run(all_of(names))) == 40
    assert threading.active_count() == before
    assert _names(state) == names


def test_a_server_that_stops_waiting_neither_loses_nor_doubles_an_act(state, at):
    """The act of a request that was broken off is kept once or not at all, whatever became of the request."""

    async def broken_off():
        waiting = [asyncio.ensure_future(asyncio.wrap_future(state.begin(_insert(f"n{n:02}", at)))) for n in range(30)]
        await asyncio.sleep(0.005)
        for each in waiting[::2]:
            each.cancel()
        return await asyncio.gather(*waiting, return_exceptions=True)

    told = asyncio.run(broken_off())
    acknowledged = {f"n{n:02}" for n, each in enumerate(told) if not isinstance(each, BaseException)}
    state.write(lambda _: None)  # after all that was begun
    kept = _names(state)
    assert acknowledged <= set(kept)
    assert {f"n{n:02}" for n in range(1, 30, 2)} <= acknowledged


def test_an_act_cancelled_before_its_turn_never_runs_and_the_rest_go_on(state, at):
    started, waiting = threading.Event(), threading.Event()
    blocked = state.begin(lambda _: (started.set(), waiting.wait(10)))
    assert started.wait(10)
    cancelled, kept = state.begin(_insert("cancelled", at)), state.begin(_insert("kept", at))
    assert cancelled.cancel()
    assert not blocked.cancel()  # it runs already
    waiting.set()
    kept.result(10)
    assert _names(state) == ["kept"]


def test_the_writer_keeps_its_prepared_statements(tmp_path, at):
    with State.open(f"sqlite:///{tmp_path}/state.db") as state:
        seen = []
        state.write(lambda connection: connection.connection.dbapi_connection.set_trace_callback(seen.append))
        with pytest.raises(InputError):
            state.write(_refused)
        _names(state)
        state.write(_insert("a", at))
    assert any(each.startswith("INSERT") for each in seen)
    assert not any("PRAGMA" in each for each in seen)  # each would make SQLite prepare all of them anew


def _refused(_):
    raise InputError("no", "never")


def _together(state, acts):
    """Let acts share one transaction, or give it to a single one alone."""
    if len(acts) == 1:
        future = state.begin(acts[0])
        future.exception(10)
        return [future]
    started, waiting = threading.Event(), threading.Event()
    blocked = state.begin(lambda _: (started.set(), waiting.wait(10)))
    assert started.wait(10)
    done = [state.begin(act) for act in acts]
    waiting.set()
    blocked.result(10)
    return done
