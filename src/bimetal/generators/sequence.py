"""Sequences of events per entity, such as payments of customers or visits of patients, flat or as tables that join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.generators._sequence.course import Course, course
from bimetal.generators._sequence.layout import layout
from bimetal.generators._sequence.steering import mixed
from bimetal.generators._shares import raked
from bimetal.generators._table.seed import seed_table
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Cut = Literal["flat", "parents", "events"]

ROWS = 16_384  # a batch holds about as many, in whole entities
FEWEST, LEAVES = 20, 50
TRIED = 2048  # entities of each kind drawn to see what labels they bring


@dataclass(frozen=True)
class Sequence:
    """Draw entities, then their events one after the other, each given the entity, the event before, place and time.

    `entity` names the column that says whose a row is; "" takes `entity`, or the first that is called like a key
    (`customer_id`, `patient`) and repeats. Where there is none, each row is an entity of one event. `time` names what
    orders an entity's events: a date, a time or a number; "" takes the first date that changes within an entity, or
    else the order of the seed rows. Columns that never change within an entity are the entity's.
    `table` gives all columns ("flat"), one row an entity ("parents"), or the key and what changes ("events"): with
    the same seed they join on the key. Rows of an entity stand together; the last one is cut where n rows are full.
    Leaves hold `leaf` seed rows at least, a fiftieth of them where that is less, never under 20 unless asked for;
    entities too like a seed's, as the nearest `closest` of the seeds are to one another, are drawn again.
    `withhold` are columns drawn as missing. Targets may name the label: kinds of entities are drawn more often.
    Learns from its seed rows and adds no information to them. Raises InputError for fewer entities than a leaf.

    >>> seed = {"customer": np.repeat(np.arange(30), 4), "town": np.repeat(["east", "west"], 60)}
    >>> seed = pa.table({**seed, "spent": np.arange(120.0), "label": ["few", "many", "few", "few"] * 30})
    >>> rows = pa.Table.from_batches(Sequence()(5, np.random.default_rng(0), seed))
    >>> rows["customer"].to_pylist(), rows["label"].to_pylist()
    ([30, 30, 30, 30, 31], ['few', 'many', 'few', 'few', 'few'])
    """

    entity: str = ""
    time: str = ""
    table: Cut = "flat"
    leaf: int = 40
    closest: float = 0.05
    withhold: tuple[str, ...] = ()

    learns: ClassVar[bool] = True
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    label_origin: ClassVar[str] = "model"
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn", "pyarrow")

    def __post_init__(self) -> None:
        if self.table not in get_args(Cut):
            raise InputError(f"table is {self.table!r}", f"choose one of: {', '.join(get_args(Cut))}")
        if self.leaf < 1:
            raise InputError(
                f"leaf is {self.leaf!r}, expected 1 or more", "20 is customary: fewer rows tell on persons"
            )
        if not 0 <= self.closest < 1:
            raise InputError(f"closest is {self.closest!r}, expected a share from 0 to below 1", "0.05 is usual")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        if n < 0:
            raise InputError(f"n is {n}, expected 0 or more", "ask for a whole number of rows")
        seed = _plain(seed_table(_unlabelled_kept(seed_rows), ""), self.withhold)
        laid = layout(seed, self.entity, self.time)
        entities = len(laid.firsts)
        if entities < min(self.leaf, FEWEST):
            raise InputError(
                f"the seed rows hold {entities} entities, fewer than the {min(self.leaf, FEWEST)} a leaf needs",
                "pass more, or lower leaf where no person is behind an entity",
            )
        fit, trial, draws = rng.spawn(3)
        leaves = [min(self.leaf, max(FEWEST, count // LEAVES)) for count in (entities, seed.num_rows)]
        found = course(laid, (leaves[0], leaves[1]), self.closest, fit)
        if targets:
            found = replace(found, shares=_shares(found, targets, trial))
        return self._batches(found, n, draws)

    def _batches(self, found: Course, n: int, rng: np.random.Generator) -> Iterator[pa.RecordBatch]:
        entities = max(256, round(ROWS / float(found.layout.counts.mean())))
        left, start = n, 0
        while True:
            batch = found.batch(self.table, entities, (start, n - left), rng.spawn(1)[0])
            yield batch.slice(0, left)
            left, start = left - batch.num_rows, start + entities
            if left <= 0:
                return


def _unlabelled_kept(given: pa.Table | None) -> pa.Table | None:
    """Spell missing labels where some are known: an entity with an event left out would be another entity."""
    if given is None or "label" not in given.column_names or given["label"].null_count in {0, given.num_rows}:
        return given
    place, labels = given.column_names.index("label"), given["label"].cast(pa.string())
    return given.set_column(place, "label", pc.if_else(pc.is_valid(labels), labels, ""))


def _plain(seed: pa.Table, withhold: tuple[str, ...]) -> pa.Table:
    """Take the withheld values out, and spell labels as text."""
    for name in withhold:
        if name not in seed.column_names or name == "label":
            raise InputError(f"the seed rows have no column {name!r}", f"name one of: {', '.join(seed.column_names)}")
        field = seed.schema.field(name)
        seed = seed.set_column(seed.column_names.index(name), field, pa.nulls(seed.num_rows, field.type))
    for place, field in enumerate(seed.schema):
        if pa.types.is_nested(field.type):
            raise InputError(
                f"column {field.name!r} holds {field.type}, expected plain values", "drop it or spell it out"
            )
        if field.name == "label":
            seed = seed.set_column(place, "label", seed["label"].cast(pa.string()))
    return seed


def _shares(found: Course, targets: tuple[Target, ...], rng: np.random.Generator) -> FloatArray:
    labels = found.labels
    if not labels:
        raise InputError("the seed rows have no label to steer", "drop the targets or pass labelled rows")
    raked(found.prior, {"label": labels}, targets)  # or it says why
    brings = np.array([found.brings(kind, TRIED, rng) for kind in range(len(found.shares))])
    return mixed(found.shares, brings, labels, targets)
