"""How strong options are: Bradley-Terry for pairs, Davidson for ties, Plackett-Luce for orders, best-worst scaling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bimetal.annotation.preference.choices import ActorKind, Choice, one_kind
from bimetal.annotation.preference.logit import Sets, conditional_logit
from bimetal.errors import InputError
from bimetal.types import Interval

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

Independent = Literal["choices", "items", "annotators"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a choice: among these options, in order of name, this one was taken; 2 of a pair is a tie."""

    group: str
    kind: Literal["pair", "best", "worst"]
    options: tuple[str, ...]
    chosen: int

    def wins(self) -> list[tuple[str, str]]:
        """Return (winner, loser) pairs; a tie is one each way."""
        if self.kind == "pair" and self.chosen == 2:
            return [(self.options[0], self.options[1]), (self.options[1], self.options[0])]
        one = self.options[self.chosen]
        pairs = [(one, other) for other in self.options if other != one]
        return pairs if self.kind != "worst" else [(other, one) for _, other in pairs]


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """Log strengths of options around their mean 0; no options where they cannot be told, and `words` then say why.

    `covariance` has shape (options, options). `ties` is the log of Davidson's tie parameter, None without ties: two
    options alike tie with probability ν / (2 + ν). `dropped` counts answers that said nothing here.
    """

    options: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    actor_kind: ActorKind
    words: str
    ties: Interval | None = None
    dropped: int = 0
    level: float = 0.95

    @property
    def intervals(self) -> dict[str, Interval]:
        """Each option's log strength, the strongest first."""
        order = np.argsort(-self.values, kind="stable")
        errors = np.sqrt(np.diag(self.covariance))
        return {self.options[i]: _normal(self.values[i], errors[i], self.level) for i in order}

    def versus(self, one: str, other: str) -> Interval:
        """Return the probability that `one` is preferred to `other`, given that one is; InputError for one unknown."""
        missing = {one, other} - set(self.options)
        if missing:
            raise InputError(f"no strength of {', '.join(sorted(missing))}", f"use one of: {', '.join(self.options)}")
        i, j = self.options.index(one), self.options.index(other)
        variance = self.covariance[i, i] + self.covariance[j, j] - 2 * self.covariance[i, j]
        gap = _normal(self.values[i] - self.values[j], variance**0.5, self.level)
        low, mean, high = (1 / (1 + np.exp(-each)) for each in (gap.low, gap.estimate, gap.high))
        return Interval(float(mean), float(low), float(high), self.level)


def strengths(
    choices: Sequence[Choice],
    independent: Independent = "choices",
    prior_sd: float | None = None,
    level: float = 0.95,
) -> Strengths:
    """Fit how strong options are from choices of one kind of actor.

    Pairs: Bradley and Terry (1952); with ties Davidson (1970). More options: the best is chosen in proportion to its
    strength, then the next among the rest (Plackett 1975, Luce 1959), and the worst in inverse proportion among what is
    left (Marley and Louviere 2005). A tie among more than two is dropped, and counted. Intervals are normal, from
    Fisher's information where all choices are independent; say "items" (or "annotators") where several people judged
    the same texts (or few people judged much): a sandwich over these groups, which wants 30 groups or more. The
    likelihood has a top only if no options beat all others throughout (Ford 1957); else, strengths are not known, or
    `prior_sd` gives log strengths a normal prior. Raises InputError where people and models are mixed.

    >>> said = [Choice("p", "Ann", "human", ("a", "b"), (best,)) for best in "aaab"]
    >>> found = strengths(said)
    >>> print(found.versus("a", "b"))
    0.750 [0.238, 0.966]
    """
    kind = one_kind(choices)
    options = tuple(sorted({option for each in choices for option in each.shown}))
    stages = Counter(stage for each in choices for stage in _stages(each, independent))
    told = sum(1 for each in choices if any(_stages(each, independent)))
    why = _why_unknown(options, stages, prior_sd is not None)
    if why:
        return Strengths((), np.zeros(0), np.zeros((0, 0)), kind, why, None, len(choices) - told, level)
    sets, group = _sets(stages, options)
    precision = np.where(np.arange(len(sets.free)) < len(options), 0.0 if prior_sd is None else prior_sd**-2.0, 0.0)
    weight, covariance, left = conditional_logit(sets, precision)
    if independent != "choices":
        covariance = _sandwich(sets, covariance, left, group)
    n = len(options)
    centre = np.eye(n) - 1 / n
    ties = _normal(float(weight[n]), float(covariance[n, n]) ** 0.5, level) if len(weight) > n else None
    words = f"{told} answers by {kind} on {n} options"
    words += f"; {len(choices) - told} ties among more than two dropped" if told < len(choices) else ""
    spread = centre @ covariance[:n, :n] @ centre
    return Strengths(options, weight[:n], spread, kind, words, ties, len(choices) - told, level)


def _stages(choice: Choice, independent: Independent) -> Iterator[Stage]:
    group = {"choices": "", "items": choice.item, "annotators": choice.annotator}[independent]
    rest = sorted(choice.shown)
    if len(rest) == 2:
        best = choice.best or next((each for each in rest if choice.worst not in {None, each}), None)
        yield Stage(group, "pair", tuple(rest), 2 if best is None else rest.index(best))
        return
    for option in choice.order[: len(rest) - 1]:
        yield Stage(group, "best", tuple(rest), rest.index(option))
        rest.remove(option)
    if choice.worst is not None and len(rest) > 1:
        yield Stage(group, "worst", tuple(rest), rest.index(choice.worst))


def _why_unknown(options: Sequence[str], stages: Mapping[Stage, int], has_prior: bool) -> str:
    """Say why the likelihood has no top, or nothing: the options must be linked by wins both ways (Ford 1957)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [stage for stage in stages if stage.kind == "pair"]
    if not stages or (pairs and len(pairs) == len(stages) and all(stage.chosen == 2 for stage in pairs)):
        return "no answer prefers anything, so nothing can be told apart"
    if has_prior:
        return ""
    place = {option: at for at, option in enumerate(options)}
    edges = np.array([(place[one], place[other]) for stage in stages for one, other in stage.wins()])
    shape = (len(options), len(options))
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=shape)
    many, part = connected_components(graph, directed=True, connection="strong")
    if many == 1:
        return ""
    entered = set(part[edges[part[edges[:, 0]] != part[edges[:, 1]], 1]].tolist())
    first = next(each for each in range(many) if each not in entered)
    unbeaten = [option for option, own in zip(options, part, strict=True) if own == first]
    named = ", ".join(unbeaten[:3]) + (f" and {len(unbeaten) - 3} more" if len(unbeaten) > 3 else "")
    return f"{named} never lost to any of the others: compare more, or give a prior"


def _sets(stages: Mapping[Stage, int], options: Sequence[str]) -> tuple[Sets, IntArray]:
    """Lay the stages out as sets of alternatives, and number the group each set belongs to."""
    from scipy.sparse import csr_array

    tied = any(stage.kind == "pair" and stage.chosen == 2 for stage in stages)
    place = {option: at for at, option in enumerate(options)}
    groups: dict[str, int] = {}
    asked: dict[tuple[str, str, tuple[str, ...]], dict[int, int]] = {}
    for stage, many in stages.items():
        asked.setdefault((stage.group, stage.kind, stage.options), {})[stage.chosen] = many
    cells: list[tuple[int, int, float]] = []
    times: list[float] = []
    starts, group = [], []
    for (own, kind, names), chosen in asked.items():
        starts.append(len(times))
        group.append(groups.setdefault(own, len(groups)))
        cells += [(len(times) + at, place[name], -1.0 if kind == "worst" else 1.0) for at, name in enumerate(names)]
        if tied and kind == "pair":
            tie = len(times) + 2
            cells += [(tie, len(options), 1.0), *((tie, place[name], 0.5) for name in names)]
        times += [float(chosen.get(at, 0)) for at in range(len(names) + (tied and kind == "pair"))]
    row, column, value = zip(*cells, strict=True)
    features = csr_array((value, (row, column)), shape=(len(times), len(options) + tied))
    free = np.where(np.arange(len(options) + tied) < len(options), len(options) ** -0.5, 0.0)
    return Sets(features, np.array(starts), np.array(times), free), np.array(group)


def _sandwich(sets: Sets, covariance: FloatArray, left: FloatArray, group: IntArray) -> FloatArray:
    from scipy.sparse import csr_array

    of, many = group[sets.set_of], int(group.max()) + 1
    if many < 2:
        raise InputError("one group alone shows no spread", "say which answers are independent: choices")
    slopes = (csr_array((left, (of, np.arange(len(of)))), shape=(many, len(of))) @ sets.features).toarray()
    return np.asarray(covariance @ (slopes.T @ slopes) @ covariance * many / (many - 1))


def _normal(mean: float, error: float, level: float) -> Interval:
    from scipy.stats import norm

    reach = float(norm.ppf((1 + level) / 2)) * error
    return Interval(float(mean), float(mean - reach), float(mean + reach), level)
