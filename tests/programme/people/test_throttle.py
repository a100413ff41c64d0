"""Waits double with every failure, per account and per address, and attempts at once all count."""

import itertools
from datetime import timedelta

import pytest

from bimetal.errors import PolicyError
from bimetal.programme.people import throttle
from bimetal.programme.people.throttle import FREE, LONGEST, QUIET, account, address, delay, forgive, reserve, waiting


def attempt(book, targets, at):
    book.state.write(lambda connection: reserve(connection, targets, at))


def test_waits_double_up_to_the_longest():
    assert delay("account", FREE["account"]) == timedelta()
    waits = [delay("account", n) for n in range(FREE["account"] + 1, 60)]
    assert all(later == min(2 * sooner, LONGEST) for sooner, later in itertools.pairwise(waits))
    assert delay("address", 10**9) == LONGEST


def test_an_account_waits_from_wherever_it_is_guessed_at(book, at):
    for n in range(FREE["account"] + 1):
        attempt(book, [account("ana"), address(f"192.0.2.{n}")], at)
    assert waiting(book, [account("ana")], at) == timedelta(seconds=2)
    with pytest.raises(PolicyError, match="too many attempts, the next in 2 s"):
        attempt(book, [account("ana"), address("198.51.100.1")], at)
    attempt(book, [account("bo"), address("198.51.100.1")], at)
    attempt(book, [account("ana"), address("198.51.100.1")], at + timedelta(seconds=2))
    assert waiting(book, [account("ana")], at + timedelta(seconds=2)) == timedelta(seconds=4)


def test_an_address_waits_whatever_it_guesses_at(book, at):
    for n in range(FREE["address"] + 1):
        attempt(book, [account(f"name{n}"), address("2001:db8::1")], at)
    with pytest.raises(PolicyError):
        attempt(book, [account("another"), address("2001:db8::ffff")], at)
    attempt(book, [account("another"), address("2001:db8:0:1::1")], at)


def test_refused_attempts_do_not_lengthen_the_wait(book, at):
    for _ in range(FREE["account"] + 1):
        attempt(book, [account("ana")], at)
    for _ in range(5):
        with pytest.raises(PolicyError):
            attempt(book, [account("ana")], at)
    assert waiting(book, [account("ana")], at) == timedelta(seconds=2)


def test_without_a_wait_an_earlier_clock_is_not_refused(book, at):
    attempt(book, [account("ana"), address("192.0.2.1")], at)
    attempt(book, [account("ana"), address("192.0.2.1")], at - timedelta(seconds=1))
    book.state.write(lambda connection: forgive(connection, [account("ana"), address("192.0.2.1")], at))
    attempt(book, [account("ana"), address("192.0.2.1")], at - timedelta(seconds=1))


def test_success_frees_the_account_but_not_the_address(book, at):
    for n in range(FREE["address"]):
        attempt(book, [account(f"name{n % 4}"), address("192.0.2.1")], at)
    book.state.write(lambda connection: forgive(connection, [account("name1"), address("192.0.2.1")], at))
    for _ in range(2):
        attempt(book, [account("name1"), address("192.0.2.1")], at)
    with pytest.raises(PolicyError):
        attempt(book, [account("name1"), address("192.0.2.1")], at)


def test_after_a_quiet_day_the_count_begins_anew(book, at):
    for _ in range(FREE["account"] + 1):
        attempt(book, [account("ana")], at)
    later = at + QUIET + timedelta(seconds=1)
    attempt(book, [account("ana")], later)
    assert waiting(book, [account("ana")], later) == timedelta()


def test_odd_addresses_count_too(book, at):
    for text in ("", "unknown", "x" * 10_000, "\ud800", "::ffff:192.0.2.1", "fe80::1%eth0"):
        attempt(book, [address(text)], at)
    assert len(throttle.address("x" * 10_000).word) == 64
