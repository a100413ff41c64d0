"""Passwords: what is accepted (NIST SP 800-63B: length, not composition) and how it is kept (argon2id)."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from bimetal.errors import InputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 1000
"""Characters of a password."""

TIME, MEMORY, LANES = 2, 19_456, 1
"""Passes, KiB and lanes of argon2id, as OWASP's password storage cheat sheet gives them; about 30 ms of one core."""

_ROOM = threading.BoundedSemaphore(2)  # at most so many hashes at once, so that logins cannot exhaust the memory
_OTHER = 5  # characters that must stand beside common words and own names, and differ among each other


def check_password(password: str, own: Iterable[str] = ()) -> None:
    """Refuse a password that is short, overlong, common, or little more than the person's `own` names.

    Raises InputError, which never shows the password.

    >>> check_password("four quiet otters swim")
    >>> check_password("Password2026!")
    Traceback (most recent call last):
    bimetal.errors.InputError: the password is little more than common words; choose another, such as four words ...
    """
    if len(password) > LONGEST:
        raise InputError(f"the password is {len(password):,} characters long", f"use at most {LONGEST:,}")
    spelled = _spelled(password)
    if len(spelled) < SHORTEST:
        raise InputError(f"the password has {len(spelled)} characters, expected at least {SHORTEST}", _BETTER)
    if len(set(spelled)) < _OTHER:
        raise InputError("the password repeats a few characters", _BETTER)
    names = [part for name in own for part in (name, name.partition("@")[0]) if len(part) >= 3]
    left = spelled.casefold()
    for word in sorted({*_common(), *(_spelled(each).casefold() for each in names)}, key=len, reverse=True):
        left = left.replace(word, "")
    if sum(each.isalnum() for each in left) < _OTHER:
        raise InputError("the password is little more than common words", _BETTER)


_BETTER = "choose another, such as four words that do not belong together"


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password with its parameters and salt."""
    with _ROOM:
        return _argon2().hash(_spelled(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Say whether a password is the one kept; where none is kept, take as long to say no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST:
        return False
    with _ROOM:
        nobody = _nobody()  # made before either way, so that the first answer takes no longer than the next
        try:
            return _argon2().verify(kept or nobody, _spelled(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's, so that it is to be made anew."""
    return _argon2().check_needs_rehash(kept)


def _spelled(password: str) -> str:
    # Two keyboards may send one letter in two ways; a lone surrogate no UTF-8 can spell.
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


@cache
def _argon2() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(TIME, MEMORY, LANES)


@cache
def _nobody() -> str:
    return _argon2().hash("nobody has this password")


@cache
def _common() -> tuple[str, ...]:
    lines = resources.files("bimetal.programme.people").joinpath("common.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_spelled(line) for line in lines if line and not line.startswith("#"))
