"""What a rater waits for: bytes of the labelling screen's first load, and the next item on screen after a key.

A real Chromium on a real `bimetal serve`. From the keydown that submits to the frame in which the next item stands,
text or picture decoded, all measured in the page; nobody pauses between items. BIMETAL_CHROMIUM names the browser.
Run: python bench/screen.py [items]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from serving import Server, joined

from bimetal.programme import queue
from bimetal.programme.config import About, Config, Labels
from bimetal.programme.programme import create, opened
from bimetal.store.queue import Item, Job
from bimetal.types import Dataset, Origin

CHROMIUM = os.environ.get("BIMETAL_CHROMIUM", "/usr/bin/chromium")
SIDE = 256
WATCH = """() => {
  const stage = document.getElementById("item");
  const item = () => stage.querySelector(".item");
  const changed = (before) => new Promise((done) => {
    const watching = new MutationObserver(() => {
      if (!item() || item() === before) return;
      watching.disconnect();
      done();
    });
    watching.observe(stage, { childList: true, subtree: true });
  });
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  window.nextItem = () => (window.took = new Promise((tell) => addEventListener("keydown", async (event) => {
    await changed(item());
    await Promise.all([...stage.querySelectorAll("img")].map((image) => image.decode()));
    await frame(); // before it is painted
    await frame(); // after
    tell(performance.now() - event.timeStamp);
  }, { once: true, capture: true })));
}"""


@dataclass
class Load:
    """What came over the wire while a page loaded, by the browser's own count."""

    wire: float = 0
    held: float = 0
    addresses: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, float] = field(default_factory=dict)

    def watch(self, page: Any) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.dataReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _asked(self, event: dict[str, Any]) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def _received(self, event: dict[str, Any]) -> None:
        self.held += event["dataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.wire += event["encodedDataLength"]
        self.bytes[self.addresses.get(event["requestId"], "")] = event["encodedDataLength"]


def prepared(folder: Path, items: int) -> str:
    """Make a programme with a job of texts and one of pictures; return an annotator's session token."""
    rng = np.random.default_rng(0)
    create(folder, Config(About("bench", "measure the screen"), Labels(("cat", "dog"))))
    ids = pa.array([f"i{n:04}" for n in range(items)])
    words = pa.array([f"Item number {n}. " + "The soup was cold and nobody said sorry. " * 12 for n in range(items)])
    pictures = pa.array([_picture(rng) for _ in range(items)], pa.large_binary())
    with opened(folder) as programme:
        for name, rows in (("texts", {"text": words}), ("pictures", {"image": pictures})):
            table = pa.table({"id": ids, **rows})
            held = programme.keep(
                Dataset(name, table, programme.config.labelled, "pool", Origin("real", "bench", "CC0-1.0"))
            )
            job = Job(name, dataset=name, snapshot=held.digest, raters=1)
            queue.open_job(programme, job, [Item(str(each), "random", origin="real") for each in ids.to_pylist()])
        return joined(programme, "annotator")


def _picture(rng: np.random.Generator) -> bytes:
    import io

    from PIL import Image

    held = io.BytesIO()
    grey = rng.integers(0, 256, (SIDE // 8, SIDE // 8), dtype=np.uint8)
    Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BICUBIC).convert("RGB").save(held, "PNG")
    return held.getvalue()


def labelled(page: Any, items: int) -> list[float]:
    """Label items one after the other; return the milliseconds from each submitting key to the next item's frame."""
    took = []
    for n in range(items):
        page.keyboard.press(str(n % 2 + 1))
        page.evaluate("() => { nextItem() }")
        page.keyboard.press("Enter")
        took.append(page.evaluate("took"))
    page.wait_for_selector("#saved[data-state=pass]")
    return took


def main(items: int = 100) -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        folder = Path(name) / "bench"
        token = prepared(folder, items + 20)
        server = Server(folder)
        server.start()
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        print("| what | measured | limit |\n|---|---|---|")
        for job in ("texts", "pictures"):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([{"name": "bimetal", "value": token, "url": f"http://127.0.0.1:{server.port}"}])
            page, load = context.new_page(), Load()
            load.watch(page)
            page.goto(f"http://127.0.0.1:{server.port}/label?job={job}")
            page.wait_for_selector(".stage .item")
            page.wait_for_load_state("networkidle")
            _tell_load(job, load)
            page.evaluate(WATCH)
            took = labelled(page, items)
            median, late, worst = (np.quantile(took, share) for share in (0.5, 0.95, 1))
            print(f"| {job}: key to next item on screen, median of {items} | {median:.0f} ms | 100 ms |")
            print(f"| ... 95th percentile, slowest | {late:.0f}, {worst:.0f} ms | |")
            context.close()
        client = server.client()
        client.token = token
        kept = [each["own"]["submitted"] for each in json.loads(client.get("/api/jobs")[1])["jobs"]]
        assert kept == [items, items], f"{kept} answers were kept"
        browser.close()
        server.stop()


def _tell_load(job: str, load: Load) -> None:
    media = sum(size for url, size in load.bytes.items() if "/media" in url)
    sent = (load.wire - media) / 1e3
    count = sum("/media" not in url for url in load.bytes)
    what = f"{job}: first load, {count} requests with their headers, without the items' pictures"
    print(f"| {what} | {sent:.0f} kB | 250 kB |")
    if media:
        print(f"| ... the pictures made ready, {len(load.bytes) - count} of {SIDE}x{SIDE} | {media / 1e3:.0f} kB | |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
