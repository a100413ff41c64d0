"""Nouns every part speaks: frozen values that hold, compare and print, and do nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bimetal.canonical import Json, digest

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    FloatArray: TypeAlias = NDArray[np.float64]
    IntArray: TypeAlias = NDArray[np.int64]
    BoolArray: TypeAlias = NDArray[np.bool_]

ItemOrigin = Literal["real", "synthetic", "undeclared"]
LabelOrigin = Literal["human", "construction", "programmatic", "model", "replayed", "undeclared"]
Role = Literal["seed", "train", "pool", "gold", "panel", "production"]
Verdict = Literal["pass", "warn", "fail", "skip"]

ROLES: tuple[Role, ...] = ("seed", "train", "pool", "gold", "panel", "production")
UNKNOWN_LICENCE = "unknown"


@dataclass(frozen=True, slots=True)
class Spec:
    """A plug-in and how to make it again: shelf, name, arguments, version."""

    kind: str
    name: str
    args: Mapping[str, Json] = field(default_factory=dict)
    version: str = ""

    def json(self) -> dict[str, Json]:
        return {"kind": self.kind, "name": self.name, "args": dict(self.args), "version": self.version}


@dataclass(frozen=True, slots=True)
class Target:
    """A slice a generator is asked to favour: rows where `column` equals `value` shall be `share` (0-1) of the draw."""

    column: str
    value: str
    share: float

    def json(self) -> dict[str, Json]:
        return {"column": self.column, "value": self.value, "share": self.share}


@dataclass(frozen=True, slots=True)
class Recipe:
    """All it takes to draw the same synthetic rows again; `seed_rows` is a snapshot digest."""

    spec: Spec
    rng_seed: int
    seed_rows: str | None = None
    targets: tuple[Target, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest(self.json())

    def json(self) -> dict[str, Json]:
        return {
            "spec": self.spec.json(),
            "rng_seed": self.rng_seed,
            "seed_rows": self.seed_rows,
            "targets": [target.json() for target in self.targets],
            "environment": dict(self.environment),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """What a generator asks outside: `to` names the door (`chat`, `noise`, or a program such as `espeak-ng`).

    Equal requests get equal replies within one recipe; who wants another answer to the same body counts up `sample`.
    """

    to: str
    body: Mapping[str, Json]
    sample: int = 0

    @property
    def digest(self) -> str:
        return digest({"to": self.to, "body": dict(self.body), "sample": self.sample})


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: bytes as they came, facts such as tokens or the model's name, or why there is no answer."""

    data: bytes
    facts: Mapping[str, Json] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from; `licence` is an SPDX expression or 'unknown', `parents` are snapshot digests."""

    kind: ItemOrigin
    source: str
    licence: str = UNKNOWN_LICENCE
    made_by: Recipe | None = None
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What is labelled: its kind, the labels allowed, the languages (BCP 47) and the guideline's version."""

    kind: Literal["classification"] = "classification"
    labels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    guideline: int = 1


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows with a role; every row carries `item_origin` and `label_origin` of its own."""

    name: str
    rows: pa.Table
    task: Task
    role: Role
    origin: Origin


@dataclass(frozen=True, slots=True)
class Annotation:
    """One person's (or model's) answer to one item; `seconds` is active time."""

    id: str
    item: str
    annotator: str
    actor_kind: Literal["human", "model", "replayed"]
    value: str | None
    at: datetime
    status: Literal["submitted", "skipped"] = "submitted"
    reason: str = ""
    seconds: float = 0.0
    round: int = 1
    guideline: int = 1
    suggestion: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: a verdict, the statistic beside its limit, what the test guarantees, and the way out."""

    check: str
    verdict: Verdict
    message: str
    statistic: float | None = None
    limit: float | None = None
    guarantee: str = ""
    remedy: str = ""
    where: str = ""

    def json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two bounds at a confidence level.

    >>> print(Interval(0.912, 0.88, 0.94))
    0.912 [0.880, 0.940]
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95

    def __str__(self) -> str:
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def json(self) -> dict[str, Json]:
        return {"mean": self.estimate, "low": self.low, "high": self.high, "level": self.level}


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the six answers: what was said, by whom, on what evidence ('unknown' is a legal answer)."""

    question: str
    value: str
    said_by: str = ""
    at: datetime | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the transparency log: who did what to which subject, when."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    body: Mapping[str, Any]
