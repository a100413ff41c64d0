"""Which of two texts people prefer: a Bradley-Terry regression on the difference of what the texts are like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.learners._features import fit_tfidf, named, texts
from bimetal.learners._fitting import Fitted, Prepares, check_rows, check_weight, softmax
from bimetal.payload import columns

if TYPE_CHECKING:
    from bimetal.plugins import Model
    from bimetal.types import FloatArray

ANSWERS = ("a", "b", "tie")
TIES = (-9.0, 9.0)  # the range in which the logarithm of Davidson's tie parameter is sought


@dataclass(frozen=True)
class Preference(Prepares):
    """Fit log odds that `text_a` beats `text_b`, linear in the difference of their TF-IDF, lengths and likeness to
    the `prompt` where there is one (Bradley and Terry 1952); a 'tie' is half a win each (Davidson 1970).

    Labels are 'a', 'b' and, where the training rows hold it, 'tie'. Exchanging the texts exchanges the probabilities,
    so rows that all prefer 'a' teach as much as others. A smaller `C` regularises more.

    >>> rows = pa.table({"text_a": ["thank you so much", "no"], "text_b": ["no", "thank you all"], "label": ["a", "b"]})
    >>> model = Preference()(rows, np.ones(2), None, np.random.default_rng(0))
    >>> model.predict_proba(pa.table({"text_a": ["no"], "text_b": ["thank you"]})).argmax()
    np.int64(1)
    """

    C: float = 1.0
    iterations: int = 2000

    columns: ClassVar[tuple[str, ...]] = ("text_a", "text_b")

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,  # noqa: ARG002 - the protocol's; the solver draws nothing
    ) -> Model:
        from sklearn.linear_model import LogisticRegression

        wins = _wins(train)
        check_weight(train, weight)
        encode = _fit_differences(train)
        gap = encode(train)
        # Each row stands there once for either answer, weighed by how much of a win it was: a tie is half of both.
        regression = LogisticRegression(C=self.C, max_iter=self.iterations, fit_intercept=False)
        regression.fit(
            _twice(gap),
            np.repeat([1, 0], len(wins)),
            sample_weight=np.concatenate([weight * wins, weight * (1 - wins)]),
        )
        tied = wins == 0.5
        classes = ANSWERS if tied.any() else ANSWERS[:2]
        likely = _davidson(regression.decision_function(gap), tied, np.asarray(weight, float)) if tied.any() else 0.0
        return Fitted(classes, encode, lambda rows: _shares(regression.decision_function(rows), likely))


@dataclass(frozen=True)
class _Differences:
    """Encode what text_a is less what text_b is, each on the scale of the training texts."""

    tfidf: Any
    scale: FloatArray
    prompted: bool

    def __call__(self, table: pa.Table) -> Any:
        from scipy.sparse import csr_matrix, hstack

        one, two = texts(table, "text_a"), texts(table, "text_b")
        lengths = (_lengths(one) - _lengths(two)) / self.scale
        blocks = [self.tfidf.transform(one) - self.tfidf.transform(two), csr_matrix(lengths)]
        if self.prompted:
            asked = self.tfidf.transform(texts(table, "prompt"))
            blocks.append(csr_matrix(blocks[0].multiply(asked).sum(axis=1)))
        return hstack(blocks, format="csr")


def _fit_differences(train: pa.Table) -> _Differences:
    written = texts(train, "text_a") + texts(train, "text_b")
    prompted = "prompt" in train.column_names
    asked = texts(train, "prompt") if prompted else []
    scale = _lengths(written).std(axis=0)
    return _Differences(fit_tfidf(written + asked), np.where(scale > 0, scale, 1.0), prompted)


def _lengths(written: list[str]) -> FloatArray:
    found = columns(pa.table({"text": pa.array(written, pa.string())}))
    counts = [np.log1p(found[name]) for name in ("characters", "words")]
    shares = [found[name] for name in ("word_length", "distinct_words", "uppercase", "digits", "punctuation")]
    return np.column_stack(counts + shares)


def _wins(train: pa.Table) -> FloatArray:
    check_rows(train)
    labels: list[Any] = train["label"].to_pylist()
    for row, label in enumerate(labels):
        if label not in ANSWERS:
            raise InputError(
                f"{named(train, row)} has the label {label!r}, expected a, b or tie", "say which text is preferred"
            )
    if set(labels) == {"tie"}:
        raise InputError("the training rows hold one class, 'tie'", "bring rows where one text is preferred")
    return np.array([{"a": 1.0, "b": 0.0, "tie": 0.5}[each] for each in labels])


def _twice(gap: Any) -> Any:
    from scipy.sparse import vstack

    return vstack([gap, gap], format="csr")


def _shares(odds: FloatArray, likely: float) -> FloatArray:
    scores = [odds / 2, -odds / 2]
    return softmax(np.column_stack([*scores, np.full(len(odds), np.log(likely))] if likely else scores))


def _davidson(odds: FloatArray, tied: Any, weight: FloatArray) -> float:
    from scipy.optimize import minimize_scalar

    def loss(log_likely: float) -> float:
        tie = _shares(odds, float(np.exp(log_likely)))[:, 2]
        return float(-(weight[tied] @ np.log(tie[tied])) - weight[~tied] @ np.log1p(-tie[~tied]))

    return float(np.exp(minimize_scalar(loss, bounds=TIES, method="bounded").x))
