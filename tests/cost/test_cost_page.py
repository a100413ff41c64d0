"""The page of a lifecycle's cost says everything: who is cheapest, what decides, every price and where it is from."""

import re
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from bimetal.cost import LINES, Need, Needs, Scenario, Spending, lifecycle_cost
from bimetal.cost.lines import SAID
from bimetal.report import to_html, to_markdown, to_terminal

SPENT = Spending("2026-11-22", 1.5, answers=400, timed=390, seconds=14, seconds_sd=9, drawn=20_000, draw_seconds=7200)
PILOT = Needs(Need((300.0, 400.0, 600.0)), None, Need((100.0, 150.0, 250.0), (4000.0,)), "pilot of 2026-11-01", 0.95, 0.1, pilot_labels=700)  # fmt: skip


def run(kind="driving frame", needs=None, **more):
    return lifecycle_cost(Scenario(kind), needs, rng=np.random.default_rng(0), draws=2000, **more)


@pytest.mark.parametrize(
    "needs", [None, PILOT, Needs(None, None, None, "test"), Needs(Need((300.0,)), None, None, "x")]
)
@pytest.mark.parametrize("spending", [Spending(), SPENT])
def test_every_renderer_takes_every_result(needs, spending):
    found = run(needs=needs, spending=spending)
    page = found.page()
    assert page.answer == found.sentence
    told = StringIO()
    Console(file=told, width=200).print(to_terminal(page))
    for text in (to_html(page), to_markdown(page), told.getvalue()):
        assert "Every price, and who says so" in text
        assert not re.search(r"\b(nan|inf)\b", text)


def test_all_lines_and_all_prices_are_there():
    found = run()
    text = to_markdown(found.page())
    for line in LINES:
        assert SAID[line].capitalize() in text
    for name, row in found.setting.sampled.items():
        assert f"{name}: {row.says}".replace("_", "\\_") in text
    assert "Cityscapes" in text
    assert "assumption" in text


def test_the_plan_stands_beside_what_was_spent():
    text = to_markdown(run(spending=SPENT).page())
    assert "Metered by 2026-11-22" in text
    assert "metered: 390 answers" in text
    assert "Plan against actual" not in to_markdown(run().page())


def test_spending_is_priced_by_its_meters():
    found = run(spending=SPENT)
    assert found.spent["annotation"] == pytest.approx(400 * 14 * found.setting.rows["wage"].median / 3600)
    assert found.spent["generation"] == pytest.approx(2 * found.setting.rows["computing"].median)
    assert found.setting.rows["synthetic_item"].median == pytest.approx(2 * 0.06 / 20_000)
    assert found.planned["annotation"] == pytest.approx(np.median(found.lines[LINES.index("annotation"), 2]))


def test_money_paid_as_such_is_added():
    told = Spending("2026-11-22", 1, drawn=10, paid={"generation": 12.5})
    assert run(spending=told).spent == {"generation": 12.5}
    assert told.strategy == "synthetic only"


def test_a_pilot_that_was_run_is_not_one_that_would_cost():
    assert "The pilot cost" in to_markdown(run(needs=PILOT).page())
    assert "The pilot would cost" in to_markdown(run().page())
