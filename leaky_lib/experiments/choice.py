"""Sweeps: every slope, at every learning rate and depth, from the same starts; see notebook 04.

A comparison at one learning rate tells which slope likes that learning rate. So the learning rate is an
axis like the slope: each slope gets the one that is best for it on held-out training data, and the slopes
are compared there, on the test set.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from sys import platform

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.arguments import check_memory, finite_number, sequence, whole_number
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.family import SMOOTH
from leaky_lib.networks import initialise
from leaky_lib.optimisers import optimiser_called
from leaky_lib.progress import last_of
from leaky_lib.training import (
    Learned,
    Random,
    Snapshot,
    accuracy,
    mean_loss,
    train,
)

Slope = float | str
"""A number; ``"PReLU"`` (learned, one per layer) or ``"RReLU"`` (random in training); or a relative with a
curve for a slope: ``"ELU"``, ``"GELU"``, ``"SiLU"``."""

KINDS = ("PReLU", "RReLU", *SMOOTH)

LEARNED_START = 0.25
"""Where PReLU's slopes start: He et al. (2015), section 2.1."""

RANDOM_AT_TEST = 2 / (Random().low + Random().high)
"""RReLU at test time: Xu et al. (2015), section 2.4. Theirs is a range of divisors; PyTorch draws the slope
itself evenly from 1/8 to 1/3, which is not the same."""

HELD_OUT = 0.2
"""Share of the training examples that no network is trained on, and that choose the learning rates."""

MEASURES = ("held_out_loss", "accuracy", "diverged")

LOOKS_PER_PART = 40
"""How often a part says how far it is, and can be stopped."""

BYTES_PER_NETWORK = 512
"""What a sweep keeps of a network, in several copies, and of the work while it waits."""

Part = tuple[int, int]
"""Depth and start. All its slopes and learning rates are trained together, with batches in an order of its
own, so that the numbers do not depend on who trains it."""

Measured = dict[str, np.ndarray]
"""Of a part: each measure, shape (alphas, learning_rates); empty until it is trained."""


@experiment
def sweep(
    *,
    data: str = "digits",
    alphas: Sequence[Slope] = (0.0, 0.01, 0.1, 0.3, 0.5, 1.0),
    depths: Sequence[int] = (2,),
    learning_rates: Sequence[float] = (0.03, 0.1, 0.3),
    width: int = 32,
    network: str = "dense",
    optimiser: str = "sgd",
    steps: int = 800,
    batch: int | None = None,
    seeds: int = 20,
    seed: int = 0,
    gain: float | None = None,
    executor: Executor | None = None,
) -> Iterator[Result | None]:
    """Train every slope at every learning rate and depth from every seed.

    A result has of every network ``"held_out_loss"`` (cross-entropy on the fifth of the training examples
    that none is trained on), ``"accuracy"`` on the test set, and ``"diverged"``;
    ``result.at_best_rate()`` has them with each slope at its own learning rate.

    Parameters
    ----------
    alphas : sequence of Slope
        Numbers, ``"PReLU"``, ``"RReLU"``, ``"ELU"``, ``"GELU"``, ``"SiLU"``; the first is the baseline.
    depths : sequence of int
        Numbers of hidden layers, or of convolutions.
    data, width, network, optimiser, steps, batch, seeds, seed, gain
        As in `training_death`; the gain is that of each slope by default.
    executor : concurrent.futures.Executor, optional
        Who trains: a process pool, or ``Client.get_executor()`` of a Dask cluster. By default this process
        with all of its cores. The numbers are the same.
    """
    alphas = _different("alphas", map(_checked_slope, sequence("alphas", alphas)))
    depths = _different("depths", (whole_number("depths", d, 1) for d in sequence("depths", depths)))
    rates = _checked_rates(learning_rates)
    if not (executor is None or hasattr(executor, "submit")):
        kind = type(executor).__name__
        raise TypeError(f"executor must be one of concurrent.futures, or alike, or None; got {kind}")
    networks = len(depths) * len(alphas) * len(rates) * whole_number("seeds", seeds, minimum=1)
    needed = BYTES_PER_NETWORK * networks
    check_memory(needed, seeds=seeds, alphas=alphas, depths=depths, learning_rates=rates)
    gain = None if gain is None else finite_number("gain", gain)
    recipe = Recipe(data, alphas, rates, width, network, optimiser, steps, batch, seed, gain)
    next(recipe.follow(max(depths), start=0))  # a bad setting is said here
    yield None
    yield from _results(recipe, depths, seeds, executor)


def _different(name: str, values: Iterator) -> tuple:
    values = tuple(values)
    if len(set(values)) < len(values):
        raise ValueError(f"{name} must be different from each other; got {values}")
    return values


def _checked_rates(rates: Sequence[float]) -> tuple[float, ...]:
    listed = [
        finite_number("learning_rates", rate, "greater than 0", lambda rate: rate > 0)
        for rate in sequence("learning_rates", rates)
    ]
    return tuple(sorted(_different("learning_rates", listed)))


def _checked_slope(alpha: Slope) -> Slope:
    if isinstance(alpha, str) and alpha in KINDS:
        return alpha
    if isinstance(alpha, str):
        raise ValueError(f"alphas must be numbers, or among {', '.join(KINDS)}; got {alpha!r}")
    return finite_number("alphas", alpha)


@dataclass(frozen=True)
class Recipe:
    """How the networks of a sweep are made and trained, whatever their depth and start."""

    data: str
    alphas: tuple[Slope, ...]
    learning_rates: tuple[float, ...]
    width: int
    network: str
    optimiser: str
    steps: int
    batch: int | None
    seed: int
    gain: float | None

    def follow(
        self, depth: int, start: int, threads: int | None = None
    ) -> Iterator[tuple[float, Measured]]:
        """Train a part: the share that is done, again and again, and at the end what was measured."""
        dataset, held_x, held_y = datasets.hold_out(datasets.classification(self.data), HELD_OUT)
        measured = {name: np.empty((len(self.alphas), len(self.learning_rates))) for name in MEASURES}
        rows_done = 0
        for rows, run in list(self._runs(dataset, depth, start, threads)):
            for now in run:
                yield (rows_done + len(rows) * now.step / self.steps) / len(self.alphas), {}
            loss = mean_loss(now.ensemble, dataset.train_x, dataset.train_y, threads)
            diverged = now.diverged | ~np.isfinite(loss)
            known = {
                "held_out_loss": mean_loss(now.ensemble, held_x, held_y, threads),
                "accuracy": accuracy(now.ensemble, dataset.test_x, dataset.test_y, threads),
            }
            for name, values in known.items():
                measured[name][rows] = np.where(diverged, np.nan, values).reshape(len(rows), -1)
            measured["diverged"][rows] = diverged.reshape(len(rows), -1)
            rows_done += len(rows)
        yield 1.0, measured

    def to_the_end(self, depth: int, start: int) -> Measured:
        """What is measured of a part, for another process to find out."""
        _, measured = last_of(self.follow(depth, start, threads=1))
        return measured

    def _runs(
        self, dataset: datasets.Dataset, depth: int, start: int, threads: int | None
    ) -> Iterator[tuple[list[int], Iterator[Snapshot]]]:
        """The training runs, not begun, each with the rows of ``alphas`` that it trains."""
        numbers = [row for row, alpha in enumerate(self.alphas) if not isinstance(alpha, str)]
        if numbers:
            yield numbers, self._run(dataset, depth, start, threads, [self.alphas[row] for row in numbers])
        for row, kind in enumerate(self.alphas):
            if kind == "PReLU":
                yield [row], self._run(dataset, depth, start, threads, [LEARNED_START], slopes=Learned())
            elif kind == "RReLU":
                yield [row], self._run(dataset, depth, start, threads, [RANDOM_AT_TEST], slopes=Random())
            elif kind in SMOOTH:
                yield [row], self._run(dataset, depth, start, threads, [0.0], function=kind)

    def _run(
        self,
        dataset: datasets.Dataset,
        depth: int,
        start: int,
        threads: int | None,
        alphas: list[float],
        slopes: Learned | Random | None = None,
        function: str | None = None,
    ) -> Iterator[Snapshot]:
        rates = np.tile(self.learning_rates, len(alphas))[:, None]
        return train(
            initialise(
                dataset.widths(depth, self.width),
                seeds=range(start, start + 1),
                alpha=np.repeat(alphas, len(self.learning_rates)),
                gain=self.gain,
                seed=self.seed,
                network=self.network,
                function=function,
            ),
            dataset.train_x,
            dataset.train_y,
            steps=whole_number("steps", self.steps, minimum=1),
            optimiser=optimiser_called(self.optimiser, rates),
            batch=50 if self.batch is None and self.data == "digits" else self.batch,
            every=max(1, self.steps // LOOKS_PER_PART),
            slopes=slopes,
            seed=int(np.random.SeedSequence((self.seed, start)).generate_state(1)[0]),
            threads=threads,
        )


def _results(
    recipe: Recipe, depths: tuple[int, ...], seeds: int, executor: Executor | None
) -> Iterator[Result]:
    """What is known so far, whenever a part comes further."""
    axes = {
        "depth": depths,
        "alpha": recipe.alphas,
        "learning_rate": recipe.learning_rates,
        "seed": tuple(range(seeds)),
    }
    shape = tuple(map(len, axes.values()))
    found = {name: np.full(shape, np.nan) for name in MEASURES}
    done = {(depth, start): 0.0 for start in range(seeds) for depth in depths}
    parts = list(done)
    working = _one_by_one(recipe, parts) if executor is None else _handed_out(recipe, parts, executor)
    for (depth, start), share, measured in working:
        for name, values in measured.items():
            found[name][depths.index(depth), :, :, start] = values
        done[depth, start] = share
        so_far = {name: values.copy() for name, values in found.items()}
        differences = (len(recipe.alphas) - 1) * len(depths)
        yield Result(axes, so_far, sum(done.values()) / len(done), comparisons=differences)


def _one_by_one(recipe: Recipe, parts: list[Part]) -> Iterator[tuple[Part, float, Measured]]:
    """Every part in turn, with the share of it done, on all cores where the networks are large enough.

    Two parts of small networks at a time take half as long again as one after the other: their threads
    hand Python's lock to and fro.
    """
    for part in parts:
        for share, measured in recipe.follow(*part):
            yield part, share, measured


def _handed_out(
    recipe: Recipe, parts: list[Part], executor: Executor
) -> Iterator[tuple[Part, float, Measured]]:
    """Every part in order, once it is done; closed early, it cancels what is not begun."""
    futures = []
    try:
        for part in parts:
            futures.append(executor.submit(recipe.to_the_end, *part))
        for part, future in zip(parts, futures, strict=True):
            yield part, 1.0, future.result()
    finally:
        for future in futures:
            future.cancel()


def worker_pool(workers: int) -> AbstractContextManager[Executor | None]:
    """Processes to train a sweep, for a ``with`` statement; none in the browser, where Python has none."""
    workers = whole_number("workers", workers, minimum=1, maximum=61)  # Windows takes no more
    if platform == "emscripten":
        return nullcontext()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Not forked: a fork of a process with threads, which a kernel is, can hang.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
