from datetime import timedelta

import pytest
import sqlalchemy as sql

from bimetal.errors import InputError, PolicyError
from bimetal.store import queue
from bimetal.store.queue import Item, Job, Rater
from bimetal.store.queue.leasing import HELD_AT_MOST
from tests.store.queue.conftest import ANA, BEN, CEM


def names(leases):
    return [each.item for each in leases]


def test_priorities_come_first_and_equal_ones_in_the_order_they_came(desk):
    items = [Item("late", priority=1), Item("first", priority=9), Item("second", priority=9)]
    desk.open(Job("march"), items)
    assert names(desk.lease(ANA, 3)) == ["first", "second", "late"]


def test_nobody_gets_an_item_twice_and_an_item_only_so_many_raters(march):
    assert names(march.lease(ANA, 2)) == ["a", "b"]
    assert names(march.lease(ANA, 2)) == ["c"]
    assert names(march.lease(BEN, 9)) == ["a", "b", "c"]
    assert march.lease(CEM, 9) == march.lease(ANA, 9) == []


def test_what_is_answered_or_skipped_is_not_offered_again(march):
    one, two, _ = march.lease(ANA, 3)
    march.answer(ANA, one)
    march.skip(ANA, two)
    march.pass_time(hours=1)
    assert names(march.lease(ANA, 9)) == ["c"]


def test_a_lease_runs_out_and_its_place_returns_to_others_and_to_its_holder(desk):
    desk.open(Job("march"), ["a"])
    (mine,) = desk.lease(ANA)
    assert desk.lease(BEN) == []
    desk.pass_time(minutes=31)
    assert names(desk.lease(BEN)) == ["a"]
    with pytest.raises(InputError, match="the lease of the item ran out; renew it"):
        desk.answer(ANA, mine)
    with pytest.raises(InputError, match="the item has its raters by now"):
        desk.do(queue.renew, ANA, [mine.id], desk.at)
    desk.pass_time(minutes=31)
    assert names(desk.lease(ANA)) == ["a"]
    desk.answer(ANA, mine)


def test_a_renewed_lease_lasts_longer_and_one_that_ran_out_is_taken_up_again(desk):
    desk.open(Job("march"), ["a"])
    (mine,) = desk.lease(ANA)
    desk.pass_time(minutes=20)
    desk.do(queue.renew, ANA, [mine.id], desk.at)
    desk.pass_time(minutes=20)
    assert desk.lease(BEN) == []
    desk.pass_time(minutes=20)
    desk.do(queue.renew, ANA, [mine.id], desk.at)
    assert desk.lease(BEN) == []
    assert desk.answer(ANA, mine).state == "settled"
    with pytest.raises(InputError, match="the lease of the item is over"):
        desk.do(queue.renew, ANA, [mine.id], desk.at)


def test_a_released_item_goes_to_whoever_asks_next(desk):
    desk.open(Job("march"), ["a", "b"])
    first, _ = desk.lease(ANA, 2)
    desk.do(queue.release, ANA, [first.id])
    assert names(desk.lease(BEN, 2)) == ["a"]
    with pytest.raises(PolicyError, match="another person's"):
        desk.do(queue.release, BEN, [first.id])


def test_languages_are_matched_and_variants_count(desk):
    items = [Item("km", language="km"), Item("th", language="th"), Item("gb", language="en-GB"), Item("any")]
    desk.open(Job("march"), items)
    assert names(desk.lease(ANA, 9)) == ["any"]
    assert names(desk.lease(Rater("siri", languages=frozenset({"th", "en"})), 9)) == ["th", "gb"]


def test_expertise_and_a_jobs_language_are_demanded(desk):
    desk.open(Job("march", expertise=("radiology",), languages=("th",)), ["a"])
    with pytest.raises(PolicyError, match="gives ana nothing: it asks for radiology; ask the lead"):
        desk.lease(ANA)
    with pytest.raises(PolicyError, match="it is in th"):
        desk.lease(Rater("bo", expertise=frozenset({"radiology"})))
    both = Rater("siri", languages=frozenset({"th"}), expertise=frozenset({"radiology"}))
    assert names(desk.lease(both)) == ["a"]


def test_a_panel_takes_real_items_and_people_alone_and_shows_no_suggestion(desk):
    with pytest.raises(InputError, match="would show suggestions on a panel"):
        Job("exam", "panel", suggestions=True)
    for origin in ("synthetic", "undeclared"):
        with pytest.raises(PolicyError, match=f"item 'x' is {origin}, and the panel 'exam' takes real items alone"):
            desk.open(Job("exam", "panel"), [Item("x", origin=origin)])
    desk.open(Job("exam", "panel"), [Item("x", origin="real")])
    with pytest.raises(PolicyError, match="a panel is for people alone"):
        desk.lease(Rater("gpt", "model"), job="exam")
    (given,) = desk.lease(ANA, job="exam")
    assert not given.suggest
    with pytest.raises(PolicyError, match="judged without a suggestion"):
        desk.answer(ANA, given, suggestion="cat")


def test_gold_is_mixed_in_at_its_share_and_nothing_tells_it_apart(desk):
    gold = [Item(f"g{each}", gold=True) for each in range(10)]
    desk.open(Job("march", gold=0.2, salt="s"), [*gold, *(Item(f"i{each}") for each in range(40))])
    given = [one for _ in range(25) for one in desk.lease(ANA) for _ in [desk.answer(ANA, one)]]
    share = sum(each.item.startswith("g") for each in given)
    assert 4 <= share <= 6
    ordinary = next(each for each in given if each.item.startswith("i"))
    golden = next(each for each in given if each.item.startswith("g"))
    told = [{**{name: getattr(each, name) for name in each.__slots__}} for each in (ordinary, golden)]
    for each in told:
        for name in ("id", "item", "expires"):
            each.pop(name)
    assert told[0] == told[1]
    assert any(each.item.startswith("g") for each in desk.lease(BEN, 20))  # gold is for everybody
    assert sum(desk.do(queue.progress, ANA, "march").job.values()) == 40  # and in no sum


def test_gold_is_of_a_raters_own_languages(desk):
    gold = [Item(f"{tongue}{each}", language=tongue, gold=True) for tongue in ("km", "th", "") for each in (1, 2)]
    desk.open(Job("exam", "calibrate", gold=1.0), gold)
    speaker = Rater("ana", languages=frozenset({"th"}))
    assert sorted(names(desk.lease(speaker, 9, "exam"))) == ["1", "2", "th1", "th2"]
    assert sorted(names(desk.lease(BEN, 9, "exam"))) == ["1", "2"]


def test_gold_does_not_come_alone_but_in_a_calibration(desk):
    desk.open(Job("march", gold=0.5, salt="s"), [Item("g", gold=True)])
    assert desk.lease(ANA, 5) == []
    desk.open(Job("exam", "calibrate", gold=1.0), [Item(f"g{each}", gold=True) for each in range(3)])
    given = desk.lease(ANA, 5, job="exam")
    assert {each.item for each in given} == {"g0", "g1", "g2"}
    desk.answer(ANA, given[0])
    with pytest.raises(InputError, match="counts already"):
        desk.answer(ANA, given[0], "dog")
    with pytest.raises(InputError, match="'x' is not gold, and 'test' calibrates"):
        desk.open(Job("test", "calibrate"), [Item("x")])


def test_suggestions_are_withheld_at_random_and_from_gold(desk):
    items = [Item("g", gold=True), *(Item(f"i{each:02}") for each in range(40))]
    desk.open(Job("march", suggestions=True, hidden=0.5, gold=0.1, salt="s"), items)
    given = desk.lease(ANA, 41)
    shown = {each.item: each.suggest for each in given}
    assert not shown["g"]
    assert 8 <= sum(shown.values()) <= 32


def test_nobody_holds_more_than_a_handful(desk):
    desk.open(Job("march"), [f"i{each}" for each in range(HELD_AT_MOST + 20)])
    assert len(desk.lease(ANA, 1000)) == HELD_AT_MOST
    assert desk.lease(ANA) == []


def test_items_added_later_with_more_priority_come_next_and_none_stands_twice(march):
    assert names(march.lease(ANA, 2)) == ["a", "b"]
    march.do(queue.add_items, "march", [Item("urgent", priority=5)], march.at)
    assert names(march.lease(ANA, 9)) == ["urgent", "c"]
    march.do(queue.add_items, "march", [Item("d")], march.at)
    assert names(march.lease(ANA, 9)) == ["d"]
    for twice in (["a"], ["x", "x"]):
        with pytest.raises(InputError, match=r"holds '.' already"):
            march.do(queue.add_items, "march", [Item(each) for each in twice], march.at)
    with pytest.raises(InputError, match="a priority is nan"):
        march.do(queue.add_items, "march", [Item("y", priority=float("nan"))], march.at)


def test_a_job_that_is_closed_asks_nobody(march):
    (held,) = march.lease(ANA)
    march.do(queue.close_job, "march")
    assert march.lease(BEN) == []
    with pytest.raises(InputError, match="nobody is asked about the item any more"):
        march.answer(ANA, held)
    assert set(march.states().values()) == {"resolved"}


def test_jobs_are_listed_and_unknown_ones_are_named(march):
    march.open(Job("april", dataset="fields"), [])
    assert [each.name for each in march.do(queue.read_jobs)] == ["april", "march"]
    assert [each.name for each in march.do(queue.read_jobs, "fields")] == ["april"]
    with pytest.raises(InputError, match="there is no job 'may'"):
        march.lease(ANA, job="may")
    with pytest.raises(InputError, match="there is a job 'march' already"):
        march.open(Job("march"), [])


def test_a_lease_reads_through_the_index(march):
    march.lease(ANA, lasting=timedelta(minutes=1))
    if march.state._engine.dialect.name != "sqlite":
        pytest.skip("reads SQLite's plan")
    from bimetal.store.queue.leasing import _AHEAD

    here = {"in_job": "march", "who": "ana", "in_language": "", "rank": 0.0, "place": 0, "n": 1, "parent": ""}
    run = []
    with march.state.read() as connection:
        sql.event.listen(connection, "before_cursor_execute", lambda *told: run.append(told[2:4]))
        connection.execute(_AHEAD.construct, here)
        statement, values = run[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    said = " ".join(row[-1] for row in plan)
    assert "ix_items_next (job=? AND gold=? AND language=? AND open=? AND (rank,place)>(?,?))" in said
    assert "TEMP B-TREE" not in said
