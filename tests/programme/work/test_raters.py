from dataclasses import replace
from datetime import timedelta

import pytest

from bimetal.errors import PolicyError
from bimetal.programme import queue
from bimetal.programme.people import Qualification, end_qualification, qualify
from bimetal.programme.work.raters import admitted, jobs_for, rater
from bimetal.store.queue import Item, Job, Submission


@pytest.fixture
def can(programme, people):
    def qualified(person, task, language, days=30):
        at = programme.now()
        wanted = Qualification(person.id, task, language, "exam", at, at + timedelta(days=days))
        qualify(programme, people.lead, wanted, at)

    return qualified


def test_a_rater_is_what_the_records_say(programme, people, can):
    can(people.ana, "tickets", "th")
    can(people.ana, "triage", "en")
    found = rater(programme, people.ana, Job("march"), programme.now())
    assert (found.name, found.kind) == (people.ana.id, "human")
    assert found.languages == {"th", "en"}
    assert found.expertise == {"tickets", "triage"}
    assert (found.adjudicates, found.oversees) == (False, False)


def test_roles_say_who_adjudicates_and_who_oversees(programme, people):
    def seen(person):
        found = rater(programme, person, Job("march"), programme.now())
        return found.adjudicates, found.oversees

    assert [seen(each) for each in (people.lead, people.admin, people.ana)] == [
        (True, True),
        (False, True),
        (False, False),
    ]


def test_expertise_is_needed_in_the_language_it_is_used_in(programme, people, can):
    can(people.ana, "tickets", "en")
    can(people.ana, "triage", "th")
    job = Job("march", languages=("th",), expertise=("tickets",))
    assert rater(programme, people.ana, job, programme.now()).languages == {"en"}
    with pytest.raises(PolicyError, match="it is in th"):
        admitted(programme, people.ana, job, programme.now())
    can(people.ana, "tickets", "th")
    assert admitted(programme, people.ana, job, programme.now()).languages == {"en", "th"}


def test_a_qualification_ends(programme, people, can):
    can(people.ana, "tickets", "en", days=1)
    job, at = Job("march", expertise=("tickets",)), programme.now()
    assert admitted(programme, people.ana, job, at)
    with pytest.raises(PolicyError, match="asks for tickets"):
        admitted(programme, people.ana, job, at + timedelta(days=2))
    end_qualification(programme, people.lead, people.ana.id, "tickets", "en", at)
    with pytest.raises(PolicyError, match="asks for tickets"):
        admitted(programme, people.ana, job, programme.now())


def test_jobs_are_listed_with_what_keeps_a_person_out(programme, people, can, pool):
    for job in (Job("open"), Job("thai", languages=("th",)), Job("hard", expertise=("tickets",))):
        queue.open_job(programme, replace(job, dataset="march", snapshot=pool.digest), [Item("t0")])

    def seen(person):
        return {each.job.name: each.refusal for each in jobs_for(programme, person, programme.now())}

    assert seen(people.ana) == {"open": None, "thai": "it is in th", "hard": "it asks for tickets"}
    can(people.ana, "tickets", "th")
    assert set(seen(people.ana).values()) == {None}
    assert seen(people.admin)["open"] == "the role admin answers nothing"


def test_an_adjudication_is_listed_for_those_who_decide(programme, people, pool):
    queue.open_job(programme, Job("march", dataset="march", raters=2, extra=0), [Item("t0")])
    for person, value in ((people.ana, "card"), (people.bo, "cash")):
        known = rater(programme, person, Job("march"), programme.now())
        (lease,) = queue.lease(programme, known, "march", 1)
        queue.submit(programme, known, Submission(lease.id, person.id, value))
    named = [[each.job.name for each in jobs_for(programme, who, programme.now())] for who in (people.ana, people.lead)]
    assert named == [["march"], ["march", "march/adjudication"]]


def test_somebody_removed_rates_nothing(programme, people):
    gone = replace(people.ana, removed=programme.now())
    with pytest.raises(PolicyError, match="was removed"):
        rater(programme, gone, Job("march"), programme.now())
