"""Ask a model behind any OpenAI-compatible server: many requests at once, each reply bought once and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from bimetal.endpoints.budget import Budget, Purse
from bimetal.endpoints.buying import AGAIN, Buying
from bimetal.endpoints.endpoint import Endpoint
from bimetal.endpoints.ledger import Ledger
from bimetal.errors import BimetalError, EndpointError
from bimetal.types import Reply, Request


class Chat:
    """Answer requests to `chat`: from the ledger where they were bought before, else from the endpoint.

    Close it, or use `with`. The key is read at the first purchase and stands in no file. Raises EndpointError where the
    endpoint refuses the key, stays away or the budget ends; what came back until then is recorded.
    """

    def __init__(
        self, endpoint: Endpoint, ledger: Ledger, budget: Budget | None = None, now: Callable[[], str] | None = None
    ) -> None:
        self.endpoint, self.ledger = endpoint, ledger
        self._now = now or str
        self._purse = Purse(budget or Budget(), endpoint, ledger.totals)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._buying: Buying | None = None

    def __call__(self, requests: tuple[Request, ...]) -> tuple[Reply, ...]:
        asked = [each.digest for each in requests]
        found = dict(zip(asked, map(self._found, asked, requests), strict=True))
        wanted = {name: each for name, each in zip(asked, requests, strict=True) if found[name] is None}
        if wanted:
            self._run(self._bought(tuple(wanted.values())))
            found.update(zip(wanted, map(self._found, wanted, wanted.values()), strict=True))
        replies = tuple(found[name] for name in asked)
        return tuple(each for each in replies if each is not None)

    def close(self) -> None:
        """Hang up; again does nothing."""
        if self._loop is not None:
            if self._buying is not None:
                self._run(self._buying.client.aclose())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._buying = None

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _found(self, asked: str, request: Request) -> Reply | None:
        model = str(request.body.get("model") or self.endpoint.model)
        return self.ledger.find(asked, self.endpoint.url, model)

    async def _bought(self, requests: tuple[Request, ...]) -> None:
        if self._buying is None:
            self._buying = Buying(self.endpoint, self.ledger, self._purse, self._now)
        await self._buying.all_of(requests)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        if self._loop is None:  # a thread of its own, so that notebooks with a running loop can call too
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="bimetal-chat", daemon=True)
            self._thread.start()
        future: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            future.result()
        except KeyboardInterrupt:
            if self._buying is not None:
                self._buying.stopped = EndpointError("interrupted", AGAIN)
            with contextlib.suppress(BimetalError):  # those in flight are paid for: their replies are kept
                future.result()
            raise


def chat(
    endpoint: Endpoint, ledger: Ledger, budget: Budget | None = None, now: Callable[[], str] | None = None
) -> Chat:
    """Return what answers a generator that asks `chat`; `now` spells the moment each reply is recorded with."""
    return Chat(endpoint, ledger, budget, now)
