"""The priced table: every input has a source with its year or says that it is assumed."""

import pytest

from bimetal.cost import inputs, kinds, priced
from bimetal.errors import UnknownName

ROWS = [(kind, row) for kind in kinds() for row in priced(kind).values() if row.range]


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=lambda each: each if isinstance(each, str) else each.name)
def test_every_price_is_sourced_or_marked(kind, row):
    assert row.assumption or (row.source and row.year)
    assert len(row.range) == 3
    assert list(row.range) == sorted(row.range)
    assert row.unit
    assert row.group
    assert row.says
    assert not row.share or row.range[2] <= 1


@pytest.mark.parametrize(
    ("kind", "name", "within"),
    [
        ("image class", "label_price", (0.012, 0.035)),
        ("image box", "label_price", (0.036, 0.063)),
        ("image polygon", "label_price", (0.18, 0.26)),
        ("image mask", "seconds", (80, 80)),
        ("driving frame", "seconds", (5400, 5400)),
        ("text class", "synthetic_item", (0.003, 0.003)),
        ("image class", "synthetic_item", (0.0075, 0.0075)),
        ("audio minute", "label_price", (1.5, 3)),
        ("preference pair", "label_price", (1, 2)),
    ],
)
def test_sourced_prices_are_those_published(kind, name, within):
    row = priced(kind)[name]
    assert not row.assumption
    assert within[0] <= row.median <= within[1]


def test_what_nobody_publishes_is_an_assumption():
    rows = priced("medical image")
    for name in ("seconds", "wage", "rework_share", "regulatory_month", "hazard", "drift_loss", "detection_delay"):
        assert rows[name].assumption


def test_an_unknown_kind_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean image box"):
        priced("image boxes")


def test_every_own_row_of_a_kind_is_an_input():
    for kind in kinds():
        assert set(priced(kind)) == set(inputs())
