"""How far a job is, as its raters may know it: too late and too coarse to tell how others judged an item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bimetal.web.door import Ask

LATE = timedelta(minutes=10)
"""How old a job's sums are before a rater sees new ones: one who could watch them move would not judge blind."""


def far(ask: Ask, job: str, states: Mapping[str, int]) -> dict[str, int]:
    """Say how many of a job's items are open and how many done, as it was up to LATE ago.

    Items in conflict count as done, as they have their raters; who may read progress sees more on the job's own page.
    """
    known: dict[str, tuple[datetime, dict[str, int]]] = ask.request.app.state.far
    before = known.get(job)
    if before is None or ask.at - before[0] >= LATE:
        total, left = sum(states.values()), states.get("open", 0)
        known[job] = before = (ask.at, {"open": left, "settled": total - left})
    return before[1]
