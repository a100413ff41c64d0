"""Every combination of the six answers gives a consistent record, and caution never raises the synthetic share."""

import itertools

import pytest

from bimetal.decision import QUESTIONS, RULES, decide
from bimetal.errors import InputError
from bimetal.types import Answer, DecisionRecord

NAMES = [question.name for question in QUESTIONS]
COMBINATIONS = list(itertools.product(*(question.values for question in QUESTIONS)))
# from the boldest answer to the most cautious; unknown stands where its consequences are at least as cautious
CAUTION = {
    "regulated": ("no", "unknown", "yes"),
    "stationary": ("yes", "slow", "no"),
    "transfer": ("equal", "helps", "unclear", "harms"),
    "cost": ("synthetic", "similar", "human"),
    "grounded": ("yes", "partly", "no"),
    "licence": ("allows", "share-alike", "forbids"),
}


def answered(values: tuple[str, ...]) -> tuple[Answer, ...]:
    return tuple(Answer(name, value) for name, value in zip(NAMES, values, strict=True))


@pytest.fixture(scope="module")
def records() -> dict[tuple[str, ...], DecisionRecord]:
    return {values: decide(answered(values)) for values in COMBINATIONS}


def test_each_record_is_consistent_and_complete(records):
    for values, record in records.items():
        low, high = record.ratio
        assert 0 <= low <= high < float("inf"), values
        assert (record.strategy in {"human only", "measure first"}) == (high == 0), values
        assert tuple(answer.value for answer in record.answers) == values
        assert record.reasons
        assert record.human_subset
        assert record.first_experiment
        assert record.would_change


def test_each_reason_begins_with_the_answers_it_rests_on_and_names_its_basis(records):
    for values, record in records.items():
        said = {f"{name}={value}" for name, value in zip(NAMES, values, strict=True)}
        for reason in record.reasons:
            assert set(reason.partition(":")[0].split(", ")) <= said
            assert reason.endswith(("[rule]", "[prior]"))


@pytest.mark.parametrize("question", CAUTION)
def test_caution_never_raises_the_ratio(records, question):
    place = NAMES.index(question)
    for values, record in records.items():
        if values[place] not in CAUTION[question]:
            continue
        step = CAUTION[question].index(values[place]) + 1
        for careful in CAUTION[question][step:]:
            other = records[(*values[:place], careful, *values[place + 1 :])]
            assert other.ratio[0] <= record.ratio[0], (values, careful)
            assert other.ratio[1] <= record.ratio[1], (values, careful)


@pytest.mark.parametrize("question", NAMES)
def test_an_unknown_answer_never_allows_more_than_the_boldest(records, question):
    place = NAMES.index(question)
    for values, record in records.items():
        unknown = records[(*values[:place], "unknown", *values[place + 1 :])]
        bold = records[(*values[:place], CAUTION[question][0], *values[place + 1 :])]
        assert unknown.ratio <= bold.ratio, values
        if question == "transfer":
            assert unknown.ratio == (0.0, 0.0)
            assert unknown.ratio[1] <= record.ratio[1]


def test_hard_rules_hold_whatever_else_is_said(records):
    for values, record in records.items():
        said = dict(zip(NAMES, values, strict=True))
        if said["regulated"] != "no":
            assert "decision-boundary" in record.human_subset
            assert record.strategy != "synthetic only"
        if said["transfer"] == "unknown" and (said["licence"], said["grounded"]) != ("forbids", "no"):
            assert record.strategy == "measure first"
        if said["licence"] in {"forbids", "unknown"} and said["grounded"] in {"no", "unknown"}:
            assert record.ratio[1] == 0
        if said["stationary"] in {"no", "unknown"}:
            assert record.ratio[1] <= 1


def test_what_would_change_the_decision_is_exactly_what_does(records):
    for values in COMBINATIONS[::7]:
        record = records[values]
        expected = set()
        for place, question in enumerate(QUESTIONS):
            for value in question.values:
                other = records[(*values[:place], value, *values[place + 1 :])]
                if (other.strategy, other.ratio) != (record.strategy, record.ratio):
                    low, high = other.ratio
                    expected.add(f"{question.name}={value}: {other.strategy}, {low:g} to {high:g} per human label")
        assert set(record.would_change) == (expected or {"no one answer alone: two or more would have to change"})


def test_every_rule_and_every_strategy_is_reached(records):
    reasons = {reason for record in records.values() for reason in record.reasons}
    for rule in RULES:
        assert any(rule.reason in reason for reason in reasons)
    assert {record.strategy for record in records.values()} == {
        "human only",
        "synthetic only",
        "hybrid",
        "measure first",
    }


def test_nothing_known_means_measure_first():
    record = decide(())
    assert record.strategy == "measure first"
    assert "pilot" in record.first_experiment


def test_a_mapping_and_a_tuple_say_the_same():
    given = (Answer("transfer", "helps", said_by="Ann"), Answer("licence", "allows"))
    assert decide(given) == decide({answer.question: answer for answer in given})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((Answer("transfer", "great"),), "expected one of: equal, helps, unclear, harms, unknown"),
        ((Answer("mood", "good"),), "answer these: grounded, regulated"),
        ((Answer("cost", "human"), Answer("cost", "similar")), "answered twice"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_the_way_out(answers, words):
    with pytest.raises(InputError, match=words):
        decide(answers)


def test_every_question_explains_itself():
    for question in QUESTIONS:
        assert question.text.endswith("?")
        assert question.why
        assert question.example
        assert "unknown" in question.values
        assert all(question.values.values())
