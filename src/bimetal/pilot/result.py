"""What a pilot found: accuracy per arm and size, the saving at a target, and harm, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json
from bimetal.pilot.design import Arm, Design
from bimetal.pilot.words import answer, saving_words
from bimetal.stats import Saving, crossed, crossed_difference, saving
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.report import Page
    from bimetal.types import BoolArray


@dataclass(frozen=True)
class Difference:
    """Candidate less baseline at one size, in accuracy, paired over seeds and panel items.

    `interval` is the size's own; `sure` holds for all sizes together (Bonferroni) and decides what helps and harms.
    """

    n: int
    interval: Interval
    sure: Interval

    @property
    def harms(self) -> bool:
        return self.sure.high < 0

    @property
    def helps(self) -> bool:
        return self.sure.low > 0


@dataclass(frozen=True)
class PilotResult:
    """Hold who got which panel item right: `correct[arm]` has shape (sizes, seeds, items)."""

    design: Design
    correct: Mapping[str, BoolArray]
    panel: str
    label_origins: tuple[str, ...] = ("undeclared",)

    @cached_property
    def arms(self) -> dict[str, list[Interval]]:
        """Mean accuracy with its interval, per arm, in the order of the sizes."""
        return {arm: [crossed(cells) for cells in cube] for arm, cube in self.correct.items()}

    @cached_property
    def baseline(self) -> str:
        """The strongest human arm: the best mean over all sizes, judged on the panel and so in its favour."""
        return max(self.design.baselines, key=lambda arm: float(np.mean(self.correct[arm.name]))).name

    @cached_property
    def candidate(self) -> str:
        """The hybrid arm strengthened like the baseline."""
        found = self.design.candidate(self.design.arm(self.baseline))
        assert found is not None  # a design without one is refused
        return found.name

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Candidate less baseline, size by size."""
        pairs = zip(self.design.sizes, self.correct[self.candidate], self.correct[self.baseline], strict=True)
        together = 1 - 0.05 / len(self.design.sizes)
        return tuple(
            Difference(n, crossed_difference(mix, alone), crossed_difference(mix, alone, together))
            for n, mix, alone in pairs
        )

    @property
    def targets(self) -> tuple[float, ...]:
        """The registered targets, or the strongest human arm's mean at its largest N less the margin."""
        if self.design.targets:
            return self.design.targets
        return (round(self.arms[self.baseline][-1].estimate - self.design.margin, 4),)

    @cached_property
    def saving(self) -> tuple[Saving, ...]:
        """Human labels saved at each target, against the human arm that needs the fewest labels there."""
        return tuple(min(map(self._saved(target), self.design.baselines), key=_needed) for target in self.targets)

    def _saved(self, target: float) -> Callable[[Arm], Saving]:
        sizes, seed = np.asarray(self.design.sizes), self.design.rng_seed

        def against(baseline: Arm) -> Saving:
            mix = self.design.candidate(baseline)
            assert mix is not None  # a design without one is refused
            human, hybrid = self.correct[baseline.name], self.correct[mix.name]
            return saving(sizes, human, hybrid, target, np.random.default_rng([seed, 3]))

        return against

    @property
    def transfer(self) -> str:
        """Answer the question of transfer as measured: equal, helps, harms or unclear.

        Equal where synthetic rows alone are within the margin of the baseline at its largest N, by the interval.
        """
        if any(each.harms for each in self.differences):
            return "harms"
        strengthened = self.design.arm(self.baseline).improve
        arms = [arm for arm in self.design.arms if not arm.human and arm.improve == strengthened]
        alone = [self.correct[arm.name][-1] for arm in arms]
        gaps = [crossed_difference(each, self.correct[self.baseline][-1]) for each in alone]
        if any(gap.low > -self.design.margin for gap in gaps):
            return "equal"
        return "helps" if any(each.helps for each in self.differences) else "unclear"

    @property
    def items(self) -> int:
        return int(next(iter(self.correct.values())).shape[2])

    @property
    def answer(self) -> str:
        """The pilot's one sentence, with its interval."""
        return answer(self.saving[0], self.differences)

    def table(self) -> pa.Table:
        """One row per arm and size: arm, n, mean, low, high."""
        rows = [
            {"arm": arm, "n": n, "mean": each.estimate, "low": each.low, "high": each.high}
            for arm, curve in self.arms.items()
            for n, each in zip(self.design.sizes, curve, strict=True)
        ]
        return pa.Table.from_pylist(rows)

    def json(self) -> dict[str, Json]:
        """Documented keys: answer, arms, compared, saving, harm, transfer, differences, panel, design, labels."""
        sizes = self.design.sizes
        return {
            "answer": self.answer,
            "arms": {
                arm: {str(n): each.json() for n, each in zip(sizes, curve, strict=True)}
                for arm, curve in self.arms.items()
            },
            "saving": [saving_json(each) for each in self.saving],
            "differences": {str(each.n): each.interval.json() for each in self.differences},
            "harm": [each.n for each in self.differences if each.harms],
            "compared": {"baseline": self.baseline, "candidate": self.candidate},
            "transfer": self.transfer,
            "panel": {"digest": self.panel, "items": self.items},
            "labels": list(self.label_origins),
            "design": self.design.json(),
        }

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
