"""What holds for every request before a page sees it: the host, the size of what is sent, the headers of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bimetal.web.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: this server's own files; no inline script or style, no frame, nothing from another host."""

_ALWAYS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",  # with no-referrer browsers send forms of our own pages as from nowhere
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}
_SAFE = frozenset({"GET", "HEAD"})


class Guard:
    """Refuse what comes under another name or from another site's page; add what browsers are told to hold to."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        lasting = {b"strict-transport-security": b"max-age=31536000"} if settings.secure else {}
        self._added = {**_ALWAYS, **lasting}.items()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                kept = b"no-cache" if scope["path"].startswith("/static/") else b"no-store"  # asked again, by its ETag
                added = (each for each in (*self._added, (b"cache-control", kept)) if each[0] not in present)
                message["headers"] = [*message["headers"], *added]
            await send(message)

        refused = self._refusal(scope)
        if refused:
            await JSONResponse({"error": refused[0], "hint": refused[1]}, 403)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> tuple[str, str] | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._settings.serves(host):
            return f"this server is not called {host[:100]!r}", f"open {self._settings.origin}"
        foreign = headers.get(b"sec-fetch-site", b"same-origin") not in {b"same-origin", b"none"}
        if scope["method"] not in _SAFE and (foreign or not _same_origin(headers, host)):
            return "this was sent from another site's page", "send it from a page of this server"
        return None


def _same_origin(headers: dict[bytes, bytes], host: str) -> bool:
    """Say whether a page that names where it is from is of this host; a program names nothing."""
    said = headers.get(b"origin")
    return said is None or said.decode("latin-1").partition("://")[2] == host
