"""Each takes the own record away, and the log tells nobody's name."""

import json
from datetime import timedelta

import pytest

from bimetal.canonical import canonical_json
from bimetal.errors import PolicyError
from bimetal.programme.people import (
    NOTICE,
    Qualification,
    accept_warning,
    bearer,
    export,
    make_token,
    qualify,
)
from bimetal.programme.people.sealing import commitment


def test_the_own_record_holds_what_the_notice_names(book, lead, ana, at):
    make_token(book, ana.session, "my script", "annotator", 30, at)
    accept_warning(book, ana.person, "violence", at)
    qualify(book, lead.person, Qualification(ana.person.id, "intent", "th", "panel", at, at + timedelta(days=1)), at)
    record = export(book, ana.person, ana.person.id, at)
    assert json.loads(json.dumps(record)) == record
    assert canonical_json(record)
    assert record["account"]["pseudonym"] == ana.person.id
    assert record["account"]["profile"] == {"login": "ana.ruiz", "name": ana.profile.name, "email": ana.profile.email}
    assert [each["name"] for each in record["sessions"]] == ["Firefox on Linux"]
    assert [each["name"] for each in record["tokens"]] == ["my script"]
    assert [each["language"] for each in record["qualifications"]] == ["th"]
    assert [each["warning"] for each in record["warnings accepted"]] == ["violence"]
    assert [each["action"] for each in record["log"]] == [
        "person.joined",
        "session.opened",
        "token.made",
        "warning.accepted",
        "person.qualified",
        "record.exported",
    ]


def test_with_it_the_commitment_in_the_log_can_be_opened(book, ana, at):
    record = export(book, ana.person, ana.person.id, at)
    salt = record["account"]["commitment"]["salt"]
    assert commitment(record["account"]["profile"], salt) == record["log"][0]["body"]["commitment"]


def test_it_holds_no_secret(book, ana, at):
    token = make_token(book, ana.session, "my script", "annotator", 30, at)
    record = json.dumps(export(book, ana.person, ana.person.id, at))
    assert "argon2" not in record
    assert token not in record
    assert ana.token not in record


def test_nobody_takes_anothers(book, lead, ana, bo, admin, at):
    for who in (bo.person, lead.person):
        with pytest.raises(PolicyError):
            export(book, who, ana.person.id, at)
    assert export(book, admin.person, ana.person.id, at)["account"]["pseudonym"] == ana.person.id
    (noted,) = book.log.entries(action="record.exported", subject=ana.person.id)
    assert noted.actor == admin.person.id


def test_a_narrow_token_of_an_admin_reads_nobodys(book, admin, ana, at):
    session = bearer(book, make_token(book, admin.session, "x", "auditor", 1, at), at)
    with pytest.raises(PolicyError):
        export(book, session.person, ana.person.id, at)


def test_the_notice_is_plain():
    assert all(text and len(text.split()) <= 22 for each in NOTICE for text in each)
    assert len({each.what for each in NOTICE}) == len(NOTICE)


def test_the_log_holds_no_personal_word_and_no_secret(book, admin, lead, ana, at):
    token = make_token(book, ana.session, "Anas laptop", "annotator", 30, at)
    said = "\n".join(f"{each.actor} {each.subject} {dict(each.body)}" for each in book.log.entries()).casefold()
    for each in (admin, lead, ana):
        for word in (*each.profile.name.split(), each.profile.login, each.profile.email, each.token):
            assert word.casefold() not in said
    assert token.casefold() not in said
    assert "laptop" not in said
    assert "192.0.2" not in said
    assert "firefox" not in said
