import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sql

from bimetal.errors import InputError, LogError
from bimetal.store import checkpoint, merkle, schema
from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.proofs import verify_growth, verify_proof


def _leaf_hashes(state):
    with state.read() as connection:
        leaves = connection.execute(sql.select(schema.entries.c.leaf).order_by(schema.entries.c.seq)).scalars()
        return [merkle.leaf_hash(leaf) for leaf in leaves]


def _append(log, at, **changes):
    said = {"at": at, "actor": "ana", "action": "data.added", "subject": "digits", "body": {}} | changes
    return lambda connection: log.append(connection, **said)


def test_entries_come_back_as_they_went_in(log, state, at):
    first = state.write(_append(log, at, body={"rows": 3, "labels": ["0", "1"]}))
    later = at.astimezone(timezone(timedelta(hours=2)))
    second = state.write(_append(log, later, action="cycle.trained", subject="Modell Größe"))
    assert list(log.entries()) == [first, second]
    assert (first.seq, second.seq, second.at, first.body["labels"]) == (0, 1, at, ["0", "1"])
    assert [entry.seq for entry in log.entries(action="cycle.trained")] == [1]
    assert [entry.seq for entry in log.entries(subject="digits")] == [0]
    assert list(log.entries(start=1, stop=1)) == []


def test_a_leaf_is_canonical_json(log, state, at):
    state.write(_append(log, at))
    with state.read() as connection:
        leaf = connection.execute(sql.select(schema.entries.c.leaf)).scalar()
    assert leaf == (
        b'{"action":"data.added","actor":"ana","at":"2026-03-01T09:30:00.000000Z","body":{},"seq":0,"subject":"digits"}'
    )


def test_an_entry_and_its_act_commit_together_or_not_at_all(log, state, at):
    def fail(connection):
        _append(log, at)(connection)
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        state.write(fail)
    assert log.size == 0
    assert state.write(_append(log, at)).seq == 0


def test_many_threads_number_their_entries_without_gap(log, state, at):
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda _: state.write(_append(log, at)), range(60)))
    assert sorted(entry.seq for entry in entries) == list(range(60))
    log.publish()
    log.verify()


_OTHER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.state import State
url, folder = sys.argv[1], Path(sys.argv[2])
with State.open(url) as state:
    log = Log(state, folder / "log", signing_key("digits", folder / "keys"), "digits")
    for each in range(20):
        said = {"at": datetime(2026, 3, 1, tzinfo=UTC), "actor": "b", "action": "a", "subject": "s", "body": {}}
        state.write(lambda connection: log.append(connection, **said))
        if each % 5 == 0:
            log.publish()
"""


def test_processes_append_and_publish_side_by_side(log, url, tmp_path):
    command = [sys.executable, "-c", _OTHER, url, tmp_path]
    writing = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for process in writing:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert [entry.seq for entry in log.entries()] == list(range(40))
    log.publish()
    assert log.verify().checkpoint_size == 40


def test_the_root_grows_with_the_log(log, state, add):
    assert log.root() == merkle.EMPTY_ROOT
    for n in (1, 2, 254, 40):
        add(log, n)
        assert log.root() == merkle.root(_leaf_hashes(state))
    assert log.size == 297


def test_publishing_signs_the_root_over_all_entries(log, state, add):
    for n in (3, 0, 300):
        add(log, n)
        signed = checkpoint.verify(log.publish(), log.verifier)
        assert (signed.size, signed.root) == (log.size, merkle.root(_leaf_hashes(state)))
        assert log.verify().root == signed.root
    assert checkpoint.verify(log.tiles.checkpoint(), log.verifier).size == 303


def test_an_empty_log_can_be_signed(log, add):
    assert checkpoint.verify(log.publish(), log.verifier).root == merkle.EMPTY_ROOT
    assert log.verify().size == 0
    add(log, 1)
    log.publish()
    assert log.verify().size == 1


def test_entries_not_yet_published_verify_too(log, add):
    assert log.verify().checkpoint_size == 0
    add(log, 5)
    assert log.verify().size == 5
    log.publish()
    add(log, 300)
    verified = log.verify()
    assert (verified.size, verified.checkpoint_size, verified.root) == (305, 5, log.root())


def test_tiles_that_are_gone_are_rebuilt_and_come_out_the_same(log, add, tmp_path):
    add(log, 300)
    log.publish()
    (tmp_path / "log").rename(tmp_path / "before")
    add(log, 10)
    log.publish()
    assert log.verify().checkpoint_size == 310
    for path in ("tile/0/000", "tile/entries/000", "tile/1/000.p/1"):
        assert (tmp_path / "log" / path).read_bytes() == (tmp_path / "before" / path).read_bytes()


def test_a_crash_before_the_checkpoint_reached_the_folder_is_mended(log, add, tmp_path):
    add(log, 3)
    old = log.publish()
    add(log, 3)
    new = log.publish()
    (tmp_path / "log" / "checkpoint").write_text(old, encoding="utf-8")
    assert log.verify().checkpoint_size == 6
    assert log.publish() == new
    assert log.tiles.checkpoint() == new


def test_a_crash_before_the_checkpoint_was_signed_is_mended(log, state, add):
    add(log, 3)
    log.publish()
    add(log, 300)
    note = log.publish()
    state.write(
        lambda connection: connection.execute(sql.delete(schema.checkpoints).where(schema.checkpoints.c.size > 3))
    )
    (log.tiles.folder / "checkpoint").unlink()
    assert log.publish() == note
    log.verify()


def test_nothing_is_signed_over_a_rewritten_history(log, state, add):
    add(log, 3)
    log.publish()
    leaf = b'{"rewritten":1}'
    changed = sql.update(schema.entries).where(schema.entries.c.seq == 1)
    state.write(lambda connection: connection.execute(changed.values(leaf=leaf, hash=merkle.leaf_hash(leaf))))
    (log.tiles.folder / "checkpoint").unlink()
    (log.tiles.folder / "tile/0/000.p/3").unlink()
    add(log, 1)
    with pytest.raises(LogError, match="no longer leads to the root signed at 3 entries; nothing was signed"):
        log.publish()


def test_nothing_is_signed_over_a_database_from_an_old_backup(log, state, add):
    add(log, 3)
    log.publish()
    add(log, 3)
    log.publish()
    for table, column in ((schema.entries, "seq"), (schema.checkpoints, "size")):
        state.write(
            lambda connection, table=table, column=column: connection.execute(
                sql.delete(table).where(table.c[column] > 3)
            )
        )
    with pytest.raises(LogError, match="6 entries were signed, the database knows of 3: its end was cut off"):
        log.publish()


def test_nothing_is_signed_with_another_key(log, state, add, tmp_path):
    add(log, 3)
    log.publish()
    other = Log(state, tmp_path / "log", signing_key("other", tmp_path / "keys"), "digits")
    with pytest.raises(LogError, match="not signed by digits"):
        other.publish()


def test_proofs_convince_who_holds_the_verifier_key_alone(log, add):
    add(log, 200)
    old = log.publish()
    add(log, 150)
    log.publish()
    for seq in (0, 199, 255, 256, 349):
        assert verify_proof(log.prove(seq), log.verifier).seq == seq
    assert verify_growth(old, log.consistency(200), log.verifier) == 350
    with pytest.raises(InputError, match="entry 350 is not among the 350 published; name one from 0 to 349"):
        log.prove(350)


def test_a_changed_proof_is_refused(log, add):
    add(log, 20)
    old = log.publish()
    add(log, 20)
    log.publish()
    proof = log.prove(7)
    changes = (
        {"seq": 8}, {"leaf": proof["leaf"].replace("ana", "eve")}, {"proof": proof["proof"][1:]}, {"checkpoint": old},
        {"proof": "no"}, {"leaf": 3}, {"seq": "7"}, {"seq": -1},
    )  # fmt: skip
    for change in changes:
        with pytest.raises(LogError):
            verify_proof({**proof, **change}, log.verifier)
    with pytest.raises(LogError):
        verify_proof({}, log.verifier)
    grown = log.consistency(20)
    with pytest.raises(LogError):
        verify_growth(old, {**grown, "proof": grown["proof"][1:]}, log.verifier)
    with pytest.raises(LogError):
        verify_growth(log.tiles.checkpoint(), {**grown, "checkpoint": old}, log.verifier)


def test_what_no_entry_can_hold_is_refused(log, state, at):
    with pytest.raises(InputError, match="keep the large part in a snapshot and log its digest"):
        state.write(_append(log, at, body={"text": "x" * 65_536}))
    with pytest.raises(InputError, match="no time zone"):
        state.write(_append(log, datetime(2026, 3, 1)))  # noqa: DTZ001 the fault under test
    with pytest.raises(InputError, match="cannot be written as JSON"):
        state.write(_append(log, at, body={"text": float("nan")}))
    assert log.size == 0


def test_appending_looks_at_no_other_entry(log, state, at, add):
    add(log, 500)
    seen = []

    def watched(connection):
        driver = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite":  # whose driver is asked without SQLAlchemy, see store.statements
            driver.set_trace_callback(seen.append)
        else:
            sql.event.listen(connection, "before_cursor_execute", lambda *said: seen.append(said[2]))
        _append(log, at)(connection)
        if connection.dialect.name == "sqlite":
            driver.set_trace_callback(None)

    state.write(watched)
    assert sum("entries" in statement for statement in seen) == 2
