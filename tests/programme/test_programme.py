"""The folder that remembers: one transaction for act and entry, one instance of a job, and damage that is named."""

import os
import signal
import subprocess
import sys

import pytest

from bimetal.errors import InputError, LogError, StoreError
from bimetal.programme import create, opened
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add


def test_a_folder_in_use_is_not_begun_again(folder):
    with pytest.raises(InputError, match=r"bimetal.toml exists already"):
        create(folder, parse({"programme": {"name": "again"}}))


def test_an_act_that_fails_leaves_no_entry(programme):
    before = programme.log.size

    def fail(_):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        programme.record("tried", "x", {}, fail)
    assert programme.log.size == before


def test_what_is_kept_is_there_when_the_folder_is_opened_again(folder, clock, blobs):
    with opened(folder, now=clock) as programme:
        stored, _ = add(programme, Arrival(blobs(5), "rows", "train", "archive", declared=Declared("real", "human")))
    with opened(folder, now=clock) as programme:
        assert programme.dataset("rows") == stored
        assert programme.dataset(stored.digest[:8]) == stored
        assert programme.load(stored).rows.num_rows == 5
        assert programme.log.verify().size == 2


def test_two_programmes_of_one_name_have_keys_of_their_own(tmp_path, clock):
    verifiers = []
    for name in ("a", "b"):
        create(tmp_path / name, parse({"programme": {"name": "same"}}))
        with opened(tmp_path / name, now=clock) as programme:
            verifiers.append(programme.log.verifier)
    assert verifiers[0] != verifiers[1]


def test_a_second_instance_of_a_job_is_refused_while_readers_and_writers_go_on(folder, clock):
    with opened(folder, now=clock) as first, opened(folder, now=clock) as second, first.alone("cycle"):
        with (
            pytest.raises(StoreError, match=f"cycle is already running here as process {os.getpid()}"),
            second.alone("cycle"),
        ):
            pass
        second.record("noted", "x", {})
        assert first.log.size == second.log.size == 2


@pytest.mark.parametrize("victim", ["tile/entries/000.p/3", "tile/0/000.p/3", "checkpoint"])
def test_a_flipped_byte_is_found_and_named(folder, clock, victim):
    with opened(folder, now=clock) as programme:
        programme.record("noted", "x", {"n": 1})
        programme.record("noted", "y", {"n": 2})
    path = folder / ".bimetal" / "log" / victim
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(damaged)
    with pytest.raises(LogError), opened(folder, now=clock) as programme:
        programme.log.verify()


@pytest.mark.parametrize("content", [b"", b"not a database at all, not at all, not at all"])
def test_a_database_that_is_none_is_one_sentence(folder, clock, content):
    (folder / ".bimetal" / "state.db").write_bytes(content)
    for left in folder.glob(".bimetal/state.db-*"):
        left.unlink()
    with pytest.raises(StoreError) as caught, opened(folder, now=clock):
        pass
    assert caught.value.hint


KILLED = """
import sys, time
from pathlib import Path
import pyarrow as pa
from bimetal.programme import opened
def slow(n):
    print(n, flush=True)
    time.sleep(0.2)
    return pa.table({"n": [n]})
with opened(Path(sys.argv[1])) as programme, programme.alone("pilot"):
    run = programme.steps.mapper("slow", lambda n: {"n": n})
    print(sum(table["n"][0].as_py() for table in run(slow, range(6))), "done", flush=True)
"""


def test_after_kill_9_the_same_command_does_only_what_was_left(folder):
    command = [sys.executable, "-c", KILLED, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        begun = [first.stdout.readline().strip() for _ in range(4)]
        os.kill(first.pid, signal.SIGKILL)
    again = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert begun == ["0", "1", "2", "3"]
    assert again[:-2] == ["3", "4", "5"]
    assert again[-2:] == ["15", "done"]


def test_an_answer_changed_in_the_database_is_named(folder, clock, blobs):
    from datetime import UTC, datetime

    import sqlalchemy as sql

    from bimetal.programme import queue
    from bimetal.store import schema
    from bimetal.types import Annotation

    with opened(folder, now=clock) as programme:
        queue.send(programme, "march", [("a", "uncertain", 1.0)], turn=1)
        given = Annotation("1", "a", "ana", "human", "c0", datetime(2026, 3, 1, tzinfo=UTC))
        assert queue.answer(programme, [given]) == 1
        queue.refuse_changed(programme)
        programme.state.write(lambda connection: connection.execute(sql.update(schema.annotations).values(value="c1")))
        with pytest.raises(LogError, match="the answer to a is not the one that entry 2 bound"):
            queue.refuse_changed(programme)


def test_a_log_goes_on_under_its_own_key_alone(folder, clock, tmp_path, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "elsewhere"))
    with pytest.raises(StoreError, match=r"the signing key of blobs-.* is not in"), opened(folder, now=clock):
        pass
    assert not (tmp_path / "elsewhere").exists()
    (folder / ".bimetal" / "origin").unlink()
    with pytest.raises(StoreError, match="origin is gone"), opened(folder, now=clock):
        pass
