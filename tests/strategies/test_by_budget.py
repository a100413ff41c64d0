import numpy as np
import pytest

from bimetal.errors import InputError
from bimetal.plugins import Pool
from bimetal.strategies.by_budget import ByBudget
from bimetal.strategies.diverse_margin import DiverseMargin
from bimetal.strategies.margin import Margin
from bimetal.strategies.typiclust import Typiclust


def made(rows=400):
    rng = np.random.default_rng(0)
    return Pool(rng.dirichlet(np.ones(4), rows), rng.normal(size=(rows, 6)).astype(np.float32))


@pytest.mark.parametrize(
    ("labels", "stage"), [(0, Typiclust), (19, Typiclust), (20, DiverseMargin), (200, DiverseMargin), (201, Margin)]
)
def test_it_chooses_as_the_stage_of_its_budget(labels, stage):
    chosen = ByBudget(0.2)(made(), np.arange(labels), 10, np.random.default_rng(5))
    expected = stage(0.2)(made(), np.arange(labels), 10, np.random.default_rng(5))
    np.testing.assert_array_equal(chosen.indices, expected.indices)
    np.testing.assert_array_equal(chosen.probability, expected.probability)


def test_without_a_model_typical_rows_are_chosen_and_late_ones_need_no_embeddings():
    ByBudget()(Pool(embeddings=made().embeddings), np.arange(300), 10, np.random.default_rng(0))
    ByBudget()(Pool(made().scores), np.arange(300), 10, np.random.default_rng(0))
    with pytest.raises(InputError, match="needs embeddings, and the pool has none"):
        ByBudget()(Pool(made().scores), np.arange(3), 10, np.random.default_rng(0))


def test_limits_out_of_order_are_refused():
    with pytest.raises(ValueError, match="few is 60"):
        ByBudget(few=60)
