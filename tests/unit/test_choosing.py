"""Holds sweeps, learned slopes and the signal through depth to their promises, whoever computes them."""

import csv
import gc
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from leaky_lib import choosing, data, figures, networks, training
from leaky_lib.choosing import (
    ends,
    learned_slopes,
    product_of_matrices,
    signal,
    sweep,
    sweep_live,
    worker_pool,
)

SMALL = {
    "data": "moons",
    "alphas": (0.0, 0.1, "PReLU", "RReLU"),
    "depths": (1, 3),
    "seeds": 7,
    "steps": 20,
    "width": 4,
}


@pytest.fixture(scope="module")
def small():
    return sweep(**SMALL)


# --- The sweep


def same(one: choosing.Sweep, other: choosing.Sweep) -> bool:
    pairs = ((one.accuracy, other.accuracy), (one.loss, other.loss), (one.diverged, other.diverged))
    return all(np.array_equal(ours, theirs) for ours, theirs in pairs)


@pytest.mark.parametrize(
    ("row", "slope", "kind"),
    [
        (0, 0.0, {}),
        (1, 0.1, {}),
        (2, 0.25, {"learn_alpha": 0.1}),
        (3, 2 / 11, {"random_alpha": (3, 8)}),
    ],
)
def test_a_sweep_holds_what_training_each_network_alone_gives(small, row, slope, kind):
    moons = data.load("moons")
    gain = choosing.leaky_relu_gain(np.array([slope]))
    start = networks.initialise([2, 4, 4, 4, 2], seeds=7, alpha=[slope], gain=gain)[0, 5]
    order = int(np.random.SeedSequence((0, 1)).generate_state(1)[0])  # of the second five
    *_, end = training.train(
        *(start, moons.train_x, moons.train_y),
        **{"steps": 20, "optimiser": training.SGD(0.03), "threads": 1, "seed": order, **kind},
    )
    right = training.accuracy(end.ensemble, moons.test_x, moons.test_y)
    assert small.accuracy[1, row, 5] == right
    np.testing.assert_allclose(
        small.loss[1, row, 5], training.mean_loss(end.ensemble, moons.train_x, moons.train_y), rtol=1e-6
    )


def test_unless_told_a_sweep_is_over_nine_slopes_on_the_digits():
    first = next(sweep_live())
    assert first.settings == {
        **{"data": "digits", "alphas": (0.0, 0.01, 0.03, 0.1, 0.18, 0.3, 0.5, 0.8, 1.0), "depths": (2,)},
        **{"width": 32, "optimiser": "sgd", "learning_rate": 0.03, "steps": 800, "batch": None},
        **{"seeds": 20, "seed": 0, "gain": None},
    }
    assert first.accuracy.shape == (1, 9, 20)


def test_a_batch_of_digits_is_fifty_unless_told():
    few = {"alphas": (0.0, 0.1), "seeds": 1, "steps": 3, "width": 4}
    assert same(sweep(**few), sweep(**few, batch=50))


@pytest.mark.parametrize("numbers_per_part", [1, 2 * 4 * 4 * 16 * 3, 4 * 4 * 4 * 16 * 3])
def test_it_does_not_depend_on_how_it_is_cut(monkeypatch, numbers_per_part):
    batches = {**SMALL, "batch": 16}
    whole = sweep(**batches)
    monkeypatch.setattr(choosing, "NUMBERS_PER_PART", numbers_per_part)
    assert same(sweep(**batches), whole)


def test_starts_share_the_order_of_their_batches_in_fives():
    def order(first: int) -> int:
        settings = dict.fromkeys(choosing._Part.__dataclass_fields__)
        return choosing._Part(**{**settings, "seed": 0, "seeds": range(first, first + 1)}).order

    assert order(0) == order(4) != order(5) == order(9)


def test_memory_bounds_the_parts(monkeypatch):
    monkeypatch.setattr(choosing, "NUMBERS_PER_PART", 1)
    rows = [(result.progress, np.isnan(result.accuracy).sum()) for result in sweep_live(**SMALL)]
    assert rows[-1] == (1.0, 0)
    assert len({missing for _, missing in rows}) == 15, "one seed of one depth at a time, and none at first"


@pytest.mark.parametrize("cores", [1, 2, 3, 64])
def test_numbers_do_not_depend_on_how_many_cores_there_are(monkeypatch, small, cores):
    monkeypatch.setattr(choosing, "usable_threads", lambda: cores)
    results = list(sweep_live(**SMALL))
    assert same(results[-1], small)
    progress = [result.progress for result in results]
    assert progress == sorted(progress)


def test_threads_and_processes_give_the_same_numbers(small):
    with ThreadPoolExecutor(2) as threads:
        assert same(sweep(**SMALL, executor=threads), small)
    with worker_pool(2) as processes:
        assert isinstance(processes, ProcessPoolExecutor)
        assert same(sweep(**SMALL, executor=processes), small)


def in_four_threads():
    with ThreadPoolExecutor(4) as threads:
        sweep(**{**SMALL, "steps": 200}, executor=threads)


def trained_in_two_threads():
    with ThreadPoolExecutor(2) as threads:
        for run in [threads.submit(ends, steps=100, seed=seed) for seed in (0, 1)]:
            run.result()


def failed():
    def fail(step):
        return 0.1 if step < 5 else 1 // 0

    start = networks.initialise([2, 4, 2], seeds=40)
    moons = data.load("moons")
    with pytest.raises(ZeroDivisionError):
        list(training.train(start, moons.train_x, moons.train_y, steps=9, alpha=fail, threads=2))


def closed():
    run = sweep_live(**SMALL)
    next(run)
    run.close()


def never_closed():
    next(sweep_live(**SMALL))
    gc.collect()


def interleaved():
    before = threadpool_info()
    for _ in zip(sweep_live(**SMALL), sweep_live(**SMALL), strict=True):
        assert threadpool_info() == before, "nor is it held while it waits"


@pytest.mark.parametrize(
    "experiment", [in_four_threads, trained_in_two_threads, failed, closed, never_closed, interleaved]
)
def test_an_experiment_leaves_the_threads_of_blas_as_they_were(experiment):
    before = threadpool_info()
    experiment()
    assert threadpool_info() == before


def test_where_there_are_no_processes_this_one_gives_the_same_numbers(small, monkeypatch):
    monkeypatch.setattr(choosing, "platform", "emscripten")
    with worker_pool(2) as pool:
        assert pool.submit(os.getpid).result() == os.getpid()
        assert same(sweep(**SMALL, executor=pool), small)
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()


def test_a_pool_without_workers_is_refused():
    with pytest.raises(ValueError, match="workers must be at least 1"):
        worker_pool(0)


def test_a_dask_cluster_of_two_processes_gives_the_same_numbers(small):
    distributed = pytest.importorskip("distributed", reason="Dask is an optional executor")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        assert len({os.getpid(), *client.run(os.getpid).values()}) == 3
        executor = client.get_executor()
        assert same(sweep(**SMALL, executor=executor), small)
        client.close()
        with pytest.raises(Exception, match="closed") as stopped:
            sweep(**SMALL, executor=executor, kept=small_part())
        np.testing.assert_array_equal(stopped.value.result.accuracy, small_part().accuracy)


class Reluctant(ThreadPoolExecutor):
    """An executor that begins a task only when asked for its result, and remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[Future] = []

    def submit(self, work, /, *args):
        future = _Lazy(work, args)
        self.given.append(future)
        return future


class _Lazy(Future):
    def __init__(self, work, args) -> None:
        super().__init__()
        self.work, self.args = work, args

    def result(self, timeout=None):
        self.set_result(self.work(*self.args))
        return super().result(timeout)


def test_what_nobody_waits_for_is_called_off():
    executor = Reluctant()
    run = sweep_live(**SMALL, executor=executor)
    first = next(run)
    run.close()
    assert np.isfinite(first.accuracy).sum() == 4 * choosing.SEEDS_PER_ORDER
    assert [future.cancelled() for future in executor.given] == [False, True, True, True]


# --- What is kept


def small_part() -> choosing.Sweep:
    """One part of four: five of seven starts of one of two depths."""
    return next(r for r in sweep_live(**SMALL, executor=Reluctant()) if np.isfinite(r.accuracy).any())


class Mortal(Executor):
    """Hands the third of four parts over to something else, and counts what it is given."""

    def __init__(self, pool: Executor, third: Callable, *arguments: object) -> None:
        self.pool, self.third, self.arguments, self.given = pool, third, arguments, 0

    def submit(self, work, /, *args):
        self.given += 1
        if self.given == 3:
            return self.pool.submit(self.third, *self.arguments)
        return self.pool.submit(work, *args)


def interrupt() -> None:
    raise KeyboardInterrupt


class Refusing(Mortal):
    """Takes two parts only."""

    def submit(self, work, /, *args):
        if self.given == 2:
            raise RuntimeError("cannot schedule new futures after shutdown")
        return super().submit(work, *args)


@pytest.mark.parametrize(
    ("executor", "error", "done"),
    [
        (lambda pool: Mortal(pool, divmod, 1, 0), ZeroDivisionError, 48),
        (lambda pool: Mortal(pool, interrupt), KeyboardInterrupt, 40),
        (lambda pool: Refusing(pool, divmod), RuntimeError, 40),
    ],
)
def test_an_error_in_a_sweep_carries_what_was_trained_and_it_goes_on_from_there(
    small, executor, error, done
):
    with pytest.raises(error) as stopped:
        sweep(**SMALL, executor=executor(choosing._ThisProcess()))
    kept = stopped.value.result
    assert np.isfinite(kept.accuracy).sum() == done
    assert (
        f"Kept: {done} of 56 networks. To reach it: import sys; kept = sys.last_value.result\n"
        in (stopped.value.__notes__[0])
    )
    rest = Mortal(choosing._ThisProcess(), divmod)
    assert same(sweep(**SMALL, executor=rest, kept=kept), small)
    assert rest.given == (56 - done) / 8, "only what was not there"
    assert same(sweep(**SMALL, kept=kept), small)


def test_a_worker_that_is_killed_takes_nothing_with_it(small):
    with worker_pool(1) as pool, pytest.raises(BrokenProcessPool, match="terminated abruptly") as stopped:
        sweep(**SMALL, executor=Mortal(pool, os._exit, 1))
    assert np.isfinite(stopped.value.result.accuracy).sum() == 40
    assert same(sweep(**SMALL, kept=stopped.value.result), small)


def test_an_executor_that_was_shut_down_is_said_to_have_kept_nothing():
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown") as stopped:
        sweep(**SMALL, executor=pool)
    assert stopped.value.__notes__ == [
        "Nothing was kept: it ended before the first result.\n"
        "To go on: the same settings, what was kept (kept=kept), and an executor that is open, or none."
    ]


def test_ctrl_c_keeps_what_this_process_has_trained(small, monkeypatch):
    rounds = iter(range(150))
    on_all_cores = choosing.on_all_cores
    monkeypatch.setattr(choosing, "usable_threads", lambda: 1)
    monkeypatch.setattr(
        choosing,
        "on_all_cores",
        lambda *work: interrupt() if next(rounds, None) is None else on_all_cores(*work),
    )
    with pytest.raises(KeyboardInterrupt) as stopped:
        sweep(**SMALL)
    monkeypatch.undo()
    assert 0 < stopped.value.result.networks(1) < 56
    assert same(sweep(**SMALL, kept=stopped.value.result), small)


def test_a_sweep_that_is_complete_trains_nothing_more(small):
    again = list(sweep_live(**SMALL, executor=Refusing(None, divmod), kept=small))
    assert [result.progress for result in again] == [1.0]
    assert same(again[0], small)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"kept": 3}, TypeError, r"^kept must be a Sweep, .*; got int"),
        (
            {"seeds": 8, "steps": 21},
            ValueError,
            r"^kept must be .* same settings; it has steps=20, seeds=7$",
        ),
        (
            {"alphas": [0, 0.1]},
            ValueError,
            r"^kept must be .*; it has alphas=\(0\.0, 0\.1, 'PReLU', 'RReLU'\)$",
        ),
    ],
)
def test_what_was_kept_of_another_sweep_is_refused(small, change, error, message):
    with pytest.raises(error, match=message):
        sweep_live(**{**SMALL, "kept": small, **change})


def test_stopping_early_keeps_what_was_computed():
    until_first = next(r for r in sweep_live(**SMALL) if np.isfinite(r.accuracy).any())
    assert 0 < until_first.progress < 1
    assert until_first.mean(0.1, 1).networks == choosing.SEEDS_PER_ORDER
    assert until_first.mean(0.1, 3).networks == 0
    assert "–" in str(until_first.summary())


def test_progress_goes_up_to_one():
    progress = [result.progress for result in sweep_live(**SMALL)]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert len(progress) > 50, "often enough to be stopped in time"


def test_a_long_run_says_forty_times_how_far_it_is():
    looks = sweep_live(data="moons", alphas=(0.0,), depths=(1,), seeds=1, steps=120, width=2)
    assert 40 <= len(list(looks)) <= 42


def test_pairs_are_twins(small):
    expected = small.accuracy[1, 1] - small.accuracy[1, 0]
    assert small.paired(0.1, 3).value == pytest.approx(expected.mean())
    assert small.paired(0.0, 3).value == 0
    assert small.mean("PReLU", 1).value == pytest.approx(small.accuracy[0, 2].mean())


def test_a_network_that_diverges_is_counted_and_guesses():
    result = sweep(data="moons", alphas=(0.0, 1.0), depths=(3,), seeds=5, steps=60, learning_rate=50.0)
    assert result.count_diverged(1.0, 3) == 5
    assert result.mean(1.0, 3).value == 0.5


def test_the_csv_holds_every_network_and_its_settings(small, tmp_path):
    path = small.to_csv(tmp_path / "sweep.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4 * 7
    assert {row["alpha"] for row in rows} == {"0.0", "0.1", "PReLU", "RReLU"}
    assert {row["data"] for row in rows} == {"moons"}
    assert float(rows[-1]["test_accuracy"]) == small.accuracy[-1, -1, -1]


@pytest.mark.parametrize(
    ("asked", "batch", "gain"),
    [
        ({"data": "digits"}, "50", "of each slope"),
        ({"data": "moons"}, str(len(data.load("moons").train_x)), "of each slope"),
        ({"data": "digits", "batch": 20, "gain": 1.5}, "20", "1.5"),
    ],
)
def test_the_csv_says_what_was_taken_where_nothing_was_asked_for(asked, batch, gain, tmp_path):
    result = sweep(alphas=(0.0,), depths=(1,), seeds=1, steps=1, **asked)
    with result.to_csv(tmp_path / "sweep.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["batch"], row["gain"]) == (batch, gain)


def test_the_summary_has_a_row_per_depth_and_slope(small):
    table = small.summary()
    assert len(table.rows) == 8
    assert table.rows[0][1:4:2] == ("ReLU", "(the baseline)")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"alphas": ()}, ValueError, r"^alphas must name at least 1; got \(\)"),
        ({"alphas": 0.1}, TypeError, r"^alphas must be a sequence, \[0\.1\] for one; got float"),
        ({"alphas": "PReLU"}, TypeError, r"^alphas must be a sequence, \['PReLU'\] for one; got str"),
        ({"depths": 2}, TypeError, r"^depths must be a sequence, \[2\] for one; got int"),
        ({"alphas": (0.1, 0.1)}, ValueError, "^alphas must be different"),
        ({"alphas": (0, "ELU")}, ValueError, "^alphas must be numbers"),
        ({"alphas": (0, None)}, TypeError, "^alphas must be numbers"),
        ({"alphas": (0, np.nan)}, ValueError, "^alphas must be a finite number; got nan"),
        ({"alphas": (0, 10**400)}, ValueError, "^alphas must be a finite number; got inf"),
        ({"executor": "x"}, TypeError, "^executor must be one of concurrent.futures, .*; got str"),
        ({"depths": (0,)}, ValueError, "^depths"),
        ({"depths": (2.5,)}, TypeError, "^depths"),
        ({"seeds": 0}, ValueError, "^seeds"),
        ({"data": "absolute_value"}, ValueError, "^data must be a classification"),
        ({"optimiser": "sdg"}, ValueError, "^optimiser"),
        ({"learning_rate": -1}, ValueError, "^learning_rate"),
        ({"learning_rate": [0.1, 0.1]}, TypeError, "^learning_rate must be a number; got list"),
        ({"gain": [1.0, 2.0]}, TypeError, "^gain must be a number; got list"),
        ({"batch": 10_000}, ValueError, "^batch"),
        ({"steps": 0}, ValueError, "^steps"),
    ],
)
def test_bad_settings_are_named_at_the_call(settings, error, message):
    with pytest.raises(error, match=message):
        sweep_live(**{**SMALL, **settings})


def test_a_slope_or_depth_that_was_not_swept_is_named(small):
    with pytest.raises(ValueError, match=r"^alpha must be one of \[0\.0, 0\.1, 'PReLU', 'RReLU'\]"):
        small.mean(0.7, 1)
    with pytest.raises(ValueError, match=r"^depth must be one of \[1, 3\]"):
        small.paired(0.1, 2)


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


def test_a_sweep_can_be_begun_and_left():
    assert len(list(islice(sweep_live(**SMALL), 2))) == 2
