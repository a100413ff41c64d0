"""Release binds: unknown facts and sealed panels do not leave, and a refusal is logged."""

import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.release import release

VOUCHED = Declared("real", "human")


def bring(programme, rows, role="train", **more):
    return add(programme, Arrival(rows, more.pop("name", "rows"), role, "archive", **more))[0]


def test_rows_that_say_everything_leave(programme, blobs):
    stored = bring(programme, blobs(5), declared=VOUCHED, licence="CC-BY-4.0")
    assert release(programme, "rows", "train") == stored
    assert [entry.subject for entry in programme.log.entries(action="released")] == [stored.digest]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"licence": "CC-BY-4.0"}, "origin-known"),
        ({"licence": "CC-BY-4.0", "declared": Declared("real", "undeclared")}, "labels-known"),
        ({"declared": VOUCHED}, "licence-known"),
    ],
)
def test_unknown_facts_bind_and_the_refusal_is_logged(programme, blobs, facts, rule):
    bring(programme, blobs(5), **facts)
    with pytest.raises(PolicyError, match=f"rule {rule}: .* 5 rows break it: row-0-0"):
        release(programme, "rows", "share")
    assert len(list(programme.log.entries(action="release.refused"))) == 1


def test_a_licence_nobody_can_read_does_not_leave(programme, blobs):
    bring(programme, blobs(5), declared=VOUCHED, licence="our lawyer said fine")
    with pytest.raises(PolicyError, match="check licence failed"):
        release(programme, "rows", "share")


def test_a_panel_is_sealed_from_training(programme, blobs):
    bring(programme, blobs(5), "panel", name="panel", declared=VOUCHED, licence="CC-BY-4.0")
    with pytest.raises(PolicyError, match="panel is an evaluation panel, sealed from training"):
        release(programme, "panel", "train")
    release(programme, "panel", "share")


def test_a_name_nobody_gave_lists_those_that_were(programme, blobs):
    bring(programme, blobs(5))
    with pytest.raises(InputError, match="no dataset is called 'row'; datasets here: rows"):
        release(programme, "row", "train")
