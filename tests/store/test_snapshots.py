import os
import stat
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bimetal.errors import StoreError
from bimetal.store.snapshots import ROW_GROUP, Snapshots

TABLE = pa.table({"id": ["a", "b", None], "image": pa.array([b"\x89PNG", None, b""], pa.large_binary())})


@pytest.fixture
def snapshots(tmp_path):
    return Snapshots(tmp_path / "snapshots")


def test_what_is_put_is_got_back(snapshots):
    digest = snapshots.put(TABLE)
    assert snapshots.get(digest).equals(TABLE)
    assert snapshots.get(digest, ["id"]).column_names == ["id"]
    assert list(snapshots) == [digest]
    assert stat.S_IMODE(snapshots.path(digest).stat().st_mode) == 0o444
    snapshots.verify(digest)


def test_putting_again_writes_nothing(snapshots):
    digest = snapshots.put(TABLE)
    before = snapshots.path(digest).stat().st_ino
    assert snapshots.put(TABLE) == digest
    assert snapshots.path(digest).stat().st_ino == before
    assert len(list(snapshots.folder.iterdir())) == 1


_ROWS = st.lists(st.tuples(st.none() | st.text(max_size=3), st.none() | st.floats(), st.integers(-9, 9)), max_size=30)


@given(_ROWS, st.integers(0, 30), st.integers(0, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_the_digest_depends_on_rows_and_not_on_chunks(snapshots, rows, cut, skip):
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    schema = pa.schema([("a", pa.string()), ("b", pa.float64()), ("c", pa.int64())])
    whole = pa.table([list(column) for column in columns], schema=schema)
    pieces = pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])
    padded = pa.concat_tables([whole.slice(0, skip), whole]).combine_chunks().slice(min(skip, whole.num_rows))
    assert snapshots.put(whole) == snapshots.put(pieces) == snapshots.put(padded)


def test_large_tables_are_cut_into_row_groups_the_same_way(snapshots):
    whole = pa.table({"n": range(ROW_GROUP * 2 + 5)})
    pieces = pa.concat_tables([whole.slice(start, 999) for start in range(0, whole.num_rows, 999)])
    digest = snapshots.put(pieces)
    assert digest == snapshots.put(whole)
    assert snapshots.get(digest).equals(whole)


def test_an_empty_table_keeps_its_columns(snapshots):
    assert snapshots.get(snapshots.put(TABLE.slice(0, 0))).schema == TABLE.schema


def test_a_missing_snapshot_is_named_with_a_way_out(snapshots):
    with pytest.raises(StoreError, match=f"snapshot {'0' * 64} is not in .*; restore the file from a backup"):
        snapshots.get("0" * 64)


def test_a_damaged_snapshot_is_named(snapshots):
    digest = snapshots.put(TABLE)
    path = snapshots.path(digest)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match=f"snapshot {digest} is damaged"):
        snapshots.verify(digest)
    path.write_bytes(b"PAR1")
    with pytest.raises(StoreError, match=f"snapshot {digest} cannot be read"):
        snapshots.get(digest)


_FULL = """
import resource, sys
from pathlib import Path
import numpy as np, pyarrow as pa
from bimetal.errors import StoreError
from bimetal.store.snapshots import Snapshots
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
snapshots = Snapshots(Path(sys.argv[1]) / "snapshots")
small = snapshots.put(pa.table({"n": [1]}))
try:
    snapshots.put(pa.table({"n": np.random.default_rng(0).random(1_000_000)}))
except StoreError as fault:
    print(fault)
print(sorted(path.name for path in snapshots.folder.iterdir()) == [f"{small}.parquet"])
"""


def _fill(folder, how):
    done = subprocess.run([sys.executable, "-c", _FULL, folder, how], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_file_that_cannot_grow_leaves_one_sentence_and_no_partial_file(tmp_path):
    said, clean = _fill(tmp_path, "limit")
    assert said.endswith("snapshots is full; free some space, then run the same command again")
    assert clean == "True"


def test_a_full_disk_leaves_one_sentence_and_no_partial_file(tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], check=False).returncode == 0
    if not mounted:
        pytest.skip("mounting a tiny disk needs root")
    try:
        said, clean = _fill(tmp_path, "disk")
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert said.endswith("snapshots is full; free some space, then run the same command again")
    assert clean == "True"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_access_is_said_so(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="give yourself write access"):
        Snapshots(tmp_path).put(TABLE)
