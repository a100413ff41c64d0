"""The web app over one open programme: pages found by file name, errors as sentences, checkpoints while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pkgutil
import sys
import traceback
from collections.abc import AsyncIterator
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from bimetal.errors import BimetalError
from bimetal.programme import people
from bimetal.web import pages
from bimetal.web.attempts import Attempts
from bimetal.web.door import Ask, NotLoggedInError, asked, status_of
from bimetal.web.guard import Guard
from bimetal.web.settings import Settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from bimetal.programme.programme import Programme

PUBLISHED_EVERY = 60.0
"""Seconds between signed checkpoints of the log, while there is something new."""


def application(programme: Programme, settings: Settings | None = None) -> ASGIApp:
    """Make the app that serves an open programme to people; run it with any ASGI server, in one process.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from bimetal.programme.config import About, Config
    >>> from bimetal.programme.programme import create, opened
    >>> from starlette.testclient import TestClient
    >>> folder = Path(tempfile.mkdtemp())
    >>> create(folder, Config(About("claims", "sort claims")))
    >>> with opened(folder) as programme:
    ...     app = application(programme)
    ...     TestClient(app, base_url="http://127.0.0.1:8000").get("/login").status_code
    200
    """
    settings = settings or Settings()
    handlers: dict[Any, Any] = {
        BimetalError: _refused,
        NotLoggedInError: _not_logged_in,
        HTTPException: _not_there,
        Exception: _broken,
    }
    app = Starlette(routes=_routes(), exception_handlers=handlers, lifespan=_publishing)
    app.state.programme, app.state.settings, app.state.templates = programme, settings, _templates()
    app.state.far = {}
    app.state.attempts = Attempts()
    return Guard(app, settings)


def _routes() -> list[BaseRoute]:
    """Collect what every file in `pages` serves, and the files browsers load."""
    named = (importlib.import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__))
    found: list[BaseRoute] = [route for each in named for route in each.ROUTES]
    with as_file(files("bimetal.web") / "static") as folder:
        return [*found, Mount("/static", StaticFiles(directory=folder), name="static")]


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("bimetal.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["csrf_field"] = _csrf_field
    return environment


def _csrf_field(ask: Ask) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(ask.csrf)


@contextlib.asynccontextmanager
async def _publishing(app: Starlette) -> AsyncIterator[None]:
    """Sign what was logged every minute, so that a server that runs for weeks is as provable as a command."""
    programme: Programme = app.state.programme
    await asyncio.to_thread(people.scrub, programme)

    async def publish() -> None:
        while True:
            await asyncio.sleep(PUBLISHED_EVERY)
            try:
                await asyncio.to_thread(programme.log.publish)
            except Exception:  # a full disk may have room again in a minute
                traceback.print_exc()

    task = asyncio.create_task(publish())
    try:
        yield
    finally:
        task.cancel()


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/media/"))


def _refused(request: Request, fault: BimetalError) -> Response:
    more = {"warning": fault.warning} if isinstance(fault, people.NotAcceptedError) else {}
    return _told(request, fault.message, fault.hint, status_of(fault), getattr(fault, "faults", ()), **more)


def _not_logged_in(request: Request, fault: BimetalError) -> Response:
    if _wants_json(request) or request.method != "GET":
        return _refused(request, fault)
    from urllib.parse import quote

    return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)


def _not_there(request: Request, fault: HTTPException) -> Response:
    if fault.status_code == 404:
        return _told(request, f"there is no page {request.url.path[:100]!r}", "go back, or begin at /", 404)
    return _told(request, str(fault.detail).lower(), "go back, or begin at /", fault.status_code)


def _broken(request: Request, fault: Exception) -> Response:
    """Answer with a sentence; the traceback is the operator's alone."""
    sys.stderr.write("".join(traceback.format_exception(fault)))
    return _told(request, "something broke here, and nothing of this was kept", "tell who runs this server", 500)


def _told(
    request: Request, message: str, hint: str, status: int, faults: tuple[str, ...] = (), **more: str
) -> Response:
    if _wants_json(request):
        return JSONResponse({"error": message, "hint": hint, "faults": list(faults), **more}, status)
    try:
        ask = asked(request)
    except BimetalError:
        ask = Ask(request, None, "", request.app.state.programme.now())
    return ask.render("error.html", status, message=message, hint=hint, faults=faults)
