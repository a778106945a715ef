"""The data sets: two toy classifications, one toy regression, handwritten digits, and a bell of numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from statistics import NormalDist

import numpy as np

from leaky_lib.arguments import check_memory, name_among, whole_number


@dataclass(frozen=True)
class Dataset:
    """Inputs and targets, split once into a training and a test set.

    Attributes
    ----------
    name : str
        How `load` calls it.
    train_x, test_x : ndarray, shape (examples, features), float32
        Inputs.
    train_y, test_y : ndarray
        Labels, shape (examples,), integers from 0; or, for a regression, targets of shape
        (examples, outputs), float32.
    outputs : int
        Outputs a network needs: the number of classes, or of target columns.
    """

    name: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    outputs: int

    @property
    def features(self) -> int:
        """Number of input features."""
        return self.train_x.shape[1]

    def widths(self, depth: int, width: int) -> list[int]:
        """Inputs, units of each hidden layer, and outputs of a network for these data."""
        depth = whole_number("depth", depth, minimum=1, maximum=10_000)
        width = whole_number("width", width, minimum=1, maximum=10_000)
        return [self.features, *[width] * depth, self.outputs]


def moons(examples: int = 256, noise: float = 0.15, seed: int = 0) -> Dataset:
    """Two interleaved half circles in the plane, with Gaussian noise of standard deviation ``noise``."""

    def half_circles(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        angle = rng.uniform(0, np.pi, len(labels))
        upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
        return np.where(labels[:, None] == 0, upper, lower) - [0.5, 0.25]

    return _two_classes("moons", half_circles, examples, noise, seed)


def spirals(examples: int = 256, noise: float = 0.03, seed: int = 0) -> Dataset:
    """Two spirals around each other, one and a half times about the centre, with Gaussian noise."""

    def arms(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        radius = np.sqrt(rng.uniform(0.02, 1, len(labels)))
        angle = 3 * np.pi * radius + np.pi * labels
        return 1.5 * radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    return _two_classes("spirals", arms, examples, noise, seed)


def _two_classes(name: str, place: Callable, examples: int, noise: float, seed: int) -> Dataset:
    """Draw as many training as test points, half of them in each class."""
    rng = np.random.default_rng(seed)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(examples) % 2
        points = place(labels, rng) + rng.normal(0, noise, (examples, 2))
        return points.astype(np.float32), labels

    return Dataset(name, *draw(), *draw(), outputs=2)


def absolute_value(examples: int = 64) -> Dataset:
    """The absolute value of x on [−√3, √3], evenly spaced, as in Lu et al. (2019, arXiv:1903.06733)."""
    check_memory(128 * whole_number("examples", examples, minimum=2), examples=examples)

    def on_a_grid(points: int) -> tuple[np.ndarray, np.ndarray]:
        x = np.linspace(-np.sqrt(3), np.sqrt(3), points, dtype=np.float32)[:, None]
        return x, np.abs(x)

    return Dataset("absolute_value", *on_a_grid(examples), *on_a_grid(2 * examples + 1), outputs=1)


@cache
def digits() -> Dataset:
    """The 1,797 real handwritten digits, 8 × 8 pixels: 1,437 to train on, 360 to test on.

    Pixels are shifted and scaled by the training set's mean and standard deviation (one number each).
    The split is random, drawn once: a writer's digits can stand on both sides of it. Source and licence
    are in ``leaky_lib/digits.md`` (E. Alpaydin and C. Kaynak, 1998, doi:10.24432/C50P49).
    """
    with np.load(str(files("leaky_lib") / "digits.npz")) as archive:
        pixels = archive["images"].reshape(1797, -1).astype(np.float32)
        labels = archive["labels"].astype(np.intp)
    order = np.random.default_rng(0).permutation(len(pixels))
    train, test = order[:1437], order[1437:]
    pixels = (pixels - pixels[train].mean()) / pixels[train].std()
    arrays = pixels[train], labels[train], pixels[test], labels[test]
    for array in arrays:
        array.flags.writeable = False  # one cached copy serves every caller
    return Dataset("digits", *arrays, outputs=10)


DATASETS = {"moons": moons, "spirals": spirals, "absolute_value": absolute_value, "digits": digits}


def load(name: str) -> Dataset:
    """The data set called ``name``, in its default form; a ValueError lists the names there are."""
    return DATASETS[name_among("data", name, DATASETS)]()


def classification(name: str) -> Dataset:
    """A data set with labels, or an error that names those there are."""
    if name == "absolute_value":
        raise ValueError(f"data must be a classification (moons, spirals, digits); got {name!r}")
    return load(name)


def hold_out(dataset: Dataset, share: float) -> tuple[Dataset, np.ndarray, np.ndarray]:
    """Take the last ``share`` of the training examples away: what is left, and their inputs and labels."""
    x, y = dataset.train_x, dataset.train_y
    left = len(x) - round(share * len(x))
    return replace(dataset, train_x=x[:left], train_y=y[:left]), x[left:], y[left:]


def bell(size: int) -> np.ndarray:
    """Standard normal numbers without the luck of a draw: evenly spaced quantiles, shape (size,)."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / size) for i in range(size)])
