"""Dawid-Skene against the paper's own data, a loop written from its equations, and the real crowd sets."""

import csv
import gzip
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.annotation.aggregation import Votes, compare, dawid_skene, majority
from bimetal.annotation.aggregation.dawid_skene import _believing, _density, _seeing
from bimetal.errors import InputError

# Dawid and Skene (1979), Table 1: 45 patients, the first of five anaesthetists three times, then the other four
ANAESTHETISTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111
1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""


def anaesthetists() -> Votes:
    """Build votes directly: `Votes.of` refuses the first anaesthetist's three readings of a form."""
    rows = [
        (item, max(0, k - 2), int(said) - 1)
        for item, row in enumerate(ANAESTHETISTS.split())
        for k, said in enumerate(row)
    ]
    item, rater, value = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Votes(item, rater, value, tuple(f"{i:02}" for i in range(45)), tuple("12345"), tuple("1234"))


def by_hand(votes: Votes, prior: float, steps: int, gold: dict[int, int]):
    """Dawid and Skene's equations 2.3 to 2.7 in loops, with the prior's answers added to the counts."""
    items, labels, raters = len(votes.items), len(votes.labels), len(votes.raters)
    rows = list(zip(votes.item.tolist(), votes.rater.tolist(), votes.value.tolist(), strict=True))
    soft = [[0.0] * labels for _ in range(items)]
    for i, _, v in rows:
        soft[i][v] += 1 / sum(1 for row in rows if row[0] == i)
    for i, known in gold.items():
        soft[i] = [float(k == known) for k in range(labels)]
    for _ in range(steps):
        share = [(sum(row[k] for row in soft) + prior / labels) / (items + prior) for k in range(labels)]
        chance = np.full((raters, labels, labels), prior / labels)
        for r in range(raters):
            for k in range(labels):
                chance[r, k, k] += prior
                for i, who, v in rows:
                    chance[r, k, v] += soft[i][k] * (who == r)
                whole = chance[r, k].sum()
                chance[r, k] = chance[r, k] / whole if whole else 1 / labels
        likelihood = 0.0
        for i in range(items):
            joint = [share[k] * math.prod(chance[r, k, v] for j, r, v in rows if j == i) for k in range(labels)]
            if i in gold:
                likelihood += math.log(joint[gold[i]])
            else:
                likelihood += math.log(sum(joint))
                soft[i] = [each / sum(joint) for each in joint]
    return np.array(soft), chance, likelihood


@st.composite
def small_votes(draw):
    cells = [(item, rater) for item in range(5) for rater in range(4)]
    kept = draw(st.lists(st.sampled_from(cells), min_size=4, max_size=20, unique=True))
    return Votes.of(
        [str(item) for item, _ in kept],
        [str(rater) for _, rater in kept],
        [draw(st.sampled_from("xyz")) for _ in kept],
        labels="xyz",
    )


@given(votes=small_votes(), prior=st.sampled_from([0.3, 1.0, 4.0]), known=st.booleans())
@settings(max_examples=25, deadline=None)
def test_it_is_the_loop_written_from_the_paper(votes, prior, known):
    gold = {votes.items[0]: "y"} if known else {}
    found = dawid_skene(votes, gold, prior=prior, tolerance=-math.inf, limit=7)
    soft, chance, likelihood = by_hand(votes, prior, 7, {0: 1} if known else {})
    np.testing.assert_allclose(found.soft, soft, atol=1e-7)
    np.testing.assert_allclose(found.confusion, chance, atol=1e-7)
    assert found.log_likelihood == pytest.approx(likelihood, abs=1e-6)


def test_the_anaesthetists():
    votes = anaesthetists()
    found = dawid_skene(votes, prior=0.0, tolerance=1e-10, limit=2000)
    soft, chance, likelihood = by_hand(votes, 0.0, 200, {})
    np.testing.assert_allclose(found.soft, soft, atol=1e-4)
    np.testing.assert_allclose(found.confusion, chance, atol=1e-4)
    assert found.log_likelihood == pytest.approx(likelihood, abs=1e-4)
    # the paper's Table 2, to the digits printed: shares of the four grades, error rates of the first anaesthetist
    np.testing.assert_allclose(found.soft.mean(axis=0), [0.40, 0.42, 0.11, 0.07], atol=0.005)
    first = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    np.testing.assert_allclose(found.confusion[0], first, atol=0.005)


@given(votes=small_votes(), prior=st.sampled_from([0.0, 0.5, 2.0]))
@settings(max_examples=20, deadline=None)
def test_no_step_loses(votes, prior):
    soft, reached = votes.shares(), []
    for _ in range(15):
        share, confusion = _believing(votes, soft, prior)
        soft, likelihood = _seeing(votes, votes.gold({}), share, confusion)
        reached.append(likelihood + _density(share, confusion, prior))
    assert (np.diff(reached) >= -1e-5).all()


def test_gold_teaches_who_is_right():
    """Two who always say the opposite cannot be told apart but by gold."""
    items = [str(i) for i in range(20)]
    truth = ["x" if i % 2 else "y" for i in range(20)]
    other = ["y" if each == "x" else "x" for each in truth]
    votes = Votes.of(items * 2, ["Ann"] * 20 + ["Bo"] * 20, truth + other)
    assert (dawid_skene(votes).point == -1).all()
    found = dawid_skene(votes, clamped=dict(list(zip(items, truth, strict=True))[:4]))
    assert dict(zip(found.votes.items, (found.votes.labels[each] for each in found.point), strict=True)) == dict(
        zip(items, truth, strict=True)
    )
    assert found.quality[0] > 0.8
    assert found.quality[1] < 0.2


def test_it_says_when_it_did_not_arrive():
    votes = anaesthetists()
    stopped = dawid_skene(votes, tolerance=1e-10, limit=3)
    assert (stopped.converged, stopped.iterations) == (False, 3)
    assert dawid_skene(votes).converged


def test_a_negative_prior_is_refused():
    with pytest.raises(InputError, match=r"prior is -1\.0, expected 0 or more"):
        dawid_skene(anaesthetists(), prior=-1.0)


def test_gold_items_arbitrate():
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 400)
    rows = []
    for rater in range(7):  # two who know, five who hardly do
        wrong = rng.random(400) < (0.05 if rater < 2 else 0.45)
        rows += [(f"{i:03}", f"r{rater}", "xy"[truth[i] ^ int(wrong[i])]) for i in range(400)]
    votes = Votes.of(*zip(*rows, strict=True))
    gold = {f"{i:03}": "xy"[truth[i]] for i in range(300)}
    sides = compare(votes, gold)
    assert sides.better == "dawid_skene"
    assert sides.gold_items == 300
    right = {name: (method(votes).point[:300] == truth[:300]).mean() for name, method in METHODS.items()}
    assert sides.majority.estimate == pytest.approx(right["majority"])
    assert sides.dawid_skene.estimate == pytest.approx(right["dawid_skene"])
    assert sides.difference.estimate == pytest.approx(right["dawid_skene"] - right["majority"])
    apart = majority(votes).point != dawid_skene(votes).point
    assert sides.apart == tuple(np.array(votes.items)[apart])
    assert compare(votes, dict(list(gold.items())[:5])).better == "undecided"


METHODS = {"majority": majority, "dawid_skene": dawid_skene}


def test_gold_that_nobody_answered_cannot_arbitrate():
    with pytest.raises(InputError, match="1 of 3 gold items have answers"):
        compare(Votes.of("ab", "AA", "xy"), {"a": "x", "q": "x", "r": "y"})


CROWD = Path(os.environ.get("BIMETAL_BENCH_DATA", Path(__file__).parents[4] / "shared" / "data")) / "crowd"
PUBLISHED = {"rte": (0.8969, 0.9275), "product": (0.8966, 0.9396), "possent": (0.9335, 0.9600)}


@pytest.mark.skipif(not CROWD.exists(), reason="the crowd sets are not here")
@pytest.mark.parametrize("name", PUBLISHED)
def test_accuracy_on_a_real_crowd_is_the_known_one(name):
    with gzip.open(CROWD / name / "label.csv.gz", "rt") as file:
        rows = [(row["item"], row["worker"], row["label"]) for row in csv.DictReader(file)]
    with (CROWD / name / "truth.csv").open() as file:
        truth = {row["item"]: row["truth"] for row in csv.DictReader(file)}
    sides = compare(Votes.of(*zip(*rows, strict=True)), truth, prior=0.0)
    assert sides.majority.estimate == pytest.approx(PUBLISHED[name][0], abs=1e-4)
    assert sides.dawid_skene.estimate == pytest.approx(PUBLISHED[name][1], abs=6e-4)  # where EM is stopped
