"""What leaves stands in the log with the rules it kept; a refusal is logged too, and names every rule at once."""

import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.release import release

VOUCHED = Declared("real", "human")


def bring(programme, rows, role="train", **more):
    return add(programme, Arrival(rows, more.pop("name", "rows"), role, "archive", **more))[0]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"licence": "CC-BY-4.0"}, "origin-known"),
        ({"licence": "CC-BY-4.0", "declared": Declared("real", "undeclared")}, "labels-known"),
        ({"declared": VOUCHED, "licence": "CC-BY-4.0"}, "source-registered"),
    ],
)
def test_unknown_facts_bind_and_the_refusal_is_logged(programme, blobs, facts, rule):
    bring(programme, blobs(5), **facts)
    with pytest.raises(PolicyError) as refusal:
        release(programme, "rows", "share")
    told = next(each for each in refusal.value.faults if each.startswith(f"rule {rule}:"))
    assert "5 rows break it: row-0-0" in told
    assert "do: " in told
    assert [each.body["why"] for each in programme.log.entries(action="release.refused")] == [str(refusal.value)]


def test_a_name_nobody_gave_lists_those_that_were(programme, blobs):
    bring(programme, blobs(5))
    with pytest.raises(InputError, match="no dataset is called 'row'; datasets here: rows"):
        release(programme, "row", "train")
