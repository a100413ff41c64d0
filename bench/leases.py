"""What the queue costs on a million items: leases, durable answers by one writer and by eight, kill -9 under load.

An answer here is all a server does for one but the HTTP around it (bench/serving.py has that too): session, CSRF token,
the value against the sheet, the queue, the log entry, one commit that is on disk before anybody hears of it.
Run: python bench/leases.py [items] [kills]
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import repeat
from pathlib import Path

import numpy as np
import sqlalchemy as sql

from bimetal.programme import people
from bimetal.programme import queue as work
from bimetal.programme.config import About, Config, Labels
from bimetal.programme.people import Profile, Visitor
from bimetal.programme.programme import Programme, create, opened
from bimetal.programme.work.handing import take
from bimetal.store import queue, schema
from bimetal.store.queue import Item, Job, Lease, Rater, Submission

ROOT = Path(__file__).parent.parent
JOB = "march"
WRITERS, ROUNDS, HELD = 8, 5, 50
LABEL_STUDIO, POTATO = 49.0, 10.0  # ms of server CPU per write over HTTP, measured on this machine; Potato's best


@dataclass
class Person:
    """Somebody logged in, who answers as the server lets them."""

    programme: Programme
    token: str
    rater: Rater

    def lease(self, n: int) -> list[Lease]:
        return work.lease(self.programme, self.rater, JOB, n)

    def give_back(self, given: list[Lease]) -> None:
        ids = [each.id for each in given]
        self.programme.state.write(lambda connection: queue.release(connection, self.rater, ids))

    def known(self) -> people.Person:
        session = people.whose(self.programme, self.token, self.programme.now())
        assert session is not None
        return session.person

    def answer(self, lease: Lease, value: str = "cat") -> None:
        who = self.known()
        assert people.csrf_holds(self.token, people.csrf(self.token))
        sent = Submission(lease.id, f"k-{lease.id}", value, seconds=2.0)
        kept = take(self.programme, who, sent, self.programme.now()).receipt.result()
        assert kept.annotation is not None


def main() -> None:
    items, times = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 1_000_000), (2, 200)))
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:  # on a disk, which /tmp may not be
        folder = Path(name)
        os.environ["BIMETAL_KEYS"] = str(folder / "keys")
        create(folder / "bench", Config(About("bench", "measure the queue"), Labels(("cat", "dog"))))
        with opened(folder / "bench") as programme:
            queued(programme, items)
            disk(folder)
            leases(programme)
            size = answers(programme)
            floor(folder, size)
            reading(programme)
    if times:
        kills(times)


def queued(programme: Programme, n: int) -> None:
    """Open a job of `n` items in three languages, with gold."""
    rng = np.random.default_rng(0)
    urgent, languages = rng.random(n), rng.choice(["", "th", "km"], n, p=[0.8, 0.15, 0.05])
    job = Job(JOB, raters=3, gold=0.05, salt="s")
    programme.state.write(lambda connection: queue.open_job(connection, job, programme.now()))

    def add(items: list[Item]) -> None:
        programme.state.write(lambda connection: queue.add_items(connection, JOB, items, programme.now()))

    cpu = time.process_time()
    for start in range(0, n, 100_000):
        each = range(start, min(start + 100_000, n))
        add([Item(f"i{at:07}", "margin", float(urgent[at]), 0.5, str(languages[at])) for at in each])
    add([Item(f"g{at:04}", "gold", gold=True) for at in range(500)])
    print(f"{n:,} items queued at {(time.process_time() - cpu) / n * 1e6:.0f} us CPU each.")


def joined(programme: Programme, name: str, *languages: str) -> Person:
    link = people.invite(programme, people.SERVER, "annotator", programme.now())
    words, visitor = Profile.read(name, name.capitalize()), Visitor("127.0.0.1")
    token = people.join(programme, link, words, secrets.token_urlsafe(16), visitor, programme.now())
    person = Person(programme, token, Rater(""))
    person.rater = Rater(person.known().id, languages=frozenset(languages))
    return person


class Took:
    """CPU time (of the whole process) and wall time of each of many calls, in ms."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []

    @contextmanager
    def once(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.cpu.append((time.process_time() - cpu) * 1e3)
        self.wall.append((time.perf_counter() - wall) * 1e3)

    def row(self, what: str) -> str:
        median, late = np.quantile(self.cpu, [0.5, 0.99])
        return f"| {what} | {np.mean(self.cpu):.2f} | {median:.2f} | {late:.2f} |"


def timed(n: int, work: Callable[[], object]) -> Took:
    took = Took()
    for _ in range(n):
        with took.once():
            work()
    return took


def disk(folder: Path) -> None:
    """Say how long this disk takes to be sure of a page."""
    took = Took()
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(500):
            file.write(os.urandom(4096))
            with took.once():
                os.fdatasync(file.fileno())
    median, late = np.quantile(took.wall, [0.5, 0.99])
    print(f"This disk syncs 4 KiB in {median:.2f} ms (median; {late:.2f} ms at p99), which an answer waits for.")
    print(f"Beside other work: a load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, this one's among it.\n")


def leases(programme: Programme) -> None:
    print("**Leases**, the commit included, CPU ms\n\n| | mean | median | p99 |\n|---|---:|---:|---:|")
    for n, what in ((1, "one item"), (10, "ten items")):
        persons, took = [joined(programme, f"l{n}-{at}", "th") for at in range(5)], Took()
        for _ in range(60):
            for person in persons:
                with took.once():
                    given = person.lease(n)
                assert len(given) == n
                person.give_back(given)
        print(took.row(what))
    alone, begun, late = joined(programme, "alone"), Took(), Took()
    for turn in range(150):  # one rater of three, far ahead of everybody
        with (begun if turn < 25 else late if turn >= 125 else Took()).once():
            given = alone.lease(20)
        for lease in given:
            alone.answer(lease)
    print(begun.row("twenty items, of one's first 500"))
    print(late.row("twenty items, after 2,500 of one's own"))


def answers(programme: Programme) -> int:
    """Time durable answers and return how many bytes one adds."""
    one, took = joined(programme, "one"), Took()
    for _ in range(8):
        for lease in one.lease(HELD):
            with took.once():
                one.answer(lease)
    print("\n**Durable answers**: session, CSRF, value, queue, log entry, commit with synchronous=FULL\n")
    print("| | CPU ms, mean | latency ms, median | p99 | answers/s |\n|---|---:|---:|---:|---:|")
    print(_answered("one writer", float(np.mean(took.cpu)), took.wall, 1e3 / float(np.mean(took.wall))))
    print(together([joined(programme, f"w{at}") for at in range(WRITERS)]))
    return _bytes_of_one(programme)


def _answered(who: str, cpu: float, wall: list[float], rate: float) -> str:
    median, late = np.quantile(wall, [0.5, 0.99])
    return f"| {who} | {cpu:.2f} | {median:.2f} | {late:.2f} | {rate:,.0f} |"


def together(persons: list[Person]) -> str:
    waited: list[float] = []
    cpu = wall = 0.0
    for _ in range(ROUNDS):
        given = [person.lease(HELD) for person in persons]
        threads = [
            threading.Thread(target=_answer_all, args=each)
            for each in zip(persons, given, repeat(waited), strict=False)
        ]
        began = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall, cpu = wall + time.perf_counter() - began[0], cpu + time.process_time() - began[1]
    assert len(waited) == WRITERS * HELD * ROUNDS
    return _answered(f"{WRITERS} writers", cpu / len(waited) * 1e3, waited, len(waited) / wall)


def _answer_all(person: Person, given: list[Lease], waited: list[float]) -> None:
    for lease in given:
        began = time.perf_counter()
        person.answer(lease)
        waited.append((time.perf_counter() - began) * 1e3)


def _bytes_of_one(programme: Programme) -> int:
    answer, entry = schema.annotations, schema.entries.c
    held = sum(sql.func.coalesce(sql.func.length(sql.cast(each, sql.Text)), 0) for each in answer.c)
    with programme.state.read() as connection:
        kept = connection.execute(sql.select(sql.func.avg(held))).scalar_one()
        logged = connection.execute(sql.select(sql.func.avg(sql.func.length(entry.leaf) + sql.func.length(entry.hash))))
        return int(kept) + int(logged.scalar_one())


def floor(folder: Path, size: int) -> None:
    """Time the least there is: Python's bare driver, one table, one row of as many bytes, one commit."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        bare.execute(f"PRAGMA {pragma}")
    bare.execute("CREATE TABLE kept (id TEXT PRIMARY KEY, bytes BLOB)")

    def keep() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO kept VALUES (?, ?)", (secrets.token_hex(16), os.urandom(size)))
        bare.execute("COMMIT")

    took = timed(1000, keep)
    bare.close()
    mean = float(np.mean(took.cpu))
    print(_answered(f"floor: one bare row of {size} bytes", mean, took.wall, 1e3 / float(np.mean(took.wall))))
    print(f"\nOver HTTP, Label Studio spends {LABEL_STUDIO:.0f} ms of CPU a write, Potato {POTATO:.0f} at the least;")
    print("what HTTP adds here stands in the table of bench/serving.py.\n")


def reading(programme: Programme) -> None:
    print("**Reading**, CPU ms\n\n| | mean | median | p99 |\n|---|---:|---:|---:|")
    person = joined(programme, "reader")
    for lease in person.lease(HELD):
        person.answer(lease)
    print(timed(500, person.known).row("whose a session is"))
    with programme.state.read() as connection:
        far = timed(100, lambda: queue.progress(connection, person.rater, JOB))
        lines = timed(50, lambda: queue.page(connection, person.rater, JOB, "submitted"))
    print(far.row("progress of rater, job and languages"))
    print(lines.row("a page of 50 answered items"))
    at, late = programme.now() + timedelta(hours=2), Rater("late")
    once = timed(1, lambda: programme.state.write(lambda connection: queue.lease(connection, late, JOB, 1, at)))
    print(f"\nA lease after every held item ran out: {once.cpu[0]:.1f} ms CPU.")


def kills(n: int) -> None:
    """Kill the labelling process of the tests `n` times, and count what each rater was told was kept."""
    code = (
        "import tempfile; from pathlib import Path; from tests.store.queue.killing import killed\n"
        "with tempfile.TemporaryDirectory(dir='.') as folder:\n"
        f"    told = killed(Path(folder).resolve(), {n}, {2000 * n}, {WRITERS})\n"
        "print(f'{told.acknowledged:,} acknowledged answers: {told.lost} lost, {told.doubled} doubled, '"
        "f'{told.over} items with too many raters, {told.miscounted} miscounted.')"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    print(f"\n**kill -9**, {n} times under the load of {WRITERS} raters\n\n{said}")


if __name__ == "__main__":
    main()
