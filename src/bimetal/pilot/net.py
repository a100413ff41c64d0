"""What the answer itself cost, set against the labels it saves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.canonical import Json
from bimetal.pilot.data import Spent
from bimetal.report import count

if TYPE_CHECKING:
    from bimetal.stats import Saving


@dataclass(frozen=True, slots=True)
class NetSaving:
    """Annotations (labels times raters) bought for the answer, and what a saving at the first target leaves of them.

    `saved` is None where the pilot claims no saving. The pilot's own labels train the final model too, as far as it
    needs them: only those beyond count against it.
    """

    panel: int
    gold: int
    pilot: int
    seed: int | None
    raters: int
    saved: int | None
    needed: int

    @property
    def bought(self) -> int:
        """Annotations the answer took: panel, gold, the pilot's labels and those the generator was fitted on."""
        return (self.panel + self.gold + self.pilot + (self.seed or 0)) * self.raters

    @property
    def net(self) -> int | None:
        """Annotations saved once, less what the answer took beyond the labels the final model needs anyway."""
        if self.saved is None:
            return None
        beyond = self.panel + self.gold + (self.seed or 0) + max(0, self.pilot - self.needed)
        return (self.saved - beyond) * self.raters

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        parts = [f"{count(self.panel)} for the panel", f"{count(self.pilot)} in the pilot"]
        parts += [f"{count(self.gold)} gold"] * bool(self.gold)
        parts += [f"{count(self.seed or 0)} the generator was fitted on"] * bool(self.seed)
        raters = f", times {self.raters} raters," if self.raters > 1 else ""
        cost = f"The answer itself took {count(self.bought)} annotations ({', '.join(parts)}){raters}".rstrip(",")
        if self.net is None:
            return f"{cost}; no saving is claimed to set against them."
        kept = f"{cost}; the pilot's labels train the final model as far as it needs them."
        if self.net >= 0:
            return f"{kept} Net saving for one model: {count(self.net)} annotations."
        return (
            f"{kept} For one model that is {count(-self.net)} annotations more than it saves: it pays where the panel "
            "also serves later models, or where the target lies higher."
        )

    def json(self) -> dict[str, Json]:
        return {
            "panel": self.panel,
            "gold": self.gold,
            "pilot": self.pilot,
            "seed": self.seed,
            "raters": self.raters,
            "saved": self.saved,
            "bought": self.bought,
            "net": self.net,
            "words": self.words,
        }


def net_saving(saving: Saving, spent: Spent, panel: int, pilot: int) -> NetSaving:
    """Set a saving against what the answer took: the panel's items and the pilot's distinct labelled rows."""
    human, mix = saving.human_labels, saving.hybrid_labels
    claimed = spent.seed_labels is not None and human is not None and mix is not None and saving.saved is not None
    saved = math.floor(human - mix) if claimed and human is not None and mix is not None else None
    return NetSaving(
        panel, spent.gold, pilot, spent.seed_labels, spent.raters, saved, math.ceil(mix or 0) if claimed else 0
    )
