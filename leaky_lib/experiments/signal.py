"""The signal through depth, in networks that are fresh from initialisation; see notebook 04."""

from collections.abc import Sequence

import numpy as np

from leaky_lib.activations import leaky_relu, leaky_relu_gain
from leaky_lib.arguments import check_memory, finite_number, whole_number
from leaky_lib.experiments.result import Result
from leaky_lib.networks import several_slopes


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
) -> Result:
    """Send random inputs through deep networks of random weights, and measure the signal.

    A result has ``"mean_square"`` of the activations, over units and examples, layer by layer from 0, the
    input; and ``"theory"``, what He's argument expects of its *mean over networks*. The deeper the network,
    the further single ones scatter around that, by a factor that grows with ``layers / width``: a typical
    network lies below it.

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
    depth = np.arange(layers + 1)
    theory = (gains**2 * (1 + alphas**2) / 2) ** depth[:, None]
    axes = {"layer": tuple(depth.tolist()), "alpha": tuple(alphas.tolist()), "seed": tuple(range(networks))}
    return Result(axes, {"mean_square": np.array(found), "theory": theory})
