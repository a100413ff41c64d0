"""Roles and what each may do: one table, asked by `may` and enforced by `require`."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

from bimetal.errors import InputError, PolicyError

Role = Literal["annotator", "adjudicator", "lead", "auditor", "admin"]

ROLES: tuple[Role, ...] = get_args(Role)

Act = Literal[
    "answer",
    "adjudicate",
    "read own record",
    "make token",
    "read progress",
    "read answers",
    "read log",
    "read names",
    "write guideline",
    "steer queue",
    "set gold",
    "exchange data",
    "qualify",
    "invite",
    "appoint",
    "reset password",
    "set cap",
    "remove",
]

ACTS: tuple[Act, ...] = get_args(Act)

_TABLE = """
                  annotator  adjudicator  lead  auditor  admin
answer                x           x        x
adjudicate                        x        x
read own record       x           x        x       x       x
make token            x           x        x       x       x
read progress                              x       x       x
read answers                               x       x       x
read log                                   x       x       x
read names                                 x               x
write guideline                            x
steer queue                                x
set gold                                   x
exchange data                              x
qualify                                    x
invite                                     x               x
appoint                                                    x
reset password                                             x
set cap                                    x               x
remove                                                     x
"""


def may(role: str, act: str) -> bool:
    """Say whether a role may do an act; raises InputError for a word that is neither.

    >>> may("annotator", "answer"), may("auditor", "answer"), may("admin", "adjudicate")
    (True, False, False)
    """
    read_role(role)
    if act not in ACTS:
        raise InputError(f"{act!r} is no act", f"acts: {', '.join(ACTS)}")
    return role in _ALLOWED[act]


def require(role: str, act: Act) -> None:
    """Raise PolicyError where a role may not do an act.

    >>> require("auditor", "remove")
    Traceback (most recent call last):
    bimetal.errors.PolicyError: the role auditor does not include 'remove'; ask one of: admin
    """
    if not may(role, act):
        allowed = ", ".join(each for each in ROLES if each in _ALLOWED[act])
        raise PolicyError(f"the role {role} does not include {act!r}", f"ask one of: {allowed}")


def covers(role: str, other: str) -> bool:
    """Say whether a role may do everything another may; raises InputError for a word that is no role.

    >>> covers("lead", "auditor"), covers("admin", "annotator")
    (True, False)
    """
    return _acts(read_role(role)) >= _acts(read_role(other))


def read_role(text: str) -> Role:
    """Read a role by its name; raises InputError for anything else."""
    for role in ROLES:
        if role == text:
            return role
    raise InputError(f"{text!r} is no role", f"roles: {', '.join(ROLES)}")


@cache
def _acts(role: Role) -> frozenset[str]:
    return frozenset(act for act in ACTS if may(role, act))


def _read(table: str) -> dict[str, frozenset[str]]:
    """Take an `x` for the role whose heading it stands under."""
    heading, *lines = table.strip("\n").splitlines()
    columns = {heading.index(role) + offset: role for role in ROLES for offset in range(len(role))}
    width = heading.index(ROLES[0])
    return {
        line[:width].strip(): frozenset(columns[at] for at, sign in enumerate(line) if at >= width and sign == "x")
        for line in lines
    }


_ALLOWED = _read(_TABLE)
