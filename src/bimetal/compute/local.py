"""Map over this machine's cores: separate processes, one linear-algebra thread each."""

from __future__ import annotations

import atexit
import hashlib
import os
import pickle
import shutil
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from bimetal.errors import EndpointError

A = TypeVar("A")
B = TypeVar("B")

_LIBRARIES = ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "BLIS_NUM", "VECLIB_MAXIMUM", "NUMBA_NUM", "NUMEXPR_NUM")
_ONE_THREAD = {f"{library}_THREADS": "1" for library in _LIBRARIES}
_IDLE = 60  # seconds an idle worker waits for the next map before it ends


def run_local(
    work: Callable[[A], B], items: Iterable[A], workers: int | None = None, *, ordered: bool = True
) -> Iterator[B]:
    """Yield `work(item)` for each item, lazily and in order; unordered it yields each as it finishes.

    `workers` is the number of processes (all cores if None); with 1 nothing leaves this process. Results do not
    depend on it. Raises what `work` raises, and EndpointError where a worker is killed.

    >>> list(run_local(abs, [-1, 2, -3], workers=1))
    [1, 2, 3]
    """
    import joblib

    count = joblib.cpu_count() if workers is None else workers
    return _alone(work, items) if count <= 1 else _spread(work, items, count, ordered)


def _alone(work: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
    import sklearn  # noqa: F401 it loads NumPy's and SciPy's OpenBLAS, and OpenMP; a limit reaches only what is loaded
    from threadpoolctl import threadpool_limits

    for item in items:
        with threadpool_limits(1):
            result = work(item)
        yield result


def _spread(work: Callable[[A], B], items: Iterable[A], count: int, ordered: bool) -> Iterator[B]:
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    executor = get_reusable_executor(count, timeout=_IDLE, initializer=_follow_parent, env=_ONE_THREAD)
    shipped = _Shipped.of(work)
    flight = _Flight(lambda item: executor.submit(shipped, item), ordered)
    try:
        yield from flight.results(items, 2 * count)
    except TerminatedWorkerError as fault:
        raise EndpointError(
            "a worker process was killed, perhaps for want of memory", "run the same command again", retryable=True
        ) from fault
    finally:
        if flight.taken_up():  # the caller left early: what still runs is not wanted
            executor.shutdown(wait=True, kill_workers=True)
        shipped.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Shipped:
    """Work written down once and read once in each worker, however many items it is called with.

    Its file is named by its content: the same work in the next map is still at hand, with what it remembers.
    """

    path: Path

    @classmethod
    def of(cls, work: Callable[[Any], Any]) -> _Shipped:
        from joblib.externals.loky.backend.reduction import dumps

        written = dumps(work)
        path = _private() / hashlib.sha256(written).hexdigest()
        path.write_bytes(written)
        return cls(path)

    def __call__(self, item: Any) -> Any:
        return _read(self.path)(item)


@lru_cache(maxsize=1)
def _read(path: Path) -> Callable[[Any], Any]:
    work: Callable[[Any], Any] = pickle.loads(path.read_bytes())  # noqa: S301 - our own, in a folder of mode 0700
    return work


@lru_cache(maxsize=1)
def _private() -> Path:
    folder = tempfile.mkdtemp(prefix="bimetal-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


class _Flight:
    """Futures under way: at most a window of them, landing in order or as they finish."""

    def __init__(self, submit: Callable[[Any], Future[Any]], ordered: bool) -> None:
        self._submit, self._ordered = submit, ordered
        self._flying: set[Future[Any]] = set()
        self._queue: deque[Future[Any]] = deque()

    def results(self, items: Iterable[Any], window: int) -> Iterator[Any]:
        for item in items:
            future = self._submit(item)
            self._flying.add(future)
            if self._ordered:
                self._queue.append(future)
            if len(self._flying) >= window:
                yield from self._landed()
        while self._flying:
            yield from self._landed()

    def taken_up(self) -> bool:
        """Say whether any still run, once the executor has taken up all: killed sooner, it trips over the rest."""
        while not all(future.running() or future.done() for future in self._flying):
            time.sleep(0.01)
        return any(future.running() for future in self._flying)

    def _landed(self) -> Iterator[Any]:
        done, self._flying = wait(self._flying, return_when=FIRST_COMPLETED)
        if not self._ordered:  # what finished beside a failure is not lost to it
            yield from (future.result() for future in sorted(done, key=lambda each: each.exception() is not None))
        while self._queue and self._queue[0].done():
            yield self._queue.popleft().result()


def _follow_parent() -> None:
    """Leave Ctrl-C to the process that was asked to stop, and end when it is gone, even if it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
