"""Hard rules: what the answers alone settle, whatever anybody hopes; priors, which a pilot replaces, stand apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bimetal.decision.questions import UNKNOWN

Strategy = Literal["human only", "synthetic only", "hybrid", "measure first"]
Test = Literal["", "pilot", "contract", "ground", "drift", "repeat", "agreement"]
Cap = tuple[float, float]

NOTHING: Cap = (0.0, 0.0)
GUESSED = ("no", UNKNOWN)
LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows where every answer or fact of `when` is among those named, and none of `unless` is.

    `cap` bounds the synthetic items per human label from above, low and high: a rule can lower the range, none can
    raise it. `basis` says where that comes from: a hard rule, or a prior (a published figure or a judgement, by
    `source`). It yields to a measurement of what `yields_to` names, a running loop among them. `test` is the experiment
    it calls for.
    """

    name: str
    when: Mapping[str, tuple[str, ...]]
    reason: str
    basis: Literal["rule", "prior"] = "rule"
    cap: Cap | None = None
    strategy: Strategy | None = None
    test: Test = ""
    source: str = ""
    yields_to: str = ""
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fires(self, said: Mapping[str, str]) -> bool:
        """Whether the answers and facts are such that the rule speaks."""
        holds = all(said[name] in values for name, values in self.when.items())
        return holds and not any(said[name] in values for name, values in self.unless.items())


# Read from the top: the first that fires and names a strategy settles it.
RULES: tuple[Rule, ...] = (
    Rule(
        "no-way-left",
        {"licence": ("forbids",), "grounded": ("no",)},
        "nothing may be derived from the seed rows and no rule makes labels, so no generator is left",
        cap=NOTHING,
        strategy="human only",
        test="agreement",
    ),
    Rule(
        "transfer-first",
        {"transfer": (UNKNOWN,)},
        "transfer to real items is not measured, so no synthetic volume to train on is justified yet",
        cap=NOTHING,
        strategy="measure first",
        test="pilot",
    ),
    Rule(
        "harm",
        {"transfer": ("harms",)},
        "synthetic items lower the score on real items",
        cap=NOTHING,
        strategy="human only",
        test="agreement",
    ),
    Rule(
        "contract-first",
        {"licence": (UNKNOWN,), "grounded": GUESSED},
        "the contract is not known and no rule makes labels: nothing generated is released until it is read",
        cap=NOTHING,
        strategy="measure first",
        test="contract",
    ),
    Rule(
        "ground-first",
        {"licence": ("forbids",), "grounded": (UNKNOWN,)},
        "nothing may be derived from the seed rows, and whether a rule makes labels is not known",
        cap=NOTHING,
        strategy="measure first",
        test="ground",
    ),
    Rule(
        "rules-alone",
        {"licence": ("forbids",), "grounded": ("yes", "partly")},
        "generate from rules and simulators alone: none may learn from the seed rows",
    ),
    Rule(
        "contract-unread",
        {"licence": (UNKNOWN,), "grounded": ("yes", "partly")},
        "nothing learned from the seed rows may be released until the contract is read",
    ),
    Rule(
        "same-licence",
        {"licence": ("share-alike",)},
        "rows learned from the seed rows carry the seed rows' licence, and so may a model trained on them",
    ),
    Rule(
        "boundary",
        {"regulated": ("yes", UNKNOWN)},
        "people draw the decision boundary where the failure mode is, or may be, regulated or adversarial",
    ),
    Rule(
        "loop-first",
        {"stationary": GUESSED},
        "a working loop against production comes before synthetic volume",
        cap=(0.0, 1.0),
        test="drift",
        yields_to=LOOP,
    ),
    Rule(
        "gain-first",
        {"transfer": ("unclear",)},
        "a pilot has run, and its interval holds no gain as well as some",
        cap=NOTHING,
        strategy="measure first",
        test="repeat",
    ),
    Rule(
        "personal",
        {"personal_data": ("pseudonymous", "personal", "special", UNKNOWN)},
        "rows made from personal rows count as personal until the privacy check passes and somebody accepts the rest",
    ),
    Rule(
        "each-language",
        {"languages": ("named",)},
        "transfer measured in one language says nothing of another: each is labelled by people and measured first",
    ),
    Rule(
        "read-as-sold",
        {"commercial": (UNKNOWN,)},
        "whether the result is sold is not known, so every licence is read as if it were",
    ),
    Rule(
        "whose-law",
        {"jurisdictions": ("not named",), "regulated": ("yes", UNKNOWN)},
        "under whose law failures are judged is not known, so no duty is left out on the ground that it does not apply",
    ),
    Rule(
        "where-it-runs",
        {"runs_in": ("not named",), "personal_data": ("pseudonymous", "personal", "special", UNKNOWN)},
        "where it runs is not known, so personal rows and prompts reach no endpoint until its region is registered",
    ),
    Rule(
        "no-modality",
        {"modality": ("not named",)},
        "no modality is named, so only the priors that hold for every one of them are used",
    ),
    Rule(
        "both-sides",
        {"costlier_failure": (UNKNOWN,), "regulated": ("yes", UNKNOWN)},
        "which failure costs more is not known, so the boundary is drawn on both sides of the threshold",
    ),
    Rule(
        "side-of-misses",
        {"costlier_failure": ("miss",)},
        "a miss costs more than a false alarm, so people label below the threshold too, where misses hide",
    ),
    Rule(
        "side-of-alarms",
        {"costlier_failure": ("false alarm",)},
        "a false alarm costs more than a miss, so people label above the threshold first, where alarms are raised",
    ),
)
