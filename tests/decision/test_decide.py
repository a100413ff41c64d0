"""Every combination of the six answers gives a consistent record, and caution never raises the synthetic share."""

import itertools

import pytest

from bimetal.canonical import canonical_json
from bimetal.decision import QUESTIONS, RULES, DecisionRecord, Facts, decide, from_json, priors
from bimetal.decision.record import ratio_words
from bimetal.errors import InputError
from bimetal.types import Answer

NAMES = [question.name for question in QUESTIONS]
COMBINATIONS = list(itertools.product(*(question.values for question in QUESTIONS)))
# from the boldest answer to the most cautious
CAUTION = {
    "regulated": ("no", "yes"),
    "stationary": ("yes", "slow", "no"),
    "transfer": ("equal", "helps", "unclear", "harms"),
    "cost": ("synthetic", "similar", "human"),
    "grounded": ("yes", "partly", "no"),
    "licence": ("allows", "share-alike", "forbids"),
}
COUNTS_AS = {"regulated": "yes", "stationary": "no", "grounded": "no", "licence": "forbids", "transfer": "harms"}
TOWARDS_SYNTHETIC = {"human only": 0, "measure first": 0, "hybrid": 1, "synthetic only": 2}


def answered(values: tuple[str, ...]) -> tuple[Answer, ...]:
    return tuple(Answer(name, value) for name, value in zip(NAMES, values, strict=True))


def lets(record: DecisionRecord) -> tuple[float, float, int]:
    return (*record.ratio, TOWARDS_SYNTHETIC[record.strategy])


def never_more(careful: DecisionRecord, bold: DecisionRecord) -> bool:
    return all(a <= b for a, b in zip(lets(careful), lets(bold), strict=True))


@pytest.fixture(scope="module")
def records() -> dict[tuple[str, ...], DecisionRecord]:
    return {values: decide(answered(values)) for values in COMBINATIONS}


def changed(values: tuple[str, ...], question: str, value: str) -> tuple[str, ...]:
    place = NAMES.index(question)
    return (*values[:place], value, *values[place + 1 :])


def _hoped(values, records) -> bool:
    return records[changed(values, "transfer", "helps")].ratio[1] > 0


def test_what_to_expect_is_what_a_helping_pilot_would_allow(records):
    for values, record in records.items():
        if record.expected:
            assert record.expected == records[changed(values, "transfer", "helps")].ratio


def test_all_combinations_are_here(records):
    assert len(records) == 4 * 3 * 4 * 4 * 5 * 4 == 3840


def test_each_record_is_consistent_and_complete(records):
    for values, record in records.items():
        low, high = record.ratio
        assert 0 <= low <= high < float("inf"), values
        assert (record.strategy in {"human only", "measure first"}) == (high == 0), values
        assert tuple(answer.value for answer in record.answers) == values
        assert record.human_subset
        assert record.synthetic_welcome
        assert record.people_first
        assert record.would_change
        assert record.rules
        assert record.first_experiment.words
        assert record.first_experiment.command or record.strategy == "human only"
        assert record.sentence.endswith(".")
        assert record.ratio_reason in record.sentence or record.strategy == "synthetic only"
        claimed = values[NAMES.index("transfer")] != "unknown"  # no evidence is given here
        assert [each.where for each in record.findings] == ["transfer"] * claimed
        settled = values[NAMES.index("transfer")] not in {"unknown", "unclear"}
        assert (record.expected is None) == (settled or record.strategy == "human only" or not _hoped(values, records))


def test_each_reason_rests_on_answers_given_and_names_its_source(records):
    named = {rule.name for rule in RULES}
    published = {prior.name: prior.source for prior in priors()}
    for values, record in records.items():
        given = {f"{name}={value}" for name, value in zip(NAMES, values, strict=True)}
        given |= {"personal_data=unknown", "commercial=unknown", "costlier_failure=unknown"}
        given |= {f"{name}=not named" for name in ("modality", "jurisdictions", "runs_in")}
        assert any(reason.settles for reason in record.reasons), values
        assert {name.partition("=")[0] for reason in record.reasons for name in reason.rests_on} >= set(NAMES)
        for reason in record.reasons:
            assert set(reason.rests_on) <= given
            assert reason.rests_on or reason.basis == "prior"
            match reason.basis:
                case "rule":
                    assert reason.source in named
                case "prior":
                    name, _, source = reason.source.partition(": ")
                    assert published[name] == source
                case _:
                    assert (reason.basis, reason.source) == ("answer", "no evidence given")


@pytest.mark.parametrize("question", CAUTION)
def test_caution_never_raises_ratio_or_strategy(records, question):
    order = CAUTION[question]
    for values, record in records.items():
        value = values[NAMES.index(question)]
        for careful in order[order.index(value) + 1 :] if value in order else ():
            assert never_more(records[changed(values, question, careful)], record), (values, careful)


def test_unmeasured_transfer_never_allows_more_than_any_measured_one(records):
    for values, record in records.items():
        unmeasured = records[changed(values, "transfer", "unknown")]
        assert unmeasured.ratio == (0.0, 0.0)
        assert never_more(unmeasured, record)


@pytest.mark.parametrize("question", NAMES)
def test_an_unknown_answer_never_allows_more_than_the_best_known_one(records, question):
    for values, record in records.items():
        known = [records[changed(values, question, value)] for value in CAUTION[question]]
        unknown = records[changed(values, question, "unknown")]
        assert any(never_more(unknown, each) for each in known)
        assert never_more(unknown, records[changed(values, question, CAUTION[question][0])]), record


@pytest.mark.parametrize("question", COUNTS_AS)
def test_an_unknown_answer_allows_no_more_than_the_strictest_reading(records, question):
    for values in COMBINATIONS:
        unknown = records[changed(values, question, "unknown")]
        strict = records[changed(values, question, COUNTS_AS[question])]
        assert never_more(unknown, strict), values
        assert unknown.review.months <= strict.review.months


def test_the_next_review_comes_no_later_where_there_is_more_to_lose(records):
    for values, record in records.items():
        for question, careful in (("regulated", "yes"), ("stationary", "slow"), ("stationary", "no")):
            value = values[NAMES.index(question)]
            order = CAUTION[question]
            if value in order and order.index(value) < order.index(careful):
                assert records[changed(values, question, careful)].review.months <= record.review.months


def test_hard_rules_hold_whatever_else_is_said(records):
    for values, record in records.items():
        said = dict(zip(NAMES, values, strict=True))
        if said["regulated"] != "no":
            assert any("decision-boundary" in each for each in record.human_subset)
            assert record.strategy != "synthetic only"
        if said["transfer"] == "unknown" and (said["licence"], said["grounded"]) != ("forbids", "no"):
            assert record.strategy == "measure first"
        if said["licence"] in {"forbids", "unknown"} and said["grounded"] in {"no", "unknown"}:
            assert record.ratio[1] == 0
        if said["stationary"] in {"no", "unknown"}:
            assert record.ratio[1] <= 1


def _told(record):
    """Read what would change back: questions and values to what they lead to, one answer or two at a time."""
    found = {}
    for line in record.would_change:
        where, _, then = line.partition(": ")
        parts = [part.partition("=") for part in where.split(" and ")]
        for chosen in itertools.product(*(values.replace(" or ", ", ").split(", ") for _, _, values in parts)):
            found[tuple(zip((name for name, _, _ in parts), chosen, strict=True))] = then
    return found


def _with(values, answers, records):
    for question, value in answers:
        values = changed(values, question, value)
    return records[values]


def test_what_would_change_the_decision_is_exactly_what_does(records):
    for values in COMBINATIONS[::7]:
        record = records[values]
        each = [((question.name, value),) for question in QUESTIONS for value in question.values]
        now = (record.strategy, record.ratio)
        moved = {one for one in each if lets(_with(values, one, records)) != lets(record)}
        moved |= {one for one in each if _with(values, one, records).strategy != record.strategy}
        told = {} if record.would_change[0].startswith("no one") else _told(record)
        assert {answers for answers in told if len(answers) == 1} == moved
        for answers, then in told.items():
            other = _with(values, answers, records)
            assert (other.strategy, other.ratio) != now
            assert then == f"{other.strategy}, {ratio_words(other.ratio)}"


def test_two_answers_are_named_only_where_no_one_answer_reaches_a_hybrid(records):
    reached = 0
    for values in COMBINATIONS[::3]:
        record = records[values]
        each = [((question.name, value),) for question in QUESTIONS for value in question.values]
        alone = any(_with(values, one, records).ratio[1] for one in each)
        told = {} if record.would_change[0].startswith("no one") else _told(record)
        pairs = [answers for answers in told if len(answers) == 2]
        assert len(pairs) <= 2
        assert not (pairs and alone)
        assert all(_with(values, pair, records).ratio[1] > 0 for pair in pairs)
        reached += bool(pairs)
    assert reached


def test_the_pair_that_contradicts_least_comes_first():
    unread = {"grounded": "no", "regulated": "yes", "stationary": "no", "licence": "unknown", "transfer": "unknown"}
    told = decide(tuple(Answer(name, value) for name, value in unread.items())).would_change
    pairs = [line for line in told if " and " in line]
    assert pairs == [told[0]] == ["licence=allows and transfer=helps: hybrid, up to 1 synthetic row per human label"]


def test_every_hard_rule_and_every_strategy_is_reached(records):
    sources = {reason.source for record in records.values() for reason in record.reasons}
    of_facts = {"each-language", "side-of-misses", "side-of-alarms"}
    assert {rule.name for rule in RULES} - sources == of_facts
    reached = {
        reason.source
        for facts in (Facts(languages=("th",), miss_cost=9, false_alarm_cost=1), Facts(miss_cost=1, false_alarm_cost=9))
        for reason in decide((), facts).reasons
    }
    assert of_facts <= reached
    assert {record.strategy for record in records.values()} == set(TOWARDS_SYNTHETIC)


def test_records_survive_json(records):
    for record in list(records.values())[::97]:
        assert from_json(record.json()) == record
        assert canonical_json(record.json())


def test_nothing_known_means_measure_first():
    record = decide(())
    assert record.strategy == "measure first"
    assert "bimetal pilot" in record.first_experiment.command


def test_no_pilot_is_asked_for_where_nothing_may_be_generated():
    record = decide((Answer("licence", "forbids"), Answer("grounded", "no")))
    assert record.strategy == "human only"
    assert "agreement" in record.first_experiment.words


def test_a_mapping_and_a_tuple_say_the_same():
    given = (Answer("transfer", "helps", said_by="Ann"), Answer("licence", "allows"))
    assert decide(given) == decide({answer.question: answer for answer in given})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((Answer("transfer", "great"),), "expected one of: equal, helps, unclear, harms, unknown"),
        ((Answer("mood", "good"),), "answer these: grounded, regulated"),
        ((Answer("cost", "human"), Answer("cost", "similar")), "answered twice"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_the_way_out(answers, words):
    with pytest.raises(InputError, match=words):
        decide(answers)


def test_every_question_explains_itself_to_several_domains():
    for question in QUESTIONS:
        assert question.text.endswith("?")
        assert question.why
        assert len(question.examples) >= 3
        assert all(": " in example for example in question.examples)
        assert "unknown" in question.values
        assert all(question.values.values())
