"""The named experiments: parameters in, a result object out.

Every experiment comes in two forms. ``training_death(...)`` runs to its end. ``training_death_live(...)``
yields the result so far again and again: a loop over it is a progress bar, ``break`` keeps what was
computed. Same arguments, same result.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import perf_counter

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.diagnostics import Estimate, never_positive, stuck, unit_gradient_norms
from leaky_lib.networks import Ensemble, Trace, in_chunks, initialise, whole_number
from leaky_lib.tables import Table
from leaky_lib.training import Snapshot, accuracy, gradients_of_loss, optimiser_called, train

__all__ = [
    "FORMS",
    "Race",
    "TrainingDeath",
    "name_of",
    "race_live",
    "recovery",
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
        The two measures of `leaky_lib.diagnostics`, over the whole training set.
    loss, accuracy : ndarray, shape (times, alphas, seeds)
        On the training set and on the test set.
    finite : ndarray of bool, shape (times, alphas, seeds)
        False where training ran off to infinity. Such a network has no share of dead units; its
        accuracy is that of a guess.
    """

    settings: dict[str, object]
    alphas: np.ndarray
    steps: np.ndarray
    never_positive: np.ndarray
    stuck: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    finite: np.ndarray

    @property
    def progress(self) -> float:
        """Share of the steps that has been trained, 0 to 1."""
        return float(self.steps[-1] / self.settings["steps"])

    def share(self, measure: str, time: int = -1) -> np.ndarray:
        """Share of units per network: ``"never_positive"`` or ``"stuck"``, shape (alphas, seeds).

        NaN for a network that is not finite.
        """
        if measure not in ("never_positive", "stuck"):
            raise ValueError(f'measure must be "never_positive" or "stuck"; got {measure!r}')
        share = getattr(self, measure)[time].mean(axis=(-2, -1))
        return np.where(self.finite[time], share, np.nan)

    def row(self, alpha: float) -> int:
        """Where a slope stands in ``alphas``."""
        if alpha not in self.alphas:
            raise ValueError(f"alpha must be one of {self.alphas.tolist()}; got {alpha!r}")
        return int(np.flatnonzero(self.alphas == alpha)[0])

    def mean_share(self, measure: str, alpha: float, time: int = -1) -> Estimate:
        """`share` averaged over the finite networks of one slope, with its interval."""
        share = self.share(measure, time)[self.row(alpha)]
        return Estimate.of_mean(share[np.isfinite(share)])

    def mean_accuracy(self, alpha: float) -> Estimate:
        """Final test accuracy averaged over the networks of one slope, with its interval."""
        return Estimate.of_mean(self.accuracy[-1, self.row(alpha)])

    def paired_accuracy(self, alpha: float) -> Estimate:
        """Final accuracy of a slope's networks minus that of their baseline twins."""
        return Estimate.of_mean(self.accuracy[-1, self.row(alpha)] - self.accuracy[-1, 0])

    def not_finite(self, alpha: float) -> int:
        """How many networks of one slope have run off to infinity."""
        return int((~self.finite[-1, self.row(alpha)]).sum())

    def dead_layer(self, time: int = -1) -> np.ndarray:
        """Networks in which all units of some hidden layer are never positive: (alphas, seeds)."""
        return self.never_positive[time].all(axis=-1).any(axis=-1) & self.finite[time]

    def revivals(self, alpha: float) -> tuple[np.ndarray, np.ndarray]:
        """How often a never-positive unit was positive again at the next look, and how many looks.

        Returns
        -------
        revived, dead : ndarray of int, shape (layers,)
            Over all finite networks of one slope and all pairs of successive looks.
        """
        row = self.row(alpha)
        units = self.never_positive[:, row][:, self.finite[-1, row]]
        was_dead, is_alive = units[:-1], ~units[1:]
        over_all_but_layers = (0, 1, 3)
        return (was_dead & is_alive).sum(over_all_but_layers), was_dead.sum(over_all_but_layers)

    def summary(self) -> Table:
        """One row per slope, every number with its 95 % interval."""
        seeds = self.finite.shape[-1]
        columns = (
            "network",
            "units never positive",
            "units stuck",
            "a layer dead",
            "not finite",
            "test accuracy",
            "minus its twin's",
        )
        return Table(
            columns,
            tuple(
                (
                    name_of(alpha),
                    f"{self.mean_share('never_positive', alpha):.2f}",
                    f"{self.mean_share('stuck', alpha):.2f}",
                    f"{dead.sum()} of {seeds}",
                    f"{self.not_finite(alpha)} of {seeds}",
                    f"{self.mean_accuracy(alpha):.3f}",
                    f"{self.paired_accuracy(alpha):+.3f}" if row else "(the baseline)",
                )
                for row, (alpha, dead) in enumerate(zip(self.alphas, self.dead_layer(), strict=True))
            ),
        )

    def to_csv(self, path: str | Path) -> Path:
        """Write one line per network, as it stood at the end; returns the path."""
        path = Path(path)
        never, stuck_share, dead = self.share("never_positive"), self.share("stuck"), self.dead_layer()
        with path.open("w", newline="", encoding="utf-8") as file:
            write = csv.writer(file).writerow
            write(["alpha", "seed", "finite", "never_positive", "stuck", "dead_layer", "loss", "accuracy"])
            for row, seed in np.ndindex(*never.shape):
                at = (row, seed)
                measures = (self.finite[-1], never, stuck_share, dead, self.loss[-1], self.accuracy[-1])
                write([self.alphas[row], seed, *(measure[at] for measure in measures)])
        return path


FORMS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "np.where(x >= 0, x, αx)": lambda x, alpha: np.where(x >= 0, x, alpha * x),
    "np.maximum(x, αx)": lambda x, alpha: np.maximum(x, alpha * x),
    "(1+α)/2·x + (1−α)/2·|x|": lambda x, alpha: (1 + alpha) / 2 * x + (1 - alpha) / 2 * np.abs(x),
}
"""Three ways to write Leaky ReLU; the second holds for α up to 1."""


@dataclass(frozen=True)
class Race:
    """How long each form of `FORMS` took for one array: the fastest of all rounds so far, in seconds."""

    size: int
    seconds: dict[str, float]
    progress: float

    @property
    def ratios(self) -> dict[str, float]:
        """Time of each form as a multiple of the fastest one."""
        fastest = min(self.seconds.values())
        return {form: seconds / fastest for form, seconds in self.seconds.items()}


def race_live(*, size: int = 1_000_000, rounds: int = 20) -> Iterator[Race]:
    """Time the three forms of `FORMS` side by side on random signs, round after round.

    Parameters
    ----------
    size : int
        Numbers in the array, float32.
    rounds : int
        How often each form runs, in turn; the fastest time counts.

    Yields
    ------
    Race
    """
    size, rounds = whole_number("size", size, minimum=1), whole_number("rounds", rounds, minimum=1)
    x = np.random.default_rng(0).standard_normal(size, dtype=np.float32)

    def results() -> Iterator[Race]:
        best = dict.fromkeys(FORMS, np.inf)
        for done in range(1, rounds + 1):
            for form, compute in FORMS.items():
                began = perf_counter()
                compute(x, 0.01)
                best[form] = min(best[form], perf_counter() - began)
            yield Race(size, dict(best), done / rounds)

    return results()


def recovery(
    alpha: float,
    *,
    start: float = -3.0,
    target: float = 1.0,
    learning_rate: float = 1.0,
    steps: int = 10_000,
) -> np.ndarray:
    """One neuron with one weight and the input 1, told to say ``target``: its pre-activation by step.

    The loss is ``(leaky_relu(z, alpha) - target)**2 / 2``, so each step of gradient descent adds
    ``learning_rate * (target - leaky_relu(z, alpha)) * slope`` to ``z``, where the slope is 1 for
    ``z > 0`` and ``alpha`` elsewhere.

    Returns
    -------
    ndarray, shape (steps + 1,)
        From ``start`` on.

    Raises
    ------
    ValueError
        If a number is not finite, or there are fewer than 0 steps.
    """
    numbers = {"alpha": alpha, "start": start, "target": target, "learning_rate": learning_rate}
    for name, number in numbers.items():
        if not np.isfinite(number):
            raise ValueError(f"{name} must be finite; got {number}")
    path = [float(start)]
    for _ in range(whole_number("steps", steps, minimum=0)):
        z = path[-1]
        slope = 1.0 if z > 0 else alpha
        path.append(z + learning_rate * (target - slope * z) * slope)
    return np.array(path)


def name_of(alpha: float) -> str:
    """What the networks of a slope are called: ReLU, Leaky ReLU or linear."""
    return {0.0: "ReLU", 1.0: "linear (α = 1)"}.get(float(alpha), f"Leaky ReLU {alpha:g}")


def training_death(**settings: object) -> TrainingDeath:
    """Train twins that differ only in their slope, and watch their units; see `training_death_live`."""
    *_, result = training_death_live(**settings)
    return result


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
) -> Iterator[TrainingDeath]:
    """Train twins that differ only in their slope, and yield what is known of their units so far.

    Parameters
    ----------
    data : str
        A classification of `leaky_lib.data`: ``"moons"``, ``"spirals"`` or ``"digits"``.
    alphas : sequence of float
        Slopes to compare; the first is the baseline. 0 is ReLU.
    depth, width : int
        Hidden layers, and units in each.
    optimiser : str
        ``"sgd"``, ``"momentum"`` or ``"adam"``.
    learning_rate : float
        At least 0.
    steps : int
        Parameter updates.
    batch : int, optional
        Examples per step; 100 for digits, all of them for toy data, unless told.
    seeds : int
        Networks per slope.
    seed : int
        Of the weights and the batches. Same seed, same result.
    snapshots : int
        How often to look.

    Yields
    ------
    TrainingDeath
        From the start to the latest look.

    Raises
    ------
    TypeError, ValueError
        At the call, if a setting is not of the kind or in the range above.
    """
    settings = dict(locals())
    dataset = datasets.load(data)
    if not dataset.is_classification:
        raise ValueError(f"data must be a classification (moons, spirals, digits); got {data!r}")
    depth = whole_number("depth", depth, minimum=1)
    width = whole_number("width", width, minimum=1)
    steps = whole_number("steps", steps, minimum=1)
    snapshots = whole_number("snapshots", snapshots, minimum=1)
    widths = [dataset.features, *[width] * depth, dataset.outputs]
    ensemble = initialise(widths, seeds=seeds, alpha=np.atleast_1d(alphas), seed=seed)
    alphas = np.atleast_1d(alphas).astype(float)
    run = train(
        ensemble,
        dataset.train_x,
        dataset.train_y,
        steps=steps,
        optimiser=optimiser_called(optimiser, learning_rate),
        batch=min(100, len(dataset.train_x)) if batch is None and data == "digits" else batch,
        every=ceil(steps / snapshots),
        seed=seed,
    )

    def results() -> Iterator[TrainingDeath]:
        looks = []
        for snapshot in run:
            looks.append((snapshot.step, *_look(snapshot, dataset)))
            step, never, stuck_units, loss, right, finite = map(np.array, zip(*looks, strict=True))
            yield TrainingDeath(settings, alphas, step, never, stuck_units, loss, right, finite)

    return results()


def _look(snapshot: Snapshot, dataset: datasets.Dataset) -> tuple[np.ndarray, ...]:
    """Both measures of every hidden unit, training loss, test accuracy, and which networks are finite."""
    ensemble = snapshot.ensemble

    def diagnose(part: Ensemble) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        loss, trace = gradients_of_loss(part, dataset.train_x, dataset.train_y)
        hidden = range(len(part.alphas))
        never = np.stack([never_positive(trace.pre_activations[layer]) for layer in hidden], axis=-2)
        return never, stuck(hidden_gradient_norms(trace)), loss

    parts = in_chunks(diagnose, ensemble, len(dataset.train_x))
    never, stuck_units, loss = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    never, stuck_units, loss = (
        kind.reshape(*ensemble.members, *kind.shape[1:]) for kind in (never, stuck_units, loss)
    )
    right = accuracy(ensemble, dataset.test_x, dataset.test_y)
    # Weights can still be finite one step before they overflow; the loss then is not.
    return never, stuck_units, loss, right, snapshot.finite & np.isfinite(loss)


def hidden_gradient_norms(trace: Trace) -> np.ndarray:
    """Gradient norm of every hidden unit, for layers of one width: (*members, layers, units)."""
    gradients = zip(trace.weight_gradients[:-1], trace.bias_gradients[:-1], strict=True)
    return np.stack([unit_gradient_norms(*both) for both in gradients], axis=-2)
