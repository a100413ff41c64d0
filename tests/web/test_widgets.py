"""Boxes, polygons, points, spans and sound in a real browser, under the Content-Security-Policy that the pages are served with."""

from __future__ import annotations

import io
import json
import math
import os
import threading
import time
import tomllib
import wave
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image, ImageDraw

from bimetal.web.guard import POLICY

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "bimetal" / "web" / "static"
CHROMIUM = Path("/usr/bin/chromium")
SIZE = (400, 300)
HOSTILE = '"><img src=x onerror="window.owned=1"><script>window.owned=1</script>'
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>widget</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"><main id="root"></main><p id="said" aria-live="polite"></p>
<script type="module" src="/page.js"></script>"""
STYLE = b"""html { color-scheme: light dark; } body { margin: 1rem; font: 1rem/1.5 sans-serif; background: Canvas; color: CanvasText; }"""
# What the labelling screen does around a widget: it hears changes and reports, and turns digits into labels.
SCRIPT = b"""
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(`${event.violatedDirective} ${event.sourceFile}`));
window.show = async (kind, given) => {
  const { mount } = await import(`/static/widgets/${kind}.js`);
  window.changes = [];
  window.reports = [];
  window.widget?.destroy();
  window.widget = mount(document.getElementById("root"), {
    language: "en", value: null, ...given,
    change: (value) => window.changes.push(value),
    report: (text) => { window.reports.push(text); document.getElementById("said").textContent = text; },
  });
};
document.addEventListener("keydown", (event) => {
  const label = /^[1-9]$/.test(event.key) && window.labels?.[event.key - 1];
  if (label) window.widget.choose(label);
});
"""


def words() -> dict[str, str]:
    said = tomllib.loads((STATIC.parent / "languages" / "en.toml").read_text(encoding="utf-8"))
    return {key: value for key, value in said.items() if isinstance(value, str)}


def picture() -> bytes:
    drawn = Image.new("RGB", SIZE, "#d9e2ec")
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((60, 80, 180, 200), fill="#8d6e63")
    pen.rectangle((220, 90, 340, 230), fill="#607d8b")
    return written(drawn)


def written(drawn: Image.Image) -> bytes:
    held = io.BytesIO()
    drawn.save(held, "PNG")
    return held.getvalue()


def sound() -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        beats = (math.sin(n / 5) * (0.2 + 0.8 * ((n // 2000) % 2)) for n in range(8 * 8000))
        file.writeframes(b"".join(int(each * 20000).to_bytes(2, "little", signed=True) for each in beats))
    return held.getvalue()


class Served(SimpleHTTPRequestHandler):
    """The static folder, a page and two made files, each with the policy."""

    made: ClassVar = {
        "/": ("text/html", PAGE),
        "/page.css": ("text/css", STYLE),
        "/page.js": ("text/javascript", SCRIPT),
        "/picture.png": ("image/png", picture()),
        "/sound.wav": ("audio/wav", sound()),
    }

    def do_GET(self) -> None:
        if self.path not in self.made:
            self.path = self.path.removeprefix("/static")
            return super().do_GET()
        kind, body = self.made[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *args) -> None:
        pass


def absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def served():
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(STATIC)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        absent("chromium is not installed at /usr/bin/chromium")
    if not (STATIC / "built" / "annotorious.js").exists():
        absent("the widgets are not built; run scripts/assets")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--headless"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, served):
    opened = browser.new_page(viewport={"width": 900, "height": 800})
    faults = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.said = faults
    opened.goto(served)
    until(opened, "window.show")
    yield opened
    assert opened.evaluate("window.refused") == []
    assert faults == []
    assert opened.evaluate("window.owned") is None
    opened.close()


def show(page, kind: str, payload: dict, labels=("cat", "dog"), value=None, **more) -> None:
    sheet = {"task": kind, "labels": [{"value": each, "names": {}} for each in labels], **more.pop("sheet", {})}
    item = {"payload": payload, "language": "en", "dir": "ltr", **more}
    page.evaluate("labels => { window.labels = labels }", list(labels))
    given = {"item": item, "sheet": sheet, "words": words(), "value": value}
    page.evaluate("([kind, given]) => window.show(kind, given)", [kind, given])


def drawing(page, kind: str, **more):
    """Show the picture, wait until it can be drawn on, and return how a pixel of it stands on the screen."""
    show(page, kind, {"image": "/picture.png"}, **more)
    until(page, "document.querySelector('.easel-stage img')?.getBoundingClientRect().width > 50")
    if kind != "keypoints":
        page.wait_for_selector(".a9s-annotationlayer")
    box = page.locator(".easel-stage img").bounding_box()
    return lambda x, y: (box["x"] + x * box["width"] / SIZE[0], box["y"] + y * box["height"] / SIZE[1])


def until(page, condition: str) -> None:
    """Wait for a condition; playwright's own way evaluates text in the page, which the policy forbids."""
    ends = time.monotonic() + 10
    while not page.evaluate(f"() => Boolean({condition})"):
        assert time.monotonic() < ends, condition
        page.wait_for_timeout(20)


def value(page):
    return json.loads(page.evaluate("window.widget.value"))


def drag(page, start, end) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_box_is_dragged_in_the_pictures_own_pixels(page):
    at = drawing(page, "boxes")
    drag(page, at(60, 80), at(180, 200))
    until(page, "window.changes.length")
    (box,) = value(page)
    assert box["label"] == "cat"
    assert [box[edge] for edge in ("x0", "y0", "x1", "y1")] == pytest.approx([60, 80, 180, 200], abs=1)
    drag(page, at(230, 100), at(330, 220))
    until(page, "window.changes.length > 1")
    press(page, "2")
    assert [each["label"] for each in value(page)] == ["cat", "dog"]
    assert json.loads(page.evaluate("window.changes.at(-1)")) == value(page)


def test_a_box_is_made_moved_sized_labelled_and_removed_by_keys(page):
    drawing(page, "boxes")
    page.evaluate("window.widget.focus()")
    press(page, "b")
    assert value(page) == [{"x0": 150, "y0": 113, "x1": 250, "y1": 188, "label": "cat"}]
    press(page, "ArrowLeft", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowUp", "2")
    assert value(page) == [{"x0": 149, "y0": 114, "x1": 250, "y1": 188, "label": "dog"}]
    press(page, "b", "ArrowUp", "Tab")
    assert page.evaluate("document.activeElement.closest('.easel-frame') === null") is True
    page.evaluate("window.widget.focus()")
    press(page, "Tab", "Delete")
    assert value(page) == [{"x0": 150, "y0": 112, "x1": 250, "y1": 187, "label": "dog"}]
    assert page.evaluate("window.reports").count("1 marked") == 1


def test_keys_mean_their_place_on_a_thai_keyboard(page):
    drawing(page, "boxes")
    page.evaluate(
        """() => document.querySelector(".easel-frame").dispatchEvent(
             new KeyboardEvent("keydown", { key: "\u0e34", code: "KeyB", bubbles: true }))"""
    )
    assert len(value(page)) == 1


def test_only_the_chosen_box_stands_out(page):
    at = drawing(page, "boxes", value=SHAPES["boxes"])
    page.evaluate("window.widget.focus()")
    press(page, "Tab")
    page.mouse.click(*at(280, 160))
    until(page, "document.querySelector('.easel-list li:last-child button').ariaPressed === 'true'")
    fills = "[...document.querySelectorAll('.a9s-annotationlayer .a9s-inner')].map((each) => each.style.fillOpacity)"
    assert sorted(page.evaluate(fills)) == ["0.15", "0.35"]


def test_without_the_library_it_says_so_and_takes_no_answer(page):
    page.route("**/built/annotorious.js", lambda asked: asked.fulfill(status=200, content_type="text/plain", body=""))
    show(page, "boxes", {"image": "/picture.png"})
    page.wait_for_selector(".fault")
    assert page.locator(".fault").inner_text() == words()["shape.not_built"]
    page.evaluate("window.widget.focus()")
    press(page, "b")
    assert page.evaluate("[window.widget.value, window.changes.length]") == ["", 0]
    page.said.clear()


def test_a_box_keeps_to_the_picture_and_comes_back_as_it_was(page):
    before = [{"x0": 0, "y0": 0, "x1": 10, "y1": 12, "label": "dog"}]
    drawing(page, "boxes", value=json.dumps(before))
    page.evaluate("window.widget.focus()")
    press(page, "Tab", "ArrowLeft", "ArrowUp")
    assert value(page) == before
    page.evaluate("window.widget.set(null)")
    assert value(page) == []
    page.evaluate("value => window.widget.set(value)", json.dumps(before))
    press(page, "Control+z")
    assert value(page) == before


def test_a_box_is_picked_and_dragged_elsewhere(page):
    at = drawing(page, "boxes", value=json.dumps([{"x0": 60, "y0": 80, "x1": 180, "y1": 200, "label": "cat"}]))
    page.mouse.click(*at(120, 140))
    page.wait_for_selector(".a9s-shape-handle")
    drag(page, at(120, 140), at(150, 160))
    until(page, "window.changes.length")
    (box,) = value(page)
    assert [box[edge] for edge in ("x0", "y0", "x1", "y1")] == pytest.approx([90, 100, 210, 220], abs=1)


def test_a_polygon_is_clicked_corner_by_corner(page):
    at = drawing(page, "polygons")
    corners = [(60, 80), (180, 90), (150, 200), (60, 80)]
    for corner in corners:
        page.mouse.move(*at(*corner))
        page.mouse.click(*at(*corner))
    until(page, "window.changes.length")
    (shape,) = value(page)
    assert shape["label"] == "cat"
    assert [math.dist(*pair) < 1 for pair in zip(shape["points"], corners[:3], strict=True)] == [True] * 3


def test_a_polygon_is_drawn_by_keys(page):
    drawing(page, "polygons")
    page.evaluate("window.widget.focus()")
    press(page, "p", " ", "Shift+ArrowRight", " ", "Shift+ArrowDown", " ", "p")
    assert value(page) == [{"points": [[200, 150], [210, 150], [210, 160]], "label": "cat"}]
    press(page, "ArrowRight")
    assert value(page)[0]["points"] == [[201, 150], [211, 150], [211, 160]]


def test_one_corner_of_a_polygon_is_moved_and_taken_away_by_keys(page):
    square = [[50, 50], [90, 50], [90, 90], [50, 90]]
    drawing(page, "polygons", value=json.dumps([{"points": square, "label": "dog"}]))
    page.evaluate("window.widget.focus()")
    press(page, "Tab", "]", "]", "Shift+ArrowRight", "ArrowUp")
    assert value(page)[0]["points"] == [[50, 50], [100, 49], [90, 90], [50, 90]]
    press(page, "[", "Delete")
    assert value(page)[0]["points"] == [[100, 49], [90, 90], [50, 90]]
    press(page, "Escape", "ArrowRight")
    assert value(page)[0]["points"] == [[101, 49], [91, 90], [51, 90]]
    press(page, "Delete")
    assert value(page) == []


def test_points_are_set_in_order_by_click_and_by_keys(page):
    at = drawing(page, "keypoints", sheet={"points": ["nose", "left eye", "tail"]})
    page.mouse.click(*at(100, 100))
    page.mouse.click(*at(120, 90))
    page.evaluate("window.widget.focus()")
    press(page, "n")
    (figure,) = value(page)
    assert set(figure["points"]) == {"nose", "left eye"}
    assert figure["points"]["nose"] == pytest.approx([100, 100], abs=1)
    press(page, "k", "ArrowRight", " ", "ArrowDown", " ", "n", "2")
    assert value(page)[1] == {"label": "dog", "points": {"nose": [201, 150], "left eye": [201, 151]}}
    press(page, "ArrowLeft")
    assert value(page)[1]["points"]["left eye"] == [200, 151]
    press(page, "Delete")
    assert value(page)[1]["points"] == {"nose": [201, 150]}


def test_the_picture_is_enlarged_and_fitted_by_keys_and_stays_exact(page):
    drawing(page, "boxes")
    width = "document.querySelector('.easel-stage img').getBoundingClientRect().width"
    fitted = page.evaluate(width)
    page.evaluate("window.widget.focus()")
    press(page, "+", "+", "+")
    assert page.evaluate(width) == pytest.approx(fitted * 1.25**3, abs=2)
    box = page.locator(".easel-stage img").bounding_box()
    scale = box["width"] / SIZE[0]
    frame = page.locator(".easel-frame").bounding_box()
    start = (frame["x"] + 50, frame["y"] + 50)
    drag(page, start, (start[0] + 100, start[1] + 80))
    until(page, "window.changes.length")
    (drawn,) = value(page)
    assert drawn["x0"] == pytest.approx((start[0] - box["x"]) / scale, abs=1)
    assert drawn["x1"] - drawn["x0"] == pytest.approx(100 / scale, abs=1)
    press(page, "0")
    assert page.evaluate(width) == fitted


def select(page, start: int, end: int) -> None:
    """Select UTF-16 units of the text as a mouse does, then let go of the button over it."""
    page.evaluate(
        """([start, end]) => {
          const page = document.querySelector(".spans-text"), walk = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
          const place = (unit) => { walk.currentNode = page; let node = walk.nextNode();
            while (unit > node.length) { unit -= node.length; node = walk.nextNode(); } return [node, unit]; };
          getSelection().setBaseAndExtent(...place(start), ...place(end));
          page.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
          return new Promise((done) => setTimeout(done, 10));
        }""",
        [start, end],
    )


def test_a_thai_span_snaps_to_whole_words(page):
    text = "ฉันชอบกินข้าวผัด"
    show(page, "spans", {"text": text}, labels=("FOOD", "ACT"), language="th")
    start = text.index("กิน") + 1
    select(page, start, start + 3)
    press(page, "1")
    (span,) = value(page)
    assert span["label"] == "FOOD"
    assert span["start"] == text.index("กิน")
    assert text[span["start"] : span["end"]].startswith("กินข้าว")


def test_offsets_are_code_points_behind_emoji(page):
    text = "👩‍🚀 Ada met 😀 Bob in Hà Nội."
    show(page, "spans", {"text": text}, labels=("PERSON", "PLACE"))
    units = len(text[: text.index("Bob")].encode("utf-16-le")) // 2
    select(page, units + 1, units + 2)
    press(page, "1")
    assert value(page) == [{"start": text.index("Bob"), "end": text.index("Bob") + 3, "label": "PERSON"}]
    page.evaluate("value => window.widget.set(value)", json.dumps([{"start": 4, "end": 7, "label": "PLACE"}]))
    assert value(page) == [{"start": 4, "end": 7, "label": "PLACE"}]
    assert page.locator(".spans-text mark").inner_text() == "Ada"


def test_spans_are_marked_by_keys_alone(page):
    text = "one two three four"
    show(page, "spans", {"text": text}, labels=("A", "B"))
    page.evaluate("window.widget.focus()")
    press(page, "ArrowRight", "ArrowRight", "Shift+ArrowRight", "1")
    assert value(page) == [{"start": 4, "end": 13, "label": "A"}]
    press(page, "ArrowRight", "Control+Shift+ArrowLeft", "2")
    assert value(page)[1] == {"start": 14, "end": 17, "label": "B"}
    press(page, "2", "Escape", "Tab", "2")
    assert value(page)[0]["label"] == "B"
    press(page, "Delete")
    assert value(page) == [{"start": 14, "end": 17, "label": "B"}]


def test_right_to_left_text_is_walked_the_way_it_is_read(page):
    text = "ذهب أحمد إلى القاهرة"
    show(page, "spans", {"text": text}, labels=("A",), language="ar", dir="rtl")
    page.evaluate("window.widget.focus()")
    press(page, "ArrowLeft", "ArrowLeft", "1")
    assert value(page) == [{"start": 4, "end": 8, "label": "A"}]


def test_sound_is_shown_played_and_wound(page):
    show(page, "audio", {"audio": "/sound.wav"})
    until(page, "document.querySelector('.sound-time').textContent.includes('8.0')")
    until(
        page, "document.querySelector('.sound-wave > div')?.shadowRoot.querySelector('.canvases canvas')?.width > 100"
    )
    assert page.evaluate("document.querySelector('.sound-wave > div').shadowRoot.adoptedStyleSheets.length") == 1
    page.evaluate("window.widget.focus()")
    press(page, "ArrowRight", ">")
    assert page.locator("[role=slider]").get_attribute("aria-valuetext") == "3.0 of 8.0 s"
    assert "Speed 1.25" in page.locator(".easel-bar").inner_text()
    press(page, " ")
    until(page, "Number(document.querySelector('[role=slider]').ariaValueNow) > 3.1")
    press(page, " ", "Home")
    until(page, "document.querySelector('[role=slider]').ariaValueNow === '0.0'")


@pytest.mark.parametrize("kind", ["boxes", "polygons", "keypoints", "spans"])
def test_hostile_names_and_texts_stay_text(page, kind):
    labels = (HOSTILE, "plain")
    if kind == "spans":
        show(page, kind, {"text": f"see {HOSTILE} there"}, labels=labels)
        page.evaluate("window.widget.focus()")
        press(page, "ArrowRight", "Shift+ArrowRight", "1")
    else:
        at = drawing(page, kind, labels=labels, sheet={"points": [HOSTILE]})
        page.evaluate("window.widget.focus()")
        press(
            page,
            *{"boxes": ["b"], "polygons": ["p", " ", "Shift+ArrowUp", " ", "Shift+ArrowLeft", " ", "p"]}.get(kind, []),
        )
        if kind == "keypoints":
            page.mouse.click(*at(100, 100))
    assert value(page)[0]["label"] == HOSTILE
    assert page.locator(".easel-list button").first.inner_text().count("<script>") >= 1
    assert page.locator("#root script, #root img[src=x]").count() == 0


@pytest.mark.parametrize("kind", ["boxes", "polygons", "keypoints", "spans", "audio"])
def test_axe_finds_nothing_serious(page, kind):
    axe = ROOT / "assets" / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.exists():
        absent("axe-core is not there; run scripts/assets")
    if kind in {"boxes", "polygons", "keypoints"}:
        drawing(page, kind, sheet={"points": ["nose"]}, value=SHAPES[kind])
        page.evaluate("window.widget.focus()")
        press(page, "Tab")
    else:
        payload = {"text": "one two three", "audio": "/sound.wav"}
        show(page, kind, payload, value='[{"start":0,"end":3,"label":"cat"}]' if kind == "spans" else None)
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document.getElementById('root'))")
    serious = [each for each in found["violations"] if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious] == []


SHAPES = {
    "boxes": '[{"x0":60,"y0":80,"x1":180,"y1":200,"label":"cat"},{"x0":220,"y0":90,"x1":340,"y1":230,"label":"dog"}]',
    "polygons": '[{"points":[[60,80],[180,90],[150,200]],"label":"cat"}]',
    "keypoints": '[{"points":{"nose":[100,100]},"label":"dog"}]',
}
