"""Every rule, and everything we could think of to get around it."""

from dataclasses import replace

import pyarrow as pa
import pytest

from bimetal.decision import BINDINGS
from bimetal.decision.boundary import Boundary
from bimetal.errors import InputError, PolicyError, UnknownName
from bimetal.programme import queue
from bimetal.programme.boundary import define
from bimetal.programme.generation import Order, generate
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.policy.judging import ENFORCED
from bimetal.programme.release import release
from bimetal.programme.signatures import Word, until, waive
from bimetal.programme.sources import Source, register
from bimetal.types import Annotation

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
