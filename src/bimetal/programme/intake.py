"""How data enter a programme: who says where rows come from, and what is refused at the door."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError, PolicyError
from bimetal.payload import payload_columns, pictures, pixels, waves
from bimetal.programme.policy import admit_to_panel, refuse_sealed, warnings
from bimetal.programme.signatures import EVERYTHING
from bimetal.programme.sources import sources
from bimetal.programme.spelling import one_spelling
from bimetal.types import UNKNOWN_LICENCE, Dataset, ItemOrigin, LabelOrigin, Origin, Role

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

ORIGINS = get_args(ItemOrigin)
LABEL_ORIGINS = get_args(LabelOrigin)
NOT_BY_PEOPLE = {"construction", "programmatic", "model", "replayed"}  # what a file says against itself


@dataclass(frozen=True)
class Declared:
    """What a person states about rows that cannot say it themselves."""

    item: ItemOrigin = "undeclared"
    label: LabelOrigin = "undeclared"

    @classmethod
    def parse(cls, text: str) -> Declared:
        """Read 'real,human'; raises InputError listing the words allowed.

        >>> Declared.parse("real,human")
        Declared(item='real', label='human')
        """
        item, _, label = (part.strip() for part in text.partition(","))
        if item not in ORIGINS or label not in LABEL_ORIGINS:
            raise InputError(
                f"--declare got {text!r}",
                f"write ITEM,LABEL with ITEM one of {', '.join(ORIGINS)} and LABEL one of {', '.join(LABEL_ORIGINS)}",
            )
        return cls(item, label)  # type: ignore[arg-type]  # just looked up


@dataclass(frozen=True)
class Arrival:
    """A table at the door: its rows, name, role, source and what is declared of it."""

    rows: pa.Table
    name: str
    role: Role
    source: str
    label: str | None = None
    licence: str = UNKNOWN_LICENCE
    declared: Declared = Declared()


def add(programme: Programme, arrival: Arrival) -> tuple[Stored, list[str]]:
    """Bring a table in and say what is still unknown of it: warnings now, refusals at release.

    Raises InputError for rows that cannot be used, PolicyError for rows a panel must not hold.
    """
    dataset = entering(programme, arrival)
    rows = dataset.rows
    if arrival.role == "production":
        _refuse_known_items(programme, rows)
    if arrival.role == "panel":
        admit_to_panel(programme, rows)
    else:
        _refuse_panel_rows(programme, rows)
    who = "" if arrival.declared == Declared() else programme.actor
    stored = programme.keep(dataset, declared_by=who, label_column=arrival.label)
    return stored, warnings(programme, stored, rows)


def entering(programme: Programme, arrival: Arrival) -> Dataset:
    """Make the dataset of a table at the door, ids, labels and provenance filled; nothing is kept, no panel asked.

    Raises InputError for rows that cannot be used.
    """
    _refuse_name(programme, arrival.name)
    arrival = _licensed(programme, arrival)
    rows = _labelled(programme, arrival)
    rows = one_spelling(_identified(rows, arrival.name))
    rows = _provenance(rows, arrival)
    _refuse_broken(rows)
    origin = Origin(_overall(rows["item_origin"].to_pylist()), arrival.source, arrival.licence)
    return Dataset(arrival.name, rows, programme.config.labelled, arrival.role, origin)


def _licensed(programme: Programme, arrival: Arrival) -> Arrival:
    """Take a registered source's licence where none is given."""
    known = sources(programme).get(arrival.source)
    if known is None or arrival.licence != UNKNOWN_LICENCE:
        return arrival
    return replace(arrival, licence=known.licence)


def _labelled(programme: Programme, arrival: Arrival) -> pa.Table:
    rows, label = arrival.rows, arrival.label or "label"
    if label not in rows.column_names:
        _refuse_hidden_labels(programme, rows)
        if arrival.label or arrival.role in {"train", "panel", "gold"}:
            raise InputError(
                f"the table has no column {label!r}",
                f"name the label column with --label: {', '.join(rows.column_names)}",
            )
        return rows.append_column("label", pa.nulls(rows.num_rows, pa.string()))
    drawn = pa.types.is_nested(rows[label].type)  # shapes and lists, as docs/modalities.md has them
    values = rows[label] if drawn else pc.cast(rows[label], pa.string())
    rows = rows.set_column(rows.column_names.index(label), "label", values)
    if arrival.role in {"train", "panel", "gold"} and values.null_count:
        raise InputError(
            f"{values.null_count} {arrival.role} rows have no label", "label them, or add them with --role pool"
        )
    allowed = programme.config.task.labels
    said = set() if drawn else {str(value) for value in values.drop_null().to_pylist()}
    strange = sorted(said - set(allowed)) if allowed else []
    if strange:
        raise InputError(f"label {strange[0]!r} is not one of the task's", f"expected one of: {', '.join(allowed)}")
    return rows


def _refuse_hidden_labels(programme: Programme, rows: pa.Table) -> None:
    """Refuse unlabelled rows that carry a label column of old under its own name: people would be shown the answer."""
    known = {each.details.get("label_column"): each.name for each in programme.datasets()}
    for name in rows.column_names:
        if name in known:
            raise InputError(
                f"the table carries {name!r}, the label column of {known[name]!r}",
                f"pass --label {name}, or drop the column",
            )


def _identified(rows: pa.Table, name: str) -> pa.Table:
    if "id" not in rows.column_names:
        return rows.append_column("id", pa.array([f"{name}-{i:07d}" for i in range(rows.num_rows)]))
    ids = pc.cast(rows["id"], pa.string())
    if ids.null_count:
        raise InputError(f"{ids.null_count} rows have no id", "fill the id column, or drop it to have ids made")
    twice = [item for item, times in Counter(ids.to_pylist()).items() if times > 1]
    if twice:
        raise InputError(
            f"{len(twice)} ids stand more than once: {', '.join(map(str, twice[:5]))}",
            "give every row an id of its own",
        )
    return rows.set_column(rows.column_names.index("id"), "id", ids)


def _provenance(rows: pa.Table, arrival: Arrival) -> pa.Table:
    """Fill the provenance columns: a file's own word counts where it speaks against itself, a person's for the rest."""
    declared = arrival.declared
    said = {name: _said(rows, name) for name in ("item_origin", "label_origin", "source", "licence", "recipe")}
    _refuse_strange(said["item_origin"], ORIGINS, "item_origin")
    _refuse_strange(said["label_origin"], LABEL_ORIGINS, "label_origin")
    made = [each == "synthetic" for each in said["item_origin"]]
    labels = zip(made, said["label_origin"], strict=True)
    filled: dict[str, list[str | None]] = {
        "item_origin": ["synthetic" if each else declared.item for each in made],
        "label_origin": [
            own
            if own in NOT_BY_PEOPLE
            else "undeclared"
            if is_made and declared.item != "synthetic"
            else declared.label
            for is_made, own in labels
        ],
        "source": [each or arrival.source for each in said["source"]],
        "licence": _licences(said["licence"], made, arrival.licence),
        "recipe": said["recipe"] if any(made) else [None] * rows.num_rows,
    }
    for name, values in filled.items():
        if name in rows.column_names:
            rows = rows.drop_columns(name)
        rows = rows.append_column(name, pa.array(values, pa.string()))
    return rows


def _licences(said: list[str | None], made: list[bool], given: str) -> list[str | None]:
    """Take the licence a person gives; a file's own counts for synthetic rows alone, and may not contradict."""
    other = sorted({each for each in said if each and each != given})
    if other and given != UNKNOWN_LICENCE:
        raise InputError(
            f"the rows say their licence is {other[0]!r}, --licence says {given!r}", "find out which is right"
        )
    return [(own or given) if is_made else given for own, is_made in zip(said, made, strict=True)]


def _refuse_strange(said: list[str | None], known: tuple[str, ...], column: str) -> None:
    strange = sorted({each for each in said if each} - set(known))
    if strange:
        raise InputError(f"{column} says {strange[0]!r}", f"write one of: {', '.join(known)}, or drop the column")


def _said(rows: pa.Table, name: str) -> list[str | None]:
    if name not in rows.column_names:
        return [None] * rows.num_rows
    spelled = [None if each is None else str(each).strip() for each in rows[name].to_pylist()]
    return [each.lower() if each and name.endswith("_origin") else each or None for each in spelled]


def _refuse_broken(rows: pa.Table) -> None:
    if not rows.num_rows:
        raise InputError("the table has no rows", "add a table that holds some")
    if not payload_columns(rows):
        raise InputError(
            "the table has no payload: only ids, labels and provenance", "add an image, text or plain columns"
        )
    if "image" in rows.column_names:
        drawn = pa.types.is_nested(rows["label"].type)  # who looks for things in pictures takes any size
        for _ in pictures(rows) if drawn else (pixels(rows),):
            pass
    if "audio" in rows.column_names:
        for _ in waves(rows):
            pass


def _refuse_panel_rows(programme: Programme, rows: pa.Table) -> None:
    from bimetal.pilot.tables import refuse_overlap

    for held in programme.datasets("panel"):
        try:
            refuse_overlap(programme.snapshots.get(held.digest), [("arriving", rows)])
        except InputError as fault:
            raise PolicyError(
                f"rule panel-sealed: the panel {held.name!r} is sealed: {fault.message}", fault.hint
            ) from fault
    refuse_sealed(programme, rows)


def _refuse_name(programme: Programme, name: str) -> None:
    if not name or name != name.strip() or not name.isprintable() or name == EVERYTHING or ":" in name:
        raise InputError(f"{name!r} is no name for a dataset", "name it in plain words, without * and :, with --name")
    if programme.datasets(name=name):
        raise InputError(f"a dataset called {name!r} is here already", "name this one with --name")


def _refuse_known_items(programme: Programme, rows: pa.Table) -> None:
    """Refuse items of an earlier window: they wait for people under their id."""
    arriving = set(map(str, rows["id"].to_pylist()))
    for held in programme.datasets("production"):
        known = map(str, programme.snapshots.get(held.digest, ["id"])["id"].to_pylist())
        both = sorted(arriving.intersection(known))
        if both:
            raise InputError(
                f"{len(both)} ids also stand in the window {held.name!r}: {', '.join(both[:5])}",
                "give every item an id of its own",
            )


def _overall(origins: list[Any]) -> ItemOrigin:
    found: set[ItemOrigin] = set(origins)
    return found.pop() if len(found) == 1 else "undeclared"
