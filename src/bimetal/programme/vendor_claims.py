"""What a vendor claims beside what was measured: borne out, contradicted, or claimed and not measured."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bimetal.types import Finding, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

CHECK = "claim"
BALANCED = 0.8  # the rarest label has this share of the commonest, or more
GUARANTEE = "claims are told apart by the words in them; whoever accepts the rows reads them too"
WORDS = (
    ("privacy", r"privacy|anonym|personal|person\b|traced?\b|re-?identif"),
    ("distribution_shift", r"representative|realistic|distribut|statistical|fidelity"),
    ("mode_collapse", r"divers|variety|complete cover|edge case"),
    ("leakage", r"benchmark|contaminat|held.?out|test (?:set|data|rows)"),
)
SAID = {"pass": "passed", "warn": "warned", "fail": "failed", "skip": "not judged"}
PROMISED = re.compile(r"\bdp\b|differential|epsilon|\beps\b|\u03b5", re.IGNORECASE)


def claimed(text: str) -> tuple[str, ...]:
    """Take the claims of a source apart, as they are kept: one text, semicolons between them.

    >>> claimed("balanced; privacy-safe")
    ('balanced', 'privacy-safe')
    """
    return tuple(each.strip() for each in text.split(";") if each.strip())


def compared(text: str, rows: pa.Table, found: Sequence[Finding]) -> list[Finding]:
    """Hold each claim against the findings of a run, and against the labels where it speaks of balance.

    >>> import pyarrow as pa
    >>> [each.message for each in compared("DP eps=1", pa.table({"id": ["a"]}), [])]
    ["'DP eps=1': claimed, not measured; rows cannot show what noise they were drawn with"]
    """
    return [_judged(each, rows, found) for each in claimed(text)]


def _judged(claim: str, rows: pa.Table, found: Sequence[Finding]) -> Finding:
    measured = [*_by_checks(claim, found), *_by_labels(claim, rows)]
    if PROMISED.search(claim):
        measured.append(("skip", "rows cannot show what noise they were drawn with"))
    verdicts = {verdict for verdict, _ in measured}
    told = "; ".join(words for _, words in measured)
    if "fail" in verdicts:
        return _finding(claim, "fail", f"measured otherwise; {told}", "have it mended, or the claim taken back")
    if not verdicts or "skip" in verdicts:
        why = told or "no check measures this"
        return _finding(claim, "warn", f"claimed, not measured; {why}", "ask the vendor what it was measured by")
    return _finding(claim, "warn" if "warn" in verdicts else "pass", f"measured; {told}", "read the findings beside it")


def _finding(claim: str, verdict: Verdict, told: str, remedy: str) -> Finding:
    return Finding(CHECK, verdict, f"{claim!r}: {told}", guarantee=GUARANTEE, remedy=remedy, where=claim[:60])


def _by_checks(claim: str, found: Sequence[Finding]) -> Iterator[tuple[Verdict, str]]:
    for name, words in WORDS:
        if re.search(words, claim, re.IGNORECASE):
            verdicts = [each.verdict for each in found if each.check == name]
            counted = Counter(verdicts)
            told = ", ".join(f"{many} {SAID[verdict]}" for verdict, many in counted.items()) or "it did not run"
            yield _worst(verdicts), f"the check {name}: {told}"


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Take the worst verdict; where part was not judged, nothing bears the claim out."""
    order: tuple[Verdict, ...] = ("fail", "skip", "warn", "pass")
    return next((each for each in order if each in verdicts), "skip")


def _by_labels(claim: str, rows: pa.Table) -> Iterator[tuple[Verdict, str]]:
    if not re.search(r"(?<!im)(?<!un)balanced", claim, re.IGNORECASE):
        return
    said = [each for each in rows["label"].to_pylist() if isinstance(each, str)] if "label" in rows.column_names else []
    counts = Counter(said).most_common()
    if not counts:
        yield "skip", "no row has a label"
        return
    (most, many), (least, few) = counts[0], counts[-1]
    even = len(counts) > 1 and few >= BALANCED * many
    told = f"{many:,} rows are {most!r}, {few:,} are {least!r}" if len(counts) > 1 else f"every row is {most!r}"
    yield "pass" if even else "fail", told
