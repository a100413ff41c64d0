"""Preferences: exchanging the texts exchanges the odds, ties have a share, and people's taste is learned."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.errors import InputError
from bimetal.learners.preference import Preference
from tests.learners import made


def fit(rows, weight=None):
    weight = np.ones(rows.num_rows) if weight is None else weight
    return Preference()(rows, weight, None, np.random.default_rng(0))


def swapped(rows):
    names = {"text_a": "text_b", "text_b": "text_a"}
    return rows.rename_columns([names.get(name, name) for name in rows.column_names])


def agreement(model, rows):
    best = np.array(model.classes)[model.predict_proba(rows).argmax(axis=1)]
    return (best == np.array(rows["label"].to_pylist())).mean()


def test_politeness_is_learned_beyond_length():
    train, test = made.pairs(300, 1), made.pairs(500, 2)
    longer = [len(a) > len(b) for a, b in zip(test["text_a"].to_pylist(), test["text_b"].to_pylist(), strict=True)]
    floor = (np.where(longer, "a", "b") == np.array(test["label"].to_pylist())).mean()
    got = agreement(fit(train), test)  # people err one time in twelve, so 0.917 is the most there is
    assert got > 0.78
    assert got > floor + 0.05


@pytest.mark.parametrize("ties", [False, True])
def test_exchanging_the_texts_exchanges_the_probabilities(ties):
    model, test = fit(made.pairs(120, 1, ties)), made.pairs(50, 2)
    scores = model.predict_proba(test)
    order = [1, 0, 2] if ties else [1, 0]
    assert model.classes == ("a", "b", "tie")[: len(order)]
    np.testing.assert_allclose(model.predict_proba(swapped(test)), scores[:, order], atol=1e-12)
    np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_ties_get_the_share_they_have():
    train, test = made.pairs(400, 1, ties=True), made.pairs(400, 2, ties=True)
    scores = fit(train).predict_proba(test)
    tied = np.array(test["label"].to_pylist()) == "tie"
    assert scores[:, 2].mean() == pytest.approx(tied.mean(), abs=0.08)
    assert scores[tied, 2].mean() > scores[~tied, 2].mean() + 0.05


def test_rows_that_all_prefer_a_teach_as_much():
    mixed, test = made.pairs(200, 1), made.pairs(200, 2)
    flip = np.array(mixed["label"].to_pylist()) == "b"
    one, two = (np.array(mixed[name].to_pylist(), object) for name in ("text_a", "text_b"))
    chosen = pa.table({"text_a": np.where(flip, two, one), "text_b": np.where(flip, one, two), "label": ["a"] * 200})
    np.testing.assert_allclose(fit(chosen).predict_proba(test), fit(mixed).predict_proba(test), atol=0.01)


def test_a_text_that_answers_the_prompt_is_preferred():
    rng = np.random.default_rng(3)
    words = np.array([f"word{k}" for k in range(40)])
    asked, other = (words[rng.integers(0, 40, (200, 4))] for _ in range(2))
    first = rng.random(200) < 0.5
    told = [" ".join(each) for each in asked], [" ".join(each) for each in other]
    rows = pa.table(
        {
            "prompt": told[0],
            "text_a": np.where(first, *told),
            "text_b": np.where(first, *told[::-1]),
            "label": np.where(first, "a", "b"),
        }
    )
    assert agreement(fit(rows.slice(0, 100)), rows.slice(100)) > 0.9
    assert agreement(fit(rows.slice(0, 100).drop_columns("prompt")), rows.slice(100)) < 0.7


def test_weights_decide_between_rows_that_disagree():
    rows = made.pairs(100, 1)
    against = rows.set_column(3, "label", pa.array(["ab"[each == "a"] for each in rows["label"].to_pylist()]))
    both = pa.concat_tables([rows, against])
    assert agreement(fit(both, np.repeat([1.0, 0.0], 100)), made.pairs(200, 2)) > 0.75
    assert agreement(fit(both, np.repeat([0.0, 1.0], 100)), made.pairs(200, 2)) < 0.25


def test_what_does_not_fit_is_named():
    rows = made.pairs(4, 1)
    with pytest.raises(InputError, match="row 'q0' has the label 'text_a', expected a, b or tie"):
        fit(rows.set_column(3, "label", pa.array(["text_a"] * 4)))
    with pytest.raises(InputError, match="one class, 'tie'"):
        fit(rows.set_column(3, "label", pa.array(["tie"] * 4)))
    with pytest.raises(InputError, match="row 'q0' has no text_b"):
        fit(rows.set_column(2, "text_b", pa.nulls(4, pa.string())))
    with pytest.raises(InputError, match="'prompt', which the table lacks"):
        fit(rows.append_column("prompt", rows["id"])).predict_proba(rows)


def test_chinese_pairs_are_told_apart():
    rows = pa.table({"text_a": ["谢谢您的帮助", "不行"] * 6, "text_b": ["不行", "谢谢您"] * 6, "label": ["a", "b"] * 6})
    assert fit(rows).predict_proba(pa.table({"text_a": ["不"], "text_b": ["谢谢"]})).argmax() == 1
