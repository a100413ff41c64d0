"""Rules that turn six answers into a strategy and a range of synthetic items per human label."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bimetal.decision.questions import QUESTIONS, UNKNOWN, complete
from bimetal.types import Answer, DecisionRecord

Strategy = Literal["human only", "synthetic only", "hybrid", "measure first"]

# Nine in ten items can be synthetic at little cost, the last tenth is dear (arXiv 2410.13098);
# one human item in a hundred is the least that still watches a generator.
START = (9.0, 99.0)
PANEL = "the evaluation panel: real items with human labels, never trained on"


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows where every answer of `when` is among those named.

    `cap` bounds the range of synthetic items per human label from above, low and high: rules can lower it,
    none can raise it. `basis` says where that number comes from: a hard rule, or a prior (a judgement).
    """

    when: Mapping[str, tuple[str, ...]]
    reason: str
    basis: Literal["rule", "prior"]
    cap: tuple[float, float] = (math.inf, math.inf)
    strategy: Strategy | None = None
    human_subset: str = ""
    experiment: str = ""


NOTHING = (0.0, 0.0)
NO_CONTRACT = ("forbids", UNKNOWN)
GUESSED = ("no", UNKNOWN)

# Read from the top: the first rule that fires and names a strategy settles it.
RULES: tuple[Rule, ...] = (
    # hard rules
    Rule(
        {"licence": ("forbids",), "grounded": ("no",)},
        "nothing may be derived from the seed rows and no rule makes labels, so no generator is left",
        "rule",
        NOTHING,
        "human only",
    ),
    Rule(
        {"transfer": (UNKNOWN,)},
        "transfer to real items is not measured, so no synthetic volume is justified yet",
        "rule",
        NOTHING,
        "measure first",
        experiment="run a pilot: human, synthetic and hybrid arms on one real, human-labelled panel",
    ),
    Rule({"transfer": ("harms",)}, "synthetic items lower the score on real items", "rule", NOTHING, "human only"),
    Rule(
        {"licence": (UNKNOWN,), "grounded": GUESSED},
        "the contract is not known and no rule makes labels: nothing may be generated until it is read",
        "rule",
        NOTHING,
        "measure first",
        experiment="have the data-use contract read for derived works",
    ),
    Rule(
        {"licence": ("forbids",), "grounded": (UNKNOWN,)},
        "nothing may be derived from the seed rows, and whether a rule makes labels is not known",
        "rule",
        NOTHING,
        "measure first",
        experiment="find out whether a simulator or a formal rule can make the label",
    ),
    Rule(
        {"licence": NO_CONTRACT, "grounded": ("yes", "partly")},
        "generate from rules and simulators alone: none may learn from the seed rows",
        "rule",
    ),
    Rule({"licence": ("share-alike",)}, "rows learned from the seed rows carry the seed rows' licence", "rule"),
    Rule(
        {"regulated": ("yes", UNKNOWN)},
        "people draw the decision boundary where the failure mode is, or may be, regulated or adversarial",
        "rule",
        human_subset="the decision-boundary items: each annotated by a named person",
    ),
    Rule(
        {"stationary": GUESSED},
        "a working loop against production comes before synthetic volume: at most one to one until it runs",
        "rule",
        (0.0, 1.0),
        human_subset="a random stream from production, every period",
        experiment="compare two periods of production for drift",
    ),
    # priors: numbers to be replaced by the pilot's own
    Rule({"regulated": ("yes", UNKNOWN)}, "the human share stays large where people answer for it", "prior", (1.0, 4)),
    Rule({"stationary": ("slow",)}, "slow drift ages synthetic items with their generator", "prior", (1.0, 9)),
    Rule({"grounded": ("partly",)}, "part of the synthetic labels are guesses", "prior", (1.0, 9)),
    Rule({"grounded": GUESSED}, "synthetic labels are guesses unless people review them", "prior", (0.5, 3)),
    Rule({"transfer": ("helps",)}, "synthetic items help but do not stand alone", "prior", (1.0, 19)),
    Rule(
        {"transfer": ("unclear",)},
        "the gain may be nil",
        "prior",
        (0.0, 1.0),
        experiment="repeat the pilot with more seeds and a larger panel, until the interval excludes zero",
    ),
    Rule({"cost": ("similar", UNKNOWN)}, "synthetic items are not known to be cheaper", "prior", (0.5, 9)),
    Rule({"cost": ("human",)}, "labels are cheaper: generate only what people cannot collect", "prior", (0.0, 1.0)),
    Rule(
        {
            "grounded": ("yes",),
            "regulated": ("no",),
            "stationary": ("yes",),
            "transfer": ("equal",),
            "cost": ("synthetic",),
        },
        "labels right by construction, measured equal to human ones and cheaper: people label the panel alone",
        "prior",
        strategy="synthetic only",
    ),
)


def decide(answers: Mapping[str, Answer] | tuple[Answer, ...]) -> DecisionRecord:
    """Recommend a strategy and a range of synthetic items per human label; a question left out is unknown.

    Every reason begins with the answers it rests on and ends with its basis. Raises InputError for a
    question or a value that does not exist.

    >>> record = decide((Answer("transfer", "helps"), Answer("grounded", "yes"), Answer("regulated", "yes")))
    >>> record.strategy, record.ratio
    ('hybrid', (0.0, 1.0))
    >>> record.reasons[-1]
    'cost=unknown: synthetic items are not known to be cheaper [prior]'
    """
    full = complete(answers)
    said = {answer.question: answer.value for answer in full}
    fired = _fired(said)
    strategy, ratio = _outcome(fired)
    return DecisionRecord(
        strategy=strategy,
        ratio=ratio,
        answers=full,
        reasons=tuple(_reason(rule, said) for rule in fired) or (_nothing_against(said),),
        human_subset="; ".join([PANEL, *(rule.human_subset for rule in fired if rule.human_subset)]),
        first_experiment=next((rule.experiment for rule in fired if rule.experiment), _confirm(strategy)),
        would_change=_would_change(said, strategy, ratio),
    )


def _fired(said: Mapping[str, str]) -> list[Rule]:
    return [rule for rule in RULES if all(said[name] in values for name, values in rule.when.items())]


def _outcome(fired: list[Rule]) -> tuple[Strategy, tuple[float, float]]:
    low = min(START[0], *(rule.cap[0] for rule in fired)) if fired else START[0]
    high = min(START[1], *(rule.cap[1] for rule in fired)) if fired else START[1]
    strategy: Strategy = next((rule.strategy for rule in fired if rule.strategy), "hybrid")
    return strategy, (float(low), float(high))


def _reason(rule: Rule, said: Mapping[str, str]) -> str:
    return f"{', '.join(f'{name}={said[name]}' for name in rule.when)}: {rule.reason} [{rule.basis}]"


def _nothing_against(said: Mapping[str, str]) -> str:
    return f"{', '.join(f'{name}={value}' for name, value in said.items())}: nothing speaks against volume [prior]"


def _confirm(strategy: Strategy) -> str:
    if strategy == "human only":
        return "measure agreement between annotators on a first hundred items"
    return "run a pilot at the planned number of labels and replace the priors by its measured ratio"


def _would_change(said: Mapping[str, str], strategy: Strategy, ratio: tuple[float, float]) -> tuple[str, ...]:
    changes = []
    for question in QUESTIONS:
        for value in question.values:
            other, range_ = _outcome(_fired({**said, question.name: value}))
            if (other, range_) != (strategy, ratio):
                changes.append(f"{question.name}={value}: {other}, {range_[0]:g} to {range_[1]:g} per human label")
    return tuple(changes) or ("no one answer alone: two or more would have to change",)
