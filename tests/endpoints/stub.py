"""A server on this machine that speaks the OpenAI chat protocol, well or badly as its script says, and counts.

Run: python tests/endpoints/stub.py [seconds a reply takes]
It prints its address, serves until its input ends, and prints how often it was asked each thing.
"""

import asyncio
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.endpoints import pretend


@dataclass
class Act:
    """What the server does with a request: a status and content, after a wait, cut before the end where asked."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    content: bytes | None = None  # what the pretended model says
    wait: float = 0.0
    cut: str = ""  # "before" anything is sent, or in the "middle"


def well(body: dict, times: int) -> Act:
    """Answer everything."""
    return Act()


class Stub:
    """Serve while entered; `seen` counts requests by what they hold, `most` is how many were held at once."""

    def __init__(self, script: Callable[[dict, int], Act] = well, key: str = "") -> None:
        self.script, self.key = script, key
        self.seen: Counter[str] = Counter()
        self.sent = 0  # replies that went out whole
        self.headers: list[dict] = []
        self.held = self.most = 0

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(10)

    def _run(self, started):
        async def serve():
            self._closing, self._open = asyncio.Event(), set()
            server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            started.set()
            await self._closing.wait()
            server.close()
            for each in tuple(self._open):
                each.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(serve())

    async def _connection(self, reader, writer):
        task = asyncio.current_task()
        self._open.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        act = self._act(head[0], headers, content)
        self.held += 1
        self.most = max(self.most, self.held)
        try:
            await asyncio.sleep(act.wait)
        finally:
            self.held -= 1
        if act.cut == "before":
            return False
        lines = [f"HTTP/1.1 {act.status} X", f"content-length: {len(act.content)}", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in act.headers.items()]
        reply = ("\r\n".join(lines) + "\r\n\r\n").encode() + act.content
        writer.write(reply[: len(reply) - len(act.content) // 2] if act.cut else reply)
        await writer.drain()
        self.sent += not act.cut
        return not act.cut

    def _act(self, line, headers, content):
        if not line.startswith("POST /v1/chat/completions "):
            return Act(404, content=b'{"error": {"message": "no such page"}}')
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            wrong = headers.get("authorization", "none")
            return Act(401, content=json.dumps({"error": {"message": f"incorrect key: {wrong}"}}).encode())
        body = json.loads(content)
        spelled = json.dumps(body, sort_keys=True)
        self.headers.append(headers)
        self.seen[spelled] += 1
        act = self.script(body, self.seen[spelled])
        if act.content is None:
            act.content = completion(body)
        return act


def completion(body: dict) -> bytes:
    said = pretend.content(body)
    message = {"role": "assistant", "content": said, "refusal": None if said else "I would rather not"}
    usage = {"prompt_tokens": len(json.dumps(body["messages"])) // 4, "completion_tokens": len(said or "") // 4 + 1}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"model": body["model"], "choices": [choice], "usage": usage}).encode()


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
    with Stub(lambda body, times: Act(wait=seconds)) as stub:
        print(stub.url, flush=True)  # noqa: T201 - who started it reads this
        sys.stdin.read()
        counts = {json.loads(each)["messages"][-1]["content"]: times for each, times in stub.seen.items()}
        print(json.dumps(counts), flush=True)  # noqa: T201
