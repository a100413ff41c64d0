"""Every rule, and everything we could think of to get around it."""

from dataclasses import replace

import pyarrow as pa
import pytest

from bimetal.decision import BINDINGS
from bimetal.decision.boundary import Boundary, Threshold
from bimetal.errors import InputError, PolicyError, UnknownName
from bimetal.programme import queue
from bimetal.programme.boundary import define
from bimetal.programme.generation import Order, generate
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.policy.judging import ENFORCED
from bimetal.programme.release import release
from bimetal.programme.signatures import Word, sign, subject, until, waive
from bimetal.programme.sources import Source, register
from bimetal.programme.vendor import Delivery, deliver
from bimetal.types import Annotation, Spec

VOUCHED = Declared("real", "human")
ANA = Word("Ana Ruiz", "agreed with the board", until("2026-12-31"))
ELSEWHERE = {"panel-real", "panel-human", "endpoint-registered"}  # enforced where rows enter, or reach an endpoint
CALM = {
    "regulated": "no",
    "stationary": "yes",
    "transfer": "helps",
    "licence": "allows",
    "grounded": "yes",
    "cost": "similar",
}


def archive(name="archive", **more):
    facts = {
        "kind": "public",
        "origin": "https://example.org/archive",
        "collector": "the archive",
        "collected": "2025-01-01",
        "purpose": "research",
        "basis": "not personal",
        "personal_data": "none",
        "geography": "EU",
        "region": "any",
        "licence": "CC0-1.0",
    }
    return Source(name, **{**facts, **more})


@pytest.fixture
def calm(programme):
    """Return a programme whose answers bring about no rule beyond those that always bind."""
    settle(programme, **CALM)
    register(programme, archive())
    return programme


def settle(programme, **said):
    from bimetal.programme.config import Said

    answers = {**programme.config.answers, **{name: Said(value) for name, value in said.items()}}
    object.__setattr__(programme.config, "answers", answers)


def state(programme, **facts):
    object.__setattr__(programme.config, "facts", replace(programme.config.facts, **facts))


def bring(programme, rows, name="rows", role="train", **more):
    facts = {"source": "archive", "declared": VOUCHED, "licence": "CC0-1.0", **more}
    return add(programme, Arrival(rows, name, role, **facts))[0]


def made(programme, n=30, name="made", seed=3):
    return generate(programme, Order(n, name, seed))


def refused(programme, name, purpose="train", **more):
    with pytest.raises(PolicyError) as caught:
        release(programme, name, purpose, **more)
    last = list(programme.log.entries(action="release.refused"))[-1]
    assert last.body["why"] == str(caught.value)
    assert caught.value.hint or caught.value.faults
    return str(caught.value)


def test_every_rule_is_enforced_somewhere():
    assert set(ENFORCED) | ELSEWHERE == {each.name for each in BINDINGS}


def test_a_calm_programme_releases(calm, blobs):
    bring(calm, blobs(20))
    made(calm)
    for purpose in ("train", "share", "serve"):
        assert release(calm, "rows", purpose).rows.num_rows == 20
        assert release(calm, "made", purpose).rows.num_rows == 30


# --- source-registered


def test_a_source_not_in_the_register_warns_at_the_door_and_is_refused_at_release(calm, blobs):
    _, warnings = add(calm, Arrival(blobs(5), "rows", "train", "shoebox", declared=VOUCHED, licence="CC0-1.0"))
    assert any("source-registered" in each and "'shoebox'" in each for each in warnings)
    assert "source-registered" in refused(calm, "rows")
    register(calm, archive("shoebox"))
    release(calm, "rows", "train")


def test_one_row_with_a_source_of_its_own_is_enough(calm, blobs):
    rows = blobs(5).append_column("source", pa.array(["archive"] * 4 + ["Archive "]))
    bring(calm, rows)
    assert "source-registered" in refused(calm, "rows")


def test_generators_register_themselves(calm):
    made(calm)
    release(calm, "made", "train")


# --- licence-inherited


def test_unknown_licences_warn_at_the_door_and_bind_at_release(calm, blobs):
    register(calm, archive("attic", licence="unknown"))
    _, warnings = add(calm, Arrival(blobs(5), "rows", "train", "attic", declared=VOUCHED))
    assert any("licence-inherited" in each for each in warnings)
    for purpose in ("train", "share"):
        assert "licence-inherited" in refused(calm, "rows", purpose)


def test_a_register_that_knows_the_licence_speaks_for_its_rows(calm, blobs):
    bring(calm, blobs(5), licence="unknown")
    release(calm, "rows", "share")


def test_a_row_that_says_more_than_the_register_is_not_overruled(calm, blobs):
    bring(calm, blobs(5), licence="CC-BY-NC-4.0")
    state(calm, commercial="yes")
    assert "licence-inherited" in refused(calm, "rows")


def test_a_licence_cannot_be_waived(calm, blobs):
    bring(calm, blobs(5), licence="our lawyer said fine")
    with pytest.raises(PolicyError, match="cannot be waived"):
        waive(calm, "licence-inherited", "rows", ANA)
    refused(calm, "rows", "share")


def test_what_stands_behind_a_source_counts(calm, blobs):
    from bimetal.programme.sources import SourceInput

    behind = SourceInput("training-data", "crawl", "unknown")
    register(calm, archive("vendor", kind="vendor", inputs=(behind,)))
    bring(calm, blobs(5), source="vendor")
    assert "licence-inherited" in refused(calm, "rows", "share")


# --- panel-sealed


def test_a_panel_is_sealed_from_training_even_with_a_waiver(calm, blobs):
    bring(calm, blobs(5), "panel", "panel")
    with pytest.raises(PolicyError, match="cannot be waived"):
        waive(calm, "panel-sealed", "panel", ANA)
    assert "panel-sealed" in refused(calm, "panel")
    release(calm, "panel", "share")


# --- boundary-first, boundary-human


@pytest.fixture
def regulated(calm):
    settle(calm, regulated="yes")
    object.__setattr__(calm.config, "boundary", Boundary(random_share=0.0))
    return calm


def test_rows_generated_before_the_boundary_stood_are_refused(regulated, blobs):
    made(regulated)
    assert "boundary-first" in refused(regulated, "made")
    define(regulated, model=False)
    assert "boundary-first" in refused(regulated, "made")
    made(regulated, name="anew", seed=4)
    assert "boundary-first" not in refused(regulated, "anew")


@pytest.mark.parametrize("origin", ["programmatic", "model", "replayed", "construction"])
def test_labels_nobody_gave_never_satisfy_the_boundary(regulated, blobs, origin):
    define(regulated, model=False)
    rows = (
        blobs(5).append_column("label_origin", pa.array([origin] * 5)).append_column("annotator", pa.array(["Ana"] * 5))
    )
    bring(regulated, rows)
    assert "boundary-human" in refused(regulated, "rows", "train")


def test_a_vouched_table_without_names_does_not_satisfy_the_boundary(regulated, blobs):
    define(regulated, model=False)
    bring(regulated, blobs(5))
    assert "boundary-human" in refused(regulated, "rows")
    named = blobs(5, seed=1).append_column("annotator", pa.array(["Ana Ruiz"] * 4 + [" "]))
    bring(regulated, named, "named")
    assert "1 row breaks it: row-1-4" in refused(regulated, "named")
    left = release(regulated, "named", "train", leave_out=True)
    assert (left.rows.num_rows, left.left_out) == (4, 1)
    assert left.rows["boundary"].null_count == 0


def asked_and_answered(programme, rows, kind):
    if not queue.queued(programme, "rows"):
        queue.send(programme, "rows", [(item, "first", 1.0) for item in rows["id"].to_pylist()], 0)
    at = programme.now()
    said = zip(rows["id"].to_pylist(), rows["label"].to_pylist(), strict=True)
    queue.answer(programme, [Annotation(f"{kind}-{item}", item, "Ana Ruiz", kind, label, at) for item, label in said])


def test_answers_given_here_satisfy_it_and_models_answers_do_not(regulated, blobs):
    define(regulated, model=False)
    rows = blobs(5)
    bring(regulated, rows)
    asked_and_answered(regulated, rows, "model")
    assert "boundary-human" in refused(regulated, "rows")
    asked_and_answered(regulated, rows, "human")
    release(regulated, "rows", "train")


def test_a_label_changed_after_the_answer_is_nobodys(regulated, blobs):
    define(regulated, model=False)
    rows = blobs(5)
    wrong = rows.set_column(rows.column_names.index("label"), "label", pa.array(["c0", "c1", "c2", "c0", "c1"]))
    bring(regulated, wrong)
    asked_and_answered(regulated, rows, "human")
    assert "boundary-human" in refused(regulated, "rows")


def test_unknown_regulation_binds_like_a_known_one(calm, blobs):
    settle(calm, regulated="unknown")
    bring(calm, blobs(5))
    assert "boundary-human" in refused(calm, "rows")


# --- volume-measured, loop-first


def test_synthetic_rows_do_not_train_before_transfer_is_measured(calm, blobs):
    settle(calm, transfer="unknown")
    made(calm)
    assert "volume-measured" in refused(calm, "made")
    assert "volume-measured" in refused(calm, "made", "serve")
    settle(calm, transfer="unclear")
    assert "could not tell" in refused(calm, "made")
    settle(calm, transfer="harms")
    assert "lower the score" in refused(calm, "made")


def test_more_synthetic_rows_than_labels_wait_for_the_loop(calm, blobs):
    settle(calm, stationary="no")
    bring(calm, blobs(20))
    made(calm, 30)
    assert "10 rows break it" in refused(calm, "made")
    assert release(calm, "made", "train", leave_out=True).rows.num_rows == 20


def test_volume_is_counted_over_all_that_left(calm, blobs):
    settle(calm, stationary="no")
    bring(calm, blobs(20))
    made(calm, 15, "one", 5)
    made(calm, 15, "two", 6)
    release(calm, "one", "train")
    assert "10 rows break it" in refused(calm, "two")
    settle(calm, stationary="yes")
    release(calm, "two", "train")


def test_rows_that_hide_their_origin_count_as_synthetic(calm, blobs):
    settle(calm, transfer="unknown")
    bring(calm, blobs(5), declared=Declared("undeclared", "human"))
    told = refused(calm, "rows")
    assert "origin-known" in told
    assert "volume-measured" in told


# --- language-measured


def test_a_language_nobody_measured_gets_people_first(calm, blobs):
    state(calm, languages=("th",))
    made(calm)
    assert "no pilot measured th" in refused(calm, "made")
    calm.record("pilot.finished", "panel", {"transfer": "helps", "answer": "", "languages": ["en"]})
    assert "no pilot measured th" in refused(calm, "made")
    calm.record("pilot.finished", "panel", {"transfer": "helps", "answer": "", "languages": ["th"]})
    release(calm, "made", "train")


# --- personal-stays-personal


def test_personal_rows_are_not_shared(calm, blobs):
    state(calm, personal_data="personal")
    register(calm, archive("clinic", personal_data="special", basis="consent"))
    bring(calm, blobs(5), source="clinic")
    assert "personal-stays-personal" in refused(calm, "rows", "share")
    release(calm, "rows", "train")


# --- waivers


def test_a_waiver_lets_one_dataset_through_until_it_ends(calm, blobs):
    settle(calm, transfer="unknown")
    made(calm)
    made(calm, name="other", seed=9)
    waive(
        calm, "volume-measured", "made", Word("Ana Ruiz", "a warm start", calm.now().replace(year=2026, month=3, day=2))
    )
    released = release(calm, "made", "train")
    assert [each.rule.name for each in released.waived] == ["volume-measured"]
    assert "volume-measured" in next(iter(calm.log.entries(action="released"))).body["waived"]
    refused(calm, "other")


def test_a_waiver_that_is_over_waives_nothing(programme, blobs):
    settle(programme, **{**CALM, "transfer": "unknown"})
    made(programme)
    soon = programme.now()
    from datetime import timedelta

    waive(programme, "volume-measured", "made", Word("Ana Ruiz", "a warm start", soon + timedelta(seconds=3)))
    for _ in range(5):
        programme.now()
    refused(programme, "made")


def test_waivers_name_rules_and_datasets_that_exist(calm, blobs):
    made(calm)
    with pytest.raises(UnknownName, match="loop-first"):
        waive(calm, "loop-frist", "made", ANA)
    with pytest.raises(InputError, match="no dataset is called 'maed'"):
        waive(calm, "loop-first", "maed", ANA)


def test_rows_that_come_later_under_the_same_name_need_a_waiver_of_their_own(calm):
    settle(calm, transfer="unknown")
    made(calm, 5)
    waive(calm, "volume-measured", "made", ANA)
    release(calm, "made", "train")
    made(calm, 500, seed=9)
    assert "volume-measured" in refused(calm, "made")


def test_a_refusal_names_a_command_that_waives(calm):
    settle(calm, transfer="unknown")
    made(calm)
    with pytest.raises(PolicyError) as caught:
        release(calm, "made", "train")
    assert "bimetal waive volume-measured --dataset made --by NAME --reason WHY --until" in caught.value.hint


@pytest.mark.parametrize("rule", ["origin-known", "labels-known", "source-registered"])
def test_what_a_named_person_waived_leaves(calm, blobs, rule):
    origins = Declared("real" if rule == "labels-known" else "undeclared", "undeclared")
    bring(calm, blobs(3), declared=origins, source="nowhere")
    for each in ("origin-known", "labels-known", "source-registered"):
        refused(calm, "rows")
        waive(calm, each, "rows", ANA)
    assert release(calm, "rows", "train").rows.num_rows == 3


@pytest.mark.parametrize("name", ["*", "", " rows", "a:b", "a\nb"])
def test_no_dataset_is_called_like_a_waiver_for_everything(calm, blobs, name):
    with pytest.raises(InputError, match="is no name for a dataset"):
        bring(calm, blobs(3), name)


# --- getting around a rule by leaving and coming back


def exported(programme, name, *columns):
    rows = release(programme, name, "share").rows
    return rows.select(["id", "x", "y", "label", *columns])


def test_synthetic_rows_do_not_come_back_as_real_ones(calm, blobs):
    made(calm)
    rows = exported(calm, "made").set_column(0, "id", pa.array([f"new-{i}" for i in range(30)]))
    _, warnings = add(calm, Arrival(rows, "laundered", "train", "archive", None, "CC0-1.0", VOUCHED))
    assert "copies of rows drawn before: made" in warnings[0]
    assert "origin-known" in refused(calm, "laundered")


def test_real_rows_a_generator_happened_to_copy_stay_real(calm, blobs):
    real = blobs(5)
    bring(calm, real)
    bring(calm, real, "drawn", declared=Declared("synthetic", "construction"))
    release(calm, "rows", "train")


def test_a_synthetic_file_does_not_vouch_for_its_own_labels(regulated, blobs):
    define(regulated, model=False)
    n = 5
    forged = blobs(n).append_column("item_origin", pa.array(["synthetic"] * n))
    forged = forged.append_column("label_origin", pa.array(["human"] * n)).append_column(
        "annotator", pa.array(["A"] * n)
    )
    assert "labels-known" in refused(regulated, bring(regulated, forged, "forged").name)
    vouched = bring(regulated, forged.slice(0, 3), "vouched", declared=Declared("synthetic", "human"))
    assert regulated.load(vouched).rows["label_origin"].to_pylist() == ["human"] * 3


def test_demo_rows_and_what_was_learned_from_them_never_leave(calm):
    demo = Order(60, "try", 1, spec=Spec("generators", "demo", {"kind": "customers"}))
    held = generate(calm, demo)
    assert "demo-stays" in refused(calm, "try")
    learned = Order(20, "learned", 1, spec=Spec("generators", "table"), seed_rows=held.digest)
    generate(calm, learned)
    assert "demo-stays" in refused(calm, "learned")


def test_vendors_rows_leave_without_a_recipe_of_ours_and_our_own_do_not(calm, blobs):
    from bimetal.programme.sources import SourceInput

    behind = SourceInput("training-data", "forms", "CC0-1.0")
    register(calm, archive("acme", kind="vendor", contract="a" * 64, claims="none", inputs=(behind,)))
    deliver(calm, Delivery(blobs(4), "bought", "acme", declared=Declared("synthetic", "construction")))
    sign(calm, subject(calm, "quarantine:bought"), ANA)
    assert release(calm, "bought", "train").rows.num_rows == 4
    made(calm)
    bring(calm, blobs(4, seed=1), "drawn", source="bimetal:blobs", declared=Declared("synthetic", "construction"))
    assert "without a known recipe" in refused(calm, "drawn")


def test_an_answer_counts_for_the_item_that_was_shown_not_for_its_id(regulated, blobs):
    define(regulated, model=False)
    shown = blobs(5)
    bring(regulated, shown)
    asked_and_answered(regulated, shown, "human")
    other = blobs(5, seed=1).set_column(0, "id", shown["id"]).set_column(3, "label", shown["label"])
    bring(regulated, other, "other")
    assert "5 rows break it" in refused(regulated, "other")


@pytest.mark.parametrize("who", ["unknown", "N/A", "root", "7", "gpt"])
def test_annotators_have_names(regulated, blobs, who):
    define(regulated, model=False)
    bring(regulated, blobs(3).append_column("annotator", pa.array([who] * 3)))
    if who == "gpt":
        release(regulated, "rows", "train")  # a name like any other: it is the word of whoever declared it
    else:
        assert "labelled without a named person: 3 by people without a name" in refused(regulated, "rows")


def test_a_table_of_answers_may_say_that_a_model_gave_them(regulated, blobs):
    define(regulated, model=False)
    rows = blobs(4)
    bring(regulated, rows)
    queue.send(regulated, "rows", [(item, "first", 1.0) for item in rows["id"].to_pylist()], 0)
    told = rows.select(["id", "label"]).append_column("annotator", pa.array(["Ana Ruiz"] * 4))
    table = told.append_column("actor_kind", pa.array(["model", "Model ", "replayed", None]))
    queue.answer(regulated, queue.answers_from(regulated, table))
    assert "3 rows break it" in refused(regulated, "rows")
    with pytest.raises(InputError, match="actor_kind says 'person'"):
        queue.answers_from(regulated, told.append_column("actor_kind", pa.array(["person"] * 4)))


# --- getting around a rule by changing what it goes by


def test_a_narrower_definition_drops_no_row_that_came_before_it(regulated, blobs):
    define(regulated, model=False)
    bring(regulated, blobs(5), "before")
    far = Boundary((Threshold("x", 1e6, 2e6),), random_share=0.0)
    object.__setattr__(regulated.config, "boundary", far)
    define(regulated, model=False)
    assert "5 rows break it" in refused(regulated, "before")
    bring(regulated, blobs(5, seed=1), "after")
    assert release(regulated, "after", "train").rows["boundary"].null_count == 5


def test_tau_is_not_calibrated_on_synthetic_rows_or_on_models_labels(regulated, blobs):
    bring(regulated, blobs(40))
    made(regulated, 40)
    bring(regulated, blobs(40, seed=1), "guessed", declared=Declared("real", "model"))
    for name in ("made", "guessed"):
        with pytest.raises(InputError, match=r"40 rows of .* are not real rows that people labelled"):
            define(regulated, name)


def test_a_register_that_knows_of_people_is_not_talked_down_by_bimetal_toml(calm, blobs):
    state(calm, personal_data="none")
    register(calm, archive("clinic", personal_data="special", basis="consent"))
    bring(calm, blobs(5), source="clinic")
    assert "personal-stays-personal" in refused(calm, "rows", "share")


def test_labels_count_once_however_often_they_are_added(calm, blobs):
    settle(calm, stationary="no")
    bring(calm, blobs(20))
    bring(calm, blobs(20), "again")
    made(calm, 30)
    assert "10 rows break it" in refused(calm, "made")


def test_namesakes_count_toward_the_volume(calm, blobs):
    settle(calm, stationary="no")
    bring(calm, blobs(20))
    made(calm, 20)
    release(calm, "made", "train")
    made(calm, 20, seed=8)
    assert "20 rows break it" in refused(calm, "made")


def test_a_release_says_under_which_answers_it_was_judged(calm):
    settle(calm, transfer="unknown")
    made(calm)
    refused(calm, "made")
    settle(calm, transfer="helps")
    release(calm, "made", "train")
    before, after = (next(iter(calm.log.entries(action=each))).body for each in ("release.refused", "released"))
    assert (before["answers"]["transfer"], after["answers"]["transfer"]) == ("unknown", "helps")
    assert before["decision"] == 0
    assert set(before["rules"]) - set(after["rules"]) == {"volume-measured"}


def test_an_empty_table_does_not_enter(calm, blobs):
    with pytest.raises(InputError, match="no rows"):
        bring(calm, blobs(3).slice(0, 0))


def test_personal_rows_stay_personal_under_another_name_and_source(calm, blobs):
    state(calm, personal_data="none")
    register(calm, archive("clinic", personal_data="special", basis="consent"))
    bring(calm, blobs(5), source="clinic")
    both = pa.concat_tables([blobs(5), blobs(7, seed=1)])
    bring(calm, both.set_column(0, "id", pa.array([f"new-{i}" for i in range(12)])), "renamed")
    assert "5 rows break it: new-0" in refused(calm, "renamed", "share")
    assert release(calm, "renamed", "share", leave_out=True).rows.num_rows == 7


def test_a_model_behind_a_generator_of_ones_own_counts_beside_its_seed_rows(calm, blobs):
    from bimetal.plugins import make, spec_of
    from bimetal.programme.sources import SourceInput

    seeds = bring(calm, blobs(40))
    model = SourceInput("generator-model", "a model", "CC-BY-NC-4.0")
    register(calm, archive("bimetal:jitter", kind="generator", inputs=(model,)))
    jitter = spec_of(make(Spec("generators", "jitter")))
    generate(calm, Order(5, "drawn", 1, spec=jitter, seed_rows=seeds.digest))
    assert "a model (generator model)" in refused(calm, "drawn", "share")


def test_a_source_that_owes_a_fact_is_no_source_yet(calm, blobs):
    register(calm, Source("acme", "vendor", origin="delivery 1", licence="CC0-1.0", personal_data="none"))
    bring(calm, blobs(5), source="acme")
    assert "'acme' owes a fact: no contract stands behind it" in refused(calm, "rows")
