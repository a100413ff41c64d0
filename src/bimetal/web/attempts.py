"""Attempts on what is another's, noted in the log: a person's first few of a day one by one, then ever fewer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from bimetal.errors import PolicyError

if TYPE_CHECKING:
    from bimetal.canonical import Json
    from bimetal.web.door import Ask

ONE_BY_ONE = 10
"""Attempts of a person in a day that each have an entry; later ones have one whenever their number doubles."""


class Attempts:
    """How often each person tried today, so that nobody fills the log by trying.

    >>> counted = Attempts()
    >>> [n for n in range(1, 101) if counted.worth_noting("p-1", date(2026, 3, 1)) and n > 8]
    [9, 10, 16, 32, 64]
    """

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._day = date.min
        self._counts: dict[str, int] = {}

    def worth_noting(self, person: str, day: date) -> int:
        """Count an attempt, and return its number where the log is to have it, else 0."""
        with self._gate:
            if day != self._day:
                self._day, self._counts = day, {}
            number = self._counts[person] = self._counts.get(person, 0) + 1
        return number if number <= ONE_BY_ONE or number & (number - 1) == 0 else 0


def note(ask: Ask, lease: str, refused: PolicyError) -> None:
    """Log who tried what on which lease, for the how manyeth time today; of what was sent it tells nothing."""
    attempts: Attempts = ask.request.app.state.attempts
    number = attempts.worth_noting(ask.person.id, ask.at.date())
    if number:
        told: dict[str, Json] = {"lease": lease[:64], "why": refused.message[:300], "today": number}
        ask.programme.record("answer.refused", ask.person.id, told)


@contextmanager
def noted(ask: Ask, lease: str) -> Iterator[None]:
    """Log it where what is done to a lease is refused as not one's own to do."""
    try:
        yield
    except PolicyError as refused:
        note(ask, lease, refused)
        raise
