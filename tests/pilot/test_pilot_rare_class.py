"""A pilot of a rare class: cells without a positive, and generators fitted to each cell's own labels."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from bimetal.generators.jitter import Jitter
from bimetal.learners.linear import Linear
from bimetal.pilot import Arm, Design, PilotData, run_pilot
from bimetal.types import Spec

PRECISION = Spec("metrics", "average_precision", {"positive": "yes"})


def rows(n, seed):
    rng = np.random.default_rng(seed)
    rare = rng.random(n) < 0.06
    x, y = rng.normal(size=(2, n)) + 2 * rare
    return pa.table({"x": x, "y": y, "label": np.where(rare, "yes", "no")})


def pilot(*arms, sizes=(4, 20, 60), only="rarest", margin=0.01):
    data = PilotData(rows(300, 1), rows(200, 2), Jitter(only))
    return run_pilot(data, Linear(), Design(sizes, 3, arms, (0.5,), margin, metric=PRECISION))


@pytest.mark.parametrize("select", ["margin", "by_budget", "bald"])
def test_an_active_arm_asks_on_where_its_first_labels_are_of_one_class(select):
    found = pilot(Arm("human", select=select), Arm("hybrid", synthetic=1, select=select))
    assert any(each.check == "one class" for each in found.facts.findings)
    assert found.arms["human"][-1].estimate > found.arms["human"][0].estimate
    assert found.facts.labelled <= 2 * 3 * 60


def test_rows_fitted_to_the_pilots_own_labels_never_stand_for_generating_alone():
    arms = (Arm("human"), Arm("hybrid", synthetic=1), Arm("synthetic", human=False, synthetic=5))
    found = pilot(*arms, sizes=(60, 300), only="", margin=0.3)
    unaware = replace(found, facts=replace(found.facts, learned=()))
    assert (unaware.transfer, unaware.verdict) == ("equal", "generate")
    assert found.transfer != "equal"
    assert found.verdict != "generate"
