"""What is measured about a network: dead and stuck units, zeros; counting them over batches.

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
from leaky_lib.arguments import finite_number, whole_number
from leaky_lib.networks import Trace
from leaky_lib.tables import Table

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


class Watch:
    """Counts which units of a model of *any* framework are never positive, and which are stuck.

    Show it every hidden layer's pre-activations, batch by batch. It keeps one number per unit, so that a
    training set of any size can be counted; and, where it is shown gradients, their sum per layer.

    Parameters
    ----------
    channels : int
        The axis of the units in pre-activations, for dense layers and images alike: the last one, as NumPy,
        JAX and Keras have it, or 1, as PyTorch does. All other axes are examples.
    units : int
        The axis of the units in the gradient of the weights: the last one, or 0, as in PyTorch.
    """

    def __init__(self, channels: int = -1, units: int = -1) -> None:
        self.channels, self.units = channels, units
        self._largest: dict[str, np.ndarray] = {}
        self._gradients: dict[str, np.ndarray] = {}

    def see(self, layer: str, pre_activations: ArrayLike) -> None:
        """Look at one batch of what goes *into* a layer's activation function.

        Parameters
        ----------
        layer : str
            Its name. Leave out the output layer.
        pre_activations : array_like
            Anything that NumPy can read, such as ``tensor.detach().cpu().numpy()``. Leave padding out:
            ``z[is_word]`` of sentences, where ``is_word`` has shape (sentences, places).
        """
        name = f"pre_activations of {layer!r}"
        z, others = _by_unit(name, pre_activations, "channels", self.channels)
        largest = z.max(axis=others)
        before = self._largest.get(layer, largest)
        if len(before) != len(largest):
            raise ValueError(f"{name} must have {len(before)} units, as before; got {len(largest)}")
        self._largest[layer] = np.maximum(before, largest)

    def see_gradient(self, layer: str, weight_gradient: ArrayLike) -> None:
        """Add to the gradient of the loss with respect to a layer's weights.

        Parameters
        ----------
        layer : str
            The name it has in `see`.
        weight_gradient : array_like
            Over the whole training set; or one batch's part of it, each once. Show it all hidden layers:
            a unit is stuck by comparison with its network.
        """
        name = f"weight_gradient of {layer!r}"
        gradient, _ = _by_unit(name, weight_gradient, "units", self.units)
        before = self._gradients.get(layer, np.zeros(gradient.shape))
        if before.shape != gradient.shape:
            raise ValueError(f"{name} must have shape {before.shape}, as before; got {gradient.shape}")
        self._gradients[layer] = before + gradient

    @property
    def never_positive(self) -> dict[str, np.ndarray]:
        """Of each layer which units were at most 0 on all that was seen, one True or False per unit."""
        return {layer: largest <= 0 for layer, largest in self._largest.items()}

    @property
    def stuck(self) -> dict[str, np.ndarray]:
        """Of each layer whose gradient was seen which units are `stuck`."""
        norms = {}
        for layer, gradient in self._gradients.items():
            others = tuple(np.delete(range(gradient.ndim), self.units))
            norms[layer] = np.hypot.reduce(gradient, axis=others)  # no square that could overflow
        largest = max((norm.max() for norm in norms.values()), default=0.0)
        return {layer: stuck([np.append(norm, largest)])[0, :-1] for layer, norm in norms.items()}

    def summary(self) -> Table:
        """One row per layer, in the order in which they were first seen."""
        shown = {"never positive": self.never_positive, "stuck": self.stuck}
        shown = {name: masks for name, masks in shown.items() if masks}
        rows = []
        for layer, largest in self._largest.items():
            masks = [of_layers.get(layer) for of_layers in shown.values()]
            shares = ["–" if mask is None else f"{mask.mean():.0%}" for mask in masks]
            rows.append((layer, str(len(largest)), *shares))
        return Table(("layer", "units", *shown), tuple(rows))


def _by_unit(name: str, values: ArrayLike, axis_name: str, axis: int) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return finite numbers, and all their axes but that of the units."""
    array = real_numbers(name, values)
    if array.ndim < 2 or array.size == 0:
        raise ValueError(
            f"{name} must have two axes or more, with numbers in them; got shape {array.shape}"
        )
    # NaN is the least and the largest of any numbers. np.isfinite(array) would need memory of its own.
    if not (np.isfinite(array.min()) and np.isfinite(array.max())):
        raise ValueError(f"{name} must be finite; there is NaN or an infinity in it: training diverged")
    axis = whole_number(axis_name, axis, -array.ndim, array.ndim - 1) % array.ndim
    return array, tuple(other for other in range(array.ndim) if other != axis)
