"""How data enter a programme: who says where rows come from, and what is refused at the door."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError, PolicyError
from bimetal.payload import payload_columns, pixels
from bimetal.programme.policy import admit_to_panel
from bimetal.types import UNKNOWN_LICENCE, Dataset, ItemOrigin, LabelOrigin, Origin, Role

if TYPE_CHECKING:
    from bimetal.programme.programme import Programme, Stored

ORIGINS = get_args(ItemOrigin)
LABEL_ORIGINS = get_args(LabelOrigin)


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
    rows = _labelled(programme, arrival)
    rows = _identified(rows, arrival.name)
    rows = _provenance(rows, arrival)
    _refuse_broken(rows)
    if arrival.role == "production":
        _refuse_known_items(programme, rows, arrival.name)
    if arrival.role == "panel":
        admit_to_panel(programme, rows)
    else:
        _refuse_panel_rows(programme, rows)
    origin = Origin(_overall(rows["item_origin"].to_pylist()), arrival.source, arrival.licence)
    dataset = Dataset(arrival.name, rows, programme.config.labelled, arrival.role, origin)
    who = "" if arrival.declared == Declared() else programme.actor
    stored = programme.keep(dataset, declared_by=who)
    return stored, unknowns(rows)


def unknowns(rows: pa.Table) -> list[str]:
    """Name what rows do not say of themselves; each would refuse a release.

    >>> unknowns(pa.table({"item_origin": ["undeclared"], "label_origin": ["human"], "licence": ["MIT"]}))
    ['1 rows do not say whether they are real or synthetic; declare it with --declare']
    """
    said = [
        ("item_origin", "undeclared", "do not say whether they are real or synthetic; declare it with --declare"),
        ("label_origin", "undeclared", "do not say who or what labelled them; declare it with --declare"),
        ("licence", UNKNOWN_LICENCE, "have no known licence; name it with --licence"),
    ]
    counts = [(rows[column].to_pylist().count(value), words) for column, value, words in said]
    return [f"{count} rows {words}" for count, words in counts if count]


def _labelled(programme: Programme, arrival: Arrival) -> pa.Table:
    rows, label = arrival.rows, arrival.label or "label"
    if label not in rows.column_names:
        if arrival.label or arrival.role in {"train", "panel", "gold"}:
            raise InputError(
                f"the table has no column {label!r}",
                f"name the label column with --label: {', '.join(rows.column_names)}",
            )
        return rows.append_column("label", pa.nulls(rows.num_rows, pa.string()))
    values = pc.cast(rows[label], pa.string())
    rows = rows.set_column(rows.column_names.index(label), "label", values)
    if arrival.role in {"panel", "gold"} and values.null_count:
        raise InputError(f"{values.null_count} {arrival.role} rows have no label", "label them, or leave them out")
    allowed = programme.config.task.labels
    strange = sorted({str(value) for value in values.drop_null().to_pylist()} - set(allowed)) if allowed else []
    if strange:
        raise InputError(f"label {strange[0]!r} is not one of the task's", f"expected one of: {', '.join(allowed)}")
    return rows


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
    """Fill the provenance columns: a row's own word counts for 'synthetic', a person's declaration for the rest."""
    declared, count = arrival.declared, rows.num_rows
    said = {name: _said(rows, name) for name in ("item_origin", "label_origin", "source", "licence", "recipe")}
    synthetic = [each == "synthetic" for each in said["item_origin"]]
    own = zip(synthetic, said["label_origin"], strict=True)
    filled: dict[str, list[str | None]] = {
        "item_origin": ["synthetic" if made else declared.item for made in synthetic],
        "label_origin": [(origin or "undeclared") if made else declared.label for made, origin in own],
        "source": [each or arrival.source for each in said["source"]],
        "licence": [each or arrival.licence for each in said["licence"]],
        "recipe": said["recipe"] if any(synthetic) else [None] * count,
    }
    for name, values in filled.items():
        if name in rows.column_names:
            rows = rows.drop_columns(name)
        rows = rows.append_column(name, pa.array(values, pa.string()))
    return rows


def _said(rows: pa.Table, name: str) -> list[str | None]:
    if name not in rows.column_names:
        return [None] * rows.num_rows
    return [None if each is None else str(each) for each in rows[name].to_pylist()]


def _refuse_broken(rows: pa.Table) -> None:
    if not payload_columns(rows):
        raise InputError(
            "the table has no payload: only ids, labels and provenance", "add an image, text or plain columns"
        )
    if "image" in rows.column_names:
        pixels(rows)


def _refuse_panel_rows(programme: Programme, rows: pa.Table) -> None:
    from bimetal.pilot.tables import refuse_overlap

    for held in programme.datasets("panel"):
        try:
            refuse_overlap(programme.snapshots.get(held.digest), [("arriving", rows)])
        except InputError as fault:
            raise PolicyError(f"the panel {held.name!r} is sealed: {fault.message}", fault.hint) from fault


def _refuse_known_items(programme: Programme, rows: pa.Table, name: str) -> None:
    """Items wait for people under their id, and windows under their name: both must be their own."""
    arriving = set(map(str, rows["id"].to_pylist()))
    for held in programme.datasets("production"):
        if held.name == name:
            raise InputError(f"a production window called {name!r} is here already", "name this one with --name")
        both = sorted(arriving.intersection(map(str, programme.snapshots.get(held.digest, ["id"])["id"].to_pylist())))
        if both:
            raise InputError(
                f"{len(both)} ids also stand in the window {held.name!r}: {', '.join(both[:5])}",
                "give every item an id of its own",
            )


def _overall(origins: list[Any]) -> ItemOrigin:
    found: set[ItemOrigin] = set(origins)
    return found.pop() if len(found) == 1 else "undeclared"
