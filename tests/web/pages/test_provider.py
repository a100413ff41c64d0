"""Logging in through a provider on this machine, over HTTP from the button to the account, and what is refused."""

from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("httpx")
pytest.importorskip("joserfc")

from bimetal.programme.people import person, profile, whose
from bimetal.programme.people.oidc import Provider
from bimetal.web.settings import Settings
from tests.programme.people.provider import CLIENT, RETURN, SECRET, LoopbackProvider


@pytest.fixture
def there(clock, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = LoopbackProvider(clock())
    yield provider
    provider.close()


@pytest.fixture
def settings(there):
    return Settings("http://127.0.0.1:8000", provider=Provider(there.issuer, CLIENT, SECRET, RETURN))


@pytest.fixture
def goes(there):
    """Return a function that takes a browser to the provider, says yes there, and comes back; `other` answers more."""

    def through(browser, query="", **other):
        leaving = browser.get(f"/login/provider{query}")
        assert leaving.status_code == 303, leaving.text
        return browser.get("/login/return", params={**there.consent(leaving.headers["location"]), **other})

    return through


def test_who_comes_the_first_time_has_an_account_and_reads_the_notice(browser, goes, programme, clock, there):
    newcomer = browser()
    assert f"Log in with {there.issuer.partition('://')[2]}" in newcomer.get("/login").text
    answer = goes(newcomer, "?next=/label")
    assert answer.headers["location"] == "/notice"
    who = whose(programme, newcomer.token, clock()).person
    assert (who.role, profile(programme, who, who.id).name) == ("annotator", "Ana Ruiz")
    assert 'name="old"' not in newcomer.get("/account").text  # no password to change


def test_afterwards_one_goes_where_one_wanted_under_a_new_token(browser, goes, programme, clock):
    first, second = browser(), browser()
    goes(first)
    answer = goes(second, "?next=/label")
    assert answer.headers["location"] == "/label"
    assert first.token != second.token
    assert whose(programme, first.token, clock()).person == whose(programme, second.token, clock()).person


def test_the_cookie_of_a_login_under_way_is_short_lived_unread_by_scripts_and_taken_back(browser, goes):
    newcomer = browser()
    kept = newcomer.get("/login/provider").headers["set-cookie"]
    assert kept.startswith("bimetal-login=")
    assert {"HttpOnly", "Max-Age=600", "SameSite=lax", "Path=/"} <= set(kept.split("; "))
    goes(newcomer)
    assert newcomer.client.cookies.get("bimetal-login") is None


def test_only_where_this_browser_left_from_does_an_answer_let_it_in(browser, there):
    one, another = browser(), browser()
    answer = there.consent(one.get("/login/provider").headers["location"])
    assert another.get("/login/return", params=answer).status_code == 403  # no login under way
    another.get("/login/provider")
    refused = another.get("/login/return", params=answer)  # of another login: its state differs
    assert (refused.status_code, another.token) == (403, "")
    assert one.get("/login/return", params=answer).status_code == 303
    assert one.get("/login/return", params=answer).status_code == 403  # and once


@pytest.mark.parametrize(
    "other", [{"state": "x"}, {"code": "made-up"}, {"iss": "https://evil.example"}, {"error": "<script>no</script>"}]
)
def test_a_wrong_answer_opens_no_session(browser, goes, other):
    newcomer = browser()
    answer = goes(newcomer, **other)
    assert answer.status_code in {403, 503}
    assert "<script>no" not in answer.text
    assert not newcomer.token


def test_nobody_is_sent_to_another_site_afterwards(browser, goes):
    goes(browser())
    assert goes(browser(), "?next=//evil.example").headers["location"] == "/"


@pytest.mark.parametrize("cookie", ["", "a.b.c", "a.b.c.zz.", "....", "a.b.c.2f2f6576696c.", "x" * 4000])
def test_a_forged_cookie_is_refused(browser, cookie):
    forger = browser()
    forger.client.cookies.set("bimetal-login", cookie, domain="127.0.0.1")
    assert forger.get("/login/return?state=a&code=b").status_code in {403, 503}
    assert not forger.token


def test_a_local_account_gets_the_provider_as_another_way_in(browser, goes, programme, clock, people):
    mine = browser("annotator")
    answer = goes(mine, f"?link={mine.csrf}")
    assert answer.headers["location"] == "/account?told=linked"
    later = browser()
    goes(later)
    assert whose(programme, later.token, clock()).person == person(programme, people["annotator"][0].id)


def test_no_other_page_makes_an_identity_a_way_into_somebodys_account(browser, goes):
    mine = browser("annotator")
    assert mine.get("/login/provider?link=forged").status_code == 403
    assert browser().get("/login/provider?link=forged").headers["location"].startswith("/login?")
    lead = browser("lead")
    left = lead.get(f"/login/provider?link={lead.csrf}")
    assert parse_qs(urlsplit(left.headers["location"]).query)["state"]


def test_a_provider_that_is_away_is_told_in_a_sentence(browser, there):
    there.close()
    answer = browser().get("/login/provider")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text
