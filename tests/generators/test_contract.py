"""What every generator keeps: same rng same rows, n rows, one schema, replay, provenance, targets met or refused."""

import json

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators import draw, recipe_for
from bimetal.plugins import find, make, names, spec_of
from bimetal.types import Spec, Target

STAMPS = {"id", "item_origin", "label_origin", "source", "licence", "recipe"}
pytestmark = pytest.mark.parametrize("name", names("generators"))


def rows(name, n, seed=5, targets=()):
    return pa.Table.from_batches(make(Spec("generators", name))(n, np.random.default_rng(seed), targets=targets))


def test_the_same_rng_draws_the_same_rows_and_another_draws_others(name):
    assert rows(name, 12).equals(rows(name, 12))
    assert not rows(name, 12).equals(rows(name, 12, seed=6))


@pytest.mark.parametrize("n", [0, 1, 7, 300])
def test_n_rows_come_in_batches_of_one_schema(name, n):
    batches = list(make(Spec("generators", name))(n, np.random.default_rng(5)))
    assert sum(batch.num_rows for batch in batches) == n
    assert len({batch.schema.to_string() for batch in batches}) == 1


def test_a_row_depends_on_no_n(name):
    many = rows(name, 300)
    for n in (1, 5, 257):
        assert rows(name, n).equals(many.slice(0, n))


def test_a_negative_n_is_refused(name):
    with pytest.raises(InputError, match="n is -1, expected 0 or more"):
        list(draw(recipe_for(Spec("generators", name), 1), -1))


def test_a_spec_written_down_makes_an_equal_generator(name):
    generator = make(Spec("generators", name))
    written = json.loads(json.dumps(spec_of(generator).json()))
    assert make(Spec(**written)) == generator
    assert hash(make(Spec(**written))) == hash(generator)


def test_a_recipe_replays_bit_for_bit_and_every_row_says_where_it_is_from(name):
    recipe = recipe_for(spec_of(make(Spec("generators", name))), 3)
    first, again = (pa.Table.from_batches(draw(recipe, 9)) for _ in range(2))
    assert first.equals(again)
    assert set(first.column_names) >= STAMPS | {"label"}
    assert len(set(first["id"].to_pylist())) == 9
    same = {column: set(first[column].to_pylist()) for column in STAMPS - {"id"}}
    assert same == {
        "item_origin": {"synthetic"},
        "label_origin": {"construction"},
        "source": {f"bimetal:{name}"},
        "licence": {find("generators", name).licence},
        "recipe": {recipe.digest},
    }


def test_a_target_on_a_label_is_met_within_sampling_error(name):
    n, share = 1024, 0.4
    value = rows(name, 1)["label"][0].as_py()
    drawn = rows(name, n, targets=(Target("label", value, share),))["label"].to_pylist()
    assert abs(drawn.count(value) / n - share) < 4 * np.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize(
    "target", [Target("no such column", "x", 0.5), Target("label", "no such label", 0.5), Target("label", "", 2.0)]
)
def test_a_target_nobody_can_meet_is_refused(name, target):
    with pytest.raises(InputError):
        rows(name, 3, targets=(target,))
