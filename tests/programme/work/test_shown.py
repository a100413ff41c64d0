import io
import struct
import wave
import zlib

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.annotation.shown import Shown
from bimetal.errors import InputError, StoreError
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.work.media import checked, measured, sniffed
from bimetal.programme.work.shown import FOLDER, media, payload_of, shown
from bimetal.programme.work.table_on_disk import BATCH, on_disk
from bimetal.store.queue import Item, Job
from bimetal.store.snapshots import Snapshots


def picture(kind="PNG", size=(8, 6), **more):
    sink = io.BytesIO()
    Image.new("L", size, 200).save(sink, kind, **more)
    return sink.getvalue()


def sound():
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(800))
    return sink.getvalue()


@pytest.fixture
def asked(programme):
    """Return a function that keeps rows and opens a job that asks about all of them."""

    def open_(rows, name="j", **more):
        digest = programme.snapshots.put(rows)
        items = [Item(str(each)) for each in rows["id"].to_pylist()]
        return queue.open_job(programme, Job(name, dataset=name, snapshot=digest, **more), items)

    return open_


def test_a_text_is_shown_alone(programme, pool):
    job = queue.open_job(programme, Job("march", dataset="march"), [Item("t3")])
    assert shown(programme, job, "t3") == Shown("t3", text="my card is lost, number 3")
    assert shown(programme, "march", "t3") == shown(programme, job, "t3")


def test_an_item_the_job_does_not_ask_about_is_refused(programme, pool, gold):
    job = queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest), [Item("t3"), Item("t99")])
    for strange in ("t4", "t1001", "../t3", ""):
        with pytest.raises(InputError, match="asks about no item"):
            shown(programme, job, strange)
    with pytest.raises(InputError, match="in no snapshot"):
        shown(programme, job, "t99")


def test_gold_looks_like_any_other_item(programme, pool, gold):
    items = [Item("t3"), Item("t1001", gold=True, known="card")]
    job = queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest, gold=0.5), items)
    found = shown(programme, job, "t1001")
    assert found == Shown("t1001", text="my card is lost, number 1001")


def test_gold_shows_no_column_the_other_rows_lack(programme, asked):
    rows = pa.table({"id": ["a"], "age": [30], "town": ["Hue"]})
    known = pa.table({"id": ["g"], "age": [31], "confidence": [0.9], "label": ["card"]})
    add(programme, Arrival(known, "known", "gold", "lab", declared=Declared("real", "human")))
    job = asked(rows)
    programme.state.write(
        lambda connection: queue.store.add_items(connection, "j", [Item("g", gold=True)], programme.now())
    )
    assert shown(programme, job, "a").columns == {"age": 30, "town": "Hue"}
    assert shown(programme, job, "g").columns == {"age": 31, "town": None}


HIDDEN = {
    name: ["x"] for name in ("label", "item_origin", "label_origin", "source", "licence", "recipe", "_row", "gold")
}


def test_provenance_and_labels_are_never_laid_out(programme, asked):
    rows = pa.table({"id": ["a"], "age": [float("nan")], "when": [b"bytes"], **HIDDEN})
    job = asked(rows)
    assert shown(programme, job, "a") == Shown("a", columns={"age": None, "when": None})
    assert payload_of(rows.schema) == ["age", "when"]
    (laid,) = (programme.memory / FOLDER).glob("*.arrow")
    assert pa.ipc.open_file(pa.memory_map(str(laid))).schema.names == ["id", "age", "when"]


def test_options_come_by_their_keys(programme, asked):
    rows = pa.table({"id": ["p"], "text_b": ["No."], "text_a": ["Yes."], "prompt": ["Well?"], "model_a": ["m1"]})
    assert shown(programme, asked(rows, task="pairs"), "p") == Shown(
        "p", options={"a": "Yes.", "b": "No."}, prompt="Well?"
    )


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_pictures_are_served_as_what_they_are(programme, asked, kind, content_type):
    job = asked(pa.table({"id": ["a"], "image": [picture(kind)]}))
    assert shown(programme, job, "a") == Shown("a", media=("image",), size=(8, 6))
    assert media(programme, job, "a", "image") == (picture(kind), content_type)


def test_a_tensor_is_shown_as_png(programme, asked):
    pixels = np.arange(48, dtype=np.uint8).reshape(1, 6, 8)
    job = asked(pa.table({"id": ["a"], "image": pa.FixedShapeTensorArray.from_numpy_ndarray(pixels)}))
    assert shown(programme, job, "a").size == (8, 6)
    content, kind = media(programme, job, "a", "image")
    assert kind == "image/png"
    assert (np.asarray(Image.open(io.BytesIO(content))) == pixels[0]).all()


def test_sounds_are_served(programme, asked):
    job = asked(pa.table({"id": ["a"], "audio": [sound()]}))
    assert shown(programme, job, "a") == Shown("a", media=("audio",))
    assert media(programme, job, "a", "audio") == (sound(), "audio/wav")


@pytest.mark.parametrize("column", ["label", "id", "image", "../x"])
def test_only_media_are_served(programme, pool, column):
    job = queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest), [Item("t3")])
    with pytest.raises(InputError, match="shows no"):
        media(programme, job, "t3", column)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"OggS\x00", "audio/ogg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
    ],
)
def test_kinds_are_told_by_the_first_bytes(content, kind):
    assert sniffed(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
        b"<html><script>alert(1)</script></html>",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"BM\x00\x00",
        b"II*\x00",
        b"\xff\xf1\x50\x80",
        b"\xff\xff\xff\xff",
        b"",
    ],
)
def test_nothing_else_is_served(programme, asked, content):
    job = asked(pa.table({"id": ["a"], "image": [content]}))
    with pytest.raises(InputError, match="no picture or sound that is shown"):
        media(programme, job, "a", "image")
    with pytest.raises(InputError):
        shown(programme, job, "a")


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(12_000, 12_000), (65_000, 65_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_unopened(size):
    with pytest.raises(InputError, match=r"pixels|cannot be read"):
        checked(bomb(*size))


def test_frames_count_as_pixels():
    frames = [Image.new("L", (2000, 2000), each) for each in range(30)]
    sink = io.BytesIO()
    frames[0].save(sink, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="in 30 frames"):
        measured(sink.getvalue())


def test_a_broken_picture_is_refused():
    with pytest.raises(InputError, match="cannot be read"):
        checked(picture()[:20])


def test_a_row_is_found_wherever_it_lies(tmp_path):
    n = 3 * BATCH + 7
    rows = pa.table({"id": [f"r{at}" for at in range(n)], "text": [str(at) for at in range(n)]})
    snapshots = Snapshots(tmp_path / "snapshots")
    held = on_disk(snapshots.path(snapshots.put(rows)), tmp_path / "shown", payload_of)
    assert all(held.row(f"r{at}")["text"].as_py() == str(at) for at in range(n))
    assert held.row("r") is None
    assert held.row(f"r{n}") is None


def test_what_was_laid_out_may_be_removed_or_damaged(tmp_path):
    snapshots = Snapshots(tmp_path / "snapshots")
    path = snapshots.path(snapshots.put(pa.table({"id": ["a"], "text": ["x"]})))
    for _ in range(2):
        assert on_disk(path, tmp_path / "shown", payload_of).row("a")["text"].as_py() == "x"
        for each in (tmp_path / "shown").iterdir():
            each.unlink()
    on_disk(path, tmp_path / "damaged", payload_of)
    copy = tmp_path / "other"
    copy.mkdir()
    for ending in (".arrow", ".npy"):
        (copy / f"{path.stem}{ending}").write_bytes(b"damaged")
    with pytest.raises(StoreError, match="remove the folder"):
        on_disk(path, copy, payload_of)


def test_rows_are_told_apart_where_hashes_are_not(tmp_path, monkeypatch):
    from bimetal.programme.work import table_on_disk

    monkeypatch.setattr(table_on_disk, "_hash", lambda identity: 7)
    snapshots = Snapshots(tmp_path / "snapshots")
    path = snapshots.path(snapshots.put(pa.table({"id": ["a", "b"], "text": ["x", "y"]})))
    held = on_disk(path, tmp_path / "shown", payload_of)
    assert [held.row(each) and held.row(each)["text"].as_py() for each in "abc"] == ["x", "y", None]
