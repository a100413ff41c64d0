"""What was measured overrides what was declared, visibly; where the stricter counts, no measurement loosens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.decision import QUESTIONS, Facts, Measurement, decide
from bimetal.decision.measured import STRICTNESS
from bimetal.errors import InputError
from bimetal.types import Answer

VALUES = {question.name: tuple(question.values) for question in QUESTIONS}
BOLD = tuple(
    Answer(name, value, "Ann", evidence="memo 12")
    for name, value in {
        "grounded": "yes",
        "regulated": "no",
        "stationary": "yes",
        "licence": "allows",
        "transfer": "equal",
        "cost": "synthetic",
    }.items()
)
AT = datetime(2026, 11, 1, tzinfo=UTC)


def declared(question, value):
    return tuple(Answer(question, value, "Ann") if each.question == question else each for each in BOLD)


def pilot(value, ratio=None, at=AT, **kept):
    return Measurement("transfer", value, f"transfer {value}", "pilot 3f2a", at, ratio, **kept)


@pytest.mark.parametrize("question", ["transfer", "cost"])
def test_measured_wins_and_disagreement_is_a_finding(question):
    for said in VALUES[question]:
        for found in VALUES[question]:
            measured = Measurement(question, found, "as measured", "a run", AT)
            record = decide(declared(question, said), measurements=(measured,))
            assert record.values[question] == found
            assert next(each for each in record.declared if each.question == question).value == said
            assert bool(record.findings) == (said not in {found, "unknown"})
            assert any(each.basis == "measured" and each.source == "a run" for each in record.reasons)


@pytest.mark.parametrize("question", ["licence", "stationary"])
def test_the_stricter_of_declared_and_measured_holds(question):
    order = STRICTNESS[question]
    for said in order:
        for found in order:
            record = decide(declared(question, said), measurements=(Measurement(question, found, "w", "s", AT),))
            expected = found if said == "unknown" else max(said, found, key=order.index)
            assert record.values[question] == expected
            assert bool(record.findings) == (said not in {found, "unknown"})


def test_a_finding_names_who_said_what_and_the_way_out():
    record = decide(BOLD, measurements=(pilot("harms"),))
    (found,) = record.findings
    assert (found.check, found.verdict, found.where) == ("declared_and_measured", "warn", "transfer")
    assert "declared equal by Ann and measured harms by pilot 3f2a" in found.message
    assert "answers.transfer in bimetal.toml" in found.remedy


@pytest.mark.parametrize("value", ["equal", "helps", "unclear", "harms"])
def test_transfer_declared_on_no_evidence_is_a_finding(value):
    (found,) = decide((Answer("transfer", value, "Ann"),)).findings
    assert (found.check, found.where) == ("declared_and_measured", "transfer")
    assert "bimetal pilot" in found.remedy
    assert not decide((Answer("transfer", value, "Ann", evidence="study of May"),)).findings
    assert not decide((Answer("transfer", value, "Ann"),), measurements=(pilot(value),)).findings


def test_a_measured_answer_carries_its_source_and_time():
    answer = next(each for each in decide(BOLD, measurements=(pilot("helps"),)).answers if each.question == "transfer")
    assert (answer.said_by, answer.at, answer.evidence) == ("pilot 3f2a", AT, "transfer helps")


def test_a_pilots_ratio_replaces_the_priors_and_says_so():
    before = decide(BOLD, Facts("text"))
    after = decide(BOLD, Facts("text"), (pilot("helps", (12, 20)),))
    assert (before.ratio, before.ratio_basis) == ((5, 10), "prior")
    assert (after.ratio, after.ratio_basis) == ((12, 20), "measured")
    told = next(each for each in after.reasons if each.basis == "measured")
    assert "12 to 20 synthetic rows per human label" in told.text
    assert "this replaces the priors nine in ten (9 to 99), language (5 to 10), helps (1 to 19)" in told.text
    assert "labels saved" not in told.text
    assert not any("nine in ten" in each.source for each in after.reasons)
    assert "as measured" in after.sentence


def test_a_measured_saving_replaces_the_fields():
    told = decide(BOLD, Facts("image"), (pilot("helps", labels_saved="62 % fewer labels at 95 %"),)).reasons
    assert not any("labels saved in vision" in each.source for each in told)
    measured = next(each for each in told if each.basis == "measured")
    assert "62 % fewer labels at 95 %; this replaces the priors labels saved in vision" in measured.text


def test_a_measured_cost_replaces_the_fields_figures():
    cost = Measurement("cost", "similar", "hybrid cheapest in 55 % of draws", "simulation", AT)
    told = decide(BOLD, Facts("image", "driving"), (cost,)).reasons
    assert not any("capture of rare footage" in each.source for each in told)


def test_rules_and_judgements_about_duty_bind_a_measured_ratio_too():
    assert decide(declared("stationary", "no"), measurements=(pilot("helps", (12, 20)),)).ratio == (0, 1)
    assert decide(declared("stationary", "slow"), measurements=(pilot("helps", (12, 20)),)).ratio == (1, 9)
    assert decide(declared("regulated", "yes"), measurements=(pilot("helps", (12, 20)),)).ratio == (1, 4)
    assert decide(declared("cost", "human"), measurements=(pilot("helps", (12, 20)),)).ratio == (0, 1)


@given(st.permutations([pilot("harms", at=AT), pilot("helps", (2, 4), at=AT + timedelta(days=1))]))
def test_the_latest_pilot_counts_in_whatever_order_they_come(measurements):
    record = decide(BOLD, measurements=tuple(measurements))
    assert record.values["transfer"] == "helps"
    assert record.ratio == (2, 4)


def test_a_ratio_counts_only_while_its_own_answer_does():
    later = pilot("unclear", at=AT + timedelta(days=1))
    record = decide(BOLD, measurements=(pilot("helps", (12, 20)), later))
    assert record.values["transfer"] == "unclear"
    assert (record.strategy, record.ratio) == ("measure first", (0, 0))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("regulated", "no", "w", "s"), "regulated cannot be measured"),
        (("grounded", "no", "w", "s"), "grounded cannot be measured"),
        (("transfer", "great", "w", "s"), "expected one of"),
        (("speed", "high", "w", "s"), "no question is called"),
        (("transfer", "harms", "w", "s", None, (1, 2)), "a ratio was given for transfer=harms"),
        (("licence", "allows", "w", "s", None, (1, 2)), "a ratio was given for licence=allows"),
        (("transfer", "helps", "w", "s", None, (3, 2)), "expected 0 <= low <= high"),
        (("transfer", "helps", "w", "s", None, (0, 0)), "expected 0 <= low <= high"),
        (("transfer", "helps", "w", "s", None, (1, float("inf"))), "expected 0 <= low <= high"),
        (("transfer", "helps", "w", "s", None, (float("nan"), 2)), "expected 0 <= low <= high"),
    ],
)
def test_what_is_no_measurement_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        Measurement(*arguments)
