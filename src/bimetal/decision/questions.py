"""Six questions that settle how much to generate and how much to annotate, with the answers each allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bimetal.errors import InputError
from bimetal.types import Answer

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: how it is asked, why it matters, examples by domain, and what each allowed answer means."""

    name: str
    text: str
    why: str
    examples: tuple[str, ...]
    values: Mapping[str, str]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "grounded",
        "Can the label be grounded in physics or in a formal rule?",
        "A generator that makes the label first and the item from it is right by construction; any other only guesses, "
        "and a guess is worth what the people who check it make it worth.",
        (
            "vision: a rendered street knows its boxes and depths exactly, so yes; what the driver means to do, no",
            "fraud: a simulated card-testing run is fraud by its own script, a disputed payment is not: partly",
            "medicine: a phantom knows where its lesion is; the grade of a real tumour is a reading: partly",
            "text: whether a date stands in a contract is a rule, whether a clause is fair or a reply rude is not: no",
        ),
        {
            "yes": "a simulator, renderer or formal rule makes item and label together",
            "partly": "a rule covers part of the items or part of the label",
            "no": "only people can say what the label is",
            UNKNOWN: "nobody has looked yet; counts as no",
        },
    ),
    Question(
        "regulated",
        "Is the failure mode regulated or adversarial?",
        "Where a wrong answer is a matter of law, or somebody works to cause it, a named person must have drawn the "
        "decision boundary: that is what a court, a regulator or an attacker tests.",
        (
            "medicine: triage, dose and diagnosis are regulated as medical devices: yes",
            "fraud and moderation: the other side adapts to every rule, with or without a regulator: yes",
            "legal and credit: a refusal must be explained to the person refused: yes",
            "text: a help-desk question routed to the wrong queue costs five minutes: no",
        ),
        {
            "no": "a wrong answer costs money or patience, nothing more",
            "yes": "a regulator, a court or an attacker looks at wrong answers",
            UNKNOWN: "nobody has asked the people who would know; counts as yes",
        },
    ),
    Question(
        "stationary",
        "Is the test distribution stationary?",
        "Synthetic volume freezes the world its generator knew; where the world moves, a loop that measures production "
        "comes before volume.",
        (
            "vision: handwritten digits stay: yes; a street camera meets new vehicles and new seasons: slow",
            "medicine: a new scanner or protocol arrives every year or two: slow",
            "fraud: patterns move within weeks of every new rule: no",
            "text: the wording of support requests moves with every product release: no",
        ),
        {
            "yes": "next year's items look like this year's",
            "slow": "it drifts over quarters, and someone measures it",
            "no": "it moves within weeks, or changes suddenly",
            UNKNOWN: "no two periods have been compared; counts as no",
        },
    ),
    Question(
        "licence",
        "What does the data-use contract say about derived works?",
        "Rows that a generator learned from seed rows are derived works: the contract decides if they may exist, who "
        "may use them and under which licence.",
        (
            "vision: CC-BY-4.0 pictures allow derived works with credit: allows; CC-BY-ND-4.0 forbids sharing them",
            "text: encyclopaedia text under CC-BY-SA-4.0 passes its licence on to what is made from it: share-alike",
            "medicine and fraud: consent or a processing contract for one purpose says nothing of training: unknown",
            "legal: a case database licensed for reading alone, or 'non-commercial' for what will be sold: forbids",
        ),
        {
            "allows": "derived works are allowed for this use, perhaps with credit",
            "share-alike": "derived works are allowed under the same licence only",
            "forbids": "derived works are forbidden, outright or for this use",
            UNKNOWN: "the contract is silent, unread or missing; what learned from the rows waits until it is read",
        },
    ),
    Question(
        "transfer",
        "How well does synthetic-to-real transfer, as measured on real held-out items?",
        "It is the one answer that cannot be argued, only measured: by a pilot with human, synthetic and hybrid arms "
        "on one real panel. A vendor's benchmark on other data is not a measurement.",
        (
            "vision: digits rendered from fonts reach 90 % on real handwriting with no human label: helps, not equal",
            "fraud: oversampled positives lift a boosted tree at 20 frauds and do nothing at 130: unclear",
            "text: generated questions in one language say nothing of another: unknown there, until measured",
        ),
        {
            "equal": "synthetic alone is within the pilot's margin of human labels, by its interval",
            "helps": "adding synthetic items raises the real score, and the interval excludes zero",
            "unclear": "the interval of the gain holds zero",
            "harms": "adding synthetic items lowers the real score",
            UNKNOWN: "not measured on this task; nothing synthetic is trained on until it is",
        },
    ),
    Question(
        "cost",
        "Which item is cheaper over its whole life: generated or annotated?",
        "A generator costs building, audit and upkeep; a label costs its capture, its price, its review and its "
        "rework after drift. Only the sums over the programme's horizon compare.",
        (
            "vision: a night-time near miss costs weeks of driving to capture and seconds to render: synthetic",
            "text: at $0.03 a label, a $20,000 generator never pays back within 30,000 items: human",
            "medicine and legal: experts' labels at $20 against a simulator that experts must validate: often similar",
        ),
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
        refuse_other_values(answer.question, answer.value)
        given[answer.question] = answer
    return tuple(given.get(question.name, Answer(question.name, UNKNOWN)) for question in QUESTIONS)


def refuse_other_values(name: str, value: str) -> None:
    """Raise InputError for a question nobody asked, or a value that it does not allow."""
    question = next((each for each in QUESTIONS if each.name == name), None)
    if question is None:
        known = ", ".join(each.name for each in QUESTIONS)
        raise InputError(f"no question is called {name!r}", f"answer these: {known}")
    if value not in question.values:
        raise InputError(
            f"{name} is {value!r}, expected one of: {', '.join(question.values)}",
            "choose one of these values; 'unknown' is an honest one",
        )


def meaning(name: str, value: str) -> str:
    """Say what an answer means, in the question's own words.

    >>> meaning("licence", "share-alike")
    'derived works are allowed under the same licence only'
    """
    return next(each.values[value] for each in QUESTIONS if each.name == name)
