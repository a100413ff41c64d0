"""Logging in and out through real requests: cookies, throttle, fixation, where one is sent on to, hostile input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from bimetal.programme.people import remove, whose
from bimetal.web.application import application
from bimetal.web.entering import local
from bimetal.web.settings import Settings

PASSWORD = "four quiet otters swim"
HTTPS = "https://labels.example.org"


@pytest.fixture
def nobody(browser):
    return browser()


def log_in(browser, name="annotator", password=PASSWORD, onward="/", **more):
    return browser.post("/login", {"name": name, "password": password, "next": onward}, **more)


def test_the_right_password_opens_a_session(nobody, programme, people):
    answer = log_in(nobody)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert whose(programme, nobody.token, programme.now()).person == people["annotator"][0]
    assert nobody.get("/account").status_code == 200


def test_under_http_the_cookie_is_read_by_no_script_and_sent_by_no_other_site(nobody):
    kept = log_in(nobody).headers["set-cookie"]
    assert kept.startswith("bimetal=bs_")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(kept.split("; "))
    assert "Secure" not in kept
    assert "Domain" not in kept
    assert "Max-Age" not in kept


@pytest.mark.parametrize("settings", [Settings(HTTPS)])
def test_under_https_it_never_crosses_in_the_clear_and_no_other_host_can_set_it(browser, settings):
    answer = log_in(browser())
    kept = answer.headers["set-cookie"]
    assert kept.startswith("__Host-bimetal=bs_")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(kept.split("; "))
    assert "Domain" not in kept
    assert answer.headers["strict-transport-security"]


def test_a_token_planted_before_is_not_the_session_afterwards(browser, programme):
    victim = browser()
    victim.client.cookies.set("bimetal", "bs_" + "a" * 43, domain="127.0.0.1")
    log_in(victim)
    assert victim.token != "bs_" + "a" * 43
    assert whose(programme, "bs_" + "a" * 43, programme.now()) is None


def test_logging_in_over_a_session_ends_it(browser, programme):
    shared = browser("annotator")
    before = shared.token
    assert log_in(shared, "other").status_code == 303
    assert shared.token != before
    assert whose(programme, before, programme.now()) is None


def test_logging_out_ends_the_session_and_takes_the_cookie(browser, programme):
    leaving = browser("annotator")
    before = leaving.token
    answer = leaving.post("/logout")
    assert answer.headers["location"] == "/login?told=logged_out"
    assert (leaving.token, whose(programme, before, programme.now())) == ("", None)
    assert "You were logged out." in leaving.get(answer.headers["location"]).text


def test_nothing_but_a_form_logs_out(browser):
    assert browser("annotator").get("/logout").status_code == 405


@pytest.mark.parametrize(
    ("name", "password"), [("annotator", "wrong wrong wrong"), ("nobody.here", PASSWORD), ("", "")]
)
def test_a_wrong_password_and_an_unknown_name_are_told_alike(nobody, name, password):
    answer = log_in(nobody, name, password)
    assert answer.status_code == 403
    assert "The name or the password is wrong." in answer.text
    assert password not in answer.text or not password
    assert not nobody.token


def test_after_five_failures_the_wait_is_shown_and_even_the_right_password_waits(nobody, clock):
    for _ in range(6):
        assert log_in(nobody, password="wrong wrong wrong").status_code == 403
    answer = log_in(nobody)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert "Too many tries. Wait 2 seconds." in answer.text
    clock.move(seconds=2)
    assert log_in(nobody).status_code == 303


def test_a_client_that_names_another_address_does_not_escape_the_count(nobody):
    for n in range(21):
        log_in(nobody, f"guess{n}", headers={"x-forwarded-for": f"198.51.100.{n}"})
    assert log_in(nobody, "guess99", headers={"x-forwarded-for": "198.51.100.99"}).status_code == 429


@pytest.mark.parametrize("settings", [Settings("http://127.0.0.1:8000", proxies=("testclient",))])
def test_a_proxy_that_is_named_is_believed_about_who_it_serves(nobody, settings):
    for n in range(21):
        log_in(nobody, f"guess{n}", headers={"x-forwarded-for": "6.6.6.6, 198.51.100.1"})
    assert log_in(nobody, "guess99", headers={"x-forwarded-for": "198.51.100.1"}).status_code == 429
    assert log_in(nobody, headers={"x-forwarded-for": "198.51.100.2"}).status_code == 303


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\n//evil.example",
        " //evil.example",
        "/ok\\..\\..//evil.example",
        "evil.example",
        "/label\r\nset-cookie: a=b",
        "/login",
        "/" + "a" * 10_000,
        "",
    ],
)
def test_nobody_is_sent_to_another_site_nor_in_a_circle(browser, onward):
    nobody = browser()
    shown = nobody.get("/login", params={"next": onward})
    assert '<input type="hidden" name="next" value="/">' in shown.text
    answer = log_in(nobody, onward=onward)
    assert answer.headers["location"] == "/"
    assert "a=b" not in str(answer.headers)


def test_one_is_sent_on_to_where_one_wanted(browser):
    nobody = browser()
    asked = nobody.get("/account")
    assert asked.headers["location"] == "/login?next=/account"
    assert log_in(nobody, onward="/label?job=notes").headers["location"] == "/label?job=notes"


@given(st.text(max_size=40))
def test_whatever_is_asked_for_stays_on_this_server(path):
    found = local(path)
    assert found.startswith("/")
    assert found[1:2] not in {"/", "\\"}
    assert found.isprintable()


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '" autofocus onfocus="alert(1)', "\u202egnp.exe", "x" * 100_000, "\x00", "𐏿" * 300],
)
def test_a_hostile_name_is_unknown_and_shown_inert(nobody, name):
    answer = log_in(nobody, name)
    assert answer.status_code == 403
    assert "<script>alert" not in answer.text
    assert 'onfocus="alert' not in answer.text
    assert len(answer.text) < 10_000


def test_a_removed_persons_session_ends(browser, programme, people):
    gone = browser("annotator")
    assert gone.get("/account").status_code == 200
    remove(programme, people["admin"][0], gone.person.id, programme.now())
    assert gone.get("/account").headers["location"] == "/login?next=/account"
    assert log_in(browser()).status_code == 403


def test_a_session_that_was_idle_too_long_has_ended(browser, clock):
    resting = browser("annotator")
    clock.move(hours=2, minutes=1)
    assert resting.get("/account").status_code == 303


def test_a_form_of_another_kind_is_refused(nobody):
    here = {"origin": "http://127.0.0.1:8000"}
    assert nobody.client.post("/login", json={"name": "annotator"}, headers=here).status_code == 400
    assert nobody.client.post("/login", files={"name": b"x"}, headers=here).status_code == 400
    assert nobody.client.post("/login", data={"name": "x" * 2_000_000}, headers=here).status_code == 413


def test_the_language_of_the_browser_is_the_language_of_the_page(programme, settings):
    client = TestClient(application(programme, settings), base_url=settings.origin)
    assert '<html lang="th" dir="ltr"' in client.get("/login", headers={"accept-language": "th-TH,en;q=0.5"}).text
