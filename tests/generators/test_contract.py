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


def seed_rows(name):
    """Labelled real rows for a generator that learns, None for one that does not."""
    if not getattr(find("generators", name), "learns", False):
        return None
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "id": [f"real-{row}" for row in range(40)],
            "height": rng.normal(170, 10, 40),
            "children": rng.integers(0, 5, 40),
            "town": ["east", "west"] * 20,
            "label": ["no"] * 30 + ["yes"] * 10,
        }
    )


def recipe(name, rng_seed):
    spec = spec_of(make(Spec("generators", name)))
    return recipe_for(spec, rng_seed, None if seed_rows(name) is None else "ab" * 32)


def batches(name, n, seed=5, targets=()):
    return list(make(Spec("generators", name))(n, np.random.default_rng(seed), seed_rows(name), targets))


def rows(name, n, seed=5, targets=()):
    return pa.Table.from_batches(batches(name, n, seed, targets))


def test_the_same_rng_draws_the_same_rows_and_another_draws_others(name):
    assert rows(name, 12).equals(rows(name, 12))
    assert not rows(name, 12).equals(rows(name, 12, seed=6))


@pytest.mark.parametrize("n", [0, 1, 7, 300])
def test_n_rows_come_in_batches_of_one_schema(name, n):
    drawn = batches(name, n)
    assert sum(batch.num_rows for batch in drawn) == n
    assert len({batch.schema.to_string() for batch in drawn}) == 1


def test_a_row_depends_on_no_n(name):
    many = rows(name, 300)
    for n in (1, 5, 257):
        assert rows(name, n).equals(many.slice(0, n))


def test_a_negative_n_is_refused(name):
    with pytest.raises(InputError, match="n is -1, expected 0 or more"):
        list(draw(recipe(name, 1), -1, seed_rows(name)))


def test_a_generator_that_learns_refuses_to_draw_without_seed_rows(name):
    if seed_rows(name) is None:
        return
    with pytest.raises(InputError, match="got no seed rows"):
        make(Spec("generators", name))(3, np.random.default_rng(0))


def test_a_spec_written_down_makes_an_equal_generator(name):
    generator = make(Spec("generators", name))
    written = json.loads(json.dumps(spec_of(generator).json()))
    assert make(Spec(**written)) == generator
    assert hash(make(Spec(**written))) == hash(generator)


def test_a_recipe_replays_bit_for_bit_and_every_row_says_where_it_is_from(name):
    written = recipe(name, 3)
    first, again = (pa.Table.from_batches(draw(written, 9, seed_rows(name))) for _ in range(2))
    assert first.equals(again)
    assert set(first.column_names) >= STAMPS | {"label"}
    assert len(set(first["id"].to_pylist())) == 9
    same = {column: set(first[column].to_pylist()) for column in STAMPS - {"id"}}
    assert same == {
        "item_origin": {"synthetic"},
        "label_origin": {"construction"},
        "source": {f"bimetal:{name}"},
        "licence": {find("generators", name).licence},
        "recipe": {written.digest},
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
