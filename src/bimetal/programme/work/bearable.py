"""Content warnings at leasing: nobody is given what they did not agree to see, nor more of it than a day's cap."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from bimetal.errors import PolicyError
from bimetal.programme.people.wellbeing import expose
from bimetal.programme.work import sheets
from bimetal.store import queue as store
from bimetal.store.queue import Lease, Rater


class Asked(NamedTuple):
    """Of which job how many items were asked for, and when."""

    job: str
    n: int
    at: datetime


def bearable(connection: Connection, rater: Rater, given: list[Lease], asked: Asked) -> list[Lease]:
    """Keep the leases a person may bear, each with its warning or else the sheet's, and look past the others.

    Items with a warning are counted, those begun before once. Raises PolicyError where nothing else is left for
    somebody who did not accept the warning, or whose cap is reached.
    """
    general = sheets.warning(connection, asked.job)
    if rater.kind != "human" or not (general or any(each.warning for each in given)):
        return given
    kept: list[Lease] = []
    refused: dict[str, PolicyError] = {}
    while given:
        for each in (replace(each, warning=each.warning or general) for each in given):
            try:
                if each.warning and each.draft is None:
                    expose(connection, rater.name, each.warning, asked.at)
                kept.append(each)
            except PolicyError as fault:
                refused[each.id] = fault
        further = asked.n - len(kept) if refused and not general else 0
        given = store.lease(connection, rater, asked.job, further, asked.at)
    if refused and not kept:
        raise next(iter(refused.values()))
    store.release(connection, rater, list(refused))
    return kept
