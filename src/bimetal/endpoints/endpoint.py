"""Where a model answers: the address of an OpenAI-compatible server, its model, prices, licence and limits."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from math import inf, isfinite
from urllib.parse import urlsplit

from bimetal.errors import EndpointError, InputError
from bimetal.types import UNKNOWN_LICENCE

MILLION = 1e6


@dataclass(frozen=True)
class Endpoint:
    """A model behind an address that ends before `/chat/completions`, such as http://localhost:8000/v1.

    `key_env` names the environment variable that holds the key, which stands nowhere else. Prices are money a million
    tokens, `licence` the terms the model's output falls under. A limit of 0 is none. `max_tokens` bounds a reply where
    the request does not; `leaves_out` names fields this server refuses, such as seed or response_format, and
    `renames` fields it calls otherwise, such as {"max_tokens": "max_completion_tokens"}. `timeout` is in seconds.
    Raises InputError for what cannot be meant.

    >>> Endpoint("http://localhost:8000/v1/", "llama3.1").url
    'http://localhost:8000/v1'
    """

    url: str
    model: str = ""
    key_env: str = ""
    price_in: float | None = None
    price_out: float | None = None
    licence: str = UNKNOWN_LICENCE
    requests_a_minute: int = 0
    tokens_a_minute: int = 0
    in_flight: int = 64
    tries: int = 6
    timeout: float = 120.0
    max_tokens: int = 1024
    leaves_out: tuple[str, ...] = ()
    renames: dict[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", _address(self.url))
        for name in ("requests_a_minute", "tokens_a_minute"):
            _refuse_outside(name, getattr(self, name), 0)
        for name in ("in_flight", "tries", "max_tokens"):
            _refuse_outside(name, getattr(self, name), 1)
        if not 0 < self.timeout < inf:
            raise InputError(f"timeout is {self.timeout!r}, expected seconds above 0", "120 is the default")
        if (self.price_in is None) != (self.price_out is None):
            raise InputError("one price is given and the other is not", "give price_in and price_out, or neither")
        for price in (self.price_in or 0.0, self.price_out or 0.0):
            if not isfinite(price) or price < 0:
                raise InputError(f"a price is {price!r}, expected 0 or more", "give money a million tokens")

    @property
    def priced(self) -> bool:
        return self.price_in is not None

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """Price tokens; 0 where no prices are known.

        >>> Endpoint("http://localhost/v1", price_in=1, price_out=4).cost(500_000, 250_000)
        1.5
        """
        return (tokens_in * (self.price_in or 0.0) + tokens_out * (self.price_out or 0.0)) / MILLION

    def key(self) -> str:
        """Read the key from the environment, "" where none is named; raises EndpointError where it is not set."""
        found = os.environ.get(self.key_env, "").strip() if self.key_env else ""
        if self.key_env and not found:
            raise EndpointError(
                f"the environment variable {self.key_env} is not set, and {self.url} wants a key",
                f"run: export {self.key_env}=..., then the same command again",
            )
        return found


def is_local(url: str) -> bool:
    """Say whether an address is this machine's own.

    >>> is_local("http://127.0.0.1:8000/v1"), is_local("https://models.example/v1")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port_holds = parts.port is None or parts.port >= 0
    except ValueError:
        parts, port_holds = urlsplit(""), False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_holds:
        raise InputError(f"the endpoint's address is {url[:200]!r}", "write one such as http://localhost:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        where = f"{parts.scheme}://{parts.hostname}{parts.path}"
        raise InputError(
            f"the address of {where} carries a name, password or query",
            "keep the key in an environment variable and name it with key_env",
        )
    return url.strip().rstrip("/").removesuffix("/chat/completions")


def _refuse_outside(name: str, value: int, least: int) -> None:
    if value < least:
        raise InputError(f"{name} is {value!r}, expected {least} or more", "leave it out for the default")
