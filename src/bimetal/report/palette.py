"""Colours by role, light and dark, told apart by colour-blind readers, as CSS variables with a fallback."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from bimetal.errors import InputError

Role = Literal[
    "paper", "raised", "ink", "muted", "line",
    "human", "synthetic", "hybrid", "real", "replayed",
    "pass", "warn", "fail", "skip",
]  # fmt: skip


class Colour(NamedTuple):
    """One role's colour on light and on dark paper."""

    light: str
    dark: str


# The five data colours maximise the smallest distance seen under normal vision, protanopia, deuteranopia and
# tritanopia, at 4.5:1 or more against the paper; every hex value is unique, so a drawing's colour names its role.
COLOURS: dict[Role, Colour] = {
    "paper": Colour("#ffffff", "#121519"),
    "raised": Colour("#f6f7f9", "#1b1f25"),
    "ink": Colour("#1b1e23", "#e9ebee"),
    "muted": Colour("#59616c", "#a4acb7"),
    "line": Colour("#e1e4e9", "#2e343c"),
    "human": Colour("#b05302", "#db6b09"),
    "synthetic": Colour("#0054d2", "#287eff"),
    "hybrid": Colour("#65216c", "#e48bdc"),
    "real": Colour("#207f6f", "#22937c"),
    "replayed": Colour("#413d1f", "#c3c183"),
    "pass": Colour("#1a7f37", "#56d364"),
    "warn": Colour("#8f5a00", "#e3b341"),
    "fail": Colour("#c0232c", "#ff8078"),
    "skip": Colour("#5a626e", "#a3abb6"),
}

_BY_LIGHT = {colour.light: role for role, colour in COLOURS.items()}


def light(role: str) -> str:
    """Return a role's colour on light paper; raises InputError for a role that has none.

    >>> light("human")
    '#b05302'
    """
    if role not in get_args(Role):
        raise InputError(f"no colour has the role {role!r}", f"use one of: {', '.join(COLOURS)}")
    return COLOURS[role].light  # type: ignore[index]  # narrowed by the test above


def css() -> str:
    """Declare every role as a CSS variable: light, and dark where the reader's screen prefers it.

    >>> css().splitlines()[0][:27]
    ':root{--paper:#ffffff;--rai'
    """
    day, night = (
        ":root{" + ";".join(f"--{role}:{colour[side]}" for role, colour in COLOURS.items()) + "}" for side in (0, 1)
    )
    return f"{day}\n@media screen and (prefers-color-scheme:dark){{{night}}}"


def variables(tag: str) -> str:
    """Replace a drawn tag's colours by CSS variables that fall back to the light colour.

    >>> variables('<path fill="#b05302" opacity="0.5"/>')
    '<path fill="var(--human,#b05302)" opacity="0.5"/>'
    """
    return re.sub(r'(?<= )(fill|stroke)="(#[0-9a-f]{6})"', _variable, tag)


def _variable(found: re.Match[str]) -> str:
    attribute, colour = found.groups()
    role = _BY_LIGHT.get(colour)
    return f'{attribute}="var(--{role},{colour})"' if role else found.group()
