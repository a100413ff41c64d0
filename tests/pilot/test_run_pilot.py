"""The pilot on small tables: arms, nesting, resumption, and every kind of bad input."""

import io
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from bimetal.errors import InputError
from bimetal.pilot import Design, PilotData, Spent, arms_named, run_pilot
from bimetal.pilot.intake import taken
from bimetal.pilot.tables import payload_digests

SMALL = Design(sizes=(10, 20, 40), seeds=3)


@pytest.fixture
def data(blobs):
    return PilotData(blobs(60, seed=1), blobs(300, seed=2), blobs(400, seed=3, shift=0.2))


def test_a_good_simulator_is_worth_generating_with(blobs):
    good = PilotData(blobs(200, seed=1), blobs(500, seed=2), blobs(2000, seed=3))
    design = Design(sizes=(5, 10, 20, 40, 80), arms=arms_named([]), targets=(0.8,))
    result = run_pilot(good, LogisticRegression(), design, spent=Spent(seed_labels=0))
    assert result.arms["hybrid"][0].estimate > result.arms["human"][0].estimate
    assert result.verdict in {"generate", "both"}
    assert result.saving[0].target == 0.8
    assert not result.json()["harm"]


def test_a_misleading_simulator_is_reported_as_harm(blobs):
    wrong = blobs(4000, seed=3)
    turned = wrong.set_column(
        3, "label", pa.array([{"c0": "c1", "c1": "c2", "c2": "c0"}[v] for v in wrong["label"].to_pylist()])
    )
    design = Design(sizes=(20, 40, 80), seeds=4, weight=1.0)
    result = run_pilot(PilotData(blobs(100, seed=1), blobs(400, seed=2), turned), LogisticRegression(), design)
    assert result.json()["harm"]
    assert "worse than people alone" in result.answer


def test_the_same_seed_gives_the_same_pilot_whatever_the_mapper(data):
    def backwards(work, items):
        listed = list(items)
        done = {id(item): work(item) for item in reversed(listed)}
        return [done[id(item)] for item in listed]

    first = run_pilot(data, LogisticRegression(), SMALL)
    second = run_pilot(data, LogisticRegression(), SMALL, run=backwards)
    assert all(np.array_equal(first.items[arm], second.items[arm]) for arm in first.items)


def test_progress_is_told_after_every_cell(data):
    told = []
    run_pilot(data, LogisticRegression(), SMALL, on_cell=lambda done, total, cell: told.append((done, total, cell.n)))
    assert [done for done, _, _ in told] == list(range(1, 3 * 3 * 8 + 2 * 3 + 1))
    assert told[-1][:2] == (78, 78)


def test_data_frames_and_other_label_names_do(data, blobs):
    def frame(rows: pa.Table) -> pd.DataFrame:
        return rows.to_pandas().rename(columns={"label": "kind"}).drop(columns="id").sample(frac=1, random_state=0)

    given = PilotData(frame(data.real), frame(data.panel), frame(data.synthetic), label="kind")
    result = run_pilot(given, LogisticRegression(), SMALL)
    assert result.table().num_rows == 8 * 3
    assert "arms" in result.json()


def test_human_rows_are_nested_and_synthetic_ones_stay_out_of_the_human_arm(data):
    seen = []

    class Spy:
        def __call__(self, train, weight, unlabelled, rng):
            seen.append((set(train["x"].to_pylist()), weight, unlabelled))
            base = LogisticRegression().fit(np.c_[train["x"], train["y"]], train["label"].to_pylist())
            return _Fitted(base)

    run_pilot(data, Spy(), Design(sizes=(10, 20), seeds=2))
    plain = [ids for ids, weight, _ in seen if len(ids) in {10, 20} and (weight == 1).all()]
    small = [ids for ids in plain if len(ids) == 10]
    large = [ids for ids in plain if len(ids) == 20]
    assert any(a < b for a in small for b in large)
    assert all("label" not in unlabelled.column_names for _, _, unlabelled in seen)


class _Fitted:
    def __init__(self, model):
        self.model = model
        self.classes = tuple(map(str, model.classes_))

    def predict_proba(self, rows):
        return self.model.predict_proba(np.c_[rows["x"], rows["y"]])


def test_a_generator_is_drawn_once_a_seed(blobs):
    drawn = []

    def generator(n, rng, seed_rows=None, targets=()):
        drawn.append(n)
        yield from blobs(n, seed=int(rng.integers(1000))).drop_columns("id").to_batches()

    real = PilotData(blobs(60, seed=1), blobs(300, seed=2), generator)
    run_pilot(real, LogisticRegression(), Design(sizes=(10, 20), seeds=2))
    assert drawn == [500, 500]


def test_a_generator_draws_in_the_real_size_and_only_the_real_labels(tmp_path):
    from bimetal.plugins import make
    from bimetal.types import Spec

    digits = make(Spec("generators", "digits", {"size": 12}))
    rows = pa.Table.from_batches(list(digits(600, np.random.default_rng(0))))
    few = rows.filter(pa.array([label in {"1", "7"} for label in rows["label"].to_pylist()])).select(["image", "label"])
    given = PilotData(few.slice(0, 50), few.slice(50), make(Spec("generators", "digits", {"size": 28})))
    result = run_pilot(given, make(Spec("learners", "linear")), Design(sizes=(10, 20), seeds=2))
    assert result.arms["synthetic"][0].estimate > 0.8


def test_a_generator_of_other_labels_is_refused(data, blobs):
    def strange(n, rng, seed_rows=None, targets=()):
        rows = blobs(n).drop_columns("id")
        yield from rows.set_column(2, "label", pa.array(["other"] * n)).to_batches()

    with pytest.raises(InputError, match="drew 0 rows with the real table's labels, 700 were needed"):
        run_pilot(broken(data, synthetic=strange), LogisticRegression(), SMALL)


def broken(data, **changes):
    return PilotData(**{**{name: getattr(data, name) for name in data.__dataclass_fields__}, **changes})


def test_a_panel_that_overlaps_training_is_refused_and_its_rows_are_named(data):
    leaky = pa.concat_tables([data.panel, data.real.slice(4, 2)])
    with pytest.raises(InputError, match="2 panel rows also stand in the real table: row-1-4, row-1-5"):
        run_pilot(broken(data, panel=leaky), LogisticRegression(), SMALL)


def test_rows_with_other_ids_but_the_same_payload_overlap_too(data):
    copied = data.real.slice(0, 1).set_column(0, "id", pa.array(["renamed"]))
    with pytest.raises(InputError, match="1 panel rows also stand in the real table: renamed"):
        run_pilot(broken(data, panel=pa.concat_tables([data.panel, copied])), LogisticRegression(), SMALL)


def png(picture: np.ndarray, **how) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(picture).save(sink, "PNG", **how)
    return sink.getvalue()


def test_items_are_equal_however_they_are_stored():
    plain = payload_digests(pa.table({"x": [1, 0, None], "y": ["a", "b", "c"]}))
    moved = pa.table({"y": ["a", "b", "c"], "x": pa.array([1.0, -0.0, None])})
    exact = pa.table({"x": pa.array([Decimal(1), Decimal(0), None]), "y": ["a", "b", "c"]})
    assert plain == payload_digests(moved) == payload_digests(exact)
    others = pa.table({"x": ["1", "0", "None"], "y": ["a", "b", "c"]}), pa.table({"x": [np.nan] * 3, "y": list("abc")})
    assert not any(set(plain) & set(payload_digests(other)) for other in others)


def test_pictures_are_equal_by_their_pixels_and_shape():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 4, 6), np.uint8)
    small = pa.table({"image": [png(each, optimize=True, compress_level=9) for each in pictures]})
    large = pa.table({"image": [png(each, compress_level=0) for each in pictures]})
    tensors = pa.table({"image": pa.FixedShapeTensorArray.from_numpy_ndarray(pictures)})
    assert small["image"] != large["image"]
    assert payload_digests(small) == payload_digests(large) == payload_digests(tensors)
    assert len(set(payload_digests(small))) == 3
    turned = pa.table({"image": [png(each.reshape(6, 4)) for each in pictures]})
    assert not set(payload_digests(small)) & set(payload_digests(turned))


def test_a_labelled_table_given_as_unlabelled_neither_hides_an_overlap_nor_leaks_labels(data):
    def named(rows: pa.Table) -> pa.Table:
        return rows.rename_columns(["id", "x", "y", "kind"])

    tables = {"real": named(data.real), "panel": named(data.panel), "synthetic": named(data.synthetic)}
    leaky = tables["panel"].slice(0, 1).set_column(0, "id", pa.array(["renamed"]))
    with pytest.raises(InputError, match="1 panel rows also stand in the unlabelled table: row-2-0"):
        run_pilot(PilotData(**tables, label="kind", unlabelled=leaky), LogisticRegression(), SMALL)
    clean = leaky.set_column(1, "x", pa.array([9.0])).append_column("label", leaky["kind"])
    given = taken(PilotData(**tables, label="kind", unlabelled=clean), SMALL, "classification")
    assert given.unlabelled.column_names == ["id", "x", "y"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: {"real": d.real.slice(0, 0)}, "the real table has no rows"),
        (lambda d: {"panel": d.panel.drop_columns("label")}, "the panel table has no column 'label'"),
        (lambda d: {"real": d.real.slice(0, 30)}, "the largest size is 40 and the real table has 30 rows"),
        (lambda d: {"synthetic": d.synthetic.slice(0, 100)}, "the synthetic table has 100 rows"),
        (lambda d: {"synthetic": d.synthetic.drop_columns("x")}, "column 'x'"),
        (lambda d: {"real": "rows.csv"}, "real is str"),
        (lambda d: {"label": "kind"}, "no column 'kind'"),
    ],
)
def test_tables_that_cannot_be_used_are_refused_before_any_fit(data, change, words):
    with pytest.raises(InputError, match=words):
        run_pilot(broken(data, **change(data)), LogisticRegression(), SMALL)


def test_one_class_missing_labels_and_synthetic_rows_among_the_real_are_refused(data):
    one = data.real.filter(pa.array([v == "c0" for v in data.real["label"].to_pylist()]))
    with pytest.raises(InputError, match="holds one class, 'c0'"):
        run_pilot(broken(data, real=one), LogisticRegression(), SMALL)
    holes = data.real.set_column(3, "label", pa.array([None, *data.real["label"].to_pylist()[1:]]))
    with pytest.raises(InputError, match="1 real rows have no label: row-1-0"):
        run_pilot(broken(data, real=holes), LogisticRegression(), SMALL)
    mixed = data.real.append_column("item_origin", pa.array(["synthetic"] * 3 + ["real"] * 57))
    with pytest.raises(InputError, match="the real table holds 3 synthetic rows"):
        run_pilot(broken(data, real=mixed), LogisticRegression(), SMALL)


def test_a_learner_that_cannot_weigh_rows_says_so(data):
    with pytest.raises(InputError, match="weight"):
        run_pilot(data, KNeighborsClassifier(), SMALL)


def test_a_learner_that_gives_nan_is_named(data):
    class Broken:
        def __call__(self, train, weight, unlabelled, rng):
            return self

        classes = ("c0", "c1", "c2")

        def predict_proba(self, rows):
            return np.full((rows.num_rows, 3), np.nan)

    with pytest.raises(InputError, match="NaN for 300 panel rows"):
        run_pilot(data, Broken(), SMALL)


def test_what_is_no_learner_is_refused(data):
    with pytest.raises(InputError, match="the learner is 'svm'"):
        run_pilot(data, "svm", SMALL)
