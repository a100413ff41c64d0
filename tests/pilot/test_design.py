"""A design is refused, every fault at once, before anything runs."""

import pytest

from bimetal.errors import InputError
from bimetal.pilot import Arm, Design


def test_every_fault_is_named_at_once():
    with pytest.raises(InputError) as caught:
        Design(sizes=(50, 20), seeds=1, targets=(95,), margin=-1, rng_seed=-1)
    for words in ("sizes are (50, 20)", "seeds is 1", "targets are (95,)", "margin is -1", "rng_seed is -1"):
        assert words in str(caught.value)


def test_an_arm_that_is_compared_must_stand_among_the_arms():
    with pytest.raises(InputError, match="lack a hybrid strengthened like each human arm"):
        Design(arms=(Arm("human"), Arm("synthetic", human=False, synthetic=10)))
    with pytest.raises(InputError, match="lack one with human rows alone"):
        Design(arms=(Arm("hybrid", synthetic=10),))


def test_cells_come_small_first_and_each_once():
    cells = list(Design(sizes=(10, 20), seeds=2).cells())
    assert [cell.n for cell in cells] == [10] * 12 + [20] * 12
    assert len(set(cells)) == 24
