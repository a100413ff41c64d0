"""The sample page in a real browser: light and dark, desk and phone, screen and paper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bimetal.report import Bar, Facts, Figure, Findings, Page, Section, Table, Text, bars, to_html
from bimetal.types import Finding, Interval

CHROMIUM = Path("/usr/bin/chromium")
LONG = "w" * 400
HOSTILE = f"<script>document.title='owned'</script> \u202eright to left שלום {LONG}"

# Every visible piece of text: its size on the screen, its box, and its contrast with what lies behind it.
INSPECT = """
() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = rgb => [0.2126, 0.7152, 0.0722].reduce((sum, w, k) => sum + w * channel(rgb[k]), 0);
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const seen = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, element = node.parentElement, words = node.textContent.trim();
    if (!words || element.closest("desc, .skip, style")) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const box = range.getBoundingClientRect(), style = getComputedStyle(element);
    if (!box.width || !element.checkVisibility()) continue;
    const drawn = element.closest("svg");
    if (drawn && style.stroke !== "none") continue;
    const ink = parse(drawn ? style.fill : style.color);
    let behind = element, paper = [];
    while (behind && !(paper.length === 3 || paper[3] > 0)) {
      paper = parse(getComputedStyle(behind).backgroundColor); behind = behind.parentElement;
    }
    const scale = drawn ? drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : 1;
    const [low, high] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    seen.push({words, drawn: !!drawn, size: parseFloat(style.fontSize) * scale,
      contrast: (high + 0.05) / (low + 0.05), left: box.left, right: box.right, top: box.top, bottom: box.bottom,
      picture: drawn ? [...document.querySelectorAll("svg")].indexOf(drawn) : -1,
      inside: drawn ? drawn.getBoundingClientRect().toJSON() : null});
  }
  return seen;
}
"""


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed at /usr/bin/chromium")
        pytest.skip("chromium is not installed at /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--headless"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def sample_file(sample_page, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "page.html"
    path.write_text(to_html(sample_page), encoding="utf-8")
    return path


@pytest.fixture
def show(browser):
    opened = []

    def show(path, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(context)
        tab = context.new_page()
        tab.complaints = []
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on(
            "request", lambda request: tab.complaints.append(request.url) if request.url.startswith("http") else None
        )
        tab.goto(path.as_uri())
        return tab

    yield show
    for context in opened:
        context.close()


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_everywhere(show, sample_file, width, scheme):
    tab = show(sample_file, width, scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    seen = tab.evaluate(INSPECT)
    assert len(seen) > 150
    assert min(seen, key=lambda each: each["contrast"])["contrast"] >= 4.5
    assert min(seen, key=lambda each: each["size"])["size"] >= 11
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert tab.complaints == []


@pytest.mark.parametrize("width", [360, 1280])
def test_chart_labels_stand_clear_and_inside(show, sample_file, width):
    drawn = [each for each in show(sample_file, width).evaluate(INSPECT) if each["drawn"]]
    assert len(drawn) > 70
    for each in drawn:
        frame = each["inside"]
        assert frame["left"] - 1 <= each["left"] <= each["right"] <= frame["right"] + 1, each["words"]
        assert frame["top"] - 2 <= each["top"] <= each["bottom"] <= frame["bottom"] + 2, each["words"]
    for k, one in enumerate(drawn):
        for other in drawn[k + 1 :]:
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            same = one["picture"] == other["picture"]
            assert not (same and across > 1 and down > 5), (one["words"], other["words"])


def test_charts_follow_the_colour_scheme(show, sample_file):
    fill = "getComputedStyle(document.querySelector('.plate svg path[fill*=\"--human\"]')).fill"
    assert show(sample_file, scheme="light").evaluate(fill) == "rgb(176, 83, 2)"
    assert show(sample_file, scheme="dark").evaluate(fill) == "rgb(219, 107, 9)"


def test_two_charts_stand_side_by_side_on_a_desk_and_above_each_other_on_a_phone(show, sample_file):
    tops = (
        "[...document.querySelectorAll('.plate')[0].querySelectorAll('figure')].map(f => f.getBoundingClientRect().top)"
    )
    first, second = show(sample_file, 1280).evaluate(tops)
    assert first == second
    first, second = show(sample_file, 360).evaluate(tops)
    assert second > first + 200


def test_hostile_values_neither_run_nor_break_the_layout(show, tmp_path):
    spec = bars([Bar(HOSTILE, Interval(0.5, 0.4, 0.6))], measure=HOSTILE)
    finding = Finding(HOSTILE, "fail", HOSTILE, 1e30, 2.0, HOSTILE, HOSTILE, HOSTILE)
    table = Table((HOSTILE, "n"), ((HOSTILE, "1"), (LONG, LONG)), HOSTILE)
    blocks = (Text(HOSTILE), Figure(spec, HOSTILE, HOSTILE), table, Facts(((HOSTILE, HOSTILE),)), Findings((finding,)))
    path = tmp_path / "hostile.html"
    path.write_text(to_html(Page("calm", HOSTILE, HOSTILE, (Section(HOSTILE, blocks),), HOSTILE)), encoding="utf-8")
    for width in (360, 1280):
        tab = show(path, width)
        assert tab.title() == "calm"
        assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_the_keyboard_reaches_the_evidence_first(show, sample_file):
    tab = show(sample_file)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "evidence"


def test_paper_is_white_even_for_a_dark_screen(show, sample_file):
    tab = show(sample_file, scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("getComputedStyle(document.querySelector('details')).display") == "none"
    pdf = tab.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.startswith(b"%PDF")
    assert 2 <= pdf.count(b"/Type /Page\n") <= 5
