"""Proves that training takes the steps it announces, for each network as if it were alone."""

import warnings
from itertools import pairwise

import numpy as np
import pytest

from leaky_lib import data
from leaky_lib.networks import Ensemble, initialise
from leaky_lib.training import (
    SGD,
    Adam,
    Momentum,
    accuracy,
    cross_entropy,
    gradients_of_loss,
    optimiser_called,
    train,
)

MOONS = data.moons(examples=40)
WIDTHS = [2, 6, 6, 2]


def run(ensemble: Ensemble, **settings: object) -> list:
    return list(train(ensemble, MOONS.train_x, MOONS.train_y, **{"steps": 10, **settings}))


def parameters(ensemble: Ensemble) -> list[np.ndarray]:
    return [*ensemble.weights, *ensemble.biases]


def same(a: Ensemble, b: Ensemble) -> bool:
    return all(
        np.array_equal(x, y, equal_nan=True) for x, y in zip(parameters(a), parameters(b), strict=True)
    )


def test_snapshots_stand_at_the_start_at_the_end_and_every_so_many_steps():
    assert [s.step for s in run(initialise(WIDTHS), steps=10, every=4)] == [0, 4, 8, 10]
    assert [s.step for s in run(initialise(WIDTHS), steps=0)] == [0]
    assert len(run(initialise(WIDTHS), steps=40)) == 21


def test_the_ensemble_handed_in_stays_as_it_is_and_snapshots_keep_theirs():
    ensemble = initialise(WIDTHS, seeds=3)
    kept = ensemble.copy()
    first, *_, last = run(ensemble)
    assert same(ensemble, kept)
    assert same(first.ensemble, kept)
    assert not same(last.ensemble, kept)


def test_the_loss_goes_down():
    first, *_, last = run(initialise(WIDTHS, seeds=5, alpha=[0.0, 0.1]), steps=200)
    before, after = (gradients_of_loss(s.ensemble, MOONS.train_x, MOONS.train_y)[0] for s in (first, last))
    assert (after < before).all()


@pytest.mark.parametrize("optimiser", [SGD(0.3), Momentum(0.1), Adam(0.01)], ids=lambda o: type(o).__name__)
class TestEveryOptimiser:
    def test_threads_and_company_change_nothing(self, optimiser):
        ensemble = initialise(WIDTHS, seeds=5, alpha=[0.0, 0.1])
        settings = {"optimiser": optimiser, "batch": 16}
        together = run(ensemble, threads=1, **settings)[-1].ensemble
        assert same(together, run(ensemble, threads=3, **settings)[-1].ensemble)
        assert same(together[1, 2:4], run(ensemble[1, 2:4], **settings)[-1].ensemble)

    def test_how_often_one_looks_changes_nothing(self, optimiser):
        ensemble = initialise(WIDTHS, seeds=2)
        often, once = (run(ensemble, optimiser=optimiser, batch=16, every=n) for n in (1, 10))
        assert same(often[-1].ensemble, once[-1].ensemble)

    def test_steps_follow_the_textbook(self, optimiser):
        ensemble = initialise(WIDTHS, seeds=2, alpha=0.1, dtype=np.float64)
        expected = ensemble.copy()
        memory = [{"v": 0.0, "m": 0.0, "s": 0.0} for _ in parameters(expected)]
        for t in range(1, 6):
            _, trace = gradients_of_loss(expected, MOONS.train_x, MOONS.train_y)
            for parameter, gradient, kept in zip(
                parameters(expected), [*trace.weight_gradients, *trace.bias_gradients], memory, strict=True
            ):
                parameter -= textbook_step(optimiser, gradient.copy(), kept, t)
        ours = run(ensemble, optimiser=optimiser, steps=5)[-1].ensemble
        for got, want in zip(parameters(ours), parameters(expected), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


def textbook_step(optimiser: object, g: np.ndarray, kept: dict, t: int) -> np.ndarray:
    if isinstance(optimiser, SGD):
        return optimiser.learning_rate * g
    if isinstance(optimiser, Momentum):
        kept["v"] = 0.9 * kept["v"] + g
        return optimiser.learning_rate * kept["v"]
    kept["m"] = 0.9 * kept["m"] + 0.1 * g
    kept["s"] = 0.999 * kept["s"] + 0.001 * g**2
    m, s = kept["m"] / (1 - 0.9**t), kept["s"] / (1 - 0.999**t)
    return optimiser.learning_rate * m / (np.sqrt(s) + 1e-8)


def test_a_learning_rate_may_differ_from_network_to_network_and_from_step_to_step():
    ensemble = initialise(WIDTHS, seeds=3)
    each = run(ensemble, optimiser=SGD(np.array([0.0, 0.1, 0.5])))[-1].ensemble
    for member, rate in enumerate((0.0, 0.1, 0.5)):
        alone = run(ensemble[member : member + 1], optimiser=SGD(rate))[-1].ensemble
        assert same(each[member : member + 1], alone)
    spike = run(ensemble, optimiser=SGD(lambda step: 0.5 if step < 3 else 0.0))
    assert same(spike[3].ensemble, spike[-1].ensemble)
    assert not same(spike[2].ensemble, spike[3].ensemble)


def test_batches_are_reshuffled_and_shared_by_all_twins():
    ensemble = initialise(WIDTHS, seeds=1, alpha=[0.1, 0.1])
    settings = {"optimiser": SGD(0.3), "batch": 10, "steps": 12}
    twins = run(ensemble, **settings, seed=1)[-1].ensemble
    assert same(twins[0], twins[1])
    assert not same(twins, run(ensemble, **settings, seed=2)[-1].ensemble)


def test_an_epoch_uses_every_example_once():
    x = np.eye(12, dtype=np.float32)
    y = np.zeros((12, 1), np.float32)
    # A linear network on one-hot inputs: a step moves the weights of the batch's examples only.
    linear = initialise([12, 1], dtype=np.float64)
    first = list(train(linear, x, y, steps=3, batch=4, every=1, optimiser=SGD(1e-9)))
    per_step = [
        set(np.flatnonzero(b.ensemble.weights[0] - a.ensemble.weights[0])) for a, b in pairwise(first)
    ]
    assert [len(step) for step in per_step] == [4, 4, 4]
    assert set.union(*per_step) == set(range(12))


def test_a_break_keeps_what_was_computed():
    ensemble = initialise(WIDTHS, seeds=2)
    for snapshot in train(ensemble, MOONS.train_x, MOONS.train_y, steps=1000, every=5):
        if snapshot.step == 10:
            break
    assert same(snapshot.ensemble, run(ensemble, steps=10)[-1].ensemble)


def test_a_network_that_diverges_is_reported_and_disturbs_nobody():
    ensemble = initialise(WIDTHS, seeds=4, alpha=0.1)
    rates = np.array([0.1, 1e30, 0.1, 1e30])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        last = run(ensemble, optimiser=SGD(rates), steps=30)[-1]
    assert last.finite.tolist() == [True, False, True, False]
    calm = run(ensemble[[0, 2]], optimiser=SGD(0.1), steps=30)[-1].ensemble
    assert same(last.ensemble[[0, 2]], calm)
    right = accuracy(last.ensemble, MOONS.test_x, MOONS.test_y)
    assert right[[1, 3]].tolist() == [0.5, 0.5]
    assert (right[[0, 2]] > 0.5).all()


def test_accuracy_counts_the_right_answers():
    x = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [1.0, 3.0]])
    identity = Ensemble((np.eye(2)[None],), (np.zeros((1, 1, 2)),), ())
    assert accuracy(identity, x, np.array([0, 1, 0, 1])).tolist() == [1.0]
    assert accuracy(identity, x, np.array([0, 1, 0, 0])).tolist() == [0.75]


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_cross_entropy_stands_huge_logits(size):
    output = np.array([[[size, -size, 0.0]]], np.float32)
    error = np.empty_like(output)
    assert cross_entropy(output, np.array([0]), error) == 0
    assert np.isfinite(cross_entropy(output, np.array([1]), error)).all()
    assert np.isfinite(error).all()


X, Y = MOONS.train_x, MOONS.train_y


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ({"optimiser": SGD(-0.1)}, ValueError, "learning_rate must be finite and at least 0; got -0.1"),
        ({"optimiser": SGD(np.nan)}, ValueError, "learning_rate must be finite"),
        ({"optimiser": SGD(np.inf)}, ValueError, "learning_rate must be finite"),
        ({"optimiser": SGD("fast")}, TypeError, "learning_rate must be real numbers"),
        ({"optimiser": SGD(np.ones(3))}, ValueError, r"learning_rate of shape \(3,\) does not broadcast"),
        ({"steps": -1}, ValueError, "steps must be at least 0; got -1"),
        ({"steps": 2.5}, TypeError, "steps must be a whole number; got float"),
        ({"every": 0}, ValueError, "every must be at least 1"),
        ({"batch": 0}, ValueError, "batch must be at least 1"),
        ({"batch": 41}, ValueError, "batch must be at most the 40 examples there are; got 41"),
        ({"threads": 0}, ValueError, "threads must be at least 1"),
        ({"x": X[:, :1]}, ValueError, r"x must have shape \(examples, 2\).*got \(40, 1\)"),
        ({"x": X[:0], "y": Y[:0]}, ValueError, "examples >= 1"),
        ({"y": Y[:5]}, ValueError, r"y must be labels of shape \(40,\)"),
        ({"y": Y.astype(float)}, TypeError, "labels y must be integers; got dtype float64"),
        ({"y": Y + 1}, ValueError, "labels y must lie in 0 to 1; got 1 to 2"),
    ],
)
def test_bad_arguments_are_named_at_the_call(bad, error, words):
    with pytest.raises(error, match=words):
        train(initialise(WIDTHS, seeds=2), **{"x": X, "y": Y, "steps": 3, **bad})


def test_optimisers_are_found_by_their_names():
    assert optimiser_called("adam", 0.5) == Adam(0.5)
    assert optimiser_called("momentum", 0.5) == Momentum(0.5)
    with pytest.raises(
        ValueError, match="optimiser must be one of 'sgd', 'momentum', 'adam'; got 'rmsprop'"
    ):
        optimiser_called("rmsprop", 0.5)
