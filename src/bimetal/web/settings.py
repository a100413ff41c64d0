"""How a server is reached: its public address, the proxies it believes, the provider people may log in through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bimetal.errors import InputError

if TYPE_CHECKING:
    from bimetal.programme.people.oidc import Provider

_HOST = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Settings:
    """`origin` is what people type, such as https://labels.example.org; `proxies` are addresses of those before it.

    Only a proxy named here is believed when it says where a request came from. Raises InputError for an origin that
    is none.

    >>> Settings("https://labels.example.org").cookie
    '__Host-bimetal'
    """

    origin: str = "http://127.0.0.1:8000"
    proxies: tuple[str, ...] = ()
    provider: Provider | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
            raise InputError(
                f"the public address is {self.origin!r}", "give scheme and host, such as https://labels.example.org"
            )

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """Name the session's cookie: under https one that no other host can set."""
        return "__Host-bimetal" if self.secure else "bimetal"

    def serves(self, host: str) -> bool:
        """Say whether a request's Host is this server's, so that no other name can be pointed at it.

        >>> Settings().serves("localhost:8123"), Settings().serves("evil.example")
        (True, False)
        """
        found, own = (_HOST.fullmatch(each.lower()) for each in (host, urlsplit(self.origin).netloc))
        return found is not None and found[1] in {*LOOPBACK, own[1] if own else ""}
