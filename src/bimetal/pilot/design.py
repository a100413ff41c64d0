"""What a pilot will do, fixed before the first fit: its data, its arms, its sizes and its margin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bimetal.canonical import Json
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.plugins import Generator


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to train: human rows or not, synthetic rows per human label, and how the learner is strengthened.

    `synthetic` is a ratio: 10 means 10 N synthetic rows beside N human labels. `improve` names learners that
    wrap the base learner from the inside out; one that does not suit the payload is left out.
    """

    name: str
    human: bool = True
    synthetic: float = 0.0
    improve: tuple[str, ...] = ()

    def json(self) -> dict[str, Json]:
        return {"name": self.name, "human": self.human, "synthetic": self.synthetic, "improve": list(self.improve)}


STRENGTHENED = ("shifted", "self_trained")
PLAIN_ARMS = (Arm("human"), Arm("synthetic", human=False, synthetic=10), Arm("hybrid", synthetic=10))
STRONG_ARMS = tuple(replace(arm, name=f"{arm.name}, strengthened", improve=STRENGTHENED) for arm in PLAIN_ARMS)
DEFAULT_ARMS = (*PLAIN_ARMS, *STRONG_ARMS)


@dataclass(frozen=True, slots=True)
class Design:
    """Register a pilot: sizes N of human labels, seeds, arms, targets and the margin that counts as a difference.

    The baseline is the human arm with the best mean over all sizes, whichever that turns out to be; the candidate is
    the hybrid arm strengthened the same way, so that the comparison is chosen in favour of people alone.
    `weight` is what one synthetic row weighs beside a human label's 1, or None for the default rule
    (see `synthetic_weight`). `targets` are accuracies, 0-1; none means the strongest human arm's mean at its
    largest N less the margin. Raises InputError for a design that could not answer.

    >>> Design(sizes=(20, 50, 100, 200)).seeds
    5
    """

    sizes: tuple[int, ...] = (20, 50, 100, 200, 400)
    seeds: int = 5
    arms: tuple[Arm, ...] = DEFAULT_ARMS
    targets: tuple[float, ...] = ()
    margin: float = 0.01
    weight: float | None = None
    rng_seed: int = 0

    def __post_init__(self) -> None:
        names = [arm.name for arm in self.arms]
        faults = {
            f"sizes are {self.sizes}, expected growing numbers of labels from 2 up": not _growing(self.sizes),
            f"seeds is {self.seeds}, expected 2 or more": self.seeds < 2,
            f"arms repeat a name: {names}": len(set(names)) < len(names),
            f"arms {names} lack one with human rows alone": not self.baselines,
            f"arms {names} lack a hybrid strengthened like each human arm": not all(
                map(self.candidate, self.baselines)
            ),
            f"targets are {self.targets}, expected accuracies between 0 and 1": any(
                not 0 < t < 1 for t in self.targets
            ),
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
        return tuple(arm for arm in self.arms if arm.human and not arm.synthetic)

    def candidate(self, baseline: Arm) -> Arm | None:
        """Return the hybrid arm strengthened like a baseline."""
        alike = (arm for arm in self.arms if arm.human and arm.synthetic and arm.improve == baseline.improve)
        return next(alike, None)

    def cells(self) -> Iterator[Cell]:
        """Name every fit, small ones first, so that early progress is quick."""
        for n in self.sizes:
            for seed in range(self.seeds):
                for arm in self.arms:
                    yield Cell(arm.name, n, seed)

    def json(self) -> dict[str, Json]:
        return {
            "sizes": list(self.sizes),
            "seeds": self.seeds,
            "arms": [arm.json() for arm in self.arms],
            "targets": list(self.targets),
            "margin": self.margin,
            "weight": self.weight,
            "rng_seed": self.rng_seed,
        }


@dataclass(frozen=True, slots=True)
class PilotData:
    """Real labelled rows to draw N from, a held-out panel, and synthetic rows or a generator of them.

    `real`, `panel` and a synthetic table are anything Arrow can read: pyarrow.Table, pandas or polars data
    frames. `unlabelled` real rows may feed self-training; rows of `real` beyond N always do, without their labels.
    """

    real: Any
    panel: Any
    synthetic: Any | Generator
    label: str = "label"
    unlabelled: Any = field(default=None)


@dataclass(frozen=True, slots=True)
class Cell:
    """One fit of a pilot: which arm, how many human labels, which seed."""

    arm: str
    n: int
    seed: int

    def json(self) -> dict[str, Json]:
        return {"arm": self.arm, "n": self.n, "seed": self.seed}


def _growing(sizes: tuple[int, ...]) -> bool:
    return bool(sizes) and sizes[0] >= 2 and all(a < b for a, b in pairwise(sizes))
