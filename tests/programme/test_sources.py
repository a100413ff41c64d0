"""The register of sources, and each way somebody may try around what it says: class, region, endpoint."""

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from sqlalchemy import update

from bimetal.errors import InputError, LogError, PolicyError, UnknownName
from bimetal.programme.checking import file_findings
from bimetal.programme.generation import Order, generate
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.signatures import Word, sign
from bimetal.programme.sources import (
    Source,
    SourceInput,
    may_reach,
    missing,
    nameless,
    personal_class,
    personal_standing,
    refuse_rewritten,
    register,
    register_generator,
    residual_risk,
    source,
    sources,
    unregistered,
)
from bimetal.programme.sources.spelling import allows
from bimetal.store import schema
from bimetal.types import UNKNOWN_LICENCE, Dataset, Finding, Origin, Recipe, Spec

CLINIC = Source("clinic", "production", personal_data="special", basis="consent", region="EU")
WEB = Source("web", "public", personal_data="none", region="any", licence="CC0-1.0")
JUDGE = Source("judge", "endpoint", accepts="pseudonymous", region="EU", url="https://judge.example/v1")
REAL = Declared("real", "human")


def rows(n=3, source="clinic", origin="real", recipe=None, start=0):
    return pa.table(
        {
            "id": [f"{source}-{start + i}" for i in range(n)],
            "x": [float(start + i) for i in range(n)],
            "label": ["c0"] * n,
            "item_origin": pa.array([origin] * n, pa.string()),
            "source": pa.array([source] * n, pa.string()),
            "recipe": pa.array([recipe] * n, pa.string()),
        }
    )


def relabelled(table):
    """Call real rows synthetic rows of a harmless source."""
    table = table.set_column(3, "item_origin", pa.array(["synthetic"] * 3))
    return table.set_column(4, "source", pa.array(["web"] * 3))


@pytest.fixture
def peopled(programme):
    for each in (CLINIC, WEB, JUDGE):
        register(programme, each)
    return programme


@pytest.fixture
def seeds(peopled):
    stored, _ = add(peopled, Arrival(rows(), "patients", "seed", "clinic", declared=REAL))
    return stored


@pytest.fixture
def made(peopled, seeds):
    """Return synthetic rows drawn from patients."""
    register_generator(peopled, Spec("generators", "smote"), "CC0-1.0", seeds.digest)
    return keep_made(peopled, "copies", 100, seeds.digest)


def keep_made(programme, name, start, seed_rows):
    recipe = Recipe(Spec("generators", "smote"), start, seed_rows)
    drawn = rows(source="bimetal:smote", origin="synthetic", recipe=recipe.digest, start=start)
    origin = Origin("synthetic", "bimetal:smote", "CC0-1.0", recipe)
    dataset = Dataset(name, drawn, programme.config.labelled, "train", origin)
    return programme.keep(dataset, "generated", recipe_digest=recipe.digest)


def checked(programme, name, verdict="pass", reference="patients", check="privacy"):
    found = file_findings(programme, [Finding(check, each, "measured") for each in verdict.split()])
    programme.record("checked", name, {"name": name, "reference": reference, "verdicts": {}, "findings": found})


def accept(programme, name, until=None):
    sign(programme, residual_risk(name), Word("Ana Ruiz", "the distances are far", until))


# The register


def test_the_same_again_is_a_look_up_and_a_change_keeps_the_old(programme):
    first = register(programme, WEB)
    assert register(programme, WEB) == first
    assert (first.action, first.subject, first.body["licence"]) == ("source.registered", "web", "CC0-1.0")
    with pytest.raises(InputError, match=r"licence of 'web' was said to be 'CC0-1.0', now 'MIT'; say why"):
        register(programme, replace(WEB, licence="MIT"))
    assert source(programme, "web") == WEB
    changed = register(programme, replace(WEB, licence="MIT"), "it was relicensed")
    assert changed.body == {"changed": {"licence": {"was": "CC0-1.0", "is": "MIT"}}, "reason": "it was relicensed"}
    assert source(programme, "web").licence == "MIT"
    refuse_rewritten(programme)
    assert programme.log.verify().size == 3


def test_what_was_unknown_is_filled_in_without_a_reason_but_in_the_log(programme):
    register(programme, Source("web", "public", inputs=(SourceInput("prompts", "a"),)))
    filled = Source("web", "public", licence="MIT", inputs=(SourceInput("prompts", "a"), SourceInput("prompts", "b")))
    assert set(register(programme, filled).body["changed"]) == {"licence", "inputs"}
    known = replace(filled, inputs=(SourceInput("prompts", "a", "MIT"), SourceInput("prompts", "b", "MIT")))
    register(programme, known)
    for now in ((), known.inputs[1:], (replace(known.inputs[0], licence="unknown"), known.inputs[1])):
        with pytest.raises(InputError, match="say why it changes"):
            register(programme, replace(known, inputs=now))


def test_names_that_differ_in_capitals_alone_and_names_nobody_gave_are_refused(peopled):
    with pytest.raises(InputError, match="'Clinic' differs from 'clinic' in capitals alone"):
        register(peopled, replace(CLINIC, name="Clinic", personal_data="none"))
    with pytest.raises(UnknownName, match="no source is called 'clinc'; did you mean 'clinic'"):
        source(peopled, "clinc")


def test_a_register_changed_behind_the_log_is_found(peopled):
    easier = replace(CLINIC, personal_data="none").json()
    refuse_rewritten(peopled)
    with pytest.raises(LogError, match="does not say of 'clinic' what the log says"):
        rewrite(peopled, "clinic", easier)


def rewrite(programme, name, said):
    import json

    table = schema.sources
    act = update(table).where(table.c.name == name).values(body=json.dumps(said))
    programme.state.write(lambda connection: connection.execute(act))
    refuse_rewritten(programme)


def test_a_full_source_and_its_change_fit_into_the_log(programme):
    inputs = tuple(SourceInput("prompts", "ก" * 150, f"L{i}") for i in range(29))
    long = dict.fromkeys(("origin", "collector", "claims"), "ก" * 1000)
    full = Source("full", "vendor", **long, inputs=inputs)
    register(programme, full)
    register(programme, Source("full", "vendor", origin="web", inputs=inputs[1:]), "x" * 2000)
    assert programme.log.verify().size == 3


def test_rows_are_counted_by_the_source_nobody_registered(peopled):
    table = rows(4, "web").set_column(4, "source", pa.array(["web", "Web", None, "nix"]))
    assert unregistered(peopled, table) == {"Web": 1, "": 1, "nix": 1}
    assert unregistered(peopled, table.drop_columns("source")) == {"": 4}
    assert unregistered(peopled, table.slice(0, 0)) == {}


def test_rows_held_here_without_a_source_are_found_with_a_way_out(peopled):
    add(peopled, Arrival(rows(source="nix"), "a", "train", "nix", declared=REAL))
    add(peopled, Arrival(rows(source="data/x.csv", start=9), "b", "train", "x", declared=REAL))
    found = nameless(peopled)
    assert [each.verdict for each in found] == ["fail", "fail"]
    assert found[0].remedy == "add them again with --source NAME, a name that stands in the register"
    assert found[1].message == "3 rows of a name 'nix', which is not in the register"
    assert found[1].remedy == "bimetal source add nix --kind KIND"


# Generators stand in the register by themselves


def test_a_generator_registers_itself_once(programme):
    generate(programme, Order(5, "drawn", 1))
    generate(programme, Order(5, "drawn", 1))
    held = source(programme, "bimetal:blobs")
    assert (held.kind, held.basis, held.personal_data, held.region) == ("generator", "not personal", "none", "any")
    assert unregistered(programme, programme.rows("train")) == {}
    assert len(list(programme.log.entries(action="source.registered"))) == 1
    assert {each.check for each in missing(held) if each.verdict == "fail"} <= {"source-licence"}


def test_a_generator_takes_the_class_and_region_of_its_seed_rows(peopled, seeds):
    register_generator(peopled, Spec("generators", "smote"), UNKNOWN_LICENCE)
    assert source(peopled, "bimetal:smote").personal_data == "none"
    register_generator(peopled, Spec("generators", "smote"), UNKNOWN_LICENCE, seeds.digest)
    held = source(peopled, "bimetal:smote")
    assert (held.personal_data, held.inputs) == ("special", (SourceInput("seed-rows", "patients"),))
    register_generator(peopled, Spec("generators", "smote"), UNKNOWN_LICENCE)
    assert source(peopled, "bimetal:smote").personal_data == "special"
    register_generator(peopled, Spec("generators", "jitter"), UNKNOWN_LICENCE, "f" * 64)
    assert source(peopled, "bimetal:jitter").personal_data == "unknown"


def test_what_a_person_said_of_a_generator_stands(programme):
    said = Source("bimetal:blobs", "generator", origin="simulator: ours", licence="MIT", personal_data="none")
    register(programme, said)
    generate(programme, Order(5, "drawn", 1))
    assert source(programme, "bimetal:blobs") == said


# Personal data stay personal


def test_the_highest_class_counts_and_unknown_is_personal(peopled):
    web, _ = add(peopled, Arrival(rows(source="web"), "w", "train", "web", declared=REAL))
    mixed, _ = add(peopled, Arrival(rows(source=None, start=5), "m", "train", "nobody", declared=REAL))
    assert personal_class(peopled, web) == "none"
    assert personal_class(peopled, mixed) == "personal"
    assert personal_standing(peopled, mixed).why == (
        "'nobody' is not in the register: unknown, so treated as personal",
    )
    register(peopled, Source("nobody", "public"))
    assert "does not say whether it holds personal data" in personal_standing(peopled, mixed).why[0]


def test_synthetic_rows_stay_what_they_were_made_from_until_checked_and_signed(peopled, made):
    assert personal_class(peopled, made) == "special"
    accept(peopled, "copies")
    assert personal_class(peopled, made) == "special", "signed before anything was measured"
    checked(peopled, "copies")
    assert personal_class(peopled, made) == "special", "the signature is older than the check"
    accept(peopled, "copies")
    assert personal_class(peopled, made) == "none"
    assert personal_standing(peopled, made).why == ("the privacy check passed and Ana Ruiz accepts the residual risk",)
    checked(peopled, "copies", "fail")
    assert personal_class(peopled, made) == "special", "a later check failed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "warn"},
        {"verdict": "fail"},
        {"verdict": "skip"},
        {"verdict": "pass warn"},
        {"verdict": "skip fail pass"},
        {"check": "licence"},
        {"reference": "web"},
        {"reference": None},
    ],
)
def test_a_check_that_did_not_look_or_did_not_pass_clears_nothing(peopled, made, wrong):
    checked(peopled, "copies", **wrong)
    accept(peopled, "copies")
    assert personal_class(peopled, made) == "special"


def test_a_check_or_signature_of_other_rows_clears_nothing(peopled, made, seeds):
    checked(peopled, "other")
    accept(peopled, "copies")
    checked(peopled, "copies")
    accept(peopled, "other")
    assert personal_class(peopled, made) == "special"
    accept(peopled, "copies")
    again = keep_made(peopled, "copies", 200, seeds.digest)
    assert personal_class(peopled, made) == "none"
    assert personal_class(peopled, again) == "special", "rows of the same name that nobody checked"


def test_a_check_looks_at_the_newest_rows_of_a_name_alone(peopled, made, seeds):
    again = keep_made(peopled, "copies", 200, seeds.digest)
    checked(peopled, "copies", "skip pass")
    accept(peopled, "copies")
    assert personal_class(peopled, made) == "special"
    assert personal_class(peopled, again) == "none"


def test_an_acceptance_that_ran_out_no_longer_holds(peopled, made):
    checked(peopled, "copies")
    accept(peopled, "copies", datetime(2026, 3, 1, 9, 1, tzinfo=UTC))
    assert personal_class(peopled, made) == "none"
    for _ in range(60):
        peopled.now()
    assert personal_class(peopled, made) == "special"


def test_real_rows_are_never_cleared(peopled, seeds):
    checked(peopled, "patients", reference="web")
    accept(peopled, "patients")
    assert personal_class(peopled, seeds) == "special"


def test_synthetic_rows_of_synthetic_rows_keep_the_class(peopled, made):
    register(peopled, Source("bimetal:jitter", "generator", personal_data="none", region="any"))
    second = rows(source="bimetal:jitter", origin="synthetic", start=300)
    origin = Origin("synthetic", "bimetal:jitter", "MIT", None, (made.digest,))
    stored = peopled.keep(Dataset("second", second, peopled.config.labelled, "train", origin))
    assert personal_class(peopled, stored) == "special"
    other = rows(source="bimetal:jitter", origin="synthetic", start=400)
    stranger = replace(origin, parents=("f" * 64,))
    lost = peopled.keep(Dataset("lost", other, peopled.config.labelled, "train", stranger))
    assert personal_class(peopled, lost) == "personal", "nobody knows what they were made from"


def test_rows_exported_and_brought_back_keep_the_class(peopled, made):
    easy = Source("friend", "vendor", personal_data="none", region="any")
    register(peopled, easy)
    back = peopled.snapshots.get(made.digest)
    renamed = back.set_column(4, "source", pa.array(["friend"] * 3))
    stored, _ = add(peopled, Arrival(renamed, "back", "train", "friend"))
    assert personal_class(peopled, stored) == "special"
    stored, _ = add(peopled, Arrival(renamed.drop_columns("recipe"), "bare", "train", "friend"))
    assert personal_class(peopled, stored) == "special"


def test_a_vendor_who_names_our_rows_as_seeds_passes_their_class_on(peopled, seeds):
    register(peopled, Source("v", "vendor", personal_data="none", inputs=(SourceInput("seed-rows", "patients"),)))
    register(peopled, Source("w", "vendor", personal_data="none", inputs=(SourceInput("seed-rows", "clinic"),)))
    for name in ("v", "w"):
        table = rows(source=name, origin="synthetic", start=900)
        stored, _ = add(peopled, Arrival(table, name, "train", name))
        assert personal_class(peopled, stored) == "special"


# What may be sent to an endpoint


def test_rows_reach_an_endpoint_registered_for_their_class_and_region(peopled):
    may_reach(peopled, rows(source="web"), "judge")
    register(peopled, replace(JUDGE, accepts="special"), "a contract was signed")
    may_reach(peopled, rows(), "judge")


@pytest.mark.parametrize("name", ["Judge", "JUDGE", "judge ", "", "clinic", "https://judge.example/v1", "j" * 10_000])
def test_only_a_registered_endpoint_is_reached(peopled, name):
    for table in (rows(source="web"), rows().slice(0, 0)):
        with pytest.raises(PolicyError, match=r"rule endpoint-registered: .* (no endpoint|is production)") as refusal:
            may_reach(peopled, table, name)
        assert refusal.value.hint
    may_reach(peopled, rows().slice(0, 0), "judge")


def test_a_refusal_names_the_rows_and_the_way_out(peopled):
    table = pa.concat_tables([rows(2, "web"), rows(3)])
    with pytest.raises(PolicyError) as refusal:
        may_reach(peopled, table, "judge")
    assert str(refusal.value) == (
        "rule endpoint-registered: rows reach an endpoint only if it is registered for their class and region; "
        "'clinic' holds special data, and 'judge' accepts pseudonymous data at most; "
        "3 rows break it: clinic-0, clinic-1, clinic-2; "
        "leave them out, or choose an endpoint registered with --accepts special"
    )


@pytest.mark.parametrize(
    "hide",
    [
        lambda table: table.drop_columns("source"),
        lambda table: table.set_column(4, "source", pa.nulls(3, pa.string())),
        lambda table: table.set_column(4, "source", pa.array([""] * 3)),
        lambda table: table.set_column(4, "source", pa.array(["Web"] * 3)),
        lambda table: table.set_column(4, "source", pa.array(["web "] * 3)),
        lambda table: table.set_column(4, "source", pa.array(["judge"] * 3)),
        lambda table: table.drop_columns("item_origin"),
        lambda table: table.set_column(3, "item_origin", pa.array(["synthetic"] * 3)),
        lambda table: table.set_column(3, "item_origin", pa.array(["Synthetic"] * 3)),
        relabelled,
        lambda table: relabelled(table).set_column(0, "id", pa.array(["p", "q", "r"])),
    ],
)
def test_personal_rows_in_disguise_are_held_back(peopled, seeds, hide):
    with pytest.raises(PolicyError, match="3 rows break it"):
        may_reach(peopled, hide(peopled.snapshots.get(seeds.digest).select(rows().column_names)), "judge")


def test_the_recipe_of_cleared_rows_does_not_clear_others(peopled, made):
    checked(peopled, "copies")
    accept(peopled, "copies")
    may_reach(peopled, peopled.snapshots.get(made.digest), "judge")
    recipe = peopled.snapshots.get(made.digest)["recipe"][0].as_py()
    with pytest.raises(PolicyError, match="holds special data"):
        may_reach(peopled, rows(source="web", origin="synthetic", recipe=recipe, start=700), "judge")


def test_prompts_derived_from_real_rows_go_where_those_may_go(peopled, seeds):
    prompts = pa.table({"text": ["rewrite: ..."], "item_origin": ["synthetic"], "source": ["web"]})
    may_reach(peopled, prompts, "judge")
    with pytest.raises(PolicyError, match="'clinic' holds special data"):
        may_reach(peopled, prompts, "judge", parents=(seeds.digest,))
    with pytest.raises(PolicyError, match="some rows name no source"):
        may_reach(peopled, prompts, "judge", parents=("f" * 64,))


@pytest.mark.parametrize(
    ("allowed", "asked", "may"),
    [
        ("EU", "EU", True),
        ("EU", "DE", True),
        ("EEA", "EU", True),
        ("EEA", "NO", True),
        ("EU", "NO", False),
        ("DE", "EU", False),
        ("EU", "EU,US", False),
        ("EU,US", "US", True),
        ("any", "TH", True),
        ("any", "any", True),
        ("EU", "any", False),
        ("EU", "unknown", False),
        ("unknown", "EU", False),
        ("local", "EU", False),
        ("unknown", "local", True),
    ],
)
def test_regions(allowed, asked, may):
    assert allows(allowed, asked) is may


def test_rows_stay_in_their_region(peopled):
    register(peopled, replace(WEB, region="US"), "it moved")
    with pytest.raises(PolicyError, match="'web' may be processed in US, and 'judge' runs in EU; 3 rows break it"):
        may_reach(peopled, rows(source="web"), "judge")
    register(peopled, Source("open", "public", personal_data="none"))
    with pytest.raises(PolicyError, match=r"'open' is not said to go anywhere.*source add open --region REGION"):
        may_reach(peopled, rows(source="open"), "judge")
    register(peopled, Source("here", "endpoint", accepts="special", region="local", url="http://localhost:8080"))
    may_reach(peopled, rows(source="open"), "here")


def test_an_endpoint_that_says_nothing_gets_nothing(peopled):
    register(peopled, Source("mute", "endpoint"))
    with pytest.raises(PolicyError, match=r"'mute' does not say where it runs.*source add mute --region REGION"):
        may_reach(peopled, rows(source="web"), "mute")
    register(peopled, Source("mute", "endpoint", region="EU"))
    may_reach(peopled, rows(source="web"), "mute")
    register(peopled, replace(CLINIC, name="ward", personal_data="pseudonymous"))
    with pytest.raises(PolicyError, match="'mute' does not say what it accepts"):
        may_reach(peopled, rows(source="ward"), "mute")


def test_the_register_is_read_by_name(peopled):
    assert list(sources(peopled)) == ["clinic", "judge", "web"]
