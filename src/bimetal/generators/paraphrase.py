"""Labelled texts said in other words by a language model: the label is kept, and each row names its twin."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.errors import EndpointError, InputError
from bimetal.generators._batches import batches
from bimetal.generators._prompted.likeness import Seen
from bimetal.generators._prompted.rewriting import Rewriting, Twin
from bimetal.generators._prompted.settling import Settled, settled
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Reply, Target

ASKS = "chat"
BATCH = 256


@dataclass(frozen=True)
class Paraphrase:
    """Say seed texts again in other words, in one of the manners in `styles`.

    A paraphrase keeps its twin's script, numbers, addresses and {slots}, has a third to three times its length, and
    shares less than `near` of its 4-grams with its twin and with each row before it; else it is asked again, `tries`
    times in all, then another twin is drawn, `redraws` times. Targets may name label and style. `model` and `licence`
    are the endpoint's. Every twin is sent to the endpoint. Learns from its seed rows: a fair comparison fits it to the
    same rows. Whether a paraphrase still bears the label is the model's word.

    >>> seed = pa.table({"id": ["a"], "text": ["My card was lost"], "label": ["lost"]})
    >>> (request,) = next(Paraphrase()(1, np.random.default_rng(0), seed))
    >>> "<<<My card was lost>>>" in request.body["messages"][1]["content"]
    True
    """

    styles: tuple[str, ...] = ("plain", "formal", "chatty", "brief", "roundabout")
    licence: str = UNKNOWN_LICENCE
    model: str = ""
    near: float = 0.8
    tries: int = 3
    redraws: int = 3

    asks: ClassVar[str] = ASKS
    learns: ClassVar[bool] = True
    payload: ClassVar[str] = "text"
    label_origin: ClassVar[str] = "model"

    def __post_init__(self) -> None:
        if not isinstance(self.styles, tuple) or not self.styles or len(set(self.styles)) < len(self.styles):
            raise InputError(f"styles is {self.styles!r}, expected different manners", 'give a list such as ["plain"]')
        if not isinstance(self.near, int | float) or not 0 < self.near <= 1:
            raise InputError(f"near is {self.near!r}, expected a share above 0, up to 1", "0.8 is the default")
        for name, least in (("tries", 1), ("redraws", 0)):
            if not isinstance(getattr(self, name), int) or not least <= getattr(self, name) <= 20:
                raise InputError(f"{name} is {getattr(self, name)!r}, expected {least} to 20", "3 is the default")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Generator[Any, tuple[Reply, ...], None]:
        members = _twins(seed_rows)
        cells = [(label, style) for label in members for style in self.styles]
        columns = {"label": [label for label, _ in cells], "style": [style for _, style in cells]}
        shares = raked([len(members[label]) for label, _ in cells], columns, targets)
        sizes, seen, had = batches(n, rng, BATCH), Seen(), 0
        for count, child in sizes:
            picked = child.choice(len(cells), (self.redraws + 1, BATCH), p=shares)
            where, seeds = child.random(picked.shape), child.integers(0, 2**31, BATCH).tolist()
            drawn = [
                [(_at(members[cells[cell][0]], at), cells[cell][1]) for cell, at in zip(*row, strict=True)]
                for row in zip(picked, where, strict=True)
            ]
            found = yield from settled(Rewriting(self.model, self.tries, self.near, drawn, seeds), count, seen)
            yield _rows(found)
            had += len(found.rows)
            if found.failed:
                raise EndpointError(
                    f"row {had + 1} could not be had: {found.failed}; the {had} rows before it were drawn",
                    "ask for fewer rows, or give more seed rows or styles; what was bought stands in the ledger",
                )


def _twins(given: pa.Table | None) -> dict[str, list[Twin]]:
    if given is None:
        raise InputError("this generator learns and got no seed rows", "pass labelled texts to say in other words")
    if not {"text", "label"} <= set(given.column_names):
        raise InputError(
            f"the seed rows have the columns {', '.join(given.column_names)}, expected text and label",
            "pass a table with a column `text` and a column `label`",
        )
    ids = given["id"].to_pylist() if "id" in given.column_names else range(given.num_rows)
    members: dict[str, list[Twin]] = {}
    for name, text, label in zip(ids, given["text"].to_pylist(), given["label"].to_pylist(), strict=True):
        if label is not None and isinstance(text, str) and text.strip():
            members.setdefault(str(label), []).append(Twin(str(name), text.strip(), str(label)))
    if not members:
        raise InputError(f"none of the {given.num_rows} seed rows has a text and a label", "pass labelled texts")
    return members


def _at(twins: list[Twin], share: float) -> Twin:
    return twins[int(share * len(twins))]


def _rows(found: Settled) -> pa.RecordBatch:
    named = {name: [each.columns[name] for each, _, _ in found.rows] for name in ("label", "style", "twin", "model")}
    columns: dict[str, pa.Array[Any]] = {"text": pa.array([each.text for each, _, _ in found.rows], pa.string())}
    columns |= {name: pa.array(values, pa.string()) for name, values in named.items()}
    columns["likeness"] = pa.array([alike for _, alike, _ in found.rows], pa.float64())
    columns["tries"] = pa.array([tries for _, _, tries in found.rows], pa.int64())
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
