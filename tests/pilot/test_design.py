"""A design is refused, every fault at once, before anything runs."""

import pytest

from bimetal.errors import InputError
from bimetal.pilot import Arm, Design, arms_named


def test_every_fault_is_named_at_once():
    with pytest.raises(InputError) as caught:
        Design(sizes=(50, 20), seeds=1, targets=(95,), margin=-1, rng_seed=-1)
    for words in ("sizes are (50, 20)", "seeds is 1", "targets are (95,)", "margin is -1", "rng_seed is -1"):
        assert words in str(caught.value)


def test_an_arm_that_is_compared_must_stand_among_the_arms():
    with pytest.raises(InputError, match="lack a hybrid strengthened and selected like each human arm"):
        Design(arms=(Arm("human"), Arm("synthetic", human=False, synthetic=10)))
    with pytest.raises(InputError, match="lack one with human rows alone"):
        Design(arms=(Arm("hybrid", synthetic=10),))


def test_every_human_arm_brings_its_hybrid_and_the_three_always_run():
    names = [arm.name for arm in arms_named(["human, active", "hybrid, unweighted"])]
    assert names[:3] == ["human", "synthetic", "hybrid"]
    assert {"human, active", "hybrid, active", "hybrid, unweighted"} <= set(names)
    with pytest.raises(InputError, match="no arm is called 'humans'"):
        arms_named(["humans"])


def test_several_sources_compete_arm_by_arm():
    design = Design(arms=arms_named([])).with_sources(("ours", "vendor"))
    mixes = design.candidates(design.arm("human"))
    assert [arm.name for arm in mixes] == ["hybrid (ours)", "hybrid (vendor)"]
    assert design.arm("human") in design.baselines
