"""Holds convolutional and normalised networks to their definitions, finite differences and PyTorch."""

import numpy as np
import pytest

from leaky_lib import networks, parallel
from leaky_lib.convolutions import patches_of
from leaky_lib.networks import Ensemble, forward, initialise, outputs
from leaky_lib.optimisers import Adam
from leaky_lib.training import Learned, Random, accuracy, gradients_of_loss, train

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 16)), RNG.integers(0, 3, 6)


def small(channels: int = 2, **settings) -> Ensemble:
    chosen = {"alpha": [0.1, 0.3], "bias": 0.05, "seeds": 2, "dtype": np.float64, **settings}
    return initialise([16, *[channels] * 3, 3], network="convolutional", **chosen)


def convolved(images: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A 3 × 3 convolution by its definition: loops, zeros beyond the border."""
    examples, side, _, channels = images.shape
    found = np.zeros((examples, side, side, weight.shape[-1]))
    for n, y, x, dy, dx in np.ndindex(examples, side, side, 3, 3):
        down, right = y + dy - 1, x + dx - 1
        if 0 <= down < side and 0 <= right < side:
            found[n, y, x] += images[n, down, right] @ weight.reshape(3, 3, channels, -1)[dy, dx]
    return found + bias


@pytest.mark.parametrize("channels", [1, 3])
def test_a_product_with_patches_is_the_convolution(channels):
    images, weight = RNG.normal(size=(2, 5, 5, channels)), RNG.normal(size=(9 * channels, 4))
    product = (patches_of(images) @ weight).reshape(2, 5, 5, 4)
    np.testing.assert_allclose(product, convolved(images, weight, np.zeros(4)), atol=1e-12)


def test_patches_of_many_networks_are_those_of_each():
    images = RNG.normal(size=(3, 2, 4, 4, 2))
    stacked = patches_of(images)
    for member in range(3):
        np.testing.assert_array_equal(stacked[member], patches_of(images[member]))


def test_a_network_is_convolutions_a_mean_of_squares_and_a_dense_layer():
    ensemble = small()[1, 0]
    weights = [weight.squeeze(0) if weight.ndim == 3 else weight for weight in ensemble.weights]
    biases = [bias.reshape(-1) for bias in ensemble.biases]
    h = X.reshape(6, 4, 4, 1)
    for layer in range(3):
        if layer == 2:  # the second half of the convolutions sees means of 2 × 2 pixels
            h = h.reshape(6, 2, 2, 2, 2, 2).mean(axis=(2, 4))
        z = convolved(h, weights[layer], biases[layer])
        h = np.where(z > 0, z, 0.3 * z)
    expected = h.reshape(6, -1) @ weights[3] + biases[3]
    np.testing.assert_allclose(outputs(ensemble, X).reshape(6, 3), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("ensemble", "examples"),
    [
        pytest.param(small(), 6, id="convolutional"),
        pytest.param(small(channels=8, seeds=1), 2, id="convolutional, many channels"),
        pytest.param(small(), 1, id="convolutional, one image"),
        pytest.param(small(normalised=True), 6, id="convolutional, normalised"),
        pytest.param(initialise([16, 5, 4, 3], bias=0.1, dtype=np.float64), 1, id="dense, one example"),
        pytest.param(
            initialise([16, 5, 4, 3], alpha=[0.1, 0.3], bias=0.1, dtype=np.float64, normalised=True),
            6,
            id="dense, normalised",
        ),
    ],
)
def test_gradients_are_what_finite_differences_measure(ensemble, examples):
    x, y = X[:examples], Y[:examples]
    _, trace = gradients_of_loss(ensemble, x, y)
    h = 1e-5
    for parameters, gradients in (
        (ensemble.weights, trace.weight_gradients),
        (ensemble.biases, trace.bias_gradients),
    ):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            for entry in list(np.ndindex(parameter.shape[-2:]))[::3]:
                at = (..., *entry)
                start = parameter[at].copy()
                parameter[at] = start + h
                above, _ = gradients_of_loss(ensemble, x, y)
                parameter[at] = start - h
                below, _ = gradients_of_loss(ensemble, x, y)
                parameter[at] = start
                np.testing.assert_allclose(gradient[at], (above - below) / (2 * h), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("normalised", [False, True])
def test_loss_and_gradients_agree_with_pytorch(normalised):
    torch = pytest.importorskip("torch", reason="PyTorch is an optional peer")
    functional = torch.nn.functional
    ensemble = small(seeds=1, alpha=0.2, normalised=normalised)
    loss, trace = gradients_of_loss(ensemble, X, Y)
    ws, bs = (
        [torch.tensor(parameter[0], requires_grad=True) for parameter in kind]
        for kind in (ensemble.weights, ensemble.biases)
    )
    h = torch.tensor(X).reshape(6, 1, 4, 4)
    for layer in range(3):
        if layer == 2:
            h = functional.avg_pool2d(h, 2)
        kernel = ws[layer].reshape(3, 3, -1, 2).permute(3, 2, 0, 1)
        z = functional.conv2d(h, kernel, padding=1)
        if normalised:
            z = functional.batch_norm(z, None, None, training=True, eps=networks.VARIANCE_FLOOR)
        h = functional.leaky_relu(z + bs[layer].reshape(1, 2, 1, 1), 0.2)
    logits = h.permute(0, 2, 3, 1).reshape(6, -1) @ ws[3] + bs[3]
    theirs = functional.cross_entropy(logits, torch.tensor(Y))
    theirs.backward()
    assert loss[0] == pytest.approx(theirs.item(), rel=1e-10)
    for ours, w in zip(trace.weight_gradients, ws, strict=True):
        np.testing.assert_allclose(ours[0], w.grad, rtol=1e-7, atol=1e-11)
    for ours, b in zip(trace.bias_gradients, bs, strict=True):
        np.testing.assert_allclose(ours[0], b.grad, rtol=1e-7, atol=1e-11)


@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("slopes", [None, Learned(), Random()])
def test_numbers_do_not_depend_on_how_the_networks_are_cut(monkeypatch, normalised, slopes):
    def trained() -> Ensemble:
        *_, end = train(
            small(seeds=3, normalised=normalised),
            X,
            Y,
            steps=5,
            batch=3,
            optimiser=Adam(0.01),
            slopes=slopes,
        )
        return end.ensemble

    whole = trained()
    monkeypatch.setattr(parallel, "CHUNK_ELEMENTS", 1)
    for ours, theirs in zip(whole.weights, trained().weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_twins_share_their_weights_and_a_member_is_a_network():
    ensemble = small(alpha=[0.0, 0.5])
    for weight in ensemble.weights:
        np.testing.assert_array_equal(weight[0], weight[1])
    one = ensemble[1, 1]
    np.testing.assert_allclose(outputs(one, X), outputs(ensemble, X)[1, 1], atol=1e-12)


def test_normalised_sums_have_mean_0_and_variance_1_before_the_bias():
    trace = forward(small(normalised=True, bias=0.7), X)
    for z in trace.pre_activations[:-1]:
        np.testing.assert_allclose(z.mean(axis=-2), 0.7, atol=1e-9)
        np.testing.assert_allclose(z.var(axis=-2), 1, atol=1e-2)


def test_a_convolutional_network_learns_the_digits():
    from leaky_lib import data

    digits = data.load("digits")
    *_, end = train(
        initialise(digits.widths(2, 4), seeds=3, alpha=0.1, network="convolutional"),
        *(digits.train_x, digits.train_y),
        steps=100,
        batch=60,
        optimiser=Adam(0.01),
    )
    assert accuracy(end.ensemble, digits.test_x, digits.test_y).min() > 0.8


@pytest.mark.parametrize("widths", [[64, 8, 10], [2, 4, 4, 2], [25, 4, 4, 2]])
def test_an_architecture_that_cannot_be_is_refused(widths):
    with pytest.raises(ValueError, match=r"^a convolutional network has two hidden layers or more, and"):
        initialise(widths, network="convolutional")


@pytest.mark.parametrize("shape", [(1, 8, 1, 1), (8, 8), (3, 4, 4)])
def test_patches_of_what_are_no_square_images_are_refused(shape):
    with pytest.raises(
        ValueError, match=r"^images must have shape \(\.\.\., examples, side, side, channels\)"
    ):
        patches_of(np.ones(shape))


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"^x must have shape \(examples, 16\)"):
        outputs(small(), np.zeros((2, 9)))
