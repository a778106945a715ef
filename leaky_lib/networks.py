"""An ensemble of networks, fully connected or convolutional: one array axis, one matrix product.

Shapes. ``members`` is any leading shape, usually ``(alphas, seeds)``::

    weights[l]   (*members, fan_in, fan_out)
    biases[l]    (*members, 1, fan_out)
    alphas[l]    (*members, 1, 1); 0 is ReLU, 1 is linear. While RReLU trains: (examples, units)
    inputs       (examples, features), shared by all members

One layer is ``z = h @ weights[l] + biases[l]``, then ``h = leaky_relu(z, alphas[l])``; the last layer
has no activation. In a convolutional network the rows of a layer are (example, pixel) pairs and ``h`` is
first laid out in patches; see `leaky_lib.convolutions`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isqrt, prod

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import leaky_relu_gain, real_numbers
from leaky_lib.arguments import (
    check_memory,
    finite_number,
    name_among,
    sequence,
    true_or_false,
    whole_number,
)
from leaky_lib.convolutions import Convolution
from leaky_lib.family import FAMILY, gain_of
from leaky_lib.parallel import chunk_slices, on_all_cores, usable_threads

BYTES_PER_PARAMETER = 32
"""At the start, while it is trained, in two snapshots, in an optimiser's memory, and while it is drawn."""

VARIANCE_FLOOR = 1e-5
"""Added to a variance before it divides, as libraries do."""


@dataclass(frozen=True)
class Ensemble:
    """The parameters of many networks of one architecture; see the module for the shapes.

    Attributes
    ----------
    weights, biases, alphas : tuple of ndarray
    convolutions : tuple of Convolution
        What the first layers are; layers after them are dense.
    normalised : bool
        Whether the sums of every hidden unit are brought to mean 0 and variance 1 over the rows of the
        batch before the bias is added (batch normalisation, without a learned scale, and with the
        statistics of whatever batch is given, also at test time).
    function : str, optional
        A function of `leaky_lib.family.FAMILY` that all hidden layers have instead of Leaky ReLU.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    alphas: tuple[np.ndarray, ...]
    convolutions: tuple[Convolution, ...] = ()
    normalised: bool = False
    function: str | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """Leading shape: how the networks are arranged."""
        return self.weights[0].shape[:-2]

    @property
    def inputs(self) -> int:
        """Features of an example; the images of a convolutional network have one channel."""
        return self.convolutions[0].side ** 2 if self.convolutions else self.weights[0].shape[-2]

    @property
    def outputs(self) -> int:
        """Numbers that a network says to an example."""
        return self.weights[-1].shape[-1]

    @property
    def dtype(self) -> np.dtype:
        """Floating dtype of every parameter."""
        return self.weights[0].dtype

    def layer_shapes(self, examples: int) -> list[tuple[int, int]]:
        """Rows and units of every layer, for so many examples."""
        pixels = [convolution.side**2 for convolution in self.convolutions]
        pixels += [1] * (len(self.weights) - len(pixels))
        return [
            (examples * each, weight.shape[-1]) for each, weight in zip(pixels, self.weights, strict=True)
        ]

    def chunks(self, examples: int, threads: int) -> list[slice]:
        """How a row of networks is cut for passes with so many examples; see `leaky_lib.parallel`."""
        return chunk_slices(prod(self.members), max(map(prod, self.layer_shapes(examples))), threads)

    def part(self, where: slice) -> "Ensemble":
        """A view of some networks along the first member axis."""
        return self.changed(lambda array: array[where])

    def copy(self) -> "Ensemble":
        """The same networks in arrays of their own."""
        return self.changed(lambda array: array.copy(order="C"))

    def __getitem__(self, which: object) -> "Ensemble":
        """A copy of some networks, by an index into ``members``: ``ensemble[0]``, ``ensemble[:, 3]``."""
        numbers = np.arange(prod(self.members)).reshape(self.members)[which]
        return self.flat().changed(lambda array: array[numbers].copy(order="C"))

    def flat(self) -> "Ensemble":
        """A view with one member axis; writing into it writes into this ensemble."""
        return self.changed(lambda array: array.reshape(prod(self.members), *array.shape[-2:], copy=False))

    def changed(self, change: Callable[[np.ndarray], np.ndarray]) -> "Ensemble":
        """The ensemble with every array of parameters changed in the same way."""
        weights, biases, alphas = (
            tuple(map(change, arrays)) for arrays in (self.weights, self.biases, self.alphas)
        )
        return replace(self, weights=weights, biases=biases, alphas=alphas)


def initialise(
    widths: Sequence[int],
    seeds: int | range = 1,
    alpha: ArrayLike = 0.01,
    gain: ArrayLike | None = 2**0.5,
    bias: float = 0.0,
    seed: int = 0,
    dtype: type = np.float32,
    *,
    network: str = "dense",
    normalised: bool = False,
    function: str | None = None,
) -> Ensemble:
    """Draw normal weights of standard deviation ``gain / sqrt(fan_in)`` for many networks.

    Networks with the same seed number start from the same weights whatever their ``alpha``: they are
    twins. Seed number ``s`` gets the same weights however many seeds are drawn.

    Parameters
    ----------
    widths : sequence of int
        Inputs, units of each hidden layer, outputs.
    seeds, seed : int
        Starts for each slope, or a range that says which; and what they are drawn from.
    alpha : float or sequence of float
        Slopes. One number gives ``members = (seeds,)``, a sequence of ``n`` gives ``(n, seeds)``.
    gain, bias : float or sequence of float, one per alpha; float
        He's gain for ReLU by default (He et al., 2015, section 2.2; arXiv:1502.01852); None for that which
        keeps the signal's size, of each slope or function. And every bias at the start.
    network : str
        ``"dense"``; or ``"convolutional"``: inputs are the pixels of a square image, units channels of
        3 × 3 convolutions, in the second half on the means of 2 × 2 pixels; the last layer is dense.
    normalised, function
        See `Ensemble`.
    """
    widths = [whole_number("widths", width, minimum=1) for width in sequence("widths", widths, minimum=2)]
    dtype, convolutions = np.dtype(dtype), _convolutions(widths, network)
    slopes = several_slopes("alpha", alpha, dtype).reshape(np.shape(alpha))
    gain = _checked_gain(gain, slopes, function, dtype)
    bias = finite_in(dtype, "bias", finite_number("bias", bias))
    normalised = true_or_false("normalised", normalised)
    draws = _standard_normal(_weight_shapes(widths, convolutions), seeds, seed, slopes.size)

    def for_each(values: ArrayLike, *shape: int) -> np.ndarray:
        return np.broadcast_to(values, (*slopes.shape, len(draws[0]), *shape)).astype(dtype, order="C")

    weights = [for_each(gain / np.sqrt(draw.shape[1]) * draw, *draw.shape[1:]) for draw in draws]
    biases = [for_each(bias, 1, draw.shape[2]) for draw in draws]
    alphas = [for_each(slopes[..., None, None, None], 1, 1) for _ in draws[1:]]
    return Ensemble(tuple(weights), tuple(biases), tuple(alphas), convolutions, normalised, function)


def _convolutions(widths: list[int], network: str) -> tuple[Convolution, ...]:
    if name_among("network", network, ("dense", "convolutional")) == "dense":
        return ()
    side, depth = isqrt(widths[0]), len(widths) - 2
    if depth < 2 or side % 2 or side**2 != widths[0]:
        raise ValueError(
            "a convolutional network has two hidden layers or more, and the pixels of a square image of an "
            f"even side for inputs, such as the digits' 64; got widths {widths}"
        )
    before = (depth + 1) // 2
    whole, halved = Convolution(side), Convolution(side // 2)
    return (whole,) * before + (replace(halved, pooled=True),) + (halved,) * (depth - before - 1)


def _weight_shapes(widths: list[int], convolutions: tuple[Convolution, ...]) -> list[tuple[int, int]]:
    """(fan_in, fan_out) of every layer."""
    if not convolutions:
        return list(pairwise(widths))
    channels = [1, *widths[1:-1]]
    left = channels[-1] * convolutions[-1].side ** 2
    return [*((9 * fan_in, fan_out) for fan_in, fan_out in pairwise(channels)), (left, widths[-1])]


def _standard_normal(
    shapes: list[tuple[int, int]], seeds: int | range, seed: int, slopes: int
) -> list[np.ndarray]:
    """Random numbers for the weights of each layer, shape (seeds, fan_in, fan_out)."""
    numbers = seeds if isinstance(seeds, range) else range(whole_number("seeds", seeds, minimum=1))
    if not numbers or min(numbers[0], numbers[-1]) < 0:
        raise ValueError(f"seeds must name seed numbers from 0 on; got {seeds}")
    count = 1 + (numbers[-1] - numbers[0]) // numbers.step  # of a huge range there is no len()
    parameters = slopes * count * sum((fan_in + 1) * fan_out for fan_in, fan_out in shapes)
    check_memory(BYTES_PER_PARAMETER * parameters, seeds=count, alphas=slopes, widths=shapes)
    seed = whole_number("seed", seed, minimum=0)
    starts = [np.random.SeedSequence(seed, spawn_key=(number,)) for number in numbers]
    generators = [np.random.default_rng(start) for start in starts]
    return [np.stack([rng.standard_normal(shape) for rng in generators]) for shape in shapes]


def _checked_gain(
    gain: ArrayLike | None, slopes: np.ndarray, function: str | None, dtype: np.dtype
) -> np.ndarray:
    """One gain, or one per slope, shaped to be multiplied with weights."""
    if function is not None:
        name_among("function", function, FAMILY)
    if gain is None:
        gain = leaky_relu_gain(slopes) if function is None else gain_of(function)
    gain = real_numbers("gain", gain).astype(float)
    if gain.shape not in ((), slopes.shape):
        raise ValueError(f"gain must be one number, or one per alpha; got {gain}")
    return finite_in(dtype, "gain", gain)[..., None, None, None]


def finite_in(dtype: np.dtype, name: str, numbers: float | np.ndarray) -> float | np.ndarray:
    """``numbers``, or an error that names the argument if one would be infinite or NaN in that dtype."""
    if not (np.abs(numbers) <= np.finfo(dtype).max).all():
        raise ValueError(f"{name} must be finite in {dtype}; got {numbers}")
    return numbers


def several_slopes(name: str, values: ArrayLike, dtype: type = np.float32) -> np.ndarray:
    """One slope or a flat list of them as floats, shape (slopes,), or an error that names the argument."""
    values = sequence(name, values) if isinstance(values, range) else values
    slopes = real_numbers(name, values).astype(float)
    if slopes.ndim > 1 or slopes.size == 0:
        raise ValueError(
            f"{name} must be one number or a flat, non-empty sequence; got shape {slopes.shape}"
        )
    return np.atleast_1d(finite_in(np.dtype(dtype), name, slopes))


class Trace:
    """What one forward and one backward pass leave behind, one entry for each layer.

    Given to another pass of networks of the same shape, with as many examples, its arrays are used again.

    Attributes
    ----------
    pre_activations : list of ndarray, (*members, rows, fan_out)
        The last one is the network's output. Rows are examples, or pixels of examples.
    activations : list of ndarray, (*members, rows, units), one per hidden layer
    inputs : list of ndarray
        What each layer's weights are multiplied by.
    spreads : list of ndarray
        Of a normalised layer: what its sums were divided by.
    errors : list of ndarray, (*members, rows, fan_in)
        What comes back through a layer's weights.
    weight_gradients, bias_gradients : list of ndarray, shaped as the parameters
    alpha_gradients : list of ndarray, (*members, 1, 1), one per hidden layer, where asked for
    """

    def __init__(self, layers: int) -> None:
        hidden = layers - 1
        self.pre_activations, self.activations = [None] * layers, [None] * hidden
        self.inputs, self.spreads, self.errors = [None] * layers, [None] * hidden, [None] * layers
        self.weight_gradients, self.bias_gradients = [None] * layers, [None] * layers
        self.alpha_gradients = []

    @property
    def output(self) -> np.ndarray:
        """The network's output: the last layer's pre-activations."""
        return self.pre_activations[-1]


def forward(ensemble: Ensemble, x: ArrayLike, trace: Trace | None = None) -> Trace:
    """Run every network on the same inputs, shape (examples, features)."""
    h = checked_inputs(ensemble, x)
    trace = Trace(len(ensemble.weights)) if trace is None else trace
    if ensemble.convolutions:
        h = h.reshape(-1, 1)
    for layer, (weight, bias) in enumerate(zip(ensemble.weights, ensemble.biases, strict=True)):
        hidden = layer < len(ensemble.alphas)
        if layer < len(ensemble.convolutions):
            h = ensemble.convolutions[layer].forward(h)
        else:
            h = h.reshape(*h.shape[:-2], -1, weight.shape[-2])
        z = np.matmul(h, weight, out=trace.pre_activations[layer])
        trace.inputs[layer], trace.pre_activations[layer] = h, z
        if hidden and ensemble.normalised:
            trace.spreads[layer] = _normalise(z)
        z += bias
        if hidden:
            h = trace.activations[layer] = _activation(ensemble, layer, z, out=trace.activations[layer])
    return trace


def _activation(ensemble: Ensemble, layer: int, z: np.ndarray, out: np.ndarray | None) -> np.ndarray:
    if ensemble.function is not None:
        value, _ = FAMILY[ensemble.function].compute(z)
        return value.astype(z.dtype, copy=False)
    alpha = ensemble.alphas[layer]
    if not alpha.any():
        return np.clip(z, 0, np.inf, out=out)  # np.maximum takes three times as long with one number
    h = np.multiply(z, alpha, out=out)
    if not alpha.all():
        np.copyto(h, 0, where=alpha == 0)  # 0 * inf would be NaN
    if alpha.min() >= 0 and alpha.max() <= 1:
        return np.maximum(z, h, out=h)  # without a branch per element
    return np.where(z < 0, h, z)


def backward(ensemble: Ensemble, trace: Trace, error: np.ndarray, learn_alpha: bool = False) -> Trace:
    """Carry the error back through every network: the chain rule, layer by layer.

    At a pre-activation of exactly 0 this pass takes the slope ``alpha``, as PyTorch and TensorFlow do,
    while `leaky_relu_derivative` answers 1. It matters: with zero biases most pre-activations behind a
    dead layer are exactly 0, and the slope 1 would quietly revive the ReLU baseline.

    Parameters
    ----------
    ensemble : Ensemble
    trace : Trace
        Of its forward pass; gets the gradients.
    error : ndarray, shape of ``trace.output``
        dLoss/dz at the output, as a loss of `leaky_lib.training` gives it.
    learn_alpha : bool
        PReLU: also dLoss/dalpha, the sum of ``dLoss/dh * z`` over all negative z of a layer
        (K. He et al., 2015, section 2.1, one slope per layer).
    """
    trace.alpha_gradients = [None] * len(ensemble.alphas) if learn_alpha else []
    for layer in reversed(range(len(ensemble.weights))):
        h, weight = trace.inputs[layer], ensemble.weights[layer]
        trace.bias_gradients[layer] = np.ones((1, error.shape[-2]), error.dtype) @ error
        if ensemble.normalised and layer < len(ensemble.alphas):
            z_without_bias = trace.pre_activations[layer] - ensemble.biases[layer]
            error = _normalise_backward(error, z_without_bias, trace.spreads[layer])
        trace.weight_gradients[layer] = h.swapaxes(-1, -2) @ error
        if layer == 0:
            break
        z = trace.pre_activations[layer - 1]
        if layer < len(ensemble.convolutions):
            error = ensemble.convolutions[layer].backward(error, weight)
        else:
            transposed = weight.swapaxes(-1, -2).copy()  # a quarter faster than a view
            error = np.matmul(error, transposed, out=trace.errors[layer])
            trace.errors[layer] = error
            error = error.reshape(z.shape)
        if learn_alpha:
            trace.alpha_gradients[layer - 1] = _dot_per_network(error, np.minimum(z, 0))
        error *= _slope_at(ensemble, layer - 1, z)
    return trace


def _slope_at(ensemble: Ensemble, layer: int, z: np.ndarray) -> np.ndarray:
    """The derivative of a layer's activation; of Leaky ReLU ``np.where(z > 0, 1, alpha)``."""
    if ensemble.function is not None:
        _, slope = FAMILY[ensemble.function].compute(z)
        return slope.astype(z.dtype, copy=False)
    alpha, slope = (
        ensemble.alphas[layer],
        (z > 0).astype(z.dtype),
    )  # np.where waits for a branch per element
    if alpha.min() >= 0 and alpha.max() <= 1:
        return np.clip(slope, alpha, 1, out=slope)
    slope += alpha * (z <= 0)
    return slope


def _normalise(z: np.ndarray) -> np.ndarray:
    """Bring every column of ``z`` to mean 0 and variance 1, in place; returns the spreads taken out."""
    z -= _mean_over_rows(z)
    spread = np.sqrt(_mean_over_rows(np.square(z)) + z.dtype.type(VARIANCE_FLOOR))
    z /= spread
    return spread


def _normalise_backward(error: np.ndarray, normalised: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Carry ``error`` back through `_normalise`."""
    along = _mean_over_rows(error * normalised)
    error = error - _mean_over_rows(error)
    error -= normalised * along
    error /= spread
    return error


def _mean_over_rows(values: np.ndarray) -> np.ndarray:
    """``values.mean(axis=-2, keepdims=True)``, as a matrix product: a third of the time."""
    rows = values.shape[-2]
    return np.full((1, rows), 1 / rows, values.dtype) @ values


def _dot_per_network(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Multiply element by element and add up, network by network: shape (*members, 1, 1)."""
    members = one.shape[:-2]
    return one.reshape(*members, 1, -1) @ other.reshape(*members, -1, 1)


def outputs(ensemble: Ensemble, x: np.ndarray, threads: int | None = None) -> np.ndarray:
    """What every network says to ``x``: shape (*members, examples, outputs)."""
    x = checked_inputs(ensemble, x)
    parts = in_chunks(lambda part: forward(part, x).output, ensemble, len(x), threads)
    return np.concatenate(parts).reshape(*ensemble.members, len(x), ensemble.outputs)


def in_chunks(
    work: Callable[[Ensemble], object], ensemble: Ensemble, examples: int, threads: int | None = None
) -> list:
    """``work(part)`` for every chunk of an ensemble, by default on every core; the results in order."""
    flat, threads = ensemble.flat(), usable_threads() if threads is None else threads
    return on_all_cores(work, [flat.part(where) for where in flat.chunks(examples, threads)], threads)


def checked_inputs(ensemble: Ensemble, x: ArrayLike) -> np.ndarray:
    """Inputs in the ensemble's dtype, or an error that says what does not fit."""
    x = real_numbers("x", x).astype(ensemble.dtype, copy=False)
    if x.ndim != 2 or x.shape[1] != ensemble.inputs:
        raise ValueError(f"x must have shape (examples, {ensemble.inputs}); got {x.shape}")
    return x
