"""Ask where the members of a committee disagree, each sure of another answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bimetal.errors import InputError
from bimetal.plugins import Pool
from bimetal.strategies._pool import Mixed, committee_of, smallest
from bimetal.strategies._uncertainty import entropies

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray


@dataclass(frozen=True)
class Bald(Mixed):
    """Choose the largest mutual information of label and model (Houlsby and others 2011), ties broken by `rng`.

    It is the entropy of the committee's mean less the members' mean entropy. Where members only vote (rows of 0 and
    one 1) this is the vote entropy; with probabilities it is their mean divergence from the consensus.

    >>> agreed, split = [[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.1, 0.9]]
    >>> pool = Pool(committee=np.array([agreed, split]).transpose(1, 0, 2))
    >>> Bald(random_share=0)(pool, np.array([], int), 1, np.random.default_rng(0)).indices
    array([1])
    """

    asks_committee: ClassVar[bool] = True  # a pilot fits several models before it calls

    def certain(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> IntArray:
        committee = committee_of(pool)
        if committee.min(initial=0) < 0:
            raise InputError(f"a committee's score is {committee.min()}", "pass probabilities")
        return smallest(-_information(committee), labelled, n, rng)


def _information(committee: FloatArray) -> FloatArray:
    mean = np.zeros_like(committee[0])
    within = np.zeros(committee.shape[1])
    for member in committee:
        mean += member
        within += entropies(member)
    return entropies(mean) - within / len(committee)
