"""The ledger: cut lines are as if never written, damage is named, replay needs nothing else."""

import pytest

from bimetal.endpoints import Ledger, Record, Totals, recorded, records, totals
from bimetal.errors import EndpointError, InputError, StoreError
from bimetal.types import Reply, Request

URL = "http://localhost/v1"


def record(number, url=URL, text="ja ✓\n", **facts):
    request = Request("chat", {"messages": [{"role": "user", "content": f"สวัสดี {number}"}], "temperature": 0.5})
    return Record(request, url, "m", Reply(text.encode(), {"tokens_in": 3, "tokens_out": 4, "money": 0.5, **facts}))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deep" / "x.ledger"
    with Ledger(path) as ledger:
        ledger.append([record(1), record(2)])
        ledger.append([record(3)])
    return path


def test_what_is_written_reads_back(path):
    assert list(records(path)) == [record(1), record(2), record(3)]
    assert totals(path) == Totals(3, 0, 9, 12, 1.5)
    assert recorded(path)((record(2).request,)) == (record(2).reply,)
    assert path.stat().st_mode & 0o077 == 0


def test_a_line_cut_anywhere_is_as_if_never_written(path):
    whole = path.read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    for end in {last + 1, last + 9, last + 60, last + 150, len(whole) - 1}:
        path.write_bytes(whole[:end])
        with Ledger(path) as ledger:
            assert len(ledger) == 2
            assert ledger.find(record(3).request.digest, URL, "m") is None
            ledger.append([record(4)])
        assert list(records(path)) == [record(1), record(2), record(4)]


def test_zeros_that_a_crash_left_at_the_end_are_as_if_never_written(path):
    path.write_bytes(path.read_bytes() + bytes(512))
    with Ledger(path) as ledger:
        assert len(ledger) == 3


def test_damage_in_the_middle_is_named(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"x" + lines[1] + lines[2])
    with pytest.raises(StoreError, match=r"line 2 of the ledger .* is damaged"), Ledger(path):
        pass


@pytest.mark.parametrize("content", [b"id,label\n1,2\n", b"PAR1\x00\x01", b'{"id": 3}\n'])
def test_another_file_is_not_taken_for_a_ledger(tmp_path, content):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a ledger"), Ledger(path):
        pass
    assert path.read_bytes() == content


def test_a_reply_that_is_not_there_is_one_sentence(path, tmp_path):
    with pytest.raises(EndpointError, match="holds no reply to a request of this recipe"):
        recorded(path)((record(9).request,))
    with pytest.raises(InputError, match="there is no ledger"):
        recorded(tmp_path / "none")


def test_replies_of_two_endpoints_are_told_apart(path):
    with Ledger(path) as ledger:
        ledger.append([record(1, url="http://other/v1", text="nein")])
    with pytest.raises(EndpointError, match="replies of 2 endpoints"):
        recorded(path)((record(1).request,))
    assert recorded(path, "http://other/v1", "m")((record(1).request,))[0].data == b"nein"


def test_a_folder_is_no_ledger(tmp_path):
    with pytest.raises(StoreError, match="cannot be used"), Ledger(tmp_path):
        pass


def test_a_closed_ledger_takes_nothing(path):
    with pytest.raises(StoreError, match="is not open"):
        Ledger(path).append([record(1)])
