"""Panel sizes against published tables and McNemar's test itself."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.stats import crossed_effects, items_needed, mcnemar, smallest_difference, smallest_mean_difference


def test_two_points_need_1200_items_and_one_point_3100_to_4700():
    assert items_needed(0.02) == pytest.approx(1200, rel=0.03)
    assert items_needed(0.01, discordance=0.04) == pytest.approx(3100, rel=0.02)
    assert items_needed(0.01, discordance=0.06) == pytest.approx(4700, rel=0.01)


def test_the_formula_is_connors():
    """Connor, Biometrics 43 (1987), the conditional-free formula worked out by hand for psi .3, delta .1."""
    z = NormalDist().inv_cdf
    by_hand = ((z(0.975) * 0.3**0.5 + z(0.9) * (0.3 - 0.01) ** 0.5) / 0.1) ** 2
    assert items_needed(0.1, 0.3, power=0.9) == np.ceil(by_hand)


@given(st.integers(20, 50_000), st.floats(0.01, 0.5), st.floats(0.5, 0.95))
def test_what_a_panel_shows_is_what_would_need_that_panel(items, discordance, power):
    shown = smallest_difference(items, discordance, power)
    assert items_needed(shown * (1 + 1e-9), discordance, power) == pytest.approx(items, abs=1)


def test_mcnemars_test_reaches_the_power_promised():
    """Exact McNemar is a little conservative, so it falls short of .8 by some points, never beyond."""
    rng = np.random.default_rng(1)
    n, gap, split = items_needed(0.04, 0.08), 0.04, 0.08
    found = []
    for _ in range(600):
        kind = rng.choice(3, n, p=[(split + gap) / 2, (split - gap) / 2, 1 - split])
        found.append(mcnemar(kind != 1, kind != 0) < 0.05)
    assert 0.72 <= np.mean(found) <= 0.84


def test_a_measured_design_shows_less_where_its_seeds_differ():
    rng = np.random.default_rng(2)
    gaps = rng.choice([-1, 0, 1], (1, 5, 2000), p=[0.02, 0.96, 0.02])
    calm, restless = (
        smallest_mean_difference(crossed_effects(gaps + shift)) for shift in (0, rng.normal(0, 0.02, (5, 1)))
    )
    assert calm < 0.02 < restless


def test_the_t_test_reaches_the_power_promised_by_the_design_it_was_asked_of():
    """Effects known without error stand in for a pilot's: df infinite, so both ends are normal."""
    gaps = np.random.default_rng(3).normal(size=(1, 1, 400))
    shown = smallest_mean_difference(crossed_effects(gaps))
    error = gaps.std() / 20
    assert NormalDist().cdf(shown / error - 1.959964) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: items_needed(0), "difference 0 is no gap"),
        (lambda: items_needed(0.02, discordance=0), "discordance 0 is not between"),
        (lambda: items_needed(0.02, power=1), "power 1 is not between"),
        (lambda: smallest_difference(3), "3 items show no difference"),
    ],
)
def test_what_cannot_be_planned_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
