"""When to stop labelling: successive models that no longer change their mind about unlabelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Return the agreement of two labellings of the same rows beyond chance, 1 at best (Cohen 1960).

    Both have shape (rows,). Two labellings that give every row the same one label agree fully: 1.

    >>> kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"])
    0.5
    """
    one, two = np.asarray(first), np.asarray(second)
    if one.shape != two.shape or one.ndim != 1 or not len(one):
        raise InputError(
            f"shapes {one.shape} and {two.shape} are not paired",
            "predict the same rows, at least one, in the same order",
        )
    labels, codes = np.unique(np.concatenate([one, two]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(labels)) / len(one) for part in np.split(codes, 2)]
    by_chance = float(shares[0] @ shares[1])
    return 1.0 if len(labels) == 1 else float((np.mean(one == two) - by_chance) / (1 - by_chance))


def stabilised(predictions: Sequence[ArrayLike], level: float = 0.99, successive: int = 3) -> bool:
    """Return whether each of the last `successive` models agreed with the one before it by a kappa of `level` or more.

    `predictions` are one labelling for each model, oldest first, of the same unlabelled rows, which are drawn once, at
    random, 2,000 of them or more (Bloodgood and Vijay-Shanker 2009, who ask the mean of three agreements to pass .99;
    to ask it of each stops no earlier). Stable predictions may be stable and wrong: this says when more of the same
    labels change little, not that the model is good.

    >>> settled = [list("abab"), list("aabb"), list("aabb"), list("aabb"), list("aabb")]
    >>> stabilised(settled), stabilised(settled[:-1])
    (True, False)
    """
    if successive < 1 or not level <= 1:
        raise InputError(
            f"level {level!r} over {successive!r} successive models can never be met",
            "use a level up to 1, over 1 or more",
        )
    pairs = list(pairwise(predictions))[-successive:]
    return len(pairs) == successive and all(kappa(before, after) >= level for before, after in pairs)
