"""Spans in texts (names, amounts, places): a token tagger of logistic regression and Viterbi search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import named, texts
from bimetal.learners._fitting import Prepares, check_rows, check_weight
from bimetal.learners._tokens import OUTSIDE, features, spans, tags, tokens
from bimetal.plugins import Predictions

if TYPE_CHECKING:
    from bimetal.types import FloatArray

SPANS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]))
SMOOTHING = 0.1  # of a transition never seen, in tokens


@dataclass(frozen=True)
class Tagger(Prepares):
    """Fit a tagger of the spans in `text`: what each token and its neighbours look like gives its tag's odds, how tags
    follow each other the likeliest sequence.

    `label` is a list of (start, end, label) in code points, empty where a text holds none; spans may not overlap.
    Predicted spans begin and end with a token: a word, a number, a sign, a character where words are not spaced.
    A smaller `C` regularises more.

    >>> rows = pa.table({"text": ["call Ann", "ask Bo"], "label": pa.array(
    ...     [[{"start": 5, "end": 8, "label": "name"}], [{"start": 4, "end": 6, "label": "name"}]], SPANS)})
    >>> model = Tagger()(rows, np.ones(2), None, np.random.default_rng(0))
    >>> model.predict(pa.table({"text": ["call Cy"]})).values.to_pylist()
    [[{'start': 5, 'end': 7, 'label': 'name'}]]
    """

    C: float = 10.0
    iterations: int = 1000

    task: ClassVar[str] = "spans"
    columns: ClassVar[tuple[str, ...]] = ("text",)

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,  # noqa: ARG002 - the protocol's; the solver draws nothing
    ) -> SpanModel:
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression

        rows = [tokens(text) for text in texts(train)]
        tagged = [tags(row, marked) for row, marked in zip(rows, _labels(train), strict=True)]
        check_weight(train, weight)
        known = np.unique([tag for row in tagged for tag in row])
        if set(known) <= {OUTSIDE}:
            raise InputError("the training rows hold no span", "bring rows with spans of one label or more")
        codes = [np.searchsorted(known, row) for row in tagged]
        vocabulary = DictVectorizer()
        matrix = vocabulary.fit_transform([each for row in rows for each in features(row)])
        heavy = np.repeat(np.asarray(weight, float), [len(row) for row in rows])
        if len(known) == 1:
            raise InputError(f"every token is {str(known[0])!r}", "bring texts with words outside the spans")
        regression = LogisticRegression(C=self.C, max_iter=self.iterations)
        regression.fit(matrix, np.concatenate(codes), sample_weight=heavy)
        return SpanModel(tuple(known.tolist()), vocabulary, regression, _transitions(known, codes, weight))


@dataclass(frozen=True)
class SpanModel:
    """A fitted tagger; `step` holds the log odds of a tag after another, the first row those of the text's start."""

    tags: tuple[str, ...]
    vocabulary: Any
    regression: Any
    step: FloatArray

    def predict(self, rows: pa.Table) -> Predictions:
        cut = [tokens(text) for text in texts(rows)]
        described = [each for row in cut for each in features(row)]
        scores = np.zeros((0, len(self.tags)))
        if described:
            scores = self.regression.predict_log_proba(self.vocabulary.transform(described))
        ends = np.cumsum([len(row) for row in cut])[:-1]
        best = [_likeliest(each, self.step) for each in np.split(scores, ends)] if cut else []
        found = [spans(row, [self.tags[code] for code in codes]) for row, codes in zip(cut, best, strict=True)]
        return Predictions(pa.array(found, SPANS))


def _labels(train: pa.Table) -> list[list[dict[str, Any]]]:
    check_rows(train)
    marked: list[Any] = train["label"].to_pylist()
    for row, (found, text) in enumerate(zip(marked, texts(train), strict=True)):
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise InputError(
                f"{named(train, row)} has the label {found!r}, expected a list of spans",
                "give start, end and label of each span, an empty list where there is none",
            )
        last = 0
        for span in sorted(found, key=lambda each: each.get("start") or 0):
            if not _fits(span, last, len(text)):
                raise InputError(
                    f"{named(train, row)} has the span {span!r} in a text of {len(text)} code points",
                    "give spans that lie in the text, have a label and do not overlap",
                )
            last = span["end"]
    return marked


def _fits(span: dict[str, Any], first: int, last: int) -> bool:
    start, end = span.get("start"), span.get("end")
    return start is not None and end is not None and bool(span.get("label")) and first <= start < end <= last


def _transitions(known: Any, codes: list[Any], weight: FloatArray) -> FloatArray:
    counts = np.full((len(known) + 1, len(known)), SMOOTHING)
    for row, each in zip(codes, weight, strict=True):
        np.add.at(counts, (np.concatenate([[0], row[:-1] + 1])[: len(row)], row), each)
    # Divided by how often a tag comes at all, which the regression has counted already.
    odds = counts / counts.sum(axis=1, keepdims=True) / (counts.sum(axis=0) / counts.sum())
    for after, tag in enumerate(known):
        if tag.startswith("I-"):
            may = [False, *(before in {f"B-{tag[2:]}", tag} for before in known)]
            odds[~np.array(may), after] = 0
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(odds), float)


def _likeliest(scores: FloatArray, step: FloatArray) -> list[int]:
    if not len(scores):
        return []
    best = scores[0] + step[0]
    came = []
    for score in scores[1:]:
        paths = best[:, None] + step[1:]
        came.append(paths.argmax(axis=0))
        best = paths.max(axis=0) + score
    codes = [int(best.argmax())]
    for back in reversed(came):
        codes.append(int(back[codes[-1]]))
    return codes[::-1]
