"""Items that come in groups: scores summed up by patient, speaker or day, so that intervals do not count one twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray, IntArray


def clustered(values: ArrayLike, groups: ArrayLike) -> FloatArray:
    """Replace values of shape (..., items) by one a group, shape (..., groups), groups in sorted order.

    A group's value is the mean of all plus groups/items times the sum of its items' deviations from it. Their mean is
    that of the items, exactly and however uneven the groups, and their spread that of a ratio estimate: `crossed` and
    its kin on them give cluster-robust intervals (differences with `one=groups/items`). They need groups by the dozen.

    >>> clustered([1, 0, 1, 1], ["ann", "ann", "bob", "bob"])
    array([0.5, 1. ])
    """
    values, groups = np.asarray(values, dtype=float), np.asarray(groups)
    if groups.ndim != 1 or values.ndim < 1 or values.shape[-1:] != groups.shape or not len(groups):
        raise InputError(
            f"values of shape {values.shape} do not fit {groups.size} groups", "name the group of each item, in order"
        )
    names, codes = np.unique(groups, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    mean = values.mean(axis=-1, keepdims=True)
    starts = np.searchsorted(codes[order], np.arange(len(names)))
    sums = np.add.reduceat((values - mean)[..., order], starts, axis=-1)
    return np.asarray(mean + len(names) / len(groups) * sums)


def time_blocks(times: ArrayLike, blocks: int) -> IntArray:
    """Number each item's block, shape (items,), where time is cut into so many stretches of equally many items.

    Items of one time share a block. Neighbours in time are alike; blocks much longer than they stay so are nearly
    independent, which is what `clustered` asks of groups.

    >>> time_blocks([5, 1, 3, 9, 7, 7], 3)
    array([1, 0, 0, 2, 1, 1])
    """
    times = np.asarray(times)
    if times.ndim != 1 or not 1 <= blocks <= len(times):
        raise InputError(f"{blocks} blocks of {times.size} items", "give a number from 1 to the items there are")
    return np.searchsorted(np.sort(times), times) * blocks // len(times)
