"""Take the pictures of docs/screens.md: a made-up programme served on this machine, looked at by a real browser.

`.venv/bin/python scripts/screens [NAME...]` takes those named, or all; it needs Chromium (`scripts/browser` brings it,
or BIMETAL_CHROMIUM names it) and the widgets (`scripts/assets`). Nothing leaves the machine, and names and texts are
made up. A page that breaks its own content security policy, or answers 404 or 500, is said and not taken.
"""

import io
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import town as towns
from PIL import Image
from scenes import SCENES

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
CHROMIUM = os.environ.get("BIMETAL_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
LARGEST, SMALL = 80_000, 28_000  # bytes; a picture above the latter has fewer colours
VIEWS = {"wide": (1180, 740), "phone": (360, 740)}


@contextmanager
def serving(programme):
    """Serve a programme on a free port of this machine."""
    import uvicorn

    from bimetal.web.application import application
    from bimetal.web.settings import Settings

    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(application(programme, Settings(url)), log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield url
    server.should_exit = True
    thread.join(10)
    listening.close()


def taken(browser, url, town, scene):
    """Look at a scene; returns the picture, or why there is none."""
    width, height = VIEWS["phone" if "phone" in scene.looks else "wide"]
    scheme = "dark" if "dark" in scene.looks else "light"
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, base_url=url, locale="en-GB"
    )
    context.add_cookies([{"name": "language", "value": scene.language, "url": url}])
    if scene.who:
        context.add_cookies([{"name": "bimetal", "value": town.crew[scene.who][1], "url": url}])
    page, faults = context.new_page(), []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda told: faults.append(told.text) if "Content Security" in told.text else None)
    for name, value in scene.remembered(town).items():
        page.add_init_script(f"localStorage.getItem({name!r}) ?? localStorage.setItem({name!r}, {value!r})")
    try:
        answer = page.goto(scene.url(town))
        if not answer.ok:
            return f"the page answers {answer.status}"
        scene.done(page, town)
        if "Label" not in page.url:
            page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        shot = page.screenshot(animations="disabled", **scene.crop(page, width, height))
        return "; ".join(faults) or shot
    finally:
        context.close()


def kept(name, shot):
    """Keep a picture, with fewer colours where it would be too large; returns its size in bytes."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (0, 256, 128, 64):
        held = io.BytesIO()
        few = image.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE) if colours else image
        few.convert("RGB").save(held, "WEBP", lossless=True, quality=80, method=4)
        if held.tell() <= (LARGEST if colours else SMALL):
            break
    (FOLDER / f"{name}.webp").write_bytes(held.getvalue())
    return held.tell()


def main(names):
    from playwright.sync_api import sync_playwright

    wanted = [each for each in SCENES if not names or each.name in names]
    unknown = set(names) - {each.name for each in SCENES}
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(each.name for each in SCENES)}")
    FOLDER.mkdir(exist_ok=True)
    secrets.token_bytes = np.random.default_rng(
        4
    ).bytes  # the same pseudonyms each time; this server lives for a minute
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        os.environ["BIMETAL_KEYS"] = f"{folder}/keys"
        holding, clock = towns.begun(Path(folder) / "riverside")
        with holding as programme:
            town = towns.furnished(programme, clock)
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            with serving(programme) as url:
                for scene in wanted:
                    looked(browser, url, town, scene)
            browser.close()


def looked(browser, url, town, scene):
    try:
        shot = taken(browser, url, town, scene)
    except Exception as fault:  # one page that broke costs one picture, said aloud
        shot = f"{type(fault).__name__}: {str(fault)[:400]}"
    print(
        f"{scene.name}: {shot}" if isinstance(shot, str) else f"{scene.name}: {kept(scene.name, shot):,} bytes",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
