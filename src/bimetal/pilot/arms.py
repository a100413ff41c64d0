"""The ways to train that a pilot compares: people alone, synthetic rows alone, and mixes of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bimetal.canonical import Json
from bimetal.errors import InputError


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to train: human rows or not, synthetic rows beside them, how it is strengthened, whom it asks.

    `synthetic` is a ratio (10 means 10 N synthetic rows beside N human labels), `rows` a number of synthetic rows
    whatever N. `improve` names learners that wrap the base learner from the inside out; one that does not suit the
    payload is left out. `select` names a query strategy; none is random. `weight` is one synthetic row's beside a
    human label's 1, None the design's. `source` names the synthetic table or generator, where there are several.
    """

    name: str
    human: bool = True
    synthetic: float = 0.0
    improve: tuple[str, ...] = ()
    select: str = ""
    weight: float | None = None
    rows: int = 0
    source: str = ""

    @property
    def uses_synthetic(self) -> bool:
        return bool(self.synthetic or self.rows)

    @property
    def is_plain(self) -> bool:
        """Neither strengthened nor active nor weighed in its own way."""
        return not self.improve and not self.select and self.weight is None

    def made(self, n: int) -> int:
        """Count the synthetic rows beside n human labels.

        >>> Arm("hybrid", synthetic=10).made(20), Arm("hybrid", rows=5000).made(20)
        (200, 5000)
        """
        return self.rows or round(self.synthetic * n)

    def json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "human": self.human,
            "synthetic": self.synthetic,
            "improve": list(self.improve),
            "select": self.select,
            "weight": self.weight,
            "rows": self.rows,
            "source": self.source,
        }


STRENGTHENED = ("self_trained", "spread")
ACTIVE = "by_budget"
PLAIN_ARMS = (Arm("human"), Arm("synthetic", human=False, synthetic=10), Arm("hybrid", synthetic=10))
STRONG_ARMS = tuple(replace(arm, name=f"{arm.name}, strengthened", improve=STRENGTHENED) for arm in PLAIN_ARMS)
ACTIVE_ARMS = tuple(replace(arm, name=f"{arm.name}, active", select=ACTIVE) for arm in (STRONG_ARMS[0], STRONG_ARMS[2]))
DEFAULT_ARMS = (*PLAIN_ARMS, *STRONG_ARMS, *ACTIVE_ARMS)
OTHER_ARMS = (
    Arm("human, active", select=ACTIVE),
    Arm("hybrid, active", synthetic=10, select=ACTIVE),
    Arm("human, augmented", improve=("shifted",)),
    Arm("hybrid, augmented", synthetic=10, improve=("shifted",)),
    Arm("hybrid, unweighted", synthetic=10, weight=1.0),
    Arm("fine-tuned", synthetic=10, improve=("finetuned",)),
    Arm("fine-tuned, strengthened", synthetic=10, improve=("finetuned", *STRENGTHENED)),
    *(Arm(f"hybrid, {ratio:g} N", synthetic=ratio) for ratio in (0.5, 1, 3, 30)),
)
SWEEP = tuple(arm.name for arm in OTHER_ARMS if arm.name.endswith(" N"))
ARMS = {arm.name: arm for arm in (*DEFAULT_ARMS, *OTHER_ARMS)}


def arms_named(names: Iterable[str]) -> tuple[Arm, ...]:
    """Find arms by name, with the three that always run and each human arm's hybrid; raises InputError otherwise.

    >>> [arm.name for arm in arms_named(["human, active"])]
    ['human', 'synthetic', 'hybrid', 'human, active', 'hybrid, active']
    """
    chosen = {arm.name: arm for arm in PLAIN_ARMS}
    for name in names:
        if name not in ARMS:
            raise InputError(f"no arm is called {name!r}", f"choose among: {'; '.join(ARMS)}")
        chosen[name] = ARMS[name]
        mix = name.replace("human", "hybrid", 1)
        chosen[mix] = ARMS[mix]
    return tuple(chosen.values())


def law_family(arms: Iterable[Arm], like: Arm, source: str) -> tuple[Arm, ...]:
    """Return the arms that one law should go through: made like a human arm, with one source, at any ratio.

    Synthetic rows alone ask nobody, so they belong whatever the query strategy.
    """
    return tuple(
        arm
        for arm in arms
        if arm.improve == like.improve
        and arm.weight is None
        and (arm.select == like.select or not arm.human)
        and (not arm.uses_synthetic or arm.source == source)
    )


def left_out(arms: Iterable[Arm]) -> tuple[str, ...]:
    """Name the arms that could have been run and were not."""
    chosen = {arm.name.partition(" (")[0] for arm in arms}
    return tuple(name for name in ARMS if name not in chosen)
