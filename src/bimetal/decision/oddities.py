"""Where answers and facts do not sit well together: worth a second look, never a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from bimetal.decision.facts import Facts
from bimetal.decision.priors import domains
from bimetal.types import Finding

CHECK = "answers_and_facts"
GUARDED = ("driving", "medical-imaging", "fraud", "moderation", "legal", "red-team")
OF_PEOPLE = ("medical-imaging", "fraud", "speech")
IN_LANGUAGES = ("text", "audio")

_Seen: TypeAlias = tuple[bool, str, str, str]  # whether it holds, where, what is odd, the way out


def odd(answers: Mapping[str, str], facts: Facts) -> tuple[Finding, ...]:
    """Find answers and facts that seldom go together.

    >>> answers = {"regulated": "no", "grounded": "partly"}
    >>> [each.where for each in odd(answers, Facts(domain="fraud", personal_data="personal"))]
    ['regulated']
    """
    seen = (*_domain(answers, facts), *_generator(answers, facts))
    return tuple(
        Finding(CHECK, "warn", message, remedy=way_out, where=where) for holds, where, message, way_out in seen if holds
    )


def _domain(answers: Mapping[str, str], facts: Facts) -> tuple[_Seen, ...]:
    named = domains().get(facts.domain)
    words = named.words if named else ""
    return (
        (
            facts.domain in GUARDED and answers["regulated"] == "no",
            "regulated",
            f"regulated is declared no, yet failures in {words} are mostly regulated or adversarial",
            "ask whoever answers for failures, and set answers.regulated",
        ),
        (
            facts.domain in OF_PEOPLE and facts.personal_data == "none",
            "personal_data",
            f"personal_data is none, yet rows in {words} mostly speak of a person",
            "ask whoever answers for privacy, and set facts.personal_data",
        ),
        (
            facts.modality in IN_LANGUAGES and not facts.languages,
            "languages",
            f"the rows are {facts.modality} and no language is named, so no language is guarded",
            'name them in facts.languages, such as ["en", "th"]',
        ),
    )


def _generator(answers: Mapping[str, str], facts: Facts) -> tuple[_Seen, ...]:
    return (
        (
            facts.simulator == "none" and answers["grounded"] in {"yes", "partly"},
            "simulator",
            "the label can be grounded, yet there is no generator that would do it",
            "build or buy one, or set facts.simulator",
        ),
        (
            facts.simulator == "vendor" and facts.vendor.training_data == "undeclared",
            "vendor",
            "the vendor does not declare what its generator was trained on: its rows inherit unknown terms",
            "ask for the declaration before buying, or generate in-house",
        ),
    )
