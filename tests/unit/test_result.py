"""Holds the one Result, and what makes an experiment of a generator, to what a reader expects of them."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from leaky_lib import experiments, training
from leaky_lib.experiments.result import Result, experiment
from leaky_lib.intervals import Estimate


@pytest.fixture
def result() -> Result:
    """Two looks at three networks of two slopes with two layers of four units; two networks diverged."""
    rng = np.random.default_rng(0)
    never = rng.random((2, 2, 3, 2, 4)) < 0.5
    diverged = np.zeros((2, 2, 3), bool)
    diverged[1, 1, 0] = diverged[1, 0, 2] = True
    right = np.where(diverged, np.nan, rng.random((2, 2, 3)))
    axes = {"step": (0, 8), "alpha": (0.0, 0.1), "seed": (0, 1, 2), "layer": (0, 1), "unit": (0, 1, 2, 3)}
    values = {"never_positive": never, "accuracy": right, "diverged": diverged}
    return Result(axes, values, settings={"steps": 8, "seed": 5})


def test_by_default_it_tells_of_the_last_step(result):
    assert result.mean("accuracy", alpha=0.1) == result.mean("accuracy", alpha=0.1, step=8)
    assert result.mean("accuracy", alpha=0.1) != result.mean("accuracy", alpha=0.1, step=0)


def test_units_are_averaged_network_by_network_without_those_that_diverged(result):
    last = result.values["never_positive"][1, 1]
    expected = last.mean(axis=(-2, -1))
    np.testing.assert_array_equal(result.of("never_positive", alpha=0.1), [np.nan, *expected[1:]])
    assert result.mean("never_positive", alpha=0.1) == Estimate.of_mean(expected[1:], within=(0, 1))
    of_layer = last[1:, 1].mean(axis=-1)
    assert result.mean("never_positive", alpha=0.1, layer=1) == Estimate.of_mean(of_layer, within=(0, 1))


def test_a_difference_is_that_of_twins_of_which_neither_diverged(result):
    right = result.values["accuracy"][1]
    pair = result.paired("accuracy", alpha=0.1)
    assert (pair.value, pair.networks) == (right[1, 1] - right[0, 1], 1)
    assert result.paired("accuracy", alpha=0).value == 0


def test_differences_that_are_read_together_have_wider_intervals(result):
    one = result.paired("accuracy", alpha=0.1, step=0)
    many = replace(result, comparisons=20).paired("accuracy", alpha=0.1, step=0)
    assert many.value == one.value
    assert many.high - many.low > 2 * (one.high - one.low)


def test_what_diverged_is_counted(result):
    assert result.count("diverged", alpha=0) == 1
    assert result.share("diverged", alpha=0) == Estimate.of_share(1, 3)


def test_a_part_is_a_result_without_the_axes_that_are_named(result):
    part = result.at(alpha=0.1, step=0)
    assert list(part.axes) == ["seed", "layer", "unit"]
    np.testing.assert_array_equal(part.values["accuracy"], result.values["accuracy"][0, 1])
    assert part.mean("accuracy") == result.mean("accuracy", alpha=0.1, step=0)


def test_a_place_or_a_measure_that_there_is_not_is_named(result):
    with pytest.raises(ValueError, match=r"^alpha must be one of \[0\.0, 0\.1\]; got 0\.5"):
        result.mean("accuracy", alpha=0.5)
    with pytest.raises(ValueError, match=r"^a place is named by step, alpha, .*; got depth=2"):
        result.at(depth=2)
    with pytest.raises(ValueError, match=r"^measure must be one of never_positive, .*; got 'dead'"):
        result.mean("dead", alpha=0)
    with pytest.raises(ValueError, match=r"^measures must be among 'never_positive', .*; got 'dead'"):
        result.summary("dead")


def test_the_summary_has_a_row_for_each_slope_and_the_measures_asked_for(result):
    table = result.summary("accuracy", "diverged", "minus its twin's")
    assert table.columns == ("network", "test accuracy", "diverged", "minus its twin's")
    assert [row[0] for row in table.rows] == ["ReLU", "Leaky ReLU 0.1"]
    assert table.rows[0][2:] == ("1 of 3", "(the baseline)")
    assert table.rows[1][1] == f"{result.mean('accuracy', alpha=0.1):.3f}"
    assert result.summary().columns[1:] == (
        *("never positive", "diverged", "test accuracy", "minus its twin's"),
    )


def test_the_csv_holds_every_network_as_it_ended_and_its_settings(result, tmp_path):
    path = result.to_csv(str(tmp_path / "it.csv"))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3
    assert (rows[0]["steps"], rows[0]["seed"]) == ("8", "5")
    for row in rows:
        at = int(float(row["alpha"]) > 0), int(row["seed_number"])
        np.testing.assert_equal(float(row["accuracy"]), result.values["accuracy"][1][at])
        assert float(row["diverged"]) == result.values["diverged"][1][at]


# --- Each slope at its own learning rate


def swept(accuracy: list, loss: list | None = None) -> Result:
    """One depth, with these accuracies: (alphas, learning_rates, seeds)."""
    right = np.array(accuracy)[None]
    axes = {"depth": (2,), "alpha": (0, 1)[: right.shape[1]], "learning_rate": (1, 2), "seed": (0, 1, 2)}
    held_out = 1 - right if loss is None else np.array(loss)[None]
    return Result(axes, {"held_out_loss": held_out, "accuracy": right, "diverged": 1.0 * np.isnan(right)})


def test_each_slope_is_taken_at_the_learning_rate_that_is_best_on_held_out_examples():
    right = [[[0.9] * 3, [0.8] * 3], [[0.7] * 3, [0.95] * 3]]
    loss = [[[0.5] * 3, [0.4] * 3], [[0.4] * 3, [0.5] * 3]]
    result = swept(right, loss)
    best = result.at_best_rate()
    assert [best.number("learning_rate", alpha=alpha) for alpha in (0, 1)] == [2, 1]
    assert best.paired("accuracy", alpha=1).value == pytest.approx(-0.1)
    assert result.at(learning_rate=2).paired("accuracy", alpha=1).value == pytest.approx(0.15)
    assert best.summary("learning_rate").rows == (("ReLU", "2"), ("linear (α = 1)", "1"))


def test_a_learning_rate_at_which_a_network_diverges_is_not_the_best():
    result = swept([[[0.9, 0.9, 0.9], [0.99, 0.99, np.nan]]])
    best = result.at_best_rate()
    assert best.number("learning_rate", alpha=0) == 1
    assert best.count("diverged") == 0
    assert result.count("diverged", learning_rate=2) == 1
    assert result.mean("accuracy", learning_rate=2).networks == 2, "and no guess is among the accuracies"


# --- An experiment


@experiment
def countdown(*, start: int = 3, executor: object = None):
    """Count down."""
    if start < 0:
        raise ValueError(f"start must be at least 0; got {start}")
    yield None
    yield None
    for left in range(start, -1, -1):
        yield Result({"seed": (0,)}, {"diverged": np.array([left])}, 1 - left / start)


def test_an_experiment_gives_its_last_result_and_live_all_of_them():
    assert countdown().values["diverged"] == 0
    looks = list(countdown.live(start=2))
    assert looks[0] is None
    assert [look.progress for look in looks[1:]] == [0, 0.5, 1]


def test_a_result_knows_its_settings_also_those_by_default():
    assert countdown().settings == {"start": 3}
    assert countdown(start=1).settings == {"start": 1}


def test_a_bad_setting_is_said_at_the_call():
    for call in (countdown, countdown.live):
        with pytest.raises(ValueError, match=r"^start must be at least 0; got -1"):
            call(start=-1)
        with pytest.raises(TypeError, match="unexpected keyword argument 'end'"):
            call(end=1)


@pytest.mark.parametrize(
    "of", [experiments.training_death, experiments.collapse, experiments.rescue, experiments.divergence]
)
def test_ctrl_c_keeps_the_result_so_far(of, monkeypatch):
    calls, on_all_cores = iter([1]), training.on_all_cores

    def interrupted(*work: object) -> list:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return on_all_cores(*work)

    monkeypatch.setattr(training, "on_all_cores", interrupted)
    with pytest.raises(KeyboardInterrupt) as stopped:
        of(seeds=2)
    progress = stopped.value.result.progress
    assert 0 < progress < 1
    assert stopped.value.__notes__ == [
        f"Kept: {progress:.0%} of the run. To reach it: import sys; kept = sys.last_value.result"
    ]


@pytest.mark.parametrize("name", ["training_death", "collapse", "rescue", "sweep", "divergence"])
def test_what_shift_and_tab_show_names_every_setting(name):
    of = getattr(experiments, name)
    assert set(of.live.__kwdefaults__ or of.__kwdefaults__ or of.__wrapped__.__kwdefaults__) > {"seeds"}
    assert "Parameters" in of.__doc__
    assert "settings" not in of.__signature__.parameters
