"""bimetal serve: the web app where people label, decide conflicts, lead and audit."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bimetal.cli._screen import HERE, AsJson, Folder, emit, say
from bimetal.errors import InputError, PolicyError

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from bimetal.programme.config import Server
    from bimetal.programme.programme import Programme
    from bimetal.web.settings import Settings

EXAMPLE = "bimetal serve --dir claims --port 8000"


def command(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; other machines reach it only if it is theirs.")] = (
        "127.0.0.1"
    ),
    origin: Annotated[
        str, typer.Option(help="Address people type, behind a proxy: https://labels.example.org.", show_default="this")
    ] = "",
    proxy: Annotated[
        list[str] | None, typer.Option(help="Address of a proxy to believe about visitors; may be repeated.")
    ] = None,
    folder: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Serve the programme to the people who work on it, until Ctrl-C."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own keeps 30 MiB; read at its first import
    from bimetal.programme import opened

    with _listening(host, port) as listening:
        here = f"http://{_spelled(host)}:{listening.getsockname()[1]}"
        with opened(folder) as programme, programme.alone("serve"):
            settings = _settings(programme.config.server, origin or programme.config.server.origin or here, proxy or ())
            _warn_bare(host, settings)
            _tell(programme, settings.origin, as_json)
            _run(programme, listening, settings)


def _run(programme: Programme, listening: socket.socket, settings: Settings) -> None:
    import uvicorn

    from bimetal.web.application import application

    app = application(programme, settings)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listening])


def _settings(said: Server, url: str, proxies: Sequence[str]) -> Settings:
    from bimetal.programme.people.oidc import Provider
    from bimetal.web.settings import Settings

    provider = None
    if said.login is not None:
        secret, back = os.environ.get("BIMETAL_OIDC_SECRET", ""), f"{url}/login/return"
        named = said.login
        roles = (named.role_claim, named.roles, named.default_role or None)
        provider = Provider(named.issuer, named.client_id, secret, back, *roles)
    return Settings(url, (*said.proxies, *proxies), provider)


def _listening(host: str, port: int) -> Any:
    import socket

    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, number)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(256)
    except OSError as fault:
        raise InputError(
            f"{host}:{port} cannot be listened on ({fault.strerror or fault})", "choose another --port or --host"
        ) from fault
    return listening


def _warn_bare(host: str, settings: Settings) -> None:
    """Say aloud that passwords would cross a network in the clear."""
    if host not in {"127.0.0.1", "localhost", "::1"} and not settings.secure:
        sys.stderr.write(
            "bimetal: other machines reach this server without TLS: passwords and data cross the network in the clear; "
            "put a TLS proxy before it and pass --origin https://...\n"
        )


def _tell(programme: Programme, url: str, as_json: bool) -> None:
    """Say where the server is, and how the first admin gets in."""
    from bimetal.programme import people

    try:
        link = f"{url}/join/{people.first_admin(programme, programme.now())}"
    except PolicyError:
        link = ""
    if as_json:
        emit({"url": url, "first_admin": link or None})
    else:
        say(f"{programme.config.programme.name} is served at {url}; Ctrl-C stops it")
        if link:
            say(f"nobody is admin yet: open {link} (works once, for 7 days)")
    sys.stdout.flush()


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host
