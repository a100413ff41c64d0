"""Facts sharpen a decision and never loosen it; priors are what their file says and give way to a pilot, visibly."""

import dataclasses
from itertools import pairwise

import pytest
from cattrs import Converter
from hypothesis import given, settings
from hypothesis import strategies as st

from bimetal.decision import QUESTIONS, Facts, Measurement, Vendor, binding, decide, domains, faults, from_json, priors
from bimetal.decision.facts import MODALITIES, PERSONAL_DATA, SIMULATORS, YES_NO, said
from bimetal.errors import InputError
from bimetal.types import Answer

NAMES = {question.name: tuple(question.values) for question in QUESTIONS}
BOLD = {
    "grounded": "yes",
    "regulated": "no",
    "stationary": "yes",
    "licence": "allows",
    "transfer": "helps",
    "cost": "synthetic",
}
TOWARDS_SYNTHETIC = ("human only", "measure first", "hybrid", "synthetic only")
CAUTION = {
    "regulated": ("no", "yes"),
    "stationary": ("yes", "slow", "no"),
    "transfer": ("equal", "helps", "unclear", "harms"),
    "cost": ("synthetic", "similar", "human"),
    "grounded": ("yes", "partly", "no"),
    "licence": ("allows", "share-alike", "forbids"),
}

vendors = st.builds(
    Vendor,
    training_data=st.sampled_from(("declared", "undeclared", "unknown")),
    output_licence=st.sampled_from(("", "CC-BY-4.0")),
    replayable=st.sampled_from(YES_NO),
    audit=st.sampled_from(YES_NO),
    indemnity=st.sampled_from(YES_NO),
    deletion=st.sampled_from(YES_NO),
    row_price=st.none() | st.floats(0, 10),
)
money = st.none() | st.floats(0, 1e6)
facts_drawn = st.builds(
    Facts,
    modality=st.sampled_from(("", *MODALITIES)),
    domain=st.sampled_from(("", *domains())),
    languages=st.sampled_from(((), ("th",), ("en", "pt-BR"))),
    jurisdictions=st.sampled_from(((), ("EU", "US-CA"))),
    personal_data=st.sampled_from(tuple(PERSONAL_DATA)),
    commercial=st.sampled_from(YES_NO),
    miss_cost=money,
    false_alarm_cost=money,
    rows_wanted=st.none() | st.integers(1, 10**6),
    simulator=st.sampled_from(tuple(SIMULATORS)),
    build_cost=money,
    vendor=vendors,
)
answers_drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in NAMES.items()})
ratios = st.tuples(st.floats(0, 50), st.floats(0.1, 50)).map(lambda pair: (pair[0], sum(pair)))


def answered(values):
    return tuple(Answer(name, value) for name, value in values.items())


def lets(record):
    return (*record.ratio, max(1, TOWARDS_SYNTHETIC.index(record.strategy)))


def never_more(careful, bold):
    return all(a <= b for a, b in zip(lets(careful), lets(bold), strict=True))


@given(facts_drawn, answers_drawn, st.sampled_from(tuple(CAUTION)), st.none() | ratios)
@settings(max_examples=300, deadline=None)
def test_caution_never_raises_the_ratio_whatever_the_facts_and_the_pilot(facts, values, question, ratio):
    measured = (Measurement("transfer", "helps", "a gain", "pilot", ratio=ratio),) if ratio else ()
    order = CAUTION[question]
    records = [decide(answered({**values, question: value}), facts, measured) for value in order]
    for bold, careful in pairwise(records):
        assert never_more(careful, bold)
    unknown = decide(answered({**values, question: "unknown"}), facts, measured)
    assert never_more(unknown, records[0])
    if question != "cost":
        assert never_more(unknown, records[-1])


@given(facts_drawn, answers_drawn)
@settings(max_examples=200, deadline=None)
def test_records_with_facts_are_consistent_and_survive_json(facts, values):
    record = decide(answered(values), facts)
    low, high = record.ratio
    assert 0 <= low <= high
    assert (record.strategy in {"human only", "measure first"}) == (high == 0)
    assert from_json(record.json()) == record
    assert not faults(facts)
    known = said(values, facts)
    for reason in record.reasons:
        for name in reason.rests_on:
            key, _, value = name.partition("=")
            held = {"languages": facts.languages, "jurisdictions": facts.jurisdictions}.get(key)
            assert value == (", ".join(held) if held else known[key])


@given(answers_drawn, facts_drawn)
@settings(max_examples=200, deadline=None)
def test_what_is_not_said_never_allows_more_than_nothing_said_against(values, facts):
    """Naming a domain or a modality can only lower the range: their priors are caps."""
    bare = dataclasses.replace(facts, modality="", domain="")
    assert never_more(decide(answered(values), facts), decide(answered(values), bare))


def test_the_priors_file_loads_and_each_prior_can_fire():
    values = {**NAMES, "modality": MODALITIES, "domain": tuple(domains())}
    assert len({each.name for each in priors()}) == len(priors())
    for each in priors():
        assert each.basis == "prior"
        assert each.reason
        assert each.source
        assert each.yields_to in {"", "transfer", "cost", "cost figure", "labels"}
        assert each.strategy in {None, "synthetic only"}
        for name, allowed in each.when.items():
            assert set(allowed) <= set(values[name]), each.name
        if each.cap:
            assert 0 <= each.cap[0] <= each.cap[1]
        assert any(each.name in reason.source for reason in _firing(each).reasons)


def _firing(prior):
    chosen = {name: allowed[0] for name, allowed in prior.when.items()}
    facts = Facts(modality=chosen.pop("modality", ""), domain=chosen.pop("domain", ""))
    return decide(answered({**BOLD, **chosen}), facts)


def test_the_domains_file_loads_and_covers_what_people_start_from():
    assert set(domains()) == {
        "driving",
        "medical-imaging",
        "fraud",
        "moderation",
        "intent",
        "legal",
        "speech",
        "preference",
        "red-team",
        "demo",
    }
    for each in domains().values():
        assert each.modality in {"", *MODALITIES}
        assert each.words
        assert each.boundary
        assert each.welcome or each.lead
        assert each.people


@pytest.mark.parametrize(
    ("facts", "answers", "ratio"),
    [
        (Facts("text"), {}, (1, 10)),
        (Facts("text"), {"regulated": "yes"}, (0.5, 1)),
        (Facts("text"), {"regulated": "unknown"}, (0.5, 1)),
        (Facts("text", "legal"), {}, (1, 1)),
        (Facts("image"), {}, (1, 19)),
        (Facts("image", "driving"), {}, (1, 19)),
    ],
)
def test_ratios_come_from_the_fields_figures(facts, answers, ratio):
    record = decide(answered({**BOLD, **answers}), facts)
    assert record.ratio == ratio
    assert record.ratio_basis == "prior"
    assert "a prior, not a measurement" in record.sentence


def test_a_thousand_to_one_is_money_against_capture_and_no_ratio_of_rows():
    record = decide(answered(BOLD), Facts("image", "driving"))
    told = next(each for each in record.reasons if "capture of rare footage" in each.source)
    assert "capturing it on the road costs" in told.text
    assert not told.settles


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts(domain="cooking"), "facts.domain: expected one of driving"),
        (Facts(personal_data="some"), "facts.personal_data: expected one of none, pseudonymous"),
        (Facts(languages=("e",)), "facts.languages: expected BCP 47 tags"),
        (Facts(jurisdictions=("europe",)), "facts.jurisdictions: expected ISO 3166"),
        (Facts(currency="euro"), "facts.currency: expected an ISO 4217 code"),
        (Facts(miss_cost=-1.0), "facts.miss_cost: expected an amount of money"),
        (Facts(rows_wanted=0), "facts.rows_wanted: expected 1 or more"),
        (Facts(vendor=Vendor(audit="maybe")), "facts.vendor.audit: expected one of yes, no, unknown, got 'maybe'"),
        (Facts(commercial="perhaps"), "facts.commercial"),
        (Facts(simulator="lots"), "facts.simulator"),
    ],
)
def test_facts_that_do_not_fit_are_named_with_their_path(facts, words):
    assert len(faults(facts)) == 1
    assert faults(facts)[0].startswith(words)
    with pytest.raises(InputError, match="mend what is named"):
        decide((), facts)


def test_every_fault_is_named_at_once():
    assert len(faults(Facts(modality="smell", domain="x", currency="e", vendor=Vendor(deletion="?")))) == 4


def test_facts_are_structured_from_toml():
    raw = {"modality": "text", "languages": ["th"], "miss_cost": 9, "vendor": {"name": "Acme", "row_price": 0.01}}
    read = Converter(forbid_extra_keys=True).structure(raw, Facts)
    assert read == Facts("text", languages=("th",), miss_cost=9, vendor=Vendor("Acme", row_price=0.01))


@pytest.mark.parametrize(
    ("answers", "facts", "where"),
    [
        ({"regulated": "no"}, Facts(domain="medical-imaging", personal_data="special"), "regulated"),
        ({"regulated": "yes"}, Facts(domain="fraud", personal_data="none"), "personal_data"),
        ({}, Facts(modality="audio"), "languages"),
        ({"grounded": "yes"}, Facts(simulator="none"), "simulator"),
        ({}, Facts(simulator="vendor", vendor=Vendor(training_data="undeclared")), "vendor"),
    ],
)
def test_answers_and_facts_that_seldom_go_together_are_found(answers, facts, where):
    found = decide(answered(answers), facts).findings
    assert [(each.check, each.verdict, each.where) for each in found] == [("answers_and_facts", "warn", where)]
    assert found[0].remedy


def test_facts_that_go_together_raise_no_finding():
    assert not decide((Answer("regulated", "yes"),), Facts("table", "fraud", personal_data="personal")).findings


def test_unknown_facts_have_consequences():
    told = {each.source for each in decide(()).reasons}
    of_unknown = {"personal", "read-as-sold", "both-sides", "whose-law", "where-it-runs", "no-modality"}
    assert of_unknown <= told
    costs = {"miss_cost": 1.0, "false_alarm_cost": 1.0}
    known = Facts("image", jurisdictions=("EU",), personal_data="none", runs_in="SG", commercial="no", **costs)
    assert not of_unknown & {each.source for each in decide((), known).reasons}


@given(answers_drawn, facts_drawn)
@settings(max_examples=100, deadline=None)
def test_rules_bind_by_answers_and_facts_alone(values, facts):
    names = {each.name for each in binding(values, facts)}
    always = {"panel-real", "panel-human", "panel-sealed", "origin-known", "labels-known", "source-registered"}
    assert names >= always | {"licence-inherited", "endpoint-registered", "vendor-quarantined"}
    assert ("boundary-human" in names) == ("boundary-first" in names) == (values["regulated"] != "no")
    assert ("language-measured" in names) == bool(facts.languages)
    assert ("loop-first" in names) == (values["stationary"] in {"no", "unknown"})
    assert ("volume-measured" in names) == (values["transfer"] in {"unknown", "unclear", "harms"})
    assert ("personal-stays-personal" in names) == (facts.personal_data != "none")


def test_binding_rules_speak_plainly_and_name_the_way_out():
    every = binding(dict.fromkeys(NAMES, "unknown"), Facts(languages=("km",)))
    assert len(every) == len({each.name for each in every}) == 16
    for each in every:
        assert each.words.endswith(".")
        assert each.way_out
        assert each.waivable == (f"bimetal waive {each.name}" in each.way_out)
