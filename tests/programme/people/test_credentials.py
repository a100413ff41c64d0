"""Login, what it refuses, and that it refuses an unknown name as slowly as a wrong password."""

import itertools
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sql

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import Visitor, change_password, login, passwords, sessions, whose
from bimetal.programme.people.throttle import FREE
from bimetal.store.schema import people

HERE = Visitor("192.0.2.7", "Firefox")
PASSWORD = "four quiet otters swim"
OTHER = "seven green lamps hum"


def test_the_right_password_opens_a_session(book, ana, at):
    token = login(book, " ＡＮＡ.ruiz ", PASSWORD, HERE, at)
    session = whose(book, token, at)
    assert session.person == ana.person
    assert session.kind == "browser"


def test_all_else_is_refused_in_the_same_words(book, ana, at):
    names = ["ana.ruiz", "nobody", "", "a" * 10_000_000, "ana\x00ruiz", "аna.ruiz", "\ud800"]
    given = ["wrong password here", "", "x" * 10_000_000, "\ud800"]
    for n, (name, password) in enumerate(itertools.product(names, given)):
        with pytest.raises(PolicyError, match=r"^the user name or the password is wrong; "):
            login(book, name, password, Visitor(f"192.0.2.{n}"), at + n * timedelta(hours=25))


def test_failures_stand_in_the_log_under_the_pseudonym_or_as_unknown(book, ana, at):
    for name in ("ana.ruiz", "nobody.here"):
        with pytest.raises(PolicyError):
            login(book, name, "wrong password here", HERE, at)
    failed = list(book.log.entries(action="login.failed"))
    assert [each.subject for each in failed] == [ana.person.id, "unknown"]
    assert [dict(each.body) for each in failed] == [{}, {}]


def test_guessing_is_slowed_down_even_with_the_right_password_at_last(book, ana, at):
    for _ in range(FREE["account"] + 1):
        with pytest.raises(PolicyError, match="wrong"):
            login(book, "ana.ruiz", "wrong password here", HERE, at)
    with pytest.raises(PolicyError, match="too many attempts"):
        login(book, "ana.ruiz", PASSWORD, HERE, at)
    assert login(book, "ana.ruiz", PASSWORD, HERE, at + timedelta(seconds=2))


def test_unknown_names_are_slowed_down_alike(book, ana, at):
    for _ in range(FREE["account"] + 1):
        with pytest.raises(PolicyError, match="wrong"):
            login(book, "nobody", "wrong password here", HERE, at)
    with pytest.raises(PolicyError, match="too many attempts"):
        login(book, "nobody", "wrong password here", HERE, at)


def test_attempts_at_once_get_no_more_guesses(book, ana, at):
    together = threading.Barrier(12)

    def guess(n):
        together.wait()
        try:
            login(book, "ana.ruiz", f"wrong password {n}", Visitor(f"192.0.2.{n}"), at)
        except PolicyError as refused:
            return "too many" in str(refused)
        return None

    with ThreadPoolExecutor(12) as pool:
        refused = list(pool.map(guess, range(12)))
    assert refused.count(False) == FREE["account"] + 1
    assert refused.count(True) == 12 - FREE["account"] - 1


def test_an_unknown_name_takes_as_long_as_a_wrong_password(book, ana, at):
    def cpu(name, n):
        began = time.process_time()
        with pytest.raises(PolicyError, match="wrong"):
            login(book, name, f"wrong password {n}", Visitor(f"192.0.2.{n}"), at + n * timedelta(hours=1))
        return time.process_time() - began

    cpu("nobody", 1)
    known, unknown = zip(*((cpu("ana.ruiz", n), cpu("nobody", n)) for n in range(2, 17)), strict=True)
    ratio = statistics.median(known) / statistics.median(unknown)
    assert 0.7 < ratio < 1.4


def test_a_login_renews_an_outdated_hash(book, ana, at, monkeypatch):
    monkeypatch.setattr(passwords, "TIME", 3)
    passwords._argon2.cache_clear()
    try:
        login(book, "ana.ruiz", PASSWORD, HERE, at)
        with book.state.read() as connection:
            kept = connection.execute(sql.select(people.c.password).where(people.c.id == ana.person.id)).scalar()
        assert ",t=3," in kept
        assert login(book, "ana.ruiz", PASSWORD, HERE, at)
    finally:
        monkeypatch.undo()
        passwords._argon2.cache_clear()


def test_a_new_password_ends_the_other_sessions(book, ana, at):
    other = login(book, "ana.ruiz", PASSWORD, HERE, at)
    change_password(book, ana.session, PASSWORD, OTHER, at)
    assert whose(book, other, at) is None
    assert whose(book, ana.token, at) is not None
    with pytest.raises(PolicyError):
        login(book, "ana.ruiz", PASSWORD, HERE, at)
    assert login(book, "ana.ruiz", OTHER, HERE, at)
    assert sum(each.is_open(at) for each in sessions(book, ana.person)) == 2


def test_a_stolen_session_guesses_the_old_password_no_faster(book, ana, at):
    for _ in range(FREE["account"] + 1):
        with pytest.raises(PolicyError, match="old password is wrong"):
            change_password(book, ana.session, "wrong password here", OTHER, at)
    with pytest.raises(PolicyError, match="too many"):
        change_password(book, ana.session, PASSWORD, OTHER, at)


def test_a_new_password_follows_the_rules(book, ana, at):
    for weak in ("short", "ana.ruiz ana.ruiz", "x" * 10_000_000):
        with pytest.raises(InputError):
            change_password(book, ana.session, PASSWORD, weak, at)
