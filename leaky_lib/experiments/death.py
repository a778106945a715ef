"""Twins through training: which of their units die, which collapse, and what a leak rescues."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu_gain
from leaky_lib.arguments import check_memory, whole_number
from leaky_lib.data import Dataset
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.networks import Ensemble, initialise, outputs, several_slopes
from leaky_lib.parallel import on_all_cores, usable_threads
from leaky_lib.tables import name_of
from leaky_lib.training import Snapshot, accuracy, gradients_of_loss, optimiser_called, train
from leaky_lib.units import hidden_gradient_norms, never_positive, stuck


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
    """Train twins that differ only in their slope, and count which of their units die.

    A result has ``"never_positive"`` and ``"stuck"`` of every unit, and of every network ``"diverged"``,
    ``"loss"`` on the training examples looked at, and ``"accuracy"`` on the test set.

    Parameters
    ----------
    data : str
        ``"moons"``, ``"spirals"`` or ``"digits"``.
    alphas : sequence of float
        Slopes to compare; the first is the baseline that the others are paired with. 0 is ReLU.
    depth, width : int
        Hidden layers, and units in each; convolutions and channels in a convolutional network.
    optimiser, learning_rate : str, float
        ``"sgd"``, ``"momentum"`` or ``"adam"``, and its learning rate.
    steps, batch : int
        Parameter updates, and examples for each: by default 100 of the digits, all of the toy data.
    seeds, seed : int
        Starts, each for all slopes, and what they and the batches are drawn from.
    snapshots, look_at : int
        How often to look at the units, and on how many training examples: by default on all.
    gain, bias : float
        Of the first weights' standard deviation (by default He's for ReLU; None for that of each slope),
        and every first bias.
    network : str
        ``"dense"``, or ``"convolutional"`` with digits. A unit is then a channel: never positive if it is
        so at every pixel of every image.
    normalised : bool
        Batch normalisation before every activation.
    warm_up : int
        Steps over which the learning rate rises evenly to its value.
    """
    dataset = datasets.classification(data)
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    seeds = whole_number("seeds", seeds, minimum=1)
    slopes = several_slopes("alphas", alphas)
    start = initialise(
        dataset.widths(depth, width),
        seeds=seeds,
        alpha=slopes,
        gain=gain,
        bias=bias,
        seed=seed,
        network=network,
        normalised=normalised,
    )
    few = None if look_at is None else whole_number("look_at", look_at, minimum=1)
    looked_at = replace(dataset, train_x=dataset.train_x[:few], train_y=dataset.train_y[:few])
    looks = 6 * (min(steps, snapshots) + 1) * len(slopes) * seeds * depth * width
    layers = 100 * 64 * len(looked_at.train_x) * depth * width if network == "convolutional" else 0
    check_memory(looks + layers, depth=depth, width=width, seeds=seeds, snapshots=snapshots)
    run = train(
        start,
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate, warm_up),
        batch=min(100, len(dataset.train_x)) if batch is None and data == "digits" else batch,
        every=-(-steps // snapshots),
        pauses=True,
        seed=seed,
    )
    yield None
    axes = {"alpha": slopes.tolist(), "seed": range(seeds), "layer": range(depth), "unit": range(width)}
    yield from _looks(run, looked_at, axes, steps, snapshots)


def _looks(
    run: Iterable[Snapshot], dataset: Dataset, axes: dict[str, Iterable], steps: int, snapshots: int
) -> Iterator[Result | None]:
    """What all looks so far have found, again and again; also during a look at many large networks."""
    axes = {name: tuple(places) for name, places in axes.items()}
    between = -(-steps // snapshots)
    looked, values, latest = [], {}, None
    for snapshot in run:
        if snapshot.step not in looked and (snapshot.step % between == 0 or snapshot.step == steps):
            parts = []
            for some in _look(snapshot.ensemble.flat(), dataset):
                parts += some
                yield latest
            looked.append(snapshot.step)
            members = snapshot.ensemble.members
            for measure in parts[0]:
                found = np.concatenate([part[measure] for part in parts])
                found = found.reshape(1, *members, *found.shape[1:])
                values[measure] = np.concatenate([values.get(measure, found[:0]), found])
        latest = Result({"step": tuple(looked), **axes}, dict(values), snapshot.step / steps)
        yield latest


CHUNKS_AT_ONCE = 4
"""So many for every thread; then a look can be stopped."""


def _look(networks: Ensemble, dataset: Dataset) -> Iterator[list[dict[str, np.ndarray]]]:
    """Measure a row of networks, a few chunks at a time."""

    def measure(part: Ensemble) -> dict[str, np.ndarray]:
        right = accuracy(part, dataset.test_x, dataset.test_y, threads=1)
        loss, trace = gradients_of_loss(part, dataset.train_x, dataset.train_y)
        # Weights can still be finite one step before they overflow; the loss then is not.
        diverged = Snapshot(0, part).diverged | ~np.isfinite(loss)
        return {
            "never_positive": np.stack([never_positive(z) for z in trace.pre_activations[:-1]], axis=-2),
            "stuck": stuck(hidden_gradient_norms(trace)),
            "diverged": diverged,
            "loss": loss,
            "accuracy": np.where(diverged, np.nan, right),
        }

    threads = usable_threads()
    parts = [networks.part(where) for where in networks.chunks(len(dataset.train_x), threads)]
    for first in range(0, len(parts), CHUNKS_AT_ONCE * threads):
        yield on_all_cores(measure, parts[first : first + CHUNKS_AT_ONCE * threads], threads)


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
) -> Iterator[Result | None]:
    """Let narrow, deep networks learn the absolute value, the experiment of Lu et al. in small.

    Every network's weights carry He's gain for its own slope; apart from that factor, networks with one
    seed are twins. A result has their ``"output"`` at every ``x``, and whether they are ``"constant"``
    (the output varies by less than 1 % of what it should), have ``"solved"`` it (the mean squared error is
    below a tenth of the target's variance), or ``"diverged"``.

    Parameters
    ----------
    alphas : sequence of float
        Slopes to compare. 0 is ReLU.
    optimiser, learning_rate, depth, width, steps, seeds, seed, snapshots
        As in `training_death`; every step sees all examples.
    examples : int
        Points on [−√3, √3].

    References
    ----------
    L. Lu et al., "Dying ReLU and initialization", 2019, section 1 and figure 1 (arXiv:1903.06733).
    """
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    seeds = whole_number("seeds", seeds, minimum=1)
    dataset = datasets.absolute_value(examples)
    slopes = several_slopes("alphas", alphas)
    run = train(
        initialise(
            dataset.widths(depth, width), seeds=seeds, alpha=slopes, gain=leaky_relu_gain(slopes), seed=seed
        ),
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate),
        every=-(-steps // snapshots),
        pauses=True,
    )
    yield None
    x = dataset.test_x[:, 0]
    axes = {"alpha": tuple(slopes.tolist()), "seed": tuple(range(seeds)), "x": tuple(x.tolist())}
    for snapshot in run:
        output = outputs(snapshot.ensemble, dataset.test_x)[..., 0]
        yield Result(axes, learned(output, np.abs(x)), snapshot.step / steps)


@np.errstate(all="ignore")  # where one diverged
def learned(output: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """What became of networks with these outputs, shape (..., points): the measures of `collapse`."""
    return {
        "output": output,
        "constant": np.ptp(output, axis=-1) < 0.01 * np.ptp(target),
        "solved": np.square(output - target).mean(axis=-1) < 0.1 * target.var(),
        "diverged": ~np.isfinite(output).all(axis=-1),
    }


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

    All copies see the same data in the same steps with the same memory of the optimiser. The first course
    stays ReLU; one for each slope changes to it at ``swap``; one more changes to the last slope and returns
    to ReLU at ``back``. A result is that of `training_death`, its axis ``course`` in place of ``alpha``.

    Parameters
    ----------
    alphas : sequence of float
        Slopes to change to.
    bias : float
        Every bias at the start; with −1 about six in ten units are never positive.
    optimiser, learning_rate, depth, width, seeds, seed, snapshots
        As in `training_death`.
    steps, swap, back : int
        Parameter updates in all, before the change, and before the way back; a change at ``steps`` comes
        to nothing.
    """
    dataset = datasets.moons(examples=128)
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    seeds = whole_number("seeds", seeds, minimum=1)
    swap, back = whole_number("swap", swap, 0), whole_number("back", back, 0)
    if not swap <= back <= steps:
        raise ValueError(f"it must be that swap <= back <= steps; got {swap=}, {back=}, {steps=}")
    slopes = several_slopes("alphas", alphas)
    after_swap = np.array([0.0, *slopes, slopes[-1]])[:, None]
    after_back = np.array([0.0, *slopes, 0.0])[:, None]
    widths = dataset.widths(depth, width)
    start = initialise(widths, seeds=seeds, alpha=np.zeros(len(after_swap)), bias=bias, seed=seed)
    looks = 6 * (min(steps, snapshots) + 1) * len(after_swap) * seeds * depth * width
    check_memory(looks, snapshots=snapshots, seeds=seeds)
    run = train(
        start,
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate),
        every=-(-steps // snapshots),
        pauses=True,
        slopes=lambda step: 0.0 if step < swap else after_swap if step < back else after_back,
    )
    yield None
    courses = ("stay ReLU", *(f"to {name_of(alpha)}" for alpha in slopes))
    axes = {"course": (*courses, f"{courses[-1]}, and back to ReLU"), "seed": range(seeds)}
    axes |= {"layer": range(depth), "unit": range(width)}
    yield from _looks(run, dataset, axes, steps, snapshots)
