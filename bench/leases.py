"""What the queue costs: leases and answers on a million items, durable answers by eight writers, kill -9 under load.

Run: python bench/leases.py [items] [kills]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np

from bimetal.store import queue
from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.queue import Item, Job, Lease, Rater, Submission
from bimetal.store.state import State

ROOT = Path(__file__).parent.parent
AT = datetime(2026, 3, 1, tzinfo=UTC)
WRITERS = 8

T = TypeVar("T")


def report(name: str, units: int, cpu: float, wall: float) -> None:
    print(f"{name:60} {cpu / units * 1e3:9.3f} ms CPU {units / wall:10,.0f} /s")


def timed(name: str, units: int, work: Callable[[], T]) -> T:
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    report(name, units, time.process_time() - cpu, time.perf_counter() - wall)
    return done


def fill(state: State, job: Job, n: int) -> None:
    rng = np.random.default_rng(0)
    urgent = rng.random(n)
    languages = rng.choice(["", "th", "km"], n, p=[0.8, 0.15, 0.05])

    def act_on(start: int, stop: int) -> None:
        items = [
            Item(f"i{each:07}", "margin", float(urgent[each]), 0.5, str(languages[each])) for each in range(start, stop)
        ]
        state.write(lambda connection: queue.add_items(connection, job.name, items, AT))

    state.write(lambda connection: queue.open_job(connection, job, AT))
    for start in range(0, n, 100_000):
        act_on(start, min(start + 100_000, n))
    gold = [Item(f"g{each:04}", "gold", gold=True) for each in range(500)]
    state.write(lambda connection: queue.add_items(connection, job.name, gold, AT))


class Server:
    """Answers raters as the web server does: lease, then one durable act an answer, its log entry inside."""

    def __init__(self, state: State, log: Log, job: str) -> None:
        self.state, self.log, self.job = state, log, job

    def lease(self, rater: Rater, n: int, at: datetime = AT) -> list[Lease]:
        return self.state.write(lambda connection: queue.lease(connection, rater, self.job, n, at))

    def give_back(self, rater: Rater, given: list[Lease]) -> None:
        self.state.write(lambda connection: queue.release(connection, rater, [each.id for each in given]))

    def answer(self, rater: Rater, lease: Lease, value: str = "cat") -> None:
        def act(connection):  # type: ignore[no-untyped-def]  # a connection in, a receipt out
            receipt = queue.submit(connection, rater, Submission(lease.id, f"k-{lease.id}", value, seconds=2.0), AT)
            assert receipt.annotation is not None
            body = {"id": receipt.annotation.id, "item": lease.item, "digest": receipt.annotation.id}
            self.log.append(connection, at=AT, actor=rater.name, action="answered", subject=self.job, body=body)

        self.state.write(act)


def leases(server: Server) -> None:
    for n in (1, 10):
        raters = [Rater(f"r{n}-{each}", languages=frozenset({"th"})) for each in range(5)]
        took = []
        for turn in range(20):
            for rater in raters:
                cpu = time.process_time()
                given = server.lease(rater, n)
                took.append((time.process_time() - cpu) * 1e3)
                server.give_back(rater, given)
                assert len(given) == n, turn
        print(
            f"{f'lease {n}, its commit included':60} {np.mean(took):9.3f} ms CPU {np.quantile(took, 0.99):9.3f} at p99"
        )


def far_ahead(server: Server) -> None:
    """Let one rater label alone, far ahead of everybody: the items they had are not passed over again."""
    alone = Rater("alone")
    took = []
    for _ in range(150):
        cpu = time.process_time()
        given = server.lease(alone, 20)
        took.append(time.process_time() - cpu)
        for lease in given:
            server.answer(alone, lease)
    first, last = np.mean(took[5:30]) * 1e3, np.mean(took[-25:]) * 1e3
    print(f"{'lease 20, one rater of three: after 100 and after 3,000 items':60} {first:9.3f} {last:9.3f} ms CPU")
    cpu = time.process_time()
    assert server.lease(Rater("late"), 1, AT + timedelta(hours=2))
    print(f"{'lease 1, after every held item ran out':60} {(time.process_time() - cpu) * 1e3:9.3f} ms CPU")


def answers(server: Server) -> None:
    rater = Rater("one")
    given = [lease for _ in range(5) for lease in server.lease(rater, 50)[:40]][:40]

    def work() -> None:
        for lease in given:
            server.answer(rater, lease)

    timed("durable answer with its log entry, 1 writer", len(given), work)


def writers(server: Server, each_answers: int) -> None:
    spent: list[float] = []
    given = {}
    for number in range(WRITERS):
        rater = Rater(f"w{number}")
        given[rater] = server.lease(rater, 50)

    def rate(rater: Rater) -> None:
        held, mine = given[rater], []
        for _ in range(each_answers):
            if not held:
                held = server.lease(rater, 50)
            start = time.perf_counter()
            server.answer(rater, held.pop())
            mine.append(time.perf_counter() - start)
        spent.extend(mine)

    threads = [threading.Thread(target=rate, args=(rater,)) for rater in given]

    def work() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    timed(f"durable answer with its log entry, {WRITERS} writers, leases included", WRITERS * each_answers, work)
    median, late = np.quantile(spent, [0.5, 0.99]) * 1e3
    print(f"{'':60} {median:9.1f} ms median {late:6.1f} ms p99")


def shown(server: Server) -> None:
    rater = Rater("w0")
    with server.state.read() as connection:
        timed(
            "progress of rater, job and languages",
            100,
            lambda: [queue.progress(connection, rater, server.job) for _ in range(100)],
        )
        timed(
            "a page of 50 answered items",
            20,
            lambda: [queue.page(connection, rater, server.job, "submitted") for _ in range(20)],
        )


def kills(n: int) -> None:
    """Kill the labelling process of the tests `n` times."""
    code = (
        "import sys, tempfile; from pathlib import Path; from tests.store.queue.killing import killed\n"
        f"with tempfile.TemporaryDirectory(dir='.') as f: print(killed(Path(f).resolve(), {n}, {2000 * n}, {WRITERS}))"
    )
    print(subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    items, times = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 1_000_000), (2, 200)))
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:  # on a disk, which /tmp may not be
        folder = Path(name)
        with State.open(f"sqlite:///{folder}/state.db") as state:
            log = Log(state, folder / "log", signing_key("bench", folder / "keys"), "bench")
            timed("item queued", items, lambda: fill(state, Job("march", raters=3, gold=0.05, salt="s"), items))
            server = Server(state, log, "march")
            leases(server)
            far_ahead(server)
            answers(server)
            writers(server, 100)
            shown(server)
    if times:
        kills(times)


if __name__ == "__main__":
    main()
