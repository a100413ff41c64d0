"""Ask for outcomes that nobody can set: which episodes to draw more of, which to keep, and what each then weighs.

An episode is drawn from a cell (scenario, weather, light, stratum of tightness) in proportion to `shares`, moved, and
kept with the probability `keeps` of its cell and outcome: rejection within strata (Robert and Casella 2004, chapter 2).
Its weight is what it would have been drawn in nature, over what it was drawn here, so that weighted means of the rows
estimate what an unsteered draw shows (Hajek's ratio estimator: weights count up to a factor).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError
from bimetal.generators._shares import raked
from bimetal.generators._traffic.episodes import DRAWN, LIGHTS, SCENARIOS, WEATHERS, Episodes, episodes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bimetal.types import FloatArray, IntArray, Target

    Judged = Callable[[Episodes], IntArray]

STRATA = 8
FAINT = 1e-9
POINTS = 14  # about two to this many episodes tell how often each cell comes to each outcome
INPUTS, OUTCOMES = ("scenario", "weather", "light"), ("label", "ttc")


@dataclass(frozen=True, slots=True)
class Plan:
    """Cells, shape (cells, 4), the share of each among candidates, and per cell and outcome how likely one is kept.

    `weights` has the shape of `keeps`: natural over drawn density, about 1 on average over the rows kept.
    `candidates` is how many it takes to keep one.
    """

    cells: IntArray
    shares: FloatArray
    keeps: FloatArray
    weights: FloatArray
    candidates: float

    def drawn(self, n: int, rng: np.random.Generator) -> tuple[IntArray, Episodes]:
        """Draw n episodes before anything is rejected, and the cell of each."""
        cell = rng.choice(len(self.cells), n, p=self.shares)
        return cell, _within(self.cells[cell], rng.random((n, len(DRAWN))))


def planned(
    scenario: str, outcomes: Sequence[tuple[str, str]], targets: tuple[Target, ...], judged: Judged, effort: int
) -> Plan:
    """Work out how to draw so that targets on kinds and outcomes are met, each outcome being (label, ttc).

    How often a cell comes to an outcome is found on a fixed set of spread-out episodes (Sobol points), the same
    whatever the rng. Raises InputError for targets that cannot be met, or that need more than `effort`
    candidates a row.
    """
    cells, prior = _cells(scenario)
    kinds = {name: [list(SHARES[name])[code] for code in cells[:, k]] for k, name in enumerate(INPUTS)}
    if all(target.column in INPUTS for target in targets):
        shares = raked(list(prior), kinds, targets)
        even = np.ones((len(cells), len(outcomes)))
        return Plan(cells, shares, even, even * _ratio(prior, shares)[:, None], 1.0)
    likely = _likely(cells, prior, len(outcomes), judged)
    columns = {name: np.repeat(values, len(outcomes)).tolist() for name, values in kinds.items()}
    columns |= {name: [each[k] for each in outcomes] * len(cells) for k, name in enumerate(OUTCOMES)}
    natural = prior[:, None] * likely
    raked(natural.ravel().tolist(), columns, targets)  # raises here what cannot be met
    # An outcome that the points never showed may still come: it is raked too, with no weight of its own.
    faint = np.where(likely > 0, natural, FAINT * prior[:, None])
    lifted = prior[:, None] * raked(faint.ravel().tolist(), columns, targets).reshape(faint.shape) / faint
    most = np.where(likely > 0, lifted, 0).max(axis=1)
    if most.sum() > effort:
        raise InputError(
            f"{_rarest(natural.ravel(), columns, targets)} takes {most.sum():,.0f} candidate episodes a row,"
            f" more than effort = {effort}",
            "ask for a smaller share, or raise effort",
        )
    keeps = np.minimum(_ratio(lifted, most[:, None]), 1)
    weights = _ratio(_ratio(prior, most)[:, None], keeps)
    return Plan(cells, most / most.sum(), keeps, weights, float(most.sum()))


SHARES = {"scenario": SCENARIOS, "weather": WEATHERS, "light": LIGHTS}


def _cells(scenario: str) -> tuple[IntArray, FloatArray]:
    chosen = {**SHARES, "scenario": SCENARIOS if scenario == "mixed" else {scenario: 1.0}}
    codes = [[list(SHARES[name]).index(value) for value in values] for name, values in chosen.items()]
    cells = np.array(list(product(*codes, range(STRATA))))
    prior = np.array([np.prod(each) for each in product(*(values.values() for values in chosen.values()))])
    return cells, np.repeat(prior / prior.sum() / STRATA, STRATA)


def _within(cells: IntArray, uniforms: FloatArray) -> Episodes:
    tight = (cells[:, 3] + uniforms[:, 0]) / STRATA
    return episodes(cells[:, :3], np.column_stack([tight, uniforms[:, 1:]]))


def _likely(cells: IntArray, prior: FloatArray, outcomes: int, judged: Judged) -> FloatArray:
    from scipy.stats.qmc import Sobol

    # The square root: what happens often is measured more finely, and what is rare is still measured.
    counts = np.maximum(1, (np.sqrt(prior) / np.sqrt(prior).sum() * 2**POINTS).astype(int))
    of = np.repeat(np.arange(len(cells)), counts)
    points = Sobol(len(DRAWN), scramble=False).random_base2(POINTS + 1)[: len(of)]
    came = np.zeros((len(cells), outcomes))
    for part in np.array_split(np.arange(len(of)), 16):
        np.add.at(came, (of[part], judged(_within(cells[of[part]], points[part]))), 1)
    often: FloatArray = came / counts[:, None]
    return often


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    quotient: FloatArray = np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0)
    return quotient


def _rarest(natural: FloatArray, columns: dict[str, list[str]], targets: tuple[Target, ...]) -> str:
    had = [float(natural[np.array(columns[each.column]) == each.value].sum()) for each in targets]
    worst = max(range(len(targets)), key=lambda k: targets[k].share / max(had[k], FAINT))
    target = targets[worst]
    return f"{target.column} = {target.value!r} at {target.share:g} ({had[worst]:.2g} without targets)"
