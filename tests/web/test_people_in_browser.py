"""A browser's day around accounts: the first admin by the printed link, a lead, an annotator; and what axe-core finds."""

import os
import re
from pathlib import Path

import pytest

from bimetal.programme.people import first_admin, people, profile

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = Path(os.environ.get("BIMETAL_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parents[2] / "assets" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "four quiet otters swim"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}; name one in BIMETAL_CHROMIUM")


@pytest.fixture
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opens(chromium, served):
    """Return a function that opens a browser of somebody's own, in which any broken rule of the page is a fault."""
    faults = []

    def page(**settings):
        opened = chromium.new_context(base_url=served, **settings).new_page()
        opened.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        return opened

    yield page
    assert faults == []


def joins(page, link, login, name):
    page.goto(link)
    page.get_by_label("Choose a login name").fill(login)
    page.get_by_label("Name shown to others").fill(name)
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_label("Repeat the password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(lambda url: "/join/" not in url)


def invites(page, role):
    page.goto("/people")
    page.locator("#inviting ~ form").get_by_label("Role").select_option(label=role)
    page.get_by_role("button", name="Make a link").click()
    return page.get_by_label("Copy it now").input_value()


def photographed(page, name):
    """Keep a picture where the environment names a folder for them."""
    folder = os.environ.get("BIMETAL_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_first_admin_invites_a_lead_who_invites_an_annotator(opens, served, programme):
    admin, lead, annotator = opens(), opens(), opens()
    joins(admin, f"{served}/join/{first_admin(programme, programme.now())}", "sol", "Sol Berg")
    for_lead = invites(admin, "Lead")
    joins(lead, for_lead, "lee", "Lee Tan")
    lead.goto("/account")
    assert lead.get_by_role("link", name="People").is_visible()
    joins(annotator, invites(lead, "Annotator"), "noor", "Noor Haddad")
    assert {each.role for each in people(programme)} == {"admin", "lead", "annotator"}
    lead.goto("/people")
    lead.get_by_role("link", name="Noor Haddad").click()
    lead.get_by_label("Task or field").fill("classification")
    lead.get_by_label("Language").fill("th")
    lead.get_by_label("Test").fill("exam 1")
    lead.get_by_role("button", name="Record a qualification").click()
    assert lead.get_by_role("status").inner_text() == "The qualification is recorded."
    annotator.goto("/account")
    assert annotator.get_by_role("cell", name="exam 1").is_visible()
    annotator.get_by_role("button", name="Log out").click()
    assert annotator.get_by_role("status").inner_text() == "You were logged out."
    annotator.get_by_label("Login name").fill("noor")
    annotator.get_by_label("Password").fill("wrong wrong wrong")
    annotator.get_by_role("button", name="Log in").click()
    assert annotator.get_by_role("alert").inner_text() == "The name or the password is wrong."
    admin.goto(for_lead)
    assert "was used" in admin.get_by_role("alert").inner_text()
    assert profile(programme, people(programme)[0], people(programme)[0].id).name == "Sol Berg"


@pytest.mark.skipif(not AXE.exists(), reason=f"axe-core is not at {AXE}: run npm ci in assets")
@pytest.mark.parametrize("looks", ["light", "dark", "phone"])
def test_every_page_fits_and_axe_finds_nothing_serious(opens, served, programme, looks):
    size = {"width": 360, "height": 740} if looks == "phone" else {"width": 1280, "height": 800}
    page = opens(color_scheme="dark" if looks == "dark" else "light", viewport=size)
    lead = first_admin(programme, programme.now())
    found = [*_seen(page, "join", f"/join/{lead}", looks)]
    joins(page, f"{served}/join/{lead}", "sol", "Sol Berg")
    invitation = invites(page, "Annotator")
    found += _seen(page, "link", None, looks)
    joins(opens(), invitation, "noor", "Noor Haddad")
    found += [*_seen(page, "people", "/people", looks)]
    page.get_by_role("link", name="Noor Haddad").click()
    found += _seen(page, "person", None, looks)
    person = page.url
    page.get_by_role("button", name="Make a link").click()
    reset = page.get_by_label("Copy it now").input_value()
    page.goto(person)
    page.get_by_label(re.compile("Type p-")).fill("somebody else")
    page.get_by_role("button", name="Remove this person").click()
    found += _seen(page, "refused", None, looks)
    page.goto("/account")
    page.get_by_label("What the token is for").fill("a nightly script")
    page.get_by_role("button", name="New token").click()
    found += _seen(page, "token", None, looks)
    found += [*_seen(page, "account", "/account", looks), *_seen(page, "notice", "/notice", looks)]
    page.get_by_role("button", name="Log out").click()
    found += [*_seen(page, "login", None, looks), *_seen(page, "reset", reset, looks)]
    assert found == []


def _seen(page, name, url, looks):
    """Look at a page: nothing sticks out sideways, and axe-core's serious faults are returned."""
    if url:
        page.goto(url)
    page.wait_for_load_state("networkidle")  # a click before may still be on its way to another page
    photographed(page, f"people-{name}-{looks}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate("axe.run().then(found => found.violations)")
    serious = [each for each in violations if each["impact"] in {"serious", "critical"}]
    return [f"{name}: {each['id']} {node['html'][:120]}" for each in serious for node in each["nodes"]]
