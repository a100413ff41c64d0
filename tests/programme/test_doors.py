"""A generator that asks a model, inside a programme and outside: recorded, replayed, priced, kept to the register."""

from dataclasses import replace

import pyarrow as pa
import pytest

from bimetal.endpoints import Budget, Endpoint, recorded, records, totals
from bimetal.errors import EndpointError, InputError, PolicyError, StoreError
from bimetal.generators import draw, licence_of, recipe_for
from bimetal.plugins import make
from bimetal.programme.doors import Doors, answers, bound, ledger_beside, spent
from bimetal.programme.sources import Source, SourceInput, missing, register, register_generator, sources
from bimetal.programme.spending import spending
from bimetal.types import Dataset, Origin, Request, Spec, Target, Task
from tests.endpoints.stub import Stub

BANK = Spec("generators", "prompted", {"graph": "bank"})
TWINS = Spec("generators", "paraphrase")
SEED = pa.table(
    {
        "id": [f"real-{row}" for row in range(30)],
        "text": [f"card number {row} was lost in the town of my aunt on Monday" for row in range(30)],
        "label": ["lost"] * 30,
        "source": ["letters"] * 30,
        "item_origin": ["real"] * 30,
    }
)


def drawn(programme, spec, doors, n=12, *, seed_rows=None, digest=None, targets=()):
    recipe = recipe_for(bound(programme, spec, doors), 3, digest, targets)
    with answers(programme, recipe, doors, seed_rows) as answer:
        return pa.Table.from_batches(draw(recipe, n, seed_rows, answer))


@pytest.fixture
def stub():
    with Stub() as stub:
        yield stub


@pytest.fixture
def priced(programme, stub):
    """Return a programme whose bimetal.toml names the stub."""
    judge = Endpoint(stub.url, "pretend", price_in=1.0, price_out=2.0, licence="Apache-2.0")
    return replace(programme, config=replace(programme.config, endpoints={"judge": judge}))


def test_outside_a_programme_the_ledger_stands_beside_the_file(tmp_path, stub):
    doors = Doors(stub.url, "pretend", licence="MIT", ledger=ledger_beside(str(tmp_path / "rows.parquet")))
    rows = drawn(None, BANK, doors)
    assert (tmp_path / "rows.parquet.ledger").exists()
    assert set(rows["licence"].to_pylist()) == {"MIT"}
    assert set(rows["model"].to_pylist()) == {"pretend"}
    assert set(rows["label_origin"].to_pylist()) == {"model"}
    asked = sum(stub.seen.values())
    assert drawn(None, BANK, doors).equals(rows)
    assert sum(stub.seen.values()) == asked
    assert all(each.at.endswith("Z") for each in records(doors.ledger))


def test_a_replay_buys_nothing(tmp_path, stub):
    doors = Doors(stub.url, "pretend", ledger=tmp_path / "x.ledger")
    recipe = recipe_for(bound(None, BANK, doors), 3)
    with answers(None, recipe, doors) as answer:
        rows = pa.Table.from_batches(draw(recipe, 12, None, answer))
    asked = sum(stub.seen.values())
    again = replace(doors, endpoint="", replay=True)
    assert recipe_for(bound(None, BANK, again), 3) == recipe
    with answers(None, recipe, again) as answer:
        assert pa.Table.from_batches(draw(recipe, 12, None, answer)).equals(rows)
        with pytest.raises(EndpointError, match="holds no reply to a request of this recipe"):
            list(draw(recipe, 13, None, answer))
    assert sum(stub.seen.values()) == asked


def test_inside_a_programme_the_endpoint_comes_from_its_file_and_spending_is_metered(priced):
    rows = drawn(priced, BANK, Doors())
    ledger = priced.memory / "chat.ledger"
    assert set(rows["licence"].to_pylist()) == {"Apache-2.0"}
    assert spent(priced) == totals(ledger)
    assert spending(priced).paid == {"generation": pytest.approx(totals(ledger).money)}
    assert totals(ledger).money == pytest.approx((totals(ledger).tokens_in + 2 * totals(ledger).tokens_out) / 1e6)
    entries = len(list(priced.log.entries(action="endpoint.spent")))
    assert drawn(priced, BANK, Doors(replay=True, model="pretend"), n=0).num_rows == 0
    assert drawn(priced, BANK, Doors("judge")).equals(rows)
    assert len(list(priced.log.entries(action="endpoint.spent"))) == entries == 1


def test_a_budget_holds_and_what_was_bought_is_logged(priced, stub):
    with pytest.raises(EndpointError, match="the budget of 5,000 tokens has no room"):
        drawn(priced, BANK, Doors(budget=Budget(tokens=5_000)), n=100)
    assert 0 < spent(priced).tokens <= 5_000
    assert spent(priced).replies == sum(stub.seen.values())
    assert drawn(priced, BANK, Doors(), n=100).num_rows == 100
    assert max(stub.seen.values()) == 1


def seeds(programme, level="none", region="any"):
    register(programme, Source("letters", "production", personal_data=level, region=region, licence="CC0-1.0"))
    return programme.keep(Dataset("letters", SEED, Task(), "seed", Origin("real", "letters", "CC0-1.0"))).digest


def test_seed_rows_go_only_to_an_endpoint_registered_for_them(priced, stub):
    digest = seeds(priced, "personal", "EU")
    with pytest.raises(PolicyError, match=r"no endpoint is called 'judge'"):
        drawn(priced, TWINS, Doors("judge"), seed_rows=SEED, digest=digest)
    register(priced, Source("judge", "endpoint", url=stub.url, region="EU", accepts="none"))
    with pytest.raises(PolicyError, match="accepts no data about people"):
        drawn(priced, TWINS, Doors("judge"), seed_rows=SEED, digest=digest)
    assert not stub.seen
    register(priced, Source("judge", "endpoint", url=stub.url, region="EU", accepts="personal"), "contract signed")
    rows = drawn(priced, TWINS, Doors(stub.url), seed_rows=SEED, digest=digest)
    assert set(rows["twin"].to_pylist()) <= set(SEED["id"].to_pylist())
    assert drawn(priced, TWINS, Doors(), seed_rows=SEED, digest=digest).equals(rows)


def test_a_draw_in_another_region_is_refused(priced, stub):
    digest = seeds(priced, "none", "EU")
    register(priced, Source("judge", "endpoint", url=stub.url, region="US", accepts="personal"))
    with pytest.raises(PolicyError, match="may be processed in EU"):
        drawn(priced, TWINS, Doors(), seed_rows=SEED, digest=digest)


def test_what_names_no_endpoint_is_one_sentence(priced, programme):
    with pytest.raises(InputError, match="no endpoint is named; name one: --endpoint URL --model NAME"):
        drawn(programme, BANK, Doors())
    with pytest.raises(InputError, match=r"no endpoint is called 'jugde' in bimetal.toml; did you mean 'judge'"):
        drawn(priced, BANK, Doors("jugde"))
    with pytest.raises(InputError, match="no model is named for http://localhost:1/v1"):
        drawn(None, BANK, Doors("http://localhost:1/v1"))


def test_two_draws_on_one_ledger_at_once_are_refused(priced):
    recipe = recipe_for(bound(priced, BANK, Doors()), 3)
    with answers(priced, recipe, Doors()) as answer, answers(priced, recipe, Doors()) as other:
        next(iter(draw(recipe, 1, None, answer)))
        with pytest.raises(StoreError, match="is in use"):
            next(iter(draw(recipe, 2, None, other)))


def test_a_model_stands_in_the_register_with_its_licence(priced):
    spec = bound(priced, BANK, Doors())
    register_generator(priced, spec, "Apache-2.0")
    held = sources(priced)["bimetal:prompted"]
    assert held.origin == "language model pretend: the generator prompted"
    assert held.inputs == (SourceInput("generator-model", "pretend", "Apache-2.0"),)
    assert not [each for each in missing(held) if each.verdict == "fail"]


def test_the_models_licence_joins_that_of_the_seed_rows():
    twins = SEED.append_column("licence", pa.array(["CC-BY-4.0"] * SEED.num_rows))
    assert licence_of(make(replace(TWINS, args={"licence": "MIT"})), twins) == "CC-BY-4.0 AND MIT"
    assert licence_of(make(TWINS), twins) == "unknown"


def test_a_recipe_names_its_model_and_targets_are_met(priced):
    recipe = recipe_for(bound(priced, BANK, Doors()), 3)
    assert recipe.spec.args == {"graph": "bank", "licence": "Apache-2.0", "model": "pretend"}
    rows = drawn(priced, BANK, Doors(), n=60, targets=(Target("label", "card_lost", 1.0),))
    assert set(rows["label"].to_pylist()) == {"card_lost"}


def test_generators_that_ask_nobody_pass_through(programme):
    spec = Spec("generators", "digits", {"size": 8})
    assert bound(programme, spec, Doors()) == spec
    assert drawn(programme, spec, Doors(), n=2).num_rows == 2


def test_noise_is_the_programmes_own_and_the_same_again(programme, tmp_path):
    asked = (Request("noise", {"bytes": 16}),)
    recipe = recipe_for(Spec("generators", "digits"), 3, "ab" * 32)

    def noise(owner):
        with answers(owner, recipe, Doors()) as answer:
            return answer(asked)[0].data

    assert noise(programme) == noise(programme) != noise(None)


def test_a_ledger_of_a_programme_reads_alone(priced):
    rows = drawn(priced, BANK, Doors())
    recipe = recipe_for(bound(priced, BANK, Doors()), 3)
    answer = recorded(priced.memory / "chat.ledger")
    assert pa.Table.from_batches(draw(recipe, 12, None, answer)).equals(rows)
