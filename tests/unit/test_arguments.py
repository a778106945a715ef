"""Holds the checks of arguments to what they let by and how they refuse the rest."""

import itertools
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from leaky_lib import arguments, data, experiments, figures, networks
from leaky_lib.arguments import (
    check_memory,
    finite_number,
    name_among,
    sequence,
    true_or_false,
    whole_number,
)


def not_negative(value: object) -> float:
    return finite_number("noise", value, "of at least 0", lambda noise: noise >= 0)


@pytest.mark.parametrize("value", [2, 5, 10**30, np.int8(5), np.uint64(7), np.array(4)])
def test_a_whole_number_comes_back_as_an_int(value):
    found = whole_number("depth", value, minimum=2, maximum=10**30)
    assert type(found) is int
    assert found == value


@pytest.mark.parametrize("value", [0, 2.5, np.float32(0.5), np.int8(3)])
def test_a_finite_number_comes_back_as_a_float(value):
    found = not_negative(value)
    assert type(found) is float
    assert found == value


@pytest.mark.parametrize("values", [(1, 2), [0.1], range(3), np.arange(2), []])
def test_a_sequence_comes_back_as_a_tuple(values):
    assert sequence("depths", values, minimum=0) == tuple(values)


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_true_and_false_come_back_as_themselves(value):
    assert true_or_false("centred", value) is bool(value)


HUGE = 10**400


@pytest.mark.parametrize(
    ("check", "values", "error", "said"),
    [
        (
            lambda value: whole_number("depth", value, 1),
            [2.0, "2", None, True, np.True_, [2], np.array([2, 3])],
            *(TypeError, "depth must be a whole number; got {kind} "),
        ),
        (
            lambda value: whole_number("depth", value, 1),
            [0, -1],
            ValueError,
            "depth must be at least 1; got {value}",
        ),
        (
            lambda value: whole_number("n", value, 1, 6),
            [7, 9],
            ValueError,
            "n must be at most 6; got {value}",
        ),
        (
            not_negative,
            ["2", None, True, np.True_, [2.0], 1j],
            TypeError,
            "noise must be a number; got {kind} ",
        ),
        (
            not_negative,
            [np.nan, np.inf, -np.inf, -0.5],
            *(ValueError, "noise must be a finite number of at least 0; got {value}"),
        ),
        (
            lambda value: finite_number("noise", value),
            [np.nan, HUGE],
            ValueError,
            "noise must be a finite number; got {value}",
        ),
        (
            lambda value: name_among("data", value, {"moons": 1, "digits": 2}),
            ["mnist", "Moons", None, 3, ["moons"], {}, np.zeros(2)],
            *(ValueError, "data must be one of 'moons', 'digits'; got "),
        ),
        (
            lambda value: sequence("depths", value),
            [2, 0.1, "PReLU", None],
            *(TypeError, "depths must be a sequence, [{value!r}] for one; got {kind}"),
        ),
        (
            lambda value: sequence("depths", value),
            [(), [], range(0)],
            ValueError,
            "depths must name at least 1; got ",
        ),
        (
            lambda value: sequence("depths", value),
            [range(HUGE), range(10**9), itertools.count()],
            *(ValueError, "depths must name at most 100,000; got "),
        ),
        (
            lambda value: true_or_false("centred", value),
            ["no", "False", "", 0, 1, None, np.nan],
            *(TypeError, "centred must be True or False; got {kind}"),
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name_with_what_is_allowed(check, values, error, said):
    for value in values:
        with pytest.raises(error) as caught:
            check(value)
        assert str(caught.value).startswith(said.format(value=value, kind=type(value).__name__))


# --- What would fill the memory


def test_what_fits_is_let_by_and_what_does_not_is_refused_with_its_counts():
    assert check_memory(arguments.MOST_BYTES, seeds=9) is None
    said = (
        r"^seeds or width must be smaller: at most 1 GB of memory is allowed "
        r"\(leaky_lib.arguments.MOST_BYTES\), not 3 GB or more; got seeds=9, width=5$"
    )
    with pytest.raises(ValueError, match=said):
        check_memory(3_000_000_000, seeds=9, depth=1, width=5)


def region_shares(**settings: object) -> np.ndarray:
    return figures.region_shares(networks.initialise([2, 3, 2]), data.load("moons"), **settings)


CONVOLUTIONAL = {"data": "digits", "network": "convolutional"}

TOO_MUCH: list[tuple[Callable, dict[str, object], int]] = [
    (experiments.training_death.live, {"seeds": 1}, 1_000_000),
    (experiments.training_death.live, {"depth": 3}, 10_000_000),
    (experiments.training_death.live, {"width": 3}, 1_000_000),
    (experiments.training_death.live, {"alphas": 1}, 1_000_000),
    (experiments.training_death.live, {"snapshots": 3, "steps": 10**9}, 10**9),
    (experiments.training_death.live, {"width": 3, "depth": 2, **CONVOLUTIONAL}, 100_000),
    (experiments.training_death.live, {"depth": 3, **CONVOLUTIONAL}, 10_000_000),
    (experiments.sweep.live, {"seeds": 1}, 1_000_000),
    (experiments.sweep.live, {"seeds": 1, "data": "moons", "alphas": (0.1,)}, 1_000_000),
    (experiments.sweep.live, {"depths": 1}, 1_000_000),
    (experiments.sweep.live, {"alphas": 1}, 1_000_000),
    (experiments.sweep.live, {"learning_rates": 1}, 1_000_000),
    (experiments.sweep.live, {"width": 3}, 1_000_000),
    (experiments.collapse.live, {"seeds": 1}, 1_000_000),
    (experiments.collapse.live, {"depth": 3}, 10_000_000),
    (experiments.collapse.live, {"examples": 3}, 10**8),
    (experiments.rescue.live, {"seeds": 1}, 1_000_000),
    (experiments.rescue.live, {"width": 3}, 1_000_000),
    (experiments.rescue.live, {"snapshots": 3, "steps": 10**9}, 10**9),
    (experiments.divergence.live, {"seeds": 1}, 1_000_000),
    (experiments.divergence.live, {"depth": 3}, 10_000_000),
    (experiments.divergence.live, {"values": 3}, 1_000_000),
    (experiments.born_dead_bounds, {"width": 3, "depth": 3}, 10_000_000),
    (experiments.signal, {"networks": 3}, 1_000_000),
    (experiments.signal, {"width": 3}, 1_000_000),
    (experiments.signal, {"examples": 3}, 1_000_000),
    (experiments.signal, {"layers": 3}, 10_000_000),
    (experiments.neuron_path, {"learning_rates": 3, "alpha": 0.1}, 10**9),
    (experiments.worker_pool, {"workers": 3}, 1_000_000),
    (networks.initialise, {"seeds": 1, "widths": (2, 3, 2)}, 10_000_000),
    (networks.initialise, {"seeds": range(1), "widths": (2, 3, 2)}, 10_000_000),
    (networks.initialise, {"alpha": 3, "widths": (2, 3, 2)}, 1_000_000),
    (networks.initialise, {"widths": 3}, 1_000_000),
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
