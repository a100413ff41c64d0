import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sql
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError, StoreError
from bimetal.store import database, schema
from bimetal.store.state import State

MIGRATIONS = Path(database.__file__).parent / "migrations"


def _described(connection):
    inspector = sql.inspect(connection)
    return {
        table: (
            [
                (each["name"], str(each["type"]), each["nullable"], each["default"])
                for each in inspector.get_columns(table)
            ],
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted((each["name"], tuple(each["column_names"])) for each in inspector.get_indexes(table)),
        )
        for table in sorted(inspector.get_table_names())
    }


def test_migrations_lead_to_the_tables_of_the_code(url):
    with State.open(url) as state, state.read() as connection:
        at_once = _described(connection)
    engine = database.connect(url, 1)
    with engine.execution_options(**{database.WRITES: True}).begin() as connection:
        schema.metadata.drop_all(connection)
        connection.execute(sql.delete(schema.version))
        database._upgrade(connection, found=None)
        assert _described(connection) == at_once
    engine.dispose()


def test_the_code_names_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.VERSION]


def test_opening_again_changes_nothing(url):
    for _ in range(3):
        with State.open(url) as state, state.read() as connection:
            assert connection.execute(sql.select(schema.version.c.version_num)).scalars().all() == [schema.VERSION]


def test_a_newer_database_is_refused(url):
    with State.open(url) as state:
        state.write(lambda connection: connection.execute(sql.update(schema.version).values(version_num="9999")))
    with pytest.raises(
        StoreError, match=f"database has version 9999, this Bimetal knows up to {schema.VERSION}; upgrade Bimetal"
    ):
        State.open(url)


def test_many_processes_may_open_a_new_database_at_once(url):
    code = f"from bimetal.store.state import State; State.open({url!r}).close()"
    opening = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    for process in opening:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


@given(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])).filter(
        lambda at: 1900 < at.year < 9000
    )
)
def test_moments_survive_and_sort_as_text(at):
    text = schema.rfc3339(at)
    assert datetime.fromisoformat(text) == at
    assert text < schema.rfc3339(at + timedelta(microseconds=1))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(InputError, match="no time zone"):
        schema.rfc3339(datetime(2026, 3, 1))  # noqa: DTZ001 the fault under test
