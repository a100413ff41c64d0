"""What the fourth migration brought: known answers that stay, suggestions and warnings that travel with a lease."""

from dataclasses import asdict

import pytest
import sqlalchemy as sql
from alembic import command
from alembic.config import Config

from bimetal.errors import InputError
from bimetal.store import database, queue, schema
from bimetal.store.queue import Item, Job, Rater
from bimetal.store.state import State

ANA, BEN = Rater("ana"), Rater("ben")
OLD = "2026-01-02T03:04:05.000000Z"


def _before(url):
    """Make a database of the third version that holds a job with an item."""
    engine = database.connect(url, 5)
    with engine.execution_options(**{database.WRITES: True}).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(database._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(
            sql.text("INSERT INTO jobs VALUES ('march', 'march', '{\"name\": \"march\"}', :at)"), {"at": OLD}
        )
        row = {"job": "march", "item": "a", "place": 1, "rank": 0.0, "reason": "", "probability": 1.0, "language": ""}
        row |= {"gold": 0, "round": 1, "state": "open", "open": 1, "wanted": 1, "given": 0, "skipped": 0, "held": 0}
        names = [*row, "at"]
        said = f"INSERT INTO items ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
        connection.execute(sql.text(said), row | {"at": OLD})
        connection.execute(sql.text("INSERT INTO tallies VALUES ('march', '', 'open', 1)"))
    engine.dispose()


def test_a_database_of_the_third_version_opens_with_what_it_held(url, at):
    _before(url)
    with State.open(url) as state:
        with state.read() as connection:
            assert connection.execute(sql.select(schema.items.c.known, schema.items.c.warning)).all() == [(None, "")]
            assert connection.execute(sql.select(schema.guidelines)).all() == []
        (lease,) = state.write(lambda connection: queue.lease(connection, ANA, "march", 1, at))
        assert (lease.item, lease.suggestion, lease.warning) == ("a", None, "")


def test_gold_is_known_to_the_server_alone(desk):
    items = [Item("g", gold=True, known="cat", suggestion="cat"), Item("a", suggestion="dog")]
    desk.open(Job("march", gold=0.5, suggestions=True, hidden=0.0, salt="s"), items)
    given = {each.item: each for each in desk.lease(ANA, 1) + desk.lease(ANA, 1)}
    gold = asdict(given["g"]) if "g" in given else asdict(desk.lease(BEN, 2)[0])
    assert not {"known", "gold"} & set(asdict(given["a"]))
    assert given["a"].suggestion == "dog"
    if gold["item"] == "g":
        assert gold["suggestion"] is None
        assert gold["suggest"] is False
        assert "cat" not in map(str, gold.values())


def test_no_lease_and_no_list_ever_holds_a_known_answer(desk):
    items = [Item(f"g{each}", gold=True, known="the-known-answer", suggestion="the-known-answer") for each in range(9)]
    desk.open(Job("exam", "calibrate", gold=1.0), items)
    given = desk.lease(ANA, 9, job="exam")
    assert len(given) == 9
    desk.answer(ANA, given[0], "cat")
    with desk.state.read() as connection:
        lists = [queue.page(connection, ANA, "exam", which) for which in ("pending", "submitted")]
        assert connection.execute(sql.select(schema.items.c.known)).scalars().all() == ["the-known-answer"] * 9
    assert "the-known-answer" not in repr((given, lists))


def test_a_suggestion_comes_only_where_it_was_drawn_to_be_shown(desk):
    items = [Item(f"i{each}", suggestion="cat") for each in range(40)]
    desk.open(Job("march", suggestions=True, hidden=0.5, salt="s"), items)
    given = desk.lease(ANA, 40)
    assert {each.suggest: each.suggestion for each in given} == {True: "cat", False: None}
    assert all((each.suggestion == "cat") == each.suggest for each in given)
    with desk.state.read() as connection:
        listed = {line.lease.item: line.lease.suggestion for line in queue.page(connection, ANA, "march", "pending")}
    assert listed == {each.item: each.suggestion for each in given}


def test_without_suggestions_in_the_job_none_is_given(desk):
    desk.open(Job("march"), [Item("a", suggestion="cat")])
    assert desk.lease(ANA)[0].suggestion is None


def test_a_warning_travels_with_the_lease_and_to_the_adjudicator(desk):
    desk.open(Job("march", raters=2, extra=0), [Item("a", warning="injuries", suggestion="cat")])
    for rater, value in ((ANA, "cat"), (BEN, "dog")):
        (lease,) = desk.lease(rater)
        assert lease.warning == "injuries"
        desk.answer(rater, lease, value)
    judge = Rater("judge", adjudicates=True)
    (lease,) = desk.lease(judge, job="march/adjudication")
    assert (lease.warning, lease.suggestion) == ("injuries", None)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Item("a", known="cat"), "known answer and is not gold"),
        (Item("a", warning="a" * 101), "warns of"),
        (Item("a", warning="a\nb"), "warns of"),
    ],
)
def test_items_that_cannot_be_are_refused(desk, item, words):
    with pytest.raises(InputError, match=words):
        desk.open(Job("march"), [item])


def test_a_new_guideline_reaches_adjudications_too(desk):
    desk.open(Job("march", raters=2, extra=0), ["a", "b"])
    for rater, value in ((ANA, "cat"), (BEN, "dog")):
        desk.answer(rater, desk.lease(rater)[0], value)
    desk.do(queue.reopen, "march", ["b"], 2)
    (lease,) = desk.lease(Rater("judge", adjudicates=True), job="march/adjudication")
    assert (lease.item, lease.guideline) == ("a", 2)
