"""What a function makes of a standard normal number, integrated over the bell: no draw, no quantiles."""

from collections.abc import Callable

import numpy as np


def mean_and_spread(compute: Callable) -> tuple[float, float]:
    """Mean and standard deviation of ``compute(z)[0]``, z standard normal."""
    z = np.linspace(-12, 12, 200_001)
    weight = np.exp(-(z**2) / 2)
    value, _ = compute(z)
    mean = np.average(value, weights=weight)
    return mean, np.sqrt(np.average((value - mean) ** 2, weights=weight))
