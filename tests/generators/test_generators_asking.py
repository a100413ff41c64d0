"""A generator that asks outside gets its replies in order, and rows come through between questions."""

import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators._asking import answered
from bimetal.types import Reply, Request


def batch(*texts):
    return pa.RecordBatch.from_pydict({"text": list(texts)})


def steps():
    yield batch("before")
    replies = yield tuple(Request("chat", {"say": word}) for word in ("one", "two"))
    yield batch(*(each.data.decode() for each in replies))
    yield (Request("chat", {"say": "last"}),)


def echo(requests):
    return tuple(Reply(str(each.body["say"]).encode()) for each in requests)


def test_rows_and_replies_keep_their_order():
    assert [each["text"].to_pylist() for each in answered(steps(), echo)] == [["before"], ["one", "two"]]


def test_rows_alone_need_nobody():
    assert list(answered([batch("a"), batch("b")], None)) == [batch("a"), batch("b")]


def test_too_few_replies_are_refused():
    with pytest.raises(InputError, match="2 requests got 1 replies"):
        list(answered(steps(), lambda requests: echo(requests[:1])))


def test_equal_requests_have_one_digest_and_samples_differ():
    assert Request("chat", {"a": 1, "b": 2}).digest == Request("chat", {"b": 2, "a": 1}).digest
    assert Request("chat", {"a": 1}).digest != Request("chat", {"a": 1}, sample=1).digest
