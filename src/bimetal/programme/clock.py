"""The one place where the clock and the person at the keyboard are read."""

import getpass
from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment in UTC, to the microsecond."""
    return datetime.now(UTC)  # noqa: TID251  # here and nowhere else


def person() -> str:
    """Return the account name acts are recorded under, or 'unknown' where the system has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
