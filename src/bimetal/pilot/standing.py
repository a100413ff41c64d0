"""Where a pilot before labels stands after a rung: scores, law, what the next rung is worth, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.pilot.arms import Arm
from bimetal.pilot.law import Law, effective, error, needed
from bimetal.pilot.law_faults import CONTRADICTED
from bimetal.pilot.law_fit import Points, fit_law
from bimetal.pilot.next_rung import Hand, Outlook, Situation, costs_to_come, outlook
from bimetal.pilot.one_draw import as_new_draws
from bimetal.pilot.plan import Advice, Option
from bimetal.pilot.standing_words import standing_words
from bimetal.pilot.terms import Terms
from bimetal.report import percent
from bimetal.stats import crossed, crossed_difference, crossed_effects
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.pilot.result import PilotResult
    from bimetal.types import FloatArray

BEYOND = 10  # synthetic items are thought of up to so many times those measured: the law's ceiling is a guess beyond
UNDECIDED: Advice = "undecided at this budget"


class Asked(Protocol):
    """What is judged: a pilot whose answers are in."""

    @property
    def terms(self) -> Terms: ...

    @property
    def labelled(self) -> tuple[int, ...]: ...

    @property
    def ahead(self) -> tuple[int, ...]: ...

    @property
    def spent(self) -> float: ...

    @property
    def panel_labels(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Standing:
    """What a pilot knows with so many labels; `verdict` is None where the next rung is worth its price.

    `scores` holds people alone, the mix and synthetic data alone at all labels at hand, by the arms' names, with
    intervals for a new draw of labels and a new panel. `purchase` is the mix to train on, labels at hand included,
    None where nothing is advised; `more` is what it still costs, `alone` what people alone would still cost, None
    where the money left is not enough. `why` says in words what decided.
    """

    labels: int
    spent: float
    target: float
    currency: str
    scores: Mapping[str, Interval]
    law: Law
    next: Outlook | None
    verdict: Advice | None
    purchase: Option | None
    more: float
    alone: float | None
    why: str

    @property
    def answer(self) -> str:
        """The verdict or the next step in words; the first sentence stands alone."""
        return standing_words(self)

    def json(self) -> dict[str, Json]:
        """Documented keys: answer, verdict, labels, spent, scores, next, purchase, more, alone, why, law."""
        return {
            "answer": self.answer,
            "verdict": self.verdict,
            "labels": self.labels,
            "spent": self.spent,
            "scores": {arm: each.json() for arm, each in self.scores.items()},
            "next": self.next.json() if self.next else None,
            "purchase": self.purchase.json() if self.purchase else None,
            "more": self.more,
            "alone": self.alone,
            "why": self.why,
            "law": self.law.json(),
        }


def standing(pilot: Asked, result: PilotResult, learned: bool = False) -> Standing:
    """Judge a pilot by the fits on the labels there are; `learned` says that a generator was fitted on them.

    Such a generator's rows alone are no data without labels, so the law is not told of them.

    Arms are those strengthened like the human arm that is best with all labels at hand. Where the mix surely harms, or
    synthetic data alone do no better than guessing, only people are left to buy.
    """
    labels = len(pilot.labelled)
    cells = _Cells.of(result, labels, learned)
    law, mixes = _law(cells, _chance(pilot), pilot.terms.rng_seed)
    now = _situation(pilot, cells, law, mixes)
    look = outlook(now, pilot.ahead, np.random.default_rng([pilot.terms.rng_seed, 13, labels]))
    verdict, purchase, why = _verdict(now, look, pilot.terms.probability)
    people, missing = _bought(now, 0.0, pilot.terms.probability), labels * now.prices.annotation
    return Standing(
        labels=labels,
        spent=pilot.spent,
        target=now.target,
        currency=now.prices.currency,
        scores={arm: crossed(values[-1]) for arm, values in cells.values.items()},
        law=law,
        next=look,
        verdict=verdict,
        purchase=purchase,
        more=purchase.money - missing if purchase else 0.0,
        alone=people.money - missing if people else None,
        why=why,
    )


@dataclass(frozen=True)
class _Cells:
    """Widened scores of three arms, shape (sizes, seeds, units), in the order people, mix, synthetic data alone."""

    sizes: tuple[int, ...]
    arms: tuple[Arm, Arm, Arm]
    values: Mapping[str, FloatArray]
    learned: bool

    @classmethod
    def of(cls, result: PilotResult, labels: int, learned: bool) -> _Cells:
        arms, sizes = _compared(result), result.design.sizes
        values = {
            arm.name: as_new_draws(result.values[arm.name], sizes, labels) if arm.human else result.values[arm.name]
            for arm in arms
        }
        return cls(sizes, arms, values, learned)

    def points(self, chance: float, only_people: bool = False) -> Points:
        arms = self.arms[: 1 if only_people else 2 if self.learned else 3]
        n = [n if arm.human else 0 for arm in arms for n in self.sizes]
        m = [arm.made(n) for arm in arms for n in self.sizes]
        values = np.concatenate([self.values[arm.name] for arm in arms])
        return Points(np.array(n, float), np.array(m, float), values, chance)

    @property
    def spread(self) -> FloatArray:
        """Relative standard error of each arm's error at the full size."""
        effects = crossed_effects(np.stack([values[-1] for values in self.values.values()]))
        return np.asarray(np.sqrt(np.diag(effects.covariance)) / np.maximum(1 - effects.mean, 1e-3))

    @property
    def harms(self) -> bool:
        """Whether the mix is worse than people alone at one of the two largest sizes, beyond chance for both."""
        people, mix = (self.values[arm.name][-2:] for arm in self.arms[:2])
        gaps = [crossed_difference(b, a, 1 - 0.05 / len(people)) for a, b in zip(people, mix, strict=True)]
        return any(gap.high < 0 for gap in gaps)


def _compared(result: PilotResult) -> tuple[Arm, Arm, Arm]:
    design = result.design

    def at_hand(arm: Arm) -> float:
        return float(result.values[arm.name][-1].mean())

    people = max((arm for arm in design.baselines if not arm.select), key=at_hand)
    mix = max(design.candidates(people), key=at_hand)
    alone = [arm for arm in design.arms if not arm.human and (arm.improve, arm.source) == (people.improve, mix.source)]
    if not alone:
        raise InputError(f"no arm trains on synthetic rows alone like {mix.name!r}", "add one to the arms")
    return people, mix, alone[0]


def _law(cells: _Cells, chance: float, rng_seed: int) -> tuple[Law, bool]:
    """Fit the law, and say whether synthetic items are left to choose."""
    useless = float(cells.values[cells.arms[2].name].mean(axis=(1, 2)).max()) <= chance
    mixes = not (cells.harms or useless)
    return fit_law(cells.points(chance, not mixes), np.random.default_rng([rng_seed, 12])), mixes


def _chance(pilot: Asked) -> float:
    if pilot.terms.metric.name != "accuracy":
        return 0.0
    counts = Counter(pilot.panel_labels)
    return max(counts.values()) / sum(counts.values())


def _situation(pilot: Asked, cells: _Cells, law: Law, mixes: bool) -> Situation:
    terms, labels = pilot.terms, len(pilot.labelled)
    most = BEYOND * cells.arms[1].made(labels)
    worth = terms.budget if terms.worth is None else terms.worth
    hand = Hand(labels, terms.budget - pilot.spent, worth, most)
    return Situation(law, terms.by_label, terms.target, hand, cells.spread, mixes)


def _verdict(now: Situation, look: Outlook | None, probability: float) -> tuple[Advice | None, Option | None, str]:
    if now.law.p < CONTRADICTED:
        return (None if look else UNDECIDED), None, f"the law of the mix does not hold here ({now.law.why})"
    if look and look.pays:
        return None, None, "the next labels are worth their price"
    costs = costs_to_come(now, now.hand)
    best = int(costs.mean(axis=1).argmin())
    chosen = _bought(now, now.amounts[best - 1], probability) if best else None
    if chosen is None:
        share = float(np.mean(costs[1:].min(axis=0) <= now.hand.money))
        return UNDECIDED, None, f"the money left reaches the target in {percent(share)} of the law's fits"
    perfect = float(costs[best].mean() - costs.min(axis=0).mean())
    if look is None and perfect > now.hand.labels * now.prices.annotation:
        return UNDECIDED, None, "the choice is still open, and no rung is left that the money could buy"
    return _kind(chosen, now.hand.labels), chosen, _because(now)


def _bought(now: Situation, m: float, probability: float) -> Option | None:
    """Spell an amount of synthetic items with the labels that reach the target in that share of the draws."""
    draws, hand = now.law.draws, now.hand
    wanted = needed(draws.T, 1 - now.target, now.law.guess) - effective(m, draws[:, 3], draws[:, 4])
    n = np.maximum(np.ceil(np.quantile(wanted, probability, method="inverted_cdf") - 1e-9), hand.labels)
    money = float(now.prices.money(n, m, 1))
    if not money <= hand.money + hand.labels * now.prices.annotation:
        return None
    expected = float(np.mean(error(draws.T, n, m, now.law.guess)))
    return Option(int(n), int(m), 1, money, float(now.prices.weeks(n, m, 1)), float(np.mean(wanted <= n)), expected)


def _kind(chosen: Option, labels: int) -> Advice:
    if not chosen.m:
        return "buy"
    return "both" if chosen.n > labels else "generate"


def _because(now: Situation) -> str:
    if not now.mixes:
        return "synthetic data do not help here"
    return "no further rung would save as much as it costs"
