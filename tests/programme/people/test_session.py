"""Sessions end: at logout, idle, at the latest hour, by hand; and nobody ends another's."""

from datetime import timedelta

import pytest
import sqlalchemy as sql

from bimetal.errors import PolicyError
from bimetal.programme.people import (
    Visitor,
    change_role,
    csrf,
    csrf_holds,
    end_others,
    end_session,
    login,
    logout,
    sessions,
    whose,
)
from bimetal.programme.people.session import IDLE, LONGEST
from bimetal.store.schema import people_sessions

SECOND = timedelta(seconds=1)
HERE = Visitor("192.0.2.7", "Safari")
PASSWORD = "four quiet otters swim"


def test_a_token_is_long_random_and_kept_only_as_its_hash(book, ana, bo):
    assert len(ana.token) >= 43
    assert ana.token != bo.token
    with book.state.read() as connection:
        kept = connection.execute(sql.select(people_sessions)).all()
    assert ana.token not in repr(kept)


def test_an_idle_session_ends(book, ana, at):
    assert whose(book, ana.token, at + IDLE - SECOND) is not None
    book.state.write(lambda _: None)  # which comes after what was begun
    assert whose(book, ana.token, at + 2 * IDLE - 2 * SECOND) is not None
    assert whose(book, ana.token, at + 3 * IDLE) is None


def test_a_busy_session_ends_too(book, ana, at):
    moment = at
    while moment < at + LONGEST - timedelta(hours=1):
        assert whose(book, ana.token, moment) is not None
        book.state.write(lambda _: None)  # which comes after what was begun
        moment += timedelta(hours=1)
    assert whose(book, ana.token, at + LONGEST - SECOND) is not None
    assert whose(book, ana.token, at + LONGEST) is None


def test_a_request_within_a_minute_writes_nothing(book, ana, at):
    def seen():
        book.state.write(lambda _: None)  # which comes after what was begun
        with book.state.read() as connection:
            return connection.execute(sql.select(sql.func.max(people_sessions.c.seen))).scalar()

    before = seen()
    whose(book, ana.token, at + timedelta(seconds=59))
    assert seen() == before
    whose(book, ana.token, at + timedelta(seconds=60))
    assert seen() == at + timedelta(seconds=60)


def test_the_list_says_when_a_session_ends(book, ana, at):
    assert [each.is_open(at + IDLE - SECOND) for each in sessions(book, ana.person)] == [True]
    assert [each.is_open(at + IDLE) for each in sessions(book, ana.person)] == [False]


def test_after_logout_the_token_is_worth_nothing(book, ana, at):
    logout(book, ana.session, at)
    assert whose(book, ana.token, at) is None
    assert book.log.entries(action="session.ended").__next__().subject == ana.person.id


@pytest.mark.parametrize("token", ["", "bs_", "x" * 10_000_000, "\ud800", "bs_' or 1=1 --"])
def test_what_is_no_token_opens_nothing(book, ana, at, token):
    assert whose(book, token, at) is None


def test_one_lists_and_ends_the_own_sessions(book, ana, bo, at):
    second = login(book, "ana.ruiz", PASSWORD, HERE, at + SECOND)
    listed = sessions(book, ana.person)
    assert [each.name for each in listed] == ["Safari", "Firefox on Linux"]
    end_session(book, ana.person, listed[0].id, at)
    assert whose(book, second, at + SECOND) is None
    login(book, "ana.ruiz", PASSWORD, HERE, at)
    login(book, "ana.ruiz", PASSWORD, HERE, at)
    assert end_others(book, ana.session, at) == 2
    assert whose(book, ana.token, at) is not None
    assert whose(book, bo.token, at) is not None


def test_nobody_ends_the_session_of_another(book, ana, bo, admin, at):
    for who in (bo.person, admin.person):
        with pytest.raises(PolicyError, match="you have no open session"):
            end_session(book, who, ana.session.id, at)
    assert whose(book, ana.token, at) is not None


def test_another_role_holds_at_once(book, ana, admin, at):
    change_role(book, admin.person, ana.person.id, "auditor", at)
    assert whose(book, ana.token, at).person.role == "auditor"


def test_a_form_belongs_to_its_session(ana, bo):
    assert csrf_holds(ana.token, csrf(ana.token))
    for given in (csrf(bo.token), "", ana.token, csrf(ana.token)[:-1], "é" * 64, "\ud800", "x" * 10_000_000):
        assert not csrf_holds(ana.token, given)


def test_a_device_is_cut_and_cleaned(book, ana, at):
    login(book, "ana.ruiz", PASSWORD, Visitor("192.0.2.7", "A\x00\u202e" + "b" * 10_000), at + SECOND)
    assert sessions(book, ana.person)[0].name == "A" + "b" * 197
