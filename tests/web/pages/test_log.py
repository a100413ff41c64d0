"""The log in the browser: newest first, in pages, filtered, and how to verify it."""

import re

import pytest

from bimetal.web.pages.log import PAGE, Wanted, newest


@pytest.fixture
def entries(programme):
    for n in range(130):
        programme.record("test.even" if n % 2 == 0 else "test.odd", f"subject {n % 3}", {"n": n})
    programme.log.publish()


def numbers(page):
    return [int(each) for each in re.findall(r'id="entry-(\d+)"', page)]


def test_pages_lead_from_the_newest_entry_to_the_first_without_a_gap(browser, programme, entries, people):
    auditor, url, seen = browser("auditor"), "/log", []
    size = programme.log.size
    while url:
        page = auditor.get(url).text
        assert len(numbers(page)) <= PAGE
        seen += numbers(page)
        older = re.search(r'href="([^"]+)">Older', page)
        url = older.group(1).replace("&amp;", "&") if older else ""
    assert seen == list(range(size))[::-1]


def test_it_is_filtered_by_action_subject_and_actor(browser, programme, entries):
    auditor = browser("auditor")
    found = numbers(auditor.get("/log?action=test.odd&subject=subject+1").text)
    expected = [e.seq for e in programme.log.entries(action="test.odd", subject="subject 1")]
    assert found == expected[::-1]
    assert len(numbers(auditor.get("/log?action=test").text)) == PAGE
    assert numbers(auditor.get("/log?actor=nobody").text) == []
    assert "None among the entries" in auditor.get("/log?actor=nobody").text


def test_what_is_rare_is_looked_for_from_where_the_last_look_ended(programme, entries, monkeypatch):
    monkeypatch.setattr("bimetal.web.pages.log.FURTHEST", 20)
    found, reached = newest(programme.log, Wanted("programme.created"), programme.log.size)
    assert (found, reached) == ([], programme.log.size - 20)
    monkeypatch.setattr("bimetal.web.pages.log.FURTHEST", 10_000)
    found, reached = newest(programme.log, Wanted("programme.created"), reached)
    assert ([each.seq for each in found], reached) == ([0], 0)


@pytest.mark.parametrize("before", ["-1", "x", "99999999999999999999", "٣", "0"])
def test_a_place_that_is_none_shows_a_page_all_the_same(browser, entries, before):
    assert browser("auditor").get(f"/log?before={before}").status_code == 200


def test_the_checkpoint_and_the_way_to_verify_are_told(browser, programme, entries):
    page = browser("auditor").get("/log").text
    assert programme.log.verifier.replace("+", "&#43;") in page or programme.log.verifier in page
    assert programme.log.tiles.checkpoint().splitlines()[2] in page.replace("&#43;", "+")
    assert "bimetal log prove" in page


def test_names_stand_for_pseudonyms_only_where_they_may_be_read(browser):
    assert "Other Example" in browser("lead").get("/log").text
    assert "Other Example" not in browser("auditor").get("/log").text


def test_what_was_logged_is_shown_and_not_run(browser, programme):
    programme.record(
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", {"<b>": "</pre><script>alert(2)</script>"}
    )
    page = browser("lead").get("/log").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
