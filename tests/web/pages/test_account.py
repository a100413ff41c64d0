"""One's own account: what one changes there, what ends, what is shown once, the record to take away."""

import json
import re

import pytest

from bimetal.programme.people import (
    Qualification,
    Visitor,
    accept_warning,
    bearer,
    cap,
    login,
    profile,
    qualify,
    sessions,
    tokens,
    warnings,
    whose,
)

PASSWORD, NEW = "four quiet otters swim", "five loud herons dive"


@pytest.fixture
def me(browser):
    return browser("annotator")


@pytest.fixture
def elsewhere(programme, clock):
    """Log the annotator in on another device and return the session's token."""
    return login(programme, "annotator", PASSWORD, Visitor("192.0.2.8", "<b>Safari</b> \u202eenohPi"), clock())


def test_the_own_profile_changes(me, programme):
    answer = me.post("/account/profile", {"login": "annotator", "name": " Ana  Ruiz ", "email": "ana@example.org"})
    assert answer.headers["location"] == "/account?told=saved"
    assert profile(programme, me.person, me.person.id).name == "Ana Ruiz"
    page = me.get(answer.headers["location"]).text
    assert "Saved." in page
    assert 'value="ana@example.org"' in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"login": "other", "name": "Ana"}, "The user name is taken."),
        ({"login": "", "name": "Ana"}, "A user name cannot be added or left out."),
        ({"login": "annotator", "name": ""}, "The name is empty."),
        ({"login": "annotator", "name": "x" * 100_000}, "The name is 100,000 characters long."),
        ({"login": "annotator", "name": "Ana", "email": "<script>"}, "is no e-mail address."),
    ],
)
def test_a_refused_profile_is_told_and_nothing_changes(me, programme, fields, told):
    before = profile(programme, me.person, me.person.id)
    answer = me.post("/account/profile", fields)
    assert answer.status_code == 400
    assert told in answer.text
    assert "<script>" not in answer.text
    assert profile(programme, me.person, me.person.id) == before


def test_a_new_password_needs_the_old_and_ends_all_other_sessions(me, programme, elsewhere, clock):
    fields = {"old": PASSWORD, "password": NEW, "repeat": NEW}
    assert me.post("/account/password", {**fields, "old": "wrong wrong wrong"}).status_code == 403
    assert me.post("/account/password", {**fields, "repeat": PASSWORD}).status_code == 400
    assert whose(programme, elsewhere, clock()) is not None
    assert me.post("/account/password", fields).headers["location"] == "/account?told=password"
    assert whose(programme, elsewhere, clock()) is None
    assert me.get("/account").status_code == 200


def test_a_session_elsewhere_is_listed_inert_and_ended(me, programme, elsewhere, clock):
    page = me.get("/account").text
    assert "<bdi>&lt;b&gt;Safari&lt;/b&gt; enohPi</bdi>" in page
    assert page.count("This device") == 1
    other = whose(programme, elsewhere, clock()).id
    assert me.post("/account/sessions/end", {"session": other}).status_code == 303
    assert whose(programme, elsewhere, clock()) is None


def test_all_other_sessions_end_at_once_and_this_one_stays(me, programme, elsewhere, clock):
    assert me.post("/account/sessions/end-others").status_code == 303
    assert [each.is_open(clock()) for each in sessions(programme, me.person)] == [False, True]
    assert me.get("/account").status_code == 200


def test_nobody_ends_a_session_or_token_of_somebody_else(me, browser, programme, clock):
    lead = browser("lead")
    theirs = whose(programme, lead.token, clock()).id
    assert me.post("/account/sessions/end", {"session": theirs}).status_code == 403
    lead.post("/account/tokens", {"name": "script", "role": "lead", "days": "9"})
    assert me.post("/account/tokens/end", {"token": tokens(programme, lead.person)[0].id}).status_code == 403
    assert lead.get("/account").status_code == 200


def test_a_token_is_shown_once_and_works_until_it_is_ended(me, browser, programme, clock):
    page = me.post("/account/tokens", {"name": "<i>nightly</i>", "role": "annotator", "days": "30"}).text
    token = re.search(r'value="(bt_[^"]+)"', page).group(1)
    assert bearer(programme, token, clock()).person.id == me.person.id
    assert browser().get("/account", headers={"authorization": f"Bearer {token}"}).status_code == 200
    again = me.get("/account").text
    assert token not in again
    assert "&lt;i&gt;nightly&lt;/i&gt;" in again
    assert me.post("/account/tokens/end", {"token": tokens(programme, me.person)[0].id}).status_code == 303
    assert bearer(programme, token, clock()) is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"role": "admin"}, 403),
        ({"role": "lead"}, 403),
        ({"role": "god"}, 400),
        ({"days": "367"}, 400),
        ({"days": "0"}, 400),
        ({"days": "-1"}, 400),
        ({"days": "٣"}, 400),
        ({"days": "9" * 5000}, 400),
        ({"name": ""}, 400),
    ],
)
def test_no_token_does_more_than_its_maker_or_lasts_for_ever(me, programme, fields, status):
    answer = me.post("/account/tokens", {"name": "script", "role": "annotator", "days": "30", **fields})
    assert answer.status_code == status
    assert tokens(programme, me.person) == []


def test_one_lowers_the_own_cap_and_does_not_raise_it(me, programme):
    assert me.post("/account/cap", {"cap": "5"}).status_code == 303
    answer = me.post("/account/cap", {"cap": "6"})
    assert (answer.status_code, cap(programme, me.person.id)) == (403, 5)
    assert "Ask a lead." in answer.text
    assert me.post("/account/cap", {"cap": "1e3"}).status_code == 400


def test_an_accepted_warning_is_withdrawn(me, programme, clock):
    accept_warning(programme, me.person, "graphic <violence>", clock())
    assert "graphic &lt;violence&gt;" in me.get("/account").text
    assert me.post("/account/warnings/withdraw", {"warning": "graphic <violence>"}).status_code == 303
    assert warnings(programme, me.person) == {}


def test_own_qualifications_are_listed(me, programme, people, clock):
    until = clock().replace(year=2027)
    shown = Qualification(me.person.id, "cardiology", "th", "exam 7", clock(), until)
    qualify(programme, people["lead"][0], shown, clock())
    page = me.get("/account").text
    assert all(word in page for word in ("cardiology", "exam 7", "2027-03-01"))


def test_the_own_record_is_a_file_and_the_log_notes_it(me, programme):
    answer = me.post("/account/record")
    assert answer.headers["content-disposition"] == f'attachment; filename="bimetal-{me.person.id}.json"'
    record = json.loads(answer.content)
    assert record["account"]["profile"]["name"] == "Annotator Example"
    assert [each.action for each in programme.log.entries()][-1] == "record.exported"


@pytest.mark.parametrize("name", ["language", "theme"])
def test_language_and_colours_are_kept_on_the_device_for_a_year(browser, name):
    nobody = browser()
    answer = nobody.post("/interface", {"language": "th", "theme": "dark", "next": "/notice"})
    assert answer.headers["location"] == "/notice?told=saved"
    kept = next(each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}="))
    assert {"Max-Age=31536000", "Path=/", "SameSite=lax"} <= set(kept.split("; "))
    assert '<html lang="th" dir="ltr" data-theme="dark">' in nobody.get("/notice").text
    nobody.post("/interface", {"language": "", "theme": "", "next": "/notice"})
    assert '<html lang="en" dir="ltr" data-theme="">' in nobody.get("/notice").text


@pytest.mark.parametrize("fields", [{"language": "../en"}, {"theme": '"><script>'}, {"language": "xx"}])
def test_a_language_or_theme_nobody_offers_is_refused(browser, fields):
    answer = browser().post("/interface", fields)
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


def test_a_forged_theme_cookie_is_shown_inert(browser):
    nobody = browser()
    nobody.client.cookies.set("theme", "<script>alert(1)</script>", domain="127.0.0.1")
    assert "<script>alert" not in nobody.get("/notice").text


def test_words_in_the_address_never_become_the_pages_own(me):
    assert "evil" not in me.get("/account?told=<b>evil</b>").text
    assert 'role="status"' not in me.get("/account?told=nothing").text
