"""The guideline of a job: versions and what changed, the next one, and the items it touches."""

import re
from urllib.parse import quote

import pytest

from bimetal.annotation.sheet import Label, Sheet
from bimetal.programme import queue as work
from bimetal.programme.work.sheets import sheet, versions
from bimetal.store import schema
from bimetal.store.queue import Item, Job

HERE = "/jobs/notes%2Fth"
FORM = {
    "first": "en",
    "languages": "en th",
    "value-0": "praise",
    "value-1": "complaint",
    "key-1": "c",
    "name-1-th": "ร้องเรียน",
    "guideline-en": "# Notes\r\n\r\nA question that complains is a complaint.",
    "touched": "none",
}


@pytest.fixture
def notes(programme, job):
    """Open a job of its own name with a sheet written, over the six notes."""
    told = Sheet("classification", (Label("praise"), Label("complaint")), {"en": "# Notes\n\nChoose."})
    wanted = Job("notes/th", dataset="notes", snapshot=job.snapshot, raters=1)
    work.open_job(programme, wanted, [Item(f"note-{n}") for n in range(6)], told)
    return wanted


def base(browser):
    return re.search(r'name="base" value="([^"]*)"', browser("lead").get(f"{HERE}/guideline").text).group(1)


def sent(browser, **more):
    return browser("lead").post(f"{HERE}/guideline", {**FORM, "base": base(browser), **more})


def rounds(programme, name="notes/th"):
    columns = schema.items.c
    with programme.state.read() as connection:
        return {row.item: row.round for row in connection.execute(schema.items.select().where(columns.job == name))}


def test_a_change_is_looked_at_first_then_saved_and_asks_again_about_exactly_what_it_touches(
    browser, programme, notes, says
):
    says("annotator", "notes/th", {"note-0": "praise", "note-1": "complaint", "note-2": "complaint"})
    answer = sent(browser, touched="labels", touched_label="complaint")
    assert answer.status_code == 200
    assert "Not saved yet: 2 items would be asked about again" in answer.text
    assert '<del dir="auto">en: Choose.</del>' in answer.text
    assert '<ins dir="auto">en: A question that complains is a complaint.</ins>' in answer.text
    assert set(rounds(programme).values()) == {1}
    promise = re.search(r'name="save" value="([^"]*)"', answer.text).group(1)
    saved = sent(browser, touched="labels", touched_label="complaint", save=promise)
    assert (saved.status_code, saved.headers["location"]) == (303, f"{HERE}/guideline?told=guideline")
    assert rounds(programme) == {f"note-{n}": 2 if n in {1, 2} else 1 for n in range(6)}
    assert [each.version for each in versions(programme, "notes/th")] == [2, 1]
    assert sheet(programme, "notes/th").labels[1] == Label("complaint", {"th": "ร้องเรียน"}, key="c")
    page = browser("auditor").get(f"{HERE}/guideline").text
    assert "From version 1 to 2" in page
    assert "label complaint, th: ร้องเรียน</ins>" in page
    assert "Choose.</p>" in browser("auditor").get(f"{HERE}/guideline?version=1").text


def test_what_is_touched_by_now_is_shown_again_before_it_is_saved(browser, programme, notes, says):
    says("annotator", "notes/th", {"note-0": "complaint", "note-1": "complaint"})
    answer = sent(browser, touched="labels", touched_label="complaint", save="save 1")
    assert answer.status_code == 200
    assert "Not saved yet: 2 items" in answer.text
    assert [each.version for each in versions(programme, "notes/th")] == [1]


@pytest.mark.parametrize(
    ("touched", "items"),
    [
        ({"touched": "none", "touched_label": "complaint"}, set()),
        ({"touched": "column", "column": "text", "column_value": "too loud"}, {"note-4"}),
        ({"touched": "items", "items": " note-3 \r\nnote-5\r\nnowhere\r\n"}, {"note-3", "note-5"}),
    ],
)
def test_each_way_to_name_what_is_touched(browser, programme, notes, says, touched, items):
    says("annotator", "notes/th", {"note-0": "complaint"})
    page = sent(browser, **touched).text
    assert f"Not saved yet: {len(items)} items" in page
    assert ("1 of the items listed are not in this job" in page) == ("items" in touched)
    assert sent(browser, **touched, save=f"save {len(items)}").status_code == 303
    assert {item for item, turn in rounds(programme).items() if turn == 2} == items


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ({"value-1": "", "name-1-th": "", "key-1": ""}, 403, "items have answers that the new sheet does not allow"),
        ({"touched": "column", "column": "nowhere", "column_value": "x"}, 400, "have no column"),
        ({"value-0": "complaint"}, 400, "stands there twice"),
        ({"key-1": "cc"}, 400, "expected one character"),
        ({"languages": "en th x!"}, 200, "Not saved yet"),
        ({"another": "x!", "guideline-another": "words"}, 400, "expected BCP 47 tags"),
        ({"base": "1 2020-01-01"}, 400, "Somebody wrote another version meanwhile"),
        ({"text-0": "something"}, 400, "Example 1 is not whole"),
    ],
)
def test_a_fault_shows_the_form_again_with_what_was_typed(browser, programme, says, wrong, status, told):
    says("annotator", "notes/th", {"note-0": "complaint"})
    answer = sent(browser, **{"save": "save 0", **wrong} if status != 200 else wrong)
    assert answer.status_code == status, answer.text[-3000:]
    assert told in answer.text
    assert "A question that complains" in answer.text
    assert [each.version for each in versions(programme, "notes/th")] == [1]


def test_nothing_changed_is_no_version(browser, programme, notes):
    same = {
        "value-0": "praise",
        "value-1": "complaint",
        "name-1-th": "",
        "key-1": "",
        "guideline-en": "# Notes\r\n\r\nChoose.",
    }
    answer = sent(browser, **same, save="save 0")
    assert (answer.status_code, "Nothing was changed" in answer.text) == (400, True)


def test_the_form_brings_back_every_part_of_a_sheet(browser, programme, job):
    from bimetal.annotation.sheet import Example
    from bimetal.web import sheet_form

    told = Sheet(
        "keypoints",
        (Label("cat", {"th": "แมว"}, {"en": "An animal.\nFurry."}, "c"), Label("dog")),
        {"en": "Look.", "km": "មើល"},
        (Example("a <b>", "cat", {"en": "It purrs."}),),
        points=("nose", "tail tip"),
        warning="blood",
        reasons=("slip", "no idea"),
    )
    assert sheet_form.read(sheet_form.typed(told, ["lo"]), "keypoints") == told
    score = Sheet("score", scale=(0.0, 10.0, 0.5), guideline={"en": "How good?"})
    assert sheet_form.read(sheet_form.typed(score), "score") == score


def test_hostile_words_are_shown_and_not_run(browser, notes):
    hostile = "</textarea><script>alert(1)</script>"
    page = sent(browser, **{"guideline-en": hostile, "value-2": hostile, "another": '"><script>', "more": "1"}).text
    assert "<script>alert" not in page
    assert '"><script>' not in page
    assert page.count("&lt;/textarea&gt;") >= 2


def test_who_decides_sees_the_guideline_of_the_job_and_writes_none(browser, programme, notes):
    work.open_job(programme, Job("notes/th/adjudication", "adjudicate", of="notes/th"), [])
    page = browser("lead").get(f"/jobs/{quote('notes/th/adjudication', safe='')}/guideline").text
    assert "Choose." in page
    assert "The next version" not in page
