"""Which sources stand behind rows: their own, and for synthetic rows those of everything they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from bimetal.payload import payload_columns
from bimetal.pilot.tables import payload_digests
from bimetal.programme.payloads import payloads_held
from bimetal.programme.sources.clearance import cleared, parents_of
from bimetal.programme.sources.register import sources
from bimetal.programme.sources.source import CLASSES, UNKNOWN, Source, class_of

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

COLUMNS = ("source", "item_origin", "recipe")


@dataclass(frozen=True, slots=True)
class Behind:
    """A source that stands behind rows: its class of personal data, where it may be processed, and why."""

    name: str
    level: str
    region: str
    why: str


@dataclass(frozen=True, slots=True)
class Kin:
    """Rows that are alike: their source, whether they are synthetic, their recipe, and the dataset that holds them."""

    source: str | None = None
    synthetic: bool = False
    recipe: str | None = None
    dataset: int | None = None


class Ancestry:
    """A moment's view of the register and the datasets held, to ask what stands behind rows."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._register = sources(programme)
        self._held = programme.datasets()
        self._signed: dict[int, str | None] = {}

    def of_dataset(self, stored: Stored) -> frozenset[Behind]:
        """Trace every row of a dataset held here."""
        return frozenset[Behind]().union(*self.of_each(stored, self._programme.snapshots.get(stored.digest)))

    def of_each(self, stored: Stored, rows: pa.Table) -> list[frozenset[Behind]]:
        """Trace rows of a dataset held here one by one."""
        return self._behind(rows, kin_of(rows, self._held.index(stored)), ())

    def of_rows(self, rows: pa.Table, parents: Iterable[str] = ()) -> list[frozenset[Behind]]:
        """Trace rows one by one, wherever they stand; `parents` are snapshots that all of them were made from."""
        return self._behind(rows, kin_of(rows), [kin for digest in parents for kin in self._snapshot(digest)])

    def _behind(self, rows: pa.Table, own: list[Kin], made_from: Iterable[Kin]) -> list[frozenset[Behind]]:
        """Trace rows as what they are copies of, too, if they are such here."""
        copies = self._copies(rows, own)
        begins = [frozenset({*copies.get(row, (kin,)), *made_from}) for row, kin in enumerate(own)]
        known = {begin: self._trace(begin) for begin in set(begins)}
        return [known[begin] for begin in begins]

    def _trace(self, begin: Iterable[Kin]) -> frozenset[Behind]:
        """Follow rows to everything they were made from, each once."""
        todo, seen, found = list(begin), set[Kin](), set[Behind]()
        while todo:
            kin = todo.pop()
            if kin not in seen:
                seen.add(kin)
                found.add(self._own(kin))
                todo.extend(self._made_from(kin))
        return frozenset(found)

    def _own(self, kin: Kin) -> Behind:
        said, by = self._register.get(kin.source or ""), self._cleared(kin)
        region = said.region if said else UNKNOWN
        if by:
            why = f"the privacy check passed and {by} accepts the residual risk"
            return Behind(kin.source or "", CLASSES[0], region, why)
        return Behind(kin.source or "", class_of(said.personal_data if said else UNKNOWN), region, _why(kin, said))

    def _made_from(self, kin: Kin) -> list[Kin]:
        """Give the rows that rows were made from: parents and seed rows of their dataset, recipe and source."""
        if self._cleared(kin):
            return []
        makers = [] if kin.dataset is None else [kin.dataset]
        makers += self._by_recipe.get(kin.recipe, []) if kin.synthetic else []
        parents = {digest for at in makers for digest in parents_of(self._held[at])}
        return [each for digest in sorted(parents) for each in self._snapshot(digest)] + self._seeds(kin)

    def _seeds(self, kin: Kin) -> list[Kin]:
        """Follow the seed rows a source was made with, where they are a dataset or a source known here."""
        said = self._register.get(kin.source or "") if kin.synthetic else None
        named = {each.name for each in said.inputs if each.role == "seed-rows"} if said else set()
        datasets = [at for at, held in enumerate(self._held) if held.name in named]
        known = [Kin(name) for name in sorted(named) if name in self._register]
        return known + [kin for at in datasets for kin in self._kin(at)]

    def _snapshot(self, digest: str) -> list[Kin]:
        """Give the rows of a snapshot; one that is not held here is a source nobody knows."""
        found = [at for at, held in enumerate(self._held) if held.digest == digest]
        return [kin for at in found for kin in self._kin(at)] or [Kin()]

    def _kin(self, at: int) -> set[Kin]:
        return set(kin_of(self._programme.snapshots.get(self._held[at].digest), at))

    def _cleared(self, kin: Kin) -> str | None:
        """Name who accepts the risk of synthetic rows; only those of the very dataset that was checked are cleared."""
        if not kin.synthetic or kin.dataset is None:
            return None
        if kin.dataset not in self._signed:
            signature = cleared(self._programme, self._held[kin.dataset])
            self._signed[kin.dataset] = str(signature.body["by"]) if signature else None
        return self._signed[kin.dataset]

    @cached_property
    def _by_recipe(self) -> dict[str | None, list[int]]:
        """Find the datasets that hold rows of a recipe, by the recipe's digest."""
        found: dict[str | None, list[int]] = {}
        for at, held in enumerate(self._held):
            if held.details.get("recipe_digest"):
                found.setdefault(held.details["recipe_digest"], []).append(at)
        return found

    def _copies(self, rows: pa.Table, own: list[Kin]) -> dict[int, set[Kin]]:
        """Give what rows are copies of; one copy that was cleared clears rows that call themselves synthetic."""
        claimed = [row for row, kin in enumerate(own) if not self._cleared(kin)]
        if not claimed or not payload_columns(rows):
            return {}
        payloads = dict(zip(claimed, payload_digests(rows.take(claimed)), strict=True))
        found: dict[str, set[Kin]] = {digest: set() for digest in payloads.values()}
        for at in range(len(self._held)):
            for digest, kin in self._payloads(at):
                if digest in found:
                    found[digest].add(kin)
        return {row: self._closest(own[row], found[digest]) for row, digest in payloads.items()}

    def _closest(self, own: Kin, copies: set[Kin]) -> set[Kin]:
        clear = {kin for kin in copies if self._cleared(kin)}
        if own.synthetic:
            return clear or {own, *copies}
        return {own, *(kin for kin in copies if not kin.synthetic and kin.source in self._register)}

    def _payloads(self, at: int) -> Iterator[tuple[str, Kin]]:
        rows = self._programme.snapshots.get(self._held[at].digest)
        if not payload_columns(rows):
            return iter(())
        return zip(payloads_held(self._programme, self._held[at].digest), kin_of(rows, at), strict=True)


def kin_of(rows: pa.Table, dataset: int | None = None) -> list[Kin]:
    """Say of each row what it says of itself; only the word 'synthetic' makes a row synthetic.

    >>> import pyarrow as pa
    >>> kin_of(pa.table({"source": ["clinic"], "item_origin": ["Synthetic "]}))
    [Kin(source='clinic', synthetic=False, recipe=None, dataset=None)]
    """
    said = [rows[name].to_pylist() if name in rows.column_names else [None] * rows.num_rows for name in COLUMNS]
    return [Kin(source, origin == "synthetic", recipe, dataset) for source, origin, recipe in zip(*said, strict=True)]


def _why(kin: Kin, said: Source | None) -> str:
    if said is None:
        what = f"{kin.source!r} is not in the register" if kin.source else "some rows name no source"
        return f"{what}: unknown, so treated as personal"
    if said.personal_data == UNKNOWN:
        return f"{said.name!r} does not say whether it holds personal data: unknown, so treated as personal"
    return f"{said.name!r} holds {'no personal' if said.personal_data == CLASSES[0] else said.personal_data} data"
