"""Agreement against published worked examples, and the coverage of its interval."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.annotation import fleiss_kappa, raw_agreement
from bimetal.errors import InputError
from bimetal.types import Annotation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

# The worked example of the article "Fleiss' kappa" (Wikipedia): ten items, fourteen raters, five labels; kappa .210.
TEN_ITEMS = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]


def annotations(counts):
    votes = []
    for item, row in enumerate(counts):
        values = [str(label) for label, count in enumerate(row) for _ in range(count)]
        votes += [
            Annotation(f"{item}/{who}", str(item), str(who), "human", value, NOON) for who, value in enumerate(values)
        ]
    return votes


def test_the_published_example():
    kappa = fleiss_kappa(annotations(TEN_ITEMS))
    assert kappa.estimate == pytest.approx(0.210, abs=5e-4)
    assert raw_agreement(annotations(TEN_ITEMS)).estimate == pytest.approx(0.378, abs=5e-4)
    assert kappa.low < kappa.estimate < kappa.high


def test_full_agreement_and_one_label_are_one():
    assert fleiss_kappa(annotations([(3, 0), (0, 3)])).estimate == 1
    assert fleiss_kappa(annotations([(3,), (3,)])).estimate == 1


def test_a_single_item_leaves_everything_open():
    agreed = raw_agreement(annotations([(2, 1)]))
    assert (agreed.low, agreed.high) == (0, 1)


def test_without_two_answers_there_is_nothing_to_compare():
    with pytest.raises(InputError, match="two annotators"):
        fleiss_kappa(annotations([(1, 0), (0, 1)]))


def test_a_skipped_answer_is_not_a_vote():
    skipped = Annotation("s", "0", "late", "human", None, NOON, status="skipped", reason="unreadable")
    assert fleiss_kappa([*annotations(TEN_ITEMS), skipped]) == fleiss_kappa(annotations(TEN_ITEMS))


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3).filter(lambda row: sum(row) > 1), min_size=2, max_size=12))
def test_agreement_lies_in_its_interval_and_its_range(counts):
    for measure, floor in ((fleiss_kappa, -1), (raw_agreement, 0)):
        found = measure(annotations(counts))
        assert floor <= found.low <= found.estimate + 1e-12
        assert found.estimate - 1e-12 <= found.high <= 1


def test_the_interval_covers_the_agreement_of_independent_raters():
    # Two labels as likely, three raters right with probability .8: kappa = (2 * .8 - 1) ** 2.
    rng, inside, rounds = np.random.default_rng(3), 0, 200
    for _ in range(rounds):
        truth = rng.integers(2, size=60)
        ones = ((rng.random((60, 3)) < 0.8) == truth[:, None].astype(bool)).sum(axis=1)
        kappa = fleiss_kappa(annotations(np.column_stack([ones, 3 - ones]).tolist()))
        inside += kappa.low <= 0.36 <= kappa.high
    assert 0.90 <= inside / rounds <= 0.99
