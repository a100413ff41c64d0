"""The cheapest mix of a law without doubt, in closed form: labels, synthetic items, raters."""

from __future__ import annotations

from math import inf, sqrt
from typing import TYPE_CHECKING, NamedTuple

from bimetal.pilot.law import Law

if TYPE_CHECKING:
    from bimetal.pilot.prices import Prices


class Amounts(NamedTuple):
    """Human labels, synthetic items and raters per label, not rounded."""

    n: float
    m: float
    raters: int


def cheapest_mix(law: Law, prices: Prices, err: float, max_raters: int = 5) -> Amounts:
    """Reach an error at the least money by the law's estimates, no limits but the generator's fixed price.

    With c the price of one effective label, synthetic items pay iff kappa c > c_s, and then the last of them costs
    what the labels it replaces would: m = (n_inf / kappa)(sqrt(kappa c / c_s) - 1), or as many as replace all labels.
    An unreachable error needs infinitely many labels.

    >>> from bimetal.pilot.law import known_law
    >>> from bimetal.pilot.prices import Prices
    >>> found = cheapest_mix(known_law(0, 1, 0.5, kappa=0.5, n_inf=150), Prices(0.25, 0.01), 0.04)
    >>> round(found.n, 1), round(found.m, 1), found.raters
    (468.4, 760.7, 1)
    """
    raters = min(range(1, max_raters + 1), key=lambda r: r / prices.label_worth(r))
    worth = prices.label_worth(raters)
    label = raters * prices.annotation / worth
    wanted = law.needed(err)
    kappa, n_inf = law.kappa.estimate, law.n_inf.estimate
    if wanted == inf or kappa * label <= prices.synthetic:
        return Amounts(wanted / worth, 0.0, raters)
    m = n_inf / kappa * (sqrt(kappa * label / prices.synthetic) - 1) if prices.synthetic else inf
    if wanted < n_inf:
        m = min(m, 1 / (kappa * (1 / wanted - 1 / n_inf)) if wanted else 0.0)
    replaced = law.effective(m) if m < inf else n_inf
    mix = Amounts(max(0.0, wanted - float(replaced)) / worth, m, raters)
    saved = (wanted / worth - mix.n) * raters * prices.annotation - (prices.synthetic * m if prices.synthetic else 0.0)
    return mix if saved > prices.generator else Amounts(wanted / worth, 0.0, raters)
