"""Which measure of agreement goes with which kind of task, and what an answer looks like there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from bimetal.annotation.agreement.krippendorff import alpha
from bimetal.annotation.agreement.matching import matched
from bimetal.annotation.agreement.ranking import ranked
from bimetal.annotation.agreement.ratings import Agreement, ratings
from bimetal.errors import UnknownName

if TYPE_CHECKING:
    import numpy as np

    from bimetal.annotation.agreement.distances import Metric
    from bimetal.annotation.agreement.ratings import Answers

    ByTask: TypeAlias = Callable[[Answers, np.random.Generator, str | None], Agreement]


def measure_of(kind: str) -> ByTask:
    """Return the measure to read first for a kind of task: it takes answers, an rng and a rater's name or None.

    An answer is a label for classification and pairs (the better of two in an order that does not change with the
    screen, or 'tie'), a collection of labels for tags, a number or a step of a scale for score, text for text, shapes
    for spans, boxes, polygons and keypoints, options from best to worst for ranking, the best and the worst for
    best-worst. Raises UnknownName for another kind.

    >>> import numpy as np
    >>> said = {"a": {"Ann": {"cat", "dog"}, "Ben": {"dog", "cat"}}, "b": {"Ann": {"cow"}, "Ben": {"cat"}}}
    >>> print(round(measure_of("tags")(said, np.random.default_rng(0), None).estimate, 3))
    0.308
    """
    if kind not in _MEASURES:
        raise UnknownName(f"no measure of agreement for task {kind!r}", f"use one of: {', '.join(_MEASURES)}")
    return _MEASURES[kind]


def trigrams(text: str) -> frozenset[str]:
    """Return every three characters in a row, white space as one blank: no script has to be cut in words.

    >>> sorted(trigrams("to  be"))
    [' be', '^to', 'be$', 'o b', 'to ']
    """
    padded = f"^{' '.join(text.split())}$"
    return frozenset(padded[at : at + 3] for at in range(max(1, len(padded) - 2)))


def _ends(answer: tuple[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(zip(("best", "worst"), answer, strict=True))


def _coded(
    given: Answers,
    rng: np.random.Generator,
    focus: str | None,
    metric: Metric = "nominal",
    read: Callable[[Any], Any] = lambda answer: answer,
) -> Agreement:
    coded = {item: {who: read(answer) for who, answer in by.items()} for item, by in given.items()}
    return alpha(ratings(coded), rng, metric, focus)


def _marked(given: Answers, rng: np.random.Generator, focus: str | None, least: float | None = None) -> Agreement:
    return matched(given, rng, least, focus)


_MEASURES: dict[str, ByTask] = {
    "classification": _coded,
    "pairs": _coded,
    "tags": partial(_coded, metric="masi", read=frozenset),
    "score": partial(_coded, metric="ordinal"),
    "text": partial(_coded, metric="jaccard", read=trigrams),
    "spans": partial(_marked, least=1),
    "boxes": partial(_marked, least=0.5),
    "polygons": partial(_marked, least=0.5),
    "keypoints": partial(_marked, least=0.5),
    "ranking": ranked,
    "best-worst": partial(_coded, metric="jaccard", read=_ends),
}
