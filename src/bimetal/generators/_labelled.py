"""Labelled seed rows of a table: checked, without what is no payload, and the classes a draw asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns

if TYPE_CHECKING:
    from bimetal.types import IntArray

RAREST = "rarest"


@dataclass(frozen=True)
class Labelled:
    """Rows that have a label: payload columns and `label`; `labels` are those labels as text, one a row."""

    rows: pa.Table
    labels: tuple[str, ...]

    @classmethod
    def of(cls, given: pa.Table | None) -> Labelled:
        """Keep what can be learned from; raises InputError where rows, labels or plain columns are missing.

        >>> Labelled.of(pa.table({"id": ["a", "b"], "x": [1, 2], "label": ["yes", None]})).rows.to_pylist()
        [{'x': 1, 'label': 'yes'}]
        """
        if given is None:
            raise InputError("this generator learns and got no seed rows", "pass labelled rows to draw around")
        if "label" not in given.column_names or modality(given) != "table":
            raise InputError(
                f"the seed rows have the columns {', '.join(given.column_names)}, expected plain columns and a label",
                "pass a table of plain columns with a `label` column",
            )
        rows = given.select([*payload_columns(given), "label"]).filter(pc.is_valid(given["label"]))
        if not rows.num_rows:
            raise InputError("the seed rows have no labelled rows", "pass rows with labels")
        return cls(rows, tuple(map(str, rows["label"].to_pylist())))

    @property
    def known(self) -> tuple[str, ...]:
        """Name every label, sorted."""
        return tuple(sorted(set(self.labels)))

    def chosen(self, only: str) -> list[str]:
        """Name the labels to draw: one, the rarest, or for "" all; raises InputError for one no row has."""
        known = list(self.known)
        if not only:
            return known
        if only == RAREST:
            return [min(known, key=self.labels.count)]
        if only not in known:
            raise InputError(f"no seed row has the label {only!r}", f"choose '{RAREST}' or among: {', '.join(known)}")
        return [only]

    def members(self, label: str) -> IntArray:
        """Number the rows of a label."""
        return np.flatnonzero(np.array(self.labels) == label)
