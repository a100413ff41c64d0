"""Harmful items come after consent, counted by the server, up to a cap."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import accept_warning, allowance, expose, set_cap, withdraw_warning
from bimetal.programme.people.accounts import HARM_CAP


@pytest.fixture
def shows(book):
    """Return a function that shows a person one harmful item."""
    return lambda who, at, warning="violence": book.state.write(lambda c: expose(c, who.id, warning, at))


def test_nothing_harmful_without_consent(book, ana, at, shows):
    with pytest.raises(PolicyError, match="'violence' was not accepted"):
        shows(ana.person, at)
    accept_warning(book, ana.person, "violence", at)
    accept_warning(book, ana.person, "violence", at)
    shows(ana.person, at)
    with pytest.raises(PolicyError, match="'gore' was not accepted"):
        shows(ana.person, at, "gore")
    withdraw_warning(book, ana.person, "violence", at)
    with pytest.raises(PolicyError):
        shows(ana.person, at)
    assert [each.action for each in book.log.entries() if "warning" in each.action] == [
        "warning.accepted",
        "warning.withdrawn",
    ]


def test_the_cap_holds_for_any_day_and_frees_hour_by_hour(book, lead, ana, at, shows):
    accept_warning(book, ana.person, "violence", at)
    assert allowance(book, ana.person.id, at) == HARM_CAP
    set_cap(book, lead.person, ana.person.id, 3, at)
    shows(ana.person, at)
    shows(ana.person, at + timedelta(hours=1))
    shows(ana.person, at + timedelta(hours=1))
    with pytest.raises(PolicyError, match="the day's cap for harmful items is reached"):
        shows(ana.person, at + timedelta(hours=23))
    assert [allowance(book, ana.person.id, at + timedelta(hours=hours)) for hours in (2, 23, 24, 25)] == [0, 0, 1, 3]


def test_requests_at_once_do_not_pass_the_cap(book, lead, ana, at, shows):
    accept_warning(book, ana.person, "violence", at)
    set_cap(book, lead.person, ana.person.id, 5, at)

    def one(_):
        try:
            shows(ana.person, at)
        except PolicyError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(20))) == 5


def test_one_lowers_the_own_cap_and_a_lead_sets_it(book, lead, ana, bo, at):
    set_cap(book, ana.person, ana.person.id, 0, at)
    assert allowance(book, ana.person.id, at) == 0
    with pytest.raises(PolicyError, match="not raise it"):
        set_cap(book, ana.person, ana.person.id, 1, at)
    with pytest.raises(PolicyError):
        set_cap(book, bo.person, ana.person.id, 9, at)
    set_cap(book, lead.person, ana.person.id, 9, at)
    assert allowance(book, ana.person.id, at) == 9


@pytest.mark.parametrize("cap", [-1, 10_001])
def test_faulty_caps(book, lead, ana, at, cap):
    with pytest.raises(InputError):
        set_cap(book, lead.person, ana.person.id, cap, at)


@pytest.mark.parametrize("warning", ["", "x" * 101, "a\x00"])
def test_faulty_warnings(book, ana, at, warning):
    with pytest.raises(InputError):
        accept_warning(book, ana.person, warning, at)
    with pytest.raises(InputError):
        allowance(book, "nobody", at)
