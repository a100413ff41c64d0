"""Run a pilot: every arm at every size for every seed, judged on one frozen panel of real rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.errors import InputError
from bimetal.pilot import tables
from bimetal.pilot.cells import Draw, DrawSynthetic, FitCell, as_learner
from bimetal.pilot.design import Cell, Design, PilotData
from bimetal.pilot.result import PilotResult

Mapper = Callable[[Callable[[Any], pa.Table], Iterable[Any]], Iterable[pa.Table]]
OnCell = Callable[[int, int, Cell], None]


@dataclass(frozen=True)
class _Tables:
    real: pa.Table
    panel: pa.Table
    synthetic: pa.Table | None
    unlabelled: pa.Table | None


def run_pilot(
    data: PilotData, learner: Any, design: Design | None = None, run: Mapper = map, on_cell: OnCell | None = None
) -> PilotResult:
    """Fit every cell of a design and compare the arms on the panel.

    `learner` is a learner or any scikit-learn estimator. `run` maps a pure function over cells, in order: the
    built-in map by default, or one that uses more cores or looks up finished cells. `on_cell(done, total, cell)`
    is called after each fit. Raises InputError where a table cannot be used, before any fit.
    """
    design = design or Design()
    learner = as_learner(learner)
    given = _checked(data, design)
    prepare = getattr(learner, "prepare", _unchanged)
    synthetic = {seed: prepare(rows) for seed, rows in _synthetic(data, given, design, run).items()}
    unlabelled = None if given.unlabelled is None else prepare(given.unlabelled)
    fit = FitCell(design, learner, prepare(given.real), prepare(given.panel), synthetic, unlabelled)
    cells = list(design.cells())
    correct = {arm.name: np.zeros((len(design.sizes), design.seeds, given.panel.num_rows), bool) for arm in design.arms}
    for done, (cell, predicted) in enumerate(zip(cells, run(fit, cells), strict=True), start=1):
        right = pc.equal(predicted["predicted"], given.panel["label"]).to_numpy()
        correct[cell.arm][design.sizes.index(cell.n), cell.seed] = right
        if on_cell:
            on_cell(done, len(cells), cell)
    return PilotResult(design, correct, panel=_digest(given.panel), label_origins=_origins(given.real))


def _checked(data: PilotData, design: Design) -> _Tables:
    real = tables.labelled(tables.arrow(data.real, "real"), data.label, "real")
    panel = tables.labelled(tables.arrow(data.panel, "panel"), data.label, "panel")
    for rows, what in ((real, "real"), (panel, "panel")):
        tables.refuse_synthetic(rows, what)
    if real.num_rows < design.sizes[-1]:
        raise InputError(
            f"the largest size is {design.sizes[-1]} and the real table has {real.num_rows} rows",
            f"choose sizes up to {real.num_rows}",
        )
    unlabelled = None if data.unlabelled is None else _without_labels(data)
    synthetic = None
    if not callable(data.synthetic):
        synthetic = tables.labelled(tables.arrow(data.synthetic, "synthetic"), data.label, "synthetic")
    others = (("real", real), ("unlabelled", unlabelled), ("synthetic", synthetic))
    tables.refuse_overlap(panel, [(what, rows) for what, rows in others if rows is not None])
    return _Tables(real, panel, synthetic, unlabelled)


def _without_labels(data: PilotData) -> pa.Table:
    rows = tables.arrow(data.unlabelled, "unlabelled")
    return rows.select([name for name in rows.column_names if name not in {"label", data.label}])


def _synthetic(data: PilotData, given: _Tables, design: Design, run: Mapper) -> dict[int, pa.Table]:
    most = round(max(arm.synthetic for arm in design.arms) * design.sizes[-1])
    if given.synthetic is None:
        draws = [Draw(seed, most) for seed in range(design.seeds)]
        like = getattr(data.synthetic, "like", None)  # a generator that can takes on the real payload's shape
        generator = like(given.real) if like else data.synthetic
        labels = frozenset(map(str, given.real["label"].to_pylist()))
        return dict(enumerate(run(DrawSynthetic(generator, labels, design.rng_seed), draws)))
    if given.synthetic.num_rows < most:
        raise InputError(
            f"the synthetic table has {given.synthetic.num_rows} rows and the arms want up to {most}",
            "pass more synthetic rows, a generator, or smaller sizes",
        )
    orders = [np.random.default_rng([design.rng_seed, 1, seed]) for seed in range(design.seeds)]
    return {seed: given.synthetic.take(rng.permutation(given.synthetic.num_rows)) for seed, rng in enumerate(orders)}


def _origins(real: pa.Table) -> tuple[str, ...]:
    if "label_origin" not in real.column_names:
        return ("undeclared",)
    return tuple(sorted(str(each) for each in pc.unique(real["label_origin"]).to_pylist()))


def _digest(panel: pa.Table) -> str:
    from bimetal.canonical import digest

    return digest([*tables.payload_digests(panel), *panel["label"].to_pylist()])


def _unchanged(rows: pa.Table) -> pa.Table:
    return rows
