"""Run migrations on the connection they are handed; alembic executes this file."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Bring the connection's database to the revision asked for, inside the caller's transaction."""
    context.configure(connection=context.config.attributes["connection"])
    context.run_migrations()


if __name__ == "env_py":  # the name under which alembic loads this file
    run()
