import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from bimetal.compute import run_local
from bimetal.errors import EndpointError, InputError


def _square(n):
    return n * n


def _pid(_):
    return os.getpid()


def _fail(n):
    if n == 3:
        raise InputError(f"{n} is odd", "pass another")
    return n


def _killed(n):
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def _slow_first(n):
    time.sleep(1.5 if n == 0 else 0)
    return n


def _long_but_first(n):
    time.sleep(60 if n else 0)
    return n


def _threads(_):
    np.linalg.qr(np.ones((4, 4)))
    return max(pool["num_threads"] for pool in threadpool_info())


def _product(seed):
    a = np.random.default_rng(seed).random((300, 300))
    return (a @ a).tobytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers):
    assert list(run_local(_square, range(30), workers)) == [n * n for n in range(30)]
    assert list(run_local(_square, [], workers)) == []


def test_unordered_gives_each_as_it_finishes():
    got = list(run_local(_slow_first, range(6), 2, ordered=False))
    assert sorted(got) == list(range(6))
    assert got[0] != 0


def test_one_worker_stays_in_this_process_and_two_do_not():
    assert set(run_local(_pid, range(4), 1)) == {os.getpid()}
    assert os.getpid() not in set(run_local(_pid, range(4), 2))


@pytest.mark.parametrize("workers", [1, 2])
def test_items_are_taken_lazily(workers):
    taken = []

    def items():
        for n in range(1000):
            taken.append(n)
            yield n

    results = run_local(_square, items(), workers)
    assert taken == []
    assert next(results) == 0
    assert len(taken) < 100
    results.close()


def test_leaving_early_kills_what_still_runs_and_the_next_run_works():
    results = run_local(_long_but_first, range(10), 2)
    assert next(results) == 0
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 20
    assert list(run_local(_square, range(3), 2)) == [0, 1, 4]


@pytest.mark.parametrize("workers", [1, 2])
def test_linear_algebra_has_one_thread_and_so_one_result(workers):
    assert set(run_local(_threads, range(3), workers)) == {1}
    assert list(run_local(_product, range(2), workers)) == list(run_local(_product, range(2), 1))


@pytest.mark.parametrize("workers", [1, 2])
def test_what_work_raises_is_raised_here(workers):
    with pytest.raises(InputError, match="3 is odd; pass another"):
        list(run_local(_fail, range(8), workers))
    assert list(run_local(_square, range(3), workers)) == [0, 1, 4]


def test_a_killed_worker_is_one_sentence_and_the_next_run_works():
    with pytest.raises(EndpointError, match=r"a worker process was killed.*run the same command again") as caught:
        list(run_local(_killed, range(8), 2))
    assert (caught.value.exit_code, caught.value.retryable) == (3, True)
    assert list(run_local(_square, range(3), 2)) == [0, 1, 4]


_LONG = """
import sys, time
from bimetal.compute import run_local

def work(n):
    sys.stdout.write("started\\n")
    sys.stdout.flush()
    time.sleep(60)

if __name__ == "__main__":
    try:
        list(run_local(work, range(4), int(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.fixture(params=[1, 2])
def running(request, tmp_path):
    """Start a map whose every item takes a minute, in a process group of its own."""
    (tmp_path / "long.py").write_text(_LONG)
    command = [sys.executable, tmp_path / "long.py", str(request.param)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, start_new_session=True) as process:
        for _ in range(request.param):
            assert process.stdout.readline() == "started\n"
        yield process


def test_ctrl_c_stops_at_once_and_leaves_no_process(running):
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does, to the whole group
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    _assert_gone(running.pid)


def test_workers_end_when_their_parent_is_killed(running):
    running.kill()
    running.wait()
    _assert_gone(running.pid)


def _assert_gone(group):
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError(f"processes of group {group} are still there after 10 s")
