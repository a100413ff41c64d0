"""One fit of a pilot as a pure function: rows in, each panel item's contribution to the metric out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.payload import modality
from bimetal.pilot.arms import Arm
from bimetal.pilot.asking import Asked, ask, vectors_of
from bimetal.pilot.data import Cell
from bimetal.pilot.design import Design
from bimetal.pilot.predicting import constant, predictions
from bimetal.pilot.sources import drawn, synthetic_panel
from bimetal.pilot.tables import stacked
from bimetal.pilot.weights import synthetic_weight
from bimetal.plugins import Generator, Learner, find, make

if TYPE_CHECKING:
    from bimetal.types import FloatArray, IntArray

KEPT = 4  # featurised synthetic tables at hand: cells come seed by seed, more would fill the memory

Represent = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class FitCell:
    """Fit one cell and score the panel: column `value`, one contribution an item, in the panel's order.

    The schema's metadata hold `notes`: the rows an active arm asks for next, the score on synthetic rows, and whether
    the cell's labels were of one class. `synthetic` holds a table per source and seed, `learning` the generators
    that are fitted on the cell's own human rows. Rows of `real` beyond N lose their labels and join `unlabelled`.
    """

    design: Design
    learner: Learner
    real: pa.Table
    panel: pa.Table
    synthetic: Mapping[tuple[str, int], pa.Table]
    learning: Mapping[str, Generator]
    unlabelled: pa.Table | None = None

    def __call__(self, cell: Cell) -> pa.Table:
        learner = strengthened(self.learner, cell.arm, self.real)
        labelled = np.array(cell.labelled, int)
        train, weight = self._training(cell, labelled)
        if not train.num_rows:
            return self._cold(cell)
        rng = np.random.default_rng([self.design.rng_seed, 2, cell.seed, cell.n])
        model, one_class = self._fitted(learner, train, weight, labelled, rng)
        notes: dict[str, Any] = {"one_class": one_class}
        value = self._scored(model, self._seen(self.panel), cell)
        if cell.ask:

            def again(rows: IntArray) -> Any:
                return self._fitted(learner, train.take(rows), weight[rows], labelled, rng)[0]

            real = Asked(self._seen(self.real), self._vectors)
            notes["next"] = ask(cell, model, real, again, rng).tolist()
        made = self._synthetic_panel(cell)
        if made is not None:
            notes["synthetic_panel"] = float(self._scored(model, made, cell).mean())
        return _noted(value, notes)

    def _cold(self, cell: Cell) -> pa.Table:
        rng = np.random.default_rng([self.design.rng_seed, 2, cell.seed, 0])
        chosen = ask(cell, None, Asked(self._seen(self.real), self._vectors), lambda _: None, rng)
        return _noted(np.zeros(0), {"next": chosen.tolist()})

    def _fitted(
        self, learner: Learner, train: pa.Table, weight: FloatArray, labelled: Any, rng: np.random.Generator
    ) -> tuple[Any, bool]:
        if pa.types.is_string(train["label"].type) and len(set(train["label"].to_pylist())) < 2:
            return constant(train["label"][0].as_py()), True
        return learner(train, weight, self._unlabelled(labelled), rng), False

    def _scored(self, model: Any, rows: pa.Table, cell: Cell) -> FloatArray:
        said = predictions(model, rows, self.classes)
        if said.scores is not None:
            _refuse_nan(said.scores, cell)
        value: FloatArray = make(self.design.metric)(rows["label"], said)
        return value

    def _training(self, cell: Cell, labelled: Any) -> tuple[pa.Table, FloatArray]:
        arm: Arm = cell.arm
        human = _stamped(self._seen(self.real).take(labelled), "real")
        m = arm.made(cell.n)
        if not arm.uses_synthetic or (arm.source in self.learning and not cell.n):  # nobody to learn from yet
            return human, np.ones(human.num_rows)
        made = _stamped(self._made(cell, m), "synthetic")
        if not arm.human or not human.num_rows:
            return made, np.ones(made.num_rows)
        weight = self.design.weight if arm.weight is None else arm.weight
        each = synthetic_weight(m) if weight is None else weight
        return stacked([human, made]), np.repeat([1.0, each], [human.num_rows, made.num_rows])

    def _made(self, cell: Cell, m: int) -> pa.Table:
        source = cell.arm.source
        if source in self.learning:
            rng_seed = [self.design.rng_seed, 1, cell.seed, cell.n]
            seed_rows = self.real.take(np.array(cell.labelled, int))
            return self._see(drawn(self.learning[source], m, rng_seed, frozenset(), seed_rows))
        return self._synthetic_seen((source, cell.seed), m).slice(0, m)

    def _synthetic_panel(self, cell: Cell) -> pa.Table | None:
        if (cell.arm.source, cell.seed) not in self.synthetic or not cell.arm.uses_synthetic:
            return None
        key = (cell.arm.source, -cell.seed - 1)
        if key not in self._made_known:
            most = max(arm.made(self.design.sizes[-1]) for arm in self.design.arms)
            left = synthetic_panel(self._decoded((cell.arm.source, cell.seed)), most)
            if left is None:
                return None
            self._keep(key, self._see(left))
        return self._made_known[key]

    def _unlabelled(self, labelled: Any) -> pa.Table:
        rest = self._seen(self.real).take(np.delete(np.arange(self.real.num_rows), labelled)).drop_columns("label")
        return rest if self.unlabelled is None else stacked([rest, self._seen(self.unlabelled)])

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Every label of the real table and the panel; empty where labels are no classes."""
        both = [self.real["label"], self.panel["label"]]
        if not all(pa.types.is_string(each.type) for each in both):
            return ()
        return tuple(sorted({str(label) for each in both for label in each.to_pylist()}))

    @cached_property
    def _see(self) -> Represent:
        """Featurise as the widest arm needs it, once for all cells: what it learns from has no labels."""
        wide = [strengthened(self.learner, arm, self.real, ("shifted",)) for arm in self.design.arms]
        learner = next((each for each in wide if each is not self.learner), self.learner)
        prepare = getattr(learner, "prepare", _unchanged)
        represent = getattr(learner, "represent", None)
        if represent is None:
            return prepare
        real = prepare(self.real).drop_columns("label")
        rows = real if self.unlabelled is None else stacked([real, prepare(self.unlabelled)])
        see: Represent = represent(rows, None, np.random.default_rng([self.design.rng_seed, 6]))
        return lambda table: see(prepare(table))

    def _seen(self, table: pa.Table) -> pa.Table:
        if id(table) not in self._known:
            self._known[id(table)] = self._see(table)
        return self._known[id(table)]

    def _synthetic_seen(self, key: tuple[str, int], m: int) -> pa.Table:
        if key not in self._made_known or self._made_known[key].num_rows < m:
            self._keep(key, self._see(self._decoded(key).slice(0, m)))
        return self._made_known[key]

    def _decoded(self, key: tuple[str, int]) -> pa.Table:
        """Decode a seed's pictures or sounds once: that is small beside their features."""
        if key not in self._decoded_known:
            self._decoded_known[key] = getattr(self.learner, "prepare", _unchanged)(self.synthetic[key])
        return self._decoded_known[key]

    def _keep(self, key: tuple[str, int], rows: pa.Table) -> None:
        self._made_known.pop(key, None)
        while len(self._made_known) >= KEPT:
            self._made_known.pop(next(iter(self._made_known)))
        self._made_known[key] = rows

    @cached_property
    def _vectors(self) -> Any:
        return vectors_of(self._seen(self.real))

    @cached_property
    def _known(self) -> dict[int, pa.Table]:
        return {}

    @cached_property
    def _made_known(self) -> dict[tuple[str, int], pa.Table]:
        return {}

    @cached_property
    def _decoded_known(self) -> dict[tuple[str, int], pa.Table]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _stamped(rows: pa.Table, origin: str) -> pa.Table:
    """Say which rows are synthetic: some learners treat them differently."""
    kept = rows.drop_columns("item_origin") if "item_origin" in rows.column_names else rows
    return kept.append_column("item_origin", pa.array([origin] * rows.num_rows, pa.string()))


def _noted(value: FloatArray, notes: dict[str, Any]) -> pa.Table:
    return pa.table({"value": pa.array(value)}).replace_schema_metadata({"notes": json.dumps(notes)})


def notes_of(table: pa.Table) -> dict[str, Any]:
    """Read what a fitted cell noted beside its values."""
    notes: dict[str, Any] = json.loads((table.schema.metadata or {}).get(b"notes", b"{}"))
    return notes


def suits(name: str, learner: Learner, rows: pa.Table) -> bool:
    """Say whether a strengthening learner can be used on this payload, with this kind of labels and this base."""
    cls = find("learners", name)
    kinds = getattr(cls, "modalities", None)
    wanted = getattr(cls, "wants", None)
    classes = pa.types.is_string(rows["label"].type)
    return (not kinds or modality(rows) in kinds) and classes and (not wanted or hasattr(learner, wanted))


def strengthened(learner: Learner, arm: Arm, rows: pa.Table, only: tuple[str, ...] = ()) -> Learner:
    """Wrap a learner in the arm's improvements that suit the payload, first named innermost."""
    for name in arm.improve:
        if (not only or name in only) and suits(name, learner, rows):
            learner = find("learners", name)(base=learner)
    return learner


def as_learner(given: Any) -> Learner:
    """Take a learner as it is and wrap anything with a scikit-learn `fit`; raises InputError otherwise."""
    if hasattr(given, "fit"):
        wrapped: Learner = find("learners", "estimator")(estimator=given)
        return wrapped
    if callable(given):
        return given  # type: ignore[no-any-return]  # checked by its shelf's contract, not by a type
    raise InputError(f"the learner is {given!r}", "pass a scikit-learn estimator or a learner")


def _refuse_nan(scores: FloatArray, cell: Cell) -> None:
    bad = int(np.isnan(scores).any(axis=1).sum())
    if bad:
        raise InputError(
            f"the learner gave NaN for {bad} panel rows in the arm {cell.arm.name!r} at N = {cell.n}, seed {cell.seed}",
            "use a learner that scores every row; fits that were finished are kept",
        )


def _unchanged(rows: pa.Table) -> pa.Table:
    return rows
