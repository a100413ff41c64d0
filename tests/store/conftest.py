"""Databases to test on: a SQLite file, and a PostgreSQL cluster of this test run's own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.state import State

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres():
    """Start PostgreSQL as an unprivileged user on a free port of 127.0.0.1 and give the URL of the server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb")
    pytest.importorskip("pg8000")
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="bimetal-postgres-"))
    if user:
        shutil.chown(folder, "postgres", "postgres")
    data, binaries, port = folder / "data", found[-1].parent, _free_port()
    initdb = [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **user)
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        command = [binaries / "postgres", "-D", data, "-p", str(port), *settings]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user)
    try:
        _wait(port, server)
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown: nothing is kept
        server.wait(timeout=30)
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(port: int, server: subprocess.Popen) -> None:
    import pg8000.dbapi

    for _ in range(300):
        assert server.poll() is None, "postgres ended at once"
        try:
            pg8000.dbapi.connect("postgres", host="127.0.0.1", port=port, database="postgres").close()
        except (pg8000.dbapi.InterfaceError, pg8000.dbapi.DatabaseError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("postgres did not answer in 30 s")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Give the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    import pg8000.dbapi

    server = request.getfixturevalue("postgres")
    port = int(server.rsplit(":", 1)[1])
    connection = pg8000.dbapi.connect("postgres", host="127.0.0.1", port=port, database="postgres")
    connection.cursor().execute("DROP SCHEMA public CASCADE")
    connection.cursor().execute("CREATE SCHEMA public")
    connection.commit()
    connection.close()
    return f"{server}/postgres"


@pytest.fixture
def state(url):
    with State.open(url) as opened:
        yield opened


@pytest.fixture
def key(tmp_path):
    return signing_key("digits", tmp_path / "keys")


@pytest.fixture
def log(state, key, tmp_path):
    return Log(state, tmp_path / "log", key, "digits")


@pytest.fixture
def add(state):
    """Append `n` entries to a log, in one act."""

    def added(log, n, action="data.added"):
        def act(connection):
            for _ in range(n):
                log.append(connection, at=AT, actor="ana", action=action, subject="digits", body={"rows": 3})

        state.write(act)

    return added


@pytest.fixture
def at():
    return AT
