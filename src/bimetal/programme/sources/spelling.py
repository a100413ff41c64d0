"""How the facts of a source may be spelled: names, texts, periods, regions and addresses, hostile ones refused."""

from __future__ import annotations

import difflib
import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from bimetal.canonical import canonical_json
from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.canonical import Json

LONGEST_NAME = 100  # characters
LONGEST_TEXT = 2000
LARGEST = 24_000  # bytes of a whole source, so that an entry with what was and what is fits into the log
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_MEMBERS.split())
ANYWHERE = ("any", "local", "unknown")
WITHIN = {"EU": EU, "EEA": EU | {"EU", "IS", "LI", "NO"}}  # a place inside another needs no permission of its own

_SECRET = re.compile(r"key|token|secret|sig|pass|pwd|auth|credential|code", re.IGNORECASE)
_SIGNED_IN = re.compile(r"://[^/\s?#]*@")


def name(given: str) -> None:
    """Refuse a name that is blank, too long, path-like, or that looks like another while it is not."""
    if not isinstance(given, str) or not given or given != given.strip():
        raise InputError(f"the name of a source is {str(given)[:40]!r}", "give it a name such as archive-2026")
    if len(given) > LONGEST_NAME:
        raise InputError(
            f"the name {given[:20]!r}... is {len(given):,} characters long", f"use at most {LONGEST_NAME} characters"
        )
    strange = sorted({each for each in given if not (_letter(each) or each in " ._:+@()-")})
    if strange or not given[0].isalnum() or ".." in given or unicodedata.normalize("NFKC", given) != given:
        what = f" {strange[0]!r}" if strange else ""
        raise InputError(
            f"the name of a source is {given!r}{', which holds' + what if strange else ''}",
            "use letters, digits, spaces and . _ : + @ ( ) -, and begin with a letter or a digit",
        )


def text(fact: str, given: str, *, required: bool = False) -> None:
    """Refuse a text that is too long, holds control characters, or an address with a password in it."""
    if not isinstance(given, str):
        raise InputError(f"the {fact} is {given!r}", "write it as text")
    if required and not given.strip():
        raise InputError(f"the {fact} is blank", "say it, or write unknown")
    if len(given) > LONGEST_TEXT:
        raise InputError(
            f"the {fact} is {len(given):,} characters long", f"use at most {LONGEST_TEXT:,}; long text goes in a file"
        )
    if any(unicodedata.category(each) in {"Cc", "Cs", "Co"} or _turns(each) for each in given):
        raise InputError(f"the {fact} holds a control character: {given[:40]!r}", "write plain text on one line")
    if _SIGNED_IN.search(given):
        raise InputError(f"the {fact} holds an address with a user name or password", "leave out what stands before @")


def one_of(fact: str, given: str, allowed: Sequence[str]) -> None:
    """Refuse a word that is not allowed, suggesting the nearest that is."""
    if given in allowed:
        return
    shown = given if len(str(given)) <= LONGEST_NAME else f"{str(given)[:20]}..."
    close = difflib.get_close_matches(str(given).casefold(), allowed, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(f"the {fact} is {shown!r}", f"{meant}expected one of: {', '.join(allowed)}")


def period(given: str) -> None:
    """Refuse what is neither a day nor two days with a stroke between them, the earlier first."""
    if not given:
        return
    begin, stroke, end = given.partition("/") if isinstance(given, str) else ("", "", "")
    try:
        days = [_day(each) for each in ((begin, end) if stroke else (begin,))]
    except ValueError as fault:
        raise InputError(
            f"the period of collection is {str(given)[:40]!r}", "write 2025-01-01 or 2025-01-01/2025-06-30"
        ) from fault
    if days[0] > days[-1]:
        raise InputError(f"the period of collection {given!r} ends before it begins", "write the earlier day first")


def sha256(given: str) -> None:
    """Refuse a contract that is not named by its digest."""
    if given and not (isinstance(given, str) and re.fullmatch(r"[0-9a-f]{64}", given)):
        raise InputError(f"the contract is {str(given)[:40]!r}", "give the SHA-256 of the file, 64 hex digits")


def region(given: str) -> str:
    """Spell regions one way: codes in capitals, sorted, or one of any, local, unknown.

    >>> region("us, eu"), region("Any")
    ('EU,US', 'any')
    """
    if str(given).strip().casefold() in ANYWHERE:
        return str(given).strip().casefold()
    codes = {each.strip().upper() for each in str(given).split(",")}
    if any(each not in WITHIN and not re.fullmatch(r"[A-Z]{2}", each) for each in codes):
        raise InputError(
            f"the region is {str(given)[:60]!r}", "write EU, EEA or country codes such as EU,US; or any, local, unknown"
        )
    return ",".join(sorted(codes))


def allows(allowed: str, asked: str) -> bool:
    """Say whether data that may be processed in one region may go to another; local is always allowed.

    >>> allows("EU,US", "DE"), allows("EU", "US"), allows("unknown", "local"), allows("any", "unknown")
    (True, False, True, False)
    """
    if asked == "local":
        return True
    if asked in {"unknown", "any"}:
        return asked == allowed == "any"
    places = set(allowed.split(",")).union(*(WITHIN.get(each, set()) for each in allowed.split(",")))
    return allowed == "any" or set(asked.split(",")) <= places


def url(given: str) -> None:
    """Refuse an address that is no http address or that carries a secret; keys belong in the environment."""
    if not given:
        return
    text("url", given)
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        raise InputError(f"the url {given!r} cannot be read: {fault}", "write https://host/path") from fault
    if parts.username is not None or parts.password is not None:
        raise InputError("the url holds a user name or password", "leave out what stands before @")
    if parts.scheme not in {"http", "https"} or not host or " " in given:
        raise InputError(f"the url is {given[:60]!r}", "write https://host/path")
    if parts.fragment or any(_SECRET.search(key) for key, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise InputError(
            "the url holds a secret or a fragment", "leave out keys and tokens; the environment holds them"
        )


def is_local(address: str) -> bool:
    """Say whether an address stays on this machine or its own network.

    >>> is_local("http://127.0.0.1:8080/v1"), is_local("http://gpu-box/v1"), is_local("https://api.example.com")
    (True, True, False)
    """
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        where = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".localhost", ".home.arpa"))
    return where.is_loopback or where.is_private


def small_enough(said: Json) -> None:
    """Refuse a source that would not fit into one entry of the log."""
    size = len(canonical_json(said))
    if size > LARGEST:
        raise InputError(
            f"the source holds {size:,} bytes", f"keep it under {LARGEST:,}; long text goes in the contract file"
        )


def _letter(each: str) -> bool:
    return unicodedata.category(each)[0] in "LMN"


def _turns(each: str) -> bool:
    # characters that turn the direction of writing make text read other than it is
    return unicodedata.bidirectional(each) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _day(given: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise ValueError(given)
    return date.fromisoformat(given)
