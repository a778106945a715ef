"""Leaky ReLU and ReLU: values, derivatives, inverse and gain, in NumPy alone.

The readable form of Leaky ReLU is one line, ``np.where(x >= 0, x, alpha * x)``. On random signs that
line waits for a branch per element; ``np.maximum(x, alpha * x)`` does not, and gives the same numbers
whenever ``0 < alpha <= 1``. So the notebooks show the first and this file computes the second, and a
test holds them equal to the last bit.

Conventions, those of a NumPy ufunc: any shape, sequences and scalars; ``alpha`` broadcasts against
``x``; floating dtypes are kept, integers and booleans become float64; NaN stays NaN; the input is never
changed; a number beyond the dtype's range becomes infinite. What is no array of real numbers is a
TypeError; an ``alpha`` that is NaN, infinite or of a shape that does not fit, a ValueError.
"""

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

CACHED_NUMBERS = 1 << 15
"""Longer arrays are taken in parts of so many: at 10^8 numbers that saves a fifth to a third."""


def relu(x: ArrayLike) -> np.ndarray | np.floating:
    """ReLU: ``x`` where ``x > 0``, else 0; otherwise as `leaky_relu`.

    V. Nair and G. E. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
    """
    return leaky_relu(x, 0.0)


def relu_derivative(x: ArrayLike) -> np.ndarray | np.floating:
    """Derivative of ReLU: 1 where ``x >= 0``, else 0; see `leaky_relu_derivative` for ``x == 0``."""
    return leaky_relu_derivative(x, 0.0)


@np.errstate(over="ignore", invalid="ignore")
def leaky_relu(x: ArrayLike, alpha: ArrayLike = 0.01) -> np.ndarray | np.floating:
    """Leaky ReLU: ``x`` where ``x >= 0``, else ``alpha * x``.

    Parameters
    ----------
    x : array_like, any shape
        Pre-activations.
    alpha : array_like, broadcastable against ``x``
        Slope on the negative side. Any finite real number: 0 is ReLU, 1 the identity.

    Returns
    -------
    ndarray or NumPy scalar
        Shape of ``x`` and ``alpha`` broadcast together; floating dtype of ``x``.

    References
    ----------
    A. L. Maas, A. Y. Hannun and A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML workshop on deep learning for audio, speech and language processing, 2013, section 2.

    Examples
    --------
    >>> leaky_relu([-2, -1, 0, 1, 2], alpha=0.01)
    array([-0.02, -0.01,  0.  ,  1.  ,  2.  ])
    """
    x, alpha, lowest, highest = _data_and_slope("x", x, alpha)
    if lowest == highest == 0:
        return np.clip(x, np.zeros_like(alpha), np.inf)[()]  # np.maximum takes three times as long here
    if lowest > 0 and highest <= 1:
        return _larger_of_both_lines(x, alpha)[()]
    return np.where(x < 0, np.where(alpha == 0, x.dtype.type(0), alpha * x), x)[()]  # 0 * inf would be NaN


@np.errstate(over="ignore")
def leaky_relu_derivative(x: ArrayLike, alpha: ArrayLike = 0.01) -> np.ndarray | np.floating:
    """Derivative of Leaky ReLU: 1 where ``x >= 0``, else ``alpha``; NaN where ``x`` is.

    At exactly 0 there is no derivative: the slope from the left is ``alpha``, from the right 1. This
    function answers 1, as JAX does for its ``leaky_relu``; PyTorch and TensorFlow answer ``alpha``.
    The backward pass in `leaky_lib.networks` uses the second rule, and says why.

    Parameters
    ----------
    x, alpha : array_like
        As for `leaky_relu`.

    Examples
    --------
    >>> leaky_relu_derivative([-2, 0, 2], alpha=0.01)
    array([0.01, 1.  , 1.  ])
    """
    x, alpha, _, _ = _data_and_slope("x", x, alpha)
    return np.where(np.isnan(x), x, np.where(x >= 0, x.dtype.type(1), alpha))[()]


@np.errstate(over="ignore", invalid="ignore")
def leaky_relu_inverse(y: ArrayLike, alpha: ArrayLike = 0.01) -> np.ndarray | np.floating:
    """Inverse of Leaky ReLU: the one ``x`` with ``leaky_relu(x, alpha) == y``, for ``alpha > 0``.

    It is itself a Leaky ReLU, with slope ``1 / alpha``. With ``alpha = 0`` every negative ``x`` goes to
    0 and there is no way back; with ``alpha < 0`` two inputs share an output.

    Parameters
    ----------
    y, alpha : array_like
        Activations, and the slope on the negative side, as for `leaky_relu`.
    """
    y, alpha, lowest, _ = _data_and_slope("y", y, alpha)
    if lowest <= 0:
        raise ValueError(f"alpha must be greater than 0 for an inverse to exist; got {alpha}")
    return np.where(y < 0, y / alpha, y)[()]


def leaky_relu_gain(alpha: ArrayLike = 0.01) -> np.ndarray | np.floating:
    """He's gain, ``sqrt(2 / (1 + alpha**2))``, in the shape of ``alpha``.

    Weights of standard deviation ``gain / sqrt(fan_in)`` keep the mean square of a signal constant from
    layer to layer.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", 2015, section 2.2
    (arXiv:1502.01852).
    """
    alpha, _, _ = _finite_slope(_floating("alpha", alpha))
    # hypot(1, alpha) is sqrt(1 + alpha**2) without the square's overflow.
    return (np.sqrt(alpha.dtype.type(2)) / np.hypot(alpha.dtype.type(1), alpha))[()]


def _larger_of_both_lines(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Compute ``max(x, alpha * x)``, without a branch, in parts that stay in the processor's cache."""
    if alpha.ndim or x.size <= CACHED_NUMBERS:
        scaled = np.asarray(alpha * x)
        return np.maximum(x, scaled, out=scaled)
    result, flat = np.empty(x.shape, x.dtype), x.reshape(-1)
    parts = result.reshape(-1)
    for first in range(0, x.size, CACHED_NUMBERS):
        part = slice(first, first + CACHED_NUMBERS)
        np.multiply(flat[part], alpha, out=parts[part])
        np.maximum(flat[part], parts[part], out=parts[part])
    return result


def real_numbers(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as an array of their own dtype, or a TypeError that says what came instead of numbers."""
    if np.ma.is_masked(values):  # NumPy would forget the mask, and what stands under it would count
        raise TypeError(f"{name} must be real numbers without a mask; got {values.mask.sum()} masked")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{name} must be an array of real numbers; got a ragged sequence") from error
    except (TypeError, RuntimeError) as error:  # a tensor that NumPy cannot read, and says why
        raise TypeError(f"{name} must be real numbers; got {type(values).__name__}: {error}") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must be real numbers (floating, integer or boolean); "
            f"got {type(values).__name__} of dtype {array.dtype}"
        )
    return array


def _floating(name: str, values: ArrayLike) -> np.ndarray:
    array = real_numbers(name, values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _data_and_slope(
    name: str, values: ArrayLike, alpha: ArrayLike
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Both as arrays of the data's floating dtype, and the least and the largest slope."""
    x = _floating(name, values)
    alpha, lowest, highest = _finite_slope(_floating("alpha", alpha), x.dtype)
    try:
        if alpha.ndim:
            np.broadcast_shapes(x.shape, alpha.shape)
    except ValueError as error:
        raise ValueError(
            f"alpha of shape {alpha.shape} does not broadcast against x of shape {x.shape}; "
            "their trailing dimensions must be equal or 1"
        ) from error
    return x, alpha, lowest, highest


def _finite_slope(given: np.ndarray, dtype: np.dtype | None = None) -> tuple[np.ndarray, float, float]:
    """The slopes in that dtype, the least and the largest of them, or an error."""
    alpha = given.astype(dtype or given.dtype, copy=False)
    if not alpha.size:
        return alpha, 1.0, 1.0
    # A reduction costs a microsecond, also over a single number.
    lowest, highest = (float(alpha.min()), float(alpha.max())) if alpha.ndim else (float(alpha),) * 2
    if not (isfinite(lowest) and isfinite(highest)):
        raise ValueError(f"alpha must be finite in {alpha.dtype}; got {given}")
    return alpha, lowest, highest
