"""The language of the pages, chosen where nobody is logged in."""

import pytest


def test_the_login_page_offers_the_languages_and_says_which_a_machine_drafted(browser):
    page = browser().get("/login", headers={"accept-language": "th"}).text
    assert 'lang="km"' in page
    assert "ร่างโดยเครื่อง" in page
    assert "drafted by a machine" not in browser().get("/login", headers={"accept-language": "en"}).text


@pytest.mark.parametrize("back", ["/login", "/join/bi_A-9", "/reset/br_x"])
def test_a_choice_leads_back_to_the_page_it_was_made_on(browser, back):
    answer = browser().post("/interface", {"csrf": "", "next": back, "language": "km"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(back)
    assert "language=km" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/login/../x", "/join/a/../../x", "/join/a b"]
)
def test_a_choice_leads_nowhere_else(browser, back):
    answer = browser().post("/interface", {"csrf": "", "next": back, "language": "km"})
    assert answer.headers["location"].partition("?")[0] == "/"
