"""The client of model endpoints: its rate beside bare httpx against a server on this machine, and what a kill costs.

Run: python bench/llm.py [--requests N] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np

from bimetal.endpoints import Endpoint, Ledger, records
from bimetal.endpoints.chat import chat
from bimetal.endpoints.wire import body_of
from bimetal.types import Request

STUB = Path(__file__).parent.parent / "tests" / "endpoints" / "stub.py"
IN_FLIGHT = 64


def requests(n: int) -> tuple[Request, ...]:
    def one(number: int) -> Request:
        said = (
            f"Write a message of a bank's customer. It is number {number}. " + "Tone: worried. Length: a sentence. " * 8
        )
        return Request("chat", {"messages": [{"role": "user", "content": said}], "max_tokens": 200, "seed": number})

    return tuple(map(one, range(n)))


@contextlib.contextmanager
def stub(seconds: float = 0.0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, str(STUB), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield server.stdout.readline().strip(), server
        server.stdin.close()
        server.stdout.read()


def bare(url: str, asked: tuple[Request, ...]) -> tuple[float, float]:
    """Send the same bodies with nothing but httpx, and read the text of each reply."""
    bodies = [json.dumps(body_of(each, Endpoint(url, "pretend"))).encode() for each in asked]

    async def run() -> None:
        limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
        headers = {"content-type": "application/json"}
        async with httpx.AsyncClient(headers=headers, limits=limits, timeout=60, trust_env=False) as client:
            todo = iter(bodies)

            async def work() -> None:
                for body in todo:
                    response = await client.post(f"{url}/chat/completions", content=body)
                    response.json()["choices"][0]["message"]["content"]

            await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))

    return timed(lambda: asyncio.run(run()))


def ours(url: str, asked: tuple[Request, ...]) -> tuple[float, float]:
    """Ask through the client: retries, pace and budget ready, every reply flushed to disk."""
    with tempfile.TemporaryDirectory() as folder:

        def run() -> None:
            with Ledger(Path(folder) / "x.ledger") as ledger, chat(Endpoint(url, "pretend"), ledger) as answer:
                assert len(answer(asked)) == len(asked)

        return timed(run)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def rates(n: int, rounds: int) -> None:
    asked = requests(n)
    walls: dict[str, list[float]] = {"bare httpx": [], "bimetal": []}
    busy: dict[str, list[float]] = {"bare httpx": [], "bimetal": []}
    with stub() as (url, _):
        bare(url, asked[:100])  # warm
        for _ in range(rounds):
            for name, work in (("bare httpx", bare), ("bimetal", ours)):
                wall, cpu = work(url, asked)
                walls[name].append(wall)
                busy[name].append(cpu)
    print(f"## Rate\n\n{n:,} requests, {IN_FLIGHT} in flight, a server on this machine that answers at once;")
    print(
        f"{rounds} rounds, taken in turns. Ours checks each reply and has it on disk (fsync) before it asks for more.\n"
    )
    print("| | requests/s, median | CPU ms a request |\n|---|---:|---:|")
    for name, taken in walls.items():
        print(f"| {name} | {n / np.median(taken):,.0f} | {1000 * np.median(busy[name]) / n:.2f} |")
    ratio = np.array(walls["bare httpx"]) / np.array(walls["bimetal"])
    low, high = ratio.min(), ratio.max()
    print(f"\nOurs runs at {np.median(ratio):.2f} of the bare rate (rounds from {low:.2f} to {high:.2f}; wanted .6).\n")


def kills(n: int) -> None:
    print("## Kill -9\n\nA process buys, is killed, and another goes on with its ledger; each reply takes 20 ms.\n")
    print("| killed after | recorded by then | of these asked again | requests in all | for replies |")
    print("|---:|---:|---:|---:|---:|")
    for share in (0.25, 0.5, 0.75):
        with tempfile.TemporaryDirectory() as folder, stub(0.02) as (url, server):
            path = Path(folder) / "x.ledger"
            command = [sys.executable, __file__, "--buy", url, str(path), "--requests", str(n)]
            victim = subprocess.Popen(command)
            while not path.exists() or path.read_bytes().count(b"\n") < share * n:
                time.sleep(0.005)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            kept = {said(each.request) for each in records(path)}
            subprocess.run(command, check=True)
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.close()
            counts = json.loads(server.stdout.read())
            again = sum(counts[each] - 1 for each in kept)
            replies = sum(1 for _ in records(path))
            print(f"| {share * n:,.0f} | {len(kept):,} | {again} | {sum(counts.values()):,} | {replies:,} |")
    print(f"\nRequests beyond the replies were in flight when the process died, at most {IN_FLIGHT} of them.")


def said(request: Request) -> str:
    messages = request.body["messages"]
    assert isinstance(messages, list)
    return str(messages[-1]["content"])


def buy(url: str, path: Path, n: int) -> None:
    with Ledger(path) as ledger, chat(Endpoint(url, "pretend"), ledger) as answer:
        answer(requests(n))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--buy", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.buy:
        buy(arguments.buy[0], Path(arguments.buy[1]), arguments.requests)
    else:
        rates(arguments.requests, arguments.rounds)
        kills(arguments.requests)
