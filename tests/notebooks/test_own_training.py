"""Proves that the training loop written out in notebook 02 is the library's, and its challenge answered."""

from pathlib import Path

import hygiene
import numpy as np
import pytest

from leaky_lib import networks, optimisers, training

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_derivative.ipynb"
SETTINGS = "one_hot, alpha, learning_rate = np.eye(2)[labels], 0.1, 0.5"
START = "networks.initialise([2, 16, 2], alpha=alpha, dtype=np.float64)"


def run(alpha: float = 0.1, learning_rate: float = 0.5, seed: int = 0) -> dict[str, object]:
    """The names that the notebook's cells leave behind, with other settings in place of theirs."""
    cells = hygiene.load(NOTEBOOK).cells
    imports, *_ = (cell.source for cell in cells if cell.cell_type == "code")
    functions = next(cell.source for cell in cells if cell.source.startswith("def leaky_relu("))
    own = [cell.source for cell in cells if "own-training" in cell.metadata.get("tags", [])]
    source = "\n".join([imports, functions.partition("\n\n\nz, step")[0], *own])
    assert source.count(SETTINGS) == source.count(START) == 1
    source = source.replace(SETTINGS, SETTINGS.replace("0.1, 0.5", f"{alpha}, {learning_rate}"))
    source = source.replace(START, START.replace("alpha=alpha", f"alpha=alpha, seed={seed}"))
    names: dict[str, object] = {}
    exec(source, names)
    return names


@pytest.mark.parametrize(
    "settings",
    [{}, {"seed": 1}, {"seed": 7}, {"alpha": 0.0}, {"alpha": 0.5, "learning_rate": 1.0}],
    ids=str,
)
def test_the_loop_of_the_notebook_ends_where_the_library_does(settings, capsys):
    names = run(**settings)
    theirs = names["last"].ensemble
    for name, array in zip(("w1", "w2", "b1", "b2"), (*theirs.weights, *theirs.biases), strict=True):
        np.testing.assert_allclose(names[name], array[0], rtol=1e-6, atol=1e-9)
    assert names["same"]
    assert names["right"] > 0.9


def test_the_losses_that_it_prints_are_the_librarys(capsys):
    names = run()
    printed = capsys.readouterr().out
    moons = names["moons"]
    looks = training.train(
        names["start"],
        moons.train_x,
        moons.train_y,
        steps=500,
        every=100,
        optimiser=optimisers.SGD(names["learning_rate"]),
    )
    for look in list(looks)[:-1]:
        (loss,) = training.mean_loss(look.ensemble, moons.train_x, moons.train_y)
        assert f"step {look.step:3}: loss {loss:.3f}" in printed


def test_its_border_bends_where_a_hidden_unit_does_and_nowhere_else():
    """Along a line through the plane, between the places where z = 0 in a unit, outputs are straight."""
    names = run()
    ensemble: networks.Ensemble = names["last"].ensemble
    along = np.linspace(-2, 2, 4001)
    trace = networks.forward(ensemble, np.stack([along, 0.3 * along], axis=1))
    signs = trace.pre_activations[0][0] > 0
    border = np.diff(trace.output[0], axis=1)[:, 0]
    bends = np.abs(np.diff(border, 2)) > 1e-9
    crosses = (signs[2:] != signs[:-2]).any(axis=1)
    assert bends.any()
    assert not (bends & ~crosses).any()


@pytest.mark.parametrize(("alpha", "end"), [(0.0, (-2.0, -1.0)), (0.1, (-10.0, 0.0))])
def test_the_answer_to_the_challenge_is_what_its_calls_return(alpha, end):
    cells = [cell.source for cell in hygiene.load(NOTEBOOK).cells]
    (answer,) = (source for source in cells if "An answer</summary>" in source)
    names: dict[str, object] = {}
    for source in (source for source in cells if source.startswith(("import numpy", "def leaky_relu("))):
        exec(source, names)
    exec(next(source for source in cells if "def learned(" in source), names)
    call = f"learned(x, -x, {alpha}, 10.0, 10_000)"
    assert call in answer
    assert eval(call, names) == pytest.approx(end)
