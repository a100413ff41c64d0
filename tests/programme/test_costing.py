"""A programme's lifecycle cost: what its pilot says is needed, what its meters say was spent, and the log."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from bimetal.cost import Need, Scenario
from bimetal.pilot.law import Law, known_law
from bimetal.programme import config, opened
from bimetal.programme.costing import cost_programme, needs_of, pilot_needs
from bimetal.programme.generation import Order, generate
from bimetal.programme.pilots import _thinned
from bimetal.programme.queue import answer, send
from bimetal.programme.spending import spending
from bimetal.types import Annotation, Dataset, Origin

LAW = known_law(E=0.01, A=1, b=0.5, kappa=0.5, n_inf=150)


def finished(programme, law=LAW, target=0.93):
    """Log a pilot as pilot_in does."""
    net = {"bought": 900, "raters": 3}
    body = {
        "law": _thinned(law),
        "target": target,
        "measure": "accuracy",
        "net": net,
        "answer": "",
        "transfer": "partial",
    }
    programme.record("pilot.finished", "panel", body)


def doubtful(draws=1000):
    rng = np.random.default_rng(0)
    each = np.column_stack([np.full(draws, 0.01), np.ones(draws), np.full(draws, 0.5),
                            rng.uniform(0.4, 0.6, draws), rng.uniform(50, 800, draws)])  # fmt: skip
    return Law(LAW.E, LAW.A, LAW.b, LAW.kappa, LAW.n_inf, each, 0.0, 1.0, True)


def test_the_amounts_reach_the_target_by_the_law():
    found = needs_of(LAW, 0.93, Scenario(), "test")
    for need in (found.human, found.hybrid):
        assert LAW.error(need.labels[0], need.synthetic[0]) == pytest.approx(0.07, rel=1e-6)
    assert found.hybrid.labels[0] < found.human.labels[0]
    assert found.synthetic is None  # 277 labels are needed, and no number of items replaces more than 150


def test_synthetic_items_alone_do_where_their_ceiling_is_high_enough():
    found = needs_of(LAW, 0.85, Scenario(), "test")
    assert LAW.error(0, found.synthetic.synthetic[0]) == pytest.approx(0.15, rel=1e-6)


def test_synthetic_items_alone_reach_it_in_some_draws():
    law = doubtful()
    found = needs_of(law, 0.93, Scenario(), "test")
    reached = np.isfinite(found.synthetic.labels).mean()
    assert reached == pytest.approx(np.mean(law.draws[:, 4] > LAW.needed(0.07)))
    assert 0 < reached < 1


def test_a_target_below_the_floor_is_reached_by_nobody():
    found = needs_of(LAW, 0.995, Scenario(), "test")
    assert found.all == (None, None, None)


def test_a_law_with_many_draws_fits_an_entry_and_comes_back():
    kept = _thinned(doubtful(4000))
    assert len(json.dumps(kept)) < 30_000
    assert len(Law.from_json(kept).draws) == 200
    assert _thinned(None) is None


def test_without_a_pilot_the_amounts_are_assumed(programme):
    found = cost_programme(programme, draws=1000)
    assert found.needs is None
    assert any(row.assumption for name, row in found.setting.sampled.items() if name == "labels")


def test_the_last_pilot_says_what_is_needed(programme):
    finished(programme)
    finished(programme, target=0.9)
    found = cost_programme(programme, draws=1000)
    assert found.needs.target == 0.9
    assert found.needs.pilot_labels == 300
    assert found.needs.source.startswith("pilot of 2026-03-01")
    assert isinstance(found.needs.human, Need)
    assert pilot_needs(programme, Scenario(target=0.93)).target == 0.93


def test_a_pilot_whose_law_does_not_hold_says_nothing(programme):
    programme.record("pilot.finished", "panel", {"law": None, "answer": "", "transfer": "unknown"})
    assert pilot_needs(programme, Scenario()) is None


def test_the_cost_stands_in_the_log_and_can_be_priced_again(programme):
    finished(programme, doubtful())
    found = cost_programme(programme, draws=1000)
    (entry,) = programme.log.entries(action="costed")
    assert entry.body["sentence"] == found.sentence
    assert entry.body["answer"] == found.answer
    again = cost_programme(programme, draws=entry.body["draws"], rng_seed=entry.body["rng_seed"])
    assert again.costs == found.costs


def test_bimetal_toml_sets_the_scenario(folder, clock):
    decided = config.load(folder)
    stated = Scenario("image box", months=12, inputs={"wage": [10, 20, 30], "seconds": 9})
    (folder / config.FILE).write_text(config.dump(replace(decided, cost=stated)))
    with opened(folder, now=clock, actor="ana") as programme:
        found = cost_programme(programme, draws=500)
    assert (found.scenario.kind, found.scenario.months) == ("image box", 12)
    assert found.setting.answer == pytest.approx(20 * 9 / 3600)


def test_the_kind_of_item_is_told_from_the_rows(programme):
    rows = pa.table({"id": ["a"], "text": ["lost card"], "label": ["card"], "item_origin": ["real"], "label_origin": ["human"]})  # fmt: skip
    programme.keep(Dataset("given", rows, programme.config.labelled, "train", Origin("real", "own", "unknown")))
    assert cost_programme(programme, draws=500).scenario.kind == "text class"
    assert cost_programme(programme, Scenario("image mask"), draws=500).scenario.kind == "image mask"


def asked(programme, seconds, kind="human"):
    send(programme, "window", [(f"item {i}", "margin", 1.0) for i in range(len(seconds))], 1)
    at = programme.now()
    given = [Annotation(f"a{i}", f"item {i}", "ben", kind, "c0", at, seconds=each) for i, each in enumerate(seconds)]
    answer(programme, given)


def test_people_are_metered_by_their_active_seconds(programme):
    seconds = [10.0, 20.0] * 20 + [0.0]
    asked(programme, seconds)
    told = spending(programme)
    assert (told.answers, told.timed) == (41, 40)
    assert told.seconds == pytest.approx(15)
    assert told.seconds_sd == pytest.approx(np.std(seconds[:40], ddof=1))
    found = cost_programme(programme, draws=500)
    assert found.setting.rows["seconds"].median == pytest.approx(15)
    assert found.spent["annotation"] == pytest.approx(41 * found.setting.answer)


def test_replayed_labels_cost_nothing(programme):
    asked(programme, [10.0] * 40, kind="replayed")
    assert spending(programme).answers == 0
    assert not spending(programme).any


def test_the_generator_is_metered_where_it_really_drew(programme):
    generate(programme, Order(50, "made", 1))
    (entry,) = programme.log.entries(action="generated")
    assert entry.body["seconds"] >= 0
    generate(programme, Order(50, "made", 1))  # a look-up
    assert len(list(programme.log.entries(action="generated"))) == 1
    generate(programme, Order(50, "the same under another name", 1))  # drawn before, kept again
    *_, last = programme.log.entries(action="generated")
    assert "seconds" not in last.body
    assert spending(programme).drawn == 50
