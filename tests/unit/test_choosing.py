"""Holds the ends and the signal through depth to their promises."""

import numpy as np
import pytest

from leaky_lib import data, training
from leaky_lib.experiments import ends, signal

# --- The ends


def test_the_ends_start_alike_and_a_straight_border_fails_the_spirals():
    untrained = ends((0.0, 1.0), learning_rate=0.0)
    np.testing.assert_array_equal(untrained.weights[0][0], untrained.weights[0][1])
    spirals = data.load("spirals")
    right = training.accuracy(ends((0.0, 0.1, 1.0)), spirals.test_x, spirals.test_y)
    assert right[:2].min() > 0.95
    assert right[2] < 0.75


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_border_follows_the_spirals_up_to_a_slope_of_a_half_and_is_lost_at_nine_tenths(depth):
    spirals = data.load("spirals")
    right = [
        training.accuracy(
            ends((0.0, 0.01, 0.1, 0.3, 0.5, 0.9), depth=depth, seed=start), spirals.test_x, spirals.test_y
        )
        for start in range(6)
    ]
    *following, lost = np.mean(right, axis=0)
    assert min(following) > 0.97
    assert lost < 0.8


def test_unless_told_the_ends_are_relu_three_leaks_and_no_bend_at_all():
    assert ends(steps=1).alphas[0].ravel() == pytest.approx([0.0, 0.01, 0.1, 0.3, 1.0])


# --- Signal through depth


@pytest.mark.parametrize("gain", [None, 2**0.5, 1.0])
def test_the_mean_square_follows_the_theory(gain):
    """Over networks, whose scatter grows with depth: so few layers and many, wide networks."""
    result = signal((0.0, 0.2, 0.5, 1.0), gain=gain, layers=5, networks=300, examples=8)
    mean = result.values["mean_square"][-1].mean(axis=-1)
    error = result.values["mean_square"][-1].std(axis=-1) / np.sqrt(300)
    assert (np.abs(mean - result.values["theory"][-1]) < 4 * error).all()
    assert (error < 0.05 * mean).all()


def test_the_gain_of_each_slope_is_what_keeps_the_signal():
    own, of_relu = signal((0.0, 0.5, 1.0)), signal((0.0, 0.5, 1.0), gain=2**0.5)
    np.testing.assert_allclose(own.values["theory"][-1], 1)
    np.testing.assert_allclose(of_relu.values["theory"][-1], [1, 1.25**50, 2.0**50])
    assert of_relu.mean("mean_square", layer=50, alpha=1).value > 1e13
    assert 0.1 < own.mean("mean_square", layer=50, alpha=1).value < 10


def test_unless_told_the_signal_goes_through_fifty_layers():
    told = signal(
        (0.0, 0.01, 0.2, 0.5, 1.0),
        **{"gain": None, "layers": 50, "width": 128, "networks": 20, "examples": 32, "seed": 0},
    )
    np.testing.assert_array_equal(signal().values["mean_square"], told.values["mean_square"])
    assert told.values["mean_square"].shape == (51, 5, 20)


def test_the_signal_starts_at_one():
    np.testing.assert_allclose(signal((0.1,), layers=1).values["mean_square"][0], 1, rtol=1e-5)


@pytest.mark.parametrize("bad", [{"layers": 0}, {"width": 0}, {"networks": 0}, {"gain": np.inf}])
def test_a_bad_setting_of_the_signal_is_named(bad):
    with pytest.raises(ValueError, match=f"^{next(iter(bad))}"):
        signal(**bad)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"gain": "2"}, TypeError, "gain must be a number; got str '2'"),
        ({"gain": [1, 2]}, TypeError, "gain must be a number; got list"),
        ({"seed": None}, TypeError, "seed must be a whole number; got NoneType"),
        ({"seed": -1}, ValueError, "seed must be at least 0; got -1"),
    ],
)
def test_a_gain_or_a_seed_of_the_signal_of_another_kind_is_named(bad, error, message):
    with pytest.raises(error, match=f"^{message}"):
        signal(layers=1, **bad)
