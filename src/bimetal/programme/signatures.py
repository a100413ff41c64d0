"""Signatures and waivers: a named person accepts a record, a risk or a broken rule, with a reason and an expiry."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from bimetal.decision import BINDINGS
from bimetal.errors import InputError, PolicyError, UnknownName
from bimetal.store.schema import rfc3339

if TYPE_CHECKING:
    from bimetal.canonical import Json
    from bimetal.programme.programme import Programme, Stored
    from bimetal.types import Entry

EVERYTHING = "*"
NOBODY = {
    *("unknown", "anonymous", "nobody", "someone", "me", "user", "team", "root", "admin"),
    *("n/a", "na", "none", "null", "nan", "tbd", "system", "model", "bot", "machine"),
}
LONGEST = 2000  # characters of a reason


@dataclass(frozen=True)
class Word:
    """A named person's word: who, why, and until when it holds (an aware datetime; None holds for good)."""

    by: str
    reason: str
    until: datetime | None = None

    def json(self) -> dict[str, Json]:
        return {"by": spelled(self.by), "reason": self.reason, "until": rfc3339(self.until) if self.until else None}


def sign(programme: Programme, subject: str, word: Word) -> Entry:
    """Sign a subject, such as a decision record or `residual-risk:NAME`; raises InputError where nobody is named."""
    _refuse(programme, word)
    return programme.record("signed", subject, {"subject": subject, **word.json()})


def accepted(programme: Programme, subject: str) -> Entry | None:
    """Return the last signature under a subject that still holds."""
    return _last(programme, "signed", subject)


def waive(programme: Programme, rule: str, dataset: str, word: Word) -> Entry:
    """Waive a rule for a dataset, or for everything, until a date.

    It holds for the rows the dataset has now: others that come later under its name need a waiver of their own.
    Raises InputError where nobody is named or no date is given, UnknownName for a rule or dataset that does not exist,
    PolicyError for a rule nobody may waive.
    """
    _refuse(programme, word)
    _refuse_rule(rule)
    found = None if dataset == EVERYTHING else programme.dataset(dataset)
    if word.until is None:
        raise InputError("a waiver has no expiry", "give the day it ends with --until, such as 2027-01-31")
    name, digest = (found.name, found.digest) if found else (EVERYTHING, EVERYTHING)
    body: dict[str, Json] = {"rule": rule, "dataset": name, "digest": digest}
    return programme.record("waived", f"{rule}:{digest}", {**body, **word.json()})


def waived(programme: Programme, rule: str, dataset: Stored) -> Entry | None:
    """Return the last waiver of a rule for these very rows, or for everything, that still holds."""
    return _last(programme, "waived", f"{rule}:{dataset.digest}", f"{rule}:{EVERYTHING}")


def spelled(name: str) -> str:
    """Spell a person's name one way: look-alike letters of full width as plain ones, one space between words.

    >>> spelled("  \uff21na  Ruiz ")
    'Ana Ruiz'
    """
    return " ".join(unicodedata.normalize("NFKC", name).split())


def names_somebody(text: str | None) -> bool:
    """Say whether a text can name a person: it holds a letter and is no word for nobody, such as 'unknown'."""
    name = spelled(text or "").casefold()
    return any(each.isalpha() for each in name) and name not in NOBODY


def subject(programme: Programme, text: str) -> str:
    """Name what is signed: `decision` is its newest version, a dataset stands by its name, the rest must exist too.

    Raises InputError for what is not there, PolicyError for a quarantine that cannot end yet.
    """
    kind, _, name = text.partition(":")
    if kind == "decision":
        count = sum(1 for _ in programme.log.entries(action="decided"))
        version = int(name) if name.isdecimal() else count
        if (name and not name.isdecimal()) or not 1 <= version <= count:
            known = f"versions 1 to {count} are here" if count else "run: bimetal decide"
            raise InputError(f"there is no {text!r} to sign", known)
        return f"decision:{version}"
    if kind == "residual-risk":
        return f"residual-risk:{programme.dataset(name).name}"
    if kind == "quarantine":
        from bimetal.programme.quarantine import acceptable  # which looks for signatures

        return f"quarantine:{acceptable(programme, name).name}"
    return f"dataset:{programme.dataset(text).name}"


def until(text: str) -> datetime:
    """Read a day as the end of it in UTC; raises InputError for anything else.

    >>> until("2027-01-31").isoformat()
    '2027-01-31T23:59:59+00:00'
    """
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(23, 59, 59), UTC)
    except ValueError as fault:
        raise InputError(f"--until got {text!r}", "write a day as YYYY-MM-DD") from fault


def _last(programme: Programme, action: str, *subjects: str) -> Entry | None:
    found = [each for subject in subjects for each in programme.log.entries(action=action, subject=subject)]
    holding = [each for each in found if _holds(each, programme.now())]
    return max(holding, key=lambda each: each.seq, default=None)


def _holds(entry: Entry, at: datetime) -> bool:
    end = entry.body["until"]
    return end is None or at <= datetime.fromisoformat(end)


def _refuse_rule(name: str) -> None:
    known = {each.name: each for each in BINDINGS}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"rules: {', '.join(known)}"
        raise UnknownName(f"no rule is called {name!r}", hint)
    if not known[name].waivable:
        raise PolicyError(f"rule {name} cannot be waived", known[name].way_out)


def _refuse(programme: Programme, word: Word) -> None:
    named = spelled(word.by)
    letters = sum(each.isalpha() for each in named)
    if letters < 2 or not names_somebody(named) or not named.isprintable() or len(named) > 200:
        raise InputError(f"{word.by!r} names no person", "give the name of one person with --by, such as 'Ana Ruiz'")
    if not word.reason.strip() or len(word.reason) > LONGEST:
        raise InputError(
            "no reason is given" if not word.reason.strip() else f"the reason is {len(word.reason):,} characters long",
            f"say why with --reason, in at most {LONGEST:,} characters",
        )
    if word.until is not None and word.until <= programme.now():
        raise InputError(f"{word.until.date()} is over", "give a day to come with --until")
