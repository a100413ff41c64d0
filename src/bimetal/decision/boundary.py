"""The boundary subset: which rows stand where a wrong decision is contested, and why each is in."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError
from bimetal.stats.tolerance import upper_tolerance

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.types import BoolArray, FloatArray

WHOLE = "whole slice"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A business threshold: rows whose number in `column` lies from `low` to `high`, both included."""

    column: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True)
class SliceOf:
    """A named slice: rows whose `column` equals `value`."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """What makes a row part of the boundary subset: any one threshold, slice, the model's margin, or chance.

    `random_share` (0-1) of all rows is in by chance, the same rows in every table. `coverage` is the share of a
    model's errors that its margin tau is to hold, with this `confidence`, both between 0 and 1.
    """

    thresholds: tuple[Threshold, ...] = ()
    slices: tuple[SliceOf, ...] = ()
    random_share: float = 0.05
    coverage: float = 0.9
    confidence: float = 0.95
    rng_seed: int = 0


def faults(boundary: Boundary) -> list[str]:
    """List what is wrong with a boundary, each with its path.

    >>> faults(Boundary(random_share=2))
    ['boundary.random_share: expected a share from 0 to 1, got 2']
    """
    found = []
    if not 0 <= boundary.random_share <= 1:
        found.append(f"boundary.random_share: expected a share from 0 to 1, got {boundary.random_share!r}")
    shares = {"coverage": boundary.coverage, "confidence": boundary.confidence}
    found += [
        f"boundary.{name}: expected a share between 0 and 1, got {value!r}"
        for name, value in shares.items()
        if not 0 < value < 1
    ]
    found += [
        f"boundary.thresholds[{index}]: expected low <= high, one of them given, got {each.low!r} and {each.high!r}"
        for index, each in enumerate(boundary.thresholds)
        if not each.low <= each.high or (math.isinf(each.low) and math.isinf(each.high))
    ]
    return found


def tau(margins: FloatArray, wrong: BoolArray, boundary: Boundary) -> float:
    """Bound from above the margins of a model's errors, so that `coverage` of them lie below with `confidence`.

    `margins` are top-two margins of a calibration set, shape (n,), `wrong` says where the model erred; the panel is
    never the calibration set. Infinite where there are too few errors to say: then every row is in.

    >>> errors = np.arange(40) / 100
    >>> tau(errors, np.ones(40, bool), Boundary()), tau(errors[:9], np.ones(9, bool), Boundary())
    (0.39, inf)
    """
    if np.shape(margins) != np.shape(wrong):
        raise InputError(
            f"{np.size(margins)} margins for {np.size(wrong)} items", "give one margin and one verdict per item"
        )
    return upper_tolerance(np.asarray(margins)[np.asarray(wrong, bool)], boundary.coverage, boundary.confidence)


def membership(
    rows: pa.Table, boundary: Boundary, margins: FloatArray | None = None, tau: float | None = None
) -> pa.StringArray:
    """Say why each row is in the boundary subset, or null where it is not.

    `margins` are the model's top-two margins, shape (n,); rows at `tau` or less are in. Without a model, threshold or
    slice to go by, every row is in. A row whose value or margin is not known is in: nobody can say it is not.
    Raises InputError for a column that is missing or no number, a missing id, and margins that do not fit the rows.

    >>> import pyarrow as pa
    >>> rows = pa.table({"id": ["a", "b", "c"], "amount": [90.0, 480.0, 950.0]})
    >>> membership(rows, Boundary((Threshold("amount", 400, 600),), random_share=0)).to_pylist()
    [None, 'threshold amount', None]
    """
    import pyarrow as pa

    if wrong := faults(boundary):
        raise InputError("; ".join(wrong), "mend what is named")
    why = np.full(rows.num_rows, None, object)
    for words, inside in _parts(rows, boundary, margins, tau):
        why[inside & (why == None)] = words  # noqa: E711  # elementwise
    return pa.array(why.tolist(), pa.string())


def _parts(
    rows: pa.Table, boundary: Boundary, margins: FloatArray | None, tau: float | None
) -> Iterator[tuple[str, BoolArray]]:
    for each in boundary.thresholds:
        yield f"threshold {each.column}", _between(rows, each)
    for named in boundary.slices:
        yield f"slice {named.column}={named.value}", _equal(rows, named)
    if margins is not None or tau is not None:
        yield "margin", _near(rows, margins, tau)
    elif not boundary.thresholds and not boundary.slices:
        yield WHOLE, np.ones(rows.num_rows, bool)
    yield "random", _by_chance(rows, boundary)


def _between(rows: pa.Table, threshold: Threshold) -> BoolArray:
    import pyarrow as pa

    column = _column(rows, threshold.column)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise InputError(f"threshold on {threshold.column!r}, which holds {column.type}", "name a column of numbers")
    values = np.asarray(column.cast(pa.float64()).to_numpy(), float)
    outside: BoolArray = (values < threshold.low) | (values > threshold.high)  # never true of what is not a number
    return ~outside


def _equal(rows: pa.Table, named: SliceOf) -> BoolArray:
    import pyarrow as pa

    values = _column(rows, named.column).cast(pa.string()).to_pylist()
    return np.fromiter((each is None or each == named.value for each in values), bool, len(values))


def _near(rows: pa.Table, margins: FloatArray | None, tau: float | None) -> BoolArray:
    if margins is None or tau is None or math.isnan(tau):
        raise InputError(f"margins and tau go together, tau is {tau!r}", "give both, or neither without a model")
    if np.shape(margins) != (rows.num_rows,):
        raise InputError(f"margins of shape {np.shape(margins)} for {rows.num_rows} rows", "give one margin per row")
    above: BoolArray = np.asarray(margins) > tau
    return ~above  # a margin that is not a number is not above tau


def _by_chance(rows: pa.Table, boundary: Boundary) -> BoolArray:
    limit = boundary.random_share * 2.0**64
    ids = _column(rows, "id").to_pylist()
    if None in ids:
        raise InputError(f"row {ids.index(None)} has no id", "give every row an id of its own")
    drawn = (hashlib.sha256(f"{boundary.rng_seed}:{each}".encode()).digest()[:8] for each in ids)
    return np.fromiter((int.from_bytes(each, "big") < limit for each in drawn), bool, len(ids))


def _column(rows: pa.Table, name: str) -> pa.ChunkedArray[Any]:
    if name not in rows.column_names:
        raise InputError(f"there is no column {name!r}", f"name one of: {', '.join(rows.column_names)}")
    return rows[name]
