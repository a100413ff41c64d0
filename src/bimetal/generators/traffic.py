"""Traffic episodes with time to collision: following, hard braking, cut-ins, people who dart out, rare ones at will."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._traffic.episodes import LIGHTS, NAMES, SCENARIOS, WEATHERS, Episodes
from bimetal.generators._traffic.motion import TRACES, Outcomes, simulate
from bimetal.generators._traffic.steering import Plan, planned

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray, Target

Scenario = Literal["mixed", "following", "hard_brake", "cut_in", "dart_out"]

BATCH = 2048
KINDS = {"scenario": tuple(SCENARIOS), "weather": tuple(WEATHERS), "light": tuple(LIGHTS)}
NUMBERS = tuple(name for name in NAMES if name not in KINDS)
PATIENCE = 20  # times the rounds that the plan foresees


@dataclass(frozen=True)
class Traffic:
    """Draw episodes of 15 s between an ego car and another car or a person, labelled collision, near_miss or safe.

    The ego drives by the Intelligent Driver Model (Treiber, Hennecke and Helbing 2000) after a reaction time, on a
    road as slippery as the weather, in light that says how far a person is seen. Time to collision is what is left if
    both keep velocity and path (Hayward 1972), here for boxes in the plane; its least value over the frames before
    contact is `_min_ttc` (s), 0 in a collision, null if they never were on such a course. Label: collision if they
    touch, near_miss if `_min_ttc` < `ttc_edges[0]`, else safe; `_ttc` is the band among the edges, the last one
    holding nulls too. Speeds in m/s, gaps in m, from bumper to bumper; inputs are columns, what came of them begins
    with `_` and is no payload.

    Targets may name scenario, weather, light, label and ttc (or `_ttc`: the band, such as '<1.5'). The last two are no
    inputs: candidates are drawn, driven and kept or not; `_weight` is an episode's natural over its drawn density, and
    weighted means recover unsteered rates. What takes more than `effort` candidates a row raises InputError.
    `trajectories` adds positions and speeds each `step` s until contact, as lists.

    >>> rows = pa.Table.from_batches(Traffic(scenario="cut_in")(3, np.random.default_rng(0)))
    >>> rows["label"].to_pylist(), rows["_weight"].to_pylist()
    (['safe', 'safe', 'safe'], [1.0, 1.0, 1.0])
    """

    scenario: Scenario = "mixed"
    step: float = 0.1
    ttc_edges: tuple[float, ...] = (1.5, 3.0, 6.0)
    effort: int = 200
    trajectories: bool = False

    licence: ClassVar[str] = "CC0-1.0"

    def __post_init__(self) -> None:
        if self.scenario not in get_args(Scenario):
            raise InputError(f"scenario is {self.scenario!r}", f"choose one of: {', '.join(get_args(Scenario))}")
        if not _number(self.step) or not 0.01 <= self.step <= 0.1:
            raise InputError(f"step is {self.step!r}, expected 0.01 to 0.1 seconds", "0.1 is the default")
        if not isinstance(self.effort, int) or self.effort < 1:
            raise InputError(f"effort is {self.effort!r}, expected candidates a row, 1 or more", "200 is the default")
        if not isinstance(self.trajectories, bool):
            raise InputError(f"trajectories is {self.trajectories!r}, expected true or false", "false leaves them out")
        edges = self.ttc_edges
        rising = isinstance(edges, tuple) and all(map(_number, edges)) and (0, *edges) == tuple(sorted({0, *edges}))
        if not rising or not edges or not np.isfinite(edges[-1]):
            raise InputError(f"ttc_edges is {edges!r}, expected seconds above 0 in rising order", "such as 1.5, 3, 6")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        outcomes = [("collision", self._bands[0]), ("near_miss", self._bands[0])]
        outcomes += [("safe", band) for band in self._bands[1:]]
        named = tuple(replace(target, column=target.column.removeprefix("_")) for target in targets)
        plan = planned(self.scenario, outcomes, named, self._judged, self.effort)
        return (self._batch(count, child, plan, outcomes) for count, child in batches(n, rng, BATCH))

    @property
    def _bands(self) -> tuple[str, ...]:
        edges = [f"{edge:g}" for edge in self.ttc_edges]
        return (f"<{edges[0]}", *map("{}-{}".format, edges[:-1], edges[1:]), f">={edges[-1]}")

    def _judged(self, drawn: Episodes, came: Outcomes | None = None) -> IntArray:
        came = came or simulate(drawn, self.step)
        band = np.searchsorted(self.ttc_edges, came.min_ttc, side="right")
        return np.where(came.collision, 0, band + 1).astype(np.int64)

    def _batch(
        self, count: int, rng: np.random.Generator, plan: Plan, outcomes: list[tuple[str, str]]
    ) -> pa.RecordBatch:
        parts: list[pa.RecordBatch] = []
        for _ in range(int(PATIENCE * plan.candidates) + 1):
            parts.append(self._kept(rng, plan, outcomes))
            if sum(part.num_rows for part in parts) >= BATCH:
                return pa.Table.from_batches(parts).combine_chunks().to_batches()[0].slice(0, count)
        raise InputError(
            f"{PATIENCE * plan.candidates:,.0f} candidate episodes a row were not enough for the targets",
            "ask for a smaller share of the rarest outcome",
        )

    def _kept(self, rng: np.random.Generator, plan: Plan, outcomes: list[tuple[str, str]]) -> pa.RecordBatch:
        cell, drawn = plan.drawn(BATCH, rng)
        came = simulate(drawn, self.step, record=self.trajectories)
        outcome = self._judged(drawn, came)
        rows = np.flatnonzero(rng.random(BATCH) < plan.keeps[cell, outcome])
        labels, bands = zip(*outcomes, strict=True)
        columns: dict[str, pa.Array[Any]] = {
            **{kind: _named(names, getattr(drawn, kind)[rows]) for kind, names in KINDS.items()},
            **{name: _finite(getattr(drawn, name)[rows]) for name in NUMBERS},
            "label": _named(labels, outcome[rows]),
            "_ttc": _named(bands, outcome[rows]),
            "_collision": pa.array(came.collision[rows]),
            "_min_ttc": _finite(came.min_ttc[rows]),
            "_min_gap": _finite(came.min_gap[rows]),
            "_max_deceleration": _finite(came.max_deceleration[rows]),
            "_impact_speed": _finite(np.where(came.collision, came.impact_speed, np.inf)[rows]),
            "_weight": pa.array(plan.weights[cell, outcome][rows]),
        }
        if self.trajectories:
            columns |= _traced(came.traces[:, :, rows], came.lasted[rows])
        return pa.RecordBatch.from_pydict(columns)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _named(names: Sequence[str], codes: IntArray) -> pa.Array[Any]:
    return pa.array(names, pa.string()).take(pa.array(codes, pa.int64()))


def _finite(values: FloatArray) -> pa.Array[Any]:
    return pa.array(values, mask=np.isinf(values))


def _traced(traces: FloatArray, lasted: IntArray) -> dict[str, pa.Array[Any]]:
    # Lists of unequal length: each episode's frames up to contact, row after row.
    counted = np.arange(len(traces)) < lasted[:, None]
    ends = pa.array(np.concatenate([[0], np.cumsum(lasted)]), pa.int32())
    flat = {name: pa.array(traces[:, k].T[counted].astype(np.float32)) for k, name in enumerate(TRACES)}
    return {f"_{name}": pa.ListArray.from_arrays(ends, values) for name, values in flat.items()}
