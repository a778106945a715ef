"""Holds the checks of arguments to what they let by and how they refuse the rest."""

import itertools
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from leaky_lib import arguments, data, experiments, figures, networks, training
from leaky_lib.arguments import (
    check_memory,
    finite_number,
    name_among,
    sequence,
    true_or_false,
    whole_number,
)


@pytest.mark.parametrize("value", [2, 3, 10**30, np.int8(5), np.uint64(7), np.array(4)])
def test_a_whole_number_comes_back_as_an_int(value):
    found = whole_number("depth", value, minimum=2)
    assert type(found) is int
    assert found == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2.0, "float 2.0"),
        ("2", "str '2'"),
        (None, "NoneType None"),
        (True, "bool True"),
        (np.True_, "bool"),
        ([2], r"list \[2\]"),
        (np.array([2, 3]), "ndarray"),
    ],
)
def test_what_is_no_whole_number_is_refused_by_kind(value, said):
    with pytest.raises(TypeError, match=f"^depth must be a whole number; got {said}"):
        whole_number("depth", value, minimum=1)


@pytest.mark.parametrize(("value", "minimum"), [(0, 1), (-1, 0), (1, 2)])
def test_what_is_too_small_is_refused_with_the_least_allowed(value, minimum):
    with pytest.raises(ValueError, match=f"^depth must be at least {minimum}; got {value}$"):
        whole_number("depth", value, minimum=minimum)


@pytest.mark.parametrize("value", [0, 2.5, -1, np.float32(0.5), np.int8(3)])
def test_a_finite_number_comes_back_as_a_float(value):
    found = finite_number("noise", value)
    assert type(found) is float
    assert found == value


@pytest.mark.parametrize("value", ["2", None, True, np.True_, [2.0], 1j])
def test_what_is_no_number_is_refused_by_kind(value):
    with pytest.raises(TypeError, match=f"^noise must be a number; got {type(value).__name__} "):
        finite_number("noise", value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.5])
def test_a_number_that_does_not_fit_is_refused_with_what_is_allowed(value):
    with pytest.raises(ValueError, match=f"^noise must be a finite number of at least 0; got {value}$"):
        finite_number("noise", value, "of at least 0", lambda noise: noise >= 0)


@pytest.mark.parametrize("value", ["mnist", "Moons", None, 3, ["moons"], {}, np.zeros(2)])
def test_what_is_none_of_the_names_is_refused_with_those_there_are(value):
    with pytest.raises(ValueError, match=r"^data must be one of 'moons', 'digits'; got "):
        name_among("data", value, {"moons": 1, "digits": 2})


@pytest.mark.parametrize("values", [(1, 2), [0.1], range(3), np.arange(2)])
def test_a_sequence_comes_back_as_a_tuple(values):
    assert sequence("depths", values) == tuple(values)


@pytest.mark.parametrize(
    ("value", "kind"), [(2, "int"), (0.1, "float"), ("PReLU", "str"), (None, "NoneType")]
)
def test_one_value_is_no_sequence(value, kind):
    with pytest.raises(TypeError, match=rf"^depths must be a sequence, \[{value!r}\] for one; got {kind}"):
        sequence("depths", value)


@pytest.mark.parametrize("values", [(), [], range(0)])
def test_an_empty_sequence_is_refused(values):
    with pytest.raises(ValueError, match=r"^depths must name at least 1; got "):
        sequence("depths", values)


def test_a_sequence_may_be_empty_where_that_means_something():
    assert sequence("rates", [], minimum=0) == ()


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_true_and_false_come_back_as_themselves(value):
    assert true_or_false("centred", value) is bool(value)


@pytest.mark.parametrize("value", ["no", "False", "", 0, 1, None, np.nan])
def test_what_only_counts_as_true_or_false_is_refused(value):
    with pytest.raises(TypeError, match=f"^centred must be True or False; got {type(value).__name__}"):
        true_or_false("centred", value)


# --- What would fill the memory

HUGE = 10**400


def test_what_fits_is_let_by_and_what_does_not_is_refused_with_its_counts(monkeypatch):
    monkeypatch.setattr(arguments, "MOST_BYTES", 2_000_000_000)
    assert check_memory(2_000_000_000, seeds=9) is None
    said = (
        r"^seeds or width must be smaller: at most 2 GB of memory is allowed "
        r"\(leaky_lib.arguments.MOST_BYTES\), not 3 GB or more; got seeds=9, width=5$"
    )
    with pytest.raises(ValueError, match=said):
        check_memory(3_000_000_000, seeds=9, depth=1, width=5)


def test_a_whole_number_may_have_a_maximum():
    assert whole_number("workers", 61, minimum=1, maximum=61) == 61
    with pytest.raises(ValueError, match=r"^workers must be at most 61; got 62$"):
        whole_number("workers", 62, minimum=1, maximum=61)


@pytest.mark.parametrize("endless", [range(HUGE), range(10**9), itertools.count()])
def test_a_sequence_without_end_is_not_written_out(endless):
    with pytest.raises(ValueError, match=r"^rates must name at most 100,000; got "):
        arguments.sequence("rates", endless)


def train(**settings: object) -> object:
    moons = data.load("moons")
    return training.train(networks.initialise([2, 3, 2]), moons.train_x, moons.train_y, **settings)


def region_shares(**settings: object) -> np.ndarray:
    return figures.region_shares(networks.initialise([2, 3, 2]), data.load("moons"), **settings)


CONVOLUTIONAL = {"data": "digits", "network": "convolutional"}

TOO_MUCH: list[tuple[Callable, dict[str, object], int]] = [
    (experiments.training_death_live, {"seeds": 1}, 1_000_000),
    (experiments.training_death_live, {"depth": 3}, 10_000_000),
    (experiments.training_death_live, {"width": 3}, 1_000_000),
    (experiments.training_death_live, {"alphas": 1}, 1_000_000),
    (experiments.training_death_live, {"snapshots": 3, "steps": 10**9}, 10**9),
    (experiments.training_death_live, {"width": 3, "depth": 2, **CONVOLUTIONAL}, 100_000),
    (experiments.training_death_live, {"depth": 3, **CONVOLUTIONAL}, 10_000_000),
    (experiments.sweep_live, {"seeds": 1}, 1_000_000),
    (experiments.sweep_live, {"seeds": 1, "data": "moons", "alphas": (0.1,)}, 1_000_000),
    (experiments.sweep_live, {"depths": 1}, 1_000_000),
    (experiments.sweep_live, {"alphas": 1}, 1_000_000),
    (experiments.sweep_live, {"learning_rates": 1}, 1_000_000),
    (experiments.sweep_live, {"width": 3}, 1_000_000),
    (experiments.sweep_live, {"steps": 3}, 10**9),
    (experiments.collapse_live, {"seeds": 1}, 1_000_000),
    (experiments.collapse_live, {"depth": 3}, 10_000_000),
    (experiments.collapse_live, {"examples": 3}, 10**8),
    (experiments.rescue_live, {"seeds": 1}, 1_000_000),
    (experiments.rescue_live, {"width": 3}, 1_000_000),
    (experiments.rescue_live, {"snapshots": 3, "steps": 10**9}, 10**9),
    (experiments.divergence_live, {"seeds": 1}, 1_000_000),
    (experiments.divergence_live, {"depth": 3}, 10_000_000),
    (experiments.divergence_live, {"values": 3}, 1_000_000),
    (experiments.ends, {"depth": 3}, 100_000_000),
    (experiments.ends, {"width": 3}, 1_000_000),
    (experiments.born_dead_bounds, {"width": 3, "depth": 3}, 10_000_000),
    (experiments.signal, {"networks": 3}, 1_000_000),
    (experiments.signal, {"width": 3}, 1_000_000),
    (experiments.signal, {"examples": 3}, 1_000_000),
    (experiments.signal, {"layers": 3}, 10_000_000),
    (experiments.shift_by_layer, {"networks": 3}, 1_000_000),
    (experiments.shift_by_layer, {"layers": 3}, 1_000_000),
    (experiments.steps_to_learn, {"width": 3, "function": 0.1}, 1_000_000),
    (experiments.steps_to_learn, {"networks": 3, "function": 0.1}, 1_000_000),
    (experiments.neuron_path, {"learning_rates": 3, "alpha": 0.1}, 10**9),
    (experiments.worker_pool, {"workers": 3}, 1_000_000),
    (networks.initialise, {"seeds": 1, "widths": (2, 3, 2)}, 10_000_000),
    (networks.initialise, {"seeds": range(1), "widths": (2, 3, 2)}, 10_000_000),
    (networks.initialise, {"alpha": 3, "widths": (2, 3, 2)}, 1_000_000),
    (networks.initialise, {"widths": 3}, 1_000_000),
    (networks.convolutional, {"depth": 3}, 10_000_000),
    (networks.convolutional, {"channels": 3}, 1_000_000),
    (networks.convolutional, {"outputs": 3}, 1_000_000),
    (networks.convolutional, {"seeds": 3}, 1_000_000),
    (train, {"steps": 3}, 10**9),
    (train, {"every": 3, "steps": 10**9}, 10**9),
    (region_shares, {"side": 3}, 100_000),
]
SEQUENCES = ("alphas", "alpha", "depths", "values", "learning_rates", "widths")


@pytest.mark.parametrize(("function", "settings", "count"), TOO_MUCH)
def test_a_setting_that_would_fill_the_memory_is_refused_before_anything_is_made(function, settings, count):
    name = next(iter(settings))
    of_a_kind = name in SEQUENCES or isinstance(settings[name], range)
    data.digits()
    for much in (count, HUGE):
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match=rf"^[a-z_ ()]*\b{name}\b.* (smaller|most) .*got"):
                function(**{**settings, name: range(much) if of_a_kind else much})
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()
