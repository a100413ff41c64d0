"""The door of every page: who asks, what they may do, whether a form is really theirs; pages are plain functions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bimetal.errors import BimetalError, InputError, PolicyError
from bimetal.programme import people
from bimetal.programme.people import Act, Session, Visitor
from bimetal.web.words import chosen, words
from bimetal.writing import direction

if TYPE_CHECKING:
    from starlette.requests import Request

    from bimetal.canonical import Json
    from bimetal.programme.people import Person
    from bimetal.programme.programme import Programme
    from bimetal.web.settings import Settings

NAVIGATION = (
    ("answer", "/label", "page.label"),
    ("read progress", "/jobs", "work.jobs"),
    ("read answers", "/quality", "page.quality"),
    ("read log", "/log", "page.log"),
    ("read log", "/people", "page.people"),
    ("read own record", "/account", "page.account"),
)
"""Where the bar on top leads, each for those whose role includes the act."""

Endpoint = Callable[["Request"], Awaitable[Response]]
LARGEST_BODY = 1_048_576
"""How many bytes a form or a call may send; files have a page of their own."""

MOST_FIELDS = 10_000
"""How many fields a form may have."""


class NotLoggedInError(PolicyError):
    """Nobody is logged in, where somebody must be."""


class NotFoundError(InputError):
    """What was asked for is not there."""


@dataclass(frozen=True)
class Form:
    """What was typed into a form: each field's first value, or all of them."""

    fields: Mapping[str, tuple[str, ...]]

    def get(self, name: str, default: str = "") -> str:
        return next(iter(self.fields.get(name, ())), default)

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())


@dataclass(frozen=True)
class Ask:
    """One request, as a page sees it: the programme, who asks, when, and the ways to answer."""

    request: Request
    session: Session | None
    token: str
    at: datetime

    @property
    def settings(self) -> Settings:
        settings: Settings = self.request.app.state.settings
        return settings

    @cached_property
    def programme(self) -> Programme:
        """Return the programme, which enters what is done under the name of who asks."""
        opened: Programme = self.request.app.state.programme
        return replace(opened, actor=self.session.person.id) if self.session else opened

    @property
    def person(self) -> Person:
        if self.session is None:
            raise NotLoggedInError("nobody is logged in", "log in first")
        return self.session.person

    @property
    def is_program(self) -> bool:
        """Say whether a program asks, with a token of the person."""
        return self.session is not None and self.session.kind == "program"

    @property
    def visitor(self) -> Visitor:
        """Say where the request comes from; a proxy is believed only where the settings name it."""
        host = self.request.client.host if self.request.client else ""
        said = self.request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        address = said if said and host in self.settings.proxies else host
        return Visitor(address, self.request.headers.get("user-agent", "")[:200])

    @cached_property
    def language(self) -> str:
        """Choose the language of the interface: as set here, else as the browser asks."""
        return chosen(self.request.headers.get("accept-language", ""), self.request.cookies.get("language", ""))

    @property
    def words(self) -> Mapping[str, str]:
        return words(self.language)

    @property
    def direction(self) -> str:
        return direction(self.language)

    @property
    def navigation(self) -> list[tuple[str, str, str]]:
        """List the pages this person's role opens, as (act, address, word)."""
        return [each for each in NAVIGATION if self.may(each[0])]

    @property
    def told(self) -> str:
        """Return the sentence the page before sent along: one of the catalogue's, whatever a link may say."""
        return self.words.get(f"told.{self.query('told')}", "")

    @property
    def csrf(self) -> str:
        return people.csrf(self.token) if self.token else ""

    def may(self, act: str) -> bool:
        return self.session is not None and people.may(self.session.person.role, act)

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def render(self, template: str, status: int = 200, **values: object) -> Response:
        """Answer with a page; `values` are what its template shows."""
        environment = self.request.app.state.templates
        known = {"ask": self, "words": self.words, "told": self.told, "path": self.request.url.path}
        return HTMLResponse(environment.get_template(template).render(**known, **values), status)

    def redirect(self, url: str, told: str = "") -> Response:
        """Send on to a page of this server, which says the catalogue's sentence `told.NAME` on top."""
        joined = "&" if "?" in url else "?"
        return RedirectResponse(f"{url}{joined}told={quote(told)}" if told else url, 303)

    def json(self, value: Json | Mapping[str, Any], status: int = 200) -> Response:
        return JSONResponse(value, status)


def page(act: Act | None = None, *, public: bool = False) -> Callable[[Callable[[Ask], Response]], Endpoint]:
    """Make a function of `Ask` a page, for those whose role includes `act`, anybody logged in, or everybody."""

    def made(show: Callable[[Ask], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(lambda: show(admit(asked(request), act, public=public)))

        return endpoint

    return made


def posted(act: Act | None = None, *, public: bool = False) -> Callable[[Callable[[Ask, Form], Response]], Endpoint]:
    """Make a function of `Ask` and a form an endpoint for POST; the form's CSRF token is checked before."""

    def made(take: Callable[[Ask, Form], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            form = await _form(request)

            def taken() -> Response:
                ask = admit(asked(request), act, public=public)
                if ask.session is not None:
                    refuse_forged(ask, form.get("csrf"))
                return take(ask, form)

            return await run_in_threadpool(taken)

        return endpoint

    return made


def called(act: Act) -> Callable[[Callable[[Ask, dict[str, Any]], Response | Awaitable[Response]]], Endpoint]:
    """Make a function of `Ask` and a JSON object an endpoint for POST; one that awaits runs without a thread.

    A browser proves that its own page asks by the header X-CSRF; a program by its token in Authorization.
    """

    def made(take: Callable[[Ask, dict[str, Any]], Response | Awaitable[Response]]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            said = await sent_json(request)
            ask = admit(asked(request), act)
            refuse_forged(ask, request.headers.get("x-csrf", ""))
            if iscoroutinefunction(take):
                return await take(ask, said)  # type: ignore[no-any-return]
            return await run_in_threadpool(take, ask, said)  # type: ignore[arg-type]

        return endpoint

    return made


def asked(request: Request) -> Ask:
    """Find out who asks: a session's cookie, or a program's token in the Authorization header."""
    state = request.app.state
    at = state.programme.now()
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return Ask(request, people.bearer(state.programme, token.strip(), at), "", at)
    token = request.cookies.get(state.settings.cookie, "")
    session = people.whose(state.programme, token, at) if token else None
    return Ask(request, session, token if session else "", at)


def admit(ask: Ask, act: Act | None, *, public: bool = False) -> Ask:
    """Return the request where who asks may do the act; raises NotLoggedInError or PolicyError."""
    if public:
        return ask
    person = ask.person
    if act is not None:
        people.require(person.role, act)
    return ask


def refuse_forged(ask: Ask, given: str) -> None:
    """Raise PolicyError where what a browser sent did not come from this session's own pages."""
    if ask.session and ask.session.kind == "browser" and not people.csrf_holds(ask.token, given):
        raise PolicyError("this form is not of your session", "reload the page and send it again")


async def sent_json(request: Request) -> dict[str, Any]:
    """Read a call's JSON object; raises InputError for anything else, and for text that no database keeps."""
    try:
        text = (await body(request)).decode()
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        if "\\u" in text:  # half a letter comes in no other way
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise InputError("what was sent is no JSON", "send a JSON object in UTF-8") from fault
    if not isinstance(value, dict):
        raise InputError("what was sent is no JSON object", "send an object with named values")
    return value


def text_of(said: Mapping[str, Any], name: str) -> str:
    """Return a text of a call's object; raises InputError where it is none."""
    text = said.get(name)
    if not isinstance(text, str):
        raise InputError(f"{name} is {str(text)[:60]!r}", "send text")
    return text


async def body(request: Request, largest: int = LARGEST_BODY) -> bytes:
    """Read what was sent, up to `largest` bytes; raises TooLargeError beyond."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise TooLargeError(f"what was sent is over {largest:,} bytes", "send less at once")
        parts.append(part)
    return b"".join(parts)


class TooLargeError(InputError):
    """What was sent is larger than a page takes."""


async def _form(request: Request) -> Form:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise InputError("what was sent is no form", "send it from the page")
    try:
        text = (await body(request)).decode()
        read = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as fault:
        raise InputError("what was sent is no form, or one of too many fields", "send it from the page") from fault
    return Form({name: tuple(values) for name, values in read.items()})


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


STATUS: tuple[tuple[type[BimetalError], int], ...] = (
    (NotLoggedInError, 401),
    (NotFoundError, 404),
    (TooLargeError, 413),
    (PolicyError, 403),
    (InputError, 400),
)


def status_of(fault: BimetalError) -> int:
    """Say with which HTTP status an error is answered."""
    return next((status for kind, status in STATUS if isinstance(fault, kind)), 503 if fault.exit_code == 3 else 400)
