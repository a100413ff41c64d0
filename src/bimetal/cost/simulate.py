"""Monte Carlo of a lifecycle's cost: Latin hypercube over the inputs, drift as a Poisson process, late approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bimetal.cost.information import value_of_knowing
from bimetal.cost.lines import LINES, STRATEGIES, Amounts, Luck, late_probability
from bimetal.cost.needs import Needs
from bimetal.cost.result import LifecycleCost
from bimetal.cost.scenario import Scenario
from bimetal.cost.sensitivity import Middle, break_evens, swings
from bimetal.cost.setting import RANK, REACH, Setting, setting
from bimetal.cost.spending import Spending
from bimetal.cost.spread import latin, poisson
from bimetal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bimetal.types import FloatArray

DRAWS = 20_000
FEWEST = 100
DRIFT, LATE = "drift", "late"  # what chance decides, beside the inputs
NOT_SPENT = Spending()


def lifecycle_cost(
    scenario: Scenario,
    needs: Needs | None = None,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
    spending: Spending = NOT_SPENT,
) -> LifecycleCost:
    """Price people alone, synthetic data alone and both over the horizon, with what the choice between them depends on.

    Without `needs` the table's typical amounts stand in, marked as assumptions. The inputs are independent of each
    other; drifts and late approvals strike every strategy in the same draws. Raises ConfigError for a faulty scenario.

    >>> found = lifecycle_cost(Scenario("image class", volume=30_000), rng=np.random.default_rng(0), draws=1000)
    >>> found.winner
    'human only'
    """
    if draws < FEWEST:
        raise InputError(f"draws is {draws}", f"give {FEWEST} or more")
    found = setting(scenario, needs, spending if spending.any else None)
    u = uniforms(found, draws, rng)
    values, amounts, priced = sampled(found, u)
    middle = Middle(found, tuple(map(bool, 1 - amounts.missed.mean(axis=1) >= 0.5)))
    result = LifecycleCost(
        setting=found,
        lines=np.array([priced[name] for name in LINES]),
        reached=amounts.missed == 0,
        labels=amounts.labels,
        synthetic=amounts.synthetic,
        middle=middle.costs({})[:, 0],
        information=value_of_knowing(found, values, amounts),
        break_evens=tuple(break_evens(middle)),
        spending=spending,
    )
    winner = result.winner
    return result if winner is None else result.with_swings(swings(middle, STRATEGIES.index(winner)))


def uniforms(found: Setting, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw a Latin hypercube with one dimension for every input and every chance event."""
    names = [*found.sampled, RANK, REACH, DRIFT, LATE]
    return dict(zip(names, latin(len(names), draws, rng), strict=True))


def sampled(
    found: Setting, u: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], Amounts, dict[str, FloatArray]]:
    """Turn uniforms into inputs, amounts and the priced lines."""
    values = found.values(u)
    amounts = found.amounts(values, u[RANK], u[REACH])
    drifts = poisson(u[DRIFT], values["hazard"] * found.scenario.months)
    late = np.asarray(u[LATE] < late_probability(values, amounts), dtype=float)
    return values, amounts, found.price(values, amounts, Luck(drifts, late))
