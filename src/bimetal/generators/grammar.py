"""Sentences from a phrase grammar that people write: labels or labelled spans by construction, offline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._grammar.flat import BEGIN, END, NAMED, Flat, flattened
from bimetal.generators._grammar.reading import Pattern, read
from bimetal.generators._grammar.typing import tightened, typed
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Target

if TYPE_CHECKING:
    from bimetal.types import IntArray

Truth = Literal["label", "spans"]

BATCH = 4096
MARK = re.compile(f"{BEGIN}([^{NAMED}]*){NAMED}|{END}")


@dataclass(frozen=True)
class Grammar:
    r"""Say what a grammar says: one that comes with the project (`bank`, `home`, `reviews`), or its text.

    A section `# label | column=value` holds patterns, a pattern choices `(a|b*3)`, parts left out `(please)?20%` and
    slots `{city}`; `{city:place}` marks a span, which `truth="spans"` gives as the label. `labels` keeps some sections;
    `typing` (0-2) scales how carelessly people type. Targets may name label, pattern, language and the columns that
    sections declare. Sentences repeat where a grammar is small.

    >>> said = "{who} = (I|we)\n# lost\n{who} lost (my|our) card"
    >>> rows = pa.Table.from_batches(Grammar(said)(2, np.random.default_rng(0)))
    >>> rows["text"].to_pylist()
    ['we lost my card', 'we lost our card']
    """

    grammar: str = "bank"
    truth: Truth = "label"
    labels: tuple[str, ...] = ()
    typing: float = 0.0

    def __post_init__(self) -> None:
        if self.truth not in get_args(Truth):
            raise InputError(f"truth is {self.truth!r}", f"choose one of: {', '.join(get_args(Truth))}")
        if not isinstance(self.typing, int | float) or not 0 <= self.typing <= 2:
            raise InputError(f"typing is {self.typing!r}, expected a number from 0 to 2", "0 types without a slip")
        held = _read(self.grammar)
        unknown = sorted({*self.labels} - {each.label for each in held.says})
        if unknown:
            known = ", ".join(sorted({each.label for each in held.says}))
            raise InputError(f"the grammar has no label {unknown[0]!r}", f"choose among: {known}")

    @property
    def licence(self) -> str:
        """What the grammar says its sentences may be used under; unknown where it says nothing."""
        return _read(self.grammar).settings.get("licence", UNKNOWN_LICENCE)

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        held = _read(self.grammar)
        rows = [row for row, each in enumerate(held.says) if not self.labels or each.label in self.labels]
        columns = {name: [values[row] for row in rows] for name, values in held.columns.items()}
        shares = raked(held.flat.weights[rows].tolist(), columns, targets)
        cells = np.array(rows)
        return (
            self._batch(held, cells[child.choice(len(cells), BATCH, p=shares)], count, child)
            for count, child in batches(n, rng, BATCH)
        )

    def like(self, rows: pa.Table) -> Grammar:
        """Return the grammar saying only the labels of these rows, where it knows some of them."""
        wanted = {str(each) for each in pc.unique(rows["label"]).to_pylist()} if "label" in rows.column_names else set()
        known = sorted(wanted & {each.label for each in _read(self.grammar).says})
        return replace(self, labels=tuple(known)) if known and self.truth == "label" else self

    def _batch(self, held: _Held, patterns: IntArray, count: int, rng: np.random.Generator) -> pa.RecordBatch:
        said = held.flat.drawn(patterns, rng)
        if held.marked:
            said = tightened(said) if self.truth == "spans" else pc.replace_substring_regex(said, MARK.pattern, "")
        said = typed(said, self.typing, held.settings.get("capital") == "yes", rng)[:count]
        described = {name: pa.array(values).take(patterns[:count]) for name, values in held.columns.items()}
        if self.truth == "spans":
            pairs = [_spans(str(each)) for each in said]
            said = pa.array([text for text, _ in pairs], pa.string())
            described["intent"], described["label"] = described["label"], pa.array([spans for _, spans in pairs])
        return pa.RecordBatch.from_pydict({"text": said, **described})


@dataclass(frozen=True)
class _Held:
    settings: dict[str, str]
    flat: Flat
    says: tuple[Pattern, ...]
    columns: dict[str, list[str]]
    marked: bool


@lru_cache(maxsize=8)
def _read(given: str) -> _Held:
    grammar = read(given)
    flat, says = flattened(grammar)
    declared = sorted({name for each in says for name, _ in each.columns})
    columns = {"label": [each.label for each in says], "pattern": [each.name for each in says]}
    columns |= {name: [dict(each.columns).get(name, "") for each in says] for name in declared}
    columns.setdefault("language", [grammar.settings.get("language", "und")] * len(says))
    marked = any(BEGIN in str(each) for each in flat.said.to_pylist())
    return _Held(grammar.settings, flat, tuple(says), columns, marked)


def _spans(marked: str) -> tuple[str, str]:
    """Take the marks out of a sentence and give what they covered, as spans in code points."""
    text, spans, open_at = "", [], (0, "")
    last = 0
    for found in MARK.finditer(marked):
        text += marked[last : found.start()]
        last = found.end()
        if found[1] is not None:
            open_at = (len(text), found[1])
        else:
            spans.append({"start": open_at[0], "end": len(text), "label": open_at[1]})
    return text + marked[last:], json.dumps(spans)
