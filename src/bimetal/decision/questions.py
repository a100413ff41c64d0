"""Six questions that settle how much to generate and how much to annotate, with the answers each allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bimetal.errors import InputError
from bimetal.types import Answer

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: how it is asked, why it matters, an example, and what each allowed answer means."""

    name: str
    text: str
    why: str
    example: str
    values: Mapping[str, str]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "grounded",
        "Can the label be grounded in physics or in a formal rule?",
        "A generator that makes the label first and the item from it is right by construction; any other only guesses.",
        "A rendered scene knows its boxes exactly; whether a reply is rude is known to people alone.",
        {
            "yes": "a simulator, renderer or formal rule makes item and label together",
            "partly": "a rule covers part of the items or part of the label",
            "no": "only people can say what the label is",
            UNKNOWN: "nobody has looked yet",
        },
    ),
    Question(
        "regulated",
        "Is the failure mode regulated or adversarial?",
        "Where a wrong answer is a matter of law or of attack, a named person must have drawn the decision boundary.",
        "Credit refusals and medical triage are regulated; fraud and jailbreaks are adversarial.",
        {
            "no": "a wrong answer costs money or patience, nothing more",
            "yes": "a regulator, a court or an attacker looks at wrong answers",
            UNKNOWN: "nobody has asked the people who would know",
        },
    ),
    Question(
        "stationary",
        "Is the test distribution stationary?",
        "Synthetic volume freezes yesterday's world; where the world moves, a measuring loop comes before volume.",
        "Handwritten digits stay; the wording of support requests moves with every product release.",
        {
            "yes": "next year's items look like this year's",
            "slow": "it drifts over quarters, and someone measures it",
            "no": "it moves within weeks, or changes suddenly",
            UNKNOWN: "no two periods have been compared",
        },
    ),
    Question(
        "licence",
        "What does the data-use contract say about derived works?",
        "Rows that a generator learned from seed rows are derived works: the contract decides if they may exist.",
        "CC-BY-4.0 allows them with credit, CC-BY-SA-4.0 passes itself on, CC-BY-ND-4.0 forbids sharing them.",
        {
            "allows": "derived works are allowed, perhaps with credit",
            "share-alike": "derived works are allowed under the same licence only",
            "forbids": "derived works are forbidden",
            UNKNOWN: "the contract is silent, unread or missing",
        },
    ),
    Question(
        "transfer",
        "How well does synthetic-to-real transfer, as measured on real held-out items?",
        "It is the one answer that cannot be argued, only measured: by a pilot with human, synthetic and hybrid arms.",
        "Digits rendered from fonts reach 90 % on real handwriting with no human label: they help, they do not equal.",
        {
            "equal": "synthetic alone is within the pilot's margin of human labels, by its interval",
            "helps": "adding synthetic items raises the real score, and the interval excludes zero",
            "unclear": "the interval of the gain holds zero",
            "harms": "adding synthetic items lowers the real score",
            UNKNOWN: "not measured on this task",
        },
    ),
    Question(
        "cost",
        "Which item is cheaper over its whole life: generated or annotated?",
        "A generator costs building and upkeep; a label costs its price, its review and its rework after drift.",
        "At $0.03 a label, a $20,000 generator never pays back within 30,000 items.",
        {
            "synthetic": "a generated item costs clearly less, building and upkeep included",
            "similar": "the ranges overlap",
            "human": "an annotated item costs clearly less",
            UNKNOWN: "not added up yet",
        },
    ),
)


def complete(answers: Mapping[str, Answer] | tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Put answers in the order of the questions; one left out counts as unknown.

    Raises InputError for a question nobody asked, one answered twice, or a value that is not allowed.

    >>> [answer.value for answer in complete((Answer("cost", "similar"),))]
    ['unknown', 'unknown', 'unknown', 'unknown', 'unknown', 'similar']
    """
    given: dict[str, Answer] = {}
    for answer in answers.values() if isinstance(answers, Mapping) else answers:
        if answer.question in given:
            raise InputError(f"{answer.question!r} is answered twice", "keep one answer to each question")
        given[answer.question] = answer
    known = [question.name for question in QUESTIONS]
    for name in given:
        if name not in known:
            raise InputError(f"no question is called {name!r}", f"answer these: {', '.join(known)}")
    for question in QUESTIONS:
        _refuse_other_values(question, given.get(question.name))
    return tuple(given.get(name, Answer(name, UNKNOWN)) for name in known)


def _refuse_other_values(question: Question, answer: Answer | None) -> None:
    if answer is not None and answer.value not in question.values:
        raise InputError(
            f"{question.name} is {answer.value!r}, expected one of: {', '.join(question.values)}",
            "choose one of these values; 'unknown' is an honest one",
        )
