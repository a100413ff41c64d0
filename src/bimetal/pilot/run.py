"""Run a pilot: every arm at every size for every seed, judged on one frozen panel of real rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bimetal.canonical import digest
from bimetal.pilot import tables
from bimetal.pilot.arms import Arm
from bimetal.pilot.cells import FitCell, as_learner, notes_of, suits
from bimetal.pilot.data import Cell, PilotData, Spent
from bimetal.pilot.design import Design
from bimetal.pilot.intake import Taken, taken
from bimetal.pilot.predicting import constant, predictions
from bimetal.pilot.result import Facts, PilotResult
from bimetal.pilot.sources import SYNTHETIC_PANEL, Draw, DrawSynthetic, learns, shuffled
from bimetal.plugins import make
from bimetal.types import Finding

if TYPE_CHECKING:
    from bimetal.plugins import Learner
    from bimetal.types import FloatArray

Mapper = Callable[[Callable[[Any], pa.Table], Iterable[Any]], Iterable[pa.Table]]
OnCell = Callable[[int, int, Cell], None]


def run_pilot(
    data: PilotData,
    learner: Any,
    design: Design | None = None,
    run: Mapper = map,
    on_cell: OnCell | None = None,
    spent: Spent | None = None,
) -> PilotResult:
    """Fit every cell of a design and compare the arms on the panel.

    `learner` is a learner or any scikit-learn estimator. `run` maps a pure function over cells, in order: the
    built-in map by default, or one that uses more cores or looks up finished cells. `on_cell(done, total, cell)`
    is called after each fit. `spent` says what the answer itself costs beside the pilot's own labels.
    Raises InputError where a table cannot be used, before any fit.
    """
    learner = as_learner(learner)
    design = design or Design()
    given = taken(data, design, make(design.metric).task)
    design, dropped = _suited(design.with_sources(tuple(given.sources)), learner, given.real)
    fit = FitCell(design, learner, given.real, given.panel, *_synthetic(given, design, run), given.unlabelled)
    grid = _Grid(design, given, on_cell)
    grid.keep(fit, [cell for cell in grid.cells() if not cell.arm.select], run)
    for wave in range(-1, len(design.sizes)):
        grid.keep(fit, grid.asking(wave), run)
    facts = Facts(
        panel=_digest(given.panel),
        label_origins=_origins(given.real),
        labelled=len(grid.labelled),
        spent=_spent(spent or Spent(), given),
        findings=(*given.findings, *dropped, *grid.findings()),
        units=given.units,
        slices=given.slices,
        optimism=grid.optimism(),
        chance=_chance(given.panel, design),
        learned=tuple(fit.learning),
    )
    return PilotResult(design, grid.values, facts)


class _Grid:
    """Cells in their order, and what they gave."""

    def __init__(self, design: Design, given: Taken, on_cell: OnCell | None) -> None:
        self._design, self._on_cell = design, on_cell
        shape = len(design.sizes), design.seeds, given.panel.num_rows
        self.values: dict[str, FloatArray] = {arm.name: np.zeros(shape) for arm in design.arms}
        seeds = range(design.seeds)
        draws = [np.random.default_rng([design.rng_seed, 0, seed]) for seed in seeds]
        self._orders = [tuple(rng.permutation(given.real.num_rows).tolist()) for rng in draws]
        self._active = [arm for arm in design.arms if arm.select]
        self._chosen: dict[tuple[str, int], tuple[int, ...]] = {}
        self._synthetic: dict[str, list[tuple[float, float]]] = {}
        self._one_class: dict[str, int] = {}
        self._done, self._total = 0, self._count()
        self.labelled: set[int] = set()

    def _count(self) -> int:
        design = self._design  # active arms ask once before anyone has labelled
        return design.seeds * (len(design.arms) * len(design.sizes) + len(self._active))

    def cells(self) -> Iterator[Cell]:
        """Name the cells of arms that ask at random: seed by seed, so that synthetic rows are featurised once."""
        for seed in range(self._design.seeds):
            for n in reversed(self._design.sizes):
                for arm in self._design.arms:
                    yield Cell(arm, n, seed, self._orders[seed][:n])

    def asking(self, wave: int) -> list[Cell]:
        """Name the active arms' cells at one size, from what they asked at the one before; wave -1 asks first."""
        sizes = (0, *self._design.sizes)
        n = sizes[wave + 1]
        ask = sizes[wave + 2] - n if wave + 2 < len(sizes) else 0
        return [
            Cell(arm, n, seed, self._asked(arm, seed, n), ask)
            for seed in range(self._design.seeds)
            for arm in self._active
        ]

    def keep(self, fit: FitCell, cells: list[Cell], run: Mapper) -> None:
        """Fit cells and keep what each found."""
        for cell, table in zip(cells, run(fit, cells), strict=True):
            notes = notes_of(table)
            self._chosen[cell.arm.name, cell.seed] = (*cell.labelled, *notes.get("next", ()))
            self.labelled.update(cell.labelled if cell.arm.human else ())
            if cell.n:
                value = table["value"].to_numpy()
                self.values[cell.arm.name][self._design.sizes.index(cell.n), cell.seed] = value
                self._note(cell, notes, float(value.mean()))
            self._done += 1
            if self._on_cell:
                self._on_cell(self._done, self._total, cell)

    def _note(self, cell: Cell, notes: dict[str, Any], real: float) -> None:
        if "synthetic_panel" in notes and cell.n == self._design.sizes[-1]:
            self._synthetic.setdefault(cell.arm.name, []).append((notes["synthetic_panel"], real))
        if notes.get("one_class"):
            self._one_class[cell.arm.name] = self._one_class.get(cell.arm.name, 0) + 1

    def _asked(self, arm: Arm, seed: int, n: int) -> tuple[int, ...]:
        return self._chosen[arm.name, seed][:n] if n else ()

    def optimism(self) -> dict[str, tuple[float, float]]:
        """Mean score on synthetic rows and on the real panel, per arm, at the largest size."""
        return {arm: tuple(np.mean(pairs, axis=0).tolist()) for arm, pairs in self._synthetic.items()}

    def findings(self) -> list[Finding]:
        """Say where labels of one class left nothing to learn."""
        return [
            Finding("one class", "warn", f"in {count} fits of the arm {arm!r} all labels were of one class")
            for arm, count in self._one_class.items()
        ]


def _suited(design: Design, learner: Learner, real: pa.Table) -> tuple[Design, list[Finding]]:
    """Leave out arms that this payload or learner makes equal to another, and say so."""
    from dataclasses import replace

    kept: dict[tuple[Any, ...], Arm] = {}
    dropped = []
    for arm in design.arms:
        improve = tuple(name for name in arm.improve if suits(name, learner, real))
        if arm.select and not pa.types.is_string(real["label"].type):
            dropped.append((arm, "it asks by class scores, and these labels are no classes"))
            continue
        made = (arm.human, arm.synthetic, arm.rows, improve, arm.select, arm.weight, arm.source)
        if made in kept or (arm.improve and arm.improve[0] == "finetuned" and "finetuned" not in improve):
            dropped.append((arm, f"its strengthening ({', '.join(arm.improve)}) does not suit this payload or learner"))
            continue
        kept[made] = replace(arm, improve=improve)
    told = [Finding("arms", "skip", f"the arm {arm.name!r} was left out: {why}") for arm, why in dropped]
    return replace(design, arms=tuple(kept.values())), told


def _synthetic(given: Taken, design: Design, run: Mapper) -> tuple[dict[tuple[str, int], pa.Table], dict[str, Any]]:
    most = max(arm.made(design.sizes[-1]) for arm in design.arms)
    learning = {name: _like(each, given.real) for name, each in given.sources.items() if learns(each)}
    fixed = {name: each for name, each in given.sources.items() if callable(each) and not learns(each)}
    made = {
        (name, seed): shuffled(each, most, design.rng_seed, seed)
        for name, each in given.sources.items()
        if not callable(each)
        for seed in range(design.seeds)
    }
    if fixed:
        classes = pa.types.is_string(given.real["label"].type)
        known = [*given.real["label"].to_pylist(), *given.panel["label"].to_pylist()] if classes else ()
        labels = frozenset(known)  # few real rows may lack a class that the panel has
        draw = DrawSynthetic({name: _like(each, given.real) for name, each in fixed.items()}, labels, design.rng_seed)
        kept_apart = min(SYNTHETIC_PANEL, given.panel.num_rows)
        draws = [Draw(seed, most + kept_apart, name) for name in fixed for seed in range(design.seeds)]
        made |= {(each.source, each.seed): rows for each, rows in zip(draws, run(draw, draws), strict=True)}
    return made, learning


def _like(generator: Any, real: pa.Table) -> Any:
    like = getattr(generator, "like", None)  # a generator that can takes on the real payload's shape
    return like(real) if like else generator


def _spent(spent: Spent, given: Taken) -> Spent:
    """Where nothing was declared: generators that learn outside the cells are none of ours, so they used no label."""
    from dataclasses import replace

    if spent.seed_labels is None and all(map(callable, given.sources.values())):
        return replace(spent, seed_labels=0)
    return spent


def _origins(real: pa.Table) -> tuple[str, ...]:
    if "label_origin" not in real.column_names:
        return ("undeclared",)
    return tuple(sorted(str(each) for each in pc.unique(real["label_origin"]).to_pylist()))


def _chance(panel: pa.Table, design: Design) -> float:
    """Score the panel by always saying the commonest label; 0 where labels are no classes."""
    if not pa.types.is_string(panel["label"].type):
        return 0.0
    counts = Counter(map(str, panel["label"].to_pylist()))
    said = predictions(constant(counts.most_common(1)[0][0]), panel, tuple(sorted(counts)))
    return float(make(design.metric)(panel["label"], said).mean())


def _digest(panel: pa.Table) -> str:
    return digest([*tables.payload_digests(panel), *map(str, panel["label"].to_pylist())])
