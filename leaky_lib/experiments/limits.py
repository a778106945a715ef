"""Where a leak does not help: the shift of the mean, divergence and what tames it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu_gain, real_numbers
from leaky_lib.arguments import check_memory, name_among, sequence, true_or_false, whole_number
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.family import function_called, gain_of
from leaky_lib.networks import Ensemble, forward, in_chunks, initialise, several_slopes
from leaky_lib.optimisers import SGD
from leaky_lib.training import Snapshot, accuracy, train
from leaky_lib.units import never_positive

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

    Every pixel's own mean is taken away first, so that the shift is the functions' work. Each function's
    weights have its own gain, from the same draws.

    Parameters
    ----------
    functions : sequence of float or str
        Slopes of Leaky ReLU, or names of `leaky_lib.family.FAMILY`.
    layers, width, networks : int
        Hidden layers, units in each, and networks per function.
    normalised : bool
        Whether every unit's pre-activations are brought to mean 0 and variance 1.
    seed : int

    Returns
    -------
    ndarray, shape (layers, functions, networks)
        Root mean square, over a layer's units, of the mean over the examples, divided by that of the
        standard deviation.
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

    def shift(h: np.ndarray) -> np.ndarray:
        return np.sqrt(np.square(h.mean(axis=-2)).mean(axis=-1) / h.var(axis=-2).mean(axis=-1))

    of_each = [list(map(shift, _layers_of(which, x, draws, normalised))) for which in functions]
    return np.stack(of_each, axis=1)


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
    is a hundredth of the target's variance, in the mean over targets that are random sums of the inputs,
    and over ``networks`` fresh layers. Along a direction of some curvature the error shrinks by
    ``1 - curvature / steepest`` in each step (Y. LeCun et al., "Efficient BackProp", 1998, section 5).

    Parameters
    ----------
    function : float or str
        A slope of Leaky ReLU, or a name of `leaky_lib.family.FAMILY`.
    centred : bool
        Whether each unit's mean is taken away before.
    width, networks, seed : int
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


@dataclass(frozen=True)
class Clipped(SGD):
    """Gradient descent on gradients cut to a norm of ``limit``, network by network.

    Of each layer the weights' gradient and the biases' are cut, each by itself.
    R. Pascanu et al., 2013, algorithm 1 (arXiv:1211.5063), there for all layers at once.
    """

    limit: float = 1.0

    def update(self, parameter, gradient, memory, rate, step) -> None:
        """Take one step; see `Optimiser`."""
        norm = np.sqrt(np.square(gradient, dtype=np.float64).sum(axis=(-2, -1), keepdims=True))
        gradient *= np.minimum(1, self.limit / np.maximum(norm, 1e-30)).astype(gradient.dtype)
        super().update(parameter, gradient, memory, rate, step)


TAMING = ("nothing", "the right gain", "clipping", "normalising")


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
) -> Iterator[Result | None]:
    """Turn up the learning rate, the gain or the depth until networks diverge (moons, SGD).

    A result has of every network ``"diverged"``, ``"layer_never_positive"`` (all units of some hidden layer
    ended so), and ``"accuracy"`` on the test set: ``result.share("diverged", value=4, alpha=0.1)``.

    Parameters
    ----------
    turned_up : str
        ``"learning_rate"``, ``"gain"`` or ``"depth"``.
    values : sequence of float
        Its values, tried in rising order; the argument of that name counts for nothing then.
    alphas : sequence of float
        Slopes; networks of different slopes are twins.
    tamed_by : str
        ``"nothing"``; ``"the right gain"``, that of each slope, instead of ``gain``; ``"clipping"`` of the
        gradients to a norm of 1, each layer's weights and its biases by themselves; or ``"normalising"``
        the pre-activations over the batch.
    depth, width, learning_rate, gain, steps : int or float
        Hidden layers, units in each, SGD's rate, spread of the weights times √fan_in, steps.
    seeds, seed : int
        Starts, each for all values and slopes, and the number that draws them.
    """
    name_among("turned_up", turned_up, ("learning_rate", "gain", "depth"))
    name_among("tamed_by", tamed_by, TAMING)
    values, slopes = sequence("values", values), several_slopes("alphas", alphas)
    seeds, steps = whole_number("seeds", seeds, minimum=1), whole_number("steps", steps, minimum=1)
    turned = tuple(np.unique(real_numbers("values", values).astype(float)).tolist())
    check_memory(72 * len(turned) * len(slopes) * seeds, values=turned, alphas=slopes.tolist(), seeds=seeds)
    moons = datasets.load("moons")

    def run(value: float) -> Iterator[Snapshot]:
        now = {"learning_rate": learning_rate, "gain": gain, "depth": depth, turned_up: value}
        if turned_up == "depth" and value.is_integer():
            now["depth"] = int(value)
        start = initialise(
            moons.widths(now["depth"], width),
            seeds=seeds,
            alpha=slopes,
            gain=leaky_relu_gain(slopes) if tamed_by == "the right gain" else now["gain"],
            seed=seed,
            normalised=tamed_by == "normalising",
        )
        optimiser = Clipped if tamed_by == "clipping" else SGD
        return train(
            start,
            moons.train_x,
            moons.train_y,
            steps=steps,
            optimiser=optimiser(now["learning_rate"]),
            every=steps,
            pauses=True,
        )

    for value in turned:  # a bad one is said here
        run(value)
    yield None
    axes = {"value": turned, "alpha": tuple(slopes.tolist()), "seed": tuple(range(seeds))}
    shape = tuple(map(len, axes.values()))
    found = {name: np.full(shape, np.nan) for name in ("diverged", "layer_never_positive", "accuracy")}
    for row, value in enumerate(turned):
        for now in run(value):
            if now.step == steps:
                for name, measured in _at_the_end(now, moons).items():
                    found[name][row] = measured
            so_far = {name: measured.copy() for name, measured in found.items()}
            differences = max(1, len(turned) * (len(slopes) - 1))
            yield Result(axes, so_far, (row + now.step / steps) / len(turned), comparisons=differences)


def _at_the_end(now: Snapshot, dataset: datasets.Dataset) -> dict[str, np.ndarray]:
    """What became of every network."""

    def look(part: Ensemble) -> tuple[np.ndarray, np.ndarray]:
        *hidden, output = forward(part, dataset.train_x).pre_activations
        never = np.any([never_positive(z).all(axis=-1) for z in hidden], axis=0)
        return ~np.isfinite(output).all(axis=(-2, -1)), never

    ensemble, examples = now.ensemble, len(dataset.train_x)
    kinds = zip(*in_chunks(look, ensemble, examples), strict=True)
    infinite, never = (np.concatenate(kind).reshape(ensemble.members) for kind in kinds)
    diverged = now.diverged | infinite
    right = np.where(diverged, np.nan, accuracy(ensemble, dataset.test_x, dataset.test_y))
    never = np.where(diverged, np.nan, never)
    return {"diverged": diverged, "layer_never_positive": never, "accuracy": right}
