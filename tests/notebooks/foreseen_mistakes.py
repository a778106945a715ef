"""The mistakes that exercises foresee, written once more: else each would be judged by its own copy alone.

In the order of the exercise's own. Words and settings are not repeated: exercises hold them as they are.
"""

import math

import numpy as np
from wrong_answers import masks, sloped, spoiled, two_layers


def forgets_alpha(x, alpha):
    x = x.copy()
    x[x < 0] = alpha
    return x


def bends(x, alpha):
    return np.maximum(x, 0) + alpha * np.minimum(x, 0)


def relu(x, alpha):
    return x * (x > 0)


def bends_upwards(x, alpha):
    return np.where(x < 0, -1, 1) * masks(x, alpha)


def stepped(at_zero):
    """The slope, with a choice of one's own at 0."""
    return lambda x, alpha: [1 if value > 0 else alpha if value < 0 else at_zero(alpha) for value in x]


FORESEEN: dict[str, list[object]] = {
    "leaky_relu": [
        forgets_alpha,
        relu,
        bends_upwards,
        lambda x, alpha: np.multiply(alpha, x),
        lambda x, alpha: masks(x, 1 / 100),
    ],
    "without_where": [
        lambda x, alpha: np.max([x, alpha * x], axis=0),
        forgets_alpha,
        relu,
        lambda x, alpha: (x + abs(x)) / 2 - alpha * (x - abs(x)) / 2,
        lambda x, alpha: 0.5 * (1 + alpha) * x + abs(x) * (1 - alpha),
    ],
    "inverse": [
        masks,
        lambda y, alpha: np.where(y < 0, -1, 1) * masks(y, 1 / alpha),
        lambda y, alpha: y * (1 / alpha),
        lambda y, alpha: y + alpha * (y < 0),
    ],
    "per_channel": [
        bends,
        lambda x, alphas: bends(x, alphas.reshape(-1, 1)),
        lambda x, alphas: bends(x, alphas.reshape(-1, 1, 1, 1)),
        lambda x, alphas: masks(x, sum(alphas) / 3),
        lambda x, alphas: masks(x, min(alphas)),
    ],
    "derivative": [
        lambda x, alpha: [1 if value >= 0 else alpha * value for value in x],
        lambda x, alpha: (x >= 0).astype(float),
        lambda x, alpha: (x > 0).astype(int),
        lambda x, alpha: [value if value >= 0 else alpha for value in x],
        lambda x, alpha: [1 if value >= 0 else -alpha for value in x],
        lambda x, alpha: [1 if value < 0 else alpha for value in x],
        lambda x, alpha: [1 if value >= 0 else 1 / 100 for value in x],
        masks,
        stepped(lambda alpha: 0.5 + alpha / 2),
        stepped(lambda alpha: math.nan),
        stepped(lambda alpha: 0),
    ],
    "layer_backward": [
        sloped(lambda z, alpha: np.ones(z.shape)),
        sloped(lambda z, alpha: (z > 0) + (z <= 0) * alpha * z),
        sloped(lambda z, alpha: (z > 0).astype(float)),
        sloped(lambda z, alpha: np.maximum(z > 0, 0.01)),
        sloped(lambda z, alpha: (masks(z, alpha) >= 0) + alpha * (masks(z, alpha) < 0)),
        sloped(lambda z, alpha: (z <= 0) + alpha * (z > 0)),
        spoiled(lambda w, b, x: tuple(np.negative(part) for part in (w, b, x))),
        spoiled(lambda w, b, x: (np.swapaxes(w, 0, 1), b, x)),
        spoiled(lambda w, b, x: (w, 0.2 * b, x)),
        spoiled(lambda w, b, x: (0.2 * w, b, x)),
        spoiled(lambda w, b, x: (0.2 * w, 0.2 * b, x)),
    ],
    "find_the_bug": [
        two_layers(lambda z, alpha: np.ones(z.shape)),
        two_layers(lambda z, alpha: z >= 0),
        two_layers(lambda z, alpha: np.maximum(z >= 0, 0.01)),
        two_layers(lambda z, alpha: (z >= 0) + alpha * np.minimum(z, 0)),
        two_layers(lambda z, alpha: (z >= 0) - alpha * (z < 0)),
    ],
    "never_positive": [
        lambda z: z.min(axis=0) <= 0,
        lambda z: z.max(axis=1) <= 0,
        lambda z: z.max(axis=0) < 0,
        lambda z: sum(z.max(axis=0) <= 0),
        lambda z: [int(largest <= 0) for largest in z.max(axis=0)],
        lambda z: ~z.any(axis=0),
    ],
    "he_gain": [
        lambda alpha: 1 / (0.5 + alpha * alpha / 2),
        lambda alpha: np.full(np.shape(alpha), math.sqrt(2)),
        lambda alpha: (0.5 + alpha / 2) ** -0.5,
        lambda alpha: (0.5 + alpha * alpha / 2) ** 0.5,
    ],
    "first_dead_layer": [3, 5, 8],
    "dead_channels": [
        lambda z: z.min(axis=(0, 2, 3)) <= 0,
        lambda z: z.max(axis=(1, 2, 3)) <= 0,
        lambda z: z.max(axis=(0, 1, 2)) <= 0,
        lambda z: z.max(axis=0) <= 0,
        lambda z: z.max(axis=(0, 2, 3)) < 0,
        lambda z: z.max(axis=(0, 2, 3)) > 0,
        lambda z: [int(largest <= 0) for largest in z.max(axis=(0, 2, 3))],
        lambda z: [z[:, channel].sum() <= 0 for channel in range(z.shape[1])],
        lambda z: z[0].max(axis=(1, 2)) <= 0,
    ],
}
