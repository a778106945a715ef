"""Where a leak does not help: divergence, and what tames it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import real_numbers
from leaky_lib.arguments import check_memory, name_among, sequence, whole_number
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.networks import Ensemble, forward, in_chunks, initialise, several_slopes
from leaky_lib.optimisers import SGD
from leaky_lib.training import Snapshot, accuracy, train
from leaky_lib.units import never_positive


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


MOONS = datasets.moons()

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
    ended so), and ``"accuracy"`` on the test set. What is not named below is as in `training_death`.

    Parameters
    ----------
    turned_up, values : str, sequence of float
        ``"learning_rate"``, ``"gain"`` or ``"depth"``, and its values instead of the argument of that name.
    tamed_by : str
        ``"nothing"``; ``"the right gain"``, that of each slope; ``"clipping"`` of gradients, see `Clipped`;
        or ``"normalising"`` the pre-activations over the batch.
    """
    name_among("turned_up", turned_up, ("learning_rate", "gain", "depth"))
    name_among("tamed_by", tamed_by, TAMING)
    slopes = several_slopes("alphas", alphas)
    seeds, steps = whole_number("seeds", seeds, minimum=1), whole_number("steps", steps, minimum=1)
    turned = np.unique(real_numbers("values", sequence("values", values)).astype(float)).tolist()
    check_memory(72 * len(turned) * len(slopes) * seeds, values=turned, alphas=slopes.tolist(), seeds=seeds)

    def run(value: float) -> Iterator[Snapshot]:
        now = {"learning_rate": learning_rate, "gain": gain, "depth": depth}
        now[turned_up] = int(value) if turned_up == "depth" and value.is_integer() else value
        own_gain = None if tamed_by == "the right gain" else now["gain"]
        widths, normalised = MOONS.widths(now["depth"], width), tamed_by == "normalising"
        start = initialise(widths, seeds, slopes, own_gain, seed=seed, normalised=normalised)
        rule = (Clipped if tamed_by == "clipping" else SGD)(now["learning_rate"])
        return train(
            start, MOONS.train_x, MOONS.train_y, steps=steps, optimiser=rule, every=steps, pauses=True
        )

    for value in turned:  # a bad one is said here
        run(value)
    yield None
    axes = {"value": tuple(turned), "alpha": tuple(slopes.tolist()), "seed": tuple(range(seeds))}
    yield from _turned_up(run, axes, steps)


def _turned_up(
    run: Callable[[float], Iterator[Snapshot]], axes: dict[str, tuple], steps: int
) -> Iterator[Result]:
    """What has become of the networks so far, value after value."""
    shape = tuple(map(len, axes.values()))
    found = {name: np.full(shape, np.nan) for name in ("diverged", "layer_never_positive", "accuracy")}
    turned, differences = axes["value"], max(1, len(axes["value"]) * (len(axes["alpha"]) - 1))
    for row, value in enumerate(turned):
        for now in run(value):
            if now.step == steps:
                for name, measured in _at_the_end(now).items():
                    found[name][row] = measured
            so_far = {name: measured.copy() for name, measured in found.items()}
            progress = (row + now.step / steps) / len(turned)
            yield Result(axes, so_far, progress, comparisons=differences)


def _at_the_end(now: Snapshot) -> dict[str, np.ndarray]:
    """What became of every network."""

    def look(part: Ensemble) -> tuple[np.ndarray, np.ndarray]:
        *hidden, output = forward(part, MOONS.train_x).pre_activations
        never = np.any([never_positive(z).all(axis=-1) for z in hidden], axis=0)
        return ~np.isfinite(output).all(axis=(-2, -1)), never

    looks = zip(*in_chunks(look, now.ensemble, len(MOONS.train_x)), strict=True)
    infinite, never = (np.concatenate(kind).reshape(now.ensemble.members) for kind in looks)
    diverged = now.diverged | infinite
    return {
        "diverged": diverged,
        "layer_never_positive": np.where(diverged, np.nan, never),
        "accuracy": np.where(diverged, np.nan, accuracy(now.ensemble, MOONS.test_x, MOONS.test_y)),
    }
