"""Inheritance: known bans never come out as allowed, choices need an election, and every verdict shows its path."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.licensing import CONDITIONS, EVENTS, PURPOSES, Input, Override, Use, inherit, licences
from bimetal.licensing.inputs import PART

SPOKEN = [each for each in CONDITIONS if each not in {"commercial", "outside-purpose"}]
MILD = dict.fromkeys(SPOKEN, False)
SHARE, MODEL = frozenset({"shared"}), frozenset({"model-shared"})


def judged(*names, events=SHARE, role="seed-rows", **use):
    inputs = [Input(role, f"input {k}", each) for k, each in enumerate(names)]
    return inherit(inputs, Use(frozenset(events), **{"commercial": False, "circumstances": MILD, **use}))


# An oracle written from the licences' own texts and their stewards' pages, not from the table: (does the id match,
# events, what must be the case) is never allowed. None as the case stands for any use.
def has(*letters):
    return lambda licence: licence.startswith("CC-BY") and set(letters) <= set(licence.split("-"))


def old(licence):
    return any(version in licence for version in ("-1.0", "-2.0", "-2.1", "-2.5", "-3.0"))


NEVER = [
    (has("NC"), set(EVENTS), "commercial"),
    (has("ND"), {"shared", "model-shared"}, None),
    (lambda each: has("ND")(each) and old(each), set(EVENTS), None),
    (
        lambda each: "llama-2-" in each or each.endswith("llama-3"),
        {"trained", "model-shared", "service"},
        "language-model",
    ),
    (
        lambda each: "openai" in each or "gemini" in each or "anthropic" in each,
        {"trained", "model-shared", "service"},
        "competing-model",
    ),
    (lambda each: "stability-ai-community" in each, set(EVENTS), "revenue-over-1m"),
    (lambda each: "stability-ai-community" in each, {"trained", "model-shared", "service"}, "foundation-model"),
    (lambda each: "stability-ai-nc" in each or "research-only" in each, set(EVENTS), "commercial"),
    (lambda each: "personal-data" in each or "proprietary" in each, {"shared", "model-shared"}, None),
    (lambda each: "personal-data" in each or "proprietary" in each, set(EVENTS), "outside-purpose"),
]
GENERATORS_ONLY = [
    (lambda each: "llama" in each, set(EVENTS), "users-over-700m"),
    (lambda each: "llama-3.2" in each or "llama-4" in each, set(EVENTS), "eu-multimodal"),
]


def forbidden(licence, role, event, holding):
    rules = [*NEVER, *(GENERATORS_ONLY if role == "generator-model" else [])]
    return any(matches(licence) and event in events and case in {None, *holding} for matches, events, case in rules)


@pytest.mark.parametrize("licence", licences())
def test_no_known_ban_is_allowed_for_any_role_event_and_case(licence):
    for role, event, case in itertools.product(PART, EVENTS, [None, *SPOKEN]):
        for commercial in (True, False, None):
            circumstances = {each: each == case for each in SPOKEN}
            for purpose in ("", "research"):
                use = Use(frozenset({event}), commercial, None, purpose, circumstances)
                given = Input(role, "rows", licence, purposes=("research",))
                holding = {case, "commercial" if commercial is not False else None}
                holding |= set() if purpose else {"outside-purpose"}
                if forbidden(licence, role, event, holding):
                    assert inherit([given], use).verdict == "block", (role, event, case, commercial, purpose)


@pytest.mark.parametrize("licence", licences())
def test_what_is_not_said_is_judged_as_the_worst_case(licence):
    for role, event in itertools.product(PART, EVENTS):
        silent = Use(frozenset({event}))
        worst = Use(frozenset({event}), True, circumstances=dict.fromkeys(SPOKEN, True))
        given = [Input(role, "rows", licence)]
        assert inherit(given, silent).verdict == inherit(given, worst).verdict


# Pairs whose adapted material no licence can carry, from Creative Commons' chart, the FSF's list and the texts.
APART = [
    ("CC-BY-SA-4.0", "CC-BY-NC-4.0"),
    ("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"),
    ("CC-BY-SA-3.0", "CC-BY-NC-3.0"),
    ("CC-BY-SA-1.0", "CC-BY-SA-2.0"),
    ("CC-BY-SA-1.0", "CC-BY-SA-4.0"),
    ("CC-BY-SA-3.0", "GPL-2.0-only"),
    ("CC-BY-SA-4.0", "GPL-2.0-only"),
    ("CC-BY-SA-4.0", "ODbL-1.0"),
    ("CC-BY-SA-4.0", "CDLA-Sharing-1.0"),
    ("CC-BY-NC-SA-4.0", "GPL-3.0-only"),
    ("CC-BY-NC-4.0", "GPL-3.0-only"),
    ("CC-BY-NC-4.0", "ODbL-1.0"),
    ("CDLA-Sharing-1.0", "ODbL-1.0"),
    ("GPL-2.0-only", "GPL-3.0-only"),
    ("GPL-2.0-only", "GPL-3.0-or-later"),
    ("GPL-2.0-only", "LGPL-3.0-only"),
    ("GPL-2.0-only", "AGPL-3.0-only"),
    ("GPL-2.0-only", "Apache-2.0"),
    ("CC-BY-3.0", "GPL-3.0-only"),
]
TOGETHER = [
    ("CC-BY-SA-3.0", "CC-BY-SA-4.0", {"CC-BY-SA-4.0"}),
    ("CC-BY-SA-2.0", "CC-BY-SA-3.0", {"CC-BY-SA-3.0", "CC-BY-SA-4.0"}),
    ("CC-BY-SA-4.0", "GPL-3.0-only", {"GPL-3.0-only"}),
    ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", {"CC-BY-NC-SA-4.0"}),
    ("GPL-2.0-or-later", "Apache-2.0", {"GPL-3.0-only", "GPL-3.0-or-later"}),
    ("LGPL-2.1-only", "GPL-3.0-only", {"GPL-3.0-only"}),
    ("CC-BY-SA-3.0-DE", "CC-BY-SA-3.0-AT", {"CC-BY-SA-3.0", "CC-BY-SA-4.0"}),
]


@pytest.mark.parametrize("pair", APART, ids="+".join)
def test_pools_without_a_common_licence_block_sharing(pair):
    for order in (pair, pair[::-1]):
        found = judged(*order)
        assert (found.verdict, found.answer) == ("block", "forbids")
        assert "no output licence is left" in found.blocking[0].sentence
        assert any("replacing input 0 alone" in each for each in found.unblocks)
    assert judged(*pair, events={"trained"}).verdict == "allow"


@pytest.mark.parametrize(("one", "other", "left"), TOGETHER)
def test_pools_with_a_common_licence_leave_just_that(one, other, left):
    found = judged(one, other)
    assert (found.verdict, found.answer) == ("allow", "share-alike")
    assert set(found.permitted) == left
    assert judged(one, other, output_licence=min(left)).verdict == "allow"
    assert judged(one, other, output_licence="MIT").verdict == "block"


def test_over_all_pairs_no_share_alike_input_goes_out_under_what_it_does_not_allow():
    known = [each for each in licences() if judged(each).permitted]
    for one, other in itertools.combinations(licences(), 2):
        found = judged(one, other)
        for single in {one, other} & set(known):
            assert found.permitted is not None
            assert set(found.permitted) <= set(judged(single).permitted)
        if found.permitted == ():
            assert found.verdict == "block"
        for single in (one, other):
            assert found.verdict == "block" or judged(single).verdict == "allow"


@pytest.mark.parametrize(
    "licence", ["CC-BY-4.0", "CC-BY-2.0", "ODC-By-1.0", "MIT", "Apache-2.0", "CDLA-Permissive-2.0"]
)
@pytest.mark.parametrize("output", ["CC0", "public domain", "PDDL", "CC0-1.0 OR MIT", "no idea"])
def test_credit_cannot_be_dropped_by_the_output_licence(licence, output):
    assert judged(licence, output_licence=output).verdict == "block"
    assert judged("CC0-1.0", output_licence="CC0").verdict == "allow"


@pytest.mark.parametrize(
    "said", ["", "unknown", "free to use", "CC BY", "LicenseRef-ours", "BUSL-1.1", "MIT OR Apache-2.0"]
)
def test_the_unknown_blocks_every_release_and_warns_at_home(said):
    for purpose, events in PURPOSES.items():
        assert judged(said, "MIT", events=events).verdict == "block", purpose
    trial = judged(said, "MIT", events=())
    assert (trial.verdict, trial.answer) == ("allow", "unknown")
    assert trial.reasons[0].clause is None
    assert trial.reasons[0].remedy


def test_no_input_is_unknown_and_not_free():
    found = inherit([], Use(SHARE))
    assert (found.verdict, found.answer, found.unblocks) == ("block", "unknown", ("declare the inputs",))


CHOICE = "GPL-3.0-only OR MIT"


def test_a_choice_needs_a_recorded_election_of_one_of_its_options():
    given, use = [Input("source", "code", CHOICE)], Use(MODEL, False)
    assert inherit(given, use).answer == "unknown"
    assert inherit(given, use, {"MIT OR GPL-3.0-only": "MIT License"}).answer == "allows"
    assert inherit(given, use, {CHOICE: "GPLv3"}).permitted == ("GPL-3.0-only",)
    assert inherit(given, use, {CHOICE: "CC0-1.0"}).answer == "unknown"
    assert inherit(given, use, {"GPL-3.0-only OR ISC": "ISC"}).answer == "unknown"


def test_and_joins_and_with_keeps_its_base():
    assert judged("CC-BY-SA-4.0 AND CC-BY-NC-4.0").verdict == "block"
    both = judged("CC-BY-SA-4.0 AND MIT")
    assert both.terms == judged("CC-BY-SA-4.0", "MIT").terms
    assert judged("GPL-3.0-only WITH Classpath-exception-2.0").terms == judged("GPL-3.0-only").terms


def test_a_licence_as_generator_and_as_source_is_not_the_same():
    assert judged("GPL-3.0-only", events=MODEL).answer == "share-alike"
    assert judged("GPL-3.0-only", events=MODEL, role="generator-model").answer == "allows"
    over = {**MILD, "users-over-700m": True}
    assert judged("Llama 3.1", role="generator-model", circumstances=over).verdict == "block"
    assert judged("Llama 3.1", role="source", circumstances=over).verdict == "allow"


def test_versions_of_llama_differ_in_what_their_outputs_may_train():
    other = {**MILD, "language-model": True}
    for version, verdict in (
        ("Llama 2", "block"),
        ("Llama 3", "block"),
        ("Llama 3.1", "allow"),
        ("Llama 3.3", "allow"),
    ):
        found = judged(version, role="generator-model", events={"trained", "model-shared"}, circumstances=other)
        assert found.verdict == verdict, version
    assert "begin the name of a model" in "".join(each.words for each in found.obligations)
    assert "Built with Llama" in found.attribution


def test_a_path_leads_from_the_input_to_the_event():
    inputs = [
        Input("generator-model", "writer", "Apache-2.0"),
        Input("training-data", "stories", "CC BY-NC 4.0", under="writer"),
    ]
    found = inherit(inputs, Use(frozenset({"trained", "service"}), commercial=True))
    assert found.blocking[0].path == ("stories (training data)", "writer (generator model)")
    assert found.blocking[0].sentence.endswith("a model is trained on it, that model is offered as a service")
    assert found.unblocks[0] == "replacing stories alone would unblock this"
    with pytest.raises(InputError, match="stands behind 'nobody'"):
        inherit([Input("prompts", "asked", "MIT", under="nobody")], Use(SHARE))
    with pytest.raises(InputError, match="stands behind"):
        inherit([Input("prompts", "a", "MIT", under="a")], Use(SHARE))
    with pytest.raises(InputError, match="unknown role 'model'"):
        Input("model", "a", "MIT")


def test_attribution_names_each_input_once_with_title_and_address():
    found = judged("CC BY 4.0", "CC-BY-4.0", "MIT", events={"shared", "model-shared"})
    lines = found.attribution.splitlines()
    assert len(lines) == len(set(lines)) == 3
    assert "input 0, licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), changed" in lines[0]


def test_purposes_on_file_open_a_contract_for_those_alone():
    given = [Input("source", "claims", "proprietary", purposes=("Fraud detection",))]
    train = PURPOSES["train"]
    assert inherit(given, Use(train, purpose="fraud detection")).verdict == "allow"
    assert inherit(given, Use(train, purpose="marketing")).verdict == "block"
    assert inherit(given, Use(train)).verdict == "block"
    assert inherit(given, Use(SHARE, purpose="fraud detection")).verdict == "block"


GRANT = {"by": "A. Counsel", "at": "2026-11-01", "reason": "letter from the licensor of 2026-10-20"}


def test_an_override_replaces_the_named_clause_for_the_named_input():
    inputs = [Input("source", "one", "CC-BY-NC-4.0"), Input("source", "two", "CC-BY-NC-4.0")]
    use = Use(PURPOSES["train"], commercial=True)
    granted = Override("CC-BY-NC-4.0", "permission", "commercial training is allowed", **GRANT, replaces="s. 2(a)(1)")
    assert inherit(inputs, use, overrides=[granted]).verdict == "allow"
    single = Override(granted.licence, "permission", granted.words, **GRANT, replaces="s. 2(a)(1)", input="one")
    found = inherit(inputs, use, overrides=[single])
    assert {each.path[0] for each in found.blocking} == {"two (source)"}
    told = [each for each in found.reasons if each.clause and each.clause.basis == "counsel override"]
    assert "override by A. Counsel, 2026-11-01: letter" in told[0].sentence


def test_an_override_adds_a_licence_the_table_lacks_and_needs_a_person_a_date_and_a_reason():
    given, use = [Input("source", "rows", "LicenseRef-ours")], Use(SHARE)
    own = Override("LicenseRef-ours", "obligation", "tell us", **GRANT)
    assert inherit(given, use).verdict == "block"
    found = inherit(given, use, overrides=[own])
    assert (found.verdict, [each.words for each in found.obligations]) == ("allow", ["tell us"])
    with pytest.raises(InputError, match=r"no clause 's\. 99'"):
        inherit(given, use, overrides=[Override("MIT", "permission", "x", **GRANT, replaces="s. 99")])
    with pytest.raises(InputError, match="without by and reason"):
        Override("MIT", "permission", "x", by=" ", at="2026-11-01", reason="")


names = st.sampled_from([*licences(), "unknown", "CC BY", CHOICE, "MIT AND CC-BY-SA-3.0"])
inputs = st.lists(st.builds(Input, st.sampled_from(list(PART)), st.just("rows"), names), min_size=1, max_size=4)
uses = st.builds(
    Use,
    st.frozensets(st.sampled_from(list(EVENTS))),
    st.sampled_from([True, False, None]),
    st.sampled_from([None, "CC-BY-SA-4.0", "CC0", "MIT", "nonsense"]),
    circumstances=st.dictionaries(st.sampled_from(SPOKEN), st.booleans()),
)
STRICTER = ["allows", "share-alike", "unknown", "forbids"]


@given(inputs, st.data(), uses)
def test_more_inputs_never_unblock_drop_a_duty_or_soften_the_answer(given, data, use):
    fewer = data.draw(st.lists(st.sampled_from(given), min_size=1, max_size=len(given)))
    some, every = inherit(fewer, use), inherit(given, use)
    assert every.verdict == "block" or some.verdict == "allow"
    assert some.terms.obligations <= every.terms.obligations
    assert STRICTER.index(some.answer) <= STRICTER.index(every.answer)
    assert inherit([*reversed(given)], use).verdict == every.verdict


@given(inputs, uses)
def test_a_verdict_has_its_reasons_and_a_block_its_ways_out(given, use):
    found = inherit(given, use)
    assert (found.verdict == "block") == bool(found.blocking) == bool(found.unblocks)
    assert found.terms.blocks(use) <= (found.verdict == "block")
    assert all(each.remedy for each in found.blocking)
    assert set(found.json()) >= {"verdict", "answer", "reasons", "obligations", "attribution", "unblocks", "permitted"}
