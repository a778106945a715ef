"""Proves that a kept result is that of its settings: found by them, read as written, run again in part."""

import json

import numpy as np
import pytest

from leaky_lib import experiments
from leaky_lib.experiments import collapse, divergence, sweep, training_death
from leaky_lib.experiments.choice import Sweep
from leaky_lib.kept import FOLDER, file_of, kept, load, save

FILES = sorted(FOLDER.glob("*.npz"))
SMALL = {"seeds": 2, "steps": 4, "width": 3, "depth": 2}


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return json.dumps(one, default=list) == json.dumps(other, default=list)


@pytest.mark.parametrize("experiment", [training_death, collapse, sweep, divergence])
def test_a_result_is_read_as_it_was_written(experiment, tmp_path):
    few = {"seeds": 2, "steps": 4, "width": 3, "depths": (1, 2), "alphas": (0, "ELU")}
    turned = {"values": (1, 4), "seeds": 2, "steps": 4, "width": 3}
    settings = {sweep: few, divergence: turned}.get(experiment, SMALL)
    result = experiment(**settings)
    save(result, tmp_path / "it.npz")
    again = load(tmp_path / "it.npz")
    assert type(again) is type(result)
    assert all(same(part, getattr(again, name)) for name, part in vars(result).items())


def test_what_is_not_kept_runs_now():
    assert not file_of(collapse, SMALL).exists()
    assert same(kept(collapse, **SMALL).curves, collapse(**SMALL).curves)


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
    few = experiment(**{**result.settings, "seeds": 3})
    if experiment is collapse:
        assert np.abs(few.constant.mean() - result.constant[:, :3].mean()) < 0.3
        return
    if experiment is divergence:
        assert np.abs(few.diverged.mean() - result.diverged[:, :, :3].mean()) < 0.1
        assert np.abs(np.nanmean(few.accuracy) - np.nanmean(result.accuracy[:, :, :3])) < 0.1
        return
    ours, theirs = few.never_positive, result.never_positive[:, :, :3]
    assert np.array_equal(ours[0], theirs[0]), "the same networks at the start"
    # Training at a large rate magnifies the last bit, so that another processor's networks end otherwise.
    assert np.abs(np.nanmean(ours[-1]) - np.nanmean(theirs[-1])) < 0.2


def agrees_with_a_few_of_its_networks(result: Sweep) -> None:
    """Two slopes, learning rates and starts at the least depth, trained again."""
    axes = {"alphas": result.alphas[:2], "depths": result.depths[:1], "seeds": 2}
    few = sweep(**{**result.settings, **axes, "learning_rates": result.learning_rates[:2]})
    theirs = result.accuracy[:1, :2, :2, :2]
    assert np.abs(few.accuracy - theirs).mean() < 0.03


def test_there_are_kept_results():
    assert len(FILES) > 10
