"""The effective-sample law: error after n human labels and m synthetic items, and what one is worth in the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray

PARAMETERS = ("E", "A", "b", "kappa", "n_inf")


class Bounds(TypedDict):
    """The law's parameters, each with its interval."""

    E: Interval
    A: Interval
    b: Interval
    kappa: Interval
    n_inf: Interval


@dataclass(frozen=True)
class Law:
    """err(n, m) = E + A (n + s(m))^-b with 1/s = 1/(kappa m) + 1/n_inf, fitted, and how far to trust it.

    The excess over E bends off below that of guessing, `guess`, as s does below n_inf: 1/(err - E) is the sum of
    (n + s)^b / A and 1/(guess - E), after Alabdulmohsin et al. (2022); for small errors the power law alone is left.
    `kappa` is the worth of one synthetic item in human labels, `n_inf` the most labels any number of them replaces.
    `draws` has shape (draws, 5), columns E, A, b, kappa, n_inf: the fits a plan must hold for. `residual` is the mean
    absolute residual in units of the error, `p` the chance of a worse misfit if the law held, `measured` the largest
    number of human labels tried. `fits` is False where the data contradict the law; `why` says so, and what is not
    identified, in words; it is empty where all is well.
    """

    E: Interval
    A: Interval
    b: Interval
    kappa: Interval
    n_inf: Interval
    draws: FloatArray
    residual: float
    p: float
    fits: bool
    why: str = ""
    identified: tuple[str, ...] = ("kappa", "n_inf")
    guess: float = 1.0
    measured: float | None = None

    @property
    def estimates(self) -> FloatArray:
        """The fitted E, A, b, kappa, n_inf."""
        return np.array([getattr(self, name).estimate for name in PARAMETERS])

    def effective(self, m: ArrayLike) -> Any:
        """Human labels that m synthetic items are worth together.

        >>> law = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
        >>> law.effective([300, 1e9]).round(3)
        array([ 75., 150.])
        """
        return effective(m, *self.estimates[3:])

    def error(self, n: ArrayLike, m: ArrayLike = 0) -> Any:
        """Expected error after n human labels and m synthetic items.

        >>> known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150).error([25, 100, 0], [300, 0, 0]).round(3)
        array([0.091, 0.091, 1.   ])
        """
        return error(self.estimates, n, m, self.guess)

    def predicted(self, n: float, m: float = 0, level: float = 0.95) -> Interval:
        """Bound the expected error at (n, m) over the draws."""
        return _bounded(float(self.error(n, m)), error(self.draws.T, n, m, self.guess), level)

    def needed(self, err: float) -> float:
        """Effective labels that bring the error down to `err`; infinity where it lies at or below the floor E.

        >>> known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150).needed(1 / 11)
        100.0...
        """
        return float(needed(self.estimates, err, self.guess))

    def json(self) -> dict[str, Json]:
        """Documented keys: fits, why, identified, E, A, b, kappa, n_inf, guess, measured, residual, p, draws."""
        return {
            "fits": self.fits,
            "why": self.why,
            "identified": list(self.identified),
            **{name: getattr(self, name).json() for name in PARAMETERS},
            "guess": self.guess,
            "measured": self.measured,
            "residual": self.residual,
            "p": self.p,
            "draws": self.draws.tolist(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Law:
        """Read what `json` wrote; raises InputError, in one sentence, for anything else.

        >>> law = known_law(E=0, A=1, b=0.5, kappa=0.5, n_inf=150)
        >>> Law.from_json(law.json()).json() == law.json()
        True
        """
        try:
            bounds = Bounds(**{name: _interval(value[name]) for name in PARAMETERS})  # type: ignore[typeddict-item]
            draws = np.array(value["draws"], dtype=float)
            law = cls(
                **bounds,
                draws=draws,
                residual=float(value["residual"]),
                p=float(value["p"]),
                fits=bool(value["fits"]),
                why=str(value["why"]),
                identified=tuple(value["identified"]),
                guess=float(value["guess"]),
                measured=None if value["measured"] is None else float(value["measured"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise InputError(f"this is no law of the mix: {fault!r}", _AGAIN) from fault
        if draws.ndim != 2 or draws.shape[1] != len(PARAMETERS) or not len(draws):
            raise InputError(f"the law's draws have shape {draws.shape}, expected (draws, 5)", _AGAIN)
        if not np.isfinite(draws).all() or (draws < 0).any() or (draws[:, 1:] == 0).any():
            raise InputError("the law's draws hold values outside E >= 0 and A, b, kappa, n_inf > 0", _AGAIN)
        if not law.guess > draws[:, 0].max():
            raise InputError(f"the law's floor reaches the error of guessing, {law.guess}", _AGAIN)
        return law


def known_law(E: float, A: float, b: float, kappa: float, n_inf: float) -> Law:  # noqa: N803 - the law's own letters
    """State a law without doubt, as a single draw: for what-if questions and simulations."""
    draws = np.array([[E, A, b, kappa, n_inf]], dtype=float)
    return Law(**bounds_of(draws[0], draws), draws=draws, residual=0.0, p=1.0, fits=True)


def effective(m: ArrayLike, kappa: ArrayLike, n_inf: ArrayLike) -> Any:
    """Spell s(m) = 1 / (1/(kappa m) + 1/n_inf), zero at m = 0; arguments broadcast."""
    worth = np.multiply(kappa, m)
    return worth / (1 + worth / n_inf)


def error(parameters: FloatArray, n: ArrayLike, m: ArrayLike, guess: float) -> Any:
    """Spell err(n, m), the parameters' first axis being E, A, b, kappa, n_inf; the rest broadcasts."""
    floor, scale, slope, kappa, n_inf = parameters
    falling = (n + effective(m, kappa, n_inf)) ** slope / scale
    return floor + 1 / (falling + 1 / (guess - floor))


def needed(parameters: FloatArray, err: ArrayLike, guess: float) -> Any:
    """Spell the effective labels that reach `err`: infinity at the floor, 0 from guessing on; broadcasts."""
    floor, scale, slope = parameters[:3]
    above = np.maximum(np.subtract(err, floor), 0)
    with np.errstate(divide="ignore", over="ignore"):
        return np.maximum(scale * (1 / above - 1 / (guess - floor)), 0) ** (1 / slope)


def bounds_of(estimates: FloatArray, draws: FloatArray, level: float = 0.95) -> Bounds:
    """Bound each parameter by the percentiles of its draws."""
    pairs = zip(PARAMETERS, estimates, draws.T, strict=True)
    found = {name: _bounded(float(estimate), column, level) for name, estimate, column in pairs}
    bounds: Bounds = Bounds(**found)  # type: ignore[typeddict-item]  # the names are the keys
    return bounds


def _bounded(estimate: float, draws: FloatArray, level: float) -> Interval:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, min(float(low), estimate), max(float(high), estimate), level)


def _interval(value: Mapping[str, Any]) -> Interval:
    return Interval(*(float(value[name]) for name in ("mean", "low", "high", "level")))


_AGAIN = "pass the whole file that bimetal pilot --json wrote"
