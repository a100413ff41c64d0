"""Agreement broken down by slice, item origin, guideline version or rater."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from bimetal.types import Annotation

if TYPE_CHECKING:
    from bimetal.annotation.agreement.ratings import Agreement

Measure: TypeAlias = "Callable[[list[Annotation], str | None], Agreement]"


def breakdown(
    annotations: Iterable[Annotation], measure: Measure, by: Literal["rater", "guideline"] | Mapping[str, str]
) -> dict[str, Agreement]:
    """Measure each group apart, in the order of their names; a mapping of items to groups gives slices or origins.

    `measure` takes annotations and a rater's name or None: by rater it is given everything and the name, and compares
    that rater with the others. An item that the mapping does not hold is in no group. By guideline, an annotator's last
    answer under each version counts.

    >>> from datetime import UTC, datetime
    >>> import numpy as np
    >>> from bimetal.annotation.agreement import alpha, answers, ratings
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> said = {"Ann": "aabb", "Ben": "aaba"}
    >>> told = [(who, str(i), value) for who, values in said.items() for i, value in enumerate(values)]
    >>> given = [Annotation(f"{who}/{i}", i, who, "human", value, noon) for who, i, value in told]
    >>> nominal = lambda some, who: alpha(ratings(answers(some)), np.random.default_rng(0), focus=who)
    >>> found = breakdown(given, nominal, {"0": "real", "1": "real", "2": "synthetic", "3": "synthetic"})
    >>> {group: each.estimate for group, each in found.items()}
    {'real': None, 'synthetic': 0.0}
    """
    given = list(annotations)
    if by == "rater":
        answered = sorted({each.annotator for each in given if each.status == "submitted" and each.value})
        return {who: measure(given, who) for who in answered}
    groups: dict[str, list[Annotation]] = {}
    for each in given:
        group = str(each.guideline) if isinstance(by, str) else by.get(each.item)
        if group is not None:
            groups.setdefault(group, []).append(each)
    return {group: measure(groups[group], None) for group in sorted(groups, key=_by_number)}


def _by_number(group: str) -> tuple[bool, int, str]:
    return (not group.isdigit(), int(group) if group.isdigit() else 0, group)
