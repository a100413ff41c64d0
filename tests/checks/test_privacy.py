"""Copies and near copies of seeds are found beside a holdout; rows made without them raise no alarm."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from scipy.stats import binom, fisher_exact
from sklearn.datasets import load_digits

from bimetal.checks._holdout import nearness
from bimetal.checks.privacy import Privacy
from bimetal.plugins import Context
from bimetal.types import Dataset, Origin, Task

DIGITS = np.round(load_digits().images * 255 / 16).astype(np.uint8)
DIGITS = DIGITS[np.random.default_rng(0).permutation(len(DIGITS))]
ALPHA = 0.05 / 3


def dataset(name, columns):
    n = len(next(iter(columns.values())))
    rows = pa.table({"id": [f"{name}-{i}" for i in range(n)]} | columns)
    return Dataset(name, rows, Task(), "train", Origin("real", "a test"))


def numbers(name, values, **more):
    return dataset(name, {f"x{k}": column for k, column in enumerate(values.T)} | more)


def patients(seeds, holdout):
    held = [False] * len(seeds) + [True] * len(holdout)
    return numbers("patients", np.vstack([seeds, holdout]), holdout=held)


def pictures(name, levels, **more):
    encoded = []
    for each in levels:
        stream = io.BytesIO()
        Image.fromarray(each).save(stream, "PNG")
        encoded.append(stream.getvalue())
    return dataset(name, {"image": pa.array(encoded, pa.large_binary())} | more)


def judged(made, reference, **settings):
    return {each.where: each for each in Privacy(**settings)(made, reference, Context(np.random.default_rng(0)))}


def verdicts(found):
    return {where: each.verdict for where, each in found.items()}


NEAR = ("copies", "share", "near copies")
TOLD = ("membership", "sure members", "singling out")
CLEAN = dict.fromkeys((*NEAR, *TOLD), "pass")


def rejections(draw, repetitions, n=200, planted=0):
    found = []
    for k in range(repetitions):
        rng = np.random.default_rng([n, planted, k])
        seeds, holdout, made = (draw(rng, n) for _ in range(3))
        made[:planted] = seeds[:planted] + 0.02 * rng.normal(size=seeds[:planted].shape)
        near = nearness(made, (seeds, holdout), rng, ALPHA, 199)
        found.append((near.share.p <= ALPHA, near.tail.p <= ALPHA))
    return np.array(found).sum(axis=0)


DRAWS = {
    "normal": lambda rng, n: rng.normal(size=(n, 5)),
    "heavy": lambda rng, n: rng.standard_t(1.5, size=(n, 4)),
    "coarse": lambda rng, n: rng.integers(0, 4, (n, 4)).astype(float),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_rows_made_without_the_seeds_are_rejected_at_the_nominal_rate(kind):
    repetitions = 250
    most = binom.ppf(0.999, repetitions, ALPHA)
    assert all(each <= most for each in rejections(DRAWS[kind], repetitions))


def test_half_a_percent_of_near_copies_is_found_among_two_thousand_rows():
    share, tail = rejections(DRAWS["normal"], 12, n=2000, planted=10)
    assert tail >= 11
    assert share <= 3  # ten rows do not move a share of two thousand: the median distance is blind to them


def test_one_percent_of_near_copies_is_found_among_a_thousand_rows():
    assert rejections(DRAWS["heavy"], 12, n=1000, planted=10)[1] >= 10


def test_near_copies_are_named_and_nothing_else_fails():
    rng = np.random.default_rng(5)
    seeds, holdout, made = rng.normal(size=(3, 1500, 6))
    made[100:115] = seeds[:15] + 1e-3
    found = judged(numbers("made", made), patients(seeds, holdout))
    assert verdicts(found) == CLEAN | {"near copies": "fail"}
    assert "'made-1" in found["near copies"].message
    assert found["near copies"].statistic > found["near copies"].limit


def test_copies_fail_by_fishers_test_and_by_no_more_than_the_holdout_brings():
    rng = np.random.default_rng(6)
    population = rng.integers(0, 5, (100_000, 4)).astype(float)
    seeds, holdout, made = population[:300], population[300:600], population[600:1200]
    reference = patients(seeds, holdout)
    assert verdicts(judged(numbers("made", made), reference))["copies"] == "pass"
    made = np.vstack([made, seeds[:200]])
    found = judged(numbers("made", made), reference)["copies"]
    assert found.verdict == "fail"
    copies = [round(share * 300) for share in (found.statistic, found.limit)]
    table = [[copies[0], 300 - copies[0]], [copies[1], 300 - copies[1]]]
    assert fisher_exact(table, alternative="greater").pvalue <= ALPHA


def test_one_seed_among_the_rows_warns_in_a_table_and_fails_as_a_picture():
    rng = np.random.default_rng(7)
    seeds, holdout, made = rng.normal(size=(3, 200, 4))
    made[3] = seeds[9]
    found = judged(numbers("made", made), patients(seeds, holdout))["copies"]
    assert (found.verdict, "'made-3'" in found.message) == ("warn", True)
    reference = pictures("scans", DIGITS[:400], holdout=[False] * 200 + [True] * 200)
    clean = judged(pictures("made", DIGITS[400:600]), reference)
    assert verdicts(clean) == CLEAN
    found = judged(pictures("made", DIGITS[[*range(400, 600), 9]]), reference)["copies"]
    assert (found.verdict, "'made-200'" in found.message) == ("fail", True)


def test_a_generator_that_jitters_its_seeds_leans_towards_them():
    rng = np.random.default_rng(8)
    seeds, holdout = rng.normal(size=(2, 400, 5))
    made = seeds[rng.integers(0, 400, 800)] + 0.5 * rng.normal(size=(800, 5))
    found = judged(numbers("made", made), patients(seeds, holdout))
    assert found["share"].verdict == "fail"
    assert found["share"].statistic > 0.55
    assert judged(numbers("made", made), patients(seeds, holdout), share=0.99)["share"].verdict == "warn"


def test_text_is_judged_too():
    rng = np.random.default_rng(9)
    words = ["my", "card", "was", "lost", "at", "the", "shop", "and", "nobody", "can", "find", "it", "now", "please"]
    lines = [" ".join(rng.choice(words, 12)) for _ in range(900)]
    reference = dataset("requests", {"text": lines[:600], "holdout": [False] * 300 + [True] * 300})
    assert "fail" not in verdicts(judged(dataset("made", {"text": lines[600:]}), reference)).values()
    found = judged(dataset("made", {"text": [*lines[600:], *(f"{each}!" for each in lines[:20])]}), reference)
    assert found["near copies"].verdict == "fail"


def test_without_a_holdout_nothing_passes_and_copies_still_fail():
    rng = np.random.default_rng(10)
    seeds, made = rng.normal(size=(2, 300, 4))
    bare = numbers("patients", seeds)
    found = judged(numbers("made", made), bare)
    assert verdicts(found) == {"copies": "skip", "near": "skip"}
    assert "boolean column 'holdout'" in found["near"].remedy
    made[5] = seeds[0]
    found = judged(numbers("made", made), bare)
    assert verdicts(found) == {"copies": "fail", "near": "skip"}
    assert "'made-5'" in found["copies"].message


def test_common_values_are_no_copies_without_a_holdout():
    rng = np.random.default_rng(11)
    coarse = rng.integers(0, 3, (600, 3)).astype(float)
    found = judged(numbers("made", coarse[:300]), numbers("patients", coarse[300:]))
    assert verdicts(found) == {"copies": "skip", "near": "skip"}


def test_too_few_rows_of_any_side_pass_nothing():
    rng = np.random.default_rng(12)
    values = rng.normal(size=(400, 3))
    found = judged(numbers("made", values[:150]), patients(values[150:360], values[360:]))
    assert "pass" not in verdicts(found).values()


@pytest.mark.parametrize("held", [["yes"] * 300, [True, None] * 150, [1] * 300])
def test_a_holdout_column_of_anything_but_true_and_false_is_a_fault(held):
    values = np.random.default_rng(13).normal(size=(300, 2))
    (found,) = Privacy()(
        numbers("made", values), numbers("patients", values, holdout=held), Context(np.random.default_rng(0))
    )
    assert found.verdict == "fail"
    assert "'holdout' holds" in found.message


def test_a_larger_holdout_is_cut_to_the_number_of_seeds():
    rng = np.random.default_rng(14)
    values = rng.normal(size=(2300, 4))
    found = judged(numbers("made", values[:800]), patients(values[800:1100], values[1100:]))
    assert verdicts(found) == CLEAN
    assert abs(found["share"].statistic - 0.5) < 0.1
