"""Spans: tokens and tags go there and back, forbidden sequences never come, labels that do not fit are named."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bimetal.errors import InputError
from bimetal.learners._tokens import spans, tags, tokens
from bimetal.learners.tagger import SPANS, Tagger, _likeliest, _transitions
from bimetal.metrics.span_f1 import SpanF1
from tests.learners import made


def f1(model, rows):
    return SpanF1()(rows["label"], model.predict(rows)).mean()


def fit(rows, weight=None):
    weight = np.ones(rows.num_rows) if weight is None else weight
    return Tagger()(rows, weight, None, np.random.default_rng(0))


def guessed(train):
    """Tag every word that the training rows hold as a span, with its commonest label."""
    known = {}
    for text, found in zip(train["text"].to_pylist(), train["label"].to_pylist(), strict=True):
        known |= {text[each["start"] : each["end"]]: each["label"] for each in found}

    def predict(text):
        return [
            {"start": found.start(), "end": found.end(), "label": label}
            for words, label in known.items()
            for found in re.finditer(re.escape(words), text)
        ]

    return predict


def test_names_never_seen_are_found_by_their_company():
    train = made.marked(60, 1, made.NAMES[:6], made.CITIES[:5])
    test = made.marked(200, 2, made.NAMES[6:], made.CITIES[5:])
    by_heart = guessed(train)
    from bimetal.plugins import Predictions

    floor = SpanF1()(test["label"], Predictions(pa.array(map(by_heart, test["text"].to_pylist()), SPANS))).mean()
    assert floor < 0.2
    assert f1(fit(train), test) > 0.9


def test_thai_without_spaces_is_tagged_by_characters():
    train = made.marked(80, 1, made.THAI_NAMES, made.THAI_CITIES, made.THAI)
    test = made.marked(100, 2, made.THAI_NAMES, made.THAI_CITIES, made.THAI)
    assert f1(fit(train), test) > 0.9


def test_a_row_that_weighs_nothing_teaches_nothing():
    right, wrong = made.marked(60, 1), made.marked(60, 1)
    renamed = [[{**each, "label": "other"} for each in row] for row in wrong["label"].to_pylist()]
    both = pa.concat_tables([right, wrong.set_column(2, "label", pa.array(renamed, SPANS))])
    test = made.marked(100, 2)
    assert f1(fit(both, np.repeat([1.0, 1e-6], 60)), test) > 0.9
    assert f1(fit(both, np.repeat([1e-6, 1.0], 60)), test) == 0


@given(st.text(), st.lists(st.integers(0, 30), max_size=6, unique=True).map(sorted))
def test_spans_on_token_bounds_come_back(text, cuts):
    row = tokens(text)
    assert all(text[each.start : each.end] == each.text for each in row)
    cuts = [each for each in cuts if each < len(row)]
    marked = [
        {"start": row[a].start, "end": row[b].end, "label": "x"} for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    assert spans(row, tags(row, marked)) == marked


def test_words_keep_their_marks():
    assert [each.text for each in tokens("हिन्दी Việt ฉันมา 我a")] == ["हिन्दी", "Việt", "ฉั", "น", "ม", "า", "我", "a"]


@given(st.integers(0, 1000))
def test_the_likeliest_tags_are_the_best_of_all(seed):
    import itertools

    rng = np.random.default_rng(seed)
    known = np.array(["B-x", "I-x", "O"])
    codes = [rng.integers(0, 3, 5)]
    step = _transitions(known, codes, np.ones(1))
    scores = rng.normal(size=(4, 3))
    best = max(
        itertools.product(range(3), repeat=4),
        key=lambda path: sum(
            scores[at, code] + step[path[at - 1] + 1 if at else 0, code] for at, code in enumerate(path)
        ),
    )
    assert _likeliest(scores, step) == list(best)
    assert best[0] != 1
    assert (2, 1) not in itertools.pairwise(best)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (None, "row 'm0' has the label None"),
        ([{"start": 3, "end": 99, "label": "x"}], "row 'm0' has the span .* in a text of 9 code points"),
        ([{"start": 3, "end": 3, "label": "x"}], "row 'm0' has the span"),
        ([{"start": 0, "end": 3, "label": None}], "row 'm0' has the span"),
        ([{"start": None, "end": 3, "label": "x"}], "row 'm0' has the span"),
        ([{"start": 0, "end": 3, "label": "x"}, {"start": 2, "end": 5, "label": "x"}], "do not overlap"),
        ([], "hold no span"),
        ([{"start": 0, "end": 9, "label": "x"}], "every token is 'B-x'"),
    ],
)
def test_labels_that_do_not_fit_are_named(label, message):
    text = "abcdefghi"
    with pytest.raises(InputError, match=message):
        fit(pa.table({"id": ["m0"], "text": [text], "label": pa.array([label], SPANS)}))


def test_labels_of_another_kind_and_texts_without_tokens():
    with pytest.raises(InputError, match="row 'a' has the label 'x', expected a list of spans"):
        fit(pa.table({"id": ["a"], "text": ["b"], "label": ["x"]}))
    model = fit(made.marked(30, 1))
    assert model.predict(pa.table({"text": ["", "  ", "…"]})).values.to_pylist() == [[], [], []]
