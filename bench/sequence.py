"""Sequences drawn by trees beside an equal sample of the same process; the process is made up and stated here.

No real sequences are at hand, so a process stands in: customers of two classes pay; log-amounts follow an
AR(1) around each customer's own mean, shops a Markov chain that depends on the class, gaps are gamma and shorter for
the busy class, and fraud raises the amount and makes fraud next time more likely. A third of the customers is the
seed, a third the equal real sample, and both samples are judged against the last third. What holds here need not hold
for real sequences. Run: python bench/sequence.py
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bimetal.generators.sequence import Sequence
from bimetal.stats import seed_t

SHOPS = ("food", "fuel", "travel", "games")
NEXT = np.array(
    [
        [[0.7, 0.2, 0.05, 0.05], [0.6, 0.3, 0.05, 0.05], [0.3, 0.1, 0.5, 0.1], [0.5, 0.2, 0.1, 0.2]],
        [[0.3, 0.1, 0.2, 0.4], [0.3, 0.2, 0.2, 0.3], [0.1, 0.1, 0.4, 0.4], [0.2, 0.1, 0.1, 0.6]],
    ]
)
NAMES = (
    "events, TV", "shops, TV", "fraud after fraud", "amounts, lag 1", "same, within", "own share", "gaps, KS",
    "told apart, rows", "told apart, customers", "kept", "past the end %",
)  # fmt: skip

LEGEND = """Means over draws of the process and their 95 % intervals. Made up, since no real sequences were at hand.
TV: total variation of events a customer and of pairs of shops in a row. Amounts are logarithms; lag 1 correlates them
with the ones before, over all and within customers; own share is the variance between customers over all. Told apart:
area under the ROC curve of boosting, folds by customer. Kept: customers whose class and age never change.
"""


def process(customers: int, rng: np.random.Generator, first: int = 0) -> pa.Table:
    """Draw the stated process."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("customer", "class", "age", "day", "amount", "shop", "label")
    }
    for customer in range(first, first + customers):
        busy = int(rng.random() < 0.4)
        mean, shop, away, fraud = rng.normal(3 + 0.5 * busy, 0.4), int(rng.integers(4)), rng.normal(0, 0.5), False
        age, day = int(np.clip(rng.normal(45 - 10 * busy, 12), 18, 90)), int(rng.integers(0, 180))
        for event in range(1 + int(rng.negative_binomial(3, 0.3 - 0.12 * busy))):
            if event:
                away = 0.6 * away + rng.normal(0, 0.4)
                shop = int(rng.choice(4, p=NEXT[busy, shop]))
                day += 1 + int(rng.gamma(2, 3 if busy else 8))
            fraud = rng.random() < (0.3 if fraud else 0.02)
            amount = round(float(np.exp(mean + away + 1.2 * fraud)), 2)
            key, label = f"C{customer:06d}", "fraud" if fraud else "ok"
            values = (key, "busy" if busy else "calm", age, day, amount, SHOPS[shop], label)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    days = pa.array(np.datetime64("2024-01-01") + np.array(columns.pop("day"), "timedelta64[D]"))
    return pa.table({"customer": columns["customer"], "day": days, **columns})


class Course:
    """A flat table as arrays: whose each row is, and which rows follow one of the same customer."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self.who = np.unique(np.array(rows["customer"].to_pylist()), return_inverse=True)[1]
        self.after = np.flatnonzero(self.who[1:] == self.who[:-1]) + 1
        self.amount = np.log(np.asarray(rows["amount"], float))
        self.shop = np.array([SHOPS.index(each) for each in rows["shop"].to_pylist()])
        self.fraud = np.array([each == "fraud" for each in rows["label"].to_pylist()])
        self.day = np.asarray(rows["day"]).astype("datetime64[D]").astype(int)
        self.counts = np.bincount(self.who)

    @property
    def gaps(self) -> NDArray[Any]:
        return np.diff(self.day)[self.after - 1]

    def lagged(self, within: bool) -> float:
        values = self.amount.copy()
        if within:
            values -= (np.bincount(self.who, values) / self.counts)[self.who]
        return float(np.corrcoef(values[self.after - 1], values[self.after])[0, 1])

    def own_share(self) -> float:
        """Give the variance between customers as a share of all (analysis of variance, one way)."""
        means = np.bincount(self.who, self.amount) / self.counts
        inside = float(((self.amount - means[self.who]) ** 2).sum() / (len(self.who) - len(means)))
        return 1 - inside / float(self.amount.var(ddof=1))

    def features(self) -> NDArray[Any]:
        """Give each event that has one before it, with that one: what a judge of sequences looks at."""
        numbers = np.column_stack([self.amount, self.shop, self.fraud])
        about = np.column_stack([np.asarray(self.rows["age"], float), np.asarray(self.rows["class"]) == "busy"])
        now, last = self.after, self.after - 1
        return np.asarray(np.column_stack([numbers[now], numbers[last], self.gaps, about[now]]))

    def summaries(self) -> NDArray[Any]:
        """Give each customer in numbers: events, days, mean, spread, fraud, shops, age, class."""
        firsts = np.r_[0, np.flatnonzero(self.who[1:] != self.who[:-1]) + 1]
        lasts = np.r_[firsts[1:], len(self.who)] - 1
        counts = lasts - firsts + 1
        of = np.repeat(np.arange(len(firsts)), counts)
        means = np.bincount(of, self.amount) / counts
        spread = np.bincount(of, (self.amount - means[of]) ** 2) / counts
        shops = [np.bincount(of, self.shop == shop) / counts for shop in range(4)]
        age, busy = np.asarray(self.rows["age"], float)[firsts], (np.asarray(self.rows["class"]) == "busy")[firsts]
        span = self.day[lasts] - self.day[firsts]
        return np.asarray(
            np.column_stack([counts, span, means, spread, np.bincount(of, self.fraud), *shops, age, busy])
        )


def variation(one: NDArray[Any], other: NDArray[Any], cells: int) -> float:
    p, q = (np.bincount(np.minimum(each, cells - 1), minlength=cells) / len(each) for each in (one, other))
    return float(np.abs(p - q).sum() / 2)


def told_apart(rows: tuple[NDArray[Any], NDArray[Any]], whose: tuple[NDArray[Any], NDArray[Any]]) -> float:
    """Score how well boosting tells made from real, two folds of customers: area under the ROC curve, 0.5 is best."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    n = min(map(len, rows))
    stacked, truth = np.vstack([each[:n] for each in rows]).astype(float), np.repeat([0, 1], n)
    fold, scores = np.concatenate([each[:n] % 2 for each in whose]), []
    for k in (0, 1):
        model = HistGradientBoostingClassifier(random_state=0).fit(stacked[fold != k], truth[fold != k])
        scores.append(roc_auc_score(truth[fold == k], model.predict_proba(stacked[fold == k])[:, 1]))
    return float(np.mean(scores))


def kept(table: pa.Table) -> float:
    """Give the share of customers whose class and age are the same in all their rows."""
    owned = set(zip(*(table[name].to_pylist() for name in ("customer", "class", "age")), strict=True))
    return len(set(table["customer"].to_pylist())) / len(owned)


def judged(table: pa.Table, real: pa.Table) -> list[float]:
    from scipy.stats import ks_2samp

    made, truth = Course(table), Course(real)
    moves = [each.shop[each.after - 1] * 4 + each.shop[each.after] for each in (made, truth)]
    again = made.fraud[made.after][made.fraud[made.after - 1]]
    return [
        variation(made.counts, truth.counts, 40),
        variation(moves[0], moves[1], 16),
        float(again.mean()),
        made.lagged(within=False),
        made.lagged(within=True),
        made.own_share(),
        float(ks_2samp(made.gaps, truth.gaps).statistic),
        told_apart((made.features(), truth.features()), (made.who[made.after], truth.who[truth.after])),
        told_apart((made.summaries(), truth.summaries()), (np.arange(len(made.counts)), np.arange(len(truth.counts)))),
        kept(table),
        100 * float((made.day > truth.day.max()).mean()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=100_000)
    typed = parser.parse_args()
    found: dict[str, list[list[float]]] = {"an equal real sample": [], "sequence": []}
    for seed in range(typed.seeds):
        rng = np.random.default_rng([2026, seed])
        train, holdout, test = (process(typed.customers, rng, k * typed.customers) for k in range(3))
        made = pa.Table.from_batches(Sequence()(train.num_rows, rng, train))
        found["an equal real sample"].append(judged(holdout, test))
        found["sequence"].append(judged(made, test))
    print(f"\n## A stated process, {typed.customers:,} customers, made up\n")
    print(LEGEND)
    print(f"| measure | {' | '.join(found)} |\n|---|---|---|")
    for k, name in enumerate(NAMES):
        shown = [seed_t(np.array(each)[:, k]) for each in found.values()]
        print(f"| {name} | {' | '.join(f'{e.estimate:.3f} [{e.low:.3f}, {e.high:.3f}]' for e in shown)} |")
    speed(typed.rows)


def speed(n: int) -> None:
    """Print what many rows cost."""
    seed = process(1000, np.random.default_rng(1))
    start = time.process_time()
    for _ in Sequence()(1, np.random.default_rng(0), seed):
        pass
    first = time.process_time() - start
    start = time.process_time()
    for _ in Sequence()(n, np.random.default_rng(0), seed):
        pass
    spent = time.process_time() - start
    print(f"\n## Many rows\n\n- fit on {seed.num_rows:,} rows and a first batch: {first:.1f} CPU s")
    print(f"- {n:,} rows, fit included: {spent:.1f} CPU s")


if __name__ == "__main__":
    main()
