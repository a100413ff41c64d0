"""A decision record as a page: first the sentence a board can quote, then who, why, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bimetal.decision.binding import BINDINGS
from bimetal.decision.facts import Facts
from bimetal.decision.questions import QUESTIONS
from bimetal.decision.record import Basis, DecisionRecord, Reason, ratio_words
from bimetal.report import Code, Figure, Findings, Link, Node, Page, Section, Table, Text, flow, money
from bimetal.report import Facts as Pairs
from bimetal.report.page import Block
from bimetal.types import Answer

_ROLES: dict[Basis, str] = {"rule": "fail", "prior": "warn", "measured": "real", "answer": "muted"}
_STRATEGIES = {"human only": "human", "synthetic only": "synthetic", "hybrid": "hybrid", "measure first": "warn"}


def page(record: DecisionRecord, title: str, at: datetime | None = None, signed: str = "") -> Page:
    """Lay a decision record out as a page; `at` is when it was decided, `signed` who put a name to it.

    >>> from bimetal.decision import decide
    >>> page(decide(()), "Claims").answer
    'Measure first: transfer to real items is not measured, so no synthetic volume to train on is justified yet; ...'
    """
    return Page(
        title=f"Decision: {title}",
        answer=record.sentence,
        subtitle=_subtitle(at, signed),
        sections=(
            Section("What people label, and why", (_subset(record),)),
            Section("Where synthetic data serve, and where people", _places(record)),
            Section("The first experiment", _experiment(record)),
            Section("How the answer comes about", (path(record),)),
            Section("The six answers", _answers(record)),
            Section("Every reason", (_reasons(record.reasons),)),
            Section("Rules that bind", (_rules(record),)),
            Section("In-house or vendor", _routes(record)),
            Section("What would change the answer", (_changes(record),)),
            Section("When to decide again", _review(record)),
            Section("The programme's facts", (_facts(record.facts),)),
        ),
        footer="A prior is a published figure or a judgement and gives way to a pilot of one's own; a rule does not. "
        "Not legal advice.",
    )


def brief(record: DecisionRecord, title: str, at: datetime | None = None, signed: str = "") -> Page:
    """Lay out what a terminal has room for: the reasons a line each, rules by name, no picture."""
    whole = page(record, title, at, signed)
    kept = {each.title: each for each in whole.sections}
    because = Text("\n\n".join(f"{each}" for each in record.reasons))
    sections = (
        kept["What people label, and why"],
        kept["The first experiment"],
        Section("Because", (because, *([Findings(record.findings)] if record.findings else []))),
        Section("Rules that bind", (Text(f"{', '.join(record.rules)}."),)),
        kept["What would change the answer"],
        kept["When to decide again"],
    )
    return replace(whole, sections=sections)


def path(record: DecisionRecord) -> Figure:
    """Draw how the answers that settle it lead to the strategy and the range; other reasons are left out."""
    settling = [each for each in record.reasons if each.settles]
    answers = list(dict.fromkeys(name for each in settling for name in each.rests_on))
    nodes = [Node(name, name, 0, "muted") for name in answers]
    nodes += [Node(f"reason {k}", each.text, 1, _ROLES[each.basis], each.basis) for k, each in enumerate(settling)]
    links = [Link(name, f"reason {k}") for k, each in enumerate(settling) for name in each.rests_on]
    links += [Link(f"reason {k}", "end", _ROLES[each.basis]) for k, each in enumerate(settling)]
    nodes.append(Node("end", f"{record.strategy}: {ratio_words(record.ratio)}", 2, _STRATEGIES[record.strategy]))
    if record.expected:
        nodes.append(Node("then", f"with a gain shown by a pilot: {ratio_words(record.expected)}", 3, "hybrid"))
        links.append(Link("end", "then", "hybrid", dashed=True))
    settle = "settles" if len(settling) == 1 else "settle"
    told = f"{len(settling)} of {len(record.reasons)} reasons {settle} it: {record.ratio_reason}."
    spec = flow(nodes, links, title="Decision path", description=told)
    return Figure(
        spec, told, "The other reasons bind only once these are gone, or bound nothing; all are listed below."
    )


def _subtitle(at: datetime | None, signed: str) -> str:
    when = f"Decided {at:%Y-%m-%d %H:%M}" if at else "Not yet entered in the log"
    return f"{when}, signed by {signed}." if signed else f"{when}, not signed."


def _subset(record: DecisionRecord) -> Table:
    rows = [_parted(each, ": ") for each in record.human_subset]
    return Table(("Subset", "How and why"), rows)


def _places(record: DecisionRecord) -> tuple[Block, ...]:
    return (
        Table(("Synthetic rows are welcome for",), [(each,) for each in record.synthetic_welcome]),
        Table(("People come first in",), [(each,) for each in record.people_first]),
    )


def _experiment(record: DecisionRecord) -> tuple[Block, ...]:
    words, command = record.first_experiment.words, record.first_experiment.command
    if not command:
        return (Text(_sentence(words)),)
    return (Text(f"{_sentence(words)[:-1]}:"), Code(_broken(command)))


def _answers(record: DecisionRecord) -> tuple[Block, ...]:
    rows = [_row(said, holds) for said, holds in zip(record.declared, record.answers, strict=True)]
    table = Table(("Question", "Answer", "Said by", "Evidence"), rows)
    return (table, Findings(record.findings)) if record.findings else (table,)


def _row(said: Answer, holds: Answer) -> tuple[str, str, str, str]:
    value = holds.value if said.value == holds.value else f"{holds.value} (declared {said.value})"
    when = f", {holds.at:%Y-%m-%d}" if holds.at else ""
    asked = next(each.text for each in QUESTIONS if each.name == holds.question)
    return (
        f"{holds.question}: {asked}",
        value,
        f"{holds.said_by or 'nobody named'}{when}",
        holds.evidence or "none given",
    )


def _reasons(reasons: Sequence[Reason]) -> Table:
    ranked = sorted(reasons, key=lambda each: not each.settles)
    rows = [(each.text, ", ".join(each.rests_on) or "any answers", each.basis, each.source) for each in ranked]
    return Table(("Reason", "Rests on", "Basis", "Source"), rows, "Reasons that settle the answer come first.")


def _rules(record: DecisionRecord) -> Table:
    rows = [(each.name, each.words, each.way_out) for each in BINDINGS if each.name in record.rules]
    return Table(("Rule", "In plain words", "The way out"), rows, "Adding warns where these break, releasing refuses.")


def _routes(record: DecisionRecord) -> tuple[Block, ...]:
    routes = record.routes
    rows = [(each.name, each.in_house, each.vendor, each.leans) for each in routes.criteria]
    table = Table(("", "In-house", "Vendor", "Leans to"), rows)
    asked = [(each,) for each in routes.questions]
    return (Text(routes.words), table, Table(("To ask the vendor",), asked)) if asked else (Text(routes.words), table)


def _changes(record: DecisionRecord) -> Table:
    return Table(("If", "Then"), [_parted(each, ": ") for each in record.would_change])


def _review(record: DecisionRecord) -> tuple[Block, ...]:
    rows = [(each,) for each in record.review.look_at]
    return (Text(_sentence(f"decide again {record.review.words}")), Table(("Look at",), rows))


def _facts(facts: Facts) -> Pairs:
    def amount(value: float | None) -> str:
        return "not said" if value is None else money(value, facts.currency)

    return Pairs(
        (
            ("Modality, domain", f"{facts.modality or 'not said'}, {facts.domain or 'not said'}"),
            ("Languages", ", ".join(facts.languages) or "not said"),
            ("Jurisdictions", ", ".join(facts.jurisdictions) or "not said"),
            ("Runs in", facts.runs_in or "not said"),
            ("Personal data", facts.personal_data),
            ("Commercial use", facts.commercial),
            ("A miss costs", amount(facts.miss_cost)),
            ("A false alarm costs", amount(facts.false_alarm_cost)),
            ("Generator", facts.simulator),
        )
    )


def _parted(text: str, mark: str) -> tuple[str, str]:
    name, _, rest = text.partition(mark)
    return name, rest


def _broken(command: str) -> str:
    if len(command) <= 60:
        return command
    return command.replace(" && ", " &&\n") if " && " in command else command.replace(" --", " \\\n  --")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
