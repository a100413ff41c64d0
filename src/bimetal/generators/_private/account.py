"""What privacy costs: one budget shared out over all that is asked of the rows, and what the sum of it guarantees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, floor, log, log1p, sqrt
from typing import TYPE_CHECKING

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.generators._private.exact import Noise
    from bimetal.types import IntArray

_GRAIN = 1 << 20
_NEIGHBOURS = "tables are neighbours where one has one row more"

LARGEST = 1e6  # epsilon: far beyond any that hides something, and whole numbers still hold it


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked of the rows: `times` answers of sensitivity 1, costing `cost` together; `noise` in words."""

    what: str
    times: int
    cost: float
    noise: str


@dataclass(frozen=True, slots=True)
class Account:
    """All that is asked, and what it amounts to: (epsilon, delta) for tables that differ in one row.

    `unit` is what costs are counted in: rho of zero-concentrated privacy, or epsilon where delta is 0. `hidden` is the
    part of delta spent on values that only one row may have.

    >>> print(Account(1.0, 0.0, "epsilon", (Line("label counts", 1, 0.3, "Laplace, scale 4"),)))
    epsilon = 1, delta = 0: tables are neighbours where one has one row more
    label counts: 1 x, epsilon 0.3, Laplace, scale 4
    """

    epsilon: float
    delta: float
    unit: str
    lines: tuple[Line, ...]
    hidden: float = 0.0

    @property
    def spent(self) -> float:
        return sum(line.cost for line in self.lines)

    def __str__(self) -> str:
        head = f"epsilon = {self.epsilon:g}, delta = {self.delta:g}: {_NEIGHBOURS}"
        lines = [f"{line.what}: {line.times} x, {self.unit} {line.cost:.3g}, {line.noise}" for line in self.lines]
        return "\n".join([head, *lines])


@dataclass(frozen=True, slots=True)
class Budget:
    """Epsilon and delta, and the one number that all answers share: rho, or epsilon itself where delta is 0.

    Half of delta turns rho into epsilon (Canonne, Kamath and Steinke 2020, proposition 12), half is left for values
    that chance alone would name. Costs add up over answers chosen in view of earlier ones (Bun and Steinke 2016,
    lemma 2.3, and its delta-approximate form, definition 8.1).

    >>> round(Budget(1.0, 1e-6).whole, 4), Budget(1.0, 0.0).whole
    (0.0229, 1.0)
    """

    epsilon: float
    delta: float

    def __post_init__(self) -> None:
        if not 0.001 <= self.epsilon <= LARGEST:
            raise InputError(f"epsilon is {self.epsilon!r}, expected .001 to {LARGEST:,}", "1 is usual")
        if not 0 <= self.delta < 0.01:
            raise InputError(
                f"delta is {self.delta!r}, expected 0 or a number below .01", "1e-6 is usual: less than 1 in the rows"
            )

    @property
    def pure(self) -> bool:
        return self.delta == 0

    @property
    def unit(self) -> str:
        return "epsilon" if self.pure else "rho"

    @property
    def hidden(self) -> float:
        return self.delta / 2

    @property
    def whole(self) -> float:
        return self.epsilon if self.pure else rho_for(self.epsilon, self.delta / 2)

    def scale(self, cost: float) -> int:
        """Return the noise of one answer of sensitivity 1 at a cost: the Gaussian's variance, or Laplace's scale."""
        return max(1, ceil(1 / cost if self.pure else 1 / (2 * cost)))

    def noise(self, source: Noise, cost: float, size: int) -> IntArray:
        """Draw noise for disjoint counts, of which one row changes one by 1."""
        draw = source.laplace if self.pure else source.gaussian
        return draw(self.scale(cost), size)

    def deviation(self, cost: float) -> float:
        """Return the standard deviation of that noise."""
        return sqrt(2) * self.scale(cost) if self.pure else sqrt(self.scale(cost))

    def paid(self, what: str, times: int, cost: float) -> Line:
        """Write down what so many answers at a cost really take: noise is rounded up to whole numbers, cost down."""
        scale = self.scale(cost)
        told = f"discrete Laplace, scale {scale:,}" if self.pure else f"discrete Gaussian, variance {scale:,}"
        return Line(what, times, times * (1 / scale if self.pure else 1 / (2 * scale)), told)

    def sharpness(self, cost: float) -> tuple[int, int]:
        """Return epsilon / 2 of an exponential mechanism as a fraction: epsilon is e-private and e^2 / 8-zCDP.

        Cesar and Rogers 2021 (arXiv 2004.07223), for scores of sensitivity 1.
        """
        epsilon = cost if self.pure else sqrt(8 * cost)
        return max(1, floor(epsilon / 2 * _GRAIN)), _GRAIN

    def chosen(self, what: str, times: int, cost: float) -> Line:
        """Write down what so many choices at a cost really take."""
        epsilon = 2 * self.sharpness(cost)[0] / _GRAIN
        return Line(what, times, times * (epsilon if self.pure else epsilon**2 / 8), f"exponential, {epsilon:.3g} each")


@lru_cache
def rho_for(epsilon: float, delta: float) -> float:
    """Return the largest rho, by bisection, that keeps zero-concentrated privacy within (epsilon, delta)."""
    low, high = 0.0, epsilon + log(1 / delta)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, epsilon) <= delta else (low, middle)
    return low * (1 - 1e-9)  # the last digits of floats are not to be paid for by privacy


def delta_of(rho: float, epsilon: float) -> float:
    """Return the least delta found for which rho-zCDP is (epsilon, delta)-private: each order alpha bounds it.

    >>> f"{delta_of(0.02, 1.0):.1e}"
    '8.8e-08'
    """
    orders = [1 + 10 ** (k / 40) for k in range(-80, 241)]
    least = min((a - 1) * (a * rho - epsilon) - log(a - 1) + a * log1p(-1 / a) for a in orders)
    return min(1.0, exp(min(least, 0.0)))
