"""The verbs of generation: recipes remember what rows depend on, and stamps say so."""

import importlib.metadata

import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators import draw, recipe_for
from bimetal.types import Spec, Target

SPEC = Spec("generators", "digits", {"size": 8})


def test_a_recipe_records_the_environment_the_targets_and_the_seed():
    recipe = recipe_for(SPEC, 7, targets=(Target("label", "7", 0.5),))
    assert recipe.environment["numpy"] == importlib.metadata.version("numpy")
    assert recipe.digest != recipe_for(SPEC, 7).digest != recipe_for(SPEC, 8).digest


def test_targets_of_a_recipe_steer_its_draw():
    rows = pa.Table.from_batches(draw(recipe_for(SPEC, 7, targets=(Target("label", "7", 1.0),)), 20))
    assert set(rows["label"].to_pylist()) == {"7"}


def test_ids_go_on_across_batches():
    recipe = recipe_for(SPEC, 7)
    ids = pa.Table.from_batches(draw(recipe, 260))["id"].to_pylist()
    assert ids[255:257] == [f"{recipe.digest[:12]}-0000255", f"{recipe.digest[:12]}-0000256"]


def test_no_rows_still_have_the_whole_schema():
    recipe = recipe_for(SPEC, 7)
    assert pa.Table.from_batches(draw(recipe, 0)).schema == pa.Table.from_batches(draw(recipe, 1)).schema


def test_seed_rows_and_their_digest_come_together():
    with pytest.raises(InputError, match="the recipe names seed rows abababababab and none were given"):
        draw(recipe_for(SPEC, 7, "ab" * 32), 3)
    with pytest.raises(InputError, match="the recipe names no seed rows and some were given"):
        draw(recipe_for(SPEC, 7), 3, pa.table({"label": ["1"]}))


def test_a_negative_seed_is_refused():
    with pytest.raises(InputError, match="rng_seed is -1"):
        recipe_for(SPEC, -1)
