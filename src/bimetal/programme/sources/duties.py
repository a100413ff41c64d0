"""What a source still owes: the same facts of every kind, with the few that only one kind can owe."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bimetal.programme.sources.source import CLASSES, UNKNOWN, Source, class_of
from bimetal.types import Finding

if TYPE_CHECKING:
    from bimetal.types import Verdict

GUARANTEE = "the facts are those a person stated; whether they are true is not judged"
NO_GROUND = ("contract", "legitimate interest")  # for special data: GDPR Art. 9(2) does not know them
RULES = ("formal rule", "simulator")  # how the origin of a generator without a model begins


@dataclass(frozen=True, slots=True)
class Duty:
    """A fact that is owed: what is wrong where it is not given, the option that gives it, and who owes it."""

    fact: str
    option: str
    fault: Callable[[Source], str | None]
    worst: Verdict = "fail"
    owed_by: Callable[[Source], bool] = lambda _: True

    def finding(self, source: Source) -> Finding:
        fault = self.fault(source)
        if fault is None:
            message = f"{self.fact} is stated"
            return Finding(f"source-{self.fact}", "pass", message, guarantee=GUARANTEE, where=source.name)
        remedy = f"bimetal source add {shlex.quote(source.name)} {self.option}"
        return Finding(f"source-{self.fact}", self.worst, fault, None, None, GUARANTEE, remedy, source.name)


def duties(source: Source) -> tuple[Finding, ...]:
    """Say of every fact that a source owes whether it is there; the remedy names the option that gives it.

    What blocks a release or an audit fails, what a reader will miss warns.

    >>> [each.message for each in duties(Source("web", "public")) if each.verdict == "fail"][0]
    'nobody said where it comes from'
    """
    return tuple(duty.finding(source) for duty in DUTIES if duty.owed_by(source))


def missing(source: Source) -> tuple[Finding, ...]:
    """List only the duties that are not fulfilled."""
    return tuple(each for each in duties(source) if each.verdict != "pass")


def _blank(fact: str, words: str) -> Callable[[Source], str | None]:
    return lambda source: words if getattr(source, fact) in {"", UNKNOWN} else None


def _of(*kinds: str) -> Callable[[Source], bool]:
    return lambda source: source.kind in kinds


def _about_people(source: Source) -> bool:
    return source.kind != "endpoint" and class_of(source.personal_data) != CLASSES[0]


def _gathered(source: Source) -> bool:
    # rows drawn by a generator were never collected anywhere, and an endpoint holds none
    return source.kind not in {"generator", "endpoint"}


def _purpose_binds(source: Source) -> bool:
    return source.kind == "production" or _about_people(source)


def _basis(source: Source) -> str | None:
    if source.basis == UNKNOWN:
        unknown = source.personal_data == UNKNOWN
        return (
            f"it holds {'data that may be personal' if unknown else source.personal_data + ' data'} on no stated basis"
        )
    if source.basis == "not personal":
        return f"the basis is 'not personal', yet personal data is {source.personal_data!r}"
    if source.personal_data == "special" and source.basis in NO_GROUND:
        return f"{source.basis} is no ground for special data under GDPR Art. 9"
    return None


def _vendor_inputs(source: Source) -> str | None:
    roles = {each.role for each in source.inputs}
    by_people = "annotators" in roles and "generator-model" not in roles
    return None if "training-data" in roles or by_people else "the vendor does not declare what it was made with"


def _input_licences(source: Source) -> str | None:
    unknown = [f"{each.role} {each.name!r}" for each in source.inputs if each.licence.casefold() == UNKNOWN]
    return f"the licence of its {unknown[0]} is unknown, which blocks release" if unknown else None


def _generator_inputs(source: Source) -> str | None:
    has_model = any(each.role == "generator-model" for each in source.inputs)
    by_rule = source.origin.casefold().startswith(RULES)
    return None if has_model or by_rule else "neither a model nor a formal rule stands behind it"


DUTIES = (
    Duty("origin", "--origin TEXT", _blank("origin", "nobody said where it comes from")),
    Duty("collector", "--collector NAME", _blank("collector", "nobody said who collected or runs it"), "warn"),
    Duty(
        "collected",
        "--collected 2025-01-01/2025-06-30",
        _blank("collected", "nobody said when it was collected"),
        "warn",
        _gathered,
    ),
    Duty(
        "purpose",
        "--purpose TEXT",
        _blank("purpose", "nobody said what the data were first collected for"),
        "fail",
        _purpose_binds,
    ),
    Duty(
        "purpose",
        "--purpose TEXT",
        _blank("purpose", "nobody said what it is for"),
        "warn",
        lambda source: not _purpose_binds(source),
    ),
    Duty(
        "personal-data",
        f"--personal-data CLASS ({', '.join(CLASSES)})",
        _blank("personal_data", "nobody said whether it holds personal data: unknown, so treated as personal"),
        "fail",
        lambda source: source.kind != "endpoint",
    ),
    Duty("basis", "--basis BASIS, such as consent", _basis, "fail", _about_people),
    Duty("geography", "--geography TEXT", _blank("geography", "nobody said where it is from"), "warn", _gathered),
    Duty(
        "region",
        "--region REGION, such as EU",
        _blank("region", "nobody said where it may be processed, so it stays local"),
        "warn",
        lambda source: source.kind != "endpoint",
    ),
    Duty("licence", "--licence EXPRESSION", _blank("licence", "its licence is unknown, which blocks release")),
    Duty("input-licences", "--input ROLE=NAME:LICENCE", _input_licences, "fail", lambda source: bool(source.inputs)),
    Duty("contract", "--contract FILE", _blank("contract", "no contract stands behind it"), "fail", _of("vendor")),
    Duty("claims", "--claims TEXT", _blank("claims", "what the vendor claims is not stated"), "warn", _of("vendor")),
    Duty(
        "inputs",
        "--input training-data=NAME:LICENCE (or annotators=NAME:LICENCE where people labelled the rows)",
        _vendor_inputs,
        "fail",
        _of("vendor"),
    ),
    Duty(
        "contract",
        "--contract FILE",
        _blank("contract", "neither a contract nor a guideline of the people stands behind it"),
        "warn",
        _of("people"),
    ),
    Duty(
        "inputs",
        "--input generator-model=NAME:LICENCE (or --origin 'formal rule: ...' for one without a model)",
        _generator_inputs,
        "fail",
        _of("generator"),
    ),
    Duty("url", "--url https://host/path", _blank("url", "nobody said where it is reached"), "fail", _of("endpoint")),
    Duty(
        "region",
        "--region REGION, such as EU",
        _blank("region", "nobody said where it runs, so nothing may be sent there"),
        "fail",
        _of("endpoint"),
    ),
    Duty(
        "accepts",
        f"--accepts CLASS ({', '.join(CLASSES)})",
        _blank("accepts", "nobody said which data it accepts, so it gets none about people"),
        "fail",
        _of("endpoint"),
    ),
    Duty(
        "contract",
        "--contract FILE",
        _blank("contract", "it is sent data about people and no contract stands behind that"),
        "fail",
        lambda source: source.kind == "endpoint" and source.accepts not in {CLASSES[0], UNKNOWN},
    ),
)
