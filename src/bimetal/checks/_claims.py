"""Differential privacy where a recipe claims it: what the parameters add up to, over all fits to the same rows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from bimetal.checks._rows import count, values
from bimetal.errors import BimetalError
from bimetal.plugins import make
from bimetal.types import Finding, Verdict

if TYPE_CHECKING:
    from bimetal.plugins import Context
    from bimetal.types import Dataset, Recipe

WHERE = "accounting"


def accounted(check: str, dataset: Dataset, context: Context, limit: float, tested: bool) -> list[Finding]:
    """State the epsilon and delta that recipes claim, as a finding; none where no recipe claims any.

    Draws of one fit cost once, however many; different specs fitted to the same seed rows add up. The claim rests on
    the generator's own proof: it passes no rows that nothing else was tested on.
    """
    named = values(dataset.rows, "recipe")
    fits: dict[str, dict[str, Any]] = defaultdict(dict)
    claimed = set()
    for digest in sorted({each for each in named if each}):
        recipe = context.recipes.get(digest)
        made = _claiming(recipe) if recipe else None
        if recipe and made is not None:
            claimed.add(digest)
            fits[recipe.seed_rows or ""][repr(made)] = made
    if not claimed:
        return []
    sums = [(sum(each.epsilon for each in group.values()), sum(each.delta for each in group.values()), group)
            for group in fits.values()]  # fmt: skip
    epsilon, delta, group = max(sums, key=lambda each: each[0])
    lone = sum(each not in claimed for each in named)
    verdict: Verdict = "warn" if lone or epsilon > limit else "pass" if tested else "skip"
    message = (
        f"{dataset.name} was drawn under differential privacy, epsilon = {epsilon:g} and delta = {delta:g} over "
        f"{count(len(group), 'fit')} to the same rows" + (f"; {count(lone)} were not" if lone else "")
    )
    guarantee = "; ".join(sorted(each.guarantee for each in group.values()))
    return [
        Finding(check, verdict, message, epsilon, limit, f"as the recipe claims, not tested here: {guarantee}",
                _remedy(verdict, lone), WHERE)
    ]  # fmt: skip


def _claiming(recipe: Recipe) -> Any:
    try:
        made = make(recipe.spec)
    except BimetalError:
        return None
    return made if all(hasattr(made, name) for name in ("epsilon", "delta", "guarantee")) else None


def _remedy(verdict: Verdict, lone: int) -> str:
    if verdict != "warn":
        return "nothing to change; the guarantee is of one row, not of a person with several, nor of a group's share"
    return "judge rows drawn without privacy by themselves" if lone else "draw anew with a smaller epsilon"
