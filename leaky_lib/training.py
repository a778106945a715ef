"""Training as a generator of snapshots: losses and the loop.

A ``for`` loop over `train` is a run; a loop that draws is an animation; a loop with a bar is progress;
``break`` is a stop that keeps what was computed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import real_numbers
from leaky_lib.arguments import finite_number, whole_number
from leaky_lib.networks import (
    Ensemble,
    Trace,
    backward,
    checked_inputs,
    finite_in,
    forward,
    outputs,
)
from leaky_lib.optimisers import SGD, Optimiser
from leaky_lib.parallel import on_all_cores, usable_threads

Loss = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From outputs, (*members, examples, outputs), and targets: the mean loss per network, and its gradient."""


def cross_entropy(output: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Softmax cross-entropy in nats, ``-log softmax(output)[y]``, of labels ``y``; see `Loss`.

    The gradient is ``(softmax(output) - one_hot(y)) / examples``.
    """
    examples, classes = output.shape[-2:]
    # Reducing a short last axis is slow in NumPy: a loop over classes and a product with ones is not.
    largest = output[..., :1].copy()
    for label in range(1, classes):
        np.maximum(largest, output[..., label : label + 1], out=largest)
    error = output - largest
    right = error[..., np.arange(examples), y]
    np.exp(error, out=error)
    total = error @ np.ones((classes, 1), error.dtype)
    loss = (np.log(total[..., 0]) - right).mean(axis=-1)
    error /= total
    error -= np.eye(classes, dtype=error.dtype)[y]
    error /= examples
    return loss, error


def squared_error(output: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half the squared error, ``(output - y)**2 / 2``, averaged over examples and outputs; see `Loss`."""
    error = output - y
    loss = np.square(error).mean(axis=(-2, -1)) / 2
    error /= error.shape[-2] * error.shape[-1]
    return loss, error


def loss_for(y: np.ndarray) -> Loss:
    """Cross-entropy for labels, squared error for real-valued targets."""
    return cross_entropy if y.ndim == 1 else squared_error


@dataclass(frozen=True)
class Learned:
    """PReLU: every layer learns its slope, at ``share`` of the learning rate of the weights.

    One slope adds up the gradients of a whole layer; at the full learning rate it was the first to diverge.
    K. He et al., "Delving deep into rectifiers", 2015, section 2.1 (arXiv:1502.01852).
    """

    share: float = 0.1

    def __post_init__(self) -> None:
        finite_number("share", self.share, "of at least 0", lambda share: share >= 0)


@dataclass(frozen=True)
class Random:
    """RReLU: in every step each negative pre-activation is divided by a number from ``low`` to ``high``.

    The numbers are drawn evenly, and are the same for all networks. At test time, and in snapshots, the
    ensemble's own slopes count; the paper takes ``2 / (low + high)``.
    B. Xu et al., "Empirical evaluation of rectified activations", 2015, section 2.4 (arXiv:1505.00853).
    """

    low: float = 3.0
    high: float = 8.0

    def __post_init__(self) -> None:
        low, high = finite_number("low", self.low), finite_number("high", self.high)
        if not 0 < low <= high:
            raise ValueError(f"it must be that 0 < low <= high, what to divide by; got {low=}, {high=}")


@dataclass(frozen=True)
class Snapshot:
    """Where training stands: parameter updates made so far, and the networks in arrays of their own."""

    step: int
    ensemble: Ensemble

    @property
    def diverged(self) -> np.ndarray:
        """Which networks have a parameter that is infinite or NaN: bool, shape (*members,)."""
        arrays = (*self.ensemble.weights, *self.ensemble.biases, *self.ensemble.alphas)
        return ~np.logical_and.reduce([np.isfinite(array).all(axis=(-2, -1)) for array in arrays])


PAUSE_AFTER = 500_000_000
"""Multiplications between two pauses of a run: a fraction of a second."""


def train(
    ensemble: Ensemble,
    x: np.ndarray,
    y: np.ndarray,
    *,
    steps: int,
    optimiser: Optimiser | None = None,
    batch: int | None = None,
    every: int | None = None,
    pauses: bool = False,
    slopes: Callable[[int], ArrayLike] | Learned | Random | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> Iterator[Snapshot]:
    """Train every network of an ensemble, and yield a `Snapshot` now and then, also of the start.

    All networks see the same batches in the same order, so that twins differ in nothing but their slope.
    The ensemble that is handed in stays as it is.

    Parameters
    ----------
    x, y : ndarray
        Inputs, shape (examples, features); labels, shape (examples,), for cross-entropy, or targets, shape
        (examples, outputs), for half the squared error.
    steps, batch : int
        Parameter updates, and examples for each, reshuffled every epoch; all of them by default.
    optimiser : Optimiser
        ``SGD()`` by default.
    every, pauses : int, bool
        Steps between snapshots, by default for about 20 of them; with ``pauses`` there are more in
        between, so that a long run can be watched and stopped.
    slopes : callable, Learned or Random, optional
        ``slopes(step)``, broadcastable to ``members``; by default the ensemble's own, as they are.
    seed, threads : int
        Of batches and random slopes; Python threads, on which no number depends.
    """
    x, y = checked_examples(ensemble, x, y)
    batch = whole_number("batch", len(x) if batch is None else batch, minimum=1, maximum=len(x))
    seed = whole_number("seed", seed, minimum=0)
    run = _Run(x, y, SGD() if optimiser is None else optimiser, batch, slopes, seed)
    run.rate(0, ensemble)  # a bad one is said here, not in a thread
    if callable(slopes):
        run.told_slopes(0, ensemble)
    steps = whole_number("steps", steps, minimum=0)
    every = whole_number("every", max(1, steps // 20) if every is None else every, minimum=1)
    threads = usable_threads() if threads is None else whole_number("threads", threads, minimum=1)
    return run.snapshots(ensemble.copy(), steps, every, pauses, threads)


@dataclass(frozen=True)
class _Run:
    """How networks are trained, whichever they are."""

    x: np.ndarray
    y: np.ndarray
    optimiser: Optimiser
    batch: int
    slopes: Callable[[int], ArrayLike] | Learned | Random | None
    seed: int

    def __post_init__(self) -> None:
        if not isinstance(self.optimiser, Optimiser):
            raise TypeError(f"optimiser must be SGD(), Momentum(), Adam() or alike; got {self.optimiser!r}")
        slopes = self.slopes
        if not (slopes is None or callable(slopes) or isinstance(slopes, Learned | Random)):
            raise TypeError(f"slopes must be a function of the step, Learned() or Random(); got {slopes!r}")

    def rate(self, step: int, ensemble: Ensemble) -> np.ndarray:
        """The learning rate of every network at this step."""
        rate = self.optimiser.learning_rate
        rate = _per_network("learning_rate", rate(step) if callable(rate) else rate, ensemble)
        if (rate < 0).any():
            raise ValueError(f"learning_rate must be at least 0; got {rate.min()}")
        return rate

    def told_slopes(self, step: int, ensemble: Ensemble) -> np.ndarray:
        """The slope of every network at this step, as a function tells it."""
        return _per_network("slopes", self.slopes(step), ensemble)

    def snapshots(
        self, ensemble: Ensemble, steps: int, every: int, pauses: bool, threads: int
    ) -> Iterator[Snapshot]:
        """Train an ensemble in place, chunk by chunk, up to the next snapshot; see `train`."""
        pause = every
        if pauses:
            layers = zip(ensemble.layer_shapes(self.batch), ensemble.weights, strict=True)
            pause = 1 + PAUSE_AFTER // sum(rows * weight.size for (rows, _), weight in layers)
        courses = [
            self.course(ensemble, where, _stretches(steps, every, pause))
            for where in ensemble.chunks(self.batch, threads)
        ]
        yield Snapshot(0, ensemble.copy())
        for done in accumulate(_stretches(steps, every, pause)):
            on_all_cores(next, courses, threads)
            yield Snapshot(done, ensemble.copy())

    def course(self, ensemble: Ensemble, where: slice, lengths: Iterable[int]) -> Iterator[None]:
        """Train some of an ensemble's networks in place, so many steps at a time."""
        networks = ensemble.flat().part(where)
        parameters, shares = [*networks.weights, *networks.biases], [1.0] * 2 * len(networks.weights)
        if isinstance(self.slopes, Learned):
            parameters += networks.alphas
            shares += [self.slopes.share] * len(networks.alphas)
        memory = [[np.zeros_like(each) for _ in range(self.optimiser.memories)] for each in parameters]
        batches = enumerate(_batches(len(self.x), self.batch, self.seed))
        for length in lengths:
            trace = None  # made anew each time: the arrays of all chunks at once would fill the memory
            for step, examples in islice(batches, length):
                if callable(self.slopes):
                    for alpha in networks.alphas:
                        alpha[...] = self.told_slopes(step, ensemble)[where]
                trace = self.passes(networks, step, examples, trace)
                gradients = [*trace.weight_gradients, *trace.bias_gradients, *trace.alpha_gradients]
                rate = self.rate(step, ensemble)[where]
                for parameter, gradient, kept, share in zip(
                    parameters, gradients, memory, shares, strict=True
                ):
                    self.optimiser.update(parameter, gradient, kept, share * rate, step)
            trace = None
            yield

    def passes(
        self, networks: Ensemble, step: int, examples: slice | np.ndarray, trace: Trace | None
    ) -> Trace:
        """Forward and back through the networks, with slopes of this step where they are random."""
        if isinstance(self.slopes, Random):
            rng, low, high = np.random.default_rng((self.seed, step)), self.slopes.low, self.slopes.high
            shapes = networks.layer_shapes(self.batch)[:-1]  # every chunk draws the same slopes
            divisors = [low + (high - low) * rng.random(shape, dtype=networks.dtype) for shape in shapes]
            networks = replace(networks, alphas=tuple(1 / divisor for divisor in divisors))
        learned = isinstance(self.slopes, Learned)
        _, trace = _one_pass(networks, self.x[examples], self.y[examples], learned, trace)
        return trace


def _per_network(name: str, numbers: ArrayLike, ensemble: Ensemble) -> np.ndarray:
    """One number for all networks, or for each: shape (networks, 1, 1)."""
    numbers = finite_in(ensemble.dtype, name, real_numbers(name, numbers)).astype(ensemble.dtype)
    try:
        return np.broadcast_to(numbers, ensemble.members).reshape(-1, 1, 1)
    except ValueError as error:
        shape, members = numbers.shape, ensemble.members
        raise ValueError(f"{name} of shape {shape} does not broadcast to members {members}") from error


def _stretches(steps: int, every: int, pause: int) -> Iterator[int]:
    """Steps from each stop to the next."""
    done = 0
    while done < steps:
        stretch = min(pause, every - done % every, steps - done)
        yield stretch
        done += stretch


def _batches(examples: int, batch: int, seed: int) -> Iterator[slice | np.ndarray]:
    """Everything at every step, or a new shuffle each epoch, cut into batches of one size."""
    rng = np.random.default_rng(seed)
    while True:
        if batch == examples:
            yield slice(None)
        else:
            order = rng.permutation(examples)
            yield from (order[end - batch : end] for end in range(batch, examples + 1, batch))


def gradients_of_loss(ensemble: Ensemble, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, Trace]:
    """One forward and one backward pass: the mean loss per network, and a trace with the gradients."""
    return _one_pass(ensemble, *checked_examples(ensemble, x, y))


def _one_pass(
    ensemble: Ensemble,
    x: np.ndarray,
    y: np.ndarray,
    learn_alpha: bool = False,
    trace: Trace | None = None,
) -> tuple[np.ndarray, Trace]:
    trace = forward(ensemble, x, trace)
    loss, error = loss_for(y)(trace.output, y)
    return loss, backward(ensemble, trace, error, learn_alpha)


def mean_loss(ensemble: Ensemble, x: np.ndarray, y: np.ndarray, threads: int | None = None) -> np.ndarray:
    """The loss that `train` makes small, over all of these examples: shape (*members,)."""
    x, y = checked_examples(ensemble, x, y)
    with np.errstate(all="ignore"):
        loss, _ = loss_for(y)(outputs(ensemble, x, threads), y)
    return loss


def accuracy(
    ensemble: Ensemble, x: np.ndarray, labels: np.ndarray, threads: int | None = None
) -> np.ndarray:
    """Share of examples whose largest logit is the right one: shape (*members,).

    A network that diverged answers nothing, and is right as often as a guess: 1 in classes.
    """
    x, labels = checked_examples(ensemble, x, labels)
    if labels.ndim != 1:
        raise ValueError(f"labels must have shape ({len(x)},); got {labels.shape}")
    logits = outputs(ensemble, x, threads)
    right = (logits.argmax(axis=-1) == labels).mean(axis=-1)
    return np.where(np.isfinite(logits).all(axis=(-2, -1)), right, 1 / ensemble.outputs)


def checked_examples(ensemble: Ensemble, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets in the ensemble's dtype, or an error that says what does not fit."""
    x, y = checked_inputs(ensemble, x), real_numbers("y", y)
    if len(x) == 0:
        raise ValueError(f"x must have shape (examples, {ensemble.inputs}), examples >= 1; got {x.shape}")
    if y.shape == (len(x), ensemble.outputs):
        return x, y.astype(ensemble.dtype)
    if y.shape != (len(x),):
        raise ValueError(
            f"y must be labels of shape ({len(x)},) or targets of shape ({len(x)}, {ensemble.outputs}); "
            f"got {y.shape}"
        )
    if y.dtype.kind not in "iu":
        raise TypeError(f"labels y must be integers; got dtype {y.dtype}")
    if y.min() < 0 or y.max() >= ensemble.outputs:
        raise ValueError(f"labels y must lie in 0 to {ensemble.outputs - 1}; got {y.min()} to {y.max()}")
    return x, y
