"""Training as a generator of snapshots: losses, optimisers and the loop.

A ``for`` loop over `train` is a run; a loop that draws is an animation; a loop with a bar is progress;
``break`` is a stop that keeps what was computed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import real_numbers
from leaky_lib.arguments import check_memory, finite_number, name_among, sequence, whole_number
from leaky_lib.networks import Ensemble, Trace, backward, checked_inputs, forward, outputs, slope_per_member
from leaky_lib.parallel import on_all_cores, usable_threads

__all__ = [
    "AIR_SECONDS",
    "SGD",
    "Adam",
    "Clipped",
    "Loss",
    "Momentum",
    "Optimiser",
    "Snapshot",
    "accuracy",
    "cross_entropy",
    "gradients_of_loss",
    "loss_for",
    "mean_loss",
    "optimiser_called",
    "squared_error",
    "train",
]

LearningRate = ArrayLike | Callable[[int], ArrayLike]
"""A number, one number per network (broadcastable to ``members``), or a function of the step."""

Loss = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""``loss(output, y, error)`` returns the mean loss per network and writes dLoss/doutput into ``error``."""


@np.errstate(under="ignore")
def cross_entropy(output: np.ndarray, y: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Softmax cross-entropy, ``-log softmax(output)[y]``, averaged over the examples.

    Parameters
    ----------
    output : ndarray, shape (*members, examples, classes)
        Logits.
    y : ndarray of int, shape (examples,)
        Labels.
    error : ndarray, shape of ``output``
        Receives dLoss/doutput, ``(softmax(output) - one_hot(y)) / examples``.

    Returns
    -------
    ndarray, shape (*members,)
        Mean loss in nats.
    """
    examples, classes = output.shape[-2:]
    rows = np.arange(examples)
    # Reducing a short last axis is slow in NumPy: a loop over classes and a product with ones is not.
    largest = output[..., :1].copy()
    for label in range(1, classes):
        np.maximum(largest, output[..., label : label + 1], out=largest)
    np.subtract(output, largest, out=error)
    log_likelihood = error[..., rows, y]
    np.exp(error, out=error)
    total = np.matmul(error, np.ones((classes, 1), error.dtype))
    log_likelihood = log_likelihood - np.log(total[..., 0])
    error /= total
    error -= np.eye(classes, dtype=error.dtype)[y]
    error /= examples
    return -log_likelihood.mean(axis=-1)


@np.errstate(under="ignore")
def squared_error(output: np.ndarray, y: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Half the squared error, ``(output - y)**2 / 2``, averaged over examples and outputs.

    Parameters
    ----------
    output : ndarray, shape (*members, examples, outputs)
    y : ndarray, shape (examples, outputs)
    error : ndarray, shape of ``output``
        Receives dLoss/doutput, ``(output - y) / (examples * outputs)``.

    Returns
    -------
    ndarray, shape (*members,)
        Mean loss.
    """
    np.subtract(output, y, out=error)
    loss = np.square(error).mean(axis=(-2, -1)) / 2
    error /= error.shape[-2] * error.shape[-1]
    return loss


def loss_for(y: np.ndarray) -> Loss:
    """Cross-entropy for labels, squared error for real-valued targets."""
    return cross_entropy if y.ndim == 1 else squared_error


class Optimiser(Protocol):
    """A rule that turns a gradient into a step, with some arrays of memory per parameter."""

    learning_rate: LearningRate
    memories: ClassVar[int]

    def update(
        self,
        parameter: np.ndarray,
        gradient: np.ndarray,
        memory: list[np.ndarray],
        rate: ArrayLike,
        step: int,
    ) -> None:
        """Change ``parameter`` in place; ``gradient`` may be used as scratch space."""


@dataclass(frozen=True)
class SGD:
    """Gradient descent: ``w -= learning_rate * g``."""

    learning_rate: LearningRate = 0.1
    memories: ClassVar[int] = 0

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        gradient *= rate
        parameter -= gradient


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with momentum: ``v = beta * v + g``, then ``w -= learning_rate * v``."""

    learning_rate: LearningRate = 0.1
    beta: float = 0.9
    memories: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Say what is wrong with a setting."""
        _share_kept("beta", self.beta)

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        (velocity,) = memory
        velocity *= self.beta
        velocity += gradient
        np.multiply(velocity, rate, out=gradient)
        parameter -= gradient


@dataclass(frozen=True)
class Adam:
    """Adam, with its bias correction (D. P. Kingma and J. Ba, 2015, algorithm 1; arXiv:1412.6980)."""

    learning_rate: LearningRate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    memories: ClassVar[int] = 2

    def __post_init__(self) -> None:
        """Say what is wrong with a setting."""
        _share_kept("beta1", self.beta1)
        _share_kept("beta2", self.beta2)
        finite_number("epsilon", self.epsilon, "of at least 0", lambda epsilon: epsilon >= 0)

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        mean, square = memory
        mean *= self.beta1
        mean += (1 - self.beta1) * gradient
        square *= self.beta2
        np.square(gradient, out=gradient)
        gradient *= 1 - self.beta2
        square += gradient
        np.divide(square, 1 - self.beta2 ** (step + 1), out=gradient)
        np.sqrt(gradient, out=gradient)
        gradient += self.epsilon
        np.divide(mean, gradient, out=gradient)
        gradient *= rate / (1 - self.beta1 ** (step + 1))
        parameter -= gradient


@dataclass(frozen=True)
class Clipped:
    """Another optimiser, given gradients cut to a norm of ``limit``, network by network.

    Of each layer the weights' gradient and the biases' are cut, each by itself.
    R. Pascanu et al., 2013, algorithm 1 (arXiv:1211.5063), there for all layers at once.
    """

    optimiser: Optimiser
    limit: float = 1.0

    def __post_init__(self) -> None:
        """Say what is wrong with a setting."""
        _check_optimiser(self.optimiser)
        finite_number("limit", self.limit, "greater than 0", lambda limit: limit > 0)

    @property
    def learning_rate(self) -> LearningRate:
        """Of the optimiser within."""
        return self.optimiser.learning_rate

    @property
    def memories(self) -> int:
        """Of the optimiser within."""
        return self.optimiser.memories

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        norm = np.sqrt(np.square(gradient, dtype=np.float64).sum(axis=(-2, -1), keepdims=True))
        gradient *= np.minimum(1, self.limit / np.maximum(norm, 1e-30)).astype(gradient.dtype)
        self.optimiser.update(parameter, gradient, memory, rate, step)


def _share_kept(name: str, value: float) -> None:
    finite_number(name, value, "from 0 to below 1", lambda share: 0 <= share < 1)


def _check_optimiser(optimiser: object) -> None:
    if isinstance(optimiser, type):
        name = optimiser.__name__
        raise TypeError(
            f"optimiser must be SGD(), Momentum(), Adam() or alike; got the class {name}, not {name}()"
        )
    if not hasattr(optimiser, "learning_rate"):
        raise TypeError(f"optimiser must be SGD, Momentum, Adam or alike; got {type(optimiser).__name__}")


AIR_SECONDS = 0.2
"""About so often a long run comes up for air, to say how far it is and to hear Stop. By the clock, for a
number of times that does for a quick machine is too few for a slow one."""

LEARNED_RATE = 0.1
"""Learning rate of PReLU's slopes, as a share of the weights'. One slope adds up the gradients of a whole
layer; at the full learning rate it was the first to run away."""

ORDER_BYTES = 400
"""What a step takes that is waiting for its turn, and 8 for each example of its batch."""

OPTIMISERS = {"sgd": SGD, "momentum": Momentum, "adam": Adam}


def optimiser_called(name: str, learning_rate: float | np.ndarray, warm_up: int = 0) -> Optimiser:
    """The optimiser of that name: ``"sgd"``, ``"momentum"`` or ``"adam"``.

    Parameters
    ----------
    name : str
    learning_rate : float or ndarray
        One for all networks, or an array with one for each.
    warm_up : int
        Steps over which the learning rate rises evenly to its value.
    """
    if not isinstance(learning_rate, np.ndarray):
        learning_rate = finite_number("learning_rate", learning_rate, "of at least 0", lambda r: r >= 0)
    of_that_name = OPTIMISERS[name_among("optimiser", name, OPTIMISERS)]
    if whole_number("warm_up", warm_up, minimum=0) == 0:
        return of_that_name(learning_rate)
    return of_that_name(lambda step: learning_rate * min(1.0, (step + 1) / warm_up))


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


def train(
    ensemble: Ensemble,
    x: np.ndarray,
    y: np.ndarray,
    *,
    steps: int,
    optimiser: Optimiser | None = None,
    batch: int | None = None,
    every: int | None = None,
    seconds: float | None = None,
    alpha: Callable[[int], ArrayLike] | None = None,
    learn_alpha: ArrayLike = 0.0,
    random_alpha: tuple[float, float] | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> Iterator[Snapshot]:
    """Train every network of an ensemble, and yield a snapshot now and then.

    The ensemble that is handed in stays as it is. All networks see the same batches in the same order,
    so that twins differ in nothing but their slope.

    Parameters
    ----------
    ensemble : Ensemble
    x : ndarray, shape (examples, features)
    y : ndarray
        Labels, shape (examples,), for cross-entropy; or targets, shape (examples, outputs), for half
        the squared error.
    steps : int
        Parameter updates.
    optimiser : Optimiser, optional
        `SGD` with its default learning rate by default.
    batch : int, optional
        Examples per step, reshuffled every epoch; all of them by default.
    every : int, optional
        Steps between snapshots; by default about 20 snapshots. The start and the end always have one.
    seconds : float, optional
        With it there are more snapshots in between, one about every so many seconds; within a step that
        takes longer, the last one comes again.
    alpha : callable, optional
        ``alpha(step)`` is the slope for that step, broadcastable to ``members``; by default the
        ensemble's own slopes.
    learn_alpha : array_like, broadcastable to ``members``
        PReLU: every layer of a network learns its slope, at this share of the learning rate. 0 leaves the
        slopes as they are.
    random_alpha : (low, high), optional
        RReLU: in every step each pre-activation is divided by a number of its own, drawn evenly from
        low to high, where it is negative; high is at least 1, or every slope would be steeper than that.
        The dice are the same for all networks. Snapshots keep the ensemble's slopes, for use at test
        time; the paper takes ``2 / (low + high)``.
    seed : int
        Of the batches' order, and of the dice.
    threads : int, optional
        Python threads; by default as many as there are cores. The numbers do not depend on it.

    Yields
    ------
    Snapshot

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above; at the call, before the first snapshot.

    References
    ----------
    PReLU: K. He et al., "Delving deep into rectifiers", 2015 (arXiv:1502.01852), section 2.1. RReLU: B. Xu
    et al., "Empirical evaluation of rectified activations", 2015 (arXiv:1505.00853), section 2.4.
    """
    x, y = checked_examples(ensemble, x, y)
    steps = whole_number("steps", steps, minimum=0)
    every = whole_number("every", max(1, steps // 20) if every is None else every, minimum=1)
    if seconds is not None:
        seconds = finite_number("seconds", seconds, "greater than 0", lambda seconds: seconds > 0)
    batch = len(x) if batch is None else whole_number("batch", batch, minimum=1)
    if batch > len(x):
        raise ValueError(f"batch must be at most the {len(x)} examples there are; got {batch}")
    if seconds is None:
        check_memory(min(steps, every) * (ORDER_BYTES + 8 * batch), steps=steps, every=every, batch=batch)
    seed = whole_number("seed", seed, minimum=0)
    threads = usable_threads() if threads is None else whole_number("threads", threads, minimum=1)
    optimiser = SGD() if optimiser is None else optimiser
    _check_optimiser(optimiser)
    if not (alpha is None or callable(alpha)):
        kind = type(alpha).__name__
        raise TypeError(f"alpha must be a function of the step, or None for the ensemble's own; got {kind}")
    learn_alpha = _per_network("learn_alpha", learn_alpha, ensemble)
    if sum((alpha is not None, learn_alpha.any(), random_alpha is not None)) > 1:
        raise ValueError("only one of alpha, learn_alpha and random_alpha can be told")
    dice = None if random_alpha is None else _Dice(*_divisors(random_alpha), seed)
    # A bad learning rate or slope is said here, not in a thread.
    _rate_per_network(optimiser, 0, ensemble)
    _slope_per_network(alpha, 0, ensemble)

    def snapshots() -> Iterator[Snapshot]:
        networks = ensemble.copy()
        flat = networks.flat()
        learners = [
            _Learner(flat, where, optimiser, batch, learn_alpha, dice)
            for where in flat.chunks(batch, threads)
        ]
        batches = _batches(len(x), batch, seed)
        latest = Snapshot(0, networks.copy())
        yield latest
        first, stride = 0, every if seconds is None else 1
        at_once = len(learners) if seconds is None else threads
        while first < steps:
            chosen = list(islice(batches, min(stride, every - first % every, steps - first)))
            orders = [
                _Order(
                    step,
                    examples,
                    _rate_per_network(optimiser, step, ensemble),
                    _slope_per_network(alpha, step, ensemble),
                )
                for step, examples in enumerate(chosen, start=first)
            ]
            took = 0.0
            for start in range(0, len(learners), at_once):
                if start:
                    yield latest
                began = monotonic()
                some = learners[start : start + at_once]
                on_all_cores(lambda learner, orders=orders: learner.advance(x, y, orders), some, threads)
                took += monotonic() - began
            if seconds is not None:
                stride = _next_stride(len(chosen), took, seconds)
                at_once = _chunks_at_once(len(learners), threads, took, seconds)
            first += len(chosen)
            latest = Snapshot(first, networks.copy())
            yield latest

    return snapshots()


def _next_stride(steps: int, took: float, seconds: float) -> int:
    """How many steps will take about ``seconds``, as ``steps`` of them ``took``; carefully."""
    fitting = round(steps * seconds / took) if took > 0 else 2 * steps
    return max(1, min(fitting, 2 * steps))


def _chunks_at_once(chunks: int, threads: int, took: float, seconds: float) -> int:
    """How many chunks will take about ``seconds``, as all of them took ``took``; full rounds of threads."""
    if took <= seconds:
        return chunks
    return threads * max(1, int(chunks * seconds / took / threads))


@dataclass(frozen=True)
class _Order:
    """What one step of training is to use; ``slope`` only where it is told from outside."""

    step: int
    examples: slice | np.ndarray
    rate: np.ndarray
    slope: np.ndarray | None


class _Learner:
    """A chunk of networks, and the memory of its optimiser."""

    def __init__(
        self,
        flat: Ensemble,
        where: slice,
        optimiser: Optimiser,
        batch: int,
        learn_alpha: np.ndarray,
        dice: "_Dice | None",
    ) -> None:
        self.part = flat.part(where)
        self.where = where
        self.optimiser = optimiser
        self.dice = dice
        self.batch = batch
        learn_alpha = _in_chunk(learn_alpha, where)
        self.learns_alpha = bool(learn_alpha.any())
        self.keeps_alpha = learn_alpha == 0
        self.parameters = [*self.part.weights, *self.part.biases]
        self.relative_rates = [1.0] * len(self.parameters)
        if self.learns_alpha:
            self.parameters += self.part.alphas
            self.relative_rates += [learn_alpha] * len(self.part.alphas)
        self.memory = [
            [np.zeros_like(parameter) for _ in range(optimiser.memories)] for parameter in self.parameters
        ]

    def advance(self, x: np.ndarray, y: np.ndarray, orders: list[_Order]) -> None:
        """Take all steps up to the next snapshot while these networks' arrays are in the cache."""
        # Made anew each time: the arrays of all chunks at once would be what fills the memory.
        trace = Trace(self.part, self.batch, self.learns_alpha)
        gradients = [*trace.weight_gradients, *trace.bias_gradients, *(trace.alpha_gradients or [])]
        for order in orders:
            batch_x = x[order.examples]
            if order.slope is not None:
                for alpha in self.part.alphas:
                    alpha[...] = order.slope[self.where]
            part = (
                self.part
                if self.dice is None
                else self.dice.thrown_for(self.part, len(batch_x), order.step)
            )
            _one_pass(part, batch_x, y[order.examples], trace)
            for gradient in trace.alpha_gradients or []:
                gradient[self.keeps_alpha] = 0  # a rate of 0 times an infinite gradient would be NaN
            rate = _in_chunk(order.rate, self.where)
            for parameter, gradient, memory, relative in zip(
                self.parameters, gradients, self.memory, self.relative_rates, strict=True
            ):
                self.optimiser.update(parameter, gradient, memory, rate * relative, order.step)
            if self.learns_alpha:
                self._mark_diverged()

    def _mark_diverged(self) -> None:
        """Mark a network whose learned slope diverged by its biases: no slope can be infinite."""
        for alpha in self.part.alphas:
            diverged = ~np.isfinite(alpha)
            if diverged.any():
                alpha[diverged] = 0
                np.copyto(self.part.biases[0], np.nan, where=diverged)


@dataclass(frozen=True)
class _Dice:
    """RReLU's slopes in training: 1 over a number drawn evenly from ``low`` to ``high``."""

    low: float
    high: float
    seed: int

    def thrown_for(self, part: Ensemble, examples: int, step: int) -> Ensemble:
        """The same networks with a slope per example and unit; every chunk throws the same ones."""
        rng = np.random.default_rng((self.seed, step))
        hidden = list(zip(part.rows(examples), part.widths[1:], strict=True))[:-1]
        divisors = [
            self.low + (self.high - self.low) * rng.random(shape, dtype=part.dtype) for shape in hidden
        ]
        return replace(part, alphas=tuple(1 / divisor for divisor in divisors))


def gradients_of_loss(
    ensemble: Ensemble, x: np.ndarray, y: np.ndarray, trace: Trace | None = None
) -> tuple[np.ndarray, Trace]:
    """One forward and one backward pass: the mean loss per network, and a trace with the gradients."""
    return _one_pass(ensemble, *checked_examples(ensemble, x, y), trace)


def _one_pass(
    ensemble: Ensemble, x: np.ndarray, y: np.ndarray, trace: Trace | None
) -> tuple[np.ndarray, Trace]:
    trace = forward(ensemble, x, trace)
    loss = loss_for(y)(trace.output, y, trace.errors[-1])
    return loss, backward(ensemble, trace)


def mean_loss(ensemble: Ensemble, x: np.ndarray, y: np.ndarray, threads: int | None = None) -> np.ndarray:
    """The loss that `train` makes small, over all of these examples: shape (*members,)."""
    x, y = checked_examples(ensemble, x, y)
    output = outputs(ensemble, x, threads)
    with np.errstate(all="ignore"):
        return loss_for(y)(output, y, np.empty_like(output))


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
    return np.where(np.isfinite(logits).all(axis=(-2, -1)), right, 1 / ensemble.widths[-1])


def checked_examples(ensemble: Ensemble, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets in the ensemble's dtype, or an error that says what does not fit."""
    x, y = checked_inputs(ensemble, x), real_numbers("y", y)
    outputs_ = ensemble.widths[-1]
    if len(x) == 0:
        raise ValueError(f"x must have shape (examples, {ensemble.inputs}), examples >= 1; got {x.shape}")
    if y.ndim == 1 and y.shape == x.shape[:1]:
        if y.dtype.kind not in "iu":
            raise TypeError(f"labels y must be integers; got dtype {y.dtype}")
        if y.min() < 0 or y.max() >= outputs_:
            raise ValueError(f"labels y must lie in 0 to {outputs_ - 1}; got {y.min()} to {y.max()}")
        return x, y
    if y.shape == (len(x), outputs_):
        return x, y.astype(ensemble.dtype)
    raise ValueError(
        f"y must be labels of shape ({len(x)},) or targets of shape ({len(x)}, {outputs_}); got {y.shape}"
    )


def _divisors(random_alpha: tuple[float, float]) -> tuple[float, float]:
    """RReLU's range, or an error that says what is wrong with it."""
    ends = tuple(finite_number("random_alpha", end) for end in sequence("random_alpha", random_alpha))
    if not (len(ends) == 2 and 0 < ends[0] <= ends[1] and ends[1] >= 1):
        raise ValueError(
            "random_alpha must be (low, high), what to divide by, 0 < low <= high, high >= 1: (3, 8) for "
            f"slopes from 1/8 to 1/3; got {random_alpha}"
        )
    return ends


def _batches(examples: int, batch: int, seed: int) -> Iterator[slice | np.ndarray]:
    """Everything at every step, or a new shuffle each epoch, cut into batches of one size."""
    rng = np.random.default_rng(seed)
    while True:
        if batch == examples:
            yield slice(None)
        else:
            order = rng.permutation(examples)
            yield from (order[end - batch : end] for end in range(batch, examples + 1, batch))


def _rate_per_network(optimiser: Optimiser, step: int, ensemble: Ensemble) -> np.ndarray:
    """The learning rate of this step: 0-d, or shape (networks, 1, 1)."""
    rate = optimiser.learning_rate
    return _per_network("learning_rate", rate(step) if callable(rate) else rate, ensemble)


@np.errstate(under="ignore")
def _per_network(name: str, given: ArrayLike, ensemble: Ensemble) -> np.ndarray:
    """A number that is at least 0, for all networks, 0-d, or for each: shape (networks, 1, 1)."""
    given = real_numbers(name, given)
    if given.dtype.kind == "b":
        raise TypeError(f"{name} must be real numbers; got dtype {given.dtype}")
    with np.errstate(over="ignore"):
        numbers = given.astype(ensemble.dtype)
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ValueError(f"{name} must be finite in {numbers.dtype} and at least 0; got {given}")
    if numbers.ndim == 0:
        return numbers
    try:
        return np.broadcast_to(numbers, ensemble.members).reshape(-1, 1, 1)
    except ValueError as error:
        raise ValueError(
            f"{name} of shape {numbers.shape} does not broadcast to members {ensemble.members}"
        ) from error


def _in_chunk(numbers: np.ndarray, where: slice) -> np.ndarray:
    """Those of a chunk's networks, where there is one number per network; see `_per_network`."""
    return numbers[where] if numbers.ndim else numbers


def _slope_per_network(
    alpha: Callable[[int], ArrayLike] | None, step: int, ensemble: Ensemble
) -> np.ndarray | None:
    """The slope that is told for this step, shape (networks, 1, 1)."""
    if alpha is None:
        return None
    return slope_per_member(alpha(step), ensemble.members, ensemble.dtype).reshape(-1, 1, 1)
