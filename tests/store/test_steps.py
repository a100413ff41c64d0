import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sql

from bimetal.store import schema
from bimetal.store.snapshots import Snapshots
from bimetal.store.state import State
from bimetal.store.steps import Steps


@pytest.fixture
def steps(state, tmp_path, at):
    return Steps(state, Snapshots(tmp_path / "snapshots"), lambda: at)


class Counted:
    def __init__(self, result):
        self.result, self.calls = result, 0

    def __call__(self):
        self.calls += 1
        return self.result


def _table(n):
    return pa.table({"n": list(range(n))})


def test_a_step_runs_once_for_equal_specs(steps):
    work = Counted(_table(3))
    for spec in ({"rows": "ab", "seed": 1}, {"seed": 1, "rows": "ab"}, {"rows": "ab", "seed": 1.0}):
        assert steps.table("draw", spec, work).equals(_table(3))
    assert work.calls == 1
    steps.table("draw", {"rows": "ab", "seed": 2}, work)
    steps.table("train", {"rows": "ab", "seed": 1}, work)
    assert work.calls == 3


def test_a_value_comes_back_as_json_the_first_time_too(steps):
    work = Counted({"scores": (0.5, None)})
    assert steps.value("score", [1], work) == steps.value("score", [1], work) == {"scores": [0.5, None]}
    assert work.calls == 1
    nothing = Counted(None)
    assert steps.value("nothing", 0, nothing) is steps.value("nothing", 0, nothing) is None
    assert nothing.calls == 1


def test_a_step_that_fails_is_not_kept(steps):
    def fail():
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        steps.value("score", 1, fail)
    assert steps.value("score", 1, lambda: 2) == 2


def test_a_lost_snapshot_makes_the_step_run_again(steps, tmp_path):
    work = Counted(_table(3))
    steps.table("draw", 1, work)
    for path in (tmp_path / "snapshots").iterdir():
        path.unlink()
    assert steps.table("draw", 1, work).equals(_table(3))
    assert work.calls == 2


def test_a_step_is_kept_with_its_name_and_time(steps, state, at):
    steps.value("score", 1, lambda: 2)
    with state.read() as connection:
        row = connection.execute(sql.select(schema.steps)).one()
    assert (row.name, row.result, row.at) == ("score", '{"value":2}', at)


def test_a_mapper_is_map_that_remembers(steps):
    ran = []

    def work(n):
        ran.append(n)
        return _table(n)

    mapped = steps.mapper("draw", lambda n: {"n": n})
    assert [table.num_rows for table in mapped(work, [3, 1, 2, 3])] == [3, 1, 2, 3]
    assert ran == [3, 1, 2]
    assert [table.num_rows for table in mapped(work, iter([2, 5, 3]))] == [2, 5, 3]
    assert ran == [3, 1, 2, 5]
    assert list(mapped(work, [])) == []


def test_a_mapper_keeps_results_in_order_when_its_run_does_not(steps):
    mapped = steps.mapper("draw", lambda n: n, run=lambda work, items: (work(item) for item in reversed(list(items))))
    assert [table.num_rows for table in mapped(_table, [3, 1, 2])] == [3, 1, 2]


def test_a_mapper_is_lazy_and_keeps_what_was_done_before_it_was_dropped(steps):
    ran = []

    def work(n):
        ran.append(n)
        return _table(n)

    mapped = steps.mapper("draw", lambda n: n)
    first = mapped(work, [1, 2, 3])
    assert (next(first).num_rows, ran) == (1, [1])
    first.close()
    assert [table.num_rows for table in mapped(work, [1, 2, 3])] == [1, 2, 3]
    assert ran == [1, 2, 3]


_JOB = """
import functools, sys, time
from datetime import UTC, datetime
from pathlib import Path
import pyarrow as pa
from bimetal.compute import run_local
from bimetal.store.snapshots import Snapshots
from bimetal.store.state import State
from bimetal.store.steps import Steps

def main(url, folder, workers, pause):
    def work(n):
        with (folder / "ran").open("a") as ran:
            ran.write(f"{n}\\n")
        if n == 0:
            time.sleep(pause)  # the first is slow: those after it finish before it
        time.sleep(pause / 30)
        return pa.table({"n": [n]})

    with State.open(url) as state:
        steps = Steps(state, Snapshots(folder / "snapshots"), lambda: datetime(2026, 3, 1, tzinfo=UTC))
        run = functools.partial(run_local, workers=workers, ordered=False) if workers > 1 else map
        mapped = steps.mapper("draw", lambda n: n, run=run)
        print(*(table["n"][0].as_py() for table in mapped(work, range(20))))

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_after_kill_9_only_the_unfinished_run_again(url, tmp_path, workers):
    (tmp_path / "job.py").write_text(_JOB)
    command = [sys.executable, tmp_path / "job.py", url, tmp_path, str(workers)]
    State.open(url).close()
    killed = subprocess.Popen([*command, "1.5"], start_new_session=True)
    kept = _wait_until_kept(url, 4)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    _wait_until_still(tmp_path / "ran")
    before = _kept(url)
    assert len(kept) <= len(before) < 20
    (tmp_path / "ran").unlink()
    done = subprocess.run([*command, "0"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [str(n) for n in range(20)]
    ran = (tmp_path / "ran").read_text().split()
    assert len(ran) == 20 - len(before)
    assert len(set(ran)) == len(ran)


def _kept(url):
    with State.open(url) as state, state.read() as connection:
        return connection.execute(sql.select(schema.steps.c.key)).scalars().all()


def _wait_until_kept(url, n):
    for _ in range(600):
        if len(kept := _kept(url)) >= n:
            return kept
        time.sleep(0.05)
    raise AssertionError("no step was kept in 30 s")


def _wait_until_still(path: Path):
    """Wait for workers that outlive their parent for a moment."""
    size = -1
    while size != (size := path.stat().st_size):
        time.sleep(0.5)
