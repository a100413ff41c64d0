"""A new password by a reset link: once, and everything that was open before ends."""

import pytest

from bimetal.programme.people import bearer, make_token, offer_reset, whose

NEW = "five loud herons dive"


@pytest.fixture
def link(programme, people):
    return f"/reset/{offer_reset(programme, people['admin'][0], people['annotator'][0].id, programme.now())}"


def resets(browser, link, password=NEW, repeat=NEW):
    return browser.post(link, {"password": password, "repeat": repeat})


def logs_in(browser, password):
    return browser.post("/login", {"name": "annotator", "password": password}).status_code


def test_the_new_password_opens_and_the_old_one_does_not(browser, link):
    answer = resets(browser(), link)
    assert answer.headers["location"] == "/login?told=reset"
    assert "Log in with it." in browser().get(answer.headers["location"]).text
    assert logs_in(browser(), "four quiet otters swim") == 403
    assert logs_in(browser(), NEW) == 303


def test_sessions_and_tokens_of_before_end(browser, link, programme, clock):
    open_before = browser("annotator")
    token = make_token(programme, whose(programme, open_before.token, clock()), "script", "annotator", 9, clock())
    resets(browser(), link)
    assert open_before.get("/account").status_code == 303
    assert bearer(programme, token, clock()) is None


def test_the_link_works_once(browser, link):
    resets(browser(), link)
    assert browser().get(link).status_code == 403
    assert resets(browser(), link, "six green moths hum", "six green moths hum").status_code == 403
    assert logs_in(browser(), NEW) == 303


def test_the_newest_link_alone_works_and_for_a_day(browser, link, programme, people, clock):
    newer = f"/reset/{offer_reset(programme, people['admin'][0], people['annotator'][0].id, clock())}"
    assert browser().get(link).status_code == 403
    clock.move(hours=24)
    assert resets(browser(), newer).status_code == 403


@pytest.mark.parametrize(
    ("password", "repeat", "told"),
    [
        (NEW, "another one entirely", "differ"),
        ("short", "short", "at least 12"),
        ("annotator123", "annotator123", "common"),
    ],
)
def test_a_refused_password_shows_the_form_again_and_keeps_the_link(browser, link, password, repeat, told):
    answer = resets(browser(), link, password, repeat)
    assert answer.status_code == 400
    assert told in answer.text
    assert resets(browser(), link).status_code == 303
