"""What a pilot says beside its curves: sources that compete, groups, slices, net cost, optimism, law, and harm."""

import json
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from bimetal.errors import InputError
from bimetal.pilot import Arm, Design, PilotData, Spent, arms_named, run_pilot
from bimetal.pilot.arms import DEFAULT_ARMS, SWEEP
from bimetal.types import Spec

FEW = Design(sizes=(10, 20, 40), seeds=3, arms=arms_named([]))


@pytest.fixture
def data(blobs):
    return PilotData(blobs(120, seed=1), blobs(300, seed=2), blobs(900, seed=3, shift=0.2))


def changed(data, **changes):
    return PilotData(**{**{name: getattr(data, name) for name in data.__dataclass_fields__}, **changes})


def with_column(rows, name, values):
    return rows.append_column(name, pa.array(list(values)))


def test_several_sources_compete_and_the_better_one_is_compared(data, blobs):
    sources = {"good": blobs(900, seed=5), "bad": blobs(900, seed=6, shift=3.0)}
    result = run_pilot(changed(data, synthetic=sources), LogisticRegression(), FEW)
    assert result.candidate == "hybrid (good)"
    assert result.arms["synthetic (good)"][-1].estimate > result.arms["synthetic (bad)"][-1].estimate
    assert result.sources == 2
    assert result.saving[0].saved is None or result.saving[0].saved.level == pytest.approx(0.975)


def test_active_arms_ask_for_rows_nobody_has_labelled_and_keep_what_they_asked(data):
    asked = {}

    class Watching:
        def __call__(self, train, weight, unlabelled, rng):
            base = LogisticRegression().fit(np.c_[train["x"], train["y"]], train["label"].to_pylist())
            return _Fitted(base)

    design = Design(sizes=(10, 20, 40), seeds=2, arms=arms_named(["human, active"]))

    def run(fit, cells):
        for cell in cells:
            if getattr(cell, "arm", None) and cell.arm.select and cell.arm.human:
                asked.setdefault((cell.arm.name, cell.seed), []).append(cell.labelled)
            yield fit(cell)

    run_pilot(data, Watching(), design, run)
    for rungs in asked.values():
        assert [len(set(rung)) for rung in rungs] == [0, 10, 20, 40]
        assert all(after[: len(before)] == before for before, after in pairwise(rungs))


class _Fitted:
    def __init__(self, model):
        self.model = model
        self.classes = tuple(map(str, model.classes_))

    def predict_proba(self, rows):
        return self.model.predict_proba(np.c_[rows["x"], rows["y"]])


@pytest.mark.parametrize("strategy", ["bald", "margin", "k_center", "badge"])
def test_any_strategy_can_select(data, strategy):
    arms = (*arms_named([]), Arm("a", select=strategy), Arm("b", synthetic=10, select=strategy))
    result = run_pilot(data, LogisticRegression(), Design(sizes=(10, 20), seeds=2, arms=arms))
    assert result.arms["a"][-1].estimate > 0.6


def test_groups_bind_the_intervals_and_must_not_cross(data):
    real = with_column(data.real, "who", [f"p{i // 4}" for i in range(120)])
    panel = with_column(data.panel, "who", [f"q{i // 60}" for i in range(300)])
    grouped = run_pilot(changed(data, real=real, panel=panel, group="who"), LogisticRegression(), FEW)
    assert grouped.values["human"].shape == (3, 3, 5)
    assert grouped.arms["human"][0].estimate == pytest.approx(grouped.items["human"][0].mean())
    shared = with_column(data.panel, "who", ["p0"] * 300)
    with pytest.raises(InputError, match="1 values of 'who' stand in the panel and in the real table: p0"):
        run_pilot(changed(data, real=real, panel=shared, group="who"), LogisticRegression(), FEW)
    with pytest.raises(InputError, match="no column 'who'"):
        run_pilot(changed(data, group="who"), LogisticRegression(), FEW)


def test_repeated_ids_are_warned_of_and_an_early_panel_too(data):
    real = with_column(data.real, "speaker_id", [f"s{i % 7}" for i in range(120)])
    panel = with_column(data.panel, "speaker_id", [f"t{i % 7}" for i in range(300)])
    both = changed(data, real=real.drop_columns("id"), panel=panel.drop_columns("id"))
    made = with_column(data.synthetic, "speaker_id", ["x"] * 900)
    result = run_pilot(changed(both, synthetic=made), LogisticRegression(), FEW, spent=Spent(seed_labels=0))
    assert any("--group speaker_id" in each.remedy for each in result.facts.findings)
    early = changed(
        data,
        real=with_column(data.real, "day", range(100, 220)),
        panel=with_column(data.panel, "day", range(300)),
        time="day",
    )
    told = run_pilot(early, LogisticRegression(), FEW).facts.findings
    assert any(each.check == "time" and each.verdict == "warn" for each in told)


def test_an_undeclared_seed_claims_no_saving_and_a_declared_one_counts(data):
    silent = run_pilot(data, LogisticRegression(), FEW)
    assert silent.verdict == "undecided"
    assert silent.json()["saving"] == []
    assert silent.json()["net"]["saved"] is None
    told = run_pilot(data, LogisticRegression(), FEW, spent=Spent(raters=3, gold=10, seed_labels=50))
    net = told.net
    assert net.bought == (300 + 10 + 50 + told.facts.labelled) * 3
    assert "50 the generator was fitted on" in net.words


def test_a_generator_that_learns_sees_each_cells_own_labels_only(data, blobs):
    seen = []

    class Copies:
        learns = True

        def __call__(self, n, rng, seed_rows=None, targets=()):
            seen.append((n, tuple(seed_rows["id"].to_pylist())))
            yield from seed_rows.take(rng.integers(0, seed_rows.num_rows, n)).drop_columns("id").to_batches()

    result = run_pilot(changed(data, synthetic=Copies()), LogisticRegression(), FEW)
    assert {(len(ids), n) for n, ids in seen} == {(10, 100), (20, 200), (40, 400)}
    assert result.facts.spent.seed_labels == 0


def test_slices_are_compared_at_the_largest_size_and_the_weakest_comes_first(data):
    panel = with_column(data.panel, "side", ["left" if x < 1 else "right" for x in data.panel["x"].to_pylist()])
    real = with_column(data.real, "side", ["left"] * 120)
    made = with_column(data.synthetic, "side", ["left"] * 900)
    given = changed(data, panel=panel, real=real, synthetic=made, slices=("side",))
    result = run_pilot(given, LogisticRegression(), FEW)
    assert {each.column for each in result.slices} == {"side", "label"}
    means = [each.mix.estimate for each in result.slices]
    assert means == sorted(means)


def test_the_same_models_look_better_on_synthetic_rows_and_the_page_says_so(data, blobs):
    result = run_pilot(changed(data, synthetic=blobs(900, seed=3, shift=1.0)), LogisticRegression(), FEW)
    synthetic, real = result.facts.optimism["synthetic"]
    assert synthetic > real
    assert "optimism: synthetic" in result.to_html()


def test_one_class_in_a_fold_is_said_and_costs_no_answer(blobs):
    rare = blobs(200, seed=1)
    rare = rare.set_column(3, "label", pa.array(["yes" if i % 50 == 0 else "no" for i in range(200)]))
    panel = blobs(300, seed=2)
    panel = panel.set_column(3, "label", pa.array(["yes" if i % 10 == 0 else "no" for i in range(300)]))
    made = blobs(400, seed=3)
    made = made.set_column(3, "label", pa.array(["yes" if i % 2 else "no" for i in range(400)]))
    metric = Spec("metrics", "average_precision")
    design = Design(sizes=(4, 8, 16), seeds=3, arms=arms_named([]), metric=metric)
    result = run_pilot(PilotData(rare, panel, made), LogisticRegression(), design, spent=Spent(seed_labels=0))
    assert any(each.check == "one class" for each in result.facts.findings)
    assert "average precision" in result.answer
    assert result.slices == ()


def test_the_sweep_draws_its_picture_and_feeds_the_law(data, blobs):
    design = Design(sizes=(10, 20, 30), seeds=2, arms=arms_named(SWEEP))
    result = run_pilot(changed(data, synthetic=blobs(1200, seed=4)), LogisticRegression(), design)
    assert result.law is not None
    html = result.to_html()
    assert "at a fixed number of human labels" in html
    assert json.dumps(result.json())


def test_arms_that_would_be_equal_are_left_out_aloud(data):
    arms = (*DEFAULT_ARMS, *arms_named(["human, augmented"])[3:])
    result = run_pilot(data, LogisticRegression(), Design(sizes=(10, 20), seeds=2, arms=arms))
    assert "human, augmented" not in result.items
    assert any("'human, augmented' was left out" in each.message for each in result.facts.findings)
    assert "hybrid, unweighted" in result.json()["left_out"]


def test_scores_can_be_piloted_too(blobs):
    def scored(n, seed):
        rows = blobs(n, seed=seed)
        values = np.array(rows["x"]) * 2 + np.array(rows["y"])
        return rows.set_column(3, "label", pa.array(values))

    data = PilotData(scored(100, 1), scored(200, 2), scored(600, 3))
    metric = Spec("metrics", "explained")
    from bimetal.plugins import make

    learner = make(Spec("learners", "regression"))
    result = run_pilot(data, learner, Design(sizes=(10, 20, 40), seeds=2, metric=metric), spent=Spent(seed_labels=0))
    assert result.arms["human"][-1].estimate > 0.95
    assert set(result.items) == {"human", "synthetic", "hybrid"}
