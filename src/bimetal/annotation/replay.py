"""Raters replayed from known labels at a stated error rate: a rehearsal that never passes for human work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bimetal.errors import InputError
from bimetal.types import Annotation

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def replay(
    items: pa.Table, raters: Sequence[str], error_rate: float, rng: np.random.Generator, at: datetime, turn: int = 1
) -> list[Annotation]:
    """Let every rater answer every item of a table with `id` and `label`; `turn` is the annotations' round.

    With probability `error_rate` (0-1) a rater gives another of the labels in the table, each as likely.
    Raises InputError for a missing label, and for errors asked of a table with one label only.

    >>> import numpy as np, pyarrow as pa
    >>> from datetime import UTC
    >>> items = pa.table({"id": ["a", "b"], "label": ["1", "7"]})
    >>> [each.value for each in replay(items, ["Ann"], 0.0, np.random.default_rng(0), datetime(2026, 1, 1, tzinfo=UTC))]
    ['1', '7']
    """
    known = _known(items)
    labels = sorted({label for _, label in known})
    _refuse_impossible(error_rate, labels)
    answers = []
    for item, label in known:
        others = [each for each in labels if each != label]
        for rater in raters:
            value = others[rng.integers(len(others))] if rng.random() < error_rate else label
            answers.append(Annotation(f"{item}/{rater}/{turn}", item, rater, "replayed", value, at, round=turn))
    return answers


def _known(items: pa.Table) -> list[tuple[str, str]]:
    missing = {"id", "label"} - set(items.column_names)
    if missing:
        raise InputError(f"the items have no column {', '.join(sorted(missing))}", "pass a table with id and label")
    pairs = []
    for item, label in zip(items["id"].to_pylist(), items["label"].to_pylist(), strict=True):
        if label is None:
            raise InputError(f"item {item!r} has no label to replay", "pass items whose label is known")
        pairs.append((str(item), str(label)))
    return pairs


def _refuse_impossible(error_rate: float, labels: Sequence[str]) -> None:
    if not 0 <= error_rate <= 1:
        raise InputError(f"error_rate is {error_rate}, expected 0 to 1", "say 0.05 for five wrong answers in a hundred")
    if error_rate > 0 and len(labels) == 1:
        raise InputError(
            f"all items are labelled {labels[0]!r}, so no rater can be wrong", "pass items of two labels or more"
        )
