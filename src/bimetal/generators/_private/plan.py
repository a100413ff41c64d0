"""How a privacy budget is divided: by the public shape of a table, before a single row is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bimetal.generators._private import bins
from bimetal.generators._private.account import Account
from bimetal.generators._private.columns import Names, Numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.generators._private.account import Budget
    from bimetal.generators._private.columns import Column


@dataclass(frozen=True, slots=True)
class Shares:
    """What each kind of question costs: one histogram of labels, of bins, by label, one choice, and all pairs."""

    label: float
    bins: float
    table: float
    choice: float
    pairs: float
    found: int

    @classmethod
    def of(cls, whole: float, label: Names, columns: Sequence[Column]) -> Shares:
        """Divide a budget by the public shape of the table alone."""
        histograms = sum(bins.histograms(each) for each in columns if isinstance(each, Numbers))
        parts = {"label": 0.03, "bins": 0.12 if histograms else 0.0, "table": 0.55}
        if len(columns) > 1:
            parts |= {"choice": 0.05, "pairs": 0.35}
        unit = whole / sum(parts.values())
        found = sum(isinstance(each, Names) and not each.declared for each in (label, *columns))
        return cls(
            unit * parts["label"],
            unit * parts["bins"] / max(histograms, 1),
            unit * parts["table"] / len(columns),
            unit * parts.get("choice", 0.0) / max(len(columns) - 1, 1),
            unit * parts.get("pairs", 0.0),
            found,
        )


def planned(budget: Budget, label: Names, columns: Sequence[Column]) -> Account:
    """Write down all that will be asked at most, and what it costs."""
    shares, many = Shares.of(budget.whole, label, columns), len(columns)
    lines = [budget.paid("label counts", 1, shares.label)]
    for each in columns:
        if isinstance(each, Numbers):
            first = [] if each.bounds else [budget.paid(f"ends of {each.name}", 1, bins.FIRST * shares.bins)]
            lines += [*first, budget.paid(f"bins of {each.name}", bins.LEVELS, shares.bins)]
    lines.append(budget.paid("columns by label", many, shares.table))
    if many > 1:
        lines.append(budget.chosen("choice of pairs", many - 1, shares.choice))
        widest = budget.paid("pairs of columns at most", many - 1, shares.pairs / (many - 1))
        lines.append(replace(widest, cost=shares.pairs))  # fewer of them get more each, never more together
    return Account(budget.epsilon, budget.delta, budget.unit, tuple(lines), budget.hidden if shares.found else 0.0)
