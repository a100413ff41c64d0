"""Endpoints and budgets that cannot be meant are refused in one sentence."""

import pytest

from bimetal.endpoints import Budget, Endpoint
from bimetal.endpoints.wire import meaning
from bimetal.errors import InputError


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "localhost:8000"}, "the endpoint's address is 'localhost:8000'"),
        ({"url": "ftp://x/v1"}, "address is"),
        ({"url": "http://x:99999/v1"}, "address is"),
        ({"url": "https://me:secret@x/v1"}, "carries a name, password or query"),
        ({"url": "https://x/v1?key=secret"}, "carries a name, password or query"),
        ({"in_flight": 0}, "in_flight is 0, expected 1 or more"),
        ({"requests_a_minute": -1}, "requests_a_minute is -1"),
        ({"timeout": 0}, "timeout is 0"),
        ({"price_in": 1.0}, "one price is given"),
        ({"price_in": -1.0, "price_out": 1.0}, "a price is -1.0"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, words):
    with pytest.raises(InputError, match=words) as caught:
        Endpoint(**{"url": "http://localhost/v1", **settings})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"tokens": -1}, {"money": float("nan")}, {"money": float("inf")}])
def test_a_budget_is_a_number(settings):
    with pytest.raises(InputError, match="the budget of"):
        Budget(**settings)


def test_the_address_may_be_pasted_whole():
    assert Endpoint("https://models.example/v1/chat/completions/").url == "https://models.example/v1"


@pytest.mark.parametrize(
    "content", [b"[]", b"null", b'{"choices": null}', b'{"choices": [{"message": 3}]}', b"[" * 100_000, b"\xff"]
)
def test_nonsense_is_nonsense(content):
    assert meaning(200, {}, content).kind == "nonsense"
    assert meaning(400, {}, content).kind == "refused"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "stop"), (404, "stop"), (302, "stop"), (400, "refused"), (422, "refused"), (429, "again"), (502, "again")],
)
def test_a_status_means_one_thing(status, kind):
    assert meaning(status, {}, b"").kind == kind


def test_usage_that_cannot_be_is_none():
    choice = b'"choices": [{"message": {"content": "x"}}]'
    assert meaning(200, {}, b'{%s, "usage": {"prompt_tokens": -1, "completion_tokens": "3"}}' % choice).tokens is None
    assert meaning(200, {}, b'{%s, "usage": null}' % choice).tokens is None
    assert meaning(200, {}, b'{"choices": [{"message": {"content": "\\ud800"}}]}').text == "?"
