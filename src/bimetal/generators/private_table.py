"""Tables under differential privacy: a net of noisy marginals, exact discrete noise, bins and names found privately."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

from bimetal.canonical import Json
from bimetal.errors import InputError
from bimetal.generators._batches import batches
from bimetal.generators._private.account import Account, Budget
from bimetal.generators._private.columns import LABEL, Public, columns_of, read
from bimetal.generators._private.exact import SECRET, Noise
from bimetal.generators._private.fit import fit
from bimetal.generators._private.net import Sampler
from bimetal.generators._private.plan import planned
from bimetal.generators._private.purse import Purse
from bimetal.generators._shares import raked
from bimetal.types import UNKNOWN_LICENCE, Request, Target

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy as np

    from bimetal.plugins import Step
    from bimetal.types import Reply

ASKS = "noise"
BATCH = 4096
MECHANISM = 1  # changes whenever the same noise would answer other questions


@dataclass(frozen=True)
class PrivateTable:
    """Draw rows that tell little of any single seed row: (epsilon, delta)-differential privacy, Dwork and others 2006.

    Tables are neighbours where one has one row more than the other; the columns and their types are public, and how
    many rows there are is not. Everything known of the rows comes through counts with noise, and two kinds of answer
    are enough, each of sensitivity 1:

    - a histogram over disjoint cells that were fixed beforehand or by earlier answers: one row more raises one count by
      1, so both L1 and L2 sensitivity are 1. Discrete Gaussian noise of variance v makes it 1 / (2 v)-zCDP; where
      delta is 0, discrete Laplace noise of scale b makes it 1 / b-private. Labels, bins of numbers, columns by label
      and pairs of columns are such histograms;
    - the choice of a pair of columns by how far its counts lie, in absolute sum, from counts made of earlier answers
      and rounded: one row more moves one count by 1, so the score by at most 1. Exponential mechanism.

    A name in no public list (`categories`) is used where its noisy count is too high for a name that a single row has,
    but with a probability counted into delta; rarer ones do not occur in the draw, their rows are told as common ones.
    Bins of numbers lie within public `bounds`, or on a grid of powers of two, and are split where noisy counts say so.
    Costs add up to the budget, which is divided by the table's columns alone. What is drawn then is post-processing,
    however many rows: drawing again with another seed of `rng` costs nothing, another epsilon costs that epsilon.

    The noise grows from 32 secret bytes asked for at the door `noise`, once, never from `rng`: who holds the recipe
    cannot subtract it. `bins` is the most a number has; `account(schema)` says what is asked and what it costs.
    """

    epsilon: float = 1.0
    delta: float = 1e-6
    bins: int = 16
    bounds: Mapping[str, Sequence[float]] | None = field(default=None, hash=False)
    categories: Mapping[str, Sequence[str]] | None = field(default=None, hash=False)

    learns: ClassVar[bool] = True
    licence: ClassVar[str] = UNKNOWN_LICENCE  # what is drawn falls under the seed rows' terms alone
    label_origin: ClassVar[str] = "model"
    asks: ClassVar[str] = ASKS

    def __post_init__(self) -> None:
        Budget(self.epsilon, self.delta)
        if self.bins < 2:
            raise InputError(f"bins is {self.bins!r}, expected 2 or more", "16 is usual")
        self._public()

    def __call__(
        self,
        n: int,
        rng: np.random.Generator,
        seed_rows: pa.Table | None = None,
        targets: tuple[Target, ...] = (),
    ) -> Generator[Step, tuple[Reply, ...], None]:
        loop = batches(n, rng, BATCH)
        budget = Budget(self.epsilon, self.delta)
        if seed_rows is None:
            raise InputError("this generator learns and got no seed rows", "pass labelled rows to learn from")
        label, columns = read(seed_rows, self._public())
        (reply,) = yield (self._request(seed_rows),)
        if reply.refused:
            raise InputError(f"no noise was given: {reply.refused}", "draw it where a key can be kept")
        net = fit(label, columns, self.bins, Purse(budget, Noise(reply.data)))
        shares = raked(net.shares.tolist(), {LABEL: net.labels}, targets)
        sampler = Sampler.of(net)
        for count, child in loop:
            yield sampler.draw(shares, BATCH, child).slice(0, count)

    @property
    def guarantee(self) -> str:
        """Say in a sentence what is promised, and what was public."""
        given = [f"{kind} of {', '.join(sorted(named))}" for kind, named in self._declared().items() if named]
        declared = f"; declared as public: {'; '.join(given)}" if given else ""
        return (
            f"epsilon {self.epsilon:g}, delta {self.delta:g} for one row more or less{declared}; other bins and names "
            "were found privately"
        )

    def account(self, schema: pa.Schema) -> Account:
        """Write down all that will be asked of rows of a schema, and what it costs; a label and payload in it.

        >>> account = PrivateTable().account(pa.schema({"age": pa.int64(), "town": pa.string(), "label": pa.string()}))
        >>> account.spent <= 0.0230, account.lines[0].what
        (True, 'label counts')
        """
        return planned(Budget(self.epsilon, self.delta), *columns_of(schema, self._public()))

    def _declared(self) -> dict[str, Mapping[str, Sequence[float | str]]]:
        return {"bounds": self.bounds or {}, "categories": self.categories or {}}

    def _public(self) -> Public:
        return Public(self.bounds or {}, self.categories or {}, self.delta == 0)

    def _request(self, seed: pa.Table) -> Request:
        """Ask for secret bytes that belong to these rows and questions: no two answers shall share their noise."""
        asked: dict[str, Json] = {
            "purpose": "private_table",
            "mechanism": MECHANISM,
            "epsilon": self.epsilon,
            "delta": self.delta,
            "bins": self.bins,
            "bounds": {name: [float(each) for each in ends] for name, ends in (self.bounds or {}).items()},
            "categories": {name: sorted(set(listed)) for name, listed in (self.categories or {}).items()},
            "rows": _fingerprint(seed),
            "bytes": SECRET,
        }
        return Request(ASKS, asked)


def _fingerprint(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as stream:
        stream.write_table(table.replace_schema_metadata(None).combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()
