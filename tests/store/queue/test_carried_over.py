"""A database written before there were jobs opens with everything it held."""

import sqlalchemy as sql
from alembic import command
from alembic.config import Config

from bimetal.annotation.assignment import Rater
from bimetal.store import database, queue, schema
from bimetal.store.state import State
from bimetal.types import Annotation

OLD = "2026-01-02T03:04:05.000000Z"


def _before(url):
    """Make a database of the first version with a list of three items, two of them answered, one twice by one."""
    engine = database.connect(url, 5)
    with engine.execution_options(**{database.WRITES: True}).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(database._MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for item, reason in (("a", "uncertain"), ("b", "random"), ("c", "random")):
            row = {"item": item, "dataset": "march", "reason": reason, "probability": 0.25, "round": 1, "at": OLD}
            connection.execute(sql.text(_INSERT.format("queue", ", ".join(row), ", ".join(f":{n}" for n in row))), row)
        said = [("1", "a", "ana", "cat", 1), ("2", "a", "ben", "dog", 2), ("3", "a", "ana", "dog", 3)]
        for key, item, who, value, second in [*said, ("4", "b", "ana", None, 4)]:
            row = {"id": key, "item": item, "annotator": who, "actor_kind": "human", "value": value}
            row |= {"at": OLD.replace("05.", f"0{second}."), "status": "submitted" if value else "skipped"}
            names = ", ".join(row)
            connection.execute(sql.text(_INSERT.format("annotations", names, ", ".join(f":{n}" for n in row))), row)
    engine.dispose()


_INSERT = "INSERT INTO {} ({}) VALUES ({})"


def test_what_was_queued_and_answered_is_carried_over(url):
    _before(url)
    with State.open(url) as state, state.read() as connection:
        (job,) = queue.read_jobs(connection)
        assert (job.name, job.dataset, job.raters, job.extra) == ("march", "march", 2, 0)
        columns = schema.items.c
        found = connection.execute(
            sql.select(
                columns.item, columns.reason, columns.probability, columns.state, columns.given, columns.skipped
            ).order_by(columns.item)
        ).all()
        assert [tuple(row) for row in found] == [
            ("a", "uncertain", 0.25, "resolved", 2, 0),
            ("b", "random", 0.25, "open", 0, 1),
            ("c", "random", 0.25, "open", 0, 0),
        ]
        told = queue.history(connection, Rater("lead", oversees=True), "march", "a")
        assert [(revision, stands, each.value) for revision, stands, each in told] == [
            (1, False, "cat"),
            (1, True, "dog"),
            (2, True, "dog"),
        ]
        assert isinstance(told[0][2], Annotation)
        names = sql.inspect(connection).get_table_names()
        assert "queue" not in names


def test_nobody_is_asked_again_about_what_they_answered(url, at):
    _before(url)
    with State.open(url) as state:
        given = state.write(lambda connection: queue.lease(connection, Rater("ana"), "march", 9, at))
        assert [each.item for each in given] == ["c"]
        given = state.write(lambda connection: queue.lease(connection, Rater("ben"), "march", 9, at))
        assert [each.item for each in given] == ["b", "c"]
