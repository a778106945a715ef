"""What exercises are tried with: inputs, our own answers where they are long, and builders of wrong ones.

The expressions of the TOML files may use every name of this file.
"""

from collections.abc import Callable
from functools import partial
from types import CellType, CodeType, FunctionType, MethodType

import numpy as np

from leaky_lib.activations import (  # noqa: F401, the expressions use them
    leaky_relu,
    leaky_relu_derivative,
    leaky_relu_gain,
    leaky_relu_inverse,
)
from leaky_lib.units import numerical_gradient

X = np.array([-3.0, -2.0, -0.5, 0.0, 0.5, 4.0])
IMAGE = np.linspace(-2, 2, 2 * 3 * 2 * 3).reshape(2, 3, 2, 3)
CHANNEL_ALPHAS = np.array([0.05, 0.1, 0.5])

TINY, SMALL = 1e-30, 1e-7
"""Inputs scaled by one of them tell a comparison with 0 from one with a number near 0. Where the results
shrink with the inputs, TINY ones would all pass for 0."""


def uses_where(answer: object) -> str | None:
    """What to say of a right answer that uses np.where, or has leaky_relu do its work."""
    names = _names_behind(answer)
    if "leaky_relu" in names:
        return "The numbers are right, but leaky_relu does the work: write what it does, without np.where."
    if "where" in names:
        return "The numbers are right, but np.where is still in it: find a way without."
    return None


WRAPPERS = (partial, np.vectorize, MethodType, staticmethod)


def _names_behind(thing: object, home: str | None = None, seen: list | None = None) -> set[str]:
    """The names in a callable's code, and in all it is made of that comes from the same notebook."""
    seen = [] if seen is None else seen
    if any(thing is one for one in seen):
        return set()
    seen.append(thing)
    if thing is np.where or thing is leaky_relu:
        return {thing.__name__}
    if not isinstance(thing, WRAPPERS):
        module = getattr(thing, "__module__", None) or ""
        if home not in (None, module):
            return set()
        home = module
    names = _names_in(getattr(thing, "__code__", None))
    return names.union(*(_names_behind(one, home, seen) for one in _held_by(thing) if callable(one)))


def _held_by(thing: object) -> list:
    """What a wrapper wraps, what a function has at hand, or what an object and its class hold."""
    if isinstance(thing, partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, np.vectorize):
        return [thing.pyfunc]
    if isinstance(thing, MethodType | staticmethod):
        return [thing.__func__, getattr(thing, "__self__", None)]
    if isinstance(thing, FunctionType):
        cells = [cell.cell_contents for cell in thing.__closure__ or () if cell != CellType()]
        defaults = [*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
        return [*map(thing.__globals__.get, _names_in(thing.__code__)), *cells, *defaults]
    kinds = [value for kind in type(thing).__mro__ for value in vars(kind).values()]
    return [*kinds, *getattr(thing, "__dict__", {}).values()]


def _names_in(code: object) -> set[str]:
    if not isinstance(code, CodeType):
        return set()
    return set(code.co_names).union(*map(_names_in, code.co_consts))


def _numerical(function: Callable, at: np.ndarray) -> np.ndarray:
    """The gradient by steps that suit the size of the numbers: one too long would cross the bend."""
    return numerical_gradient(function, at, h=1e-6 * np.abs(at).max())


def numerical_layer_backward(
    x: np.ndarray, z: np.ndarray, weights: np.ndarray, error: np.ndarray, alpha: float
) -> tuple[np.ndarray, ...]:
    """The gradients of a layer by finite differences."""
    bias = z[:1] - x[:1] @ weights

    def asked(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> float:
        return float((error * leaky_relu(x @ weights + bias, alpha)).sum())

    return (
        _numerical(lambda weights: asked(x, weights, bias), weights),
        _numerical(lambda bias: asked(x, weights, bias), bias)[0],
        _numerical(lambda x: asked(x, weights, bias), x),
    )


def layer_backward_with(slope: Callable) -> Callable:
    """Build the backward pass of a layer with a slope of one's own, ``slope(z, alpha)``."""

    def layer_backward(x, z, weights, error, alpha):
        back = error * slope(z, alpha)
        return x.T @ back, back.sum(axis=0), back @ weights.T

    return layer_backward


def changed_layer(change: Callable) -> Callable:
    """Build the right backward pass of a layer, its results spoiled by ``change``."""
    right = layer_backward_with(lambda z, alpha: np.where(z > 0, 1.0, alpha))
    return lambda x, z, weights, error, alpha: change(*right(x, z, weights, error, alpha))


def numerical_two_layers(
    x: np.ndarray, y: np.ndarray, w1: np.ndarray, w2: np.ndarray, alpha: float
) -> tuple[np.ndarray, ...]:
    """The gradients of two layers by finite differences."""

    def loss(w1: np.ndarray, w2: np.ndarray) -> float:
        return float(((leaky_relu(x @ w1, alpha) @ w2 - y) ** 2).sum() / 2 / len(x))

    return (
        _numerical(lambda w1: loss(w1, w2), w1),
        _numerical(lambda w2: loss(w1, w2), w2),
    )


def two_layers_with(slope: Callable) -> Callable:
    """Build the backward pass of two layers with a slope of one's own, ``slope(z, h, alpha)``."""

    def backward(x, y, w1, w2, alpha):
        z = x @ w1
        h = leaky_relu(z, alpha)
        error = (h @ w2 - y) / len(x)
        return x.T @ (error @ w2.T * slope(z, h, alpha)), h.T @ error

    return backward


def layer_case(alpha: float, size: float = 1.0) -> tuple:
    """A layer whose pre-activations are about so large."""
    rng = np.random.default_rng(7)
    x, weights, error = (rng.normal(size=shape) for shape in ((5, 3), (3, 4), (5, 4)))
    return x, size * (x @ weights + 0.1), size * weights, error, alpha


def two_layer_case(alpha: float, size: float = 1.0) -> tuple:
    """Two layers; the pre-activations of the first are about so large, and the outputs about 1."""
    rng = np.random.default_rng(8)
    x, y, w1, w2 = (rng.normal(size=shape) for shape in ((6, 2), (6, 1), (2, 3), (3, 1)))
    return x, y, size * w1, w2 / size, alpha


PRE_ACTIVATIONS = np.array(
    [
        [-1.0, 2.0, -0.5, 0.0, -2.0],
        [-3.0, -1.0, -0.1, 0.0, 0.3],
        [-0.2, 1.0, -4.0, 0.0, -1.0],
    ]
)


SLOPES = np.array([0.0, 0.01, 0.2, 0.5, 1.0])


def _images_of_channels() -> np.ndarray:
    """Pre-activations of three images, five channels and 2 × 2 pixels."""
    z = np.random.default_rng(11).uniform(-3, -0.1, (3, 5, 2, 2))
    z[0, 1, 0, 1] = 2.0  # alive on one pixel of the first image
    z[:, 2] = np.minimum(z[:, 2] + 1, 0)  # dead, and now and then at 0
    z[1, 3, 1, 0] = 30.0  # alive on one pixel of the second, and loud enough there for a positive mean
    z[:, 4] *= -1  # alive, but on one pixel
    z[1, 4, 0, 1] = -0.2
    return z


IMAGES_OF_CHANNELS = _images_of_channels()
