"""Singling out: predicates guessed from made rows that fit one seed alone, against as many rows never seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.checks._holdout import Lean, lean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bimetal.types import BoolArray, IntArray

CUTS = 32  # a number is guessed as one of so many ranges that hold as many made rows each
GUESSES = 3000
WIDEST = 6  # columns in one predicate


@dataclass(frozen=True, slots=True)
class Singled:
    """How many of `guesses` predicates fit exactly one seed, and one holdout row; `lean` is the gap of their shares."""

    lean: Lean
    guesses: int
    seeds: int
    others: int


def coded(made: Mapping[str, NDArray[Any]], known: Mapping[str, NDArray[Any]]) -> tuple[IntArray, IntArray]:
    """Turn named columns of both sides into codes, shape (rows, columns), numbers cut at quantiles of what was made."""
    pairs = [_codes(made[name], known[name]) for name in made]
    return np.column_stack([one for one, _ in pairs]), np.column_stack([two for _, two in pairs])


def singled_out(
    codes: tuple[IntArray, IntArray], seed: BoolArray, rng: np.random.Generator, alpha: float, permutations: int
) -> Singled:
    """Guess predicates from made rows and count whom they single out; `codes` are those of rows made and known.

    A predicate says of up to six columns what a made row has there, and fits no other made row (Giomi and others 2023,
    multivariate). `seed` says which known rows were seeds, and its two sides are of one size: fewer holdout rows are
    singled out less often by the same predicate, which reads as a risk where there is none. Permuting who was a seed
    gives an exact test.

    >>> rng = np.random.default_rng(0)
    >>> known, made = rng.integers(0, 9, (2, 1000, 6))
    >>> seed = np.arange(1000) < 500
    >>> singled_out((made[:500], known), seed, rng, 0.05, 199).lean.p > 0.05
    True
    >>> singled_out((known[:500], known), seed, rng, 0.05, 199).lean.p <= 0.05
    True
    """
    from scipy.sparse import csr_array

    made, known = codes
    fits = [_matching(known, *each) for each in _predicates(made, rng)]
    rows = np.concatenate([np.zeros(0, np.int64), *fits])
    starts = np.cumsum([0, *map(len, fits)])
    matches = csr_array((np.ones(len(rows)), rows, starts), shape=(len(fits), len(known)))
    whole = np.diff(starts)
    sides = [seed, *(rng.permutation(seed) for _ in range(permutations))]
    inside = [matches @ each.astype(float) for each in sides]
    ones = np.array([[(each == 1).sum(), (whole - each == 1).sum()] for each in inside])
    gaps = (ones[:, 0] - ones[:, 1]) / max(len(fits), 1)
    return Singled(lean(gaps, alpha), len(fits), int(ones[0, 0]), int(ones[0, 1]))


def _predicates(made: IntArray, rng: np.random.Generator) -> list[tuple[IntArray, IntArray]]:
    """Draw guesses, each columns and their codes, and keep those that fit one made row."""
    found = []
    for row in rng.integers(0, len(made), GUESSES).tolist():
        many = int(rng.integers(1, min(WIDEST, made.shape[1]) + 1))
        columns = rng.choice(made.shape[1], many, replace=False)
        if len(_matching(made, columns, made[row, columns])) == 1:
            found.append((columns, made[row, columns]))
    return found


def _matching(rows: IntArray, columns: IntArray, wanted: IntArray) -> IntArray:
    left = np.flatnonzero(rows[:, columns[0]] == wanted[0])
    for column, code in zip(columns[1:].tolist(), wanted[1:].tolist(), strict=True):
        left = left[rows[left, column] == code]
    return left


def _codes(made: NDArray[Any], known: NDArray[Any]) -> tuple[IntArray, IntArray]:
    if object in (made.dtype, known.dtype):
        spelled = np.array(["" if each is None else f"={each}" for each in [*made, *known]])
    else:
        cuts = np.unique(np.nanquantile(made, np.arange(1, CUTS) / CUTS)) if np.isfinite(made).any() else np.zeros(0)
        both = np.concatenate([made, known])
        spelled = np.where(np.isnan(both), -1, np.searchsorted(cuts, both, "left") * 2 + np.isin(both, cuts))
    codes = np.unique(spelled, return_inverse=True)[1].astype(np.int64)
    return codes[: len(made)], codes[len(made) :]
