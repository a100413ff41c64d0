"""People's own tables: what a CSV's cells mean, and files written whole or not at all."""

import os

import pyarrow as pa
import pytest

from bimetal.errors import InputError, StoreError
from bimetal.store import files
from bimetal.store.tables import read_table, write_batches, write_table

SPELLED = ["NA", "n/a", "null", "nan", "NULL", "#N/A"]


def test_texts_are_missing_only_where_the_cell_is_empty(tmp_path):
    path = tmp_path / "rows.csv"
    lines = [f"{each},{each},{each},a note {each}" for each in SPELLED]
    path.write_text("\n".join(["id,label,annotator,note", *lines, "7,,,", '8,"",ana,']))
    rows = read_table(str(path), ("id", "label", "annotator"))
    assert rows["id"].to_pylist() == [*SPELLED, "7", "8"]
    assert rows["label"].to_pylist() == [*SPELLED, None, None]
    assert rows["annotator"].to_pylist() == [*SPELLED, None, "ana"]
    assert rows["note"].to_pylist() == [*(f"a note {each}" for each in SPELLED), None, None]


def test_texts_that_were_not_named_keep_their_cells_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,country\n1,NA\n2,DE\n3,\n")
    assert read_table(str(path))["country"].to_pylist() == ["NA", "DE", None]


def test_among_numbers_na_and_nan_are_missing(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,x,n\n1,nan,NA\n2,2.5,3\n3,,\n")
    rows = read_table(str(path))
    assert rows["x"].to_pylist() == [None, 2.5, None]
    assert rows["n"].to_pylist() == [None, 3, None]
    assert rows.schema.field("n").type == pa.int64()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_what_is_written_reads_back(tmp_path, ending):
    path = str(tmp_path / f"rows.{ending}")
    rows = pa.table({"id": ["NA", "2"], "label": ["nan", None], "x": [1.5, None]})
    write_table(rows, path)
    assert read_table(path).to_pydict() == rows.to_pydict()


def test_a_write_that_is_cut_short_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "rows.csv"
    path.write_text("id\nold\n")

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "settle", killed)
    with pytest.raises(KeyboardInterrupt):
        write_table(pa.table({"id": ["new"]}), str(path))
    assert path.read_text() == "id\nold\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_and_its_target_keep_their_place_and_their_mode(tmp_path):
    target, link = tmp_path / "rows.csv", tmp_path / "latest.csv"
    target.write_text("id\nold\n")
    target.chmod(0o600)
    link.symlink_to(target)
    write_table(pa.table({"id": ["new"]}), str(link))
    assert link.is_symlink()
    assert "new" in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    rows = pa.table({"id": ["1"]})
    with pytest.raises(StoreError, match=r"nowhere/rows.csv cannot be written: there is no folder"):
        write_table(rows, str(tmp_path / "nowhere" / "rows.csv"))
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(StoreError, match=r"folder.csv cannot be written: it is a folder"):
        write_table(rows, str(tmp_path / "folder.csv"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_access_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"rows.csv cannot be written: Permission denied"):
        write_table(pa.table({"id": ["1"]}), str(tmp_path / "rows.csv"))


def stream(n, stop_after=None):
    for k in range(n):
        if k == stop_after:
            raise RuntimeError("stopped")
        yield pa.RecordBatch.from_pydict({"id": [f"{k}-{row}" for row in range(10)], "x": list(range(10))})


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl"])
def test_batches_are_written_as_they_come(tmp_path, ending):
    path = str(tmp_path / f"rows{ending}")
    assert write_batches(stream(7), path, {"made": "here"}) == 70
    assert read_table(path)["id"].to_pylist() == [f"{k}-{row}" for k in range(7) for row in range(10)]


def test_lists_do_not_fit_into_a_csv(tmp_path):
    with pytest.raises(InputError, match="column 'path' holds list"):
        write_table(pa.table({"id": ["1"], "path": [[1.0, 2.0]]}), str(tmp_path / "rows.csv"))


def test_batches_that_stop_leave_what_was_there(tmp_path):
    path = tmp_path / "rows.parquet"
    write_table(pa.table({"id": ["old"]}), str(path))
    with pytest.raises(RuntimeError):
        write_batches(stream(7, stop_after=3), str(path))
    assert read_table(str(path))["id"].to_pylist() == ["old"]
    assert [each.name for each in tmp_path.iterdir()] == ["rows.parquet"]


def test_a_place_that_cannot_be_written_asks_for_no_batch(tmp_path):
    asked = []
    batches = (asked.append(k) or each for k, each in enumerate(stream(2)))
    with pytest.raises(StoreError, match="there is no folder"):
        write_batches(batches, str(tmp_path / "nowhere" / "rows.csv"))
    assert asked == []
