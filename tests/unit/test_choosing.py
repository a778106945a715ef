"""Holds the ends, learned slopes and the signal through depth to their promises."""

import numpy as np
import pytest

from leaky_lib import choosing, data, figures, networks, training
from leaky_lib.choosing import ends, learned_slopes, product_of_matrices, signal

# --- The ends


def test_a_network_without_bends_is_one_matrix():
    ensemble = networks.initialise([3, 8, 8, 8, 2], seeds=4, alpha=1.0, bias=0.3, dtype=np.float64)
    x = np.random.default_rng(0).normal(size=(20, 3))
    weight, bias = product_of_matrices(ensemble)
    np.testing.assert_allclose(x @ weight + bias, networks.outputs(ensemble, x), atol=1e-12)


def test_a_bent_network_is_not_one_matrix():
    ensemble = networks.initialise([3, 8, 8, 8, 2], seeds=4, alpha=0.5, dtype=np.float64)
    x = np.random.default_rng(0).normal(size=(20, 3))
    weight, bias = product_of_matrices(ensemble)
    assert np.abs(x @ weight + bias - networks.outputs(ensemble, x)).max() > 0.1


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


# --- Learned slopes


def test_unless_told_slopes_are_learned_from_four_starts_on_the_digits():
    result = learned_slopes(seeds=1, steps=2)
    assert result.settings == {
        **{"data": "digits", "starts": (0.0, 0.25, 0.5, 1.0), "depth": 4, "width": 32, "optimiser": "sgd"},
        **{"learning_rate": 0.03, "steps": 2, "batch": 100, "seeds": 1, "seed": 0, "snapshots": 20},
        "slope_rate": 0.1,
    }
    assert result.slopes.shape == (3, 4, 1, 4)


def test_a_network_whose_slopes_diverged_has_none():
    few = {
        "data": "moons",
        "starts": (0.0, 1.0),
        "depth": 3,
        "width": 6,
        "steps": 60,
        "batch": 64,
        "seeds": 5,
    }
    hot = learned_slopes(**few, learning_rate=1.0, slope_rate=1.0)
    diverged = np.isnan(hot.slopes[-1]).any(axis=-1)
    assert diverged.any()
    assert not diverged[1].all()
    assert (hot.accuracy[diverged] == 0.5).all(), "they answer nothing"
    assert np.isfinite(hot.slopes[-1][~diverged]).all()
    assert hot.count_diverged(1.0) == diverged[1].sum()
    assert hot.mean(1.0, 1).networks == 5 - diverged[1].sum()
    assert hot.mean(1.0, 1).value == pytest.approx(hot.slopes[-1, 1, ~diverged[1], 1].mean())
    assert hot.mean(1.0).value == pytest.approx(hot.slopes[-1, 1, ~diverged[1]].mean())
    titles = [axes.get_title(loc="left") for axes in figures.slopes(hot).axes]
    assert titles[1] == f"1 → {hot.mean(1.0).value:.2f}"
    assert figures.slopes(hot).axes[0].get_xlabel() == f"training step\n{diverged[0].sum()} of 5 diverged"


def test_learned_slopes_begin_at_their_start_and_are_one_per_layer():
    result = learned_slopes(data="moons", starts=(0.0, 0.5), depth=3, width=6, steps=40, batch=64, seeds=4)
    assert result.slopes.shape == (len(result.steps), 2, 4, 3)
    assert (result.slopes[0] == [[[0.0]], [[0.5]]]).all()
    assert (result.slopes[-1] != result.slopes[0]).all()
    assert result.mean(0.5, 2).value == pytest.approx(result.slopes[-1, 1, :, 2].mean())


def test_slopes_go_as_far_as_their_own_learning_rate_lets_them():
    few = {"data": "moons", "starts": (0.5,), "depth": 2, "width": 6, "steps": 40, "batch": 64, "seeds": 4}
    moved = [
        np.abs(learned_slopes(**few, slope_rate=rate).slopes[-1] - 0.5).mean() for rate in (0, 0.1, 1.0)
    ]
    assert moved[0] == 0
    assert 3 * moved[1] < moved[2] < 30 * moved[1]


@pytest.mark.parametrize(
    ("wrong", "error"), [(-0.1, ValueError), (float("nan"), ValueError), ("1", TypeError)]
)
def test_a_rate_that_slopes_cannot_be_learned_at_is_named(wrong, error):
    with pytest.raises(error, match="slope_rate must be"):
        learned_slopes(slope_rate=wrong)


# --- Signal through depth


@pytest.mark.parametrize("gain", [None, 2**0.5, 1.0])
def test_the_mean_square_follows_the_theory(gain):
    """Over networks, whose scatter grows with depth: so few layers and many, wide networks."""
    result = signal((0.0, 0.2, 0.5, 1.0), gain=gain, layers=5, networks=300, examples=8)
    mean = result.mean_square[-1].mean(axis=-1)
    error = result.mean_square[-1].std(axis=-1) / np.sqrt(300)
    assert (np.abs(mean - result.theory[-1]) < 4 * error).all()
    assert (error < 0.05 * mean).all()


def test_the_gain_of_each_slope_is_what_keeps_the_signal():
    own, of_relu = signal((0.0, 0.5, 1.0)), signal((0.0, 0.5, 1.0), gain=2**0.5)
    np.testing.assert_allclose(own.theory[-1], 1)
    np.testing.assert_allclose(of_relu.theory[-1], [1, 1.25**50, 2.0**50])
    assert of_relu.last(1.0).value > 1e13
    assert 0.1 < own.last(1.0).value < 10


def test_unless_told_the_signal_goes_through_fifty_layers():
    told = signal(
        (0.0, 0.01, 0.2, 0.5, 1.0),
        **{"gain": None, "layers": 50, "width": 128, "networks": 20, "examples": 32, "seed": 0},
    )
    np.testing.assert_array_equal(signal().mean_square, told.mean_square)
    assert told.mean_square.shape == (51, 5, 20)


def test_the_signal_starts_at_one():
    np.testing.assert_allclose(signal((0.1,), layers=1).mean_square[0], 1, rtol=1e-5)


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


@pytest.mark.parametrize("optimiser", [training.Adam(0.01), ["sgd"], None])
def test_optimisers_are_asked_for_by_name(optimiser):
    with pytest.raises(ValueError, match=r"^optimiser must be one of 'sgd', 'momentum', 'adam'; got"):
        choosing.learned_slopes(optimiser=optimiser)


@pytest.mark.parametrize(("steps", "error"), [("9", TypeError), (0, ValueError)])
def test_steps_that_learn_no_slope_are_named(steps, error):
    with pytest.raises(error, match=r"^steps must be"):
        choosing.learned_slopes(steps=steps)
