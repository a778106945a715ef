"""The experiments of notebook 04: sweeps over α that scale, learned slopes, and signal through depth.

`leaky_lib.experiments` hands them on under the same names.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from sys import platform

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu, leaky_relu_gain
from leaky_lib.arguments import check_memory, finite_number, sequence, whole_number
from leaky_lib.diagnostics import Estimate
from leaky_lib.networks import (
    Ensemble,
    dense_widths,
    initialise,
    on_all_cores,
    several_slopes,
    usable_threads,
)
from leaky_lib.progress import last_of, plain, with_progress
from leaky_lib.tables import Table, name_of, row_of
from leaky_lib.training import Snapshot, accuracy, keeping, mean_loss, optimiser_called, train

__all__ = [
    "LearnedSlopes",
    "Signal",
    "Slope",
    "Sweep",
    "ends",
    "learned_slopes",
    "product_of_matrices",
    "signal",
    "sweep",
    "sweep_live",
    "worker_pool",
]

Slope = float | str
"""A number, or ``"PReLU"`` (learned, one per layer) or ``"RReLU"`` (random while it trains)."""

LEARNED_START = 0.25
"""Where PReLU's slopes start: He et al. (2015), section 2.1."""

LEARNED_RATE = 0.1
"""Learning rate of PReLU's slopes, as a share of the weights'. One slope adds up the gradients of a whole
layer; at the full rate it was the first to run away."""

RANDOM_DIVISORS = (3.0, 8.0)
"""RReLU's range: Xu et al. (2015), section 2.4. Theirs is a range of divisors; PyTorch draws the slope
itself evenly from 1/8 to 1/3, which is not the same."""

RANDOM_AT_TEST = 2 / sum(RANDOM_DIVISORS)

LOOKS_PER_PART = 40
"""How often a part says how far it is, and can be stopped."""

SEEDS_PER_ORDER = 5
"""So many starts share an order of the batches. One order for all would be an accident that they have in
common, and that their interval cannot show: with 20 starts of 8 hidden layers on the digits the gain of
α = 0.18 came out as +1.1 [+0.6, +1.7] points under one order and as +0.2 [−0.4, +0.8] under another. An
order for each start would be best, and take twice the time."""

NUMBERS_PER_PART = 1 << 22
"""A part of a sweep holds at most so many numbers per array of its passes (16 MB in float32; a pass has
four such arrays), so that memory is bounded whatever the settings; one seed of all slopes is the least."""

BYTES_PER_NETWORK, BYTES_PER_SEED = 64, 1024
"""What a sweep keeps of a network, in several copies, and of a seed of one depth while it waits."""


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
    dataset = classification(data)
    alphas = several_slopes("alphas", alphas)
    widths = dense_widths(dataset, depth, width, slopes=len(alphas))
    start = initialise(widths, alpha=alphas, seed=seed)[:, 0]
    optimiser = optimiser_called("adam", learning_rate)
    run = train(start, dataset.train_x, dataset.train_y, steps=steps, optimiser=optimiser)
    return last_of(run).ensemble


def product_of_matrices(ensemble: Ensemble) -> tuple[np.ndarray, np.ndarray]:
    """The one matrix and the one bias that a network without bends amounts to.

    Returns
    -------
    weight : ndarray, shape (*members, inputs, outputs)
    bias : ndarray, shape (*members, 1, outputs)
        With all slopes 1, the output for ``x`` is ``x @ weight + bias``.
    """
    weight, bias = ensemble.weights[0], ensemble.biases[0]
    for next_weight, next_bias in zip(ensemble.weights[1:], ensemble.biases[1:], strict=True):
        weight, bias = weight @ next_weight, bias @ next_weight + next_bias
    return weight, bias


# --- The sweep -------------------------------------------------------------------------------------


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
    accuracy, loss : ndarray, shape (depths, alphas, seeds)
        On the test set and on the training set, at the end. NaN where a network was not trained yet.
    diverged : ndarray of bool, shape (depths, alphas, seeds)
        True where parameters or outputs are no longer finite; the accuracy is then that of a guess.
    progress : float
        Share of the networks that have been trained, 0 to 1.
    """

    settings: dict[str, object]
    alphas: tuple[Slope, ...]
    depths: tuple[int, ...]
    accuracy: np.ndarray
    loss: np.ndarray
    diverged: np.ndarray
    progress: float

    def _at(self, alpha: Slope, depth: int) -> tuple[int, int]:
        return row_of(self.depths, depth, "depth"), row_of(self.alphas, alpha)

    def networks(self, depth: int) -> int:
        """How many networks of one depth have been trained."""
        return int((~np.isnan(self.accuracy[row_of(self.depths, depth, "depth")])).sum())

    def mean(self, alpha: Slope, depth: int) -> Estimate:
        """Test accuracy over the networks of one slope and depth."""
        values = self.accuracy[self._at(alpha, depth)]
        return Estimate.of_mean(values[~np.isnan(values)], within=(0, 1))

    def paired(self, alpha: Slope, depth: int) -> Estimate:
        """Test accuracy minus that of the baseline twin, over the twins that are both there."""
        row, _ = self._at(alpha, depth)
        values = self.accuracy[self._at(alpha, depth)] - self.accuracy[row, 0]
        return Estimate.of_mean(values[~np.isnan(values)])

    def count_diverged(self, alpha: Slope, depth: int) -> int:
        """How many networks of one slope and depth have diverged."""
        return int(self.diverged[self._at(alpha, depth)].sum())

    def summary(self) -> Table:
        """One row per depth and slope, every number with its 95 % interval."""
        columns = ("hidden layers", "network", "test accuracy", "minus its twin's", "diverged")
        rows = []
        for depth in self.depths:
            for alpha in self.alphas:
                mean, paired = self.mean(alpha, depth), self.paired(alpha, depth)
                rows.append(
                    (
                        str(depth),
                        name_of(alpha),
                        f"{mean:.3f}",
                        "(the baseline)" if alpha == self.alphas[0] else f"{paired:+.3f}",
                        f"{self.count_diverged(alpha, depth)} of {mean.networks}",
                    )
                )
        return Table(columns, tuple(rows))

    def to_csv(self, path: str | Path) -> Path:
        """Write one line per trained network, with the settings it was trained under; returns the path."""
        path = Path(path)
        kept = {
            name: value
            for name, value in self.settings.items()
            if name not in ("alphas", "depths", "seeds")
        }
        kept["batch"] = _batch_of(classification(kept["data"]), kept["batch"])
        kept["gain"] = "of each slope" if kept["gain"] is None else kept["gain"]
        with path.open("w", newline="", encoding="utf-8") as file:
            write = csv.writer(file).writerow
            write([*kept, "depth", "alpha", "seed_number", "diverged", "training_loss", "test_accuracy"])
            for at in zip(*np.nonzero(~np.isnan(self.accuracy)), strict=True):
                depth, alpha = self.depths[at[0]], self.alphas[at[1]]
                measured = (self.diverged[at], self.loss[at], self.accuracy[at])
                write([*kept.values(), depth, alpha, at[2], *measured])
        return path


def _batch_of(dataset: datasets.Dataset, asked: int | None) -> int:
    """Examples per step: 50 of the digits, all of another data set, unless others are asked for."""
    usual = 50 if dataset.name == "digits" else len(dataset.train_x)
    return usual if asked is None else asked


def sweep_live(
    *,
    data: str = "digits",
    alphas: Sequence[Slope] = (0.0, 0.01, 0.03, 0.1, 0.18, 0.3, 0.5, 0.8, 1.0),
    depths: Sequence[int] = (2,),
    width: int = 32,
    optimiser: str = "sgd",
    learning_rate: float = 0.03,
    steps: int = 800,
    batch: int | None = None,
    seeds: int = 20,
    seed: int = 0,
    gain: float | None = None,
    executor: Executor | None = None,
    kept: Sweep | None = None,
) -> Iterator[Sweep]:
    """Train every slope at every depth from every seed, and yield what is known so far.

    The work is cut into parts: some seeds of one depth, all slopes of it in one stacked run. Numbers do not
    depend on how it is cut, nor on who computes it. Five starts at a time share an order of the batches.

    Parameters
    ----------
    data : str
        A classification of `leaky_lib.data`: ``"moons"``, ``"spirals"`` or ``"digits"``.
    alphas : sequence of Slope
        Numbers, ``"PReLU"``, ``"RReLU"``; the first is the baseline.
    depths : sequence of int
        Numbers of hidden layers.
    width : int
        Units in each.
    optimiser : str
        ``"sgd"``, ``"momentum"`` or ``"adam"``.
    learning_rate : float
        At least 0.
    steps : int
        Parameter updates.
    batch : int, optional
        Examples per step; 50 for digits, all of them for toy data, by default.
    seeds : int
        Starts, each for all slopes and depths.
    seed : int
        Of the weights, the batches and the dice. Same seed, same result.
    gain : float, optional
        Of the weights' standard deviation; by default He's for each network's own slope. Twins then
        differ by that factor as well.
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
    alphas = tuple(map(_checked_slope, sequence("alphas", alphas)))
    depths = tuple(whole_number("depths", depth, minimum=1) for depth in sequence("depths", depths))
    for name, values in (("alphas", alphas), ("depths", depths)):
        if len(set(values)) < len(values):
            raise ValueError(f"{name} must be different from each other; got {values}")
    seeds = whole_number("seeds", seeds, minimum=1)
    if not (executor is None or hasattr(executor, "submit")):
        kind = type(executor).__name__
        raise TypeError(f"executor must be one of concurrent.futures, or alike, or None; got {kind}")
    if gain is not None:
        gain = finite_number("gain", gain)
    if kept is not None:
        _check_kept(kept, {**settings, "alphas": alphas, "depths": depths})
    dataset = classification(data)
    needed = len(depths) * seeds * (BYTES_PER_SEED + BYTES_PER_NETWORK * len(alphas))
    check_memory(needed, seeds=seeds, depths=depths, alphas=alphas)
    whole = _Part(
        data=data,
        alphas=alphas,
        depth=max(depths),
        width=whole_number("width", width, minimum=1),
        optimiser=optimiser,
        learning_rate=learning_rate,
        steps=whole_number("steps", steps, minimum=1),
        batch=whole_number("batch", _batch_of(dataset, batch), minimum=1),
        seeds=range(1),
        seed=seed,
        gain=gain,
        threads=1,
    )
    for _ in whole.runs():  # a bad setting is said here, not in a part
        pass
    cores = usable_threads() if executor is None else 1
    cut = _cut(whole, depths, seeds, at_a_time=cores)
    per_part = max(1, cores // len(cut))
    parts = [replace(whole, depth=depth, seeds=which, threads=per_part) for which, depth in cut]

    def results() -> Iterator[Sweep]:
        shape = (len(depths), len(alphas), seeds)
        found = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, False)
        if kept is not None:
            found = kept.accuracy.copy(), kept.loss.copy(), kept.diverged.copy()

        def place(part: _Part) -> tuple[int, slice, slice]:
            return depths.index(part.depth), slice(None), slice(part.seeds.start, part.seeds.stop)

        def so_far() -> Sweep:
            done = sum(share * len(part.seeds) for part, share in shares.items())
            progress = done / (len(depths) * seeds)
            return Sweep(settings, alphas, depths, *(each.copy() for each in found), progress)

        waiting = [part for part in parts if np.isnan(found[0][place(part)]).any()]
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
        lambda result: f"{np.isfinite(result.accuracy).sum():,} of {result.accuracy.size:,} networks",
        "To go on: the same settings, what was kept (kept=kept), and an executor that is open, or none.",
    )


sweep = plain(sweep_live)


def _check_kept(kept: Sweep, asked: dict[str, object]) -> None:
    """Refuse what is no sweep of the same settings."""
    if not isinstance(kept, Sweep):
        raise TypeError(f"kept must be a Sweep, the result of a stopped one; got {type(kept).__name__}")
    had = {**kept.settings, "alphas": kept.alphas, "depths": kept.depths}
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


@dataclass(frozen=True)
class _Part:
    """Some seeds of one depth; small enough to be sent to another process."""

    data: str
    alphas: tuple[Slope, ...]
    depth: int
    width: int
    optimiser: str
    learning_rate: float
    steps: int
    batch: int
    seeds: range
    seed: int
    gain: float | None
    threads: int

    def runs(self) -> Iterator[tuple[list[int], Iterator[Snapshot]]]:
        """The training runs of this part, not begun, each with the rows of ``alphas`` that it trains."""
        stacked = [row for row, alpha in enumerate(self.alphas) if alpha != "RReLU"]
        if stacked:
            kinds = [self.alphas[row] for row in stacked]
            learned = [[LEARNED_RATE if kind == "PReLU" else 0.0] for kind in kinds]
            starts = [LEARNED_START if kind == "PReLU" else kind for kind in kinds]
            yield stacked, self._run(starts, learn_alpha=learned)
        for row, alpha in enumerate(self.alphas):
            if alpha == "RReLU":  # its dice want a slope for every pre-activation
                yield [row], self._run([RANDOM_AT_TEST], random_alpha=RANDOM_DIVISORS)

    @property
    def order(self) -> int:
        """The seed of the batches and of the dice."""
        mixed = np.random.SeedSequence((self.seed, self.seeds.start // SEEDS_PER_ORDER))
        return int(mixed.generate_state(1)[0])

    def _run(self, slopes: list[float], **kind: object) -> Iterator[Snapshot]:
        dataset = datasets.load(self.data)
        widths = dense_widths(dataset, self.depth, self.width, len(self.seeds), len(slopes))
        gain = leaky_relu_gain(np.array(slopes, dtype=float)) if self.gain is None else self.gain
        return train(
            initialise(widths, seeds=self.seeds, alpha=slopes, gain=gain, seed=self.seed),
            dataset.train_x,
            dataset.train_y,
            steps=self.steps,
            optimiser=optimiser_called(self.optimiser, self.learning_rate),
            batch=self.batch,
            every=max(1, self.steps // LOOKS_PER_PART),
            seed=self.order,
            threads=self.threads,
            **kind,
        )


Measured = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Test accuracy, training loss and whether diverged: each (alphas, seeds)."""


def _train_part(part: _Part) -> Measured:
    """All of a part, for another process to do."""
    _, measured = last_of(_train_part_live(part))
    return measured


def _train_part_live(part: _Part) -> Iterator[tuple[float, Measured | None]]:
    """The share of a part that is done, again and again; at the end with what was measured."""
    dataset = datasets.load(part.data)
    shape = (len(part.alphas), len(part.seeds))
    right, loss, diverged = np.empty(shape), np.empty(shape), np.empty(shape, dtype=bool)
    slopes_done = 0
    for rows, run in part.runs():
        for now in run:
            yield (slopes_done + len(rows) * now.step / part.steps) / len(part.alphas), None
        right[rows] = accuracy(now.ensemble, dataset.test_x, dataset.test_y, threads=part.threads)
        loss[rows] = mean_loss(now.ensemble, dataset.train_x, dataset.train_y, threads=part.threads)
        diverged[rows] = now.diverged | ~np.isfinite(loss[rows])
        slopes_done += len(rows)
    yield 1.0, (right, loss, diverged)


def _cut(whole: _Part, depths: Sequence[int], seeds: int, at_a_time: int) -> list[tuple[range, int]]:
    """Which seeds of which depth, in the order of the work: all depths of the first seeds come first.

    Parts that are worked on at a time have one depth, and so take equally long.
    """
    numbers_per_seed = len(whole.alphas) * max(whole.batch, whole.width) * whole.width * max(depths)
    size = max(1, min(SEEDS_PER_ORDER, NUMBERS_PER_PART // numbers_per_seed))
    some = []
    for first in range(0, seeds, SEEDS_PER_ORDER):
        last = min(first + SEEDS_PER_ORDER, seeds)
        some += [range(start, min(start + size, last)) for start in range(first, last, size)]
    return [
        (which, depth)
        for first in range(0, len(some), at_a_time)
        for depth in depths
        for which in some[first : first + at_a_time]
    ]


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
    `leaky_lib.networks.THREAD_ELEMENTS`.
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


def _checked_slope(alpha: Slope) -> Slope:
    if isinstance(alpha, str):
        if alpha not in ("PReLU", "RReLU"):
            raise ValueError(f'alphas must be numbers, "PReLU" or "RReLU"; got {alpha!r}')
        return alpha
    if isinstance(alpha, bool) or not np.isscalar(alpha) or not np.isrealobj(alpha):
        raise TypeError(f'alphas must be numbers, "PReLU" or "RReLU"; got {alpha!r}')
    return finite_number("alphas", alpha)


def classification(name: str) -> datasets.Dataset:
    """A data set with labels, or an error that names those there are."""
    dataset = datasets.load(name)
    if not dataset.is_classification:
        raise ValueError(f"data must be a classification (moons, spirals, digits); got {name!r}")
    return dataset


# --- Learned slopes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class LearnedSlopes:
    """Where the slopes of PReLU networks went.

    Attributes
    ----------
    settings : dict
        The arguments that made it.
    starts : ndarray, shape (starts,)
        The slope that all layers start with.
    steps : ndarray of int, shape (times,)
    slopes : ndarray, shape (times, starts, seeds, layers)
        NaN for a network that diverged.
    accuracy : ndarray, shape (starts, seeds)
        On the test set, at the end; that of a guess where training diverged.
    """

    settings: dict[str, object]
    starts: np.ndarray
    steps: np.ndarray
    slopes: np.ndarray
    accuracy: np.ndarray

    def mean(self, start: float, layer: int | None = None, time: int = -1) -> Estimate:
        """The slope of a layer (from 0), or of all, over the networks of one start that did not diverge."""
        slopes = self.slopes[time, row_of(self.starts, start, "start")]
        each = slopes.mean(axis=-1) if layer is None else slopes[:, layer]
        return Estimate.of_mean(each[np.isfinite(each)])

    def count_diverged(self, start: float) -> int:
        """How many networks of one start have diverged."""
        return int(np.isnan(self.slopes[-1, row_of(self.starts, start, "start"), :, 0]).sum())


def learned_slopes(
    *,
    data: str = "digits",
    starts: Sequence[float] = (0.0, 0.25, 0.5, 1.0),
    depth: int = 4,
    width: int = 32,
    optimiser: str = "sgd",
    learning_rate: float = 0.03,
    slope_rate: float = LEARNED_RATE,
    steps: int = 600,
    batch: int = 100,
    seeds: int = 10,
    seed: int = 0,
    snapshots: int = 20,
) -> LearnedSlopes:
    """Let PReLU networks learn one slope per layer, from several starts.

    Parameters
    ----------
    starts : sequence of float
        Slopes that all layers of a network begin with.
    depth : int
        Hidden layers.
    slope_rate : float
        Learning rate of the slopes, as a share of the weights'; at least 0.
    batch : int
        Examples per step.
    snapshots : int
        About how often to look at the slopes.
    data, width, optimiser, learning_rate, steps, seeds, seed
        As for `sweep_live`.
    """
    settings = dict(locals())
    dataset = classification(data)
    starts = several_slopes("starts", starts)
    slope_rate = finite_number("slope_rate", slope_rate, "at least 0", lambda rate: rate >= 0)
    steps, snapshots = whole_number("steps", steps, minimum=1), whole_number("snapshots", snapshots, 1)
    widths = dense_widths(dataset, depth, width, seeds, len(starts))
    looks = min(steps, 2 * snapshots) + 1
    check_memory(16 * looks * len(starts) * seeds * depth, snapshots=snapshots, seeds=seeds, depth=depth)
    run = train(
        initialise(widths, seeds=seeds, alpha=starts, gain=leaky_relu_gain(starts), seed=seed),
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate),
        batch=batch,
        every=max(1, steps // snapshots),
        learn_alpha=slope_rate,
        seed=seed,
    )
    steps_seen, slopes = [], []
    for snapshot in with_progress(run, lambda now: now.step / steps):
        steps_seen.append(snapshot.step)
        now = np.stack([alpha[..., 0, 0] for alpha in snapshot.ensemble.alphas], axis=-1)
        slopes.append(np.where(snapshot.diverged[..., None], np.nan, now))
    right = accuracy(snapshot.ensemble, dataset.test_x, dataset.test_y)
    return LearnedSlopes(settings, starts, np.array(steps_seen), np.array(slopes), right)


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
