"""Find, make and describe plug-ins: built-ins by file name, outsiders by entry point, nothing imported early."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import importlib
import importlib.metadata
import importlib.util
import pkgutil
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from bimetal.canonical import Json
from bimetal.errors import InputError, MissingExtra, UnknownName
from bimetal.types import Annotation, Dataset, Finding, Recipe, Reply, Request, Spec, Target

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from bimetal.types import FloatArray, IntArray

UNTIMED = datetime(1970, 1, 1, tzinfo=UTC)
DOORS = ("chat", "noise")  # what a generator may ask besides programs
SHELVES = ("generators", "checks", "strategies", "learners", "metrics", "connectors")


Step: TypeAlias = "pa.RecordBatch | tuple[Request, ...]"
"""What a generator yields: rows, or what it asks outside; asked, it is sent as many replies."""

Answer = Callable[[tuple[Request, ...]], tuple[Reply, ...]]
"""Whoever stands behind a door: gives each request its reply, in order."""


class Generator(Protocol):
    """Draw n rows that never happened; batch k comes from rng's k-th child, so row i depends on no n, no worker.

    Class attributes say what it is: `licence`; `learns` where it needs seed rows, and of which `payload`;
    `label_origin` where labels are not by construction; `packages` whose versions decide the rows. A column that it
    draws itself (`licence`, `item_origin`, `label_origin`) stands. `like(rows)`, where offered, returns it drawing in
    the shape of those rows' payload. One that asks outside names the door in `asks`, and its iterator is a coroutine:
    `replies = yield requests` (sans I/O: whoever drives it answers).
    """

    def __call__(
        self, n: int, rng: np.random.Generator, seed_rows: pa.Table | None = None, targets: tuple[Target, ...] = ()
    ) -> Iterator[pa.RecordBatch]: ...


class Model(Protocol):
    """A fitted classifier; `predict_proba` gives shape (rows, classes), columns in the order of `classes`."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    def predict_proba(self, rows: pa.Table) -> FloatArray: ...


class Predictor(Protocol):
    """A fitted model of anything but classes (spans, boxes, scores), where a learner has no classes to give."""

    def predict(self, rows: pa.Table) -> Predictions: ...


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of rows: `values` spelled as their labels, and a classifier's `scores`, (rows, classes)."""

    values: pa.Array[Any]
    classes: tuple[str, ...] = ()
    scores: FloatArray | None = None


class Learner(Protocol):
    """Fit a model to rows with a `label` column; `weight` has shape (rows,), `unlabelled` may feed self-training."""

    def __call__(
        self, train: pa.Table, weight: FloatArray, unlabelled: pa.Table | None, rng: np.random.Generator
    ) -> Model: ...


class Metric(Protocol):
    """Score predictions item by item: contributions of shape (items,) whose mean is the metric, 1 at best.

    A metric that is no mean over items gives its linearisation (influence function) there, so that intervals over
    items hold for it too. `task` names what it scores: classification, spans, boxes, masks or score.
    """

    @property
    def task(self) -> str: ...

    def __call__(self, truth: pa.ChunkedArray[Any], predicted: Predictions) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may need beyond its tables: recipes by digest, and `replay(recipe, n)` to draw n rows again."""

    rng: np.random.Generator
    recipes: Mapping[str, Recipe] = dataclasses.field(default_factory=dict)
    replay: Callable[[Recipe, int], pa.Table] | None = None


class Check(Protocol):
    """Judge a dataset, against a reference where it needs one; a bad score is a finding, never an exception."""

    def __call__(self, dataset: Dataset, reference: Dataset | None, context: Context) -> list[Finding]: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Indices into the pool, and the probability with which each was included."""

    indices: IntArray
    probability: FloatArray


@dataclass(frozen=True, slots=True)
class Pool:
    """What a strategy may look at, row by row of the pool; one that lacks what it needs raises InputError.

    `scores` has shape (rows, classes), `embeddings` (rows, d) in float32, `committee` (members, rows, classes).
    """

    scores: FloatArray | None = None
    embeddings: NDArray[np.float32] | None = None
    committee: FloatArray | None = None


class Strategy(Protocol):
    """Choose n rows of a pool to ask people about; `labelled` are indices of the rows whose label is known."""

    def __call__(self, pool: Pool, labelled: IntArray, n: int, rng: np.random.Generator) -> Selection: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """What a format cannot carry: `what` names a field or column, or a word for several; `words` say it to a person."""

    what: str
    words: str

    def __str__(self) -> str:
        return f"{self.what}: {self.words}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """Items on their way between two tools: rows with `id` and payload, everybody's answers, what they came to.

    `task` is a kind of docs/modalities.md. Answers' values and a `label` column hold a value's text form, in which
    anything but a string is JSON. `lost` is what did not come along. An answer whose file tells no time has `UNTIMED`.
    """

    rows: pa.Table
    task: str
    labels: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    lost: tuple[Loss, ...] = ()


class Connector(Protocol):
    """Read and write another tool's format; names of files are relative, with /, and lead out of no folder.

    `read` takes files by name and raises InputError for what it cannot read whole. `write` gives pieces of files, those
    of one file after each other, so that no more than a piece is in memory; `lost` says beforehand what it leaves out.
    """

    @property
    def tasks(self) -> tuple[str, ...]: ...

    def read(self, files: Mapping[str, bytes]) -> Exchange: ...

    def write(self, exchange: Exchange) -> Iterator[tuple[str, bytes]]: ...

    def lost(self, exchange: Exchange) -> tuple[Loss, ...]: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """One plug-in as `bimetal list` shows it; `needs` names packages and programs it wants beyond the plain install.

    `asks` is the door it asks at: `chat` for a model endpoint, `noise` for a sealed key, or a program's name.
    """

    name: str
    summary: str
    available: bool
    needs: tuple[str, ...] = ()
    asks: str = ""


def names(shelf: str) -> tuple[str, ...]:
    """Name every plug-in of a shelf, sorted, without importing any.

    >>> "digits" in names("generators")
    True
    """
    return tuple(sorted({*_built_in(shelf), *_outside(shelf)}))


def find(shelf: str, name: str) -> type[Any]:
    """Import a plug-in's class; raises UnknownName (with the nearest name) or MissingExtra.

    >>> find("generators", "digits").__name__
    'Digits'
    """
    if name in _built_in(shelf):
        return _load(f"bimetal.{shelf}.{name}", class_name(name), name)
    outside = _outside(shelf)
    if name in outside:
        return _checked(outside[name].load(), name)
    raise UnknownName(f"no {shelf.rstrip('s')} is called {name!r}", _nearest(name, names(shelf), shelf))


def make(spec: Spec) -> Any:
    """Build the plug-in a spec describes; raises InputError naming every argument that does not fit.

    >>> make(Spec("strategies", "margin", {"random_share": 0.2})).random_share
    0.2
    """
    cls = find(spec.kind, spec.name)
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    unknown = sorted(set(spec.args) - set(fields))
    if unknown:
        raise InputError(
            f"{spec.name} takes no argument {', '.join(map(repr, unknown))}",
            f"use: {', '.join(fields) or 'none, it has no arguments'}",
        )
    try:
        return cls(**{key: _revived(value) for key, value in spec.args.items()})
    except (TypeError, ValueError) as fault:
        raise InputError(
            f"{spec.name} cannot be made with {dict(spec.args)!r}: {fault}", "change its arguments"
        ) from fault


def spec_of(plugin: Any) -> Spec:
    """Describe a plug-in so that `make` gives an equal one; raises InputError where an argument is not JSON.

    >>> spec = Spec("strategies", "margin", {"random_share": 0.2})
    >>> spec_of(make(spec)).args == spec.args
    True
    """
    shelf, name = _address(type(plugin))
    args: dict[str, Json] = {}
    for field in dataclasses.fields(plugin):
        value = getattr(plugin, field.name)
        if value != field.default:
            args[field.name] = _spelled(value, f"{name}.{field.name}")
    return Spec(shelf, name, args, version=getattr(plugin, "version", "1"))


def listing(shelf: str) -> list[Listing]:
    """Describe every plug-in of a shelf: first docstring line, and whether what it needs is installed."""
    rows = []
    for name in names(shelf):
        summary, needs, asks = _described(shelf, name)
        missing = [need for need in needs if importlib.util.find_spec(need) is None]
        program = asks if asks and asks not in DOORS else ""
        available = not missing and (not program or shutil.which(program) is not None)
        rows.append(Listing(name, summary, available, (*needs, *([program] if program else [])), asks))
    return rows


def class_name(name: str) -> str:
    """Spell a file's name as its class: distribution_shift -> DistributionShift."""
    return "".join(part.capitalize() for part in name.split("_"))


def _built_in(shelf: str) -> tuple[str, ...]:
    if shelf not in SHELVES:
        raise UnknownName(f"no shelf is called {shelf!r}", _nearest(shelf, SHELVES, "shelves"))
    folder = Path(__file__).parent / shelf
    return tuple(each.name for each in pkgutil.iter_modules([str(folder)]) if not each.name.startswith("_"))


def _outside(shelf: str) -> dict[str, importlib.metadata.EntryPoint]:
    return {each.name: each for each in importlib.metadata.entry_points(group=f"bimetal.{shelf}")}


def _load(module: str, attribute: str, name: str) -> type[Any]:
    try:
        return _checked(getattr(importlib.import_module(module), attribute), name)
    except ModuleNotFoundError as fault:
        if fault.name and fault.name.startswith("bimetal"):
            raise
        raise MissingExtra(f"{name} needs {fault.name}, which is not installed", f"pip install {fault.name}") from fault


def _checked(cls: Any, name: str) -> type[Any]:
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        raise InputError(f"plug-in {name!r} is {cls!r}", "make it a frozen dataclass with __call__")
    return cls


def _address(cls: type[Any]) -> tuple[str, str]:
    parts = cls.__module__.split(".")
    if parts[0] == "bimetal" and len(parts) == 3 and parts[1] in SHELVES:
        return parts[1], parts[2]
    for shelf in SHELVES:
        for name, entry in _outside(shelf).items():
            if entry.value == f"{cls.__module__}:{cls.__name__}":
                return shelf, name
    raise InputError(f"{cls.__name__} is on no shelf", "register it under an entry point such as bimetal.generators")


def _described(shelf: str, name: str) -> tuple[str, tuple[str, ...], str]:
    if name not in _built_in(shelf):
        entry = _outside(shelf)[name]
        found = importlib.util.find_spec(entry.module)
        path = Path(found.origin) if found and found.origin else None
    else:
        path = Path(__file__).parent / shelf / f"{name}.py"
    if path is None or not path.exists():
        return "", (), ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    summary = (ast.get_docstring(tree) or "").partition("\n")[0]
    assigned = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    said = {key: ast.literal_eval(assigned[key]) for key in ("NEEDS", "ASKS") if key in assigned}
    return summary, tuple(said.get("NEEDS", ())), said.get("ASKS", "")


def _nearest(name: str, known: tuple[str, ...], shelf: str) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}? all {shelf}: {', '.join(known)}"
    return f"choose one of: {', '.join(known)}"


def _revived(value: Json) -> Any:
    if isinstance(value, Mapping) and {"kind", "name"} <= set(value):
        return make(Spec(str(value["kind"]), str(value["name"]), value.get("args") or {}))  # type: ignore[arg-type]
    if isinstance(value, list):
        return tuple(_revived(each) for each in value)
    return value


def _spelled(value: Any, where: str) -> Json:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [_spelled(each, where) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _spelled(each, where) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and callable(value):
        return spec_of(value).json()
    raise InputError(f"{where} holds {type(value).__name__}, which cannot be written down", "name it by import path")
