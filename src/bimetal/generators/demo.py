"""Demo data to try things with, marked as such in every row: tickets, reviews, customers, transactions, patients..."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa

from bimetal.errors import InputError
from bimetal.generators._demo.happenings import sensors, transactions, visits
from bimetal.generators._demo.people import customers, patients
from bimetal.generators._shares import raked
from bimetal.generators.grammar import Grammar
from bimetal.types import Target

if TYPE_CHECKING:
    from bimetal.types import FloatArray

Kind = Literal["tickets", "reviews", "customers", "transactions", "patients", "visits", "sensors"]

MARK = "demo data, not for training or evaluation of anything real"
PEOPLE = 256  # people, or days of sensors, a batch
SAID = {"tickets": "bank", "reviews": "reviews"}
LABELS = {  # the label that is asked for, the other, and the usual share of the first
    "customers": ("left", "stayed", 0.15),
    "patients": ("readmitted", "well", 0.12),
    "transactions": ("fraud", "genuine", 0.02),
    "visits": ("emergency", "planned", 0.2),
    "sensors": ("anomaly", "normal", 0.05),
}
HISTORIES: dict[str, Callable[[int, int, float, np.random.Generator], dict[str, Any]]] = {
    "transactions": transactions,
    "visits": visits,
    "sensors": sensors,
}


@dataclass(frozen=True)
class Demo:
    """Draw rows of one `kind`, made up by rules anybody can read: they teach nothing about the world.

    `tickets` and `reviews` are texts; `customers` and `patients` people that `transactions` and `visits` of the same
    seed refer to; `sensors` give readings each quarter of an hour. Labels have a signal and an overlap. `rate` is the
    share of the label worth finding (left, fraud, readmitted, emergency, anomaly), a usual one where it is not given.
    Targets may name the label, and with texts whatever the generator grammar steers. `demo` says what a row is.

    >>> rows = pa.Table.from_batches(Demo("transactions")(3, np.random.default_rng(0)))
    >>> rows.column_names
    ['customer', 'time', 'amount', 'shop', 'country', 'card_present', 'label', 'demo']
    """

    kind: Kind = "tickets"
    rate: float | None = None

    licence: ClassVar[str] = "CC0-1.0"
    packages: ClassVar[tuple[str, ...]] = ("faker",)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise InputError(f"kind is {self.kind!r}", f"choose one of: {', '.join(get_args(Kind))}")
        if self.rate is not None and (self.kind in SAID or not 0 <= self.rate <= 1):
            raise InputError(f"rate is {self.rate!r}", "give a share from 0 to 1, and none for texts")

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,  # noqa: ARG002 - it learns from nothing
        targets: tuple[Target, ...] = (),
    ) -> Iterator[pa.RecordBatch]:
        if self.kind in SAID:
            return (_marked(batch) for batch in Grammar(SAID[self.kind])(n, rng, None, targets))
        if n < 0:
            raise InputError(f"n is {n}, expected 0 or more", "ask for a whole number of rows")
        wanted, other, usual = LABELS[self.kind]
        rate = usual if self.rate is None else self.rate
        shares = raked((rate, 1 - rate), {"label": (wanted, other)}, targets)
        return self._batches(n, shares, rng)

    def _batches(self, n: int, shares: FloatArray, rng: np.random.Generator) -> Iterator[pa.RecordBatch]:
        left, first = n, 0
        while True:
            batch = self._batch(first, float(shares[0]), rng.spawn(1)[0]).slice(0, left)
            yield batch
            left, first = left - batch.num_rows, first + PEOPLE
            if left <= 0:
                return

    def _batch(self, first: int, rate: float, rng: np.random.Generator) -> pa.RecordBatch:
        if self.kind in HISTORIES:
            return _marked(_laid(HISTORIES[self.kind](first, PEOPLE, rate, rng)))
        people = customers if self.kind == "customers" else patients
        return _marked(_laid(people(first, rng.random(PEOPLE) < rate, rng)))


def _laid(columns: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def _marked(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.append_column("demo", pa.array([MARK] * batch.num_rows, pa.string()))
