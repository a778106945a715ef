"""Proves that an experiment is honest: twins, the same result every time, and measures that add up."""

import csv

import numpy as np
import pytest

from leaky_lib import leaky_relu, leaky_relu_derivative
from leaky_lib.experiments import (
    FORMS,
    Race,
    name_of,
    race_live,
    recovery,
    training_death,
    training_death_live,
)

SMALL = {"seeds": 4, "steps": 20, "depth": 2, "width": 5, "snapshots": 4, "alphas": (0.0, 0.1)}
ARRAYS = ("never_positive", "stuck", "loss", "accuracy", "finite", "steps")


@pytest.fixture(scope="module")
def small():
    return training_death(**SMALL)


@pytest.fixture(scope="module")
def hot():
    """Many deaths, and networks that blow up."""
    return training_death(seeds=20, steps=100, learning_rate=4.0, alphas=(0.0, 0.1), snapshots=10)


def same(a, b) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in ARRAYS)


def test_shapes_are_as_documented(small):
    assert small.steps.tolist() == [0, 5, 10, 15, 20]
    assert small.never_positive.shape == small.stuck.shape == (5, 2, 4, 2, 5)
    assert small.loss.shape == small.accuracy.shape == small.finite.shape == (5, 2, 4)
    assert small.share("stuck").shape == (2, 4)
    assert small.progress == 1.0
    assert small.settings["learning_rate"] == 2.0


def test_the_same_seed_gives_the_same_result_and_another_seed_another(small):
    assert same(small, training_death(**SMALL))
    assert not same(small, training_death(**SMALL, seed=1))


def test_stopping_early_keeps_what_was_computed(small):
    for part in training_death_live(**SMALL):
        if part.progress >= 0.5:
            break
    assert part.steps.tolist() == [0, 5, 10]
    for name in ARRAYS:
        assert np.array_equal(getattr(part, name), getattr(small, name)[:3])


def test_twins_of_the_same_slope_stay_the_same():
    twins = training_death(**{**SMALL, "alphas": (0.0, 0.0)})
    for name in ARRAYS[:-1]:
        both = getattr(twins, name)
        assert np.array_equal(both[:, 0], both[:, 1])


def test_a_slope_is_compared_from_the_same_start(small):
    assert np.array_equal(small.never_positive[0, 0, :, 0], small.never_positive[0, 1, :, 0])


def test_a_relu_unit_that_is_never_positive_is_stuck(hot):
    relu = hot.never_positive[:, 0] & hot.finite[:, 0, :, None, None]
    assert relu.sum() > 100
    assert hot.stuck[:, 0][relu].all()


def test_a_network_whose_loss_overflows_is_not_finite_even_if_its_weights_are(hot):
    assert np.isfinite(hot.loss[hot.finite]).all()
    assert not np.isnan(hot.share("stuck")[hot.finite[-1]]).any()


def test_networks_that_blow_up_are_counted_and_have_no_share(hot):
    gone = ~hot.finite[-1, 1]
    assert hot.not_finite(0.1) == gone.sum() > 0
    assert np.isnan(hot.share("never_positive")[1, gone]).all()
    assert (hot.accuracy[-1, 1, gone] == 0.5).all()
    assert hot.mean_share("never_positive", 0.1).networks == 20 - gone.sum()
    assert not hot.dead_layer()[1, gone].any()


def test_estimates_are_the_means_of_what_stands_in_the_arrays(small):
    assert small.mean_share("stuck", 0.1).value == pytest.approx(small.stuck[-1, 1].mean())
    assert small.mean_share("stuck", 0.1, time=0).value == pytest.approx(small.stuck[0, 1].mean())
    assert small.mean_accuracy(0.0).value == pytest.approx(small.accuracy[-1, 0].mean())
    difference = (small.accuracy[-1, 1] - small.accuracy[-1, 0]).mean()
    assert small.paired_accuracy(0.1).value == pytest.approx(difference)
    assert small.paired_accuracy(0.0).value == 0


def test_revivals_are_counted_from_look_to_look(hot):
    revived, dead = hot.revivals(0.0)
    units = hot.never_positive[:, 0][:, hot.finite[-1, 0]]
    by_hand = [[0, 0] for _ in range(3)]
    for time in range(len(hot.steps) - 1):
        for network in range(units.shape[1]):
            for layer in range(3):
                for unit in range(units.shape[-1]):
                    if units[time, network, layer, unit]:
                        by_hand[layer][1] += 1
                        by_hand[layer][0] += not units[time + 1, network, layer, unit]
    assert np.transpose([revived, dead]).tolist() == by_hand
    assert revived[0] == 0, "a first-layer ReLU unit that is dead stays dead"


def test_the_summary_names_every_slope_with_its_numbers(hot):
    text = str(hot.summary())
    assert text.count("\n") == 2
    assert "Leaky ReLU 0.1" in text
    assert f"{hot.mean_share('never_positive', 0.0):.2f}" in text
    assert f"{hot.not_finite(0.1)} of 20" in text
    assert hot.summary()._repr_markdown_().count("\n") == 3


def test_the_csv_holds_a_line_per_network_that_reads_back(hot, tmp_path):
    path = hot.to_csv(tmp_path / "result.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 20
    accuracies = np.array([float(row["accuracy"]) for row in rows]).reshape(2, 20)
    assert np.array_equal(accuracies, hot.accuracy[-1])
    assert [row["finite"] for row in rows] == [str(f) for f in hot.finite[-1].ravel()]
    assert {row["alpha"] for row in rows} == {"0.0", "0.1"}


def test_digits_go_through_in_batches():
    result = training_death(
        data="digits", seeds=1, steps=30, width=8, depth=1, alphas=[0.1], learning_rate=0.1
    )
    assert result.accuracy[-1].mean() > result.accuracy[0].mean()


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ({"data": "mnist"}, ValueError, "data must be one of 'moons'.*got 'mnist'"),
        ({"data": "absolute_value"}, ValueError, "data must be a classification"),
        ({"depth": 0}, ValueError, "depth must be at least 1; got 0"),
        ({"width": 0}, ValueError, "width must be at least 1"),
        ({"steps": 0}, ValueError, "steps must be at least 1"),
        ({"seeds": 0}, ValueError, "seeds must be at least 1; got 0"),
        ({"seeds": 2.0}, TypeError, "seeds must be a whole number; got float 2.0"),
        ({"snapshots": 0}, ValueError, "snapshots must be at least 1"),
        ({"batch": 10_000}, ValueError, "batch must be at most the 256 examples"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate must be finite and at least 0; got -1.0"),
        ({"learning_rate": "fast"}, TypeError, "learning_rate must be real numbers"),
        ({"optimiser": "rmsprop"}, ValueError, "optimiser must be one of 'sgd', 'momentum', 'adam'"),
        ({"alphas": [np.nan]}, ValueError, "alpha must be finite"),
        ({"alphas": []}, ValueError, "alpha must be one number or a flat, non-empty"),
        ({"alphas": "many"}, TypeError, "alpha must be real numbers"),
    ],
)
def test_bad_settings_are_named_at_the_call(bad, error, words):
    with pytest.raises(error, match=words):
        training_death_live(**bad)


def test_an_unknown_measure_and_an_absent_slope_are_named(small):
    with pytest.raises(ValueError, match=r"measure must be .*got 'dead'"):
        small.share("dead")
    with pytest.raises(ValueError, match=r"alpha must be one of \[0.0, 0.1\]; got 0.2"):
        small.mean_accuracy(0.2)


def test_the_race_times_every_form_and_gets_on():
    races = list(race_live(size=100, rounds=3))
    assert [race.progress for race in races] == pytest.approx([1 / 3, 2 / 3, 1])
    assert set(races[-1].seconds) == set(FORMS)
    for form, seconds in races[0].seconds.items():
        assert 0 < races[-1].seconds[form] <= seconds
    assert Race(1, {"a": 2.0, "b": 1.0}, 1.0).ratios == {"a": 2.0, "b": 1.0}
    with pytest.raises(ValueError, match="rounds must be at least 1; got 0"):
        race_live(rounds=0)


def test_the_forms_agree_where_the_notebook_says_so():
    x = np.linspace(-3, 3, 13)
    where, maximum, arithmetic = FORMS.values()
    for alpha in (-0.5, 0.0, 0.3, 1.0, 2.0):
        np.testing.assert_allclose(where(x, alpha), leaky_relu(x, alpha), atol=1e-15)
        np.testing.assert_allclose(arithmetic(x, alpha), leaky_relu(x, alpha), atol=1e-15)
        assert np.allclose(maximum(x, alpha), leaky_relu(x, alpha)) == (alpha <= 1)


@pytest.mark.parametrize(
    ("alpha", "name"), [(0, "ReLU"), (0.01, "Leaky ReLU 0.01"), (1.0, "linear (α = 1)")]
)
def test_networks_are_called_by_their_slope(alpha, name):
    assert name_of(alpha) == name


class TestRecovery:
    @pytest.mark.parametrize("alpha", [0.01, 0.1, 0.5, 1.0])
    def test_a_leaky_neuron_comes_back_when_the_closed_form_says_so(self, alpha):
        z = recovery(alpha, start=-3.0, target=1.0, learning_rate=0.2, steps=20_000)
        # On the negative side z moves to target / alpha, the distance shrinking by 1 - rate * alpha**2.
        shrinks, from_here, to_zero = 1 - 0.2 * alpha**2, 1 / alpha + 3, 1 / alpha
        steps = np.log(to_zero / from_here) / np.log(shrinks)
        assert abs((z > 0).argmax() - steps) <= 1
        assert z[-1] == pytest.approx(1.0)

    def test_a_relu_neuron_never_does(self):
        assert (recovery(0.0, steps=500) == -3.0).all()

    def test_every_step_follows_the_gradient(self):
        z = recovery(0.3, start=-2.0, target=0.5, learning_rate=0.4, steps=10)
        steps = 0.4 * (0.5 - leaky_relu(z[:-1], 0.3)) * leaky_relu_derivative(z[:-1], 0.3)
        np.testing.assert_allclose(np.diff(z), steps)

    @pytest.mark.parametrize(
        "bad", [{"alpha": np.nan}, {"start": np.inf}, {"target": np.nan}, {"learning_rate": np.inf}]
    )
    def test_numbers_that_are_not_finite_are_named(self, bad):
        (name,) = bad
        with pytest.raises(ValueError, match=f"{name} must be finite; got"):
            recovery(**{"alpha": 0.1, **bad})
        with pytest.raises(ValueError, match="steps must be at least 0; got -1"):
            recovery(0.1, steps=-1)
