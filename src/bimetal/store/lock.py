"""One job of a kind at a time in a folder: the second is refused and told who holds it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from bimetal.errors import StoreError
from bimetal.store import files


@contextlib.contextmanager
def only_one(folder: Path, job: str) -> Iterator[None]:
    """Hold the lock of `job` in `folder`; the kernel frees it when its process ends, however it ends.

    Raises StoreError naming the process that holds it.

    >>> import tempfile
    >>> with only_one(Path(tempfile.mkdtemp()), "cycle"):
    ...     "alone"
    'alone'
    """
    import filelock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f"{job}.lock", timeout=0)
        lock.acquire()
    except filelock.Timeout:
        holder = _holder(folder / f"{job}.pid")
        raise StoreError(
            f"{job} is already running here{holder}", "wait for it or stop it, then run the same command again"
        ) from None
    except OSError as fault:
        raise files.unwritable(folder, fault) from fault
    try:
        # Beside the lock and not in it: opening a lock empties it.
        (folder / f"{job}.pid").write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        lock.release()


def _holder(path: Path) -> str:
    try:
        return f" as process {int(path.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return ""
