"""A scenario's faults are named with their paths, all at once; its numbers stand in place of the table's."""

import pytest

from bimetal.cost import Scenario, Spending, faults
from bimetal.cost.setting import setting
from bimetal.errors import ConfigError


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (Scenario(kind="image boxes"), "cost.kind: expected one of image class, "),
        (Scenario(months=0), "cost.months: expected a number above 0, got 0"),
        (Scenario(currency="euro"), "cost.currency: expected an ISO 4217 code such as EUR, got 'euro'"),
        (Scenario(rate=-1), "cost.rate: expected a number above 0, got -1"),
        (Scenario(raters=0), "cost.raters: expected 1 or more, got 0"),
        (Scenario(volume=0), "cost.volume: expected 1 or more, got 0"),
        (Scenario(target=95), "cost.target: expected a score between 0 and 1, got 95"),
        (
            Scenario(inputs={"hazrd": 1}),
            "cost.inputs.hazrd: no such input, did you mean hazard? expected one of wage, ",
        ),
        (Scenario(inputs={"wage": [3, 2, 1]}), "cost.inputs.wage: expected one number of 0 or more, or three growing"),
        (Scenario(inputs={"wage": "dear"}), "got 'dear'"),
        (Scenario(inputs={"wage": [1, 2]}), "got [1, 2]"),
        (Scenario(inputs={"wage": float("nan")}), "got nan"),
        (Scenario(inputs={"wage": -1}), "got -1"),
        (Scenario(inputs={"review_share": 30}), "cost.inputs.review_share: expected a share from 0 to 1, got 30"),
        (Scenario(sources={"wage": "payroll"}), "cost.sources.wage: a source without a number of its own"),
    ],
)
def test_every_fault_has_its_path(scenario, said):
    (found,) = faults(scenario)
    assert said in found
    with pytest.raises(ConfigError) as caught:
        setting(scenario)
    assert found in str(caught.value)


def test_all_faults_are_told_at_once():
    assert len(faults(Scenario(months=-1, raters=0, inputs={"a": 1, "wage": "x"}))) == 4
    assert faults(Scenario()) == []


def test_an_own_number_needs_a_source_not_to_be_an_assumption():
    plain = setting(Scenario(inputs={"wage": 20})).rows["wage"]
    backed = setting(Scenario(inputs={"wage": 20}, sources={"wage": "payroll 2026"})).rows["wage"]
    assert (plain.range, plain.assumption) == ((20, 20, 20), True)
    assert (backed.assumption, backed.backing) == (False, "payroll 2026")


def test_currency_turns_money_and_nothing_else():
    rows = setting(Scenario(kind="image box", currency="EUR", rate=0.5)).rows
    plain = setting(Scenario(kind="image box")).rows
    assert rows["label_price"].median == plain["label_price"].median / 2
    assert rows["seconds"].range == plain["seconds"].range
    assert rows["wage"].unit == "EUR an hour"


def test_own_money_is_in_the_own_currency():
    assert setting(Scenario(currency="EUR", rate=0.5, inputs={"wage": 20})).rows["wage"].median == 20


def test_wage_scales_what_people_do():
    low, high = (setting(Scenario(kind="document", inputs={"wage": wage})).answer for wage in (10, 30))
    assert high == pytest.approx(3 * low)


def test_a_wage_without_effect_is_said_to_have_none():
    (note,) = setting(Scenario(kind="image box", inputs={"wage": 20})).notes
    assert "set seconds too" in note
    assert setting(Scenario(kind="image box", inputs={"wage": 20, "seconds": 9})).answer == pytest.approx(0.05)


def test_metered_seconds_replace_the_market_price_but_not_a_sourced_one():
    spending = Spending("2026-11-22", 1, answers=400, timed=400, seconds=18, seconds_sd=10)
    found = setting(Scenario(kind="image box"), spending=spending)
    assert found.rows["seconds"].median == 18
    assert found.rows["seconds"].backing == "metered: 400 answers"
    assert found.answer == pytest.approx(18 * 15 / 3600)
    backed = Scenario(kind="image box", inputs={"label_price": 0.1}, sources={"label_price": "contract"})
    assert setting(backed, spending=spending).answer == pytest.approx(0.1)


def test_a_handful_of_answers_replaces_nothing():
    spending = Spending("2026-11-22", 1, answers=5, timed=5, seconds=18, seconds_sd=10)
    assert setting(Scenario(kind="image box"), spending=spending).answer == pytest.approx(0.049)
