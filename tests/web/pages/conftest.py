"""People answering in a job, as the labelling screen would have them."""

import pytest

from bimetal.programme import queue
from bimetal.store import schema
from bimetal.store.queue import Rater, Submission


@pytest.fixture
def says(programme, people):
    """Return a function that lets somebody answer a job's items: item -> value, or None to skip it."""

    def answer(role, job, said, seconds=6.0, kind="human", **more):
        who = people[role][0].id if role in people else role
        rater = Rater(who, kind, **more)
        for lease in queue.lease(programme, rater, job, 500):
            item = item_of(programme, lease)
            if item not in said:
                continue
            value = said[item]
            status, reason = ("skipped", "item broken") if value is None else ("submitted", "")
            seen = lease.suggestion
            sent = Submission(lease.id, f"{who}/{lease.id}", value, status, reason, seconds, seen)
            queue.submit(programme, rater, sent)
        return who

    return answer


def item_of(programme, lease):
    """Name the item of a lease, which raters are not told."""
    columns = schema.leases.c
    with programme.state.read() as connection:
        return connection.execute(schema.leases.select().where(columns.id == lease.id)).one().item
