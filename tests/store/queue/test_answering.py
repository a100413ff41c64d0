import math

import pytest

from bimetal.errors import BimetalError, InputError, PolicyError
from bimetal.store import queue
from bimetal.store.queue import Item, Job, Submission
from tests.store.queue.conftest import ANA, BEN, CEM, DEE, JUDGE, LEAD


def test_an_answer_names_who_when_and_under_what_from_the_server(march):
    (lease,) = march.lease(ANA)
    receipt = march.answer(ANA, lease, "cat", seconds=3.5, comment="dark")
    given = receipt.annotation
    assert (given.annotator, given.actor_kind, given.at) == ("ana", "human", march.at)
    assert (given.value, given.seconds, given.comment, given.guideline, given.round) == ("cat", 3.5, "dark", 1, 1)
    assert (receipt.revision, receipt.repeated, receipt.state) == (1, False, "open")


def test_the_same_key_returns_the_first_receipt_and_another_value_under_it_is_refused(march):
    (lease,) = march.lease(ANA)
    first = march.answer(ANA, lease, "cat", key="once")
    march.pass_time(hours=9)
    again = march.answer(ANA, lease, "cat", key="once")
    assert again.repeated
    assert again.annotation == first.annotation
    with pytest.raises(InputError, match="this key came with another answer before"):
        march.answer(ANA, lease, "dog", key="once")
    (other,) = march.lease(ANA)
    with pytest.raises(InputError, match="this key came with another answer before"):
        march.answer(ANA, other, "cat", key="once")
    (theirs,) = march.lease(BEN)
    assert not march.answer(BEN, theirs, "cat", key="once").repeated  # a key is its sender's own
    assert len(march.do(queue.history, LEAD, "march", "a")) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"value": "x" * 262_145}, "the value of an answer has 262,145 bytes, over 262,144; send a shorter one"),
        ({"value": "ក" * 100_000}, "the value of an answer has 300,000 bytes"),
        ({"comment": "x" * 4_001}, "the comment of an answer has"),
        ({"value": "a\x00b"}, "the value of an answer is no text"),
        ({"value": "\ud800"}, "the value of an answer is no text"),
        ({"value": 7}, "the value of an answer is no text"),
        ({"key": ""}, "an answer has no key"),
        ({"status": "approved"}, "the status of an answer is 'approved'"),
        ({"value": None}, "an answer is submitted and its value None"),
        ({"status": "skipped", "reason": "dark"}, "an answer is skipped and its value 'cat'"),
        ({"status": "skipped", "value": None}, "skipped without a reason"),
        ({"seconds": -1.0}, "an answer took -1.0 seconds"),
        ({"seconds": math.inf}, "an answer took inf seconds"),
        ({"lease": "0" * 32}, "there is no lease '0000"),
    ],
)
def test_what_is_malformed_is_refused_in_one_sentence(march, changed, said):
    (lease,) = march.lease(ANA)
    sent = {"lease": lease.id, "key": "k", "value": "cat", **changed}
    with pytest.raises(InputError, match=said):
        march.send(ANA, Submission(**sent))
    assert march.do(queue.counts, ANA, "march")["submitted"] == 0


def test_another_persons_lease_is_refused(march):
    (lease,) = march.lease(ANA)
    with pytest.raises(PolicyError, match="the lease is another person's"):
        march.answer(BEN, lease)


def test_an_answer_is_corrected_while_it_matters_and_its_history_kept(march):
    (lease,) = march.lease(ANA)
    march.answer(ANA, lease, "cat")
    march.skip(ANA, lease)
    corrected = march.answer(ANA, lease, "dog")
    assert (corrected.revision, corrected.annotation.value) == (3, "dog")
    told = [
        (revision, stands, each.value, each.status)
        for revision, stands, each in march.do(queue.history, LEAD, "march", "a")
    ]
    assert told == [
        (1, False, "cat", "submitted"),
        (2, False, None, "skipped"),
        (3, True, "dog", "submitted"),
    ]
    march.label(BEN, "dog")
    assert march.states()["a"] == "settled"
    march.answer(ANA, lease, "cat")
    assert march.states()["a"] == "open"  # they differ now, and a third is asked
    march.do(queue.close_job, "march")
    with pytest.raises(InputError, match="the answer counts already"):
        march.answer(ANA, lease, "dog")


def test_a_skipped_item_goes_to_another_and_its_place_may_be_gone(desk):
    desk.open(Job("march"), ["a"])
    (mine,) = desk.lease(ANA)
    desk.skip(ANA, mine)
    (theirs,) = desk.lease(BEN)
    with pytest.raises(InputError, match="another rater has the item by now"):
        desk.answer(ANA, mine, "cat")
    desk.skip(BEN, theirs)
    assert desk.answer(ANA, mine, "cat").state == "settled"


def test_raters_who_differ_bring_another_then_an_adjudicator_who_is_none_of_them(march):
    march.label(ANA, "cat")
    assert march.label(BEN, "dog").state == "open"
    assert march.label(CEM, "bird").state == "conflict"
    from dataclasses import replace

    with pytest.raises(PolicyError, match="only an adjudicator decides conflicts"):
        march.lease(DEE, job="march/adjudication")
    assert march.lease(replace(CEM, adjudicates=True), job="march/adjudication") == []
    assert march.label(JUDGE, "dog", job="march/adjudication").state == "settled"
    assert march.states()["a"] == "resolved"
    assert march.do(queue.progress, ANA, "march").job == {"open": 2, "resolved": 1}


def test_two_of_three_settle_where_a_majority_is_enough(desk):
    desk.open(Job("march", raters=3, extra=0, agreement=0.5), ["a"])
    states = [desk.label(rater, value).state for rater, value in ((ANA, "cat"), (BEN, "dog"), (CEM, "cat"))]
    assert states == ["open", "open", "settled"]


def test_a_correction_takes_a_conflict_back_until_an_adjudicator_has_it(march):
    for rater, value in ((ANA, "cat"), (BEN, "dog")):
        march.label(rater, value)
    (lease,) = march.lease(CEM)
    march.answer(CEM, lease, "bird")
    assert march.answer(CEM, lease, "cat").state == "conflict"  # still 2 of 3, and all three were to agree
    (own,) = march.do(queue.page, BEN, "march", "submitted")
    march.answer(BEN, own.lease, "cat")
    assert march.states()["a"] == "settled"
    assert march.lease(JUDGE, job="march/adjudication") == []
    march.answer(BEN, own.lease, "dog")
    (judged,) = march.lease(JUDGE, job="march/adjudication")
    with pytest.raises(InputError, match="an adjudicator has the item by now"):
        march.answer(CEM, lease, "dog")
    march.do(queue.release, JUDGE, [judged.id])
    march.answer(BEN, own.lease, "cat")
    assert march.states("march/adjudication") == {"a": "withdrawn"}


def test_drafts_are_kept_beside_the_answers_and_survive_their_lease(march):
    (lease,) = march.lease(ANA)
    march.answer(ANA, lease, "ca", status="draft")
    march.answer(ANA, lease, "cat", status="draft")
    assert march.do(queue.counts, ANA, "march") == {"pending": 0, "draft": 1, "submitted": 0, "discarded": 0}
    assert march.do(queue.history, LEAD, "march", "a") == []
    march.pass_time(hours=1)
    march.lease(BEN)
    (begun,) = march.do(queue.page, ANA, "march", "draft")
    assert (begun.lease.draft, begun.lease.expires) == ("cat", None)
    again, *_ = march.lease(ANA, 3)
    assert (again.item, again.draft) == ("a", "cat")
    march.answer(ANA, again, "cat")
    with pytest.raises(InputError, match="the item is answered already"):
        march.answer(ANA, again, "late", status="draft")


def test_nobody_reads_others_answers_before_their_own_is_in(march):
    march.label(ANA, "cat")
    (held,) = march.lease(BEN)
    for rater in (BEN, CEM):
        with pytest.raises(PolicyError, match=f"{rater.name} has not answered the item yet"):
            march.do(queue.look, rater, "march", "a")
    march.answer(BEN, held, "dog")
    assert [each.value for each in march.do(queue.look, BEN, "march", "a")] == ["cat", "dog"]
    with pytest.raises(PolicyError, match="you saw what others answered"):
        march.answer(BEN, held, "cat")
    assert len(march.do(queue.look, LEAD, "march", "a")) == 2
    with pytest.raises(PolicyError, match="ana may not read the history"):
        march.do(queue.history, ANA, "march", "a")


def test_an_adjudicator_reads_what_they_decide_and_nothing_else(march):
    for rater, value in ((ANA, "cat"), (BEN, "dog"), (CEM, "bird")):
        march.label(rater, value)
    with pytest.raises(PolicyError, match="judge has not answered"):
        march.do(queue.look, JUDGE, "march", "a")
    march.lease(JUDGE, job="march/adjudication")
    assert len(march.do(queue.look, JUDGE, "march", "a")) == 3


def test_a_new_guideline_asks_anew_about_exactly_the_affected_items(march):
    for rater in (ANA, BEN):
        march.label(rater, "cat")
        march.label(rater, "cat")
    (held,) = march.lease(CEM)
    assert march.do(queue.reopen, "march", ["a", "c"], 2) == 2
    with pytest.raises(InputError, match="the guideline changed while you had the item"):
        march.answer(CEM, held)
    assert march.states() == {"a": "open", "b": "settled", "c": "open"}
    again = march.lease(ANA, 9)
    assert [(each.item, each.round, each.guideline) for each in again] == [("a", 2, 2), ("c", 2, 2)]
    march.answer(ANA, again[0], "dog")
    told = [
        (each.annotator, each.value, each.guideline, stands)
        for _, stands, each in march.do(queue.history, LEAD, "march", "a")
    ]
    assert told == [("ana", "cat", 1, False), ("ben", "cat", 1, False), ("ana", "dog", 2, True)]
    with pytest.raises(InputError, match="guideline 2 is not newer than 2"):
        march.do(queue.reopen, "march", ["a"], 2)
    with pytest.raises(InputError, match="1 items are not in job 'march'"):
        march.do(queue.reopen, "march", ["z"], 3)


def test_a_new_round_may_come_to_a_new_conflict(march):
    for value, rater in zip(("cat", "dog", "bird"), (ANA, BEN, CEM), strict=True):
        march.label(rater, value)
    march.label(JUDGE, "dog", job="march/adjudication")
    march.do(queue.reopen, "march", ["a"], 2)
    for value, rater in zip(("cat", "dog", "bird"), (ANA, BEN, CEM), strict=True):
        assert march.lease(rater)[0].item == "a"
        (own,) = march.do(queue.page, rater, "march", "pending")
        march.answer(rater, own.lease, value)
    assert march.states()["a"] == "conflict"
    assert march.label(JUDGE, "cat", job="march/adjudication").state == "settled"
    assert march.states()["a"] == "resolved"


def test_four_lists_page_by_page(desk):
    desk.open(Job("march"), [Item(f"i{each}") for each in range(7)])
    for lease in desk.lease(ANA, 5):
        desk.answer(ANA, lease) if lease.item != "i2" else desk.skip(ANA, lease, "dark")
    desk.pass_time(minutes=1)
    desk.lease(ANA, 2)
    assert desk.do(queue.counts, ANA, "march") == {"pending": 2, "draft": 0, "submitted": 4, "discarded": 1}
    first = desk.do(queue.page, ANA, "march", "submitted", None, 3)
    rest = desk.do(queue.page, ANA, "march", "submitted", queue.After(first[-1].at, first[-1].lease.id), 3)
    assert [each.lease.item for each in (*first, *rest)] == ["i4", "i3", "i1", "i0"]
    assert {each.answer.value for each in (*first, *rest)} == {"cat"}
    (left,) = desk.do(queue.page, ANA, "march", "discarded")
    assert (left.answer.status, left.answer.reason) == ("skipped", "dark")
    assert [each.lease.item for each in desk.do(queue.page, ANA, "march", "pending")] == ["i5", "i6"]


def test_progress_is_told_by_language(desk):
    from bimetal.store.queue import Rater

    siri = Rater("siri", languages=frozenset({"th"}))
    desk.open(Job("march"), [Item("a", language="th"), Item("b", language="th"), Item("c", language="km")])
    desk.label(siri)
    told = desk.do(queue.progress, siri, "march")
    assert told.own["submitted"] == 1
    assert told.job == {"open": 2, "settled": 1}
    assert told.languages == {"km": {"open": 1}, "th": {"open": 1, "settled": 1}}


def test_every_refusal_is_one_sentence_with_a_way_out(march):
    (lease,) = march.lease(ANA)
    with pytest.raises(BimetalError) as refused:
        march.answer(BEN, lease)
    assert refused.value.hint
    assert "\n" not in str(refused.value)
