"""Licence names as people write them: read where they are surely known, unknown otherwise, never anything laxer."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bimetal.licensing import licences, resolve

KNOWN = {
    "CC BY 4.0": "CC-BY-4.0",
    "cc-by-sa-3.0": "CC-BY-SA-3.0",
    "CC-BY-NC-SA 4.0": "CC-BY-NC-SA-4.0",
    "Creative Commons Attribution 4.0 International": "CC-BY-4.0",
    "Creative Commons Attribution-ShareAlike 3.0 Unported": "CC-BY-SA-3.0",
    "Creative Commons Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)": "CC-BY-NC-4.0",
    "Creative Commons Attribution-NonCommercial-NoDerivs 2.0 Generic License": "CC-BY-NC-ND-2.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC-BY-SA-4.0",
    "http://www.creativecommons.org/licenses/by-nd/3.0/legalcode": "CC-BY-ND-3.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
    "CC0": "CC0-1.0",
    "Apache 2": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "The MIT License": "MIT",
    "(MIT)": "MIT",
    "GPLv3": "GPL-3.0-only",
    "GPL-2.0+": "GPL-2.0-or-later",
    "ODbL": "ODbL-1.0",
    "Llama 3.1 Community License": "LicenseRef-scancode-llama-3.1-license-2024",
    "llama2": "LicenseRef-scancode-llama-2-license-2023",
    "gemma": "LicenseRef-scancode-gemma-tou-2024-04-01",
    "OpenAI API": "LicenseRef-bimetal-openai-terms",
    "creativeml-openrail-m": "LicenseRef-scancode-stable-diffusion-2022-08-22",
    "public domain": "LicenseRef-scancode-public-domain",
    "proprietary": "LicenseRef-scancode-proprietary-license",
    "MIT License AND CC BY 4.0": "MIT AND CC-BY-4.0",
    "(Apache 2 OR MIT) AND CC0": "(Apache-2.0 OR MIT) AND CC0-1.0",
}

UNKNOWN = [
    None,
    "",
    "  ",
    "n/a",
    "unknown",
    "other",
    "free to use",
    "CC",
    "CC BY",
    "CC-BY-NC-SA",
    "CC BY-NC-SA International",
    "Creative Commons",
    "CC BY 2",
    "CC BY 5.0",
    "CC BY 4.0 or later",
    "CC BY 4.0 with changes",
    "CC BY 4.0 (non-commercial)",
    "not MIT",
    "MIT, except for commercial use",
    "(MIT",
    "GPL",
    "LGPL",
    "BSD",
    "Apache",
    "Llama",
    "openrail",
    "MIT AND unknown",
    "MIT AND something of ours",
    "LicenseRef-scancode-unknown",
    "NOASSERTION",
    "NONE",
]


@pytest.mark.parametrize(("text", "licence"), KNOWN.items())
def test_names_people_write_are_read(text, licence):
    assert resolve(text).spdx == licence


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_surely_known_is_unknown(text):
    assert not resolve(text).known


def test_the_nearest_are_suggested():
    assert "CC-BY-4.0" in resolve("CC BY").nearest
    assert "Apache-2.0" in resolve("Apach 2.0").nearest
    assert resolve("MIT").nearest == ()


def test_a_team_s_own_names_are_known_where_they_are_on_file():
    assert resolve("LicenseRef-ours AND MIT", ("LicenseRef-ours",)).spdx == "LicenseRef-ours AND MIT"
    assert not resolve("LicenseRef-theirs", ("LicenseRef-ours",)).known


ELEMENTS = {"nc": r"\bnc\b|non ?commercial", "sa": r"\bsa\b|share ?alike", "nd": r"\bnd\b|no ?deriv"}


def lost(text, licence):
    """List what a Creative Commons id leaves out of, or adds to, what the text says."""
    folded = re.sub(r"[\s_,;:\-/().]+", " ", text.lower())
    letters = licence.lower().split("-")
    wrong = [name for name, form in ELEMENTS.items() if (name in letters) != bool(re.search(form, folded))]
    version = re.search(r"\d\.\d", licence).group()
    return wrong + ([] if version in text or version[0] in re.findall(r"\d+", text) else ["version"])


LETTERS = ["CC", "BY", "NC", "SA", "ND", "4.0", "3.0", "2.5", "2", "4", "v4.0", "International", "Unported", "License"]
LONG = ["Creative Commons", "Attribution", "NonCommercial", "ShareAlike", "NoDerivs", "and", "or later", "only"]
words = st.sampled_from([*LETTERS, *LONG])
joints = st.sampled_from([" ", "-", ", ", "_", " (", ") "])


@given(st.lists(st.tuples(words, joints), min_size=1, max_size=8))
@example([("CC", " "), ("BY", "-"), ("NC", "-"), ("SA", " "), ("4.0", "")])
def test_no_element_and_no_version_of_creative_commons_is_lost_or_made_up(pieces):
    text = "".join(word + joint for word, joint in pieces).strip()
    found = resolve(text)
    for licence in found.parts:
        if licence.startswith("CC-BY"):
            assert not lost(text, licence), (text, licence)


SPELLED = [spelling for each in licences().values() for spelling in (each.id, each.title, *each.names)]
NUMBER = re.compile(r"\d+(?:\.\d+)*")


@given(
    st.sampled_from(SPELLED), st.sampled_from(["not", "except", "zebra", "for research", "modified", "?"]), st.data()
)
def test_a_word_too_many_makes_a_name_unknown(spelling, word, data):
    words = spelling.split(" ")
    at = data.draw(st.integers(0, len(words)))
    assert not resolve(" ".join([*words[:at], word, *words[at:]])).known


@given(st.sampled_from(SPELLED), st.data())
def test_a_slip_of_the_pen_never_turns_one_version_into_another(spelling, data):
    at = data.draw(st.integers(0, len(spelling) - 1))
    letter = data.draw(st.sampled_from("abcdeilmnoprstvyACGLMN0123456789.-+ ()"))
    text = data.draw(
        st.sampled_from(
            [
                spelling[:at] + letter + spelling[at:],
                spelling[:at] + spelling[at + 1 :],
                spelling[:at] + letter + spelling[at + 1 :],
            ]
        )
    )
    found = resolve(text)
    before = resolve(spelling)
    if found.known and found.spdx != before.spdx:
        told = set(NUMBER.findall(text))
        assert all(
            number in told or number.removesuffix(".0") in told for number in NUMBER.findall(_public(found.spdx))
        )


def _public(spdx):
    """Drop the years and drafts that index ids carry and no person writes."""
    return re.sub(r"(-\d{4}(-\d\d-\d\d|\d{4})?|-20\d{6})$", "", spdx)
