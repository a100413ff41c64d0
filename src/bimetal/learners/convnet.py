"""A small convolutional network for grey images of 8 x 8 to 64 x 64 pixels, trained with JAX on one core."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bimetal.errors import InputError, MissingExtra
from bimetal.learners._features import levels, payload, require
from bimetal.learners._fitting import Prepares, codes_among, softmax, targets
from bimetal.payload import pixels

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from bimetal.plugins import Model
    from bimetal.types import FloatArray, IntArray

    Pictures = NDArray[np.float32]
    Layers = tuple[tuple[Pictures, Pictures], ...]

NEEDS = ("jax",)
BATCH = 64
LAST = 4  # pixels a side at which the network stops to halve
WIDEST = 64  # channels
MEMORY = (0.9, 0.99)  # of Adam's two running means (Kingma and Ba 2015)
DECAY = 0.01  # of weights, a unit of the rate (Loshchilov and Hutter 2019)


@dataclass(frozen=True)
class Convnet(Prepares):
    """Train convolutions of 3 x 3 that halve the image down to about 4 x 4, and a linear layer, by `steps` of Adam.

    Each step sees 64 rows drawn in proportion to their weight, each moved at random by up to `shift` of the image's
    side; the `rate` falls to 0 along a cosine. The time a fit takes goes by `steps`, not by rows. Raises MissingExtra
    where JAX is not installed.
    """

    modalities: ClassVar[tuple[str, ...]] = ("image",)

    steps: int = 400
    rate: float = 0.003
    shift: float = 0.07

    def __post_init__(self) -> None:
        if importlib.util.find_spec("jax") is None:
            raise MissingExtra("convnet needs jax, which is not installed", "pip install 'bimetal[jax]'")
        if self.steps < 1 or self.rate <= 0 or not 0 <= self.shift < 0.5:
            raise ValueError("steps must be 1 or more, rate above 0, shift from 0 to below 0.5")

    def __call__(
        self,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - the protocol's; this learner has no use for it
        rng: np.random.Generator,
    ) -> Model:
        classes, codes = targets(train, weight)
        if payload(train) != ("image",):
            raise InputError(f"the network is of images, the payload is {', '.join(payload(train))}", "use `linear`")
        seen = pixels(train)
        centre = float(seen.mean() / 255), float(seen.std() / 255) + 1e-3
        start = Network(classes, seen.shape[1:], centre, drawn(seen.shape[1:], len(classes), rng))
        return self._trained(start, train, codes, weight, rng)

    def continued(
        self,
        model: Model,
        train: pa.Table,
        weight: FloatArray,
        unlabelled: pa.Table | None,  # noqa: ARG002 - as above
        rng: np.random.Generator,
    ) -> Model:
        """Go on training from a fitted network, which stays as it is; raises InputError for classes new to it."""
        if not isinstance(model, Network):
            raise InputError(f"the model to go on from is {type(model).__name__}", "pass one that convnet has fitted")
        return self._trained(model, train, codes_among(model.classes, train, weight), weight, rng)

    def _trained(
        self, start: Network, train: pa.Table, codes: IntArray, weight: FloatArray, rng: np.random.Generator
    ) -> Network:
        share = np.asarray(weight, float) / np.sum(weight)
        picks = rng.choice(len(codes), (self.steps, BATCH), p=share)
        moves = _moves(start.seen(train), self.shift, start.blank)
        step, _ = _compiled()
        state = start.layers, *(_zeros(start.layers) for _ in MEMORY)
        for done, rows in enumerate(picks):
            rate = self.rate * (1 + np.cos(np.pi * done / self.steps)) / 2
            corner = rng.integers(0, [moves.shape[1], moves.shape[2]], (BATCH, 2)).T
            state = step(state, moves[rows, corner[0], corner[1]], codes[rows], np.float32(done + 1), np.float32(rate))
        layers = tuple((np.asarray(kernel), np.asarray(bias)) for kernel, bias in state[0])
        return Network(start.classes, start.shape, start.centre, layers)


@dataclass(frozen=True)
class Network:
    """A fitted network: kernels and biases layer by layer, and the mean and spread of the levels it was trained on."""

    classes: tuple[str, ...]
    shape: tuple[int, ...]
    centre: tuple[float, float]
    layers: Layers

    def predict_proba(self, rows: pa.Table) -> FloatArray:
        require(rows, ("image",))
        seen = self.seen(rows)
        _, score = _compiled()
        scores = [np.zeros((0, len(self.classes)))]
        for first in range(0, len(seen), BATCH):
            some = seen[first : first + BATCH]
            filled = np.concatenate([some, np.zeros((BATCH - len(some), *self.shape), np.float32)])
            scores.append(np.asarray(score(self.layers, filled), float)[: len(some)])
        return softmax(np.concatenate(scores))

    @property
    def blank(self) -> float:
        """What a pixel at level 0 becomes."""
        mean, spread = self.centre
        return -mean / spread

    def seen(self, rows: pa.Table) -> Pictures:
        """Standardise the rows' grey levels, shape (rows, height, width)."""
        mean, spread = self.centre
        return (levels(rows, self.shape) - np.float32(mean)) / np.float32(spread)


def strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Give each convolution's stride: halve the shorter side down to about 4 pixels, in three layers at least.

    >>> strides((28, 28)), strides((8, 8))
    ((2, 2, 2), (1, 1, 2))
    """
    halvings = max(0, round(math.log2(min(shape) / LAST)))
    return (1,) * (3 - halvings) + (2,) * halvings


def drawn(shape: tuple[int, ...], classes: int, rng: np.random.Generator) -> Layers:
    """Draw a network's first weights (He et al. 2015).

    >>> [kernel.shape for kernel, _ in drawn((28, 28), 10, np.random.default_rng(0))]
    [(3, 3, 1, 16), (3, 3, 16, 32), (3, 3, 32, 64), (1024, 10)]
    """
    sides, before = list(shape), 1
    sizes: list[tuple[int, ...]] = []
    for layer, stride in enumerate(strides(shape)):
        width = min(WIDEST, 16 * 2**layer)
        sizes.append((3, 3, before, width))
        sides, before = [-(-side // stride) for side in sides], width
    sizes.append((math.prod(sides) * before, classes))
    scale = [math.sqrt(2 / math.prod(size[:-1])) for size in sizes]
    return tuple(
        ((rng.standard_normal(size) * each).astype(np.float32), np.zeros(size[-1], np.float32))
        for size, each in zip(sizes, scale, strict=True)
    )


def _moves(seen: Pictures, shift: float, blank: float) -> Any:
    """View each picture moved by every number of pixels down and across, shape (rows, down, across, height, width)."""
    shape = seen.shape[1:]
    edges = [(0, 0), *((round(shift * side),) * 2 for side in shape)]
    padded = np.pad(seen, edges, constant_values=blank)
    return np.lib.stride_tricks.sliding_window_view(padded, shape, axis=(1, 2))


@cache
def _compiled() -> tuple[Any, Any]:
    """Compile a training step and the scores; JAX keeps a version of each for every shape."""
    import jax

    def score(layers: Any, pictures: Any) -> Any:
        *convolutions, (last, offset) = layers
        rows = pictures[..., None]
        order = ("NHWC", "HWIO", "NHWC")
        for (kernel, bias), stride in zip(convolutions, strides(pictures.shape[1:]), strict=True):
            rows = jax.nn.relu(
                jax.lax.conv_general_dilated(rows, kernel, (stride, stride), "SAME", dimension_numbers=order) + bias
            )
        return rows.reshape(len(rows), -1) @ last + offset

    def loss(layers: Any, pictures: Any, codes: Any) -> Any:
        said = jax.nn.log_softmax(score(layers, pictures))
        return -jax.numpy.take_along_axis(said, codes[:, None], axis=1).mean()

    def step(state: Any, pictures: Any, codes: Any, count: Any, rate: Any) -> Any:
        layers, mean, square = state
        slope = jax.grad(loss)(layers, pictures, codes)
        first, second = MEMORY
        mean = jax.tree.map(lambda old, new: first * old + (1 - first) * new, mean, slope)
        square = jax.tree.map(lambda old, new: second * old + (1 - second) * new**2, square, slope)

        def moved(weight: Any, up: Any, spread: Any) -> Any:
            size = jax.numpy.sqrt(spread / (1 - second**count)) + 1e-8
            return weight - rate * (up / (1 - first**count) / size + DECAY * weight)

        return jax.tree.map(moved, layers, mean, square), mean, square

    one_core = {"xla_cpu_multi_thread_eigen": False}  # fits run side by side, and the same on any machine's cores
    return jax.jit(step, compiler_options=one_core), jax.jit(score, compiler_options=one_core)


def _zeros(layers: Layers) -> Layers:
    return tuple((np.zeros_like(kernel), np.zeros_like(bias)) for kernel, bias in layers)
