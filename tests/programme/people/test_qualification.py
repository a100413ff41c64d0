"""Who may judge what, since when, on which test, until when."""

from datetime import timedelta

import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import Qualification, end_qualification, qualifications, qualified, qualify, remove

DAY = timedelta(days=1)


@pytest.fixture
def wanted(ana, at):
    return Qualification(ana.person.id, "intent", "th", "gold panel 3, 18 of 20", at, at + 90 * DAY)


def test_it_holds_for_its_task_language_and_time(book, lead, ana, bo, at, wanted):
    qualify(book, lead.person, wanted, at)
    held = [at - DAY, at, at + 90 * DAY - timedelta(seconds=1), at + 90 * DAY]
    assert [qualified(book, ana.person.id, "intent", "th", each) for each in held] == [False, True, True, False]
    assert qualified(book, ana.person.id, "intent", "TH", at)
    assert not qualified(book, ana.person.id, "intent", "km", at)
    assert not qualified(book, ana.person.id, "spans", "th", at)
    assert not qualified(book, bo.person.id, "intent", "th", at)
    assert qualifications(book, ana.person.id) == [wanted]


def test_it_stands_in_the_log(book, lead, ana, at, wanted):
    qualify(book, lead.person, wanted, at)
    (entry,) = book.log.entries(action="person.qualified")
    assert (entry.actor, entry.subject) == (lead.person.id, ana.person.id)
    assert entry.body["test"] == "gold panel 3, 18 of 20"


def test_it_ends_early(book, lead, ana, at, wanted):
    qualify(book, lead.person, wanted, at)
    assert end_qualification(book, lead.person, ana.person.id, "intent", "th", at + DAY) == 1
    assert not qualified(book, ana.person.id, "intent", "th", at + DAY)
    assert qualified(book, ana.person.id, "intent", "th", at)
    assert end_qualification(book, lead.person, ana.person.id, "intent", "th", at + DAY) == 0


def test_only_a_lead_and_never_for_oneself(book, admin, lead, ana, at, wanted):
    for who in (admin, ana):
        with pytest.raises(PolicyError):
            qualify(book, who.person, wanted, at)
    with pytest.raises(PolicyError, match="nobody qualifies themselves"):
        qualify(book, lead.person, Qualification(lead.person.id, "intent", "th", "x", at, at + DAY), at)


def test_only_who_answers_and_is_here(book, admin, lead, ana, at, wanted):
    with pytest.raises(PolicyError, match="who answers no items"):
        qualify(book, lead.person, Qualification(admin.person.id, "intent", "th", "x", at, at + DAY), at)
    with pytest.raises(InputError, match="nobody has the pseudonym"):
        qualify(book, lead.person, Qualification("p-0", "intent", "th", "x", at, at + DAY), at)
    remove(book, admin.person, ana.person.id, at)
    with pytest.raises(PolicyError, match="was removed"):
        qualify(book, lead.person, wanted, at)


@pytest.mark.parametrize(
    "change",
    [
        {"task": ""},
        {"task": "x" * 201},
        {"test": "a\x00"},
        {"language": ""},
        {"language": "Th"},
        {"language": "th; drop"},
        {"language": "x" * 10_000_000},
        {"days": 0},
        {"days": -1},
    ],
)
def test_faulty_records(book, lead, ana, at, change):
    fields = {"task": "intent", "language": "th", "test": "panel", "days": 1} | change
    until = at + fields.pop("days") * DAY
    with pytest.raises(InputError):
        qualify(book, lead.person, Qualification(ana.person.id, since=at, until=until, **fields), at)
