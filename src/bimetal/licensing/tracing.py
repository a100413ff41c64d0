"""Paths of a licence verdict: from each input over its licence and clause to what it says, when, and the way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.licensing.inputs import Input
from bimetal.licensing.table import CONDITIONS, EVENTS, Clause, licences
from bimetal.licensing.terms import Terms, Use, join

ALL_INPUTS = "all inputs together"
NO_INPUTS = "no input is declared"
SHARING = frozenset({"shared", "model-shared"})
NAMED = 5  # licences in a sentence; the rest are counted, and all are in the JSON


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the judgement: from an input, over its licence and clause, to what it says and when."""

    path: tuple[str, ...]
    licence: str
    words: str
    blocks: bool
    clause: Clause | None = None
    events: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def sentence(self) -> str:
        """Say the whole path in words."""
        where = f"{self.clause.source} ({self.clause.basis})" if self.clause else self.licence
        return " -> ".join(each for each in (*self.path, where, self.words, happening(self.events)) if each)

    def json(self) -> dict[str, Json]:
        clause = self.clause
        return {
            "path": list(self.path),
            "licence": self.licence,
            "term": clause.term if clause else None,
            "clause": clause.cite if clause else None,
            "basis": clause.basis if clause else None,
            "words": self.words,
            "events": list(self.events),
            "blocks": self.blocks,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something to fulfil, for which inputs, and the lines of attribution it needs."""

    words: str
    source: str
    basis: str
    inputs: tuple[str, ...]
    events: tuple[str, ...]
    credit: tuple[str, ...] = ()

    def json(self) -> dict[str, Json]:
        return {
            "words": self.words,
            "source": self.source,
            "basis": self.basis,
            "inputs": list(self.inputs),
            "events": list(self.events),
            "credit": list(self.credit),
        }


def happening(events: Sequence[str]) -> str:
    """Say events in words.

    >>> happening(("shared", "service"))
    'the dataset is shared, that model is offered as a service'
    """
    return ", ".join(EVENTS[each] for each in events)


def path(given: Input, inputs: Sequence[Input]) -> tuple[str, ...]:
    """Name an input and all it stands behind; raises InputError where one is missing or two stand behind each other."""
    steps = [given]
    while steps[-1].under:
        behind = next((each for each in inputs if each.name == steps[-1].under), None)
        if behind is None or behind in steps:
            raise InputError(
                f"{steps[-1].name!r} stands behind {steps[-1].under!r}, which is not an input it can stand behind",
                "name the input it feeds, or leave `under` empty",
            )
        steps.append(behind)
    return tuple(f"{each.name} ({each.role.replace('-', ' ')})" for each in steps)


def said(given: Input, steps: tuple[str, ...], terms: Terms, use: Use) -> Iterator[Reason]:
    """Give one reason for each clause that fires and each thing unknown about one input."""
    for unknown in terms.unknowns:
        yield Reason(steps, given.licence or "no licence", unknown.words, bool(use.events), None, (), unknown.remedy)
    for clause in terms.clauses:
        forbids = clause.term == "prohibition"
        words = f"{clause.words}{_assumed(clause, use)}" if forbids else clause.words
        remedy = _way_out(given, clause, use) if forbids else ""
        yield Reason(steps, clause.licence, words, forbids, clause, _events(clause, use), remedy)


def together(inputs: Sequence[Input], given: Sequence[Terms], use: Use, output: frozenset[str] | None) -> list[Reason]:
    """Give the reasons that lie in no single input: nothing declared, pools without a common licence, the output."""
    if not use.events:
        return []
    if not inputs:
        return [Reason((), NO_INPUTS, "what rows come from is unknown", True, None, (), "declare the inputs")]
    whole, found = join(given), []
    if whole.permitted is not None and not whole.permitted:
        found.append(_closed(inputs, given, whole))
    elif use.output_licence is not None and use.events & SHARING:
        if output is None:
            words = f"the output licence {use.output_licence!r} is not surely the name of any licence"
            found.append(Reason((), use.output_licence, words, True, None, (), "name the output licence exactly"))
        elif not whole.fits(output):
            found.append(_misfit(use.output_licence, whole))
    return found


def obligations(inputs: Sequence[Input], given: Sequence[Terms], use: Use) -> tuple[Obligation, ...]:
    """Collect what is to be fulfilled at a use's events, each once, with its lines of attribution."""
    owed: dict[Clause, list[Input]] = {}
    for one, terms in zip(inputs, given, strict=True):
        for clause in terms.obligations:
            owed.setdefault(clause, []).append(one)
    asked = [
        Obligation(
            clause.words,
            clause.source,
            clause.basis,
            tuple(dict.fromkeys(each.name for each in owing)),
            _events(clause, use),
            tuple(dict.fromkeys(_credit(clause, each) for each in owing)) if clause.credit else (),
        )
        for clause, owing in owed.items()
    ]
    return (
        *_output_owed(inputs, given, use),
        *sorted(asked, key=_rank),
    )


def _rank(owed: Obligation) -> tuple[bool, tuple[str, ...], str, str, tuple[str, ...]]:
    return not owed.credit, owed.inputs, owed.words, owed.source, owed.events


def _output_owed(inputs: Sequence[Input], given: Sequence[Terms], use: Use) -> list[Obligation]:
    whole = join(given)
    if not whole.permitted:
        return []
    words = f"put what is handed out under {any_of(whole.permitted)}"
    asking = tuple(dict.fromkeys(one.name for one, terms in zip(inputs, given, strict=True) if terms.share_alike))
    clauses = sorted(whole.share_alike, key=lambda each: each.source)
    places = "; ".join(dict.fromkeys(each.source for each in clauses))
    bases = "; ".join(dict.fromkeys(each.basis for each in clauses))
    return [Obligation(words, places, bases, asking, tuple(each for each in EVENTS if each in use.events & SHARING))]


def any_of(chosen: frozenset[str], joint: str = "or") -> str:
    """Name licences by title, as a choice.

    >>> any_of(frozenset({"CC-BY-SA-4.0", "MIT"}))
    'CC BY-SA 4.0 or MIT'
    """
    named = [licences()[each].title if each in licences() else each for each in sorted(chosen)]
    if len(named) > NAMED:
        return f"{', '.join(named[: NAMED - 1])} {joint} {len(named) - NAMED + 1} more like them"
    return f" {joint} ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _events(clause: Clause, use: Use) -> tuple[str, ...]:
    return tuple(each for each in EVENTS if each in clause.fires_at & use.events)


def _credit(clause: Clause, given: Input) -> str:
    known = licences()[clause.licence]
    return clause.credit.format(name=given.name, title=known.title, url=known.url)


def _open(clause: Clause, use: Use) -> bool:
    said = use.commercial if clause.when == "commercial" else use.circumstances.get(clause.when)
    return bool(clause.when) and clause.when != "outside-purpose" and said is None


def _assumed(clause: Clause, use: Use) -> str:
    if clause.when == "outside-purpose":
        return f" (this use: {use.purpose or 'no purpose said'})"
    return f" (nobody said whether {CONDITIONS[clause.when]}, so it counts)" if _open(clause, use) else ""


def _way_out(given: Input, clause: Clause, use: Use) -> str:
    permission = f"replace {given.name}, or get permission and record it as an override of {clause.source}"
    if clause.when == "outside-purpose":
        return f"say what this use is for, where the purposes of {given.name} name it; else {permission}"
    if _open(clause, use):
        return f"record that it does not hold that {CONDITIONS[clause.when]}, if so; else {permission}"
    return permission


def _closed(inputs: Sequence[Input], given: Sequence[Terms], whole: Terms) -> Reason:
    pools = {
        f"{one.name} leaves {any_of(clause.outputs)}"
        for one, terms in zip(inputs, given, strict=True)
        for clause in terms.share_alike
    }
    dropped = f"; others close {any_of(whole.barred & (whole.pool or frozenset()))}" if whole.pool else ""
    words = f"no output licence is left that all allow: {'; '.join(sorted(pools))}{dropped}"
    return Reason(
        (),
        ALL_INPUTS,
        words,
        True,
        None,
        (),
        "leave out one of the inputs whose share-alike terms meet, or get permission for one",
    )


def _misfit(output: str, whole: Terms) -> Reason:
    left = f"only {any_of(whole.permitted)} are left open" if whole.permitted else "it would drop what inputs ask for"
    remedy = f"put the output under {any_of(whole.permitted)}" if whole.permitted else "choose one that keeps credit"
    return Reason((), output, f"the output licence {output} does not fit: {left}", True, None, (), remedy)
