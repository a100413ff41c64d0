"""Standing: calibration, passing, failing, lapsing and certifying anew, with the error rates it promises."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bimetal.annotation.gold import Bar, Judged, standing
from bimetal.errors import InputError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BAR = Bar(0.8)


def judged(right, every=timedelta(hours=1), begun=NOON, who="Ann"):
    return [Judged(f"{begun}/{i}", who, begun + i * every, bool(each)) for i, each in enumerate(right)]


def at_end(answers, bar=BAR, after=timedelta(), **how):
    return standing("Ann", answers, bar, answers[-1].at + after, **how)


def test_nobody_passes_before_calibration_is_over():
    sure = Bar(0.5)  # evidence is enough after seven right answers
    assert at_end(judged([1] * 19), sure).status == "calibrating"
    passed = at_end(judged([1] * 20), sure)
    assert passed.status == "passed"
    assert passed.may_work
    assert passed.since == NOON + timedelta(hours=19)
    assert "1 gold items to go" in at_end(judged([1] * 19), sure).words


def test_a_bad_start_fails_before_calibration_is_over():
    failed = at_end(judged([0] * 8))
    assert (failed.status, failed.may_work) == ("failed", False)
    assert "below 0.8" in failed.words


def test_nobody_has_answered():
    none = standing("Ann", [], BAR, NOON)
    assert (none.status, none.accuracy, none.answered, none.since) == ("calibrating", None, 0, None)


def test_near_the_bar_is_neither_and_says_so():
    near = at_end(judged(([1] * 4 + [0]) * 8))
    assert near.status == "calibrating"
    assert "not yet known" in near.words
    assert near.accuracy.low < 0.8 < near.accuracy.high


def test_a_fall_after_passing_fails():
    record = judged([1] * 60 + [0] * 15)
    assert at_end(record[:60]).status == "passed"
    assert at_end(record).status == "failed"


def test_others_answers_later_answers_and_second_answers_do_not_count():
    own = judged([1] * 30)
    others = judged([0] * 50, who="Ben")
    again = [Judged(each.item, "Ann", each.at + timedelta(days=1), False) for each in own]
    late = judged([0] * 50, begun=NOON + timedelta(days=3))
    found = standing("Ann", [*late, *again, *others, *own], BAR, NOON + timedelta(days=2))
    assert (found.status, found.right, found.answered) == ("passed", 30, 30)


def test_a_pass_lapses_when_its_answers_are_old_and_is_renewed_by_new_ones_alone():
    old = judged([1] * 30)
    assert at_end(old, after=timedelta(days=100)).status == "passed"
    lapsed = at_end(old, after=timedelta(days=200))
    assert lapsed.status == "lapsed"
    assert "renew" in lapsed.words
    # 30 answers of about weight 1 reach 10 after log2(3) half-lives.
    assert lapsed.since - old[-1].at == pytest.approx(timedelta(days=90 * np.log2(3)), abs=timedelta(days=1))
    back = old[-1].at + timedelta(days=200)
    few = at_end([*old, *judged([1] * 5, begun=back)])
    assert (few.status, few.answered, few.since) == ("lapsed", 5, lapsed.since)
    renewed = at_end([*old, *judged([1] * 25, begun=back)])
    assert (renewed.status, renewed.answered) == ("passed", 25)
    assert at_end([*old, *judged([0] * 8, begun=back)]).status == "failed"


def test_steady_gold_keeps_a_pass_alive():
    steady = judged([1] * 200, every=timedelta(days=4))
    found = at_end(steady)
    assert (found.status, found.answered) == ("passed", 200)
    assert found.weight == pytest.approx(1 / (1 - 0.5 ** (4 / 90)), rel=5e-3)


def test_failed_stays_failed_until_certified_anew():
    failed = judged([0] * 10)
    later = judged([1] * 40, begun=NOON + timedelta(days=9))
    assert at_end([*failed, *later]).status == "failed"
    anew = at_end([*failed, *later], certified_from=NOON + timedelta(days=8))
    assert (anew.status, anew.answered) == ("passed", 40)


def test_false_passes_and_false_fails_are_as_rare_as_promised():
    draws, rounds = np.random.default_rng(4), 400
    at_bar = [at_end(judged(draws.random(200) < 0.8)).status for _ in range(rounds)]
    slack = 3 * (0.05 * 0.95 / rounds) ** 0.5
    assert at_bar.count("failed") / rounds <= 0.05 + slack
    ever = [_ever_passed(draws.random(200) < 0.8) for _ in range(rounds)]
    assert np.mean(ever) <= 0.05 + slack


def _ever_passed(right):
    from bimetal.annotation.gold import evidence_above

    return bool((evidence_above(right, 0.8)[19:] >= np.log(20)).any())


def test_good_and_bad_annotators_are_told_apart_soon():
    draws = np.random.default_rng(8)
    good = [at_end(judged(draws.random(100) < 0.95)).status for _ in range(100)]
    bad = [at_end(judged(draws.random(100) < 0.55)).status for _ in range(100)]
    assert good.count("passed") >= 90
    assert good.count("failed") == 0
    assert bad.count("failed") >= 95


def test_two_bars_leave_room_between():
    bar = Bar(0.8, failing=0.6)
    assert at_end(judged(([1] * 7 + [0] * 3) * 10), bar).status == "calibrating"
    with pytest.raises(InputError, match=r"failing 0.9 is no bar"):
        Bar(0.8, failing=0.9)
    with pytest.raises(InputError, match=r"passing 1.2, half_life -1 is no bar"):
        Bar(1.2, half_life=-1)
