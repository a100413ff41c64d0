"""A programme with a small job and people of every role; the app under a test client, or on a port for a browser."""

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from bimetal.programme import clock as real_clock
from bimetal.programme import create, opened, queue
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import ROLES, Person, Profile, Visitor, first_admin, invite, join, whose
from bimetal.store.queue import Item, Job

pytest.importorskip("starlette")

from starlette.testclient import TestClient

from bimetal.web.application import application
from bimetal.web.settings import Settings

ORIGIN = "http://127.0.0.1:8000"
PASSWORD = "four quiet otters swim"
SETTINGS = {
    "programme": {"name": "notes", "purpose": "sort short notes", "rng_seed": 1},
    "task": {"labels": ["praise", "complaint", "question"]},
}
NOTES = ("the soup was cold", "when do you open", "thank you for everything", "ร้านเปิดกี่โมง", "too loud", "lovely")
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]*)"')


class Clock:
    """A clock that moves a millisecond a look, and further where a test says so."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Browser:
    """A test client as a browser is: it keeps cookies, says where a form comes from and sends the page's CSRF token."""

    def __init__(self, client: TestClient, cookie: str, token: str = "", person: Person | None = None) -> None:
        self.client, self.cookie, self.person = client, cookie, person
        if token:
            client.cookies.set(cookie, token, domain=client.base_url.host)

    @property
    def token(self) -> str:
        return self.client.cookies.get(self.cookie) or ""

    @property
    def csrf(self) -> str:
        """Read the token that the account page's forms carry."""
        found = _CSRF.search(self.get("/account").text) if self.token else None
        return found.group(1) if found else ""

    def get(self, url: str, **more: Any) -> Any:
        return self.client.get(url, **more)

    def post(self, url: str, fields: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a form from a page of this server; `csrf` among the fields replaces the page's own token."""
        headers = {"origin": str(self.client.base_url).rstrip("/"), **more.pop("headers", {})}
        return self.client.post(url, data={"csrf": self.csrf, **(fields or {})}, headers=headers, **more)

    def call(self, url: str, value: object, **more: Any) -> Any:
        """Send a JSON call as the labelling screen does."""
        headers = {"x-csrf": self.csrf, **more.pop("headers", {})}
        return self.client.post(url, json=value, headers=headers, **more)


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Make a programme once, without people and with, for tests to copy: migrations and passwords take their time."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIMETAL_KEYS", str(folder / "keys"))
        create(folder / "empty", parse(SETTINGS))
        shutil.copytree(folder / "empty", folder / "peopled")
        with opened(folder / "peopled", now=Clock(), actor="operator") as made:
            return folder, _joined(made)


@pytest.fixture(autouse=True)
def _keys_apart(template, tmp_path, monkeypatch):
    shutil.copytree(template[0] / "keys", tmp_path / "keys")
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def clock(request):
    """Return a clock of the test's own; where a real browser looks on, the real one."""
    if "served" in request.fixturenames:
        return real_clock.now
    later = Clock()
    later.move(minutes=1)  # than people joined
    return later


@pytest.fixture
def programme(template, tmp_path, clock, request):
    used = request.fixturenames
    kind = "peopled" if "people" in used and "served" not in used else "empty"  # whose sessions began in March
    shutil.copytree(template[0] / kind, tmp_path / "programme")
    with opened(tmp_path / "programme", now=clock, actor="operator") as open_programme:
        yield open_programme


@pytest.fixture
def job(programme):
    """Open a job of six short notes that two people answer, and return it."""
    rows = pa.table({"id": [f"note-{n}" for n in range(len(NOTES))], "text": list(NOTES)})
    stored, _ = add(programme, Arrival(rows, "notes", "pool", "live", declared=Declared("real", "undeclared")))
    asked = Job("notes", dataset="notes", snapshot=stored.digest, raters=2)
    return queue.open_job(programme, asked, [Item(each, "asked") for each in rows["id"].to_pylist()])


@pytest.fixture
def people(template, programme, request):
    """Return a person and a session's token for every role, by role; a second annotator is `other`."""
    return _joined(programme) if "served" in request.fixturenames else template[1]


@pytest.fixture
def settings():
    return Settings(ORIGIN)


@pytest.fixture
def app(programme, settings):
    return application(programme, settings)


@pytest.fixture
def browser(app, settings, people):
    """Return a function that opens a browser: a person's of a role, already logged in, or nobody's."""

    def of(role: str = "") -> Browser:
        client = TestClient(app, base_url=settings.origin, follow_redirects=False)
        person, token = people[role] if role else (None, "")
        return Browser(client, settings.cookie, token, person)

    return of


@pytest.fixture
def served(programme):
    """Serve the programme on a free port of this machine while the test runs, and return the address."""
    with _serving(programme) as url:
        yield url


def _joined(programme: Any) -> dict[str, tuple[Person, str]]:
    def joins(link: str, login: str) -> tuple[Person, str]:
        wanted = Profile.read(login, f"{login.title()} Example", f"{login}@example.org")
        token = join(programme, link, wanted, PASSWORD, Visitor("192.0.2.7", "Firefox on Linux"), programme.now())
        session = whose(programme, token, programme.now())
        assert session is not None
        return session.person, token

    admin = joins(first_admin(programme, programme.now()), "admin")
    roles = {role: role for role in ROLES if role != "admin"} | {"other": "annotator"}
    invited = {name: invite(programme, admin[0], role, programme.now()) for name, role in roles.items()}
    return {"admin": admin, **{name: joins(link, name) for name, link in invited.items()}}


@contextmanager
def _serving(programme: Any) -> Iterator[str]:
    uvicorn = pytest.importorskip("uvicorn")
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(application(programme, Settings(url)), log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        for _ in range(200):
            if server.started:
                break
            time.sleep(0.02)
        assert server.started, "the server did not start in 4 s"
        yield url
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
