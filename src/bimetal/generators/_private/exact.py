"""Discrete Gaussian and Laplace noise, exact to the last bit: whole numbers and secret bytes, never a float."""

from __future__ import annotations

import hashlib
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from bimetal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bimetal.types import BoolArray, IntArray

SECRET = 32  # bytes that all noise grows from: an attacker faces 2^256 streams
LARGEST = 4096  # standard deviation or scale: beyond it numerators leave 63 bits
_BLOCK = 1 << 16


class Noise:
    """An endless stream of uniform bits grown from a secret by SHAKE-256, and exact samples made from it.

    Canonne, Kamath and Steinke 2020 (arXiv 2004.00010), algorithms 1 to 3, many samples at a time: every comparison is
    one of whole numbers, so what comes out has the very distribution that the proof is about. A float sampler has not
    (Mironov 2012). To who holds no secret the bits are as good as independent of everything (SHAKE-256 as a
    pseudo-random function).

    >>> bool(390 < Noise(bytes(32)).gaussian(400, 20_000).var() < 410)
    True
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET:
            raise InputError(f"noise got {len(secret)} secret bytes, expected {SECRET}", "answer with as many as asked")
        self._secret = secret
        self._blocks = 0
        self._words: NDArray[np.uint64] = np.zeros(0, np.uint64)

    def gaussian(self, variance: int, size: int) -> IntArray:
        """Draw from the discrete Gaussian of a whole `variance`: P(x) in proportion to exp(-x^2 / (2 variance))."""
        scale = isqrt(variance) + 1
        _within(scale)
        denominator = 2 * variance * scale**2

        def accepted(drawn: IntArray) -> BoolArray:
            return self.heads((np.abs(drawn) * scale - variance) ** 2, denominator)

        return self._sifted(size, lambda count: self.laplace(scale, count), accepted)

    def laplace(self, scale: int, size: int) -> IntArray:
        """Draw from the discrete Laplace of a whole `scale`: P(x) in proportion to exp(-|x| / scale)."""
        _within(scale)

        def proposed(count: int) -> IntArray:
            low = self._sifted(
                count, lambda more: self.below(np.full(more, scale)), lambda each: self.heads(each, scale)
            )
            distance = low + scale * self._successes(count)
            signs = self.below(np.full(count, 2))
            return np.where(signs == 1, np.where(distance == 0, _AGAIN, -distance), distance)

        return self._sifted(size, proposed, lambda drawn: drawn != _AGAIN)

    def choice(self, scores: IntArray, numerator: int, denominator: int) -> int:
        """Choose i with probability in proportion to exp(scores[i] * numerator / denominator), by exact rejection.

        The exponential mechanism of McSherry and Talwar 2007; `numerator / denominator` is epsilon over twice the
        scores' sensitivity.
        """
        short = (scores.max() - scores) * numerator
        while True:
            proposed = self.below(np.full(64, len(scores)))
            taken = np.flatnonzero(self.heads(short[proposed], denominator))
            if len(taken):
                return int(proposed[taken[0]])

    def heads(self, numerators: IntArray, denominator: int) -> BoolArray:
        """Toss a coin for each numerator that falls heads with probability exp(-numerator / denominator)."""
        whole, rest = np.divmod(numerators, denominator)
        heads = np.ones(len(numerators), bool)
        left = np.flatnonzero(whole > 0)
        while len(left):
            heads[left] = self._fraction(np.full(len(left), denominator), denominator)
            whole[left] -= 1
            left = left[heads[left] & (whole[left] > 0)]
        alive = np.flatnonzero(heads)
        heads[alive] = self._fraction(rest[alive], denominator)
        return heads

    def below(self, limits: IntArray) -> IntArray:
        """Draw one whole number evenly from 0 to below each limit (1 to 2^62), by rejection."""
        drawn = np.zeros(len(limits), np.int64)
        shifts = (64 - np.array([int(limit - 1).bit_length() for limit in np.unique(limits)]))[
            np.unique(limits, return_inverse=True)[1]
        ].astype(np.uint64)
        left = np.flatnonzero(limits > 1)
        while len(left):
            drawn[left] = (self._take(len(left)) >> shifts[left]).astype(np.int64)
            left = left[drawn[left] >= limits[left]]
        return drawn

    def _fraction(self, numerators: IntArray, denominator: int) -> BoolArray:
        """Toss coins of probability exp(-numerator / denominator) <= 1 by the alternating series' stopping time."""
        stopped = np.ones(len(numerators), np.int64)
        alive = np.arange(len(numerators))
        while len(alive):
            lived = self.below(denominator * stopped[alive]) < numerators[alive]
            alive = alive[lived]
            stopped[alive] += 1
        return np.asarray(stopped % 2 == 1)

    def _successes(self, size: int) -> IntArray:
        """Count heads of probability 1/e before the first tails."""
        counted = np.zeros(size, np.int64)
        alive = np.arange(size)
        while len(alive):
            alive = alive[self._fraction(np.ones(len(alive), np.int64), 1)]
            counted[alive] += 1
        return counted

    def _sifted(
        self, size: int, proposed: Callable[[int], IntArray], accepted: Callable[[IntArray], BoolArray]
    ) -> IntArray:
        kept: list[IntArray] = []
        lacking = size
        while lacking:
            drawn = proposed(lacking)
            drawn = drawn[accepted(drawn)]
            kept.append(drawn)
            lacking -= len(drawn)
        return np.concatenate([np.zeros(0, np.int64), *kept])

    def _take(self, count: int) -> NDArray[np.uint64]:
        while len(self._words) < count:
            block = hashlib.shake_256(self._secret + self._blocks.to_bytes(8, "big")).digest(_BLOCK)
            self._blocks += 1
            self._words = np.concatenate([self._words, np.frombuffer(block, ">u8").astype(np.uint64)])
        taken, self._words = self._words[:count], self._words[count:]
        return taken


_AGAIN = np.iinfo(np.int64).min  # a negative zero: drawn anew, lest zero come twice as often


def _within(scale: int) -> None:
    if not 1 <= scale <= LARGEST:
        raise InputError(
            f"noise of scale {scale:,} was needed, expected at most {LARGEST:,}",
            "choose a larger epsilon, or leave out columns: each costs its share",
        )
