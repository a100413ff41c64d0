"""The ledger of what was asked and answered: append-only lines on disk, so that nothing recorded is bought twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bimetal.canonical import digest
from bimetal.errors import EndpointError, InputError, StoreError
from bimetal.types import Reply, Request

if TYPE_CHECKING:
    from bimetal.plugins import Answer

_HEAD = 10 + 64 + 8 + 16  # {"asked":"<64 hex>","of":"<16 hex>"
_REWRITTEN = "restore it from a backup, or move it away and buy its replies again"


@dataclass(frozen=True)
class Totals:
    """What a ledger comes to: replies, those refused, tokens in and out, and money where prices were known."""

    replies: int = 0
    refused: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Record:
    """One line: what was asked, whom (address and model), and what came back."""

    request: Request
    url: str
    model: str
    reply: Reply
    at: str = ""

    @property
    def totals(self) -> Totals:
        """What this reply cost; `tokens` and `money` in its facts, retries included."""
        said: Any = self.reply.facts
        tokens = said.get("tokens_in", 0), said.get("tokens_out", 0)
        return Totals(1, int(bool(self.reply.refused)), *tokens, said.get("money", 0.0))

    def line(self) -> bytes:
        said = {
            "asked": self.request.digest,
            "of": identity(self.url, self.model),
            "url": self.url,
            "model": self.model,
            "at": self.at,
            "to": self.request.to,
            "body": self.request.body,
            "sample": self.request.sample,
            "text": self.reply.data.decode(),
            "refused": self.reply.refused,
            "facts": self.reply.facts,
        }
        return json.dumps(said, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Record:
        """Read back what a line says."""
        reply = Reply(said["text"].encode(), said["facts"], said["refused"])
        return cls(Request(said["to"], said["body"], said["sample"]), said["url"], said["model"], reply, said["at"])


@cache
def identity(url: str, model: str) -> str:
    """Name a model at an address, 16 hex digits: what it said is nobody else's word."""
    return digest({"url": url, "model": model})[:16]


@dataclass
class _Index:
    """Where each reply stands: (request, whom) to the place of its line; what comes behind `end` was never finished."""

    places: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    totals: Totals = Totals()
    end: int = 0


class Ledger:
    """Replies by request and endpoint, in a file that only grows; a line that was cut off is as if never written.

    Open it with `with`: of two processes the second is refused. Raises StoreError where the file cannot be used.

    >>> import tempfile
    >>> asked, said = Request("chat", {"messages": [{"role": "user", "content": "ping"}]}), Reply(b"pong")
    >>> with Ledger(Path(tempfile.mkdtemp()) / "x.ledger") as ledger:
    ...     ledger.append([Record(asked, "http://localhost/v1", "m", said)])
    ...     ledger.find(asked.digest, "http://localhost/v1", "m").data
    b'pong'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._index = _Index()
        self._file: int | None = None
        self._lock: Any = None

    @property
    def totals(self) -> Totals:
        return self._index.totals

    def __len__(self) -> int:
        return len(self._index.places)

    def __enter__(self) -> Ledger:
        try:
            self._open()
        except OSError as fault:
            self.close()
            _unusable(self.path, fault)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and its lock; again does nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def find(self, asked: str, url: str, model: str) -> Reply | None:
        """Return what was recorded for a request's digest, or None."""
        place = self._index.places.get((asked, identity(url, model)))
        if place is None or self._file is None:
            return None
        return Record.of(json.loads(os.pread(self._file, place[1], place[0]))).reply

    def append(self, records: Sequence[Record]) -> None:
        """Write records behind the others; they are on disk when this returns. Raises StoreError, keeping none."""
        if self._file is None:
            raise StoreError(f"the ledger {self.path} is not open", "open it with: with Ledger(path) as ledger")
        lines = [each.line() for each in records]
        try:
            _write_all(self._file, b"".join(lines), self._index.end)
            os.fsync(self._file)
        except OSError as fault:
            _unusable(self.path, fault)
        for record, line in zip(records, lines, strict=True):
            _enter(self._index, line, record.totals)

    def _open(self) -> None:
        import filelock

        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(f"{self.path}.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise StoreError(
                f"the ledger {self.path} is in use by another process", "wait for it, or name another file"
            ) from None
        self._lock = lock
        fresh = not self.path.exists()
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if fresh:
            _sync_folder(self.path.parent)
        self._index = _indexed(self.path)
        os.ftruncate(self._file, self._index.end)


def records(path: Path) -> Iterator[Record]:
    """Read every finished line, oldest first; raises StoreError where a line in the middle is damaged."""
    with path.open("rb") as stream:
        for _, said in _finished(stream, path):
            yield Record.of(said)


def totals(path: Path) -> Totals:
    """Add up a ledger's tokens and money; nothing where there is none yet."""
    return _indexed(path).totals if path.exists() else Totals()


def recorded(path: Path, url: str = "", model: str = "") -> Answer:
    """Answer from a ledger alone, buying nothing; `url` and `model` choose where several endpoints replied.

    Raises InputError where the file is missing; asked for what it does not hold, EndpointError.
    """
    if not path.exists():
        raise InputError(f"there is no ledger {path}", "name the ledger the rows were drawn with, or draw them anew")
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for (asked, whom), place in _indexed(path).places.items():
        found.setdefault(asked, {})[whom] = place

    def answer(requests: tuple[Request, ...]) -> tuple[Reply, ...]:
        with path.open("rb") as stream:
            lines = [_only(found.get(each.digest, {}), identity(url, model) if url else "", path) for each in requests]
            return tuple(Record.of(json.loads(os.pread(stream.fileno(), size, start))).reply for start, size in lines)

    return answer


def _only(places: Mapping[str, tuple[int, int]], whom: str, path: Path) -> tuple[int, int]:
    wanted = {each: place for each, place in places.items() if not whom or each == whom}
    if not wanted:
        raise EndpointError(
            f"the ledger {path} holds no reply to a request of this recipe",
            "replay with the ledger, model and arguments it was drawn with, or draw it anew from an endpoint",
        )
    if len(wanted) > 1:
        raise EndpointError(
            f"the ledger {path} holds replies of {len(wanted)} endpoints to the same request",
            "say whose to use: --endpoint URL --model NAME",
        )
    return next(iter(wanted.values()))


def _indexed(path: Path) -> _Index:
    index = _Index()
    with path.open("rb") as stream:
        for line, said in _finished(stream, path):
            _enter(index, line, Record.of(said).totals)
    return index


def _enter(index: _Index, line: bytes, cost: Totals) -> None:
    asked, whom = line[10:74].decode(), line[82:_HEAD].decode()
    index.places.setdefault((asked, whom), (index.end, len(line)))
    index.totals += cost
    index.end += len(line)


def _finished(stream: Any, path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield whole lines and what they say; broken at the very end they were cut off, before it they are damaged."""
    broken = 0
    for number, line in enumerate(stream, 1):
        said = _said(line)
        if said is not None and not broken:
            yield line, said
        elif said is not None or (number == 1 and not _was_begun(line)):
            where = f"line {broken} of the ledger {path} is damaged" if broken else f"{path} is not a ledger"
            raise StoreError(where, _REWRITTEN if broken else "name another file")
        else:
            broken = broken or number


def _was_begun(line: bytes) -> bool:
    begin = b'{"asked":"'
    return not line.endswith(b"\n") and line[: len(begin)] == begin[: len(line)]


def _said(line: bytes) -> dict[str, Any] | None:
    if not line.startswith(b'{"asked":"') or not line.endswith(b"}\n"):
        return None
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return said


def _write_all(file: int, content: bytes, start: int) -> None:
    done = 0
    while done < len(content):
        done += os.pwrite(file, content[done:], start + done)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unusable(path: Path, fault: OSError) -> NoReturn:
    raise StoreError(
        f"the ledger {path} cannot be used: {fault.strerror or fault}",
        "check the disk and the path, then run the same command again",
    ) from fault
