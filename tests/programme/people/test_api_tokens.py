"""API tokens do no more than their role, for as long as they last, and make no others."""

from datetime import timedelta

import pytest
import sqlalchemy as sql

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import (
    bearer,
    change_password,
    change_role,
    end_token,
    invite,
    make_token,
    tokens,
    whose,
)
from bimetal.store.schema import people_tokens


def test_a_token_acts_for_its_maker_in_its_own_role(book, lead, at):
    token = make_token(book, lead.session, "nightly export", "auditor", 30, at)
    session = bearer(book, token, at)
    assert (session.person.id, session.person.role, session.kind) == (lead.person.id, "auditor", "program")
    with pytest.raises(PolicyError):
        invite(book, session.person, "annotator", at)


def test_it_is_kept_as_its_hash_under_a_sealed_name(book, lead, at):
    token = make_token(book, lead.session, "Lee's laptop", "lead", 30, at)
    with book.state.read() as connection:
        kept = repr(connection.execute(sql.select(people_tokens)).all())
    assert token not in kept
    assert "laptop" not in kept
    assert [each.name for each in tokens(book, lead.person)] == ["Lee's laptop"]


def test_it_is_no_session_and_a_session_no_token(book, lead, at):
    token = make_token(book, lead.session, "x", "lead", 1, at)
    assert whose(book, token, at) is None
    assert bearer(book, lead.token, at) is None


def test_it_ends(book, lead, at):
    token = make_token(book, lead.session, "x", "lead", 1, at)
    assert bearer(book, token, at + timedelta(days=1) - timedelta(seconds=1))
    assert bearer(book, token, at + timedelta(days=1)) is None


def test_its_last_use_is_known(book, lead, at):
    token = make_token(book, lead.session, "x", "lead", 1, at)
    assert tokens(book, lead.person)[0].used is None
    bearer(book, token, at + timedelta(hours=1))
    book.state.write(lambda _: None)  # which comes after what was begun
    assert tokens(book, lead.person)[0].used == at + timedelta(hours=1)


@pytest.mark.parametrize("role", ["admin", "lead", "auditor", "adjudicator"])
def test_nobody_makes_one_that_could_do_more(book, ana, at, role):
    with pytest.raises(PolicyError, match="could do more than you"):
        make_token(book, ana.session, "x", role, 1, at)


def test_a_token_makes_no_token_and_changes_no_password(book, lead, at):
    session = bearer(book, make_token(book, lead.session, "x", "lead", 1, at), at)
    with pytest.raises(PolicyError, match="cannot make tokens"):
        make_token(book, session, "y", "lead", 300, at)
    with pytest.raises(PolicyError, match="cannot change a password"):
        change_password(book, session, "four quiet otters swim", "seven green lamps hum", at)


def test_it_sleeps_when_its_maker_lost_the_role(book, lead, admin, at):
    token = make_token(book, lead.session, "x", "lead", 1, at)
    change_role(book, admin.person, lead.person.id, "annotator", at)
    assert bearer(book, token, at) is None


def test_one_ends_the_own_and_nobody_elses(book, lead, ana, at):
    token = make_token(book, lead.session, "x", "lead", 1, at)
    made = tokens(book, lead.person)[0].id
    with pytest.raises(PolicyError, match="you have no open token"):
        end_token(book, ana.person, made, at)
    end_token(book, lead.person, made, at)
    assert bearer(book, token, at) is None


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 201, 1), ("a\x00", 1), ("x", 0), ("x", 367), ("x", -1)])
def test_faulty_wishes(book, lead, at, name, days):
    with pytest.raises(InputError):
        make_token(book, lead.session, name, "lead", days, at)
