"""Crash-safe files: written aside, flushed to disk, then renamed, so a reader sees all of it or nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bimetal.errors import StoreError


def write(path: Path, content: bytes, *, mode: int = 0o644, replace: bool = True) -> None:
    """Write a whole file durably; raises StoreError, leaving no partial file.

    Without `replace`, a file that is there stays: of two processes the first wins.
    """
    with aside(path.parent) as temporary:
        temporary.write_bytes(content)
        settle(temporary, path, mode=mode, replace=replace)


@contextlib.contextmanager
def aside(folder: Path) -> Iterator[Path]:
    """Lend the name of an empty file in `folder`, gone afterwards unless settled; raises StoreError for OSError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
        os.close(handle)
    except OSError as fault:
        raise unwritable(folder, fault) from fault
    temporary = Path(name)
    try:
        yield temporary
    except OSError as fault:
        raise unwritable(folder, fault) from fault
    finally:
        temporary.unlink(missing_ok=True)


def settle(temporary: Path, path: Path, *, mode: int = 0o644, replace: bool = True) -> None:
    """Flush a finished file to disk and give it its name."""
    temporary.chmod(mode)
    sync(temporary)
    if replace:
        temporary.replace(path)
    else:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(temporary)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file's content, or a folder's list of names, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(folder: Path, fault: OSError) -> StoreError:
    """Say why a folder could not be written, and what to do about it."""
    if fault.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StoreError(f"the disk that holds {folder} is full", "free some space, then run the same command again")
    if fault.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StoreError(f"{folder} cannot be written: {fault.strerror}", "give yourself write access to it")
    return StoreError(f"{folder} cannot be written: {fault}", "check the disk, then run the same command again")
