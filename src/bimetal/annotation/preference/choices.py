"""What a person preferred: the options as they stood on the screen, the best ones in order, the worst where asked."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bimetal.errors import InputError
from bimetal.types import Interval

ActorKind = Literal["human", "model", "replayed"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer among options: `shown` from left to right, `order` the preferred ones, best first.

    Of a pair or of k options `order` may hold the best alone, or more, up to all; empty, it is a tie: nothing is
    preferred. `worst` is for best-worst scaling. `item` is what was asked about, such as a prompt. Raises InputError
    where fewer than two options were shown, or one that was not is chosen.

    >>> Choice("p1", "Ann", "human", ("b", "a"), ("a",)).best
    'a'
    """

    item: str
    annotator: str
    actor_kind: ActorKind
    shown: tuple[str, ...]
    order: tuple[str, ...] = ()
    worst: str | None = None

    def __post_init__(self) -> None:
        named = (*self.order, *([] if self.worst is None else [self.worst]))
        if len(set(self.shown)) != len(self.shown) or len(self.shown) < 2:
            raise InputError(f"shown {self.shown} are not two or more different options", "show each option once")
        if len(set(named)) != len(named) or not set(named) <= set(self.shown):
            raise InputError(
                f"chosen {named} of {self.shown}, expected options that were shown, each once", "name shown options"
            )

    @property
    def best(self) -> str | None:
        return self.order[0] if self.order else None

    def beaten(self) -> list[tuple[str, str]]:
        """Return every (preferred, other) pair this answer says; a tie says none.

        >>> Choice("p1", "Ann", "human", ("a", "b", "c"), ("b",), worst="a").beaten()
        [('b', 'a'), ('b', 'c'), ('c', 'a')]
        """
        said = [(one, other) for at, one in enumerate(self.order) for other in self._left(at)]
        if self.worst is None:
            return said
        return said + [(one, self.worst) for one in self.shown if one not in {self.worst, *self.order}]

    def _left(self, at: int) -> list[str]:
        return [option for option in self.shown if option not in self.order[: at + 1]]


def arranged(options: Iterable[str], item: str, annotator: str, key: bytes) -> tuple[str, ...]:
    """Return options in the order this annotator sees them, left to right: all orders as likely, a retry the same.

    The order is that of a keyed hash (HMAC-SHA-256) of item, annotator and option, so that it cannot be foreseen
    without the programme's key, and nothing has to be stored to show it again.

    >>> arranged(["a", "b"], "p1", "Ann", b"key") == arranged(["b", "a"], "p1", "Ann", b"key")
    True
    """
    if not key:
        raise InputError("the key is empty, so that anybody could foresee the order", "give the programme's secret key")

    def place(option: str) -> bytes:
        text = b"".join(len(part).to_bytes(8, "big") + part for part in map(str.encode, (item, annotator, option)))
        return hmac.digest(key, text, "sha256")

    return tuple(sorted(options, key=place))


@dataclass(frozen=True, slots=True)
class PositionBias:
    """How often the first place won; `share` is None where nothing was preferred, `fair` what no bias gives.

    `p` is the exact binomial chance of a share as far from fair or farther, if places did not matter.
    """

    share: Interval | None
    fair: float
    p: float
    choices: int
    ties: int
    words: str


def position_bias(choices: Sequence[Choice], level: float = 0.95) -> PositionBias:
    """Return how often the option shown first (left) was preferred, beside one in the number of options.

    Exact binomial interval (Clopper and Pearson 1934). It says nothing about the options as long as their places were
    drawn (`arranged`). Choices of one number of options at a time; raises InputError for several.

    >>> said = [Choice(str(i), "Ann", "human", ("a", "b"), ("a",)) for i in range(8)]
    >>> print(position_bias(said).share)
    1.000 [0.631, 1.000]
    """
    from scipy.stats import binomtest

    sizes = {len(each.shown) for each in choices}
    if len(sizes) > 1:
        raise InputError(f"choices of {sorted(sizes)} options, expected one number", "measure pairs and k-ways apart")
    fair = 1 / sizes.pop() if sizes else 0.5
    decided = [each.best == each.shown[0] for each in choices if each.best is not None]
    ties = len(choices) - len(decided)
    if not decided:
        return PositionBias(None, fair, 1.0, 0, ties, "nothing was preferred, so a bias cannot be told")
    test = binomtest(sum(decided), len(decided), fair)
    bounds = test.proportion_ci(level, method="exact")
    share = Interval(sum(decided) / len(decided), float(bounds.low), float(bounds.high), level)
    biased = "no bias is shown" if share.low <= fair <= share.high else "the place matters"
    words = f"the first place won {share.estimate:.0%} of {len(decided)} choices, {fair:.0%} without bias: {biased}"
    return PositionBias(share, fair, float(test.pvalue), len(decided), ties, words)


def one_kind(choices: Iterable[Choice]) -> ActorKind:
    """Return who chose; raises InputError where nobody did, or people and models are mixed: they are never pooled."""
    kinds = Counter(each.actor_kind for each in choices)
    if len(kinds) != 1:
        counts = ", ".join(f"{many} by {kind}" for kind, many in sorted(kinds.items())) or "no choices"
        raise InputError(f"{counts}, expected one kind of actor", "fit people and models apart, as `apart` does")
    return next(iter(kinds))
