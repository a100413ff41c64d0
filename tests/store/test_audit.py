import shutil

import pytest
import sqlalchemy as sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bimetal.errors import LogError
from bimetal.store import checkpoint, merkle, schema
from bimetal.store.audit import verify_folder, verify_log
from bimetal.store.checkpoint import Checkpoint
from bimetal.store.tiles import Edge, Tiles

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # test_log verifies on PostgreSQL too

FIRST, SIZE = 100, 300
"""Entries under the first checkpoint and under the second."""


@pytest.fixture
def signed(log, add):
    add(log, FIRST)
    log.publish()
    add(log, SIZE - FIRST, action="cycle.trained")
    log.publish()
    return log


def _flip(path, place, bit=0):
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


def _place(folder, seq):
    """Find where entry `seq` starts in its bundle, behind its length."""
    content, start = _bundle(folder, seq).read_bytes(), 0
    for _ in range(seq % 256):
        start += 2 + int.from_bytes(content[start : start + 2])
    return start + 2


def _bundle(folder, seq):
    return folder / ("tile/entries/000" if seq < 256 else f"tile/entries/001.p/{SIZE - 256}")


def _rewrite(state, seq, leaf, digest=None):
    changed = sql.update(schema.entries).where(schema.entries.c.seq == seq)
    values = {"leaf": leaf} if digest is None else {"leaf": leaf, "hash": digest}
    state.write(lambda connection: connection.execute(changed.values(values)))


def _leaf(state, seq):
    with state.read() as connection:
        return connection.execute(sql.select(schema.entries.c.leaf).where(schema.entries.c.seq == seq)).scalar()


def test_a_sound_log_verifies_with_and_without_its_database(signed, tmp_path):
    verified = signed.verify()
    assert (verified.size, verified.checkpoint_size) == (SIZE, SIZE)
    shutil.copytree(tmp_path / "log", tmp_path / "copy")
    assert verify_folder(tmp_path / "copy", signed.verifier) == verified


@pytest.mark.parametrize("seq", [0, 17, 99, 100, 255, 256, 299])
def test_a_flipped_byte_of_an_entry_bundle_is_named(signed, seq):
    action = "data.added" if seq < FIRST else "cycle.trained"
    _flip(_bundle(signed.tiles.folder, seq), _place(signed.tiles.folder, seq) + 70)
    with pytest.raises(
        LogError,
        match=rf"entry {seq} \(.*\) does not match its hash in tile/0/.*was changed after it was signed; restore",
    ):
        verify_folder(signed.tiles.folder, signed.verifier)
    said = rf"entry {seq} \({action}, 2026-03-01T09:30:00.000000Z\) in tile/entries/00.* does not match its hash"
    with pytest.raises(LogError, match=said):
        signed.verify()


@pytest.mark.parametrize("seq", [0, 17, 299])
def test_a_flipped_length_in_a_bundle_is_named(signed, seq):
    for byte in (1, 2):
        _flip(_bundle(signed.tiles.folder, seq), _place(signed.tiles.folder, seq) - byte)
        for verify in (signed.verify, lambda: verify_folder(signed.tiles.folder, signed.verifier)):
            with pytest.raises(LogError, match=rf"entry {seq}\b.* does not match its hash"):
                verify()
        _flip(_bundle(signed.tiles.folder, seq), _place(signed.tiles.folder, seq) - byte)


@pytest.mark.parametrize("seq", [0, 17, 255])
def test_a_flipped_byte_of_a_hash_tile_is_named(signed, seq):
    _flip(signed.tiles.folder / "tile/0/000", 32 * seq + 5)
    for verify in (signed.verify, lambda: verify_folder(signed.tiles.folder, signed.verifier)):
        with pytest.raises(
            LogError, match=rf"entry {seq} \(.*\) does not match its hash in tile/0/000: the log was changed"
        ):
            verify()


def test_a_flipped_byte_of_a_higher_tile_is_named(signed):
    _flip(signed.tiles.folder / "tile/1/000.p/1", 5)
    for verify in (signed.verify, lambda: verify_folder(signed.tiles.folder, signed.verifier)):
        with pytest.raises(
            LogError, match=r"entry 0 \(data.added, .*\) and the 255 after it do not match .* tile/1/000.p/1"
        ):
            verify()


def test_every_byte_of_an_exported_folder_counts(signed, tmp_path):
    needed = (
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    )

    @given(st.sampled_from(needed), st.data())
    @settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
    def flipped(path, data):
        place = data.draw(st.integers(0, (tmp_path / "log" / path).stat().st_size - 1))
        bit = data.draw(st.integers(0, 7))
        _flip(tmp_path / "log" / path, place, bit)
        try:
            with pytest.raises(LogError, match=r"entry \d+|checkpoint"):
                verify_folder(tmp_path / "log", signed.verifier)
        finally:
            _flip(tmp_path / "log" / path, place, bit)

    flipped()
    verify_folder(tmp_path / "log", signed.verifier)


@pytest.mark.parametrize("seq", [0, 17, 256, 299])
def test_an_entry_changed_in_sql_is_named(signed, state, seq):
    leaf = _leaf(state, seq).replace(b"ana", b"eve")
    good = "data.added" if seq < FIRST else "cycle.trained"
    said = rf"entry {seq} \({good}, .*\) in the database does not match its hash in tile/0/00"
    _rewrite(state, seq, leaf)
    with pytest.raises(LogError, match=said):
        signed.verify()
    _rewrite(state, seq, leaf, merkle.leaf_hash(leaf))
    with pytest.raises(LogError, match=said):
        signed.verify()
    verify_folder(signed.tiles.folder, signed.verifier)


def test_an_unpublished_entry_changed_in_sql_is_named(signed, state, add):
    add(signed, 3)
    _rewrite(state, SIZE + 1, _leaf(state, SIZE + 1).replace(b"ana", b"eve"))
    with pytest.raises(
        LogError, match=rf"entry {SIZE + 1} \(.*\) in the database does not match its hash: it was changed"
    ):
        signed.verify()


@pytest.mark.parametrize(("gone", "first"), [((17, 17), 17), ((280, 299), 280), ((0, 299), 0), ((250, 299), 250)])
def test_entries_missing_from_sql_are_named(signed, state, gone, first):
    where = schema.entries.c.seq.between(*gone)
    state.write(lambda connection: connection.execute(sql.delete(schema.entries).where(where)))
    with pytest.raises(LogError, match=rf"entry {first} \(.*\) was signed but is missing from the database"):
        signed.verify()


def test_a_database_cut_back_with_its_checkpoints_is_named(signed, state):
    state.write(lambda connection: connection.execute(sql.delete(schema.entries).where(schema.entries.c.seq >= FIRST)))
    state.write(
        lambda connection: connection.execute(sql.delete(schema.checkpoints).where(schema.checkpoints.c.size > FIRST))
    )
    with pytest.raises(LogError, match=rf"entry {FIRST} \(cycle.trained, .*\) was signed but is missing"):
        signed.verify()


def test_tiles_cut_back_are_named(signed, tmp_path):
    folder = tmp_path / "log"
    content = (folder / "tile/0/001.p/44").read_bytes()
    (folder / "tile/0/001.p/44").write_bytes(content[:-32])
    with pytest.raises(LogError, match=r"tile/0/001.p/44 is cut short, so entry 256"):
        signed.verify()
    (folder / "tile/0/001.p/44").unlink()
    with pytest.raises(LogError, match=r"tile/0/001.p/44 is missing, so entry 256"):
        verify_folder(folder, signed.verifier)
    (folder / "tile/0/001.p/44").write_bytes(content)
    bundle = (folder / "tile/entries/001.p/44").read_bytes()
    (folder / "tile/entries/001.p/44").write_bytes(bundle[:-1])
    with pytest.raises(LogError, match="entry 299 "):
        signed.verify()
    with pytest.raises(LogError, match="entry 299 "):
        verify_folder(folder, signed.verifier)


def _forge(log, state, first):
    """Rewrite entry `first` in SQL and all tiles consistently, as one could who lacks the key."""
    leaf = _leaf(state, first).replace(b"ana", b"eve")
    _rewrite(state, first, leaf, merkle.leaf_hash(leaf))
    note = log.tiles.checkpoint()
    shutil.rmtree(log.tiles.folder)
    forged = Tiles(log.tiles.folder)
    forged.extend(Edge(), (_leaf(state, seq) for seq in range(SIZE)))
    forged.publish(note)


def test_a_rewritten_history_is_placed_between_two_checkpoints(signed, state):
    _forge(signed, state, FIRST + 20)
    said = rf"entry {FIRST} \(cycle.trained, .*\) or one after it, up to entry {SIZE - 1}, does not lead to the root signed at {SIZE}"
    with pytest.raises(LogError, match=said):
        signed.verify()
    with pytest.raises(LogError, match=rf"entry 0 \(.*\) or one after it, up to entry {SIZE - 1}, does not lead"):
        verify_folder(signed.tiles.folder, signed.verifier)


def test_a_history_signed_again_with_another_key_is_refused(signed, state, key):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    _forge(signed, state, 5)
    other = Ed25519PrivateKey.generate()
    signed.tiles.publish(checkpoint.sign(Checkpoint("digits", SIZE, signed.root()), other))
    with pytest.raises(LogError, match="checkpoint of 300 entries is not signed by digits"):
        verify_folder(signed.tiles.folder, signed.verifier)


def test_a_checkpoint_signed_elsewhere_over_another_history_is_found(signed, state, key):
    forked = checkpoint.sign(Checkpoint("digits", SIZE, bytes(32)), key)
    signed.tiles.publish(forked)
    with pytest.raises(LogError, match="does not lead to the root signed at 300"):
        signed.verify()


def test_a_missing_checkpoint_is_said_so(signed, state):
    (signed.tiles.folder / "checkpoint").unlink()
    with pytest.raises(LogError, match=r"there is no readable checkpoint in .*publish again"):
        signed.verify()


def test_the_database_verifies_with_the_public_key_alone(signed, state):
    assert verify_log(state, signed.tiles.folder, signed.verifier).checkpoint_size == SIZE
