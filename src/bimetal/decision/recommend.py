"""Six answers, facts and measurements turned into a decision record: strategy, ratio and every reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from bimetal.decision import advice
from bimetal.decision.binding import binding
from bimetal.decision.changes import would_change
from bimetal.decision.facts import Facts, faults, said, shown
from bimetal.decision.measured import Measurement, conflicts, settle, that_count
from bimetal.decision.oddities import odd
from bimetal.decision.priors import priors
from bimetal.decision.questions import UNKNOWN, complete, meaning
from bimetal.decision.record import DecisionRecord, Reason, ratio_words
from bimetal.decision.routes import compare
from bimetal.decision.rules import LOOP, NOTHING, RULES, Cap, Rule, Strategy, Test
from bimetal.errors import InputError
from bimetal.types import Answer


class Outcome(NamedTuple):
    """What the rules that fired settle: strategy, range, what bounds it, and the priors a measurement replaced."""

    strategy: Strategy
    ratio: Cap
    kept: tuple[Rule, ...]
    replaced: tuple[Rule, ...]
    measured: bool


def decide(
    answers: Mapping[str, Answer] | tuple[Answer, ...] = (),
    facts: Facts = Facts(),  # noqa: B008  # frozen
    measurements: Sequence[Measurement] = (),
) -> DecisionRecord:
    """Recommend a strategy and a range of synthetic items per human label; a question left out is unknown.

    Every reason names its basis and what it rests on. Raises InputError for a question, value or fact that does not
    exist.

    >>> record = decide((Answer("transfer", "helps"), Answer("grounded", "yes"), Answer("regulated", "yes")))
    >>> record.strategy, record.ratio, record.ratio_basis
    ('hybrid', (0.0, 1.0), 'rule')
    >>> print(record.reasons[0], "--", record.reasons[0].source)
    stationary=unknown: a working loop against production comes before ... [rule] -- loop-first
    """
    declared = complete(answers)
    if wrong := faults(facts):
        raise InputError("; ".join(wrong), "mend what is named in bimetal.toml")
    return _record(declared, settle(declared, measurements), facts, tuple(measurements))


def _record(
    declared: tuple[Answer, ...], counted: tuple[Answer, ...], facts: Facts, measurements: tuple[Measurement, ...]
) -> DecisionRecord:
    values = {answer.question: answer.value for answer in counted}
    used = that_count(counted, measurements)
    rules = _in_play(values, facts, any(each.loop for each in measurements))
    found = _outcome(rules, values, facts, used)
    basis, words = _settled_by(found, used)
    case = advice.Case(values, facts, found.strategy, _test(found), found.ratio[1], found.measured)
    return DecisionRecord(
        strategy=found.strategy,
        ratio=found.ratio,
        ratio_basis=basis,
        ratio_reason=words,
        expected=_expected(rules, values, facts, used),
        answers=counted,
        declared=declared,
        reasons=tuple(sorted(_reasons(found, counted, facts, used), key=_rank)),
        human_subset=advice.human_subset(case),
        synthetic_welcome=advice.synthetic_welcome(case),
        people_first=advice.people_first(case),
        first_experiment=advice.first_experiment(case),
        review=advice.review(case),
        would_change=would_change(values, lambda other: _outcome(rules, other, facts, used)[:2]),
        rules=tuple(each.name for each in binding(values, facts)),
        routes=compare(values, facts),
        facts=facts,
        measurements=measurements,
        findings=(*conflicts(declared, counted, measurements), *odd(values, facts)),
    )


def _in_play(values: Mapping[str, str], facts: Facts, loop: bool) -> tuple[Rule, ...]:
    known = {name: value for name, value in said(values, facts).items() if name not in values}
    return tuple(
        rule
        for rule in (*RULES, *priors())
        if all(known[name] in allowed for name, allowed in rule.when.items() if name in known)
        and not (loop and rule.yields_to == LOOP)
    )


def _outcome(rules: tuple[Rule, ...], values: Mapping[str, str], facts: Facts, used: Sequence[Measurement]) -> Outcome:
    known = said(values, facts)
    fired = [rule for rule in rules if rule.fires(known)]
    holding = [each for each in used if values[each.question] == each.value]
    ratios = [each.ratio for each in holding if each.ratio]
    gone = {each.question for each in holding if each.ratio}
    gone |= {"labels" for each in holding if each.labels_saved}
    gone |= {"cost figure" for each in holding if each.question == "cost"}
    kept = tuple(rule for rule in fired if rule.yields_to not in gone)
    caps = [rule.cap for rule in kept if rule.cap is not None] + ratios
    ratio = (float(min(low for low, _ in caps)), float(min(high for _, high in caps)))
    strategy: Strategy = next((rule.strategy for rule in kept if rule.strategy), "hybrid")
    replaced = tuple(rule for rule in fired if rule.yields_to in gone)
    return Outcome(strategy, ratio, kept, replaced, bool(ratios))


def _test(found: Outcome) -> Test:
    settling = next((rule for rule in found.kept if rule.strategy), None)
    if settling and settling.test:
        return settling.test
    return next((rule.test for rule in found.kept if rule.test), "")


def _settled_by(found: Outcome, used: Sequence[Measurement]) -> tuple[Literal["measured", "prior", "rule"], str]:
    """Name what bounds the range from above: a hard rule before a measurement before a prior."""
    settling = next((rule for rule in found.kept if rule.strategy and rule.basis == "rule"), None)
    bounding = [rule for rule in found.kept if rule.cap is not None and rule.cap[1] == found.ratio[1]]
    hard = settling or next((rule for rule in bounding if rule.basis == "rule"), None)
    if settling and settling.strategy == "measure first":
        return "rule", "; and ".join(rule.reason for rule in found.kept if rule.cap == NOTHING)
    if hard:
        return "rule", hard.reason
    measured = next((each for each in used if each.ratio and each.ratio[1] == found.ratio[1]), None)
    if measured:
        return "measured", f"{measured.words} ({measured.source})"
    return "prior", bounding[0].reason


def _reasons(
    found: Outcome, answers: tuple[Answer, ...], facts: Facts, used: Sequence[Measurement]
) -> Iterator[Reason]:
    values = {answer.question: answer.value for answer in answers}
    known = said(values, facts)
    settling = next((rule for rule in found.kept if rule.strategy), None)
    for rule in found.kept:
        rests = tuple(shown(name, known[name], facts) for name in rule.when)
        source = f"{rule.name}: {rule.source}" if rule.source else rule.name
        yield Reason(_with_cap(rule), rule.basis, rests, source, _settles(rule.cap, found) or rule is settling)
    for each in used:
        yield Reason(
            _with_ratio(each, found.replaced),
            "measured",
            (f"{each.question}={each.value}",),
            each.source,
            _settles(each.ratio, found),
        )
    explained = {name for rule in found.kept for name in rule.when} | {each.question for each in used}
    for answer in answers:
        if answer.question not in explained:
            source = ", ".join(filter(None, (answer.said_by, answer.evidence))) or "no evidence given"
            rests_on = (f"{answer.question}={answer.value}",)
            yield Reason(meaning(answer.question, answer.value), "answer", rests_on, source)


def _rank(reason: Reason) -> tuple[bool, int]:
    """Rank what settles the answer first, then what was measured, what the domain says, the rest."""
    if any(name.startswith("domain=") for name in reason.rests_on):
        return not reason.settles, 1
    return not reason.settles, {"measured": 0, "rule": 2, "prior": 3, "answer": 4}[reason.basis]


def _settles(cap: Cap | None, found: Outcome) -> bool:
    low, high = found.ratio
    return cap is not None and (cap[1] == high or 0 < low == cap[0])


def _with_cap(rule: Rule) -> str:
    if rule.cap is None or not rule.cap[1]:
        return rule.reason
    return f"{rule.reason} ({_range(rule.cap)} per human label at the most)"


def _with_ratio(measured: Measurement, replaced: Sequence[Rule]) -> str:
    theirs = {measured.question} if measured.ratio else set()
    theirs |= {"labels"} if measured.labels_saved else set()
    theirs |= {"cost figure"} if measured.question == "cost" else set()
    gone = [
        f"{rule.name} ({_range(rule.cap)})" if rule.cap else rule.name for rule in replaced if rule.yields_to in theirs
    ]
    parts = [measured.words, measured.labels_saved, ratio_words(measured.ratio) if measured.ratio else ""]
    told = "; ".join(each.rstrip(".") for each in parts if each)
    prior = "prior" if len(gone) == 1 else "priors"
    return f"{told}; this replaces the {prior} {', '.join(gone)}" if gone else told


def _range(cap: Cap) -> str:
    return f"{cap[1]:g}" if cap[0] in {0, cap[1]} else f"{cap[0]:g} to {cap[1]:g}"


def _expected(
    rules: tuple[Rule, ...], values: Mapping[str, str], facts: Facts, used: Sequence[Measurement]
) -> Cap | None:
    """Say which range would hold if a pilot showed that synthetic rows help; None where that is not the question."""
    if values["transfer"] not in (UNKNOWN, "unclear"):
        return None
    found = _outcome(rules, {**values, "transfer": "helps"}, facts, used)
    return found.ratio if found.ratio[1] else None
