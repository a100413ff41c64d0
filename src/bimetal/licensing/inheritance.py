"""Licence inheritance: what may be done with rows, judged over everything that went into them, with every reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from bimetal.canonical import Json
from bimetal.licensing.inputs import Input, Override, Settled
from bimetal.licensing.names import resolve
from bimetal.licensing.table import EVENTS
from bimetal.licensing.terms import Terms, Use, join
from bimetal.licensing.tracing import Obligation, Reason, obligations, path, said, together

Derived: TypeAlias = Literal["allows", "share-alike", "forbids", "unknown"]

_TERMS = ("prohibition", "share-alike", "obligation", "permission")


@dataclass(frozen=True, slots=True)
class Inheritance:
    """The verdict over all inputs, its reasons worst first, what to fulfil, and what would unblock.

    `answer` is what the question about derived works gets.
    """

    verdict: Literal["allow", "block"]
    answer: Derived
    use: Use
    inputs: tuple[Input, ...]
    terms: Terms
    reasons: tuple[Reason, ...]
    obligations: tuple[Obligation, ...]
    unblocks: tuple[str, ...]

    @property
    def permitted(self) -> tuple[str, ...] | None:
        """The output licences left open; None for any that is not `barred`."""
        left = self.terms.permitted
        return None if left is None else tuple(sorted(left))

    @property
    def barred(self) -> tuple[str, ...]:
        return tuple(sorted(self.terms.barred))

    @property
    def blocking(self) -> tuple[Reason, ...]:
        return tuple(each for each in self.reasons if each.blocks)

    @property
    def attribution(self) -> str:
        """The text to publish with the dataset, model or service, one line for each credit that is asked for."""
        return "\n".join(dict.fromkeys(line for each in self.obligations for line in each.credit))

    def json(self) -> dict[str, Json]:
        return {
            "verdict": self.verdict,
            "answer": self.answer,
            "events": sorted(self.use.events),
            "reasons": [each.json() for each in self.reasons],
            "obligations": [each.json() for each in self.obligations],
            "attribution": self.attribution,
            "unblocks": list(self.unblocks),
            "permitted": None if self.permitted is None else list(self.permitted),
            "barred": list(self.barred),
        }


def inherit(
    inputs: Sequence[Input],
    use: Use,
    elections: Mapping[str, str] = MappingProxyType({}),
    overrides: Sequence[Override] = (),
) -> Inheritance:
    """Judge a use of rows by everything that went into them; no input at all is unknown, not free.

    `elections` settle choices ("MIT OR GPL-3.0-only" to "MIT"). Raises InputError for an input that stands behind one
    that is not there, and for an override of a clause that does not exist.

    >>> photos = Input("seed-rows", "street photos", "CC BY-NC 4.0")
    >>> found = inherit([photos], Use(frozenset({"trained"}), commercial=True))
    >>> found.verdict, found.answer
    ('block', 'forbids')
    >>> print(found.blocking[0].sentence)
    street photos (seed rows) -> CC BY-NC 4.0, s. 2(a)(1) (conservative default) -> no use primarily intended for
    commercial advantage or payment -> a model is trained on it
    """
    settled = Settled(elections, overrides)
    paths = [path(each, inputs) for each in inputs]
    given = [settled.terms(each, use) for each in inputs]
    told = [reason for one in zip(inputs, paths, given, strict=True) for reason in said(*one, use)]
    reasons = [*together(inputs, given, use, _output(use)), *told]
    blocked = any(each.blocks for each in reasons)
    return Inheritance(
        verdict="block" if blocked else "allow",
        answer=_answer(inputs, use, settled),
        use=use,
        inputs=tuple(inputs),
        terms=join(given),
        reasons=tuple(sorted(reasons, key=_rank)),
        obligations=obligations(inputs, given, use),
        unblocks=_unblocks(inputs, given, use, reasons) if blocked else (),
    )


def _output(use: Use) -> frozenset[str] | None:
    """Name every licence the output's recipients could take it under; None where it cannot be read."""
    expression = resolve(use.output_licence).expression
    return None if expression is None else frozenset(map(str, expression.symbols))


def _rank(reason: Reason) -> tuple[bool, int, tuple[str, ...], str, tuple[str, ...]]:
    term = _TERMS.index(reason.clause.term) if reason.clause else -1
    return not reason.blocks, term, reason.path, reason.sentence, reason.events


def _answer(inputs: Sequence[Input], use: Use, settled: Settled) -> Derived:
    """Take the strictest: a ban at the use's events (any, where none is named), the unknown, share-alike anywhere."""
    every = replace(use, events=frozenset(EVENTS))
    whole = join(settled.terms(each, every) for each in inputs)
    asked = join(settled.terms(each, use) for each in inputs) if use.events else whole
    if asked.prohibitions or (asked.permitted is not None and not asked.permitted):
        return "forbids"
    if whole.unknowns or not inputs:
        return "unknown"
    return "share-alike" if whole.share_alike else "allows"


def _unblocks(inputs: Sequence[Input], given: Sequence[Terms], use: Use, reasons: Sequence[Reason]) -> tuple[str, ...]:
    """List each block's way out, after the single inputs whose replacement alone would settle all of them."""
    alone = [
        f"replacing {inputs[k].name} alone would unblock this"
        for k in range(len(inputs))
        if len(inputs) > 1 and not _still(inputs, given, use, k)
    ]
    ways = [f"{each.path[0]}: {each.remedy}" if each.path else each.remedy for each in reasons if each.blocks]
    return tuple(dict.fromkeys([*alone, *ways]))


def _still(inputs: Sequence[Input], given: Sequence[Terms], use: Use, left_out: int) -> bool:
    rest = [each for k, each in enumerate(given) if k != left_out]
    kept = [each for k, each in enumerate(inputs) if k != left_out]
    return join(rest).blocks(use) or bool(together(kept, rest, use, _output(use)))
