"""What holds for every request: the host, where it comes from, how much is sent, what browsers are told."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from bimetal.errors import InputError
from bimetal.web.guard import POLICY, Guard
from bimetal.web.settings import Settings

PLAIN = Settings()
SECURE = Settings("https://labels.example.org")


def served(settings=PLAIN, base="http://127.0.0.1:8000"):
    def hello(request):
        return PlainTextResponse("hello", headers={"cache-control": "private"} if "kept" in request.url.path else {})

    inner = Starlette(routes=[Route("/{path:path}", hello, methods=["GET", "POST", "DELETE"])])
    return TestClient(Guard(inner, settings), base_url=base)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "[::1]"])
def test_this_machine_is_always_served(host):
    assert served().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil", "[::2]:80"])
def test_a_name_pointed_at_this_server_is_refused(host):
    answer = served().get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "this server is not called" in answer.json()["error"]


def test_the_public_name_is_served():
    assert served(SECURE, "https://labels.example.org").get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_what_another_site_sends_is_refused(headers):
    assert served().post("/", headers=headers).status_code == 403
    assert served().delete("/", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}])
def test_what_this_site_or_a_program_sends_passes(headers):
    assert served().post("/", headers=headers).status_code == 200


def test_reading_from_a_link_elsewhere_passes():
    assert served().get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_answers_tell_browsers_what_to_hold_to():
    headers = served().get("/").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "strict-transport-security" not in headers
    assert "strict-transport-security" in served(SECURE, "https://labels.example.org").get("/").headers


def test_scripts_and_styles_are_kept_and_asked_about():
    assert served().get("/static/style.css").headers["cache-control"] == "no-cache"


def test_a_page_may_be_kept_longer():
    assert served().get("/kept").headers["cache-control"] == "private"


@pytest.mark.parametrize(
    "origin", ["", "labels.example.org", "ftp://labels.example.org", "https://labels.example.org/app", "https://a@b"]
)
def test_an_address_that_is_none_is_refused(origin):
    with pytest.raises(InputError, match="the public address"):
        Settings(origin)
