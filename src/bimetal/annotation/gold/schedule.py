"""Gold mixed into a queue at places nobody can foresee, and which gold item a person sees next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.types import IntArray


def schedule(n: int, share: float, rng: np.random.Generator) -> IntArray:
    """Return the places, ascending from 0, that gold takes in the next `n` items of a queue.

    Each set of places is as likely as any other, so that having just seen gold, or not for long, tells next to
    nothing. Their number is n * share, rounded up or down at random so that it is right on average.

    >>> schedule(20, 0.1, np.random.default_rng(0)).size
    2
    """
    if n < 0 or not 0 <= share <= 1:
        raise InputError(f"a share of {share} in {n} items is no plan", "give a share from 0 to 1, such as 0.1")
    many = int(n * share + rng.random())
    return np.sort(rng.choice(n, min(many, n), replace=False)).astype(np.int64)


def draw(
    gold: Sequence[str], seen: Collection[str], exposures: Mapping[str, int], k: int, rng: np.random.Generator
) -> tuple[str, ...]:
    """Draw up to `k` gold items that a person has not seen, the least shown to anybody first, ties at random.

    Fewer come back where the person has seen all but these: then more gold is needed, or a longer half-life.

    >>> draw(["a", "b", "c"], {"a"}, {"b": 7}, 1, np.random.default_rng(0))
    ('c',)
    """
    unseen = [item for item in gold if item not in set(seen)]
    order = sorted(zip((exposures.get(item, 0) for item in unseen), rng.random(len(unseen)), unseen, strict=True))
    return tuple(item for _, _, item in order[:k])
