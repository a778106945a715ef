"""Holds losses and optimisers to their formulas, and the training loop to what it promises."""

from dataclasses import replace
from itertools import chain, cycle, islice, pairwise, repeat

import numpy as np
import pytest

from leaky_lib import networks, parallel, training
from leaky_lib.data import moons
from leaky_lib.experiments import signal
from leaky_lib.networks import Ensemble, Trace, initialise, outputs
from leaky_lib.training import (
    SGD,
    Adam,
    Clipped,
    Momentum,
    accuracy,
    cross_entropy,
    gradients_of_loss,
    loss_for,
    optimiser_called,
    squared_error,
    train,
)
from leaky_lib.units import Watch, stuck, unit_gradient_norms

OPTIMISERS = [SGD(0.3), Momentum(0.05), Momentum(0.05, beta=0.5), Adam(0.02), Adam(0.02, 0.4, 0.3, 1e-3)]
DATA = moons(examples=60, seed=1)


def small(seeds: int = 4, alpha: object = (0.0, 0.01), **rest: object) -> Ensemble:
    return initialise((2, 6, 5, 2), seeds=seeds, alpha=alpha, **rest)


def last(ensemble: Ensemble, steps: int = 25, **settings: object) -> Ensemble:
    *_, snapshot = train(ensemble, DATA.train_x, DATA.train_y, steps=steps, **settings)
    return snapshot.ensemble


def parameters_of(ensemble: Ensemble) -> tuple[np.ndarray, ...]:
    return (*ensemble.weights, *ensemble.biases)


def assert_same_networks(one: Ensemble, other: Ensemble) -> None:
    for ours, theirs in zip(
        (*parameters_of(one), *one.alphas), (*parameters_of(other), *other.alphas), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs, strict=True)


# --- Losses


def one_pass(ensemble: Ensemble, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Loss and gradients of networks for labels that are all 0."""
    trace = networks.forward(ensemble, x)
    loss = cross_entropy(trace.output, np.zeros(len(x), int), trace.errors[-1])
    return loss, *networks.backward(ensemble, trace).weight_gradients


def stuck_in(weight_gradient):
    """What a `Watch` says of the gradient of one layer."""
    watch = Watch()
    watch.see_gradient("layer", weight_gradient)
    return watch.stuck.values()


SMALLEST = np.full((1, 2, 1), 1e-45, np.float32)


@pytest.mark.parametrize(
    "compute",
    [
        lambda: one_pass(small(), np.array([[1e-30, -1e-38], [1e-45, 300.0]])),
        lambda: one_pass(networks.convolutional(4, 4), np.full((2, 64), 1e-40)),
        lambda: small(gain=1e-40, alpha=1e-50).weights,
        lambda: parameters_of(last(small(), optimiser=SGD(1e-50))),
        lambda: [squared_error(SMALLEST, np.float32(0), np.empty_like(SMALLEST))],
        lambda: [unit_gradient_norms(np.full((2, 3), 1e-200), np.zeros((1, 3)))],
        lambda: [stuck([[1e-308, 1.0], [5e-324, 1e-320]], relative=1e-300), stuck([[5e-324, 0.0]])],
        lambda: stuck_in([[3e-310, 4e-310], [1e-200, 1e-300]]),
        lambda: [signal((0.0, 0.1), gain=1e-30, layers=3, width=4).values["mean_square"]],
    ],
)
def test_what_is_too_small_for_a_number_is_0_also_where_numpy_raises(compute):
    expected = compute()
    with np.errstate(all="raise"):
        found = compute()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """The textbook's own line, for logits of ordinary size."""
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("members", [(), (3,), (2, 3)])
@pytest.mark.parametrize("classes", [1, 2, 5])
def test_cross_entropy_is_its_formula(members, classes):
    rng = np.random.default_rng(0)
    logits, y = 3 * rng.standard_normal((*members, 8, classes)), rng.integers(0, classes, 8)
    error = np.empty_like(logits)
    loss = cross_entropy(logits, y, error)
    one_hot = np.eye(classes)[y]
    np.testing.assert_allclose(loss, -(log_softmax(logits) * one_hot).sum(-1).mean(-1), atol=1e-14)
    np.testing.assert_allclose(error, (np.exp(log_softmax(logits)) - one_hot) / 8, atol=1e-14)


@pytest.mark.parametrize("members", [(), (3,), (2, 3)])
def test_squared_error_is_its_formula(members):
    rng = np.random.default_rng(0)
    output, y = rng.standard_normal((*members, 8, 2)), rng.standard_normal((8, 2))
    error = np.empty_like(output)
    loss = squared_error(output, y, error)
    assert loss.shape == members
    for member in np.ndindex(members):
        terms = [(o - t) ** 2 / 2 for o, t in zip(output[member].flat, y.flat, strict=True)]
        assert loss[member] == pytest.approx(sum(terms) / 16, rel=1e-13)
    np.testing.assert_allclose(error, (output - y) / 16, rtol=1e-14)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_the_error_of_a_loss_is_its_slope(loss):
    rng = np.random.default_rng(0)
    output = rng.standard_normal((2, 5, 3))
    y = rng.integers(0, 3, 5) if loss is cross_entropy else rng.standard_normal((5, 3))
    error, unused, h = np.empty_like(output), np.empty_like(output), 1e-6
    loss(output, y, error)
    for row, column in np.ndindex(5, 3):
        nudge = np.zeros((5, 3))
        nudge[row, column] = h
        difference = (loss(output + nudge, y, unused) - loss(output - nudge, y, unused)) / (2 * h)
        np.testing.assert_allclose(error[:, row, column], difference, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_a_loss_leaves_output_and_targets_as_they_are(loss):
    output, y = np.ones((2, 5, 3)), np.zeros(5, int) if loss is cross_entropy else np.zeros((5, 3))
    output.flags.writeable = y.flags.writeable = False
    error = np.zeros_like(output)
    loss(output, y, error)
    assert error.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("huge", [1e3, 1e10, 1e30])
def test_huge_logits_keep_the_cross_entropy_finite(dtype, huge):
    logits = np.array([[huge, -huge, 0], [-huge, huge, 0], [huge, huge, huge]], dtype)
    error = np.empty_like(logits)
    loss = cross_entropy(logits, np.array([0, 0, 0]), error)
    assert loss == pytest.approx((0 + 2 * huge + np.log(3)) / 3, rel=1e-6)
    thirds = [[0, 0, 0], [-1 / 3, 1 / 3, 0], [-2 / 9, 1 / 9, 1 / 9]]
    np.testing.assert_allclose(error, thirds, rtol=1e-6, atol=1e-12)


def test_labels_call_for_cross_entropy_and_real_targets_for_squared_error():
    assert loss_for(np.array([0, 1])) is cross_entropy
    assert loss_for(np.array([[0.5], [1.5]])) is squared_error


# --- Optimisers


def scalar_rule(optimiser: object, w: float, gradients: list[float]) -> list[float]:
    """The update of one number, written out as in the papers; every value that it takes."""
    path, v, m, s = [], 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        if isinstance(optimiser, SGD):
            w = w - optimiser.learning_rate * g
        elif isinstance(optimiser, Momentum):
            v = optimiser.beta * v + g
            w = w - optimiser.learning_rate * v
        else:
            m = optimiser.beta1 * m + (1 - optimiser.beta1) * g
            s = optimiser.beta2 * s + (1 - optimiser.beta2) * g**2
            m_hat, s_hat = m / (1 - optimiser.beta1**t), s / (1 - optimiser.beta2**t)
            w = w - optimiser.learning_rate * m_hat / (s_hat**0.5 + optimiser.epsilon)
        path.append(w)
    return path


def library_path(optimiser: object, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    parameter = start.copy()
    memory = [np.zeros_like(parameter) for _ in range(optimiser.memories)]
    path = []
    for step, gradient in enumerate(gradients):
        optimiser.update(parameter, gradient.copy(), memory, np.asarray(optimiser.learning_rate), step)
        path.append(parameter.copy())
    return np.array(path)


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_an_optimiser_follows_its_papers_rule(optimiser):
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal((2, 3)), rng.standard_normal((12, 2, 3))
    gradients[:, 0, 0] = 0  # a weight that no gradient reaches
    path = library_path(optimiser, start, gradients)
    for entry in np.ndindex(2, 3):
        expected = scalar_rule(optimiser, start[entry], [g[entry] for g in gradients])
        np.testing.assert_allclose(path[:, *entry], expected, rtol=1e-11)
    np.testing.assert_array_equal(path[:, 0, 0], start[0, 0])


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_an_optimiser_agrees_with_pytorch(optimiser):
    torch = pytest.importorskip("torch", reason="PyTorch is an optional peer")
    rng = np.random.default_rng(1)
    start, gradients = rng.standard_normal((2, 3)), rng.standard_normal((12, 2, 3))
    w = torch.tensor(start, requires_grad=True)
    rate = optimiser.learning_rate
    if isinstance(optimiser, Adam):
        betas = (optimiser.beta1, optimiser.beta2)
        theirs = torch.optim.Adam([w], lr=rate, betas=betas, eps=optimiser.epsilon)
    else:
        theirs = torch.optim.SGD([w], lr=rate, momentum=getattr(optimiser, "beta", 0))
    for gradient, ours in zip(gradients, library_path(optimiser, start, gradients), strict=True):
        w.grad = torch.tensor(gradient)
        theirs.step()
        np.testing.assert_allclose(ours, w.detach().numpy(), rtol=1e-10)


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_training_is_the_rule_applied_to_the_gradient_of_every_parameter(optimiser):
    ensemble = small(dtype=np.float64)
    snapshots = list(train(ensemble, DATA.train_x, DATA.train_y, steps=3, optimiser=optimiser, every=1))
    gradients = []
    for snapshot in snapshots[:-1]:
        _, trace = gradients_of_loss(snapshot.ensemble, DATA.train_x, DATA.train_y)
        gradients.append([g.copy() for g in (*trace.weight_gradients, *trace.bias_gradients)])
    for which, start in enumerate(parameters_of(ensemble)):
        path = library_path(optimiser, start, np.array([step[which] for step in gradients]))
        for snapshot, expected in zip(snapshots[1:], path, strict=True):
            np.testing.assert_allclose(parameters_of(snapshot.ensemble)[which], expected, atol=1e-12)


def test_an_optimiser_has_the_settings_that_its_libraries_have_unless_told():
    assert SGD() == SGD(0.1)
    assert Momentum() == Momentum(0.1, beta=0.9)
    assert Adam() == Adam(0.001, beta1=0.9, beta2=0.999, epsilon=1e-8)
    assert Clipped(SGD()) == Clipped(SGD(), limit=1.0)


@pytest.mark.parametrize(("name", "kind"), [("sgd", SGD), ("momentum", Momentum), ("adam", Adam)])
def test_an_optimiser_has_a_name(name, kind):
    assert optimiser_called(name, 0.25) == kind(0.25)


def test_the_learning_rate_rises_evenly_while_it_warms_up():
    rates = np.array([[0.4], [0.8]])
    for given in (0.4, rates):
        warmed = optimiser_called("adam", given, warm_up=4)
        shares = [warmed.learning_rate(step) / given for step in (0, 1, 3, 4, 1000)]
        for share, expected in zip(shares, (0.25, 0.5, 1, 1, 1), strict=True):
            np.testing.assert_allclose(share, expected)


def test_without_warm_up_there_may_be_a_learning_rate_for_each_network():
    rates = np.array([[0.4], [0.8]])
    assert optimiser_called("sgd", rates, warm_up=0).learning_rate is rates


def test_an_unknown_optimiser_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match=r"^optimiser must be one of 'sgd', 'momentum', 'adam'; got 'SGD'"):
        optimiser_called("SGD", 0.1)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Momentum(beta=-0.1),
            ValueError,
            "beta must be a finite number from 0 to below 1; got -0.1",
        ),
        (lambda: Momentum(beta=1), ValueError, "beta must be a finite number from 0 to below 1; got 1"),
        (lambda: Momentum(beta="a"), TypeError, "beta must be a number; got str 'a'"),
        (lambda: Adam(beta1=1.5), ValueError, "beta1 must be a finite number from 0 to below 1; got 1.5"),
        (lambda: Adam(beta2=np.nan), ValueError, "beta2 must be .*; got nan"),
        (
            lambda: Adam(epsilon=-1e-8),
            ValueError,
            "epsilon must be a finite number of at least 0; got -1e-08",
        ),
        (lambda: Clipped(SGD(), 0), ValueError, "limit must be a finite number greater than 0; got 0"),
        (
            lambda: Clipped(SGD(), -1.0),
            ValueError,
            "limit must be a finite number greater than 0; got -1.0",
        ),
        (lambda: Clipped(SGD(), None), TypeError, "limit must be a number; got NoneType None"),
        (lambda: Clipped(SGD, 1.0), TypeError, r"optimiser must be .*; got the class SGD, not SGD\(\)"),
        (lambda: Clipped("sgd"), TypeError, "optimiser must be .*; got str"),
    ],
)
def test_an_optimiser_that_could_not_work_is_refused_when_it_is_made(make, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make()


def test_an_optimiser_may_remember_nothing_and_divide_by_nothing_more():
    assert (Momentum(beta=0).beta, Adam(beta1=0, epsilon=0).epsilon) == (0, 0)


# --- Clipped gradients


class TestClipped:
    def test_a_long_gradient_is_cut_to_the_limit_and_a_short_one_left_alone(self):
        weight = np.zeros((2, 3, 4))
        gradient = np.stack([np.full((3, 4), 10.0), np.full((3, 4), 0.01)])
        Clipped(SGD(1.0), limit=2.0).update(weight, gradient.copy(), [], 1.0, 0)
        assert np.linalg.norm(weight[0]) == pytest.approx(2.0)
        np.testing.assert_allclose(weight[1], -0.01)

    def test_no_gradient_is_no_step(self):
        weight = np.ones((1, 2, 2))
        Clipped(SGD(1.0)).update(weight, np.zeros((1, 2, 2)), [], 1.0, 0)
        assert (weight == 1).all()

    def test_the_optimiser_within_keeps_its_memory_and_its_rate(self):
        clipped = Clipped(Momentum(0.3))
        assert (clipped.memories, clipped.learning_rate) == (1, 0.3)


# --- The loop


@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_what_is_handed_in_stays_as_it_is(optimiser):
    ensemble = small()
    before = ensemble.copy()
    x, y = DATA.train_x.copy(), DATA.train_y.copy()
    x.flags.writeable = y.flags.writeable = False
    *_, snapshot = train(ensemble, x, y, steps=5, optimiser=optimiser, batch=16)
    assert_same_networks(ensemble, before)
    assert not np.array_equal(snapshot.ensemble.weights[0], before.weights[0])


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [
        (0, None, [0]),
        (1, None, [0, 1]),
        (7, 3, [0, 3, 6, 7]),
        (6, 3, [0, 3, 6]),
        (5, 100, [0, 5]),
        (100, None, list(range(0, 101, 5))),
    ],
)
def test_snapshots_come_at_the_start_now_and_then_and_at_the_end(steps, every, expected):
    ensemble = small()
    snapshots = list(train(ensemble, DATA.train_x, DATA.train_y, steps=steps, every=every))
    assert [snapshot.step for snapshot in snapshots] == expected
    assert_same_networks(snapshots[0].ensemble, ensemble)


@pytest.fixture
def clock(monkeypatch):
    """A clock that training reads, and that only `Ticking` moves."""
    times = [100.0]
    monkeypatch.setattr(training, "monotonic", lambda: times[-1])
    return times


class Ticking(SGD):
    """An optimiser whose every step takes a given time, by that clock."""

    def at(self, clock, times):
        self.clock, self.times = clock, iter(times)
        return self

    def update(self, parameter, gradient, memory, rate, step):
        super().update(parameter, gradient, memory, rate, step)
        if parameter.shape[-2:] == (1, 2):  # the last one of a step
            self.clock.append(self.clock[-1] + next(self.times))


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        (cycle([0.1]), [0, 1, 3, 7, 10, 15, 20, 25, 30]),  # five steps each, but for the tenth ones
        (cycle([1.0]), [*range(31)]),
        (cycle([0.0]), [0, 1, 3, 7, 10, 16, 20, 28, 30]),  # at most twice as many as before
        (chain(repeat(0.01, 7), repeat(0.25)), [0, 1, 3, 7, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30]),
    ],
)
def test_snapshots_also_come_by_the_clock(clock, takes, expected):
    optimiser = Ticking(0.3).at(clock, takes)
    run = {"steps": 30, "every": 10, "optimiser": optimiser, "threads": 1}
    snapshots = list(train(small(), DATA.train_x, DATA.train_y, **run, seconds=0.5))
    assert [snapshot.step for snapshot in snapshots] == expected
    assert_same_networks(snapshots[-1].ensemble, last(small(), steps=30, optimiser=SGD(0.3)))


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        (0.2, [0] * 4 + [1] * 2 + [2] * 2 + [3]),  # at first network by network, then two at a time
        (0.6, [0] * 4 + [1] * 4 + [2] * 4 + [3]),
        (0.1, [0] * 4 + [1, 2, 3]),  # all four fit in
    ],
)
def test_within_a_long_step_the_last_snapshot_comes_again(monkeypatch, clock, takes, expected):
    monkeypatch.setattr(parallel, "CHUNK_ELEMENTS", 1)
    ensemble = small(seeds=4)[:1]
    run = {"steps": 3, "optimiser": Ticking(0.3).at(clock, repeat(takes)), "threads": 1}
    snapshots = list(train(ensemble, DATA.train_x, DATA.train_y, **run, seconds=0.5))
    assert [snapshot.step for snapshot in snapshots] == expected
    at = dict(zip(expected, snapshots, strict=True))
    for snapshot in snapshots:
        assert_same_networks(snapshot.ensemble, at[snapshot.step].ensemble)
    assert_same_networks(snapshots[-1].ensemble, last(ensemble, steps=3, optimiser=SGD(0.3)))


@pytest.mark.parametrize("batch", [None, 7])
def test_unless_told_training_is_gradient_descent_with_seed_0(batch):
    told = last(small(), optimiser=SGD(0.1), batch=batch or 60, seed=0, learn_alpha=0.0)
    assert_same_networks(last(small(), batch=batch), told)


def test_snapshots_do_not_share_memory():
    ensemble = small()
    run = train(ensemble, DATA.train_x, DATA.train_y, steps=4, every=1)
    kept = [next(run), next(run)]
    copies = [snapshot.ensemble.copy() for snapshot in kept]
    for parameter in parameters_of(next(run).ensemble):
        parameter[...] = 7  # neither the past nor the run goes by what we do to a snapshot
    *_, end = run
    for snapshot, copy in zip(kept, copies, strict=True):
        assert_same_networks(snapshot.ensemble, copy)
    assert_same_networks(end.ensemble, last(ensemble, steps=4))


@pytest.mark.parametrize("optimiser", OPTIMISERS[::2], ids=repr)
@pytest.mark.parametrize("batch", [None, 7])
def test_numbers_do_not_depend_on_threads_snapshots_or_company(optimiser, batch):
    ensemble = small(seeds=5)
    rest = {"optimiser": optimiser, "batch": batch, "seed": 3}
    alone = last(ensemble, threads=1, **rest)
    assert_same_networks(alone, last(ensemble, threads=1, **rest))
    assert_same_networks(alone, last(ensemble, threads=2, **rest))
    assert_same_networks(alone, last(ensemble, threads=50, **rest))
    assert_same_networks(alone, last(ensemble, every=1, **rest))
    assert_same_networks(alone[:, 2], last(ensemble[:, 2], **rest))
    assert_same_networks(alone[1, 3], last(ensemble[1, 3], **rest))


def test_break_keeps_what_was_computed():
    ensemble, kept = small(), []
    for snapshot in train(ensemble, DATA.train_x, DATA.train_y, steps=10**9, every=5):
        kept.append(snapshot)
        if snapshot.step == 10:
            break
    assert [snapshot.step for snapshot in kept] == [0, 5, 10]
    assert_same_networks(kept[-1].ensemble, last(ensemble, steps=10))


@pytest.mark.parametrize("optimiser", [SGD(0.5), Momentum(0.1), Adam(0.02)], ids=repr)
@pytest.mark.parametrize("batch", [None, 20])
def test_the_loss_goes_down_and_the_accuracy_up(optimiser, batch):
    ensemble = small(alpha=(0.01, 0.3), seeds=8)
    trained = last(ensemble, steps=150, optimiser=optimiser, batch=batch)
    before, _ = gradients_of_loss(ensemble, DATA.train_x, DATA.train_y)
    after, _ = gradients_of_loss(trained, DATA.train_x, DATA.train_y)
    assert np.all(after < before / 1.5)
    guesses, answers = (accuracy(which, DATA.test_x, DATA.test_y).mean() for which in (ensemble, trained))
    assert answers > max(guesses + 0.1, 0.8)


def test_a_regression_learns_its_targets():
    x = np.linspace(-1, 1, 40)[:, None]
    y = np.abs(x)
    ensemble = initialise((1, 8, 1), seeds=6, alpha=0.1)
    *_, end = train(ensemble, x, y, steps=400, optimiser=Adam(0.02))
    loss, _ = gradients_of_loss(end.ensemble, x, y)
    assert np.all(loss < np.var(y) / 2 / 4)  # a quarter of the best constant's loss


# --- Learning rates


@pytest.mark.parametrize("optimiser", [SGD, Momentum, Adam])
def test_a_learning_rate_is_a_number_an_array_or_a_function(optimiser):
    ensemble = small(seeds=3)
    rates = np.array([[0.1, 0.0, 0.3], [0.02, 0.2, 0.05]])
    stacked = last(ensemble, optimiser=optimiser(rates))
    for member in np.ndindex(2, 3):
        alone = last(ensemble[member], optimiser=optimiser(float(rates[member])))
        assert_same_networks(stacked[member], alone)
    assert_same_networks(stacked, last(ensemble, optimiser=optimiser(lambda step: rates)))
    assert_same_networks(stacked[0, 1], ensemble[0, 1])  # at rate 0 nothing moves
    by_column = last(ensemble, optimiser=optimiser([0.1, 0.2, 0.3]))
    assert_same_networks(by_column[:, 2], last(ensemble[:, 2], optimiser=optimiser(0.3)))


def test_a_function_of_the_step_hears_every_step_in_order():
    ensemble, heard = small(dtype=np.float64), []

    def halving(step: int) -> float:
        heard.append(step)
        return 0.5**step

    run = list(
        train(ensemble, DATA.train_x, DATA.train_y, steps=6, optimiser=SGD(halving), every=1, threads=2)
    )
    assert list(dict.fromkeys(heard)) == list(range(6))
    for step, (one, other) in enumerate(pairwise(run)):
        _, trace = gradients_of_loss(one.ensemble, DATA.train_x, DATA.train_y)
        moved = one.ensemble.weights[0] - other.ensemble.weights[0]
        np.testing.assert_allclose(moved, 0.5**step * trace.weight_gradients[0], atol=1e-13)


# --- Batches


def batches_seen(members: Ensemble, count: int, batch: int | None, steps: int, seed: int = 0) -> np.ndarray:
    """Which examples each step used: (steps, members, examples).

    Every example has an input column of its own, so a step moves the weights of what it saw, no others.
    """
    x, y = np.eye(count), np.zeros((count, 1))
    run = train(members, x, y, steps=steps, batch=batch, every=1, seed=seed, optimiser=SGD(0.01))
    weights = np.array([snapshot.ensemble.weights[0][..., 0] for snapshot in run])
    return np.diff(weights, axis=0) != 0


@pytest.mark.parametrize(("count", "batch"), [(12, 4), (13, 4), (5, 5), (5, None), (6, 1)])
def test_an_epoch_uses_every_example_at_most_once_and_twins_see_the_same(count, batch):
    networks = initialise((count, 1), seeds=3, alpha=(0.0, 0.1), bias=1.0, dtype=np.float64)
    per_epoch = count // (batch or count)
    seen = batches_seen(networks, count, batch, steps=2 * per_epoch)
    assert np.all(seen.sum(axis=-1) == (batch or count))
    for epoch in (seen[:per_epoch], seen[per_epoch:]):
        assert epoch.sum(axis=0).max() == 1
    np.testing.assert_array_equal(seen, np.broadcast_to(seen[:, :1, :1], seen.shape))


def test_the_order_of_batches_is_new_each_epoch_and_goes_by_the_seed():
    networks = initialise((12, 1), bias=1.0, dtype=np.float64)
    seen, same, other = (batches_seen(networks, 12, 4, 9, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(seen, same)
    assert not np.array_equal(seen, other)
    assert not np.array_equal(seen[:3], seen[3:6])


# --- Networks that diverge


def test_a_diverging_network_is_told_and_disturbs_no_neighbour(recwarn):
    ensemble = small(seeds=3)
    rates = np.array([[0.1, 1e30, 0.1], [1e30, 0.1, 0.2]])
    snapshots = list(train(ensemble, DATA.train_x, DATA.train_y, steps=10, optimiser=SGD(rates), every=5))
    assert not snapshots[0].diverged.any()
    np.testing.assert_array_equal(snapshots[-1].diverged, rates >= 1)
    for member in np.argwhere(rates < 1):
        at = tuple(member.tolist())
        alone = last(ensemble[at], steps=10, optimiser=SGD(float(rates[at])))
        assert_same_networks(snapshots[-1].ensemble[at], alone)
    right = accuracy(snapshots[-1].ensemble, DATA.test_x, DATA.test_y)
    np.testing.assert_array_equal(right[rates > 1], 0.5)
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["weights", "biases"])
def test_one_bad_number_makes_a_network_diverge(bad, where):
    *_, snapshot = train(small(), DATA.train_x, DATA.train_y, steps=1)
    getattr(snapshot.ensemble, where)[-1][1, 2, 0, -1] = bad
    assert np.argwhere(snapshot.diverged).tolist() == [[1, 2]]


# --- Accuracy


def test_accuracy_is_the_share_of_right_answers():
    ensemble = small(seeds=5)
    right = accuracy(ensemble, DATA.test_x, DATA.test_y)
    logits = outputs(ensemble, DATA.test_x)
    for member in np.ndindex(2, 5):
        answers = [max(range(2), key=row.__getitem__) for row in logits[member].tolist()]
        expected = np.mean([answer == label for answer, label in zip(answers, DATA.test_y, strict=True)])
        assert right[member] == pytest.approx(expected)


def test_a_network_that_diverged_is_right_as_often_as_a_guess(recwarn):
    ensemble = initialise((2, 4, 5), seeds=3)
    x, labels = np.ones((6, 2)), np.zeros(6, int)  # argmax of NaNs would answer 0: always right
    ensemble.weights[0][0, 0, 0] = np.nan
    ensemble.biases[1][1, 0, 0] = np.inf
    right = accuracy(ensemble, x, labels)
    np.testing.assert_allclose(right[:2], 1 / 5)
    assert right[2] in (0, 1)
    assert [str(warning.message) for warning in recwarn] == []


# --- Bad input: said at the call, before the first snapshot

BAD_RATES = [
    (-0.1, ValueError, r"learning_rate must be finite in float32 and at least 0; got -0\.1"),
    (np.nan, ValueError, r"learning_rate must be finite in float32 and at least 0; got nan"),
    (np.inf, ValueError, r"learning_rate must be finite in float32 and at least 0; got inf"),
    ([0.1, -0.1, 0.1, 0.1], ValueError, r"learning_rate must be finite in float32 and at least 0; got \["),
    (1e39, ValueError, r"learning_rate must be finite"),
    ("fast", TypeError, r"learning_rate must be real numbers .*; got str"),
    (None, TypeError, r"learning_rate must be real numbers .*; got NoneType"),
    (True, TypeError, r"learning_rate must be real numbers; got dtype bool"),
    (0.1j, TypeError, r"learning_rate must be real numbers .*; got complex"),
    ([0.1, 0.2], ValueError, r"learning_rate of shape \(2,\) does not broadcast to members \(2, 4\)"),
    (np.full((3, 2, 4), 0.1), ValueError, r"learning_rate of shape \(3, 2, 4\) does not broadcast"),
    (lambda step: -1.0, ValueError, r"learning_rate must be finite in float32 and at least 0; got -1"),
]


@pytest.mark.parametrize("optimiser", [SGD, Momentum, Adam])
@pytest.mark.parametrize(("rate", "error", "message"), BAD_RATES)
def test_a_bad_learning_rate_is_refused_at_the_call(optimiser, rate, error, message):
    with pytest.raises(error, match=f"^{message}"):
        train(small(), DATA.train_x, DATA.train_y, steps=1, optimiser=optimiser(rate))


def test_a_rate_that_turns_bad_later_is_refused_when_its_step_comes():
    run = train(
        small(), DATA.train_x, DATA.train_y, steps=4, every=1, optimiser=SGD(lambda step: 0.1 - 0.1 * step)
    )
    assert [snapshot.step for snapshot in islice(run, 3)] == [0, 1, 2]
    with pytest.raises(ValueError, match=r"^learning_rate must be .*at least 0; got -0\.1"):
        next(run)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"steps": -1}, ValueError, r"steps must be at least 0; got -1"),
        ({"steps": 2.0}, TypeError, r"steps must be a whole number; got float 2\.0"),
        ({"steps": "9"}, TypeError, r"steps must be a whole number; got str '9'"),
        ({"steps": None}, TypeError, r"steps must be a whole number; got NoneType"),
        ({"batch": 0}, ValueError, r"batch must be at least 1; got 0"),
        ({"batch": 61}, ValueError, r"batch must be at most the 60 examples there are; got 61"),
        ({"batch": 8.0}, TypeError, r"batch must be a whole number; got float"),
        ({"every": 0}, ValueError, r"every must be at least 1; got 0"),
        ({"every": 0.5}, TypeError, r"every must be a whole number; got float"),
        ({"seconds": 0}, ValueError, r"seconds must be a finite number greater than 0; got 0"),
        ({"seconds": np.nan}, ValueError, r"seconds must be a finite number greater than 0; got nan"),
        ({"seconds": np.inf}, ValueError, r"seconds must be a finite number greater than 0; got inf"),
        ({"seconds": "1"}, TypeError, r"seconds must be a number; got str '1'"),
        ({"seconds": True}, TypeError, r"seconds must be a number; got bool True"),
        ({"alpha": 0.1}, TypeError, r"alpha must be a function of the step, or None .*; got float"),
        ({"learn_alpha": True}, TypeError, r"learn_alpha must be real numbers; got dtype bool"),
        ({"random_alpha": 3}, TypeError, r"random_alpha must be a sequence, \[3\] for one; got int"),
        ({"random_alpha": ("a", 3)}, TypeError, r"random_alpha must be a number; got str 'a'"),
        ({"threads": 0}, ValueError, r"threads must be at least 1; got 0"),
        ({"threads": 1.0}, TypeError, r"threads must be a whole number; got float"),
        ({"optimiser": "sgd"}, TypeError, r"optimiser must be .*; got str"),
        ({"optimiser": Adam}, TypeError, r"optimiser must be .*; got the class Adam, not Adam\(\)"),
        ({"x": np.zeros((60, 3))}, ValueError, r"x must have shape \(examples, 2\).*; got \(60, 3\)"),
        ({"x": np.zeros(60)}, ValueError, r"x must have shape \(examples, 2\).*; got \(60,\)"),
        ({"x": np.zeros((0, 2))}, ValueError, r"x must have .*examples >= 1; got \(0, 2\)"),
        ({"y": np.zeros(59, int)}, ValueError, r"y must be labels of shape \(60,\) or .*; got \(59,\)"),
        ({"y": np.zeros((60, 3))}, ValueError, r"y must be .*targets of shape \(60, 2\); got \(60, 3\)"),
        ({"y": np.zeros((60, 1, 2))}, ValueError, r"y must be .*; got \(60, 1, 2\)"),
        ({"y": np.zeros(60)}, TypeError, r"labels y must be integers; got dtype float64"),
        ({"y": np.full(60, "0")}, TypeError, r"y must be real numbers .*; got ndarray of dtype <U1"),
        ({"y": np.full(60, 2)}, ValueError, r"labels y must lie in 0 to 1; got 2 to 2"),
        ({"y": np.arange(60) - 1}, ValueError, r"labels y must lie in 0 to 1; got -1 to 58"),
    ],
)
def test_a_bad_argument_is_refused_at_the_call(changes, error, message):
    arguments = {"ensemble": small(), "x": DATA.train_x, "y": DATA.train_y, "steps": 1, **changes}
    with pytest.raises(error, match=f"^{message}"):
        train(**arguments)


@pytest.mark.parametrize(
    ("x", "labels", "error", "message"),
    [
        (np.zeros((5, 3)), np.zeros(5, int), ValueError, r"x must have shape \(examples, 2\)"),
        (np.zeros((5, 2)), np.zeros(4, int), ValueError, r"y must be labels of shape \(5,\)"),
        (np.zeros((5, 2)), np.zeros(5), TypeError, r"labels y must be integers"),
        (np.zeros((5, 2)), np.full(5, 2), ValueError, r"labels y must lie in 0 to 1"),
        (np.zeros((5, 2)), np.zeros((5, 2)), ValueError, r"labels"),
    ],
)
def test_accuracy_refuses_what_are_no_labels(x, labels, error, message):
    with pytest.raises(error, match=message):
        accuracy(small(), x, labels)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (
            np.zeros((5, 1), int),
            ValueError,
            r"y must be labels of shape \(5,\) or targets of shape \(5, 2\)",
        ),
        (np.zeros((1, 2)), ValueError, r"y must be labels of shape \(5,\) or targets of shape \(5, 2\)"),
        (np.full(5, -1), ValueError, r"labels y must lie in 0 to 1"),
        (np.zeros(5), TypeError, r"labels y must be integers"),
    ],
)
def test_gradients_of_a_loss_are_refused_for_what_are_no_targets(y, error, message):
    with pytest.raises(error, match=message):
        gradients_of_loss(small(), np.zeros((5, 2)), y)


def test_a_slope_told_for_each_step_is_the_slope_of_that_step():
    ensemble = initialise([2, 6, 6, 2], seeds=3, alpha=[0.0, 0.2], dtype=np.float64)
    told = train(
        replace(ensemble, alphas=tuple(np.full_like(slope, 0.7) for slope in ensemble.alphas)),
        DATA.train_x,
        DATA.train_y,
        steps=6,
        alpha=lambda step: np.array([[0.0], [0.2]]),
    )
    plain = train(ensemble, DATA.train_x, DATA.train_y, steps=6)
    for one, other in zip(told, plain, strict=True):
        for ours, theirs in zip(one.ensemble.weights, other.ensemble.weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert one.ensemble.alphas[1][:, 0, 0, 0].tolist() == [0.0, 0.2]


@pytest.mark.parametrize("slope", [np.nan, np.ones(7)])
def test_a_told_slope_that_does_not_fit_is_named_at_the_call(slope):
    with pytest.raises(ValueError, match=r"^alpha"):
        train(initialise([2, 3, 2], seeds=2), DATA.train_x, DATA.train_y, steps=2, alpha=lambda step: slope)


# --- Learned slopes (PReLU) and random ones (RReLU)


def slope_gradients(ensemble: Ensemble) -> list[np.ndarray]:
    trace = Trace(ensemble, len(DATA.train_x), alpha_gradients=True)
    gradients_of_loss(ensemble, DATA.train_x, DATA.train_y, trace)
    return trace.alpha_gradients


def test_the_gradient_of_a_slope_is_what_finite_differences_measure():
    ensemble = small(seeds=3, alpha=[0.05, 0.4], dtype=np.float64, bias=-0.1)
    for layer, gradient in enumerate(slope_gradients(ensemble)):

        def loss(slope: np.ndarray, layer: int = layer) -> np.ndarray:
            alphas = list(ensemble.alphas)
            alphas[layer] = alphas[layer] + slope
            changed = Ensemble(ensemble.weights, ensemble.biases, tuple(alphas))
            return gradients_of_loss(changed, DATA.train_x, DATA.train_y)[0]

        h = 1e-6
        assert gradient.shape == (2, 3, 1, 1)
        np.testing.assert_allclose(gradient[..., 0, 0], (loss(h) - loss(-h)) / (2 * h), atol=1e-9)


def test_the_gradient_of_a_slope_agrees_with_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is an optional peer")
    ensemble = small(seeds=1, alpha=0.25, dtype=np.float64)
    slopes = [torch.tensor([0.25], dtype=torch.float64, requires_grad=True) for _ in ensemble.alphas]
    h = torch.tensor(DATA.train_x.astype(np.float64))
    for layer, (weight, bias) in enumerate(zip(ensemble.weights, ensemble.biases, strict=True)):
        h = h @ torch.tensor(weight[0]) + torch.tensor(bias[0])
        if layer < len(slopes):
            h = torch.nn.functional.prelu(h, slopes[layer])
    torch.nn.functional.cross_entropy(h, torch.tensor(DATA.train_y)).backward()
    for ours, theirs in zip(slope_gradients(ensemble), slopes, strict=True):
        np.testing.assert_allclose(ours.ravel(), theirs.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_first_learned_step_moves_a_slope_as_the_optimiser_would(optimiser):
    start = small(seeds=2, alpha=[0.0, 0.25], dtype=np.float64)
    learned = last(start, steps=1, optimiser=optimiser, learn_alpha=0.1)
    for before, after, gradient in zip(start.alphas, learned.alphas, slope_gradients(start), strict=True):
        expected = before.copy()
        memory = [np.zeros_like(expected) for _ in range(optimiser.memories)]
        optimiser.update(expected, gradient, memory, 0.1 * optimiser.learning_rate, 0)
        np.testing.assert_allclose(after, expected, rtol=1e-12)
    assert (learned.alphas[0] != learned.alphas[1]).all(), "each layer learns a slope of its own"


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_some_networks_can_learn_their_slope_while_others_keep_it(optimiser):
    start = small(seeds=3, alpha=[0.01, 0.25])
    kept, learned = (
        last(start[row : row + 1], optimiser=optimiser, learn_alpha=r) for row, r in ((0, 0), (1, 0.1))
    )
    both = last(start, optimiser=optimiser, learn_alpha=[[0.0], [0.1]])
    assert_same_networks(both[:1], kept)
    assert_same_networks(both[1:], learned)
    for before, after in zip(start.alphas, both.alphas, strict=True):
        np.testing.assert_array_equal(after[0], before[0])
        assert (after[1] != before[1]).all()


def test_a_kept_slope_stays_what_it_is_while_its_network_diverges():
    start = small(seeds=3, alpha=[0.5, 0.25])
    *_, end = train(
        start, DATA.train_x, DATA.train_y, steps=60, optimiser=SGD(1e4), learn_alpha=[[0.0], [0.1]]
    )
    assert end.diverged.all()
    assert all((alpha[0] == 0.5).all() for alpha in end.ensemble.alphas)


def test_a_learned_slope_that_diverges_is_counted_and_no_error():
    settings = {"steps": 60, "learn_alpha": 1.0, "optimiser": SGD(1e4)}
    *_, end = train(small(seeds=3, alpha=0.25), DATA.train_x, DATA.train_y, **settings)
    assert end.diverged.all()
    chance = 1 / end.ensemble.widths[-1]
    np.testing.assert_array_equal(accuracy(end.ensemble, DATA.test_x, DATA.test_y), chance)


def test_without_learning_the_slopes_stay():
    start = small()
    for before, after in zip(start.alphas, last(start).alphas, strict=True):
        np.testing.assert_array_equal(after, before)


def test_random_slopes_are_thrown_anew_and_stay_in_their_range():
    ensemble = small(seeds=2, alpha=2 / 11)
    first, second = (training._Dice(3, 8, 0).thrown_for(ensemble, 500, step).alphas for step in (0, 1))
    assert [alpha.shape for alpha in first] == [(500, 6), (500, 5)]
    assert all(alpha.dtype == np.float32 for alpha in first)
    assert (first[0] != second[0]).mean() > 0.99
    divisors = 1 / first[0].astype(float)
    assert 3 <= divisors.min() < 3.01
    assert 7.99 < divisors.max() <= 8.001
    assert divisors.mean() == pytest.approx(5.5, abs=0.1)


def test_random_slopes_may_be_steeper_than_one():
    settings = {"steps": 2, "learn_alpha": 0.0, "optimiser": SGD(0.01)}
    steep, gentle = (last(small(), random_alpha=divisors, **settings) for divisors in ((0.5, 2), (3, 8)))
    assert not np.array_equal(steep.weights[0], gentle.weights[0])


def test_a_step_with_random_slopes_is_a_step_with_those_slopes():
    start = small(seeds=3, alpha=2 / 11, dtype=np.float64)
    thrown = training._Dice(3, 8, 5).thrown_for(start, len(DATA.train_x), 0)
    _, trace = gradients_of_loss(thrown, DATA.train_x, DATA.train_y)
    after = last(start, steps=1, optimiser=SGD(0.3), random_alpha=(3, 8), seed=5)
    for before, new, gradient in zip(start.weights, after.weights, trace.weight_gradients, strict=True):
        np.testing.assert_allclose(new, before - 0.3 * gradient, rtol=1e-12)
    assert all((alpha == 2 / 11).all() for alpha in after.alphas), "at test time the slope is the mean's"


@pytest.mark.parametrize("kind", [{"learn_alpha": 0.1}, {"random_alpha": (3, 8)}])
def test_learned_and_random_slopes_do_not_depend_on_how_the_networks_are_cut(kind, monkeypatch):
    whole = last(small(seeds=6), batch=20, **kind)
    monkeypatch.setattr(parallel, "CHUNK_ELEMENTS", 1)
    assert_same_networks(last(small(seeds=6), batch=20, threads=2, **kind), whole)
    parts = [last(small(seeds=which), batch=20, **kind) for which in (range(2), range(2, 6))]
    for ours, *theirs in zip(parameters_of(whole), *map(parameters_of, parts), strict=True):
        np.testing.assert_array_equal(ours, np.concatenate(theirs, axis=1))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learn_alpha": -1}, "^learn_alpha"),
        ({"learn_alpha": np.nan}, "^learn_alpha"),
        ({"learn_alpha": [0.1, 0.1, 0.1, 0.1, 0.1]}, "^learn_alpha"),
        ({"random_alpha": (8, 3)}, "^random_alpha"),
        ({"random_alpha": (0, 3)}, "^random_alpha"),
        ({"random_alpha": (1 / 8, 1 / 3)}, "^random_alpha must be .* what to divide by"),
        ({"random_alpha": (3,)}, r"^random_alpha must be \(low, high\).*; got \(3,\)"),
        ({"random_alpha": (3, 5, 8)}, r"^random_alpha must be \(low, high\).*; got \(3, 5, 8\)"),
        ({"random_alpha": (3, 8), "learn_alpha": 0.1}, "^only one of"),
    ],
)
def test_bad_settings_of_slopes_are_named_at_the_call(settings, message):
    with pytest.raises(ValueError, match=message):
        train(small(), DATA.train_x, DATA.train_y, steps=2, **settings)
