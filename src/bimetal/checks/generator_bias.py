"""Bias a generator adds: labels and slices it amplifies or starves against real shares."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.checks._columns import compared, unjudged
from bimetal.checks._rows import values
from bimetal.checks._words import sides
from bimetal.stats import amplification
from bimetal.types import Dataset, Finding, Interval, Verdict

if TYPE_CHECKING:
    from bimetal.plugins import Context

CHECK = "generator_bias"


@dataclass(frozen=True, slots=True)
class GeneratorBias:
    """Fail values of the named columns whose share, over the reference's, is beyond doubt past `tolerance`.

    A tolerance of 1.25 lets a share grow or shrink by a quarter. Every ratio holds at once at `level`. Shares that
    a recipe asked for (its targets) warn instead of fail.
    """

    columns: tuple[str, ...] = ("label",)
    tolerance: float = 1.25
    level: float = 0.95

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]:
        asked = _asked(dataset, context)
        return compared(
            CHECK,
            dataset,
            reference,
            lambda one, two: [
                finding for column in self.columns for finding in self._column(one, two, column, column in asked)
            ],
        )

    def _column(self, dataset: Dataset, reference: Dataset, column: str, asked: bool) -> list[Finding]:
        new, old = (Counter(values(each.rows, column)) for each in (dataset, reference))
        for counts, side in ((new, dataset), (old, reference)):
            del counts[None]
            if not counts:
                remedy = f"give the rows of {side.name} their {column}, or leave the column out"
                return [unjudged(CHECK, f"{side.name} has no value in {column!r}", remedy, column)]
        names = sorted(value for value in new | old if value is not None)
        level = 1 - (1 - self.level) / len(self.columns)
        ratios = amplification([old[name] for name in names], [new[name] for name in names], level)
        judged = {name: (ratio, self._verdict(ratio, asked)) for name, ratio in zip(names, ratios, strict=True)}
        who = sides(dataset, reference)
        flagged = [
            self._flagged(f"{column}={name}", ratio, verdict, (who, asked))
            for name, (ratio, verdict) in judged.items()
            if verdict != "pass"
        ]
        return flagged or [self._passed(column, ratios)]

    def _verdict(self, ratio: Interval, asked: bool) -> Verdict:
        if ratio.low <= 1 <= ratio.high or (1 / self.tolerance <= ratio.low and ratio.high <= self.tolerance):
            return "pass"
        beyond = ratio.low > self.tolerance or ratio.high < 1 / self.tolerance
        return "fail" if beyond and not asked else "warn"

    def _flagged(self, where: str, ratio: Interval, verdict: Verdict, words: tuple[tuple[str, str], bool]) -> Finding:
        (one, two), asked = words
        grown = ratio.estimate > 1
        message = (
            f"the {one} hold {where} {'more' if grown else 'less'} often than the {two}: "
            f"{ratio.estimate:.2f} times the share [{ratio.low:.2f}, {ratio.high:.2f}]"
        )
        message += ", as a recipe's targets ask" if asked else ""
        remedy = f"ask the generator for {'less' if grown else 'more'} of {where} (targets), or weigh rows by the ratio"
        limit = self.tolerance if grown else 1 / self.tolerance
        return Finding(CHECK, verdict, message, ratio.estimate, limit, self._guarantee(), remedy, where)

    def _passed(self, column: str, ratios: list[Interval]) -> Finding:
        most, least = max(ratio.high for ratio in ratios), min(ratio.low for ratio in ratios)
        message = (
            f"no value of {column!r} is amplified or starved beyond doubt: "
            f"shares beyond {least:.2f} to {most:.2f} times the reference's are excluded"
        )
        remedy = "nothing to change; pass more rows to exclude smaller ratios"
        worst = max((ratio.estimate for ratio in ratios), key=lambda ratio: max(ratio, 1 / ratio))
        return Finding(CHECK, "pass", message, worst, self.tolerance, self._guarantee(), remedy, column)

    def _guarantee(self) -> str:
        return f"all ratios hold at once at {self.level:.0%} (Bonferroni)"


def _asked(dataset: Dataset, context: Context) -> set[str]:
    used = set(values(dataset.rows, "recipe"))
    targets = [target for digest, recipe in context.recipes.items() if digest in used for target in recipe.targets]
    return {target.column for target in targets}
