"""Licence page: the verdict in plain words, what stands in the way, what to fulfil, and the path of every reason."""

from __future__ import annotations

from collections.abc import Sequence

from bimetal.licensing.graph import graph
from bimetal.licensing.inheritance import Inheritance
from bimetal.licensing.table import EVENTS
from bimetal.licensing.tracing import ALL_INPUTS, NO_INPUTS, Reason, any_of, happening
from bimetal.report import Facts, Page, Section, Table, Text
from bimetal.report.page import Block

FOOTER = (
    "Not legal advice. Clauses are paraphrased; the basis says how firm each one is: licence text, guidance of the "
    "licence's steward, a conservative default of this table, or an override by your own counsel."
)
_ACTS = {
    "shared": "share the dataset",
    "trained": "train a model on it",
    "model-shared": "share that model",
    "service": "offer that model as a service",
}
_CHARGES = {
    ALL_INPUTS: "no output licence is left that all inputs allow",
    NO_INPUTS: "nobody declared what it was made from",
}


def page(found: Inheritance, title: str) -> Page:
    """Lay a licence verdict out as a page.

    >>> from bimetal.licensing import Input, Use, inherit
    >>> rows = Input("seed-rows", "letters", "CC0-1.0")
    >>> page(inherit([rows], Use(frozenset({"trained"}))), "Licences of letters").answer
    'You may train a model on it: nothing in the one input forbids it, and nothing is asked in return.'
    """
    verdict = answer(found)
    blocked = [Section("What stands in the way", _standing(found))] if found.blocking or _unsettled(found) else []
    drawn = [Section("From inputs to the verdict", (graph(found, verdict),))] if found.reasons else []
    return Page(
        title=title,
        answer=verdict,
        subtitle=_subtitle(found),
        sections=(
            *blocked,
            *([Section("What to fulfil", _owed(found))] if found.obligations and found.use.events else []),
            *drawn,
            Section("Output licences left open", (Text(_left_open(found)),)),
            Section("Every input and clause", (_inputs(found), _paths(found))),
        ),
        footer=FOOTER,
    )


def answer(found: Inheritance) -> str:
    """Say the verdict in one sentence."""
    inputs = "the one input" if len(found.inputs) == 1 else f"the {len(found.inputs)} inputs"
    if not found.use.events:
        unknown = len(_unsettled(found))
        rest = f", but {_things(unknown, 'licence')} must be settled before a release" if unknown else ""
        return f"A trial at home hands nothing out and may go ahead{rest}."
    acts = [_ACTS[each] for each in EVENTS if each in found.use.events]
    if found.verdict == "block":
        return f"Do not {' or '.join(acts)} yet: {_against(found)}."
    asked = len(found.obligations)
    duties = f"{_things(asked, 'duty', 'duties')} to fulfil" if asked else "nothing is asked in return"
    return f"You may {' and '.join(acts)}: nothing in {inputs} forbids it, {'with' if asked else 'and'} {duties}."


def _against(found: Inheritance) -> str:
    forbid = {each.path for each in found.blocking if each.path and each.clause}
    unread = {each.path for each in found.blocking if each.path and not each.clause}
    whole = f"of {_things(len(found.inputs), 'input')}"
    said = [
        *([f"{len(forbid)} {whole} {'forbids' if len(forbid) == 1 else 'forbid'} it"] if forbid else []),
        *([f"the licence of {len(unread)} {whole} is not known"] if unread else []),
        *(
            [
                _CHARGES.get(each.licence, f"{each.licence} is no output licence they all allow")
                for each in _joint(found)
            ]
        ),
    ]
    return "; ".join(said)


def _joint(found: Inheritance) -> list[Reason]:
    return [each for each in found.blocking if not each.path]


def _things(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _subtitle(found: Inheritance) -> str:
    use = found.use
    trade = {True: "Commercial use", False: "Use without commercial purpose", None: "Use that may be commercial"}
    purpose = f", to {use.purpose}" if use.purpose else ""
    output = f"; output under {use.output_licence}" if use.output_licence else ""
    return f"{trade[use.commercial]}{purpose}{output}."


def _unsettled(found: Inheritance) -> list[Reason]:
    return [each for each in found.reasons if each.clause is None and not each.blocks]


def _standing(found: Inheritance) -> tuple[Block, ...]:
    against = [*found.blocking, *_unsettled(found)]
    table = Table(("Input", "Licence and clause", "What it says", "When, on what basis"), _rows(against))
    ways = [(each,) for each in found.unblocks or dict.fromkeys(each.remedy for each in against)]
    return (table, Table(("What would unblock it",), ways))


def _rows(reasons: Sequence[Reason]) -> list[tuple[str, str, str, str]]:
    """Write reasons as rows; one clause that fires at several events, on several bases, takes one row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for each in reasons:
        where = each.clause.source if each.clause else each.licence
        when = f"{happening(each.events)} ({each.clause.basis})" if each.clause else "any release"
        rows.setdefault((_from(each), where, each.words), []).append(when)
    return [(*row, "; ".join(when)) for row, when in rows.items()]


def _from(reason: Reason) -> str:
    return ", behind ".join(reason.path) or "all inputs together"


def _owed(found: Inheritance) -> tuple[Block, ...]:
    rows: dict[tuple[str, str], list[str]] = {}
    for each in found.obligations:
        place = f"{each.source} ({each.basis}); {happening(each.events)}"
        rows.setdefault((each.words, ", ".join(each.inputs)), []).append(place)
    table = Table(("Duty", "For", "Where it stands, and when"), [(*row, "; ".join(at)) for row, at in rows.items()])
    if not found.attribution:
        return (table,)
    lines = "\n\n".join(found.attribution.splitlines())
    return (table, Text(f"Attribution to publish with it:\n\n{lines}"))


def _left_open(found: Inheritance) -> str:
    if found.permitted is not None:
        return f"Only {any_of(frozenset(found.permitted))}." if found.permitted else "None that all inputs allow."
    closed = any_of(found.terms.barred, "and") if found.barred else ""
    return f"Any that keeps the duties above, so not {closed}." if closed else "Any."


def _inputs(found: Inheritance) -> Facts:
    pairs = [
        (each.name, f"{each.role.replace('-', ' ')}, licence: {each.licence or 'none given'}") for each in found.inputs
    ]
    return Facts(tuple(pairs) or (("Inputs", "none declared"),))


def _paths(found: Inheritance) -> Table:
    return Table(("Input", "Licence and clause", "What it says", "When, on what basis"), _rows(found.reasons))
