"""Labelled seed rows of a table: checked, without what is no payload, and the classes a draw asks for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import IntArray

RAREST = "rarest"
MOST = 1024  # labels drawn at once: a column of more is hardly a label
NAMED = 20  # labels in a sentence


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
        """Name the labels to draw: one, the rarest, or for "" all.

        Raises InputError for one no row has, and for more than 1,024 at once.
        """
        known, only = list(self.known), str(only)  # 1 as it is typed is a number, and every label is text
        if only == RAREST:
            return [min(known, key=Counter(self.labels).__getitem__)]
        if only and only not in known:
            among = ", ".join(known[:NAMED]) + (" ..." if len(known) > NAMED else "")
            raise InputError(f"no seed row has the label {only!r}", f"choose '{RAREST}' or among: {among}")
        if not only and len(known) > MOST:
            raise InputError(
                f"the seed rows have {len(known)} labels, expected up to {MOST}",
                "name one as `only`, or make a column with fewer values the label",
            )
        return [only] if only else known

    def members(self, label: str) -> IntArray:
        """Number the rows of a label."""
        return np.flatnonzero(self._array == label)

    @cached_property
    def _array(self) -> NDArray[np.str_]:
        return np.array(self.labels)
