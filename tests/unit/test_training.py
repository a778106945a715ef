"""Holds losses and optimisers to their formulas, and the training loop to what it promises."""

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from leaky_lib import parallel, training
from leaky_lib.data import moons
from leaky_lib.networks import Ensemble, backward, forward, initialise, outputs
from leaky_lib.optimisers import SGD, Adam, Momentum, optimiser_called
from leaky_lib.training import (
    Learned,
    Random,
    accuracy,
    cross_entropy,
    gradients_of_loss,
    squared_error,
    train,
)

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


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """The textbook's own line, for logits of ordinary size."""
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("members", [(), (3,), (2, 3)])
@pytest.mark.parametrize("classes", [1, 2, 5])
def test_cross_entropy_is_its_formula(members, classes):
    rng = np.random.default_rng(0)
    logits, y = 3 * rng.standard_normal((*members, 8, classes)), rng.integers(0, classes, 8)
    loss, error = cross_entropy(logits, y)
    one_hot = np.eye(classes)[y]
    np.testing.assert_allclose(loss, -(log_softmax(logits) * one_hot).sum(-1).mean(-1), atol=1e-14)
    np.testing.assert_allclose(error, (np.exp(log_softmax(logits)) - one_hot) / 8, atol=1e-14)


@pytest.mark.parametrize("members", [(), (3,), (2, 3)])
def test_squared_error_is_its_formula(members):
    rng = np.random.default_rng(0)
    output, y = rng.standard_normal((*members, 8, 2)), rng.standard_normal((8, 2))
    loss, error = squared_error(output, y)
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
    h = 1e-6
    _, error = loss(output, y)
    for row, column in np.ndindex(5, 3):
        nudge = np.zeros((5, 3))
        nudge[row, column] = h
        (above, _), (below, _) = loss(output + nudge, y), loss(output - nudge, y)
        difference = (above - below) / (2 * h)
        np.testing.assert_allclose(error[:, row, column], difference, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
def test_a_loss_leaves_output_and_targets_as_they_are(loss):
    output, y = np.ones((2, 5, 3)), np.zeros(5, int) if loss is cross_entropy else np.zeros((5, 3))
    output.flags.writeable = y.flags.writeable = False
    _, error = loss(output, y)
    assert error.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("huge", [1e3, 1e10, 1e30])
def test_huge_logits_keep_the_cross_entropy_finite(dtype, huge):
    logits = np.array([[huge, -huge, 0], [-huge, huge, 0], [huge, huge, huge]], dtype)
    loss, error = cross_entropy(logits, np.array([0, 0, 0]))
    assert loss == pytest.approx((0 + 2 * huge + np.log(3)) / 3, rel=1e-6)
    thirds = [[0, 0, 0], [-1 / 3, 1 / 3, 0], [-2 / 9, 1 / 9, 1 / 9]]
    np.testing.assert_allclose(error, thirds, rtol=1e-6, atol=1e-12)


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


def test_the_learning_rate_rises_evenly_while_it_warms_up():
    rates = np.array([[0.4], [0.8]])
    for given in (0.4, rates):
        warmed = optimiser_called("adam", given, warm_up=4)
        shares = [warmed.learning_rate(step) / given for step in (0, 1, 3, 4, 1000)]
        for share, expected in zip(shares, (0.25, 0.5, 1, 1, 1), strict=True):
            np.testing.assert_allclose(share, expected)


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
    ],
)
def test_an_optimiser_that_could_not_work_is_refused_when_it_is_made(make, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make()


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


def test_with_pauses_a_long_run_has_snapshots_in_between(monkeypatch):
    monkeypatch.setattr(training, "PAUSE_AFTER", 40_000)
    run = list(train(small(), DATA.train_x, DATA.train_y, steps=30, every=10, pauses=True))
    steps = [snapshot.step for snapshot in run]
    assert {0, 10, 20, 30} < set(steps)
    assert steps == sorted(set(steps))
    assert_same_networks(run[-1].ensemble, last(small(), steps=30))


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
    (-0.1, ValueError, r"learning_rate must be at least 0; got -0\.1"),
    (np.nan, ValueError, r"learning_rate must be finite in float32; got nan"),
    (np.inf, ValueError, r"learning_rate must be finite in float32; got inf"),
    ([0.1, -0.1, 0.1, 0.1], ValueError, r"learning_rate must be at least 0; got -0\.1"),
    (1e39, ValueError, r"learning_rate must be finite"),
    ("fast", TypeError, r"learning_rate must be real numbers .*; got str"),
    (None, TypeError, r"learning_rate must be real numbers .*; got NoneType"),
    (0.1j, TypeError, r"learning_rate must be real numbers .*; got complex"),
    ([0.1, 0.2], ValueError, r"learning_rate of shape \(2,\) does not broadcast to members \(2, 4\)"),
    (np.full((3, 2, 4), 0.1), ValueError, r"learning_rate of shape \(3, 2, 4\) does not broadcast"),
    (lambda step: -1.0, ValueError, r"learning_rate must be at least 0; got -1"),
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
        ({"batch": 61}, ValueError, r"batch must be at most 60; got 61"),
        ({"batch": 8.0}, TypeError, r"batch must be a whole number; got float"),
        ({"every": 0}, ValueError, r"every must be at least 1; got 0"),
        ({"every": 0.5}, TypeError, r"every must be a whole number; got float"),
        ({"slopes": 0.1}, TypeError, r"slopes must be a function of the step, Learned\(\) or .*; got 0\.1"),
        ({"slopes": Learned}, TypeError, r"slopes must be real numbers .*; got Learned"),
        ({"slopes": lambda step: np.nan}, ValueError, r"slopes must be finite"),
        ({"slopes": lambda step: np.ones(7)}, ValueError, r"slopes of shape \(7,\) does not broadcast"),
        ({"threads": 0}, ValueError, r"threads must be at least 1; got 0"),
        ({"threads": 1.0}, TypeError, r"threads must be a whole number; got float"),
        ({"optimiser": "sgd"}, TypeError, r"optimiser must be .*; got 'sgd'"),
        ({"optimiser": Adam}, TypeError, r"optimiser must be .*, Adam\(\) or alike; got <class .*Adam'>"),
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


def test_a_slope_told_for_each_step_is_the_slope_of_that_step():
    ensemble = initialise([2, 6, 6, 2], seeds=3, alpha=[0.0, 0.2], dtype=np.float64)
    told = train(
        replace(ensemble, alphas=tuple(np.full_like(slope, 0.7) for slope in ensemble.alphas)),
        DATA.train_x,
        DATA.train_y,
        steps=6,
        slopes=lambda step: np.array([[0.0], [0.2]]),
    )
    plain = train(ensemble, DATA.train_x, DATA.train_y, steps=6)
    for one, other in zip(told, plain, strict=True):
        for ours, theirs in zip(one.ensemble.weights, other.ensemble.weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert one.ensemble.alphas[1][:, 0, 0, 0].tolist() == [0.0, 0.2]


# --- Learned slopes (PReLU) and random ones (RReLU)


def slope_gradients(ensemble: Ensemble) -> list[np.ndarray]:
    trace = forward(ensemble, DATA.train_x)
    _, error = cross_entropy(trace.output, DATA.train_y)
    return backward(ensemble, trace, error, learn_alpha=True).alpha_gradients


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
    learned = last(start, steps=1, optimiser=optimiser, slopes=Learned(0.1))
    for before, after, gradient in zip(start.alphas, learned.alphas, slope_gradients(start), strict=True):
        expected = before.copy()
        memory = [np.zeros_like(expected) for _ in range(optimiser.memories)]
        optimiser.update(expected, gradient, memory, 0.1 * optimiser.learning_rate, 0)
        np.testing.assert_allclose(after, expected, rtol=1e-12)
    assert (learned.alphas[0] != learned.alphas[1]).all(), "each layer learns a slope of its own"


def test_a_learned_slope_that_diverges_is_counted_and_no_error():
    settings = {"steps": 60, "slopes": Learned(1.0), "optimiser": SGD(1e4)}
    *_, end = train(small(seeds=3, alpha=0.25), DATA.train_x, DATA.train_y, **settings)
    assert end.diverged.all()
    chance = 1 / end.ensemble.outputs
    np.testing.assert_array_equal(accuracy(end.ensemble, DATA.test_x, DATA.test_y), chance)


@pytest.mark.parametrize("divisors", [(3, 8), (0.5, 2)])
def test_random_slopes_are_drawn_anew_for_every_example_and_unit(divisors):
    """Weights 1, every example z = -1, and the gradient of the last weight is the sum of their slopes."""
    start = initialise((1, 1, 1), bias=0.0, dtype=np.float64)
    for weight in start.weights:
        weight[...] = 1
    x, y = np.full((2000, 1), -1.0), np.full((2000, 1), -1e6)
    run = train(start, x, y, steps=2, every=1, optimiser=SGD(1e-9), slopes=Random(*divisors))
    weights = [snapshot.ensemble.weights[1].item() for snapshot in run]
    low, high = divisors
    expected = np.log(high / low) / (high - low)  # the mean of one over a number drawn evenly
    first, second = np.diff(weights) / (1e-9 * 1e6)
    assert first != second
    assert (first, second) == pytest.approx((expected, expected), rel=0.1)


def test_after_training_with_random_slopes_the_ensembles_own_count():
    after = last(small(alpha=2 / 11), slopes=Random())
    assert all((alpha == np.float32(2 / 11)).all() for alpha in after.alphas)


@pytest.mark.parametrize("slopes", [Learned(), Random()])
def test_learned_and_random_slopes_do_not_depend_on_how_the_networks_are_cut(slopes, monkeypatch):
    whole = last(small(seeds=6), batch=20, slopes=slopes)
    monkeypatch.setattr(parallel, "CHUNK_ELEMENTS", 1)
    assert_same_networks(last(small(seeds=6), batch=20, threads=2, slopes=slopes), whole)
    parts = [last(small(seeds=which), batch=20, slopes=slopes) for which in (range(2), range(2, 6))]
    for ours, *theirs in zip(parameters_of(whole), *map(parameters_of, parts), strict=True):
        np.testing.assert_array_equal(ours, np.concatenate(theirs, axis=1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Learned(-1), "share must be a finite number of at least 0; got -1"),
        (lambda: Learned(np.nan), "share must be a finite number of at least 0; got nan"),
        (lambda: Random(8, 3), "it must be that 0 < low <= high, what to divide by; got low=8.0, high=3.0"),
        (lambda: Random(0, 3), "it must be that 0 < low <= high"),
    ],
)
def test_learned_and_random_slopes_that_cannot_be_are_refused(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
