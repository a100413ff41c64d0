"""Shift of a dataset against a reference: column by column with false alarms bounded, and as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.checks._columns import compared, paired, sampled, unjudged
from bimetal.checks._words import in_missing, in_shape, in_tails, sides
from bimetal.payload import matrices
from bimetal.stats import Shift, benjamini_hochberg, categorical_shift, classifier_two_sample, numeric_shift
from bimetal.types import Dataset, Finding, Interval, Verdict

if TYPE_CHECKING:
    import numpy as np

    from bimetal.checks._columns import Pair
    from bimetal.plugins import Context

CHECK = "distribution_shift"
FEWEST = 20
NAMES = 0.8  # distinct values a row from which words are taken for names
WORDS = {"shape": in_shape, "tails": in_tails, "missing": in_missing}


@dataclass(frozen=True, slots=True)
class DistributionShift:
    """Fail columns whose gap is beyond doubt larger than `tolerance`, a share of rows; warn where it may be.

    A column is asked for its shape, its tails and its missing values; `false_discovery` bounds the share of false
    alarms among flagged columns. `auc` is the most a classifier may tell the sets apart (.5 is not at all); it sees
    `rows` rows of either, and is left out at 0. `components` principal components join the columns of images and texts.
    """

    tolerance: float = 0.1
    auc: float = 0.7
    false_discovery: float = 0.05
    components: int = 3
    rows: int = 1500

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]:
        return compared(CHECK, dataset, reference, lambda one, two: self._judge(one, two, context.rng))

    def _judge(self, dataset: Dataset, reference: Dataset, rng: np.random.Generator) -> list[Finding]:
        pairs = paired(dataset, reference, self.components)
        if not pairs:
            return [unjudged(CHECK, "there is no payload column to compare", "pass tables with a payload")]
        names = [name for name, pair in pairs.items() if _names_rows(pair)]
        found = [_unlike(name) for name in names]
        pairs = {name: pair for name, pair in pairs.items() if name not in names}
        shifts = {name: _shift(pair, rng) for name, pair in pairs.items()}
        adjusted = benjamini_hochberg([_one_p(shift) for shift in shifts.values()])
        who = sides(dataset, reference)
        for (name, pair), q in zip(pairs.items(), adjusted, strict=True):
            causes = self._causes(shifts[name]) if q <= self.false_discovery else []
            found.append(self._column(name, pair, shifts[name].effect, (who, causes)))
        return [*found, self._overall(dataset, reference, who, rng)] if self.rows else found

    def _causes(self, shift: Shift) -> list[str]:
        asked = _questions(shift)
        causes = [
            name for name in sorted(asked, key=asked.__getitem__) if asked[name] <= self.false_discovery / len(asked)
        ]
        if shift.effect.high <= self.tolerance:  # beyond doubt too small a gap to speak of
            return [name for name in causes if name != "shape"]
        return sorted(causes, key=lambda name: name != "shape")

    def _column(self, name: str, pair: Pair, gap: Interval, judged: tuple[tuple[str, str], list[str]]) -> Finding:
        (one, two), causes = judged
        if not causes and gap.high >= 1:
            few = f"so few rows exclude no difference in {name!r}, however large"
            return unjudged(CHECK, few, "pass more rows that have a value there", name)
        verdict: Verdict = "pass" if not causes else "fail" if gap.low > self.tolerance else "warn"
        if causes:
            size = f"a gap of {gap.estimate:.1%} of rows [{gap.low:.1%}, {gap.high:.1%}]"
            how, *also = (WORDS[cause](name, pair) for cause in causes)
            message = "; they also ".join([f"the {one} {how} than the {two}: {size}", *also])
        else:
            message = f"no difference worth speaking of in {name!r}: a gap beyond {gap.high:.1%} of rows is excluded"
        guarantee = (
            f"at most {self.false_discovery:.0%} of the flagged columns are false alarms on average "
            f"(Benjamini-Hochberg); the gap's interval holds at {gap.level:.0%} for each column by itself"
        )
        return Finding(CHECK, verdict, message, gap.estimate, self.tolerance, guarantee, _remedy(verdict, name), name)

    def _overall(self, dataset: Dataset, reference: Dataset, who: tuple[str, str], rng: np.random.Generator) -> Finding:
        old, new = matrices(*(sampled(each.rows, self.rows, rng) for each in (reference, dataset)))
        if min(len(old), len(new)) < FEWEST:
            few = f"{min(len(old), len(new))} rows are too few to train a classifier that tells the two apart"
            return unjudged(CHECK, few, f"pass {FEWEST} rows or more of each", "overall")
        auc, p = classifier_two_sample(old, new, rng)
        verdict: Verdict = "pass" if p > self.false_discovery else "fail" if auc.low > self.auc else "warn"
        able = "cannot tell" if verdict == "pass" else "can tell"
        message = f"a classifier {able} the {who[0]} from the {who[1]}: AUC {auc}, .5 being chance"
        guarantee = (
            f"equal sets are flagged in {self.false_discovery:.0%} of cases at most; "
            "the AUC is measured on rows the classifier did not see"
        )
        remedy = _remedy(verdict, "the columns flagged above")
        return Finding(CHECK, verdict, message, auc.estimate, self.auc, guarantee, remedy, "overall")


def _shift(pair: Pair, rng: np.random.Generator) -> Shift:
    old, new = pair
    return categorical_shift(old, new, rng=rng) if old.dtype == object else numeric_shift(old, new, rng=rng)


def _names_rows(pair: Pair) -> bool:
    """Say whether words hardly ever repeat, in either set: such a column names rows and has no shares to compare."""
    known = [[each for each in column.tolist() if each is not None] for column in pair if column.dtype == object]
    return any(len(each) >= FEWEST and len(set(each)) > NAMES * len(each) for each in known)


def _unlike(name: str) -> Finding:
    reason = f"nearly every row has a value of its own in {name!r}: it names rows, and has no shares to compare"
    return unjudged(CHECK, reason, f"drop {name}, or turn it into categories or numbers that repeat", name)


def _questions(shift: Shift) -> dict[str, float]:
    asked = {"shape": shift.p, "tails": shift.tail_p}
    return asked if shift.missing_p == 1 else asked | {"missing": shift.missing_p}


def _one_p(shift: Shift) -> float:
    asked = _questions(shift).values()
    return min(1.0, len(asked) * min(asked))


def _remedy(verdict: Verdict, name: str) -> str:
    if verdict == "pass":
        return "nothing to change; pass more rows to exclude smaller differences"
    if verdict == "warn":
        return f"look at {name} in both sets, and pass more rows to settle how much it differs"
    return f"change the generator or the collection until {name} matches, or weigh these rows by their measured worth"
