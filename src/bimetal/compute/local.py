"""Map over this machine's cores: separate processes, one linear-algebra thread each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from bimetal.errors import EndpointError

A = TypeVar("A")
B = TypeVar("B")


def run_local(
    work: Callable[[A], B], items: Iterable[A], workers: int | None = None, *, ordered: bool = True
) -> Iterator[B]:
    """Yield `work(item)` for each item, in order, lazily; unordered it yields each as it finishes.

    `workers` is the number of processes (all cores if None); with 1 nothing leaves this process. Results do not
    depend on it. Raises what `work` raises, and EndpointError where a worker is killed.

    >>> list(run_local(abs, [-1, 2, -3], workers=1))
    [1, 2, 3]
    """
    import joblib

    count = joblib.cpu_count() if workers is None else workers
    if count <= 1:
        return _alone(work, items)
    return _spread(work, items, count, "generator" if ordered else "generator_unordered")


def _alone(work: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

    _load_thread_pools()
    for item in items:
        with threadpool_limits(1):
            result = work(item)
        yield result


def _spread(work: Callable[[A], B], items: Iterable[A], count: int, order: str) -> Iterator[B]:
    import joblib
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    finished = False
    try:
        with joblib.parallel_config("loky", n_jobs=count, inner_max_num_threads=1):
            parallel = joblib.Parallel(return_as=order, batch_size=1)
        yield from parallel(joblib.delayed(work)(item) for item in items)
        finished = True
    except BrokenProcessPool as fault:
        raise EndpointError(
            "a worker process was killed, perhaps for want of memory", "run the same command again", retryable=True
        ) from fault
    finally:
        if not finished:
            get_reusable_executor().shutdown(wait=True, kill_workers=True)


def _load_thread_pools() -> None:
    """Load the libraries that bring thread pools, because a limit reaches only those already loaded."""
    import sklearn  # noqa: F401 it loads NumPy's and SciPy's OpenBLAS, and OpenMP
