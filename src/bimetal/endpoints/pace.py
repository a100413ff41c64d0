"""Keep to a server's rates: requests and tokens a minute, evenly spaced, and a pause where it asks for one."""

from __future__ import annotations

import asyncio

MINUTE = 60.0


class Pace:
    """Turns of one event loop; 0 a minute is no limit. A server's wish to wait holds for everybody's next turn."""

    def __init__(self, requests: int = 0, tokens: int = 0) -> None:
        self._requests, self._tokens = requests, tokens
        self._next = 0.0

    async def turn(self, tokens: int) -> None:
        """Wait until a request of about so many tokens may be sent."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        per_request = MINUTE / self._requests if self._requests else 0.0
        per_token = MINUTE * tokens / self._tokens if self._tokens else 0.0
        self._next = at + max(per_request, per_token)
        while now < at:
            await asyncio.sleep(at - now)
            now = asyncio.get_running_loop().time()

    def pause(self, seconds: float) -> None:
        """Let nobody begin for some seconds."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)
