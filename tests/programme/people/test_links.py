"""Invitations and resets work once, for a while, for what they are."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sql

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import (
    ROLES,
    Profile,
    Visitor,
    bearer,
    first_admin,
    invite,
    join,
    link,
    login,
    make_token,
    offer_reset,
    open_links,
    people,
    reset,
    whose,
    withdraw_link,
)
from bimetal.programme.people.links import LASTS
from bimetal.store.schema import people_links

HERE = Visitor("192.0.2.7")
PASSWORD = "four quiet otters swim"
OTHER = "seven green lamps hum"
CY = Profile.read("cy", "Cy")


def test_the_first_admin_joins_by_the_link_of_the_server_and_nobody_after(book, at, joins):
    stale, link_token = first_admin(book, at), first_admin(book, at)
    with pytest.raises(PolicyError):
        join(book, stale, CY, PASSWORD, HERE, at)
    assert joins(link_token, "sol").person.role == "admin"
    with pytest.raises(PolicyError, match="there is an admin already"):
        first_admin(book, at)
    with pytest.raises(PolicyError):
        join(book, link_token, CY, PASSWORD, HERE, at)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_invite_whom(book, admin, lead, ana, at, role):
    assert link(book, invite(book, admin.person, role, at), at).role == role
    if role in {"annotator", "adjudicator"}:
        assert invite(book, lead.person, role, at)
    else:
        with pytest.raises(PolicyError, match="does not include 'appoint'"):
            invite(book, lead.person, role, at)
    with pytest.raises(PolicyError):
        invite(book, ana.person, role, at)


def test_an_invitation_is_kept_only_as_its_hash(book, admin, at, hashed):
    token = invite(book, admin.person, "annotator", at)
    with book.state.read() as connection:
        kept = connection.execute(sql.select(people_links)).all()
    assert token not in repr(kept)
    assert hashed(token) in [row.hash for row in kept]


def test_an_invitation_ends(book, admin, at):
    token = invite(book, admin.person, "annotator", at)
    assert link(book, token, at + LASTS["invitation"] - timedelta(seconds=1))
    with pytest.raises(PolicyError, match="was used, is over or never was"):
        join(book, token, CY, PASSWORD, HERE, at + LASTS["invitation"])


def test_one_invitation_admits_one_of_many_at_once(book, admin, at):
    token, together = invite(book, admin.person, "annotator", at), threading.Barrier(8)

    def use(n):
        together.wait()
        try:
            return join(book, token, Profile.read(f"twin{chr(97 + n)}", "Twin"), PASSWORD, HERE, at)
        except PolicyError:
            return None

    with ThreadPoolExecutor(8) as pool:
        came = [each for each in pool.map(use, range(8)) if each]
    assert len(came) == 1
    assert len(people(book)) == 2


def test_a_refused_name_or_password_leaves_the_invitation_good(book, admin, ana, at):
    token = invite(book, admin.person, "annotator", at)
    for wanted, password in (
        (Profile.read("ANA.ruiz", "Another Ana"), PASSWORD),
        (Profile.read("ana.ru1z", "Another Ana"), "short"),
        (Profile("", "Nameless"), PASSWORD),
    ):
        with pytest.raises(InputError):
            join(book, token, wanted, password, HERE, at)
    assert join(book, token, CY, PASSWORD, HERE, at)


def test_a_name_that_looks_like_anothers_is_refused(book, admin, invited, at):
    invited("annotator", "ace.lee")
    token = invite(book, admin.person, "annotator", at)
    for name in ("асе.ӏее", "ace.1ee", "ACE.Lee", "ａｃｅ.lee"):
        with pytest.raises(InputError, match=r"is taken|looks like one that is taken"):
            join(book, token, Profile.read(name, "Impostor"), PASSWORD, HERE, at)


def test_a_reset_ends_sessions_and_tokens_and_the_wait(book, admin, ana, at):
    program = make_token(book, ana.session, "script", "annotator", 30, at)
    for _ in range(6):
        with pytest.raises(PolicyError):
            login(book, "ana.ruiz", "wrong password here", HERE, at)
    token = offer_reset(book, admin.person, ana.person.id, at)
    reset(book, token, OTHER, at)
    assert whose(book, ana.token, at) is None
    assert bearer(book, program, at) is None
    assert login(book, "ana.ruiz", OTHER, HERE, at)
    with pytest.raises(PolicyError):
        reset(book, token, PASSWORD, at)


def test_only_the_newest_reset_works_and_not_for_long(book, admin, ana, at):
    old, new = offer_reset(book, admin.person, ana.person.id, at), offer_reset(book, admin.person, ana.person.id, at)
    with pytest.raises(PolicyError):
        reset(book, old, OTHER, at)
    with pytest.raises(PolicyError):
        reset(book, new, OTHER, at + LASTS["reset"])


def test_only_an_admin_offers_a_reset(book, lead, ana, at):
    for who in (lead.person, ana.person):
        with pytest.raises(PolicyError):
            offer_reset(book, who, ana.person.id, at)


def test_a_link_does_only_what_it_is_for(book, admin, ana, at):
    with pytest.raises(PolicyError, match="for reset, not invitation"):
        join(book, offer_reset(book, admin.person, ana.person.id, at), CY, PASSWORD, HERE, at)
    with pytest.raises(PolicyError, match="for invitation, not reset"):
        reset(book, invite(book, admin.person, "lead", at), OTHER, at)


def test_open_links_are_listed_and_withdrawn(book, admin, lead, ana, at):
    token = invite(book, lead.person, "annotator", at)
    invite(book, admin.person, "admin", at)
    listed = {each.by: each for each in open_links(book, lead.person, at)}
    assert {each.role for each in listed.values()} == {"annotator", "admin"}
    for who, of in ((lead, admin), (ana, lead)):
        with pytest.raises(PolicyError):
            withdraw_link(book, who.person, listed[of.person.id].id, at)
    withdraw_link(book, lead.person, listed[lead.person.id].id, at)
    with pytest.raises(PolicyError):
        join(book, token, CY, PASSWORD, HERE, at)
    with pytest.raises(PolicyError, match="works any more"):
        withdraw_link(book, lead.person, listed[lead.person.id].id, at)
    withdraw_link(book, admin.person, listed[admin.person.id].id, at)
    assert open_links(book, lead.person, at) == []
    with pytest.raises(PolicyError):
        open_links(book, ana.person, at)


@pytest.mark.parametrize("token", ["", "bi_", "x" * 10_000_000, "\ud800"])
def test_what_is_no_link_does_nothing(book, admin, at, token):
    with pytest.raises(PolicyError):
        join(book, token, CY, PASSWORD, HERE, at)
