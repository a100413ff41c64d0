"""Gold at places that cannot be foreseen, the least shown first; leaked gold found and other gold left alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bimetal.annotation.gold import Judged, draw, schedule, worn
from bimetal.errors import InputError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_every_place_is_as_likely_and_the_share_holds_in_small_queues():
    draws = np.random.default_rng(1)
    places = [schedule(10, 0.05, draws) for _ in range(8000)]
    assert np.mean([len(each) for each in places]) == pytest.approx(0.5, abs=0.02)
    counts = np.bincount(np.concatenate(places), minlength=10)
    assert counts.min() > 0.8 * counts.mean()


def test_having_just_seen_gold_tells_nothing():
    draws = np.random.default_rng(2)
    gold = np.zeros((3000, 50))
    for row in gold:
        row[schedule(50, 0.2, draws)] = 1
    after = gold[:, 1:][gold[:, :-1] == 1].mean()
    assert after == pytest.approx(9 / 49, abs=0.01)  # ten in fifty, one of them gone


def test_a_share_that_is_none():
    assert len(schedule(0, 0.5, np.random.default_rng(0))) == 0
    assert len(schedule(7, 1.0, np.random.default_rng(0))) == 7
    with pytest.raises(InputError, match=r"share of 1\.5"):
        schedule(10, 1.5, np.random.default_rng(0))


def test_the_least_shown_unseen_gold_comes_first():
    draws = np.random.default_rng(3)
    shown = {"a": 4, "b": 1, "c": 1, "d": 0}
    assert draw("abcd", {"d"}, shown, 5, draws)[-1] == "a"
    first = Counter(draw("abcd", {"d"}, shown, 1, draws)[0] for _ in range(400))
    assert first["b"] + first["c"] == 400
    assert 150 < first["b"] < 250
    assert draw("ab", {"a", "b"}, {}, 1, draws) == ()


def panel(draws, leaks, items=20, exposures=30):
    """Thirty raters of different pace; gold that leaks is answered in a third of the time from the tenth on."""
    pace = {f"rater {i}": float(np.exp(draws.normal(2, 0.5))) for i in range(exposures)}
    judged = []
    for item in range(items):
        for nth, who in enumerate(draws.permutation(list(pace))):
            known = item in leaks and nth >= 10
            seconds = pace[who] * float(np.exp(draws.normal(0, 0.4))) * (0.33 if known else 1.0)
            at = NOON + timedelta(hours=nth, minutes=item)
            judged.append(Judged(f"g{item}", str(who), at, bool(known or draws.random() < 0.9), seconds))
    return judged, pace


def test_leaked_gold_is_found_and_other_gold_seldom_taken():
    draws, found, wrong = np.random.default_rng(5), 0, 0
    for _ in range(40):
        judged, pace = panel(draws, {3})
        taken = {each.item for each in worn(judged, pace=pace)}
        found += "g3" in taken
        wrong += bool(taken - {"g3"})
    assert found >= 32
    assert wrong <= 40 * 0.05 + 5


def test_without_a_leak_a_panel_loses_an_item_with_alpha_at_most():
    draws = np.random.default_rng(6)
    lost = [bool(worn(panel(draws, set(), items=10)[0], alpha=0.2)) for _ in range(60)]
    assert np.mean(lost) <= 0.2


def test_a_leak_must_be_right_too():
    judged, pace = panel(np.random.default_rng(7), {3})
    assert "g3" in {each.item for each in worn(judged, pace=pace)}
    hasty = [Judged(e.item, e.annotator, e.at, e.right and i % 7 > 0, e.seconds) for i, e in enumerate(judged)]
    assert "g3" not in {each.item for each in worn(hasty, pace=pace)}


def test_an_item_shown_too_often_goes_and_a_few_exposures_say_nothing():
    often = [Judged("g", f"r{i}", NOON + timedelta(hours=i), i % 2 > 0, 5.0) for i in range(12)]
    assert worn(often) == ()
    assert worn(often, limit=12)[0].words == "shown 12 times, the limit is 12"
    assert worn(often * 5) == ()  # each person's first answer counts
    fast = [Judged("g", f"r{i}", NOON + timedelta(hours=i), True, 10.0 - i) for i in range(5)]
    assert worn(fast, pace=dict.fromkeys([f"r{i}" for i in range(5)], 9.0)) == ()
    assert worn([]) == ()
    with pytest.raises(InputError, match="is no rule"):
        worn(often, alpha=0)
