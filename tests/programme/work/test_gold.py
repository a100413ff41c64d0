"""Gold in a programme: who passes is qualified, who fails loses it and their answers are looked at again."""

from datetime import timedelta

import pytest

from bimetal.annotation.gold import Bar
from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.people import qualifications, qualified
from bimetal.programme.work.answered import given
from bimetal.programme.work.certifying import certify_anew, due, feedback, is_gold, judge, standings
from bimetal.programme.work.exams import Exam, exam_of
from bimetal.programme.work.gold import calibrate, leaked, mix, rotate
from bimetal.programme.work.relabelling import look_again
from bimetal.store.queue import Item, Job, Rater


@pytest.fixture
def exam(people):
    return lambda job, **more: Exam(job, people.lead.id, **{"qualifies": "tickets", "bar": Bar(0.8), **more})


@pytest.fixture
def school(programme, people, gold, exam):
    return calibrate(programme, people.lead, exam("school"), gold.name, [f"t{at}" for at in range(1000, 1060)])


@pytest.fixture
def march(programme, people, pool, gold, exam):
    items = [Item(f"t{at}", language="en", origin="real") for at in range(40)]
    job = queue.open_job(programme, Job("march", dataset="march", snapshot=pool.digest, expertise=("tickets",)), items)
    mix(programme, people.lead, exam("march"), gold.name, [f"t{at}" for at in range(1060, 1110)], share=0.5)
    return job


def wrong(item):
    return "cash" if int(item.removeprefix("t")) % 2 else "card"


def actions(programme):
    return [each.action for each in programme.log.entries()]


def test_terms_are_read_back_from_the_log(programme, school, exam, people):
    assert exam_of(programme, "school") == exam("school")
    assert exam_of(programme, "nowhere") is None
    (entry,) = programme.log.entries(action="gold.set")
    assert (entry.actor, entry.body["items"]) == (people.lead.id, 60)


def test_who_passes_a_calibration_is_qualified_by_its_owner_until_it_ages(programme, people, school, works, clock):
    works(people.ana, "school", 15)
    (stands,) = judge(programme, "school", people.ana.id)
    assert (stands.verdict, stands.until) == ("undecided", None)
    works(people.ana, "school", 10)
    (stands,) = judge(programme, "school", people.ana.id)
    assert (stands.verdict, stands.standing.right) == ("pass", 25)
    (held,) = qualifications(programme, people.ana.id)
    assert (held.task, held.language, held.test) == ("tickets", "en", "school")
    assert held.until - held.since == timedelta(days=180)
    judge(programme, "school", people.ana.id)
    assert len(qualifications(programme, people.ana.id)) == 1
    assert actions(programme).count("gold.passed") == 1
    assert due(programme, clock.at) == ()
    (soon,) = due(programme, held.until)
    assert (soon.person, soon.ended) == (people.ana.id, False)
    clock.at = held.until + timedelta(days=1)
    assert due(programme, clock.at)[0].ended


def test_a_pass_that_ran_out_is_renewed_by_new_gold_alone(programme, people, school, works, clock):
    works(people.ana, "school", 25)
    judge(programme, "school", people.ana.id)
    clock.at += timedelta(days=200)
    (stands,) = judge(programme, "school", people.ana.id)
    assert (stands.verdict, stands.standing.answered, stands.until) == ("undecided", 0, None)
    works(people.ana, "school", 25)
    (stands,) = judge(programme, "school", people.ana.id)
    assert stands.verdict == "pass"
    assert len(qualifications(programme, people.ana.id)) == 2


def test_the_owner_is_not_qualified_by_themselves_and_none_who_guesses_passes(programme, people, school, works):
    works(people.lead, "school", 40)
    judge(programme, "school", people.lead.id)
    works(people.bo, "school", 60, lambda _: "card")
    (stands,) = judge(programme, "school", people.bo.id)
    assert stands.verdict == "fail"
    assert qualifications(programme, people.lead.id) == qualifications(programme, people.bo.id) == []


def test_feedback_is_for_calibration_and_after_the_answer(programme, people, school, march, works):
    (item,) = works(people.ana, "school", 1, wrong)
    told = feedback(programme, people.ana, "school", item)
    assert (told.right, told.given == told.known) == (False, False)
    with pytest.raises(PolicyError, match="nothing to tell"):
        feedback(programme, people.bo, "school", item)
    done = works(people.ana, "march", 6, expertise=("tickets",))
    hidden = next(each for each in done if is_gold(programme, "march", each))
    with pytest.raises(PolicyError, match="nothing to tell"):
        feedback(programme, people.ana, "march", hidden)


def test_failing_during_work_ends_it_and_puts_what_they_answered_before_others(
    programme, people, school, march, works, clock
):
    works(people.ana, "school", 25)
    judge(programme, "school", people.ana.id)
    works(people.ana, "march", 20, expertise=("tickets",))
    (stands,) = judge(programme, "march", people.ana.id)
    assert stands.verdict != "fail"
    good = {each.answer.item for each in given(programme, ["march"]) if not each.gold}
    done = works(people.ana, "march", 34, wrong, expertise=("tickets",))
    held = queue.lease(programme, rater_of(people.ana), "march", 2)
    (stands,) = judge(programme, "march", people.ana.id)
    assert stands.verdict == "fail"
    assert not qualified(programme, people.ana.id, "tickets", "en", clock.at)
    (entry,) = programme.log.entries(action="gold.failed")
    bad = {each for each in done if not is_gold(programme, "march", each)}
    assert entry.body["looked_again"] >= len(bad)
    states = {each["item"]: each for each in queue.queued(programme, "march")}
    assert all(states[each]["state"] == "open" for each in bad)
    assert all(states[each]["reason"].startswith("answered by somebody") for each in bad)
    assert sum(states[each]["state"] == "settled" for each in good) >= len(good) - 10
    assert {each.item for each in held}
    judge(programme, "march", people.ana.id)
    assert actions(programme).count("gold.failed") == 1
    first = works(people.bo, "march", 4, expertise=("tickets",))
    assert all(each in bad | good for each in first if not is_gold(programme, "march", each))
    with programme.state.read() as connection:
        left = connection.exec_driver_sql(
            "select count(*) from leases where person = ? and state in ('pending', 'draft')", (people.ana.id,)
        ).scalar()
    assert left == 0


def rater_of(person):
    return Rater(person.id, languages=frozenset({"en"}), expertise=frozenset({"tickets"}))


def test_two_who_differ_after_a_second_look_go_to_an_adjudicator(programme, people, pool, works):
    queue.open_job(programme, Job("solo", dataset="march", snapshot=pool.digest), [Item("t0"), Item("t1")])
    works(people.ana, "solo", 2)
    assert look_again(programme, people.lead, "solo", ["t0", "t1"]) == 2
    works(people.bo, "solo", 2, lambda item: wrong(item) if item == "t0" else "card")
    assert {each["item"]: each["state"] for each in queue.queued(programme, "solo")} == {
        "t0": "conflict",
        "t1": "settled",
    }


def test_a_lead_lets_somebody_begin_again(programme, people, school, works):
    works(people.bo, "school", 30, wrong)
    judge(programme, "school", people.bo.id)
    with pytest.raises(PolicyError):
        certify_anew(programme, people.ana, "school", people.bo.id, "en")
    certify_anew(programme, people.lead, "school", people.bo.id, "en")
    works(people.bo, "school", 30)
    assert judge(programme, "school", people.bo.id)[0].verdict == "pass"


def test_gold_that_leaked_is_taken_out(programme, people, pool, gold, exam, works):
    items = [Item(f"t{at}", language="en", origin="real") for at in range(40)]
    job = Job("busy", dataset="march", snapshot=pool.digest, raters=20, expertise=("tickets",))
    queue.open_job(programme, job, items)
    mix(programme, people.lead, exam("busy"), gold.name, [f"t{at}" for at in range(1060, 1065)], share=0.3)
    for turn in range(12):
        known = {"t1062": 12.0 - turn}  # the others take as long from one person to the next
        rater = Rater(f"r{turn}", languages=frozenset({"en"}), expertise=frozenset({"tickets"}))
        works(None, "busy", 45, seconds=lambda item, known=known: known.get(item, 9.0), rater=rater)
    (worn,) = leaked(programme, "busy")
    assert (worn.item, worn.exposures) == ("t1062", 12)
    with pytest.raises(PolicyError, match="'set gold'"):
        rotate(programme, people.ana, "busy")
    assert rotate(programme, people.lead, "busy") == (worn,)
    assert leaked(programme, "busy") == ()
    assert "t1062" not in works(people.bo, "busy", 45, expertise=("tickets",))
    (entry,) = programme.log.entries(action="gold.rotated")
    assert list(entry.body["items"]) == ["t1062"]


def test_gold_mixed_in_late_comes_at_its_share_from_then_on(programme, people, pool, gold, exam, works):
    items = [Item(f"t{at}", language="en", origin="real") for at in range(40)]
    queue.open_job(programme, Job("late", dataset="march", snapshot=pool.digest, expertise=("tickets",)), items)
    works(people.ana, "late", 20, expertise=("tickets",))
    mix(programme, people.lead, exam("late"), gold.name, share=0.2)
    later = works(people.ana, "late", 20, expertise=("tickets",))
    assert 3 <= sum(is_gold(programme, "late", each) for each in later) <= 6


def test_what_cannot_be_set_is_refused(programme, people, pool, gold, exam, march):
    with pytest.raises(PolicyError, match="'set gold'"):
        calibrate(programme, people.ana, exam("x"), gold.name)
    with pytest.raises(InputError, match="not one of gold"):
        calibrate(programme, people.lead, exam("x"), pool.name)
    with pytest.raises(InputError, match="qualify for nothing"):
        calibrate(programme, people.lead, exam("x", qualifies=""), gold.name)
    with pytest.raises(PolicyError, match="'qualify'"):
        calibrate(programme, people.lead, Exam("x", people.ana.id, "tickets"), gold.name)
    with pytest.raises(InputError, match="asks for tickets, not for 'cars'"):
        mix(programme, people.lead, exam("march", qualifies="cars"), gold.name)
    with pytest.raises(InputError, match="judges nobody"):
        standings(programme, "nowhere", programme.now())
