import contextlib
import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

from bimetal.errors import InputError, StoreError
from bimetal.store import schema
from bimetal.store.state import State
from bimetal.store.statements import Statement

_sessions = schema.people_sessions
_KEEP = Statement(sql.insert(_sessions))
_END = Statement(
    sql.update(_sessions)
    .where(_sessions.c.id == sql.bindparam("which"))
    .values(ended=sql.bindparam("when"), seen=sql.bindparam("when"))
)
_open = sql.select(_sessions, sql.func.length(_sessions.c.id).label("long")).where(
    _sessions.c.expires > sql.bindparam("now"), _sessions.c.person == "ana"
)
_OPEN = Statement(_open.order_by(_sessions.c.id).limit(sql.bindparam("n")))


def _row(at, name):
    hashed, ended = name.encode(), None if name < "c" else at
    times = {"at": at, "seen": at, "expires": at + timedelta(hours=1), "ended": ended}
    return {"hash": hashed, "id": name, "person": "ana", "device": b"\0\xff", **times}


def _kept(state, at, names="abcd"):
    for name in names:
        state.write(lambda connection, name=name: _KEEP.run(connection, _row(at, name)))


def test_it_reads_what_sqlalchemy_reads(state, at):
    _kept(state, at)
    here = {"now": at, "n": 3}
    with state.read() as connection:
        rows = _OPEN.rows(connection, here)
        same = connection.execute(_OPEN.construct, here).all()
    assert [tuple(row) for row in rows] == [tuple(row) for row in same]
    assert [(row.id, row.seen, row.ended, row.device, row.long) for row in rows] == [
        ("a", at, None, b"\0\xff", 1),
        ("b", at, None, b"\0\xff", 1),
        ("c", at, at, b"\0\xff", 1),
    ]
    with state.read() as connection:
        assert _OPEN.first(connection, here).id == "a"
        assert _OPEN.scalar(connection, here) == b"a"
        assert _OPEN.first(connection, here | {"now": at + timedelta(days=1)}) is None
        assert _OPEN.scalar(connection, here | {"now": at + timedelta(days=1)}) is None


def test_it_says_how_many_rows_it_changed(state, at):
    _kept(state, at)
    end = {"which": "b", "when": at + timedelta(minutes=1)}
    assert state.write(lambda connection: _END.run(connection, end)) == 1
    assert state.write(lambda connection: _END.run(connection, end | {"which": "z"})) == 0
    with state.read() as connection:
        assert _OPEN.rows(connection, {"now": at, "n": 2})[1].ended == end["when"]


def test_it_runs_in_the_transaction_of_its_connection(state, at):
    def fail(connection):
        _KEEP.run(connection, _row(at, "a"))
        connection.execute(_sessions.insert(), _row(at, "b"))
        assert len(_OPEN.rows(connection, {"now": at, "n": 9})) == 2
        raise InputError("no", "never")

    with pytest.raises(InputError):
        state.write(fail)
    with state.read() as connection:
        assert _OPEN.rows(connection, {"now": at, "n": 9}) == []
        _kept(state, at)
        assert _OPEN.rows(connection, {"now": at, "n": 9}) == []  # a reader sees one moment


def test_it_fails_as_sqlalchemy_fails(state, at):
    _kept(state, at, "a")
    with pytest.raises(IntegrityError):
        state.write(lambda connection: _KEEP.run(connection, _row(at, "a")))
    with pytest.raises(StoreError, match="cannot be written here"), state.read() as connection:
        _KEEP.run(connection, _row(at, "b"))
    with pytest.raises(InputError, match="no time zone"):
        state.write(lambda connection: _KEEP.run(connection, _row(at.replace(tzinfo=None), "c")))
    with state.read() as connection:
        assert [each.id for each in _OPEN.rows(connection, {"now": at, "n": 9})] == ["a"]


def test_a_mistake_in_a_statement_is_no_trouble_of_the_database(state):
    unknown = Statement(sql.text("select a from nowhere where 1 = :one"))
    with pytest.raises((sql.exc.DBAPIError, StoreError), match="nowhere"):
        state.write(lambda connection: unknown.rows(connection, {"one": 1}))


_APPENDS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.state import State
folder = Path(sys.argv[2])
with State.open(sys.argv[1]) as state:
    log = Log(state, folder / "log", signing_key("digits", folder / "keys"), "digits")
    what = dict(at=datetime(2026, 3, 1, tzinfo=UTC), actor="other", action="added", subject="digits", body={})
    for each in range(30):
        state.write(lambda connection: log.append(connection, **what))
"""


def test_the_log_has_no_gap_where_another_process_appends_between(state, log, url, tmp_path, at):
    def append(connection):
        return log.append(connection, at=at, actor="ana", action="added", subject="digits", body={})

    def fail(connection):
        append(connection)
        raise InputError("no", "never")

    own = [state.write(append).seq]
    other = subprocess.Popen([sys.executable, "-c", _APPENDS, url, tmp_path])
    while other.poll() is None:
        own.append(state.write(append).seq)
        with contextlib.suppress(InputError):
            state.write(fail)
    assert other.returncode == 0
    entries = list(log.entries())
    assert [each.seq for each in entries] == list(range(len(own) + 30))
    assert [each.seq for each in entries if each.actor == "ana"] == own
    log.publish()
    assert log.verify().checkpoint_size == len(entries)


def test_a_new_writer_of_the_same_file_goes_on_where_the_last_one_ended(url, at):
    for name in "abc":
        with State.open(url) as state:
            _kept(state, at, name)
    with State.open(url) as state, state.read() as connection:
        assert [each.id for each in _OPEN.rows(connection, {"now": at, "n": 9})] == ["a", "b", "c"]
