"""A vendor's rows: what must be said, what is checked, and that nothing uses them before a named person accepts."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError, PolicyError
from bimetal.programme import queue
from bimetal.programme.generation import Order, generate
from bimetal.programme.intake import Arrival, Declared, add
from bimetal.programme.quarantine import in_quarantine
from bimetal.programme.release import release
from bimetal.programme.signatures import Word, sign, subject, until
from bimetal.programme.sources import Source, SourceInput, register, source
from bimetal.programme.vendor import Delivery, deliver
from bimetal.store.queue import Item, Job

WORD = Word("Ana Ruiz", "looked at a hundred of them", until("2026-12-31"))
MADE = Declared("synthetic", "construction")
ACME = Source(
    "acme",
    "vendor",
    origin="class-wise Gaussians",
    collector="Acme Data Ltd",
    collected="2026-02-01",
    purpose="sold as training data",
    basis="not personal",
    personal_data="none",
    geography="Ireland",
    region="EU",
    licence="CC-BY-4.0",
    contract="0" * 64,
    claims="representative",
    inputs=(SourceInput("training-data", "three archives", "CC0-1.0"),),
)


def rows(n=60, seed=0, prefix="v", **more):
    rng = np.random.default_rng(seed)
    at = np.arange(n) % 3
    table = {"id": [f"{prefix}{i}" for i in range(n)], "x": rng.normal(at, 1), "y": rng.normal(-at, 1)}
    return pa.table({**table, "label": [f"c{k}" for k in at], **more})


def bought(table=None, name="lot", **more):
    return Delivery(rows() if table is None else table, name, **{"source": "acme", "declared": MADE, **more})


@pytest.fixture
def real(programme):
    register(programme, Source("archive", "public", personal_data="none", licence="CC0-1.0"))
    for role, seed in (("train", 1), ("panel", 2)):
        arrival = Arrival(
            rows(seed=seed, prefix=role), f"real-{role}", role, "archive", declared=Declared("real", "human")
        )
        add(programme, arrival)
    return programme


def accept(programme, name="lot"):
    return sign(programme, subject(programme, f"quarantine:{name}"), WORD)


def test_rows_wait_until_everything_is_said_and_a_named_person_accepts(real):
    came = deliver(real, bought(who="Acme Data Ltd", claims=("balanced",)))
    assert came.waiting
    owed = {each.check.removeprefix("source-"): each.remedy for each in came.owed}
    assert {"origin", "region", "licence", "contract", "inputs", "personal-data"} <= owed.keys()
    assert owed.keys().isdisjoint({"collector", "claims"})
    assert owed["licence"] == "bimetal source add acme --licence EXPRESSION"
    with pytest.raises(PolicyError, match=r"stays in quarantine: .* facts are owed") as caught:
        accept(real)
    assert "bimetal source add acme --region" in str(caught.value)
    register(real, ACME, "complete")
    again = deliver(real, bought())
    assert again.stored == came.stored
    assert not again.owed
    assert not [each for each in again.findings if each.verdict == "fail"]
    assert again.next_step.startswith("run: bimetal sign quarantine:lot")
    assert in_quarantine(real, came.stored)
    accept(real)
    assert not in_quarantine(real, came.stored)
    assert real.rows("train").num_rows == 120


def test_nothing_uses_rows_in_quarantine(real):
    stored = deliver(real, bought()).stored
    assert real.rows("train").num_rows == 60
    assert [each.name for each in real.datasets("train")] == ["real-train", "lot"]
    with pytest.raises(PolicyError, match="rule vendor-quarantined: lot is in quarantine, no generator learns"):
        generate(real, Order(10, "drawn", 1, seed_rows=stored.digest))
    with pytest.raises(PolicyError, match="nobody is asked about it"):
        queue.open_job(real, Job(name="ask", dataset="lot", snapshot=stored.digest), [Item("v0", "all")])
    with pytest.raises(PolicyError, match=r"rule vendor-quarantined.*lot waits: .* owed"):
        release(real, "lot", "train")


def test_copies_under_another_name_wait_with_them(real):
    deliver(real, bought())
    _, warned = add(real, Arrival(rows(prefix="w"), "mine", "train", "archive", declared=MADE))
    assert any("vendor-quarantined" in each and "lot" in each for each in warned)
    with pytest.raises(PolicyError, match=r"copies of rows that wait in quarantine: lot; 60 rows break it: w0"):
        release(real, "mine", "train")


def test_no_vendors_rows_go_around_quarantine(real):
    register(real, ACME)
    arrival = Arrival(rows(), "added", "train", "acme", declared=MADE)
    _, warned = add(real, arrival)
    assert any("'acme' is a vendor, and they never stood in quarantine" in each for each in warned)
    with pytest.raises(PolicyError, match="never stood in quarantine; 60 rows break it: v0"):
        release(real, "added", "share")
    deliver(real, bought())
    accept(real)
    with pytest.raises(PolicyError) as caught:
        release(real, "added", "train")
    assert "vendor-quarantined" not in str(caught.value)


def test_panel_rows_in_a_delivery_are_named_and_keep_it_in_quarantine(real):
    register(real, ACME)
    stolen = pa.concat_tables([rows(n=57), rows(seed=2, prefix="copy").slice(0, 3)])
    came = deliver(real, bought(stolen))
    sealed = next(each for each in came.findings if each.where == "sealed")
    assert sealed.verdict == "fail"
    assert "copy0, copy1, copy2" in sealed.message
    with pytest.raises(PolicyError, match="1 check failed"):
        accept(real)
    sign(real, "quarantine:lot", WORD)  # a signature by another way ends nothing either
    assert in_quarantine(real, came.stored)


def test_a_corrected_delivery_is_judged_by_itself(real):
    register(real, ACME)
    deliver(real, bought(pa.concat_tables([rows(n=57), rows(seed=2, prefix="copy").slice(0, 3)])))
    deliver(real, bought(rows(n=57), name="lot-2"))
    accept(real, "lot-2")
    with pytest.raises(PolicyError) as caught:
        release(real, "lot-2", "share")
    assert "vendor-quarantined" not in str(caught.value)


def test_a_later_run_that_fails_takes_rows_back(real):
    register(real, ACME)
    stored = deliver(real, bought()).stored
    accept(real)
    register(real, replace(ACME, licence="made up"), "the vendor wrote again")
    assert deliver(real, bought()).waiting
    assert in_quarantine(real, stored)


def test_a_delivery_judged_before_there_were_real_rows_is_judged_again(programme):
    register(programme, ACME)
    assert {each.verdict for each in deliver(programme, bought()).findings if each.check == "mode_collapse"} == {"skip"}
    arrival = Arrival(rows(seed=1, prefix="r"), "r", "train", "archive", declared=Declared("real", "human"))
    add(programme, arrival)
    with pytest.raises(PolicyError, match="before there were real rows"):
        accept(programme)
    deliver(programme, bought())
    accept(programme)


def test_rows_unlike_the_real_ones_fail_and_so_does_what_is_claimed_of_them(real):
    register(real, replace(ACME, claims="statistically representative; DP eps=1; balanced; loved by all"))
    far = rows().set_column(1, "x", pa.array(np.random.default_rng(5).normal(9, 0.01, 60)))
    found = {each.where: each for each in deliver(real, bought(far)).findings if each.check == "claim"}
    assert {where: each.verdict for where, each in found.items()} == {
        "statistically representative": "fail",
        "DP eps=1": "warn",
        "balanced": "pass",
        "loved by all": "warn",
    }
    assert "claimed, not measured" in found["DP eps=1"].message


def test_what_is_said_fills_the_register_and_contradicts_nothing(programme):
    made = ("claims of two insurers:CC-BY-4.0", "generator-model=Llama 3.1 8B:llama3.1")
    deliver(programme, bought(how="prompted", made_from=made, claims=("a", "b")))
    said = source(programme, "acme")
    assert (said.kind, said.origin, said.claims) == ("vendor", "prompted", "a; b")
    assert [each.role for each in said.inputs] == ["training-data", "generator-model"]
    with pytest.raises(InputError, match="the origin of 'acme' was said to be 'prompted', now 'drawn'") as caught:
        deliver(programme, bought(how="drawn"))
    assert "bimetal source add acme --origin drawn --because WHY" in str(caught.value)


def test_one_row_comes_in_and_is_judged_by_nothing(real):
    register(real, ACME)
    found = deliver(real, bought(rows(n=1))).findings
    assert {each.verdict for each in found if each.check in {"distribution_shift", "mode_collapse"}} <= {"skip", "fail"}


@pytest.mark.parametrize(
    ("delivery", "told"),
    [
        (bought(rows(0)), "has no rows"),
        (bought(rows().drop_columns(["y"])), "no column 'y'"),
        (bought(rows(z=[1.0] * 60)), "a column 'z' that the real train rows lack"),
        (bought(rows().drop_columns(["label"])), "has no column 'label'"),
        (bought(pa.concat_tables([rows(), rows()])), "60 ids stand more than once"),
        (bought(declared=Declared("synthetic")), "60 rows of lot do not say who or what labelled them"),
        (bought(role="panel"), "--role got 'panel'"),
        (bought(source="../../etc"), "the name of a source is"),
        (bought(source="archive"), "as public, not as a vendor"),
        (bought(name="a:b"), "is no name for a dataset"),
        (bought(name="real-train"), "is here already"),
        (bought(who="Acme\x1b[31m"), "control character"),
        (bought(made_from=("",)), "an input got"),
    ],
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(real, delivery, told):
    before = [each.name for each in real.datasets()]
    with pytest.raises(InputError, match=told):
        deliver(real, delivery)
    assert [each.name for each in real.datasets()] == before
    assert not [each for each in real.log.entries(action="source.registered") if each.subject != "archive"]


@pytest.mark.parametrize("name", ["nothing", "real-train"])
def test_only_deliveries_are_accepted(real, name):
    with pytest.raises(InputError, match="no delivery of a vendor is called"):
        subject(real, f"quarantine:{name}")
