"""Holds the experiments to their promises: shapes, twins, same seed same result, honest counts."""

import csv
import warnings
from dataclasses import fields, replace
from itertools import count, pairwise
from math import ceil

import numpy as np
import pytest

from leaky_lib import experiments, leaky_relu, leaky_relu_gain, training
from leaky_lib.data import load, moons
from leaky_lib.exercises import EXERCISES
from leaky_lib.experiments import (
    born_dead_bounds,
    collapse,
    collapse_live,
    death,
    examination,
    mysteries,
    neuron_path,
    rescue,
    rescue_live,
    training_death,
    training_death_live,
)
from leaky_lib.experiments.death import Collapse, TrainingDeath, convolutional_twins
from leaky_lib.experiments.neuron import NEURON_EXAMPLES
from leaky_lib.intervals import Estimate
from leaky_lib.networks import forward, initialise, outputs
from leaky_lib.tables import Table, name_of
from leaky_lib.training import Adam, accuracy, gradients_of_loss, train
from leaky_lib.units import never_positive, numerical_gradient

SMALL = {"depth": 2, "width": 5, "steps": 24, "seeds": 6, "snapshots": 4}
DEADLY = {"depth": 3, "width": 6, "steps": 60, "seeds": 12, "snapshots": 12, "learning_rate": 2.0}
MEASURES = ("never_positive", "stuck")


def arrays_of(result: TrainingDeath) -> dict[str, np.ndarray]:
    names = [field.name for field in fields(TrainingDeath) if field.name not in ("settings", "trained")]
    return {name: getattr(result, name) for name in names}


def assert_same(one: TrainingDeath, other: TrainingDeath, looks: slice = slice(None)) -> None:
    """Hold every array of one result to the other's first looks, to the last bit."""
    theirs = arrays_of(other)
    for name, ours in arrays_of(one).items():
        expected = theirs[name] if name == "alphas" else theirs[name][looks]
        np.testing.assert_array_equal(ours, expected, strict=True)


def assert_same_estimate(one: Estimate, other: Estimate) -> None:
    assert (one.value, one.low, one.high) == pytest.approx(
        (other.value, other.low, other.high), nan_ok=True
    )
    assert one.networks == other.networks


@pytest.fixture(scope="module")
def deaths() -> TrainingDeath:
    """Large steps on moons: many units die, some revive."""
    return training_death(alphas=(0.0, 0.01, 0.1), **DEADLY)


@pytest.fixture(scope="module")
def runaways() -> TrainingDeath:
    """Larger steps: whole layers die under ReLU, and most leaky networks diverge."""
    return training_death(alphas=(0.0, 0.01, 0.1), **{**DEADLY, "learning_rate": 6.0})


# --- Training death: what comes out


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, [0, 6, 12, 18, 24]),
        ({"data": "spirals", "optimiser": "adam", "learning_rate": 0.01}, [0, 6, 12, 18, 24]),
        ({"data": "digits", "learning_rate": 0.1, "steps": 3}, [0, 1, 2, 3]),
        ({"optimiser": "momentum", "learning_rate": 0.1, "batch": 50, "snapshots": 1}, [0, 24]),
    ],
)
def test_a_result_has_its_documented_shapes(changes, steps):
    settings = {**SMALL, "alphas": (0.0, 0.1), **changes}
    result = training_death(**settings)
    assert result.alphas.tolist() == [0.0, 0.1]
    assert result.steps.tolist() == steps
    assert result.steps.dtype.kind == "i"
    per_network = (len(steps), 2, 6)
    for measure in MEASURES:
        assert getattr(result, measure).shape == (*per_network, 2, 5)
        assert getattr(result, measure).dtype == bool
        assert result.share(measure).shape == (2, 6)
    for array in (result.loss, result.accuracy, result.diverged):
        assert array.shape == per_network
    assert result.diverged.dtype == bool
    assert np.all((result.accuracy >= 0) & (result.accuracy <= 1))
    assert {name: result.settings[name] for name in settings} == settings
    assert result.progress == 1


def test_the_same_seed_gives_the_same_result_and_another_another():
    one, same, other = (training_death(seed=seed, batch=64, **SMALL) for seed in (3, 3, 4))
    assert_same(one, same)
    assert not np.isin(one.loss, other.loss).any()


def test_more_seeds_do_not_change_the_first_ones():
    few, many = (training_death(**{**SMALL, "seeds": seeds}) for seeds in (2, 6))
    np.testing.assert_array_equal(few.loss, many.loss[:, :, :2])
    np.testing.assert_array_equal(few.stuck, many.stuck[:, :, :2])


def test_unless_told_it_is_what_the_notebook_describes():
    assert next(filter(None, training_death_live())).settings == {
        **{"data": "moons", "alphas": (0.0, 0.01, 0.1), "depth": 3, "width": 16, "network": "dense"},
        **{"optimiser": "sgd", "learning_rate": 2.0, "steps": 400, "batch": None, "normalised": False},
        **{"seeds": 50, "seed": 0, "snapshots": 20, "gain": 2**0.5, "bias": 0.0, "look_at": None},
        "warm_up": 0,
    }


def test_warm_up_is_handed_to_the_optimiser():
    small = {**SMALL, "learning_rate": 0.05}
    cold, warmed = training_death(**small), training_death(**small, warm_up=20)
    assert (warmed.loss[0] == cold.loss[0]).all()
    assert (warmed.loss[-1] > cold.loss[-1]).mean() > 0.8, "twenty of its 24 steps were smaller"


@pytest.mark.usefixtures("slow_machine")
def test_live_ends_with_the_plain_result_and_stopping_it_keeps_its_beginning():
    full, looks = training_death(**SMALL), []
    for result in training_death_live(**SMALL):
        looks.append(result)
        assert_same(result, full, slice(len(result.steps)))
        assert 0 <= result.trained - result.steps[-1] < 6
    assert len(full.steps) == 5
    assert_same(looks[-1], full)
    stopped = looks[7]
    assert_same(stopped, full, slice(2))
    assert stopped.summary().columns == full.summary().columns


@pytest.mark.usefixtures("slow_machine")
@pytest.mark.parametrize("snapshots", [1, 3, 24])
def test_a_run_comes_up_for_air_however_seldom_it_looks(snapshots):
    *looks, end = training_death_live(**{**SMALL, "steps": 90, "snapshots": snapshots})
    assert [result.progress for result in looks] == [step / 90 for step in range(90)]
    assert len(end.steps) == ceil(90 / ceil(90 / snapshots)) + 1
    assert end.progress == 1


def test_the_first_look_is_at_the_networks_as_they_are_drawn(deaths):
    moons = load("moons")
    start = initialise((2, 6, 6, 6, 2), seeds=12, alpha=(0.0, 0.01, 0.1))
    loss, trace = gradients_of_loss(start, moons.train_x, moons.train_y)
    np.testing.assert_array_equal(deaths.loss[0], loss)
    np.testing.assert_array_equal(deaths.accuracy[0], accuracy(start, moons.test_x, moons.test_y))
    for layer in range(3):
        dead = np.all(trace.pre_activations[layer] <= 0, axis=-2)
        np.testing.assert_array_equal(deaths.never_positive[0, :, :, layer], dead)


def test_twins_differ_in_nothing_but_their_slope():
    result = training_death(alphas=(0.0, 0.1, 0.0), batch=30, **SMALL)
    for array in (result.loss, result.accuracy, result.diverged, result.never_positive, result.stuck):
        np.testing.assert_array_equal(array[:, 0], array[:, 2])
    assert np.all(result.loss[:, 0] != result.loss[:, 1])
    alone = training_death(alphas=(0.1,), batch=30, **SMALL)
    np.testing.assert_array_equal(alone.loss[:, 0], result.loss[:, 1])


def test_the_first_slope_is_the_baseline_of_the_pairs(deaths):
    swapped = training_death(alphas=(0.1, 0.01, 0.0), **DEADLY)
    np.testing.assert_array_equal(swapped.loss, deaths.loss[:, ::-1])
    one, other = deaths.paired_accuracy(0.1), swapped.paired_accuracy(0.0)
    assert one.value == pytest.approx(-other.value)
    assert deaths.paired_accuracy(0.0).value == 0


def test_a_relu_unit_that_is_never_positive_is_stuck(deaths, runaways):
    for result in (deaths, runaways):
        finite = ~result.diverged[:, 0]
        never, stuck = result.never_positive[:, 0][finite], result.stuck[:, 0][finite]
        assert never.sum() > 10
        assert np.all(stuck[never])


def test_a_leaky_unit_that_is_never_positive_need_not_be_stuck(deaths):
    finite = ~deaths.diverged[:, 2]
    never, stuck = deaths.never_positive[:, 2][finite], deaths.stuck[:, 2][finite]
    assert never.sum() > 10
    assert stuck[never].mean() < 0.5


def test_a_unit_of_a_linear_network_is_never_stuck_at_the_start():
    result = training_death(alphas=(1.0,), **SMALL)
    assert not result.stuck[0].any()


# --- Training death: what is counted


def test_networks_that_diverge_are_counted_and_have_no_share(runaways):
    diverged = runaways.diverged[-1]
    assert 0 < diverged.sum() < diverged.size
    for row, alpha in enumerate((0.0, 0.01, 0.1)):
        assert runaways.count_diverged(alpha) == diverged[row].sum()
        assert isinstance(runaways.count_diverged(alpha), int)
        assert runaways.mean_accuracy(alpha).networks == 12 - diverged[row].sum()
        assert runaways.paired_accuracy(alpha).networks == 12 - (diverged[row] | diverged[0]).sum()
    for measure in MEASURES:
        np.testing.assert_array_equal(np.isnan(runaways.share(measure)), diverged)
    np.testing.assert_array_equal(np.isnan(runaways.accuracy[-1]), diverged)
    # Once diverged, always diverged.
    assert not np.any(runaways.diverged[:-1] & ~runaways.diverged[1:])


def test_a_network_that_diverged_has_no_share_even_where_its_units_look_dead():
    units = np.ones((1, 1, 3, 2, 4), bool)
    units[0, 0, 2, :, 0] = False  # the third network has a unit alive in each layer
    per_network = np.zeros((1, 1, 3))
    diverged = np.array([[[False, True, False]]])
    settings = {"steps": 8}
    result = TrainingDeath(
        settings, np.zeros(1), np.array([2]), units, units, per_network, per_network, diverged, trained=3
    )
    np.testing.assert_array_equal(result.share("stuck"), [[1, np.nan, 0.75]])
    assert result.progress == 3 / 8


@pytest.mark.parametrize("which", ["deaths", "runaways"])
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("time", [0, 3, -1])
def test_shares_are_recounted_from_the_units(which, measure, time, request):
    result = request.getfixturevalue(which)
    units, finite = getattr(result, measure)[time], ~result.diverged[time]
    shares = result.share(measure, time)
    for row, alpha in enumerate(result.alphas):
        counted = []
        for seed in range(12):
            if finite[row, seed]:
                counted.append(np.count_nonzero(units[row, seed]) / units[row, seed].size)
                assert shares[row, seed] == pytest.approx(counted[-1])
            else:
                assert np.isnan(shares[row, seed])
        assert_same_estimate(
            result.mean_share(measure, alpha, time), Estimate.of_mean(counted, within=(0, 1))
        )


@pytest.mark.parametrize("which", ["deaths", "runaways"])
def test_estimates_and_counts_are_recounted_from_the_arrays(which, request):
    result = request.getfixturevalue(which)
    layers = result.never_positive.shape[3]
    for row, alpha in enumerate(result.alphas):
        assert result.row(alpha) == row
        right, finite = result.accuracy[-1], ~result.diverged[-1, row]
        assert_same_estimate(result.mean_accuracy(alpha), Estimate.of_mean(right[row, finite], (0, 1)))
        both = finite & ~result.diverged[-1, 0]
        assert_same_estimate(
            result.paired_accuracy(alpha), Estimate.of_mean(right[row, both] - right[0, both])
        )
        for layer in range(layers) if finite.any() else ():
            share = [units.mean() for units in result.stuck[-1, row, finite, layer]]
            assert_same_estimate(
                result.layer_share("stuck", alpha, layer), Estimate.of_mean(share, within=(0, 1))
            )


def test_where_all_networks_diverged_there_is_no_share_but_a_summary():
    result = training_death(alphas=(1.0,), **{**SMALL, "learning_rate": 1e20})
    assert result.count_diverged(1.0) == 6
    for measure in MEASURES:
        assert result.mean_share(measure, 1.0).networks == 0
    (row,) = result.summary().rows
    assert row[1:3] == ("–", "–")
    assert "6 of 6" in row


# --- Training death: what is shown and written


@pytest.mark.parametrize("which", ["deaths", "runaways"])
def test_the_summary_has_one_row_per_slope(which, request):
    result = request.getfixturevalue(which)
    summary = result.summary()
    assert [row[0] for row in summary.rows] == [name_of(alpha) for alpha in result.alphas]
    assert {len(row) for row in summary.rows} == {len(summary.columns)}
    for number, (alpha, row) in enumerate(zip(result.alphas, summary.rows, strict=True)):
        cells = dict(zip(summary.columns, row, strict=True))
        assert cells["units never positive"] == f"{result.mean_share('never_positive', alpha):.2f}"
        assert cells["units stuck"] == f"{result.mean_share('stuck', alpha):.2f}"
        assert cells["diverged"] == f"{result.count_diverged(alpha)} of 12"
        assert cells["test accuracy"] == f"{result.mean_accuracy(alpha):.3f}"
        pair = f"{result.paired_accuracy(alpha):+.3f}"
        assert cells["minus its twin's"] == (pair if number else "(the baseline)")


def test_the_summary_shows_the_measures_asked_for_in_their_order(deaths):
    whole, chosen = deaths.summary(), deaths.summary("accuracy", "stuck")
    assert whole.columns[1:] == (
        *("units never positive", "units stuck", "diverged"),
        *("test accuracy", "minus its twin's"),
    )
    assert chosen.columns == ("network", "test accuracy", "units stuck")
    assert chosen.rows == tuple((row[0], row[4], row[2]) for row in whole.rows)
    with pytest.raises(ValueError, match=r"^measures must be one of 'never positive', .*; got 'dead'"):
        deaths.summary("dead")


def test_a_table_prints_in_columns_and_as_markdown():
    table = Table(("network", "dead"), (("ReLU", "3 of 12"), ("Leaky ReLU 0.01", "0 of 12")))
    expected = ["network          dead", "ReLU             3 of 12", "Leaky ReLU 0.01  0 of 12"]
    assert str(table).splitlines() == expected
    assert repr(table) == str(table)
    lines = table._repr_markdown_().splitlines()
    assert lines[:2] == ["| network | dead |", "| --- | --- |"]
    assert lines[3].replace("\N{NO-BREAK SPACE}", " ") == "| Leaky ReLU 0.01 | 0 of 12 |"


@pytest.mark.parametrize("which", ["deaths", "runaways"])
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_the_csv_reads_back_as_one_line_per_network(which, kind, request, tmp_path):
    result = request.getfixturevalue(which)
    path = result.to_csv(kind(tmp_path / "deaths.csv"))
    assert path == tmp_path / "deaths.csv"
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 3 * 12
    expected = {
        "never_positive": result.share("never_positive"),
        "stuck": result.share("stuck"),
        "loss": result.loss[-1],
        "accuracy": result.accuracy[-1],
    }
    seen = set()
    for line in lines:
        at = (result.row(float(line["alpha"])), int(line["seed_number"]))
        seen.add(at)
        assert line["diverged"] == str(bool(result.diverged[-1][at]))
        for name, values in expected.items():
            np.testing.assert_equal(values.dtype.type(line[name]), values[at])
    assert seen == set(np.ndindex(3, 12))


@pytest.mark.parametrize(
    ("alpha", "name"),
    [
        (0, "ReLU"),
        (0.0, "ReLU"),
        (np.float32(0), "ReLU"),
        (0.01, "Leaky ReLU 0.01"),
        (-0.5, "Leaky ReLU -0.5"),
        (2, "Leaky ReLU 2"),
    ],
)
def test_networks_are_called_by_their_slope(alpha, name):
    assert name_of(alpha) == name


def test_slope_one_is_called_linear():
    assert "linear" in name_of(1)
    assert "ReLU" not in name_of(1.0)


# --- Bad arguments


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": "mnist"}, ValueError, r"data must be one of 'moons', .*; got 'mnist'"),
        ({"data": "absolute_value"}, ValueError, r"data must be a classification .*got 'absolute_value'"),
        ({"alphas": (0.0, np.nan)}, ValueError, r"alpha must be finite in float32; got [^a-z]*nan"),
        ({"alphas": (0.0, np.inf)}, ValueError, r"alpha must be finite in float32; got [^a-z]*inf"),
        ({"alphas": (0.0, 1e39)}, ValueError, r"alpha must be finite"),
        ({"alphas": ()}, ValueError, r"alphas must be .*non-empty"),
        ({"alphas": [[0.0, 0.1]]}, ValueError, r"alphas must be .*flat"),
        ({"depth": 0}, ValueError, r"depth must be at least 1; got 0"),
        ({"depth": 2.5}, TypeError, r"depth must be a whole number; got float 2\.5"),
        ({"width": 0}, ValueError, r"width must be at least 1; got 0"),
        ({"width": "8"}, TypeError, r"width must be a whole number; got str '8'"),
        ({"optimiser": "rmsprop"}, ValueError, r"optimiser must be one of 'sgd', .*; got 'rmsprop'"),
        ({"optimiser": None}, ValueError, r"optimiser must be one of 'sgd', .*; got None"),
        (
            {"learning_rate": -1},
            ValueError,
            r"learning_rate must be a finite number of at least 0; got -1",
        ),
        (
            {"learning_rate": np.nan},
            ValueError,
            r"learning_rate must be a finite number of at least 0; got nan",
        ),
        ({"learning_rate": "fast"}, TypeError, r"learning_rate must be a number; got str 'fast'"),
        ({"steps": 0}, ValueError, r"steps must be at least 1; got 0"),
        ({"steps": 1.0}, TypeError, r"steps must be a whole number; got float"),
        ({"batch": 0}, ValueError, r"batch must be at least 1; got 0"),
        ({"batch": 257}, ValueError, r"batch must be at most the 256 examples there are; got 257"),
        ({"seeds": 0}, ValueError, r"seeds must be at least 1; got 0"),
        ({"seeds": 2.0}, TypeError, r"seeds must be a whole number; got float"),
        ({"snapshots": 0}, ValueError, r"snapshots must be at least 1; got 0"),
        ({"snapshots": None}, TypeError, r"snapshots must be a whole number; got NoneType"),
        ({"seed": -1}, ValueError, "seed must be at least 0; got -1"),
        ({"normalised": "no"}, TypeError, "normalised must be True or False; got str 'no'"),
        ({"bias": "a"}, TypeError, "bias must be a number; got str 'a'"),
        ({"gain": "2"}, TypeError, r"gain must be real numbers .*; got str of dtype <U1"),
        ({"warm_up": -1}, ValueError, "warm_up must be at least 0; got -1"),
        ({"warm_up": 0.5}, TypeError, "warm_up must be a whole number; got float"),
    ],
)
def test_a_bad_setting_is_refused_at_the_call(changes, error, message):
    with pytest.raises(error, match=f"^{message}"):
        training_death_live(**{**SMALL, **changes})
    with pytest.raises(error, match=f"^{message}"):
        training_death(**{**SMALL, **changes})


@pytest.mark.parametrize(
    ("experiment", "name"),
    [
        (training_death, "alphas"),
        (experiments.collapse, "alphas"),
        (experiments.rescue, "alphas"),
        (experiments.ends, "alphas"),
        (experiments.signal, "alphas"),
        (experiments.divergence, "alphas"),
    ],
)
@pytest.mark.parametrize(
    ("slopes", "error", "message"),
    [
        ("0.1", TypeError, "must be real numbers .*; got str of dtype <U3"),
        ([0.1, "PReLU"], TypeError, "must be real numbers .*; got list of dtype <U32"),
        (None, TypeError, "must be real numbers .*; got NoneType of dtype object"),
        ([0.1, [0.2, 0.3]], TypeError, "must be an array of real numbers; got a ragged sequence"),
        ([], ValueError, r"must be one number or a flat, non-empty sequence; got shape \(0,\)"),
        ([[0.1]], ValueError, r"must be one number or a flat, non-empty sequence; got shape \(1, 1\)"),
    ],
)
def test_slopes_that_are_none_are_named(experiment, name, slopes, error, message):
    with pytest.raises(error, match=f"^{name} {message}$"):
        experiment(**{name: slopes})


@pytest.mark.parametrize("experiment", [training_death, experiments.collapse, experiments.rescue])
def test_so_many_seeds_are_asked_for_not_which(experiment):
    with pytest.raises(TypeError, match=r"^seeds must be a whole number; got range range\(2, 5\)"):
        experiment(seeds=range(2, 5))


@pytest.mark.parametrize("experiment", [experiments.sweep, experiments.ends])
def test_data_are_asked_for_by_name(experiment):
    with pytest.raises(ValueError, match=r"^data must be one of 'moons', .*; got Dataset\("):
        experiment(data=load("moons"))


def test_an_unknown_setting_is_refused_by_name():
    with pytest.raises(TypeError, match="layers"):
        training_death(layers=3)


@pytest.mark.parametrize("measure", ["loss", "diverged", "dead", "", None])
def test_an_unknown_measure_is_refused(deaths, measure):
    with pytest.raises(ValueError, match=r'^measure must be "never_positive" or "stuck"; got'):
        deaths.share(measure)
    with pytest.raises(ValueError, match=r'^measure must be "never_positive" or "stuck"; got'):
        deaths.mean_share(measure, 0.0)


def test_a_look_or_a_layer_that_is_none_is_named(deaths):
    looks = len(deaths.steps)
    with pytest.raises(ValueError, match=f"^time must be at most {looks - 1}; got 99"):
        deaths.share("stuck", time=99)
    with pytest.raises(ValueError, match=r"^layer must be at most \d+; got 9$"):
        deaths.layer_share("stuck", 0.0, 9)


@pytest.mark.parametrize("alpha", [0.5, np.nan, -0.01])
@pytest.mark.parametrize("of", ["row", "mean_accuracy", "paired_accuracy", "count_diverged"])
def test_a_slope_that_was_not_trained_is_refused_with_those_that_were(deaths, of, alpha):
    with pytest.raises(ValueError, match=r"^alpha must be one of \[0\.0, 0\.01, 0\.1\]; got"):
        getattr(deaths, of)(alpha)


def test_a_bare_slope_is_a_list_of_one():
    assert "Leaky ReLU 0.1" in str(training_death(alphas=0.1, seeds=2, steps=4, width=3).summary())


@pytest.mark.parametrize(("steps", "looks"), [(39, 20), (40, 20), (5, 5), (100, 20)])
def test_there_are_no_more_looks_than_asked_for(steps, looks):
    result = training_death(alphas=[0.1], seeds=1, steps=steps, width=3, snapshots=20)
    assert len(result.steps) == looks + 1


class TestOneNeuron:
    @pytest.mark.parametrize(
        ("arguments", "error", "said"),
        [
            ((0.1, 0.1), TypeError, r"learning_rates must be a sequence, \[0\.1\] for one; got float"),
            ((0.1, ["a"]), TypeError, "learning_rates must be a number; got str 'a'"),
            ((0.1, [np.inf]), ValueError, "learning_rates must be a finite number; got inf"),
            (("a", [0.1]), TypeError, "alpha must be a number; got str 'a'"),
            (
                (0.1, [0.1], (1.0, 2.0, 3.0)),
                ValueError,
                r"start must be \(w, b\); got \[1\.0, 2\.0, 3\.0\]",
            ),
        ],
    )
    def test_what_is_no_walk_is_named(self, arguments, error, said):
        with pytest.raises(error, match=f"^{said}"):
            neuron_path(*arguments)

    def test_a_walk_of_no_steps_stays_at_its_start(self):
        assert neuron_path(0.1, []).places.tolist() == [[2.0, 0.0]]

    def test_one_step_at_rate_one_kills_it_for_ever(self):
        path = neuron_path(0.0, [1.0] + [0.1] * 1000)
        assert path.places[1].tolist() == pytest.approx([-8 / 3, -2])
        assert (path.places[1:] == path.places[1]).all(), "not a bit moves"
        assert path.gradient.tolist() == [0, 0]
        assert path.never_positive.tolist() == [False] + [True] * 1001

    @pytest.mark.parametrize(("rate", "dies"), [(0.374, False), (0.376, True)])
    def test_the_first_step_kills_from_three_eighths_on(self, rate, dies):
        assert neuron_path(0.0, [rate]).never_positive[-1] == dies

    @pytest.mark.parametrize("alpha", [0.003, 0.01, 0.1, 0.3, 1.0])
    def test_a_leaky_twin_comes_back_when_the_closed_form_says_so(self, alpha):
        examples = np.stack([NEURON_EXAMPLES, np.ones(3)], axis=1)
        second_moments = examples.T @ examples / 3
        fixed_point = np.array([1.0, 0.0]) / alpha
        shrink = np.eye(2) - 0.1 * alpha**2 * second_moments
        place, steps = np.array([-8 / 3, -2.0]), 0
        while (examples @ place <= 0).all():
            place, steps = fixed_point + shrink @ (place - fixed_point), steps + 1
        path = neuron_path(alpha, [0.1] * (steps + 5), start=(-8 / 3, -2.0))
        assert (~path.never_positive).argmax() == steps

    def test_every_step_goes_down_the_measured_gradient(self):
        def loss(place):
            outputs = leaky_relu(place[0] * np.array(NEURON_EXAMPLES) + place[1], 0.2)
            return np.square(outputs - NEURON_EXAMPLES).mean() / 2

        path = neuron_path(0.2, [0.05] * 5)
        for here, there in pairwise(path.places):
            np.testing.assert_allclose(there, here - 0.05 * numerical_gradient(loss, here), atol=1e-7)

    @pytest.mark.parametrize(
        "bad", [{"alpha": np.nan}, {"learning_rates": [0.1, np.inf]}, {"start": (np.nan, 0)}]
    )
    def test_numbers_that_are_infinite_or_nan_are_named(self, bad):
        (name,) = bad
        with pytest.raises(ValueError, match=f"^{name} must be a finite number; got"):
            neuron_path(**{"alpha": 0.1, "learning_rates": [0.1], **bad})


@pytest.mark.parametrize("depth", [2.5, np.nan, "a", [1, 2.0]])
def test_depths_of_the_bounds_are_whole_numbers_from_1_on(depth):
    with pytest.raises(TypeError, match=r"^depth must be a whole number"):
        born_dead_bounds(3, depth)
    with pytest.raises(ValueError, match="depth must be at least 1"):
        born_dead_bounds(3, [0, 1])


@pytest.fixture(scope="module")
def collapsed():
    return collapse(seeds=20, steps=300, alphas=(0.0, 0.3))


class TestCollapse:
    def test_most_relu_networks_collapse_and_leaky_ones_learn(self, collapsed):
        assert collapsed.share("constant", 0.0).low > 0.6
        assert collapsed.share("constant", 0.3).high < 0.4
        assert collapsed.share("solved", 0.3).value > collapsed.share("solved", 0.0).value

    def test_constant_and_solved_are_what_they_say(self, collapsed):
        x = np.linspace(-1, 1, 9)
        curves = np.stack([np.full(9, 0.5), np.abs(x), np.abs(x) + 0.2, np.zeros(9)])[None]
        made = Collapse({}, np.array([0.0]), x, curves, 1.0)
        assert made.constant.tolist() == [[True, False, False, True]]
        assert made.solved.tolist() == [[False, True, False, False]]
        assert made.share("solved", 0.0).value == 0.25

    @pytest.mark.parametrize(("share_of_the_target", "constant"), [(0.009, True), (0.011, False)])
    def test_constant_is_what_varies_by_less_than_a_hundredth_of_what_it_should(
        self, share_of_the_target, constant
    ):
        x = np.linspace(-np.sqrt(3), np.sqrt(3), 9)
        made = Collapse({}, np.array([0.0]), x, (share_of_the_target * np.abs(x))[None, None], 1.0)
        assert made.constant.item() == constant

    def test_networks_that_diverged_are_counted_and_neither_constant_nor_solved(self):
        x = np.linspace(-1, 1, 9)
        curves = np.stack([np.full(9, np.nan), np.full(9, np.inf), np.where(x > 0, np.nan, 0), np.abs(x)])[
            None
        ]
        made = Collapse({}, np.array([0.1]), x, curves.astype(np.float32), 1.0)
        assert made.count_diverged(0.1) == 3
        with warnings.catch_warnings(action="error"):
            assert made.share("constant", 0.1).value == 0
            assert made.share("solved", 0.1).value == 0.25
        assert made.summary().rows[0][-1] == "3 of 4"

    def test_the_same_seed_gives_the_same_curves_and_an_early_stop_what_was_there(self, collapsed):
        *_, last = collapse_live(seeds=20, steps=300, alphas=(0.0, 0.3))
        assert np.array_equal(last.curves, collapsed.curves)
        first = next(collapse_live(seeds=20, steps=300, alphas=(0.0, 0.3)))
        assert first.progress == 0
        assert str(collapsed.summary()).count("\n") == 2

    @pytest.mark.usefixtures("slow_machine")
    def test_it_says_how_far_it_is_even_between_two_looks(self):
        looks = collapse_live(seeds=1, steps=8, alphas=(0.0,), snapshots=2)
        assert [look.progress for look in looks] == [step / 8 for step in range(9)]

    def test_unless_told_it_is_what_the_notebook_describes(self):
        first = next(collapse_live())
        assert first.settings == {
            **{"alphas": (0.0, 0.01, 0.1, 0.3), "optimiser": "adam", "learning_rate": 0.01, "depth": 9},
            **{"width": 2, "steps": 1000, "examples": 16, "seeds": 100, "seed": 0, "snapshots": 30},
        }
        assert first.curves.shape[:2] == (4, 100)

    @pytest.mark.parametrize(
        ("bad", "error", "words"),
        [
            ({"seeds": 0}, ValueError, "seeds must be at least 1"),
            ({"width": 0}, ValueError, "width must be at least 1"),
            ({"depth": 0}, ValueError, "depth must be at least 1"),
            ({"steps": 0}, ValueError, "steps must be at least 1"),
            ({"snapshots": 0}, ValueError, "snapshots must be at least 1"),
            ({"examples": 1}, ValueError, "examples must be at least 2"),
            ({"learning_rate": -1}, ValueError, "learning_rate must be a finite number of at least 0"),
            ({"optimiser": "best"}, ValueError, "optimiser must be one of"),
            ({"alphas": [np.inf]}, ValueError, "alpha must be finite"),
        ],
    )
    def test_bad_settings_are_named_at_the_call(self, bad, error, words):
        with pytest.raises(error, match=words):
            collapse_live(**bad)

    def test_an_unknown_share_is_named(self, collapsed):
        with pytest.raises(ValueError, match=r'which must be "constant" or "solved"; got \'flat\''):
            collapsed.share("flat", 0.0)


@pytest.fixture(scope="module")
def rescued():
    return rescue(seeds=8)


class TestRescue:
    def test_all_copies_are_the_same_until_the_swap(self, rescued):
        before = rescued.steps <= 200
        assert (rescued.never_positive[before] == rescued.never_positive[before][:, :1]).all()
        assert (rescued.accuracy[before] == rescued.accuracy[before][:, :1]).all()
        assert rescued.courses[0] == "stay ReLU"

    def test_both_copies_with_the_last_slope_are_the_same_until_the_way_back(self, rescued):
        before = rescued.steps <= 400
        assert np.array_equal(rescued.never_positive[before, 2], rescued.never_positive[before, 3])
        assert not np.array_equal(rescued.never_positive[-1, 2], rescued.never_positive[-1, 3])

    def test_a_leak_brings_units_and_accuracy_back(self, rescued):
        for course in (1, 2, 3):
            assert rescued.gain(course).low > 0
            assert (
                rescued.estimate("never_positive", course).high < rescued.estimate("never_positive", 0).low
            )

    @pytest.mark.usefixtures("slow_machine")
    def test_it_says_how_far_it_is_even_between_two_looks(self):
        looks = list(rescue_live(seeds=1, steps=8, swap=2, back=4, snapshots=4))
        assert [look.progress for look in looks] == [step / 8 for step in range(9)]
        assert [len(look.steps) for look in looks] == [1, 1, 2, 2, 3, 3, 4, 4, 5]
        np.testing.assert_array_equal(looks[-1].steps, [0, 2, 4, 6, 8])

    def test_a_gain_is_the_last_accuracy_minus_that_of_the_copy_that_stayed(self, rescued):
        made_up = np.random.default_rng(0).random(rescued.accuracy.shape)
        for course in (1, 2, 3):
            found = replace(rescued, accuracy=made_up).gain(course)
            assert_same_estimate(found, Estimate.of_mean(made_up[-1, course] - made_up[-1, 0]))

    def test_it_begins_with_relu_networks_of_which_more_than_half_of_the_units_are_dead(self):
        first = next(filter(None, rescue_live()))
        assert first.settings == {
            **{"alphas": (0.01, 0.1), "bias": -1.0, "optimiser": "adam", "learning_rate": 0.01},
            **{"depth": 3, "width": 16, "steps": 600, "swap": 200, "back": 400},
            **{"seeds": 40, "seed": 0, "snapshots": 30},
        }
        fresh = initialise([2, 16, 16, 16, 2], seeds=40, alpha=0.0, bias=-1.0)
        dataset = moons(examples=128)
        dead = [never_positive(z) for z in forward(fresh, dataset.train_x).pre_activations[:-1]]
        share = np.mean(dead, axis=(0, 2))
        for course in range(4):
            np.testing.assert_allclose(first.never_positive[0, course], share)
        assert share.mean() == pytest.approx(0.63, abs=0.02), "six in ten, says its documentation"

    def test_the_copy_that_stays_is_trained_plainly_on_128_moons(self):
        dataset = moons(examples=128)
        start = initialise([2, 16, 16, 16, 2], seeds=8, alpha=0.0, bias=-1.0)
        *_, end = train(start, dataset.train_x, dataset.train_y, steps=300, optimiser=Adam(0.01))
        stayed = rescue(seeds=8, steps=300, back=300).accuracy[-1, 0]
        np.testing.assert_array_equal(stayed, accuracy(end.ensemble, dataset.test_x, dataset.test_y))

    def test_a_run_that_never_swaps_changes_nothing(self):
        still = rescue(seeds=3, steps=40, swap=40, back=40)
        assert (still.accuracy == still.accuracy[:, :1]).all()

    @pytest.mark.parametrize(
        ("bad", "words"),
        [
            ({"seeds": 0}, "seeds must be at least 1"),
            ({"steps": 0}, "steps must be at least 1"),
            ({"snapshots": 0}, "snapshots must be at least 1"),
            ({"depth": 0}, "depth must be at least 1"),
            ({"width": 0}, "width must be at least 1"),
            ({"swap": -1}, "swap must be at least 0"),
            ({"back": -1}, "back must be at least 0"),
            ({"steps": 300}, r"swap <= back <= steps; got swap=200, back=400, steps=300"),
            ({"swap": 400, "back": 200}, r"swap <= back <= steps; got swap=400, back=200, steps=600"),
            ({"bias": np.nan}, "bias must be a finite number; got nan"),
            ({"learning_rate": np.nan}, "learning_rate must be a finite number of at least 0; got nan"),
            ({"alphas": [np.nan]}, "alpha must be finite"),
            ({"alphas": []}, r"alphas must be one number or a flat, non-empty sequence; got shape \(0,\)"),
        ],
    )
    def test_bad_settings_are_named_at_the_call(self, bad, words):
        with pytest.raises(ValueError, match=words):
            rescue_live(**bad)

    def test_a_network_that_diverged_has_no_share_of_dead_units(self):
        result = rescue(optimiser="momentum", learning_rate=1.0, seeds=6)
        diverged = np.isnan(result.never_positive[-1])
        assert [result.count_diverged(course) for course in range(4)] == diverged.sum(axis=-1).tolist()
        assert not diverged[0].any(), "ReLU stays finite here"
        assert diverged[2].any()
        assert not diverged[2].all()
        assert np.isnan(result.accuracy[-1][diverged]).all()
        for course in range(4):
            left = result.never_positive[-1, course][~diverged[course]]
            assert result.estimate("never_positive", course).value == pytest.approx(left.mean())
            assert result.estimate("never_positive", course).networks == 6 - diverged[course].sum()
        names = [row[0] for row in result.summary().rows]
        assert names[0] == "stay ReLU"
        assert names[2] == f"to Leaky ReLU 0.1 ({diverged[2].sum()} of 6 diverged)"

    def test_an_unknown_measure_is_named(self, rescued):
        with pytest.raises(ValueError, match="measure must be"):
            rescued.estimate("loss", 0)


def test_the_three_mysteries_are_what_their_answer_says():
    dataset = moons(noise=0.05)
    patients = mysteries()
    found = {}
    for name, patient in patients.items():
        _, trace = gradients_of_loss(patient, dataset.train_x, dataset.train_y)
        layer_dead = any(never_positive(z).all() for z in trace.pre_activations[:-1])
        no_gradient = max(np.abs(gradient).max() for gradient in trace.weight_gradients[:-1]) < 1e-8
        found[name] = "dead" if layer_dead else "saturated" if no_gradient else "fine"
    assert found == EXERCISES["diagnose"].answer
    assert all((slope == 0).all() for patient in patients.values() for slope in patient.alphas)
    table = str(examination(patients))
    assert all(f"\n{name} " in table for name in patients)


def test_the_shouting_network_says_a_thousand_times_what_the_healthy_one_says():
    x, patients = moons(noise=0.05).test_x, mysteries()
    np.testing.assert_allclose(outputs(patients["A"], x), 1000 * outputs(patients["C"], x), rtol=1e-4)


def test_an_examination_measures_every_hidden_layer_of_every_patient():
    dataset, patients = moons(noise=0.05), mysteries()
    rows = {row[0]: row[1:] for row in examination(patients).rows}
    assert list(rows) == list(patients)
    for name, patient in patients.items():
        _, trace = gradients_of_loss(patient, dataset.train_x, dataset.train_y)
        dead = [(z <= 0).all(axis=-2).mean() for z in trace.pre_activations[:2]]
        both = zip(trace.weight_gradients[:2], trace.bias_gradients[:2], strict=True)
        steepest = [np.sqrt(np.square(w).sum(axis=-2) + np.square(b)).max() for w, b in both]
        never, gradients, largest = rows[name]
        assert never == ", ".join(f"{share:.0%}" for share in dead)
        assert [float(norm) for norm in gradients.split(", ")] == pytest.approx(
            steepest, rel=0.5, abs=1e-30
        )
        assert float(largest) == pytest.approx(np.abs(outputs(patient, dataset.train_x)).max(), abs=0.06)


# --- Convolutional networks


SMALL_CONVOLUTIONAL = {
    **{"data": "digits", "network": "convolutional", "depth": 2, "width": 3, "alphas": (0.0, 0.1)},
    **{"steps": 6, "batch": 20, "seeds": 3, "snapshots": 2, "look_at": 30},
}


def convolutional_death(**settings):
    return training_death(**{**SMALL_CONVOLUTIONAL, **settings})


def test_channels_are_counted_layer_by_layer():
    result = convolutional_death(bias=-50.0)
    assert result.never_positive.shape == (3, 2, 3, 2, 3)
    assert result.layer_share("never_positive", 0.0, 0).value == 1
    assert convolutional_death().layer_share("never_positive", 0.0, 0).value < 0.5


def test_a_summary_says_whether_it_counts_units_or_channels(deaths):
    assert deaths.summary().columns[1:3] == ("units never positive", "units stuck")
    assert convolutional_death().summary().columns[1:3] == ("channels never positive", "channels stuck")


def test_a_normalised_network_keeps_its_channels():
    hot = {"depth": 6, "width": 6, "optimiser": "adam", "learning_rate": 0.05, "steps": 30, "batch": 60}
    plain, normalised = (convolutional_death(**hot, normalised=choice) for choice in (False, True))
    assert plain.mean_share("never_positive", 0.0).value > 0.1
    assert normalised.mean_share("never_positive", 0.0).value < 0.05


@pytest.mark.parametrize("settings", [{"network": "recurrent"}, {"data": "moons"}])
def test_a_convolutional_network_wants_digits(settings):
    with pytest.raises(ValueError, match=r'^network must be "dense", or "convolutional" with digits'):
        convolutional_death(**settings)


def test_the_twins_of_the_channels_differ_in_nothing_but_their_slope():
    twins = convolutional_twins(learning_rate=0.0)
    ratio = leaky_relu_gain(0.1) / leaky_relu_gain(0.0)
    for weight in twins.weights:
        np.testing.assert_allclose(weight[1], weight[0] * ratio, rtol=1e-5)


def test_the_dead_convolution_is_dead_from_its_fourth_layer_on():
    patient = experiments.dead_convolution()
    trace = forward(patient, load("digits").train_x[:50])
    dead = [bool(never_positive(z).all()) for z in trace.pre_activations[:-1]]
    assert dead == [False] * 3 + [True] * 5


def test_unless_told_digits_come_in_batches_of_a_hundred_and_toy_data_all_at_once():
    few = {"depth": 1, "width": 4, "seeds": 1, "steps": 2, "snapshots": 1, "learning_rate": 0.1}
    for name, batch in (("digits", 100), ("spirals", 256), ("moons", 256)):
        told, untold = training_death(data=name, batch=batch, **few), training_death(data=name, **few)
        np.testing.assert_array_equal(told.loss, untold.loss)


@pytest.mark.usefixtures("fast_machine")
def test_a_look_at_many_large_networks_can_be_called_off_between_them(monkeypatch):
    settings = {
        **{"data": "digits", "network": "convolutional", "depth": 8, "width": 8, "alphas": [0.0, 0.1]},
        **{"steps": 1, "batch": 10, "seeds": 6, "snapshots": 1, "look_at": 240},
    }
    plain = list(training_death_live(**settings))
    monkeypatch.setattr(death, "monotonic", count().__next__)  # a second from one glance to the next
    slow = list(training_death_live(**settings))
    looks = [one for one in slow if one is not None]
    assert len(slow) - len(looks) > 2, "within the first look"
    assert looks == slow[-len(looks) :]
    assert len(looks) > len(plain) + 2, "within the second look"
    assert [one.trained for one in looks] == sorted(one.trained for one in looks)
    assert {len(one.steps) for one in looks[:-1]} == {1}, "until then only the first look is known"
    for name in ("never_positive", "stuck", "loss", "accuracy", "diverged"):
        np.testing.assert_array_equal(getattr(slow[-1], name), getattr(plain[-1], name))
        assert getattr(slow[-1], name).shape[:3] == (2, 2, 6)


# --- What is kept


@pytest.mark.parametrize(
    "experiment",
    [experiments.training_death, experiments.collapse, experiments.rescue, experiments.divergence],
)
def test_ctrl_c_keeps_the_result_so_far(experiment, monkeypatch):
    calls, on_all_cores = iter([1]), training.on_all_cores

    def interrupted(*work: object) -> list:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return on_all_cores(*work)

    monkeypatch.setattr(training, "on_all_cores", interrupted)
    with pytest.raises(KeyboardInterrupt) as stopped:
        experiment(seeds=2)
    assert 0 < stopped.value.result.progress < 0.01
    assert stopped.value.__notes__ == [
        "Kept: 0% of the run. To reach it: import sys; kept = sys.last_value.result"
    ]
