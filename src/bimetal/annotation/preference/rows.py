"""Preference rows to train on: prompt, chosen, rejected, as TRL reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bimetal.annotation.preference.apart import majorities
from bimetal.annotation.preference.choices import Choice, one_kind
from bimetal.errors import InputError

COLUMNS = ("prompt", "chosen", "rejected")


@dataclass(frozen=True, slots=True)
class Preferences:
    """A table of prompt, chosen and rejected; the ties left out are counted, and `words` say so."""

    rows: pa.Table
    ties: int
    words: str


def trl_rows(
    choices: Sequence[Choice], prompts: Mapping[str, str], texts: Mapping[tuple[str, str], str]
) -> Preferences:
    """Return one row a pair of options of one item, by the majority of one kind of actor; ties are left out and said.

    `prompts` are item -> text, `texts` (item, option) -> text. Raises InputError for a text that is missing, and where
    people and models are mixed.

    >>> said = [Choice("p", who, "human", ("a", "b"), (best,)) for who, best in zip("ABC", "aab")]
    >>> found = trl_rows(said, {"p": "Say hello"}, {("p", "a"): "Hello!", ("p", "b"): "No."})
    >>> found.rows.to_pylist()
    [{'prompt': 'Say hello', 'chosen': 'Hello!', 'rejected': 'No.'}]
    """
    kind = one_kind(choices)
    rows, ties = [], 0
    for (item, first, second), sign in majorities(choices).items():
        if not sign:
            ties += 1
            continue
        chosen, rejected = (first, second) if sign > 0 else (second, first)
        rows.append((_text(prompts, item), _text(texts, (item, chosen)), _text(texts, (item, rejected))))
    columns = [[row[at] for row in rows] for at in range(len(COLUMNS))]
    table = pa.table({name: pa.array(column, pa.string()) for name, column in zip(COLUMNS, columns, strict=True)})
    return Preferences(table, ties, f"{len(rows)} pairs preferred by {kind}, {ties} tied and left out")


def _text(texts: Mapping[Any, str], key: str | tuple[str, str]) -> str:
    if key not in texts:
        raise InputError(f"no text for {key!r}", "give the text of every prompt and of every option shown")
    return texts[key]
