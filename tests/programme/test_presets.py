"""Ten presets: each reads without a fault and decides what a reader of its field would accept."""

import json

import numpy as np
import pytest

from bimetal.cost import lifecycle_cost
from bimetal.decision import QUESTIONS, binding, decide, domains, from_json
from bimetal.errors import UnknownName
from bimetal.plugins import make
from bimetal.programme import presets
from bimetal.programme.config import dump, parse
from bimetal.types import Answer

TEN = (
    "content-moderation",
    "demo-data",
    "driving-perception",
    "fraud",
    "intent-classification",
    "legal-documents",
    "medical-imaging",
    "preference-ranking",
    "red-teaming",
    "speech-low-resource",
)
GUARDED = ("content-moderation", "driving-perception", "fraud", "legal-documents", "medical-imaging", "red-teaming")
every = pytest.mark.parametrize("name", TEN)


def decided(name):
    config = presets.read(name)
    return decide(config.six, config.facts)


def test_there_are_ten_each_listed_with_a_line_of_its_own():
    assert presets.names() == TEN
    listed = presets.listing()
    assert [each["name"] for each in listed] == list(TEN)
    assert len({each["summary"] for each in listed}) == len(TEN)
    assert all(each["summary"].endswith(".") and not each["summary"].startswith("#") for each in listed)


@every
def test_a_preset_answers_all_six_questions_and_says_why(name):
    config = presets.read(name)
    assert list(config.answers) == [question.name for question in QUESTIONS]
    for said in config.answers.values():
        assert said.said_by == f"preset {name}"
        assert len(said.evidence) > 20
        assert not said.on
    assert config.answers["transfer"].value == "unknown"


@every
def test_a_preset_names_its_field_and_leaves_what_only_the_owner_knows(name):
    config = presets.read(name)
    field = domains()[config.facts.domain]
    assert config.programme.purpose
    assert config.task.labels
    assert field.modality in {"", config.facts.modality}
    assert (config.facts.miss_cost, config.facts.false_alarm_cost) == (None, None)
    assert config.facts.commercial == "unknown"


def test_every_field_that_decisions_know_has_one_preset():
    assert sorted(presets.read(name).facts.domain for name in TEN) == sorted(domains())


@every
def test_what_is_written_from_a_preset_reads_back(name):
    import tomllib

    config = presets.read(name)
    assert parse(tomllib.loads(dump(config))) == config


@every
def test_the_plug_ins_a_preset_names_can_be_made(name):
    config = presets.read(name)
    make(config.learner_spec)
    if config.generator_spec is not None:
        make(config.generator_spec)


@every
def test_the_record_reads_back_from_json_and_wants_a_pilot_first(name):
    record = decided(name)
    assert from_json(json.loads(json.dumps(record.json()))) == record
    assert record.strategy == "measure first"
    assert "bimetal pilot" in record.first_experiment.command or name in {"demo-data", "red-teaming"}


@every
def test_the_cycle_draws_no_more_than_a_pilot_that_helps_would_allow(name):
    config = presets.read(name)
    helps = {answer.question: answer for answer in config.six} | {"transfer": Answer("transfer", "helps")}
    helps |= {"licence": Answer("licence", "allows")}
    record = decide(helps, config.facts)
    assert record.strategy == "hybrid"
    assert config.cycle.synthetic_ratio <= record.ratio[1]


@every
def test_a_preset_can_be_priced(name):
    config = presets.read(name)
    found = lifecycle_cost(config.cost, rng=np.random.default_rng(0), draws=200)
    assert found.sentence


@pytest.mark.parametrize("name", GUARDED)
def test_where_failures_are_regulated_or_adversarial_people_draw_the_boundary_by_name(name):
    config, record = presets.read(name), decided(name)
    subset = " ".join(record.human_subset)
    assert "named person" in subset
    assert domains()[config.facts.domain].boundary in subset
    assert {"boundary-human", "boundary-first"} <= set(record.rules)
    assert record.findings == () or {each.where for each in record.findings} == {"languages"}


def test_driving_sets_its_thousand_to_one_against_the_cost_of_capturing():
    reasons = [each for each in decided("driving-perception").reasons if "domain=driving" in each.rests_on]
    assert len(reasons) == 1
    assert reasons[0].basis == "prior"
    assert "capturing" in reasons[0].text
    assert "not of rows against labels" in reasons[0].text


def test_a_language_with_few_recordings_gets_people_first():
    config, record = presets.read("speech-low-resource"), decided("speech-low-resource")
    assert config.facts.languages
    assert "language-measured" in record.rules
    assert any(config.facts.languages[0] in each for each in record.human_subset)


def test_preferences_stay_with_people():
    record = decided("preference-ranking")
    assert any(each.startswith("preferences:") for each in record.people_first)


def test_red_teaming_welcomes_attacks_and_leaves_harm_to_people():
    record = decided("red-teaming")
    assert any(each.startswith("attacks: generated") for each in record.synthetic_welcome)
    assert "whether a reply does harm" in record.people_first


def test_demonstrations_may_be_synthetic_and_need_no_boundary():
    record = decided("demo-data")
    assert any("demonstrations" in each for each in record.synthetic_welcome)
    assert not {"boundary-human", "loop-first", "personal-stays-personal"} & set(record.rules)


@pytest.mark.parametrize("name", ["content-moderation", "fraud", "preference-ranking", "red-teaming"])
def test_where_the_world_moves_a_working_loop_comes_before_volume(name):
    config = presets.read(name)
    values = {answer.question: answer.value for answer in config.six}
    assert "loop-first" in {rule.name for rule in binding(values, config.facts)}


@pytest.mark.parametrize(
    ("typed", "meant"), [("frauds", "fraud"), ("medical", "medical-imaging"), ("red-team", "red-teaming")]
)
def test_a_wrong_name_suggests_the_nearest(typed, meant):
    with pytest.raises(UnknownName, match=f"no preset is called '{typed}'") as caught:
        presets.read(typed)
    assert f"did you mean '{meant}'?" in caught.value.hint


@pytest.mark.parametrize("typed", ["", "../config", "/etc/passwd", "fraud.toml", "\0", "FRAUD"])
def test_a_name_is_never_a_path(typed):
    with pytest.raises(UnknownName, match="choose one of"):
        presets.read(typed)
