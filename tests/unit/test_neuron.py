"""Holds one neuron, and networks that are born dead, to the theory."""

from itertools import pairwise

import numpy as np
import pytest

from leaky_lib import leaky_relu
from leaky_lib.experiments import born_dead_bounds, neuron_path
from leaky_lib.experiments.neuron import NEURON_EXAMPLES
from leaky_lib.units import numerical_gradient


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
        assert path.gradients[-1].tolist() == [0, 0]
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
