"""Strengths against published fits, a general optimiser and simulation; words where they cannot be told."""

import numpy as np
import pytest
from scipy.optimize import minimize

from bimetal.annotation.preference import Choice, strengths
from bimetal.errors import InputError

# American League 1987, Agresti (2002), Categorical Data Analysis, table 10.10: games won by the row's team, and the
# log abilities and standard errors less Baltimore's of Firth and Turner (2012), Journal of Statistical Software 48.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WON = [
    (0, 7, 9, 7, 7, 9, 11),
    (6, 0, 7, 5, 11, 9, 9),
    (4, 6, 0, 7, 7, 8, 12),
    (6, 8, 6, 0, 6, 7, 10),
    (6, 2, 6, 7, 0, 7, 12),
    (4, 4, 5, 6, 6, 0, 6),
    (2, 4, 1, 3, 1, 7, 0),
]
ABILITIES = {
    "Boston": (1.1077, 0.3339),
    "Cleveland": (0.6839, 0.3319),
    "Detroit": (1.4364, 0.3396),
    "Milwaukee": (1.5814, 0.3433),
    "New York": (1.2476, 0.3359),
    "Toronto": (1.2945, 0.3367),
}
TRUE = np.array([-1.14, -0.44, 0.06, 0.36, 1.16])


def pair(one, other, best, item="p", who="Ann", kind="human"):
    return Choice(item, who, kind, (one, other), (best,) if best else ())


def test_the_published_fit_of_bradley_and_terry():
    games = [
        pair(one, other, one)
        for one, row in zip(TEAMS, WON, strict=True)
        for other, many in zip(TEAMS, row, strict=True)
        for _ in range(many)
    ]
    found = strengths(games)
    last = found.options.index("Baltimore")
    for team, (ability, error) in ABILITIES.items():
        at = found.options.index(team)
        own = found.covariance
        assert found.values[at] - found.values[last] == pytest.approx(ability, abs=6e-5)
        assert (own[at, at] + own[last, last] - 2 * own[at, last]) ** 0.5 == pytest.approx(error, abs=6e-5)
    assert next(iter(found.intervals)) == "Milwaukee"
    assert found.values.sum() == pytest.approx(0, abs=1e-9)
    assert found.ties is None


def drawn_pairs(draws, n, tie=0.5, kind="human"):
    said = []
    for _ in range(n):
        i, j = draws.choice(5, 2, replace=False)
        chances = np.array([np.exp(TRUE[i]), np.exp(TRUE[j]), tie * np.exp((TRUE[i] + TRUE[j]) / 2)])
        won = draws.choice(3, p=chances / chances.sum())
        said.append(pair(str(i), str(j), (str(i), str(j), None)[won], kind=kind))
    return said


def drawn_orders(draws, n, taken, worst=False):
    said = []
    for _ in range(n):
        rest = draws.choice(5, 4, replace=False).tolist()
        shown, order = tuple(map(str, rest)), []
        for _ in range(taken):
            chances = np.exp(TRUE[rest])
            order.append(str(rest.pop(draws.choice(len(rest), p=chances / chances.sum()))))
        chances = np.exp(-TRUE[rest])
        least = str(rest[draws.choice(len(rest), p=chances / chances.sum())]) if worst else None
        said.append(Choice("p", "Ann", "human", shown, tuple(order), least))
    return said


def test_davidsons_ties_are_the_top_of_their_likelihood():
    said = drawn_pairs(np.random.default_rng(3), 200)

    def loss(weight):
        lost = 0.0
        for each in said:
            one, other = (weight[int(option)] for option in each.shown)
            scores = np.array([one, other, weight[5] + (one + other) / 2])
            at = 2 if each.best is None else each.shown.index(each.best)
            lost += np.logaddexp.reduce(scores) - scores[at]
        return lost + weight[:5].sum() ** 2

    top = minimize(loss, np.zeros(6), tol=1e-9).x
    found = strengths(said)
    assert found.values == pytest.approx(top[:5], abs=1e-3)
    assert found.ties.estimate == pytest.approx(top[5], abs=1e-3)


@pytest.mark.parametrize(
    "drawn",
    [
        lambda draws: drawn_pairs(draws, 200),
        lambda draws: drawn_orders(draws, 100, 3),
        lambda draws: drawn_orders(draws, 150, 1),
        lambda draws: drawn_orders(draws, 100, 1, worst=True),
    ],
    ids=["pairs with ties", "orders", "best of four", "best and worst of four"],
)
def test_intervals_cover_what_drew_the_choices(drawn):
    draws, inside = np.random.default_rng(4), []
    for _ in range(100):
        found = strengths(drawn(draws)).intervals
        inside += [found[str(i)].low <= TRUE[i] <= found[str(i)].high for i in range(5)]
    assert 0.92 <= np.mean(inside) <= 0.98


def clustered(draws, items=60):
    """Five people judge each item, whose two texts are better or worse than their models usually are."""
    said = []
    for item in map(str, range(items)):
        i, j = draws.choice(3, 2, replace=False).tolist()
        chance = 1 / (1 + np.exp(-3 * draws.normal()))
        said += [pair(str(i), str(j), str(i) if draws.random() < chance else str(j), item, who) for who in "ABCDE"]
    return said


def test_people_who_judge_the_same_texts_are_no_independent_choices():
    draws, naive, by_item = np.random.default_rng(5), [], []
    for _ in range(120):  # all three are as strong: every log strength is 0
        said = clustered(draws)
        for inside, how in ((naive, "choices"), (by_item, "items")):
            inside += [each.low <= 0 <= each.high for each in strengths(said, how).intervals.values()]
    assert np.mean(naive) < 0.85
    assert 0.91 <= np.mean(by_item) <= 0.98


def test_an_option_that_never_lost_has_no_end():
    said = [pair("a", "b", "a"), pair("b", "c", "b"), pair("c", "b", "c")]
    found = strengths(said)
    assert (found.options, found.intervals) == ((), {})
    assert found.words == "a never lost to any of the others: compare more, or give a prior"
    steadied = strengths(said, prior_sd=2.0)
    assert next(iter(steadied.intervals)) == "a"
    assert steadied.values.sum() == pytest.approx(0, abs=1e-9)


def test_options_never_compared_cannot_be_told():
    apart = [pair("a", "b", best) for best in "ab"] + [pair("c", "d", best) for best in "cd"]
    assert "never lost" in strengths(apart).words


def test_ties_alone_say_nothing_and_long_ties_are_dropped():
    assert "no answer prefers anything" in strengths([pair("a", "b", None)] * 3).words
    three = [Choice("p", "Ann", "human", ("a", "b", "c"), (best,)) for best in "abc"]
    found = strengths([*three, Choice("p", "Ann", "human", ("a", "b", "c"))])
    assert found.dropped == 1
    assert "1 ties among more than two dropped" in found.words
    assert found.values == pytest.approx(np.zeros(3), abs=1e-9)


def test_the_worst_of_a_pair_names_the_best():
    said = [Choice("p", "Ann", "human", ("a", "b"), (), worst) for worst in "aab"]
    assert strengths(said).versus("a", "b").estimate == pytest.approx(1 / 3)


def test_people_and_models_are_never_pooled():
    with pytest.raises(InputError, match="1 by human, 1 by model"):
        strengths([pair("a", "b", "a"), pair("a", "b", "b", kind="model")])
    with pytest.raises(InputError, match="no choices"):
        strengths([])
    found = strengths([pair("a", "b", best) for best in "ab"])
    with pytest.raises(InputError, match="no strength of z"):
        found.versus("a", "z")
