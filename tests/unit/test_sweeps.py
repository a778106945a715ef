"""Holds sweeps to their promises, whoever computes them."""

import gc
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from leaky_lib import data, leaky_relu_gain, networks, optimisers, training
from leaky_lib.experiments import Result, choice, sweep, worker_pool
from leaky_lib.intervals import Estimate

SMALL = {
    "data": "moons",
    "alphas": (0.0, 0.1, "PReLU", "RReLU"),
    "depths": (1, 3),
    "learning_rates": (0.03, 0.3),
    "seeds": 3,
    "steps": 20,
    "width": 4,
}


@pytest.fixture(scope="module")
def small():
    return sweep(**SMALL)


# --- The sweep


def same(one: Result, other: Result) -> bool:
    return all(np.array_equal(array, other.values[measure]) for measure, array in one.values.items())


def trained(result: Result) -> int:
    """How many networks."""
    return int((~np.isnan(result.values["diverged"])).sum())


@pytest.mark.parametrize(
    ("row", "slope", "kind"),
    [(0, 0.0, None), (1, 0.1, None), (2, 0.25, training.Learned(0.1)), (3, 2 / 11, training.Random(3, 8))],
)
def test_a_sweep_holds_what_training_each_network_alone_gives(small, row, slope, kind):
    moons, held_x, held_y = data.hold_out(data.load("moons"), 0.2)
    gain = leaky_relu_gain(np.array([slope]))
    start = networks.initialise([2, 4, 4, 4, 2], seeds=3, alpha=[slope], gain=gain)[0, 2]
    order = int(np.random.SeedSequence((0, 2)).generate_state(1)[0])  # of the third start
    *_, end = training.train(
        *(start, moons.train_x, moons.train_y),
        **{"steps": 20, "optimiser": optimisers.SGD(0.3), "threads": 1, "seed": order, "slopes": kind},
    )
    assert small.values["accuracy"][1, row, 1, 2] == training.accuracy(
        end.ensemble, moons.test_x, moons.test_y
    )
    loss = training.mean_loss(end.ensemble, held_x, held_y)
    assert small.values["held_out_loss"][1, row, 1, 2] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("asked", [{"optimiser": "adam"}, {"gain": 1.0}, {"seed": 1}, {"batch": 20}])
def test_what_is_asked_for_reaches_the_networks(small, asked):
    assert not same(sweep(**SMALL, **asked), small)


def test_a_batch_of_digits_is_fifty_by_default():
    few = {"alphas": (0.0, 0.1), "seeds": 1, "steps": 3, "width": 4}
    assert same(sweep(**few), sweep(**few, batch=50))


def test_without_a_difference_a_sweep_seldom_finds_one():
    """200 sweeps over 10 slopes and 2 depths, dealt from one pool of networks that differ in nothing."""
    pool = sweep(alphas=(0,), learning_rates=(0.1,), seeds=80, steps=100, width=16).of("accuracy", alpha=0)
    rng = np.random.default_rng(0)
    by_itself, together = 0, 0
    axes = {"depth": (2, 8), "alpha": tuple(range(10)), "seed": tuple(range(20))}
    pairs = [{"alpha": alpha, "depth": depth} for alpha in range(1, 10) for depth in (2, 8)]
    for _ in range(200):
        null = Result(axes, {"accuracy": rng.choice(pool, (2, 10, 20))}, comparisons=len(pairs))
        alone = replace(null, comparisons=1)
        by_itself += any(clear(alone.paired("accuracy", **pair)) for pair in pairs)
        together += any(clear(null.paired("accuracy", **pair)) for pair in pairs)
    assert by_itself / 200 > 0.4
    assert together / 200 <= 0.07


def test_a_sweep_reads_its_differences_together(small):
    assert small.comparisons == 3 * 2


def clear(difference: Estimate) -> bool:
    return difference.low > 0 or difference.high < 0


@pytest.mark.parametrize("cores", [1, 2, 3, 64])
def test_numbers_do_not_depend_on_how_many_cores_there_are(monkeypatch, small, cores):
    monkeypatch.setattr(training, "usable_threads", lambda: cores)
    results = list(sweep.live(**SMALL))
    assert same(results[-1], small)
    progress = [result.progress for result in results]
    assert progress == sorted(progress)
    assert progress[-1] == 1


def test_threads_and_processes_give_the_same_numbers(small):
    with ThreadPoolExecutor(2) as threads:
        assert same(sweep(**SMALL, executor=threads), small)
    with worker_pool(2) as processes:
        assert isinstance(processes, ProcessPoolExecutor)
        assert same(sweep(**SMALL, executor=processes), small)


def in_four_threads():
    with ThreadPoolExecutor(4) as threads:
        sweep(**{**SMALL, "steps": 200}, executor=threads)


def failed():
    def fail(step):
        return 0.1 if step < 5 else 1 // 0

    start = networks.initialise([2, 4, 2], seeds=40)
    moons = data.load("moons")
    with pytest.raises(ZeroDivisionError):
        list(training.train(start, moons.train_x, moons.train_y, steps=9, slopes=fail, threads=2))


def closed():
    run = sweep.live(**SMALL)
    next(run)
    run.close()


def never_closed():
    next(sweep.live(**SMALL))
    gc.collect()


def interleaved():
    before = threadpool_info()
    for _ in zip(sweep.live(**SMALL), sweep.live(**SMALL), strict=True):
        assert threadpool_info() == before, "nor is it held while it waits"


@pytest.mark.parametrize("experiment", [in_four_threads, failed, closed, never_closed, interleaved])
def test_an_experiment_leaves_the_threads_of_blas_as_they_were(experiment):
    before = threadpool_info()
    experiment()
    assert threadpool_info() == before


def test_where_there_are_no_processes_a_pool_is_no_executor(monkeypatch):
    monkeypatch.setattr(choice, "platform", "emscripten")
    with worker_pool(2) as pool:
        assert pool is None


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
        with pytest.raises(Exception, match="closed"):
            sweep(**SMALL, executor=executor)


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
    run = sweep.live(**SMALL, executor=executor)
    first = next(run)
    run.close()
    assert trained(first) == 8
    assert [future.cancelled() for future in executor.given] == [False, *[True] * 5]


# --- An error, or a stop


class Mortal(Executor):
    """Hands the third of six parts over to something else."""

    def __init__(self, pool: Executor, third: Callable, *arguments: object) -> None:
        self.pool, self.third, self.arguments, self.given = pool, third, arguments, 0

    def submit(self, work, /, *args):
        self.given += 1
        task = (self.third, *self.arguments) if self.given == 3 else (work, *args)
        return self.pool.submit(*task)


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("error", "third"), [(ZeroDivisionError, (divmod, 1, 0)), (KeyboardInterrupt, (interrupt,))]
)
def test_an_error_in_a_sweep_carries_what_was_trained(error, third):
    with ThreadPoolExecutor(1) as pool, pytest.raises(error) as stopped:
        sweep(**SMALL, executor=Mortal(pool, *third))
    assert trained(stopped.value.result) == 16
    assert stopped.value.__notes__ == [
        "Kept: 33% of the run. To reach it: import sys; kept = sys.last_value.result"
    ]


def test_a_worker_that_is_killed_takes_nothing_with_it():
    with worker_pool(1) as pool, pytest.raises(BrokenProcessPool, match="terminated abruptly") as stopped:
        sweep(**SMALL, executor=Mortal(pool, os._exit, 1))
    assert trained(stopped.value.result) == 16


def test_an_executor_that_was_shut_down_is_said_to_have_kept_nothing():
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown") as stopped:
        sweep(**SMALL, executor=pool)
    assert stopped.value.__notes__ == ["Nothing was kept: it ended before the first result."]


def test_stopping_early_keeps_what_was_computed():
    until_first = next(result for result in sweep.live(**SMALL) if trained(result))
    assert 0 < until_first.progress < 1
    best = until_first.at_best_rate()
    assert best.mean("accuracy", alpha=0.1, depth=1).networks == 1
    assert best.mean("accuracy", alpha=0.1, depth=3).networks == 0
    assert "–" in str(best.summary())


def test_a_long_run_says_forty_times_how_far_it_is():
    few = {"alphas": (0.0,), "learning_rates": (0.1,), "seeds": 1}
    looks = sweep.live(data="moons", depths=(1,), steps=120, width=2, **few)
    assert 40 <= len(list(looks)) <= 42


def test_networks_that_diverge_are_counted_and_no_guess_is_made_for_them():
    settings = {"data": "moons", "alphas": (0.0, 1.0), "depths": (3,), "learning_rates": (50,)}
    result = sweep(**settings, seeds=5, steps=60)
    assert result.count("diverged", alpha=1) == 5
    assert result.mean("accuracy", alpha=1).networks == 0
    assert result.summary("diverged", "accuracy").rows[1] == ("linear (α = 1)", "5 of 5", "–")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"alphas": ()}, ValueError, r"^alphas must name at least 1; got \(\)"),
        ({"alphas": 0.1}, TypeError, r"^alphas must be a sequence, \[0\.1\] for one; got float"),
        ({"alphas": "PReLU"}, TypeError, r"^alphas must be a sequence, \['PReLU'\] for one; got str"),
        ({"depths": 2}, TypeError, r"^depths must be a sequence, \[2\] for one; got int"),
        ({"alphas": (0.1, 0.1)}, ValueError, "^alphas must be different"),
        ({"alphas": (0, "ELUS")}, ValueError, "^alphas must be numbers, or among PReLU, .*; got 'ELUS'"),
        ({"alphas": (0, None)}, TypeError, "^alphas must be a number; got NoneType"),
        ({"alphas": (0, np.nan)}, ValueError, "^alphas must be a finite number; got nan"),
        ({"executor": "x"}, TypeError, "^executor must be one of concurrent.futures, .*; got str"),
        ({"depths": (0,)}, ValueError, "^depths"),
        ({"depths": (2.5,)}, TypeError, "^depths"),
        ({"seeds": 0}, ValueError, "^seeds"),
        ({"data": "absolute_value"}, ValueError, "^data must be a classification"),
        ({"optimiser": "sdg"}, ValueError, "^optimiser"),
        ({"learning_rates": ()}, ValueError, r"^learning_rates must name at least 1; got \(\)"),
        ({"learning_rates": 0.1}, TypeError, r"^learning_rates must be a sequence, \[0\.1\] for one; got"),
        ({"learning_rates": (0.1, "hot")}, TypeError, "^learning_rates must be a number; got str 'hot'"),
        ({"learning_rates": (0.1, np.nan)}, ValueError, "^learning_rates must be a finite number greater"),
        ({"learning_rates": (0,)}, ValueError, "^learning_rates must be a finite number greater than 0"),
        ({"learning_rates": (0.1, 0.1)}, ValueError, "^learning_rates must be different"),
        ({"network": "recurrent"}, ValueError, "^network must be"),
        ({"network": "convolutional"}, ValueError, "^a convolutional network has"),
        ({"seeds": 10**9}, ValueError, "^seeds or alphas or depths or learning_rates must be"),
        ({"gain": [1.0, 2.0]}, TypeError, "^gain must be a number; got list"),
        ({"batch": 10_000}, ValueError, "^batch"),
        ({"steps": 0}, ValueError, "^steps"),
    ],
)
def test_bad_settings_are_named_at_the_call(settings, error, message):
    with pytest.raises(error, match=message):
        sweep.live(**{**SMALL, **settings})
