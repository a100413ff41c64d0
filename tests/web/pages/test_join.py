"""Joining by invitation: the notice before, the form again with what was wrong, a link that works once."""

import pytest

from bimetal.programme.people import NOTICE, first_admin, invite, offer_reset, people, profile, whose, withdraw_link
from bimetal.programme.people import link as link_of

PASSWORD = "four quiet otters swim"


@pytest.fixture
def link(programme, people):
    return f"/join/{invite(programme, people['lead'][0], 'annotator', programme.now())}"


def joins(browser, link, **other):
    fields = {"login": "noor", "name": "Noor Haddad", "email": "", "password": PASSWORD, "repeat": PASSWORD}
    return browser.post(link, {**fields, **other})


def test_what_is_measured_is_told_before_the_form(browser, link):
    page = browser().get(link).text
    told = [page.index(str(each.what[1:])) for each in NOTICE]
    assert told == sorted(told)
    assert told[-1] < page.index('name="password"')
    assert "You are invited as Annotator." in page


def test_who_joins_is_logged_in_with_the_role_of_the_invitation(browser, link, programme):
    newcomer = browser()
    answer = joins(newcomer, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    who = whose(programme, newcomer.token, programme.now()).person
    assert (who.role, profile(programme, who, who.id).name) == ("annotator", "Noor Haddad")


def test_the_first_admin_joins_by_the_link_the_server_prints(programme, app, settings):
    from starlette.testclient import TestClient

    client = TestClient(app, base_url=settings.origin, follow_redirects=False)
    fields = {"login": "sol", "name": "Sol", "email": "", "password": PASSWORD, "repeat": PASSWORD}
    answer = client.post(f"/join/{first_admin(programme, programme.now())}", data=fields)
    assert answer.status_code == 303
    assert client.get("/people").status_code == 200


def test_an_invitation_works_once(browser, link, programme):
    assert joins(browser(), link).status_code == 303
    count = len(people(programme))
    late = browser()
    assert late.get(link).status_code == 403
    answer = joins(late, link, login="late")
    assert (answer.status_code, late.token) == (403, "")
    assert "used, is over or never was" in answer.text
    assert len(people(programme)) == count


def test_an_invitation_that_is_over_or_withdrawn_or_made_up_lets_nobody_in(browser, link, programme, clock, people):
    offered = link_of(programme, link.removeprefix("/join/"), clock())
    withdraw_link(programme, people["lead"][0], offered.id, clock())
    assert joins(browser(), link).status_code == 403
    assert browser().get("/join/bi_made-up").status_code == 403
    assert browser().get(f"/join/{'x' * 5000}").status_code == 403
    late = f"/join/{invite(programme, people['lead'][0], 'annotator', clock())}"
    clock.move(days=7)
    assert joins(browser(), late).status_code == 403


def test_a_reset_link_is_no_invitation_and_the_other_way_round(browser, link, programme, people):
    reset = offer_reset(programme, people["admin"][0], people["annotator"][0].id, programme.now())
    assert browser().get(f"/join/{reset}").status_code == 403
    assert joins(browser(), f"/join/{reset}").status_code == 403
    assert browser().get(link.replace("/join/", "/reset/")).status_code == 403


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"repeat": "four quiet otters swam"}, "The two passwords differ."),
        ({"password": "short", "repeat": "short"}, "expected at least 12"),
        ({"password": "Password2026!", "repeat": "Password2026!"}, "common words"),
        ({"login": ""}, "user name"),
        ({"login": "annotator"}, "is taken"),
        ({"login": "аdmin"}, "mixes Cyrillic and Latin"),
        ({"name": "x" * 100_000}, "400 characters long"),
        ({"name": "Ana\u202eruiz"}, "invisible character"),
        ({"email": "no address"}, "no e-mail address"),
    ],
)
def test_what_is_wrong_is_said_above_the_form_which_keeps_what_was_typed(browser, link, other, told):
    newcomer = browser()
    answer = joins(newcomer, link, **other)
    assert answer.status_code == 400
    assert told in answer.text
    assert "Noor Haddad" in answer.text or "name" in other
    assert PASSWORD not in answer.text
    assert len(answer.text) < 20_000
    assert not newcomer.token
    assert joins(newcomer, link).status_code == 303  # the link is not used up by a mistake


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "נועה", "{{ 7 * 7 }}"])
def test_a_hostile_name_is_shown_inert_wherever_it_stands(browser, link, name):
    newcomer = browser()
    assert joins(newcomer, link, name=name).status_code == 303
    for page in (newcomer.get("/account").text, browser("lead").get("/people").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49" not in page or "{{ 7" in page or "{" not in name
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
    assert f"<bdi>{escaped}</bdi>" in browser("lead").get("/people").text
