"""Attackers who look for members or single people out find planted seeds, and no one where rows were made without them."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from bimetal.checks._inference import _auc, _sure, inference
from bimetal.checks._singling import coded, singled_out
from bimetal.checks.privacy import Privacy
from bimetal.generators import recipe_for
from bimetal.plugins import Context
from bimetal.types import Dataset, Origin, Spec, Task

ALPHA = 0.05 / 6
REPETITIONS = 100


def mixed(rng, n):
    """Numbers, codes and a heavy tail, as tables have them."""
    return {
        "age": rng.integers(18, 90, n).astype(float),
        "job": np.array([f"job {each}" for each in rng.integers(0, 12, n)], object),
        "town": np.array([f"town {each}" for each in (40 * rng.random(n) ** 2).astype(int)], object),
        "income": np.round(np.exp(rng.normal(8, 1, n))),
        "hours": np.where(rng.random(n) < 0.5, 40.0, rng.integers(1, 80, n)),
    }


def together(one, two):
    return {name: np.concatenate([one[name], two[name]]) for name in one}


def attack(k, n, planted=0):
    rng = np.random.default_rng([n, planted, k])
    seeds, holdout, made = (mixed(rng, n) for _ in range(3))
    for name in made:
        made[name][:planted] = seeds[name][:planted]
    seed = np.arange(2 * n) < n
    return singled_out(coded(made, together(seeds, holdout)), seed, rng, ALPHA, 199).lean.p <= ALPHA


def told(k, n, planted=0, noise=0.02):
    rng = np.random.default_rng([n, planted, k, 7])
    seeds, holdout, made = rng.standard_t(3, (3, n, 5))
    made[:planted] = seeds[:planted] + noise * rng.normal(size=(planted, 5))
    found = inference(made, (seeds, holdout), rng, ALPHA, 199)
    return found.auc.p <= ALPHA, found.sure.p <= ALPHA


MOST = binom.ppf(0.999, REPETITIONS, ALPHA)


def test_nobody_is_told_from_rows_made_without_the_seeds():
    found = np.array([told(k, 150) for k in range(REPETITIONS)]).sum(axis=0)
    assert all(each <= MOST for each in found)


def test_nobody_is_singled_out_by_rows_made_without_the_seeds():
    assert sum(attack(k, 150) for k in range(REPETITIONS // 2)) <= binom.ppf(0.999, REPETITIONS // 2, ALPHA)


def test_planted_seeds_are_told_and_singled_out():
    assert sum(told(k, 1000, planted=100)[0] for k in range(8)) >= 7
    assert sum(told(k, 1000, planted=40)[1] for k in range(8)) >= 7  # four in a hundred, at few false positives
    assert sum(attack(k, 1000, planted=150) for k in range(8)) >= 7


def test_the_auc_is_that_of_scikit_learn_and_the_sure_share_keeps_its_false_positives():
    rng = np.random.default_rng(0)
    scores, seed = rng.integers(0, 30, 400).astype(float), rng.random(400) < 0.5
    assert _auc(scores.astype(int), seed) == pytest.approx(roc_auc_score(seed, scores))
    scores = rng.normal(size=1000) + (np.arange(1000) < 500)
    seed = np.arange(1000) < 500
    threshold = np.sort(scores[~seed])[-6]
    assert np.mean(scores[~seed] > threshold) == 0.01
    assert _sure(scores, seed) == np.mean(scores[seed] > threshold)


def table(name, columns, **more):
    n = len(columns["age"])
    cells = {key: column.tolist() for key, column in columns.items()}
    rows = pa.table({"id": [f"{name}-{k}" for k in range(n)]} | cells | more)
    return Dataset(name, rows, Task(), "train", Origin("real", "a test"))


def judged(made, reference, recipes=()):
    context = Context(np.random.default_rng(0), {each.digest: each for each in recipes})
    return {each.where: each for each in Privacy()(made, reference, context)}


def reference(rng, n):
    seeds, holdout = mixed(rng, n), mixed(rng, n)
    return seeds, table("people", together(seeds, holdout), holdout=[False] * n + [True] * n)


def test_a_generator_that_repeats_its_seeds_fails_every_test():
    rng = np.random.default_rng(1)
    seeds, known = reference(rng, 500)
    found = judged(table("made", seeds), known)
    assert {each.verdict for each in found.values()} == {"fail"}
    assert "fit one seed alone" in found["singling out"].message
    assert "AUC" in found["membership"].message


def private(epsilon, seed_rows="ab" * 32, rng_seed=1):
    return recipe_for(Spec("generators", "private_table", {"epsilon": epsilon}), rng_seed, seed_rows)


def accounted(recipes, known=True, unknown=0, rng_seed=2):
    rng = np.random.default_rng(rng_seed)
    _, people = reference(rng, 300)
    made = mixed(rng, 300)
    stamped = [each.digest for each in recipes] * (300 // len(recipes))
    stamped[:unknown] = ["f" * 64] * unknown
    return judged(table("made", made, recipe=stamped), people if known else None, recipes)["accounting"]


def test_the_epsilon_a_recipe_claims_is_stated_and_fits_to_the_same_rows_add_up():
    alone = accounted([private(1.0)])
    assert (alone.verdict, alone.statistic) == ("pass", 1.0)
    assert "other bins and names were found privately" in alone.guarantee
    assert accounted([private(1.0), private(1.0, rng_seed=9)]).statistic == 1.0  # one fit, drawn from twice
    assert accounted([private(1.0), private(2.0)]).statistic == 3.0
    assert accounted([private(1.0), private(2.0, seed_rows="cd" * 32)]).statistic == 2.0


def test_a_claim_passes_no_rows_that_were_not_tested_and_a_large_one_warns():
    assert accounted([private(1.0)], known=False).verdict == "skip"
    assert accounted([private(50.0)]).verdict == "warn"
    assert "3 rows were not" in accounted([private(1.0)], unknown=3).message
    assert accounted([private(1.0)], unknown=3).verdict == "warn"


def test_rows_without_a_claim_have_no_account():
    rng = np.random.default_rng(3)
    _, people = reference(rng, 200)
    assert "accounting" not in judged(table("made", mixed(rng, 200)), people)
