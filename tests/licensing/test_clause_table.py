"""The clause table: every row is whole, every licence stands in both parts, and texts at hand have their digest."""

import hashlib
import importlib.util
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from bimetal.licensing import CONDITIONS, EVENTS, clauses, licences, resolve
from bimetal.licensing.table import PARTS

EVERY = [clause for licence in licences() for part in PARTS for clause in clauses(licence, part)]
FAMILIES = [each for each in files("bimetal.licensing").joinpath("clauses").iterdir() if each.name != "groups.toml"]
INDEX = Path(str(importlib.util.find_spec("license_expression").origin)).parent / "data"
TEXTS = {
    "CC-BY-4.0": INDEX / "cc-by-4.0.LICENSE",
    **{
        licence: Path("/usr/share/common-licenses") / name
        for licence, name in {
            "Apache-2.0": "Apache-2.0",
            "CC0-1.0": "CC0-1.0",
            "GPL-2.0-only": "GPL-2",
            "GPL-3.0-only": "GPL-3",
            "LGPL-2.1-only": "LGPL-2.1",
            "LGPL-3.0-only": "LGPL-3",
        }.items()
    },
}


@pytest.mark.parametrize("licence", licences())
def test_a_licence_stands_in_both_parts_and_under_a_name_that_reads_back(licence):
    assert all(clauses(licence, part) for part in PARTS)
    assert resolve(licence).spdx == licence
    assert resolve(licences()[licence].title).spdx in {licence, "unknown"}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.name)
def test_a_row_speaks_of_declared_licences_in_known_words(family):
    said = tomllib.loads(family.read_text(encoding="utf-8"))
    known = {"licences", "as", "by_default_as", "term", "words", "fires_at", "by_default_at", "when", "outputs"}
    for row in said["clauses"]:
        assert set(row) <= known | {"bars", "credit", "cite", "basis"}
        assert set(row["licences"]) <= set(said["licences"])
        assert set(row["as"]) | set(row.get("by_default_as", ())) <= set(PARTS)
        assert not set(row["as"]) & set(row.get("by_default_as", ()))
        assert not set(row["fires_at"]) & set(row.get("by_default_at", ()))


@pytest.mark.parametrize("clause", EVERY, ids=lambda each: f"{each.licence} {each.part} {each.cite}")
def test_a_clause_is_whole(clause):
    assert clause.words
    assert clause.cite
    assert not clause.words.endswith(".")
    assert clause.term in {"prohibition", "obligation", "share-alike", "permission"}
    assert clause.basis in {"licence text", "steward guidance", "conservative default"}
    assert clause.fires_at
    assert clause.fires_at <= set(EVENTS)
    assert clause.when in {"", *CONDITIONS}
    assert bool(clause.outputs) == (clause.term == "share-alike")
    assert all(resolve(each).spdx == each for each in clause.outputs | clause.bars)
    assert set(re.findall(r"{(\w+)}", clause.credit)) <= {"name", "title", "url"}
    assert not clause.when or clause.term == "prohibition"


def test_every_share_alike_pool_holds_a_licence_of_the_table():
    pools = [each.outputs for each in EVERY if each.term == "share-alike"]
    assert pools
    assert all(pool & set(licences()) for pool in pools)


@pytest.mark.parametrize("licence", TEXTS)
def test_a_digest_is_that_of_the_text_its_spacing_folded(licence):
    if not TEXTS[licence].exists():
        pytest.skip(f"{TEXTS[licence]} is not on this machine")
    text = " ".join(TEXTS[licence].read_text(encoding="utf-8").split())
    assert licences()[licence].digest == hashlib.sha256(text.encode()).hexdigest()


def test_no_digest_is_claimed_of_a_text_that_no_test_reads():
    same_text = {"GPL-2.0-or-later", "GPL-3.0-or-later", "LGPL-2.1-or-later", "LGPL-3.0-or-later"}
    assert {each.id for each in licences().values() if each.digest} == set(TEXTS) | same_text


def test_ports_take_the_rows_of_the_version_they_adapt_by_default_only():
    port = clauses("CC-BY-SA-3.0-DE", "source")
    assert {each.basis for each in port} == {"conservative default"}
    assert {each.cite for each in port} == {each.cite for each in clauses("CC-BY-SA-3.0", "source")}
    assert {"CC-BY-SA-3.0-DE", "CC-BY-SA-4.0"} <= next(each.outputs for each in port if each.outputs)
