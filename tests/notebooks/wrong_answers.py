"""Answers somebody might give and no hint was written for: wrong ones with their cause, and right ones.

A wrong answer stands with a part of the words that name its cause. None repeats a mistake that an exercise
knows by itself.
"""

import math
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np

from leaky_lib import leaky_relu
from leaky_lib.exercises import EXERCISES
from leaky_lib.exercises.judges import LEVERS

GOOD_DESIGN = EXERCISES["design"].answer

NEGATIVE, POSITIVE, ZERO = (
    f"wrong only where the first argument is {x}" for x in ("negative", "positive", "0")
)
SIGNS, NEARLY = "only the signs differ", "nearly: is something rounded, or measured on a sample?"
TEXT = "it returns text; True and False are wanted"
IF = "take NumPy's, which work per element"
MATH = "not those of math"
ARGUMENTS = "leave its first line as it was"
NOTHING = "end with `return`"
UNDEFINED = "that name is not defined"
WHOLE = "whole numbers cannot hold the rest"
SHAPES = "the shapes do not line up"
LIST = "a list is no array"
TRUTH = "True and False are wanted, not numbers"


def times(factor: str) -> str:
    return f"all of it is {factor} times what it should be"


def shape(*lengths: int) -> str:
    return f"a result of shape {lengths} is wanted"


def with_if(x, alpha):
    if x < 0:
        return alpha * x
    return x


def as_whole_numbers(x, alpha):
    out = np.zeros(x.shape, dtype=int)
    out[:] = np.where(x >= 0, x, alpha * x)
    return out


def prints(x, alpha):
    print(np.where(x >= 0, x, alpha * x))


def misspells(x, alpha):
    return np.where(x >= 0, x, alhpa * x)  # noqa: F821


def one_number_at_a_time(x, alpha):
    return [value if value > 0 else alpha * value for value in x.ravel()]


def loops(x, alpha):
    out = np.empty_like(x)
    for at in np.ndindex(x.shape):
        out[at] = x[at] if x[at] > 0 else alpha * x[at]
    return out


def masks(x, alpha):
    out = x.copy()
    out[out < 0] *= alpha
    return out


class Callable:
    def __call__(self, x, alpha=0.01):
        return np.maximum(x, 0) + alpha * np.minimum(x, 0)


def sloped(slope):
    """The backward pass of a layer with a slope of one's own."""

    def layer_backward(x, z, weights, error, alpha):
        back = error * slope(z, alpha)
        return x.T @ back, back.sum(axis=0), back @ weights.T

    return layer_backward


def spoiled(change):
    """The right backward pass of a layer, changed at the end."""
    right = sloped(lambda z, alpha: np.where(z > 0, 1.0, alpha))
    return lambda x, z, weights, error, alpha: change(*right(x, z, weights, error, alpha))


def activates_the_error(x, z, weights, error, alpha):
    back = leaky_relu(error, alpha)
    return x.T @ back, back.sum(axis=0), back @ weights.T


def layer_by_einsum(x, z, weights, error, alpha):
    back = error * ((z > 0) + alpha * (z <= 0))
    return np.einsum("ni,no->io", x, back), np.ones(len(x)) @ back, np.einsum("no,io->ni", back, weights)


def layer_by_loops(x, z, weights, error, alpha):
    back = [
        [e * (1 if value > 0 else alpha) for e, value in zip(*rows, strict=True)]
        for rows in zip(error, z, strict=True)
    ]
    weight_gradient = sum(np.outer(one, other) for one, other in zip(x, back, strict=True))
    return [weight_gradient, np.sum(back, axis=0), np.array(back) @ weights.T]


def layer_in_single_precision(*arguments):
    return tuple(part.astype(np.float32) for part in layer_by_einsum(*arguments))


def two_layers(
    slope=lambda z, alpha: np.where(z >= 0, 1.0, alpha), scale=1.0, change=lambda w1, w2: (w1, w2)
):
    """The backward pass of two layers, repaired or not."""

    def backward(x, y, w1, w2, alpha):
        z = x @ w1
        h = leaky_relu(z, alpha)
        error = (h @ w2 - y) / len(x) * scale
        return change(x.T @ (error @ w2.T * slope(z, alpha)), h.T @ error)

    return backward


def two_layers_by_example(x, y, w1, w2, alpha):
    w1_gradient, w2_gradient = np.zeros_like(w1), np.zeros_like(w2)
    for one, target in zip(x, y, strict=True):
        z = one @ w1
        error = leaky_relu(z, alpha) @ w2 - target
        w2_gradient += np.outer(leaky_relu(z, alpha), error)
        w1_gradient += np.outer(one, (w2 @ error) * [1 if value > 0 else alpha for value in z])
    return w1_gradient / len(x), w2_gradient / len(x)


def spellings(*words):
    """An answer to the three spellings, in their order."""
    return dict(zip(EXERCISES["three_spellings"].answer, words, strict=True))


def in_turn(function):
    """A function of one number, applied to each."""
    return np.vectorize(function)


ONE_WAY = {"learning_rate": 0.01}


WRONG: dict[str, list[tuple[object, str]]] = {
    "leaky_relu": [
        (lambda x, alpha: np.where(x >= 0, x, x + alpha), NEGATIVE),
        (lambda x, alpha: np.where(x >= 0, x, x / alpha), NEGATIVE),
        (lambda x, alpha: np.where(x >= 0, x, alpha * x**2), NEGATIVE),
        (lambda x, alpha: np.where(x >= 0, 1, alpha * x), "is 0 or positive"),
        (lambda x, alpha: np.where(x > 0, x, np.minimum(alpha * x, -alpha)), "is 0 or negative"),
        (lambda x, alpha: -np.where(x >= 0, x, alpha * x), SIGNS),
        (lambda x, alpha: 2 * np.where(x >= 0, x, alpha * x), times("2")),
        (lambda x, alpha: np.where(x >= 0, x, alpha * x).sum(), shape(6)),
        (lambda x, alpha: x[x >= 0], shape(6)),
        (lambda x, alpha: x if (x >= 0).all() else alpha, shape(6)),
        (with_if, IF),
        (lambda x, alpha: max(x, alpha * x), IF),
        (lambda x, alpha: x >= 0, "numbers are wanted, not True and False"),
        (lambda x, alpha: x.tolist() * alpha, "the output is z"),
        (lambda x: np.where(x >= 0, x, 0.01 * x), ARGUMENTS),
        (as_whole_numbers, WHOLE),
        (prints, NOTHING),
        (misspells, UNDEFINED),
    ],
    "without_where": [
        (lambda x, alpha: np.minimum(x, alpha * x), "split z into its positive part"),
        (lambda x, alpha: np.maximum(x, 0) + np.minimum(x, 0), NEGATIVE),
        (lambda x, alpha: np.maximum(x, 0) + np.minimum(x, 0) / alpha, NEGATIVE),
        (lambda x, alpha: alpha * np.maximum(x, 0) + np.minimum(x, 0), "positive part"),
        (lambda x, alpha: (x >= 0) * x + (x < 0) * alpha, "alpha alone is the slope"),
        (lambda x, alpha: x * (x >= 0) + abs(alpha) * x * (x < 0), SIGNS),
        (lambda x, alpha: np.clip(x, 0, None) + alpha * np.clip(x, -1, 0), NEGATIVE),
        (lambda x, alpha: (1 + alpha) / 2 * x + (1 - alpha) / 2 * x, NEGATIVE),
        (with_if, IF),
        (lambda x, alpha: max(x, 0) + alpha * min(x, 0), IF),
        (lambda x, alpha: (lambda: np.where(x >= 0, x, alpha * x))(), "np.where is still in it"),
        (lambda x, alpha: [value if value >= 0 else 0 for value in x], "that is ReLU"),
        (lambda x, alpha: (1 - alpha) / 2 * x + (1 + alpha) / 2 * np.abs(x), "the sign is turned"),
    ],
    "inverse": [
        (lambda y, alpha: np.where(y >= 0, y, alpha / y), NEGATIVE),
        (lambda y, alpha: np.where(y >= 0, y, y - alpha), NEGATIVE),
        (lambda y, alpha: np.where(y >= 0, y, 1 / alpha), NEGATIVE),
        (lambda y, alpha: np.where(y >= 0, y, y), NEGATIVE),
        (lambda y, alpha: np.where(y >= 0, 1 / np.maximum(y, 1), y / alpha), "is 0 or positive"),
        (lambda y, alpha: np.maximum(y, 0), NEGATIVE),
        (lambda y, alpha: np.maximum(y, y / alpha), "nothing happened on the way"),
        (lambda y, alpha: -np.where(y >= 0, y, y / alpha), SIGNS),
        (lambda y, alpha: np.where(y >= 0, y, y // alpha), "h is alpha times z"),
        (lambda y, alpha: y / alpha if y < 0 else y, IF),
        (lambda y, alpha: 1 / np.where(y >= 0, y, alpha * y), "h is alpha times z"),
        (lambda x, a: print(x / a), NOTHING),
    ],
    "per_channel": [
        (lambda x, alphas: leaky_relu(x, alphas[None, :]), "along the width"),
        (lambda x, alphas: leaky_relu(x, alphas[-1]), NEGATIVE),
        (lambda x, alphas: leaky_relu(x, alphas[::-1, None, None]), NEGATIVE),
        (lambda x, alphas: leaky_relu(x, alphas.max()), NEGATIVE),
        (lambda x, alphas: leaky_relu(x, 0.01), NEGATIVE),
        (lambda x, alphas: np.maximum(x, 0), NEGATIVE),
        (lambda x, alphas: alphas[:, None, None] * x, POSITIVE),
        (lambda x, alphas: np.where(x >= 0, x, alphas[:, None, None]), NEGATIVE),
        (lambda x, alphas: np.where(x >= 0, x, -alphas[:, None, None] * x), SIGNS),
        (lambda x, alphas: leaky_relu(x[:, 0], alphas[0]), "is wanted"),
        (lambda x, alphas: leaky_relu(x, alphas[:, None, None])[0], "is wanted"),
        (lambda x, alphas: x @ alphas, shape(2, 3, 2, 3)),
        (lambda x, alphas: leaky_relu(x, alphas[None, :, None]), "with the height"),
        (lambda x, alphas: leaky_relu(x, alphas.reshape(2, 1, 1)), "its only long axis"),
        (lambda x, alphas: [leaky_relu(x[:, c], alphas[c]) for c in range(3)], "is wanted"),
    ],
    "derivative": [
        (lambda x, alpha: np.where(x >= 0, 1.0, 1 / alpha), NEGATIVE),
        (lambda x, alpha: np.where(x >= 0, 1.0, 1 - alpha), NEGATIVE),
        (lambda x, alpha: np.where(x >= 0, 0.0, alpha), "the slope is 1 where z >= 0"),
        (lambda x, alpha: np.ones_like(x), NEGATIVE),
        (lambda x, alpha: np.where(x >= 0, 2.0, 2 * alpha), times("2")),
        (lambda x, alpha: np.where(x >= 1, 1.0, alpha), "the slope is 1 where z >= 0"),
        (lambda x, alpha: np.diff(leaky_relu(x, alpha)), shape(6)),
        (lambda x, alpha: np.gradient(leaky_relu(x, alpha)), "the slope is 1 where z >= 0"),
        (lambda x, alpha: x >= 0, "numbers are wanted, not True and False"),
        (lambda x, alpha: 1 if x >= 0 else alpha, IF),
        (lambda x, alpha: alpha, shape(6)),
    ],
    "three_spellings": [
        (spellings("left", "right", "left"), "x gets half of the gradient too"),
        (spellings("right", "right", "left"), "0.3 * x gets half as well"),
        (spellings("mean", "left", "left"), "the condition x >= 0 holds at 0"),
        (spellings("mean", "mean", "left"), "shares nothing"),
        (spellings("mean", "right", "mean"), "no tie to share"),
        (spellings("mean", "right", "right"), "that is the answer of JAX"),
        (spellings("mean", "right", "right"), "2 of 3 right"),
        (spellings(0.65, "right", "left"), "0.65 is none of the words"),
        (spellings("mean", 1, "left"), "1 is none of the words"),
        (spellings("mean", "alpha", "left"), "'alpha' is none of the words"),
        (spellings("mean", ..., "left"), "still open"),
        ({"A": "mean"}, "The keys are"),
        (["mean", "right", "left"], "Expected a dict with the keys"),
    ],
    "layer_backward": [
        (sloped(lambda z, alpha: np.where(z > 0, 1.0, -alpha)), "with slope 1 where z >= 0"),
        (sloped(lambda z, alpha: np.where(z > 0, 1.0, 1 / max(alpha, 0.5))), "with slope 1 where z >= 0"),
        (sloped(leaky_relu), "with slope 1 where z >= 0"),
        (activates_the_error, "first back = error * slope"),
        (spoiled(lambda w, b, x: (2 * w, b, x)), "weight_gradient: Got"),
        (spoiled(lambda w, b, x: (w, ..., x)), "still open."),
        (
            sloped(lambda z, alpha: np.where(z >= 0, 1, int(alpha))),
            "an array of whole numbers cannot hold it",
        ),
        (spoiled(lambda w, b, x: (2 * w, b, x)), times("2")),
        (spoiled(lambda w, b, x: (w, b, -x)), f"Hint: {SIGNS}"),
        (spoiled(lambda w, b, x: (w, b, x.T)), "rows and columns are swapped"),
        (spoiled(lambda w, b, x: (w, b[:, None], x)), shape(4)),
        (spoiled(lambda w, b, x: (w, b.sum(), x)), shape(4)),
        (spoiled(lambda w, b, x: (b, w, x)), "Got shape (4,), expected shape (3, 4)"),
        (spoiled(lambda w, b, x: (w, x)), "Got 2 of 3 results"),
        (spoiled(lambda w, b, x: {"w": w, "b": b, "x": x}), "Got 1 of 3 results"),
        (spoiled(lambda w, b, x: (w, None, x)), "it returns nothing; numbers"),
        (spoiled(lambda w, b, x: (w, "b", x)), "it returns text"),
        (lambda x, z, weights, error, alpha: (x @ error, error.sum(axis=0), error @ weights), SHAPES),
        (sloped(lambda z, alpha: 1.0 if z > 0 else alpha), IF),
    ],
    "find_the_bug": [
        (two_layers(lambda z, alpha: np.where(z >= 0, alpha, -1.0)), "where is it 1, where alpha"),
        (two_layers(leaky_relu), "where is it 1, where alpha"),
        (two_layers(lambda z, alpha: np.where(z >= 0, 1.0, 1 / alpha)), "where is it 1, where alpha"),
        (two_layers(scale=2), times("2")),
        (two_layers(scale=6), times("6")),
        (two_layers(scale=-1), SIGNS),
        (two_layers(change=lambda w1, w2: (w1.T, w2)), "rows and columns are swapped"),
        (two_layers(change=lambda w1, w2: (w2, w1)), "w1_gradient: Got shape (3, 1)"),
        (two_layers(change=lambda w1, w2: (w1, w2, 0)), "Got 3 of 2 results"),
        (two_layers(change=lambda w1, w2: w1), "Got 1 of 2 results"),
        (two_layers(lambda z, alpha: (z >= 0).T), SHAPES),
        (two_layers(lambda z, alpha: 1.0 if z >= 0 else alpha), IF),
    ],
    "never_positive": [
        (lambda z: (z > 0).any(axis=0), "compare with 0"),
        (lambda z: (z > 0).all(axis=0), "compare with 0"),
        (lambda z: z <= 0, shape(5)),
        (lambda z: (z <= 0).all(), shape(5)),
        (lambda z: z.max(axis=0), TRUTH),
        (lambda z: (z <= 0).mean(axis=0), TRUTH),
        (lambda z: z.mean(axis=0) <= 0, "compare with 0"),
        (lambda z: z[0] <= 0, "compare with 0"),
        (lambda z: np.flatnonzero((z <= 0).all(axis=0)), TRUTH),
        (lambda z: all(z <= 0), IF),
        (lambda z: ["dead" if dead else "alive" for dead in (z <= 0).all(axis=0)], TEXT),
        (lambda z: (z <= 0).all(axis=2), "axis 0"),
    ],
    "diagnose": [
        ({"A": "dead", "B": "saturated", "C": "fine"}, "look whether its units are ever positive"),
        ({"A": "fine", "B": "fine", "C": "fine"}, "How large are its outputs"),
        ({"A": "saturated", "B": "died", "C": "fine"}, "'died' is none of the words"),
        ({"A": "saturated", "B": "dead", "C": ""}, "'' is none of the words"),
        ({"A": "saturated", "B": 0, "C": "fine"}, "0 is none of the words"),
        ({"A": "saturated", "B": np.arange(2), "C": "fine"}, "is none of the words"),
        ({"A": ["saturated"], "B": "dead", "C": "fine"}, "is none of the words"),
        ({"A": "saturated", "B": "dead"}, "C: still open"),
        ({"a": "saturated", "b": "dead", "c": "fine"}, "got 'a', 'b', 'c'"),
        ({"A": "saturated", "B": "dead", "C": "fine", "D": "fine"}, "got 'D'"),
        (["saturated", "dead", "fine"], "Expected a dict"),
        ("saturated", "Expected a dict"),
    ],
    "kill_half": [
        (0.01, "go higher"),
        (0.3, "go higher"),
        (1e-300, "go higher"),
        (4, "go lower"),
        (1e300, "below 10"),
        (-1.2, "finite number above 0"),
        (float("nan"), "finite number above 0"),
        ("1.2", "got str"),
        (np.array([1.2]), "got ndarray"),
        (lambda: 1.2, "got function"),
        (10**400, "Expected a number"),
    ],
    "he_gain": [
        (lambda alpha: np.sqrt(2 / (1 - alpha**2 / 2)), "for g"),
        (lambda alpha: np.sqrt(1 / (1 + alpha**2)), times("0.7071")),
        (lambda alpha: 2 * np.sqrt(2 / (1 + alpha**2)), times("2")),
        (lambda alpha: -np.sqrt(2 / (1 + alpha**2)), SIGNS),
        (lambda alpha: np.sqrt(2) / (1 + alpha**2), "for g"),
        (lambda alpha: np.sqrt(2 * (1 + alpha**2)), "for g"),
        (lambda alpha: (1 + alpha**2) / 2, "for g"),
        (lambda alpha: np.round(np.sqrt(2 / (1 + alpha**2)), 1), NEARLY),
        (lambda alpha: np.sqrt(2), "that is right for ReLU only"),
        (lambda alpha: math.sqrt(2 / (1 + alpha**2)), MATH),
        (lambda alpha: sqrt(2 / (1 + alpha**2)), UNDEFINED),  # noqa: F821
        (lambda alpha: 1j * np.sqrt(2 / (1 + alpha**2)), "complex numbers"),
    ],
    "design": [
        ({**GOOD_DESIGN, "alphas": np.array([0, 0.3])}, "alphas: a list of numbers"),
        ({**GOOD_DESIGN, "depths": np.array([1, 4])}, "depths: a list of numbers"),
        ({**GOOD_DESIGN, "alphas": [0.3]}, "there is no ReLU in it"),
        ({**GOOD_DESIGN, "alphas": [0]}, "does not try it"),
        ({**GOOD_DESIGN, "seeds": 9}, "fewer than 10 seeds"),
        ({**GOOD_DESIGN, "seeds": "10"}, "seeds"),
        ({**GOOD_DESIGN, "seeds": -1}, "seeds"),
        ({**GOOD_DESIGN, "depths": [4, 4]}, "depth"),
        ({**GOOD_DESIGN, "depths": []}, "depth"),
        ({**GOOD_DESIGN, "depths": [0, 4]}, "depth"),
        ({**GOOD_DESIGN, "data": "mnist"}, "mnist"),
        ({**GOOD_DESIGN, "data": 3}, "data: one name"),
        ({**GOOD_DESIGN, "alphas": 0.3}, "alphas: a list"),
        ({**GOOD_DESIGN, "alphas": [0, "a third"]}, "alpha"),
        ({**GOOD_DESIGN, "alphas": [0, float("nan")]}, "alpha"),
        ({**GOOD_DESIGN, "alphas": [[0], [0.3]]}, "alpha"),
        ({**GOOD_DESIGN, "learning_rates": [0.1]}, "which slope likes that one"),
        ({**GOOD_DESIGN, "learning_rates": [0.1, 0.2]}, "which slope likes that one"),
        ({**GOOD_DESIGN, "learning_rates": 0.1}, "learning_rates: a list of numbers"),
        ({**GOOD_DESIGN, "learning_rates": []}, "learning_rates"),
        ({**GOOD_DESIGN, "learning_rates": [0.1, "fast"]}, "learning_rates"),
        ({**GOOD_DESIGN, "speed": 3}, "speed"),
        ({1: 2, **GOOD_DESIGN}, "does not take it"),
        ({"data": "moons"}, "Still open: alphas, depths, learning_rates, seeds"),
        ([0, 0.3], "Expected a dict"),
    ],
    "read_intervals": [
        (
            {"A": "no difference", "B": "cannot say", "C": "no difference", "D": "worse"},
            "A: the whole interval",
        ),
        ({"A": "worse", "B": "cannot say", "C": "no difference", "D": "worse"}, "A: the whole interval"),
        ({"A": "better", "B": "worse", "C": "no difference", "D": "worse"}, "B: "),
        ({"A": "better", "B": "cannot say", "C": "worse", "D": "worse"}, "C: the interval lies around 0"),
        ({"A": "better", "B": "cannot say", "C": "no difference", "D": "better"}, "D: the whole interval"),
        (dict.fromkeys("ABCD", "cannot say"), "1 of 4 right"),
        (
            {"A": "good", "B": "cannot say", "C": "no difference", "D": "worse"},
            "'good' is none of the words",
        ),
        ({"A": "better", "B": "cannot say", "C": "no_difference", "D": "worse"}, "'no_difference' is none"),
        ({"A": "better", "B": "cannot say", "C": "no difference", "D": -1}, "-1 is none of the words"),
        ({"A": "better", "B": "cannot say", "C": "no difference"}, "D: still open"),
        ({"A": "better", "B": "cannot say", "C": "no difference", "D": "worse", "E": "worse"}, "got 'E'"),
        (("better", "cannot say", "no difference", "worse"), "Expected a dict"),
    ],
    "first_dead_layer": [
        (0, "where is it True for all channels"),
        (1, "where is it True for all channels"),
        (2, "where is it True for all channels"),
        (6, "where is it True for all channels"),
        (7, "where is it True for all channels"),
        (-4, "mind the sign"),
        (4.1, "is it rounded"),
        (float("nan"), "a finite number"),
        ("4", "got str"),
        ([4, 5, 6, 7, 8], "got list"),
        (np.array([False, False, False, True]), "got ndarray"),
        (True, "got bool"),
    ],
    "two_repairs": [
        ({"one way": ONE_WAY}, "Two dicts are wanted"),
        ({"one way": ONE_WAY, "another way": {}}, "Two dicts are wanted"),
        ({"one way": ONE_WAY, "another way": ("alpha", 0.1)}, "Two dicts are wanted"),
        ({"one way": ONE_WAY, "another way": {"width": 16}}, "Not one of the levers"),
        ({"one way": ONE_WAY, "another way": {3: 16}}, "Not one of the levers"),
        ({"one way": ONE_WAY, "another way": dict(LEVERS)}, "find two that pull different levers"),
        ({"one way": {"alpha": 1e-6}, "another way": ONE_WAY}, "look which rows"),
        ({"one way": {"learning_rate": 10.0}, "another way": {"normalised": True}}, "look which rows"),
        ({"one way": {"learning_rate": -1}, "another way": {"normalised": True}}, "one way: learning_rate"),
        (
            {"one way": {"learning_rate": "low"}, "another way": {"normalised": True}},
            "one way: learning_rate",
        ),
        ({"one way": {"normalised": "no"}, "another way": ONE_WAY}, "one way: normalised must be True or"),
        ({"one way": {"optimiser": "prayer"}, "another way": ONE_WAY}, "one way: optimiser"),
        ({"one way": {"alpha": float("nan")}, "another way": ONE_WAY}, "one way: alpha"),
        ({"one way": ONE_WAY, "another way": {"alpha": np.array([0.1, 0.2])}}, "another way: alpha"),
        ([ONE_WAY, {"normalised": True}], "Expected a dict"),
    ],
    "dead_channels": [
        (lambda z: (z <= 0).all(axis=1), shape(5)),
        (lambda z: (z <= 0).all(axis=(2, 3)), shape(5)),
        (lambda z: (z <= 0).all(), shape(5)),
        (lambda z: (z <= 0).sum(axis=(0, 2, 3)), TRUTH),
        (lambda z: z.max(axis=(0, 2, 3)), TRUTH),
        (lambda z: np.median(z, axis=(0, 2, 3)) <= 0, "every axis but that of the channels"),
        (lambda z: (z[-1] <= 0).all(axis=(1, 2)), "every axis but that of the channels"),
        (lambda z: (z == 0).all(axis=(0, 2, 3)), "every axis but that of the channels"),
        (lambda z: (z[:, :, 0, 0] <= 0).all(axis=0), "every axis but that of the channels"),
        (lambda z: [c for c in range(5) if (z[:, c] <= 0).all()], TRUTH),
        (lambda z: all(z <= 0), IF),
        (lambda z: (z <= 0).all(axis=4), "every axis but that of the channels"),
    ],
    "for_and_against": [
        (dict.fromkeys("ABCDEF", "for"), "2 of 6 right"),
        (dict.fromkeys("ABCDEF", "against"), "why against?"),
        (dict.fromkeys("ABCDEF", "not so"), "it is so: the slope"),
        (
            dict(zip("ABCDEF", ("for", "not so", "for", "for", "not so", "for"), strict=True)),
            "C: to diverge is no",
        ),
        (
            dict(zip("ABCDEF", ("for", "for", "against", "against", "for", "for"), strict=True)),
            "B: it would be",
        ),
        (dict.fromkeys("ABCDEF", "yes"), "'yes' is none of the words"),
        (dict.fromkeys("ABCDEF", True), "True is none of the words"),
        (dict.fromkeys("abcdef", "for"), "got 'a'"),
        ({"A": "for"}, "B: still open"),
        ({"A": "for", "G": "for"}, "got 'G'"),
        (["for"] * 6, "Expected a dict"),
    ],
    "capstone": [
        ({"patient": "seven", "fault": "diverging", "repair": {"bias": 0}}, "patient: "),
        ({"patient": -1, "fault": "diverging", "repair": {"bias": 0}}, "patient: "),
        ({"patient": 7.5, "fault": "diverging", "repair": {"bias": 0}}, "patient: "),
        ({"patient": np.arange(2), "fault": "diverging", "repair": {"bias": 0}}, "patient: "),
        ({"fault": "diverging", "repair": {"optimiser": "adam"}}, "put your number here"),
        ({"patient": 7, "fault": "ill", "repair": {"bias": 0}}, "say one of"),
        ({"patient": 7, "fault": ["diverging"], "repair": {"bias": 0}}, "say one of"),
        ({"patient": 7, "fault": "straight", "repair": {"alpha": 0.1}}, "fault: not straight"),
        ({"patient": 7, "fault": "diverging", "repair": {}}, "repair: a dict is wanted"),
        ({"patient": 7, "fault": "diverging", "repair": "adam"}, "repair: a dict is wanted"),
        ({"patient": 7, "fault": "diverging", "repair": {"luck": 1}}, "luck"),
        ({"patient": 7, "fault": "diverging", "repair": {"learning_rate": -1}}, "learning_rate"),
        ({"patient": 7, "fault": "diverging", "repair": {"learning_rate": "low"}}, "learning_rate"),
        ({"patient": 3, "fault": "dead", "repair": {"bias": "0"}}, "repair: bias must be a number"),
        ({"patient": 7, "fault": "diverging", "repair": {"learning_rate": 1e-6}}, "accuracy"),
        ({"patient": 5, "fault": "dead", "repair": {"bias": -2.0}}, "is still there"),
        (
            {"patient": 3, "fault": "dead", "repair": {"bias": 0, "optimiser": "sgd"}},
            "made it ill is no longer",
        ),
        ({"patient": 0, "fault": "straight", "repair": {"alpha": 0.99}}, "What would let it bend"),
        (
            {"patient": 2, "fault": "straight", "repair": {"alpha": 0.1, "steps": 5}},
            "made it ill is no longer",
        ),
        (7, "Expected a dict"),
    ],
}


COMPARING: dict[str, object] = {
    "leaky_relu": lambda positive: lambda x, alpha: np.where(positive(x), x, alpha * x),
    "without_where": lambda positive: lambda x, alpha: x * positive(x) + alpha * x * ~positive(x),
    "inverse": lambda positive: lambda y, alpha: np.where(positive(y), y, y / alpha),
    "per_channel": lambda positive: lambda x, alphas: np.where(positive(x), x, alphas[:, None, None] * x),
    "derivative": lambda positive: lambda x, alpha: np.where(positive(x), 1.0, alpha),
    "layer_backward": lambda positive: sloped(lambda z, alpha: np.where(positive(z), 1.0, alpha)),
    "find_the_bug": lambda positive: two_layers(lambda z, alpha: np.where(positive(z), 1.0, alpha)),
    "never_positive": lambda positive: lambda z: ~positive(z).any(axis=0),
    "dead_channels": lambda positive: lambda z: ~positive(z).any(axis=(0, 2, 3)),
}
"""Right answers to all exercises that compare with 0, if what is to say ``z > 0`` does."""


ALPHA_STYLES = (
    lambda function: function,
    lambda function: (
        lambda alpha: [function(value) for value in alpha] if np.ndim(alpha) else function(alpha)
    ),
    in_turn,
    lambda function: partial(lambda factor, alpha: factor * function(alpha), 1.0),
    lambda function: lambda alpha: np.asarray(function(alpha), dtype=np.float32),
)
"""Ways to write a function of α that also takes many of them."""


def numbers(value: float) -> list:
    """A number as it may come."""
    return [
        value,
        np.float64(value),
        np.array(value),
        Fraction(str(value)),
        Decimal(str(value)),
        np.float32(value),
    ]


RIGHT: dict[str, list[object]] = {
    "leaky_relu": [
        lambda x, alpha: np.where(x >= 0, x, alpha * x),
        Callable(),
        loops,
        masks,
        one_number_at_a_time,
        lambda x, alpha: in_turn(lambda value: value if value > 0 else alpha * value)(x),
    ],
    "without_where": [
        lambda x, alpha: np.maximum(x, 0) + alpha * np.minimum(x, 0),
        lambda x, alpha: (1 + alpha) / 2 * x + (1 - alpha) / 2 * abs(x),
        Callable(),
        loops,
        masks,
        lambda x, alpha: x * np.piecewise(x, [x >= 0], [1, alpha]),
    ],
    "inverse": [
        lambda y, alpha: np.where(y >= 0, y, y / alpha),
        lambda y, alpha: leaky_relu(y, 1 / alpha),
        lambda y, alpha: loops(y, 1 / alpha),
        lambda y, alpha: np.maximum(y, 0) + np.minimum(y, 0) / alpha,
        lambda y, alpha: one_number_at_a_time(y, 1 / alpha),
    ],
    "per_channel": [
        lambda x, alphas: leaky_relu(x, alphas.reshape(-1, 1, 1)),
        lambda x, alphas: np.stack([leaky_relu(x[:, c], alphas[c]) for c in range(3)], axis=1),
        lambda x, alphas: np.where(x >= 0, x, alphas[None, :, None, None] * x),
        lambda x, alphas: np.moveaxis(leaky_relu(np.moveaxis(x, 1, -1), alphas), -1, 1),
        lambda x, alphas: np.maximum(x, 0) + np.einsum("ncij,c->ncij", np.minimum(x, 0), alphas),
    ],
    "derivative": [
        lambda x, alpha: np.where(x >= 0, 1, alpha),
        lambda x, alpha: (x >= 0) + alpha * (x < 0),
        lambda x, alpha: [1 if value >= 0 else alpha for value in x],
        lambda x, alpha: in_turn(lambda value: 1.0 if value >= 0 else alpha)(x),
        lambda x, alpha: np.where(x > 0, 1, alpha),
        lambda x, alpha: np.heaviside(x, 1) * (1 - alpha) + alpha,
    ],
    "three_spellings": [
        spellings("mean", "right", "left"),
        spellings("Mean", "Right", "Left"),
        spellings(" mean", "right ", np.str_("left")),
        dict(reversed(spellings("mean", "right", "left").items())),
    ],
    "layer_backward": [
        sloped(lambda z, alpha: np.where(z > 0, 1.0, alpha)),
        layer_by_einsum,
        layer_by_loops,
        layer_in_single_precision,
    ],
    "find_the_bug": [
        two_layers(),
        two_layers(lambda z, alpha: (z >= 0) + alpha * (z < 0)),
        two_layers(change=lambda w1, w2: [w1.tolist(), w2.tolist()]),
        two_layers_by_example,
    ],
    "never_positive": [
        lambda z: (z <= 0).all(axis=0),
        lambda z: ~(z > 0).any(axis=0),
        lambda z: z.max(axis=0) <= 0,
        lambda z: [all(value <= 0 for value in column) for column in z.T],
        lambda z: np.maximum(z, 0).sum(axis=0) == 0,
    ],
    "diagnose": [
        {"A": "saturated", "B": "dead", "C": "fine"},
        {"C": "fine", "B": "dead", "A": "saturated"},
        dict(A="Saturated", B="Dead", C="Fine"),  # noqa: C408
        {"A": " saturated", "B": "dead\n", "C": np.str_("fine")},
    ],
    "kill_half": [1.2, np.float64(1.2), np.array(1.2), Fraction(6, 5)],
    "he_gain": [style(lambda alpha: (2 / (1 + alpha**2)) ** 0.5) for style in ALPHA_STYLES],
    "design": [
        GOOD_DESIGN,
        {**GOOD_DESIGN, "data": "digits", "alphas": (0, 0.3)},
        {**GOOD_DESIGN, "depths": range(1, 5), "seeds": 30},
        {**GOOD_DESIGN, "alphas": [0.0, 0.1, 0.1 + 0.2, 1.0]},  # 0.3, as a sum has it
    ],
    "read_intervals": [
        {"A": "better", "B": "cannot say", "C": "no difference", "D": "worse"},
        {"D": "worse", "C": "no difference", "B": "cannot say", "A": "better"},
        {"A": "BETTER", "B": "Cannot say", "C": "No difference", "D": "Worse"},
        dict(zip("ABCD", (" better", "cannot say ", "no difference", "worse"), strict=True)),
    ],
    "first_dead_layer": [4, 4.0, np.int64(4), np.array(4)],
    "two_repairs": [
        {"one way": ONE_WAY, "another way": {"normalised": True}},
        {"a": {"normalised": True}, "b": ONE_WAY},
        {"one way": {"learning_rate": np.float64(0.01)}, "another way": {"normalised": True, "alpha": 0.0}},
        {1: {"learning_rate": 0.01, "alpha": 0.1}, 2: {"normalised": True}},
    ],
    "dead_channels": [
        lambda z: (z <= 0).all(axis=(0, 2, 3)),
        lambda z: z.max(axis=(0, 2, 3)) <= 0,
        lambda z: [not (z[:, c] > 0).any() for c in range(z.shape[1])],
        lambda z: (np.moveaxis(z, 1, 0).reshape(z.shape[1], -1) <= 0).all(axis=1),
    ],
    "for_and_against": [
        dict(zip("ABCDEF", ("for", "not so", "against", "against", "not so", "for"), strict=True)),
        dict(zip("FEDCBA", ("for", "not so", "against", "against", "not so", "for"), strict=True)),
        dict(zip("ABCDEF", ("For", "Not so", "Against", "Against", "Not so", "For"), strict=True)),
        dict(zip("ABCDEF", (" for", "not so ", "against", "against", "not so", "for"), strict=True)),
    ],
    "capstone": [
        {"patient": 7, "fault": "divergingly"[:9], "repair": {"optimiser": "adam", "learning_rate": 0.01}},
        {"patient": 7, "fault": "diverging", "repair": {"learning_rate": 0.01, "optimiser": "adam"}},
        {
            "patient": np.int64(7),
            "fault": "diverging",
            "repair": {"optimiser": "adam", "learning_rate": 0.01},
        },
        {
            "patient": 7,
            "fault": "diverging",
            "repair": {"optimiser": "adam", "learning_rate": 0.01, "alpha": 0.1},
        },
    ],
}


def empty_handed(*args):
    return None


def endless(*args):
    while True:
        pass


def leaves(*args):
    raise SystemExit


def calls_itself(*args):
    return calls_itself(*args)


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no words for it")


def broken(*methods: str) -> object:
    """An object whose methods of these names raise."""

    def raises(*args, **named):
        raise RuntimeError("a broken object")

    return type("Broken", (), dict.fromkeys(methods, raises))()


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError


def raises_what_cannot_be_said(*args):
    raise Unspeakable


def raises_what_nobody_expects(*args):
    raise GeneratorExit


def writes_text_into_its_input(x, *args):
    x.dtype = "S8"


ODD: list[object] = [
    *(
        0,
        -1,
        True,
        "",
        "text",
        b"bytes",
        1j,
        float("nan"),
        [],
        {},
        set(),
        (),
        [...],
        {"A": ...},
        {1: 2},
        object(),
    ),
    *(
        np.array([]),
        np.zeros((2, 2)),
        np.array(["a"]),
        np.array(None),
        range(3),
        int,
        ValueError(),
    ),
    *(
        Exception,
        lambda: None,
        lambda *args: args,
        lambda *args: (),
        lambda *args: {},
        lambda *args: object(),
    ),
    *(lambda *args: [[1], [2, 3]], lambda *args: (yield), lambda *args: np.array([object()]), print),
    *(lambda *args: np.datetime64("2000-01-01"), lambda *args: np.zeros(3, dtype=[("a", float)])),
    *(lambda *args: np.full(np.shape(args[0]), None), lambda *args: lambda: 1, lambda *args: [None] * 3),
    *(
        lambda *args: iter(()),
        lambda *args: NotImplemented,
        lambda *args: ...,
        empty_handed,
        leaves,
        calls_itself,
    ),
    *(
        10**400,
        -(10**5000),
        Decimal("sNaN"),
        Decimal("NaN"),
        Fraction(10**400, 3),
        [[1], [1, 2]],
        np,
        (number for number in range(3)),
        np.ma.masked,
        np.ma.masked_invalid([1.0, np.nan]),
        np.datetime64("NaT"),
        "\ud800",
        "x" * 10_000,
        bytearray(b"0.25"),
        np.complex64(0.25),
        memoryview(b"0"),
    ),
    *(
        broken("__repr__"),
        broken("__array__"),
        broken("__float__", "__index__", "__int__"),
        broken("__bool__", "__eq__", "__ne__", "__lt__", "__gt__"),
        broken("__len__", "__getitem__"),
        broken("__iter__", "__contains__"),
        broken("__hash__"),
        broken("__getattr__"),
        broken("__getattribute__"),
        broken(
            "__repr__", "__array__", "__float__", "__eq__", "__len__", "__iter__", "__call__", "__str__"
        ),
        [broken("__repr__")],
        {broken("__repr__", "__str__"): 1},
        {None: None},
        {(1, 2): [3]},
        raises_what_cannot_be_said,
        raises_what_nobody_expects,
        writes_text_into_its_input,
    ),
    *(
        {"patient": [7]},
        {"data": {}, "alphas": {}, "depths": {}, "seeds": {}},
        {"one way": 1, "another way": [2]},
    ),
]
"""What belongs nowhere: whatever the exercise, it gets an answer in words."""
