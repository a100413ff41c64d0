"""Agreement at a million answers, what its intervals cover, how soon gold tells annotators apart, preference fits.

CPU seconds, the least of three, on answers coded before; wall time says little on a shared machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
from sklearn.metrics import cohen_kappa_score

from bimetal.annotation.agreement import (
    Agreement,
    Ratings,
    Span,
    alpha,
    cohen_kappa,
    fleiss_kappa,
    matched,
)
from bimetal.annotation.gold import Bar, Judged, standing
from bimetal.annotation.preference import Choice, strengths

BUDGET = {"alpha": 0.03, "bootstrap": 0.1}  # CPU seconds for 10^6 answers, five labels
SHAPES = ((333_334, 3, 5), (200_000, 5, 10), (100_000, 10, 2), (333_334, 3, 50))  # items, answers an item, labels
ROUNDS = 300
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def main() -> None:
    speed()
    covered()
    gold()
    preference()


def answered(items: int, each: int, labels: int, rng: np.random.Generator) -> Ratings:
    """Let raters give the true label with probability .7 and any label else."""
    truth, item = rng.integers(labels, size=items), np.repeat(np.arange(items), each)
    known = rng.random(len(item)) < 0.7
    value = np.where(known, truth[item], rng.integers(labels, size=len(item)))
    names = tuple(f"rater {i}" for i in range(each))
    return Ratings(item, np.tile(np.arange(each), items), value, tuple(range(labels)), names)


def speed() -> None:
    print("**Speed**\n\nOne million answers; CPU seconds without an interval, then what 1,000 resamples of items add")
    print("(Fleiss and Cohen: both together; scikit-learn gives no interval).\n")
    print("| items x answers, labels | nominal | ordinal | interval | Fleiss | Cohen | Cohen of scikit-learn |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for items, each, labels in SHAPES:
        given = answered(items, each, labels, np.random.default_rng(0))
        alone = [best(partial(found, alpha, given, metric, 1)) for metric in ("nominal", "ordinal", "interval")]
        whole = [best(partial(found, alpha, given, metric, 1000)) for metric in ("nominal", "ordinal", "interval")]
        cells = [f"{one:.3f} + {max(0.0, all_ - one):.3f}" for one, all_ in zip(alone, whole, strict=True)]
        fleiss = best(partial(fleiss_kappa, given, np.random.default_rng(0)))
        cohen = best(partial(cohen_kappa, given, np.random.default_rng(0), ("rater 0", "rater 1")))
        one, two = (given.value[given.rater == who] for who in (0, 1))
        peer = best(partial(cohen_kappa_score, one, two))
        print(f"| {items:,} x {each}, {labels} | {' | '.join(cells)} | {fleiss:.3f} | {cohen:.3f} | {peer:.3f} |")
        if labels == 5:
            assert alone[0] <= BUDGET["alpha"], f"{alone[0]} CPU seconds, the budget is {BUDGET['alpha']}"
            assert whole[0] - alone[0] <= BUDGET["bootstrap"], f"{whole[0] - alone[0]}, not {BUDGET['bootstrap']}"
    spans = marked(5000, np.random.default_rng(0))
    print(f"\nSpans of 5,000 texts, three raters, four spans each, F1 with interval: {best(partial(f1, spans)):.2f} s.")


def found(measure: Callable[..., Agreement], given: Ratings, metric: str, resamples: int) -> Agreement:
    return measure(given, np.random.default_rng(0), metric, resamples=resamples)


def marked(texts: int, rng: np.random.Generator) -> dict[str, dict[str, list[Span]]]:
    def spans() -> list[Span]:
        starts = 25 * np.arange(4) + rng.integers(0, 3, size=4)
        return [Span(int(at), int(at) + 8, "NAME") for at in starts]

    return {str(text): {who: spans() for who in "ABC"} for text in range(texts)}


def f1(spans: dict[str, dict[str, list[Span]]]) -> Agreement:
    return matched(spans, np.random.default_rng(0), least=0.5)


def covered() -> None:
    print("\n**What the 95 % intervals cover**\n")
    print(f"Three raters, three labels, {ROUNDS} data sets; in brackets where the truth lay below and above.\n")
    print("| items | raters right 7 in 10 or by luck | 9 in 10 or by luck |")
    print("|---:|---:|---:|")
    rng = np.random.default_rng(1)
    for items in (10, 20, 50, 200):
        cells = []
        for skill in (0.7, 0.9):
            inside = [alpha(few(items, skill, rng), rng).interval for _ in range(ROUNDS)]
            known = [each for each in inside if each]
            low = np.mean([each.low > skill**2 for each in known])
            high = np.mean([each.high < skill**2 for each in known])
            cells.append(f"{1 - low - high:.1%} ({low:.1%}, {high:.1%})")
        print(f"| {items} | {' | '.join(cells)} |")


def few(items: int, skill: float, rng: np.random.Generator) -> Ratings:
    """Draw answers whose alpha is skill squared: two answers agree beyond chance where both raters knew."""
    truth, item = rng.integers(3, size=items), np.repeat(np.arange(items), 3)
    value = np.where(rng.random(3 * items) < skill, truth[item], rng.integers(3, size=3 * items))
    return Ratings(item, np.tile(np.arange(3), items), value, (0, 1, 2), ("A", "B", "C"))


def gold() -> None:
    bar = Bar(0.8)
    print("\n**Gold**\n")
    print(f"A bar of 80 %, alpha 5 %, twenty items of calibration; {ROUNDS} annotators, 200 gold items each.\n")
    print("| true accuracy | passed | failed | items until told, median | nine in ten |")
    print("|---:|---:|---:|---:|---:|")
    rng = np.random.default_rng(2)
    for truth in (0.5, 0.65, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99):
        told = [first(rng.random(200) < truth, bar) for _ in range(ROUNDS)]
        known = [at for status, at in told if status != "calibrating"]
        passed, failed = (np.mean([status == each for status, _ in told]) for each in ("passed", "failed"))
        waited = np.sort([*known, *[np.inf] * (ROUNDS - len(known))])
        median, most = (waited[int(share * ROUNDS)] for share in (0.5, 0.9))
        words = [f"{each:.0f}" if np.isfinite(each) else "over 200" for each in (median, most)]
        print(f"| {truth:.0%} | {passed:.1%} | {failed:.1%} | {words[0]} | {words[1]} |")


def first(right: np.ndarray, bar: Bar) -> tuple[str, int]:
    """Return what an annotator is first told, and after how many gold items: no answer ages within the test."""
    judged = [Judged(str(i), "Ann", NOON + timedelta(seconds=i), bool(each)) for i, each in enumerate(right)]
    status = standing("Ann", judged, bar, NOON + timedelta(seconds=len(judged)))
    if status.since is None:
        return "calibrating", len(judged)
    return status.status, int((status.since - NOON).total_seconds()) + 1


def preference() -> None:
    print("\n**Preference**\n\nBradley-Terry with ties (Davidson), twenty options, with Fisher's intervals.\n")
    print("| choices | CPU s |")
    print("|---:|---:|")
    for n in (1_000, 10_000, 100_000):
        said = compared(n, np.random.default_rng(0))
        print(f"| {n:,} | {best(partial(strengths, said)):.2f} |")


def compared(n: int, rng: np.random.Generator) -> list[Choice]:
    pairs = [rng.choice(20, 2, replace=False) for _ in range(n)]
    won = rng.integers(3, size=n)
    names = [(str(one), str(other)) for one, other in pairs]
    orders = [pair[at : at + 1] for pair, at in zip(names, won, strict=True)]
    return [Choice("p", "A", "human", pair, order) for pair, order in zip(names, orders, strict=True)]


def best(work: Callable[[], object]) -> float:
    return min(cpu(work) for _ in range(3))


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
