"""Every role against every act, spelled out a second time from the acts' side."""

import itertools
import re
from pathlib import Path

import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme.people import ACTS, ROLES, covers, may, require
from bimetal.programme.people.roles import _TABLE

EXPECTED = {
    "answer": {"annotator", "adjudicator", "lead"},
    "adjudicate": {"adjudicator", "lead"},
    "read own record": {"annotator", "adjudicator", "lead", "auditor", "admin"},
    "make token": {"annotator", "adjudicator", "lead", "auditor", "admin"},
    "read progress": {"lead", "auditor", "admin"},
    "read answers": {"lead", "auditor", "admin"},
    "read log": {"lead", "auditor", "admin"},
    "read names": {"lead", "admin"},
    "write guideline": {"lead"},
    "steer queue": {"lead"},
    "set gold": {"lead"},
    "exchange data": {"lead"},
    "qualify": {"lead"},
    "invite": {"lead", "admin"},
    "appoint": {"admin"},
    "reset password": {"admin"},
    "set cap": {"lead", "admin"},
    "remove": {"admin"},
}


@pytest.mark.parametrize(("role", "act"), list(itertools.product(ROLES, ACTS)))
def test_each_role_may_what_the_table_says_and_nothing_else(role, act):
    assert may(role, act) == (role in EXPECTED[act])
    if may(role, act):
        require(role, act)
    else:
        with pytest.raises(PolicyError, match=f"the role {role} does not include '{act}'; ask one of: "):
            require(role, act)


def test_the_table_names_every_act_once():
    assert set(EXPECTED) == set(ACTS)
    assert [line[:18].strip() for line in _TABLE.strip("\n").splitlines()[1:]] == list(ACTS)


def test_an_auditor_changes_nothing():
    assert {act for act in ACTS if may("auditor", act) and not act.startswith("read ")} == {"make token"}


def test_wider_roles():
    assert {pair for pair in itertools.permutations(ROLES, 2) if covers(*pair)} == {
        ("adjudicator", "annotator"),
        ("lead", "annotator"),
        ("lead", "adjudicator"),
        ("lead", "auditor"),
        ("admin", "auditor"),
    }


@pytest.mark.parametrize(("role", "act"), [("Admin", "remove"), ("", "remove"), ("admin", "everything"), ("admin", "")])
def test_unknown_words_are_refused(role, act):
    with pytest.raises(InputError):
        may(role, act)


def test_the_documentation_shows_this_table():
    text = (Path(__file__).parents[3] / "docs" / "people.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([a-z ]+?) +\| (.*) \|$", text, flags=re.MULTILINE))
    for act in ACTS:
        marks = [each.strip() for each in rows[act].split("|")]
        assert {role for role, mark in zip(ROLES, marks, strict=True) if mark == "x"} == EXPECTED[act], act
