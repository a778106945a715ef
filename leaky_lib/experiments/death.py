"""Twins through training: which of their units die, which collapse, and what a leak rescues."""

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu_gain
from leaky_lib.arguments import check_memory, whole_number
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.networks import (
    Ensemble,
    check_network,
    convolutional,
    dense_widths,
    fresh,
    in_chunks,
    initialise,
    outputs,
    several_slopes,
    slope_per_member,
)
from leaky_lib.parallel import usable_threads
from leaky_lib.progress import last_of
from leaky_lib.tables import name_of
from leaky_lib.training import (
    AIR_SECONDS,
    Adam,
    Snapshot,
    accuracy,
    gradients_of_loss,
    optimiser_called,
    train,
)
from leaky_lib.units import hidden_gradient_norms, never_positive, stuck

__all__ = ["collapse", "convolutional_twins", "rescue", "training_death"]


@experiment
def training_death(
    *,
    data: str = "moons",
    alphas: Sequence[float] = (0.0, 0.01, 0.1),
    depth: int = 3,
    width: int = 16,
    optimiser: str = "sgd",
    learning_rate: float = 2.0,
    steps: int = 400,
    batch: int | None = None,
    seeds: int = 50,
    seed: int = 0,
    snapshots: int = 20,
    gain: float | None = 2**0.5,
    bias: float = 0.0,
    network: str = "dense",
    normalised: bool = False,
    look_at: int | None = None,
    warm_up: int = 0,
) -> Iterator[Result | None]:
    """Train twins that differ only in their slope, and tell of each unit whether it is never positive.

    Parameters
    ----------
    data : str
        A classification of `leaky_lib.data`: ``"moons"``, ``"spirals"`` or ``"digits"``.
    alphas : sequence of float
        Slopes to compare; the first is the baseline. 0 is ReLU.
    depth, width : int
        Hidden layers, and units in each; convolutions and channels in a convolutional network.
    optimiser : str
        ``"sgd"``, ``"momentum"`` or ``"adam"``.
    learning_rate : float
        At least 0.
    steps : int
        Parameter updates.
    batch : int, optional
        Examples per step; 100 for digits, all of them for toy data, by default.
    seeds : int
        Starts, each for all slopes.
    seed : int
        Of the weights and the batches. Same seed, same result.
    snapshots : int
        How often to look.
    gain, bias : float
        Of the weights' standard deviation (by default He's for ReLU; None for that of each slope), and
        every bias, at the start.
    network : str
        ``"dense"`` or ``"convolutional"``; the latter takes digits only. A unit is then a channel: it is
        never positive if it is so at every pixel of every image.
    normalised : bool
        Batch normalisation before every activation; see `leaky_lib.networks.Ensemble`.
    look_at : int, optional
        So many training examples are looked at; by default all of them.
    warm_up : int
        Steps over which the learning rate rises evenly to its value.

    Returns
    -------
    Result
        Axes ``step``, ``alpha``, ``seed``, ``layer``, ``unit``; measures ``never_positive``, ``stuck`` (of
        units), ``loss`` on the training examples, ``accuracy`` on the test set, ``diverged``.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above.
    """
    dataset = datasets.classification(data)
    steps = whole_number("steps", steps, minimum=1)
    snapshots = whole_number("snapshots", snapshots, minimum=1)
    check_network(network, dataset)
    slopes = several_slopes("alphas", alphas)
    widths = dense_widths(dataset, depth, width, seeds, len(slopes))
    seen = slice(None if look_at is None else whole_number("look_at", look_at, minimum=1))
    looks = 6 * (min(steps, snapshots) + 1) * len(slopes) * seeds * depth * width
    layers = 100 * 64 * len(dataset.train_x[seen]) * depth * width if network == "convolutional" else 0
    check_memory(looks + layers, depth=depth, width=width, seeds=seeds, snapshots=snapshots)
    between_looks = -(-steps // snapshots)
    run = train(
        fresh(
            network,
            widths,
            seeds=seeds,
            alpha=slopes,
            gain=gain,
            bias=bias,
            seed=seed,
            normalised=normalised,
        ),
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate, warm_up),
        batch=min(100, len(dataset.train_x)) if batch is None and data == "digits" else batch,
        every=between_looks,
        seconds=AIR_SECONDS,
        seed=seed,
    )
    yield None
    axes = {"alpha": _numbers(slopes), **_named(seed=seeds, layer=depth, unit=width)}
    yield from _looking(run, dataset, seen, between_looks, steps, axes)


def _named(**lengths: int) -> dict[str, tuple[int, ...]]:
    """Axes whose values are their places."""
    return {name: tuple(range(length)) for name, length in lengths.items()}


def _numbers(slopes: np.ndarray) -> tuple[float, ...]:
    return tuple(slopes.tolist())


def _looking(
    run: Iterable[Snapshot],
    dataset: datasets.Dataset,
    seen: slice,
    between_looks: int,
    steps: int,
    axes: dict[str, tuple],
) -> Iterator[Result | None]:
    """What is known so far: at every snapshot of a run, and during a look at many large networks."""
    looks, at_steps, trained = [], [], 0

    def so_far() -> Result | None:
        if not looks:
            return None
        values = {measure: np.array([look[measure] for look in looks]) for measure in looks[0]}
        return Result({"step": tuple(at_steps), **axes}, values, trained / steps)

    for snapshot in run:
        is_new = snapshot.step not in at_steps
        if is_new and (snapshot.step % between_looks == 0 or snapshot.step == steps):
            found, last_breath = [], monotonic()
            for some in _handfuls(snapshot, len(dataset.train_x[seen])):
                found.append(_look(some, dataset, seen))
                if monotonic() - last_breath > AIR_SECONDS / 2:
                    yield so_far()
                    last_breath = monotonic()
            members = snapshot.ensemble.members
            whole = {measure: np.concatenate([some[measure] for some in found]) for measure in found[0]}
            looks.append({name: all_.reshape(*members, *all_.shape[1:]) for name, all_ in whole.items()})
            at_steps.append(snapshot.step)
        trained = snapshot.step
        yield so_far()


def _handfuls(snapshot: Snapshot, examples: int) -> Iterator[Snapshot]:
    """The same networks in a row, a few at a time: a chunk for every thread."""
    flat, threads = snapshot.ensemble.flat(), usable_threads()
    chunks = flat.chunks(examples, threads)
    for first in range(0, len(chunks), threads):
        some = chunks[first : first + threads]
        yield Snapshot(snapshot.step, flat.part(slice(some[0].start, some[-1].stop)))


def _look(
    snapshot: Snapshot, dataset: datasets.Dataset, seen: slice = slice(None)
) -> dict[str, np.ndarray]:
    """What is measured of networks in a row."""
    x, y = dataset.train_x[seen], dataset.train_y[seen]

    def diagnose(part: Ensemble) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        loss, trace = gradients_of_loss(part, x, y)
        never = np.stack([never_positive(z) for z in trace.pre_activations[:-1]], axis=-2)
        return never, stuck(hidden_gradient_norms(trace)), loss

    parts = in_chunks(diagnose, snapshot.ensemble, len(x))
    never, stuck_units, loss = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    right = accuracy(snapshot.ensemble, dataset.test_x, dataset.test_y)
    # Weights can still be finite one step before they overflow; the loss then is not.
    diverged = snapshot.diverged | ~np.isfinite(loss)
    return {
        "never_positive": never,
        "stuck": stuck_units,
        "loss": loss,
        "diverged": diverged,
        "accuracy": np.where(diverged, np.nan, right),
    }


@experiment
def collapse(
    *,
    alphas: Sequence[float] = (0.0, 0.01, 0.1, 0.3),
    optimiser: str = "adam",
    learning_rate: float = 0.01,
    depth: int = 9,
    width: int = 2,
    steps: int = 1000,
    examples: int = 16,
    seeds: int = 100,
    seed: int = 0,
    snapshots: int = 30,
) -> Iterator[Result]:
    """Let narrow, deep networks learn the absolute value, and tell which end constant.

    The experiment of Lu et al., with fewer steps and points. Every network's weights carry He's gain for
    its own slope; apart from that factor, networks with one seed are twins.

    Parameters
    ----------
    examples : int
        Points on [−√3, √3].
    alphas, optimiser, learning_rate, depth, width, steps, seeds, seed, snapshots
        As for `training_death`.

    Returns
    -------
    Result
        Axes ``alpha``, ``seed``, ``x``; measures ``output`` at x; ``constant``, where it varies by less
        than 1 % of what it should; ``solved``, where the mean squared error is below a tenth of the
        target's variance; ``diverged``.

    References
    ----------
    L. Lu et al., "Dying ReLU and initialization", 2019, section 1 and figure 1 (arXiv:1903.06733).
    """
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    dataset = datasets.absolute_value(examples)
    slopes = several_slopes("alphas", alphas)
    widths = dense_widths(dataset, depth, width, seeds, len(slopes))
    ensemble = initialise(widths, seeds=seeds, alpha=slopes, gain=leaky_relu_gain(slopes), seed=seed)
    run = train(
        ensemble,
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate),
        every=-(-steps // snapshots),
        seconds=AIR_SECONDS,
    )
    yield None
    x, target = dataset.test_x[:, 0], dataset.test_y[:, 0]
    axes = {"alpha": _numbers(slopes), **_named(seed=seeds), "x": tuple(x.tolist())}
    for snapshot in run:
        output = outputs(snapshot.ensemble, dataset.test_x)[..., 0]
        with np.errstate(over="ignore", invalid="ignore"):  # where one diverged
            error = np.square(output - target).mean(axis=-1)
            values = {
                "output": output,
                "constant": np.ptp(output, axis=-1) < 0.01 * np.ptp(target),
                "solved": error < 0.1 * target.var(),
                "diverged": ~np.isfinite(output).all(axis=-1),
            }
        yield Result(axes, values, snapshot.step / steps)


@experiment
def rescue(
    *,
    alphas: Sequence[float] = (0.01, 0.1),
    bias: float = -1.0,
    optimiser: str = "adam",
    learning_rate: float = 0.01,
    depth: int = 3,
    width: int = 16,
    steps: int = 600,
    swap: int = 200,
    back: int = 400,
    seeds: int = 40,
    seed: int = 0,
    snapshots: int = 30,
) -> Iterator[Result | None]:
    """Train ReLU networks with negative biases, change only their slope at one step, and train on.

    All copies see the same data in the same steps with the same memory of the optimiser. The first stays
    ReLU; one for each slope changes to it at ``swap``; one more changes to the last slope and returns to
    ReLU at ``back``.

    Parameters
    ----------
    alphas : sequence of float
        Slopes to change to.
    bias : float
        Every bias at the start; with −1 about six in ten units are never positive.
    steps, swap, back : int
        Parameter updates in all, before the change, and before the way back; a change at ``steps`` comes
        to nothing.
    optimiser, learning_rate, depth, width, seeds, seed, snapshots
        As for `training_death`.

    Returns
    -------
    Result
        As that of `training_death`, with an axis ``course`` in place of ``alpha``: what was done.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above, or ``swap``, ``back`` and
        ``steps`` are not in this order.
    """
    dataset = datasets.moons(examples=128)
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    swap, back = whole_number("swap", swap, 0), whole_number("back", back, 0)
    if not swap <= back <= steps:
        raise ValueError(f"it must be that swap <= back <= steps; got {swap=}, {back=}, {steps=}")
    slopes = several_slopes("alphas", alphas)
    slope_per_member(slopes, slopes.shape, np.float32)  # a bad one is said here, not at the swap
    courses = ("stay ReLU", *(f"to {name_of(a)}" for a in slopes))
    courses += (f"{courses[-1]}, and back to ReLU",)
    after_swap = np.array([0.0, *slopes, slopes[-1]])[:, None]
    after_back = np.array([0.0, *slopes, 0.0])[:, None]
    widths = dense_widths(dataset, depth, width, seeds, len(courses))
    looks = min(steps, snapshots) + 1
    check_memory(6 * looks * len(courses) * seeds * depth * width, snapshots=snapshots, seeds=seeds)
    ensemble = initialise(widths, seeds=seeds, alpha=[0.0] * len(courses), bias=bias, seed=seed)
    between_looks = -(-steps // snapshots)
    run = train(
        ensemble,
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate),
        every=between_looks,
        seconds=AIR_SECONDS,
        alpha=lambda step: 0.0 if step < swap else after_swap if step < back else after_back,
    )
    yield None
    axes = {"course": courses, **_named(seed=seeds, layer=depth, unit=width)}
    yield from _looking(run, dataset, slice(None), between_looks, steps, axes)


LARGE_RATE = 0.03
"""A learning rate at which Adam kills channels of deep convolutional networks, without killing all."""


def convolutional_twins(alpha: float = 0.1, learning_rate: float = LARGE_RATE, seed: int = 0) -> Ensemble:
    """A ReLU network of eight convolutions and its leaking twin, trained for 60 steps: members (2,)."""
    digits = datasets.load("digits")
    alphas = np.array([0.0, alpha])
    start = convolutional(8, 8, alpha=alphas, gain=leaky_relu_gain(alphas), seed=seed)[:, 0]
    run = train(start, digits.train_x, digits.train_y, steps=60, batch=60, optimiser=Adam(learning_rate))
    return last_of(run).ensemble
