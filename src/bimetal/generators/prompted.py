"""Text from a language model: attributes drawn, a prompt filled in, the reply checked, judged and kept if new."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from bimetal.canonical import canonical_json
from bimetal.errors import EndpointError, InputError
from bimetal.generators._batches import batches
from bimetal.generators._prompted.asking import Asking
from bimetal.generators._prompted.drawing import drawn, joints
from bimetal.generators._prompted.graph import Graph, graph
from bimetal.generators._prompted.likeness import Seen
from bimetal.generators._prompted.settling import Settled, settled
from bimetal.types import UNKNOWN_LICENCE, Reply, Target

ASKS = "chat"
BATCH = 256
TRANSFER = ("measured", "not measured")


@dataclass(frozen=True)
class Prompted:
    """Ask a model for rows of text by a graph of columns: a bundled one by name, or one's own as TOML or JSON.

    `model` and `licence` are those of the endpoint (the licence its output falls under); `measured` lists languages
    for which it was measured that such text helps on real data, all others are marked. A reply that fails its checks is
    asked again, `tries` times in all, then other attributes are drawn in its place, `redraws` times; a row that still
    cannot be had ends the draw with EndpointError, after the rows before it. Targets may name the label and every
    other attribute. Labels are what the model was asked for: check a sample by people.

    >>> steps = Prompted("bank")(1, np.random.default_rng(0))
    >>> (request,) = next(steps)
    >>> request.to, sorted(request.body)
    ('chat', ['max_tokens', 'messages', 'response_format', 'seed', 'temperature'])
    """

    graph: Any = "bank"
    licence: str = UNKNOWN_LICENCE
    model: str = ""
    measured: tuple[str, ...] = ()
    tries: int = 3
    redraws: int = 3

    asks: ClassVar[str] = ASKS
    label_origin: ClassVar[str] = "model"

    def __post_init__(self) -> None:
        if isinstance(self.graph, Mapping):
            object.__setattr__(self, "graph", canonical_json(self.graph).decode())
        if not isinstance(self.graph, str):
            raise InputError(f"graph is {self.graph!r}", "give a bundled graph's name, or a graph as TOML or JSON")
        for name, least in (("tries", 1), ("redraws", 0)):
            if not isinstance(getattr(self, name), int) or not least <= getattr(self, name) <= 20:
                raise InputError(f"{name} is {getattr(self, name)!r}, expected {least} to 20", "3 is the default")
        for name in ("licence", "model"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name} is {getattr(self, name)!r}, expected text", f"give the {name}'s name")
        if not isinstance(self.measured, tuple) or not all(isinstance(each, str) for each in self.measured):
            raise InputError(f"measured is {self.measured!r}, expected languages", 'give a list such as ["en", "th"]')
        graph(self.graph)

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Generator[Any, tuple[Reply, ...], None]:
        plan, seen = graph(self.graph), Seen()
        groups, sizes = joints(plan.attributes, targets), batches(n, rng, BATCH)
        had = 0
        for count, child in sizes:
            asking = Asking(self, plan, *drawn(groups, child, (self.redraws + 1, BATCH)))
            found = yield from settled(asking, count, seen)
            yield _rows(found, plan, self.measured)
            had += len(found.rows)
            if found.failed:
                raise EndpointError(
                    f"row {had + 1} could not be had: {found.failed}; the {had} rows before it were drawn",
                    "mend the graph or choose another model; what was bought stands in the ledger",
                )


def _rows(found: Settled, plan: Graph, measured: tuple[str, ...]) -> pa.RecordBatch:
    columns: dict[str, pa.Array[Any]] = {}
    for name in (*plan.columns, "model"):
        columns[name] = pa.array([each.columns[name] for each, _, _ in found.rows], pa.string())
    columns["likeness"] = pa.array([alike for _, alike, _ in found.rows], pa.float64())
    columns["tries"] = pa.array([tries for _, _, tries in found.rows], pa.int64())
    if plan.judge:
        columns["score"] = pa.array([each.columns["score"] for each, _, _ in found.rows], pa.float64())
    if "language" in plan.columns:
        said = [TRANSFER[each.columns["language"] not in measured] for each, _, _ in found.rows]
        columns["transfer"] = pa.array(said, pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
