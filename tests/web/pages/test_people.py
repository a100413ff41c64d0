"""Everybody who works here, as leads, admins and auditors see and steer it."""

import re

import pytest

from bimetal.programme.people import cap, open_links, person, qualifications, qualified, whose
from bimetal.programme.people import link as link_of
from bimetal.programme.people import people as everybody

CLASSIFIES = {"task": "classification", "language": "TH", "test": "exam 1", "until": "2026-12-31"}


@pytest.fixture
def other(people):
    return people["other"][0].id


@pytest.fixture
def at_other(other):
    return f"/people/{other}"


@pytest.mark.parametrize("role", ["lead", "admin"])
def test_leads_and_admins_see_names(browser, role, at_other):
    assert "<bdi>Other Example</bdi>" in browser(role).get("/people").text
    assert "other@example.org" in browser(role).get(at_other).text


def test_an_auditor_sees_pseudonyms_and_nothing_to_press(browser, at_other, people):
    auditor = browser("auditor")
    for page in (auditor.get("/people").text, auditor.get(at_other).text):
        assert "Example" not in page.replace("Auditor Example", "")
        assert "example.org" not in page
        assert page.count("<form") == 1  # to log out
    assert all(who.id in auditor.get("/people").text for who, _ in people.values())


def test_the_link_of_an_invitation_is_shown_once(browser, programme, clock):
    lead = browser("lead")
    page = lead.post("/people/invite", {"role": "adjudicator"}).text
    token = re.search(r"/join/(bi_[^\"]+)", page).group(1)
    assert link_of(programme, token, clock()).role == "adjudicator"
    assert token not in lead.get("/people").text


@pytest.mark.parametrize("role", ["lead", "auditor", "admin"])
def test_a_lead_invites_nobody_to_more_than_adjudicate(browser, programme, people, clock, role):
    lead = browser("lead")
    answer = lead.post("/people/invite", {"role": role})
    assert answer.status_code == 403
    assert f'value="{role}"' not in answer.text
    assert open_links(programme, people["lead"][0], clock()) == []


def test_a_lead_withdraws_own_links_alone_and_an_admin_any(browser, programme, people, clock):
    lead, admin = browser("lead"), browser("admin")
    admin.post("/people/invite", {"role": "lead"})
    (of_admin,) = open_links(programme, admin.person, clock())
    assert "/people/links/withdraw" not in lead.get("/people").text
    assert lead.post("/people/links/withdraw", {"link": of_admin.id}).status_code == 403
    lead.post("/people/invite", {"role": "annotator"})
    of_lead = next(each for each in open_links(programme, lead.person, clock()) if each.by == lead.person.id)
    assert admin.post("/people/links/withdraw", {"link": of_lead.id}).status_code == 303
    assert open_links(programme, lead.person, clock()) == [of_admin]


def test_a_new_role_counts_at_once_in_sessions_that_are_open(browser, at_other):
    changed = browser("other")
    assert changed.get("/people").status_code == 403
    assert browser("admin").post(f"{at_other}/role", {"role": "lead"}).status_code == 303
    assert changed.get("/people").status_code == 200


def test_the_last_admin_stays(browser, programme):
    admin = browser("admin")
    here = f"/people/{admin.person.id}"
    for answer in (
        admin.post(f"{here}/role", {"role": "lead"}),
        admin.post(f"{here}/remove", {"pseudonym": admin.person.id}),
    ):
        assert answer.status_code == 403
        assert "is the last admin" in answer.text
    assert person(programme, admin.person.id).role == "admin"


def test_a_reset_link_is_shown_and_leads_to_the_page(browser, at_other):
    page = browser("admin").post(f"{at_other}/reset").text
    path = re.search(r'value="http://127.0.0.1:8000(/reset/br_[^"]+)"', page).group(1)
    assert browser().get(path).status_code == 200


def test_a_lead_sets_caps(browser, programme, at_other, other):
    lead = browser("lead")
    assert lead.post(f"{at_other}/cap", {"cap": "250"}).status_code == 303
    assert cap(programme, other) == 250
    assert lead.post(f"{at_other}/cap", {"cap": "10001"}).status_code == 400
    assert lead.post(f"{at_other}/cap", {"cap": "many"}).status_code == 400


def test_a_lead_qualifies_and_ends_it(browser, programme, at_other, other, clock):
    lead = browser("lead")
    assert lead.post(f"{at_other}/qualify", CLASSIFIES).status_code == 303
    assert qualified(programme, other, "classification", "th", clock())
    assert "exam 1" in browser("auditor").get(at_other).text
    assert lead.post(f"{at_other}/unqualify", {"task": "classification", "language": "th"}).status_code == 303
    assert not qualified(programme, other, "classification", "th", clock())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"until": "soon"}, "The day is"),
        ({"until": "9999-12-31"}, "The day is"),
        ({"until": "2020-01-01"}, "ends before it begins"),
        ({"language": "thai language"}, "no BCP 47 tag"),
        ({"task": ""}, "The task of the qualification"),
        ({"test": "x" * 100_000}, "The test of the qualification"),
    ],
)
def test_a_faulty_qualification_is_refused(browser, programme, at_other, other, wrong, told):
    answer = browser("lead").post(f"{at_other}/qualify", {**CLASSIFIES, **wrong})
    assert answer.status_code == 400
    assert told in answer.text
    assert qualifications(programme, other) == []


def test_nobody_qualifies_themselves(browser):
    lead = browser("lead")
    answer = lead.post(f"/people/{lead.person.id}/qualify", CLASSIFIES)
    assert answer.status_code == 403
    assert "Nobody qualifies themselves." in answer.text


def test_removing_needs_the_pseudonym_typed_and_then_the_name_is_gone(browser, programme, at_other, other, clock):
    admin, gone = browser("admin"), browser("other")
    assert "Answers, times and qualifications stay under the pseudonym." in admin.get(at_other).text
    assert admin.post(f"{at_other}/remove", {"pseudonym": "other"}).status_code == 400
    assert gone.get("/account").status_code == 200
    answer = admin.post(f"{at_other}/remove", {"pseudonym": f" {other} "})
    assert answer.headers["location"].startswith("/people?told=removed")
    assert gone.get("/account").status_code == 303
    assert whose(programme, gone.token, clock()) is None
    page = admin.get("/people").text
    assert "Other Example" not in page
    assert other in page
    left = admin.get(at_other)
    assert (left.status_code, left.text.count("<form")) == (200, 1)


def test_what_is_done_to_somebody_removed_is_refused(browser, at_other, other):
    admin, lead = browser("admin"), browser("lead")
    admin.post(f"{at_other}/remove", {"pseudonym": other})
    assert admin.post(f"{at_other}/role", {"role": "lead"}).status_code == 403
    assert admin.post(f"{at_other}/reset").status_code == 403
    assert lead.post(f"{at_other}/qualify", CLASSIFIES).status_code == 403


@pytest.mark.parametrize("who", ["p-0000000000000000", "<script>alert(1)</script>", "%00", "\u202ep", "x" * 5000])
def test_a_person_nobody_knows_has_no_page(browser, programme, who):
    admin, count = browser("admin"), len(everybody(programme))
    for answer in (admin.get(f"/people/{who}"), admin.post(f"/people/{who}/role", {"role": "admin"})):
        assert answer.status_code in {400, 404}
        assert "<script>alert" not in answer.text
        assert len(answer.text) < 5000
    assert len(everybody(programme)) == count
