"""Holds the ends and the signal through depth to their promises."""

import re

import numpy as np
import pytest

from leaky_lib.experiments import signal
from leaky_lib.explorers import choosing

# --- The ends


@pytest.mark.parametrize("depth", [2, 4])
def test_the_border_follows_the_spirals_up_to_a_slope_of_a_half_and_is_lost_at_nine_tenths(depth):
    view = choosing.EndsView()

    def right(alpha):
        said = [view.update(alpha, depth, start) for start in range(4)]
        return np.mean(
            [[float(share) for share in re.findall(r"([\d.]+)%", words)] for words in said], axis=0
        )

    relu, half, linear = right(0.5)
    _, small, _ = right(0.01)
    _, lost, _ = right(0.9)
    assert min(relu, small, half) > 97
    assert max(lost, linear) < 80


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
