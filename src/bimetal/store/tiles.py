"""A log as static files: hash tiles, entry bundles and checkpoint in the C2SP tlog-tiles layout."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from bimetal.errors import InputError, LogError
from bimetal.store import files, merkle

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

LONGEST = 65_535
"""Bytes of the longest entry a bundle can hold."""


class Edge:
    """The right edge of a growing tree: per level the hashes of its last, unfinished tile.

    >>> edge = Edge()
    >>> filled = edge.push([merkle.leaf_hash(bytes([each])) for each in range(200)])
    >>> edge.size, edge.widths(), len(edge.root())
    (200, (200,), 32)
    """

    def __init__(self) -> None:
        self.levels: list[list[bytes]] = [[]]
        self.size = 0

    def push(self, hashes: Iterable[bytes]) -> list[tuple[int, int, list[bytes]]]:
        """Append leaf hashes and return each tile this filled: level, index, its 256 hashes."""
        filled: list[tuple[int, int, list[bytes]]] = []
        coming = iter(hashes)
        while some := list(islice(coming, WIDTH - len(self.levels[0]))):
            self.levels[0] += some
            self.size += len(some)
            filled += self._carry()
        return filled

    def root(self) -> bytes:
        """Hash the whole tree's head, 32 bytes."""
        rest: list[bytes] = []
        for hashes in self.levels:
            row = hashes + rest
            rest = [merkle.root(row)] if row else []
        return rest[0] if rest else merkle.EMPTY_ROOT

    def widths(self) -> tuple[int, ...]:
        """Say how many hashes the unfinished tile of each level holds."""
        return tuple(map(len, self.levels))

    def _carry(self) -> Iterator[tuple[int, int, list[bytes]]]:
        level = 0
        while len(self.levels[level]) == WIDTH:
            full, self.levels[level] = self.levels[level], []
            yield level, (self.size >> 8 * (level + 1)) - 1, full
            level += 1
            if level == len(self.levels):
                self.levels.append([])
            self.levels[level].append(merkle.root(full))


class Tiles:
    """A folder of tiles; reading raises LogError that names the tile which is missing or cut."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._outgrown: list[Path] = []

    def hashes(self, level: int, index: int, width: int = WIDTH) -> list[bytes]:
        """Read the first `width` hashes of a tile."""
        content = self._read(str(level), index, width)
        if len(content) % 32 or len(content) < 32 * width:
            raise _damaged(name(level, index, width), index * WIDTH << 8 * level, "is cut short")
        return [content[start : start + 32] for start in range(0, 32 * width, 32)]

    def entries(self, index: int, width: int = WIDTH) -> list[bytes]:
        """Read the first `width` entries of a bundle; what follows a damaged length reads as other entries."""
        content = self._read("entries", index, width)
        found: list[bytes] = []
        start = 0
        while len(found) < width:
            stop = start + 2 + int.from_bytes(content[start : start + 2])
            if start + 2 > len(content) or stop > len(content):
                break
            found.append(content[start + 2 : stop])
            start = stop
        return found

    def edge(self, size: int) -> Edge:
        """Read the unfinished tiles of a tree of `size` entries."""
        edge = Edge()
        edge.size, edge.levels = size, []
        for level, index, width in _unfinished(size):
            edge.levels.append(self.hashes(level, index, width) if width else [])
        return edge

    def node(self, size: int) -> merkle.Node:
        """Answer for any full subtree of a tree of `size` entries, reading each tile once."""
        read = functools.lru_cache(maxsize=64)(self.hashes)

        def answer(level: int, index: int) -> bytes:
            tall, low = divmod(level, 8)
            first = index << low
            tile, offset = divmod(first, WIDTH)
            width = min(WIDTH, (size >> 8 * tall) - tile * WIDTH)
            return merkle.root(read(tall, tile, width)[offset : offset + (1 << low)])

        return answer

    def checkpoint(self) -> str:
        """Read the signed note."""
        try:
            return (self.folder / "checkpoint").read_text(encoding="utf-8")
        except (OSError, ValueError) as fault:
            raise LogError(f"there is no readable checkpoint in {self.folder}", _REBUILD) from fault

    def extend(self, edge: Edge, leaves: Iterable[bytes]) -> None:
        """Append entries to the tiles that end in `edge`, durably.

        Files appear whole and under new names only, so the tiles of a smaller size stay readable throughout.
        """
        start = edge.size - edge.size % WIDTH
        bundle = self.entries(start // WIDTH, edge.size - start) if edge.size > start else []
        for leaf in leaves:
            bundle.append(leaf)
            for level, index, hashes in edge.push([merkle.leaf_hash(leaf)]):
                self._write(str(level), index, b"".join(hashes), WIDTH)
                if level == 0:
                    self._write("entries", index, _bundled(bundle), WIDTH)
                    bundle = []
        for level, index, width in _unfinished(edge.size):
            if width:
                self._write(str(level), index, b"".join(edge.levels[level]), width)
        if bundle:
            self._write("entries", edge.size // WIDTH, _bundled(bundle), len(bundle))

    def publish(self, note: str) -> None:
        """Put a signed note in place, after the tiles it speaks of, and drop partial tiles that have since filled."""
        files.write(self.folder / "checkpoint", note.encode())
        for partial in self._outgrown:
            shutil.rmtree(partial, ignore_errors=True)
        self._outgrown.clear()

    def _write(self, kind: str, index: int, content: bytes, width: int) -> None:
        if width == WIDTH:
            self._outgrown.append(self.folder / f"{name(kind, index)}.p")
        files.write(self.folder / name(kind, index, width), content)

    def _read(self, kind: str, index: int, width: int) -> bytes:
        for path in (name(kind, index, width), name(kind, index, WIDTH)):
            try:
                return (self.folder / path).read_bytes()
            except OSError:
                continue
        first = index * WIDTH << (0 if kind == "entries" else 8 * int(kind))
        raise _damaged(name(kind, index, width), first, "is missing")


def name(kind: str | int, index: int, width: int = WIDTH) -> str:
    """Name a tile's file: level or 'entries', index in groups of three digits, width where it is not full.

    >>> name(0, 1234067), name("entries", 0, 17)
    ('tile/0/x001/x234/067', 'tile/entries/000.p/17')
    """
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{kind}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def check_length(leaf: bytes) -> None:
    """Raise InputError for an entry that no bundle can hold."""
    if len(leaf) > LONGEST:
        raise InputError(
            f"a log entry of {len(leaf)} bytes is too long, at most {LONGEST} fit",
            "keep the large part in a snapshot and log its digest",
        )


def _bundled(leaves: list[bytes]) -> bytes:
    for leaf in leaves:
        check_length(leaf)
    return b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves)


def _unfinished(size: int) -> Iterator[tuple[int, int, int]]:
    level = 0
    while level == 0 or size >> 8 * level:
        index, width = divmod(size >> 8 * level, WIDTH)
        yield level, index, width
        level += 1


def _damaged(tile: str, first: int, what: str) -> LogError:
    return LogError(f"{tile} {what}, so entry {first} and those after it cannot be proven", _REBUILD)


_REBUILD = "restore the folder from a backup, or remove it and publish again to rebuild it from the database"
