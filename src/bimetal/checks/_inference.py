"""Membership inference: whether a seed can be told from a row never seen by how near the made rows come to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.checks._holdout import FLOOR, Lean, lean, nearest

if TYPE_CHECKING:
    from bimetal.types import BoolArray, FloatArray, IntArray

FALSE_POSITIVES = 0.01
AROUND = 5  # the neighbour whose distance says how dense the population is at a row


@dataclass(frozen=True, slots=True)
class Inference:
    """`auc` of telling seeds from holdout by density ratio; `sure`, the share of seeds named at 1 % false positives."""

    auc: Lean
    sure: Lean


def inference(
    made: FloatArray, known: tuple[FloatArray, FloatArray], rng: np.random.Generator, alpha: float, permutations: int
) -> Inference:
    """Attack seeds and holdout, (n, d) each, with rows made, (m, d).

    A row's score is the log-ratio of two distances, to its fifth neighbour among seeds and holdout together and to its
    nearest made row: a density ratio, as in van Breugel and others 2023 (DOMIAS). It looks at nobody's membership, so
    permuting who was a seed gives exact tests. The share at few false positives is what Carlini and others 2022 ask
    for: an attack that is right about a few people is an attack.

    >>> rng = np.random.default_rng(0)
    >>> seeds, holdout, made = rng.normal(size=(3, 500, 4))
    >>> fair = inference(made, (seeds, holdout), rng, 0.05, 199)
    >>> learnt = inference(seeds[:400] + 0.1 * made[:400], (seeds, holdout), rng, 0.05, 199)
    >>> fair.auc.p > 0.05, learnt.auc.p <= 0.05, round(learnt.sure.value, 1)
    (True, True, 0.5)
    """
    both = np.vstack(known)
    order = rng.permutation(len(both))
    seed = order < len(known[0])
    near, around = nearest(made, both[order])[0][:, 0], nearest(both[order], both[order])[0]
    usual = float(np.median(near)) or float(near.max()) or 1.0
    scores = np.log((around[:, min(AROUND, len(both) - 1)] + FLOOR * usual) / (near + FLOOR * usual))
    ranks = np.unique(scores, return_inverse=True)[1].astype(np.int64)
    sides = [seed, *(rng.permutation(seed) for _ in range(permutations))]
    aucs = np.array([_auc(ranks, each) for each in sides])
    sures = np.array([_sure(scores, each) for each in sides])
    return Inference(lean(aucs, alpha), lean(sures, alpha))


def _auc(ranks: IntArray, seed: BoolArray) -> float:
    """Give the chance that a seed scores above a holdout row, ties counted half."""
    levels = int(ranks.max()) + 1
    ours, theirs = (np.bincount(ranks[side], minlength=levels) for side in (seed, ~seed))
    below = np.cumsum(theirs) - theirs / 2
    return float((ours * below).sum() / (seed.sum() * (~seed).sum()))


def _sure(scores: FloatArray, seed: BoolArray) -> float:
    others = np.sort(scores[~seed])
    threshold = others[len(others) - 1 - int(FALSE_POSITIVES * len(others))]
    return float(np.mean(scores[seed] > threshold))
