"""Networks with a fault, for the exercises: to find out what ails them, and to heal them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu_gain
from leaky_lib.arguments import whole_number
from leaky_lib.intervals import Estimate
from leaky_lib.networks import Ensemble, forward, initialise
from leaky_lib.optimisers import Adam, optimiser_called
from leaky_lib.progress import last_of, with_progress
from leaky_lib.tables import Table
from leaky_lib.training import accuracy, gradients_of_loss, train
from leaky_lib.units import hidden_gradient_norms, never_positive


def mysteries() -> dict[str, Ensemble]:
    """Three ReLU networks that look alike from outside; one of them is in good health."""
    dataset = datasets.moons(noise=0.05)
    start = initialise([2, 16, 16, 2], alpha=0.0, seed=4)
    run = train(start, dataset.train_x, dataset.train_y, steps=150, optimiser=Adam(0.01))
    healthy = last_of(run).ensemble
    dead, large = healthy.copy(), healthy.copy()
    dead.biases[1][...] = -100.0
    for parameter in (large.weights[-1], large.biases[-1]):
        parameter *= 1000.0
    return {"A": large, "B": dead, "C": healthy}


def examination(patients: Mapping[str, Ensemble]) -> Table:
    """What can be measured about some networks on the moons, one row each; see `mysteries`."""
    dataset = datasets.moons(noise=0.05)
    rows = []
    for name, ensemble in patients.items():
        _, trace = gradients_of_loss(ensemble, dataset.train_x, dataset.train_y)
        never = ", ".join(f"{never_positive(z).mean():.0%}" for z in trace.pre_activations[:-1])
        largest = ", ".join(f"{norm:.0e}" for norm in hidden_gradient_norms(trace).max(axis=(0, 2)))
        rows.append((name, never, largest, f"{np.abs(trace.output).max():.1f}"))
    by_layer = ("never positive, by hidden layer", "largest gradient, by hidden layer")
    return Table(("network", *by_layer, "largest output"), tuple(rows))


def dead_convolution() -> Ensemble:
    """A convolutional ReLU network in which all channels of one layer are dead, and so is what follows."""
    network = initialise([64, *[8] * 8, 10], alpha=0.0, seed=5, network="convolutional")
    network.biases[3][...] = -100.0
    return network


# --- The capstone ----------------------------------------------------------------------------------

FAULTS = ("dead", "diverging", "straight")
"""What can be wrong with a `Patient`: units pushed below 0 at the start, steps too large, or no bend."""

CURED = 0.9
"""The mean test accuracy from which a patient counts as cured; healthy ones reach 0.98 and more."""

REPAIRABLE = ("alpha", "bias", "depth", "learning_rate", "optimiser", "steps", "width")
MOST = {"depth": 8, "steps": 1000, "width": 64}


@dataclass(frozen=True)
class Patient:
    """Networks with a fault, drawn from a seed. ``settings`` are what they are made and trained with."""

    seed: int
    settings: dict[str, object]
    fault: str

    def __repr__(self) -> str:
        return f"patient number {self.seed}: networks for the spirals, with a fault"

    def after(self, repair: Mapping[str, object]) -> "Patient":
        """The same networks made and trained with some settings changed, of `REPAIRABLE`."""
        if unknown := sorted(map(str, set(repair) - set(REPAIRABLE))):
            raise ValueError(f"a repair can change {', '.join(REPAIRABLE)}; got {', '.join(unknown)}")
        if not all(isinstance(value, str) or np.isscalar(value) for value in repair.values()):
            raise ValueError(f"a repair gives one value to each setting; got {dict(repair)}")
        return replace(self, settings={**self.settings, **repair})

    def examine(self) -> Table:
        """What can be measured of five such networks after training."""
        spirals = datasets.load("spirals")
        ensemble = trained_with(self.settings, seeds=5)
        with np.errstate(all="ignore"):
            sums = forward(ensemble, spirals.train_x).pre_activations
        right = accuracy(ensemble, spirals.test_x, spirals.test_y)
        rows = []
        for number, share in enumerate(right):
            *hidden, output = (z[number] for z in sums)
            cells = ("yes", "–", "–", "–")
            if all(np.isfinite(z).all() for z in (*hidden, output)):
                never = ", ".join(f"{never_positive(z).mean():.0%}" for z in hidden)
                cells = ("no", never, f"{straightness(spirals.train_x, output):.0%}", f"{share:.2f}")
            rows.append((str(number + 1), *cells))
        columns = ("network", "diverged", "never positive, by layer", "straight", "test accuracy")
        return Table(columns, tuple(rows))


def straightness(x: np.ndarray, output: np.ndarray) -> float:
    """Share of an output's variance that the best straight line (or plane) through it explains.

    1 for an output that does not vary at all: it is as straight as can be.
    """
    inputs = np.concatenate([x, np.ones((len(x), 1))], axis=1).astype(float)
    spread = (output - output.mean(axis=0)).astype(float)
    rest = spread - inputs @ np.linalg.lstsq(inputs, spread, rcond=None)[0]
    total = np.square(spread).sum()
    return 1.0 if total == 0 else float(1 - np.square(rest).sum() / total)


def patient(seed: int) -> Patient:
    """Draw a patient: settings that work, one of three faults, and how severe it is."""
    rng = np.random.default_rng((whole_number("seed", seed, minimum=0), 6))
    sound = {
        "depth": int(rng.integers(2, 5)),
        "width": int(rng.choice([12, 16, 24])),
        "alpha": float(rng.choice([0.01, 0.1])),
        "bias": 0.0,
        "optimiser": "adam",
        "learning_rate": float(rng.choice([0.005, 0.01, 0.02])),
        "steps": 300,
    }
    fault = FAULTS[int(rng.integers(len(FAULTS)))]
    severity = round(float(rng.uniform(4, 8)), 1)
    broken = {
        "dead": {"alpha": 0.0, "bias": -severity},
        "diverging": {"alpha": 0.3, "optimiser": "sgd", "learning_rate": 5 * severity},
        "straight": {"alpha": 1.0},
    }[fault]
    return Patient(seed, {**sound, **broken}, fault)


def trained_with(settings: Mapping[str, object], seeds: int) -> Ensemble:
    """Networks made and trained with these settings, on the spirals: members (seeds,)."""
    spirals = datasets.load("spirals")
    for name, most in MOST.items():
        whole_number(name, settings[name], minimum=1, maximum=most)
    alpha = settings["alpha"]
    start = initialise(
        [2, *[settings["width"]] * settings["depth"], 2],
        seeds=seeds,
        alpha=alpha,
        gain=leaky_relu_gain(alpha),
        bias=settings["bias"],
        seed=9,
    )
    optimiser = optimiser_called(settings["optimiser"], settings["learning_rate"])
    run = train(start, spirals.train_x, spirals.train_y, steps=settings["steps"], optimiser=optimiser)
    return last_of(with_progress(run, lambda now: now.step / settings["steps"])).ensemble


def heal(sick: Patient, repair: Mapping[str, object]) -> Estimate:
    """Test accuracy of twenty of the patient's networks, made and trained anew after a repair.

    One that diverged counts as a guess.
    """
    spirals = datasets.load("spirals")
    ensemble = trained_with(sick.after(repair).settings, seeds=20)
    return Estimate.of_mean(accuracy(ensemble, spirals.test_x, spirals.test_y), within=(0, 1))
