"""The pool as a query strategy sees it: checked parts, rows still open, and the random share mixed in everywhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError
from bimetal.plugins import Pool, Selection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Mixed(ABC):
    """Choose most rows by a rule, with certainty, and `random_share` of them (0 to 1) at random from the rest.

    Random rows come after the others, with their probability of inclusion: values of chosen rows divided by it, over
    the whole selection, sum without bias to the pool's total (Horvitz and Thompson 1952). Between .1 and .2 is
    customary; at 0 no estimate from the chosen rows speaks for the pool.
    """

    random_share: float = 0.15

    def __post_init__(self) -> None:
        if not 0 <= self.random_share <= 1:
            raise ValueError(f"random_share is {self.random_share!r}, expected 0 to 1")

    def __call__(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> Selection:
        rows = size_of(pool, n)
        labelled = np.unique(np.asarray(labelled, np.int64))
        n = min(n, len(open_rows(rows, labelled)))
        by_chance = round(n * self.random_share)
        chosen = self.certain(pool, labelled, n - by_chance, rng)
        chance = drawn(open_rows(rows, np.append(labelled, chosen)), by_chance, rng)
        probability = np.append(np.ones(len(chosen)), chance.probability)
        return Selection(np.append(chosen, chance.indices), probability)

    @abstractmethod
    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        """Return n rows, the most wanted first, of at least n beside `labelled` (ascending, once each).

        Raises InputError where the pool lacks what the rule needs.
        """


def size_of(pool: Pool, n: int) -> int:
    """Count a pool's rows; raises InputError where it has none, where its parts differ, or for a negative n."""
    parts = {"scores": (pool.scores, 0), "embeddings": (pool.embeddings, 0), "committee": (pool.committee, 1)}
    sizes = {name: np.shape(part)[axis : axis + 1] for name, (part, axis) in parts.items() if part is not None}
    if not sizes:
        raise InputError("the pool is empty", "give it scores, embeddings or a committee")
    if len(set(sizes.values())) > 1 or () in sizes.values():
        counts = ", ".join(f"{name} {size[0] if size else 'none'}" for name, size in sizes.items())
        raise InputError(f"the parts of the pool differ in rows: {counts}", "pass one row each, in the same order")
    if n < 0:
        raise InputError(f"{n} rows were asked for", "ask for 0 or more")
    return int(next(iter(sizes.values()))[0])


def scores_of(pool: Pool, classes: int = 1) -> FloatArray:
    """Return a pool's scores, shape (rows, classes); raises InputError for none, another shape or NaN."""
    scores = _part(pool.scores, "scores", "score its rows with a fitted model, or choose another strategy")
    if scores.ndim != 2 or scores.shape[1] < classes:
        raise InputError(f"the scores have shape {scores.shape}", f"pass shape (pool, {classes} classes or more)")
    check_finite(scores, "scores", "score every row with a fitted model")
    return scores


def committee_of(pool: Pool) -> FloatArray:
    """Return a pool's committee, shape (members, rows, classes); raises InputError for none, another shape or NaN."""
    committee = _part(pool.committee, "a committee", "score its rows with several models, or choose another strategy")
    if committee.ndim != 3 or len(committee) < 2:
        raise InputError(f"the committee has shape {committee.shape}", "pass shape (2 members or more, pool, classes)")
    for member in committee:
        check_finite(member, "committee's scores", "score every row with every member")
    return committee


def embeddings_of(pool: Pool) -> NDArray[np.float32]:
    """Return a pool's embeddings, shape (rows, d), in float32; raises InputError for none or another shape.

    NaN is for the caller to look for, in the rows it reads: a pass over all of them may cost more than the choice.
    """
    embeddings = _part(pool.embeddings, "embeddings", "embed its rows, or choose another strategy")
    if embeddings.ndim != 2 or not embeddings.shape[1]:
        raise InputError(f"the embeddings have shape {embeddings.shape}", "pass shape (pool, d)")
    return np.ascontiguousarray(embeddings, np.float32)


def check_finite(values: NDArray[Any], what: str, hint: str, rows: IntArray | None = None) -> None:
    """Raise InputError at the first row that holds NaN or infinity; `rows` are the rows' numbers in the pool."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum()  # one pass: where the sum is finite, every value is
    if np.isfinite(total) or np.isfinite(values).all():
        return
    row = int((~np.isfinite(values.reshape(len(values), -1)).all(axis=1)).argmax())
    raise InputError(f"the {what} of pool row {row if rows is None else rows[row]} hold NaN or infinity", hint)


def open_rows(pool: int, labelled: IntArray) -> IntArray:
    """Name the pool's rows that are not labelled yet, ascending; raises InputError for an index outside the pool."""
    known = np.asarray(labelled, np.int64)
    if known.size and not 0 <= known.min() <= known.max() < pool:
        raise InputError(f"a labelled index lies outside the pool of {pool} rows", "pass indices into the pool")
    left = np.ones(pool, bool)
    left[known] = False
    return np.flatnonzero(left)


def drawn(rows: IntArray, n: int, rng: np.random.Generator) -> Selection:
    """Draw n of the rows without replacement, each with probability n / rows."""
    chosen = rng.choice(rows, n, replace=False) if n else rows[:0]
    return Selection(chosen, np.full(n, n / max(len(rows), 1)))


def smallest(values: FloatArray, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
    """Return the rows of the n smallest values beside the labelled ones (which become infinite), ties broken by rng.

    >>> smallest(np.array([0.3, 0.1, 0.2]), np.array([1]), 1, np.random.default_rng(0))
    array([2])
    """
    values[labelled] = np.inf
    if not n:
        return np.empty(0, np.int64)
    thinned = values[::64]  # its n-th smallest bounds that of all from above, and few values pass below it
    bound = np.partition(thinned, n - 1)[n - 1] if len(thinned) >= n else np.inf
    near = np.flatnonzero(values <= bound)
    limit = np.partition(values[near], n - 1)[n - 1]
    below, tied = near[values[near] < limit], near[values[near] == limit]
    return np.concatenate([below, rng.choice(tied, n - len(below), replace=False)])


def _part(part: NDArray[Any] | None, name: str, hint: str) -> NDArray[Any]:
    if part is None:
        raise InputError(f"this strategy needs {name}, and the pool has none", hint)
    values = np.asarray(part)
    return values if np.issubdtype(values.dtype, np.floating) else values.astype(float)
