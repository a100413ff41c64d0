"""What every generator keeps: same rng same rows, n rows, one schema, replay, provenance, targets met or refused."""

import json

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators import draw, recipe_for
from bimetal.generators._asking import answered
from bimetal.plugins import find, listing, make, names, spec_of
from bimetal.types import Spec, Target
from tests.generators.light import FEWER, LIGHT, STEERED, answer, seed_rows

STAMPS = {"id", "item_origin", "label_origin", "source", "licence", "recipe"}
RUNS = {each.name: each for each in listing("generators")}


@pytest.fixture(params=names("generators"))
def name(request):
    if not RUNS[request.param].available:
        pytest.skip(f"{request.param} needs {', '.join(RUNS[request.param].needs)}")
    return request.param


def spec(name):
    return spec_of(make(Spec("generators", name, LIGHT.get(name, {}))))


def recipe(name, rng_seed):
    return recipe_for(spec(name), rng_seed, None if seed_rows(name) is None else "ab" * 32)


def batches(name, n, seed=5, targets=()):
    steps = make(spec(name))(n, np.random.default_rng(seed), seed_rows(name), targets)
    return list(answered(steps, answer))


def rows(name, n, seed=5, targets=()):
    return pa.Table.from_batches(batches(name, n, seed, targets))


def test_the_same_rng_draws_the_same_rows_and_another_draws_others(name):
    assert rows(name, 12).equals(rows(name, 12))
    assert not rows(name, 12).equals(rows(name, 12, seed=6))


@pytest.mark.parametrize("n", [0, 1, 7, 300])
def test_n_rows_come_in_batches_of_one_schema(name, n):
    drawn = batches(name, min(n, FEWER.get(name, n)))
    assert sum(batch.num_rows for batch in drawn) == min(n, FEWER.get(name, n))
    assert len({batch.schema.to_string() for batch in drawn}) == 1


def test_a_row_depends_on_no_n(name):
    most = min(300, FEWER.get(name, 300))
    many = rows(name, most)
    for n in (1, 5, most - 43):
        assert rows(name, n).equals(many.slice(0, n))


def test_a_negative_n_is_refused(name):
    with pytest.raises(InputError, match="n is -1, expected 0 or more"):
        list(draw(recipe(name, 1), -1, seed_rows(name), answer))


def test_a_generator_that_learns_refuses_to_draw_without_seed_rows(name):
    if seed_rows(name) is None:
        return
    with pytest.raises(InputError, match="got no seed rows"):
        list(make(spec(name))(3, np.random.default_rng(0)))


def test_a_generator_that_asks_says_so_where_nobody_answers(name):
    asks = getattr(find("generators", name), "asks", "")
    assert asks == RUNS[name].asks
    if asks:
        with pytest.raises(InputError, match=f"asks {asks} and nobody answers"):
            list(draw(recipe(name, 1), 3, seed_rows(name)))


def test_a_spec_written_down_makes_an_equal_generator(name):
    generator = make(spec(name))
    written = json.loads(json.dumps(spec_of(generator).json()))
    assert make(Spec(**written)) == generator
    assert hash(make(Spec(**written))) == hash(generator)


def test_a_recipe_replays_bit_for_bit_and_every_row_says_where_it_is_from(name):
    written = recipe(name, 3)
    first, again = (pa.Table.from_batches(draw(written, 9, seed_rows(name), answer)) for _ in range(2))
    assert first.equals(again)
    assert set(first.column_names) >= STAMPS | {"label"}
    assert len(set(first["id"].to_pylist())) == 9
    assert set(first["recipe"].to_pylist()) == {written.digest}
    assert set(first["source"].to_pylist()) == {f"bimetal:{name}"}
    assert set(first["item_origin"].to_pylist()) <= {"synthetic", "real"}
    assert "synthetic" in first["item_origin"].to_pylist()
    generator = make(spec(name))
    own = make(spec(name))(1, np.random.default_rng(0), seed_rows(name), ())
    drawn = next(answered(own, answer)).schema.names
    stated = {"licence": generator.licence, "label_origin": getattr(generator, "label_origin", "construction")}
    for column, value in stated.items():
        assert all(first[column].to_pylist())
        assert column in drawn or set(first[column].to_pylist()) == {value}


def test_a_target_is_met_within_sampling_error(name):
    n, share, column = FEWER.get(name, 1024), 0.4, STEERED.get(name, "label")
    value = rows(name, 1)[column][0].as_py()
    drawn = rows(name, n, targets=(Target(column, value, share),))[column].to_pylist()
    assert abs(drawn.count(value) / n - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_a_target_nobody_can_meet_is_refused(name):
    column = STEERED.get(name, "label")
    for target in (Target("no such column", "x", 0.5), Target(column, "no such value", 0.5), Target(column, "", 2.0)):
        with pytest.raises(InputError):
            rows(name, 3, targets=(target,))
