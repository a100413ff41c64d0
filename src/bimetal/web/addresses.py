"""Addresses with names in them: a slash in a name of a job or an item is no step of the path."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

from starlette.routing import Match, Route

if TYPE_CHECKING:
    from starlette.types import Scope


class Named(Route):
    """A route whose places take one percent-encoded step each, told apart before they are decoded."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        raw = scope.get("raw_path") or quote(scope.get("path", "")).encode()
        match, found = super().matches({**scope, "path": raw.decode("latin-1")})
        if match is not Match.NONE:
            given = {name: unquote(str(value)) for name, value in found["path_params"].items()}
            found = {**found, "path_params": given}
        return match, found


def at(*steps: str, **query: object) -> str:
    """Spell an address of this server from its steps, with what is asked after them where something is.

    >>> at("jobs", "pilot/panel", "items", "a b", state="open", label="")
    '/jobs/pilot%2Fpanel/items/a%20b?state=open'
    """
    asked = urlencode({name: value for name, value in query.items() if value not in ("", None)})
    return "/" + "/".join(quote(each, safe="") for each in steps) + (f"?{asked}" if asked else "")
