"""What a pilot will do, fixed before the first fit: its arms, sizes, seeds, metric, targets and margin."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.pilot.arms import DEFAULT_ARMS, Arm
from bimetal.types import Spec

ACCURACY = Spec("metrics", "accuracy")


@dataclass(frozen=True, slots=True)
class Design:
    """Register a pilot: sizes N of human labels, seeds, arms, metric, targets and the margin that counts.

    The baseline is the human arm with the best mean over all sizes, whichever that turns out to be; a candidate is
    a hybrid arm strengthened and selected the same way, so that the comparison is chosen in favour of people alone.
    `weight` is what one synthetic row weighs beside a human label's 1, or None for the default rule
    (see `synthetic_weight`). `targets` are values of the metric, 0-1; none means the strongest human arm's mean at
    its largest N less the margin. Raises InputError for a design that could not answer.

    >>> Design(sizes=(20, 50, 100, 200)).seeds
    5
    """

    sizes: tuple[int, ...] = (10, 25, 60, 150, 400)
    seeds: int = 5
    arms: tuple[Arm, ...] = DEFAULT_ARMS
    targets: tuple[float, ...] = ()
    margin: float = 0.01
    weight: float | None = None
    metric: Spec = field(default=ACCURACY)
    rng_seed: int = 0

    def __post_init__(self) -> None:
        names = [arm.name for arm in self.arms]
        faults = {
            f"sizes are {self.sizes}, expected growing numbers of labels from 2 up": not _growing(self.sizes),
            f"seeds is {self.seeds}, expected 2 or more": self.seeds < 2,
            f"arms repeat a name: {names}": len(set(names)) < len(names),
            f"arms {names} lack one with human rows alone": not self.baselines,
            f"arms {names} lack a hybrid strengthened and selected like each human arm": not all(
                map(self.candidates, self.baselines)
            ),
            f"targets are {self.targets}, expected values between 0 and 1": any(not 0 < t < 1 for t in self.targets),
            f"margin is {self.margin}, expected between 0 and 1": not 0 <= self.margin < 1,
            f"rng_seed is {self.rng_seed}, expected 0 or more": self.rng_seed < 0,
        }
        wrong = [text for text, is_wrong in faults.items() if is_wrong]
        if wrong:
            raise InputError("; ".join(wrong), "change the pilot's design")

    def arm(self, name: str) -> Arm:
        return next(arm for arm in self.arms if arm.name == name)

    @property
    def baselines(self) -> tuple[Arm, ...]:
        """The arms of people alone."""
        return tuple(arm for arm in self.arms if arm.human and not arm.uses_synthetic)

    def candidates(self, baseline: Arm) -> tuple[Arm, ...]:
        """Return the hybrid arms made like a baseline, one for each source of synthetic rows.

        Of several mixes with one source the first counts: others are measured, not picked by their result.
        """
        alike: dict[str, Arm] = {}
        for arm in self.arms:
            if arm.human and arm.uses_synthetic and (arm.improve, arm.select) == (baseline.improve, baseline.select):
                alike.setdefault(arm.source, arm)
        return tuple(alike.values())

    def with_sources(self, names: tuple[str, ...]) -> Design:
        """Give every arm with synthetic rows a copy for each named source of them.

        >>> [arm.name for arm in Design(seeds=2).with_sources(("ours", "vendor")).arms if not arm.improve]
        ['human', 'synthetic (ours)', 'synthetic (vendor)', 'hybrid (ours)', 'hybrid (vendor)']
        """
        arms: list[Arm] = []
        for arm in self.arms:
            if not arm.uses_synthetic or arm.source:
                arms.append(arm)
            elif len(names) == 1:
                arms.append(replace(arm, source=names[0]))
            else:
                arms += [replace(arm, name=f"{arm.name} ({name})", source=name) for name in names]
        return replace(self, arms=tuple(arms))

    def json(self) -> dict[str, Json]:
        return {
            "sizes": list(self.sizes),
            "seeds": self.seeds,
            "arms": [arm.json() for arm in self.arms],
            "targets": list(self.targets),
            "margin": self.margin,
            "weight": self.weight,
            "metric": self.metric.json(),
            "rng_seed": self.rng_seed,
        }


def _growing(sizes: tuple[int, ...]) -> bool:
    return bool(sizes) and sizes[0] >= 2 and all(a < b for a, b in pairwise(sizes))
