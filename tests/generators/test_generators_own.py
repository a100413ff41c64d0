"""Generators that copy a seed row's texts refuse columns that are somebody's own; keys are made fresh, fast."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators.table import Table
from bimetal.plugins import make
from bimetal.types import Spec

COPIERS = ("jitter", "smote", "borderline", "copula")


def people(rows=40):
    rng = np.random.default_rng(0)
    mails = [f"person{rng.integers(10**9)}@mail.example" for _ in range(rows)]
    return pa.table({"mail": mails, "age": rng.integers(18, 90, rows), "label": ["a", "b"] * (rows // 2)})


@pytest.mark.parametrize("name", COPIERS)
def test_addresses_are_not_handed_out(name):
    with pytest.raises(InputError, match="column 'mail' differs in nearly every row"):
        list(make(Spec("generators", name))(3, np.random.default_rng(0), people()))


def test_fresh_keys_are_none_of_the_seeds_and_each_its_own():
    seed = people(400)
    made = pa.Table.from_batches(Table()(20_000, np.random.default_rng(0), seed))["mail"].to_pylist()
    assert len(set(made)) == 20_000
    assert not set(made) & set(seed["mail"].to_pylist())


def test_numbers_at_the_end_of_what_a_column_holds_are_refused():
    rows = pa.table({"id_no": pa.array([2**64 - 1 - k for k in range(40)], pa.uint64()), "label": ["a", "b"] * 20})
    with pytest.raises(InputError, match="beyond them there are no more"):
        list(Table()(3, np.random.default_rng(0), rows))


def test_a_label_typed_as_a_number_is_that_label():
    rows = pa.table({"x": np.arange(60.0), "label": ["0", "1", "1"] * 20})
    made = pa.Table.from_batches(Table(only=0)(5, np.random.default_rng(0), rows))
    assert set(made["label"].to_pylist()) == {"0"}
