"""Licences: unknown never passes, spelling is read as SPDX, and synthetic rows carry what their seed rows ask."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.checks.licence import Licence
from bimetal.licensing import resolve
from bimetal.plugins import Context
from bimetal.types import Dataset, Origin, Recipe, Spec, Task

LEARNED = Recipe(Spec("generators", "table"), 1, seed_rows="ab" * 32)
FREE = Recipe(Spec("generators", "digits"), 1)


def dataset(licences, role="train", **columns):
    table = pa.table(
        {"id": [f"r{i}" for i in range(len(licences))], "licence": pa.array(licences, pa.string()), **columns}
    )
    return Dataset("rows", table, Task(), role, Origin("real", "a test"))


def judged(licences, on_file=(), **columns):
    return Licence(on_file)(dataset(licences, **columns), None, Context(np.random.default_rng(0)))


READABLE = ["MIT", "mit", "CC-BY-4.0 AND MIT", "Apache-2.0 OR MIT", "GPL-2.0+", "CC0-1.0", "CC BY 4.0", "OpenAI API"]


@pytest.mark.parametrize("spelled", READABLE)
def test_a_readable_licence_passes(spelled):
    assert [each.verdict for each in judged([spelled, "MIT"])] == ["pass"]


BAD = [
    None,
    "",
    "  ",
    "unknown",
    "Unknown",
    "NOASSERTION",
    "NONE",
    "free to use",
    "CC BY",
    "GPL",
    "MIT OR",
    "(MIT",
    "MIT AND unknown",
    "MIT CC0-1.0",
    "LicenseRef-scancode-unknown",
    "LicenseRef-ours",
    "Classpath-exception-2.0",
    "AND",
    ")",
]


@pytest.mark.parametrize("spelled", BAD)
def test_anything_else_blocks(spelled):
    found = judged(["MIT", spelled, spelled])[0]
    assert (found.verdict, found.statistic, found.limit) == ("fail", 2, 0)
    assert "first: 'r1', 'r2'" in found.message
    assert "MIT 1" in found.message


def test_names_as_people_write_them_count_as_the_licence_they_name():
    found = judged(["CC BY 4.0", "cc-by-4.0", "Creative Commons Attribution 4.0 International"])[0]
    assert "CC-BY-4.0 3" in found.message


def test_each_distinct_name_is_read_once_however_many_rows_carry_it(monkeypatch):
    asked = []
    monkeypatch.setattr("bimetal.checks.licence.resolve", lambda *said: asked.append(said) or resolve(*said))
    assert judged(["CC BY 4.0", "free to use"] * 1000)[0].statistic == 1000
    assert len(asked) == 2


@given(st.text())
def test_no_text_breaks_the_check(text):
    assert judged([text])[0].verdict in {"pass", "fail"}


def test_a_licence_on_file_is_known_beside_the_public_ones():
    assert judged(["LicenseRef-ours AND MIT"], on_file=("LicenseRef-ours",))[0].verdict == "pass"
    assert judged(["LicenseRef-theirs"], on_file=("LicenseRef-ours",))[0].verdict == "fail"


def test_a_table_without_the_column_fails_and_one_without_rows_is_skipped():
    table = pa.table({"id": ["a"]})
    bare = Dataset("rows", table, Task(), "train", Origin("real", "a test"))
    assert Licence()(bare, None, Context(np.random.default_rng(0)))[0].verdict == "fail"
    assert judged([])[0].verdict == "skip"


def inherited(licence, seed_licences, recipe=LEARNED):
    rows = dataset([licence], item_origin=["synthetic"], recipe=[recipe.digest])
    seeds = None if seed_licences is None else dataset(seed_licences, role="seed")
    context = Context(np.random.default_rng(0), {recipe.digest: recipe})
    return {each.where: each.verdict for each in Licence()(rows, seeds, context)}


@pytest.mark.parametrize(
    ("licence", "seeds", "verdict"),
    [
        ("CC-BY-SA-4.0", ["CC-BY-SA-4.0"], "pass"),
        ("CC-BY-SA-4.0 AND MIT", ["CC-BY-SA-4.0", "MIT"], "pass"),
        ("CC-BY-SA-4.0", ["CC-BY-SA-4.0", "MIT"], "fail"),
        ("CC BY-SA 4.0", ["cc-by-sa-4.0"], "pass"),
        ("CC0-1.0", ["CC-BY-SA-4.0"], "fail"),
        ("CC-BY-SA-4.0 OR MIT", ["CC-BY-SA-4.0"], "fail"),
        ("CC-BY-SA-4.0", ["CC-BY-SA-4.0", None], "fail"),
        ("CC-BY-SA-4.0", [], "fail"),
        ("CC0-1.0", None, "skip"),
    ],
)
def test_synthetic_rows_carry_the_licence_of_their_seed_rows(licence, seeds, verdict):
    assert inherited(licence, seeds) == {"": "pass", "inheritance": verdict}


def test_a_generator_without_seed_rows_inherits_nothing():
    assert inherited("CC0-1.0", ["CC-BY-SA-4.0"], FREE) == {"": "pass"}
