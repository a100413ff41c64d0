"""Run the shelf of checks on a table or a programme's data, and log every verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bimetal.canonical import Json
from bimetal.plugins import Context, make, names
from bimetal.programme.generation import parsed, recipes, replaying
from bimetal.types import Dataset, Finding, Recipe, Spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bimetal.programme.programme import Programme


TEXTS = ("check", "verdict", "message", "guarantee", "remedy", "where")
NUMBERS = ("statistic", "limit")
FINDINGS = pa.schema([pa.field(name, pa.float64() if name in NUMBERS else pa.string()) for name in (*TEXTS, *NUMBERS)])


def check(dataset: Dataset, reference: Dataset | None, context: Context, only: Sequence[str] = ()) -> list[Finding]:
    """Run every check, or those named, in the order of their names."""
    chosen = only or names("checks")
    return [finding for name in chosen for finding in make(Spec("checks", name))(dataset, reference, context)]


def context_of(programme: Programme) -> Context:
    """Give checks what the programme remembers: its recipes, and how to draw them again."""
    rng = np.random.default_rng([programme.config.programme.rng_seed, 4])
    return Context(rng, recipes(programme), replaying(programme))


def recipes_in(rows: pa.Table) -> dict[str, Recipe]:
    """Read the recipe a generated table carries in its metadata, by digest."""
    text = (rows.schema.metadata or {}).get(b"bimetal.recipe")
    found = [parsed(json.loads(text))] if text else []
    return {recipe.digest: recipe for recipe in found}


def check_programme(
    programme: Programme, dataset: Dataset, reference: Dataset | None, only: Sequence[str] = ()
) -> list[Finding]:
    """Check one dataset of the programme and log the verdicts."""
    found = check(dataset, reference, context_of(programme), only)
    counts: dict[str, Json] = {
        verdict: sum(each.verdict == verdict for each in found) for verdict in ("pass", "warn", "fail", "skip")
    }
    against = reference.name if reference else None
    body: dict[str, Json] = {"name": dataset.name, "reference": against, "verdicts": counts}
    programme.record("checked", dataset.name, {**body, "findings": file_findings(programme, found)})
    return found


def file_findings(programme: Programme, found: Sequence[Finding]) -> str:
    """Keep findings as a snapshot and return its digest: a log entry is small, a list of findings need not be."""
    return programme.snapshots.put(pa.Table.from_pylist([each.json() for each in found], FINDINGS))


def filed_findings(programme: Programme, digest: str) -> list[Finding]:
    """Read findings back from the snapshot that keeps them."""
    return [Finding(**each) for each in programme.snapshots.get(digest).to_pylist()]
