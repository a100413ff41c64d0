"""Two-sample tests with effect sizes for drift and shift: columns of numbers and columns of categories."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.types import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from bimetal.types import FloatArray, IntArray

PERMUTATIONS = 999
FOLDS = 5
TAILS = (0.001, 0.01)  # the outermost shares of the reference watched on either side
FEW_VALUES = 100  # up to here values repeat so much that a permutation replaces the continuous distribution


@dataclass(frozen=True, slots=True)
class Shift:
    """How a sample differs from a reference: p that it does not, by how much, and two questions of their own.

    `tail_p` asks for mass where the reference has next to none (or none where it has some), `missing_p` for another
    share of missing values. The effect runs from 0 (equal) to 1 (apart). p values are uncorrected.
    """

    p: float
    effect: Interval
    tail_p: float
    missing_p: float = 1.0


def numeric_shift(
    reference: ArrayLike, sample: ArrayLike, level: float = 0.95, rng: np.random.Generator | None = None
) -> Shift:
    """Compare two columns of numbers, shape (n,) and (m,); missing values are dropped and tested apart.

    The effect is the Kolmogorov distance D: a share of rows, the same under any rescaling, and never above the total
    variation. Its estimate is sqrt(D^2 - E0[D^2]), about zero for equal columns, and its interval D plus or minus the
    critical distance, so the low end stays 0 unless the test rejects. Columns with few values are permuted, by a fixed
    generator unless `rng` is given. The tail test counts what falls outside the reference's outermost .1 % and 1 % on
    either side, which is beta-binomial whatever the distribution; it sees a new mode of 1 % that D hides.

    >>> rng = np.random.default_rng(1)
    >>> old, new = rng.normal(size=3000), np.append(rng.normal(size=2970), rng.normal(8, 1, 30))
    >>> shift = numeric_shift(old, new)
    >>> shift.p > 0.05, shift.tail_p < 1e-6, shift.effect.low
    (True, True, 0.0)
    """
    (old, lost_old), (new, lost_new) = (_present(values) for values in (reference, sample))
    missing_p = _fisher(lost_old, len(old), lost_new, len(new))
    if not len(old) or not len(new):
        return Shift(1.0, Interval(0.0, 0.0, 1.0, level), 1.0, missing_p)
    p, distance, critical, bias = _kolmogorov(old, new, level, rng)
    effect = Interval(
        max(0.0, distance**2 - bias) ** 0.5, max(0.0, distance - critical), min(1.0, distance + critical), level
    )
    return Shift(p, effect, _tail_p(np.sort(old), new), missing_p)


def categorical_shift(
    reference: Iterable[Any], sample: Iterable[Any], level: float = 0.95, rng: np.random.Generator | None = None
) -> Shift:
    """Compare two columns of categories; None and NaN are missing, dropped and tested apart.

    p is chi-square's, by permutation where an expected count is below 5. The effect is the total variation, measured
    across folds: which categories gained is learned on the other folds, how much on this one, so a thousand equal
    categories give about 0 where the plain distance gives .2. That errs downwards, the plain distance upwards: the
    interval reaches from the first's low end, 0 unless p rejects, to the second's high end. `tail_p` asks, by
    permutation, whether the sample brings more of categories the reference lacks. Without `rng` a fixed one draws.

    >>> shift = categorical_shift(["cat"] * 700 + ["dog"] * 300, ["cat"] * 500 + ["dog"] * 480 + ["eel"] * 20)
    >>> shift.p < 1e-9, print(shift.effect), shift.tail_p
    0.200 [0.158, 0.242]
    (True, None, 0.001)
    """
    rng = rng or np.random.default_rng(0)
    (old, lost_old), (new, lost_new) = (_counted(values) for values in (reference, sample))
    missing_p = _fisher(lost_old, old.total(), lost_new, new.total())
    names = list(old | new)
    a, b = (np.array([counts[name] for name in names], dtype=np.int64) for counts in (old, new))
    if not a.sum() or not b.sum():
        return Shift(1.0, Interval(0.0, 0.0, 1.0, level), 1.0, missing_p)
    new_mass, few = int(b[a == 0].sum()), _expected(a, b).min() < 5
    permutations = PERMUTATIONS if few or new_mass else 0
    drawn = rng.multivariate_hypergeometric(a + b, int(a.sum()), size=permutations, method="marginals")
    p = _permuted_chi_square(a, b, drawn) if few else _chi_square(a, b)
    effect = _total_variation(a, b, level, rng)
    if p > 1 - level:
        effect = Interval(effect.estimate, 0.0, effect.high, level)
    return Shift(p, effect, _permutation_p(new_mass, np.where(drawn == 0, a + b, 0).sum(axis=1)), missing_p)


def _present(values: ArrayLike) -> tuple[FloatArray, int]:
    values = np.asarray(values, dtype=float).ravel()
    kept = values[~np.isnan(values)]
    return kept, len(values) - len(kept)


def _counted(values: Iterable[Any]) -> tuple[Counter[Any], int]:
    counts = Counter(values)
    missing = [name for name in counts if name is None or name != name]  # noqa: PLR0124 - only NaN differs from itself
    return counts, sum(counts.pop(name) for name in missing)


def _fisher(lost_old: int, kept_old: int, lost_new: int, kept_new: int) -> float:
    from scipy.stats import fisher_exact

    if lost_old + lost_new == 0:
        return 1.0
    return float(fisher_exact(np.array([[lost_old, kept_old], [lost_new, kept_new]])).pvalue)


def _kolmogorov(
    old: FloatArray, new: FloatArray, level: float, rng: np.random.Generator | None
) -> tuple[float, float, float, float]:
    """Return p, D, and of equal columns: the distance only 1 - level of them reach, and the mean square distance."""
    from scipy.special import kolmogi
    from scipy.stats import ks_2samp

    scale = 1 / len(old) + 1 / len(new)
    values, codes = np.unique(np.concatenate([old, new]), return_inverse=True)
    if len(values) > FEW_VALUES:
        found = ks_2samp(old, new)
        return (
            float(found.pvalue),
            float(found.statistic),
            float(kolmogi(1 - level)) * scale**0.5,
            np.pi**2 / 12 * scale,
        )
    both, first = np.bincount(codes), np.bincount(codes[: len(old)], minlength=len(values))
    drawn = (rng or np.random.default_rng(0)).multivariate_hypergeometric(both, len(old), PERMUTATIONS, "marginals")
    counts = np.vstack([first, drawn]).cumsum(axis=1)
    distances = np.abs(counts / len(old) - (both.cumsum() - counts) / len(new)).max(axis=1)
    equal = distances[1:]
    p = _permutation_p(distances[0], equal)
    return p, float(distances[0]), float(np.quantile(equal, level)), float((equal**2).mean())


def _tail_p(old: FloatArray, new: FloatArray) -> float:
    """Bonferroni over tails, sides and directions; ties count against a finding, never for it."""
    from scipy.stats import betabinom

    p = []
    for rank in {max(1, round(share * len(old))) for share in TAILS}:
        law = betabinom(len(new), rank, len(old) + 1 - rank)
        for cut, sign in ((old[-rank], 1), (old[rank - 1], -1)):
            beyond, reached = int((sign * new > sign * cut).sum()), int((sign * new >= sign * cut).sum())
            p += [float(law.sf(beyond - 1)), float(law.cdf(reached))]
    return min(1.0, min(p) * len(p))


def _expected(a: IntArray, b: IntArray) -> FloatArray:
    both = a + b
    return np.asarray(np.outer([a.sum(), b.sum()], both) / both.sum())


def _chi_square(a: IntArray, b: IntArray) -> float:
    from scipy.stats import chi2_contingency

    return float(chi2_contingency(np.stack([a, b]), correction=False).pvalue)


def _permuted_chi_square(a: IntArray, b: IntArray, drawn: IntArray) -> float:
    # With both margins fixed the statistic is proportional to this weighted square.
    distance = ((np.vstack([a, drawn]) - _expected(a, b)[0]) ** 2 / (a + b)).sum(axis=1)
    return _permutation_p(distance[0], distance[1:])


def _permutation_p(observed: float, drawn: ArrayLike) -> float:
    drawn = np.asarray(drawn)
    return float((1 + np.sum(drawn >= observed * (1 - 1e-12))) / (1 + len(drawn)))


def _total_variation(a: IntArray, b: IntArray, level: float, rng: np.random.Generator) -> Interval:
    from scipy.stats import norm

    p, q = a / a.sum(), b / b.sum()
    plain = float(np.abs(p - q).sum() / 2)
    folds = min(FOLDS, int(a.sum()), int(b.sum()))
    if folds < 2:
        return Interval(plain, 0.0, 1.0, level)
    parts = zip(_split(a, folds, rng), _split(b, folds, rng), strict=True)
    held = np.array([_held_out(a, b, part_a, part_b) for part_a, part_b in parts])
    lost, gained = held.mean(axis=0)
    error = norm.ppf((1 + level) / 2) * (_share_variance(lost, a.sum()) + _share_variance(gained, b.sum())) ** 0.5
    estimate = float(max(0.0, gained - lost))
    return Interval(estimate, float(max(0.0, gained - lost - error)), float(min(1.0, plain + error)), level)


def _split(counts: IntArray, folds: int, rng: np.random.Generator) -> list[IntArray]:
    parts = []
    for left in range(folds, 0, -1):
        part = rng.multivariate_hypergeometric(counts, int(counts.sum()) // left, method="marginals")
        parts.append(part)
        counts = counts - part
    return parts


def _held_out(a: IntArray, b: IntArray, part_a: IntArray, part_b: IntArray) -> tuple[float, float]:
    rest_a, rest_b = a - part_a, b - part_b
    gain = rest_b / rest_b.sum() - rest_a / rest_a.sum()
    weight = (1 + np.sign(gain)) / 2
    return float(weight @ part_a / part_a.sum()), float(weight @ part_b / part_b.sum())


def _share_variance(share: float, n: int) -> float:
    """Agresti and Coull's (1998): two more of each kind, so that a share of 0 or 1 keeps a width."""
    adjusted = (share * n + 2) / (n + 4)
    return float(adjusted * (1 - adjusted) / (n + 4))
