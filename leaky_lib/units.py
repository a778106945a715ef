"""What is measured about a network: units that are never positive, and units that are stuck.

Two measures are kept apart on purpose.

*Never positive*: the unit's pre-activation is at most 0 on every example. The same test for every
slope. For ReLU it means that no gradient reaches the unit; for Leaky ReLU only that the unit sits on
its leaking side.

*Stuck*: the gradient that reaches the unit's incoming weights is not worth the name. For ReLU every
unit that is never positive is stuck; for Leaky ReLU that has to be measured.

Counting activations that are exactly 0 would report none for Leaky ReLU by construction: it would
restate the definition and prove nothing.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import real_numbers
from leaky_lib.arguments import finite_number
from leaky_lib.networks import Trace

STUCK_RELATIVE = 1e-3
"""A unit is stuck below this share of the largest unit gradient in its network. Relative, because every
gradient shrinks as the loss does. Of the network, not of the layer: of the units it flags, 93 to 100 % move
less than 1 % in the next 100 steps (by the layer's largest, 89 to 100 %), and it finds more of those that
stand still (moons, SGD 2, α = 0.01: 38 % against 23 %)."""

STUCK_ABSOLUTE = 1e-8
"""A unit is stuck below this gradient norm whatever the others do: in a deep network that freezes as a
whole, 99 % of the units stand still, and without this floor 62 % would count. It is Adam's default epsilon:
below it even an optimiser that rescales its gradients hardly moves a weight."""


def never_positive(pre_activations: ArrayLike) -> np.ndarray:
    """Which units are at most 0 on every example.

    Parameters
    ----------
    pre_activations : array_like, shape (..., examples, units)
        The values that go into the activation function, over a whole training set.

    Returns
    -------
    ndarray of bool, shape (..., units)
        A unit with a NaN among its values is not counted.
    """
    z = real_numbers("pre_activations", pre_activations)
    if z.ndim < 2 or z.shape[-2] == 0:
        raise ValueError(
            "pre_activations must have shape (..., examples, units) with at least one example; "
            f"got {z.shape}"
        )
    return z.max(axis=-2) <= 0


def hidden_gradient_norms(trace: Trace) -> np.ndarray:
    """Length of the gradient of each hidden unit's incoming weights and bias: (*members, layers, units)."""

    def norms(weight_gradient: np.ndarray, bias_gradient: np.ndarray) -> np.ndarray:
        # In float64: the square of a large float32 is infinite, that of a small one 0.
        squares = np.square(weight_gradient, dtype=np.float64).sum(axis=-2)
        return np.sqrt(squares + np.square(bias_gradient[..., 0, :], dtype=np.float64))

    gradients = zip(trace.weight_gradients[:-1], trace.bias_gradients[:-1], strict=True)
    return np.stack([norms(*both) for both in gradients], axis=-2)


def stuck(gradient_norms: ArrayLike) -> np.ndarray:
    """Which units no gradient worth the name reaches.

    A unit is stuck when its gradient norm is at most `STUCK_RELATIVE` times the largest in its network, or
    at most `STUCK_ABSOLUTE`.

    Parameters
    ----------
    gradient_norms : array_like, shape (..., layers, units)
        From `hidden_gradient_norms`, over a whole training set; one network per leading index.

    Returns
    -------
    ndarray of bool, shape (..., layers, units)
        Of a network whose norms are not all finite it says nothing: with a NaN none of its units counts
        as stuck, with an infinity and no NaN all.
    """
    norms = real_numbers("gradient_norms", gradient_norms)
    if norms.ndim < 2 or 0 in norms.shape[-2:]:
        raise ValueError(
            f"gradient_norms must have shape (..., layers, units), at least one of each; got {norms.shape}"
        )
    largest = norms.max(axis=(-2, -1), keepdims=True)
    return norms <= np.maximum(STUCK_RELATIVE * largest, STUCK_ABSOLUTE)


def numerical_gradient(
    function: Callable[[np.ndarray], float], at: ArrayLike, h: float = 1e-6
) -> np.ndarray:
    """Gradient of a scalar function by central differences, ``(f(x + h) - f(x - h)) / (2 h)``.

    The judge of every backward pass: slow, simple, and independent of the chain rule. In place of ``2 h``
    stands the distance of the two points, which for large x is another number: x + h is rounded.

    Parameters
    ----------
    function : callable
        Takes an array like ``at``, returns one number.
    at : array_like, any shape
    h : float
        Step, greater than 0.

    Returns
    -------
    ndarray of float64, shape of ``at``
    """
    h = finite_number("h", h, "greater than 0", lambda h: h > 0)
    x = real_numbers("at", at).astype(np.float64)

    def value_with(number: float, index: tuple[int, ...]) -> float:
        moved = x.copy()
        moved[index] = number
        return _one_number(function(moved))

    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        right, left = x[index] + h, x[index] - h
        if right == left:
            raise ValueError(f"h must be large enough to change every number of at; got {h} for {x[index]}")
        gradient[index] = (value_with(right, index) - value_with(left, index)) / (right - left)
    return gradient


def _one_number(returned: object) -> float:
    result = np.asarray(returned)
    if result.size != 1 or result.dtype.kind not in "fiub":
        raise TypeError(
            f"function must return one number; got shape {result.shape} of dtype {result.dtype}"
        )
    return result.item()
