"""Bank queries: people alone, invented customers alone, and both, on 15 separated and on 15 confusable intents.

Banking77 (Casanueva and others 2020), its own split: N labels are drawn from the train queries, the panel is the test
queries, judged in this script alone. The synthetic queries come from the grammar `bank`; its head says what its
author knew. The learner was chosen on the train queries, for people alone: a linear SVM (C = 1) was stronger than
logistic regression from 50 to 400 labels. Run: python bench/banking77.py [--seeds 10] [--only separated|confusable]
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from bimetal.compute import run_local
from bimetal.generators.grammar import Grammar
from bimetal.learners._features import fit_tfidf
from bimetal.learners._fitting import Fitted, softmax, targets
from bimetal.pilot import Arm, Design, PilotData, PilotResult, Spent, run_pilot
from bimetal.pilot.words import saving_words
from bimetal.stats import Saving, saving

DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
SIZES = (20, 50, 100, 200, 400, 800)
MADE = 2000
INTENTS = {
    "separated": (
        "card_arrival exchange_rate lost_or_stolen_card passcode_forgotten change_pin top_up_failed "
        "declined_card_payment Refund_not_showing_up terminate_account pending_transfer apple_pay_or_google_pay "
        "age_limit cash_withdrawal_charge edit_personal_details transfer_fee_charged"
    ),
    "confusable": (
        "card_arrival card_delivery_estimate get_physical_card order_physical_card pending_card_payment "
        "pending_transfer pending_top_up pending_cash_withdrawal top_up_failed top_up_reverted failed_transfer "
        "declined_transfer balance_not_updated_after_bank_transfer transfer_timing transfer_not_received_by_recipient"
    ),
}
TARGETS = {"separated": (0.98, 0.97, 0.95, 0.9), "confusable": (0.85, 0.8, 0.7)}
MIX = "hybrid, active"  # on the train queries, before any panel was judged, margin suited the mix better than by budget
WAYS: dict[str, dict[str, Any]] = {
    "": {},
    ", active": {"select": "margin"},
    ", active by budget": {"select": "by_budget"},
    ", self-trained, active": {"improve": ("self_trained",), "select": "margin"},
}
ARMS = (
    Arm("synthetic", human=False, rows=MADE),
    *(Arm(f"human{way}", **how) for way, how in WAYS.items()),
    *(Arm(f"hybrid{way}", rows=MADE, **how) for way, how in WAYS.items()),
)


@dataclass(frozen=True)
class Svm:
    """A linear SVM on TF-IDF of words and letters, counted in the unlabelled pool; no text is parsed twice."""

    tfidf: Any
    width: int
    C: float = 1.0
    seen: dict[str, Any] = field(default_factory=dict, compare=False)

    def __call__(self, train: pa.Table, weight: Any, unlabelled: pa.Table | None, rng: np.random.Generator) -> Fitted:  # noqa: ARG002 - the protocol's
        from sklearn.svm import LinearSVC

        classes, codes = targets(train, weight)
        svm = LinearSVC(C=self.C, tol=1e-3, random_state=0).fit(self.matrix(train), codes, weight)

        def score(rows: Any) -> Any:
            far = svm.decision_function(rows)
            return softmax(far if far.ndim == 2 else np.column_stack([-far, far]) / 2)

        return Fitted(classes, self.matrix, score)

    def matrix(self, rows: pa.Table) -> Any:
        from scipy.sparse import csr_matrix

        texts = list(map(str, rows["text"].to_pylist()))
        new = sorted(set(texts) - set(self.seen))
        if new:
            parsed = self.tfidf.transform(new).tocsr()
            ends = parsed.indptr
            for text, start, end in zip(new, ends, ends[1:], strict=False):
                self.seen[text] = parsed.indices[start:end], parsed.data[start:end]
        columns, values = zip(*(self.seen[text] for text in texts), strict=True)
        starts = np.cumsum([0, *map(len, columns)])
        return csr_matrix((np.concatenate(values), np.concatenate(columns), starts), (len(texts), self.width))


def queries(part: str, intents: tuple[str, ...]) -> pa.Table:
    """Read the train or test queries of some intents, columns text and label."""
    with gzip.open(DATA / "banking77" / f"{part}.csv.gz") as file:
        rows = pyarrow.csv.read_csv(io.BytesIO(file.read())).rename_columns(["text", "label"])
    return rows.filter(pc.is_in(rows["label"], pa.array(intents)))


def pilot(which: str, real: pa.Table, panel: pa.Table, seeds: int, workers: int | None = None) -> PilotResult:
    """Compare the arms on queries of one group of intents, each intent equally often invented."""
    known = set(panel["text"].to_pylist())
    real = real.filter(pa.array([text not in known for text in real["text"].to_pylist()]))
    generator = Grammar("bank", labels=tuple(INTENTS[which].split()), typing=1.0)
    design = Design(SIZES, seeds, ARMS, TARGETS[which])

    def told(done: int, total: int, _: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done}/{total}")

    tfidf = fit_tfidf(list(map(str, real["text"].to_pylist())))
    learner = Svm(tfidf, len(tfidf.get_feature_names_out()))
    data = PilotData(real, panel, generator)
    return run_pilot(
        data, learner, design, lambda work, cells: run_local(work, cells, workers), told, Spent(seed_labels=0)
    )


def show(result: PilotResult) -> None:
    """Print scores, differences, savings, law and verdict as Markdown."""
    sizes = result.design.sizes
    print(f"{result.panel_items} panel items, {result.design.seeds} seeds; {result.measure} in % [95 % interval]\n")
    print("| arm |", " | ".join(f"N = {n}" for n in sizes), "|\n|---|" + "---|" * len(sizes))
    for arm, curve in result.arms.items():
        print(f"| {arm} |", " | ".join(f"{e.estimate:.1%} [{e.low:.1%}, {e.high:.1%}]" for e in curve), "|")
    leads = [
        f"{d.interval.estimate * 100:+.1f} [{d.interval.low * 100:+.1f}, {d.interval.high * 100:+.1f}]"
        for d in result.differences
    ]
    print(f"| {result.candidate} less {result.baseline}, points |", " | ".join(leads), "|\n")
    for saved in result.saving:
        print(f"- at {saved.target:.0%}: {saving_words(saved)}")
    for alone in result.design.baselines:
        print(f"- {MIX} against {alone.name}, at {result.targets[0]:.0%}: {saving_words(against(result, alone.name))}")
    print(f"- harm at: {', '.join(str(d.n) for d in result.differences if d.harms) or 'no size'}")
    print(f"- {lawful(result)}")
    print(f"- verdict ({result.verdict}): {result.answer}")
    print(f"- {result.net.words}\n")


def against(result: PilotResult, human: str) -> Saving:
    """Read what the registered mix saves at the first target against one human arm."""
    cubes = result.values[human], result.values[MIX]
    return saving(result.design.sizes, *cubes, result.targets[0], np.random.default_rng([0, 3]))


def lawful(result: PilotResult) -> str:
    """Say what the effective-sample law found, or that it does not hold."""
    law = result.law
    if law is None or not law.fits:
        return f"law: does not hold ({law.why if law else 'not fitted'})"
    worth = f"one synthetic row is worth {law.kappa} human labels, all of them at most {law.n_inf}"
    return f"law through the plain arms: {worth}{'; ' + law.why if law.why else ''}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--only", choices=tuple(INTENTS))
    typed = parser.parse_args()
    for which in [typed.only] if typed.only else INTENTS:
        intents = tuple(INTENTS[which].split())
        print(f"## 15 {which} intents\n", flush=True)
        show(pilot(which, queries("train", intents), queries("test", intents), typed.seeds, typed.workers))


if __name__ == "__main__":
    main()
