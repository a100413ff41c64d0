"""A record keeps its JSON, tells what moved since the last one, and reads well on every face."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bimetal.decision import QUESTIONS, Facts, Measurement, Vendor, decide, domains, from_json
from bimetal.decision.advice import PANEL
from bimetal.decision.comparison import difference
from bimetal.decision.page import page, path
from bimetal.errors import InputError
from bimetal.report import to_html, to_markdown, to_terminal
from bimetal.stats import items_needed
from bimetal.types import Answer

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
FACTS = Facts(
    "table", "fraud", ("en",), ("SG",), "personal", "SG", "yes", 900.0, 15.0, vendor=Vendor("Acme", row_price=0.01)
)
ANSWERS = tuple(
    Answer(name, value, "Ann Lee", AT, "memo 12")
    for name, value in {
        "grounded": "partly",
        "regulated": "yes",
        "stationary": "slow",
        "licence": "share-alike",
        "transfer": "equal",
        "cost": "unknown",
    }.items()
)
PILOT = Measurement("transfer", "helps", "+2.1 points at 200 labels", "pilot 3f2a", AT, (2, 3), "a third fewer labels")


@pytest.fixture
def record():
    return decide(ANSWERS, FACTS, (PILOT,))


def test_json_survives_a_file(record):
    assert from_json(json.loads(json.dumps(record.json()))) == record


def test_json_keys_are_documented(record):
    told = record.json()
    assert told["answers"]["transfer"] == {
        "value": "helps",
        "said_by": "pilot 3f2a",
        "at": AT.isoformat(),
        "evidence": "+2.1 points at 200 labels",
    }
    assert told["declared"]["transfer"]["value"] == "equal"
    assert told["version"] == 1
    assert set(told["reasons"][0]) == {"text", "basis", "rests_on", "source", "settles"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version 2, expected 1"),
        ({"mood": "good"}, "unknown key 'mood'"),
        ({"strategy": "guess"}, "strategy"),
        ({"ratio": "high"}, "ratio"),
        ({"answers": []}, "not tables by question"),
        ({"facts": {"smell": "sweet"}}, "facts: unknown key 'smell'"),
        ({"measurements": [{"question": "regulated", "value": "no", "words": "", "source": ""}]}, "cannot be measured"),
        ({"rules": [1]}, "expected text, got 1"),
    ],
)
def test_what_is_no_record_is_refused_with_its_path(record, change, words):
    with pytest.raises(InputError, match=words):
        from_json({**record.json(), **change})


@pytest.mark.parametrize("value", [{}, [], "record", None])
def test_what_is_nothing_like_a_record_is_refused(value):
    with pytest.raises(InputError, match="version None"):
        from_json(value)


def test_a_missing_key_is_named(record):
    told = {name: value for name, value in record.json().items() if name != "reasons"}
    with pytest.raises(InputError, match="reasons"):
        from_json(told)


def test_nothing_moves_between_a_record_and_itself(record):
    assert difference(record, record) == ()


def test_a_pilot_shows_as_a_difference():
    before = decide(ANSWERS, FACTS)
    after = decide(ANSWERS, FACTS, (PILOT,))
    told = difference(before, after)
    assert told[0].startswith("ratio: 0.5 to 4 synthetic rows per human label (prior) -> ")
    assert "transfer: equal -> helps (pilot 3f2a, +2.1 points at 200 labels)" in told
    assert any(line.startswith("reason gone: ") for line in told)
    assert any(line.startswith("reason new: transfer=helps: +2.1 points") for line in told)
    assert any(line.startswith("finding new: transfer is declared equal") for line in told)


def test_answers_facts_and_rules_that_moved_are_named():
    before = decide(ANSWERS, FACTS)
    calmer = tuple(dataclasses.replace(each, value="no") if each.question == "regulated" else each for each in ANSWERS)
    told = difference(before, decide(calmer, dataclasses.replace(FACTS, languages=(), miss_cost=None)))
    assert "rule binds no more: boundary-human" in told
    assert "rule binds no more: language-measured" in told
    assert "regulated: yes -> no (Ann Lee, memo 12)" in told
    assert "facts.languages: en -> not said" in told
    assert "facts.miss_cost: 900 -> not said" in told
    assert any(line.startswith("people label no more: the decision-boundary items") for line in told)


def test_new_evidence_for_the_same_answer_is_a_difference():
    vouched = tuple(dataclasses.replace(each, said_by="Bo") for each in ANSWERS[:1]) + ANSWERS[1:]
    (told,) = [line for line in difference(decide(ANSWERS), decide(vouched)) if "grounded" in line]
    assert told == "grounded: still partly, now by Bo, memo 12"


def test_a_difference_goes_both_ways():
    one, other = decide(ANSWERS, FACTS), decide(ANSWERS, FACTS, (PILOT,))
    assert {line.partition(":")[0].split()[0] for line in difference(one, other)} == {
        line.partition(":")[0].split()[0] for line in difference(other, one)
    }


def test_the_page_says_first_what_a_board_can_quote(record):
    laid = page(record, "Claims", AT, "Ann Lee")
    assert laid.answer == record.sentence
    assert laid.answer.startswith("Do both: ")
    assert laid.answer.count(". ") == 0
    assert "2026-11-22 10:00, signed by Ann Lee" in laid.subtitle
    assert "not signed" in page(record, "Claims", AT).subtitle


def test_every_face_carries_answers_reasons_and_rules(record):
    laid = page(record, "Claims", AT)
    console = Console(width=200, record=True, file=None, quiet=True)
    console.print(to_terminal(laid))
    for face in (to_html(laid), to_markdown(laid)):
        for words in ("memo 12", "boundary-human", "declared equal", "bimetal pilot", "What would change"):
            assert words in face, words


def test_the_path_shows_what_settles_and_nothing_else(record):
    figure = path(record)
    settling = [each for each in record.reasons if each.settles]
    assert f"{len(settling)} of {len(record.reasons)} reasons" in figure.caption
    shown = json.dumps(figure.spec["usermeta"])
    assert all(each.text in shown for each in settling)
    assert not any(each.text in shown for each in record.reasons if not each.settles)


def test_the_path_shows_what_a_pilot_would_allow():
    shown = json.dumps(path(decide((Answer("licence", "allows"),))).spec["usermeta"])
    assert "with a gain shown by a pilot: up to 1 synthetic row per human label" in shown


@pytest.mark.parametrize("domain", domains())
def test_every_domain_makes_a_page_whatever_its_transfer(domain):
    facts = Facts(domains()[domain].modality, domain, personal_data="none")
    for transfer in ("unknown", "equal", "harms"):
        made = page(decide((Answer("transfer", transfer),), facts), domain)
        assert domains()[domain].people[0] in to_markdown(made)


def test_the_vendor_is_compared_without_pretending_to_know():
    routes = decide((), Facts()).routes
    assert "6 questions are open" in routes.words
    assert all(each.leans == "open" for each in routes.criteria if each.ask)
    known = Vendor("Acme", "declared", "CC-BY-4.0", "yes", "yes", "yes", "yes", "SG", 0.01)
    facts = Facts(personal_data="none", simulator="in-house", build_cost=20_000, rows_wanted=30_000, vendor=known)
    told = {each.name: each for each in decide((), facts).routes.criteria}
    assert (told["cost"].leans, told["audit"].leans, told["replay"].leans) == ("vendor", "vendor", "even")
    assert "300 EUR for 30,000 rows" in told["cost"].vendor
    assert not decide((), facts).routes.questions


@pytest.mark.parametrize(
    ("vendor", "criterion", "leans"),
    [
        (Vendor(training_data="undeclared"), "provenance", "in-house"),
        (Vendor(replayable="no"), "replay", "in-house"),
        (Vendor(audit="no", indemnity="no"), "audit", "in-house"),
        (Vendor(audit="yes", indemnity="no"), "audit", "even"),
        (Vendor(deletion="no"), "personal data", "in-house"),
        (Vendor(output_licence="CC-BY-4.0"), "licence", "even"),
    ],
)
def test_each_vendor_fact_moves_its_criterion(vendor, criterion, leans):
    routes = decide((), Facts(vendor=vendor)).routes
    assert next(each for each in routes.criteria if each.name == criterion).leans == leans


def test_no_generator_planned_is_said_first():
    assert decide((), Facts(simulator="none")).routes.words.startswith("No generator exists")


def test_questions_and_answers_agree_with_the_record(record):
    assert list(record.values) == [question.name for question in QUESTIONS]


def test_measure_first_names_all_that_stands_in_the_way_and_what_a_pilot_would_allow():
    hopeful = decide((Answer("licence", "allows"),), Facts("image", "driving"))
    assert hopeful.sentence.endswith("would allow up to 1 synthetic row per human label.")
    blocked = decide((Answer("grounded", "no"),))
    assert "transfer to real items is not measured" in blocked.sentence
    assert "the contract is not known" in blocked.sentence
    assert "on your own machine until the contract is read" in blocked.first_experiment.words


def test_where_nothing_learns_the_record_begins_with_what_may_be_done_now():
    made_by_rule = (Answer("licence", "allows"), Answer("grounded", "yes"), Answer("regulated", "no"))
    demo = decide(made_by_rule, Facts("table", "demo"))
    assert demo.strategy == "measure first"
    assert demo.sentence.startswith("Generate now, marked as synthetic; measure before anything trains")
    assert demo.first_experiment.command.startswith("bimetal generate NAME")
    assert demo.first_experiment.command.endswith("bimetal check rows.parquet")
    assert "later" in demo.human_subset[0]
    assert not any("SMOTE" in each.text for each in demo.reasons)
    attacks = decide((Answer("grounded", "partly"),), Facts("text", "red-team"))
    assert attacks.sentence.startswith("Generate attacks now and have people judge the replies")
    assert "a pilot comes second" in attacks.first_experiment.words
    assert attacks.human_subset[0] == PANEL


@pytest.mark.parametrize("domain", ["demo", "red-team"])
def test_what_no_contract_lets_out_is_not_begun(domain):
    for answers in ((), (Answer("licence", "forbids"),), (Answer("licence", "forbids"), Answer("grounded", "no"))):
        record = decide(answers, Facts(domain=domain))
        assert record.sentence.startswith(("Measure first: ", "Label by people alone: "))
        assert "bimetal generate" not in record.first_experiment.command


def test_the_pilot_is_one_short_command_and_the_panel_is_sized_by_power():
    for domain in domains().values():
        found = decide((Answer("regulated", "no"),), Facts(domain=domain.name)).first_experiment
        assert "--sizes" not in found.command
        assert "--seeds" not in found.command
        assert "bimetal pilot alone does it" in found.words
        assert ("What counts is the rare class: 320 real items" in found.words) == (domain.metric == "recall_at_fpr")
    assert 310 < items_needed(0.05, 0.1) <= 320
    known = {"transfer": "unclear", "licence": "allows", "stationary": "yes"}
    again = decide(tuple(Answer(name, value) for name, value in known.items())).first_experiment
    assert "4,800 real items tells one point" in again.words
    assert again.command.endswith("--seeds 10")


def test_showing_waits_for_privacy_and_contract_and_not_for_a_measured_gain():
    told = decide((), Facts("table", "fraud", personal_data="personal")).synthetic_welcome
    (shared,) = [each for each in told if "share with a partner" in each]
    assert shared.startswith("privacy: ")
    assert shared.endswith("once the contract is read, the privacy check passes and somebody signs")
    read = decide((Answer("licence", "allows"),), Facts("text", "legal", personal_data="personal")).synthetic_welcome
    assert (
        "privacy: documents to show in place of clients' own, once the privacy check passes and somebody signs" in read
    )


@pytest.mark.parametrize("domain", ["medical-imaging", "legal", "driving"])
def test_no_attacker_is_named_where_nobody_attacks(domain):
    record = decide((Answer("regulated", "yes"),), Facts(domain=domain))
    told = " ".join((*record.human_subset, *record.synthetic_welcome))
    assert "attack" not in told
    assert "red-teaming" not in told


def test_reasons_come_in_the_order_they_weigh():
    cost = Measurement("cost", "similar", "cheapest in 55 % of draws", "simulation", AT)
    given = (Answer("transfer", "unknown"), Answer("regulated", "yes"), Answer("licence", "allows"))
    record = decide(given, Facts("text", "preference"), (cost,))
    assert record.reasons[0].source == "transfer-first"
    others = [each for each in record.reasons if not each.settles]
    assert [each.basis for each in others[:3]] == ["measured", "prior", "rule"]
    assert others[1].rests_on == ("domain=preference",)
    assert [each.settles for each in record.reasons] == sorted((each.settles for each in record.reasons), reverse=True)
