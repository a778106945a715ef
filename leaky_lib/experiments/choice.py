"""Sweeps: every slope, at every learning rate and depth, from the same starts; see notebook 04.

A comparison at one learning rate tells which slope likes that learning rate. So the learning rate is an
axis like the slope: each slope gets the one that is best for it on held-out training data, and the slopes
are compared there, on the test set.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from itertools import islice
from math import prod
from sys import platform

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.arguments import check_memory, finite_number, sequence, whole_number
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.family import SMOOTH
from leaky_lib.networks import check_network, dense_widths, fresh
from leaky_lib.parallel import on_all_cores, usable_threads
from leaky_lib.progress import last_of
from leaky_lib.training import LEARNED_RATE, Snapshot, accuracy, mean_loss, optimiser_called, train

__all__ = ["KINDS", "Slope", "sweep", "worker_pool"]

Slope = float | str
"""A number; ``"PReLU"`` (learned, one per layer) or ``"RReLU"`` (random in training); or a relative with a
curve for a slope: ``"ELU"``, ``"GELU"``, ``"SiLU"``."""

KINDS = ("PReLU", "RReLU", *SMOOTH)

LEARNED_START = 0.25
"""Where PReLU's slopes start: He et al. (2015), section 2.1."""

RANDOM_DIVISORS = (3.0, 8.0)
"""RReLU's range: Xu et al. (2015), section 2.4. Theirs is a range of divisors; PyTorch draws the slope
itself evenly from 1/8 to 1/3, which is not the same."""

RANDOM_AT_TEST = 2 / sum(RANDOM_DIVISORS)

LOOKS_PER_PART = 40
"""How often a part says how far it is, and can be stopped."""

BYTES_PER_NETWORK, BYTES_PER_PART = 96, 1024
"""What a sweep keeps of a network, in several copies, and of a part of its work while it waits."""


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
    bias: float = 0.0,
    normalised: bool = False,
    warm_up: int = 0,
    held_out: float = 0.2,
    executor: Executor | None = None,
) -> Iterator[Result]:
    """Train every slope at every learning rate and depth from every seed.

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
    width, network, optimiser, steps, seed, bias, normalised, warm_up
        As for `training_death`.
    batch : int, optional
        Examples per step; 50 for digits, all of them for toy data, by default.
    seeds : int
        Starts, each for all slopes, learning rates and depths.
    gain : float, optional
        Of the weights' standard deviation; by default the one that keeps the signal's size, for each
        network's own slope. Twins then differ by that factor as well.
    held_out : float
        Share of the training examples that no network is trained on, and that choose the learning rates.
    executor : concurrent.futures.Executor, optional
        Who computes the parts: a process pool, or ``Client.get_executor()`` of a Dask cluster. Without
        one, this process and all of its cores.

    Returns
    -------
    Result
        Axes ``depth``, ``alpha``, ``learning_rate``, ``seed``; measures ``held_out_loss``, ``accuracy`` on
        the test set, ``diverged``. See `Result.at_best_rate`.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above.
    """
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
    named = {"seeds": seeds, "alphas": alphas, "depths": depths, "learning_rates": learning_rates}
    shape = len(depths), len(alphas), len(learning_rates), seeds
    check_memory(BYTES_PER_NETWORK * prod(shape) + BYTES_PER_PART * len(depths) * seeds, **named)
    settings = {
        **{"data": data, "alphas": alphas, "learning_rates": learning_rates, "width": width},
        **{"network": network, "optimiser": optimiser, "steps": steps, "batch": batch, "seed": seed},
        **{"gain": gain, "bias": bias, "normalised": normalised, "warm_up": warm_up, "held_out": held_out},
    }
    whole = _Part(settings, max(depths), start=0)
    for _ in whole.runs():  # a bad setting is said here, not in a part
        pass
    yield None
    parts = [replace(whole, depth=depth, start=start) for start in range(seeds) for depth in depths]
    axes = {"depth": depths, "alpha": alphas, "learning_rate": learning_rates, "seed": tuple(range(seeds))}
    values = {measure: np.full(shape, np.nan) for measure in ("held_out_loss", "accuracy", "diverged")}
    shares = dict.fromkeys(parts, 0.0)
    for part, share, measured in _side_by_side(parts) if executor is None else _handed_out(parts, executor):
        for measure, new in (measured or {}).items():
            values[measure][depths.index(part.depth), ..., part.start] = new
        shares[part] = share
        copies = {measure: array.copy() for measure, array in values.items()}
        yield Result(axes, copies, sum(shares.values()) / len(parts), (len(alphas) - 1) * len(depths))


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
            batch=50 if settings["batch"] is None and dataset.name == "digits" else settings["batch"],
            every=max(1, settings["steps"] // LOOKS_PER_PART),
            seed=self.order,
            threads=1,
            **kind,
        )


Measured = dict[str, np.ndarray]
"""The measures of a part, each of shape (alphas, learning_rates)."""


def _train_part(part: _Part) -> Measured:
    """All of a part, for another process to do."""
    _, measured = last_of(_train_part_live(part))
    return measured


def _train_part_live(part: _Part) -> Iterator[tuple[float, Measured | None]]:
    """The share of a part that is done, again and again; at the end with what was measured."""
    dataset, held_x, held_y = part.data()
    shape = len(part.alphas), len(part.learning_rates)
    found = {measure: np.empty(shape) for measure in ("held_out_loss", "accuracy", "diverged")}
    steps, rows_done = part.settings["steps"], 0
    for rows, run in part.runs():
        for now in run:
            yield (rows_done + len(rows) * now.step / steps) / len(part.alphas), None
        loss = mean_loss(now.ensemble, dataset.train_x, dataset.train_y, threads=1)
        lost = now.diverged | ~np.isfinite(loss)
        held_loss = mean_loss(now.ensemble, held_x, held_y, threads=1)
        right = accuracy(now.ensemble, dataset.test_x, dataset.test_y, threads=1)
        measured = {
            "held_out_loss": np.where(lost, np.nan, held_loss),
            "accuracy": np.where(lost, np.nan, right),
            "diverged": lost,
        }
        for measure, values in measured.items():
            found[measure][rows] = values.reshape(len(rows), -1)
        rows_done += len(rows)
    yield 1.0, found


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


def _side_by_side(parts: Sequence[_Part]) -> Iterator[tuple[_Part, float, Measured | None]]:
    """Every part, with the share of it done: one on each core at a time, one look further in each round.

    Whole parts, because two threads on one part of this size are no faster than one; see
    `leaky_lib.parallel.THREAD_ELEMENTS`.
    """
    waiting, cores = iter(parts), usable_threads()
    running = {part: _train_part_live(part) for part in islice(waiting, cores)}
    while running:
        looks = on_all_cores(next, list(running.values()), cores)
        for part, (share, measured) in zip(list(running), looks, strict=True):
            yield part, share, measured
            if measured is not None:
                del running[part]
                running |= {another: _train_part_live(another) for another in islice(waiting, 1)}
