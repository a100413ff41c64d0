"""What a programme has spent so far, metered: people's active seconds, its generator's, and money for tokens."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bimetal.cost import Spending
from bimetal.programme.doors import spent
from bimetal.store import schema

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme

DAYS_A_MONTH = 365.25 / 12


def spending(programme: Programme) -> Spending:
    """Read the meters: answers of people with their active time, and synthetic items with the time they took."""
    answers, timed, mean, deviation = _people(programme)
    drawn, seconds = _generator(programme)
    tokens = spent(programme).money
    now, first = programme.now(), next(iter(programme.log.entries(0, 1)), None)
    return Spending(
        as_of=now.date().isoformat(),
        months=(now - first.at).total_seconds() / 86_400 / DAYS_A_MONTH if first else 0.0,
        answers=answers,
        timed=timed,
        seconds=mean,
        seconds_sd=deviation,
        drawn=drawn,
        draw_seconds=seconds,
        paid={"generation": tokens} if tokens else {},
    )


def _people(programme: Programme) -> tuple[int, int, float, float]:
    """Count people's answers, those with a time, its mean and standard deviation; replayed labels cost nothing.

    A correction adds its time to the answer it corrects; the same item in another round is another answer.
    """
    given = schema.annotations.c
    same = (given.job, given.item, given.annotator, given.round)
    each = select(func.sum(given.seconds).label("time")).where(given.actor_kind == "human").group_by(*same).subquery()
    time = each.c.time
    measured = select(func.count(), func.sum(time), func.sum(time * time)).where(time > 0)
    with programme.state.read() as connection:
        answers = int(connection.execute(select(func.count()).select_from(each)).scalar_one())
        n, total, squares = connection.execute(measured).one()
    if not n:
        return answers, 0, 0.0, 0.0
    spread = max(squares - total * total / n, 0.0) / max(n - 1, 1)
    return answers, int(n), total / n, sqrt(spread)


def _generator(programme: Programme) -> tuple[int, float]:
    """Add up rows and seconds of what was really drawn; a reused draw took no time and stands without a meter."""
    metered = [each.body for each in programme.log.entries(action="generated") if "seconds" in each.body]
    return sum(int(each["rows"]) for each in metered), sum(float(each["seconds"]) for each in metered)
