"""Demo data: every kind is marked, steered by label, joins where it should, and is the same for every n."""

from typing import get_args

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.generators.demo import LABELS, MARK, Demo, Kind
from bimetal.types import Target

KINDS = pytest.mark.parametrize("kind", get_args(Kind))


def drawn(generator, n, targets=(), rng_seed=0):
    return pa.Table.from_batches(generator(n, np.random.default_rng(rng_seed), None, targets))


@KINDS
def test_each_kind_is_marked_and_no_row_depends_on_n(kind):
    many = drawn(Demo(kind), 700)
    assert set(many["demo"].to_pylist()) == {MARK}
    assert many["label"].null_count == 0
    for n in (0, 1, 300):
        assert drawn(Demo(kind), n).equals(many.slice(0, n))
    assert not drawn(Demo(kind), 50, rng_seed=1).equals(many.slice(0, 50))


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_the_label_worth_finding_has_the_share_that_is_asked_for(kind):
    label = LABELS[kind][0]
    for generator, targets in ((Demo(kind, 0.4), ()), (Demo(kind), (Target("label", label, 0.4),))):
        made = drawn(generator, 6000, targets)["label"].to_pylist()
        assert abs(made.count(label) / 6000 - 0.4) < 0.06  # a sensor's spells are of eight readings: .018 each
    assert drawn(Demo(kind, 0.0), 300)["label"].to_pylist().count(label) == 0


@pytest.mark.parametrize(("people", "events", "key"), [("customers", "transactions", "customer"), ("patients", "visits", "patient")])  # fmt: skip
def test_events_belong_to_people_of_the_same_seed_and_their_times_ascend(people, events, key):
    owners, made = drawn(Demo(people), 600), drawn(Demo(events), 2000)
    assert len(set(owners[key].to_pylist())) == 600
    assert set(made[key].to_pylist()) <= set(owners[key].to_pylist())
    moments = list(zip(made[key].to_pylist(), made.column(1).to_pylist(), strict=True))
    assert moments == sorted(moments)


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_labels_have_a_signal_and_an_overlap(kind):
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    made = drawn(Demo(kind, 0.3), 4000)
    numbers = np.column_stack(
        [np.asarray(made[f.name].cast(pa.float64()), float) for f in made.schema if pa.types.is_integer(f.type) or pa.types.is_floating(f.type)]
    )  # fmt: skip
    truth = np.array(made["label"].to_pylist()) == LABELS[kind][0]
    model = HistGradientBoostingClassifier(random_state=0, max_iter=30).fit(numbers[:2000], truth[:2000])
    assert 0.6 < roc_auc_score(truth[2000:], model.predict_proba(numbers[2000:])[:, 1]) < 0.99


def test_names_are_made_up_and_mail_reaches_nobody():
    made = drawn(Demo("customers"), 200)
    assert all(each.split("@")[1] in {"example.com", "example.org", "example.net"} for each in made["mail"].to_pylist())
    assert len(set(made["name"].to_pylist())) > 150


def test_what_is_no_kind_no_rate_or_no_number_of_rows_is_refused():
    with pytest.raises(InputError, match="kind is 'planets'"):
        Demo("planets")
    with pytest.raises(InputError, match=r"rate is 1.5"):
        Demo("transactions", 1.5)
    with pytest.raises(InputError, match=r"rate is 0.5"):
        Demo("tickets", 0.5)
    with pytest.raises(InputError, match="n is -1"):
        drawn(Demo("sensors"), -1)
