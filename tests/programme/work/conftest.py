"""A programme with gold, a dataset of text in two languages, and people of every role."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pyarrow as pa
import pytest

from bimetal.programme import create, opened, queue
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import Profile, Visitor, first_admin, invite, join, whose
from bimetal.store.queue import Rater, Submission

SETTINGS = {
    "programme": {"name": "tickets", "purpose": "route tickets", "rng_seed": 1},
    "task": {"labels": ["card", "cash"]},
    "facts": {"languages": ["en", "th"]},
    "cycle": {"raters": 2},
}


class People(NamedTuple):
    admin: object
    lead: object
    ana: object
    bo: object
    cem: object


@pytest.fixture
def clock():
    """Return a clock that moves a minute a look and can be put forward."""

    class Clock:
        at = datetime(2026, 3, 1, 9, tzinfo=UTC)

        def __call__(self) -> datetime:
            self.at += timedelta(minutes=1)
            return self.at

    return Clock()


@pytest.fixture
def programme(tmp_path, clock, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))
    create(tmp_path / "programme", parse(SETTINGS))
    with opened(tmp_path / "programme", now=clock, actor="server") as open_programme:
        yield open_programme


@pytest.fixture
def people(programme):
    here, at = Visitor("192.0.2.7", "Firefox"), programme.now()

    def used(link, login):
        wanted = Profile.read(login, login.title(), f"{login}@example.org")
        return whose(programme, join(programme, link, wanted, "four quiet otters swim", here, at), at).person

    admin = used(first_admin(programme, at), "sol.admin")
    joined = [
        used(invite(programme, admin, role, at), login)
        for role, login in (("lead", "lee.lead"), ("annotator", "ana.ruiz"), ("annotator", "bo.tran"),
                            ("annotator", "cem.kaya"))
    ]  # fmt: skip
    return People(admin, *joined)


def tickets(n, start=0, label=None, language=None):
    rows = {
        "id": [f"t{at}" for at in range(start, start + n)],
        "text": [f"my {'card' if at % 2 else 'cash'} is lost, number {at}" for at in range(start, start + n)],
        "language": [language or ("th" if at % 4 == 3 else "en") for at in range(start, start + n)],
    }
    if label:
        rows["label"] = [label(at) for at in range(start, start + n)]
    return pa.table(rows)


def right(item):
    return "card" if int(item.removeprefix("t")) % 2 else "cash"


@pytest.fixture
def tables():
    return tickets


@pytest.fixture
def pool(programme):
    rows = tickets(40)
    return add(programme, Arrival(rows, "march", "pool", "live", declared=Declared("real", "undeclared")))[0]


@pytest.fixture
def gold(programme):
    rows = tickets(200, 1000, lambda at: right(f"t{at}"), "en")
    return add(programme, Arrival(rows, "known", "gold", "lab", declared=Declared("real", "human")))[0]


@pytest.fixture
def works(programme):
    """Return a function by which a person answers up to n items of a job, `say` giving the value of an item."""

    def answer(person, job, n, say=right, seconds=4.0, **more):
        rater = more.pop("rater", None) or Rater(
            person.id, languages=frozenset({"en", "th"}), expertise=frozenset(more.pop("expertise", ()))
        )
        done = []
        while len(done) < n:
            leases = queue.lease(programme, rater, job, min(n - len(done), 20))
            for each in leases:
                value = say(each.item)
                sent = Submission(
                    each.id,
                    f"{rater.name} {each.id} {each.round}",
                    value,
                    "skipped" if value is None else "submitted",
                    "unsure" if value is None else "",
                    seconds(each.item) if callable(seconds) else seconds,
                )
                queue.submit(programme, rater, sent)
                done.append(each.item)
            if not leases:
                break
        return done

    return answer


@pytest.fixture
def truth():
    return right
