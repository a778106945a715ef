"""Proves that a kept result is that of its settings: found by them, read as written, run again in part."""

import json

import numpy as np
import pytest

from leaky_lib import experiments
from leaky_lib.experiments import Result, collapse, divergence, rescue, sweep, training_death
from leaky_lib.kept import FOLDER, file_of, kept, load, save

FILES = sorted(FOLDER.glob("*.npz"))
SMALL = {"seeds": 2, "steps": 4, "width": 3, "depth": 2}


def same(one: Result, other: Result) -> bool:
    arrays = all(
        np.array_equal(array, other.values[measure], equal_nan=True)
        for measure, array in one.values.items()
    )
    about = [json.dumps([result.axes, result.settings, result.comparisons]) for result in (one, other)]
    return arrays and about[0] == about[1]


@pytest.mark.parametrize("experiment", [training_death, collapse, rescue, sweep, divergence])
def test_a_result_is_read_as_it_was_written(experiment, tmp_path):
    few = {"seeds": 2, "steps": 4, "width": 3, "depths": (1, 2), "alphas": (0, "ELU")}
    turned = {"values": (1, 4), "seeds": 2, "steps": 4, "width": 3}
    swap = {"swap": 1, "back": 2, **SMALL}
    settings = {sweep: few, divergence: turned, rescue: swap}.get(experiment, SMALL)
    result = experiment(**settings)
    save(result, tmp_path / "it.npz")
    assert same(load(tmp_path / "it.npz"), result)


def test_what_is_not_kept_runs_now():
    assert not file_of(collapse, SMALL).exists()
    assert same(kept(collapse, **SMALL), collapse(**SMALL))


def test_a_setting_that_is_no_argument_is_named():
    with pytest.raises(TypeError, match="unexpected keyword argument 'speed'"):
        kept(collapse, speed=3)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_kept_result_is_that_of_its_settings(path):
    result = load(path)
    experiment = getattr(experiments, path.stem.split("-")[0])
    assert file_of(experiment, result.settings) == path, "its settings or their defaults have changed"
    if experiment is sweep:
        agrees_with_a_few_of_its_networks(result)
        return
    few, whole = experiment(**{**result.settings, "seeds": 3}).values, result.values
    if experiment is collapse:
        assert np.abs(few["constant"].mean() - whole["constant"][:, :3].mean()) < 0.3
        return
    if experiment is divergence:
        assert np.abs(few["diverged"].mean() - whole["diverged"][:, :, :3].mean()) < 0.1
        assert np.abs(np.nanmean(few["accuracy"]) - np.nanmean(whole["accuracy"][:, :, :3])) < 0.1
        return
    ours, theirs = few["never_positive"], whole["never_positive"][:, :, :3]
    assert np.array_equal(ours[0], theirs[0]), "the same networks at the start"
    # Training at a large rate magnifies the last bit, so that another processor's networks end otherwise.
    assert np.abs(ours[-1].mean() - theirs[-1].mean()) < 0.2


def agrees_with_a_few_of_its_networks(result: Result) -> None:
    """Two slopes, learning rates and starts at the least depth, trained again."""
    axes = result.axes
    few = sweep(
        **{
            **{**result.settings, "alphas": axes["alpha"][:2], "depths": axes["depth"][:1], "seeds": 2},
            "learning_rates": axes["learning_rate"][:2],
        }
    )
    theirs = result.values["accuracy"][:1, :2, :2, :2]
    assert np.abs(few.values["accuracy"] - theirs).mean() < 0.03


def test_there_are_kept_results():
    assert len(FILES) > 10
