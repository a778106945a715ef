"""Twins through training: which of their units die, which collapse, and what a leak rescues."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu_gain
from leaky_lib.arguments import (
    check_memory,
    name_among,
    whole_number,
)
from leaky_lib.intervals import Estimate
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
from leaky_lib.progress import last_of, plain
from leaky_lib.tables import Table, name_of, row_of
from leaky_lib.training import (
    AIR_SECONDS,
    Adam,
    Snapshot,
    accuracy,
    gradients_of_loss,
    keeping,
    optimiser_called,
    train,
)
from leaky_lib.units import hidden_gradient_norms, never_positive, stuck

__all__ = [
    "Collapse",
    "Rescue",
    "TrainingDeath",
    "collapse",
    "collapse_live",
    "convolutional_twins",
    "rescue",
    "rescue_live",
    "training_death",
    "training_death_live",
]


@dataclass(frozen=True)
class TrainingDeath:
    """What `training_death` saw. Twins share a seed: same start, same data, another slope.

    Attributes
    ----------
    settings : dict
        The arguments that made it.
    alphas : ndarray, shape (alphas,)
        Slopes; the first is the baseline that the others are paired with.
    steps : ndarray of int, shape (times,)
        Training steps at which the networks were looked at.
    never_positive, stuck : ndarray of bool, shape (times, alphas, seeds, layers, units)
        The two measures of `leaky_lib.units`, over the training examples that were looked at: by
        default all of them.
    loss, accuracy : ndarray, shape (times, alphas, seeds)
        On those training examples, and on the test set; the accuracy is NaN where training diverged.
    diverged : ndarray of bool, shape (times, alphas, seeds)
        True where parameters or outputs are no longer finite. No measure below counts such a network.
    trained : int
        Steps taken so far; the last look may lie a little further back.
    """

    settings: dict[str, object]
    alphas: np.ndarray
    steps: np.ndarray
    never_positive: np.ndarray
    stuck: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    diverged: np.ndarray
    trained: int

    @property
    def progress(self) -> float:
        """Share of the steps that has been trained, 0 to 1."""
        return self.trained / self.settings["steps"]

    def share(self, measure: str, time: int = -1) -> np.ndarray:
        """Share of units per network: ``"never_positive"`` or ``"stuck"``, shape (alphas, seeds).

        NaN for a network that diverged.
        """
        if measure not in ("never_positive", "stuck"):
            raise ValueError(f'measure must be "never_positive" or "stuck"; got {measure!r}')
        time = whole_number("time", time, -len(self.steps), len(self.steps) - 1)
        share = getattr(self, measure)[time].mean(axis=(-2, -1))
        return np.where(self.diverged[time], np.nan, share)

    def row(self, alpha: float) -> int:
        """Where a slope stands in ``alphas``."""
        return row_of(self.alphas, alpha)

    def mean_share(self, measure: str, alpha: float, time: int = -1) -> Estimate:
        """`share` averaged over the networks of one slope, with its interval."""
        return _mean_share(self.share(measure, time)[self.row(alpha)])

    def mean_accuracy(self, alpha: float) -> Estimate:
        """Final test accuracy averaged over the networks of one slope, with its interval."""
        return _mean_share(self.accuracy[-1, self.row(alpha)])

    def paired_accuracy(self, alpha: float) -> Estimate:
        """Final accuracy of a slope's networks minus that of their twins', where neither diverged."""
        return _mean_difference(self.accuracy[-1, self.row(alpha)], self.accuracy[-1, 0])

    def layer_share(self, measure: str, alpha: float, layer: int) -> Estimate:
        """Final share of one layer's units (from 0), averaged over the networks of one slope."""
        row, layers = self.row(alpha), self.never_positive.shape[-2]
        layer = whole_number("layer", layer, -layers, layers - 1)
        units = getattr(self, measure)[-1, row][~self.diverged[-1, row], layer]
        return _mean_share(units.mean(axis=-1))

    def count_diverged(self, alpha: float) -> int:
        """How many networks of one slope have diverged at the end."""
        return int(self.diverged[-1, self.row(alpha)].sum())

    @property
    def noun(self) -> str:
        """What is counted: the units of a dense network, the channels of a convolutional one."""
        return "channels" if self.settings["network"] == "convolutional" else "units"

    def summary(self, *measures: str) -> Table:
        """One row per slope, every number with its 95 % interval.

        Parameters
        ----------
        *measures : str
            Of ``"never positive"``, ``"stuck"``, ``"diverged"``, ``"accuracy"`` and ``"minus its twin's"``;
            by default all, in this order.
        """
        seeds = self.diverged.shape[-1]
        columns: dict[str, tuple[str, Callable[[float], str]]] = {
            "never positive": (
                f"{self.noun} never positive",
                lambda alpha: f"{self.mean_share('never_positive', alpha):.2f}",
            ),
            "stuck": (f"{self.noun} stuck", lambda alpha: f"{self.mean_share('stuck', alpha):.2f}"),
            "diverged": ("diverged", lambda alpha: f"{self.count_diverged(alpha)} of {seeds}"),
            "accuracy": ("test accuracy", lambda alpha: f"{self.mean_accuracy(alpha):.3f}"),
            "minus its twin's": (
                "minus its twin's",
                lambda alpha: (
                    "(the baseline)" if alpha == self.alphas[0] else f"{self.paired_accuracy(alpha):+.3f}"
                ),
            ),
        }
        chosen = [columns[name_among("measures", name, columns)] for name in measures or columns]
        heads, cells = zip(*chosen, strict=True)
        rows = ((name_of(alpha), *(cell(alpha) for cell in cells)) for alpha in self.alphas)
        return Table(("network", *heads), tuple(rows))

    def to_csv(self, path: str | Path) -> Path:
        """Write one line per network, as it stood at the end, with its run's seed; returns the path."""
        path = Path(path)
        never, stuck_share = self.share("never_positive"), self.share("stuck")
        with path.open("w", newline="", encoding="utf-8") as file:
            write = csv.writer(file).writerow
            names = ("diverged", "never_positive", "stuck", "loss", "accuracy")
            write(["seed", "alpha", "seed_number", *names])
            for at in np.ndindex(*never.shape):
                measures = (self.diverged[-1], never, stuck_share, self.loss[-1], self.accuracy[-1])
                measured = (measure[at] for measure in measures)
                write([self.settings["seed"], self.alphas[at[0]], at[1], *measured])
        return path


def _mean_share(shares: np.ndarray) -> Estimate:
    """Mean over networks of numbers from 0 to 1, without those that diverged, which are NaN."""
    return Estimate.of_mean(shares[~np.isnan(shares)], within=(0, 1))


def _mean_difference(accuracy: np.ndarray, baseline: np.ndarray) -> Estimate:
    """Mean over pairs of networks of which neither diverged."""
    difference = accuracy - baseline
    return Estimate.of_mean(difference[~np.isnan(difference)])


def training_death_live(
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
) -> Iterator[TrainingDeath | None]:
    """Train twins that differ only in their slope, and yield what is known of their units so far.

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

    Yields
    ------
    TrainingDeath or None
        From the start to the latest look; also between two looks, so that a long run can be stopped.
        None as long as the first look takes.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above.
    """
    settings = dict(locals())
    dataset = datasets.classification(data)
    steps = whole_number("steps", steps, minimum=1)
    snapshots = whole_number("snapshots", snapshots, minimum=1)
    check_network(network, dataset)
    alphas = several_slopes("alphas", alphas)
    widths = dense_widths(dataset, depth, width, seeds, len(alphas))
    seen = slice(None if look_at is None else whole_number("look_at", look_at, minimum=1))
    looks = 6 * (min(steps, snapshots) + 1) * len(alphas) * seeds * depth * width
    layers = 100 * 64 * len(dataset.train_x[seen]) * depth * width if network == "convolutional" else 0
    check_memory(looks + layers, depth=depth, width=width, seeds=seeds, snapshots=snapshots)
    between_looks = -(-steps // snapshots)
    run = train(
        fresh(
            network,
            widths,
            seeds=seeds,
            alpha=alphas,
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

    def results() -> Iterator[TrainingDeath | None]:
        for looks, trained in _looking(
            run,
            lambda snapshot: _look(snapshot, dataset, seen),
            *(between_looks, steps, len(dataset.train_x[seen])),
        ):
            yield TrainingDeath(settings, alphas, *looks, trained) if looks else None

    return keeping(results())


training_death = plain(training_death_live)


def _looking(
    run: Iterable[Snapshot],
    look: Callable[[Snapshot], Sequence[np.ndarray]],
    between_looks: int,
    steps: int,
    examples: int,
) -> Iterator[tuple[list[np.ndarray], int]]:
    """Again and again: steps and results of the looks so far, and the steps trained.

    At every snapshot of a run, and during a look at many large networks, so that it can be stopped.
    """
    looks, trained = [], 0

    def so_far() -> tuple[list[np.ndarray], int]:
        return [np.array(kind) for kind in zip(*looks, strict=True)], trained

    for snapshot in run:
        seen = bool(looks) and looks[-1][0] == snapshot.step
        if not seen and (snapshot.step % between_looks == 0 or snapshot.step == steps):
            found, last_breath = [], monotonic()
            for some in _handfuls(snapshot, examples):
                found.append(look(some))
                if monotonic() - last_breath > AIR_SECONDS / 2:
                    yield so_far()
                    last_breath = monotonic()
            members = snapshot.ensemble.members
            whole = [np.concatenate(kind) for kind in zip(*found, strict=True)]
            looks.append((snapshot.step, *(kind.reshape(*members, *kind.shape[1:]) for kind in whole)))
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
) -> tuple[np.ndarray, ...]:
    """Both measures of every hidden unit, training loss, test accuracy, and which networks have diverged.

    Of networks in a row; see `_handfuls`.
    """
    ensemble = snapshot.ensemble
    x, y = dataset.train_x[seen], dataset.train_y[seen]

    def diagnose(part: Ensemble) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        loss, trace = gradients_of_loss(part, x, y)
        hidden = range(len(part.alphas))
        never = np.stack([never_positive(trace.pre_activations[layer]) for layer in hidden], axis=-2)
        return never, stuck(hidden_gradient_norms(trace)), loss

    parts = in_chunks(diagnose, ensemble, len(x))
    never, stuck_units, loss = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    right = accuracy(ensemble, dataset.test_x, dataset.test_y)
    # Weights can still be finite one step before they overflow; the loss then is not.
    diverged = snapshot.diverged | ~np.isfinite(loss)
    return never, stuck_units, loss, np.where(diverged, np.nan, right), diverged


LARGE_RATE = 0.03
"""A learning rate at which Adam kills channels of deep convolutional networks, without killing all."""


def convolutional_twins(alpha: float = 0.1, learning_rate: float = LARGE_RATE, seed: int = 0) -> Ensemble:
    """A ReLU network of eight convolutions and its leaking twin, trained for 60 steps: members (2,)."""
    digits = datasets.load("digits")
    alphas = np.array([0.0, alpha])
    start = convolutional(8, 8, alpha=alphas, gain=leaky_relu_gain(alphas), seed=seed)[:, 0]
    run = train(start, digits.train_x, digits.train_y, steps=60, batch=60, optimiser=Adam(learning_rate))
    return last_of(run).ensemble


# --- The |x| experiment ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Collapse:
    r"""Narrow, deep networks that were to learn \|x\|, and what they learned.

    Attributes
    ----------
    settings : dict
        The arguments that made it.
    alphas : ndarray, shape (alphas,)
    x : ndarray, shape (points,)
        Where the networks were asked; ``target`` is \|x\| there.
    curves : ndarray, shape (alphas, seeds, points)
        What they say.
    progress : float
        Share of the steps that has been trained.
    """

    settings: dict[str, object]
    alphas: np.ndarray
    x: np.ndarray
    curves: np.ndarray
    progress: float

    @property
    def target(self) -> np.ndarray:
        """The absolute value, shape (points,)."""
        return np.abs(self.x)

    @property
    def diverged(self) -> np.ndarray:
        """Networks whose outputs are no longer finite, neither constant nor solved: (alphas, seeds)."""
        return ~np.isfinite(self.curves).all(axis=-1)

    def count_diverged(self, alpha: float) -> int:
        """How many networks of one slope have diverged."""
        return int(self.diverged[row_of(self.alphas, alpha)].sum())

    @property
    def constant(self) -> np.ndarray:
        """Networks whose output varies by less than 1 % of what it should: (alphas, seeds)."""
        with np.errstate(invalid="ignore"):  # where one diverged
            return np.ptp(self.curves, axis=-1) < 0.01 * np.ptp(self.target)

    @property
    def solved(self) -> np.ndarray:
        """Networks whose mean squared error is below a tenth of the target's variance: (alphas, seeds)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.square(self.curves - self.target).mean(axis=-1) < 0.1 * self.target.var()

    def share(self, which: str, alpha: float) -> Estimate:
        """Share of one slope's networks that are ``"constant"`` or ``"solved"``, with Wilson's interval."""
        if which not in ("constant", "solved"):
            raise ValueError(f'which must be "constant" or "solved"; got {which!r}')
        row = row_of(self.alphas, alpha)
        return Estimate.of_share(int(getattr(self, which)[row].sum()), self.curves.shape[1])

    def summary(self) -> Table:
        """One row per slope."""
        rows = [
            (
                name_of(alpha),
                f"{self.share('constant', alpha):.0%}",
                f"{self.share('solved', alpha):.0%}",
                f"{self.count_diverged(alpha)} of {self.curves.shape[1]}",
            )
            for alpha in self.alphas
        ]
        return Table(("network", "ends constant", "learns |x|", "diverged"), tuple(rows))


def collapse_live(
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
) -> Iterator[Collapse]:
    """Let narrow, deep networks learn the absolute value, and yield what they say so far.

    The experiment of Lu et al., with fewer steps and points. Every network's weights carry He's gain for
    its own slope; apart from that factor, networks with one seed are twins.

    Parameters
    ----------
    alphas : sequence of float
        Slopes to compare. 0 is ReLU.
    optimiser : str
        ``"sgd"``, ``"momentum"`` or ``"adam"``.
    learning_rate : float
        At least 0.
    depth, width : int
        Hidden layers, and units in each.
    steps : int
        Parameter updates, each on all examples.
    examples : int
        Points on [−√3, √3].
    seeds : int
        Starts, each for all slopes.
    seed : int
        Of the weights.
    snapshots : int
        How often to look.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above.

    References
    ----------
    L. Lu et al., "Dying ReLU and initialization", 2019, section 1 and figure 1 (arXiv:1903.06733).
    """
    settings = dict(locals())
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

    def results() -> Iterator[Collapse]:
        for snapshot in run:
            curves = outputs(snapshot.ensemble, dataset.test_x)[..., 0]
            x = dataset.test_x[:, 0]
            yield Collapse(settings, slopes, x, curves, snapshot.step / steps)

    return keeping(results())


collapse = plain(collapse_live)


# --- Rescue ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rescue:
    """Copies of the same ReLU networks, trained on under different slopes.

    Attributes
    ----------
    settings : dict
        The arguments that made it.
    courses : tuple of str
        What was done with each copy; the first stays as it is.
    steps : ndarray of int, shape (times,)
    never_positive : ndarray, shape (times, courses, seeds)
        Share of units that are never positive on the training set; NaN where training diverged.
    accuracy : ndarray, shape (times, courses, seeds)
        On the test set; NaN where training diverged.
    trained : int
        Steps taken so far; the last look may lie a little further back.
    """

    settings: dict[str, object]
    courses: tuple[str, ...]
    steps: np.ndarray
    never_positive: np.ndarray
    accuracy: np.ndarray
    trained: int

    @property
    def progress(self) -> float:
        """Share of the steps that has been trained, 0 to 1."""
        return self.trained / self.settings["steps"]

    def estimate(self, measure: str, course: int, time: int = -1) -> Estimate:
        """Mean of ``"never_positive"`` or ``"accuracy"`` over a course's networks that did not diverge."""
        if measure not in ("never_positive", "accuracy"):
            raise ValueError(f'measure must be "never_positive" or "accuracy"; got {measure!r}')
        return _mean_share(getattr(self, measure)[time, course])

    @property
    def diverged(self) -> np.ndarray:
        """Networks whose parameters or outputs are no longer finite at the end: (courses, seeds)."""
        return np.isnan(self.never_positive[-1])

    def count_diverged(self, course: int) -> int:
        """How many of one course's networks have diverged."""
        return int(self.diverged[course].sum())

    def name(self, course: int) -> str:
        """What was done, and how many networks diverged."""
        diverged, seeds = self.count_diverged(course), self.never_positive.shape[-1]
        return self.courses[course] + (f" ({diverged} of {seeds} diverged)" if diverged else "")

    def gain(self, course: int) -> Estimate:
        """Final accuracy of a course's networks minus that of their copies that stayed as they were."""
        return _mean_difference(self.accuracy[-1, course], self.accuracy[-1, 0])

    def summary(self) -> Table:
        """One row per course."""
        return Table(
            ("from the swap on", "units never positive", "test accuracy", "minus its copy's"),
            tuple(
                (
                    self.name(row),
                    f"{self.estimate('never_positive', row):.2f}",
                    f"{self.estimate('accuracy', row):.3f}",
                    f"{self.gain(row):+.3f}" if row else "(stays as it is)",
                )
                for row in range(len(self.courses))
            ),
        )


def rescue_live(
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
) -> Iterator[Rescue | None]:
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
    optimiser : str
        ``"sgd"``, ``"momentum"`` or ``"adam"``.
    learning_rate : float
        At least 0.
    depth, width : int
        Hidden layers, and units in each.
    steps, swap, back : int
        Parameter updates in all, before the change, and before the way back; a change at ``steps`` comes
        to nothing.
    seeds : int
        Networks per course.
    seed : int
        Of the weights.
    snapshots : int
        How often to look.

    Yields
    ------
    Rescue or None
        From the start to the latest look; also between two looks. None as long as the first look takes.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above, or ``swap``, ``back`` and
        ``steps`` are not in this order.
    """
    settings = dict(locals())
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
    check_memory(48 * looks * len(courses) * seeds, snapshots=snapshots, seeds=seeds)
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

    def shares(snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray]:
        never, _, _, right, diverged = _look(snapshot, dataset)
        return np.where(diverged, np.nan, never.mean(axis=(-2, -1))), right

    def results() -> Iterator[Rescue | None]:
        for looks, trained in _looking(run, shares, between_looks, steps, len(dataset.train_x)):
            yield Rescue(settings, courses, *looks, trained) if looks else None

    return keeping(results())


rescue = plain(rescue_live)
