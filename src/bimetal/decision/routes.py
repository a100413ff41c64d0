"""In-house or vendor generation: both compared on domain, licence, audit, cost and what each brings to the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bimetal.decision.facts import UNKNOWN, Facts

Lean = Literal["in-house", "vendor", "even", "open"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the comparison: how each route stands, which it leans to (open: not known), and what to ask."""

    name: str
    in_house: str
    vendor: str
    leans: Lean = "open"
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Routes:
    """Both routes side by side, criterion by criterion, and what follows in one sentence."""

    words: str
    criteria: tuple[Criterion, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """What to ask the vendor before buying."""
        return tuple(each.ask for each in self.criteria if each.ask)


def compare(answers: Mapping[str, str], facts: Facts) -> Routes:
    """Compare generating oneself with buying from a vendor; what is not known leans to neither and says what to ask.

    >>> from bimetal.decision.questions import QUESTIONS
    >>> routes = compare({question.name: "unknown" for question in QUESTIONS}, Facts())
    >>> sorted({each.leans for each in routes.criteria}), len(routes.questions)
    (['even', 'open'], 6)
    """
    criteria = (
        _domain(answers, facts),
        _provenance(facts),
        _licence(answers, facts),
        _replay(facts),
        _audit(facts),
        _personal(facts),
        _cost(facts),
        _register(),
    )
    return Routes(_words(criteria, facts), criteria)


def _words(criteria: tuple[Criterion, ...], facts: Facts) -> str:
    own, bought = ([each.name for each in criteria if each.leans == lean] for lean in ("in-house", "vendor"))
    asked = sum(bool(each.ask) for each in criteria)
    if facts.simulator == "none":
        return "No generator exists and none is planned: somebody has to build or buy one before either route is real."
    if not own and not bought:
        return (
            f"Nothing known speaks for either route yet; {asked} questions are open." if asked else "Both stand even."
        )
    told = "; ".join(
        f"{' and '.join(names)} {'speak' if len(names) > 1 else 'speaks'} for {route}"
        for route, names in (("generating in-house", own), ("the vendor", bought))
        if names
    )
    left = f"; {asked} {'question is' if asked == 1 else 'questions are'} open" if asked else ""
    return f"{told[0].upper()}{told[1:]}{left}."


def _domain(answers: Mapping[str, str], facts: Facts) -> Criterion:
    sample = "a benchmark on other data says nothing: pilot a sample of its rows on your own panel"
    if answers["grounded"] in {"yes", "partly"}:
        own = "a rule or simulator of your own can be bent to your rare cases"
        leans: Lean = "in-house" if facts.simulator == "in-house" else "open"
    else:
        own = "learns from your own seed rows: close to your domain, but adds no information they lack"
        leans = "open"
    return Criterion("domain specificity", own, f"built for many customers; {sample}", leans)


def _provenance(facts: Facts) -> Criterion:
    own = "known: your seed rows and the generator's own training data, both in the register"
    stated = facts.vendor.training_data
    if stated == "declared":
        return Criterion("provenance", own, "declared: enter the declaration in the register", "even")
    if stated == "undeclared":
        return Criterion(
            "provenance", own, "undeclared: its rows inherit unknown terms and are not released", "in-house"
        )
    return Criterion("provenance", own, "not known", ask="What was the generator trained on, and under which licences?")


def _licence(answers: Mapping[str, str], facts: Facts) -> Criterion:
    own = {
        "allows": "derived works are yours, with the credit the contract asks",
        "share-alike": "rows carry the seed rows' licence on",
        "forbids": "rules and simulators alone: nothing may learn from the seed rows",
    }.get(
        answers["licence"], "not known: have the contract read before anything learned from the seed rows is released"
    )
    bought = facts.vendor.output_licence
    if not bought:
        return Criterion("licence", own, "not known", ask="Which licence do the rows come under, and for which uses?")
    told = f"{bought}, to be traced like any other input"
    return Criterion("licence", own, told, "vendor" if answers["licence"] == "forbids" else "even")


def _replay(facts: Facts) -> Criterion:
    own = "every row can be drawn again from its recipe and seed"
    words = {"yes": "said to be replayable: ask for one batch twice", "no": "cannot be drawn again"}
    stated = facts.vendor.replayable
    if stated == UNKNOWN:
        return Criterion("replay", own, "not known", ask="Can the same rows be made again, from which recipe and seed?")
    return Criterion("replay", own, words[stated], "even" if stated == "yes" else "in-house")


def _audit(facts: Facts) -> Criterion:
    own = "in your hands, and yours to answer for"
    vendor = facts.vendor
    asks = [
        question
        for stated, question in (
            (vendor.audit, "a right to audit"),
            (vendor.indemnity, "an indemnity for claims against the rows"),
        )
        if stated == UNKNOWN
    ]
    words = {"yes": "granted", "no": "refused", UNKNOWN: "not known"}
    told = f"right to audit {words[vendor.audit]}, indemnity {words[vendor.indemnity]}"
    if asks:
        return Criterion("audit", own, told, ask=f"Is there {' and '.join(asks)}?")
    lean: Lean = {("yes", "yes"): "vendor", ("no", "no"): "in-house"}.get((vendor.audit, vendor.indemnity), "even")  # type: ignore[assignment]  # mypy widens the literals of a dict
    return Criterion("audit", own, told, lean)


def _personal(facts: Facts) -> Criterion:
    if facts.personal_data == "none":
        return Criterion("personal data", "none involved", "none involved", "even")
    own = "rows stay where they are"
    region = f" in {facts.vendor.region}" if facts.vendor.region else ""
    told = {"yes": f"deletes on request{region}", "no": f"does not delete{region}"}.get(
        facts.vendor.deletion, "not known"
    )
    if facts.vendor.deletion == UNKNOWN:
        ask = "Where are our rows and prompts processed, and are they deleted afterwards?"
        return Criterion("personal data", own, told, ask=ask)
    return Criterion("personal data", own, f"{told}; registered for its class and region first", "in-house")


def _cost(facts: Facts) -> Criterion:
    build, price, rows = facts.build_cost, facts.vendor.row_price, facts.rows_wanted
    own = "building cost not known" if build is None else f"{build:,.0f} {facts.currency} to build, upkeep beside it"
    bought = "not known" if price is None else f"{price:g} {facts.currency} a row"
    if price is None:
        return Criterion("cost", own, bought, ask="What does a row cost, and what does the next version cost?")
    if build is None or rows is None:
        return Criterion("cost", own, bought)
    total = price * rows
    told = f"{bought}, {total:,.0f} {facts.currency} for {rows:,} rows"
    return Criterion("cost", own, told, "vendor" if total < build else "in-house" if total > build else "even")


def _register() -> Criterion:
    return Criterion(
        "register",
        "generator, version, seed rows, its declared training data, who answers for it",
        "the same, with contract digest, output licence, processing region and what it claims",
        "even",
    )
