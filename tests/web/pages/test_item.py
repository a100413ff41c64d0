"""The items of a job and the history of one: everything an auditor asks of an answer."""

import csv
import io
import re
from urllib.parse import quote

import pyarrow as pa
import pytest

from bimetal.annotation.sheet import Label, Sheet
from bimetal.programme import queue as work
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.people import change_role
from bimetal.store.queue import Item, Job, Rater, Submission, adjudication_of
from bimetal.types import Annotation

NAMES = ("plain", "a/b c", "ข้อความ/๑", "../..", "<script>alert(1)</script>", '=HYPERLINK("x")', "items/x", "100%?#")
HOSTILE = '<script>alert("text")</script>'


@pytest.fixture
def strange(programme):
    """Open a job whose item ids are anything, in two languages, one suggested and hostile in text."""
    rows = pa.table({"id": list(NAMES), "text": [HOSTILE] * len(NAMES)})
    stored, _ = add(programme, Arrival(rows, "strange", "pool", "live", declared=Declared("real", "undeclared")))
    wanted = Job(
        "a job/of x", dataset="strange", snapshot=stored.digest, raters=2, extra=0, suggestions=True, hidden=0.0
    )
    items = [Item(each, "asked", suggestion="cat") for each in NAMES]
    work.open_job(programme, wanted, items, Sheet("classification", (Label("cat", {"en": "Cat!"}), Label("dog"))))
    return wanted


def url(item="", job="a job/of x", tail=""):
    return f"/jobs/{quote(job, safe='')}/items" + (f"/{quote(item, safe='')}" if item else tail)


@pytest.mark.parametrize("item", NAMES)
def test_an_item_of_any_name_has_its_own_page_and_nothing_in_it_runs(browser, strange, says, item):
    says("annotator", "a job/of x", {item: "dog"})
    answer = browser("auditor").get(url(item))
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(&#34;text&#34;)" in answer.text
    assert '<bdi class="value">dog</bdi>' in answer.text
    listed = browser("auditor").get(url()).text
    assert f'href="{url(item)}"' in listed


def test_the_history_tells_who_when_in_which_role_under_what_and_what_binds_it(
    browser, programme, strange, people, clock
):
    who, admin = people["annotator"][0], people["admin"][0]
    rater = Rater(who.id)
    lease = next(each for each in work.lease(programme, rater, "a job/of x", 8) if each.item == "plain")
    work.submit(
        programme, rater, Submission(lease.id, "1", "cat", seconds=3.25, suggestion="cat", comment="not sure <b>")
    )
    change_role(programme, admin, who.id, "adjudicator", clock())
    clock.move(minutes=90)
    work.submit(programme, rater, Submission(lease.id, "2", "dog", seconds=1.0, suggestion="cat"))
    page = browser("auditor").get(url("plain")).text
    first, second = re.findall(r"<li.*?</li>", page.partition("Everything that was said")[2], re.DOTALL)
    assert "Counts no more" in first
    assert "(Cat!)" in first
    assert ", Annotator ·" in first
    assert "3.2 s" in first
    assert "guideline 1" in first
    assert "Saw the suggestion" in first
    assert "not sure &lt;b&gt;" in first
    assert "Correction 2" in second
    assert ", Adjudicator ·" in second
    bound = [int(each) for each in re.findall(r"bound by entry (\d+)", page)]
    entries = list(programme.log.entries(action="answered"))
    assert bound == [each.seq for each in entries]
    assert all(each.body["id"] in page for each in entries)
    assert f"/log?before={bound[0] + 1}" in page
    assert who.id in page
    assert "Annotator Example" not in page
    assert "Annotator Example" in browser("lead").get(url("plain")).text


def test_answers_that_came_in_a_table_are_bound_by_its_entry(browser, programme, strange, clock):
    given = Annotation("x1", "plain", "an importer", "human", "cat", clock())
    work.answer(programme, [given])
    page = browser("auditor").get(url("plain")).text
    (entry,) = programme.log.entries(action="annotated")
    assert f"bound by entry {entry.seq} of the log" in page
    assert "role not known" in page


def test_an_adjudicators_word_stands_in_the_history(browser, programme, strange, says, people):
    says("annotator", "a job/of x", {"plain": "cat"})
    says("other", "a job/of x", {"plain": "dog"})
    listed = browser("auditor").get(url(tail="?state=conflict")).text
    assert listed.count("/items/") == 1
    deciding = Rater(people["adjudicator"][0].id, adjudicates=True)
    (lease,) = work.lease(programme, deciding, adjudication_of("a job/of x"))
    work.submit(programme, deciding, Submission(lease.id, "1", "dog", reason="slip", seconds=2))
    page = browser("auditor").get(url("plain")).text
    assert page.count("Adjudication</span>") == 1
    assert "Reason: <bdi>slip</bdi>" in page
    assert "dog</bdi> ×2" in browser("auditor").get(url()).text


def test_the_list_is_filtered_by_state_language_and_label(browser, programme, strange, says):
    says("annotator", "a job/of x", {"plain": "cat", "a/b c": "dog"})
    auditor = browser("auditor")

    def found(query):
        page = auditor.get(url(tail=query)).text
        return set(re.findall(r'<th scope="row"><a [^>]*><bdi>([^<]*)</bdi>', page))

    assert len(found("")) == len(NAMES)
    assert found("?label=cat") == {"plain"}
    assert found("?label=dog&state=open") == {"a/b c"}
    assert found("?label=dog&state=settled") == set()
    assert found("?language=th") == set()
    assert len(found("?language=none")) == len(NAMES)


def test_labels_inside_spans_are_found(browser, programme, job, says):
    asked = Job("spans", dataset="notes", snapshot=job.snapshot, task="spans")
    told = Sheet("spans", (Label('WH"O'), Label("WHERE")))
    work.open_job(programme, asked, [Item("note-0"), Item("note-1")], told)
    says(
        "annotator",
        "spans",
        {"note-0": '[{"end":3,"label":"WH\\"O","start":0}]', "note-1": '[{"end":3,"label":"WHERE","start":0}]'},
    )
    page = browser("auditor").get(f"/jobs/spans/items?label={quote(told.labels[0].value)}").text
    assert "note-0" in page
    assert "note-1" not in page


def test_long_lists_come_in_pages(browser, programme, job, monkeypatch):
    monkeypatch.setattr("bimetal.web.pages.items.PAGE", 4)
    auditor = browser("auditor")
    first = auditor.get("/jobs/notes/items").text
    onward = re.search(r'href="([^"]+)">Next page', first).group(1).replace("&amp;", "&")
    second = auditor.get(onward).text
    assert first.count('scope="row"') == 4
    assert second.count('scope="row"') == 2
    assert "Next page" not in second


def test_the_table_holds_every_standing_answer_and_no_cell_is_a_formula(browser, programme, strange, says, people):
    says("annotator", "a job/of x", {'=HYPERLINK("x")': "cat", "plain": None})
    answer = browser("auditor").get(url(tail=".csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == len(NAMES)
    by_item = {row["item"]: row for row in rows}
    assert by_item['\'=HYPERLINK("x")']["value"] == "cat"
    assert by_item['\'=HYPERLINK("x")']["rater"] == people["annotator"][0].id
    assert by_item["plain"]["status"] == "skipped"
    assert by_item["a/b c"]["value"] == ""
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]


def test_pictures_are_shown_and_what_warns_is_behind_a_door(browser, programme, job):
    from PIL import Image

    sink = io.BytesIO()
    Image.new("L", (4, 4)).save(sink, "PNG")
    rows = pa.table({"id": ["p"], "image": pa.array([sink.getvalue()], pa.large_binary())})
    stored, _ = add(programme, Arrival(rows, "pictures", "pool", "live", declared=Declared("real", "undeclared")))
    told = Sheet("classification", (Label("cat"),), warning="blood")
    work.open_job(programme, Job("seen", dataset="pictures", snapshot=stored.digest), [Item("p")], told)
    auditor = browser("auditor")
    page = auditor.get("/jobs/seen/items/p").text
    assert "in spite of the warning: blood" in page
    source = re.search(r'<img src="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert auditor.get(source).headers["content-type"] == "image/png"


def test_gold_and_its_answer_are_read_by_who_oversees_alone(browser, programme, job):
    asked = Job("mixed", dataset="notes", snapshot=job.snapshot, gold=0.5)
    work.open_job(programme, asked, [Item("note-0"), Item("note-1", gold=True, known="praise")])
    assert "Known answer" in browser("auditor").get("/jobs/mixed/items/note-1").text
    assert browser("annotator").get("/jobs/mixed/items/note-1").status_code == 403
