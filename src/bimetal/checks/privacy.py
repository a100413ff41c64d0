"""Privacy: whether synthetic rows give away the real rows they were made from, judged by rows never seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.checks._claims import accounted
from bimetal.checks._columns import compared, sampled, unjudged
from bimetal.checks._holdout import Lean, Nearness, nearness
from bimetal.checks._inference import FALSE_POSITIVES, Inference, inference
from bimetal.checks._rows import count, first
from bimetal.checks._singling import Singled, coded, singled_out
from bimetal.checks._twins import Twins, decoded, equal_payloads
from bimetal.checks._words import ITEMS
from bimetal.errors import InputError
from bimetal.payload import columns, matrices, modality, payload_columns
from bimetal.types import Dataset, Finding, Verdict

if TYPE_CHECKING:
    from bimetal.plugins import Context
    from bimetal.types import BoolArray

CHECK = "privacy"
HOLDOUT = "holdout"
FEWEST = 100
TESTS = 6
ASK = (
    "keep as many real rows from the generator as it learns from, and pass both as the reference with a boolean "
    f"column {HOLDOUT!r}, true for the rows it never saw"
)
REMEDY = (
    "leave these rows out; then refit with larger leaves, more noise or fewer steps, or draw under differential privacy"
)
FINE = "nothing to change; a named person still accepts the risk that no distance shows"
UNJUDGED = "not judged: attribute inference, attackers who train models of their own"


@dataclass(frozen=True, slots=True)
class Privacy:
    """Fail where seeds are copied, approached, told or singled out more than real rows the generator never saw.

    The reference holds the seeds and, with `holdout` true, rows of the same population that were kept from the
    generator. Copies, the share nearer to a seed, the 1 % most lopsided distances, membership inference over all and
    at 1 % false positives, and singling out are tested, each at `false_alarm` / 6; shares that lean but stay within
    `share` are a warning. Without a holdout nothing passes. At most `rows` rows of each are looked at. Rows whose
    recipe claims differential privacy are told with what it claims, and warned of above `epsilon`.
    """

    false_alarm: float = 0.05
    share: float = 0.55
    rows: int = 5000
    permutations: int = 399
    epsilon: float = 10.0

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]:
        found = compared(CHECK, dataset, reference, lambda one, two: self._judge(one, two, context.rng))
        tested = all(each.verdict != "skip" for each in found)
        return [*found, *accounted(CHECK, dataset, context, self.epsilon, tested)]

    def _judge(self, dataset: Dataset, reference: Dataset, rng: np.random.Generator) -> list[Finding]:
        held = _held(reference.rows)
        made, known = (_without_holdout(each.rows) for each in (dataset, reference))
        ours, theirs = (sorted(payload_columns(each)) for each in (made, known))
        if not theirs:
            return [unjudged(CHECK, "there is no payload column to compare", "pass tables with a payload")]
        if ours != theirs:
            lone = ", ".join(sorted({*ours} ^ {*theirs}))
            raise InputError(f"only one of the two tables has {lone}", "compare tables of one payload")
        made, known = decoded(made), decoded(known)
        copied, chanced = equal_payloads(made, known)
        fewest = min(int((~held).sum()), int(held.sum()), made.num_rows)
        if fewest < FEWEST:
            few = _few(held, made.num_rows)
            return [_copies_alone(copied, held, dataset, few), unjudged(CHECK, few, ASK, "near")]
        sides = [sampled(known.filter(pa.array(each)), min(fewest, self.rows), rng) for each in (~held, held)]
        drawn = np.sort(rng.choice(made.num_rows, min(made.num_rows, self.rows), replace=False))
        looked = made.take(drawn)
        seeds, others, new = matrices(*sides, looked)
        found = nearness(new, (seeds, others), rng, self.false_alarm / TESTS, self.permutations)
        told = inference(new, (seeds, others), rng, self.false_alarm / TESTS, self.permutations)
        codes = coded(columns(looked), columns(pa.concat_tables(sides)))
        seed = np.arange(2 * fewest) < fewest
        alone = singled_out(codes, seed, rng, self.false_alarm / TESTS, self.permutations)
        near = drawn[[row for row, _ in found.pairs]].tolist() if found.pairs else []
        return [
            self._copies((copied, chanced), held, dataset),
            self._leaning(found, dataset),
            self._tail(found, near, dataset),
            *self._members(told, dataset),
            self._singled(alone, dataset),
        ]

    def _copies(self, twins: tuple[Twins, Twins], held: BoolArray, dataset: Dataset) -> Finding:
        """Compare how many seeds and how many holdout rows stand in the dataset (Fisher's exact test)."""
        from scipy.stats import hypergeom

        pairs = [pair for each in twins for pair in each.pairs]
        rows = [row for _, row in pairs]
        copies = np.array([int((~held)[rows].sum()), int(held[rows].sum())])
        among = np.array([int((~held).sum()), int(held.sum())])
        p = float(hypergeom.sf(copies[0] - 1, len(held), len(rows), among[0]))
        significant = p <= self.false_alarm / TESTS
        alone = bool(copies[0]) and not copies[1]
        picture = modality(dataset.rows) in ("image", "audio")
        verdict: Verdict = "fail" if significant or (alone and picture) else "warn" if alone else "pass"
        shares = copies / among
        whose = sorted(made for made, row in pairs if not held[row])
        named = f": {first(dataset.rows, whose)}" if verdict != "pass" else ""
        message = (
            f"{copies[0]:,} of {among[0]:,} seeds stand in {dataset.name} as they are, "
            f"{copies[1]:,} of {among[1]:,} rows it was not made from{named}"
        )
        guarantee = (
            f"every pair was compared value by value; {self._alarm('Fisher exact test')}; a seed found where no "
            f"holdout row is fails among images and sounds, elsewhere it warns; {UNJUDGED}"
        )
        return Finding(CHECK, verdict, message, float(shares[0]), float(shares[1]), guarantee, _way(verdict), "copies")

    def _leaning(self, found: Nearness, dataset: Dataset) -> Finding:
        verdict = self._verdict(found.share, self.share)
        message = (
            f"{found.share.value:.1%} of {dataset.name} lie nearer to a seed than to a row it was not made from; "
            f"50 % where nothing was learnt by heart, up to {found.share.limit:.1%} by chance"
        )
        return Finding(
            CHECK, verdict, message, found.share.value, self.share, self._guarantee(), _way(verdict), "share"
        )

    def _tail(self, found: Nearness, near: list[int], dataset: Dataset) -> Finding:
        verdict = self._verdict(found.tail)
        named = f": {first(dataset.rows, near)}" if verdict == "fail" else ""
        message = (
            f"of the {count(found.tail_rows)} of {dataset.name} with the most lopsided distances {len(near):,} lie by "
            f"a seed{named}"
        )
        return Finding(
            CHECK, verdict, message, found.tail.value, found.tail.limit, self._guarantee(), _way(verdict), "near copies"
        )

    def _members(self, told: Inference, dataset: Dataset) -> list[Finding]:
        auc, sure = told.auc, told.sure
        first_verdict, second = self._verdict(auc, self.share), self._verdict(sure)
        over_all = (
            f"who compares distances to {dataset.name} tells seeds from rows it was not made from with an AUC of "
            f"{auc.value:.3f}; .5 where nothing can be told, up to {auc.limit:.3f} by chance"
        )
        at_few = (
            f"{sure.value:.1%} of the seeds can be named at {FALSE_POSITIVES:.0%} false positives, up to "
            f"{sure.limit:.1%} by chance"
        )
        return [
            Finding(
                CHECK,
                first_verdict,
                over_all,
                auc.value,
                self.share,
                self._guarantee(),
                _way(first_verdict),
                "membership",
            ),
            Finding(CHECK, second, at_few, sure.value, sure.limit, self._guarantee(), _way(second), "sure members"),
        ]

    def _singled(self, found: Singled, dataset: Dataset) -> Finding:
        if not found.guesses:
            what = f"no values of {dataset.name} are one row's alone, so nobody can be singled out by them"
            return unjudged(CHECK, what, "nothing to change", "singling out")
        verdict = self._verdict(found.lean)
        message = (
            f"{found.seeds:,} of {found.guesses:,} predicates that fit one row of {dataset.name} fit one seed alone, "
            f"{found.others:,} one of as many rows it was not made from"
        )
        return Finding(
            CHECK,
            verdict,
            message,
            found.lean.value,
            found.lean.limit,
            self._guarantee(),
            _way(verdict),
            "singling out",
        )

    def _verdict(self, lean: Lean, tolerated: float | None = None) -> Verdict:
        if lean.p > self.false_alarm / TESTS:
            return "pass"
        return "warn" if tolerated is not None and lean.value <= tolerated else "fail"

    def _alarm(self, test: str) -> str:
        return f"false alarms at most {self.false_alarm / TESTS:.1%} ({test}), {self.false_alarm:.0%} over all six"

    def _guarantee(self) -> str:
        return (
            f"{self._alarm(f'{self.permutations} permutations of who was a seed')}, if the holdout was truly kept from "
            f"the generator; at most {self.rows:,} rows of each were looked at; fewer than six near copies are not "
            f"seen; {UNJUDGED}"
        )


def _way(verdict: Verdict) -> str:
    return FINE if verdict == "pass" else REMEDY


def _held(known: pa.Table) -> BoolArray:
    if HOLDOUT not in known.column_names:
        return np.zeros(known.num_rows, bool)
    column = known[HOLDOUT]
    if not pa.types.is_boolean(column.type) or column.null_count:
        raise InputError(
            f"column {HOLDOUT!r} holds {column.type}, or nothing in some row", "fill it with true or false"
        )
    return np.asarray(column.to_numpy(), bool)


def _without_holdout(table: pa.Table) -> pa.Table:
    return table.drop_columns(HOLDOUT) if HOLDOUT in table.column_names else table


def _few(held: BoolArray, made: int) -> str:
    if not held.any():
        return "the reference has no row that was kept from the generator, so nothing tells near from too near"
    sides = f"{count(int((~held).sum()), 'seed')}, {count(int(held.sum()))} of holdout and {count(made)} made"
    return f"{sides} are too few: {FEWEST} of each are needed"


def _copies_alone(copied: Twins, held: BoolArray, dataset: Dataset, few: str) -> Finding:
    """Fail for copies that chance does not bring, even without a holdout; never pass, for nothing was tested."""
    whose = sorted(made for made, row in copied.pairs if not held[row])
    if not whose:
        return unjudged(CHECK, f"{few}; no seed was found in {dataset.name} that chance would not bring", ASK, "copies")
    kind = ITEMS[modality(dataset.rows)]
    message = f"{len(whose):,} {kind} of {dataset.name} are seeds as they are: {first(dataset.rows, whose)}; {few}"
    guarantee = f"every pair was compared value by value; common values that chance brings are not counted; {UNJUDGED}"
    return Finding(CHECK, "fail", message, len(whose) / len(held), 0.0, guarantee, REMEDY, "copies")
