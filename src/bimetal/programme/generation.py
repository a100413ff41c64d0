"""Draw synthetic rows into a programme: recipe logged, batches resumable, every row able to say who made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import ConfigError
from bimetal.generators import draw, recipe_for
from bimetal.plugins import make
from bimetal.types import UNKNOWN_LICENCE, Dataset, Origin, Recipe, Spec, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bimetal.programme.programme import Programme, Stored


@dataclass(frozen=True)
class Order:
    """What to draw: how many rows, under which name, from which seed, toward which slices, and for which window."""

    n: int
    name: str
    rng_seed: int
    targets: tuple[Target, ...] = ()
    parents: tuple[str, ...] = ()


def generate(programme: Programme, order: Order) -> Stored:
    """Draw rows and keep them as training data; the same order again is a look-up.

    Raises ConfigError where bimetal.toml names no generator.
    """
    spec = programme.config.generator_spec
    if spec is None:
        raise ConfigError("bimetal.toml names no generator", hint="add a [generator] table with a name")
    recipe = recipe_for(spec, order.rng_seed, targets=order.targets)
    held = [each for each in programme.datasets(name=order.name) if each.details["recipe"] == recipe.json()]
    if held and held[-1].rows == order.n:
        return held[-1]
    key: dict[str, Json] = {"recipe": recipe.json(), "n": order.n}
    rows = programme.steps.table("generate", key, lambda: pa.Table.from_batches(list(draw(recipe, order.n))))
    licence = getattr(make(spec), "licence", UNKNOWN_LICENCE)
    origin = Origin("synthetic", f"bimetal:{spec.name}", licence, recipe, order.parents)
    dataset = Dataset(order.name, rows, programme.config.labelled, "train", origin)
    return programme.keep(dataset, "generated", recipe_digest=recipe.digest)


def recipes(programme: Programme) -> dict[str, Recipe]:
    """Read back every recipe the programme has drawn from, by digest."""
    found = [parsed(each.details["recipe"]) for each in programme.datasets() if each.details.get("recipe")]
    return {recipe.digest: recipe for recipe in found}


def replay(recipe: Recipe, n: int) -> pa.Table:
    """Draw the first n rows of a recipe again."""
    return pa.Table.from_batches(list(draw(recipe, n)))


def parsed(text: Mapping[str, Any]) -> Recipe:
    """Turn a recipe's JSON back into the recipe."""
    targets = tuple(Target(**each) for each in text["targets"])
    return Recipe(Spec(**text["spec"]), text["rng_seed"], text["seed_rows"], targets, text["environment"])
