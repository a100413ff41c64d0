"""What would change a decision: each answer that would move it alone, and the pairs that reach a hybrid together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from bimetal.decision.questions import QUESTIONS, UNKNOWN
from bimetal.decision.record import ratio_words
from bimetal.decision.rules import Cap, Strategy

Settled = tuple[Strategy, Cap]
Decide = Callable[[Mapping[str, str]], Settled]

# The answer that opens most, by question; the answers that cost least to find out come first.
HOPED = {
    "licence": "allows",
    "regulated": "no",
    "grounded": "yes",
    "stationary": "yes",
    "cost": "synthetic",
    "transfer": "helps",
}
PAIRS = 2


def would_change(values: Mapping[str, str], decide: Decide) -> tuple[str, ...]:
    """Spell what other answers lead to; where none alone reaches a hybrid, the cheapest pairs that do come first.

    `decide` gives strategy and range for six values.
    """
    now = decide(values)
    alone = {name: found for name, found in _alone(values, decide) if found != now}
    reached = any(found[1][1] for found in (now, *alone.values()))
    changes = alone if reached else {**_together(values, decide), **alone}
    told = (f"{name}: {strategy}, {ratio_words(ratio)}" for name, (strategy, ratio) in changes.items())
    return tuple(told) or ("no one answer alone, nor two: more would have to change",)


def either(words: Sequence[str]) -> str:
    """Join alternatives.

    >>> either(["equal", "helps", "unclear"])
    'equal, helps or unclear'
    """
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _alone(values: Mapping[str, str], decide: Decide) -> Iterator[tuple[str, Settled]]:
    """Pair every question's answers with what they lead to, those that lead to the same in one line."""
    for question in QUESTIONS:
        found = {value: decide({**values, question.name: value}) for value in question.values}
        for settled in dict.fromkeys(found.values()):
            yield f"{question.name}={either([value for value in found if found[value] == settled])}", settled


def _together(values: Mapping[str, str], decide: Decide) -> dict[str, Settled]:
    """Find pairs that reach a hybrid; those that overturn fewest of the answers given, then the cheapest."""
    reached: dict[int, dict[str, Settled]] = {}
    for pair in combinations(HOPED, 2):
        found = decide({**values, **{name: HOPED[name] for name in pair}})
        if found[1][1]:
            overturned = sum(values[name] not in {UNKNOWN, HOPED[name]} for name in pair)
            words = " and ".join(f"{name}={HOPED[name]}" for name in pair)
            reached.setdefault(overturned, {})[words] = found
    fewest = reached[min(reached)] if reached else {}
    return dict(list(fewest.items())[:PAIRS])
