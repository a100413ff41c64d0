"""What the demo found: the same values for the terminal, for --json and for the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bimetal.canonical import Json
from bimetal.decision import DecisionRecord
from bimetal.pilot import PilotResult
from bimetal.types import Finding, Interval


@dataclass(frozen=True)
class Proof:
    """What the log showed: its size and root, and what verification said of a copy with one byte flipped."""

    size: int
    root: str
    tampered: str

    def json(self) -> dict[str, Json]:
        return {"size": self.size, "root": self.root, "verified": True, "tampered": self.tampered}


@dataclass(frozen=True)
class Outcome:
    """All that the demo found, for the terminal, for --json and for the report.

    `decisions` are the records before and after the pilot. `unasked` is accuracy on drifted production items nobody
    was asked about, before and after the cycle: known here because the demo's labels are published; a programme of
    one's own estimates it from the random stream.
    """

    decisions: tuple[DecisionRecord, DecisionRecord]
    pilot: PilotResult
    turns: tuple[dict[str, Any], ...]
    unasked: tuple[Interval, Interval]
    findings: tuple[Finding, ...]
    proof: Proof
    report: Path

    def json(self) -> dict[str, Json]:
        """Documented keys: decision, pilot, saving, cycle, check, log, report."""
        found = self.pilot.json()
        last = "after" if self.turns[-1]["promoted"] else "before"
        before: dict[str, Json] = {"panel": self.turns[0]["before"]["panel"], "unasked": self.unasked[0].json()}
        after: dict[str, Json] = {"panel": self.turns[-1][last]["panel"], "unasked": self.unasked[1].json()}
        return {
            "decision": self.decisions[-1].json(),
            "pilot": found["arms"],
            "saving": found["saving"],
            "harm": found["harm"],
            "cycle": {
                "before": before,
                "after": after,
                "routed": sum(turn["routed"] for turn in self.turns),
                "drift": {turn["window"]: turn["drifted"] for turn in self.turns},
                "turns": list(self.turns),
            },
            "check": [each.json() for each in self.findings],
            "log": self.proof.json(),
            "report": str(self.report),
        }

    def lines(self) -> Iterator[str]:
        """Tell the outcome in a few lines, the answer first."""
        yield self.pilot.answer
        yield "(labels here are replayed from the published data set: no person was asked)"
        before, now = (each.sentence for each in self.decisions)
        yield f"before the pilot: {before}"
        yield f"with transfer measured: {now}"
        drifted = ", ".join(turn["window"] for turn in self.turns if turn["drifted"]) or "no window"
        asked = sum(turn["labels"] for turn in self.turns)
        yield f"drift was found in {drifted}; {asked} uncertain and random items were labelled"
        first, last = self.unasked
        yield f"accuracy on drifted items nobody was asked about: {first} before the cycle, {last} after"
        verdicts = [each.verdict for each in self.findings]
        counts = (f"{verdicts.count(kind)} {kind}" for kind in ("pass", "warn", "fail", "skip") if kind in verdicts)
        yield f"checks of the synthetic rows: {', '.join(counts)}"
        yield f"log: {self.proof.size} entries verified, root {self.proof.root}"
        yield f"one byte flipped in a copy: {self.proof.tampered}"
