"""After a removal nothing on the disk holds or opens the name; the work and the log stay and verify."""

import random  # noqa: TID251  # whom the test removes is no result

import pytest
import sqlalchemy as sql

from bimetal.errors import PolicyError
from bimetal.programme.people import (
    Profile,
    Visitor,
    bearer,
    change_profile,
    export,
    invite,
    join,
    login,
    make_token,
    offer_reset,
    person,
    profile,
    remove,
    reset,
    scrub,
    sessions,
    whose,
)
from bimetal.programme.people.accounts import enrol
from bimetal.programme.people.sealing import key_of
from bimetal.store import schema

PASSWORD = "four quiet otters swim"
HERE = Visitor("192.0.2.7", "Netscape of Ana")


def on_disk(book):
    """Read every byte of the programme's memory: database, write-ahead log, shared memory, tiles, checkpoint."""
    book.log.publish()
    files = [each for each in book.memory.rglob("*") if each.is_file()]
    assert {"state.db", "checkpoint"} <= {each.name for each in files}
    return b"\0".join(each.read_bytes() for each in files)


def traces(book, who):
    """List what would open or find a person: the key, the password hash, the keyed hashes."""
    with book.state.read() as connection:
        lookups = sql.select(schema.people_lookups.c.lookup).where(schema.people_lookups.c.person == who.id)
        password = connection.execute(sql.select(schema.people.c.password).where(schema.people.c.id == who.id)).scalar()
        return [key_of(connection, who.id), password.encode(), *connection.execute(lookups).scalars()]


def words_of(joined):
    """Spell a person's words in the encodings a disk might hold them in."""
    texts = [*(part for part in joined.profile.name.split()), joined.profile.login, joined.profile.email, PASSWORD]
    texts += [text.casefold() for text in texts]
    return [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")]


@pytest.fixture
def worked(book, ana, at):
    """Let Ana do everything that could leave her name somewhere."""
    login(book, "ana.ruiz", PASSWORD, HERE, at)
    make_token(book, ana.session, "token of Ana", "annotator", 30, at)
    for name in ("ana.ruiz", "Secretname"):
        with pytest.raises(PolicyError):
            login(book, name, "wrong password here", HERE, at)
    change_profile(book, ana.person, ana.profile, at)
    export(book, ana.person, ana.person.id, at)
    row = {"id": "a-1", "item": "i-1", "annotator": ana.person.id, "actor_kind": "human", "value": "c0", "at": at}
    columns = {column.name for column in schema.annotations.columns}
    row |= {name: value for name, value in {"job": "j", "revision": 1}.items() if name in columns}
    book.state.write(lambda connection: connection.execute(schema.annotations.insert(), row))
    return ana


def test_no_plain_word_is_ever_on_the_disk(book, worked):
    held = on_disk(book)
    assert worked.person.id.encode() in held
    assert [word for word in words_of(worked) if word in held] == []


def test_after_removal_nothing_opens_the_name(book, admin, worked, at):
    before = traces(book, worked.person)
    held = on_disk(book)
    assert [len(each) > 20 and each in held for each in before] == [True] * 4
    assert remove(book, admin.person, worked.person.id, at)
    held = on_disk(book)
    assert [each in held for each in before] == [False] * 4
    assert [word for word in words_of(worked) if word in held] == []
    assert profile(book, admin.person, worked.person.id) == Profile("", worked.person.id)


def test_a_name_given_up_earlier_is_gone_too(book, admin, ana, at):
    before = [each for each in traces(book, ana.person) if len(each) == 32]
    change_profile(book, ana.person, Profile.read("another.name", "Another"), at)
    assert remove(book, admin.person, ana.person.id, at)
    held = on_disk(book)
    assert [each in held for each in before] == [False] * 3


def test_work_and_log_stay(book, admin, worked, at):
    book.log.publish()
    before = list(book.log.entries())
    remove(book, admin.person, worked.person.id, at)
    assert list(book.log.entries())[: len(before)] == before
    book.log.publish()
    assert book.log.verify().checkpoint_size == book.log.size
    assert person(book, worked.person.id).removed == at
    record = export(book, admin.person, worked.person.id, at)
    assert [each["value"] for each in record["answers"]] == ["c0"]
    assert record["account"]["profile"] is None


def test_no_door_stays_open(book, admin, ana, at):
    program = make_token(book, ana.session, "x", "annotator", 30, at)
    offered = offer_reset(book, admin.person, ana.person.id, at)
    remove(book, admin.person, ana.person.id, at)
    assert whose(book, ana.token, at) is None
    assert bearer(book, program, at) is None
    assert not any(each.is_open(at) or each.name for each in sessions(book, ana.person))
    for attempt in (
        lambda: reset(book, offered, "seven green lamps hum", at),
        lambda: login(book, "ana.ruiz", PASSWORD, HERE, at),
        lambda: remove(book, admin.person, ana.person.id, at),
        lambda: make_token(book, ana.session, "x", "annotator", 30, at),
    ):
        with pytest.raises(PolicyError):
            attempt()


def test_the_name_is_free_again_for_another_person(book, admin, ana, at):
    remove(book, admin.person, ana.person.id, at)
    token = join(book, invite(book, admin.person, "annotator", at), ana.profile, PASSWORD, HERE, at)
    assert whose(book, token, at).person.id != ana.person.id


def test_only_an_admin_removes_and_never_the_last_one(book, admin, lead, ana, at):
    for who in (lead.person, ana.person):
        with pytest.raises(PolicyError):
            remove(book, who, ana.person.id, at)
    with pytest.raises(PolicyError, match="is the last admin"):
        remove(book, admin.person, admin.person.id, at)


def test_among_hundreds_of_people_no_page_keeps_a_key(book, admin, at):
    def crowd(connection):
        return [enrol(book, connection, Profile(f"n{n}", f"Name {n}"), "annotator", at, f"hash{n}") for n in range(300)]

    everybody = book.state.write(crowd)
    scrub(book)
    leaving = random.Random(0).sample(everybody, 20)
    secrets = [each for who in leaving for each in traces(book, who) if len(each) == 32]
    held = on_disk(book)
    assert sum(each in held for each in secrets) == len(secrets) == 60
    for who in leaving:
        remove(book, admin.person, who.id, at)
    held = on_disk(book)
    assert sum(each in held for each in secrets) == 0
    assert profile(book, admin.person, next(each.id for each in everybody if each not in leaving)).name


def test_a_reader_that_still_needs_old_pages_is_said(book, admin, ana, at):
    kept = traces(book, ana.person)[0]
    with book.state.read() as reading:
        reading.execute(sql.select(schema.people)).all()
        assert not remove(book, admin.person, ana.person.id, at)
    assert scrub(book)
    assert kept not in on_disk(book)
