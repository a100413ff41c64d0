"""What is said of a source of data: where it comes from, who collected it, under which terms, and where it may go."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bimetal.errors import InputError
from bimetal.programme.sources import spelling
from bimetal.types import UNKNOWN_LICENCE

if TYPE_CHECKING:
    from bimetal.canonical import Json

UNKNOWN = "unknown"
KINDS = ("people", "public", "vendor", "production", "generator", "endpoint")
BASES = (
    "consent",
    "contract",
    "legal obligation",
    "vital interest",
    "public task",
    "legitimate interest",
    "not personal",
    UNKNOWN,
)
CLASSES = ("none", "pseudonymous", "personal", "special")  # from what harms nobody to what harms most
INPUT_ROLES = ("generator-model", "training-data", "prompts", "annotators", "seed-rows")
IN_HOUSE = "bimetal:"  # what rows drawn by a generator of one's own carry as their source


@dataclass(frozen=True, slots=True)
class SourceInput:
    """Something a source was made with, whose licence it inherits: a model, its training data, prompts, seed rows.

    >>> SourceInput.parse("generator-model=Llama 3.1 8B:llama3.1")
    SourceInput(role='generator-model', name='Llama 3.1 8B', licence='llama3.1')
    """

    role: str
    name: str
    licence: str = UNKNOWN_LICENCE

    def __post_init__(self) -> None:
        spelling.one_of("role of an input", self.role, INPUT_ROLES)
        spelling.text("name of an input", self.name, required=True)
        spelling.text("licence of an input", self.licence, required=True)

    @classmethod
    def parse(cls, written: str) -> SourceInput:
        """Read ROLE=NAME:LICENCE; without a licence it is unknown. A name may hold colons itself."""
        role, equals, rest = written.partition("=")
        name, _, licence = rest.rpartition(":") if ":" in rest else (rest, "", UNKNOWN_LICENCE)
        if not equals or not name.strip():
            raise InputError(f"an input got {written!r}", "write ROLE=NAME:LICENCE, such as seed-rows=claims:CC-BY-4.0")
        return cls(role.strip(), name.strip(), licence.strip() or UNKNOWN_LICENCE)

    def json(self) -> dict[str, Json]:
        return {"role": self.role, "name": self.name, "licence": self.licence}


@dataclass(frozen=True, slots=True)
class Source:
    """A source of rows, or an endpoint rows are sent to; every fact that is not given is unknown.

    `collected` is a day or an interval of days (ISO 8601), `contract` the SHA-256 of a file called `contract_file`,
    `region` where the data may be processed ("EU", "EU,US", "any", "local"; for an endpoint, where it runs), and
    `accepts` the highest class of personal data an endpoint may be sent. Raises InputError for what cannot be meant.

    >>> Source("scans", "people", collected="2025-01-01/2025-06-30", region="eu, us").region
    'EU,US'
    """

    name: str
    kind: str
    origin: str = ""
    collector: str = ""
    collected: str = ""
    purpose: str = ""
    basis: str = UNKNOWN
    personal_data: str = UNKNOWN
    geography: str = ""
    region: str = UNKNOWN
    licence: str = UNKNOWN_LICENCE
    contract: str = ""
    contract_file: str = ""
    claims: str = ""
    inputs: tuple[SourceInput, ...] = ()
    accepts: str = UNKNOWN
    url: str = ""

    def __post_init__(self) -> None:
        spelling.name(self.name)
        spelling.one_of("kind", self.kind, KINDS)
        spelling.one_of("basis", self.basis, BASES)
        spelling.one_of("personal data", self.personal_data, (*CLASSES, UNKNOWN))
        spelling.one_of("accepts", self.accepts, (*CLASSES, UNKNOWN))
        for each in ("origin", "collector", "purpose", "geography", "licence", "contract_file", "claims"):
            spelling.text(each.replace("_", " "), getattr(self, each), required=each == "licence")
        spelling.period(self.collected)
        spelling.sha256(self.contract)
        spelling.url(self.url)
        object.__setattr__(self, "region", spelling.region(self.region))
        object.__setattr__(self, "inputs", tuple(self.inputs))
        spelling.small_enough(self.json())
        _refuse_contradictions(self)

    def json(self) -> dict[str, Json]:
        said: dict[str, Json] = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        return {**said, "inputs": [each.json() for each in self.inputs]}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Source:
        """Read back what `json` wrote, or a person did; raises InputError for a key no source has.

        >>> source = Source("model", "endpoint", url="https://models.example/v1", region="EU", accepts="personal")
        >>> Source.from_json(source.json()) == source
        True
        """
        known = [each.name for each in dataclasses.fields(cls)]
        for key in said:
            spelling.one_of("fact of a source", key, known)
        missing = [key for key in ("name", "kind") if not said.get(key)]
        if missing:
            raise InputError(f"a source says no {missing[0]}", "give every source a name and a kind")
        inputs = said.get("inputs") or ()
        if not isinstance(inputs, list | tuple):
            raise InputError(f"the inputs are {inputs!r}", "give a list, each with a role, a name and a licence")
        return cls(**{**said, "inputs": tuple(map(_input, inputs))})


def class_of(personal_data: str) -> str:
    """Return the class data are treated as: unknown counts as personal.

    >>> class_of("pseudonymous"), class_of("unknown")
    ('pseudonymous', 'personal')
    """
    return personal_data if personal_data in CLASSES else "personal"


def _input(said: Any) -> SourceInput:
    if isinstance(said, str):
        return SourceInput.parse(said)
    if not isinstance(said, Mapping) or not {"role", "name"} <= set(said) <= {"role", "name", "licence"}:
        raise InputError(f"an input is {said!r}", "give it a role, a name and a licence")
    return SourceInput(**said)


def _refuse_contradictions(source: Source) -> None:
    if source.name.casefold().startswith(IN_HOUSE) and source.kind != "generator":
        raise InputError(
            f"the name {source.name!r} belongs to a generator of one's own, the kind says {source.kind}",
            "choose another name, or --kind generator",
        )
    if source.kind != "endpoint":
        for fact, said in (("accepts", source.accepts != UNKNOWN), ("url", bool(source.url))):
            if said:
                raise InputError(
                    f"{fact} is said of {source.name!r}, which is {source.kind}", "leave it out, or say --kind endpoint"
                )
    if source.kind == "endpoint" and source.region == "local" and source.url and not spelling.is_local(source.url):
        raise InputError(
            f"the endpoint {source.name!r} is said to be local, its address is {source.url}",
            "say where it runs with --region, such as EU",
        )
