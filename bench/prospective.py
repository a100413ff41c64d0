"""Regret of a pilot that buys its labels: replayed on labelled data, against the best decision under full knowledge.

Each replay draws a panel and an order of labels anew, hides every label, and hands out those the pilot asks for. The
library draws, judges and decides; a ridge regression in closed form does the fits, so that 150 replays take minutes.
Regret is what following the decision costs - rungs, then purchases up to the target by the true curves, which only
the bench knows - less what the best decision costs. An undecided pilot is followed by buying labels alone.
Run: python bench/prospective.py [--replays 50] [--only NAME]
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from bimetal.pilot import PilotResult
from bimetal.pilot.arms import PLAIN_ARMS, Arm
from bimetal.pilot.prices import Prices
from bimetal.pilot.prospective import Prospective, begin
from bimetal.pilot.result import Facts
from bimetal.pilot.standing import Standing, standing
from bimetal.pilot.terms import Terms
from bimetal.pilot.weights import synthetic_weight

Array = NDArray[Any]
DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
PRICES = Prices(annotation=1.0, synthetic=0.002, generator=20.0)
BUDGET = 1500.0
PANEL = 300
RUNGS = (20, 50, 100, 200, 400, 800)
BANKS = 10  # synthetic draws to take seeds from
TRUE_SIZES = (0, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 400, 600, 800, 1100, 1500)
TRUE_AMOUNTS = (0, 50, 100, 200, 400, 800, 1500, 3000, 6000)
TRUE_DRAWS = 12
SCALE = 3.0  # of the text's directions beside the ridge
SEPARATED = (
    "card_arrival exchange_rate lost_or_stolen_card passcode_forgotten change_pin top_up_failed declined_card_payment "
    "Refund_not_showing_up terminate_account pending_transfer apple_pay_or_google_pay age_limit cash_withdrawal_charge "
    "edit_personal_details transfer_fee_charged"
)
CONFUSABLE = (
    "card_arrival card_delivery_estimate get_physical_card order_physical_card pending_card_payment pending_transfer "
    "pending_top_up pending_cash_withdrawal top_up_failed top_up_reverted failed_transfer declined_transfer "
    "balance_not_updated_after_bank_transfer transfer_timing transfer_not_received_by_recipient"
)


@dataclass(frozen=True)
class Data:
    """Real rows, and synthetic rows by bank, as features and class codes; `ridge` suits people alone best."""

    name: str
    target: float
    ridge: float
    x: Array
    y: Array
    synthetic: Callable[[int, int], tuple[Array, Array]]

    @property
    def classes(self) -> int:
        return int(self.y.max()) + 1


@dataclass
class Ridge:
    """Weighted ridge regression on one-hot classes; synthetic Gram matrices are kept, so a fit is one small solve."""

    data: Data
    known: dict[tuple[int, int], tuple[Array, Array]] = field(default_factory=dict)
    banks: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def gram(self, x: Array, y: Array) -> tuple[Array, Array]:
        return x.T @ x, x.T @ np.eye(self.data.classes)[y]

    def made(self, bank: int, m: int) -> tuple[Array, Array]:
        if (bank, m) not in self.known:
            if bank not in self.banks:
                self.banks[bank] = self.data.synthetic(bank, max(TRUE_AMOUNTS))
            x, y = self.banks[bank]
            self.known[bank, m] = self.gram(x[:m], y[:m])
        return self.known[bank, m]

    def predicted(self, rows: Array, bank: int, m: int, panel: Array, human: bool = True) -> Array:
        """Train on some real rows and m synthetic ones, weighed as the pilot weighs them; say the panel's classes."""
        data = self.data
        a, b = self.gram(data.x[rows], data.y[rows]) if human and len(rows) else (0.0, 0.0)
        if m:
            weight = synthetic_weight(m) if human and len(rows) else 1.0
            a, b = a + weight * self.made(bank, m)[0], b + weight * self.made(bank, m)[1]
        solved = np.linalg.solve(a + data.ridge * np.eye(data.x.shape[1]), b)
        return np.asarray((data.x[panel] @ solved).argmax(axis=1))


def fitted(pilot: Prospective, ridge: Ridge, replay: int) -> PilotResult:
    """Do what run_pilot does with the labels there are: halves of them, every arm, every seed."""
    design, own, panel = pilot.design, np.array(pilot.labelled), np.array(pilot.panel)
    truth = ridge.data.y[panel]
    items = {arm.name: np.zeros((len(design.sizes), design.seeds, len(panel))) for arm in design.arms}
    for seed in range(design.seeds):
        order = np.random.default_rng([replay, seed]).permutation(own)
        for at, n in enumerate(design.sizes):
            for arm in design.arms:
                bank = (replay + seed) % BANKS
                said = ridge.predicted(order[:n], bank, _made(arm, n), panel, arm.human)
                items[arm.name][at, seed] = said == truth
    return PilotResult(design, items, Facts(panel=""))


def _made(arm: Arm, n: int) -> int:
    return arm.made(n)


@dataclass(frozen=True)
class Truth:
    """Labels that reach the target beside each synthetic amount, by curves averaged over many draws."""

    needed: Array
    alone: dict[int, float]  # true score of people alone, by size

    @classmethod
    def of(cls, ridge: Ridge) -> Truth:
        data = ridge.data
        scores = np.zeros((len(TRUE_AMOUNTS), len(TRUE_SIZES)))
        for draw in range(TRUE_DRAWS):
            order = np.random.default_rng([99, draw]).permutation(len(data.y))
            panel = order[max(TRUE_SIZES) :] if len(order) > max(TRUE_SIZES) + 1000 else order[-500:]
            for i, m in enumerate(TRUE_AMOUNTS):
                for j, n in enumerate(TRUE_SIZES):
                    if n + m and n <= len(order) - len(panel):
                        said = ridge.predicted(order[:n], draw % BANKS, m, panel)
                        scores[i, j] += float(np.mean(said == data.y[panel])) / TRUE_DRAWS
        needed = np.array([_reached(row, data.target) for row in scores])
        return cls(needed, dict(zip(TRUE_SIZES, scores[0], strict=True)))

    def labels(self, m: float) -> float:
        """Labels needed beside m synthetic items, between the amounts measured."""
        return float(np.interp(np.log1p(m), np.log1p(TRUE_AMOUNTS), self.needed))

    def price(self, m: float, at_hand: int = 0) -> float:
        """Money still to pay with this amount of synthetic items, labelling on until the target is reached."""
        labels = max(0.0, self.labels(m) - at_hand)
        return labels * PRICES.annotation + (PRICES.generator + m * PRICES.synthetic if m else 0.0)

    def best(self, at_hand: int = 0) -> tuple[str, float]:
        """The cheapest way from here, with its kind."""
        m = min(TRUE_AMOUNTS, key=lambda each: self.price(each, at_hand))
        kind = "buy" if not m else "both" if self.labels(m) > at_hand else "generate"
        return kind, self.price(m, at_hand)


def _reached(scores: Array, target: float) -> float:
    rising = np.maximum.accumulate(scores)
    if rising[-1] < target:
        return float("inf")
    if rising[0] >= target:
        return 0.0
    at = int(np.argmax(rising >= target))
    share = (target - rising[at - 1]) / (rising[at] - rising[at - 1])
    return float(TRUE_SIZES[at - 1] + share * (TRUE_SIZES[at] - TRUE_SIZES[at - 1]))


@dataclass(frozen=True)
class Replay:
    """One pilot followed to its end: its verdict, the best there was, and what both cost without the panel."""

    verdict: str
    right: str
    labels: int
    paid: float
    best: float
    best_from_here: float


def replayed(ridge: Ridge, truth: Truth, replay: int) -> tuple[Replay, list[Standing]]:
    data = ridge.data
    terms = Terms(data.target, PRICES, BUDGET, PANEL, RUNGS, arms=PLAIN_ARMS, rng_seed=replay)
    rows = pa.table({"row": pa.array(range(len(data.y)))})
    pilot, stands = begin(rows, terms), []
    while True:
        labels = {each: str(data.y[int(each.removeprefix("row-"))]) for each in pilot.waiting}
        pilot = pilot.advance(labels)
        stands.append(standing(pilot, fitted(pilot, ridge, replay)))
        if stands[-1].verdict:
            break
        pilot = pilot.wider()
    last = stands[-1]
    m = float(last.purchase.m) if last.purchase else 0.0
    n = last.labels
    paid = n * PRICES.annotation + truth.price(m, n)
    verdict = "undecided" if str(last.verdict).startswith("undecided") else str(last.verdict)
    return Replay(verdict, truth.best(n)[0], n, paid, truth.best()[1], n * PRICES.annotation + truth.best(n)[1]), stands


def report(data: Data, replays: int) -> None:
    ridge = Ridge(data)
    truth, begun = Truth.of(ridge), time.perf_counter()
    told = [replayed(ridge, truth, each) for each in range(replays)]
    found = [each for each, _ in told]
    regret = np.array([each.paid - each.best for each in found])
    blind = {"labels alone": truth.price(0), "3,000 items always": truth.price(3000)}
    print(f"## {data.name}, target {data.target:.0%}\n")
    kind, best = truth.best()
    print(f"True need: {truth.labels(0):.0f} labels alone; {_needs(truth)}.", end=" ")
    print(f"Best with full knowledge: {kind}, {best:.2f}.\n")
    print(
        f"- verdicts: {_counted(each.verdict for each in found)}; with {_counted(each.labels for each in found)} labels"
    )
    decided = [each for each in found if each.verdict != "undecided"]
    right = np.mean([each.verdict == each.right for each in found])
    mixed = np.mean([(each.verdict == "buy") == (each.right == "buy") for each in decided]) if decided else 0.0
    print(
        f"- right verdict for what was at hand: {right:.0%}; of those decided, synthetic or not is right: {mixed:.0%}"
    )
    print(
        f"- regret without the panel: {_spread(regret)}; of it after the last rung: "
        f"{_spread(np.array([each.paid - each.best_from_here for each in found]))}"
    )
    print(f"- regret with the panel's {PANEL * PRICES.annotation:.0f}: {_spread(regret + PANEL * PRICES.annotation)}")
    print("- without a pilot: " + "; ".join(f"{name} {price - best:.2f}" for name, price in blind.items()))
    held = [
        each.scores["human"].low <= truth.alone[each.labels] <= each.scores["human"].high
        for _, stands in told
        for each in stands
    ]
    print(
        f"- 95 % intervals of people alone, all labels at hand: {np.mean(held):.0%} of {len(held)} hold the true score"
    )
    print(f"- {(time.perf_counter() - begun) / replays:.1f} s a replay\n", flush=True)


def _needs(truth: Truth) -> str:
    return ", ".join(f"{truth.labels(m):.0f} beside {m:,} items" for m in (400, 3000))


def _counted(values: Any) -> str:
    return ", ".join(f"{name} {times}" for name, times in Counter(values).most_common())


def _spread(values: Array) -> str:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return f"median {middle:.2f} (10-90 %: {low:.2f} to {high:.2f}), mean {values.mean():.2f}"


def digits() -> Data:
    """8x8 digits and the generator that never saw one; cosines of random projections."""
    from bimetal.payload import pixels
    from bimetal.plugins import make
    from bimetal.programme.demo import digits as demo
    from bimetal.types import Spec

    parts = demo.load()
    real = pa.concat_tables([parts.labelled, parts.pool, *parts.production[:2], parts.panel], promote_options="default")
    draw = make(Spec("generators", "digits", {"size": 8}))
    rng = np.random.default_rng(5)
    directions, phases = rng.normal(size=(64, 300)) * 0.55, rng.uniform(0, 2 * np.pi, 300)

    def arrays(rows: pa.Table) -> tuple[Array, Array]:
        images = np.asarray(pixels(rows), float).reshape(rows.num_rows, -1) / 255
        return np.cos(images @ directions + phases), np.array(rows["label"].to_pylist()).astype(int)

    def synthetic(bank: int, m: int) -> tuple[Array, Array]:
        return arrays(pa.Table.from_batches(list(draw(m, np.random.default_rng([8, bank])))))

    return Data("8x8 digits, a generator that never saw one", 0.95, 20.0, *arrays(real), synthetic)


def census() -> Data:
    """UCI Adult; the synthetic table has the columns' own values, drawn independently, and a prejudice for a label."""
    with gzip.open(DATA / "tabular" / "adult-train.csv.gz") as file:
        table = pacsv.read_csv(io.BytesIO(file.read()), read_options=pacsv.ReadOptions(autogenerate_column_names=True))
    rows = np.random.default_rng(3).permutation(table.num_rows)[:8000]
    columns = [np.array(table.column(at).to_pylist(), object)[rows] for at in range(15)]
    y = np.array([str(each).strip().startswith(">") for each in columns[14]], int)
    numbers = np.stack([np.array(columns[at], float) for at in (0, 4, 10, 11, 12)], axis=1)
    numbers[:, 2:4] = np.log1p(numbers[:, 2:4])
    centre, scale = numbers.mean(axis=0), numbers.std(axis=0)
    names = [np.array([str(each).strip() for each in columns[at]]) for at in (1, 5, 6, 7, 9)]

    def encoded(numbers: Array, names: list[Array]) -> Array:
        hot = [
            (spelled[:, None] == np.unique(known)[None, :]).astype(float)
            for spelled, known in zip(names, own, strict=True)
        ]
        return np.column_stack([(numbers - centre) / scale, *hot, np.ones(len(numbers))])

    own = names

    def synthetic(bank: int, m: int) -> tuple[Array, Array]:
        rng = np.random.default_rng([8, bank])
        drawn = np.column_stack([rng.permuted(column)[rng.integers(len(column), size=m)] for column in numbers.T])
        spelled = [column[rng.integers(len(column), size=m)] for column in names]
        rule = (drawn[:, 0] >= 45) & (drawn[:, 4] >= 40)
        return encoded(drawn, spelled), (rule ^ (rng.random(m) < 0.05)).astype(int)

    return Data(
        "Adult, a simulator of independent columns and a prejudice", 0.83, 10.0, encoded(numbers, names), y, synthetic
    )


def separated() -> Data:
    """The intents that people hardly confuse."""
    return _banking("Banking77, 15 separated intents, invented customers", 0.93, SEPARATED)


def confusable() -> Data:
    """The intents that people confuse."""
    return _banking("Banking77, 15 confusable intents, invented customers", 0.82, CONFUSABLE)


def _banking(name: str, target: float, listed: str) -> Data:
    """TF-IDF brought to 200 dimensions on unlabelled text."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    from bimetal.generators.grammar import Grammar

    intents = listed.split()
    pairs: list[tuple[str, str]] = []
    for part in ("train", "test"):
        with gzip.open(DATA / "banking77" / f"{part}.csv.gz") as file:
            rows = pacsv.read_csv(io.BytesIO(file.read()))
        pairs += [(str(row["text"]), str(row["category"])) for row in rows.to_pylist()]
    kept = [(text, intents.index(label)) for text, label in pairs if label in intents]
    most = max(TRUE_AMOUNTS)
    made = pa.Table.from_batches(
        list(Grammar("bank", labels=tuple(intents), typing=1.0)(BANKS * most, np.random.default_rng(8)))
    )
    texts, labels = made["text"].to_pylist(), np.array([intents.index(str(each)) for each in made["label"].to_pylist()])
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    seen = words.fit_transform([text for text, _ in kept] + texts[: len(kept)])
    narrow = TruncatedSVD(200, random_state=0).fit(seen)
    synthetic = narrow.transform(words.transform(texts)) * SCALE

    def bank(which: int, m: int) -> tuple[Array, Array]:
        rows = slice(which * most, which * most + m)
        return synthetic[rows], labels[rows]

    real = narrow.transform(words.transform([text for text, _ in kept])) * SCALE
    return Data(name, target, 3.0, real, np.array([y for _, y in kept]), bank)


SETS: dict[str, Callable[[], Data]] = {
    "digits": digits,
    "separated": separated,
    "confusable": confusable,
    "census": census,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replays", type=int, default=50)
    parser.add_argument("--only", choices=sorted(SETS))
    given = parser.parse_args()
    for name, load in SETS.items():
        if given.only in {None, name}:
            report(load(), given.replays)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
