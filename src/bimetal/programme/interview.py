"""The interview that opens a programme: facts and six questions as prompts any face can show, answers put in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bimetal.decision import QUESTIONS, Facts, domains, faults
from bimetal.decision.facts import MODALITIES, PERSONAL_DATA, SIMULATORS
from bimetal.errors import InputError
from bimetal.programme.config import About, Config, Said

CLEAR = "-"
YES_NO = {"yes": "", "no": "", "unknown": ""}
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")  # other commas may stand for a decimal point: not guessed


@dataclass(frozen=True)
class Prompt:
    """One thing to ask: its key, the question, why it matters, examples, and the values allowed with their meaning.

    No values means free text; `many` takes several, comma between; `evidence` asks on what evidence as well.
    An empty reply keeps what stands, `-` makes a fact unknown again.
    """

    key: str
    text: str
    why: str = ""
    examples: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    many: bool = False
    evidence: bool = False

    def fault(self, reply: str) -> str:
        """Say why a reply cannot be taken; nothing where it can.

        >>> next(each for each in prompts() if each.key == "jurisdictions").fault("eu")
        "give ISO 3166 codes or 'EU'"
        """
        if not reply or (reply == CLEAR and not self.evidence):
            return ""
        if self.values:
            return "" if reply in self.values else f"answer one of: {', '.join(self.values)}"
        if self.key not in Facts.__dataclass_fields__:
            return ""
        try:
            found = faults(replace(Facts(), **{self.key: _value(self, reply)}))
        except InputError as wrong:
            return wrong.hint
        return f"give {found[0].partition('expected ')[2].rpartition(', got ')[0]}" if found else ""


def prompts() -> tuple[Prompt, ...]:
    """List what is asked, facts first.

    >>> [each.key for each in prompts()][-6:]
    ['grounded', 'regulated', 'stationary', 'licence', 'transfer', 'cost']
    """
    six = (Prompt(each.name, each.text, each.why, each.examples, each.values, evidence=True) for each in QUESTIONS)
    return (*_facts(), *six)


def answered(start: Config, name: str, replies: Mapping[str, str], who: str, on: date) -> Config:
    """Put replies into a configuration; an evidence stands under its question's key and '.evidence'.

    An empty reply keeps what stands; an answer that changes, or that nobody gave before, is `who`'s, of the day `on`.

    Raises InputError for a reply that cannot be taken.
    """
    for prompt in prompts():
        reply = replies.get(prompt.key, "").strip()
        if wrong := prompt.fault(reply):
            raise InputError(f"{prompt.key} got {reply!r}", wrong)
    about = replace(start.programme, name=name, purpose=replies.get("purpose", "").strip() or start.programme.purpose)
    return replace(
        start, programme=about, facts=_stated(start.facts, replies), answers=_said(start.answers, replies, who, on)
    )


def adopted(config: Config, on: date) -> Config:
    """Date the answers that somebody gave on no day: taking a preset over is saying it that day."""
    answers = {
        name: replace(said, on=on.isoformat()) if said.said_by and not said.on else said
        for name, said in config.answers.items()
    }
    return replace(config, answers=answers)


def standing(config: Config) -> dict[str, str]:
    """Spell a configuration as the replies that would give it: what an interview offers to keep."""
    known: dict[str, str] = {"purpose": config.programme.purpose}
    for prompt in _facts():
        value = getattr(config.facts, prompt.key, "")
        spelled = ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        known.setdefault(prompt.key, spelled)
    for question in QUESTIONS:
        said = config.answers.get(question.name, Said())
        known |= {question.name: said.value, f"{question.name}.evidence": said.evidence}
    return known


def empty(name: str) -> Config:
    """Give a configuration in which nothing is known yet.

    >>> empty("claims").answers["transfer"].value
    'unknown'
    """
    return Config(About(name), answers={each.name: Said() for each in QUESTIONS})


def _facts() -> tuple[Prompt, ...]:
    return (
        Prompt("purpose", "What is the model for?", examples=("flag card payments to be looked at by a person",)),
        Prompt("domain", "Which field is it nearest to?", "Priors differ by field.", values=_domains()),
        Prompt("modality", "What is an item?", values=dict.fromkeys(MODALITIES, "")),
        Prompt(
            "languages",
            "Which languages do items come in?",
            "Transfer measured in one language says nothing of another.",
            ("en, th, pt-BR (BCP 47 tags); nothing where items hold no language",),
            many=True,
        ),
        Prompt("jurisdictions", "Under which law does it run?", examples=("EU, US, TH (ISO 3166)",), many=True),
        Prompt("personal_data", "Do rows speak of people?", values=PERSONAL_DATA),
        Prompt("runs_in", "Where will it run?", examples=("on a phone; in a data centre in the EU",)),
        Prompt("commercial", "Is the result sold, or used to earn?", "Some licences forbid it.", values=YES_NO),
        Prompt("currency", "In which currency do you count?", examples=("EUR (ISO 4217)",)),
        Prompt("miss_cost", "What does one miss cost?", "Where misses cost more, people label where they hide."),
        Prompt("false_alarm_cost", "What does one false alarm cost?"),
        Prompt("simulator", "Where would synthetic rows come from?", values=SIMULATORS),
    )


def _domains() -> dict[str, str]:
    return {name: each.words for name, each in domains().items()}


def _stated(facts: Facts, replies: Mapping[str, str]) -> Facts:
    given: dict[str, Any] = {}
    for prompt in _facts():
        reply = replies.get(prompt.key, "").strip()
        if prompt.key == "purpose" or not reply:
            continue
        given[prompt.key] = getattr(Facts(), prompt.key) if reply == CLEAR else _value(prompt, reply)
    return replace(facts, **given)


def _value(prompt: Prompt, reply: str) -> Any:
    if prompt.many:
        return tuple(each for each in re.split(r"[,\s]+", reply) if each)
    if prompt.key.endswith("_cost"):
        try:
            return float(reply.replace(",", "") if THOUSANDS.fullmatch(reply) else reply)
        except ValueError as fault:
            raise InputError(f"{prompt.key} got {reply!r}", "give an amount of money such as 1250.50") from fault
    return reply


def _said(before: Mapping[str, Said], replies: Mapping[str, str], who: str, on: date) -> dict[str, Said]:
    answers = dict(before)
    for question in QUESTIONS:
        known = answers.get(question.name, Said())
        value = replies.get(question.name) or known.value
        held = known.evidence if value == known.value else ""  # what spoke for another answer does not for this one
        evidence = replies.get(f"{question.name}.evidence", "").strip() or held
        heard = bool(replies.get(question.name)) and not known.said_by
        if heard or (value, evidence) != (known.value, known.evidence):
            answers[question.name] = Said(value, who, on.isoformat(), evidence)
    return answers
