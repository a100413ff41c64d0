"""Learners around learners see the vectors of the innermost, also where nobody featurised the rows before."""

import numpy as np
import pytest

from bimetal.learners.linear import Linear
from bimetal.learners.scattering import Scattering
from bimetal.learners.self_trained import SelfTrained
from bimetal.learners.spread import Spread


def test_a_wrapper_offers_its_bases_represent_and_only_then():
    assert hasattr(Spread(SelfTrained(Scattering())), "represent")
    assert not hasattr(Spread(SelfTrained(Linear())), "represent")


@pytest.mark.parametrize("wrapper", [SelfTrained, Spread])
def test_without_unlabelled_rows_a_wrapper_is_its_base(wrapper, blobs):
    rows, weight = blobs(40), np.ones(40)
    wrapped = wrapper(Linear())(rows, weight, None, np.random.default_rng(0))
    alone = Linear()(rows, weight, None, np.random.default_rng(0))
    np.testing.assert_array_equal(wrapped.predict_proba(rows), alone.predict_proba(rows))
