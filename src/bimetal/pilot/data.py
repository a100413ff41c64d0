"""What a pilot is given: real rows, a held-out panel, and one or several sources of synthetic rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bimetal.canonical import Json, digest
from bimetal.pilot.prices import Limits, Prices

ASSUMED = Prices(annotation=0.03, synthetic=0.001)  # an image class label at a large vendor; a stated assumption


@dataclass(frozen=True, slots=True)
class PilotData:
    """Real labelled rows to draw N from, a held-out panel, and synthetic rows or a generator of them.

    `real`, `panel` and a synthetic table are anything Arrow can read: pyarrow.Table, pandas or polars data frames.
    `synthetic` may be a mapping of names to several. Rows of `real` beyond N, without their labels, may feed
    self-training, as may `unlabelled` real rows. `group` names a column whose rows are not independent (patient,
    speaker, customer), `time` one to order by, `slices` columns to look into; group and time are not learned from.
    """

    real: Any
    panel: Any
    synthetic: Any
    label: str = "label"
    unlabelled: Any = None
    group: str = ""
    time: str = ""
    slices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What the answer itself costs: `raters` people label each item, `gold` items check them.

    `seed_labels` counts the human labels that the synthetic rows were fitted on, None where nobody said. `prices`
    and `limits` are for the plan; none are `ASSUMED`, and said to be.
    """

    raters: int = 1
    gold: int = 0
    seed_labels: int | None = None
    prices: Prices | None = None
    limits: Limits = field(default_factory=Limits)

    def json(self) -> dict[str, Json]:
        return {"raters": self.raters, "gold": self.gold, "seed_labels": self.seed_labels}


@dataclass(frozen=True, slots=True)
class Cell:
    """One fit: an arm, N, a seed, which real rows are labelled (in order), and how many to ask for next."""

    arm: Any
    n: int
    seed: int
    labelled: tuple[int, ...]
    ask: int = 0

    def json(self) -> dict[str, Json]:
        return {
            "arm": self.arm.json(),
            "n": self.n,
            "seed": self.seed,
            "labelled": digest(list(self.labelled)),
            "ask": self.ask,
        }
