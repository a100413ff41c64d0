"""Answers in codes: who said what about which item, sorted, once each, ready for arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.annotation.aggregation.exact import on_grid
from bimetal.annotation.resolve import latest
from bimetal.errors import InputError
from bimetal.types import Annotation

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from bimetal.types import FloatArray, IntArray

    Column: TypeAlias = Sequence[str] | pa.Array[Any] | pa.ChunkedArray[Any]


@dataclass(frozen=True, eq=False)
class Votes:
    """One answer a row, as codes into sorted names; rows are sorted by item, then rater.

    `item`, `rater` and `value` have shape (annotations,); `Votes.of` makes them, so that the same answers in
    another order of rows are the same votes.
    """

    item: IntArray
    rater: IntArray
    value: IntArray
    items: tuple[str, ...]
    raters: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, items: Column, raters: Column, values: Column, labels: Iterable[str] = ()) -> Votes:
        """Code three equally long columns of strings; `labels` names those that may be given though nobody did.

        Raises InputError for no rows, a null, and a rater who answers an item twice: the order of rows is no
        time, so which answer is the later must be settled before (`Votes.of_annotations` does).

        >>> votes = Votes.of(["b", "a", "a"], ["Ann", "Ben", "Ann"], ["no", "yes", "no"])
        >>> votes.items, votes.item.tolist(), [votes.labels[each] for each in votes.value]
        (('a', 'b'), [0, 0, 1], ['no', 'yes', 'no'])
        """
        lengths = {len(items), len(raters), len(values)}
        if lengths == {0} or len(lengths) > 1:
            shown = f"{len(items)} items, {len(raters)} raters and {len(values)} values"
            raise InputError(f"{shown} are no annotations", "give three columns, an answer a row, at least one")
        item, item_names = _coded(items, "item")
        rater, rater_names = _coded(raters, "rater")
        value, label_names = _coded(values, "value", labels)
        item, rater, value = _sorted(item, rater, value)
        votes = cls(item, rater, value, item_names, rater_names, label_names)
        _refuse_repeats(votes)
        return votes

    @classmethod
    def of_annotations(cls, annotations: Iterable[Annotation], labels: Iterable[str] = ()) -> Votes:
        """Code each annotator's latest submitted answer to each item; skipped answers are none."""
        kept = [each for answers in latest(annotations).values() for each in answers.values()]
        given = [each for each in kept if each.status == "submitted" and each.value is not None]
        values = [each.value for each in given if each.value is not None]
        return cls.of([each.item for each in given], [each.annotator for each in given], values, labels)

    @cached_property
    def counts(self) -> IntArray:
        """How many gave each label to each item: shape (items, labels)."""
        return _table(self.cell, len(self.items), len(self.labels))

    @cached_property
    def usage(self) -> IntArray:
        """How often each rater gave each label: shape (raters, labels)."""
        return _table(self.answer, len(self.raters), len(self.labels))

    @cached_property
    def per_item(self) -> IntArray:
        """How many answers each item has: shape (items,)."""
        return self.counts @ np.ones(len(self.labels), dtype=np.int64)

    @cached_property
    def cell(self) -> IntArray:
        """Item and value in one code, item * labels + value: shape (annotations,)."""
        return self.item * len(self.labels) + self.value

    @cached_property
    def answer(self) -> IntArray:
        """Rater and value in one code, rater * labels + value: shape (annotations,)."""
        return self.rater * len(self.labels) + self.value

    @cached_property
    def answers_by_item(self) -> csr_array:
        """Which of all raters' possible answers each item got: ones, of shape (items, raters * labels)."""
        return _ones(self.answer, self.per_item, self.usage.size)

    def shares(self) -> FloatArray:
        """Return each label's share of an item's answers, on a grid where shares add up exactly: (items, labels)."""
        given = self.counts / self.per_item[:, None]
        return on_grid(given, given.size, out=given)

    def gold(self, clamped: Mapping[str, str] | None) -> Gold:
        """Code known labels by item; items nobody answered are left out.

        Raises InputError for a label that is not among the votes' labels.
        """
        code = {label: each for each, label in enumerate(self.labels)}
        unknown = sorted(set((clamped or {}).values()) - set(code))
        if unknown:
            raise InputError(
                f"gold label {unknown[0]!r} is none of the {len(code)} labels given",
                "name it: Votes.of(..., labels=...)",
            )
        place = {item: each for each, item in enumerate(self.items)} if clamped else {}
        known = sorted((place[item], code[label]) for item, label in (clamped or {}).items() if item in place)
        pairs = np.array(known, dtype=np.int64).reshape(-1, 2)
        return Gold(pairs[:, 0], pairs[:, 1])


@dataclass(frozen=True, eq=False)
class Gold:
    """Items whose label is known, as codes: an estimate of theirs gives way to it."""

    item: IntArray
    label: IntArray

    def clamp(self, soft: FloatArray) -> FloatArray:
        """Write the known labels into probabilities of shape (items, labels), in place."""
        soft[self.item] = 0.0
        soft[self.item, self.label] = 1.0
        return soft


def _coded(column: Column, what: str, declared: Iterable[str] = ()) -> tuple[IntArray, tuple[str, ...]]:
    strings = _strings(column, what)
    coded = strings.dictionary_encode()
    names, more = coded.dictionary, pa.array(declared, pa.large_string())
    names = pa.concat_arrays([names, more]).unique() if len(more) else names
    order = pc.sort_indices(names).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[coded.indices.to_numpy()], tuple(map(str, names.take(pa.array(order)).to_pylist()))


def _strings(column: Column, what: str) -> pa.Array[Any]:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    try:
        strings = pa.array(array, pa.large_string()) if not isinstance(array, pa.Array) else _cast(array)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError) as error:
        raise InputError(f"a {what} is no string: {error}", "give names and labels as strings") from error
    if strings.null_count:
        raise InputError(f"{strings.null_count} rows have no {what}", "leave rows out that say nothing")
    return strings


def _cast(array: pa.Array[Any]) -> pa.Array[Any]:
    if not (
        pa.types.is_string(array.type) or pa.types.is_large_string(array.type) or pa.types.is_dictionary(array.type)
    ):
        raise TypeError(f"the column holds {array.type}")
    return array.cast(pa.large_string())


def _sorted(item: IntArray, rater: IntArray, value: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Sort the rows by packing each into one integer: far faster than sorting an index to them."""
    high, mid, low = (int(codes.max()).bit_length() for codes in (item, rater, value))
    if high + mid + low > 63:
        raise InputError(
            f"{value.max() + 1} labels beside {item.max() + 1} items and {rater.max() + 1} raters are too many",
            "give labels of classes, not free text",
        )
    packed = np.sort((item << (mid + low)) | (rater << low) | value)
    return packed >> (mid + low), (packed >> low) & ((1 << mid) - 1), packed & ((1 << low) - 1)


def _refuse_repeats(votes: Votes) -> None:
    same = (votes.item[1:] == votes.item[:-1]) & (votes.rater[1:] == votes.rater[:-1])
    if same.any():
        row = int(same.argmax())
        who, what = votes.raters[votes.rater[row]], votes.items[votes.item[row]]
        raise InputError(
            f"{who!r} answers item {what!r} more than once", "keep one answer a person, by time: Votes.of_annotations"
        )


def _table(codes: IntArray, rows: int, columns: int) -> IntArray:
    return np.bincount(codes, minlength=rows * columns).reshape(rows, columns)


def _ones(columns: IntArray, per_row: IntArray, width: int) -> csr_array:
    from scipy.sparse import csr_array

    ends = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32)
    return csr_array((np.ones(len(columns)), columns.astype(np.int32), ends), shape=(len(per_row), width))
