"""What a pilot found: the metric per arm and size, the saving at a target, harm and law, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json
from bimetal.pilot.arms import Arm, law_family, left_out
from bimetal.pilot.comparisons import Comparison, Difference, Slice, by_arm, by_size, by_slice, is_right_or_wrong
from bimetal.pilot.data import ASSUMED, Spent
from bimetal.pilot.design import Design
from bimetal.pilot.law import Law
from bimetal.pilot.law_fit import Points, fit_law
from bimetal.pilot.net import NetSaving, net_saving
from bimetal.pilot.plan import Plan, plan
from bimetal.pilot.words import Verdict, answer, saving_words, verdict
from bimetal.stats import Saving, clustered, crossed, crossed_difference, saving
from bimetal.types import Finding, Interval

if TYPE_CHECKING:
    from bimetal.report import Page
    from bimetal.report.page import Figure
    from bimetal.types import FloatArray, IntArray

BEYOND = 10  # a plan holds at most so many times the synthetic rows that were measured


@dataclass(frozen=True)
class Facts:
    """What a result knows beside its numbers: panel digest, who labelled, labels used, findings, units, slices.

    `units` codes the panel's groups or time blocks, item by item; `optimism` holds per arm the score on synthetic
    rows and on the panel; `labelled` counts the distinct real rows whose label some arm used; `chance` is the score
    of guessing; `learned` names the sources that were fitted to each cell's own labels.
    """

    panel: str
    label_origins: tuple[str, ...] = ("undeclared",)
    labelled: int = 0
    spent: Spent = field(default_factory=Spent)
    findings: tuple[Finding, ...] = ()
    units: IntArray | None = None
    slices: Mapping[str, list[Any]] = field(default_factory=dict)
    optimism: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    chance: float = 0.0
    learned: tuple[str, ...] = ()


@dataclass(frozen=True)
class PilotResult:
    """Hold every panel item's contribution to the metric: `items[arm]` has shape (sizes, seeds, items)."""

    design: Design
    items: Mapping[str, FloatArray]
    facts: Facts

    @cached_property
    def values(self) -> dict[str, FloatArray]:
        """Contributions by independent unit, shape (sizes, seeds, units): groups where named, else items."""
        if self.facts.units is None:
            return dict(self.items)
        return {arm: clustered(cube, self.facts.units) for arm, cube in self.items.items()}

    @property
    def _one(self) -> float:
        """One item's share of the units, which bounds what a single item can change."""
        return float(next(iter(self.values.values())).shape[2] / self.panel_items)

    @cached_property
    def arms(self) -> dict[str, list[Interval]]:
        """Mean metric with its interval, per arm, in the order of the sizes."""
        return {arm: [crossed(cells) for cells in cube] for arm, cube in self.values.items()}

    @cached_property
    def baseline(self) -> str:
        """The strongest human arm: the best mean over all sizes, judged on the panel and so in its favour."""
        return max(self.design.baselines, key=self._mean).name

    @cached_property
    def candidate(self) -> str:
        """The hybrid arm made like the baseline; with several sources the best of them, judged more strictly."""
        return max(self.design.candidates(self.design.arm(self.baseline)), key=self._mean).name

    def _mean(self, arm: Arm) -> float:
        return float(np.mean(self.items[arm.name]))

    @property
    def sources(self) -> int:
        """Number of sources of synthetic rows that competed."""
        return len({arm.source for arm in self.design.arms if arm.uses_synthetic})

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Candidate less baseline, size by size."""
        mix, alone = self.values[self.candidate], self.values[self.baseline]
        return by_size(self.design.sizes, mix, alone, self.design.margin, self._one, self.sources)

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every mix and synthetic arm against the strongest human arm, at every size."""
        arms = [arm.name for arm in self.design.arms if arm.uses_synthetic]
        alone = self.values[self.baseline]
        found = [
            by_arm(n, {arm: self.values[arm][at] for arm in arms}, alone[at], self.design.margin, self._one)
            for at, n in enumerate(self.design.sizes)
        ]
        return tuple(each for at_size in found for each in at_size)

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """Compare slice by slice at the largest size, weakest first; nothing where items are not right or wrong."""
        mix, alone = self.items[self.candidate][-1], self.items[self.baseline][-1]
        if not (is_right_or_wrong(mix) and is_right_or_wrong(alone)):
            return ()
        return tuple(by_slice(dict(self.facts.slices), mix, alone, self.facts.units))

    @property
    def targets(self) -> tuple[float, ...]:
        """The registered targets, or the strongest human arm's mean at its largest N less the margin."""
        if self.design.targets:
            return self.design.targets
        return (round(self.arms[self.baseline][-1].estimate - self.design.margin, 4),)

    @cached_property
    def saving(self) -> tuple[Saving, ...]:
        """Human labels saved at each target, against the human arm that needs the fewest labels there."""
        strongest_first = sorted(self.design.baselines, key=self._mean, reverse=True)  # of equal needs the first counts
        return tuple(min(map(self._saved(target), strongest_first), key=_needed) for target in self.targets)

    def _saved(self, target: float) -> Callable[[Arm], Saving]:
        sizes, seed = np.asarray(self.design.sizes), self.design.rng_seed
        level = 1 - 0.05 / self.sources

        def against(baseline: Arm) -> Saving:
            mix = max(self.design.candidates(baseline), key=self._mean)
            human, hybrid = self.values[baseline.name], self.values[mix.name]
            return saving(sizes, human, hybrid, target, np.random.default_rng([seed, 3]), level)

        return against

    @cached_property
    def laws(self) -> tuple[tuple[tuple[str, ...], Law], ...]:
        """The effective-sample law through the arms that are compared, and through the plain ones, with their names."""
        compared, plain = self.design.arm(self.baseline), self.design.baselines[0]
        source = self.design.arm(self.candidate).source
        whole = [law_family(self.design.arms, each, source) for each in (compared, plain)]
        families = [tuple(arm for arm in each if arm.human or arm.source not in self.facts.learned) for each in whole]
        kept = [family for at, family in enumerate(families) if len(family) >= 3 and family not in families[:at]]
        if len(self.design.sizes) < 2:
            return ()
        return tuple((tuple(arm.name for arm in family), self._law(family)) for family in kept)

    def _law(self, arms: tuple[Arm, ...]) -> Law:
        sizes = self.design.sizes
        human = np.array([n if arm.human else 0 for arm in arms for n in sizes])
        made = np.array([arm.made(n) for arm in arms for n in sizes])
        cells = np.concatenate([self.values[arm.name] for arm in arms])
        return fit_law(Points(human, made, cells, self.facts.chance), np.random.default_rng([self.design.rng_seed, 7]))

    @property
    def law(self) -> Law | None:
        """The law through the compared arms where it holds, else through the plain ones; None without either."""
        return self._chosen_law[1] if self._chosen_law else None

    @property
    def law_arms(self) -> tuple[str, ...]:
        """The arms that `law` goes through."""
        return self._chosen_law[0] if self._chosen_law else ()

    @cached_property
    def _chosen_law(self) -> tuple[tuple[str, ...], Law] | None:
        holding = [each for each in self.laws if each[1].fits]
        return next(iter([*holding, *self.laws]), None)

    @cached_property
    def plan(self) -> Plan | None:
        """The cheapest way to the first target by the law, at stated or assumed prices; None without a law."""
        if self.law is None:
            return None
        spent = self.facts.spent
        most = BEYOND * max(arm.made(self.design.sizes[-1]) for arm in self.design.arms)
        limits = replace(spent.limits, max_synthetic=min(spent.limits.max_synthetic, most))
        return plan(self.law, spent.prices or ASSUMED, self.targets[0], limits=limits)

    @property
    def net(self) -> NetSaving:
        """The first target's saving, less what the answer itself cost."""
        return net_saving(self.saving[0], self.facts.spent, self.panel_items, self.facts.labelled)

    @property
    def claims(self) -> bool:
        """Whether a saving may be claimed: somebody said which human labels the synthetic rows were fitted on."""
        return self.facts.spent.seed_labels is not None

    @property
    def transfer(self) -> str:
        """Answer the question of transfer as measured: equal, helps, harms or unclear.

        Equal where synthetic rows alone, fitted to none of the pilot's labels, are within the margin of the baseline
        at its largest N, by an interval for all sources together; never where the baseline has learned nothing.
        """
        if any(each.harms for each in self.differences):
            return "harms"
        strengthened = self.design.arm(self.baseline).improve
        free = [arm for arm in self.design.arms if not arm.human and arm.source not in self.facts.learned]
        arms = [arm for arm in free if arm.improve == strengthened]
        alone = [self.values[arm.name][-1] for arm in arms]
        people, level = self.values[self.baseline][-1], 1 - 0.05 / max(len(alone), 1)
        gaps = [crossed_difference(each, people, level, one=self._one) for each in alone]
        learned = self.arms[self.baseline][-1].low > self.facts.chance
        if learned and any(gap.low > -self.design.margin for gap in gaps):
            return "equal"
        return "helps" if any(each.helps for each in self.differences) else "unclear"

    @property
    def ratio(self) -> tuple[float, float] | None:
        """Synthetic rows per human label, least and most, at the sizes where the mix is shown to help, if any."""
        arm, sizes = self.design.arm(self.candidate), self.design.sizes
        tried = [arm.made(n) / n for n, each in zip(sizes, self.differences, strict=True) if each.helps]
        return (min(tried), max(tried)) if tried and self.transfer in {"helps", "equal"} else None

    @property
    def verdict(self) -> Verdict:
        """Buy labels, generate, do both, or undecided."""
        return verdict(self.saving[0], self.transfer, self.claims)

    @property
    def panel_items(self) -> int:
        """Number of panel items."""
        return int(next(iter(self.items.values())).shape[2])

    @property
    def panel(self) -> str:
        """The panel's digest."""
        return self.facts.panel

    @property
    def label_origins(self) -> tuple[str, ...]:
        """Who gave the real rows' labels."""
        return self.facts.label_origins

    @property
    def measure(self) -> str:
        """The metric in words."""
        return self.design.metric.name.replace("_", " ")

    @property
    def answer(self) -> str:
        """Buy, generate or both, with the saving and its interval; the first sentence stands alone."""
        return answer(self.verdict, self.saving[0], self.differences, self.measure, self.design.margin, self.claims)

    def table(self) -> pa.Table:
        """One row per arm and size: arm, n, mean, low, high."""
        rows = [
            {"arm": arm, "n": n, "mean": each.estimate, "low": each.low, "high": each.high}
            for arm, curve in self.arms.items()
            for n, each in zip(self.design.sizes, curve, strict=True)
        ]
        return pa.Table.from_pylist(rows)

    def json(self) -> dict[str, Json]:
        """Documented keys: answer, verdict, arms, saving, net, harm, law, slices, findings, panel, design and more."""
        sizes = self.design.sizes
        return {
            "answer": self.answer,
            "verdict": self.verdict,
            "arms": {
                arm: {str(n): each.json() for n, each in zip(sizes, curve, strict=True)}
                for arm, curve in self.arms.items()
            },
            "saving": [saving_json(each) for each in self.saving] if self.claims else [],
            "net": self.net.json(),
            "differences": {
                str(each.n): {**each.interval.json(), "p_no_worse": each.noninferior} for each in self.differences
            },
            "comparisons": [each.json() for each in self.comparisons],
            "harm": [each.n for each in self.differences if each.harms],
            "slices": [each.json() for each in self.slices],
            "law": {**self.law.json(), "arms": list(self.law_arms)} if self.law else None,
            "plan": {**self.plan.json(), "assumed": self.facts.spent.prices is None} if self.plan else None,
            "optimism": {arm: {"synthetic": a, "real": b} for arm, (a, b) in self.facts.optimism.items()},
            "compared": {"baseline": self.baseline, "candidate": self.candidate},
            "transfer": self.transfer,
            "ratio": list(self.ratio) if self.ratio else None,
            "panel": {"digest": self.panel, "items": self.panel_items},
            "labels": list(self.label_origins),
            "findings": [each.json() for each in self.facts.findings],
            "left_out": list(left_out(self.design.arms)),
            "design": self.design.json(),
        }

    def figure(self) -> Figure:
        """Draw the learning curves with their bands."""
        from bimetal.pilot.figures import curves

        return curves(self)

    def page(self) -> Page:
        """Lay the pilot out as a report page, the answer first."""
        from bimetal.pilot.page import page

        return page(self)

    def to_html(self) -> str:
        """Write the report as one HTML file that opens without a network."""
        from bimetal.report import to_html

        return to_html(self.page())

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.answer


def _needed(saved: Saving) -> float:
    return np.inf if saved.human_labels is None else saved.human_labels


def saving_json(saved: Saving) -> dict[str, Json]:
    """Spell a saving as documented keys: fractions of the human labels, None where nothing can be said."""
    return {
        "target": saved.target,
        "human_labels": saved.human_labels,
        "hybrid_labels": saved.hybrid_labels,
        "saved": saved.saved.estimate if saved.saved else None,
        "low": saved.saved.low if saved.saved else None,
        "high": saved.saved.high if saved.saved else None,
        "censored": saved.censored,
        "bound": saved.bound,
        "words": saving_words(saved),
    }
