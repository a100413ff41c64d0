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
LATER = "the evaluation panel, later: real items with human labels, before anything learns from synthetic rows"
DIFFER = 0.1  # of a rare class, the share that only one of two models finds: a judgement, above that of common items
STRESS = "stress tests and red-teaming that nothing learns from: edge cases and attacks, judged by people"


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

    @property
    def may_begin(self) -> Domain | None:
        """The domain, where its synthetic rows are not there to be learned from and nothing forbids making them."""
        blocked = self.answers["licence"] in {"forbids", UNKNOWN} and self.answers["grounded"] in {"no", UNKNOWN}
        begins = self.answers["transfer"] == UNKNOWN and not blocked
        return self.domain if self.domain and self.domain.lead and begins else None

    @property
    def panel_later(self) -> bool:
        return self.may_begin is not None and not self.guarded


def human_subset(case: Case) -> tuple[str, ...]:
    """Say which subset must be labelled by people, each with why."""
    subset = [LATER if case.panel_later else PANEL]
    if case.strategy == "hybrid":
        subset.append("the anchor rows: real training rows, in the ratio above, because the last tenth is the dear one")
    if case.strategy == "human only":
        subset.append("every training row: no synthetic row is shown to help")
    if case.guarded:
        subset.append(_boundary(case.domain))
    if case.moving:
        subset.append("a random stream from production: every period, because nothing else shows that the world moved")
    if case.facts.languages:
        tags = ", ".join(case.facts.languages)
        subset.append(f"the first rows in each language: {tags}, because transfer in one says nothing of another")
    return tuple(subset)


def synthetic_welcome(case: Case) -> tuple[str, ...]:
    """Say where synthetic data serve, and nothing where they may not."""
    if case.answers["transfer"] == "harms":
        return ("demonstrations and load tests: nothing that is trained on", *_tests(case), *_personal(case))
    if not case.high:
        return (*_before(case), *_personal(case))
    welcome = ["warm starts: a first model before the first human label"]
    if case.answers["grounded"] in {"yes", "partly"}:
        welcome.append("worlds bounded by physics or a formal rule, where the generator makes the label first")
    welcome.append("rare classes and slices too small to learn from, measured against class weights")
    welcome += case.domain.welcome if case.domain else ()
    return (*welcome, *_tests(case), *_personal(case), "demonstrations and load tests")


def people_first(case: Case) -> tuple[str, ...]:
    """Say what stays with people."""
    people = ["evaluation: a panel, before anything learns" if case.panel_later else "evaluation: the panel, always"]
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
    if begins := case.may_begin:
        return Experiment(begins.first, begins.command)
    tests: Mapping[Test, Experiment] = {
        "pilot": _pilot(case, "run a pilot: human, synthetic and hybrid arms on one real panel"),
        "repeat": _pilot(case, "repeat the pilot with twice the seeds and a larger panel", finer=True),
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
    return _pilot(case, "run a pilot at the planned number of labels and replace the priors by its ratio")


def review(case: Case) -> Review:
    """Say when to decide again and what to look at; faster worlds and stricter duties are looked at more often."""
    months = {"yes": 6, "slow": 3}.get(case.answers["stationary"], 1)
    if case.guarded:
        months = min(months, 3)
    every = {6: "twice a year", 3: "every quarter", 1: "every month"}[months]
    look_at = ["the score on the panel, and how old the panel is", "the answers above: has anyone learned better?"]
    if case.panel_later:
        look_at[0] = "whether anything learns from these rows by now"
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
    when = "before anything learns from the rows" if case.panel_later else "after each cycle"
    return Review(months, f"{when}, and {every} at the latest", tuple(look_at))


def _boundary(domain: Domain | None) -> str:
    judge = f" ({domain.judge})" if domain and domain.judge else ""
    where = f"{domain.boundary}, " if domain else ""
    watched = domain.watched if domain else "a regulator, a court or an attacker looks there"
    return f"the decision-boundary items: {where}each annotated by a named person{judge}, because {watched}"


def _before(case: Case) -> tuple[str, ...]:
    """Say what synthetic rows may do before any is trained on, and what they will serve for afterwards."""
    if begins := case.may_begin:
        return begins.now
    now = ["the pilot itself, demonstrations and load tests: nothing that is released to train or serve"]
    if case.domain and case.strategy == "measure first":
        waits = "it is measured to help" if case.answers["transfer"] == UNKNOWN else "what stands in the way is settled"
        return (*now, *_tests(case), *(f"once {waits}: {each}" for each in case.domain.welcome))
    return (*now, *_tests(case))


def _tests(case: Case) -> tuple[str, ...]:
    """Say what synthetic rows are for where nothing learns from them."""
    if case.domain and case.domain.now:
        return case.domain.now
    return (STRESS,) if case.guarded else ()


def _personal(case: Case) -> tuple[str, ...]:
    if case.facts.personal_data in {"none", UNKNOWN}:
        return ()
    shown = case.domain.shown if case.domain else "rows to show in place of people's own"
    read = "the contract is read, " if case.answers["licence"] == UNKNOWN else ""
    return (f"privacy: {shown}, once {read}the privacy check passes and somebody signs",)


def _pilot(case: Case, words: str, finer: bool = False) -> Experiment:
    each = f", once for each of {', '.join(case.facts.languages)}" if len(case.facts.languages) > 1 else ""
    kept = ", on your own machine until the contract is read" if case.answers["licence"] == UNKNOWN else ""
    options = ["--seeds 10"] if finer else []
    if case.domain:
        options += [f"--metric {case.domain.metric}"] * bool(case.domain.metric) + [case.domain.options]
    command = " ".join(("bimetal pilot ROWS --label LABEL --synthetic GENERATOR --panel PANEL", *filter(None, options)))
    where = "With rows, a panel and a generator in the programme, bimetal pilot alone does it; on bare tables"
    return Experiment(
        f"{words}{each}{kept}. {_sized(case.domain.metric if case.domain else '', finer)}. {where}", command
    )


def _sized(metric: str, finer: bool) -> str:
    """Say how large a panel has to be; `finer` asks for a smaller difference."""
    gap, points = (0.01, "one point") if finer else (0.02, "two points")
    recall, recalls = (0.03, "three points") if finer else (0.05, "five points")
    rare = f"{_items(recall, DIFFER, 10):,}"
    if metric == "recall_at_fpr":
        told = f"What counts is the rare class: {rare} real items of it in the panel tell {recalls} of recall apart"
        return f"{told}, if two models differ on one in ten of them"
    return (
        f"A panel of {_items(gap, 0.06, 100):,} real items tells {points} of accuracy apart, and {rare} items of one "
        f"class tell {recalls} of its recall apart"
    )


@cache
def _items(difference: float, discordance: float, rounded: int) -> int:
    from bimetal.stats.power import items_needed

    return -(-items_needed(difference, discordance) // rounded) * rounded
