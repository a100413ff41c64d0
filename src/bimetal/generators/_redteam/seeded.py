"""Seed rows that are to be changed and keep their label: checked, drawn by label and by way of changing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._shares import raked
from bimetal.payload import modality

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray, Target


@dataclass(frozen=True)
class Seeded:
    """Rows by label, and the ways to change them; `shares` has a share for each label and way, shape (labels, ways)."""

    rows: pa.Table
    labels: tuple[str | None, ...]
    members: tuple[IntArray, ...]
    shares: FloatArray

    @classmethod
    def of(
        cls, given: pa.Table | None, payload: str, ways: Mapping[str, Sequence[str]], targets: tuple[Target, ...]
    ) -> Seeded:
        """Check seed rows and rake label and `ways` (column: a value each way) to the targets.

        Raises InputError without seed rows, for another payload, no label column, and targets that cannot be met.
        """
        rows = _checked(given, payload)
        told = rows["label"].to_pylist()
        labels = tuple(sorted(set(told), key=lambda each: (each is None, each)))
        members = tuple(np.flatnonzero([each == label for each in told]) for label in labels)
        many = len(next(iter(ways.values())))
        cells: dict[str, Sequence[str]] = {"label": [label or "" for label in labels for _ in range(many)]}
        cells |= {name: list(values) * len(labels) for name, values in ways.items()}
        prior = np.repeat([float(len(each)) for each in members], many)
        return cls(rows, labels, members, raked(list(prior), cells, targets).reshape(len(labels), many))

    def draw(self, count: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Draw row numbers and ways, each of shape (count,)."""
        cells = rng.choice(self.shares.size, count, p=self.shares.ravel())
        codes, ways = np.divmod(cells, self.shares.shape[1])
        spots = rng.random(count)
        places = [
            self.members[code][int(spot * len(self.members[code]))] for code, spot in zip(codes, spots, strict=True)
        ]
        return np.array(places, np.int64), ways.astype(np.int64)

    def column(self, name: str, rows: IntArray) -> pa.Array[Any]:
        """Take a column of some rows, as strings; ids are row numbers where the seed has none."""
        if name == "id" and name not in self.rows.column_names:
            return pa.array([str(row) for row in rows], pa.string())
        found: pa.Array[Any] = self.rows[name].take(rows).combine_chunks()
        return found.cast(pa.string())


def _checked(given: pa.Table | None, payload: str) -> pa.Table:
    if given is None:
        raise InputError("this generator learns and got no seed rows", f"pass labelled rows with a column `{payload}`")
    if modality(given) != payload or "label" not in given.column_names:
        raise InputError(
            f"the seed rows have the columns {', '.join(given.column_names)}, expected `{payload}` and `label`",
            f"pass labelled rows with a column `{payload}`",
        )
    if not given.num_rows:
        raise InputError("the seed rows are an empty table", "pass at least one row")
    missing = given[payload].null_count
    if missing:
        raise InputError(f"{missing} seed rows have no {payload}", "remove them")
    return given
