"""Networks that are born dead: the bounds of theory."""

import numpy as np
from numpy.typing import ArrayLike

from leaky_lib.arguments import sequence, whole_number


def born_dead_bounds(width: int, depth: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Bounds on the probability that a fresh ReLU network with one input and no biases is constant.

    With N units per layer, ``a = 1 - 2**-N`` is the chance that one direction survives a layer. The
    first layer keeps both sides of 0 apart, unless all its weights share a sign, which has probability
    ``2**(1 - N)``. Afterwards both sides die together with a probability between ``4**-N`` (two
    independent directions) and ``2**-N`` (one and the same), and with H hidden layers

        ``(1 - 2**(1-N)) * (1 - a**(H-1))**2 + 2**(1-N) * (1 - a**(H-1)) <= P <= 1 - a**(H-1)``.

    The upper bound is that of Lu et al. for one side that is already lost.

    Parameters
    ----------
    width : int
        N, at least 1.
    depth : array_like of int
        H, at least 1.

    Returns
    -------
    low, high : ndarray, shape of ``depth``

    References
    ----------
    L. Lu et al., "Dying ReLU and initialization", 2019, section 3 (arXiv:1903.06733).
    """
    width = whole_number("width", width, minimum=1, maximum=1_000_000)
    depth = np.asarray(sequence("depth", depth) if isinstance(depth, range) else depth)
    for hidden_layers in depth.flat:
        whole_number("depth", hidden_layers, minimum=1)
    one_side = 1 - (1 - 2.0**-width) ** (depth - 1)
    same_sign = 2.0 ** (1 - width)
    return (1 - same_sign) * one_side**2 + same_sign * one_side, one_side
