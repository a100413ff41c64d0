"""A job's preferences: the drawn order of options, bias of places, circles, strengths, rows to train on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.annotation.agreement import Agreement
from bimetal.annotation.preference import (
    Choice,
    Circles,
    PositionBias,
    Preferences,
    Strengths,
    apart,
    arranged,
    circles,
    position_bias,
    strengths,
    trl_rows,
)
from bimetal.annotation.preference.choices import ActorKind
from bimetal.errors import InputError
from bimetal.programme.work.answered import Given, given, job_named
from bimetal.types import Interval

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.programme import Programme
    from bimetal.store.queue import Job

TASKS = frozenset({"pairs", "ranking", "best-worst"})
KINDS: tuple[ActorKind, ...] = ("human", "model")
CLUSTERS = 30  # items from which a sandwich over items bounds strengths


@dataclass(frozen=True, slots=True)
class Preferred:
    """What one kind of actor prefers: bias of the first place by number of options, circles, strengths."""

    kind: ActorKind
    answers: int
    places: Mapping[int, PositionBias]
    circles: Circles
    strengths: Strengths


@dataclass(frozen=True, slots=True)
class Report:
    """People's and models' preferences beside each other; `agreed` is how often their majorities are the same.

    `left_out` counts answers that compare an option with itself, as where one model wrote two of the texts.
    """

    preferred: Mapping[ActorKind, Preferred]
    agreed: Interval | None
    kappa: Agreement
    pairs: int
    left_out: int


def order_shown(job: Job, item: str, person: str, options: Sequence[str]) -> tuple[str, ...]:
    """Draw the order in which a person sees an item's options: always the same, and only the server can foresee it.

    >>> from bimetal.store.queue import Job
    >>> order_shown(Job("duel", task="pairs", salt="s"), "p1", "ana", ("a", "b")) in {("a", "b"), ("b", "a")}
    True
    """
    if len(options) < 2:
        return tuple(options)
    return arranged(options, f"{job.name}\x1f{item}", person, job.salt.encode())


def report(programme: Programme, job: str, names: str = "model") -> Report:
    """Report who is preferred and whether places, circles or models mislead, people and models each alone.

    Options are told apart across items by columns such as `model_a`, `model_b`, where the dataset has them (`names` is
    their beginning); else by their place in the item, a, b, ... Raises InputError for a job of no preferences.
    """
    held = job_named(programme, job)
    choices, left_out = _choices(programme, held, _called(programme, held, names))
    by_kind = {kind: [each for each in choices if each.actor_kind == kind] for kind in KINDS}
    preferred = {kind: _preferred(programme, kind, own) for kind, own in by_kind.items() if own}
    told = [each for each in choices if each.actor_kind in KINDS]
    beside = apart(told, _rng(programme), prior_sd=1.0)
    return Report(preferred, beside.agreed, beside.kappa, beside.pairs, left_out)


def training_rows(programme: Programme, job: str, kind: ActorKind = "human") -> Preferences:
    """Give `prompt, chosen, rejected` as TRL reads them, by the majority of one kind of actor; ties are counted.

    Raises InputError where nobody of that kind answered, and where the items have no prompt or text.
    """
    held = job_named(programme, job)
    choices, _ = _choices(programme, held, {})
    own = [each for each in choices if each.actor_kind == kind]
    if not own:
        raise InputError(f"no {kind} answered in {job!r}", "say human or model")
    asked = {each.item for each in own}
    rows = [row for row in _rows(programme, held).to_pylist() if str(row["id"]) in asked]
    prompts = {str(row["id"]): str(row.get("prompt") or "") for row in rows}
    texts = {(str(row["id"]), key): str(row[f"text_{key}"]) for row in rows for key in _options(row)}
    return trl_rows(own, prompts, texts)


def _preferred(programme: Programme, kind: ActorKind, own: list[Choice]) -> Preferred:
    sizes = sorted({len(each.shown) for each in own})
    places = {size: position_bias([each for each in own if len(each.shown) == size]) for size in sizes}
    several = max(Counter(each.item for each in own).values()) > 1
    clustered = several and len({each.item for each in own}) >= CLUSTERS
    fitted = strengths(own, "items" if clustered else "choices")
    return Preferred(kind, len(own), places, circles(own, _rng(programme)), fitted)


def _choices(programme: Programme, job: Job, called: Mapping[str, Mapping[str, str]]) -> tuple[list[Choice], int]:
    """Read answers as choices among named options; the second number counts those that cannot be told apart."""
    if job.task not in TASKS:
        raise InputError(f"{job.name!r} asks for {job.task}, which prefers nothing", "name a job of preferences")
    options = {str(row["id"]): _options(row) for row in _rows(programme, job).to_pylist()}
    found, left_out = [], 0
    for row in given(programme, [job.name]):
        if row.answer.value is None or row.gold:
            continue
        keys = options.get(row.answer.item, ())
        names = {key: called.get(row.answer.item, {}).get(key, key) for key in keys}
        if len(keys) < 2 or len(set(names.values())) < len(names):
            left_out += 1
            continue
        found.append(_choice(job, row, keys, names))
    return found, left_out


def _choice(job: Job, row: Given, keys: Sequence[str], names: Mapping[str, str]) -> Choice:
    said = row.answer
    best, worst = _read(job.task, said.value or "")
    shown = tuple(names[key] for key in order_shown(job, said.item, said.annotator, keys))
    order = tuple(names[key] for key in best)
    return Choice(said.item, said.annotator, said.actor_kind, shown, order, None if worst is None else names[worst])


def _read(task: str, value: str) -> tuple[tuple[str, ...], str | None]:
    """Give the options preferred, best first, as far as the answer tells them apart, and the worst where it names one.

    >>> _read("ranking", '[["b"],["a","c"]]'), _read("pairs", "tie")
    ((('b',), None), ((), None))
    """
    if task == "pairs":
        return (() if value == "tie" else (value,)), None
    read = json.loads(value)
    if task == "best-worst":
        return (read["best"],), read["worst"]
    order: list[str] = []
    for tier in read:
        if len(tier) > 1:
            break
        order += tier
    return tuple(order), None


def _rows(programme: Programme, job: Job) -> pa.Table:
    if not job.snapshot:
        raise InputError(f"job {job.name!r} has no dataset", "open it over a dataset with text_a, text_b")
    return programme.snapshots.get(job.snapshot)


def _options(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name[5:] for name, text in row.items() if _is_option(name) and text is not None))


def _is_option(name: str) -> bool:
    return name.startswith("text_") and len(name) == 6


def _called(programme: Programme, job: Job, names: str) -> dict[str, dict[str, str]]:
    rows = _rows(programme, job)
    columns = [name for name in rows.column_names if name.startswith(f"{names}_") and len(name) == len(names) + 2]
    return {
        str(row["id"]): {name[-1]: str(row[name]) for name in columns if row[name] is not None}
        for row in rows.select(["id", *columns]).to_pylist()
    }


def _rng(programme: Programme) -> np.random.Generator:
    return np.random.default_rng([programme.config.programme.rng_seed, 15])
