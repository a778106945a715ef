"""The activation functions themselves: values, derivatives, inverse and gain, in NumPy alone.

The readable form of Leaky ReLU is one line, ``np.where(x >= 0, x, alpha * x)``. On random signs that
line waits for a branch per element; ``np.maximum(x, alpha * x)`` does not, and gives the same numbers
whenever ``alpha <= 1``. So the notebooks show the first and this file computes the second, and a test
holds them equal to the last bit.

Conventions, those of a NumPy ufunc: any shape, sequences and scalars; ``alpha`` broadcasts against
``x``; floating dtypes are kept, integers, booleans and fractions become float64, bfloat16 and float8
float32; NaN stays NaN; the input is never changed. A slope of exactly 0 means "no output for a negative
input", so it gives 0.0 there, never -0.0, and 0.0 for minus infinity too.
"""

from collections.abc import Iterator
from math import isfinite
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "leaky_relu",
    "leaky_relu_derivative",
    "leaky_relu_gain",
    "leaky_relu_inverse",
    "relu",
    "relu_derivative",
]

CACHED_BYTES = 1 << 18
"""Larger arrays are taken in parts of so many bytes: at 10^8 numbers that saves a fifth to a third."""


def relu(x: ArrayLike, out: np.ndarray | None = None) -> np.ndarray | np.floating:
    """ReLU: ``x`` where ``x > 0``, else 0.

    Parameters
    ----------
    x : array_like, any shape
        Pre-activations.
    out : ndarray, optional
        Where to write the result; same shape and dtype as the result. May be ``x`` itself.

    Returns
    -------
    ndarray or NumPy scalar
        Same shape and floating dtype as ``x`` (float64 for integers and booleans).

    Raises
    ------
    TypeError
        If ``x`` is not real numbers.
    ValueError
        If ``out`` has another shape or dtype than the result.

    References
    ----------
    V. Nair and G. E. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
    """
    x = _real_array("x", x)
    result = _not_below_zero(x, x.dtype.type(0), _checked_out(out, x.shape, x.dtype))
    return _scalar_if_0d(result) if out is None else out


def relu_derivative(x: ArrayLike, out: np.ndarray | None = None) -> np.ndarray | np.floating:
    """Derivative of ReLU: 1 where ``x >= 0``, else 0; see `leaky_relu_derivative` for ``x == 0``."""
    return leaky_relu_derivative(x, 0.0, out=out)


def leaky_relu(
    x: ArrayLike, alpha: ArrayLike = 0.01, out: np.ndarray | None = None
) -> np.ndarray | np.floating:
    """Leaky ReLU: ``x`` where ``x >= 0``, else ``alpha * x``.

    Parameters
    ----------
    x : array_like, any shape
        Pre-activations.
    alpha : array_like, broadcastable against ``x``
        Slope on the negative side. Any finite real number: 0 is ReLU, 1 the identity.
    out : ndarray, optional
        Where to write the result; same shape and dtype as the result. May be ``x`` itself.

    Returns
    -------
    ndarray or NumPy scalar
        Shape of ``x`` and ``alpha`` broadcast together; floating dtype of ``x``.

    Raises
    ------
    TypeError
        If ``x`` or ``alpha`` is not real numbers.
    ValueError
        If ``alpha`` is NaN or infinite, or does not broadcast; if ``out`` does not fit.

    References
    ----------
    A. L. Maas, A. Y. Hannun and A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic
    models", ICML workshop on deep learning for audio, speech and language processing, 2013, section 2.

    Examples
    --------
    >>> leaky_relu([-2, -1, 0, 1, 2], alpha=0.01)
    array([-0.02, -0.01,  0.  ,  1.  ,  2.  ])
    """
    x = _real_array("x", x)
    alpha, lowest, highest = _slope(alpha, x.dtype)
    shape = _broadcast_shape(x, alpha)
    out = _checked_out(out, shape, x.dtype)
    result = np.empty(shape, x.dtype) if out is None else out
    # A result that leaves the dtype's range is the formula's own answer (inf), not an accident.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        if lowest == highest == 0:
            _not_below_zero(x, np.zeros_like(alpha), result)
        elif lowest >= 0 and highest <= 1:
            for part_of_x, part_of_result in _in_cache(x, alpha, result):
                _larger_of_both_lines(part_of_x, alpha, part_of_result)
        else:
            _by_the_definition(x, alpha, result)
    return _scalar_if_0d(result) if out is None else out


def leaky_relu_derivative(
    x: ArrayLike, alpha: ArrayLike = 0.01, out: np.ndarray | None = None
) -> np.ndarray | np.floating:
    """Derivative of Leaky ReLU: 1 where ``x >= 0``, else ``alpha``.

    At exactly 0 there is no derivative: the slope from the left is ``alpha``, from the right 1. This
    function answers 1, as JAX does for its ``leaky_relu``; PyTorch and TensorFlow answer ``alpha``.
    The backward pass in `leaky_lib.networks` uses the second rule, and says why.

    Parameters
    ----------
    x : array_like, any shape
        Pre-activations.
    alpha : array_like, broadcastable against ``x``
        Slope on the negative side, finite.
    out : ndarray, optional
        Where to write the result; same shape and dtype as the result. May be ``x`` itself.

    Returns
    -------
    ndarray or NumPy scalar
        Shape of ``x`` and ``alpha`` broadcast together; floating dtype of ``x``. NaN where ``x`` is.

    Raises
    ------
    TypeError
        If ``x`` or ``alpha`` is not real numbers.
    ValueError
        If ``alpha`` is NaN or infinite, or does not broadcast; if ``out`` does not fit.

    Examples
    --------
    >>> leaky_relu_derivative([-2, 0, 2], alpha=0.01)
    array([0.01, 1.  , 1.  ])
    """
    x = _real_array("x", x)
    alpha, _, _ = _slope(alpha, x.dtype)
    out = _checked_out(out, _broadcast_shape(x, alpha), x.dtype)
    slope = np.where(np.isnan(x), x, np.where(x >= 0, x.dtype.type(1), alpha))
    if out is None:
        return _scalar_if_0d(slope)
    out[...] = slope
    return out


def leaky_relu_inverse(
    y: ArrayLike, alpha: ArrayLike = 0.01, out: np.ndarray | None = None
) -> np.ndarray | np.floating:
    """Inverse of Leaky ReLU: the one ``x`` with ``leaky_relu(x, alpha) == y``, for ``alpha > 0``.

    It is itself a Leaky ReLU, with slope ``1 / alpha``. With ``alpha = 0`` every negative ``x`` goes to
    0 and there is no way back; with ``alpha < 0`` two inputs share an output.

    Parameters
    ----------
    y : array_like, any shape
        Activations.
    alpha : array_like, broadcastable against ``y``
        Slope on the negative side, finite and greater than 0.
    out : ndarray, optional
        Where to write the result; same shape and dtype as the result. May be ``y`` itself.

    Returns
    -------
    ndarray or NumPy scalar
        Shape of ``y`` and ``alpha`` broadcast together; floating dtype of ``y``.

    Raises
    ------
    TypeError
        If ``y`` or ``alpha`` is not real numbers.
    ValueError
        If ``alpha`` is infinite, NaN or not greater than 0, or does not broadcast; if ``out`` does not fit.
    """
    y = _real_array("y", y)
    alpha, lowest, _ = _slope(alpha, y.dtype)
    if lowest <= 0:
        raise ValueError(f"alpha must be greater than 0 for an inverse to exist; got {_shown(alpha)}")
    out = _checked_out(out, _broadcast_shape(y, alpha), y.dtype)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        x = np.where(y < 0, y / alpha, y)
    if out is None:
        return _scalar_if_0d(x)
    out[...] = x
    return out


@np.errstate(under="ignore")
def leaky_relu_gain(alpha: ArrayLike = 0.01) -> np.ndarray | np.floating:
    """He's gain, ``sqrt(2 / (1 + alpha**2))``: weights of standard deviation ``gain / sqrt(fan_in)``
    keep the mean square of a signal constant from layer to layer.

    Parameters
    ----------
    alpha : array_like, any shape
        Slope on the negative side, finite.

    Returns
    -------
    ndarray or NumPy scalar
        Same shape as ``alpha``; float64 unless ``alpha`` has a floating dtype of its own.

    Raises
    ------
    TypeError
        If ``alpha`` is not real numbers.
    ValueError
        If ``alpha`` is NaN or infinite.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", 2015, section 2.2
    (arXiv:1502.01852).
    """  # noqa: D205
    alpha = _real_array("alpha", alpha)
    alpha, _, _ = _slope(alpha, alpha.dtype)
    # hypot(1, alpha) is sqrt(1 + alpha**2) without the square's overflow.
    return _scalar_if_0d(np.sqrt(alpha.dtype.type(2)) / np.hypot(alpha.dtype.type(1), alpha))


def _not_below_zero(x: np.ndarray, zeros: np.ndarray, out: np.ndarray | None) -> np.ndarray:
    """``np.maximum(x, zeros, out=out)``, which takes three times as long where it repeats a number."""
    return np.clip(x, zeros, np.inf, out=out)


def _in_cache(x: np.ndarray, alpha: np.ndarray, out: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give ``x`` and ``out`` whole, or in parts that stay in the cache from the product to the maximum."""
    length = CACHED_BYTES // x.itemsize
    in_parts = x.size > length and alpha.ndim == 0 and x.flags.c_contiguous and out.flags.c_contiguous
    # Writing one part must change neither the next one nor the slope.
    if in_parts and (out is x or not np.may_share_memory(x, out)) and not np.may_share_memory(alpha, out):
        x, out = x.reshape(-1), out.reshape(-1)
        for first in range(0, x.size, length):
            yield x[first : first + length], out[first : first + length]
    else:
        yield x, out


def _larger_of_both_lines(x: np.ndarray, alpha: np.ndarray, out: np.ndarray) -> None:
    """Compute ``max(x, alpha * x)``, which is Leaky ReLU for ``0 <= alpha <= 1``, without a branch."""
    aliased = np.may_share_memory(out, x) or np.may_share_memory(out, alpha)
    scaled = np.multiply(x, alpha, out=None if aliased else out)
    if alpha.ndim and not alpha.all():
        np.copyto(scaled, 0, where=alpha == 0)  # 0 * inf would be NaN
    np.maximum(x, scaled, out=out)


def _by_the_definition(x: np.ndarray, alpha: np.ndarray, out: np.ndarray) -> None:
    negative_side = np.where(alpha == 0, x.dtype.type(0), alpha * x)
    out[...] = np.where(x < 0, negative_side, x)


def real_numbers(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as an array of their own dtype, or an error that says what came instead of real numbers.

    Fractions and whole numbers of any length become float64, bfloat16 and float8 float32. Here and not
    with the other checks, for this file imports NumPy alone: notebook 02 shows it.

    Raises
    ------
    TypeError
        If they are neither floating nor integers nor booleans; if some of them are masked.
    """
    if type(values) is not np.ndarray and np.ma.is_masked(values):
        raise TypeError(
            f"{name} must be real numbers without a mask; got {values.mask.sum()} masked: "
            f"replace them by {name}.filled(number), or leave them out, as {name}.compressed() does"
        )
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O" and all(isinstance(value, Real) for value in array.flat):
            array = array.astype(np.float64)
    except ValueError as error:
        raise TypeError(f"{name} must be an array of real numbers; got a ragged sequence") from error
    except (TypeError, RuntimeError, OverflowError) as error:
        raise TypeError(
            f"{name} must be real numbers that NumPy can read (cast PyTorch's bfloat16 to float32); "
            f"got {type(values).__name__}: {error}"
        ) from error
    if array.dtype.isbuiltin == 2 and np.can_cast(array.dtype, np.float32):  # of ml_dtypes, as JAX has them
        array = array.astype(np.float32)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must be real numbers (floating, integer or boolean); "
            f"got {type(values).__name__} of dtype {array.dtype}"
        )
    return array


def _real_array(name: str, values: ArrayLike) -> np.ndarray:
    """Return ``values`` as a floating array, or say what came instead of real numbers."""
    array = real_numbers(name, values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _slope(values: ArrayLike, dtype: np.dtype) -> tuple[np.ndarray, float, float]:
    """Return alpha in the dtype of the data, where it has to be finite, with its extremes."""
    given = _real_array("alpha", values)
    with np.errstate(over="ignore", under="ignore"):
        alpha = given.astype(dtype, copy=False)
    if not alpha.size:
        return alpha, 1.0, 1.0
    # A reduction costs a microsecond, also over a single number.
    lowest, highest = (float(alpha.min()), float(alpha.max())) if alpha.ndim else (float(alpha),) * 2
    if not (isfinite(lowest) and isfinite(highest)):
        raise ValueError(f"alpha must be finite in {dtype}; got {_shown(given)}")
    return alpha, lowest, highest


def _broadcast_shape(x: np.ndarray, alpha: np.ndarray) -> tuple[int, ...]:
    if alpha.ndim == 0:
        return x.shape
    try:
        return np.broadcast_shapes(x.shape, alpha.shape)
    except ValueError as error:
        raise ValueError(
            f"alpha of shape {alpha.shape} does not broadcast against x of shape {x.shape}; "
            "their trailing dimensions must be equal or 1"
        ) from error


def _checked_out(out: np.ndarray | None, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray | None:
    if out is None:
        return None
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array; got {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype:
        raise ValueError(f"out must have shape {shape} and dtype {dtype}; got {out.shape} and {out.dtype}")
    return out


def _scalar_if_0d(result: np.ndarray) -> np.ndarray | np.floating:
    return result[()] if isinstance(result, np.ndarray) and result.ndim == 0 else result


def _shown(values: np.ndarray) -> str:
    return np.array2string(values, threshold=6, precision=6, separator=", ")
