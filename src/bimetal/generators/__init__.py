"""Rows that never happened: draw them from a recipe, each stamped with where it comes from."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._asking import answered
from bimetal.plugins import find, make
from bimetal.types import UNKNOWN_LICENCE, Recipe, Spec, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bimetal.plugins import Answer

__all__ = ["draw", "licence_of", "recipe_for"]

PACKAGES = ("bimetal", "matplotlib", "numpy", "pillow", "scipy")


def draw(
    recipe: Recipe, n: int, seed_rows: pa.Table | None = None, answer: Answer | None = None
) -> Iterator[pa.RecordBatch]:
    """Draw n rows of a recipe; the same recipe gives the same rows, and a larger n begins with those of a smaller.

    Adds `id`, `item_origin`, `label_origin`, `source`, `licence` and `recipe` (its digest) to what the generator draws;
    of these it may have drawn origins and licence itself. `answer` replies to a generator that asks outside.
    Raises InputError for a negative n, for targets the generator cannot meet, and where `seed_rows` are missing though
    the recipe names them, or given though it names none.

    >>> recipe = recipe_for(Spec("generators", "digits", {"size": 8}), rng_seed=7)
    >>> rows = pa.Table.from_batches(draw(recipe, 2))
    >>> rows["item_origin"].to_pylist(), rows["licence"].to_pylist()
    (['synthetic', 'synthetic'], ['CC0-1.0', 'CC0-1.0'])
    """
    if (recipe.seed_rows is None) != (seed_rows is None):
        named = "no seed rows" if recipe.seed_rows is None else f"seed rows {recipe.seed_rows[:12]}"
        raise InputError(
            f"the recipe names {named} and {'none' if seed_rows is None else 'some'} were given",
            "make the recipe with the digest of the seed rows it is drawn with",
        )
    generator = make(recipe.spec)
    steps = generator(n, np.random.default_rng(recipe.rng_seed), seed_rows, recipe.targets)
    stamps = {
        "item_origin": "synthetic",
        "label_origin": getattr(generator, "label_origin", "construction"),
        "source": f"bimetal:{recipe.spec.name}",
        "licence": licence_of(generator, seed_rows),
        "recipe": recipe.digest,
    }
    return _stamped(answered(steps, answer), stamps)


def licence_of(generator: Any, seed_rows: pa.Table | None) -> str:
    """Name the licence of what a generator draws: its own, joined by AND with those of the seed rows it learns from.

    >>> from bimetal.generators.jitter import Jitter
    >>> licence_of(Jitter(), pa.table({"licence": ["CC-BY-SA-3.0", "MIT OR CC0-1.0"]}))
    'CC-BY-SA-3.0 AND (MIT OR CC0-1.0)'
    """
    own = getattr(generator, "licence", UNKNOWN_LICENCE)
    if seed_rows is None or "licence" not in seed_rows.column_names:
        return str(own)
    parts = {each or UNKNOWN_LICENCE for each in seed_rows["licence"].to_pylist()}
    alone = not getattr(generator, "learns", False) or getattr(generator, "asks", "") == "chat"  # a model has terms too
    parts |= {own} if own != UNKNOWN_LICENCE or alone else set()
    if UNKNOWN_LICENCE in parts:
        return UNKNOWN_LICENCE
    return " AND ".join(f"({each})" if " OR " in each and len(parts) > 1 else each for each in sorted(parts))


def recipe_for(
    spec: Spec, rng_seed: int, seed_rows_digest: str | None = None, targets: tuple[Target, ...] = ()
) -> Recipe:
    """Write a recipe that also records the environment: Python and the packages rows may depend on.

    >>> sorted(recipe_for(Spec("generators", "digits"), rng_seed=7).environment)
    ['bimetal', 'matplotlib', 'numpy', 'pillow', 'python', 'scipy']
    """
    if rng_seed < 0:
        raise InputError(f"rng_seed is {rng_seed}, expected 0 or more", "give a whole number such as 7")
    packages = (*PACKAGES, *getattr(find("generators", spec.name), "packages", ()))
    environment = {"python": platform.python_version(), **{name: version(name) for name in packages}}
    return Recipe(spec, rng_seed, seed_rows_digest, targets, environment)


def _stamped(batches: Iterable[pa.RecordBatch], stamps: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in batches:
        rows = range(start, start + batch.num_rows)
        ids = pa.array([f"{stamps['recipe'][:12]}-{row:07d}" for row in rows], pa.string())
        lacking = {name: value for name, value in stamps.items() if name not in batch.schema.names}
        columns = [pa.array([value] * len(rows), pa.string()) for value in lacking.values()]
        yield pa.RecordBatch.from_arrays([ids, *batch.columns, *columns], ["id", *batch.schema.names, *lacking])
        start = rows.stop
