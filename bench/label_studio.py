"""A live round trip: an export of ours goes into a real Label Studio, comes out again, and what was lost is listed.

BIMETAL_BENCH_LABEL_STUDIO names its executable; without it nothing is measured, and that is said. It runs on loopback
with its data in a temporary folder.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bimetal.plugins import Exchange, make
from bimetal.types import Annotation, Spec

NAME = "BIMETAL_BENCH_LABEL_STUDIO"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONFIGS = {
    "classification": '<Choices name="answer" toName="text"><Choice value="cat"/><Choice value="dog"/></Choices>',
    "spans": '<Labels name="answer" toName="text"><Label value="PER"/><Label value="LOC"/></Labels>',
    "boxes": '<RectangleLabels name="answer" toName="image"><Label value="cat"/></RectangleLabels>',
}
TEXTS = ["Ana 😀 flew to Łódź", "ห้าม👩‍👩‍👧 go to Paris", "<script>alert(1)</script> Bob"]


def main() -> None:
    executable = os.environ.get(NAME)
    if not executable:
        print(f"skipped: {NAME} names no Label Studio")
        return
    with tempfile.TemporaryDirectory() as folder, running(executable, Path(folder)) as ask:
        for task in CONFIGS:
            sent, came, seconds = there_and_back(ask, task)
            print(f"{task}: {sent.rows.num_rows} items, {len(sent.annotations)} answers in {seconds:.1f} s")
            for line in differences(sent, came) or ["nothing lost"]:
                print(f"  {line}")


def exchange(task: str) -> Exchange:
    """Two people and a model on three items; one skips, one was shown a suggestion, one found nothing."""
    values = VALUES[task]
    payload: dict[str, Any] = {"image": [_picture(at) for at in range(3)]} if task == "boxes" else {"text": TEXTS}
    rows = pa.table({"id": ["a", "b", "c"], **payload, "source": ["archive"] * 3, "licence": ["CC0-1.0"] * 3})
    given = []
    for at, (item, value) in enumerate(zip("abc", values, strict=True)):
        when = NOON + timedelta(minutes=at)
        first = Annotation(f"x{at}", item, "p-ann", "human", value, when, seconds=3.25, guideline=2, comment='say "hi"')
        given += [first, replace(first, id=f"y{at}", annotator="p-bob", suggestion=values[0])]
    given[3] = replace(given[3], value=None, status="skipped", reason="item broken")
    given.append(replace(given[0], id="m", annotator="net-7", actor_kind="model", comment=""))
    labels = {"classification": ("cat", "dog"), "spans": ("LOC", "PER"), "boxes": ("cat",)}[task]
    return Exchange(rows, task, labels, tuple(given))


def there_and_back(ask: Any, task: str) -> tuple[Exchange, Exchange, float]:
    connector, sent, begun = make(Spec("connectors", "label_studio")), exchange(task), time.perf_counter()
    shown = "Image" if task == "boxes" else "Text"
    config = f'<View>{CONFIGS[task]}<{shown} name="{shown.lower()}" value="${shown.lower()}"/></View>'
    project = ask("POST", "/api/projects", {"title": task, "label_config": config})["id"]
    tasks = json.loads(b"".join(piece for _, piece in connector.write(sent)))
    ask("POST", f"/api/projects/{project}/import", tasks)
    back = ask("GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true", None)
    came = connector.read({"back.json": json.dumps(back).encode()})
    return sent, came, time.perf_counter() - begun


def differences(sent: Exchange, came: Exchange) -> list[str]:
    """List what came back otherwise: rows column by column, answers field by field."""
    found = []
    before, after = ({row["id"]: row for row in each.rows.to_pylist()} for each in (sent, came))
    for name in sent.rows.column_names:
        changed = [item for item, row in before.items() if after.get(item, {}).get(name) != row[name]]
        found += [f"column {name}: changed on {', '.join(changed)}"] if changed else []
    mine, theirs = ({each.id: each for each in one.annotations} for one in (sent, came))
    found += [f"answer {each} is gone" for each in sorted(set(mine) - set(theirs))]
    found += [f"answer {each} is new" for each in sorted(set(theirs) - set(mine))]
    for key in sorted(set(mine) & set(theirs)):
        for name in Annotation.__dataclass_fields__:
            told = getattr(mine[key], name), getattr(theirs[key], name)
            found += [f"answer {key}: {name} was {told[0]!r}, is {told[1]!r}"] if told[0] != told[1] else []
    return found


@contextmanager
def running(executable: str, folder: Path) -> Iterator[Any]:
    """Start Label Studio on a free port of loopback; lends `ask(method, path, body)`, ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(20)
    words = ["start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port), "--data-dir", str(folder)]
    login = ["--username", "lead@example.org", "--password", secrets.token_hex(12), "--user-token", token]
    quiet = {"LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true", "COLLECT_ANALYTICS": "false", "SENTRY_DSN": ""}
    quiet |= {"LATEST_VERSION_CHECK": "false", "FRONTEND_SENTRY_DSN": "", "HOME": str(folder)}
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen([executable, *words, *login], stdout=log, stderr=log, env={**os.environ, **quiet})
        try:
            _wait(f"http://127.0.0.1:{port}/health", server)
            yield lambda method, path, body: _ask(f"http://127.0.0.1:{port}{path}", token, method, body)
        except BaseException:
            sys.stderr.write((folder / "log.txt").read_text(errors="replace")[-3000:])
            raise
        finally:
            server.terminate()
            server.wait(20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise SystemExit("Label Studio ended before it answered")
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("Label Studio did not answer in ten minutes")


def _ask(url: str, token: str, method: str, body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    head = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, head, method=method), timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as fault:
        raise SystemExit(f"{method} {url}: {fault.code} {fault.read()[:2000]!r}") from fault


def _picture(seed: int) -> bytes:
    import io

    from PIL import Image

    sink = io.BytesIO()
    Image.new("L", (40, 30), seed * 90).save(sink, "PNG")
    return sink.getvalue()


def _spans(text: str, *marked: tuple[str, str]) -> str:
    spans = [{"end": text.index(part) + len(part), "label": label, "start": text.index(part)} for part, label in marked]
    return json.dumps(spans, separators=(",", ":"), ensure_ascii=False)


VALUES = {
    "classification": ["cat", "dog", "cat"],
    "spans": [_spans(TEXTS[0], ("Ana", "PER"), ("Łódź", "LOC")), _spans(TEXTS[1], ("Paris", "LOC")), "[]"],
    "boxes": [
        '[{"label":"cat","x0":1,"x1":11.5,"y0":2,"y1":30}]',
        "[]",
        '[{"label":"cat","x0":0,"x1":7,"y0":3,"y1":4}]',
    ],
}

if __name__ == "__main__":
    main()
