"""What an evaluation panel may hold: real items, labelled by people, seen by no other part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.decision import BINDINGS
from bimetal.errors import InputError, PolicyError
from bimetal.pilot.tables import refuse_overlap, row_names
from bimetal.programme.policy.case import rule_words

if TYPE_CHECKING:
    import pyarrow as pa

    from bimetal.programme.programme import Programme

DEMANDS = {"panel-real": ("item_origin", "real"), "panel-human": ("label_origin", "human")}


def admit_to_panel(programme: Programme, rows: pa.Table) -> None:
    """Raise PolicyError, naming rows, where a panel would hold anything but real, human-labelled, held-out items."""
    for name, (column, demanded) in DEMANDS.items():
        broken = [row for row, value in enumerate(rows[column].to_pylist()) if value != demanded]
        if broken:
            rule = next(each for each in BINDINGS if each.name == name)
            told = f"{len(broken)} rows break it: {row_names(rows, broken)}"
            raise PolicyError(f"{rule_words(rule)}; {told}", rule.way_out)
    try:
        refuse_overlap(rows, ((each.name, programme.snapshots.get(each.digest)) for each in programme.datasets()))
    except InputError as fault:
        raise PolicyError(f"rule panel-sealed: {fault.message}", fault.hint) from fault
