"""Two decision records compared: what moved, in lines a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bimetal.decision.facts import Facts
from bimetal.decision.record import DecisionRecord, ratio_words


def difference(old: DecisionRecord, new: DecisionRecord) -> tuple[str, ...]:
    """Say what changed from one record to a later one: strategy and ratio first, then why.

    >>> from bimetal.decision import decide
    >>> from bimetal.types import Answer
    >>> difference(decide(()), decide((Answer("transfer", "harms"),)))[0]
    'strategy: measure first -> human only'
    """
    return (
        *_moved("strategy", old.strategy, new.strategy),
        *_moved("ratio", _ratio(old), _ratio(new)),
        *_answers(old, new),
        *_facts(old.facts, new.facts),
        *_sets("rule", old.rules, new.rules, ("binds now", "binds no more")),
        *_sets("reason", _reasons(old), _reasons(new), ("new", "gone")),
        *_sets("finding", _findings(old), _findings(new), ("new", "gone")),
        *_sets("people label", old.human_subset, new.human_subset, ("now", "no more")),
        *_moved("first", str(old.first_experiment), str(new.first_experiment)),
        *_moved("review", old.review.words, new.review.words),
    )


def _ratio(record: DecisionRecord) -> str:
    return f"{ratio_words(record.ratio)} ({record.ratio_basis})"


def _moved(name: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"{name}: {before} -> {after}"


def _answers(old: DecisionRecord, new: DecisionRecord) -> Iterator[str]:
    for before, after in zip(old.answers, new.answers, strict=True):
        if before.value != after.value:
            told = ", ".join(filter(None, (after.said_by, after.evidence)))
            yield f"{after.question}: {before.value} -> {after.value}" + (f" ({told})" if told else "")
        elif (before.said_by, before.evidence) != (after.said_by, after.evidence):
            yield f"{after.question}: still {after.value}, now by {after.said_by or 'nobody named'}" + (
                f", {after.evidence}" if after.evidence else ""
            )


def _facts(old: Facts, new: Facts) -> Iterator[str]:
    pairs = [(f"facts.{name}", getattr(old, name), getattr(new, name)) for name in Facts.__slots__ if name != "vendor"]
    pairs += [
        (f"facts.vendor.{name}", getattr(old.vendor, name), getattr(new.vendor, name))
        for name in type(new.vendor).__slots__
    ]
    for path, before, after in pairs:
        yield from _moved(path, _spelt(before), _spelt(after))


def _spelt(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "not said"
    return f"{value:g}" if isinstance(value, float) else str(value) if value not in {None, ""} else "not said"


def _reasons(record: DecisionRecord) -> tuple[str, ...]:
    return tuple(map(str, record.reasons))


def _findings(record: DecisionRecord) -> tuple[str, ...]:
    return tuple(each.message for each in record.findings)


def _sets(name: str, old: Sequence[str], new: Sequence[str], words: tuple[str, str]) -> Iterator[str]:
    yield from (f"{name} {words[0]}: {each}" for each in new if each not in old)
    yield from (f"{name} {words[1]}: {each}" for each in old if each not in new)
