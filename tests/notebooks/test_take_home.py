"""Runs what notebook 06 gives to take home: counting in a whole model, in PyTorch, JAX and Keras."""

import re
from collections.abc import Iterator
from pathlib import Path

import hygiene
import numpy as np
import pytest

from leaky_lib import data
from leaky_lib.take_home import Watch

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_limits.ipynb"
PEER = "{} is not installed to compare with"


def blocks(tag: str, language: str) -> list[str]:
    """What stands in the text of the cell with this tag, in fences of a language."""
    (cell,) = (cell for cell in hygiene.load(NOTEBOOK).cells if tag in cell.metadata.get("tags", []))
    return re.findall(rf"```{language}\n(.*?)```", cell.source, re.DOTALL)


def test_the_model_in_pytorch_prints_about_what_is_quoted(capsys):
    torch = pytest.importorskip("torch", reason=PEER.format("PyTorch"))
    (program,), (quoted,) = blocks("pytorch", "python"), blocks("pytorch", "text")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        exec(program, {})
    finally:
        torch.set_num_threads(threads)
    printed = capsys.readouterr().out
    number = re.compile(r"\d+(?:\.\d+)?")
    assert number.sub("", printed).split() == number.sub("", quoted).split()
    found, told = (np.array(number.findall(text), float) for text in (printed, quoted))
    assert found == pytest.approx(told, abs=25), "percentages, mostly"
    assert re.findall("accuracy (.*)", printed)[0] < "0.3"
    assert min(re.findall("accuracy (.*)", printed)[1:]) > "0.8"


def weights(rng: np.random.Generator) -> list[np.ndarray]:
    """Of two hidden layers and an output, drawn with one unit each that never is positive."""
    drawn = [rng.standard_normal(shape).astype(np.float32) for shape in ((64, 16), (16, 8), (8, 10))]
    for layer in drawn[:2]:
        layer[:, 3] = -np.abs(layer[:, 3])  # what comes in is not negative
    return drawn


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    digits = data.load("digits")
    for part in np.array_split(np.arange(500), 4):
        yield np.abs(digits.train_x[part]), digits.train_y[part]


def only_unit_3(watch: Watch) -> None:
    for mask in (*watch.never_positive.values(), *watch.stuck.values()):
        assert mask[3]
        assert mask.sum() < len(mask) / 2
    assert watch.summary().columns == ("layer", "units", "never positive", "stuck")


def test_a_model_in_jax_is_counted_batch_by_batch():
    jax = pytest.importorskip("jax", reason=PEER.format("JAX"))

    def loss(layers: list, x: np.ndarray, y: np.ndarray) -> tuple:
        first = x @ layers[0]
        second = jax.nn.relu(first) @ layers[1]
        guesses = jax.nn.log_softmax(jax.nn.relu(second) @ layers[2])
        return -guesses[np.arange(len(y)), y].mean(), (first, second)

    watch, layers = Watch(), weights(np.random.default_rng(0))
    gradients_of = jax.jit(jax.grad(loss, has_aux=True))
    for x, y in batches():
        gradients, pre_activations = gradients_of(layers, x, y)
        for name, z, gradient in zip(("first", "second"), pre_activations, gradients[:2], strict=True):
            watch.see(name, z)
            watch.see_gradient(name, gradient)
    only_unit_3(watch)


def test_a_model_in_keras_is_counted_batch_by_batch():
    keras = pytest.importorskip("keras", reason=PEER.format("Keras"))
    names, widths = ("first", "second"), (16, 8)
    x = given = keras.Input((64,))
    before = []
    for name, width in zip(names, widths, strict=True):
        before.append(keras.layers.Dense(width, use_bias=False, name=name)(x))
        x = keras.layers.ReLU()(before[-1])
    model = keras.Model(given, [*before, keras.layers.Dense(10, use_bias=False, name="output")(x)])
    drawn = weights(np.random.default_rng(0))
    for name, layer in zip((*names, "output"), drawn, strict=True):
        model.get_layer(name).set_weights([layer])

    watch = Watch()
    for x, _ in batches():
        for name, z in zip(names, model.predict_on_batch(x)[:2], strict=True):
            watch.see(name, z)
    for mask in watch.never_positive.values():
        assert mask[3]
        assert mask.sum() < len(mask) / 2
