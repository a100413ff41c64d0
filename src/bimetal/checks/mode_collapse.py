"""Mode collapse: real rows that synthetic ones never come near, cut tails, and modes shrunk to their middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bimetal.checks._columns import compared, principal, sampled, unjudged
from bimetal.checks._rows import values
from bimetal.checks._words import sides
from bimetal.payload import matrices
from bimetal.stats import Coverage, benjamini_hochberg, share_ratio, tail_coverage, within_mode_shrink
from bimetal.types import Dataset, Finding, Verdict

if TYPE_CHECKING:
    from bimetal.plugins import Context
    from bimetal.types import FloatArray

CHECK = "mode_collapse"
FEWEST = 20
HALF = 0.5  # an edge with less than half its expected synthetic rows is cut, not thin
REMEDY = (
    "first undo what distribution_shift flags, for shifted rows come near nothing; "
    "then widen the generator, and keep real rows of the uncovered part in the mix"
)
FINE = "nothing to change; pass more rows to see smaller gaps"


@dataclass(frozen=True, slots=True)
class ModeCollapse:
    """Fail where real rows lie uncovered in a share above chance by more than `tolerance`, or an edge is cut.

    Coverage is tested over all rows and label by label, `shrink` is the most that within-mode shrinkage may reach
    (.5 is none). `false_discovery` bounds the share of false alarms. At most `rows` rows of either are looked at,
    and where the payload has more columns, their first `components` principal components.
    """

    tolerance: float = 0.02
    shrink: float = 0.6
    false_discovery: float = 0.05
    components: int = 20
    rows: int = 2000

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]:
        return compared(CHECK, dataset, reference, lambda one, two: self._judge(one, two, context.rng))

    def _judge(self, dataset: Dataset, reference: Dataset, rng: np.random.Generator) -> list[Finding]:
        real, made = (sampled(each.rows, self.rows, rng) for each in (reference, dataset))
        old, new = matrices(real, made)
        if min(len(old), len(new)) < FEWEST or not old.shape[1]:
            few = f"{len(new)} rows against {len(old)} of the reference are too few to see modes"
            return [unjudged(CHECK, few, f"pass {FEWEST} rows or more of each, with a payload")]
        if old.shape[1] > self.components:
            old, new = (scores.T for scores in principal(old, new, self.components))
        old_labels, new_labels = (np.array([str(each) for each in values(each, "label")]) for each in (real, made))
        parts = {"": (old, new)}
        absent = []
        for label in sorted(set(values(real, "label")) - {None}, key=str):
            part = (old[old_labels == label], new[new_labels == label])
            if min(map(len, part)) >= FEWEST:
                parts[f"label={label}"] = part
            else:
                absent.append(self._few(str(label), part, (len(old), len(new)), sides(dataset, reference)))
        return [*self._tested(parts, sides(dataset, reference), rng), *absent]

    def _tested(
        self, parts: dict[str, tuple[FloatArray, FloatArray]], who: tuple[str, str], rng: np.random.Generator
    ) -> list[Finding]:
        # enough permutations that one part alone can be significant among all of them
        permutations = max(199, int(np.ceil(4 * (len(parts) + 1) / self.false_discovery)))
        covers = {where: tail_coverage(old, new, rng, permutations) for where, (old, new) in parts.items()}
        statistic, p = within_mode_shrink(*parts[""], rng)
        adjusted = benjamini_hochberg([*(cover.p for cover in covers.values()), p])
        found = [
            self._coverage(where, cover, float(q), who)
            for (where, cover), q in zip(covers.items(), adjusted[:-1], strict=True)
        ]
        return [*found, self._shrunk(statistic, float(adjusted[-1]), who)]

    def _coverage(self, where: str, cover: Coverage, q: float, who: tuple[str, str]) -> Finding:
        excess = cover.uncovered_share - cover.expected_share
        cut = cover.edge_share < HALF * cover.expected_edge_share
        real = q <= self.false_discovery
        verdict: Verdict = "pass" if not real else "fail" if excess > self.tolerance or cut else "warn"
        (one, two), place = who, f" with {where}" if where else ""
        told = f"the {one} leave {two}{place} uncovered" if real else f"the {one} cover the {two}{place}, chance aside"
        message = (
            f"{told}: {cover.uncovered_share:.1%} of them lie where none comes near, "
            f"{cover.expected_share:.1%} by chance; "
            f"{cover.edge_share:.0%} of the outermost are {one}, {cover.expected_edge_share:.0%} by chance"
        )
        remedy = FINE if verdict == "pass" else REMEDY
        return Finding(CHECK, verdict, message, excess, self.tolerance, self._guarantee(), remedy, where)

    def _shrunk(self, statistic: float, q: float, who: tuple[str, str]) -> Finding:
        real = q <= self.false_discovery
        verdict: Verdict = "pass" if not real else "fail" if statistic > self.shrink else "warn"
        how = "huddle closer than the" if real else "spread as widely inside their modes as the"
        message = (
            f"the {who[0]} {how} {who[1]}: {statistic:.3f} is the chance that a row of the latter has its nearest "
            "neighbour farther away, .5 where nothing shrank"
        )
        remedy = (
            FINE
            if verdict == "pass"
            else "raise the generator's noise or temperature, or refit it with more components"
        )
        return Finding(CHECK, verdict, message, statistic, self.shrink, self._guarantee(), remedy, "within modes")

    def _few(
        self, label: str, part: tuple[FloatArray, FloatArray], of: tuple[int, int], who: tuple[str, str]
    ) -> Finding:
        old, new = map(len, part)
        where, ratio = f"label={label}", share_ratio(new, of[1], old, of[0])
        if new or ratio.high >= 1:
            message = f"{where} has {new} rows against {old} of the reference: too few to judge what they cover"
            return unjudged(CHECK, message, f"pass {FEWEST} rows or more of it in both", where)
        message = f"the {who[0]} hold no row with {where}, the {who[1]} {old} of {of[0]}"
        guarantee = f"the ratio of the shares lies below {ratio.high:.2f} at {ratio.level:.0%}, this label by itself"
        return Finding(CHECK, "fail", message, 0.0, 1.0, guarantee, f"generate rows with {where}", where)

    def _guarantee(self) -> str:
        return (
            f"at most {self.false_discovery:.0%} of the flagged parts are false alarms on average (permuted labels, "
            f"Benjamini-Hochberg); at most {self.rows:,} rows of either were looked at"
        )
