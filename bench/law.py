"""The effective-sample law: what a fit on few labels predicts of the rest, what its plan costs, whether it covers.

Digits: the 8x8 digits and the panel of bench/digits.py, an SVM. Text: 15 separated intents of Banking77, TF-IDF and a
linear SVM; its synthetic queries are a stand-in, templates around the words of the label names, written without reading
a query. The law's form and priors were chosen on other splits (650 + 550 digits outside the panel; 15 confusable
intents), its bend at guessing after a plain power law had missed the separated intents by 2.7 points.
Run: python bench/law.py [--only digits|text|simulation]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray
from scipy.stats import norm

from bimetal.pilot.law import Law, error, known_law
from bimetal.pilot.law_fit import DISCREPANCY, Points, fit_law
from bimetal.pilot.plan import plan
from bimetal.pilot.prices import Limits, Prices

Array = NDArray[Any]
DATA = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[2] / "shared" / "data"))
SIZES = (10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 400)
TEXT_SIZES = (20, 30, 40, 50, 70, 100, 150, 200, 400, 800, 1400)
FITTED = 100  # the law sees human sizes up to here
RATIOS = (1, 3, 10)
SEEDS = 5
SEPARATED = [
    *("card_arrival", "exchange_rate", "lost_or_stolen_card", "passcode_forgotten", "change_pin", "top_up_failed"),
    *("declined_card_payment", "Refund_not_showing_up", "terminate_account", "pending_transfer"),
    *("apple_pay_or_google_pay", "age_limit", "cash_withdrawal_charge", "edit_personal_details"),
    "transfer_fee_charged",
]
CONFUSABLE = [
    *("card_arrival", "card_delivery_estimate", "get_physical_card", "order_physical_card", "pending_card_payment"),
    *("pending_transfer", "pending_top_up", "pending_cash_withdrawal", "top_up_failed", "top_up_reverted"),
    *("failed_transfer", "declined_transfer", "balance_not_updated_after_bank_transfer", "transfer_timing"),
    "transfer_not_received_by_recipient",
]
FRAMES = (
    *("what about my {}", "help with {}", "how do I {}", "why is there a {}", "{} please", "question about {}"),
    "I have a problem with {}",
)
MARKETS = {
    "labels .25, items .001": (Prices(0.25, 0.001), Limits()),
    "the same, generator 20": (Prices(0.25, 0.001, 20), Limits()),
    "raters right in .75 of cases, generator 20": (Prices(0.25, 0.01, 20, rater_accuracy=0.75, classes=10), Limits()),
    "the same, at most 150 items, half human": (
        Prices(0.25, 0.01, 20, rater_accuracy=0.75, classes=10),
        Limits(max_synthetic=150, min_human_share=0.5),
    ),
}


@dataclass(frozen=True)
class Data:
    """Training rows, a panel and, a seed, synthetic rows; features and labels as arrays."""

    x: Array
    y: Array
    panel: tuple[Array, Array]
    synthetic: Callable[[int], tuple[Array, Array]]
    learner: Callable[[], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("digits", "text", "simulation"))
    only = parser.parse_args().only
    if only in {None, "digits"}:
        data = digits()
        law = extrapolation("8x8 digits, SVM", measured(data, cells(SIZES)))
        plan_table(law, 0.95, data)
    if only in {None, "text"}:
        data = banking(SEPARATED)
        law = extrapolation("Banking77, 15 separated intents, linear SVM", measured(data, cells(TEXT_SIZES)))
        plan_table(law, 0.93, data)
        confusable = measured(banking(CONFUSABLE), cells(TEXT_SIZES))
        extrapolation("Banking77, 15 confusable intents (the law's form was chosen on them)", confusable)
    if only in {None, "simulation"}:
        simulation()


def cells(sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """People alone, their mixes, and synthetic data alone at every fourth of the mixes' amounts."""
    mixes = [(n, ratio * n) for n in sizes for ratio in RATIOS]
    return [*((n, 0) for n in sizes), *mixes, *((0, m) for m in sorted({m for _, m in mixes})[::4])]


def measured(data: Data, cells: list[tuple[int, int]]) -> Points:
    """Score cells; guessing is naming the panel's most frequent class."""
    n, m = np.array(cells, float).T
    commonest = float(np.mean(data.panel[1] == np.bincount(data.panel[1]).argmax()))
    return Points(n, m, scored(data, cells), commonest)


def scored(data: Data, cells: list[tuple[int, int]]) -> Array:
    """Who is right in each cell, seed by seed, panel item by panel item."""
    values = np.zeros((len(cells), SEEDS, len(data.panel[1])))
    for seed in range(SEEDS):
        order = np.random.default_rng([7, seed]).permutation(len(data.y))
        made, labels = data.synthetic(seed)
        for i, (n, m) in enumerate(cells):
            x = np.concatenate([data.x[order[:n]], made[:m]])
            y = np.concatenate([data.y[order[:n]], labels[:m]])
            weight = np.repeat([1.0, 1 / (1 / 0.5 + m / 150) if n else 1.0], [n, m])  # the shipped prior
            values[i, seed] = predicted(data, x, y, weight) == data.panel[1]
    return values


def predicted(data: Data, x: Array, y: Array, weight: Array) -> Array:
    if len(np.unique(y)) == 1:
        return np.full(len(data.panel[1]), y[0])
    return np.asarray(data.learner().fit(x, y, weight).predict(data.panel[0]))


def digits() -> Data:
    from sklearn.svm import SVC

    from bimetal.payload import pixels
    from bimetal.plugins import make
    from bimetal.programme.demo import digits
    from bimetal.types import Spec

    parts = digits.load()
    real = pa.concat_tables([parts.labelled, parts.pool, *parts.production[:2]])
    draw = make(Spec("generators", "digits", {"size": 8}))

    def arrays(rows: pa.Table) -> tuple[Array, Array]:
        images = np.asarray(pixels(rows), float).reshape(rows.num_rows, -1) / 255
        return images, np.array(rows["label"].to_pylist()).astype(int)

    def synthetic(seed: int) -> tuple[Array, Array]:
        batches = draw(max(SIZES) * max(RATIOS), np.random.default_rng([8, seed]))
        return arrays(pa.Table.from_batches(list(batches)))

    return Data(*arrays(real), arrays(parts.panel), synthetic, lambda: SVC(C=10))


def banking(intents: list[str]) -> Data:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    (train, y), (panel, truth) = (_queries(name, intents) for name in ("train", "test"))
    lines = [_templates(name) for name in intents]
    known = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(
        [*train, *(each for many in lines for each in many)]
    )

    def synthetic(seed: int) -> tuple[Array, Array]:
        rng = np.random.default_rng([8, seed])
        classes = rng.integers(len(lines), size=max(TEXT_SIZES) * max(RATIOS))
        texts = [str(rng.choice(lines[each])) for each in classes]
        return known.transform(texts).toarray().astype(np.float32), classes

    x, held = (known.transform(each).toarray().astype(np.float32) for each in (train, panel))
    return Data(x, y, (held, truth), synthetic, lambda: LinearSVC(C=1))


def _queries(name: str, intents: list[str]) -> tuple[list[str], Array]:
    rows = pacsv.read_csv(str(DATA / "banking77" / f"{name}.csv.gz")).to_pylist()
    kept = [row for row in rows if row["category"] in intents]
    return [row["text"] for row in kept], np.array([intents.index(row["category"]) for row in kept])


def _templates(intent: str) -> list[str]:
    words = intent.lower().replace("_", " ")
    parts = [word for word in words.split() if word not in {"or", "up", "not"}]
    return [frame.format(part) for frame in FRAMES for part in sorted({words, *parts, " ".join(parts[:2])})]


def extrapolation(name: str, points: Points) -> Law:
    """Fit on up to FITTED human labels, people alone and with their mixes; return the last, seen on few labels."""
    few, alone = points.n <= FITTED, points.m == 0
    every = np.ones(len(few), bool)
    seen = few & (points.m <= FITTED * max(RATIOS))
    cases = {
        "every cell": (every, every),
        f"people alone, N <= {FITTED}": (few & alone, ~few & alone),
        f"all arms, N <= {FITTED}": (seen, ~seen),
    }
    rows = []
    for what, (fitted, rest) in cases.items():
        started = time.process_time()
        law = fit_law(_part(points, fitted), np.random.default_rng(1))
        seconds = time.process_time() - started
        actual = 1 - points.values[rest].mean(axis=(1, 2))
        off = np.abs(law.error(points.n[rest], points.m[rest]) - actual) * 100
        numbers = [f"{fitted.sum()}", f"{rest.sum()}", f"{off.mean():.2f}", f"{off.max():.2f}"]
        rows.append([what, *numbers, *_worths(law), f"{law.b.estimate:.2f}", f"{law.p:.2f}", f"{seconds:.1f}"])
    heads = ["fitted on", "cells", "predicted", "MAE, points", "worst", "kappa", "n_inf", "b", "p", "CPU s"]
    show(f"{name}: {SEEDS} seeds, {points.values.shape[2]} panel items", heads, rows)
    return law


def _part(points: Points, cells: Array) -> Points:
    return replace(points, n=points.n[cells], m=points.m[cells], values=points.values[cells])


def _worths(law: Law) -> list[str]:
    kappa = f"{law.kappa.estimate:.2f} [{law.kappa.low:.2f}, {law.kappa.high:.2f}]"
    n_inf = f"{law.n_inf.estimate:.0f} [{law.n_inf.low:.0f}, {law.n_inf.high:.0f}]"
    told = {"kappa": kappa, "n_inf": n_inf}
    return [text if name in law.identified else "not identified" for name, text in told.items()]


def plan_table(law: Law, target: float, data: Data) -> None:
    """Compare the plan's cost with an exhaustive search over labels, items and raters; 80 % of the draws must hold.

    Where labels are right, the mix is also trained and scored on the panel.
    """
    rows = []
    for name, (prices, limits) in MARKETS.items():
        started = time.process_time()
        found = plan(law, prices, target, 0.8, limits)
        seconds = time.process_time() - started
        cost, mix = searched(law, prices, limits, target)
        assert found.choice is not None
        bought = (found.choice.n, found.choice.m, found.choice.raters)
        ratio = found.choice.money / cost
        right = prices.rater_accuracy == 1
        score = f"{scored(data, [bought[:2]]).mean():.1%}" if right else "-"
        spent = [str(bought), f"{found.choice.money:.2f}", str(mix), f"{cost:.2f}", f"{ratio:.3f}", f"{seconds:.2f}"]
        rows.append([name, *spent, score])
    heads = ["prices", "plan (n, m, raters)", "money", "grid", "money", "ratio", "CPU s", "score of the plan's mix"]
    show(f"plan at {target:.0%}, 80 % sure", heads, rows)


def searched(law: Law, prices: Prices, limits: Limits, target: float) -> tuple[float, tuple[int, int, int]]:
    """Try every (n, m, raters) of a fine grid, each judged on every draw by the law's own formula."""
    best = (np.inf, (0, 0, 0))
    n = np.unique(np.round(np.concatenate([np.arange(0, 400), np.geomspace(400, 5000, 300)])))
    for raters in range(1, limits.max_raters + 1):
        labels = n * prices.label_worth(raters)
        for m in np.unique(np.round(np.concatenate([[0], np.geomspace(1, 20_000, 200)]))):
            if m > limits.max_synthetic:
                continue
            with np.errstate(divide="ignore"):
                reached = error(law.draws.T, labels[:, None], m, law.guess) <= 1 - target
            enough = n[(reached.mean(axis=1) >= 0.8) & (n >= limits.fewest_labels(m))]
            if len(enough):
                best = min(best, (float(prices.money(enough[0], m, raters)), (int(enough[0]), int(m), raters)))
    return best


def simulation(runs: int = 200) -> None:
    """Draw cells from a known law, seeds and items random; the law exact, and off by its stated discrepancy."""
    known = known_law(E=0, A=3, b=0.8, kappa=0.4, n_inf=150)
    sizes = (20, 30, 50, 70, 100)
    cells = [*((n, 0) for n in sizes), *((n, r * n) for n in sizes for r in (3, 10)), (0, 200), (0, 500), (0, 1000)]
    n, m = np.array(cells, float).T
    asked = {"(400, 0)": (400, 0), "(200, 2000)": (200, 2000)}
    rows = []
    for name, off in (("the law is exact", 0.0), (f"each cell off by {DISCREPANCY:.0%}", DISCREPANCY)):
        rng = np.random.default_rng(1)
        laws = []
        for _ in range(runs):
            accuracy = 1 - known.error(n, m) * np.exp(off * rng.standard_normal(len(n)))
            laws.append(fit_law(Points(n, m, scores(accuracy, rng)), rng))
        row = [name]
        for each in ("kappa", "n_inf"):
            found = [getattr(law, each) for law in laws]
            row += [f"{np.median([one.estimate for one in found]):.3g}", covered(found, getattr(known, each).estimate)]
        row += [
            covered([law.predicted(*amounts) for law in laws], float(known.error(*amounts)))
            for amounts in asked.values()
        ]
        rows.append([*row, f"{np.mean([law.fits for law in laws]):.3f}"])
    truth = "kappa .4, n_inf 150, 18 cells up to N = 100, 5 seeds x 500 items"
    heads = [
        "case",
        "kappa, median",
        "covered",
        "n_inf, median",
        "covered",
        *(f"error {each} covered" for each in asked),
    ]
    show(f"{runs} simulated pilots: {truth}", [*heads, "fits"], rows)


def scores(accuracy: Array, rng: np.random.Generator) -> Array:
    """Answers of shape (cells, seeds, items) by probit effects of seeds, items and cells within seeds."""
    seed, item, cell = 0.15 * rng.standard_normal((1, SEEDS, 1)), rng.standard_normal((1, 1, 500)), 0.1
    own = cell * rng.standard_normal((len(accuracy), SEEDS, 1))
    latent = seed + item + own + rng.standard_normal((len(accuracy), SEEDS, 500))
    level = norm.ppf(accuracy) * (1 + 1 + 0.15**2 + cell**2) ** 0.5
    return np.asarray(latent < level[:, None, None], float)


def covered(found: list[Any], truth: float) -> str:
    share = np.mean([one.low <= truth <= one.high for one in found])
    return f"{share:.3f} ± {(share * (1 - share) / len(found)) ** 0.5:.3f}"


def show(title: str, heads: list[str], rows: list[list[str]]) -> None:
    print(f"**{title}**\n")
    for row in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(row)} |")
    print(flush=True)


if __name__ == "__main__":
    main()
