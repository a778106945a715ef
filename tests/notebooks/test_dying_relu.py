"""Proves what 03 says beside its cells: what it shows once is what it calls, and other rates agree."""

from pathlib import Path

import hygiene
import numpy as np
import pytest

from leaky_lib import data, experiments, networks, optimisers, training
from leaky_lib.experiments import born_dead_bounds, collapse, neuron_path, training_death
from leaky_lib.intervals import wilson_interval
from leaky_lib.units import hidden_gradient_norms, stuck

NOTEBOOK = hygiene.load(Path(__file__).parents[2] / "notebooks" / "03_dying_relu.ipynb")
ALPHAS = (0.0, 0.01, 0.1)


def names_after(*words: str) -> dict:
    """What the imports and the cells with these words define, in order."""
    names = {}
    for cell in NOTEBOOK.cells:
        if cell.cell_type == "code" and any(word in cell.source for word in ("import", *words)):
            exec(cell.source, names)
    return names


def test_the_experiment_in_the_open_is_the_one_that_is_called():
    names = names_after("network.biases", "twins = networks.initialise")
    shown = np.stack([z.max(axis=-2) <= 0 for z in names["trace"].pre_activations[:3]], axis=-2)
    called = training_death(data="moons", alphas=ALPHAS, learning_rate=2.0, steps=400, seeds=1)
    assert np.array_equal(shown[:, 0], called.values["never_positive"][-1, :, 0])


def test_the_line_that_is_shown_for_stuck_is_the_function():
    names = names_after("network.biases")
    norms = hidden_gradient_norms(names["trace"])
    assert np.array_equal(stuck(norms), norms <= 0.001 * norms.max(axis=(-2, -1), keepdims=True))


@pytest.mark.parametrize(("alpha", "least"), [(0.0, 0.9), (0.01, 0.9), (0.1, 0.8)])
def test_a_stuck_unit_hardly_moves_in_the_next_hundred_steps(alpha, least):
    moons = data.load("moons")
    start = networks.initialise([2, 16, 16, 16, 2], seeds=40, alpha=alpha)
    run = training.train(
        start, moons.train_x, moons.train_y, steps=300, optimiser=optimisers.SGD(2.0), every=100
    )
    *_, before, after = run
    _, trace = training.gradients_of_loss(before.ensemble, moons.train_x, moons.train_y)
    moved = np.stack(
        [
            np.linalg.norm(new - old, axis=-2) / np.linalg.norm(old, axis=-2)
            for old, new in zip(before.ensemble.weights[:3], after.ensemble.weights[:3], strict=True)
        ],
        axis=-2,
    )
    held = stuck(hidden_gradient_norms(trace)) & ~after.diverged[:, None, None]
    others = ~held & ~after.diverged[:, None, None]
    assert held.sum() > 10
    assert (moved[held] < 0.01).mean() > least
    assert (moved[others] < 0.01).mean() < 0.7


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.1, 0.3])
def test_the_steps_to_recover_are_those_of_the_formula(alpha):
    x, landed, rate, t = np.array([1.0, 2.0, 3.0]), np.array([-8 / 3, -2.0]), 0.1, np.arange(7000)
    examples = np.stack([x, np.ones(3)], axis=1)
    eigenvalues, eigenvectors = np.linalg.eigh(examples.T @ examples / 3)
    goal = np.array([1.0, 0.0]) / alpha
    shrinks = (1 - rate * alpha**2 * eigenvalues[:, None]) ** t
    theta = goal[:, None] + eigenvectors @ (shrinks * (eigenvectors.T @ (landed - goal))[:, None])
    path = neuron_path(alpha, [rate] * len(t), start=tuple(landed))
    assert (~path.never_positive).argmax() == ((examples @ theta).max(axis=0) > 0).argmax()


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_networks_are_born_dead_as_often_as_theory_allows(width):
    fresh = networks.initialise([1, *[width] * 20, 1], seeds=4000, alpha=0.0, seed=3, dtype=np.float64)
    trace = networks.forward(fresh, np.array([[-1.0], [1.0]]))
    low, high = born_dead_bounds(width, np.arange(1, 21))
    for h, least, most in zip(trace.activations, low, high, strict=False):
        # 100 comparisons: an interval of 99.99 % lets a false alarm pass once in a hundred test runs.
        below, above = wilson_interval((h == 0).all(axis=(-2, -1)).sum(), 4000, confidence=0.9999)
        assert below <= most
        assert above >= least


def test_two_inputs_tell_all_about_a_network_without_biases():
    ensemble = networks.initialise([1, 3, 3, 3, 3, 3, 1], seeds=300, alpha=0.0, dtype=np.float64)
    many = networks.outputs(ensemble, np.linspace(-5, 5, 41)[:, None])[..., 0]
    two = networks.outputs(ensemble, np.array([[-1.0], [1.0]]))[..., 0]
    assert np.array_equal(np.ptp(many, axis=-1) == 0, (two == 0).all(axis=-1))


@pytest.mark.parametrize(
    ("optimiser", "rates"),
    [("adam", (0.003, 0.01, 0.03)), ("sgd", (0.03, 0.1, 0.3))],
)
def test_absolute_value_is_no_verdict_from_one_rate(optimiser, rates):
    for rate in rates:
        result = collapse(optimiser=optimiser, learning_rate=rate, seeds=40, snapshots=1)
        relu, hundredth, _, most = result.values["constant"].mean(axis=-1)
        assert relu > 0.8
        assert hundredth < 0.6 if optimiser == "adam" else hundredth > 0.6
        assert most < hundredth - 0.1


@pytest.mark.parametrize("rate", [0.003, 0.03])
def test_digits_agree_at_other_sound_rates(rate):
    result = training_death(
        **{"data": "digits", "width": 32, "optimiser": "adam", "learning_rate": rate},
        **{"alphas": [0, 0.1], "seeds": 12, "snapshots": 1},
    )
    assert abs(result.paired("accuracy", alpha=0.1).value) < 0.02


def test_rescue_by_sgd_depends_on_the_rate_too():
    slow, fast = (
        experiments.rescue(optimiser="sgd", learning_rate=rate, seeds=20, snapshots=1, seed=1)
        for rate in (0.1, 1.0)
    )
    by_a_hundredth = {"measure": "accuracy", "course": "to Leaky ReLU 0.01"}
    assert slow.paired(**by_a_hundredth).value + 0.08 < fast.paired(**by_a_hundredth).value
    assert fast.paired("accuracy", course="to Leaky ReLU 0.1").low > 0.1


@pytest.mark.parametrize(
    ("optimiser", "learning_rate", "come_back"), [("sgd", 2.0, False), ("adam", 0.3, True)]
)
def test_in_the_first_layer_the_dead_come_back_only_by_gradients_of_the_past(
    optimiser, learning_rate, come_back
):
    often = {"alphas": [0], "seeds": 10, "steps": 200, "snapshots": 200, "optimiser": optimiser}
    result = training_death(data="moons", learning_rate=learning_rate, **often)
    first = result.at(alpha=0, layer=0).values["never_positive"][:, result.of("diverged") == 0]
    died, revived = first.any(axis=0).sum(), (first[:-1] & ~first[1:]).any(axis=0).sum()
    assert died > 20
    assert (revived > 0.1 * died) == come_back
    assert come_back or revived == 0


def test_on_digits_most_of_the_dead_in_deeper_layers_come_back():
    settings = {"data": "digits", "width": 32, "alphas": [0], "learning_rate": 0.5, "seeds": 10}
    deeper = training_death(**settings).at(alpha=0).values["never_positive"][:, :, 1:]
    back = (deeper[:-1] & ~deeper[1:]).any(axis=0).sum()
    assert back > 0.6 * deeper.any(axis=0).sum() > 10


def test_of_networks_with_other_help_at_birth_most_still_end_constant_and_a_leak_helps_more():
    names = names_after("rng = np.random", "points = np.linspace")
    line, start = data.absolute_value(16), names["start"][:, :60]
    leaking = networks.initialise([1, *[2] * 9, 1], seeds=60, alpha=0.1)
    shares = []
    for ensemble in (start[1], start[2], leaking):
        *_, end = training.train(
            ensemble, line.train_x, line.train_y, steps=1000, optimiser=optimisers.Adam(0.01)
        )
        output = networks.outputs(end.ensemble, line.test_x)
        shares.append((np.ptp(output, axis=(-2, -1)) < 0.01 * np.ptp(line.test_y)).mean())
    raised, asymmetric, leak = shares
    assert leak < 0.3 < 0.5 < asymmetric < raised < 0.95
