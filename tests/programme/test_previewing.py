"""A preview shows rows as they are, says what many would take, and asks nobody for money twice."""

import numpy as np
import pyarrow as pa

from bimetal.generators import draw, recipe_for
from bimetal.programme.previewing import ROWS, Previewed, page_of, preview
from bimetal.report import Picture, to_html
from bimetal.types import Spec

DIGITS = recipe_for(Spec("generators", "digits", {"size": 8}), rng_seed=1)


def seen(recipe, n, seeds=None):
    return preview(recipe, draw(recipe, n, seeds), n)


def blocks(page):
    return [block for section in page.sections for block in section.blocks]


def test_pictures_stand_in_a_contact_sheet_and_pace_is_measured():
    found = seen(DIGITS, 2000)
    assert found.rows.num_rows == ROWS
    assert 0 < found.seconds < 1
    page = page_of(found)
    assert sum(isinstance(each, Picture) for each in blocks(page)) == 1
    assert "2,000 would take" in page.answer


def test_rows_shown_are_the_first_that_a_draw_would_keep():
    kept = pa.Table.from_batches(draw(DIGITS, 300))
    assert seen(DIGITS, 300).rows.equals(kept.slice(0, ROWS))


def test_a_table_of_one_row_is_laid_out_without_a_pace():
    rng = np.random.default_rng(0)
    seeds = pa.table({f"x{k}": rng.normal(size=30) for k in range(12)} | {"label": ["a", "b"] * 15})
    found = seen(recipe_for(Spec("generators", "jitter"), 1, "ab" * 32), 1, seeds)
    assert found.seconds is None
    assert "not shown: x7, x8" in blocks(page_of(found))[0].caption


def test_what_rows_say_is_escaped():
    rows = seen(DIGITS, 2).rows
    hostile = rows.set_column(1, "text", pa.array(["<script>alert(1)</script>"] * rows.num_rows))
    assert "<script>alert" not in to_html(page_of(Previewed(hostile, DIGITS)))
