"""Sentences about savings: censored ones are bounds, and none stands without its target."""

import pytest

from bimetal.pilot.words import answer, saving_words, verdict
from bimetal.stats import Saving
from bimetal.types import Interval


def said(human, hybrid, interval, censored="none", bound="exact"):
    found = None if interval is None else Interval(*interval)
    return saving_words(Saving(0.95, human, hybrid, found, censored, bound)).replace("\u202f", " ")


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        ((140, 23, (0.84, 0.78, 0.88)), "23 human labels instead of 140 (84 % fewer, 95 % interval 78–88 %)"),
        ((140, 130, (0.07, -0.1, 0.2)), "cannot tell from no saving"),
        ((140, 90, (0.3, -9.0, 1.0)), "(95 % interval from more than twice as many to 100 % fewer)"),
        ((100, 160, (-0.6, -0.9, -0.2)), "synthetic data costs labels here"),
        (
            (None, 30, (0.92, 0.85, 1.0), "human", "at least"),
            "30 human labels, and people alone more than were tried (>85 % fewer",
        ),
        ((140, 20, (0.86, 0.8, 1.0), "hybrid", "at least"), "at most 20 human labels instead of 140 (>80 % fewer"),
        (
            (140, None, (-1.9, -3, -0.5), "hybrid", "at most"),
            "does not get there with the labels tried, and people alone need 140",
        ),
        (
            (140, None, (-1.9, -3, -0.5), "hybrid", "at most"),
            "costs labels here (95 % interval from more than twice as many to 50 % more)",
        ),
        ((None, None, None, "both", "unknown"), "neither people alone nor the mix arrive"),
        ((20, 20, None, "both", "unknown"), "both arrive with the fewest labels tried"),
    ],
)
def test_each_case_has_its_sentence(saved, words):
    assert words in said(*saved)


SAVED = Saving(0.95, 140, 23, Interval(0.84, 0.78, 0.88), "none", "exact")


def test_the_answer_says_what_to_do_and_names_its_target():
    said = answer("both", SAVED, (), "average precision").replace("\u202f", " ")
    assert said.startswith("Do both: at 95 % average precision this programme needs 23")


def test_generating_alone_is_not_argued_for_with_what_a_mix_costs():
    costs = Saving(0.95, 140, 160, Interval(-0.6, -0.9, -0.2), "none", "exact")
    assert answer("generate", costs, ()) == "Generate (synthetic rows alone are as good as people's labels here)."
    assert "84" in answer("generate", SAVED, ())


@pytest.mark.parametrize(
    ("interval", "transfer", "expected"),
    [
        ((0.84, 0.78, 0.88), "helps", "both"),
        ((0.84, 0.78, 0.88), "equal", "generate"),
        ((0.02, -0.1, 0.06), "unclear", "buy"),
        ((0.2, -0.1, 0.6), "unclear", "undecided"),
        ((-0.2, -0.6, 0.3), "harms", "buy"),
        (None, "unclear", "undecided"),
        (None, "harms", "buy"),
    ],
)
def test_the_verdict_follows_the_interval(interval, transfer, expected):
    saved = Saving(0.95, 140, 100, Interval(*interval) if interval else None, "none", "exact")
    assert verdict(saved, transfer) == expected


def test_without_a_declared_seed_nothing_is_claimed():
    assert verdict(SAVED, "equal", claims=False) == "undecided"
    said = answer("undecided", SAVED, ())
    assert "no saving is claimed" in said
    assert "84" not in said
