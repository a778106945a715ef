"""Counting dead and stuck units of a model of any framework, batch by batch."""

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.activations import real_numbers
from leaky_lib.arguments import whole_number
from leaky_lib.tables import Table
from leaky_lib.units import stuck


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
