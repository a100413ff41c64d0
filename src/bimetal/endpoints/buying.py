"""Purchases of one event loop: retried, paced, within a budget, each reply on disk before the next is asked."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from bimetal.endpoints.endpoint import Endpoint, is_local
from bimetal.endpoints.ledger import Ledger, Record
from bimetal.endpoints.pace import Pace
from bimetal.endpoints.wire import Meaning, body_of, meaning, most_of
from bimetal.errors import BimetalError, EndpointError
from bimetal.types import Reply, Request

if TYPE_CHECKING:
    import httpx

    from bimetal.canonical import Json
    from bimetal.endpoints.budget import Most, Purse

NONSENSE = 3  # replies that are no chat completion, before a request counts as refused
REFUSALS = 8  # requests refused before any is answered, after which it is the settings that are wrong
BYTES_A_TOKEN = 3  # about, as servers count when they limit a rate
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
PATIENCE = 600.0  # seconds a server may ask to wait
AGAIN = "run the same command again: what is recorded is not bought twice"


class Buying:
    """One event loop's purchases: workers take requests in order, each reply is on disk before the next is asked."""

    def __init__(self, endpoint: Endpoint, ledger: Ledger, purse: Purse, now: Callable[[], str]) -> None:
        self.stopped: BimetalError | None = None
        self._endpoint, self._ledger, self._purse, self._now = endpoint, ledger, purse, now
        self._key = endpoint.key()
        self.client = _client(endpoint, self._key)
        self._pace = Pace(endpoint.requests_a_minute, endpoint.tokens_a_minute)
        self._settled = asyncio.Condition()
        self._waiting: list[tuple[Record, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._refusals: list[Record] = []
        self._answered = False

    async def all_of(self, requests: tuple[Request, ...]) -> None:
        self.stopped = None
        todo = iter(requests)
        await asyncio.gather(*(self._work(todo) for _ in range(min(self._endpoint.in_flight, len(requests)))))
        refusals, self._refusals = self._refusals, []
        if refusals and not self._answered and self.stopped is None:
            self.stopped = self._unwanted(refusals)
        if refusals and self._answered:
            await asyncio.gather(*map(self._keep, refusals))
        if self.stopped is not None:
            raise self.stopped

    async def _work(self, todo: Iterator[Request]) -> None:
        for request in todo:
            if self.stopped is not None:
                return
            try:
                await self._one(request)
            except BimetalError as fault:
                self.stopped = self.stopped or fault

    async def _one(self, request: Request) -> None:
        body = body_of(request, self._endpoint)
        said, cost, counts = await self._asked(request, json.dumps(body).encode())
        facts: dict[str, Json] = {
            "model": said.model or str(body[self._endpoint.renames.get("model", "model")]),
            "finish": said.finish,
            "tokens_in": cost[0],
            "tokens_out": cost[1],
            "money": self._endpoint.cost(*cost),
            **counts,
        }
        reply = Reply(said.text.encode(), facts, "" if said.kind == "good" else said.says or said.kind)
        model = str(request.body.get("model") or self._endpoint.model)
        record = Record(request, self._endpoint.url, model, reply, self._now())
        if said.kind == "good" or (said.kind == "refused" and said.tokens is not None):
            self._answered = True
        if self._answered:
            await self._keep(record)
            return
        self._refusals.append(record)  # what wrong settings bring about shall not be recorded as the model's word
        if len(self._refusals) >= REFUSALS:
            raise self._unwanted(self._refusals)

    async def _asked(self, request: Request, body: bytes) -> tuple[Meaning, tuple[int, int], dict[str, int]]:
        """Ask until there is an answer; gives it, the tokens it took, and how many tries were lost or nonsense."""
        most, says = most_of(request, self._endpoint), ""
        cost, nonsense, lost = (0, 0), 0, 0
        for attempt in range(self._endpoint.tries):
            if self.stopped is not None and attempt:
                break
            await self._admitted(most)
            said, took = Meaning("again"), (0, 0)
            try:
                await self._pace.turn(most.tokens_in // BYTES_A_TOKEN + most.tokens_out)
                said = await self._sent(body)
                took = _tokens(said, most)
            finally:
                await self._settle(most, took)
            billed = said.kind != "again"
            cost = (cost[0] + took[0] * billed, cost[1] + took[1] * billed)
            lost += said.kind == "again" and took != (0, 0)
            nonsense += said.kind == "nonsense"
            if said.kind in {"good", "refused"} or nonsense == NONSENSE:
                return said, cost, {"tries": attempt + 1, "lost": lost, "nonsense": nonsense}
            if said.kind == "stop":
                raise EndpointError(f"{self._endpoint.url} answers {said.says}", _way_out(said.says, self._endpoint))
            says = said.says
            await self._rest(said, attempt)
        raise self.stopped or EndpointError(
            f"{self._endpoint.url} gave no answer in {self._endpoint.tries} tries; the last: {says}",
            AGAIN,
            retryable=True,
        )

    async def _rest(self, said: Meaning, attempt: int) -> None:
        if said.wait is not None and said.wait > PATIENCE:
            raise EndpointError(
                f"{self._endpoint.url} asks to wait {said.wait:,.0f} seconds; {said.says}", AGAIN, retryable=True
            )
        if said.wait is not None:
            self._pace.pause(said.wait)  # the server means everybody
        else:
            longest = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
            await asyncio.sleep(longest * (0.5 + secrets.randbelow(1000) / 2000))  # spread, lest all come back at once

    async def _sent(self, body: bytes) -> Meaning:
        import httpx

        try:
            response = await self.client.post(f"{self._endpoint.url}/chat/completions", content=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            return Meaning("again", says=f"cannot be reached ({fault or type(fault).__name__})")
        except httpx.TimeoutException:
            return Meaning("again", says=f"no reply within {self._endpoint.timeout:g} seconds", tokens=_UNKNOWN)
        except httpx.TransportError as fault:
            return Meaning("again", says=f"the connection broke ({fault or type(fault).__name__})", tokens=_UNKNOWN)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            return Meaning("stop", says=self._hushed(str(fault)))
        said = meaning(response.status_code, response.headers, response.content)
        return replace(said, says=self._hushed(said.says))

    def _hushed(self, says: str) -> str:
        return says.replace(self._key, "***") if self._key else says  # servers quote the key they refuse

    async def _admitted(self, most: Most) -> None:
        async with self._settled:
            while not self._purse.has_room(most):
                if not self._purse.promises:
                    raise self._purse.spent_out(most)
                await self._settled.wait()
            self._purse.promise(most)

    async def _settle(self, most: Most, took: tuple[int, int]) -> None:
        async with self._settled:
            self._purse.settle(most, sum(took), self._endpoint.cost(*took))
            self._settled.notify_all()

    async def _keep(self, record: Record) -> None:
        """Return once a record is on disk; those that wait share one flush."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((record, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            fault: BaseException | None = None
            try:
                await asyncio.to_thread(self._ledger.append, [record for record, _ in batch])
            except BaseException as failed:  # whoever waits must hear of it
                fault = failed
            for _, done in batch:
                if fault is None:
                    done.set_result(None)
                else:
                    done.set_exception(fault)

    def _unwanted(self, refusals: list[Record]) -> EndpointError:
        count = "its first request" if len(refusals) == 1 else f"its first {len(refusals)} requests"
        return EndpointError(
            f"{self._endpoint.url} refused {count}: {refusals[0].reply.refused}",
            "check the model's name; a field the server does not know is left out with leaves_out",
        )


_UNKNOWN = (-1, -1)  # sent, and nobody can say whether it is billed


def _tokens(said: Meaning, most: Most) -> tuple[int, int]:
    """Count what an attempt took, at its most where the server does not say."""
    if said.tokens is not None and said.tokens != _UNKNOWN:
        return said.tokens
    if said.kind == "good":
        return most.tokens_in, min(len(said.text.encode()) + 1, most.tokens_out)
    billed = said.kind == "nonsense" or said.tokens == _UNKNOWN
    return (most.tokens_in, most.tokens_out) if billed else (0, 0)


def _client(endpoint: Endpoint, key: str) -> httpx.AsyncClient:
    import httpx

    headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
    limits = httpx.Limits(max_connections=endpoint.in_flight, max_keepalive_connections=endpoint.in_flight)
    timeout = httpx.Timeout(endpoint.timeout, connect=min(endpoint.timeout, 10.0), pool=None)
    # A proxy of the environment cannot reach this machine's own address; redirects would carry the key elsewhere.
    return httpx.AsyncClient(headers=headers, limits=limits, timeout=timeout, trust_env=not is_local(endpoint.url))


def _way_out(says: str, endpoint: Endpoint) -> str:
    if says.startswith(("401", "403")):
        named = f"the key in {endpoint.key_env}" if endpoint.key_env else "it wants a key: name the variable it is in"
        return f"check {named}" if endpoint.key_env else named
    if says.startswith("402"):
        return "the account has no credit left; " + AGAIN
    return f"check the address (it ends before /chat/completions) and the model's name {endpoint.model!r}"
