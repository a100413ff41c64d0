"""Nobody signs or waives without a name, a reason and an end; what is over no longer holds."""

from datetime import UTC, datetime, timedelta

import pytest

from bimetal.errors import InputError
from bimetal.programme.intake import Arrival, add
from bimetal.programme.signatures import EVERYTHING, Word, accepted, sign, until, waive, waived

LATER = datetime(2026, 6, 1, tzinfo=UTC)
ANA = Word("Ana Ruiz", "the residual risk is small", LATER)


def test_a_signature_stands_in_the_log_and_is_found(programme):
    entry = sign(programme, "residual-risk:made", ANA)
    assert accepted(programme, "residual-risk:made") == entry
    assert entry.body["by"] == "Ana Ruiz"
    assert accepted(programme, "residual-risk:other") is None


def test_a_signature_without_an_end_holds_and_one_that_is_over_does_not(programme):
    sign(programme, "a", Word("Ana Ruiz", "for good"))
    sign(programme, "b", Word("Ana Ruiz", "for a minute", programme.now() + timedelta(seconds=2)))
    programme.now(), programme.now(), programme.now()
    assert accepted(programme, "a") is not None
    assert accepted(programme, "b") is None


@pytest.mark.parametrize(
    "nobody",
    [
        "",
        " ",
        "x",
        "unknown",
        "ROOT",
        "n/a",
        "Team",
        "42",
        "\uff52oot",
        "root\u200b",
        " nan ",
        "Ana\x00Ruiz",
        "a" * 201,
    ],
)
def test_nobody_is_no_name(programme, nobody):
    with pytest.raises(InputError, match="names no person"):
        sign(programme, "a", Word(nobody, "why not"))
    assert not list(programme.log.entries(action="signed"))


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 2001])
def test_a_reason_is_given_and_can_be_read(programme, reason):
    with pytest.raises(InputError, match="reason"):
        sign(programme, "a", Word("Ana Ruiz", reason))


def test_what_is_over_cannot_be_signed_for(programme):
    with pytest.raises(InputError, match="2020-01-01 is over"):
        sign(programme, "a", Word("Ana Ruiz", "late", until("2020-01-01")))


def test_a_waiver_is_for_one_rule_and_one_dataset_or_for_all(programme, blobs):
    made = add(programme, Arrival(blobs(3), "made", "train", "archive"))[0]
    other = add(programme, Arrival(blobs(3, seed=1), "other", "train", "archive"))[0]
    waive(programme, "loop-first", "made", ANA)
    assert waived(programme, "loop-first", made)
    assert waived(programme, "loop-first", other) is None
    assert waived(programme, "boundary-human", made) is None
    waive(programme, "boundary-human", EVERYTHING, ANA)
    assert waived(programme, "boundary-human", other)


def test_a_waiver_by_digest_is_one_by_name(programme, blobs):
    made = add(programme, Arrival(blobs(3), "made", "train", "archive"))[0]
    entry = waive(programme, "loop-first", made.digest[:8], ANA)
    assert (entry.body["dataset"], entry.body["digest"]) == ("made", made.digest)
    assert waived(programme, "loop-first", made) == entry


def test_a_waiver_without_an_end_is_none(programme):
    with pytest.raises(InputError, match="no expiry"):
        waive(programme, "loop-first", EVERYTHING, Word("Ana Ruiz", "hurry"))


@pytest.mark.parametrize("text", ["tomorrow", "2027-13-01", "", "2027"])
def test_a_day_is_a_day(text):
    with pytest.raises(InputError, match="write a day as YYYY-MM-DD"):
        until(text)
