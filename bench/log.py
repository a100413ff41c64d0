"""What the log costs: append against the SHA-256 floor, durable appends a second, proofs and verification.

Run: python bench/log.py [entries]
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from bimetal.canonical import Json, canonical_json
from bimetal.store import merkle
from bimetal.store.keys import signing_key
from bimetal.store.log import Log
from bimetal.store.state import State
from bimetal.store.tiles import Edge

SPELLED: dict[str, Json] = {
    "seq": 123_456,
    "at": "2026-03-01T00:00:00.000000Z",
    "actor": "ana",
    "action": "annotation.submitted",
    "subject": "digits/17",
    "body": {"value": "3"},
}
LEAF = canonical_json(SPELLED)


def timed(name: str, units: int, work: Callable[[], object]) -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:50} {cpu / units * 1e6:10.2f} us CPU {units / wall:12,.0f} /s")
    return cpu / units


def pure(n: int) -> None:
    def floor() -> None:
        for _ in range(n):
            hashlib.sha256(LEAF).digest()  # a leaf
            hashlib.sha256(LEAF[:65]).digest()  # and, on average, one inner node

    def spell() -> None:
        for _ in range(n // 10):
            canonical_json(SPELLED)

    least = timed("SHA-256 alone: one leaf, one node", n, floor)
    ours = timed("Merkle tree", n, lambda: Edge().push(merkle.leaf_hash(LEAF) for _ in range(n)))
    print(f"{'':50} {least / ours:10.0%} of SHA-256 alone")
    timed("canonical JSON", n // 10, spell)


def appends(log: Log, count: int) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        for _ in range(count):
            log.append(
                connection,
                at=datetime(2026, 3, 1, tzinfo=UTC),
                actor="ana",
                action="annotation.submitted",
                subject="digits/17",
                body={"value": "3"},
            )

    return act


def durable(state: State, log: Log, n: int) -> None:
    def spread(threads: int, acts: int, entries: int) -> None:
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(state.write, appends(log, entries)) for _ in range(acts)]:
                done.result()

    for threads in (1, 8, 64):
        acts = 25 * threads + 100
        timed(f"durable append, 1 an act, {threads} threads", acts, lambda: spread(threads, acts, 1))  # noqa: B023 runs now
    timed("durable append, 1,000 an act, 1 thread", n, lambda: spread(1, n // 1000, 1000))


def derived(state: State, log: Log) -> None:
    size = log.size
    timed("publish", size, log.publish)
    state.write(appends(log, 1))
    timed("publish one entry more", 1, log.publish)
    timed("root, from nothing", size, log.root)
    timed("prove an entry", 100, lambda: [log.prove(seq) for seq in range(100)])
    timed("verify database, bundles, tiles, checkpoints", size, log.verify)


def main() -> None:
    pure(200_000)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:  # on a disk, which /tmp may not be
        folder = Path(name)
        with State.open(f"sqlite:///{folder}/state.db") as state:
            log = Log(state, folder / "log", signing_key("bench", folder / "keys"), "bench")
            durable(state, log, int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
            derived(state, log)


if __name__ == "__main__":
    main()
