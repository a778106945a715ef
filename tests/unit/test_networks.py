"""Proves that an ensemble computes what its networks would compute one by one, and its true gradients."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaky_lib import data, networks
from leaky_lib.diagnostics import numerical_gradient
from leaky_lib.networks import (
    Ensemble,
    Trace,
    chunk_slices,
    forward,
    in_chunks,
    initialise,
    outputs,
)
from leaky_lib.training import cross_entropy, gradients_of_loss, squared_error

X = np.random.default_rng(0).normal(size=(7, 3))
LABELS = np.array([0, 1, 1, 0, 2, 2, 1])
TARGETS = np.random.default_rng(1).normal(size=(7, 3))


def one_network(ensemble: Ensemble, member: tuple) -> tuple[list, list, list]:
    weights, biases, alphas = (
        [array[member] for array in arrays]
        for arrays in (ensemble.weights, ensemble.biases, ensemble.alphas)
    )
    return weights, biases, [float(alpha[0, 0]) for alpha in alphas]


def by_hand(weights: list, biases: list, alphas: list, x: np.ndarray) -> tuple[list, list]:
    """One network's pre-activations and activations, as the notebook writes them."""
    h, before, after = x, [], []
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        z = h @ weight + bias
        before.append(z)
        if layer < len(alphas):
            h = np.where(z >= 0, z, alphas[layer] * z)
            after.append(h)
    return before, after


def loss_by_hand(output: np.ndarray, y: np.ndarray) -> float:
    if y.ndim == 1:
        return -np.log(np.exp(output) / np.exp(output).sum(axis=1, keepdims=True))[range(len(y)), y].mean()
    return ((output - y) ** 2).mean() / 2


ENSEMBLES = {
    "one slope": {"widths": [3, 4, 3], "seeds": 2, "alpha": 0.01},
    "sweep": {"widths": [3, 4, 5, 3], "seeds": 2, "alpha": [0.0, 0.01, 0.3, 1.0, -0.5, 1.5]},
    "deep": {"widths": [3, 4, 4, 4, 4, 4, 3], "seeds": 1, "alpha": [0.0, 0.2]},
    "no hidden layer": {"widths": [3, 3], "seeds": 2, "alpha": 0.1},
}


@pytest.fixture(params=ENSEMBLES.values(), ids=ENSEMBLES.keys())
def ensemble(request) -> Ensemble:
    return initialise(**request.param, bias=0.1, dtype=np.float64)


def test_every_network_computes_what_it_would_alone(ensemble):
    trace = forward(ensemble, X)
    for member in np.ndindex(ensemble.members):
        before, after = by_hand(*one_network(ensemble, member), X)
        for ours, theirs in zip(trace.pre_activations, before, strict=True):
            np.testing.assert_allclose(ours[member], theirs, rtol=1e-12, atol=1e-14)
        for ours, theirs in zip(trace.activations, after, strict=True):
            np.testing.assert_allclose(ours[member], theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("y", [LABELS, TARGETS], ids=["cross-entropy", "squared error"])
def test_gradients_agree_with_finite_differences(ensemble, y):
    losses, trace = gradients_of_loss(ensemble, X, y)
    for member in np.ndindex(ensemble.members):
        weights, biases, alphas = one_network(ensemble, member)
        assert losses[member] == pytest.approx(loss_by_hand(by_hand(weights, biases, alphas, X)[0][-1], y))
        for arrays, gradients in ((weights, trace.weight_gradients), (biases, trace.bias_gradients)):
            for layer, ours in enumerate(gradients):

                def loss(array, arrays=arrays, layer=layer, network=(weights, biases, alphas)):
                    kept, arrays[layer] = arrays[layer], array
                    value = loss_by_hand(by_hand(*network, X)[0][-1], y)
                    arrays[layer] = kept
                    return value

                measured = numerical_gradient(loss, arrays[layer])
                np.testing.assert_allclose(ours[member], measured, rtol=1e-5, atol=1e-8)


def at_exactly_zero(alpha: float) -> Ensemble:
    """A network with one hidden unit, whose pre-activation is 0 whatever comes in."""
    return Ensemble(
        (np.zeros((1, 3, 1)), np.ones((1, 1, 3))),
        (np.zeros((1, 1, 1)), np.zeros((1, 1, 3))),
        (np.full((1, 1, 1), alpha),),
    )


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.5])
def test_a_pre_activation_of_exactly_zero_gets_the_slope_alpha(alpha):
    _, trace = gradients_of_loss(at_exactly_zero(alpha), X, TARGETS)
    with_slope_one = gradients_of_loss(at_exactly_zero(1.0), X, TARGETS)[1]
    assert np.abs(with_slope_one.bias_gradients[0]).max() > 0
    np.testing.assert_allclose(trace.bias_gradients[0], alpha * with_slope_one.bias_gradients[0])


def test_a_trace_can_be_used_again():
    ensemble = initialise([3, 4, 3], seeds=2, dtype=np.float64)
    fresh = gradients_of_loss(ensemble, X[:5], LABELS[:5])[1]
    used = Trace(ensemble, 5)
    for _ in range(2):
        gradients_of_loss(ensemble, X[2:], LABELS[2:], used)
    again = gradients_of_loss(ensemble, X[:5], LABELS[:5], used)[1]
    assert again is used
    assert all(map(np.array_equal, again.weight_gradients, fresh.weight_gradients))
    assert np.array_equal(again.output, fresh.output)


def test_backward_leaves_parameters_and_inputs_alone(ensemble):
    kept, x = ensemble.copy(), X.copy()
    gradients_of_loss(ensemble, x, LABELS)
    for now, before in zip(
        (*ensemble.weights, *ensemble.biases, x), (*kept.weights, *kept.biases, X), strict=True
    ):
        assert np.array_equal(now, before)


class TestInitialise:
    def test_twins_differ_in_nothing_but_their_slope(self):
        twins = initialise([3, 4, 2], seeds=5, alpha=[0.0, 0.1, 0.3])
        assert twins.members == (3, 5)
        for array in (*twins.weights, *twins.biases):
            assert (array == array[:1]).all()
        assert (
            twins.alphas[0][:, :, 0, 0].tolist()
            == np.repeat(np.float32([[0.0], [0.1], [0.3]]), 5, 1).tolist()
        )

    def test_a_seed_number_gets_the_same_weights_however_many_are_drawn(self):
        few, many = initialise([3, 4, 2], seeds=2, seed=7), initialise([3, 4, 2], seeds=9, seed=7)
        assert all(np.array_equal(a, b[:2]) for a, b in zip(few.weights, many.weights, strict=True))

    def test_seeds_and_networks_differ(self):
        first, second = initialise([3, 4, 2], seeds=2, seed=1), initialise([3, 4, 2], seeds=2, seed=2)
        assert not np.array_equal(first.weights[0], second.weights[0])
        assert not np.array_equal(first.weights[0][0], first.weights[0][1])

    @pytest.mark.parametrize("gain", [2**0.5, 0.5])
    def test_weights_have_the_announced_spread(self, gain):
        ensemble = initialise([30, 40, 20], seeds=50, gain=gain)
        for weight, (fan_in, _) in zip(ensemble.weights, pairwise(ensemble.widths), strict=True):
            expected = gain / fan_in**0.5
            # The standard deviation of n normal numbers is known to about 1 / sqrt(2 n); allow 5 of that.
            assert weight.std() == pytest.approx(expected, rel=5 / (2 * weight.size) ** 0.5)
            assert abs(weight.mean()) < 5 * expected / weight.size**0.5

    def test_a_gain_per_slope_scales_twins(self):
        twins = initialise([3, 4, 2], alpha=[0.0, 1.0], gain=[2.0, 1.0], dtype=np.float64)
        np.testing.assert_allclose(twins.weights[0][0], 2 * twins.weights[0][1])

    def test_biases_and_dtype_are_as_told(self):
        ensemble = initialise([3, 4, 2], bias=-1.5, dtype=np.float64)
        assert all((bias == -1.5).all() for bias in ensemble.biases)
        assert ensemble.dtype == np.float64
        assert initialise([3, 2]).dtype == np.float32

    @pytest.mark.parametrize(
        ("bad", "error", "words"),
        [
            ({"seeds": 0}, ValueError, "seeds must be at least 1; got 0"),
            ({"seeds": True}, ValueError, "seeds must be at least 1; got True"),
            ({"seeds": 2.5}, TypeError, "seeds must be a whole number; got float 2.5"),
            ({"widths": [3, 0, 2]}, ValueError, "widths must be at least 1; got 0"),
            ({"widths": [3, "4", 2]}, TypeError, "widths must be a whole number; got str"),
            ({"widths": [3]}, ValueError, "widths must name inputs and outputs"),
            ({"alpha": np.nan}, ValueError, "alpha must be finite in float32; got .*nan"),
            ({"alpha": 1e300}, ValueError, "alpha must be finite in float32; got .*300"),
            ({"alpha": [[0.1]]}, ValueError, "alpha must be one number or a flat"),
            ({"alpha": []}, ValueError, "alpha must be one number or a flat, non-empty"),
            ({"alpha": "a"}, TypeError, "alpha must be real numbers"),
            ({"gain": np.inf}, ValueError, "gain must be one finite number"),
            ({"gain": [1.0, 2.0]}, ValueError, "gain must be one finite number, or one per alpha"),
            ({"bias": np.nan}, ValueError, "bias must be finite; got nan"),
        ],
    )
    def test_bad_arguments_are_named(self, bad, error, words):
        with pytest.raises(error, match=words):
            initialise(**{"widths": [3, 4, 2], **bad})


class TestEnsemble:
    def test_it_knows_its_shape(self):
        ensemble = initialise([3, 4, 2], seeds=5, alpha=[0.0, 0.1])
        assert (ensemble.members, ensemble.widths) == ((2, 5), (3, 4, 2))

    def test_indexing_picks_networks_and_copies_them(self):
        ensemble = initialise([3, 4, 2], seeds=5, alpha=[0.0, 0.1])
        picked = ensemble[1, 2:4]
        assert picked.members == (2,)
        assert np.array_equal(picked.weights[0], ensemble.weights[0][1, 2:4])
        picked.weights[0][:] = 0
        assert (ensemble.weights[0] != 0).any()

    def test_another_slope_keeps_the_weights(self):
        ensemble = initialise([3, 4, 4, 2], seeds=5, alpha=0.0)
        other = ensemble.with_alpha(np.linspace(0, 1, 5))
        assert np.array_equal(other.weights[1], ensemble.weights[1])
        assert all(np.allclose(alpha[:, 0, 0], np.linspace(0, 1, 5)) for alpha in other.alphas)
        other.weights[0][:] = 0
        assert (ensemble.weights[0] != 0).any()

    @pytest.mark.parametrize(
        ("alpha", "error"), [(np.ones(3), ValueError), (np.nan, ValueError), ("a", TypeError)]
    )
    def test_a_slope_that_does_not_fit_is_named(self, alpha, error):
        with pytest.raises(error, match="alpha"):
            initialise([3, 4, 2], seeds=5).with_alpha(alpha)

    def test_writing_into_a_flat_view_writes_into_the_ensemble(self):
        ensemble = initialise([3, 4, 2], seeds=2, alpha=[0.0, 0.1])
        ensemble.flat().weights[0][3] = 7
        assert (ensemble.weights[0][1, 1] == 7).all()


@given(
    count=st.integers(1, 300),
    examples=st.integers(1, 3000),
    threads=st.integers(1, 8),
    width=st.integers(1, 600),
)
def test_chunks_cover_every_network_once_and_in_order(count, examples, threads, width):
    flat = Ensemble((np.empty((count, 1, width)),), (np.empty((count, 1, width)),), ())
    slices = chunk_slices(flat, examples, threads)
    covered = [member for where in slices for member in range(count)[where]]
    assert covered == list(range(count))


def test_results_do_not_depend_on_the_chunks(monkeypatch):
    ensemble = initialise([3, 8, 3], seeds=13, alpha=[0.0, 0.1])
    whole = outputs(ensemble, X)
    for elements in (1, 100, 10**9):
        monkeypatch.setattr(networks, "CHUNK_ELEMENTS", elements)
        assert np.array_equal(outputs(ensemble, X), whole)
    assert whole.shape == (2, 13, 7, 3)


def test_chunks_are_worked_on_in_order():
    ensemble = initialise([3, 4, 2], seeds=9)
    firsts = in_chunks(lambda part: part.weights[0][:, 0, 0].tolist(), ensemble, 10)
    assert [first for chunk in firsts for first in chunk] == ensemble.weights[0][:, 0, 0].tolist()


@pytest.mark.parametrize("x", [np.ones((5, 2)), np.ones(3), np.ones((2, 5, 3))])
def test_inputs_that_do_not_fit_are_named(x):
    with pytest.raises(ValueError, match=r"x must have shape \(examples, 3\); got"):
        forward(initialise([3, 4, 2]), x)


def test_real_digits_go_through():
    digits = data.load("digits")
    assert outputs(initialise([64, 32, 10], seeds=3), digits.test_x).shape == (3, 360, 10)


def test_losses_and_their_slopes_are_right_for_every_member():
    error = np.empty((2, 7, 3))
    output = np.random.default_rng(2).normal(size=(2, 7, 3))
    for loss, y in ((cross_entropy, LABELS), (squared_error, TARGETS)):
        values = loss(output, y, error)
        for member in range(2):
            assert values[member] == pytest.approx(loss_by_hand(output[member], y))
            measured = numerical_gradient(lambda o, y=y: loss_by_hand(o, y), output[member])
            np.testing.assert_allclose(error[member], measured, atol=1e-8)
