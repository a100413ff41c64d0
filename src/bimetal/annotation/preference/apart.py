"""People's and models' preferences beside each other, never pooled, and how far they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bimetal.annotation.agreement import Agreement, by_rater, cohen_kappa
from bimetal.annotation.preference.choices import ActorKind, Choice
from bimetal.annotation.preference.strengths import Independent, Strengths, strengths
from bimetal.types import Interval

KINDS: tuple[ActorKind, ...] = ("human", "model", "replayed")


@dataclass(frozen=True, slots=True)
class Apart:
    """Strengths for each kind of actor, and people's majority beside models' on the pairs both judged.

    `agreed` is the share of pairs with the same majority, exact interval; `kappa` the same beyond chance; both None
    or with words where no pair was judged by both.
    """

    strengths: dict[ActorKind, Strengths]
    agreed: Interval | None
    kappa: Agreement
    pairs: int


def apart(
    choices: Sequence[Choice],
    rng: np.random.Generator,
    independent: Independent = "choices",
    prior_sd: float | None = None,
    level: float = 0.95,
) -> Apart:
    """Fit each kind of actor alone and compare people with models, pair by pair of one item: a wins, b wins or tie.

    >>> said = [Choice("p", "Ann", "human", ("a", "b"), (best,)) for best in "aab"]
    >>> said += [Choice("p", "judge", "model", ("a", "b"), (best,)) for best in "abb"]
    >>> found = apart(said, np.random.default_rng(0))
    >>> sorted(found.strengths), found.agreed.estimate
    (['human', 'model'], 0.0)
    """
    from scipy.stats import binomtest

    own = {kind: [each for each in choices if each.actor_kind == kind] for kind in KINDS}
    fitted = {kind: strengths(given, independent, prior_sd, level) for kind, given in own.items() if given}
    people, models = majorities(own["human"]), majorities(own["model"])
    both = sorted(people.keys() & models.keys())
    said = by_rater({"people": [people[pair] for pair in both], "models": [models[pair] for pair in both]}, (-1, 0, 1))
    kappa = cohen_kappa(said, rng, ("models", "people"), level=level) if both else _no_pairs()
    if not both:
        return Apart(fitted, None, kappa, 0)
    same = sum(people[pair] == models[pair] for pair in both)
    bounds = binomtest(same, len(both)).proportion_ci(level, method="exact")
    agreed = Interval(same / len(both), float(bounds.low), float(bounds.high), level)
    return Apart(fitted, agreed, kappa, len(both))


def majorities(choices: Sequence[Choice]) -> dict[tuple[str, str, str], int]:
    """Return (item, a, b), a before b by name, -> 1 where most prefer a, -1 where most prefer b, 0 where they tie.

    >>> majorities([Choice("p", "Ann", "human", ("b", "a"), ("b",))])
    {('p', 'a', 'b'): -1}
    """
    sums: dict[tuple[str, str, str], int] = {}
    for each in choices:
        if len(each.shown) == 2 and not each.beaten():
            sums.setdefault((each.item, *sorted(each.shown)), 0)  # type: ignore[arg-type]  # two names
        for one, other in each.beaten():
            first, second = sorted((one, other))
            key = (each.item, first, second)
            sums[key] = sums.get(key, 0) + (1 if one == first else -1)
    return {key: int(np.sign(total)) for key, total in sums.items()}


def _no_pairs() -> Agreement:
    return Agreement("Cohen's kappa of models and people", None, "no pair was judged by people and by models", 0, 0, 2)
