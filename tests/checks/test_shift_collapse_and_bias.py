"""The three checks against a reference fire on planted faults, say what is wrong, and stay quiet on a clean split."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from bimetal.checks.distribution_shift import DistributionShift
from bimetal.checks.generator_bias import GeneratorBias
from bimetal.checks.mode_collapse import ModeCollapse
from bimetal.plugins import Context
from bimetal.types import Dataset, Origin, Recipe, Spec, Target, Task

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = np.round(DIGITS * 255 / 16).astype(np.uint8).reshape(-1, 8, 8)


def split(seed=0):
    order = np.random.default_rng(seed).permutation(len(DIGITS))
    return order[:900], order[900:]


def table(columns, labels, origin="real"):
    n = len(labels)
    fixed = {
        "id": [f"{origin}-{i}" for i in range(n)],
        "label": [str(each) for each in labels],
        "item_origin": [origin] * n,
    }
    return Dataset(origin, pa.table(fixed | columns), Task(), "train", Origin(origin, "a test"))


def pictures(levels, labels, origin="real"):
    encoded = []
    for each in levels:
        buffer = io.BytesIO()
        Image.fromarray(each).save(buffer, "PNG")
        encoded.append(buffer.getvalue())
    return table({"image": pa.array(encoded, pa.large_binary())}, labels, origin)


OLD, NEW = split()
REAL = pictures(DIGITS[OLD], LABELS[OLD])


def judged(check, dataset, reference=REAL, seed=0, recipes=None):
    return {each.where: each for each in check(dataset, reference, Context(np.random.default_rng(seed), recipes or {}))}


def flagged(found):
    return {where for where, each in found.items() if each.verdict in {"warn", "fail"}}


def numbers(rng, n, **changes):
    columns = {
        "age": rng.normal(40, 10, n),
        "wage": rng.lognormal(3, 1, n),
        "job": rng.choice(list("abcde"), n).tolist(),
    }
    return table({"children": rng.poisson(1, n)} | columns | changes, rng.integers(0, 3, n))


# --- distribution_shift


def test_brighter_digits_are_called_brighter():
    levels = np.clip(DIGITS[NEW] * 1.3, 0, 255).astype(np.uint8)
    found = judged(DistributionShift(), pictures(levels, LABELS[NEW], "synthetic"))
    assert found["brightness"].verdict == "fail"
    assert found["brightness"].message.startswith("the synthetic images are brighter than the real images: a gap of")
    assert found["brightness"].statistic > found["brightness"].limit
    assert found["overall"].verdict == "fail"


def test_a_column_that_names_its_rows_is_left_out_with_a_reason():
    rng = np.random.default_rng(3)
    old, new = (
        numbers(rng, n, serial=[f"{prefix}-{k}" for k in range(n)]) for n, prefix in ((300, "old"), (200, "new"))
    )
    found = judged(DistributionShift(), new, old)
    assert found["serial"].verdict == "skip"
    assert "nearly every row has a value of its own in 'serial'" in found["serial"].message
    assert found["job"].verdict == "pass"


def test_so_few_rows_that_nothing_is_excluded_are_not_passed():
    rng = np.random.default_rng(4)
    found = judged(DistributionShift(), numbers(rng, 1), numbers(rng, 300))
    assert found["age"].verdict == "skip"
    assert "so few rows exclude no difference in 'age'" in found["age"].message


def test_a_clean_split_of_digits_passes_and_says_what_it_excludes():
    found = judged(DistributionShift(), pictures(DIGITS[NEW], LABELS[NEW]))
    assert not flagged(found)
    assert "is excluded" in found["brightness"].message


def test_moved_digits_are_said_to_sit_further_right():
    found = judged(DistributionShift(), pictures(np.roll(DIGITS[NEW], 1, axis=2), LABELS[NEW], "synthetic"))
    assert "sit further right" in found["centre_x"].message
    assert found["centre_y"].verdict == "pass"


def test_longer_texts_are_called_longer():
    rng = np.random.default_rng(0)
    words = np.array(["where", "is", "my", "card", "top-up", "failed"])
    short, long = ([" ".join(rng.choice(words, rng.poisson(mean) + 1)) for _ in range(300)] for mean in (6, 12))
    found = judged(
        DistributionShift(), table({"text": long}, range(300), "synthetic"), table({"text": short}, range(300))
    )
    assert found["characters"].verdict == "fail"
    assert "the synthetic texts are longer than the real texts" in found["characters"].message
    assert found["uppercase"].verdict == "pass"


@pytest.mark.parametrize(
    ("changes", "where", "words"),
    [
        (lambda rng: {"age": rng.normal(50, 10, 800)}, "age", "have higher 'age'"),
        (lambda rng: {"age": rng.normal(40, 25, 800)}, "age", "vary more in 'age'"),
        (
            lambda rng: {"job": rng.choice(list("abcde"), 800, p=[0.6, 0.1, 0.1, 0.1, 0.1]).tolist()},
            "job",
            "'a', +35.8 points",
        ),
        (
            lambda rng: {"job": [*rng.choice(list("abcde"), 780).tolist(), *["new"] * 20]},
            "job",
            "never hold (2.5% of rows)",
        ),
        (lambda rng: {"age": np.append(rng.normal(40, 10, 784), np.full(16, 400.0))}, "age", "beyond the usual range"),
        (
            lambda rng: {"age": pa.array([None] * 80 + list(rng.normal(40, 10, 720)))},
            "age",
            "lack 'age' more often (10.0%",
        ),
    ],
)
def test_each_kind_of_change_in_a_table_is_named(changes, where, words):
    rng = np.random.default_rng(4)
    found = judged(DistributionShift(rows=0), numbers(rng, 800, **changes(rng)), numbers(rng, 800))
    assert flagged(found) == {where}
    assert words in found[where].message


def test_a_real_but_small_gap_does_not_fail():
    rng = np.random.default_rng(4)
    found = judged(
        DistributionShift(rows=0), numbers(rng, 40_000, age=rng.normal(40.5, 10, 40_000)), numbers(rng, 40_000)
    )
    assert found["age"].verdict == "pass"  # significant, and surely below the tolerance
    strict = judged(
        DistributionShift(tolerance=0.01, rows=0),
        numbers(rng, 40_000, age=rng.normal(40.5, 10, 40_000)),
        numbers(rng, 40_000),
    )
    assert strict["age"].verdict in {"warn", "fail"}


def test_equal_tables_are_flagged_rarely():
    rounds, hits = 150, 0
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        hits += bool(flagged(judged(DistributionShift(rows=0), numbers(rng, 200), numbers(rng, 200), seed)))
    assert hits <= 16  # with all columns equal a false alarm anywhere has chance .05: more than 16 of 150, .002


# --- mode_collapse


def test_a_dropped_digit_is_found_over_all_rows_and_by_label():
    kept = NEW[LABELS[NEW] != 7]
    found = judged(ModeCollapse(), pictures(DIGITS[kept], LABELS[kept], "synthetic"))
    assert found[""].verdict == "fail"
    assert found[""].statistic > 0.05
    assert found["label=7"].verdict == "fail"
    assert "hold no row with label=7" in found["label=7"].message
    assert flagged(found) == {"", "label=7"}


def test_a_mode_dropped_inside_one_label_is_found_there():
    rng = np.random.default_rng(2)

    def drawn(n, share, origin):
        labels = rng.integers(0, 2, n)
        far = (labels == 1) & (rng.random(n) < share)
        return table({"x": rng.normal(8 * far, 1), "y": rng.normal(0, 1, n) + 5 * labels}, labels, origin)

    found = judged(ModeCollapse(), drawn(1000, 0, "synthetic"), drawn(1000, 0.15, "real"))
    assert flagged(found) == {"", "label=1"}
    assert found["label=1"].statistic == pytest.approx(0.15, abs=0.05)


def test_digits_drawn_to_the_middle_of_their_class_are_called_shrunk():
    means = np.stack([DIGITS[np.equal(LABELS, k)].mean(axis=0) for k in range(10)])
    levels = (0.6 * DIGITS[NEW] + 0.4 * means[LABELS[NEW]]).astype(np.uint8)
    found = judged(ModeCollapse(), pictures(levels, LABELS[NEW], "synthetic"))
    assert found["within modes"].verdict == "fail"
    assert "huddle closer" in found["within modes"].message
    assert found[""].verdict == "fail"  # the edge is cut


def test_a_clean_split_of_digits_is_covered():
    assert not flagged(judged(ModeCollapse(), pictures(DIGITS[NEW], LABELS[NEW])))


def test_a_label_too_rare_to_judge_is_skipped():
    rng = np.random.default_rng(0)
    few = numbers(rng, 100)
    rows = few.rows.set_column(1, "label", pa.array(["0"] * 95 + ["1"] * 5))
    reference = Dataset("real", rows, Task(), "train", few.origin)
    assert judged(ModeCollapse(), numbers(rng, 100), reference)["label=1"].verdict == "skip"


def test_equal_sets_are_called_collapsed_rarely():
    hits = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        hits += bool(flagged(judged(ModeCollapse(), numbers(rng, 150), numbers(rng, 150), seed)))
    assert hits <= 8  # .05 by design: more than 8 of 60, .004


# --- generator_bias


def shares(p, n, origin, rng, **columns):
    labels = rng.choice(["a", "b", "c"], n, p=p)
    return table({"x": np.zeros(n), **columns}, labels, origin)


def test_an_amplified_label_fails_with_its_ratio():
    rng = np.random.default_rng(1)
    found = judged(
        GeneratorBias(), shares([0.7, 0.2, 0.1], 3000, "synthetic", rng), shares([0.4, 0.3, 0.3], 3000, "real", rng)
    )
    assert found["label=a"].verdict == "fail"
    assert found["label=a"].statistic == pytest.approx(1.75, abs=0.1)
    assert "more often" in found["label=a"].message
    assert "less often" in found["label=c"].message
    assert found["label=c"].limit == pytest.approx(0.8)


def test_a_small_bias_warns_and_a_tiny_one_passes():
    rng = np.random.default_rng(1)
    real = shares([0.4, 0.3, 0.3], 6000, "real", rng)
    assert (
        judged(GeneratorBias(), shares([0.49, 0.26, 0.25], 6000, "synthetic", rng), real)["label=a"].verdict == "warn"
    )
    assert set(judged(GeneratorBias(), shares([0.42, 0.29, 0.29], 6000, "synthetic", rng), real)) == {"label"}


def test_what_a_recipe_asked_for_warns_only():
    rng = np.random.default_rng(1)
    recipe = Recipe(Spec("generators", "any"), 0, targets=(Target("label", "a", 0.7),))
    made = shares([0.7, 0.2, 0.1], 3000, "synthetic", rng, recipe=[recipe.digest] * 3000)
    found = judged(GeneratorBias(), made, shares([0.4, 0.3, 0.3], 3000, "real", rng), recipes={recipe.digest: recipe})
    assert {each.verdict for each in found.values()} == {"warn"}
    assert "targets ask" in found["label=a"].message


def test_each_slice_column_is_judged_and_a_missing_one_skipped():
    rng = np.random.default_rng(1)
    made = shares([0.4, 0.3, 0.3], 2000, "synthetic", rng, site=["north"] * 1800 + ["south"] * 200)
    real = shares([0.4, 0.3, 0.3], 2000, "real", rng, site=["north"] * 1000 + ["south"] * 1000)
    found = judged(GeneratorBias(columns=("label", "site", "age")), made, real)
    assert {where: each.verdict for where, each in found.items()} == {
        "label": "pass",
        "site=north": "fail",
        "site=south": "fail",
        "age": "skip",
    }


def test_equal_shares_are_flagged_rarely():
    hits = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        one, two = (shares([0.6, 0.3, 0.1], 200, origin, rng) for origin in ("synthetic", "real"))
        hits += bool(flagged(judged(GeneratorBias(), one, two)))
    assert hits <= 27  # .05 by design: more than 27 of 300, .002
