"""Fields of the forms about jobs, read: a job's name, whole numbers, shares in per cent, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.web.door import Form

LONGEST_NAME = 120
_CALLED = {
    "share": "the share of gold",
    "hidden": "the share of hidden suggestions",
    "agreement": "the agreement",
    "passing": "the share to pass",
    "calibration": "the number of answers before anybody passes",
    "number": "the number of items",
    "raters": "the number of raters",
    "extra": "the number of extra raters",
    "days": "the number of days",
}


def job_name(form: Form) -> str:
    """Read what a job is called, on one line; raises InputError for a name that no address or list can hold."""
    name = " ".join(form.get("name").split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name.strip(".") == "":
        raise InputError(f"the job is called {name[:60]!r}", f"name it in 1 to {LONGEST_NAME} characters")
    if name.endswith("/adjudication"):
        raise InputError(f"{name[:60]!r} ends like an adjudication", "choose another end; those open by themselves")
    return name


def whole(form: Form, name: str) -> int:
    """Read a whole number; raises InputError for anything else."""
    text = form.get(name).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(f"{_CALLED.get(name, name)} is {text[:40]!r}", "type a whole number")
    return int(text)


def share(form: Form, name: str) -> float:
    """Read per cent as a share, 0 to 1; empty is 0. Raises InputError for anything else."""
    text = form.get(name).strip().removesuffix("%").strip() or "0"
    try:
        share = float(text) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError(f"{_CALLED.get(name, name)} is {text[:40]!r}", "type a number of per cent, 0 to 100")
    return share


def listed(form: Form, name: str) -> tuple[str, ...]:
    """Read a list, each entry once: expertise by commas, for it may hold spaces, anything else by spaces too."""
    said = (
        form.get(name).replace(",", "\n").splitlines()
        if name == "expertise"
        else form.get(name).replace(",", " ").split()
    )
    return tuple(dict.fromkeys(each.strip() for each in said if each.strip()))
