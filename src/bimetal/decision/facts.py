"""Facts of a programme beside its six answers: what the data are, whose, where they run, what a failure costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bimetal.decision.priors import domains

UNKNOWN = "unknown"
NAMED, NOT_NAMED = "named", "not named"
MODALITIES = ("image", "video", "text", "audio", "table", "preference", "multimodal")
PERSONAL_DATA = {
    "none": "no row speaks of a person",
    "pseudonymous": "names are replaced, a key exists somewhere",
    "personal": "a row can be tied to a person",
    "special": "health, belief, origin, biometrics and the like, or children",
    UNKNOWN: "nobody has looked; counts as personal",
}
YES_NO = ("yes", "no", UNKNOWN)
SIMULATORS = {
    "in-house": "a generator of one's own exists or would be built",
    "vendor": "a vendor's generator or rows would be bought",
    "none": "there is none, and none is planned",
    UNKNOWN: "nobody has looked",
}
TRAINING_DATA = ("declared", "undeclared", UNKNOWN)

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # the shape of BCP 47, not its registry
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166, and EU


@dataclass(frozen=True, slots=True)
class Vendor:
    """What a vendor of generated rows, or of a generator, says of its goods; 'unknown' where nobody asked.

    `training_data` is declared, undeclared or unknown; `output_licence` an SPDX expression, empty where not known;
    `replayable`, `audit`, `indemnity` and `deletion` are yes, no or unknown; `row_price` is money per row.
    """

    name: str = ""
    training_data: str = UNKNOWN
    output_licence: str = ""
    replayable: str = UNKNOWN
    audit: str = UNKNOWN
    indemnity: str = UNKNOWN
    deletion: str = UNKNOWN
    region: str = ""
    row_price: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a programme; every fact may be left unknown, and that has consequences.

    `languages` are BCP 47 tags, `jurisdictions` ISO 3166 codes or EU. Money is in `currency` (ISO 4217): `miss_cost`
    and `false_alarm_cost` per failure, `build_cost` for a generator of one's own.
    """

    modality: str = ""
    domain: str = ""
    languages: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    personal_data: str = UNKNOWN
    runs_in: str = ""
    commercial: str = UNKNOWN
    miss_cost: float | None = None
    false_alarm_cost: float | None = None
    currency: str = "EUR"
    rows_wanted: int | None = None
    simulator: str = UNKNOWN
    build_cost: float | None = None
    vendor: Vendor = Vendor()


def faults(facts: Facts) -> list[str]:
    """List what is wrong with facts, each with its path, what was expected and what stands there.

    >>> faults(Facts(modality="smell"))
    ["facts.modality: expected one of image, video, text, audio, table, preference, multimodal, got 'smell'"]
    """
    return [*_word_faults(facts), *_code_faults(facts), *_amount_faults(facts)]


def said(answers: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Put answers and the facts that rules read into one mapping of plain values.

    >>> said({"cost": "human"}, Facts(languages=("th", "km")))["languages"]
    'named'
    """
    return {
        **answers,
        "modality": facts.modality or NOT_NAMED,
        "domain": facts.domain or NOT_NAMED,
        **{name: NAMED if getattr(facts, name) else NOT_NAMED for name in ("languages", "jurisdictions", "runs_in")},
        "personal_data": facts.personal_data,
        "commercial": facts.commercial,
        "simulator": facts.simulator,
        "costlier_failure": _dearer(facts),
    }


def shown(name: str, value: str, facts: Facts) -> str:
    """Spell an answer or a fact as reasons name it.

    >>> shown("languages", "named", Facts(languages=("th", "km")))
    'languages=th, km'
    """
    if value != NAMED:
        return f"{name}={value}"
    held = getattr(facts, name)
    return f"{name}={held if isinstance(held, str) else ', '.join(held)}"


def _dearer(facts: Facts) -> str:
    miss, alarm = facts.miss_cost, facts.false_alarm_cost
    if miss is None or alarm is None:
        return UNKNOWN
    return "miss" if miss > alarm else "false alarm" if alarm > miss else "equal"


def _word_faults(facts: Facts) -> Iterator[str]:
    vendor = facts.vendor
    for path, value, allowed in (
        ("modality", facts.modality or MODALITIES[0], MODALITIES),
        ("domain", facts.domain or next(iter(domains())), tuple(domains())),
        ("personal_data", facts.personal_data, tuple(PERSONAL_DATA)),
        ("commercial", facts.commercial, YES_NO),
        ("simulator", facts.simulator, tuple(SIMULATORS)),
        ("vendor.training_data", vendor.training_data, TRAINING_DATA),
        *((f"vendor.{name}", getattr(vendor, name), YES_NO) for name in ("replayable", "audit", "indemnity")),
        ("vendor.deletion", vendor.deletion, YES_NO),
    ):
        if value not in allowed:
            yield f"facts.{path}: expected one of {', '.join(allowed)}, got {value!r}"


def _code_faults(facts: Facts) -> Iterator[str]:
    for each in facts.languages:
        if not _LANGUAGE.fullmatch(each):
            yield f"facts.languages: expected BCP 47 tags such as 'th' or 'pt-BR', got {each!r}"
    for each in facts.jurisdictions:
        if not _PLACE.fullmatch(each):
            yield f"facts.jurisdictions: expected ISO 3166 codes or 'EU', got {each!r}"
    if not re.fullmatch("[A-Z]{3}", facts.currency):
        yield f"facts.currency: expected an ISO 4217 code such as 'EUR', got {facts.currency!r}"


def _amount_faults(facts: Facts) -> Iterator[str]:
    for path, value in (
        ("miss_cost", facts.miss_cost),
        ("false_alarm_cost", facts.false_alarm_cost),
        ("build_cost", facts.build_cost),
        ("vendor.row_price", facts.vendor.row_price),
    ):
        if value is not None and not 0 <= value < float("inf"):
            yield f"facts.{path}: expected an amount of money from 0 up, got {value!r}"
    if facts.rows_wanted is not None and facts.rows_wanted < 1:
        yield f"facts.rows_wanted: expected 1 or more, got {facts.rows_wanted!r}"
