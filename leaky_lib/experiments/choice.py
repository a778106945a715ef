"""Choosing a slope: sweeps over slopes, learning rates and depths; the ends; the signal through depth.

A comparison at one learning rate tells which slope likes that learning rate. So the learning rate is an
axis like the slope: each slope gets the one that is best for it on held-out training data, and the slopes
are compared there, on the test set.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from itertools import islice
from math import prod
from pathlib import Path
from sys import platform

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu, leaky_relu_gain
from leaky_lib.arguments import (
    check_memory,
    finite_number,
    name_among,
    sequence,
    whole_number,
)
from leaky_lib.family import SMOOTH
from leaky_lib.intervals import Estimate
from leaky_lib.networks import Ensemble, check_network, dense_widths, fresh, initialise, several_slopes
from leaky_lib.parallel import on_all_cores, usable_threads
from leaky_lib.progress import last_of, plain
from leaky_lib.tables import Table, name_of, row_of
from leaky_lib.training import LEARNED_RATE, Snapshot, accuracy, keeping, mean_loss, optimiser_called, train

__all__ = ["Signal", "Slope", "Sweep", "ends", "signal", "sweep", "sweep_live", "worker_pool"]

Slope = float | str
"""A number; ``"PReLU"`` (learned, one per layer) or ``"RReLU"`` (random in training); or a relative with a
curve for a slope: ``"ELU"``, ``"GELU"``, ``"SiLU"``."""

LEARNED_START = 0.25
"""Where PReLU's slopes start: He et al. (2015), section 2.1."""

RANDOM_DIVISORS = (3.0, 8.0)
"""RReLU's range: Xu et al. (2015), section 2.4. Theirs is a range of divisors; PyTorch draws the slope
itself evenly from 1/8 to 1/3, which is not the same."""

RANDOM_AT_TEST = 2 / sum(RANDOM_DIVISORS)

LOOKS_PER_PART = 40
"""How often a part says how far it is, and can be stopped."""

KINDS = ("PReLU", "RReLU", *SMOOTH)

BYTES_PER_NETWORK, BYTES_PER_PART = 96, 1024
"""What a sweep keeps of a network, in several copies, and of a part of its work while it waits."""


@dataclass(frozen=True)
class Sweep:
    """What `sweep` found. Networks with one depth and one seed are twins: same start, same batches.

    Attributes
    ----------
    settings : dict
        The arguments that made it.
    alphas : tuple of Slope
        The first is the baseline that the others are paired with.
    depths : tuple of int
        Numbers of hidden layers.
    learning_rates : tuple of float
        In rising order.
    held_out_loss, accuracy : ndarray, shape (depths, alphas, learning_rates, seeds)
        At the end: cross-entropy on the training examples that were held out, and accuracy on the test
        set. NaN where a network diverged or was not trained yet.
    diverged : ndarray of bool, shape (depths, alphas, learning_rates, seeds)
        True where parameters or outputs are no longer finite.
    progress : float
        Share of the training that is done, 0 to 1.
    """

    settings: dict[str, object]
    alphas: tuple[Slope, ...]
    depths: tuple[int, ...]
    learning_rates: tuple[float, ...]
    held_out_loss: np.ndarray
    accuracy: np.ndarray
    diverged: np.ndarray
    progress: float

    @property
    def trained(self) -> np.ndarray:
        """Which networks have been trained: bool, shape (depths, alphas, learning_rates, seeds)."""
        return self.diverged | ~np.isnan(self.accuracy)

    def at(self, depth: int | None = None, learning_rate: float | None = None) -> "Sweep":
        """The part of a sweep at one depth, at one learning rate, or both."""
        rows, columns = slice(None), slice(None)
        if depth is not None:
            row = row_of(self.depths, depth, "depth")
            rows = slice(row, row + 1)
        if learning_rate is not None:
            column = row_of(self.learning_rates, learning_rate, "learning_rate")
            columns = slice(column, column + 1)
        part = (each[rows, :, columns] for each in (self.held_out_loss, self.accuracy, self.diverged))
        return Sweep(
            self.settings,
            self.alphas,
            self.depths[rows],
            self.learning_rates[columns],
            *part,
            self.progress,
        )

    def best_rate(self, alpha: Slope, depth: int) -> float:
        """The learning rate with the least mean loss on held-out training examples.

        Of those, that is, at which the fewest networks diverged. The loss tells learning rates apart where
        all answers are right, and the test set has no say.
        """
        row, column = row_of(self.depths, depth, "depth"), row_of(self.alphas, alpha)
        loss, diverged = self.held_out_loss[row, column], self.diverged[row, column].sum(axis=-1)
        mean = np.ma.array(loss, mask=np.isnan(loss)).mean(axis=-1).filled(np.inf)
        return self.learning_rates[int(np.lexsort((mean, diverged))[0])]

    def _of(self, values: np.ndarray, alpha: Slope, depth: int, learning_rate: float | None) -> np.ndarray:
        """One number per seed, at the slope's own best learning rate or at the one that is given."""
        chosen = self.best_rate(alpha, depth) if learning_rate is None else learning_rate
        row, column = row_of(self.depths, depth, "depth"), row_of(self.alphas, alpha)
        return values[row, column, row_of(self.learning_rates, chosen, "learning_rate")]

    def mean(self, alpha: Slope, depth: int, learning_rate: float | None = None) -> Estimate:
        """Test accuracy over the networks that did not diverge; see `best_rate` for the default."""
        values = self._of(self.accuracy, alpha, depth, learning_rate)
        return Estimate.of_mean(values[~np.isnan(values)], within=(0, 1))

    def paired(self, alpha: Slope, depth: int, learning_rate: float | None = None) -> Estimate:
        """Test accuracy minus that of the baseline twin, over the twins of which neither diverged.

        By default each is taken at its own best learning rate. The intervals hold together: with a chance
        of 95 % *all* of a sweep's differences, over its slopes and depths, lie within theirs.
        """
        baseline = self._of(self.accuracy, self.alphas[0], depth, learning_rate)
        values = self._of(self.accuracy, alpha, depth, learning_rate) - baseline
        return Estimate.of_mean(values[~np.isnan(values)], comparisons=self.comparisons)

    @property
    def comparisons(self) -> int:
        """How many differences from the baseline it answers for: one per other slope and depth."""
        return max(1, (len(self.alphas) - 1) * len(self.depths))

    def count_diverged(self, alpha: Slope, depth: int, learning_rate: float | None = None) -> int:
        """How many networks of one slope and depth diverged; see `best_rate` for the default."""
        return int(self._of(self.diverged, alpha, depth, learning_rate).sum())

    def summary(self, *measures: str) -> Table:
        """One row per depth and slope, each slope at its own best learning rate.

        Parameters
        ----------
        *measures : str
            Of ``"learning rate"``, ``"diverged"``, ``"accuracy"`` and ``"minus its twin's"``; by default
            all, in this order. The depth is named where there are several.
        """
        columns: dict[str, Callable[[Slope, int], str]] = {
            "hidden layers": lambda alpha, depth: str(depth),
            "network": lambda alpha, depth: name_of(alpha),
            "learning rate": lambda alpha, depth: f"{self.best_rate(alpha, depth):g}",
            "diverged": lambda alpha, depth: (
                f"{self.count_diverged(alpha, depth)} of {self._of(self.trained, alpha, depth, None).sum()}"
            ),
            "accuracy": lambda alpha, depth: f"{self.mean(alpha, depth):.3f}",
            "minus its twin's": lambda alpha, depth: (
                "(the baseline)" if alpha == self.alphas[0] else f"{self.paired(alpha, depth):+.3f}"
            ),
        }
        first, *offered = columns
        measures = [name_among("measures", name, offered[1:]) for name in measures or offered[1:]]
        chosen = [first, "network", *measures] if len(self.depths) > 1 else ["network", *measures]
        heads = ("test accuracy" if name == "accuracy" else name for name in chosen)
        rows = (
            tuple(columns[name](alpha, depth) for name in chosen)
            for depth in self.depths
            for alpha in self.alphas
        )
        return Table(tuple(heads), tuple(rows))

    def to_csv(self, path: str | Path) -> Path:
        """Write one line per trained network, with the settings it was trained under; returns the path."""
        path = Path(path)
        axes = ("alphas", "depths", "learning_rates", "seeds")
        told = {name: value for name, value in self.settings.items() if name not in axes}
        told["batch"] = _batch_of(datasets.classification(told["data"]), told["batch"]) or "all"
        told["gain"] = "of each slope" if told["gain"] is None else told["gain"]
        measures = ("diverged", "held_out_loss", "test_accuracy")
        with path.open("w", newline="", encoding="utf-8") as file:
            write = csv.writer(file).writerow
            write([*told, "depth", "alpha", "learning_rate", "seed_number", *measures])
            for at in zip(*np.nonzero(self.trained), strict=True):
                places = self.depths[at[0]], self.alphas[at[1]], self.learning_rates[at[2]], at[3]
                measured = self.diverged[at], self.held_out_loss[at], self.accuracy[at]
                write([*told.values(), *places, *measured])
        return path


def _batch_of(dataset: datasets.Dataset, asked: int | None) -> int | None:
    """Examples per step: by default 50 of the digits, and None, which is all, of another data set."""
    return 50 if asked is None and dataset.name == "digits" else asked


def sweep_live(
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
    bias: float = 0.0,
    normalised: bool = False,
    warm_up: int = 0,
    held_out: float = 0.2,
    executor: Executor | None = None,
    kept: Sweep | None = None,
) -> Iterator[Sweep]:
    """Train every slope at every learning rate and depth from every seed, and yield what is known so far.

    The work is cut into parts: one start at one depth, with all its slopes and learning rates in one
    stacked run and an order of the batches of its own. The numbers do not depend on who computes them.

    Parameters
    ----------
    data : str
        A classification of `leaky_lib.data`: ``"moons"``, ``"spirals"`` or ``"digits"``.
    alphas : sequence of Slope
        Numbers, ``"PReLU"``, ``"RReLU"``, ``"ELU"``, ``"GELU"``, ``"SiLU"``; the first is the baseline.
    depths : sequence of int
        Numbers of hidden layers, or of convolutions.
    learning_rates : sequence of float
        Each greater than 0.
    width : int
        Units, or channels, in each layer.
    network : str
        ``"dense"`` or ``"convolutional"``; the latter takes digits only.
    optimiser : str
        ``"sgd"``, ``"momentum"`` or ``"adam"``.
    steps : int
        Parameter updates.
    batch : int, optional
        Examples per step; 50 for digits, all of them for toy data, by default.
    seeds : int
        Starts, each for all slopes, learning rates and depths.
    seed : int
        Of the weights, the batches and the dice. Same seed, same result.
    gain : float, optional
        Of the weights' standard deviation; by default the one that keeps the signal's size, for each
        network's own slope. Twins then differ by that factor as well.
    bias : float
        Every bias at the start.
    normalised : bool
        Batch normalisation before every activation; see `leaky_lib.networks.Ensemble`.
    warm_up : int
        Steps over which the learning rate rises evenly to its value.
    held_out : float
        Share of the training examples that no network is trained on, and that choose the learning rates.
    executor : concurrent.futures.Executor, optional
        Who computes the parts: a process pool, or ``Client.get_executor()`` of a Dask cluster. Without
        one, this process and all of its cores.
    kept : Sweep, optional
        What an earlier call with the same settings got done; only the rest is trained.

    Yields
    ------
    Sweep

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above.
    Exception, KeyboardInterrupt
        Later, if the executor is closed or loses a worker, or somebody stops the run; ``result`` of the
        error is what was trained until then, to be handed in as ``kept``.
    """
    settings = {name: value for name, value in locals().items() if name not in ("executor", "kept")}
    alphas = _different("alphas", map(_checked_slope, sequence("alphas", alphas)))
    depths = _different("depths", (whole_number("depths", d, 1) for d in sequence("depths", depths)))
    rates = (_above_0("learning_rates", rate) for rate in sequence("learning_rates", learning_rates))
    learning_rates = tuple(sorted(_different("learning_rates", rates)))
    seeds, steps = whole_number("seeds", seeds, minimum=1), whole_number("steps", steps, minimum=1)
    check_network(network, datasets.classification(data))
    if gain is not None:
        finite_number("gain", gain)
    if not (executor is None or hasattr(executor, "submit")):
        kind = type(executor).__name__
        raise TypeError(f"executor must be one of concurrent.futures, or alike, or None; got {kind}")
    axes = {"alphas": alphas, "depths": depths, "learning_rates": learning_rates}
    if kept is not None:
        _check_kept(kept, {**settings, **axes})
    cores = usable_threads() if executor is None else 1
    shape = len(depths), len(alphas), len(learning_rates), seeds
    needed = BYTES_PER_NETWORK * prod(shape) + BYTES_PER_PART * len(depths) * seeds
    check_memory(needed, seeds=seeds, **axes)
    whole = _Part({**settings, **axes}, max(depths), start=0)
    for _ in whole.runs():  # a bad setting is said here, not in a part
        pass
    parts = [replace(whole, depth=depth, start=start) for start in range(seeds) for depth in depths]

    def results() -> Iterator[Sweep]:
        found = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, False)
        if kept is not None:
            found = kept.held_out_loss.copy(), kept.accuracy.copy(), kept.diverged.copy()

        def place(part: _Part) -> tuple[object, ...]:
            return depths.index(part.depth), slice(None), slice(None), part.start

        def so_far() -> Sweep:
            copies = (each.copy() for each in found)
            done = sum(shares.values()) / len(parts)
            return Sweep(settings, alphas, depths, learning_rates, *copies, done)

        waiting = [part for part in parts if kept is None or not kept.trained[place(part)].all()]
        shares = dict.fromkeys(parts, 1.0) | dict.fromkeys(waiting, 0.0)
        if kept is not None:
            yield so_far()
        working = _side_by_side(waiting, cores) if executor is None else _handed_out(waiting, executor)
        for part, share, measured in working:
            if measured is not None:
                for each, new in zip(found, measured, strict=True):
                    each[place(part)] = new
            shares[part] = share
            yield so_far()

    return keeping(
        results(),
        lambda result: f"{result.trained.sum():,} of {result.trained.size:,} networks",
        "To go on: the same settings, what was kept (kept=kept), and an executor that is open, or none.",
    )


sweep = plain(sweep_live)


def _different(name: str, values: Iterator) -> tuple:
    values = tuple(values)
    if len(set(values)) < len(values):
        raise ValueError(f"{name} must be different from each other; got {values}")
    return values


def _above_0(name: str, value: object) -> float:
    return finite_number(name, value, "greater than 0", lambda number: number > 0)


def _checked_slope(alpha: Slope) -> Slope:
    allowed = f"alphas must be numbers, or among {', '.join(KINDS)}; got {alpha!r}"
    if isinstance(alpha, str):
        if alpha not in KINDS:
            raise ValueError(allowed)
        return alpha
    if isinstance(alpha, bool) or not np.isscalar(alpha) or not np.isrealobj(alpha):
        raise TypeError(allowed)
    return finite_number("alphas", alpha)


def _check_kept(kept: Sweep, asked: dict[str, object]) -> None:
    """Refuse what is no sweep of the same settings."""
    if not isinstance(kept, Sweep):
        raise TypeError(f"kept must be a Sweep, the result of a stopped one; got {type(kept).__name__}")
    axes = {"alphas": kept.alphas, "depths": kept.depths, "learning_rates": kept.learning_rates}
    had = {**kept.settings, **axes}
    if others := [f"{name}={had[name]!r}" for name in asked if had[name] != asked[name]]:
        raise ValueError(f"kept must be a result of the same settings; it has {', '.join(others)}")


def worker_pool(workers: int) -> Executor:
    """Processes for a sweep's parts; in the browser, where Python has none, this process stands in.

    Use it in a ``with`` statement, so that the processes end.
    """
    workers = whole_number("workers", workers, minimum=1, maximum=61)  # Windows takes no more
    if platform == "emscripten":
        return _ThisProcess()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Not forked: a fork of a process with threads, which a kernel is, can hang.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


class _ThisProcess(Executor):
    def submit(self, work: Callable, /, *args: object, **kwargs: object) -> Future:
        future = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


# --- A part of the work ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Part:
    """One start at one depth, with all slopes and learning rates; small enough for another process."""

    settings: Mapping[str, object]
    depth: int
    start: int

    @property
    def alphas(self) -> tuple[Slope, ...]:
        return self.settings["alphas"]

    @property
    def learning_rates(self) -> tuple[float, ...]:
        return self.settings["learning_rates"]

    def data(self) -> tuple[datasets.Dataset, np.ndarray, np.ndarray]:
        """The data set without the training examples that are held out, and these with their labels."""
        dataset = datasets.classification(self.settings["data"])
        return datasets.hold_out(dataset, self.settings["held_out"])

    def runs(self) -> Iterator[tuple[list[int], Iterator[Snapshot]]]:
        """The training runs, not begun, each with the rows of ``alphas`` that it trains."""
        alone = [row for row, kind in enumerate(self.alphas) if kind == "RReLU" or kind in SMOOTH]
        stacked = [row for row in range(len(self.alphas)) if row not in alone]
        if stacked:
            kinds = [self.alphas[row] for row in stacked]
            learned = [LEARNED_RATE if kind == "PReLU" else 0.0 for kind in kinds]
            slopes = [LEARNED_START if kind == "PReLU" else kind for kind in kinds]
            per_network = np.repeat(learned, len(self.learning_rates))[:, None]
            yield stacked, self._run(slopes, learn_alpha=per_network)
        for row in alone:
            kind = self.alphas[row]
            if kind == "RReLU":  # its dice want a slope for every pre-activation
                yield [row], self._run([RANDOM_AT_TEST], random_alpha=RANDOM_DIVISORS)
            else:
                yield [row], self._run([0.0], function=kind)

    @property
    def order(self) -> int:
        """The seed of the batches and of the dice."""
        mixed = np.random.SeedSequence((self.settings["seed"], self.start))
        return int(mixed.generate_state(1)[0])

    def _run(
        self, slopes: Sequence[float], function: str | None = None, **kind: object
    ) -> Iterator[Snapshot]:
        """Train the networks of some slopes at all learning rates: members (slopes * learning_rates, 1)."""
        settings, rates = self.settings, self.learning_rates
        dataset, _, _ = self.data()
        networks = fresh(
            settings["network"],
            dense_widths(dataset, self.depth, settings["width"], slopes=len(slopes) * len(rates)),
            seeds=range(self.start, self.start + 1),
            alpha=np.repeat(np.array(slopes, dtype=float), len(rates)),
            gain=settings["gain"],
            bias=settings["bias"],
            seed=settings["seed"],
            normalised=settings["normalised"],
            function=function,
        )
        optimiser = optimiser_called(
            settings["optimiser"], np.tile(rates, len(slopes))[:, None], settings["warm_up"]
        )
        return train(
            networks,
            dataset.train_x,
            dataset.train_y,
            steps=settings["steps"],
            optimiser=optimiser,
            batch=_batch_of(dataset, settings["batch"]),
            every=max(1, settings["steps"] // LOOKS_PER_PART),
            seed=self.order,
            threads=1,
            **kind,
        )


Measured = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Loss on held-out, accuracy on test examples, and whether diverged: each (alphas, learning_rates)."""


def _train_part(part: _Part) -> Measured:
    """All of a part, for another process to do."""
    _, measured = last_of(_train_part_live(part))
    return measured


def _train_part_live(part: _Part) -> Iterator[tuple[float, Measured | None]]:
    """The share of a part that is done, again and again; at the end with what was measured."""
    dataset, held_x, held_y = part.data()
    shape = len(part.alphas), len(part.learning_rates)
    held_out_loss, right = np.empty(shape), np.empty(shape)
    diverged = np.empty(shape, dtype=bool)
    steps, rows_done = part.settings["steps"], 0
    for rows, run in part.runs():
        for now in run:
            yield (rows_done + len(rows) * now.step / steps) / len(part.alphas), None
        loss = mean_loss(now.ensemble, dataset.train_x, dataset.train_y, threads=1)
        lost = now.diverged | ~np.isfinite(loss)
        held_loss = mean_loss(now.ensemble, held_x, held_y, threads=1)
        share = accuracy(now.ensemble, dataset.test_x, dataset.test_y, threads=1)
        for each, measured in ((held_out_loss, held_loss), (right, share)):
            each[rows] = np.where(lost, np.nan, measured).reshape(len(rows), -1)
        diverged[rows] = lost.reshape(len(rows), -1)
        rows_done += len(rows)
    yield 1.0, (held_out_loss, right, diverged)


def _handed_out(
    parts: Sequence[_Part], executor: Executor
) -> Iterator[tuple[_Part, float, Measured | None]]:
    """Every part in order, once it is done; closed early, it cancels what is not begun."""
    futures: list[Future] = []
    try:
        for part in parts:
            futures.append(executor.submit(_train_part, part))
        for part, future in zip(parts, futures, strict=True):
            yield part, 1.0, future.result()
    except (Exception, KeyboardInterrupt):
        for part, future in zip(parts, futures, strict=False):  # others may be done all the same
            if future.done() and not future.cancelled() and future.exception() is None:
                yield part, 1.0, future.result()
        raise
    finally:
        for future in futures:
            future.cancel()


def _side_by_side(parts: Sequence[_Part], cores: int) -> Iterator[tuple[_Part, float, Measured | None]]:
    """Every part, with the share of it done: one on each core at a time, one look further in each round.

    Whole parts, because two threads on one part of this size are no faster than one; see
    `leaky_lib.parallel.THREAD_ELEMENTS`.
    """
    waiting = iter(parts)
    running = {part: _train_part_live(part) for part in islice(waiting, cores)}
    while running:
        looks = on_all_cores(next, list(running.values()), cores)
        for part, (share, measured) in zip(list(running), looks, strict=True):
            yield part, share, measured
            if measured is not None:
                del running[part]
                running |= {another: _train_part_live(another) for another in islice(waiting, 1)}


# --- The ends --------------------------------------------------------------------------------------


def ends(
    alphas: Sequence[float] = (0.0, 0.01, 0.1, 0.3, 1.0),
    *,
    data: str = "spirals",
    depth: int = 2,
    width: int = 16,
    steps: int = 400,
    learning_rate: float = 0.01,
    seed: int = 0,
) -> Ensemble:
    """Networks that start from the same weights and differ in their slope, trained with Adam: (alphas,)."""
    dataset = datasets.classification(data)
    alphas = several_slopes("alphas", alphas)
    widths = dense_widths(dataset, depth, width, slopes=len(alphas))
    start = initialise(widths, alpha=alphas, seed=seed)[:, 0]
    optimiser = optimiser_called("adam", learning_rate)
    run = train(start, dataset.train_x, dataset.train_y, steps=steps, optimiser=optimiser)
    return last_of(run).ensemble


# --- Signal through depth --------------------------------------------------------------------------


@dataclass(frozen=True)
class Signal:
    """How strong the signal is, layer by layer, in deep networks fresh from initialisation.

    Attributes
    ----------
    alphas : ndarray, shape (alphas,)
    gains : ndarray, shape (alphas,)
        The gain that each slope's weights were drawn with.
    mean_square : ndarray, shape (layers + 1, alphas, networks)
        Of the activations, over units and examples; 1 at the input, layer 0.
    """

    alphas: np.ndarray
    gains: np.ndarray
    mean_square: np.ndarray

    @property
    def theory(self) -> np.ndarray:
        """What He's argument expects: ``(gain**2 * (1 + alpha**2) / 2) ** layer``, (layers + 1, alphas)."""
        layer = np.arange(len(self.mean_square))[:, None]
        return (self.gains**2 * (1 + self.alphas**2) / 2) ** layer

    def last(self, alpha: float) -> Estimate:
        """Mean square in the last layer, over the networks of one slope."""
        return Estimate.of_mean(self.mean_square[-1, row_of(self.alphas, alpha)])


@np.errstate(under="ignore")
def signal(
    alphas: Sequence[float] = (0.0, 0.01, 0.2, 0.5, 1.0),
    *,
    gain: float | None = None,
    layers: int = 50,
    width: int = 128,
    networks: int = 20,
    examples: int = 32,
    seed: int = 0,
) -> Signal:
    """Send random inputs through deep networks of random weights, and measure the signal.

    He's argument is about the *mean over networks*. The deeper the network, the further single networks
    scatter around it, by a factor that grows with ``layers / width``: so the mean needs many networks, and
    a typical network lies below it.

    Parameters
    ----------
    alphas : sequence of float
    gain : float, optional
        The weights' standard deviation is ``gain / sqrt(width)``; by default He's gain for each slope.
    layers, width, networks, examples, seed : int

    References
    ----------
    K. He et al., "Delving deep into rectifiers", 2015, section 2.2, equation 15 (arXiv:1502.01852).
    """
    alphas = several_slopes("alphas", alphas)
    numbers = {"layers": layers, "width": width, "networks": networks, "examples": examples}
    for name, number in numbers.items():
        whole_number(name, number, minimum=1)
    gains = leaky_relu_gain(alphas) if gain is None else np.full(len(alphas), finite_number("gain", gain))
    of_a_network = 8 * width**2 + len(alphas) * (24 * examples * width + 8 * layers)
    check_memory(networks * of_a_network, **numbers)
    rng = np.random.default_rng(whole_number("seed", seed, minimum=0))
    h = rng.standard_normal((networks, examples, width), dtype=np.float32)
    h /= np.sqrt(np.square(h).mean(axis=(-2, -1), keepdims=True))
    h = np.repeat(h[None], len(alphas), axis=0)
    found = [np.square(h, dtype=float).mean(axis=(-2, -1))]
    slope = alphas.astype(np.float32)[:, None, None, None]
    scale = (gains / np.sqrt(width)).astype(np.float32)[:, None, None, None]
    for _ in range(layers):
        weight = rng.standard_normal((networks, width, width), dtype=np.float32)  # twins share it
        h = leaky_relu(scale * (h @ weight), slope)
        found.append(np.square(h, dtype=float).mean(axis=(-2, -1)))
    return Signal(alphas, gains, np.array(found))
