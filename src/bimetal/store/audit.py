"""Audit of the log: recompute every hash and name the first entry that was changed, cut off or rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

import sqlalchemy as sql

from bimetal.errors import LogError
from bimetal.store import checkpoint, merkle, schema
from bimetal.store.checkpoint import Checkpoint
from bimetal.store.rows import Row, described, stored, stored_size
from bimetal.store.state import State
from bimetal.store.tiles import WIDTH, Edge, Tiles, name

_CHANGED = "the log was changed after it was signed"
_HINT = "restore the log from a backup and ask who had access; what follows this entry cannot be trusted"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a sound log holds: entries, the root over them (32 bytes), entries under the last signed checkpoint."""

    size: int
    root: bytes
    checkpoint_size: int


def verify_folder(folder: Path, verifier: str) -> Verified:
    """Verify an exported copy (tiles, entry bundles, checkpoint) without the database.

    Raises LogError naming the first entry that does not fit.
    """
    tiles = Tiles(folder)
    signed = checkpoint.verify(tiles.checkpoint(), verifier)
    return _Audit(tiles, signed.size, [signed]).run(signed.size, None)


def verify_log(state: State, folder: Path, verifier: str) -> Verified:
    """Verify database, tiles, entry bundles and every checkpoint ever signed against each other.

    Raises LogError naming the first entry that does not fit.
    """
    ascending = sql.select(schema.checkpoints.c.note).order_by(schema.checkpoints.c.size)
    with state.read() as connection:
        signed = [checkpoint.verify(note, verifier) for note in connection.execute(ascending).scalars()]
        size = stored_size(connection)
    tiles, covered = Tiles(folder), 0
    if signed or (folder / "checkpoint").exists():
        published = checkpoint.verify(tiles.checkpoint(), verifier)
        covered = published.size
        signed = sorted({*signed, published}, key=lambda each: each.size)
    return _Audit(tiles, covered, signed).run(size, stored(state, 0, size))


@dataclass
class _Audit:
    """One walk along the log; `covered` is how many entries the tiles hold, `signed` is sorted by size."""

    tiles: Tiles
    covered: int
    signed: Sequence[Checkpoint]
    edge: Edge = field(default_factory=Edge)
    sound: int = 0  # entries under the last checkpoint that held

    def run(self, size: int, rows: Iterator[Row] | None) -> Verified:
        promised = self.signed[-1].size if self.signed else 0
        total = max(size, promised)
        ahead = list(self.signed)
        for start in range(0, total or 1, WIDTH):
            stop = min(start + WIDTH, total)
            hashes = self._block(start, stop, None if rows is None else list(islice(rows, stop - start)))
            while ahead and ahead[0].size <= stop:
                self._push(hashes[self.edge.size - start : ahead[0].size - start])
                self._compare(ahead.pop(0))
            self._push(hashes[self.edge.size - start :])
        return Verified(self.edge.size, self.edge.root(), promised)

    def _block(self, start: int, stop: int, rows: list[Row] | None) -> list[bytes]:
        """Return the leaf hashes of a tile's width of entries once all copies of each agree."""
        index, width = start // WIDTH, max(0, min(stop, self.covered) - start)
        tile = self.tiles.hashes(0, index, width) if width else []
        bundle = self.tiles.entries(index, width) if width else []
        if rows is None:
            agreed = [merkle.leaf_hash(leaf) for leaf in bundle] == tile
            hashes = tile
        else:
            hashes = [merkle.leaf_hash(row.leaf) for row in rows]
            whole = [row.seq for row in rows] == list(range(start, stop)) and hashes == [row.hash for row in rows]
            agreed = whole and hashes[:width] == tile and [row.leaf for row in rows[:width]] == bundle
        if not agreed:
            by_seq = None if rows is None else {row.seq: row for row in rows}
            raise _first_damage(start, stop, tile, bundle, by_seq)
        return hashes

    def _push(self, hashes: list[bytes]) -> None:
        for level, index, computed in self.edge.push(hashes):
            if level and (index + 1) * WIDTH << 8 * level <= self.covered:
                self._match(level, index, computed)

    def _compare(self, signed: Checkpoint) -> None:
        if self.edge.root() != signed.root:
            last = f" or one after it, up to entry {signed.size - 1}," if signed.size - self.sound > 1 else ""
            raise LogError(
                f"entry {self.sound}{self._told(self.sound)}{last} does not lead to the root signed at "
                f"{signed.size} entries: the log was rewritten after it was signed",
                _HINT,
            )
        if signed.size == self.covered:
            for level, computed in enumerate(self.edge.levels):
                if level and computed:
                    self._match(level, signed.size >> 8 * (level + 1), computed)
        self.sound = signed.size

    def _match(self, level: int, index: int, computed: list[bytes]) -> None:
        """Hold a tile above the lowest level to the hashes computed from below."""
        kept = self.tiles.hashes(level, index, len(computed))
        for place, (mine, theirs) in enumerate(zip(computed, kept, strict=True)):
            if mine != theirs:
                first, span = index * WIDTH + place << 8 * level, 1 << 8 * level
                raise LogError(
                    f"entry {first}{self._told(first)} and the {span - 1} after it do not match their hash in "
                    f"{name(level, index, len(computed))}: {_CHANGED}",
                    _HINT,
                )

    def _told(self, seq: int) -> str:
        index, place = divmod(seq, WIDTH)
        if seq >= self.covered:
            return ""
        bundle = self.tiles.entries(index, min(WIDTH, self.covered - index * WIDTH))
        return described(bundle[place])


def _first_damage(
    start: int, stop: int, tile: list[bytes], bundle: list[bytes], rows: Mapping[int, Row] | None
) -> LogError:
    """Find the first entry whose copies disagree, and say which copy is to blame where two others agree."""
    for seq, promised, exported in zip_longest(range(start, stop), tile, bundle):
        row = rows.get(seq) if rows is not None else None
        if rows is not None and row is None:
            signed = "was signed but " if promised else ""
            return LogError(f"entry {seq}{described(exported)} {signed}is missing from the database", _HINT)
        row_holds = row is not None and merkle.leaf_hash(row.leaf) == row.hash == (promised or row.hash)
        export_holds = exported is not None and merkle.leaf_hash(exported) == promised
        if (row_holds or rows is None) and (export_holds or promised is None):
            continue
        copy = row.leaf if row and not export_holds else exported
        return LogError(f"entry {seq}{described(copy)} {_blame(seq, len(tile), row_holds, export_holds)}", _HINT)
    raise LogError(f"entries {start} to {stop - 1} do not match their tile: {_CHANGED}", _HINT)


def _blame(seq: int, width: int, row_holds: bool, export_holds: bool) -> str:
    index, place = divmod(seq, WIDTH)
    if place >= width:
        return "in the database does not match its hash: it was changed after it was appended"
    where = ""
    if export_holds:
        where = "in the database "
    elif row_holds:
        where = f"in {name('entries', index, width)} "
    return f"{where}does not match its hash in {name(0, index, width)}: {_CHANGED}"
