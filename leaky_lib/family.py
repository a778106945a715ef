"""The relatives of Leaky ReLU that came after it: value and slope of each, for notebook 06.

PReLU and RReLU are Leaky ReLU with another way to get α; see `leaky_lib.training`. The others are curved.
All are written for reading, in float64, and right to about 1e-15 for any finite input.
"""

from collections.abc import Callable
from functools import cache
from math import pi
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import leaky_relu
from leaky_lib.data import bell

ValueAndSlope = tuple[np.ndarray, np.ndarray]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""The fixed point of Klambauer et al. (2017), section 2: mean 0 and variance 1 are kept."""

GELU_CUBIC, GELU_SCALE = 0.044715, np.sqrt(2 / pi)


def leaky(alpha: float) -> Callable[[ArrayLike], ValueAndSlope]:
    """Leaky ReLU of one slope, as a function that returns value and slope (``alpha`` at 0)."""

    def compute(x: ArrayLike) -> ValueAndSlope:
        x = np.asarray(x, dtype=float)
        return leaky_relu(x, alpha), np.where(x > 0, 1.0, float(alpha))

    return compute


def elu(x: ArrayLike, alpha: float = 1.0) -> ValueAndSlope:
    """ELU, ``alpha * (exp(x) - 1)`` where x < 0.

    D.-A. Clevert et al., 2015, equation 15 (arXiv:1511.07289).
    """
    x = np.asarray(x, dtype=float)
    negative = np.minimum(x, 0)
    return np.where(x > 0, x, alpha * np.expm1(negative)), np.where(x > 0, 1.0, alpha * np.exp(negative))


def selu(x: ArrayLike) -> ValueAndSlope:
    """SELU, a scaled ELU: G. Klambauer et al., 2017, equation 2 (arXiv:1706.02515)."""
    value, slope = elu(x, SELU_ALPHA)
    return SELU_SCALE * value, SELU_SCALE * slope


def gelu(x: ArrayLike) -> ValueAndSlope:
    """GELU, x times the normal distribution function, in its tanh form, which is at most 0.0005 off.

    D. Hendrycks and K. Gimpel, 2016, section 2 (arXiv:1606.08415).
    """
    x = np.asarray(x, dtype=float)
    bounded = np.clip(x, -50, 50)  # beyond, tanh is ±1 to the last digit
    square = bounded**2  # a cube by ** would take as long as everything else together
    bent = np.tanh(GELU_SCALE * bounded * (1 + GELU_CUBIC * square))
    within = GELU_SCALE * (1 + 3 * GELU_CUBIC * square)
    return 0.5 * x * (1 + bent), 0.5 * (1 + bent) + 0.5 * bounded * (1 - bent**2) * within


def silu(x: ArrayLike) -> ValueAndSlope:
    """SiLU (Swish), ``x * sigmoid(x)``.

    S. Elfwing et al., 2017, equation 5 (arXiv:1702.03118); P. Ramachandran et al., 2017 (arXiv:1710.05941).
    """
    x = np.asarray(x, dtype=float)
    gate = _sigmoid(x)
    return x * gate, gate * (1 + x * (1 - gate))


def mish(x: ArrayLike) -> ValueAndSlope:
    """Mish, ``x * tanh(log(1 + exp(x)))``: D. Misra, 2019, equation 1 (arXiv:1908.08681)."""
    x = np.asarray(x, dtype=float)
    bent = np.tanh(np.logaddexp(0, x))
    return x * bent, bent + x * (1 - bent**2) * _sigmoid(x)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(x / 2))


class Relative(NamedTuple):
    """A function of the family: value and slope, year, where its gradient is lost, and its least value."""

    compute: Callable[[ArrayLike], ValueAndSlope]
    year: int
    dead_zone: str
    bounded_below: str


FAMILY = {
    "ReLU": Relative(leaky(0), 2010, "yes: all z ≤ 0", "0"),
    "Leaky ReLU 0.01": Relative(leaky(0.01), 2013, "no", "none"),
    "PReLU at 0.25": Relative(leaky(0.25), 2015, "no, unless it learns α = 0", "none"),
    "ELU": Relative(elu, 2015, "fades as z falls", "−1"),
    "SELU": Relative(selu, 2017, "fades as z falls", "−1.76"),
    "GELU": Relative(gelu, 2016, "fades as z falls", "−0.17"),
    "SiLU": Relative(silu, 2017, "fades as z falls", "−0.28"),
    "Mish": Relative(mish, 2019, "fades as z falls", "−0.31"),
}
"""By name. RReLU is not among them: at test time it is Leaky ReLU at 2/11."""

SMOOTH = ("ELU", "GELU", "SiLU")
"""Those that a sweep can train beside Leaky ReLU."""


@cache
def gain_of(name: str) -> float:
    """The gain that keeps the signal's size: ``1 / sqrt(mean of f(z)**2)`` for standard normal z."""
    value, _ = FAMILY[name].compute(bell(20_000))
    return float(1 / np.sqrt(np.square(value).mean()))
