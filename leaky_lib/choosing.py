"""The experiments of notebook 04 but for its sweep: the ends, and the signal through depth.

`leaky_lib.experiments` hands them on under the same names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaky_lib import data as datasets
from leaky_lib.activations import leaky_relu, leaky_relu_gain
from leaky_lib.arguments import check_memory, finite_number, whole_number
from leaky_lib.diagnostics import Estimate
from leaky_lib.networks import (
    Ensemble,
    dense_widths,
    initialise,
    several_slopes,
)
from leaky_lib.progress import last_of
from leaky_lib.tables import row_of
from leaky_lib.training import optimiser_called, train

__all__ = [
    "Signal",
    "ends",
    "signal",
]


# --- The ends --------------------------------------------------------------------------------------


def ends(
    alphas: Sequence[float] = (0.0, 0.01, 0.1, 0.3, 1.0),
    *,
    data: str = "spirals",
    depth: int = 2,
    width: int = 16,
    steps: int = 400,
    learning_rate: float = 0.01,
    seed: int = 0,
) -> Ensemble:
    """Networks that start from the same weights and differ in their slope, trained with Adam: (alphas,)."""
    dataset = datasets.classification(data)
    alphas = several_slopes("alphas", alphas)
    widths = dense_widths(dataset, depth, width, slopes=len(alphas))
    start = initialise(widths, alpha=alphas, seed=seed)[:, 0]
    optimiser = optimiser_called("adam", learning_rate)
    run = train(start, dataset.train_x, dataset.train_y, steps=steps, optimiser=optimiser)
    return last_of(run).ensemble


# --- Learned slopes --------------------------------------------------------------------------------


# --- Signal through depth --------------------------------------------------------------------------


@dataclass(frozen=True)
class Signal:
    """How strong the signal is, layer by layer, in deep networks fresh from initialisation.

    Attributes
    ----------
    alphas : ndarray, shape (alphas,)
    gains : ndarray, shape (alphas,)
        The gain that each slope's weights were drawn with.
    mean_square : ndarray, shape (layers + 1, alphas, networks)
        Of the activations, over units and examples; 1 at the input, layer 0.
    """

    alphas: np.ndarray
    gains: np.ndarray
    mean_square: np.ndarray

    @property
    def theory(self) -> np.ndarray:
        """What He's argument expects: ``(gain**2 * (1 + alpha**2) / 2) ** layer``, (layers + 1, alphas)."""
        layer = np.arange(len(self.mean_square))[:, None]
        return (self.gains**2 * (1 + self.alphas**2) / 2) ** layer

    def last(self, alpha: float) -> Estimate:
        """Mean square in the last layer, over the networks of one slope."""
        return Estimate.of_mean(self.mean_square[-1, row_of(self.alphas, alpha)])


@np.errstate(under="ignore")
def signal(
    alphas: Sequence[float] = (0.0, 0.01, 0.2, 0.5, 1.0),
    *,
    gain: float | None = None,
    layers: int = 50,
    width: int = 128,
    networks: int = 20,
    examples: int = 32,
    seed: int = 0,
) -> Signal:
    """Send random inputs through deep networks of random weights, and measure the signal.

    He's argument is about the *mean over networks*. The deeper the network, the further single networks
    scatter around it, by a factor that grows with ``layers / width``: so the mean needs many networks, and
    a typical network lies below it.

    Parameters
    ----------
    alphas : sequence of float
    gain : float, optional
        The weights' standard deviation is ``gain / sqrt(width)``; by default He's gain for each slope.
    layers, width, networks, examples, seed : int

    References
    ----------
    K. He et al., "Delving deep into rectifiers", 2015, section 2.2, equation 15 (arXiv:1502.01852).
    """
    alphas = several_slopes("alphas", alphas)
    numbers = {"layers": layers, "width": width, "networks": networks, "examples": examples}
    for name, number in numbers.items():
        whole_number(name, number, minimum=1)
    gains = leaky_relu_gain(alphas) if gain is None else np.full(len(alphas), finite_number("gain", gain))
    of_a_network = 8 * width**2 + len(alphas) * (24 * examples * width + 8 * layers)
    check_memory(networks * of_a_network, **numbers)
    rng = np.random.default_rng(whole_number("seed", seed, minimum=0))
    h = rng.standard_normal((networks, examples, width), dtype=np.float32)
    h /= np.sqrt(np.square(h).mean(axis=(-2, -1), keepdims=True))
    h = np.repeat(h[None], len(alphas), axis=0)
    found = [np.square(h, dtype=float).mean(axis=(-2, -1))]
    slope = alphas.astype(np.float32)[:, None, None, None]
    scale = (gains / np.sqrt(width)).astype(np.float32)[:, None, None, None]
    for _ in range(layers):
        weight = rng.standard_normal((networks, width, width), dtype=np.float32)  # twins share it
        h = leaky_relu(scale * (h @ weight), slope)
        found.append(np.square(h, dtype=float).mean(axis=(-2, -1)))
    return Signal(alphas, gains, np.array(found))
