"""A working day in the browser: three annotators and a lead, 300 items, a lost connection, a killed server, a new guideline."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sql

from bimetal.annotation.sheet import Label, Sheet
from bimetal.programme import create, opened, queue
from bimetal.programme.config import parse
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import Profile, Visitor, first_admin, invite, join, whose
from bimetal.programme.work import sheets
from bimetal.store import schema
from bimetal.store.queue import Item, Job, adjudication_of

CHROMIUM = Path("/usr/bin/chromium")
ITEMS, GOLD = 300, 24
KINDS = ("praise", "complaint", "question")
WORDS = {"praise": "thank you for table", "complaint": "cold soup at table", "question": "when do you open, asks table"}
GUIDE = "# Notes\n\nChoose what the guest means."
RAISED = "# Notes\n\nChoose what the guest means. A question that complains is a complaint."


def kind_of(text):
    """Say what an item is, as everybody who reads it can."""
    return next(kind for kind, words in WORDS.items() if text.startswith(words))


def rows(name, n):
    kinds = [KINDS[k % 3] for k in range(n)]
    return pa.table(
        {"id": [f"{name}-{k}" for k in range(n)], "text": [f"{WORDS[kind]} {k}" for k, kind in enumerate(kinds)]}
    )


def begun(folder):
    """Make the programme: 300 notes, two raters each and a third where they differ, one item in twelve known."""
    create(folder, parse({"programme": {"name": "notes", "purpose": "sort notes"}, "task": {"labels": list(KINDS)}}))
    with opened(folder) as programme:
        real = Declared("real", "undeclared")
        stored, _ = add(programme, Arrival(rows("note", ITEMS), "notes", "pool", "live", declared=real))
        known = rows("known", GOLD)
        known = known.append_column("label", pa.array([kind_of(text) for text in known["text"].to_pylist()]))
        add(programme, Arrival(known, "known", "gold", "live", declared=Declared("real", "human")))
        items = [Item(each, "asked", origin="real") for each in stored_ids(programme, stored)]
        items += [
            Item(each["id"], "gold", gold=True, known=each["label"], origin="real")
            for each in known.select(["id", "label"]).to_pylist()
        ]
        job = Job("notes", dataset="notes", snapshot=stored.digest, raters=2, extra=1, gold=1 / 12)
        sheet = Sheet("classification", tuple(map(Label, KINDS)), {"en": GUIDE})
        queue.open_job(programme, job, items, sheet)
        return {name: joined(programme, name) for name in ("lead", "ana", "ben", "cho")}


def stored_ids(programme, stored):
    return programme.snapshots.get(stored.digest, ["id"])["id"].to_pylist()


def joined(programme, name):
    at = programme.now()
    if name == "lead":
        link = first_admin(programme, at)
        admin = person(
            programme, join(programme, link, Profile.read("root", "Root"), "six loud herons glide", HERE, at)
        )
        programme.folder.joinpath("admin").write_text(admin.id)
        link = invite(programme, admin, "lead", at)
    else:
        from bimetal.programme.people import person as known

        admin = known(programme, programme.folder.joinpath("admin").read_text())
        link = invite(programme, admin, "annotator", at)
    token = join(programme, link, Profile.read(name, name.title()), "six loud herons glide", HERE, at)
    return person(programme, token), token


HERE = Visitor("127.0.0.1", "a browser")


def person(programme, token):
    return whose(programme, token, programme.now()).person


class Server:
    """`bimetal serve` as people start it."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder, self.url = folder, f"http://127.0.0.1:{self.port}"

    def start(self):
        bimetal = str(Path(sys.executable).with_name("bimetal"))
        command = [bimetal, "serve", "--dir", str(self.folder), "--port", str(self.port), "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        told = ""
        while not told.endswith("}\n"):
            told += self.process.stdout.readline() or pytest.fail("the server ended")
        assert json.loads(told)["url"] == self.url
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Annotator:
    """A person before the labelling screen, who reads each item and presses keys."""

    def __init__(self, browser, server, token, judge):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "bimetal", "value": token, "url": server.url}])
        self.page, self.server, self.judge, self.faults = context.new_page(), server, judge, []
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    def sit(self, job="notes"):
        self.page.goto(f"{self.server.url}/label?job={job}")
        self.settle()

    def settle(self):
        self.page.wait_for_selector(".stage .reading, .stage .blank h2, dialog[open]", timeout=30_000)

    def reading(self):
        """Read the item at hand, the guideline before it where that is new; nothing where no item is left."""
        if self.page.locator("dialog[open]").count():
            self.page.click("dialog[open] button.primary")
            self.page.wait_for_selector(".stage .reading, .stage .blank h2")
        return self.page.evaluate("document.querySelector('.stage .reading')?.innerText ?? ''")

    def label(self, n):
        """Label up to `n` items by keys; returns how many there were."""
        for done in range(n):
            text = self.reading()
            if not text:
                return done
            self.page.evaluate("window.before = document.querySelector('.stage').firstElementChild")
            self.page.keyboard.press(str(KINDS.index(self.judge(text)) + 1))
            self.page.keyboard.press("Enter")
            self.page.wait_for_function(
                "document.querySelector('.stage').firstElementChild !== window.before"
                " || document.querySelector('dialog[open]')",
                timeout=30_000,
            )
        return n

    def decide(self):
        """Decide every conflict, with a reason; returns how many there were."""
        done = 0
        while self.reading():
            self.page.evaluate("window.before = document.querySelector('.stage').firstElementChild")
            self.page.keyboard.press(str(KINDS.index(self.judge(self.reading())) + 1))
            self.page.keyboard.press("Enter")
            self.page.wait_for_selector("#hint:not([hidden])")
            self.page.keyboard.press("3")
            self.page.wait_for_function("document.querySelector('.stage').firstElementChild !== window.before")
            done += 1
        self.saved()
        return done

    def until_done(self):
        while self.label(50):
            pass
        self.saved()

    def saved(self):
        """Wait until all is saved; what came too late for a guideline is read and let go, as its item comes again."""
        self.page.wait_for_selector("#saved[data-state=pass], #saved[data-state=fail]", timeout=60_000)
        if self.page.locator("#saved[data-state=fail]").count():
            self.page.click("#saved")
            faults = self.page.locator("dialog .fault")
            assert all("guideline" in words for words in faults.all_inner_texts())
            for left in range(faults.count(), 0, -1):
                self.page.locator("dialog >> text=Remove from the list").first.click()
                self.page.wait_for_function("n => document.querySelectorAll('dialog .fault').length < n", arg=left)
            self.page.keyboard.press("Escape")
        self.page.wait_for_selector("#saved[data-state=pass]", timeout=60_000)


def hasty(text):
    """Judge as a person who takes one item in nine for a complaint, always the same ones."""
    return "complaint" if int(re.search(r"\d+$", text).group()) % 9 == 0 else kind_of(text)


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs a browser at /usr/bin/chromium")
    with sync.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield launched
        launched.close()


def test_a_day(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("BIMETAL_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "notes"
    people = begun(folder)
    server = Server(folder)
    server.start()
    try:
        everybody = worked(browser, server, people)
        assert [each.faults for each in everybody] == [[]] * len(everybody)
    finally:
        server.stop()
    checked(folder, people)


def worked(browser, server, people):
    judges = {"ana": kind_of, "ben": hasty, "cho": kind_of}
    ana, ben, cho = (Annotator(browser, server, people[name][1], judge) for name, judge in judges.items())
    for each in (ana, ben, cho):
        each.sit()
        each.label(10)
    ana.page.context.set_offline(True)
    ana.label(4)
    ana.page.wait_for_selector("#saved:not([data-state=pass])")
    ana.page.context.set_offline(False)
    ana.saved()
    ben.label(5)
    server.kill()
    ben.label(3)  # into the outbox, while nobody answers
    server.start()
    for each in (ana, ben, cho):
        each.label(40)
    raised(server.folder, people)
    for _ in range(3):  # whoever is done first looks again when the others are
        for each in (ana, ben, cho):
            each.sit()
            each.until_done()
    lead = Annotator(browser, server, people["lead"][1], kind_of)
    lead.sit(adjudication_of("notes").replace("/", "%2F"))
    assert lead.decide() >= 10
    return [ana, ben, cho, lead]


def raised(folder, people):
    """Write the next guideline and ask again about exactly what was called a question."""
    with opened(folder) as programme:
        stood = {each.item for each in queue.answers(programme) if each.value == "question"}
        before = sheets.sheet(programme, "notes")
        after = replace(before, guideline={"en": RAISED})
        asked = {each["item"] for each in queue.queued(programme, "notes")}
        assert sheets.write(programme, people["lead"][0], "notes", after, sorted(stood & asked)) == 2


def checked(folder, people):
    with opened(folder) as programme:
        programme.log.publish()
        programme.log.verify()
        queue.refuse_changed(programme)
        table = schema.annotations
        with programme.state.read() as connection:
            given = connection.execute(sql.select(table).where(table.c.standing == 1)).mappings().all()
        names = {people[name][0].id: name for name in people}
        assert {names[row["annotator"]] for row in given} == {"ana", "ben", "cho", "lead"}
        reasons = {row["reason"] for row in given if names[row["annotator"]] == "lead"}
        assert reasons == {"slip"}
        twice = Counter((row["item"], row["annotator"]) for row in given)
        assert set(twice.values()) == {1}
        by_item = defaultdict(list)
        for row in given:
            if row["item"].startswith("note-") and row["job"] == "notes":
                by_item[row["item"]].append(names[row["annotator"]])
        assert len(by_item) == ITEMS
        assert {len(each) for each in by_item.values()} <= {2, 3}
        again = [row for row in given if row["round"] == 2]
        assert again
        assert {row["guideline"] for row in again} == {2}
        table = queue.labelled(programme, "notes", rows("note", ITEMS))
        truth = {row["id"]: kind_of(row["text"]) for row in rows("note", ITEMS).to_pylist()}
        assert table.num_rows == ITEMS
        assert all(row["label"] == truth[row["id"]] for row in table.select(["id", "label"]).to_pylist())
