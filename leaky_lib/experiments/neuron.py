"""One neuron, walked down its loss step by step: how it dies, and how it recovers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaky_lib.arguments import finite_number, sequence

__all__ = ["NeuronPath", "neuron_path"]

NEURON_EXAMPLES = (1.0, 2.0, 3.0)
"""What the one neuron of notebook 03 is given, and what it is to say: ``y = x``."""


@dataclass(frozen=True)
class NeuronPath:
    """Where gradient descent has taken one neuron, ``leaky_relu(w * x + b, alpha)``.

    Attributes
    ----------
    alpha : float
        Its slope.
    places : ndarray, shape (steps + 1, 2)
        w and b, from the start on.
    gradient : ndarray, shape (2,)
        Of the loss with respect to w and b, at the last place.
    """

    alpha: float
    places: np.ndarray
    gradient: np.ndarray

    @property
    def never_positive(self) -> np.ndarray:
        """Whether the neuron is never positive: bool, shape (steps + 1,)."""
        w, b = self.places.T
        with np.errstate(all="ignore"):  # where one diverged
            sums = [w * x + b for x in NEURON_EXAMPLES]
        return np.max(sums, axis=0) <= 0


def neuron_path(
    alpha: float, learning_rates: Sequence[float], start: tuple[float, float] = (2.0, 0.0)
) -> NeuronPath:
    """Walk one neuron down half the mean squared error on `NEURON_EXAMPLES`, one step per learning rate.

    Raises
    ------
    TypeError, ValueError
        If a number is infinite or NaN, if ``learning_rates`` is no sequence, if ``start`` is not (w, b).
    """
    alpha = finite_number("alpha", alpha)
    learning_rates = sequence("learning_rates", learning_rates, minimum=0)
    learning_rates = [finite_number("learning_rates", rate) for rate in learning_rates]
    start = [finite_number("start", number) for number in sequence("start", start)]
    if len(start) != 2:
        raise ValueError(f"start must be (w, b); got {start}")
    w, b = start
    places = [(w, b)]
    for rate in learning_rates:
        along_w, along_b = _neuron_gradient(alpha, w, b)
        w, b = w - rate * along_w, b - rate * along_b
        places.append((w, b))
    return NeuronPath(alpha, np.array(places), np.array(_neuron_gradient(alpha, w, b)))


def _neuron_gradient(alpha: float, w: float, b: float) -> tuple[float, float]:
    along_w = along_b = 0.0
    for x in NEURON_EXAMPLES:
        z = w * x + b
        slope = 1.0 if z > 0 else alpha
        error = (slope * z - x) * slope / len(NEURON_EXAMPLES)
        along_w += error * x
        along_b += error
    return along_w, along_b
