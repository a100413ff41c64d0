"""Texts brought to one spelling as they enter: nothing invisible, Unicode Burmese; what was given is kept beside."""

from __future__ import annotations

import re

import pyarrow as pa

from bimetal.writing import normalised

_TEXT = re.compile(r"text|prompt|text_[a-z]")


def one_spelling(rows: pa.Table) -> pa.Table:
    """Normalise every text column, by the row's `language` where it has one; see `writing.normalised`.

    A column that changes keeps what was given in `_NAME_as_given`, null where nothing changed. Rows whose labels are
    places in the text are left as they are, as the places would move.

    >>> one_spelling(pa.table({"text": ["ก\u200bข", "kept"], "label": ["a", "b"]})).to_pylist()[0]
    {'text': 'กข', 'label': 'a', '_text_as_given': 'ก\u200bข'}
    """
    if "label" in rows.column_names and pa.types.is_nested(rows["label"].type):
        return rows
    for name in [each for each in rows.column_names if _TEXT.fullmatch(each) and _is_text(rows[each].type)]:
        rows = _spelled(rows, name)
    return rows


def _spelled(rows: pa.Table, name: str) -> pa.Table:
    given = rows[name].to_pylist()
    spoken = rows["language"].to_pylist() if "language" in rows.column_names else [None] * len(given)
    read = [
        text if text is None or text.isascii() else normalised(text, str(language or "")).text
        for text, language in zip(given, spoken, strict=True)
    ]
    if read == given:
        return rows
    kept = [before if before != after else None for before, after in zip(given, read, strict=True)]
    rows = rows.set_column(rows.column_names.index(name), name, pa.array(read, rows[name].type))
    return rows.append_column(f"_{name}_as_given", pa.array(kept, rows[name].type))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
