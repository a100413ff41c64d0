"""The seed rows of a table as they are learned from: payload and label, of all classes or of one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns

RAREST = "rarest"


def seed_table(given: pa.Table | None, only: str) -> pa.Table:
    """Take payload columns and label, where there is one; rows without a label are left out where others have one.

    Raises InputError without rows, for images, sounds and texts, and for a class no row has.
    """
    if given is None:
        raise InputError("this generator learns and got no seed rows", "pass rows to learn from")
    if modality(given) != "table" or not payload_columns(given):
        raise InputError(
            f"the seed rows have the columns {', '.join(given.column_names)}, expected plain columns",
            "pass a table of numbers, categories or dates",
        )
    labelled = "label" in given.column_names and given["label"].null_count < given.num_rows
    rows = given.select([*payload_columns(given), *(["label"] if labelled else [])])
    if labelled:
        rows = rows.filter(pc.is_valid(rows["label"]))
    if not rows.num_rows:
        raise InputError("the seed rows are 0, expected some to learn from", "pass labelled rows")
    return _of_class(rows, only) if only != "" else rows


def _of_class(rows: pa.Table, only: str) -> pa.Table:
    labels = [str(each) for each in rows["label"].to_pylist()] if "label" in rows.column_names else []
    known, only = sorted(set(labels)), str(only)  # 1 as it is typed is a number, and every label is text
    wanted = min(known, key=labels.count) if only == RAREST and known else only
    if wanted not in known:
        raise InputError(f"no seed row has the label {only!r}", f"choose '{RAREST}' or among: {', '.join(known)}")
    return rows.filter(pa.array([each == wanted for each in labels]))
