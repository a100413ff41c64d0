"""Synthetic rows for a pilot's cells: drawn by a generator, taken from a table, or learned anew from each cell's N."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.errors import BimetalError, InputError
from bimetal.payload import where
from bimetal.plugins import Generator

DOUBLINGS = 6  # a generator may draw up to 32 times what is kept, then it does not know these labels
SYNTHETIC_PANEL = 1000  # synthetic rows kept apart: how much better do models look on what resembles training?


@dataclass(frozen=True)
class Draw:
    """One seed's synthetic rows, to be drawn by a generator."""

    seed: int
    rows: int
    source: str = ""

    def json(self) -> dict[str, Any]:
        return {"seed": self.seed, "rows": self.rows, "source": self.source}


@dataclass(frozen=True)
class DrawSynthetic:
    """Draw the synthetic rows a seed needs, of the real table's labels alone.

    Smaller arms take the first of them. Raises InputError where the generator does not draw those labels.
    """

    generators: Mapping[str, Generator]
    labels: frozenset[Any]
    rng_seed: int

    def __call__(self, draw: Draw) -> pa.Table:
        rng_seed = [self.rng_seed, 1, draw.seed]
        return drawn(self.generators[draw.source], draw.rows, rng_seed, self.labels)


def drawn(
    generator: Generator, rows: int, rng_seed: list[int], labels: frozenset[Any], seed_rows: pa.Table | None = None
) -> pa.Table:
    """Draw rows whose label is among `labels` (any, where that is empty); the first are the same whatever `rows`."""
    for n in (rows * 2**times for times in range(DOUBLINGS)):
        made = _made(generator, n, np.random.default_rng(rng_seed), seed_rows)
        known = where(made, "label", *labels) if labels else made
        if known.num_rows >= rows:
            return known.slice(0, rows)
    raise InputError(
        f"the generator drew {known.num_rows} rows with the real table's labels, {rows} were needed",
        f"give both the same labels: {', '.join(sorted(map(str, labels))[:10])}",
    )


def _made(generator: Generator, n: int, rng: np.random.Generator, seed_rows: pa.Table | None) -> pa.Table:
    batches: list[pa.RecordBatch] = []
    try:
        batches.extend(generator(n, rng, seed_rows))
    except BimetalError:
        raise
    except Exception as fault:  # whatever other people's code raises
        raise InputError(
            f"the generator failed after {sum(batch.num_rows for batch in batches)} of {n} rows: "
            f"{type(fault).__name__}: {fault}",
            "mend it and run the same command again: fits that were finished are kept",
        ) from fault
    if not batches:
        raise InputError(f"the generator drew nothing where {n} rows were asked for", "let it yield record batches")
    return pa.Table.from_batches(batches)


def learns(source: Any) -> bool:
    """Say whether a source fits itself to human rows, and so must be fitted anew in each cell."""
    return callable(source) and bool(getattr(source, "learns", False))


def shuffled(table: pa.Table, most: int, rng_seed: int, seed: int) -> pa.Table:
    """Order a synthetic table for one seed; the rows beyond `most` serve as its synthetic panel."""
    if table.num_rows < most:
        raise InputError(
            f"the synthetic table has {table.num_rows} rows and the arms want up to {most}",
            "pass more synthetic rows, a generator, or smaller sizes",
        )
    return table.take(np.random.default_rng([rng_seed, 1, seed]).permutation(table.num_rows))


def synthetic_panel(rows: pa.Table, most: int) -> pa.Table | None:
    """Return the synthetic rows that no arm trains on, None where fewer than 50 are left."""
    left = rows.slice(max(most, rows.num_rows - SYNTHETIC_PANEL))
    return left if left.num_rows >= 50 else None
