"""What a decision means in practice: who labels what, where synthetic data serve, what to try first, when to review."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from bimetal.decision.facts import UNKNOWN, Facts
from bimetal.decision.priors import Domain, domains
from bimetal.decision.record import Experiment, Review
from bimetal.decision.rules import Strategy, Test

PANEL = "the evaluation panel: real items with human labels, never trained on, because nothing else shows the truth"
SIZES = "20,50,100,200,400"


class Case(NamedTuple):
    """The answers that count, the facts, the strategy, the test it calls for, the synthetic rows it allows.

    `measured` says whether a measurement gave the ratio.
    """

    answers: Mapping[str, str]
    facts: Facts
    strategy: Strategy
    test: Test
    high: float
    measured: bool

    @property
    def guarded(self) -> bool:
        return self.answers["regulated"] != "no"

    @property
    def moving(self) -> bool:
        return self.answers["stationary"] in {"no", UNKNOWN}

    @property
    def domain(self) -> Domain | None:
        return domains().get(self.facts.domain)


def human_subset(case: Case) -> tuple[str, ...]:
    """Say which subset must be labelled by people, each with why."""
    subset = [PANEL]
    if case.strategy == "hybrid":
        subset.append("the anchor rows: real training rows, in the ratio above, because the last tenth is the dear one")
    if case.strategy == "human only":
        subset.append("every training row: no synthetic row is shown to help")
    if case.guarded:
        where = f" ({case.domain.boundary})" if case.domain else ""
        subset.append(
            f"the decision-boundary items: each annotated by a named person{where}, because a regulator, a court or an "
            "attacker looks there"
        )
    if case.moving:
        subset.append("a random stream from production: every period, because nothing else shows that the world moved")
    if case.facts.languages:
        tags = ", ".join(case.facts.languages)
        subset.append(f"the first rows in each language: {tags}, because transfer in one says nothing of another")
    return tuple(subset)


def synthetic_welcome(case: Case) -> tuple[str, ...]:
    """Say where synthetic data serve, and nothing where they may not."""
    if case.answers["transfer"] == "harms":
        return ("demonstrations, load tests and red-teaming: nothing that is trained on", *_personal(case.facts))
    if not case.high:
        return (*_before(case), *_personal(case.facts))
    welcome = ["warm starts: a first model before the first human label"]
    if case.answers["grounded"] in {"yes", "partly"}:
        welcome.append("worlds bounded by physics or a formal rule, where the generator makes the label first")
    welcome.append("rare classes and slices too small to learn from, measured against class weights")
    if case.guarded:
        welcome.append("red-teaming: attacks and edge cases in any volume, their outcome judged by people")
    welcome += case.domain.welcome if case.domain else ()
    return (*welcome, *_personal(case.facts), "demonstrations and load tests")


def people_first(case: Case) -> tuple[str, ...]:
    """Say what stays with people."""
    people = ["evaluation: the panel, always"]
    if case.answers["grounded"] in {"no", UNKNOWN}:
        people.append("judgement: labels that no rule can make")
    if case.guarded:
        people.append("regulated and contested decisions: the boundary, by name")
    if case.answers["stationary"] != "yes":
        people.append("drift: what is new in production")
    if case.facts.languages:
        people.append(f"languages without a measured transfer: {', '.join(case.facts.languages)}, until each has one")
    if "preference" in {case.facts.modality, case.facts.domain}:
        people.append("preferences: what people want, where a model is unsure or people disagree")
    return (*people, *(case.domain.people if case.domain else ()))


def first_experiment(case: Case) -> Experiment:
    """Say what to find out first, with a command and sizes where there are any."""
    tests: Mapping[Test, Experiment] = {
        "pilot": _pilot(case, "run a pilot: human, synthetic and hybrid arms on one real panel", 5, 0.02),
        "repeat": _pilot(case, "repeat the pilot with more seeds and a larger panel", 10, 0.01),
        "contract": Experiment(
            "have the data-use contract read for derived works, then register it", "bimetal source add"
        ),
        "ground": Experiment(
            "find out whether a simulator or a formal rule can make the label", "bimetal list generators"
        ),
        "drift": Experiment(
            "compare periods of production for drift: add at least two as windows and turn the loop",
            "bimetal add WEEK.parquet --role production --source SOURCE && bimetal cycle start",
        ),
        "agreement": Experiment(
            "have three people label the same hundred items and measure their agreement: no label is worth more"
        ),
    }
    if case.test:
        return tests[case.test]
    if case.measured:
        return Experiment("buy a first batch at the measured ratio, then turn the loop", "bimetal cycle start")
    return _pilot(case, "run a pilot at the planned number of labels and replace the priors by its ratio", 5, 0.02)


def review(case: Case) -> Review:
    """Say when to decide again and what to look at; faster worlds and stricter duties are looked at more often."""
    months = {"yes": 6, "slow": 3}.get(case.answers["stationary"], 1)
    if case.guarded:
        months = {6: 3, 3: 1}.get(months, 1)
    every = {6: "twice a year", 3: "every quarter", 1: "every month"}[months]
    look_at = ["the score on the panel, and how old the panel is", "the answers above: has anyone learned better?"]
    if case.answers["stationary"] != "yes":
        look_at.append("drift by slice in production, and the share of items people corrected")
    if case.guarded:
        look_at.append("errors inside and outside the boundary subset, and waivers about to expire")
    if case.high:
        look_at.append("the ratio in use against the ratio decided, and what the last synthetic rows added")
    if case.answers["licence"] != "allows":
        look_at.append("licences inherited by what was released")
    if case.facts.languages:
        look_at.append("transfer in each language")
    look_at.append("spending against the plan")
    return Review(months, f"after each cycle, and {every} at the latest", tuple(look_at))


def _before(case: Case) -> tuple[str, ...]:
    """Say what synthetic rows may do before any is trained on, and what they will serve for afterwards."""
    now = ["the pilot itself, demonstrations and load tests: nothing that is released to train or serve"]
    if case.guarded:
        now.append("red-teaming: attacks and edge cases, their outcome judged by people")
    if case.domain and case.strategy == "measure first":
        waits = "it is measured to help" if case.answers["transfer"] == UNKNOWN else "what stands in the way is settled"
        when = f"once {waits}: " if case.domain.trains else ""
        now += [f"{when}{each}" for each in case.domain.welcome]
    return tuple(now)


def _personal(facts: Facts) -> tuple[str, ...]:
    if facts.personal_data in {"none", UNKNOWN}:
        return ()
    return ("privacy: rows to show in place of people's own, once the privacy check passes and somebody signs",)


def _pilot(case: Case, words: str, seeds: int, difference: float) -> Experiment:
    options = case.domain.options if case.domain else ""
    command = f"bimetal pilot ROWS --label LABEL --synthetic GENERATOR --panel PANEL --sizes {SIZES} --seeds {seeds}"
    gap = "two points" if difference == 0.02 else "one point"
    each = f", once for each of {', '.join(case.facts.languages)}" if len(case.facts.languages) > 1 else ""
    kept = ", on your own machine until the contract is read" if case.answers["licence"] == UNKNOWN else ""
    sized = f"{words}{each}{kept}; a panel of {_panel(difference):,} real items tells {gap} of accuracy apart"
    return Experiment(sized, f"{command} {options}".rstrip())


@cache
def _panel(difference: float) -> int:
    from bimetal.stats.power import items_needed

    return -(-items_needed(difference) // 100) * 100
