"""A programme's lifecycle cost: its scenario, what its pilot says is needed, and what it has spent; logged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bimetal.canonical import digest
from bimetal.cost import DRAWS, LifecycleCost, Need, Needs, Scenario, lifecycle_cost
from bimetal.cost.setting import setting
from bimetal.payload import modality
from bimetal.pilot.closed_form import cheapest_mix
from bimetal.pilot.law import Law, effective, needed
from bimetal.pilot.prices import Prices
from bimetal.programme.spending import spending

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme
    from bimetal.types import FloatArray

KINDS = {"image": "image class", "text": "text class", "table": "table row", "audio": "audio minute"}
MOST = 10**8  # synthetic items, where they cost nothing and more are always better
LOGGED = (
    "sentence",
    "answer",
    "winner",
    "cheapest",
    "reaches",
    "costs",
    "deciding",
    "break_evens",
    "information",
    "pilot",
)


def cost_programme(
    programme: Programme, scenario: Scenario | None = None, *, draws: int = DRAWS, rng_seed: int | None = None
) -> LifecycleCost:
    """Price a programme's lifecycle and log it; bimetal.toml's [cost] and seed where nothing else is given.

    The amounts come from the law of the last pilot, where one held, else from the table, marked as assumptions.
    """
    asked = _of_its_kind(programme, scenario or programme.config.cost)
    seed = programme.config.programme.rng_seed if rng_seed is None else rng_seed
    spent = spending(programme)
    found = lifecycle_cost(
        asked, pilot_needs(programme, asked), rng=np.random.default_rng([seed, 11]), draws=draws, spending=spent
    )
    told = found.json()
    body = {**{name: told[name] for name in LOGGED}, "draws": draws, "rng_seed": seed, "digest": digest(told)}
    programme.record("costed", programme.config.programme.name, body)
    return found


def pilot_needs(programme: Programme, scenario: Scenario) -> Needs | None:
    """Read what each strategy needs off the last pilot's law; None where there is none that held."""
    entry = next(reversed(list(programme.log.entries(action="pilot.finished"))), None)
    if entry is None or not entry.body.get("law"):
        return None
    law = Law.from_json(entry.body["law"])
    target = entry.body["target"] if scenario.target is None else scenario.target
    bought, raters = entry.body["net"]["bought"], entry.body["net"]["raters"]
    found = needs_of(law, target, scenario, f"pilot of {entry.at.date().isoformat()}, entry {entry.seq} of the log")
    return replace(found, metric=entry.body["measure"], pilot_labels=bought / raters)


def needs_of(law: Law, target: float, scenario: Scenario, source: str) -> Needs:
    """Turn a law's draws into amounts at a target: people alone, synthetic items alone, and the mix that the law's
    estimates and the median prices make the cheapest.

    >>> from bimetal.pilot.law import known_law
    >>> found = needs_of(known_law(0, 1, 0.5, kappa=0.5, n_inf=150), 0.96, Scenario(), "what if")
    >>> round(found.human.labels[0]), round(found.hybrid.labels[0]), found.synthetic
    (576, 448, None)
    """
    err = 1 - target
    wanted = needed(law.draws.T, err, law.guess)
    wanted = np.where(np.isfinite(wanted), wanted, np.nan)
    m = _synthetic(law, err, scenario)
    kappa, ceiling = law.draws[:, 3], law.draws[:, 4]
    mixed = np.maximum(wanted - effective(m, kappa, ceiling), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = np.where(wanted < ceiling, 1 / (kappa * (1 / wanted - 1 / ceiling)), np.nan)
    return Needs(
        _need(wanted, 0 * wanted),
        _need(0 * alone, alone),
        _need(mixed, m + 0 * wanted),
        source,
        target,
        start=1 - law.guess,
        caution=law.why,
    )


def _synthetic(law: Law, err: float, scenario: Scenario) -> float:
    """Choose the mix's synthetic items as a buyer would who knows only the estimates and the median prices.

    The generator's fixed price is left out: the mix is to be priced, whether or not it pays.
    """
    priced = setting(scenario)
    price = priced.answer * scenario.raters
    item = priced.rows["synthetic_item"].median
    found = cheapest_mix(law, Prices(price, item), err, max_raters=1)
    return (
        min(found.m, MOST) if found.m else 1 / float(law.kappa.estimate)
    )  # a mix has items, even where they never pay


def _need(labels: FloatArray, synthetic: FloatArray) -> Need | None:
    if not np.isfinite(labels + synthetic).any():
        return None
    if len(labels) <= 3:
        return Need((float(np.nanmedian(labels)),), (float(np.nanmedian(synthetic)),))
    return Need(tuple(labels.tolist()), tuple(synthetic.tolist()))


def _of_its_kind(programme: Programme, scenario: Scenario) -> Scenario:
    """Tell the kind of item from the programme's rows, where nobody stated it."""
    if scenario.kind:
        return scenario
    held = next((rows for role in ("train", "panel", "pool") if (rows := programme.rows(role)) is not None), None)
    return scenario if held is None else replace(scenario, kind=KINDS[modality(held)])
