"""Tables drawn column by column with trees: mixed types, gaps, keys and rules kept, near copies drawn again (CART)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._table.columns import Column, coded
from bimetal.generators._table.joint import Joint, guarded, joint
from bimetal.generators._table.keys import Key, key
from bimetal.generators._table.rules import Rules, decided, rules
from bimetal.generators._table.seed import seed_table
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray

LEAST, MOST = 1024, 16_384  # rows a batch: as many as seeds where that lies between, so that each seed has its turn
GROWTH = 1.4  # of a leaf with the cube root of the seed rows: 30 of 10,000


@dataclass(frozen=True)
class Table:
    """Draw each column by a tree given those before it (Reiter 2005), the label first, then what depends on it most.

    Leaves hold `leaf` seed rows at least, more where there are many: 1.4 times the cube root of all. A value few rows
    hold is smoothed where it is a number; keys are made fresh. Rows too near to a seed, as near as the nearest
    `closest` of the seeds are to one another, are drawn again.
    `rules` are kept ("a -> b", "c = a + b", "a <= b"; those that hold exactly are found), `keys` are columns declared
    as such, `withhold` columns drawn as missing. `only` is a label, "rarest", or "" for all.
    Targets may name the label and every column of at most 256 values. Learns from its seed rows and adds no
    information to them. Raises InputError for fewer rows than a leaf, free text, and rules the seed breaks.

    >>> a, b = [k % 7 for k in range(99)], [k % 9 for k in range(99)]
    >>> seed = pa.table({"a": a, "b": b, "both": np.add(a, b), "label": ["few", "many", "many"] * 33})
    >>> rows = pa.Table.from_batches(Table()(50, np.random.default_rng(0), seed)).to_pylist()
    >>> all(row["both"] == row["a"] + row["b"] for row in rows)
    True
    """

    only: str = ""
    leaf: int = 20
    closest: float = 0.08
    rules: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    withhold: tuple[str, ...] = ()

    learns: ClassVar[bool] = True
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    label_origin: ClassVar[str] = "model"
    packages: ClassVar[tuple[str, ...]] = ("scikit-learn", "pyarrow")

    def __post_init__(self) -> None:
        if self.leaf < 1:
            raise InputError(
                f"leaf is {self.leaf!r}, expected 1 or more", "20 is customary: fewer rows tell on persons"
            )
        if not 0 <= self.closest < 1:
            raise InputError(f"closest is {self.closest!r}, expected a share from 0 to below 1", "0.08 is usual")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        seed = seed_table(seed_rows, self.only)
        if seed.num_rows < self.leaf:
            raise InputError(
                f"the seed rows are {seed.num_rows}, expected {self.leaf} or more, a leaf's worth",
                "use the generator copula for a handful of rows, or set leaf lower",
            )
        fitted = self._fitted(seed, targets, rng)
        size = min(max(seed.num_rows, LEAST), MOST)
        starts = range(0, max(n, 1), size)
        return (
            fitted.batch(start, count, size, child)
            for start, (count, child) in zip(starts, batches(n, rng, size), strict=False)
        )

    def _fitted(self, seed: pa.Table, targets: tuple[Target, ...], rng: np.random.Generator) -> _Fitted:
        _known(seed, (*self.keys, *self.withhold))
        keys = {
            field.name: made
            for field in seed.schema
            if field.name not in {"label", *self.withhold}
            and (made := key(seed[field.name], field, rng, field.name in self.keys))
        }
        columns = [coded(seed[f.name], f) for f in seed.schema if f.name not in {*keys, *self.withhold}]
        steered = _steered(columns, targets)
        found = rules(columns, self.rules, frozenset(steered))
        sources = set(found.follows.values())
        columns = [replace(each, rare=None) if each.name in sources else each for each in columns]
        modelled = [each for each in columns if each.name not in found.derived]
        leaf = max(self.leaf, round(GROWTH * seed.num_rows ** (1 / 3)))
        model = joint(modelled, steered, targets, leaf, rng)
        if self.closest:
            model = guarded(model, modelled, self.closest, rng)
        return _Fitted.of(seed.schema, model, columns, keys, found)


@dataclass(frozen=True, slots=True)
class _Fitted:
    schema: pa.Schema
    model: Joint
    columns: dict[str, Column]
    keys: dict[str, Key]
    rules: Rules
    follows: dict[str, FloatArray]

    @classmethod
    def of(cls, schema: pa.Schema, model: Joint, columns: list[Column], keys: dict[str, Key], found: Rules) -> _Fitted:
        named = {each.name: each for each in columns}
        follows = {
            target: named[target].values_of(decided(named[source], named[target]))
            for target, source in found.follows.items()
        }
        orders = tuple((named[a], named[b]) for a, b in found.orders if not {a, b} & found.derived)
        return cls(schema, replace(model, orders=orders), named, keys, found, follows)

    def batch(self, start: int, count: int, size: int, rng: np.random.Generator) -> pa.RecordBatch:
        keys = {name: each.drawn(start, count, rng.spawn(1)[0]) for name, each in self.keys.items()}
        known = {name: values[:count] for name, values in self.model.drawn(size, rng).items()}
        for target, source in self.rules.follows.items():
            known[target] = self.follows[target][self.columns[source].nearest(known[source])]
        made: dict[str, Any] = {name: self.columns[name].decoded(values) for name, values in known.items()}
        for target, parts in self.rules.sums.items():
            total = np.sum([self.columns[part].numbers(known[part]) for part in parts], axis=0)
            missing = np.isnan(total)
            away = np.where(missing, 0, total - self.columns[target].lowest)
            made[target] = self.columns[target].typed(away, missing)
        arrays = [{**made, **keys}.get(f.name) for f in self.schema]
        full = [pa.nulls(count, f.type) if a is None else a for a, f in zip(arrays, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(full, schema=self.schema)


def _steered(columns: list[Column], targets: tuple[Target, ...]) -> list[str]:
    few = [each.name for each in columns if len(each.levels) <= 256]
    named = list(dict.fromkeys(target.column for target in targets if target.column != "label"))
    for name in named:
        if name not in few:
            raise InputError(f"no column {name!r} can be steered", f"name one of: {', '.join(few)}")
    return [*(["label"] if any(each.name == "label" for each in columns) else []), *named]


def _known(seed: pa.Table, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in seed.column_names or name == "label":
            raise InputError(f"the seed rows have no column {name!r}", f"name one of: {', '.join(seed.column_names)}")
