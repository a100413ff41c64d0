"""Draw synthetic rows into a programme: recipe logged, batches resumable, every row able to say who made it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import ConfigError, PolicyError
from bimetal.generators import draw, licence_of, recipe_for
from bimetal.plugins import make
from bimetal.programme.doors import Doors, answers, bound, ledger_beside
from bimetal.programme.sources import register_generator
from bimetal.types import Dataset, Origin, Recipe, Spec, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bimetal.programme.programme import Programme, Stored


@dataclass(frozen=True)
class Order:
    """What to draw: how many rows, under which name, from which seed, toward which slices, and for which window.

    `spec` is bimetal.toml's generator where it is not given; `seed_rows` is the snapshot a generator learns from;
    `doors` say who answers one that asks outside.
    """

    n: int
    name: str
    rng_seed: int
    targets: tuple[Target, ...] = ()
    parents: tuple[str, ...] = ()
    spec: Spec | None = None
    seed_rows: str | None = None
    doors: Doors = field(default_factory=Doors)


def generate(programme: Programme, order: Order) -> Stored:
    """Draw rows and keep them as training data; the same order again is a look-up.

    Raises ConfigError where no generator is named, PolicyError where seed rows stand on a panel or wait in quarantine.
    """
    named = order.spec or programme.config.generator_spec
    if named is None:
        raise ConfigError("bimetal.toml names no generator", "add a [generator] table with a name, or name one")
    spec = bound(programme, named, order.doors)
    _refuse_seeds(programme, order.seed_rows)
    recipe = recipe_for(spec, order.rng_seed, order.seed_rows, targets=order.targets)
    seeds = learned_from(programme, order.seed_rows) if order.seed_rows else None
    licence = licence_of(make(spec), seeds)
    register_generator(programme, spec, licence, recipe.seed_rows)
    held = [each for each in programme.datasets(name=order.name) if each.details["recipe"] == recipe.json()]
    if held and held[-1].rows == order.n:
        return held[-1]
    key: dict[str, Json] = {"recipe": recipe.json(), "n": order.n}
    taken: dict[str, Json] = {}  # stays empty where the rows were drawn before

    def timed() -> pa.Table:
        begun = perf_counter()
        drawn = _drawn(programme, recipe, order.n, order.doors)
        taken["seconds"] = round(perf_counter() - begun, 3)
        return drawn

    rows = programme.steps.table("generate", key, timed)
    origin = Origin("synthetic", f"bimetal:{spec.name}", licence, recipe, order.parents)
    dataset = Dataset(order.name, rows, programme.config.labelled, "train", origin)
    return programme.keep(dataset, "generated", recipe_digest=recipe.digest, **taken)


@contextmanager
def looking(programme: Programme, order: Order) -> Iterator[tuple[Recipe, Iterator[pa.RecordBatch]]]:
    """Begin to draw what an order wants, from the seed rows the programme keeps, and keep nothing."""
    spec = bound(programme, order.spec or Spec("generators", order.name), order.doors)
    _refuse_seeds(programme, order.seed_rows)
    recipe = recipe_for(spec, order.rng_seed, order.seed_rows, targets=order.targets)
    seeds = learned_from(programme, order.seed_rows) if order.seed_rows else None
    with answers(programme, recipe, order.doors, seeds) as answer:
        yield recipe, draw(recipe, order.n, seeds, answer)


def _refuse_seeds(programme: Programme, seed_rows: str | None) -> None:
    from bimetal.programme.quarantine import refuse_quarantined  # which files findings, as checks of recipes do

    for panel in programme.datasets("panel"):
        if panel.digest == seed_rows:
            raise PolicyError(
                f"rule panel-sealed: {panel.name} is a panel, no generator learns from it", "learn from others"
            )
    for held in programme.datasets():
        if held.digest == seed_rows:
            refuse_quarantined(programme, held, "no generator learns from it")


def recipes(programme: Programme) -> dict[str, Recipe]:
    """Read back every recipe the programme has drawn from, by digest."""
    found = [parsed(each.details["recipe"]) for each in programme.datasets() if each.details.get("recipe")]
    return {recipe.digest: recipe for recipe in found}


def replaying(programme: Programme) -> Callable[[Recipe, int], pa.Table]:
    """Give a function that draws a recipe again with the seed rows and the replies the programme keeps."""
    return lambda recipe, n: _drawn(programme, recipe, n, Doors(replay=True))


def replaying_file(name: str) -> Callable[[Recipe, int], pa.Table]:
    """Give a function that draws a file's recipes again, with the replies that stand beside the file."""
    return lambda recipe, n: _drawn(None, recipe, n, Doors(ledger=ledger_beside(name), replay=True))


def _drawn(programme: Programme | None, recipe: Recipe, n: int, doors: Doors) -> pa.Table:
    seeds = learned_from(programme, recipe.seed_rows) if programme and recipe.seed_rows else None
    with answers(programme, recipe, doors, seeds) as answer:
        return pa.Table.from_batches(list(draw(recipe, n, seeds, answer)))


def learned_from(programme: Programme, digest: str) -> pa.Table:
    """Read seed rows without those held out to judge privacy by: a boolean column `holdout` says which."""
    rows = programme.snapshots.get(digest)
    if "holdout" not in rows.column_names:
        return rows
    held = [str(each).lower() == "true" for each in rows["holdout"].to_pylist()]
    return rows.filter(pa.array([not each for each in held], pa.bool_()))


def parsed(text: Mapping[str, Any]) -> Recipe:
    """Turn a recipe's JSON back into the recipe."""
    targets = tuple(Target(**each) for each in text["targets"])
    return Recipe(Spec(**text["spec"]), text["rng_seed"], text["seed_rows"], targets, text["environment"])
