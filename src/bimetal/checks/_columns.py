"""Two datasets brought side by side: named columns in pairs, principal components, and what could not be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.payload import columns, matrices, modality
from bimetal.types import Dataset, Finding, Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray

    Pair: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


def compared(
    check: str, dataset: Dataset, reference: Dataset | None, judge: Callable[[Dataset, Dataset], list[Finding]]
) -> list[Finding]:
    """Judge a dataset by a reference; where one is absent, empty or unreadable, a finding says so instead."""
    if reference is None:
        return [unjudged(check, "there is no reference to compare with", "pass real rows as reference")]
    for each in (dataset, reference):
        if each.rows.num_rows == 0:
            return [unjudged(check, f"{each.name} has no rows", "pass a table with rows")]
    try:
        return judge(dataset, reference)
    except InputError as fault:
        return [unjudged(check, fault.message, fault.hint or "repair the table", verdict="fail")]


def unjudged(check: str, message: str, remedy: str, where: str = "", verdict: Verdict = "skip") -> Finding:
    """Say that something was not judged, and what would let it be."""
    return Finding(check, verdict, message, guarantee="nothing was tested", remedy=remedy, where=where)


def paired(dataset: Dataset, reference: Dataset, components: int) -> dict[str, Pair]:
    """Return each named column of the payload as (reference, dataset), with principal components beside them.

    Components are those of all rows together, blind to which side a row is on, so equal sets stay equal.
    Raises InputError where the payloads have different columns.
    """
    old, new = columns(reference.rows), columns(dataset.rows)
    lone = sorted(set(old) ^ set(new))
    if lone:
        raise InputError(f"only one of the two tables has {', '.join(lone)}", "compare tables of one payload")
    pairs = {name: _alike(name, old[name], new[name]) for name in old}
    if modality(dataset.rows) == "table":
        return pairs
    first, second = matrices(reference.rows, dataset.rows)
    scores = zip(*principal(first, second, components), strict=True)
    return pairs | {f"component_{k}": pair for k, pair in enumerate(scores, start=1)}


def principal(old: FloatArray, new: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Project both sets on the first principal components of all rows together, at most `count` of them.

    The components come as rows, shape (components, rows), strongest first; directions without spread are left out.
    """
    pooled = np.vstack([old, new])
    centred = pooled - pooled.mean(axis=0)
    strength, directions = np.linalg.eigh(centred.T @ centred)
    spread = strength[::-1][:count] > 1e-9 * max(strength[-1] if len(strength) else 0.0, 1e-9)
    scores = (centred @ directions[:, ::-1][:, :count][:, spread]).T
    return scores[:, : len(old)], scores[:, len(old) :]


def sampled(table: pa.Table, rows: int, rng: np.random.Generator) -> pa.Table:
    """Draw at most `rows` rows without replacement, in their order."""
    if table.num_rows <= rows:
        return table
    return table.take(np.sort(rng.choice(table.num_rows, rows, replace=False)))


def _alike(name: str, old: NDArray[Any], new: NDArray[Any]) -> Pair:
    if (old.dtype == object) == (new.dtype == object):
        return old, new
    words = old if old.dtype == object else new
    if any(each is not None for each in words.tolist()):
        raise InputError(f"column {name!r} holds numbers in one table and words in the other", "give it one type")
    nothing = np.full(len(words), np.nan)
    return (nothing, new) if words is old else (old, nothing)
