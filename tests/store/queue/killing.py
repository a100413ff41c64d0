"""Kill a labelling process again and again, then count what was lost and what was doubled."""

import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sql

from bimetal.store import schema
from tests.store.queue.labelling import lines, opened, prepare

MOST = 3  # raters an item has at last, where two differ
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Loss:
    """What a run of kills came to; all but `acknowledged` and `entries` shall be none."""

    kills: int
    acknowledged: int
    entries: int
    lost: int
    doubled: int
    over: int
    miscounted: int


def killed(folder: Path, kills: int, items: int, raters: int, seed: int = 0) -> Loss:
    """Let raters label, kill -9 at random moments under load, and count."""
    rng = np.random.default_rng(seed)
    prepare(folder, items)
    for _ in range(kills):
        code = [sys.executable, "-m", "tests.store.queue.labelling", str(folder), str(raters)]
        process = subprocess.Popen(code, stdout=subprocess.PIPE, cwd=ROOT)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.02, 0.5))
        assert process.poll() is None, "it ended by itself"
        process.kill()
        process.wait()
        process.stdout.close()
    return counted(folder, kills, raters)


def counted(folder: Path, kills: int, raters: int) -> Loss:
    state, log = opened(folder)
    answers, items = schema.annotations.c, schema.items.c
    with state, state.read() as connection:
        held = connection.execute(sql.select(answers.annotator, answers.key, answers.item, answers.id)).all()
        asked = connection.execute(sql.select(items.item, items.given, items.held).where(items.job == "march")).all()
        log.publish()
        log.verify()
        entries = [entry.body["id"] for entry in log.entries(action="answered")]
    known = {(f"r{each}", line["key"]) for each in range(raters) for line in lines(folder / f"r{each}.known")}
    kept = {(row.annotator, row.key) for row in held}
    per_item = Counter(row.item for row in held)
    doubled = len(held) - len({(row.annotator, row.item) for row in held}) + len(entries) - len(set(entries))
    unlogged = len({row.id for row in held} ^ set(entries))
    miscounted = sum(per_item[row.item] != row.given for row in asked) + unlogged
    over = sum(row.given + row.held > MOST for row in asked)
    return Loss(kills, len(known), len(entries), len(known - kept), doubled, over, miscounted)
