"""bimetal.toml: what people decide about a programme, read with every fault named at once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bimetal.cost.scenario import Scenario
from bimetal.cost.scenario import faults as cost_faults
from bimetal.decision import QUESTIONS, Facts
from bimetal.decision import faults as fact_faults
from bimetal.decision.boundary import Boundary
from bimetal.decision.boundary import faults as boundary_faults
from bimetal.endpoints import Endpoint
from bimetal.errors import ConfigError
from bimetal.licensing import CONDITIONS, Override
from bimetal.types import Answer, Spec, Task

if TYPE_CHECKING:
    from cattrs import Converter

FILE = "bimetal.toml"


@dataclass(frozen=True)
class About:
    """Who and what the programme is for."""

    name: str
    purpose: str = ""
    rng_seed: int = 0


@dataclass(frozen=True)
class Labels:
    """The labels people choose from, and the version of the guideline they follow."""

    labels: tuple[str, ...] = ()
    guideline: int = 1


@dataclass(frozen=True)
class Said:
    """One answer to one of the six questions: who gave it, on which day (YYYY-MM-DD), on what evidence."""

    value: str = "unknown"
    said_by: str = ""
    on: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Named:
    """A plug-in by name, with its arguments."""

    name: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PilotSettings:
    """How the programme's pilots are run; targets are scores 0-1, margin what counts as a difference.

    `group` names a column of units that belong together (patient, speaker), `time` one to order by, `slices` columns
    to look into.
    """

    sizes: tuple[int, ...] = (20, 50, 100, 200)
    seeds: int = 5
    targets: tuple[float, ...] = ()
    margin: float = 0.01
    metric: Named = Named("accuracy")
    group: str = ""
    time: str = ""
    slices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CycleSettings:
    """How a production window is handled: items sent to people, raters per item, synthetic rows per human label."""

    batch: int = 40
    raters: int = 3
    random_share: float = 0.2
    synthetic_ratio: float = 5.0
    margin: float = 0.01


@dataclass(frozen=True)
class Licences:
    """How licences are read: the one derived rows go out under, elections for an OR, circumstances, counsel's word."""

    output: str = ""
    purpose: str = ""
    elections: dict[str, str] = field(default_factory=dict)
    circumstances: dict[str, bool] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Login:
    """The OpenID provider people may log in through; its client's secret stands in BIMETAL_OIDC_SECRET, never here.

    `roles` maps values of `role_claim` to roles; an empty `default_role` lets nobody else in.
    """

    issuer: str
    client_id: str
    role_claim: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    default_role: str = ""


@dataclass(frozen=True)
class Server:
    """How people reach the web app: the address they type, the proxies to believe, the provider they log in through."""

    origin: str = ""
    proxies: tuple[str, ...] = ()
    login: Login | None = None


@dataclass(frozen=True)
class Config:
    """One programme's decisions, as they stand in bimetal.toml."""

    programme: About
    task: Labels = Labels()
    facts: Facts = field(default_factory=Facts)
    answers: dict[str, Said] = field(default_factory=dict)
    generator: Named | None = None
    learner: Named = Named("linear")
    pilot: PilotSettings = PilotSettings()
    cycle: CycleSettings = CycleSettings()
    boundary: Boundary = field(default_factory=Boundary)
    licences: Licences = Licences()
    cost: Scenario = field(default_factory=Scenario)
    server: Server = Server()
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    @property
    def labelled(self) -> Task:
        return Task("classification", self.task.labels, self.facts.languages, self.task.guideline)

    @property
    def learner_spec(self) -> Spec:
        return Spec("learners", self.learner.name, self.learner.args)

    @property
    def generator_spec(self) -> Spec | None:
        return None if self.generator is None else Spec("generators", self.generator.name, self.generator.args)

    @property
    def six(self) -> tuple[Answer, ...]:
        """The six answers; a question nobody answered is 'unknown'."""
        said = {question.name: self.answers.get(question.name, Said()) for question in QUESTIONS}
        return tuple(
            Answer(name, each.value, each.said_by, _day(each.on), each.evidence) for name, each in said.items()
        )


def load(folder: Path) -> Config:
    """Read a folder's bimetal.toml; raises ConfigError with every fault and its path."""
    path = folder / FILE
    if not path.exists():
        raise ConfigError(f"{folder} is not a programme: it has no {FILE}", hint="run: bimetal init DIR")
    return read(path)


def read(path: Path) -> Config:
    """Read a file in the form of bimetal.toml; raises ConfigError with every fault and its path."""
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{path} is not TOML: {fault}", hint="mend that line") from fault
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{path} is not UTF-8: {fault}", hint="save it as UTF-8") from fault
    except OSError as fault:
        raise ConfigError(f"{path} cannot be read: {fault.strerror}", hint="check the path") from fault


def parse(raw: dict[str, Any]) -> Config:
    """Turn parsed TOML into a Config; raises ConfigError with every fault and its path."""
    from cattrs.errors import ClassValidationError

    try:
        config: Config = _converter().structure(raw, Config)
    except ClassValidationError as group:
        raise _faulty(_said(group)) from group
    return settled(config)


def settled(config: Config) -> Config:
    """Return a Config as it is; raises ConfigError with every value out of range and its path."""
    faults = [*_range_faults(config), *_answer_faults(config), *fact_faults(config.facts)]
    faults += [*boundary_faults(config.boundary), *cost_faults(config.cost)]
    if faults:
        raise _faulty(faults)
    return config


def dump(config: Config) -> str:
    """Write a Config as TOML, leaving out what is not set."""
    import tomli_w

    return tomli_w.dumps(_without_none(_converter().unstructure(config)))


def _range_faults(config: Config) -> list[str]:
    about, pilot, cycle = config.programme, config.pilot, config.cycle
    sizes, targets = list(pilot.sizes), list(pilot.targets)
    growing = bool(sizes) and sizes[0] >= 2 and all(a < b for a, b in pairwise(sizes))
    rules = (
        ("programme.name", about.name, "a name that is not blank", bool(about.name.strip())),
        ("programme.rng_seed", about.rng_seed, "0 or more", about.rng_seed >= 0),
        ("pilot.sizes", sizes, "growing numbers of labels from 2 up", growing),
        ("pilot.seeds", pilot.seeds, "2 or more", pilot.seeds >= 2),
        ("pilot.targets", targets, "scores between 0 and 1", all(0 < each < 1 for each in targets)),
        ("pilot.margin", pilot.margin, "0 or more and below 1", 0 <= pilot.margin < 1),
        ("cycle.batch", cycle.batch, "1 or more", cycle.batch >= 1),
        ("cycle.raters", cycle.raters, "1 or more", cycle.raters >= 1),
        ("cycle.random_share", cycle.random_share, "a share from 0 to 1", 0 <= cycle.random_share <= 1),
        ("cycle.synthetic_ratio", cycle.synthetic_ratio, "0 or more", 0 <= cycle.synthetic_ratio < inf),
        ("cycle.margin", cycle.margin, "0 or more and below 1", 0 <= cycle.margin < 1),
    )
    return [f"{path}: expected {words}, got {value!r}" for path, value, words, holds in rules if not holds]


def _answer_faults(config: Config) -> list[str]:
    allowed = {question.name: tuple(question.values) for question in QUESTIONS}
    unknown = sorted(set(config.answers) - set(allowed))
    faults = [f"answers.{name}: no such question, expected one of {', '.join(allowed)}" for name in unknown]
    for name, said in config.answers.items():
        if name in allowed and said.value not in allowed[name]:
            faults.append(f"answers.{name}.value: expected one of {', '.join(allowed[name])}, got {said.value!r}")
        if said.on and _day(said.on) is None:
            faults.append(f"answers.{name}.on: expected a day as YYYY-MM-DD, got {said.on!r}")
    return faults


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        return None


def guide() -> str:
    """Tell, as TOML comments, what may be written in bimetal.toml."""
    allowed = [f"#   answers.{each.name}.value: one of {', '.join(each.values)}" for each in QUESTIONS]
    circumstances = ", ".join(sorted(set(CONDITIONS) - {"outside-purpose"}))
    lines = (
        "# What may be written above:",
        *allowed,
        f"#   licences.circumstances.NAME: true or false for {circumstances}; what is not stated counts as true",
        '#   task.labels: the labels people choose from, such as ["fraud", "honest"]',
        "#   [generator] name and args: see bimetal list generators; [learner] name: see bimetal list learners",
        "#   [server] origin, proxies; [server.login] issuer and client_id: how bimetal serve is reached",
    )
    return "\n" + "\n".join(lines) + "\n"


def _faulty(faults: list[str]) -> ConfigError:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return ConfigError(f"{FILE} has {count}", "mend what is named and run the command again", tuple(faults))


@cache
def _converter() -> Converter:
    """Structure strictly: 'five' is no number, 3.7 is no whole number, and an unknown key is a fault."""
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind, takes, words in (
        (str, (str,), "text"),
        (bool, (bool,), "true or false"),
        (int, (int,), "a whole number"),
        (float, (int, float), "a number"),
    ):
        converter.register_structure_hook(kind, _strict(kind, takes, words))
    return converter


def _strict(kind: type, takes: tuple[type, ...], words: str) -> Any:
    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, takes) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"expected {words}, got {value!r}")
        return kind(value)

    return structure


def _said(group: Any) -> list[str]:
    from cattrs import transform_error

    def words(fault: BaseException, _: type | None) -> str:
        from cattrs.errors import ForbiddenExtraKeysError

        if isinstance(fault, ForbiddenExtraKeysError):
            return f"unknown key {', '.join(sorted(map(repr, fault.extra_fields)))}"
        if isinstance(fault, KeyError):
            return "required, and missing"
        return str(fault)

    lines = (line.rpartition(" @ ") for line in transform_error(group, format_exception=words))
    return sorted(f"{where.removeprefix('$.').replace('$', FILE)}: {fault}" for fault, _, where in lines)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    if isinstance(value, tuple | list | frozenset):
        return [_without_none(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return value
