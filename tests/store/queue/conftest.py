"""Jobs to work on, raters to work, and short ways to lease and answer inside an act."""

from datetime import timedelta
from itertools import count

import pytest

from bimetal.store import queue
from bimetal.store.queue import Item, Job, Rater, Submission

ANA, BEN, CEM, DEE = (Rater(name) for name in ("ana", "ben", "cem", "dee"))
JUDGE = Rater("judge", adjudicates=True)
LEAD = Rater("lead", oversees=True)


class Desk:
    """A job in a database, and what raters do at it; every call is one act."""

    def __init__(self, state, at):
        self.state, self.at, self.keys = state, at, count()

    def open(self, job, items):
        listed = [each if isinstance(each, Item) else Item(each) for each in items]

        def act(connection):
            queue.open_job(connection, job, self.at)
            return queue.add_items(connection, job.name, listed, self.at)

        return self.state.write(act)

    def lease(self, rater, n=1, job="march", **more):
        return self.state.write(lambda connection: queue.lease(connection, rater, job, n, self.at, **more))

    def send(self, rater, sent):
        return self.state.write(lambda connection: queue.submit(connection, rater, sent, self.at))

    def answer(self, rater, lease, value="cat", **more):
        self.pass_time(seconds=1)
        return self.send(rater, Submission(lease.id, more.pop("key", f"k{next(self.keys)}"), value, **more))

    def skip(self, rater, lease, reason="blurred"):
        return self.answer(rater, lease, None, status="skipped", reason=reason)

    def label(self, rater, value="cat", job="march"):
        """Lease one item and answer it."""
        (lease,) = self.lease(rater, job=job)
        return self.answer(rater, lease, value)

    def do(self, verb, *arguments):
        return self.state.write(lambda connection: verb(connection, *arguments))

    def pass_time(self, **span):
        self.at += timedelta(**span)

    def states(self, job="march"):
        import sqlalchemy as sql

        from bimetal.store import schema

        columns = schema.items.c
        with self.state.read() as connection:
            found = connection.execute(sql.select(columns.item, columns.state).where(columns.job == job))
            return {row.item: row.state for row in found}


@pytest.fixture
def desk(state, at):
    return Desk(state, at)


@pytest.fixture
def march(desk):
    """Open a job of three items that two people answer each, a third where they differ."""
    desk.open(Job("march", raters=2), ["a", "b", "c"])
    return desk
