"""Asks the libraries that are installed what notebook 02 says of them, and compares numbers."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from leaky_lib import data, leaky_relu, leaky_relu_derivative, leaky_relu_gain
from leaky_lib.exercises import EXERCISES
from leaky_lib.networks import initialise
from leaky_lib.optimisers import SGD, Adam, Momentum
from leaky_lib.training import gradients_of_loss, train

X = np.linspace(-3, 3, 13)
ODD = np.array([-np.inf, -3e38, -1e-40, -0.0, 0.0, 1e-40, 3e38, np.inf, np.nan], np.float32)
"""Infinities, the largest, the subnormal, both zeros, and what is no number."""

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_derivative.ipynb"
ROW = re.compile(r"^\| (\S+) [\d.]+: `(.+)` \| `(\w+)` \| ([\d.]+) \| (.+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What the notebook says of a library."""

    library: str
    call: str
    slope_name: str
    default_slope: float
    slope_at_zero: str


def rows() -> list[Row]:
    """The table of notebook 02."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    (cell,) = (cell for cell in cells if "frameworks" in cell["metadata"].get("tags", []))
    found = ROW.findall("".join(cell["source"]))
    return [Row(*words, float(default), at_zero) for *words, default, at_zero in found]


def the(call: str) -> Row:
    """The row of the table that names this call."""
    return next(row for row in rows() if row.call == call)


def test_every_row_of_the_table_is_read():
    assert [row.library for row in rows()] == ["PyTorch", "TensorFlow", "Keras", "JAX"]


SLOPES = {"left": 0.3, "mean": 0.65, "right": 1.0}


@pytest.mark.parametrize(("spelling", "word"), EXERCISES["three_spellings"].answer.items())
def test_a_spelling_has_the_slope_at_0_that_the_exercise_wants(spelling, word):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed to compare with")
    x = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    y = eval(spelling)
    y.sum().backward()
    np.testing.assert_allclose(y.detach(), [-0.3, 0, 1])
    np.testing.assert_allclose(x.grad, [0.3, SLOPES[word], 1])


def test_jax_has_the_same_slopes_at_0_for_maximum_and_where():
    jax = pytest.importorskip("jax", reason="JAX is not installed to compare with")
    jnp = jax.numpy
    assert jax.grad(lambda x: jnp.maximum(x, 0.3 * x))(0.0) == pytest.approx(SLOPES["mean"])
    assert jax.grad(lambda x: jnp.where(x >= 0, x, 0.3 * x))(0.0) == SLOPES["right"]


class TestPyTorch:
    @pytest.fixture(autouse=True)
    def torch(self):
        return pytest.importorskip("torch", reason="PyTorch is not installed to compare with")

    def test_the_table_is_right(self, torch):
        row = the("torch.nn.functional.leaky_relu")
        at_zero = torch.zeros(1, requires_grad=True)
        torch.nn.functional.leaky_relu(at_zero).backward()
        assert at_zero.grad.item() == pytest.approx(row.default_slope)
        assert row.slope_at_zero == "α"
        assert torch.nn.functional.leaky_relu(torch.tensor(-1.0)).item() == pytest.approx(
            -row.default_slope
        )
        assert getattr(torch.nn.LeakyReLU(), row.slope_name) == row.default_slope

    @pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0, -0.5, 2.0])
    def test_values_and_slopes_agree_and_differ_at_zero_as_documented(self, torch, alpha):
        x = torch.tensor(X, requires_grad=True)
        y = torch.nn.functional.leaky_relu(x, alpha)
        y.sum().backward()
        np.testing.assert_allclose(leaky_relu(X, alpha), y.detach().numpy(), rtol=1e-15)
        ours, theirs = leaky_relu_derivative(X, alpha), x.grad.numpy()
        away = X != 0
        np.testing.assert_allclose(ours[away], theirs[away])
        assert (ours[~away].item(), theirs[~away].item()) == (1.0, alpha)

    @pytest.mark.parametrize("alpha", [0.01, 1.0, -0.5])
    def test_odd_numbers_agree(self, torch, alpha):
        theirs = torch.nn.functional.leaky_relu(torch.tensor(ODD), alpha).numpy()
        np.testing.assert_array_equal(leaky_relu(ODD, alpha), theirs, strict=True)

    def test_the_gain_agrees(self, torch):
        for alpha in (0.0, 0.01, 0.5):
            assert leaky_relu_gain(alpha) == pytest.approx(
                torch.nn.init.calculate_gain("leaky_relu", alpha)
            )

    @pytest.mark.parametrize(
        ("ours", "theirs", "options"),
        [
            (SGD(0.3), "SGD", {"lr": 0.3}),
            (Momentum(0.1), "SGD", {"lr": 0.1, "momentum": 0.9}),
            (Adam(0.02), "Adam", {"lr": 0.02}),
        ],
        ids=["SGD", "Momentum", "Adam"],
    )
    @pytest.mark.parametrize("alpha", [0.0, 0.1])
    def test_a_network_learns_the_same(self, torch, ours, theirs, options, alpha):
        moons = data.moons(examples=50)
        ensemble = initialise([2, 8, 8, 2], alpha=alpha, dtype=np.float64)
        layers = []
        for weight, bias in zip(ensemble.weights, ensemble.biases, strict=True):
            linear = torch.nn.Linear(*weight.shape[-2:], dtype=torch.float64)
            linear.weight.data, linear.bias.data = torch.tensor(weight[0].T), torch.tensor(bias[0, 0])
            layers += [linear, torch.nn.LeakyReLU(alpha)]
        model = torch.nn.Sequential(*layers[:-1])
        optimiser = getattr(torch.optim, theirs)(model.parameters(), **options)
        x, y = torch.tensor(moons.train_x, dtype=torch.float64), torch.tensor(moons.train_y)
        for _ in range(20):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimiser.step()
        *_, last = train(ensemble, moons.train_x, moons.train_y, steps=20, optimiser=ours)
        for weight, linear in zip(last.ensemble.weights, model[::2], strict=True):
            np.testing.assert_allclose(weight[0].T, linear.weight.detach().numpy(), rtol=1e-7, atol=1e-9)
        losses, _ = gradients_of_loss(last.ensemble, moons.train_x, moons.train_y)
        expected = torch.nn.functional.cross_entropy(model(x), y).item()
        assert losses[0] == pytest.approx(expected, rel=1e-7)


def test_jax_answers_as_the_table_says():
    jax = pytest.importorskip("jax", reason="JAX is not installed to compare with")
    row = the("jax.nn.leaky_relu")
    assert float(jax.grad(jax.nn.leaky_relu)(0.0)) == float(row.slope_at_zero) == leaky_relu_derivative(0.0)
    assert float(jax.nn.leaky_relu(-1.0)) == pytest.approx(-row.default_slope)
    np.testing.assert_allclose(jax.nn.leaky_relu(X, **{row.slope_name: 0.2}), leaky_relu(X, 0.2), rtol=1e-6)
    # JAX takes what is subnormal for 0.
    theirs = jax.nn.leaky_relu(ODD, **{row.slope_name: 0.2})
    np.testing.assert_allclose(theirs, leaky_relu(ODD, 0.2), rtol=1e-6, atol=1e-38)


def test_tensorflow_answers_as_the_table_says():
    tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed to compare with")
    row, x = the("tf.nn.leaky_relu"), tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = tf.nn.leaky_relu(x)
    assert float(tape.gradient(y, x)) == pytest.approx(row.default_slope)
    assert row.slope_at_zero == "α"
    assert float(tf.nn.leaky_relu(-1.0, **{row.slope_name: 0.5})) == -0.5


def test_keras_answers_as_the_table_says():
    keras = pytest.importorskip("keras", reason="Keras is not installed to compare with")
    row = the("keras.layers.LeakyReLU")
    assert getattr(keras.layers.LeakyReLU(), row.slope_name) == pytest.approx(row.default_slope)


def test_onnx_answers_as_04_says():
    onnx = pytest.importorskip("onnx", reason="ONNX is not installed to compare with")
    attribute = onnx.defs.get_schema("LeakyRelu").attributes["alpha"]
    assert attribute.default_value.f == pytest.approx(0.01)


@pytest.mark.parametrize("alpha", [0.01, 1.0, -0.5])
def test_the_reference_of_onnx_gives_the_same_values(alpha):
    onnx = pytest.importorskip("onnx", reason="ONNX is not installed to compare with")
    node = onnx.helper.make_node("LeakyRelu", ["x"], ["y"], alpha=alpha)
    reference = pytest.importorskip("onnx.reference").ReferenceEvaluator(node)
    for x in (X.astype(np.float32), ODD):
        (theirs,) = reference.run(None, {"x": x})
        np.testing.assert_array_equal(leaky_relu(x, np.float32(alpha)), theirs, strict=True)


def test_scikit_learn_has_none():
    sklearn = pytest.importorskip(
        "sklearn.neural_network", reason="scikit-learn is not installed to compare with"
    )
    with pytest.raises(ValueError, match="activation"):
        sklearn.MLPClassifier(activation="leaky_relu").fit([[0.0], [1.0]], [0, 1])
