"""Leakage: rows of the panel that stand in what is trained on, as they are or nearly so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.checks._columns import compared, unjudged
from bimetal.checks._rows import SHOWN, count, values
from bimetal.checks._shingles import near_texts
from bimetal.checks._twins import CHANCE, Twins, decoded, equal_payloads, near_rows
from bimetal.checks._words import ITEMS
from bimetal.errors import InputError
from bimetal.payload import modality, payload_columns
from bimetal.types import Dataset, Finding, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.plugins import Context

CHECK = "leakage"
FEWEST = 20
REMEDY = "take them out of {train} (or out of the panel, before it is sealed), and train again"
FINE = "nothing to change; rows of one person, place or day leak too: bind them with a group"


@dataclass(frozen=True, slots=True)
class Leakage:
    """Fail where the payload of a reference row stands in the dataset as it is; warn where one nearly does.

    The dataset is what is trained on, synthetic rows included, the reference the panel. Texts are near that share
    `overlap` of their four-letter stretches; other payloads where a pair lies closer than `closeness` times the usual
    distance between nearest neighbours of the reference, which two different digits hardly ever do.
    """

    closeness: float = 0.25
    overlap: float = 0.8

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]:  # noqa: ARG002 - nothing is drawn
        return compared(CHECK, dataset, reference, self._judge)

    def _judge(self, dataset: Dataset, reference: Dataset) -> list[Finding]:
        ours, theirs = (sorted(payload_columns(each.rows)) for each in (dataset, reference))
        if not theirs:
            return [unjudged(CHECK, "there is no payload column to compare", "pass tables with a payload")]
        if ours != theirs:
            lone = ", ".join(sorted({*ours} ^ {*theirs}))
            raise InputError(f"only one of the two tables has {lone}", "compare tables of one payload")
        rows = (decoded(dataset.rows), decoded(reference.rows))
        copied, chanced = equal_payloads(*rows)
        found = self._near_twins(*rows) if reference.rows.num_rows >= FEWEST else None
        return [_exact(dataset, reference, copied, chanced), self._near(dataset, reference, copied, found)]

    def _near(self, dataset: Dataset, reference: Dataset, copied: Twins, found: Twins | None) -> Finding:
        kind, rows = modality(reference.rows), reference.rows.num_rows
        if found is None:
            few = f"{count(rows)} of the reference are too few to know how near two of a kind come"
            return unjudged(CHECK, few, f"pass {FEWEST} or more", "near")
        equal = {row for _, row in copied.pairs}
        near = [pair for pair in found.pairs if pair[1] not in equal]
        by_chance = found.within * dataset.rows.num_rows / rows
        verdict: Verdict = "warn" if near and (kind != "table" or len(near) > 2 * by_chance) else "pass"
        message = f"{_share(len(near), reference)} with a near twin in {dataset.name}{_named(near, dataset, reference)}"
        if near:
            message += f"; {found.within:,} have one among themselves"
            message += f", so about {by_chance:,.0f} would be chance" if kind == "table" else ""
        remedy = (
            FINE if verdict == "pass" else f"look at these pairs; {REMEDY.format(train=dataset.name)} if they are one"
        )
        return Finding(CHECK, verdict, message, len(near) / rows, 0.0, self._guarantee(kind), remedy, "near")

    def _near_twins(self, rows: pa.Table, reference: pa.Table) -> Twins:
        if modality(reference) == "text":
            return near_texts(rows["text"].to_pylist(), reference["text"].to_pylist(), self.overlap)
        return near_rows(rows, reference, self.closeness)

    def _guarantee(self, kind: str) -> str:
        if kind == "text":
            return (
                f"pairs that share {self.overlap:.0%} of their four-letter stretches are found by MinHash (.9996 "
                "of them at 80 %) and verified; a paraphrase or a translation is not seen"
            )
        return (
            f"every pair was compared; near is within {self.closeness:g} times the median distance to the nearest "
            "other row of the reference; a copy that was moved, turned, cropped or drawn anew is not seen"
        )


def _exact(dataset: Dataset, reference: Dataset, copied: Twins, chanced: Twins) -> Finding:
    n = len(copied.pairs)
    verdict: Verdict = "fail" if n else "pass"
    message = f"{_share(n, reference)} found again in {dataset.name}, exactly{_named(copied.pairs, dataset, reference)}"
    if chanced.pairs:
        message += f"; {count(len(chanced.pairs), 'more row')} of values so common that chance brings them do too"
    guarantee = "every pair was compared value by value; only the payload counts, not id or label" + (
        f"; rows that independent columns bring with probability {CHANCE:g} are not counted" if chanced.pairs else ""
    )
    remedy = REMEDY.format(train=dataset.name) if n else FINE
    return Finding(CHECK, verdict, message, n / reference.rows.num_rows, 0.0, guarantee, remedy, "exact")


def _share(n: int, reference: Dataset) -> str:
    many = f"{reference.rows.num_rows:,} {ITEMS[modality(reference.rows)]} of {reference.name}"
    return f"{n:,} of the {many}" if n else f"none of the {many}"


def _named(pairs: tuple[tuple[int, int], ...] | list[tuple[int, int]], dataset: Dataset, reference: Dataset) -> str:
    if not pairs:
        return ""
    ids = [values(each.rows, "id") for each in (dataset, reference)]
    shown = [f"{ids[1][own] or f'row {own}'!r} as {ids[0][other] or f'row {other}'!r}" for other, own in pairs[:SHOWN]]
    return f": {', '.join(shown)}" + (" ..." if len(pairs) > SHOWN else "")
