"""Coin flips with a bias: the smallest generator there is."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Coins:
    """Flip a coin n times; `bias` is the share of heads."""

    bias: float = 0.5

    def __call__(self, n, rng, seed_rows=None, targets=()):
        heads = rng.spawn(1)[0].random(n) < self.bias
        yield pa.RecordBatch.from_pydict(
            {"side": [int(each) for each in heads], "label": ["head" if each else "tail" for each in heads]}
        )
