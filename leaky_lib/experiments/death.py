"""Twins through training: which of their units die, which collapse, and what a leak rescues."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib import data as datasets
from leaky_lib.arguments import check_memory, whole_number
from leaky_lib.data import Dataset
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.networks import Ensemble, initialise, outputs, several_slopes
from leaky_lib.optimisers import Optimiser, optimiser_called
from leaky_lib.parallel import on_all_cores, usable_threads
from leaky_lib.tables import name_of
from leaky_lib.training import Snapshot, accuracy, gradients_of_loss, train
from leaky_lib.units import hidden_gradient_norms, never_positive, stuck

BYTES_PER_LOOK = 6
"""Of one unit: two answers, in three copies."""

CHUNKS_AT_ONCE = 4
"""So many for every thread; then a look can be stopped."""


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
    data, network : str
        ``"moons"``, ``"spirals"``, ``"digits"``; ``"dense"``, or ``"convolutional"`` with digits: a unit is
        then a channel, never positive if it is so at every pixel of every image.
    alphas : sequence of float
        0 is ReLU. The first is the baseline that the others are paired with.
    depth, width, gain, bias, normalised, seed
        Hidden layers, and units in each; and as for `initialise`. Batches are drawn from the seed as well.
    optimiser, learning_rate, warm_up
        ``"sgd"``, ``"momentum"`` or ``"adam"``; and steps over which its learning rate rises evenly.
    steps, batch, seeds, snapshots, look_at : int
        Parameter updates, examples for each (100 of the digits, else all), starts for each slope, looks at
        the units, and training examples for a look (all).
    """
    dataset, slopes = datasets.classification(data), several_slopes("alphas", alphas)
    seeds, widths = whole_number("seeds", seeds, minimum=1), dataset.widths(depth, width)
    start = initialise(widths, seeds, slopes, gain, bias, seed, network=network, normalised=normalised)
    rule = optimiser_called(optimiser, learning_rate, warm_up)
    batch = min(100, len(dataset.train_x)) if batch is None and data == "digits" else batch
    axes = {"alpha": tuple(slopes.tolist())}
    yield from _watched(
        start, dataset, rule, steps, snapshots, axes, batch=batch, look_at=look_at, seed=seed
    )


def _watched(
    start: Ensemble,
    dataset: Dataset,
    optimiser: Optimiser,
    steps: int,
    snapshots: int,
    axes: dict[str, tuple],
    *,
    batch: int | None = None,
    look_at: int | None = None,
    slopes: Callable[[int], ArrayLike] | None = None,
    seed: int = 0,
) -> Iterator[Result | None]:
    """Train networks and look at their units now and then: all looks so far, again and again."""
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    few = None if look_at is None else whole_number("look_at", look_at, minimum=1)
    *_, seeds = start.members
    shape = {"seed": seeds, "layer": len(start.alphas), "unit": start.weights[0].shape[-1]}
    axes = {**axes, **{name: tuple(range(length)) for name, length in shape.items()}}
    units = prod(map(len, axes.values()))
    check_memory(BYTES_PER_LOOK * (min(steps, snapshots) + 1) * units, snapshots=snapshots, seeds=seeds)
    between = -(-steps // snapshots)
    run = train(
        start,
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser,
        batch=batch,
        every=between,
        pauses=True,
        slopes=slopes,
        seed=seed,
    )
    yield None
    looks, latest = {}, None
    for now in run:
        if now.step % between == 0 or now.step == steps:
            parts = []
            for some in _look(now.ensemble.flat(), dataset, few):
                parts += some
                yield latest
            looks[now.step] = [np.concatenate(kind) for kind in zip(*parts, strict=True)]
        values = {}
        for measure, arrays in zip(MEASURES, zip(*looks.values(), strict=True), strict=True):
            values[measure] = np.stack(arrays).reshape(len(looks), *start.members, *arrays[0].shape[1:])
        latest = Result({"step": tuple(looks), **axes}, values, now.step / steps)
        yield latest


MEASURES = ("never_positive", "stuck", "diverged", "loss", "accuracy")


def _look(networks: Ensemble, dataset: Dataset, few: int | None) -> Iterator[list[tuple[np.ndarray, ...]]]:
    """Measure a row of networks, a few chunks at a time: `MEASURES` of each chunk."""
    x, y = dataset.train_x[:few], dataset.train_y[:few]

    def measure(part: Ensemble) -> tuple[np.ndarray, ...]:
        right = accuracy(part, dataset.test_x, dataset.test_y, threads=1)
        loss, trace = gradients_of_loss(part, x, y)
        never = np.stack([never_positive(z) for z in trace.pre_activations[:-1]], axis=-2)
        # Weights can still be finite one step before they overflow; the loss then is not.
        diverged = Snapshot(0, part).diverged | ~np.isfinite(loss)
        right = np.where(diverged, np.nan, right)
        return never, stuck(hidden_gradient_norms(trace)), diverged, loss, right

    threads = usable_threads()
    parts = [networks.part(where) for where in networks.chunks(len(x), threads)]
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
    alphas, optimiser, learning_rate, depth, width, steps, seeds, seed, snapshots
        As in `training_death`; every step sees all examples.
    examples : int
        Points on [−√3, √3].

    References
    ----------
    L. Lu et al., "Dying ReLU and initialization", 2019, section 1 and figure 1 (arXiv:1903.06733).
    """
    steps, snapshots = whole_number("steps", steps, 1), whole_number("snapshots", snapshots, 1)
    dataset, slopes = datasets.absolute_value(examples), several_slopes("alphas", alphas)
    seeds, widths = whole_number("seeds", seeds, minimum=1), dataset.widths(depth, width)
    start = initialise(widths, seeds=seeds, alpha=slopes, gain=None, seed=seed)
    rule, every = optimiser_called(optimiser, learning_rate), -(-steps // snapshots)
    run = train(
        start, dataset.train_x, dataset.train_y, steps=steps, optimiser=rule, every=every, pauses=True
    )
    yield None
    x = dataset.test_x[:, 0]
    axes = {"alpha": tuple(slopes.tolist()), "seed": tuple(range(seeds)), "x": tuple(x.tolist())}
    for now in run:
        output = outputs(now.ensemble, dataset.test_x)[..., 0]
        yield Result(axes, learned(output, np.abs(x)), now.step / steps)


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
    swap, back : int
        Parameter updates before the change, and before the way back.
    optimiser, learning_rate, depth, width, steps, seeds, seed, snapshots
        As in `training_death`.
    """
    dataset, slopes = datasets.moons(examples=128), several_slopes("alphas", alphas)
    swap, back = whole_number("swap", swap, 0), whole_number("back", back, 0)
    if not swap <= back <= whole_number("steps", steps, 1):
        raise ValueError(f"it must be that swap <= back <= steps; got {swap=}, {back=}, {steps=}")
    courses = ["stay ReLU", *(f"to {name_of(alpha)}" for alpha in slopes)]
    courses.append(f"{courses[-1]}, and back to ReLU")
    after_swap, after_back = (np.array([0.0, *slopes, last])[:, None] for last in (slopes[-1], 0.0))
    seeds, relu = whole_number("seeds", seeds, minimum=1), np.zeros(len(courses))
    start = initialise(dataset.widths(depth, width), seeds=seeds, alpha=relu, bias=bias, seed=seed)

    def slopes_at(step: int) -> ArrayLike:
        return 0.0 if step < swap else after_swap if step < back else after_back

    rule, axes = optimiser_called(optimiser, learning_rate), {"course": tuple(courses)}
    yield from _watched(start, dataset, rule, steps, snapshots, axes, slopes=slopes_at)
