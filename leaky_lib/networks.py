"""An ensemble of networks, fully connected or convolutional: one array axis, one matrix product.

Shapes. ``members`` is any leading shape, usually ``(alphas, seeds)``::

    weights[l]   (*members, fan_in, fan_out)
    biases[l]    (*members, 1, fan_out)
    alphas[l]    (*members, 1, 1); 0 is ReLU, 1 is linear. While RReLU trains: (examples, units)
    inputs       (examples, features), shared by all members

One layer is ``z = h @ weights[l] + biases[l]``, then ``h = leaky_relu(z, alphas[l])``; the last layer
has no activation. In a convolutional network the rows of a layer are (example, pixel) pairs and ``h`` is
first laid out in patches; see `leaky_lib.convolutions`.

Rows are examples, as on a blackboard. Laying features first and letting the bias ride in the product was
measured 1.13 to 1.18 times as fast: not worth a second engine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import leaky_relu, leaky_relu_gain, real_numbers
from leaky_lib.arguments import check_memory, finite_number, sequence, true_or_false, whole_number
from leaky_lib.convolutions import Convolution, Dense, Flattened
from leaky_lib.data import Dataset
from leaky_lib.family import function_called, gain_of
from leaky_lib.parallel import CHUNK_ELEMENTS, chunk_slices, on_all_cores, usable_threads

__all__ = [
    "Ensemble",
    "Trace",
    "backward",
    "convolutional",
    "dense_widths",
    "forward",
    "fresh",
    "in_chunks",
    "initialise",
    "outputs",
]

Arrangement = Dense | Convolution | Flattened

BYTES_PER_PARAMETER = 32
"""At the start, while it is trained, in two snapshots, in an optimiser's memory, and while it is drawn."""


@dataclass(frozen=True)
class Ensemble:
    """The parameters of many networks of one architecture; see the module for the shapes.

    Attributes
    ----------
    weights, biases, alphas : tuple of ndarray
    arrangements : tuple of Arrangement
        How each layer's inputs are laid out; empty where all layers are dense.
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
    arrangements: tuple[Arrangement, ...] = ()
    normalised: bool = False
    function: str | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """Leading shape: how the networks are arranged."""
        return self.weights[0].shape[:-2]

    @property
    def widths(self) -> tuple[int, ...]:
        """Rows of the first weight matrix, then units of each hidden layer, and outputs."""
        return (self.weights[0].shape[-2], *(weight.shape[-1] for weight in self.weights))

    @property
    def inputs(self) -> int:
        """Features of an example; the images of a convolutional network have one channel."""
        first = self.arrangement(0)
        return first.side**2 if isinstance(first, Convolution) else self.widths[0]

    def arrangement(self, layer: int) -> Arrangement:
        """How a layer's inputs are laid out."""
        return self.arrangements[layer] if self.arrangements else Dense()

    def rows(self, examples: int) -> list[int]:
        """Rows of every layer's matrix product."""
        return [self.arrangement(layer).rows(examples) for layer in range(len(self.weights))]

    def chunks(self, examples: int, threads: int) -> list[slice]:
        """How a row of networks is cut for passes with so many examples; see `leaky_lib.parallel`."""
        widest = max(rows * width for rows, width in zip(self.rows(examples), self.widths[1:], strict=True))
        return chunk_slices(*self.members, widest, threads)

    @property
    def dtype(self) -> np.dtype:
        """Floating dtype of every parameter."""
        return self.weights[0].dtype

    def copy(self) -> "Ensemble":
        """The same networks in arrays of their own."""
        return self._map(lambda array: array.copy(order="C"))

    def __getitem__(self, which: object) -> "Ensemble":
        """A copy of some networks, by an index into ``members``: ``ensemble[0]``, ``ensemble[:, 3]``."""
        numbers = np.arange(prod(self.members)).reshape(self.members)[which]
        return self.flat()._map(lambda array: array[numbers].copy(order="C"))

    def flat(self) -> "Ensemble":
        """A view with one member axis; writing into it writes into this ensemble."""
        return self._map(lambda array: array.reshape(prod(self.members), *array.shape[-2:], copy=False))

    def part(self, where: slice) -> "Ensemble":
        """A view of some networks along the first member axis."""
        return self._map(lambda array: array[where])

    def _map(self, change: Callable[[np.ndarray], np.ndarray]) -> "Ensemble":
        arrays = {name: tuple(map(change, getattr(self, name))) for name in ("weights", "biases", "alphas")}
        return replace(self, **arrays)


def dense_widths(dataset: Dataset, depth: int, width: int, seeds: int = 1, slopes: int = 1) -> list[int]:
    """Inputs, units of each hidden layer, and outputs, if so many networks can be trained on the data.

    Raises
    ------
    TypeError, ValueError
        If a count is no whole number from 1 on, or they would fill the memory.
    """
    depth, width = whole_number("depth", depth, minimum=1), whole_number("width", width, minimum=1)
    seeds = whole_number("seeds", seeds, minimum=1)
    networks, examples, units = seeds * slopes, len(dataset.train_x), depth * width + dataset.outputs
    parameters = (dataset.features + 1) * width + (width + 1) * (units - width)
    at_once = min(networks, 1 + CHUNK_ELEMENTS // (examples * width))
    answers, passes = networks * dataset.outputs, at_once * units
    needed = BYTES_PER_PARAMETER * networks * parameters + 16 * examples * (answers + passes)
    counts = {"seeds": seeds, "len(alphas)": slopes, "depth": depth, "width": width}
    check_memory(needed, **counts)
    return [dataset.features, *[width] * depth, dataset.outputs]


def initialise(
    widths: Sequence[int],
    seeds: int | range = 1,
    alpha: ArrayLike = 0.01,
    gain: ArrayLike = 2**0.5,
    bias: float = 0.0,
    seed: int = 0,
    dtype: type = np.float32,
) -> Ensemble:
    """Draw normal weights of standard deviation ``gain / sqrt(fan_in)`` for many networks.

    Networks with the same seed number start from the same weights whatever their ``alpha``: they are
    twins. Seed number ``s`` gets the same weights however many seeds are drawn.

    Parameters
    ----------
    widths : sequence of int
        Inputs, units of each hidden layer, outputs.
    seeds : int or range
        Starts, each for all slopes, at least 1; a range says which, to make an ensemble in parts.
    alpha : float or sequence of float
        Slope on the negative side. One number gives ``members = (seeds,)``, a sequence of ``n`` gives
        ``members = (n, seeds)``.
    gain : float or sequence of float, one per alpha
        He's gain for ReLU by default; `leaky_relu_gain` of alpha corrects it, and twins then differ by
        that factor.
    bias : float
        Every bias at the start.
    seed : int
        Same seed, same networks.
    dtype : floating dtype
        float32, or float64 for gradient checks.

    Returns
    -------
    Ensemble

    Raises
    ------
    TypeError
        If a width, ``seeds`` or ``seed`` is not a whole number.
    ValueError
        If a width or ``seeds`` is below 1, or ``alpha``, ``gain`` or ``bias`` is infinite or NaN.

    References
    ----------
    K. He et al., "Delving deep into rectifiers", 2015, section 2.2 (arXiv:1502.01852).
    """
    widths = [whole_number("widths", width, minimum=1) for width in sequence("widths", widths, minimum=0)]
    if len(widths) < 2:
        raise ValueError(f"widths must name inputs and outputs at least; got {widths}")
    return _drawn(list(pairwise(widths)), {"widths": widths}, seeds, alpha, gain, bias, seed, dtype)


def convolutional(
    depth: int = 8,
    channels: int = 8,
    *,
    side: int = 8,
    outputs: int = 10,
    seeds: int | range = 1,
    alpha: ArrayLike = 0.01,
    gain: ArrayLike = 2**0.5,
    bias: float = 0.0,
    normalised: bool = False,
    seed: int = 0,
    dtype: type = np.float32,
) -> Ensemble:
    """Draw convolutional networks for square images of one channel.

    The first half of the layers are 3 × 3 convolutions on ``side × side`` pixels, the second half on the
    means of 2 × 2 of them; the last, dense layer sees all pixels that are left.

    Parameters
    ----------
    depth : int
        Convolutions, at least 2.
    channels : int
        Of each.
    side : int
        Pixels along a side, even.
    outputs : int
    seeds, alpha, gain, bias, seed, dtype
        As for `initialise`; ``fan_in`` is 9 times the channels that come in.
    normalised : bool
        See `Ensemble`.

    Returns
    -------
    Ensemble
    """
    depth, channels = whole_number("depth", depth, minimum=2), whole_number("channels", channels, minimum=1)
    if whole_number("side", side, minimum=2) % 2:
        raise ValueError(f"side must be even; got {side}")
    outputs = whole_number("outputs", outputs, minimum=1)
    parameters = depth * (9 * channels + 1) * channels + channels * (side // 2) ** 2 * outputs
    sizes = {"depth": depth, "channels": channels, "side": side, "outputs": outputs}
    check_memory(BYTES_PER_PARAMETER * parameters, **sizes)
    before = (depth + 1) // 2
    arrangements = [
        Convolution(side if layer < before else side // 2, channels if layer else 1, pooled=layer == before)
        for layer in range(depth)
    ]
    shapes = [(9 * one.channels, channels) for one in arrangements]
    shapes.append((channels * (side // 2) ** 2, outputs))
    dense = _drawn(shapes, sizes, seeds, alpha, gain, bias, seed, dtype)
    last = Flattened(side // 2, channels)
    normalised = true_or_false("normalised", normalised)
    return replace(dense, arrangements=(*arrangements, last), normalised=normalised)


def check_network(network: str, dataset: Dataset) -> None:
    """Refuse a kind of network that there is not, or not for this data set; see `fresh`."""
    if network not in ("dense", "convolutional") or (
        network == "convolutional" and dataset.name != "digits"
    ):
        raise ValueError(f'network must be "dense", or "convolutional" with digits; got {network!r}')


def fresh(
    network: str,
    widths: Sequence[int],
    *,
    seeds: int | range,
    alpha: np.ndarray,
    gain: ArrayLike | None,
    bias: float,
    seed: int,
    normalised: bool,
    function: str | None = None,
) -> Ensemble:
    """Draw the networks of an experiment, by `initialise` or by `convolutional`.

    Parameters
    ----------
    network : str
        ``"dense"`` or ``"convolutional"``.
    widths : sequence of int
        From `dense_widths`; a convolutional network has as many convolutions as there are hidden layers,
        with as many channels as these have units.
    gain : array_like, optional
        None for the gain that keeps the signal's size, of each slope or of the function.
    seeds, alpha, bias, seed, normalised, function
        As for `initialise`, and see `Ensemble`.
    """
    if gain is None:
        gain = leaky_relu_gain(alpha) if function is None else gain_of(function)
    start = {"seeds": seeds, "alpha": alpha, "gain": gain, "bias": bias, "seed": seed}
    if network == "convolutional":
        drawn = convolutional(len(widths) - 2, widths[1], **start)
    else:
        drawn = initialise(widths, **start)
    return replace(drawn, normalised=true_or_false("normalised", normalised), function=function)


@np.errstate(under="ignore")
def _drawn(
    shapes: Sequence[tuple[int, int]],
    sizes: dict[str, object],
    seeds: int | range,
    alpha: ArrayLike,
    gain: ArrayLike,
    bias: float,
    seed: int,
    dtype: type,
) -> Ensemble:
    """Networks with weights of these shapes, (fan_in, fan_out), as ``sizes`` ask; see `initialise`."""
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"dtype must be a floating one; got {np.dtype(dtype)}")
    chosen = seeds if isinstance(seeds, range) else range(whole_number("seeds", seeds, minimum=1))
    if not chosen or min(chosen[0], chosen[-1]) < 0:
        raise ValueError(f"seeds must name seed numbers from 0 on; got {seeds}")
    seed = whole_number("seed", seed, minimum=0)
    bias = finite_number("bias", bias)
    with np.errstate(over="ignore"):
        if not np.isfinite(np.asarray(bias, dtype)):
            raise ValueError(f"bias must be finite in {np.dtype(dtype)}; got {bias}")
    slopes = several_slopes("alpha", alpha).reshape(np.shape(alpha))
    parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in shapes)
    count = 1 + (chosen[-1] - chosen[0]) // chosen.step
    needed = BYTES_PER_PARAMETER * slopes.size * parameters * count
    check_memory(needed, **{"seeds": count, "len(alpha)": slopes.size}, **sizes)
    members = (*slopes.shape, len(chosen))
    per_member = slope_per_member(slopes[..., None], members, dtype)
    gain = real_numbers("gain", gain).astype(float)
    with np.errstate(over="ignore"):
        if not np.isfinite(gain.astype(dtype)).all() or gain.shape not in ((), slopes.shape):
            raise ValueError(
                f"gain must be one number finite in {np.dtype(dtype)}, or one per alpha; got {gain}"
            )

    starts = [np.random.SeedSequence(seed, spawn_key=(number,)) for number in chosen]
    generators = [np.random.default_rng(start) for start in starts]
    weights, biases = [], []
    for fan_in, fan_out in shapes:
        draws = np.stack([rng.standard_normal((fan_in, fan_out)) for rng in generators])
        scaled = gain[..., None, None, None] / np.sqrt(fan_in) * draws
        weights.append(np.broadcast_to(scaled, (*members, fan_in, fan_out)).astype(dtype, order="C"))
        biases.append(np.full((*members, 1, fan_out), bias, dtype=dtype))
    return Ensemble(tuple(weights), tuple(biases), tuple(per_member.copy() for _ in shapes[1:]))


class Trace:
    """What one forward and one backward pass leave behind, in arrays that are allocated once.

    Attributes
    ----------
    pre_activations : list of ndarray, (*members, rows, fan_out), one per layer
        The last one is the network's output. Rows are examples, or pixels of examples.
    activations : list of ndarray, (*members, rows, units), one per hidden layer
    inputs : list of ndarray
        What each layer's weights are multiplied by.
    weight_gradients, bias_gradients : list of ndarray, shaped as the parameters
    alpha_gradients : list of ndarray, (*members, 1, 1), one per hidden layer; or None if not asked for
    """

    def __init__(self, ensemble: Ensemble, examples: int, alpha_gradients: bool = False) -> None:
        def per_row(rows: int, width: int) -> np.ndarray:
            return np.empty((*ensemble.members, rows, width), ensemble.dtype)

        rows = ensemble.rows(examples)
        shapes = list(zip(rows, ensemble.widths[1:], strict=True))
        self.pre_activations = [per_row(*shape) for shape in shapes]
        self.activations = [per_row(*shape) for shape in shapes[:-1]]
        self.errors = [per_row(*shape) for shape in shapes]
        self.slopes = [per_row(*shape) for shape in shapes[:-1]]
        self.inputs: list[np.ndarray | None] = [None] * len(shapes)
        # The images that come in are shared by all members.
        lead = [(), *[ensemble.members] * (len(shapes) - 1)]
        self.buffers = [
            ensemble.arrangement(layer).buffers(lead[layer], examples, width, ensemble.dtype)
            for layer, (_, width) in enumerate(shapes)
        ]
        self.spreads: list[np.ndarray | None] = [None] * len(shapes)
        self.weight_gradients = [np.empty_like(weight) for weight in ensemble.weights]
        self.bias_gradients = [np.empty_like(bias) for bias in ensemble.biases]
        self.alpha_gradients = [np.empty_like(a) for a in ensemble.alphas] if alpha_gradients else None
        self.ones = np.ones((1, max(rows)), ensemble.dtype)

    def fits(self, ensemble: Ensemble, examples: int) -> bool:
        """Whether a pass of these networks on so many examples can be written into these arrays."""
        shapes = zip(ensemble.rows(examples), ensemble.widths[1:], strict=True)
        return (
            [z.shape for z in self.pre_activations] == [(*ensemble.members, *shape) for shape in shapes]
            and [g.shape for g in self.weight_gradients] == [w.shape for w in ensemble.weights]
            and self.output.dtype == ensemble.dtype
        )

    @property
    def output(self) -> np.ndarray:
        """The network's output: the last layer's pre-activations."""
        return self.pre_activations[-1]


@np.errstate(under="ignore")
def forward(ensemble: Ensemble, x: np.ndarray, trace: Trace | None = None) -> Trace:
    """Run every network on the same inputs.

    Parameters
    ----------
    ensemble : Ensemble
    x : ndarray, shape (examples, features)
    trace : Trace, optional
        Arrays to write into, from an earlier pass of networks of the same shape, with as many examples.

    Returns
    -------
    Trace
        With pre-activations and activations filled in.

    Raises
    ------
    ValueError
        If ``x`` does not have one column per input, or the arrays of ``trace`` do not fit.
    """
    x = checked_inputs(ensemble, x)
    if trace is None:
        trace = Trace(ensemble, len(x))
    elif not trace.fits(ensemble, len(x)):
        raise ValueError(
            f"trace must be one of networks of the same shape and dtype, and of {len(x)} examples"
        )
    h = x if isinstance(ensemble.arrangement(0), Dense) else x.reshape(-1, 1)
    for layer, (weight, bias) in enumerate(zip(ensemble.weights, ensemble.biases, strict=True)):
        hidden = layer < len(ensemble.alphas)
        h = trace.inputs[layer] = ensemble.arrangement(layer).forward(h, trace.buffers[layer])
        z = np.matmul(h, weight, out=trace.pre_activations[layer])
        trace.spreads[layer] = _normalise(z) if hidden and ensemble.normalised else None
        z += bias
        if hidden:
            h = trace.activations[layer]
            if ensemble.function is None:
                _bend(z, ensemble.alphas[layer], out=h)
            else:
                h[...], trace.slopes[layer][...] = function_called(ensemble.function)(z)
    return trace


@np.errstate(under="ignore")
def backward(ensemble: Ensemble, trace: Trace) -> Trace:
    """Carry the error back through every network: the chain rule, layer by layer.

    The error at the output, dLoss/dz, is expected in ``trace.errors[-1]``, where a loss of
    `leaky_lib.training` puts it.

    At a pre-activation of exactly 0 this pass takes the slope ``alpha``, as PyTorch and TensorFlow do,
    while `leaky_relu_derivative` answers 1. It matters: with zero biases most pre-activations behind a
    dead layer are exactly 0, and the slope 1 would quietly revive the ReLU baseline.

    A slope can be learned like a weight (PReLU): a layer's output is ``alpha * z`` where z is negative, so
    ``dLoss/dalpha`` is the sum of ``dLoss/dh * z`` over all negative z. It is computed if the trace was
    made with ``alpha_gradients``. (K. He et al., 2015, section 2.1, one slope per layer.)

    Parameters
    ----------
    ensemble : Ensemble
    trace : Trace
        The trace of its forward pass.

    Returns
    -------
    Trace
        The same trace, with the gradients filled in.
    """
    for layer in reversed(range(len(ensemble.weights))):
        error, h = trace.errors[layer], trace.inputs[layer]
        np.matmul(trace.ones[:, : error.shape[-2]], error, out=trace.bias_gradients[layer])
        if trace.spreads[layer] is not None:
            z_without_bias = trace.pre_activations[layer] - ensemble.biases[layer]
            _normalise_backward(error, z_without_bias, trace.spreads[layer])
        np.matmul(h.swapaxes(-1, -2), error, out=trace.weight_gradients[layer])
        if layer:
            arrangement = ensemble.arrangement(layer)
            back = arrangement.backward(
                error, ensemble.weights[layer], trace.buffers[layer], out=trace.errors[layer - 1]
            )
            alpha, z = ensemble.alphas[layer - 1], trace.pre_activations[layer - 1]
            if trace.alpha_gradients is not None:
                negative_part = np.minimum(z, 0, out=trace.slopes[layer - 1])
                _dot_per_network(back, negative_part, out=trace.alpha_gradients[layer - 1])
            slopes = trace.slopes[layer - 1]  # of another function they stand there since the pass forward
            back *= _slope_at(z, alpha, out=slopes) if ensemble.function is None else slopes
    return trace


def _bend(z: np.ndarray, alpha: np.ndarray, out: np.ndarray) -> None:
    """Leaky ReLU of slopes that were checked when the networks were made."""
    if not alpha.any():
        np.clip(z, 0, np.inf, out=out)  # np.maximum takes three times as long where it repeats a number
    elif alpha.min() < 0 or alpha.max() > 1:
        out[...] = leaky_relu(z, alpha)
    else:
        np.multiply(z, alpha, out=out)
        if not alpha.all():
            np.copyto(out, 0, where=alpha == 0)  # 0 * inf would be NaN
        np.maximum(z, out, out=out)


def _slope_at(z: np.ndarray, alpha: np.ndarray, out: np.ndarray) -> np.ndarray:
    """``np.where(z > 0, 1, alpha)``, which would wait for a branch per element."""
    np.copyto(out, z > 0)
    if alpha.min() >= 0 and alpha.max() <= 1:
        # As np.maximum(out, alpha), which takes three times as long where it repeats a number.
        return np.clip(out, alpha, 1, out=out)
    out += alpha * (z <= 0)
    return out


VARIANCE_FLOOR = 1e-5
"""Added to a variance before it divides, as libraries do."""


def _normalise(z: np.ndarray) -> np.ndarray:
    """Bring every column of ``z`` to mean 0 and variance 1, in place; returns the spreads taken out."""
    z -= _mean_over_rows(z)
    spread = np.sqrt(_mean_over_rows(np.square(z)) + z.dtype.type(VARIANCE_FLOOR))
    z /= spread
    return spread


def _normalise_backward(error: np.ndarray, normalised: np.ndarray, spread: np.ndarray) -> None:
    """Carry ``error`` back through `_normalise`, in place."""
    along = _mean_over_rows(error * normalised)
    error -= _mean_over_rows(error)
    error -= normalised * along
    error /= spread


def _mean_over_rows(values: np.ndarray) -> np.ndarray:
    """``values.mean(axis=-2, keepdims=True)``, as a matrix product: a third of the time."""
    rows = values.shape[-2]
    return np.matmul(np.full((1, rows), 1 / rows, values.dtype), values)


def _dot_per_network(one: np.ndarray, other: np.ndarray, out: np.ndarray) -> None:
    """Multiply element by element and add up, network by network: shape (*members, 1, 1)."""
    members = one.shape[:-2]
    np.matmul(one.reshape(*members, 1, -1), other.reshape(*members, -1, 1), out=out)


def outputs(ensemble: Ensemble, x: np.ndarray, threads: int | None = None) -> np.ndarray:
    """What every network says to ``x``: shape (*members, examples, outputs)."""
    x = checked_inputs(ensemble, x)
    parts = in_chunks(lambda part: forward(part, x).output, ensemble, len(x), threads)
    return np.concatenate(parts).reshape(*ensemble.members, len(x), ensemble.widths[-1])


def in_chunks(
    work: Callable[[Ensemble], object], ensemble: Ensemble, examples: int, threads: int | None = None
) -> list:
    """``work(part)`` for every chunk of an ensemble, by default on every core; the results in order."""
    flat = ensemble.flat()
    threads = usable_threads() if threads is None else whole_number("threads", threads, minimum=1)
    parts = [flat.part(where) for where in flat.chunks(examples, threads)]
    return on_all_cores(work, parts, threads)


@np.errstate(under="ignore")
def checked_inputs(ensemble: Ensemble, x: ArrayLike) -> np.ndarray:
    """Inputs in the ensemble's dtype, or an error that says what does not fit."""
    x = real_numbers("x", x).astype(ensemble.dtype, copy=False)
    if x.ndim != 2 or x.shape[1] != ensemble.inputs:
        raise ValueError(f"x must have shape (examples, {ensemble.inputs}); got {x.shape}")
    return x


def several_slopes(name: str, values: ArrayLike) -> np.ndarray:
    """One slope or a flat list of them as floats, shape (slopes,), or an error that names the argument.

    Raises
    ------
    TypeError
        If they are not real numbers.
    ValueError
        If there is none, or they are not in a flat list.
    """
    values = sequence(name, values) if isinstance(values, range) else values
    slopes = real_numbers(name, values).astype(float)
    if slopes.ndim > 1 or slopes.size == 0:
        raise ValueError(
            f"{name} must be one number or a flat, non-empty sequence; got shape {slopes.shape}"
        )
    return np.atleast_1d(slopes)


@np.errstate(under="ignore")
def slope_per_member(alpha: ArrayLike, members: tuple[int, ...], dtype: type) -> np.ndarray:
    """A slope per network, shaped (*members, 1, 1), or an error that says what does not fit."""
    slopes = real_numbers("alpha", alpha)
    with np.errstate(over="ignore"):
        in_dtype = slopes.astype(dtype)
    if not np.isfinite(in_dtype).all():
        raise ValueError(f"alpha must be finite in {np.dtype(dtype)}; got {alpha}")
    try:
        return np.broadcast_to(in_dtype, members).copy()[..., None, None]
    except ValueError as error:
        raise ValueError(f"alpha of shape {slopes.shape} does not fit members {members}") from error
