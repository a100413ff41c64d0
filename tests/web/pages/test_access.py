"""Who gets what: every page about people, for nobody and for every role, and every form without its token."""

import pytest

from bimetal.programme.people import (
    Visitor,
    invite,
    login,
    make_token,
    offer_reset,
    open_links,
    sessions,
    tokens,
    whose,
)
from bimetal.web.pages import account, interface, join, notice, people, provider, reset
from bimetal.web.pages import login as entry
from bimetal.web.pages import sessions as held
from bimetal.web.words import words

VISITORS = ("nobody", "annotator", "adjudicator", "lead", "auditor", "admin")
PASSWORD = "four quiet otters swim"
FORMS = {
    "/interface": {"language": "en", "theme": "dark"},
    "/account/profile": {"login": "{role}", "name": "Another Name", "email": ""},
    "/account/password": {"old": PASSWORD, "password": "five loud herons dive", "repeat": "five loud herons dive"},
    "/account/cap": {"cap": "7"},
    "/account/warnings/withdraw": {"warning": "violence"},
    "/account/sessions/end": {"session": "{session}"},
    "/account/tokens": {"name": "a script", "role": "{role}", "days": "30"},
    "/account/tokens/end": {"token": "{made}"},
    "/people/invite": {"role": "annotator"},
    "/people/links/withdraw": {"link": "{link}"},
    "/people/{person}/role": {"role": "adjudicator"},
    "/people/{person}/cap": {"cap": "50"},
    "/people/{person}/qualify": {"task": "classification", "language": "th", "test": "exam 1", "until": "2027-01-31"},
    "/people/{person}/unqualify": {"task": "classification", "language": "th"},
    "/people/{person}/remove": {"pseudonym": "{person}"},
    "/reset/{token}": {"password": "six green moths hum", "repeat": "six green moths hum"},
    "/join/{token}": {"login": "noor", "name": "Noor", "email": "", "password": PASSWORD, "repeat": PASSWORD},
    "/login": {"name": "other2", "password": PASSWORD},
}
TABLE = """
                                 nobody  annotator  adjudicator  lead  auditor  admin
GET  /notice                        200        200          200   200      200    200
GET  /login                         200        303          303   303      303    303
GET  /login/provider                404        404          404   404      404    404
GET  /login/return                  404        404          404   404      404    404
GET  /join/{token}                  200        200          200   200      200    200
GET  /reset/{token}                 200        200          200   200      200    200
GET  /account                       303        200          200   200      200    200
GET  /people                        303        403          403   200      200    200
GET  /people/{person}               303        403          403   200      200    200
POST /interface                     303        303          303   303      303    303
POST /account/profile               401        303          303   303      303    303
POST /account/cap                   401        303          303   303      303    303
POST /account/warnings/withdraw     401        303          303   303      303    303
POST /account/record                401        200          200   200      200    200
POST /account/sessions/end          401        303          303   303      303    303
POST /account/sessions/end-others   401        303          303   303      303    303
POST /account/tokens                401        200          200   200      200    200
POST /account/tokens/end            401        303          303   303      303    303
POST /account/password              401        303          303   303      303    303
POST /people/invite                 401        403          403   200      403    200
POST /people/links/withdraw         401        403          403   303      403    303
POST /people/{person}/role          401        403          403   403      403    303
POST /people/{person}/reset         401        403          403   403      403    200
POST /people/{person}/cap           401        403          403   303      403    303
POST /people/{person}/qualify       401        403          403   303      403    403
POST /people/{person}/unqualify     401        403          403   303      403    403
POST /people/{person}/remove        401        403          403   403      403    303
POST /reset/{token}                 303        303          303   303      303    303
POST /join/{token}                  303        303          303   303      303    303
POST /login                         403        403          403   403      403    403
POST /logout                        303        303          303   303      303    303
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]


@pytest.fixture
def places(programme, people):
    """Return a function that names what a role's forms speak of: an own session, token and link; somebody else."""

    def of(role):
        at = programme.now()
        admin, found = people["admin"][0], {"person": people["other"][0].id}
        found["/join/{token}"] = invite(programme, admin, "annotator", at)
        found["/reset/{token}"] = offer_reset(programme, admin, people["auditor"][0].id, at)
        who, own = people.get(role, people["annotator"])
        another = login(programme, role if role in people else "annotator", PASSWORD, Visitor("192.0.2.9"), at)
        make_token(programme, whose(programme, own, at), "old", who.role, 9, at)
        inviting = who if who.role in {"lead", "admin"} else admin
        invite(programme, inviting, "annotator", programme.now())
        found["link"] = next(each.id for each in open_links(programme, inviting, at) if each.by == inviting.id)
        found["session"] = whose(programme, another, at).id
        found["made"] = tokens(programme, who)[0].id
        assert len(sessions(programme, who)) == 2
        return {"role": who.role, **found}

    return of


def spelled(places, path):
    return path.format(person=places["person"], token=places.get(path))


def filled(places, path):
    return {name: value.format(**places) if "{" in value else value for name, value in FORMS.get(path, {}).items()}


def test_the_table_names_every_route():
    modules = (account, interface, join, entry, notice, people, provider, reset, held)
    routes = {(method, route.path) for each in modules for route in each.ROUTES for method in route.methods}
    assert {(method, path) for method, path, *_ in ROWS} == {each for each in routes if each[0] != "HEAD"}


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_gets_what_the_table_says(browser, places, visitor):
    known, at_desk = places(visitor), browser("" if visitor == "nobody" else visitor)
    got = {}
    for method, path, *_ in ROWS:
        url = spelled(known, path)
        answer = at_desk.get(url) if method == "GET" else at_desk.post(url, filled(known, path))
        got[method, path] = answer.status_code
        told = answer.headers.get("location", "").partition("told=")[2]
        assert not told or f"told.{told}" in words("en"), told
    column = VISITORS.index(visitor)
    assert got == {(method, path): int(statuses[column]) for method, path, *statuses in ROWS}


@pytest.mark.parametrize("forged", ["", "0" * 64, "of another session"])
def test_no_form_is_taken_without_the_token_of_its_session(browser, places, programme, forged):
    known, at_desk = places("admin"), browser("admin")
    wrong = browser("lead").csrf if forged == "of another session" else forged
    size = programme.log.size
    for method, path, *statuses in ROWS:
        if method == "POST":
            answer = at_desk.post(spelled(known, path), {**filled(known, path), "csrf": wrong})
            assert answer.status_code == 403, path
            assert "not of your session" in answer.text or (statuses[-1] == "403" and path != "/login"), path
    assert programme.log.size == size


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1.evil.example:8000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_what_another_sites_page_sends_is_refused_even_with_the_right_token(browser, headers):
    answer = browser("admin").post("/people/invite", {"role": "annotator"}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["error"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", ""])
def test_a_request_under_another_name_is_refused(browser, host):
    answer = browser("admin").get("/account", headers={"host": host})
    assert answer.status_code == 403
    assert "this server is not called" in answer.json()["error"]


def test_links_are_spelled_with_the_public_address_and_not_with_what_the_browser_says(browser):
    answer = browser("admin").post(
        "/people/invite", {"role": "annotator"}, headers={"host": "localhost:9", "origin": "http://localhost:9"}
    )
    assert "http://127.0.0.1:8000/join/bi_" in answer.text
    assert "localhost" not in answer.text


def test_a_programs_token_opens_pages_without_csrf_but_changes_no_account(browser, programme, people, clock):
    token = make_token(programme, whose(programme, people["lead"][1], clock()), "script", "lead", 9, clock())
    nobody, sent = browser(), {"authorization": f"Bearer {token}"}
    assert nobody.get("/people", headers=sent).status_code == 200
    for url in ("/account/tokens", "/account/profile", "/account/password", "/account/cap", "/account/sessions/end"):
        refused = nobody.post(url, {"name": "more", "role": "lead", "days": "9", "login": "lead"}, headers=sent)
        assert refused.status_code == 403
        assert "program cannot do this" in refused.text


def test_answers_are_kept_by_no_cache_and_shown_in_no_frame(browser):
    headers = browser("admin").get("/people").headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
