"""People who joined as people do: the first admin by the server's link, the others by invitation."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from bimetal.programme.people import Person, Profile, Session, Visitor, first_admin, invite, join, whose
from bimetal.programme.people.sealing import token_hash

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PASSWORD = "four quiet otters swim"


class Joined(NamedTuple):
    person: Person
    session: Session
    token: str
    profile: Profile


@pytest.fixture
def at():
    return AT


@pytest.fixture
def book(programme):
    return programme


@pytest.fixture
def joins(book):
    """Return a function that uses an invitation up and says who came in."""

    def used(link, login, name="", email="", at=AT):
        wanted = Profile.read(login, name or login.title(), email or f"{login}@example.org")
        token = join(book, link, wanted, PASSWORD, Visitor("192.0.2.7", "Firefox on Linux"), at)
        session = whose(book, token, at)
        return Joined(session.person, session, token, wanted)

    return used


@pytest.fixture
def admin(book, joins):
    return joins(first_admin(book, AT), "sol.admin", "Sol Adminson")


@pytest.fixture
def invited(book, admin, joins):
    """Return a function that invites somebody in a role, who joins."""
    return lambda role, login, name="": joins(invite(book, admin.person, role, AT), login, name)


@pytest.fixture
def lead(invited):
    return invited("lead", "lee.lead", "Lee Leader")


@pytest.fixture
def ana(invited):
    return invited("annotator", "ana.ruiz", "Ana Ruiz Secretname")


@pytest.fixture
def bo(invited):
    return invited("annotator", "bo.tran", "Bo Tran")


@pytest.fixture
def actions(book):
    """Return a function that lists the log's actions from the people room, newest last."""
    return lambda: [each.action for each in book.log.entries()]


@pytest.fixture
def hashed():
    return token_hash
