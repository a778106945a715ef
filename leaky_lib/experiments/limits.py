"""Where a leak does not help: the shift of the mean, divergence and what tames it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu_gain, real_numbers
from leaky_lib.arguments import check_memory, name_among, sequence, true_or_false, whole_number
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.family import function_called, gain_of
from leaky_lib.networks import Ensemble, dense_widths, forward, in_chunks, initialise, several_slopes
from leaky_lib.training import (
    AIR_SECONDS,
    SGD,
    Clipped,
    Snapshot,
    accuracy,
    train,
)
from leaky_lib.units import never_positive

__all__ = ["TAMING", "divergence", "shift_by_layer", "steps_to_learn"]


# --- Not zero-centred ------------------------------------------------------------------------------


def shift_by_layer(
    functions: Sequence[float | str] = (0.0, 0.01, 0.1, 0.3, "ELU"),
    *,
    layers: int = 10,
    width: int = 64,
    networks: int = 20,
    normalised: bool = False,
    seed: int = 0,
) -> np.ndarray:
    """How far a unit's mean is from 0, as a share of its spread, in fresh networks on the digits.

    Every pixel's own mean is taken away first, so that the shift is the functions' work. Each function has
    weights of a gain of its own; for Leaky ReLU that is He's.

    Parameters
    ----------
    functions : sequence of float or str
        Slopes of Leaky ReLU, or names of `leaky_lib.family.FAMILY`.
    layers, width, networks : int
        Hidden layers, units in each, and networks per function, all from the same draws.
    normalised : bool
        Whether every unit's sums are brought to mean 0 and variance 1 before the function bends them.
    seed : int

    Returns
    -------
    ndarray, shape (layers, functions, networks)
        Root mean square over the units of a layer of |mean over the examples|, divided by the root mean
        square of their standard deviations.
    """
    functions, normalised = sequence("functions", functions), true_or_false("normalised", normalised)
    layers, width = whole_number("layers", layers, minimum=1), whole_number("width", width, minimum=1)
    networks = whole_number("networks", networks, minimum=1)
    needed = networks * (8 * layers * width * max(width, 64) + 40 * 256 * width)
    check_memory(needed, layers=layers, width=width, networks=networks)
    rng = np.random.default_rng(whole_number("seed", seed, minimum=0))
    x = datasets.load("digits").train_x[:256]
    shapes = [(x.shape[1], width), *[(width, width)] * (layers - 1)]
    draws = [rng.standard_normal((networks, *shape)) for shape in shapes]

    def shifts_of(which: float | str) -> list[np.ndarray]:
        found = []
        for h in _layers_of(which, x, draws, normalised):
            found.append(np.sqrt(np.square(h.mean(axis=-2)).mean(axis=-1) / h.var(axis=-2).mean(axis=-1)))
        return found

    return np.stack([shifts_of(which) for which in functions], axis=1)


def _layers_of(
    which: float | str, x: np.ndarray, draws: Sequence[np.ndarray], normalised: bool = False
) -> Iterator[np.ndarray]:
    """The outputs of fresh layers, one after the other, for inputs whose own mean is taken away first."""
    compute, h = function_called(which), x - x.mean(axis=0)
    gain = gain_of(which) if isinstance(which, str) else leaky_relu_gain(which)
    for draw in draws:
        z = h @ (gain / np.sqrt(draw.shape[-2]) * draw)
        if normalised:
            z = (z - z.mean(axis=-2, keepdims=True)) / (z.std(axis=-2, keepdims=True) + 1e-9)
        h, _ = compute(z)
        yield h


def steps_to_learn(
    function: float | str, *, centred: bool = False, width: int = 64, networks: int = 10, seed: int = 0
) -> float:
    """Steps that gradient descent takes to learn a linear layer on top of a fresh one, on the digits.

    From weights 0, at the learning rate 1 / (steepest curvature), until what is left of the squared error
    is a hundredth of the target's variance, in the mean over targets that are random sums of the inputs.
    Along a direction of some curvature the error shrinks by ``1 - curvature / steepest`` in each step (Y.
    LeCun et al., "Efficient BackProp", 1998, section 5).

    Parameters
    ----------
    function : float or str
        A slope of Leaky ReLU, or a name of `leaky_lib.family.FAMILY`.
    centred : bool
        Whether each unit's mean is taken away before.
    width, networks : int
        Units of the fresh layer, and how many such layers; the mean over them is returned.
    seed : int
    """
    width, networks = whole_number("width", width, minimum=1), whole_number("networks", networks, minimum=1)
    check_memory(16 * networks * width * (width + 2048), width=width, networks=networks)
    rng = np.random.default_rng(whole_number("seed", seed, minimum=0))
    x, centred = datasets.load("digits").train_x, true_or_false("centred", centred)

    def steps(draw: np.ndarray) -> int:
        (h,) = _layers_of(function, x, [draw])
        h = h - h.mean(axis=0) if centred else h
        inputs = np.concatenate([h, np.ones((len(h), 1))], axis=1)
        curvature = np.linalg.eigvalsh(inputs.T @ inputs / len(inputs)).clip(0)
        left, enough = 1 - curvature / curvature[-1], 0.01 * h.var(axis=0).sum()
        return next(step for step in range(100_000) if (curvature * left ** (2 * step)).sum() <= enough)

    return float(np.mean([steps(draw) for draw in rng.standard_normal((networks, x.shape[1], width))]))


# --- Unbounded -------------------------------------------------------------------------------------

TAMING = ("nothing", "the right gain", "clipping", "normalising")


def _as_whole(depth: float) -> int:
    """A depth, also where it stands among numbers of another kind, and so is a float."""
    whole = isinstance(depth, float) and depth.is_integer()
    return whole_number("depth", int(depth) if whole else depth, minimum=1)


@experiment
def divergence(
    turned_up: str = "learning_rate",
    values: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
    *,
    alphas: Sequence[float] = (0.0, 0.01, 0.1, 0.3),
    tamed_by: str = "nothing",
    depth: int = 3,
    width: int = 16,
    learning_rate: float = 0.5,
    gain: float = 2**0.5,
    steps: int = 150,
    seeds: int = 10,
    seed: int = 0,
) -> Iterator[Result]:
    """Turn up the learning rate, the gain or the depth until networks diverge (moons, SGD).

    Parameters
    ----------
    turned_up : str
        ``"learning_rate"``, ``"gain"`` or ``"depth"``.
    values : sequence of float
        Its values, tried in rising order; the argument of that name counts for nothing then.
    alphas : sequence of float
        Slopes; networks of different slopes are twins.
    tamed_by : str
        One of `TAMING`: nothing; the right gain, that of each slope, instead of ``gain``; clipping of the
        gradients to a norm of 1, each layer's weights and its biases by themselves; or normalising the
        sums over the batch.
    depth, width, learning_rate, gain, steps : int or float
        Hidden layers, units in each, SGD's rate, spread of the weights times √fan_in, steps.
    seeds, seed : int
        Starts, each for all values and slopes, and the number that draws them.

    Returns
    -------
    Result
        Axes ``value``, ``alpha``, ``seed``; measures ``diverged``; ``layer_never_positive``, where all
        units of some hidden layer ended so; ``accuracy``. NaN where it was not trained yet.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above; at the call.
    """
    if turned_up not in ("learning_rate", "gain", "depth"):
        raise ValueError(f'turned_up must be "learning_rate", "gain" or "depth"; got {turned_up!r}')
    name_among("tamed_by", tamed_by, TAMING)
    tried = sequence("values", values)
    seeds = whole_number("seeds", seeds, minimum=1)
    steps = whole_number("steps", steps, minimum=1)
    moons = datasets.load("moons")
    slopes = several_slopes("alphas", alphas)
    turned = np.unique(real_numbers("values", tried).astype(float))

    def at(value: float) -> Iterator[Snapshot]:
        now = {"learning_rate": learning_rate, "gain": gain, "depth": depth, turned_up: value}
        drawn = leaky_relu_gain(slopes) if tamed_by == "the right gain" else now["gain"]
        start = initialise(
            dense_widths(moons, _as_whole(now["depth"]), width, seeds, len(slopes)),
            **{"seeds": seeds, "alpha": slopes, "gain": drawn, "seed": seed},
        )
        optimiser = SGD(now["learning_rate"])
        return train(
            replace(start, normalised=tamed_by == "normalising"),
            *(moons.train_x, moons.train_y),
            steps=steps,
            optimiser=Clipped(optimiser) if tamed_by == "clipping" else optimiser,
            every=steps,
            seconds=AIR_SECONDS,
        )

    networks = len(turned) * len(slopes) * seeds
    check_memory(72 * networks, values=turned.tolist(), alphas=slopes.tolist(), seeds=seeds)
    for value in turned:  # a bad one is said here
        at(value)

    yield None
    axes = {"value": tuple(turned.tolist()), "alpha": tuple(slopes.tolist()), "seed": tuple(range(seeds))}
    measures = ("diverged", "layer_never_positive", "accuracy")
    values = {measure: np.full((len(turned), len(slopes), seeds), np.nan) for measure in measures}

    def so_far(progress: float) -> Result:
        return Result(axes, {measure: array.copy() for measure, array in values.items()}, progress)

    for row, value in enumerate(turned):
        for now in at(value):
            if now.step < steps:
                yield so_far((row + now.step / steps) / len(turned))
        output, never = _at_the_end(now.ensemble, moons.train_x)
        diverged = now.diverged | ~np.isfinite(output).all(axis=(-2, -1))
        right = accuracy(now.ensemble, moons.test_x, moons.test_y)
        values["diverged"][row] = diverged
        values["layer_never_positive"][row] = np.where(diverged, np.nan, never)
        values["accuracy"][row] = np.where(diverged, np.nan, right)
        yield so_far((row + 1) / len(turned))


def _at_the_end(ensemble: Ensemble, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The output of every network for ``x``, and whether one of its hidden layers is never positive."""

    def look(part: Ensemble) -> tuple[np.ndarray, np.ndarray]:
        *hidden, output = forward(part, x).pre_activations
        return output, np.any([never_positive(z).all(axis=-1) for z in hidden], axis=0)

    output, never = (np.concatenate(kind) for kind in zip(*in_chunks(look, ensemble, len(x)), strict=True))
    return output.reshape(*ensemble.members, *output.shape[1:]), never.reshape(ensemble.members)
