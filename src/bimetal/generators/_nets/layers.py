"""Layers of a small network and how they learn: first weights, a pass forward, a step of Adam."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from bimetal.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Layers = tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]

ONE_CORE = {"xla_cpu_multi_thread_eigen": False}  # the same sums in the same order, whatever else the machine does
MOST = {"steps": 10_000_000, "width": 4096, "rate": 10}  # beyond it no machine of one core ends, or nothing is learned


def refuse_settings(steps: int, width: int, rate: float) -> None:
    """Raise InputError for steps, a width or a rate that train nothing, MissingExtra where there is no JAX to train."""
    if importlib.util.find_spec("jax") is None:
        raise MissingExtra("small networks need jax, which is not installed", "pip install 'bimetal[jax]'")
    for name, given, kind in (("steps", steps, int), ("width", width, int), ("rate", rate, int | float)):
        if isinstance(given, bool) or not isinstance(given, kind) or not 0 < given <= MOST[name]:
            expected = "a whole number" if kind is int else "a number"
            raise InputError(
                f"{name} is {given!r}, expected {expected} above 0, up to {MOST[name]}", "leave it out for the default"
            )


def drawn(sizes: tuple[int, ...], rng: np.random.Generator) -> Layers:
    """Draw the first weights of layers between so many values each (He et al. 2015).

    >>> [kernel.shape for kernel, _ in drawn((3, 8, 1), np.random.default_rng(0))]
    [(3, 8), (8, 1)]
    """
    return tuple(
        ((rng.standard_normal((begin, end)) * (2 / begin) ** 0.5).astype(np.float32), np.zeros(end, np.float32))
        for begin, end in pairwise(sizes)
    )


def forward(layers: Any, rows: Any, bend: Any) -> Any:
    """Pass rows through the layers, bent after each but the last."""
    *inner, (last, offset) = layers
    for kernel, bias in inner:
        rows = bend(rows @ kernel + bias)
    return rows @ last + offset


def begun(layers: Any) -> Any:
    """Return Adam's memory before the first step: two running means and a count."""
    import jax

    zeros = jax.tree.map(np.zeros_like, layers)
    return zeros, zeros, np.float32(0)


def adam(layers: Any, slope: Any, memory: Any, rate: Any, fade: tuple[float, float] = (0.9, 0.99)) -> Any:
    """Take one step down the slope (Kingma and Ba 2015); returns the layers and Adam's memory."""
    import jax

    mean, square, count = memory
    first, second = fade
    count = count + 1
    mean = jax.tree.map(lambda old, new: first * old + (1 - first) * new, mean, slope)
    square = jax.tree.map(lambda old, new: second * old + (1 - second) * new**2, square, slope)

    def moved(weight: Any, up: Any, spread: Any) -> Any:
        size = jax.numpy.sqrt(spread / (1 - second**count)) + 1e-8
        return weight - rate * up / (1 - first**count) / size

    return jax.tree.map(moved, layers, mean, square), (mean, square, count)
