"""Any order of leasing, answering, skipping, correcting, giving up and running out leaves the queue consistent."""

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta

import sqlalchemy as sql
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bimetal.annotation.assignment import outcome
from bimetal.errors import BimetalError
from bimetal.store import queue, schema
from bimetal.store.queue import Item, Job, Rater, Submission
from bimetal.store.state import State

ITEMS, RATERS = 6, 5
JOB = Job("march", raters=2, extra=1, gold=0.25, salt="s")
PEOPLE = [Rater(f"r{each}", adjudicates=True) for each in range(RATERS)]
people = st.sampled_from(PEOPLE)


class Labelling(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.state = State.open(f"sqlite:///{self.folder.name}/state.db")
        self.at, self.key = datetime(2026, 3, 1, tzinfo=UTC), 0
        self.leases, self.guideline = [], 1
        items = [Item(f"i{each}", priority=each % 3) for each in range(ITEMS)] + [Item("gold", gold=True)]
        self.do(queue.open_job, JOB, self.at)
        self.do(queue.add_items, "march", items, self.at)

    def teardown(self):
        self.state.close()
        self.folder.cleanup()

    def do(self, verb, *arguments):
        return self.state.write(lambda connection: verb(connection, *arguments))

    def attempt(self, verb, *arguments):
        """Do what may be refused; a refusal changes nothing, which the invariants see."""
        try:
            return self.do(verb, *arguments)
        except BimetalError:
            return None

    @rule(rater=people, n=st.integers(1, 4), job=st.sampled_from(["march", "march/adjudication"]))
    def lease(self, rater, n, job):
        given = self.attempt(queue.lease, rater, job, n, self.at) or []
        for each in given:
            if job != "march":
                own = self.rows(schema.annotations, item=each.item, annotator=rater.name, job="march", standing=1)
                assert not own, "nobody adjudicates their own"
        self.leases += [(rater, each) for each in given]

    @rule(data=st.data(), value=st.sampled_from(["cat", "dog", None]))
    def answer(self, data, value):
        if self.leases:
            rater, lease = data.draw(st.sampled_from(self.leases))
            self.key, self.at = self.key + 1, self.at + timedelta(seconds=1)
            status, reason = ("skipped", "dark") if value is None else ("submitted", "")
            sent = Submission(lease.id, f"k{self.key}", value, status, reason)
            receipt = self.attempt(queue.submit, rater, sent, self.at)
            if receipt:
                assert self.do(queue.submit, rater, sent, self.at).repeated

    @rule(data=st.data(), verb=st.sampled_from(["release", "renew"]))
    def hold(self, data, verb):
        if self.leases:
            rater, lease = data.draw(st.sampled_from(self.leases))
            more = [self.at] if verb == "renew" else []
            self.attempt(getattr(queue, verb), rater, [lease.id], *more)

    @rule()
    def time_passes(self):
        self.at += timedelta(minutes=20)

    @rule(data=st.data())
    def guideline_changes(self, data):
        items = data.draw(st.lists(st.sampled_from([f"i{each}" for each in range(ITEMS)]), min_size=1, unique=True))
        self.guideline += 1
        self.do(queue.reopen, "march", items, self.guideline)

    def rows(self, table, **where):
        query = sql.select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        with self.state.read() as connection:
            return connection.execute(query).all()

    @invariant()
    def what_is_counted_is_there(self):
        items, leases = self.rows(schema.items), self.rows(schema.leases)
        answers = self.rows(schema.annotations, standing=1)
        for row in items:
            said = [each for each in answers if (each.job, each.item) == (row.job, row.item)]
            here = [each for each in leases if (each.job, each.item) == (row.job, row.item)]
            values = [each.value for each in said if each.status == "submitted"]
            held = sum(each.expires is not None for each in here)
            assert (row.given, row.skipped, row.held) == (len(values), len(said) - len(values), held)
            assert len({each.annotator for each in said}) == len(said)
            if not row.gold and row.job == "march":
                assert row.given + row.held <= JOB.most
                assert row.open == (row.state == "open" and row.given + row.held < row.wanted)
                assert row.state == "resolved" or row.state == outcome(JOB, values).state
        for job in {row.job for row in items}:
            states = Counter(row.state for row in items if row.job == job and not row.gold)
            tallied = {row.state: row.number for row in self.rows(schema.tallies, job=job) if row.number}
            assert tallied == dict(states)

    @invariant()
    def a_conflict_waits_for_an_adjudicator(self):
        items = {(row.job, row.item): row.state for row in self.rows(schema.items)}
        for (job, item), state in items.items():
            if job == "march" and state == "conflict":
                assert items["march/adjudication", item] == "open"
            if job == "march" and state != "resolved":
                decided = self.rows(schema.annotations, job="march/adjudication", item=item, standing=1)
                assert not [each for each in decided if each.status == "submitted"]
            if job == "march" and state in {"open", "settled"}:
                assert items.get(("march/adjudication", item), "withdrawn") == "withdrawn"

    @invariant()
    def no_free_item_is_passed_over(self):
        """Whoever has nothing in hand and asks finds every item that has a place for them."""
        leases = self.rows(schema.leases, job="march")
        for rater in PEOPLE[:2]:
            had = {
                (each.item, each.round)
                for each in leases
                if each.person == rater.name and (each.expires is not None or each.state in {"submitted", "skipped"})
            }
            there = {
                row.item
                for row in self.rows(schema.items, job="march", gold=0, open=1)
                if (row.item, row.round) not in had
            }
            assert self.peeked(rater) >= there

    def peeked(self, rater):
        """Lease everything and undo it."""
        found = set()

        def act(connection):
            found.update(each.item for each in queue.lease(connection, rater, "march", 50, self.at - timedelta(days=9)))
            raise LookupError

        try:
            self.state.write(act)
        except LookupError:
            return found


Labelling.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLabelling = Labelling.TestCase
