"""Leaks planted in images, texts and tables are named; look-alikes, short texts and coarse tables raise no alarm."""

import io

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from bimetal.checks._shingles import near_texts
from bimetal.checks.leakage import Leakage
from bimetal.plugins import Context
from bimetal.types import Dataset, Origin, Task

DIGITS = np.round(load_digits().images * 255 / 16).astype(np.uint8)
ORDER = np.random.default_rng(0).permutation(len(DIGITS))
PANEL, TRAIN = DIGITS[ORDER[:500]], DIGITS[ORDER[500:]]


def dataset(name, columns):
    n = len(next(iter(columns.values())))
    rows = pa.table({"id": [f"{name}-{i}" for i in range(n)]} | columns)
    return Dataset(name, rows, Task(), "train", Origin("real", "a test"))


def png(levels, kind="PNG"):
    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, kind)
    return stream.getvalue()


def pictures(name, levels, kind="PNG"):
    return dataset(name, {"image": pa.array([png(each, kind) for each in levels], pa.large_binary())})


def texts(name, lines):
    return dataset(name, {"text": list(lines)})


def judged(train, panel, **settings):
    return {each.where: each for each in Leakage(**settings)(train, panel, Context(np.random.default_rng(0)))}


def verdicts(found):
    return {where: each.verdict for where, each in found.items()}


@pytest.mark.parametrize("seed", range(5))
def test_different_digits_that_look_alike_raise_no_alarm(seed):
    order = np.random.default_rng(seed).permutation(len(DIGITS))
    found = judged(pictures("train", DIGITS[order[500:]]), pictures("panel", DIGITS[order[:500]]))
    assert verdicts(found) == {"exact": "pass", "near": "pass"}


def test_equal_pixels_are_a_leak_whatever_the_file_says():
    train = pictures("train", np.concatenate([TRAIN, PANEL[[7, 9]]]), "BMP")
    found = judged(train, pictures("panel", PANEL))
    assert verdicts(found) == {"exact": "fail", "near": "pass"}
    assert "2 of the 500 images of panel found again in train, exactly" in found["exact"].message
    assert f"'panel-7' as 'train-{len(TRAIN)}'" in found["exact"].message
    assert found["exact"].statistic == 2 / 500
    assert "take them out of train" in found["exact"].remedy


def test_copies_paler_and_noisy_are_near_and_only_warn():
    rng = np.random.default_rng(1)
    copies = np.clip(PANEL[:20] * 0.8 + rng.normal(0, 4, (20, 8, 8)), 0, 255).astype(np.uint8)
    found = judged(pictures("train", np.concatenate([TRAIN, copies])), pictures("panel", PANEL))
    assert verdicts(found) == {"exact": "pass", "near": "warn"}
    assert found["near"].statistic >= 18 / 500


def test_all_pairs_are_compared_not_only_those_alike_in_the_first_directions():
    """Against plain distances, every pair of them."""
    rng = np.random.default_rng(2)
    panel = rng.normal(size=(200, 60))
    train = np.concatenate([rng.normal(size=(300, 60)), panel[50:80] + rng.normal(0, 0.2, (30, 60))])
    tables = [
        dataset(name, {f"x{k}": each[:, k] for k in range(60)}) for name, each in (("train", train), ("panel", panel))
    ]
    both = np.concatenate([panel, train])
    scale = both.std(axis=0)
    gaps = np.linalg.norm((train[:, None] - panel[None]) / scale, axis=2)
    own = np.linalg.norm((panel[:, None] - panel[None]) / scale, axis=2) + np.diag(np.full(200, np.inf))
    expected = (gaps.min(axis=0) < 0.25 * np.median(own.min(axis=1))).mean()
    assert 0.1 < expected < 0.2
    assert judged(*tables)["near"].statistic == pytest.approx(expected)


def test_a_short_text_said_twice_is_named_and_its_likes_only_warn():
    panel = [*(f"question {'abcdefghijklmnopqrst'[k] * 9} {k}" for k in range(20)), "where is my card", "top up failed"]
    train = ["please help me", "where is my card", "TOP-UP  failed again", "Top up  failed"]
    found = judged(texts("train", train), texts("panel", panel))
    assert verdicts(found) == {"exact": "fail", "near": "warn"}
    assert found["exact"].statistic == found["near"].statistic == 1 / 22
    assert "'panel-21' as 'train-3'" in found["near"].message


def test_near_texts_are_those_of_plain_jaccard():
    rng = np.random.default_rng(3)
    words = ["card", "lost", "stolen", "where", "is", "my", "pin", "top-up", "failed", "again"]
    texts = [" ".join(rng.choice(words, 7)) for _ in range(200)]
    own = [" ".join(np.where(rng.random(7) < 0.1, "new", text.split())) for text in texts[:100]]

    def stretches(text):
        return {text[k : k + 4] for k in range(len(text) - 3)}

    def shared(one, two):
        return len(stretches(one) & stretches(two)) / len(stretches(one) | stretches(two))

    expected = {row for row, text in enumerate(own) if max(shared(text, other) for other in texts) >= 0.8}
    found = near_texts(texts, own, 0.8)
    assert {row for _, row in found.pairs} == expected
    assert all(shared(texts[twin], own[row]) >= 0.8 for twin, row in found.pairs)
    among = sum(any(shared(one, two) >= 0.8 for j, two in enumerate(own) if i != j) for i, one in enumerate(own))
    assert found.within == among


def test_texts_of_one_mould_are_done_with_in_seconds():
    mould = [f"order number {k} is late, please help me with it" for k in range(9000)]
    found = near_texts(mould[:8000], mould[8000:], 0.8)
    assert len(found.pairs) > 500


def numbers(name, rng, n):
    return {"x": rng.normal(size=n), "y": rng.lognormal(size=n), "job": rng.choice(list("abc"), n).tolist()}


def test_a_row_of_a_table_that_comes_again_is_a_leak():
    rng = np.random.default_rng(4)
    panel, train = dataset("panel", numbers("panel", rng, 300)), numbers("train", rng, 900)
    for name, column in train.items():
        train[name] = [*np.array(column).tolist(), panel.rows[name][5].as_py()]
    found = judged(dataset("train", train), panel)
    assert found["exact"].verdict == "fail"
    assert "'panel-5' as 'train-900'" in found["exact"].message


def test_rows_so_coarse_that_chance_repeats_them_are_told_but_not_held_against_anyone():
    rng = np.random.default_rng(5)
    panel, train = (
        dataset(name, {f"q{k}": rng.choice(["yes", "no"], n).tolist() for k in range(8)})
        for name, n in (("panel", 200), ("train", 2000))
    )
    found = judged(train, panel)
    assert verdicts(found) == {"exact": "pass", "near": "pass"}
    assert "more rows of values so common that chance brings them" in found["exact"].message


def test_rows_of_two_columns_lie_near_by_chance_and_pass():
    rng = np.random.default_rng(6)
    panel, train = (
        dataset(name, {"x": rng.normal(size=n), "y": rng.normal(size=n)})
        for name, n in (("panel", 500), ("train", 5000))
    )
    assert verdicts(judged(train, panel)) == {"exact": "pass", "near": "pass"}


def test_missing_numbers_are_equal_to_each_other():
    rng = np.random.default_rng(7)
    columns = {"x": rng.normal(size=40), "y": rng.normal(size=40)}
    columns["y"][3] = np.nan
    panel = dataset("panel", columns)
    found = judged(dataset("train", {name: column[3:4] for name, column in columns.items()}), panel)
    assert verdicts(found)["exact"] == "fail"


def test_a_small_panel_is_searched_for_copies_alone():
    found = judged(pictures("train", TRAIN[:50]), pictures("panel", TRAIN[:3]))
    assert verdicts(found) == {"exact": "fail", "near": "skip"}


def test_other_payloads_are_no_match():
    found = judged(dataset("train", {"x": [1.0]}), dataset("panel", {"y": [1.0]}))
    assert found[""].verdict == "fail"
    assert found[""].message == "only one of the two tables has x, y"
