"""The decision record: what to do about a dataset, every reason with what it rests on, and its JSON both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

from bimetal.canonical import Json
from bimetal.decision.facts import Facts
from bimetal.decision.measured import Measurement
from bimetal.decision.priors import domains
from bimetal.decision.questions import QUESTIONS
from bimetal.decision.routes import Routes
from bimetal.decision.rules import Strategy
from bimetal.errors import BimetalError, InputError
from bimetal.types import Answer, Finding

if TYPE_CHECKING:
    from cattrs import Converter

FORMAT = 1
QUESTIONS_IN_ORDER = {each.name: at for at, each in enumerate(QUESTIONS)}
Basis = Literal["rule", "prior", "measured", "answer"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its words, its basis, the answers and facts it rests on, and the source of what it says.

    `settles` marks the reasons that settle the strategy or an end of the range; the others would, were these gone.

    >>> print(Reason("synthetic items are not known to be cheaper", "prior", ("cost=unknown",), "judgement"))
    cost=unknown: synthetic items are not known to be cheaper [prior]
    """

    text: str
    basis: Basis
    rests_on: tuple[str, ...]
    source: str = ""
    settles: bool = False

    def __str__(self) -> str:
        return f"{', '.join(self.rests_on) or 'whatever is answered'}: {self.text} [{self.basis}]"


@dataclass(frozen=True, slots=True)
class Experiment:
    """What to find out first, and the command that does it where there is one."""

    words: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.words}: {self.command}" if self.command else self.words


@dataclass(frozen=True, slots=True)
class Review:
    """When to decide again, in months at the latest and in words, and what to look at then."""

    months: int
    words: str
    look_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """What to do about a dataset and why; ratios are synthetic items per human label, low and high.

    `answers` are those that count, `declared` what people said; they differ where something was measured.
    `ratio_basis` says what settles the range, `ratio_reason` in which words; `expected` is the range that would hold if
    a pilot showed that synthetic rows help, where none has. `rules` are the names of binding rules.
    """

    strategy: Strategy
    ratio: tuple[float, float]
    ratio_basis: Literal["measured", "prior", "rule"]
    ratio_reason: str
    expected: tuple[float, float] | None
    answers: tuple[Answer, ...]
    declared: tuple[Answer, ...]
    reasons: tuple[Reason, ...]
    human_subset: tuple[str, ...]
    synthetic_welcome: tuple[str, ...]
    people_first: tuple[str, ...]
    first_experiment: Experiment
    review: Review
    would_change: tuple[str, ...]
    rules: tuple[str, ...]
    routes: Routes
    facts: Facts
    measurements: tuple[Measurement, ...] = ()
    findings: tuple[Finding, ...] = ()
    version: int = field(default=FORMAT, kw_only=True)

    @property
    def values(self) -> dict[str, str]:
        """The answers that count, question to value."""
        return {answer.question: answer.value for answer in self.answers}

    @property
    def sentence(self) -> str:
        """The recommendation in one sentence that can be quoted alone."""
        basis = {"measured": "as measured", "prior": "a prior, not a measurement", "rule": "bound by rule"}
        volume = f"{ratio_words(self.ratio)} ({basis[self.ratio_basis]}: {self.ratio_reason})"
        told = {
            "human only": f"Label by people alone: {self.ratio_reason}.",
            "measure first": f"{self._lead}: {self.ratio_reason}{self._hope}.",
            "hybrid": f"Do both: {volume}; people label {_listed(self.human_subset)}.",
            "synthetic only": f"Generate: train on synthetic rows alone; people label the panel, one label to "
            f"{self.ratio[0]:g} to {self.ratio[1]:g} rows ({basis[self.ratio_basis]}).",
        }
        return told[self.strategy]

    @property
    def _lead(self) -> str:
        domain = domains().get(self.facts.domain)
        return domain.lead if domain and domain.lead and self.expected else "Measure first"

    @property
    def _hope(self) -> str:
        return f"; a pilot that shows a gain would allow {ratio_words(self.expected)}" if self.expected else ""

    def json(self) -> dict[str, Json]:
        """Spell the record as documented keys; `answers` and `declared` are keyed by question."""
        plain = _converter().unstructure(self)
        for name in ("answers", "declared"):
            plain[name] = {each.pop("question"): each for each in plain[name]}
        return cast(dict[str, Json], plain)


def from_json(value: Mapping[str, Any]) -> DecisionRecord:
    """Read a record back; raises InputError for another format, an unknown key or a value that does not fit."""
    from cattrs.errors import BaseValidationError

    version = value.get("version") if isinstance(value, Mapping) else None
    if version != FORMAT:
        raise InputError(
            f"decision record has version {version!r}, expected {FORMAT}", "decide again with: bimetal decide"
        )
    try:
        plain = dict(value)
        for name in ("answers", "declared"):
            ranked = sorted(plain[name].items(), key=lambda each: QUESTIONS_IN_ORDER.get(each[0], len(QUESTIONS)))
            plain[name] = [{**answer, "question": question} for question, answer in ranked]
        return _converter().structure(plain, DecisionRecord)
    except BaseValidationError as group:
        raise InputError(
            f"decision record: {'; '.join(_faults(group))}", "write it with: bimetal decide --json"
        ) from group
    except (KeyError, AttributeError, TypeError) as fault:
        raise InputError(
            "decision record: answers and declared are not tables by question", "write it with: bimetal decide --json"
        ) from fault


def ratio_words(ratio: tuple[float, float]) -> str:
    """Spell a range of synthetic rows per human label.

    >>> ratio_words((1, 4)), ratio_words((0, 1))
    ('1 to 4 synthetic rows per human label', 'up to 1 synthetic row per human label')
    """
    low, high = ratio
    if not high:
        return "no synthetic rows to train on"
    rows = "row" if high == 1 else "rows"
    told = f"{high:g}" if low == high else f"up to {high:g}" if not low else f"{low:g} to {high:g}"
    return f"{told} synthetic {rows} per human label"


def _listed(subset: tuple[str, ...]) -> str:
    names = [each.partition(":")[0] for each in subset]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@cache
def _converter() -> Converter:
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind, takes, words in (
        (bool, (bool,), "true or false"),
        (str, (str,), "text"),
        (int, (int,), "a whole number"),
        (float, (int, float), "a number"),
    ):
        converter.register_structure_hook(kind, _strict(kind, takes, words))
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    return converter


def _strict(kind: type, takes: tuple[type, ...], words: str) -> Any:
    def structure(value: Any, _: Any) -> Any:
        if isinstance(value, bool) is not (kind is bool) or not isinstance(value, takes):
            raise ValueError(f"expected {words}, got {value!r}")
        return kind(value)

    return structure


def _faults(group: Any) -> list[str]:
    from cattrs import transform_error

    def words(fault: BaseException, _: type | None) -> str:
        from cattrs.errors import ForbiddenExtraKeysError

        if isinstance(fault, ForbiddenExtraKeysError):
            return f"unknown key {', '.join(sorted(map(repr, fault.extra_fields)))}"
        if isinstance(fault, KeyError):
            return "required, and missing"
        return fault.message if isinstance(fault, BimetalError) else str(fault)

    lines = (line.rpartition(" @ ") for line in transform_error(group, format_exception=words))
    return sorted(f"{where.removeprefix('$.').replace('$', 'record')}: {fault}" for fault, _, where in lines)
