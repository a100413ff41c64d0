"""Answers and questions forged through the API: refused, told apart from honest ones, logged, and never an error of the server."""

import contextlib
import gzip
import json
import socket
import struct
import time
import zlib
from collections import Counter
from hashlib import sha256

import pyarrow as pa
import pytest
import sqlalchemy as sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bimetal.annotation.sheet import Label, Sheet
from bimetal.errors import InputError
from bimetal.programme import queue
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import change_role, logout, make_token, remove, whose
from bimetal.programme.work import sheets
from bimetal.store import schema
from bimetal.store.queue import Item, Job, adjudication_of
from bimetal.types import Dataset, Origin

PASSWORD = "four quiet otters swim"
SECRET = "s3cret-answer"


def leased(browser, n=1, job="notes"):
    answer = browser.call(f"/api/jobs/{job}/lease", {"n": n})
    assert answer.status_code == 200, answer.text
    return answer.json()["leases"]


def call(browser, url, value):
    """Send JSON that no honest client spells: letters as escapes, so that halves of letters can be among them."""
    headers = {"x-csrf": browser.csrf, "content-type": "application/json"}
    return browser.client.post(url, content=json.dumps(value), headers=headers)


def sent(lease, key="k1", **more):
    return {"lease": lease["lease"], "key": key, "value": "praise", "status": "submitted", "seconds": 2, **more}


def kept(programme):
    with programme.state.read() as connection:
        rows = connection.execute(sql.select(schema.annotations).order_by(schema.annotations.c.at)).mappings()
        return [dict(row) for row in rows]


def refused(programme):
    return [(each.actor, each.body) for each in programme.log.entries(action="answer.refused")]


@pytest.fixture
def ana(browser, job):
    return browser("annotator")


@pytest.fixture
def ben(browser, job):
    return browser("other")


# Who, when and in which role: the server's own stand.


def test_an_answer_says_nothing_of_who_when_or_in_which_role(ana, ben, programme):
    (held,) = leased(ana)
    lies = {
        "person": ben.person.id,
        "annotator": ben.person.id,
        "actor_kind": "model",
        "role": "admin",
        "at": "2001-01-01T00:00:00Z",
        "round": 9,
        "guideline": 9,
        "revision": 9,
        "job": "other",
        "item": "note-5",
        "id": "0" * 64,
    }
    before = programme.now()
    answered = ana.call("/api/answers", sent(held, **lies))
    assert answered.status_code == 200
    (row,) = kept(programme)
    assert (row["annotator"], row["actor_kind"], row["job"]) == (ana.person.id, "human", "notes")
    assert (row["round"], row["guideline"], row["revision"]) == (1, 1, 1)
    assert before <= row["at"] <= programme.now()
    assert row["id"] == answered.json()["id"] != "0" * 64
    (entry,) = programme.log.entries(action="answered")
    assert entry.actor == ana.person.id


def test_a_role_or_a_person_in_headers_is_not_heard(ana, browser):
    said = {"x-user": "admin", "x-role": "admin", "x-forwarded-user": "admin", "remote-user": "admin"}
    assert ana.get("/people", headers=said).status_code == 403
    assert browser().get("/api/me", headers=said).status_code == 401


# What is another's.


def test_another_persons_lease_is_refused_and_logged_with_who_tried(ana, ben, programme):
    (held,) = leased(ana)
    assert ana.call("/api/answers", sent(held, value="question", comment=SECRET)).status_code == 200
    tries = [
        ("/api/answers", sent(held, value="complaint")),
        ("/api/answers", sent(held, key="k2", value="complaint")),
        ("/api/leases/renew", {"leases": [held["lease"]]}),
        ("/api/leases/release", {"leases": [held["lease"]]}),
        ("/api/look", {"lease": held["lease"]}),
    ]
    for url, body in tries:
        answer = ben.call(url, body)
        assert answer.status_code == 403, url
        assert "another person's" in answer.json()["error"]
        assert not {"note-0", "question", SECRET} & set(answer.text.replace('"', " ").replace("'", " ").split())
    assert ben.get(f"/media?lease={held['lease']}&column=image").status_code == 403
    assert [row["value"] for row in kept(programme)] == ["question"]
    noted = refused(programme)
    assert {who for who, _ in noted} == {ben.person.id}
    assert len(noted) == len(tries) + 1
    assert all(body["lease"] == held["lease"] for _, body in noted)
    assert not any(secret in json.dumps([body for _, body in noted]) for secret in (SECRET, "question", "note-"))


def test_a_lease_can_be_guessed_from_an_item_and_opens_nothing_all_the_same(ana, ben, programme):
    (held,) = leased(ana)
    with programme.state.read() as connection:
        item = connection.execute(sql.select(schema.leases.c.item)).scalar_one()
    guessed = sha256("\x1f".join(("notes", item, ana.person.id, "1")).encode()).hexdigest()[:32]
    assert guessed == held["lease"]
    assert ben.call("/api/answers", sent({"lease": guessed})).status_code == 403
    mine = sha256("\x1f".join(("notes", item, ben.person.id, "1")).encode()).hexdigest()[:32]
    assert ben.call("/api/answers", sent({"lease": mine})).status_code == 400  # never given, so there is none
    assert kept(programme) == []


def test_somebody_elses_item_is_answered_by_no_name(ana, programme):
    (held,) = leased(ana)
    for lease in ("note-5", held["item"], "", "0" * 32, held["lease"].upper(), f"{held['lease']} ", "*", "%"):
        assert ana.call("/api/answers", sent({"lease": lease})).status_code == 400
    assert kept(programme) == []


def test_a_list_shows_ones_own_lines_alone(ana, ben):
    (held,) = leased(ana)
    ana.call("/api/answers", sent(held, comment=SECRET))
    for which in ("pending", "draft", "submitted", "discarded"):
        said = ben.get(f"/api/jobs/notes/list/{which}?person={ana.person.id}&annotator={ana.person.id}")
        assert said.json() == {"lines": [], "next": None}
    assert ana.get("/api/jobs/notes/list/everything").status_code == 400
    assert SECRET in ana.get("/api/jobs/notes/list/submitted").text


def test_nobody_looks_before_their_own_answer_is_in(ana, ben, programme):
    theirs = {each["item"]: each for each in leased(ana, 6)}
    for each in theirs.values():
        assert ana.call("/api/answers", sent(each, key=each["lease"], comment=SECRET)).status_code == 200
    (mine,) = leased(ben)
    assert ben.call("/api/look", {"lease": mine["lease"]}).status_code == 403
    assert ben.call("/api/answers", sent(mine, key="begun", status="draft")).status_code == 200
    hidden = ben.call("/api/look", {"lease": mine["lease"]})
    assert hidden.status_code == 403
    assert SECRET not in hidden.text
    assert ben.call("/api/answers", sent(mine, key="done", value="complaint")).status_code == 200
    seen = ben.call("/api/look", {"lease": mine["lease"]})
    assert seen.status_code == 200
    assert Counter(each["rater"] for each in seen.json()["answers"]) == {"rater 1": 1, "you": 1}
    assert ana.person.id not in seen.text
    late = ben.call("/api/answers", sent(mine, key="copied"))
    assert late.status_code == 403  # who has looked corrects no more
    assert [row["value"] for row in kept(programme) if row["annotator"] == ben.person.id] == ["complaint"]


def test_nobody_decides_between_their_own_answer_and_anothers(browser, programme, job):
    judge, ana, ben = browser("adjudicator"), browser("annotator"), browser("other")
    (held,) = leased(judge)
    judge.call("/api/answers", sent(held, value="praise"))
    for other, value in ((ana, "complaint"), (ben, "question")):
        for each in leased(other, 6):
            with programme.state.read() as connection:
                same = connection.execute(
                    sql.select(schema.leases.c.item).where(schema.leases.c.id == each["lease"])
                ).scalar_one()
            other.call("/api/answers", sent(each, key=each["lease"], value=value))
            assert same
    decisions = adjudication_of("notes")
    open_to_judge = browser("lead").call(f"/api/jobs/{decisions}/lease", {"n": 20}).json()["leases"]
    assert open_to_judge
    given = leased(judge, 20, decisions)
    with programme.state.read() as connection:
        items = {row.id: row.item for row in connection.execute(sql.select(schema.leases.c.id, schema.leases.c.item))}
    assert items[held["lease"]] not in {items[each["lease"]] for each in given}
    theirs = open_to_judge[0]["lease"]
    assert judge.call("/api/answers", sent({"lease": theirs})).status_code == 403
    assert ana.call(f"/api/jobs/{decisions}/lease", {"n": 1}).status_code == 403


# The same answer again, another under its key, and too late.


def test_a_replay_returns_what_was_kept_and_another_value_under_its_key_is_refused(ana, programme):
    (held,) = leased(ana)
    first = ana.call("/api/answers", sent(held)).json()
    assert ana.call("/api/answers", sent(held)).json() == {**first, "repeated": True}
    for other in ({"value": "question"}, {"status": "skipped", "value": None, "reason": "no"}, {"status": "draft"}):
        assert ana.call("/api/answers", sent(held, **other)).status_code == 400
    assert len(kept(programme)) == 1


def test_one_key_serves_one_lease(ana, programme):
    one, two = leased(ana, 2)
    assert ana.call("/api/answers", sent(one)).status_code == 200
    assert ana.call("/api/answers", sent(two)).status_code == 400
    assert len(kept(programme)) == 1


def test_the_same_key_of_two_people_is_two_answers(ana, ben, programme):
    assert ana.call("/api/answers", sent(leased(ana)[0], key="same")).status_code == 200
    assert ben.call("/api/answers", sent(leased(ben)[0], key="same")).json()["repeated"] is False
    assert len(kept(programme)) == 2


def test_a_lease_answered_twice_with_two_keys_is_one_answer_corrected(ana, programme):
    (held,) = leased(ana)
    assert ana.call("/api/answers", sent(held, key="k1")).json()["revision"] == 1
    assert ana.call("/api/answers", sent(held, key="k2", value="question")).json()["revision"] == 2
    assert Counter(row["standing"] for row in kept(programme)) == {0: 1, 1: 1}
    assert ana.call("/api/answers", sent(held, key="k1")).json()["repeated"] is True  # and does not stand again
    assert [row["value"] for row in kept(programme) if row["standing"]] == ["question"]


def test_a_late_answer_is_kept_where_its_place_is_free_and_refused_where_it_is_not(browser, programme, job, clock):
    ana, ben, lead = browser("annotator"), browser("other"), browser("lead")
    first, second = leased(ana, 2)
    clock.move(minutes=31)
    assert ana.call("/api/answers", sent(first)).status_code == 200
    for other in (ben, lead):
        for each in leased(other, 6):
            assert other.call("/api/answers", sent(each, key=each["lease"])).status_code == 200
    late = ana.call("/api/answers", sent(second, key="late"))
    assert late.status_code == 400
    assert len([row for row in kept(programme) if row["annotator"] == ana.person.id]) == 1
    assert ana.call("/api/leases/renew", {"leases": [second["lease"]]}).status_code == 400


def test_an_answer_to_a_round_that_is_over_is_refused(ana, browser, programme, job, people):
    (held,) = leased(ana)
    with programme.state.read() as connection:
        item = connection.execute(sql.select(schema.leases.c.item)).scalar_one()
    told = Sheet("classification", tuple(map(Label, ("praise", "complaint", "question"))), {"en": "Anew."})
    sheets.write(programme, people["lead"][0], "notes", told, [item])
    answer = ana.call("/api/answers", sent(held))
    assert answer.status_code == 400
    assert "guideline" in answer.json()["error"]
    assert item not in answer.text
    assert kept(programme) == []


def test_nothing_is_kept_of_a_closed_job(ana, programme):
    answered, held = leased(ana, 2)
    ana.call("/api/answers", sent(answered))
    queue.close(programme, "notes")
    for body in (sent(held), sent(held, status="draft"), sent(answered, key="k2", value="question")):
        assert ana.call("/api/answers", {**body, "key": body["key"] + body["status"]}).status_code == 400
    assert ana.call("/api/leases/renew", {"leases": [held["lease"]]}).status_code == 400
    assert [row["value"] for row in kept(programme)] == ["praise"]


def test_no_draft_is_kept_of_an_item_that_is_answered(ana, programme):
    (held,) = leased(ana)
    ana.call("/api/answers", sent(held))
    assert ana.call("/api/answers", sent(held, key="k2", status="draft", value="question")).status_code == 400
    assert ana.get("/api/jobs/notes/list/draft").json()["lines"] == []


# What is no answer.

NO_ANSWERS = {
    "status unknown": {"status": "approved"},
    "status of another kind": {"status": 7},
    "no value": {"value": None},
    "skipped without a reason": {"status": "skipped", "value": None},
    "skipped with a value": {"status": "skipped", "reason": "no"},
    "value outside the sheet": {"value": "spam"},
    "value of another case": {"value": "Praise"},
    "value with a space": {"value": "praise "},
    "value a number": {"value": 1},
    "value a list": {"value": ["praise"]},
    "value an object": {"value": {"label": "praise"}},
    "value true": {"value": True},
    "value with a zero": {"value": "praise\x00"},
    "value half a letter": {"value": "\ud800"},
    "value too long": {"value": "praise" * 50_000},
    "seconds negative": {"seconds": -1},
    "seconds beyond a day": {"seconds": 86_401},
    "seconds 1e308": {"seconds": 1e308},
    "seconds of 400 digits": {"seconds": 10**400},
    "seconds text": {"seconds": "2"},
    "seconds true": {"seconds": True},
    "seconds null": {"seconds": None},
    "key empty": {"key": ""},
    "key too long": {"key": "k" * 101},
    "key a number": {"key": 1},
    "key half a letter": {"key": "\udfff"},
    "lease null": {"lease": None},
    "lease a list": {"lease": []},
    "lease a number": {"lease": 10**30},
    "lease half a letter": {"lease": "\ud800"},
    "lease zero": {"lease": "\x00"},
    "lease endless": {"lease": "a" * 500_000},
    "comment too long": {"comment": "c" * 4001},
    "comment null": {"comment": None},
    "comment half a letter": {"comment": "\ud83d"},
    "reason too long": {"reason": "r" * 201},
    "reason an object": {"reason": {}},
    "suggestion a number": {"suggestion": 3},
}


@pytest.mark.parametrize("lie", NO_ANSWERS)
def test_what_is_no_answer_is_refused_in_a_sentence_and_kept_nowhere(ana, programme, lie):
    (held,) = leased(ana)
    answer = call(ana, "/api/answers", {**sent(held), **NO_ANSWERS[lie]})
    assert answer.status_code == 400, lie
    assert set(answer.json()) == {"error", "hint", "faults"}
    assert kept(programme) == []


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a text": b'"praise"',
    "null": b"null",
    "not UTF-8": b'{"lease": "\xff\xfe"}',
    "UTF-16": '{"lease": "a"}'.encode("utf-16"),
    "a mark before": b'\xef\xbb\xbf{"lease": "a"}',
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "NaN": b'{"lease": "a", "key": "b", "seconds": NaN}',
    "infinity": b'{"lease": "a", "key": "b", "seconds": -Infinity}',
    "a number of 9,000 digits": b'{"seconds": ' + b"9" * 9_000 + b"}",
    "a key twice": b'{"lease": "a", "key": "b", "lease": "c", "value": "praise"}',
    "a form": b"lease=a&key=b&value=praise",
    "compressed": gzip.compress(b'{"lease": "a"}'),
}


@pytest.mark.parametrize("kind", BODIES)
def test_what_is_no_json_object_is_refused(ana, programme, kind):
    headers = {"x-csrf": ana.csrf, "content-type": "application/json"}
    for url in ("/api/answers", "/api/leases/renew", "/api/leases/release", "/api/look", "/api/jobs/notes/lease"):
        assert ana.client.post(url, content=BODIES[kind], headers=headers).status_code == 400, url
    assert kept(programme) == []


def test_one_byte_too_much_is_refused_with_or_without_a_length_and_a_gzip_bomb_is_not_unpacked(ana):
    headers = {"x-csrf": ana.csrf, "content-type": "application/json"}
    fits = b'{"lease": "' + b"a" * (1_048_576 - 13) + b'"}'
    assert len(fits) == 1_048_576
    assert ana.client.post("/api/answers", content=fits, headers=headers).status_code == 400
    assert ana.client.post("/api/answers", content=fits + b" ", headers=headers).status_code == 413
    pieces = iter([b" " * 65_536] * 17)
    assert ana.client.post("/api/answers", content=pieces, headers=headers).status_code == 413
    bomb = gzip.compress(b" " * 200_000_000, 1)[:1_000_000]
    packed = {**headers, "content-encoding": "gzip"}
    begun = time.process_time()
    assert ana.client.post("/api/answers", content=bomb, headers=packed).status_code == 400
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("name", ["a", ""])
def test_a_form_of_half_a_million_fields_takes_no_time_to_refuse(browser, name):
    flood = f"{name}=&".encode() * (1_048_576 // len(f"{name}=&"))
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1:8000"}
    begun = time.process_time()
    assert browser().client.post("/login", content=flood, headers=headers).status_code == 400
    assert time.process_time() - begun < 2


def test_a_suggestion_nobody_showed_is_refused_and_what_was_shown_is_the_servers_word(browser, programme, people):
    rows = pa.table({"id": ["a", "b", "c"], "text": ["one", "two", "three"]})
    add(programme, Arrival(rows, "more", "pool", "live", declared=Declared("real", "undeclared")))
    items = [Item("a", "asked", suggestion="praise"), Item("b", "asked", suggestion="praise"), Item("c", "asked")]
    queue.open_job(programme, Job("more", dataset="more", raters=1, suggestions=True, hidden=0.0), items)
    ana, given = browser("annotator"), {}
    for each in leased(ana, 3, "more"):
        given[each["payload"]["text"]] = each
    assert [given[word]["suggestion"] for word in ("one", "two", "three")] == ["praise", "praise", None]
    lie = ana.call("/api/answers", sent(given["one"], key="a", suggestion="question", value="question"))
    assert lie.status_code == 200
    lie = ana.call("/api/answers", sent(given["three"], key="c", suggestion="question"))
    told = {row["item"]: row["suggestion"] for row in kept(programme)}
    assert told["a"] == "praise"
    assert told.get("c") is None


# More than one's share.


@pytest.mark.parametrize("n", [10**6, 0, -1, 21, 2.5, "3", None, True, [3], 10**300])
def test_nobody_leases_more_than_a_call_gives(ana, n):
    assert ana.call("/api/jobs/notes/lease", {"n": n}).status_code == 400


def test_nobody_holds_more_than_their_share_by_renewing_what_ran_out(browser, programme, clock):
    rows = pa.table({"id": [f"m{n:03}" for n in range(120)], "text": [f"text {n}" for n in range(120)]})
    add(programme, Arrival(rows, "many", "pool", "live", declared=Declared("real", "undeclared")))
    queue.open_job(programme, Job("many", dataset="many", raters=1), [Item(f"m{n:03}", "asked") for n in range(120)])
    ana, held = browser("annotator"), []
    for _ in range(2):
        held += [each["lease"] for _ in range(3) for each in leased(ana, 20, "many")]
        clock.move(minutes=31)
    ana.call("/api/leases/renew", {"leases": held})
    with programme.state.read() as connection:
        holds = schema.leases.c.expires > programme.now()
        assert connection.execute(sql.select(sql.func.count()).where(holds)).scalar_one() <= 50


@pytest.mark.parametrize(
    "leases", [None, "abc", [1], [None], {}, [["a"]], ["a"] * 201, ["\ud800"], ["\x00"], ["a" * 500_000]]
)
def test_only_a_short_list_of_names_is_renewed_or_given_back(ana, leases):
    for url in ("/api/leases/renew", "/api/leases/release"):
        assert call(ana, url, {"leases": leases}).status_code == 400
    assert call(ana, "/api/look", {"lease": leases}).status_code == 400


@pytest.mark.parametrize("warning", [None, "", 3, [], {}, "w" * 101, "\x00", "\ud800", "a\nb"])
def test_only_the_name_of_a_warning_is_accepted(ana, warning):
    assert call(ana, "/api/warnings", {"warning": warning}).status_code == 400


@pytest.mark.parametrize("version", ["9" * 5_000, "9" * 30, "-1", "1.5", "٣", "²", "1e3", "x", "0", "\x00", "%00"])
def test_an_odd_version_of_a_sheet_is_no_fault_of_the_server(ana, version):
    assert ana.client.get("/api/jobs/notes/sheet", params={"version": version}).status_code in {200, 400}


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "/",
        "2026-03-01/",
        "2026-03-01T00:00:00/x",
        "0001-01-01T00:00:00+23:59/x",
        "9999-12-31T23:59:59-23:59/x",
        "2026-03-01T00:00:00+00:00/" + "a" * 9000,
        "2026-03-01T00:00:00+00:00/\x00",
        "%ff",
    ],
)
def test_an_odd_place_in_a_list_is_no_fault_of_the_server(ana, after):
    leased(ana)
    assert ana.client.get("/api/jobs/notes/list/pending", params={"after": after}).status_code in {200, 400}


NAMES = [
    "%2e%2e",
    "..%2fnotes",
    "..%2f..%2fetc/passwd",
    "notes%2f..%2fnotes",
    "%2e%2e%2fnotes",
    "notes%00",
    "notes%0d%0aset-cookie:a=b",
]
NAMES += [
    "%ff%fe",
    "%ED%A0%80",
    "notes;drop",
    "' or 1=1 --",
    "{{7*7}}",
    "%252e%252e",
    "a" * 8_000,
    "notes/adjudication/x",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_in_place_of_a_jobs_name_names_no_job(browser, job, name):
    ana, lead = browser("annotator"), browser("lead")
    for url in (f"/api/jobs/{name}/sheet", f"/api/jobs/{name}/list/pending"):
        assert ana.get(url).status_code in {400, 404}, url
    assert ana.call(f"/api/jobs/{name}/lease", {"n": 1}).status_code in {400, 404, 405}
    assert lead.get(f"/jobs/{name}").status_code in {303, 400, 404}
    for url in (f"/media?job={name}&item=note-0&column=text", f"/media?job=notes&item={name}&column=image"):
        assert lead.get(url).status_code in {400, 404}, url
    assert lead.get(f"/static/{name}").status_code in {400, 404}


@pytest.mark.parametrize(
    "column", ["text", "id", "label", "known", "../state.db", "image", "image'", "\x00", "a" * 9_000]
)
def test_media_gives_no_other_column(ana, column):
    (held,) = leased(ana)
    answer = ana.client.get("/media", params={"lease": held["lease"], "column": column})
    assert answer.status_code == 400
    assert "note-" not in answer.text


def test_no_route_takes_another_method(ana, browser):
    token = {"x-csrf": ana.csrf}
    for method in ("GET", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"):
        for url in ("/api/answers", "/api/leases/renew", "/api/leases/release", "/api/look", "/api/jobs/notes/lease"):
            assert ana.client.request(method, url, headers=token).status_code == 405, (method, url)
    for url in ("/api/me", "/api/jobs", "/api/jobs/notes/sheet", "/media", "/label"):
        assert ana.call(url, {}).status_code == 405, url
    overridden = {"x-http-method-override": "POST", "x-csrf": ana.csrf}
    assert ana.get("/api/answers?_method=POST", headers=overridden).status_code == 405


# Through whom, from where.

API = (
    ("GET", "/api/me", None),
    ("GET", "/api/jobs", None),
    ("GET", "/api/jobs/notes/sheet", None),
    ("GET", "/api/jobs/notes/list/pending", None),
    ("POST", "/api/jobs/notes/lease", {"n": 1}),
    ("POST", "/api/answers", {"lease": "0" * 32, "key": "k", "value": "praise"}),
    ("POST", "/api/leases/renew", {"leases": ["0" * 32]}),
    ("POST", "/api/leases/release", {"leases": ["0" * 32]}),
    ("POST", "/api/look", {"lease": "0" * 32}),
    ("POST", "/api/warnings", {"warning": "blood"}),
)
ANSWERS = {"annotator", "adjudicator", "lead"}
OF_THE_ROLE = {
    "/api/me": dict.fromkeys(("annotator", "adjudicator", "lead", "auditor", "admin"), 200),
    "/api/jobs": 200,
    "/api/jobs/notes/sheet": 200,
    "/api/jobs/notes/list/pending": 200,
    "/api/jobs/notes/lease": 200,
    "/api/answers": 400,  # there is no such lease
    "/api/leases/renew": 400,
    "/api/leases/release": 400,
    "/api/look": 400,
    "/api/warnings": 200,
}


def asks(browser, method, url, body, headers):
    said = {} if body is None else {"content": json.dumps(body)}
    return browser.client.request(method, url, headers={"content-type": "application/json", **headers}, **said)


def tokened(programme, people, role, days=9):
    at = programme.now()
    return make_token(programme, whose(programme, people[role][1], at), "script", people[role][0].role, days, at)


def test_the_table_names_every_route_of_the_api(app):
    inner = app._app
    routes = {(m, r.path) for r in inner.routes if r.path.startswith("/api") for m in r.methods - {"HEAD"}}
    named = {(m, url.replace("/jobs/notes/", "/jobs/{job:path}/").replace("/pending", "/{which}")) for m, url, _ in API}
    assert named == routes


@pytest.mark.parametrize("role", ["annotator", "adjudicator", "lead", "auditor", "admin"])
def test_a_token_does_what_its_role_may_and_no_more(browser, programme, people, job, role):
    token, nobody = tokened(programme, people, role), browser()
    for method, url, body in API:
        allowed = OF_THE_ROLE[url]
        expected = allowed[role] if isinstance(allowed, dict) else allowed if role in ANSWERS else 403
        got = asks(nobody, method, url, body, {"authorization": f"Bearer {token}"})
        assert got.status_code == expected, (role, url, got.text)
    assert nobody.get("/label", headers={"authorization": f"Bearer {token}"}).status_code == (
        200 if role in ANSWERS else 403
    )


@pytest.mark.parametrize("word", ["", "x", "bt_" + "0" * 43, "Bearer", "\u00e9", "a" * 9_000, "' or 1=1 --"])
def test_a_token_nobody_made_opens_nothing_even_beside_a_session(browser, job, word):
    ana = browser("annotator")
    for method, url, body in API:
        headers = {"authorization": f"Bearer {word}".encode("latin-1"), "x-csrf": ana.csrf}
        assert asks(ana, method, url, body, headers).status_code == 401, url


def test_a_session_is_no_token_and_a_token_no_session(browser, programme, people, job):
    token, nobody = tokened(programme, people, "lead"), browser()
    assert nobody.get("/api/me", headers={"authorization": f"Bearer {people['lead'][1]}"}).status_code == 401
    nobody.client.cookies.set(nobody.cookie, token)
    assert nobody.get("/api/me").status_code == 401


@pytest.mark.parametrize("forged", ["", "0" * 64, "of another session", "of the token"])
def test_no_call_is_taken_without_the_token_of_its_session(browser, people, job, programme, forged):
    ana = browser("annotator")
    wrong = {"of another session": browser("other").csrf, "of the token": people["annotator"][1]}.get(forged, forged)
    size = programme.log.size
    for method, url, body in API:
        if method == "POST":
            said = asks(ana, method, url, body, {"x-csrf": wrong} if forged else {})
            assert said.status_code == 403, url
            assert "not of your session" in said.json()["error"]
            with_query = asks(ana, method, f"{url}?csrf={ana.csrf}", {**body, "csrf": ana.csrf}, {"x-csrf": wrong})
            assert with_query.status_code == 403, url
    assert programme.log.size == size


@pytest.mark.parametrize("kind", ["panel", "calibrate"])
def test_a_program_gives_no_word_where_people_alone_judge(browser, programme, people, kind):
    rows = pa.table({"id": ["a", "b"], "text": ["one", "two"]})
    add(programme, Arrival(rows, "live", "pool", "live", declared=Declared("real", "undeclared")))
    gold = kind == "calibrate"
    items = [Item(each, "asked", gold=gold, known="praise" if gold else None, origin="real") for each in "ab"]
    queue.open_job(programme, Job("exam", kind=kind, dataset="live", raters=1), items)
    sender = {"authorization": f"Bearer {tokened(programme, people, 'annotator')}"}
    ana, nobody = browser("annotator"), browser()
    assert asks(nobody, "POST", "/api/jobs/exam/lease", {"n": 1}, sender).status_code == 403
    (held,) = leased(ana, 1, "exam")
    answer = asks(nobody, "POST", "/api/answers", sent(held, suggestion=None), sender)
    assert answer.status_code == 403
    assert "people alone" in answer.json()["error"]
    assert [body["why"] for _, body in refused(programme)] == [answer.json()["error"]]
    assert kept(programme) == []
    assert ana.call("/api/answers", sent(held)).status_code == 200


def test_a_session_that_ended_a_role_that_changed_and_a_person_removed_are_seen_at_once(
    browser, programme, people, job
):
    ana, ben, cho = browser("annotator"), browser("other"), browser("adjudicator")
    csrfs = {each: each.csrf for each in (ana, ben, cho)}
    helds = {each: leased(each)[0] for each in (ana, ben, cho)}
    at = programme.now()
    logout(programme, whose(programme, people["annotator"][1], at), at)
    change_role(programme, people["admin"][0], ben.person.id, "auditor", at)
    remove(programme, people["admin"][0], cho.person.id, at)
    for each, status in ((ana, 401), (ben, 403), (cho, 401)):
        for url, body in (
            ("/api/answers", sent(helds[each])),
            ("/api/leases/renew", {"leases": [helds[each]["lease"]]}),
        ):
            headers = {"x-csrf": csrfs[each], "content-type": "application/json"}
            answer = each.client.post(url, content=json.dumps(body), headers=headers)
            assert answer.status_code in {status, 401}, url
    assert kept(programme) == []


def test_cookies_of_another_programme_and_odd_ones_are_nobodys(browser, job):
    for cookie in ("bs_" + "A" * 43, "", "\u00ff" * 50, "a" * 4_000, '"; drop table', "bs_%00"):
        nobody = browser()
        answer = nobody.get("/api/me", headers={"cookie": f"{nobody.cookie}={cookie}".encode("latin-1")})
        assert answer.status_code == 401
    ana = browser("annotator")
    both = f"{ana.cookie}={'0' * 46}; {ana.cookie}={ana.token}"
    assert browser().get("/api/me", headers={"cookie": both}).status_code in {200, 401}


@pytest.mark.parametrize(
    "host",
    [
        "localhost:[",
        "localhost:99999999",
        "localhost:80/evil",
        "localhost:a",
        "[::1",
        "[::1]x",
        "127.0.0.1 ",
        "a@localhost",
        "local\u00e9host",
    ],
)
def test_a_host_that_is_none_is_refused(browser, host):
    for url in ("/login", "/account", "/api/me", "/nothing"):
        assert browser("annotator").get(url, headers={"host": host.encode("latin-1")}).status_code == 403, url


def test_where_a_request_says_it_is_from_counts_only_from_a_proxy_that_is_named(browser, programme):
    nobody = browser()
    for n in range(25):  # an address has 20 attempts, and this one says it is a new one each time
        said = {"x-forwarded-for": f"203.0.113.{n}", "forwarded": f"for=203.0.113.{n}", "x-real-ip": f"203.0.113.{n}"}
        last = nobody.post("/login", {"name": f"nobody{n}", "password": "wrong wrong wrong"}, headers=said)
    assert last.status_code == 429


def test_trying_a_thousand_times_makes_a_short_log(ana, ben, programme):
    (held,) = leased(ana)
    csrf = {"x-csrf": ben.csrf, "content-type": "application/json"}
    for _ in range(100):
        assert ben.client.post("/api/leases/release", json={"leases": [held["lease"]]}, headers=csrf).status_code == 403
    noted = [body["today"] for _, body in refused(programme)]
    assert noted == [*range(1, 11), 16, 32, 64]


# Pictures that are more, or less, than pictures.


def png(width, height, rows=b""):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


SMALL = png(1, 1, b"\x00\x00")
PICTURES = {
    "fine": SMALL,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
    "svg after a mark": b"\xef\xbb\xbf<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "html": b"<!doctype html><script>alert(1)</script>",
    "bomb": png(60_000, 60_000, bytes(1000)),
    "polyglot": SMALL + b"<html><script>alert(1)</script>",
    "gif with script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
    "pdf": b"%PDF-1.7 /JavaScript (app.alert(1))",
    "zip": b"PK\x03\x04" + bytes(40),
    "empty": b"",
    "half": SMALL[:30],
}


@pytest.fixture
def pictures(programme):
    rows = pa.table({"id": [*PICTURES], "image": pa.array([*PICTURES.values()], pa.large_binary())})
    rows = rows.append_column("item_origin", pa.array(["real"] * len(PICTURES)))
    origin = Origin("live", "pictures", "undeclared", None, ())
    stored = programme.keep(Dataset("pictures", rows, programme.config.labelled, "pool", origin))  # past the intake
    pictures = Job("pictures", dataset="pictures", snapshot=stored.digest, raters=2)
    queue.open_job(programme, pictures, [Item(each, "asked") for each in PICTURES])


@pytest.mark.parametrize("kind", ["svg", "svg after a mark", "html", "bomb", "pdf", "zip", "empty", "half"])
def test_what_is_no_picture_is_not_taken_in(programme, kind):
    rows = pa.table({"id": ["a"], "image": pa.array([PICTURES[kind]], pa.large_binary())})
    with pytest.raises(InputError):
        add(programme, Arrival(rows, "pictures", "pool", "live", declared=Declared("real", "undeclared")))
    assert programme.datasets() == []


def test_a_picture_a_browser_could_run_or_choke_on_is_not_served_and_keeps_no_other_item_back(
    browser, programme, pictures
):
    ana = browser("annotator")
    found = leased(ana, 11, "pictures")
    assert len(found) == len(PICTURES)
    with programme.state.read() as connection:
        names = dict(connection.execute(sql.select(schema.leases.c.id, schema.leases.c.item)).all())
    served = {}
    for each in found:
        answer = ana.get(each["payload"]["image"])
        served[names[each["lease"]]] = answer.status_code
        if answer.status_code == 200:
            assert answer.headers["content-type"] == "image/png"
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "cookie" in answer.headers["vary"]
        else:
            assert answer.headers["content-type"].startswith("text/html")
            assert "alert(1)" not in answer.text.replace("&lt;", "")
            assert names[each["lease"]] not in {"svg", "html"} or "<script" not in answer.text
    assert {name for name, status in served.items() if status == 200} == {"fine", "polyglot"}
    assert set(served.values()) == {200, 400}
    skipped = {"status": "skipped", "value": None, "reason": "item broken"}
    bomb = next(each for each in found if names[each["lease"]] == "bomb")
    assert ana.call("/api/answers", sent(bomb, **skipped)).status_code == 200


def test_media_of_an_item_one_was_never_given_is_nobodys_but_an_overseers(browser, pictures):
    ana, ben, lead = browser("annotator"), browser("other"), browser("lead")
    by_name = "/media?job=pictures&item=fine&column=image"
    assert [each.get(by_name).status_code for each in (ana, ben, lead)] == [403, 403, 200]
    url = leased(ana, 1, "pictures")[0]["payload"]["image"]
    assert ben.get(url).status_code == 403
    assert browser().get(url).status_code == 303


# Script in words.


def test_script_in_words_is_shown_as_words(browser, programme, people):
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}</textarea>"
    rows = pa.table({"id": [script, "b"], "text": [script, script]})
    add(programme, Arrival(rows, "live", "pool", "live", declared=Declared("real", "undeclared")))
    told = Sheet("classification", (Label("praise"), Label(script)), {"en": script})
    opened = Job(f"a {script} b", dataset="live", raters=1)
    queue.open_job(programme, opened, [Item(script, "asked"), Item("b", "asked")], told)
    ana, lead = browser("annotator"), browser("lead")
    name = "a%20" + "".join(f"%{byte:02x}" for byte in script.encode()) + "%20b"
    held, other = leased(ana, 2, name)
    assert ana.call("/api/answers", sent(held, value=script, comment=script)).status_code == 200
    skipped = {"key": "k2", "value": None, "status": "skipped", "reason": script, "comment": script}
    assert ana.call("/api/answers", sent(other, **skipped)).status_code == 200
    ana.post("/account/profile", {"login": "annotator", "name": script[:60], "email": ""})
    urls = ["/label", "/jobs", f"/jobs/{name}", f"/jobs/{name}/gold", "/people", f"/people/{ana.person.id}", "/account"]
    urls += ["/quality", "/log", f"/login?next={script}", f"/account?told={script}", f"/{script}"]
    urls += [f"/jobs/{name}/items/{name[4:-4]}", f"/jobs/{name}/guideline", f"/jobs/{name}/items"]
    for who in (ana, lead, browser()):
        for url in urls:
            page = who.get(url)
            assert page.status_code < 500, url
            assert "<script>alert" not in page.text, url
            assert "<img src=x" not in page.text, url
            assert "a 49" not in page.text, url
    for url in (f"/api/jobs/{name}/sheet", "/api/jobs", f"/api/jobs/{name}/list/submitted"):
        answer = ana.get(url)
        assert script in json.dumps(answer.json()).replace('\\"', '"')
        assert answer.headers["content-type"] == "application/json"


# Anything at all.

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("lease", "leases", "key", "value", "status", "reason", "seconds", "suggestion", "comment", "n", "warning")
LIKELY = st.sampled_from(["submitted", "skipped", "draft", "praise", "k", 1, 2.5, None, [], "LEASE", ["LEASE"]])
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), LIKELY | ANYTHING, max_size=9)
POSTED = [url for method, url, _ in API if method == "POST"]
ASKED = ["/api/jobs/notes/sheet", "/api/jobs/notes/list/pending", "/api/jobs/notes/list/draft", "/media", "/api/jobs"]
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fine(answer):
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    return answer


@MANY
@given(url=st.sampled_from(POSTED), said=OBJECTS | ANYTHING)
def test_no_json_breaks_the_server(ana, url, said):
    held = leased(ana, 1) or ana.get("/api/jobs/notes/list/pending").json()["lines"]
    lease = held[0]["lease"] if held else "0" * 32
    spelled = json.dumps(said).replace('"LEASE"', json.dumps(lease))
    headers = {"x-csrf": ana.csrf, "content-type": "application/json"}
    fine(ana.client.post(url, content=spelled, headers=headers))


@MANY
@given(url=st.sampled_from(POSTED), sent_bytes=st.binary(max_size=60))
def test_no_bytes_break_the_server(ana, url, sent_bytes):
    assert fine(ana.client.post(url, content=sent_bytes, headers={"x-csrf": ana.csrf})).status_code in {400, 200}


@MANY
@given(
    url=st.sampled_from(ASKED),
    asked=st.dictionaries(
        st.sampled_from(["version", "after", "n", "lease", "column", "job", "item"]),
        st.text(max_size=30) | st.integers().map(str) | st.datetimes().map(lambda each: f"{each.isoformat()}+00:00/x"),
        max_size=4,
    ),
)
def test_no_question_breaks_the_server(ana, browser, url, asked):
    for who in (ana, browser("lead")):
        fine(who.client.get(url, params=asked))


@MANY
@given(
    path=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    end=st.sampled_from(["", "/sheet", "/lease", "/list/draft"]),
)
def test_no_path_breaks_the_server(ana, path, end):
    from urllib.parse import quote

    for start in ("/api/jobs/", "/jobs/", "/people/", "/static/", "/join/", "/"):
        fine(ana.client.get(f"{start}{quote(path)}{end}"))


# On the wire, where no client is polite.


def on_the_wire(url, lines, body=b""):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)
        said = b""
        with contextlib.suppress(ConnectionResetError):  # who does not stop sending may hear no more
            while part := wire.recv(65_536):
                said += part
    return said.split(b"\r\n", 1)[0].decode(), said


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["GET http://evil.example/account HTTP/1.1", "Host: HERE"], ("303", "404")),  # one parser drops the host
        (["GET http://evil.example/account HTTP/1.1", "Host: evil.example"], "403"),
        (["GET /account HTTP/1.1"], ("400", "403")),
        (["GET /account HTTP/1.0"], "403"),
        (["GET /account HTTP/1.1", "Host: HERE", "Host: evil.example"], ("400", "403")),
        (["GET /static/../../../../../../etc/passwd HTTP/1.1", "Host: HERE"], "404"),
        (["GET /static/..%2f..%2f..%2fdoor.py HTTP/1.1", "Host: HERE"], "404"),
        (["GET //evil.example/account HTTP/1.1", "Host: HERE"], "404"),
        (["GET /\\evil.example HTTP/1.1", "Host: HERE"], "404"),
        (["GET * HTTP/1.1", "Host: HERE"], "404"),
        (["CONNECT evil.example:443 HTTP/1.1", "Host: HERE"], "40"),
        (["POST /api/answers HTTP/1.1", "Host: HERE", "Content-Length: 5", "Content-Length: 6"], "400"),
        (["POST /api/answers HTTP/1.1", "Host: HERE", "Content-Length: -1"], "400"),
        (["POST /api/answers HTTP/1.1", "Host: HERE", "Transfer-Encoding: gzip"], "400"),
        (["GET /chat HTTP/1.1", "Host: HERE", "Upgrade: websocket", "Connection: upgrade"], "404"),
        (["not http at all"], "400"),
    ],
)
def test_a_request_line_that_lies_gets_no_page(served, lines, expected):
    first, said = on_the_wire(served, [line.replace("HERE", served.removeprefix("http://")) for line in lines])
    assert first.split()[1].startswith(expected), said[:400]
    assert b"Traceback" not in said
    assert b"root:" not in said
    assert b"location: //" not in said.lower()


def test_a_body_without_an_end_is_cut_at_a_megabyte_on_the_wire(served):
    lines = ["POST /login HTTP/1.1", f"Host: {served.removeprefix('http://')}", "Transfer-Encoding: chunked"]
    lines += ["Content-Type: application/x-www-form-urlencoded"]
    first, _ = on_the_wire(served, lines, (b"10000\r\n" + b"a" * 65_536 + b"\r\n") * 20 + b"0\r\n\r\n")
    assert "413" in first or not first
    assert "200" in on_the_wire(served, ["GET /login HTTP/1.1", lines[1]])[0]
