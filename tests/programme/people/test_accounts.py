"""Accounts: pseudonyms, sealed words, names for those who may read them, roles for those who may give them."""

import re
import threading
from pathlib import Path

import pytest
import sqlalchemy as sql

from bimetal.errors import InputError, PolicyError, StoreError
from bimetal.programme import opened as opened_folder
from bimetal.programme.people import Profile, change_profile, change_role, login, people, person, profile
from bimetal.programme.people.accounts import opened
from bimetal.programme.people.credentials import Visitor
from bimetal.programme.people.sealing import commitment, seal, unseal
from bimetal.store import schema

PASSWORD = "four quiet otters swim"


def test_everybody_has_a_pseudonym_that_says_nothing(book, admin, ana, bo):
    listed = people(book)
    assert {each.id for each in listed} == {admin.person.id, ana.person.id, bo.person.id}
    assert all(re.fullmatch(r"p-[0-9a-f]{16}", each.id) for each in listed)
    assert person(book, ana.person.id) == ana.person


def test_names_are_read_by_their_owner_leads_and_admins(book, admin, lead, ana, bo, invited):
    auditor = invited("auditor", "au.dit")
    for reader in (ana, lead, admin):
        assert profile(book, reader.person, ana.person.id) == ana.profile
    for reader in (bo, auditor):
        with pytest.raises(PolicyError, match="does not include 'read names'"):
            profile(book, reader.person, ana.person.id)


def test_the_log_holds_a_commitment_that_the_words_open(book, ana):
    (joined,) = book.log.entries(action="person.joined", subject=ana.person.id)
    with book.state.read() as connection:
        words = dict(opened(connection, ana.person.id))
    salt = words.pop("salt")
    assert commitment(words, salt) == joined.body["commitment"]
    assert commitment({**words, "name": "Ana Other"}, salt) != joined.body["commitment"]
    assert len(bytes.fromhex(salt)) == 32


def test_one_changes_the_own_words(book, ana, at):
    wanted = Profile.read("ana.maria", "Ana Maria", "")
    change_profile(book, ana.person, wanted, at)
    assert profile(book, ana.person, ana.person.id) == wanted
    assert login(book, "ana.maria", PASSWORD, Visitor("192.0.2.1"), at)
    with pytest.raises(PolicyError):
        login(book, "ana.ruiz", PASSWORD, Visitor("192.0.2.1"), at)


def test_not_into_the_name_of_another(book, ana, bo, at):
    with pytest.raises(InputError, match="the user name is taken"):
        change_profile(book, ana.person, Profile.read("bo.tran", "Ana"), at)
    with pytest.raises(InputError, match="cannot be added or left out"):
        change_profile(book, ana.person, Profile.read("", "Ana"), at)
    assert profile(book, ana.person, ana.person.id) == ana.profile


def test_only_an_admin_gives_roles(book, admin, lead, ana, at):
    for who in (lead.person, ana.person):
        with pytest.raises(PolicyError):
            change_role(book, who, ana.person.id, "lead", at)
    assert change_role(book, admin.person, ana.person.id, "lead", at).role == "lead"
    with pytest.raises(InputError, match="no role"):
        change_role(book, admin.person, ana.person.id, "god", at)
    (entry,) = book.log.entries(action="person.appointed")
    assert (entry.actor, entry.subject) == (admin.person.id, ana.person.id)
    assert dict(entry.body) == {"from": "annotator", "to": "lead"}


def test_the_last_admin_stays(book, admin, ana, at):
    with pytest.raises(PolicyError, match="is the last admin"):
        change_role(book, admin.person, admin.person.id, "lead", at)
    change_role(book, admin.person, ana.person.id, "admin", at)
    outcomes = []

    def leave(who):
        try:
            outcomes.append(change_role(book, who, who.id, "lead", at).role)
        except PolicyError:
            outcomes.append("stays")

    leaving = [threading.Thread(target=leave, args=(who,)) for who in (admin.person, person(book, ana.person.id))]
    for each in leaving:
        each.start()
    for each in leaving:
        each.join()
    assert sorted(outcomes) == ["lead", "stays"]


@pytest.mark.parametrize("reference", ["", "p-0", "x" * 10_000_000, "' or 1=1 --"])
def test_nobody_is_nobody(book, admin, reference):
    with pytest.raises(InputError, match="nobody has the pseudonym"):
        person(book, reference)


def test_words_swapped_between_accounts_do_not_open(book, admin, ana, bo):
    def swap(connection):
        rows = dict(connection.execute(sql.select(schema.people.c.id, schema.people.c.sealed)).all())
        table = schema.people
        connection.execute(table.update().where(table.c.id == ana.person.id).values(sealed=rows[bo.person.id]))

    book.state.write(swap)
    with pytest.raises(StoreError, match="were changed"):
        profile(book, admin.person, ana.person.id)


def test_what_is_sealed_is_another_text_each_time():
    key = bytes(range(32))
    one, two = (seal(key, {"name": "Ana"}, "p:profile") for _ in range(2))
    assert one != two
    with pytest.raises(StoreError):
        unseal(key, one, "q:profile")
    with pytest.raises(StoreError):
        unseal(key, one[:-1] + bytes([one[-1] ^ 1]), "p:profile")
    with pytest.raises(StoreError):
        unseal(key, b"", "p:profile")


def test_the_example_of_the_documentation_runs(folder):
    page = (Path(__file__).parents[3] / "docs" / "people.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    exec(compile(example, "docs/people.md", "exec"), {"folder": folder})
    with opened_folder(folder) as programme:
        assert [each.role for each in people(programme)] == ["admin"]
