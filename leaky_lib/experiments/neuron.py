"""One neuron, walked down its loss step by step: how it dies, and how it recovers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from leaky_lib.arguments import finite_number, sequence

NEURON_EXAMPLES = (1.0, 2.0, 3.0)
"""What the one neuron of notebook 03 is given, and what it is to say: ``y = x``."""


class NeuronPath(NamedTuple):
    """Where a neuron went: its places (w, b), its gradients there, and whether it is never positive."""

    places: np.ndarray
    gradients: np.ndarray
    never_positive: np.ndarray


def neuron_path(
    alpha: float, learning_rates: Sequence[float], start: tuple[float, float] = (2.0, 0.0)
) -> NeuronPath:
    """Walk ``leaky_relu(w * x + b, alpha)`` down half its mean squared error, one step per learning rate.

    Every array of the path has one row for each step, and one before for the start.
    """
    alpha = finite_number("alpha", alpha)
    rates = [
        finite_number("learning_rates", rate)
        for rate in sequence("learning_rates", learning_rates, minimum=0)
    ]
    start = [finite_number("start", number) for number in sequence("start", start)]
    if len(start) != 2:
        raise ValueError(f"start must be (w, b); got {start}")
    w, b = start
    path = []
    for rate in (*rates, 0.0):
        z = [w * x + b for x in NEURON_EXAMPLES]
        along_w, along_b = _gradient(alpha, z)
        path.append(((w, b), (along_w, along_b), all(each <= 0 for each in z)))
        w, b = w - rate * along_w, b - rate * along_b
    return NeuronPath(*map(np.array, zip(*path, strict=True)))


def _gradient(alpha: float, pre_activations: list[float]) -> tuple[float, float]:
    along_w = along_b = 0.0
    for x, z in zip(NEURON_EXAMPLES, pre_activations, strict=True):
        slope = 1.0 if z > 0 else alpha
        error = (slope * z - x) * slope / len(NEURON_EXAMPLES)
        along_w += error * x
        along_b += error
    return along_w, along_b
