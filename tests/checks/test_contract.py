"""What every check keeps: findings with all their words, the same for the same rng, and never an exception."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from bimetal.plugins import Context, make, names, spec_of
from bimetal.types import Dataset, Finding, Origin, Recipe, Spec, Task

RECIPE = Recipe(Spec("generators", "anything"), 1)
CHECKS = names("checks")


def picture(levels):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(levels, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def provenance(n, origin="real"):
    return {
        "id": [f"{origin}-{i}" for i in range(n)],
        "label": [str(i % 2) for i in range(n)],
        "item_origin": [origin] * n,
        "label_origin": ["human"] * n,
        "source": ["a test"] * n,
        "licence": ["CC0-1.0"] * n,
        "recipe": pa.array([RECIPE.digest if origin == "synthetic" else None] * n, pa.string()),
    }


def images(n, origin="real"):
    levels = np.random.default_rng(n).integers(0, 256, (n, 6, 6))
    return pa.table(provenance(n, origin) | {"image": pa.array([picture(each) for each in levels], pa.large_binary())})


def texts(n, origin="real"):
    words = np.random.default_rng(n).choice(["lost", "card", "where", "is", "my", "top-up", "?"], (n, 6))
    return pa.table(provenance(n, origin) | {"text": [" ".join(each) for each in words]})


def plain(n, origin="real"):
    rng = np.random.default_rng(n)
    return pa.table(provenance(n, origin) | {"x": rng.normal(size=n), "job": rng.choice(["a", "b"], n).tolist()})


def nulls(table):
    return pa.table({name: pa.nulls(table.num_rows, table[name].type) for name in table.column_names})


TABLES = {
    "images": images(60, "synthetic"),
    "texts": texts(60, "synthetic"),
    "plain": plain(60, "synthetic"),
    "one row": plain(1),
    "one image": images(1),
    "two rows": plain(2),
    "no rows": plain(0),
    "no columns": pa.table({}),
    "no payload": pa.table(provenance(40)),
    "no provenance": plain(40).select(["x", "job"]),
    "only an id": plain(40).select(["id"]),
    "nulls": nulls(plain(40)),
    "null images": nulls(images(40)),
    "null texts": nulls(texts(40)),
    "untyped nulls": plain(40).set_column(7, "x", pa.nulls(40)),
    "one value": plain(40).set_column(7, "x", pa.array([1.0] * 40)).set_column(8, "job", pa.array(["a"] * 40)),
    "infinite": plain(40).set_column(7, "x", pa.array([float("inf"), float("nan")] * 20)),
    "lists": plain(40).set_column(7, "x", pa.array([[1.0]] * 40)),
    "words for numbers": plain(40).set_column(7, "x", pa.array(["high"] * 40)),
    "broken image": images(40).set_column(7, "image", pa.array([b"no picture"] * 40, pa.large_binary())),
    "blank images": images(40).set_column(7, "image", pa.array([picture(np.zeros((6, 6)))] * 40, pa.large_binary())),
    "numbered labels": plain(40).set_column(1, "label", pa.array(range(40))),
    "one label": plain(40).set_column(1, "label", pa.array(["1"] * 40)),
}
REFERENCES = {
    "images": images(80),
    "texts": texts(80),
    "plain": plain(80),
    "one row": plain(1),
    "nulls": nulls(plain(40)),
}


def dataset(table, role="train"):
    return Dataset("a dataset", table, Task(), role, Origin("undeclared", "a test"))


def run(name, table, reference):
    context = Context(np.random.default_rng(7), {RECIPE.digest: RECIPE}, lambda recipe, n: plain(n, "synthetic"))
    other = None if reference is None else dataset(reference)
    return make(Spec("checks", name))(dataset(table), other, context)


def kept(findings):
    assert findings
    for found in findings:
        assert isinstance(found, Finding)
        assert found.verdict in {"pass", "warn", "fail", "skip"}
        assert all([found.check, found.message, found.guarantee, found.remedy])
        for number in (found.statistic, found.limit):
            assert number is None or np.isfinite(number)
        if found.verdict in {"warn", "fail"} and found.guarantee != "nothing was tested":
            assert found.statistic is not None
            assert found.limit is not None


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("table", TABLES)
def test_no_table_breaks_a_check(name, table):
    kept(run(name, TABLES[table], None))
    for reference in REFERENCES.values():
        kept(run(name, TABLES[table], reference))


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("kind", ["images", "texts", "plain"])
def test_the_same_rng_finds_the_same(name, kind):
    assert run(name, TABLES[kind], REFERENCES[kind]) == run(name, TABLES[kind], REFERENCES[kind])


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_what_its_spec_says(name):
    check = make(Spec("checks", name))
    assert make(spec_of(check)) == check
    assert {each.check for each in run(name, TABLES["plain"], REFERENCES["plain"])} == {name}


def test_the_first_five_are_on_the_shelf():
    assert {"audit_gap", "distribution_shift", "generator_bias", "licence", "mode_collapse"} <= set(CHECKS)
