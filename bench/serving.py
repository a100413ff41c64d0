"""What the web server costs: first page, memory, durable answers over HTTP by one and by eight people, kill -9.

Every answer is a real POST with a session's cookie and its CSRF token, to a real `bimetal serve` in a process of its
own, on SQLite with synchronous=FULL; server CPU is read from /proc. BIMETAL_BENCH_LABEL_STUDIO names the executable of
a Label Studio to measure beside it. Run: python bench/serving.py [answers] [kills]
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bimetal.programme import people, queue
from bimetal.programme.config import About, Config, Labels
from bimetal.programme.people import Profile, Visitor
from bimetal.programme.programme import create, opened
from bimetal.store.queue import Item, Job
from bimetal.types import Dataset, Origin

WRITERS = 8
ITEMS = 20_000
TICK = os.sysconf("SC_CLK_TCK")
PEER = "BIMETAL_BENCH_LABEL_STUDIO"


@dataclass
class Server:
    """A `bimetal serve` in a process of its own."""

    folder: Path
    process: subprocess.Popen[str] = field(init=False)
    port: int = 0

    def start(self) -> float:
        """Start, and return the seconds until the first page was there."""
        began = time.perf_counter()
        command = [
            str(Path(sys.executable).with_name("bimetal")),
            "serve",
            "--dir",
            str(self.folder),
            "--port",
            "0",
            "--json",
        ]
        # As an installer leaves it, whatever the shell says of bytecode.
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.folder.parent / "compiled")}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **compiled})
        assert self.process.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, "the server ended"
            told += line
        self.port = int(json.loads(told)["url"].rsplit(":", 1)[1])
        while True:
            try:
                assert self.client().get("/login")[0] == 200
                return time.perf_counter() - began
            except OSError:
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.01)

    def client(self) -> Client:
        return Client(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30))

    def cpu(self) -> float:
        """Return user and system CPU seconds spent so far."""
        return _cpu(_fields(self.process.pid))

    def memory(self) -> float:
        """Return the most MiB ever resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@dataclass
class Client:
    """One person's connection, kept open."""

    connection: http.client.HTTPConnection
    token: str = ""

    def get(self, url: str) -> tuple[int, bytes]:
        self.connection.request("GET", url, headers={"Cookie": f"bimetal={self.token}"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def post(self, url: str, value: dict[str, Any]) -> dict[str, Any]:
        headers = {"Cookie": f"bimetal={self.token}", "X-CSRF": people.csrf(self.token)}
        self.connection.request("POST", url, json.dumps(value), {**headers, "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        assert answer.status == 200, told
        return told

    def lease(self, n: int = 20) -> list[str]:
        return [each["lease"] for each in self.post("/api/jobs/march/lease", {"n": n})["leases"]]

    def pending(self) -> list[str]:
        """List what is held from before, such as by a life that was killed."""
        status, told = self.get("/api/jobs/march/list/pending")
        assert status == 200, told
        return [each["lease"] for each in json.loads(told)["lines"]]

    def answer(self, lease: str, key: str) -> None:
        value = {"lease": lease, "key": key, "value": "cat", "status": "submitted", "seconds": 2.5}
        self.post("/api/answers", value)


def prepared(folder: Path) -> list[str]:
    """Make a programme with a job of texts, and as many annotators as write; return their session tokens."""
    create(folder, Config(About("bench", "measure the server"), Labels(("cat", "dog"))))
    with opened(folder) as programme:
        rows = pa.table({"id": [f"i{n:06}" for n in range(ITEMS)], "text": [f"item number {n}" for n in range(ITEMS)]})
        held = programme.keep(
            Dataset("march", rows, programme.config.labelled, "pool", Origin("real", "bench", "CC0-1.0"))
        )
        job = Job("march", dataset="march", snapshot=held.digest)
        queue.open_job(programme, job, [Item(str(each), "random", origin="real") for each in rows["id"].to_pylist()])
        return [joined(programme, f"annotator{n}") for n in range(WRITERS)]


def joined(programme: Any, name: str) -> str:
    link = people.invite(programme, people.SERVER, "annotator", programme.now())
    words = Profile.read(name, name.capitalize())
    return people.join(programme, link, words, secrets.token_urlsafe(16), Visitor("127.0.0.1"), programme.now())


def one_writer(server: Server, token: str, answers: int) -> tuple[float, list[float]]:
    """Return server CPU seconds an answer and each answer's wall seconds; leasing is not counted."""
    client, spent = server.client(), 0.0
    took: list[float] = []
    client.token = token
    while len(took) < answers:
        held = client.lease()
        before = server.cpu()
        for lease in held:
            start = time.perf_counter()
            client.answer(lease, secrets.token_hex(16))
            took.append(time.perf_counter() - start)
        spent += server.cpu() - before
    return spent / len(took), took


def many_writers(server: Server, tokens: list[str], each: int) -> tuple[float, float, list[float]]:
    """Return server CPU seconds an answer, answers a second, and each answer's wall seconds."""
    took: list[float] = []
    held: dict[str, list[str]] = {}
    for token in tokens:
        client = server.client()
        client.token = token
        held[token] = [lease for _ in range(each // 20 + 1) for lease in client.lease()][:each]

    def write(token: str) -> None:
        client = server.client()
        client.token = token
        for lease in held[token]:
            start = time.perf_counter()
            client.answer(lease, secrets.token_hex(16))
            took.append(time.perf_counter() - start)

    before, start = server.cpu(), time.perf_counter()
    threads = [threading.Thread(target=write, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (server.cpu() - before) / len(took), len(took) / (time.perf_counter() - start), took


def killed(folder: Path, tokens: list[str], kills: int) -> tuple[int, int, int]:
    """Kill the server under load, again and again; return answers acknowledged, lost and doubled."""
    rng = np.random.default_rng(0)
    acknowledged: list[str] = []

    def write(server: Server, token: str) -> None:
        client = server.client()
        client.token = token
        try:
            while held := client.pending() or client.lease():
                for lease in held:
                    key = secrets.token_hex(16)
                    client.answer(lease, key)
                    acknowledged.append(key)
        except (OSError, http.client.HTTPException):
            return

    for _ in range(kills):
        server = Server(folder)
        server.start()
        threads = [threading.Thread(target=write, args=(server, token)) for token in tokens]
        before = len(acknowledged)
        for thread in threads:
            thread.start()
        while len(acknowledged) == before and all(thread.is_alive() for thread in threads):
            time.sleep(0.01)  # a server that took nothing yet has nothing to lose
        time.sleep(0.3 * rng.random())
        server.kill()
        for thread in threads:
            thread.join()
    return (len(acknowledged), *_missing(folder, acknowledged))


def _missing(folder: Path, acknowledged: list[str]) -> tuple[int, int]:
    import sqlalchemy as sql

    from bimetal.store import schema

    with opened(folder) as programme:
        with programme.state.read() as connection:
            columns = schema.annotations.c
            rows = connection.execute(sql.select(columns.key, columns.item, columns.annotator, columns.standing)).all()
        queue.refuse_changed(programme)
    keys = {row.key for row in rows}
    words = [(row.item, row.annotator) for row in rows if row.standing]
    return sum(key not in keys for key in acknowledged), len(words) - len(set(words))


def peer(executable: str, answers: int) -> tuple[float, list[float]]:
    """Return Label Studio's CPU seconds an annotation posted with an API token, and each one's wall seconds."""
    from label_studio import running

    with tempfile.TemporaryDirectory() as folder, running(executable, Path(folder)) as ask:
        shown = '<Text name="text" value="$text"/><Choices name="answer" toName="text">'
        config = f'<View>{shown}<Choice value="cat"/><Choice value="dog"/></Choices></View>'
        project = ask("POST", "/api/projects", {"title": "march", "label_config": config})["id"]
        ask("POST", f"/api/projects/{project}/import", [{"text": f"item number {n}"} for n in range(answers)])
        tasks = ask("GET", f"/api/projects/{project}/tasks?page_size={answers}", None)
        result = {"from_name": "answer", "to_name": "text", "type": "choices", "value": {"choices": ["cat"]}}
        took: list[float] = []
        before = 0.0
        for n, task in enumerate(tasks):
            if n == len(tasks) // 5:  # the first ones warm it up
                took, before = [], _family_cpu()
            start = time.perf_counter()
            ask("POST", f"/api/tasks/{task['id']}/annotations/", {"result": [result], "lead_time": 2.5})
            took.append(time.perf_counter() - start)
        return (_family_cpu() - before) / len(took), took


def _family_cpu() -> float:
    """Return the CPU seconds of all processes that this one started and that still run."""
    known = {int(each.name): _fields(int(each.name)) for each in Path("/proc").iterdir() if each.name.isdecimal()}
    family, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, fields in known.items() if fields and int(fields[1]) in family} - family
        family, grown = family | more, bool(more)
    return sum(_cpu(known[pid]) for pid in family - {os.getpid()})


def _fields(process: int) -> list[str]:
    """Return what /proc says of a process from its state on; nothing where it ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _cpu(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / TICK


def main(answers: int = 400, kills: int = 200) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "bench"
        tokens = prepared(folder)
        server = Server(folder)
        firsts = []
        for _ in range(6):
            firsts.append(server.start())
            server.stop()
        compiling, firsts = firsts[0], firsts[1:]
        server.start()
        starting = server.cpu()
        alone, took = one_writer(server, tokens[0], answers)
        together, rate, all_took = many_writers(server, tokens, answers // 2)
        memory = server.memory()
        server.stop()
        print("| what | measured | limit |\n|---|---|---|")
        print(f"| first page after start, median of {len(firsts)} | {np.median(firsts):.2f} s | 2 s |")
        print(f"| ... its CPU | {starting:.2f} s | |")
        print(f"| ... the very first, which compiles every module | {compiling:.2f} s | |")
        print(f"| memory, highest under load | {memory:.0f} MiB | 150 MiB |")
        print(f"| durable answer, 1 person: server CPU | {alone * 1e3:.2f} ms | 1.5 ms |")
        print(f"| ... until acknowledged, median and p99 | {_ms(took, 0.5)} and {_ms(took, 0.99)} ms | |")
        print(f"| durable answer, {WRITERS} people: server CPU | {together * 1e3:.2f} ms | |")
        print(
            f"| ... until acknowledged, median and p99 | {_ms(all_took, 0.5)} and {_ms(all_took, 0.99)} ms | p99 150 |"
        )
        print(f"| ... answers a second | {rate:.0f} | 300 |")
        sys.stdout.flush()
        said, lost, doubled = killed(folder, tokens, kills)
        print(f"| {kills} times kill -9 under load: acknowledged | {said:,} | |")
        print(f"| ... lost, doubled | {lost}, {doubled} | 0, 0 |")
    _tell_peer(os.environ.get(PEER, ""), answers, alone)


def _tell_peer(executable: str, answers: int, ours: float) -> None:
    if not executable:
        print(f"\nNot beside Label Studio: {PEER} names none.")
        return
    theirs, took = peer(executable, answers)
    print(f"| Label Studio, annotation posted by 1 person: server CPU | {theirs * 1e3:.1f} ms | |")
    print(f"| ... until acknowledged, median and p99 | {_ms(took, 0.5)} and {_ms(took, 0.99)} ms | |")
    print(f"| ... times ours | {theirs / ours:.0f} | 30 |")


def _ms(took: list[float], share: float) -> str:
    return f"{np.quantile(took, share) * 1e3:.1f}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
