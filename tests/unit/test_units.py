"""Holds the measures of dead and stuck units to cases whose answer is known."""

import tracemalloc
from math import inf, nan

import numpy as np
import pytest

from leaky_lib.networks import Trace
from leaky_lib.take_home import Watch
from leaky_lib.units import (
    STUCK_ABSOLUTE,
    STUCK_RELATIVE,
    hidden_gradient_norms,
    never_positive,
    numerical_gradient,
    stuck,
)

# --- Never positive


def test_a_unit_is_never_positive_when_no_example_lifts_it_above_zero():
    z = [
        [-1.0, 0.0, -1.0, -1e-30, nan, -inf, inf],
        [-2.0, 0.0, 1e-30, -0.0, -1.0, -1.0, -1.0],
    ]
    np.testing.assert_array_equal(never_positive(z), [True, True, False, True, False, True, False])


def test_never_positive_looks_at_examples_and_keeps_all_other_axes():
    z = np.full((2, 3, 5, 4), -1.0)
    z[1, 2, 4, 3] = 0.1
    answer = never_positive(z)
    assert answer.shape == (2, 3, 4)
    assert answer.dtype == bool
    assert np.argwhere(~answer).tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("shape", [(), (3,), (0, 3), (2, 0, 3)])
def test_never_positive_needs_examples_and_units(shape):
    with pytest.raises(ValueError, match=r"^pre_activations must have shape .*at least one.*; got \("):
        never_positive(np.zeros(shape))


# --- Gradient norms


@pytest.mark.parametrize("size", [1e-15, 1.0, 1e20, 1e30])
def test_the_gradient_norm_is_the_length_of_weights_and_bias_together(size):
    trace = Trace(layers=2)
    weights = size * np.array([[[2.0, 0.0, -3.0], [3.0, 0.0, 0.0]]], np.float32)
    trace.weight_gradients[0] = weights
    trace.bias_gradients[0] = size * np.array([[[6.0, 0.0, 4.0]]], np.float32)
    norms = hidden_gradient_norms(trace)
    np.testing.assert_allclose(norms, size * np.array([[[7, 0, 5]]]), rtol=1e-6)
    assert stuck(norms).tolist() == [[[size < 1e-8, True, size < 1e-8]]]


# --- Stuck


def test_stuck_compares_with_the_largest_of_the_network():
    largest = 2.0
    limit = STUCK_RELATIVE * largest
    norms = [[[largest, limit, limit * 1.001], [limit * 0.999, 0.0, 1.0]]]
    np.testing.assert_array_equal(stuck(norms), [[[False, True, False], [True, True, False]]])


def test_stuck_has_a_floor_below_which_the_others_do_not_matter():
    norms = [[STUCK_ABSOLUTE, STUCK_ABSOLUTE * 1.001, STUCK_ABSOLUTE * 0.999, 0.0]]
    np.testing.assert_array_equal(stuck(norms), [[True, False, True, True]])
    np.testing.assert_array_equal(stuck(np.zeros((2, 3))), np.ones((2, 3), bool))


def test_a_network_is_measured_by_its_own_largest_gradient():
    norms = np.array([[[1.0, 1e-4]], [[1e-4, 1e-4]], [[1e4, 1.0]]])
    np.testing.assert_array_equal(stuck(norms), [[[False, True]], [[False, False]], [[False, True]]])


@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (2, 0)])
def test_stuck_needs_layers_and_units(shape):
    with pytest.raises(ValueError, match=r"^gradient_norms must have shape .*layers, units.*; got \("):
        stuck(np.ones(shape))


# --- Numerical gradients


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_numerical_gradients_divide_by_the_step_that_the_machine_took(size):
    np.testing.assert_allclose(numerical_gradient(np.sum, [size], h=1e-6), 1, rtol=1e-9)


def test_a_step_that_the_machine_cannot_take_is_refused():
    with pytest.raises(ValueError, match=r"h must be large enough to change every number of at; got 1e-06"):
        numerical_gradient(np.sum, [0.0, 1e12])


def test_a_function_that_works_in_place_has_its_gradient_too():
    at = [1.0, -2.0, 0.5]
    gradient = numerical_gradient(lambda v: np.square(v, out=v).sum(), at)
    np.testing.assert_allclose(gradient, [2, -4, 1], rtol=1e-6)


def test_numerical_gradients_of_functions_known_by_heart():
    at = np.array([[0.5, -1.0], [2.0, 0.0]])
    np.testing.assert_allclose(numerical_gradient(lambda v: (v**3).sum(), at), 3 * at**2, atol=1e-6)
    assert numerical_gradient(lambda v: float(np.sin(v)), 0.0) == pytest.approx(1.0)
    for h in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="h must be a finite number greater than 0; got"):
            numerical_gradient(np.sum, at, h=h)


# --- For any framework


def never_positive_units(z: object, channels: int = -1) -> np.ndarray:
    """What a `Watch` says of one layer that it sees once."""
    watch = Watch(channels=channels)
    watch.see("layer", z)
    return watch.never_positive["layer"]


def stuck_units(layers: list, units: int = 0) -> list[np.ndarray]:
    """What a `Watch` says of the gradients of some layers."""
    watch = Watch(units=units)
    for number, gradient in enumerate(layers):
        watch.see_gradient(str(number), gradient)
    return list(watch.stuck.values())


def test_a_watch_counts_units_of_dense_layers_and_of_images():
    z = np.array([[-1.0, 0.5, 0.0], [-2.0, -1.0, -3.0]])
    assert never_positive_units(z).tolist() == [True, False, True]
    assert never_positive_units(z.T, channels=0).tolist() == [True, False, True]
    images = -np.ones((4, 3, 5, 5))
    images[2, 1, 4, 4] = 0.1
    assert never_positive_units(images, channels=1).tolist() == [True, False, True]
    assert never_positive_units(images, channels=-3).tolist() == [True, False, True]
    assert never_positive_units(np.moveaxis(images, 1, -1)).tolist() == [True, False, True], (
        "by default the last axis"
    )
    assert never_positive_units(z.T, channels=-2).tolist() == [True, False, True]


def test_batches_are_counted_like_the_whole():
    rng = np.random.default_rng(0)
    images, rows = rng.standard_normal((50, 6, 3, 3)) - 2.2, rng.standard_normal((50, 40)) - 2
    gradient = rng.standard_normal((5, 40, 30)) * 10.0 ** rng.uniform(-6, 0, 40)[:, np.newaxis]
    whole, watch = Watch(channels=1, units=0), Watch(channels=1, units=0)
    for part in np.array_split(range(50), 7):
        watch.see("images", images[part])
        watch.see("rows", rows[part])
    for part in gradient:
        watch.see_gradient("rows", part)
    whole.see("images", images)
    whole.see("rows", rows)
    whole.see_gradient("rows", gradient.sum(axis=0))
    assert watch.summary() == whole.summary()
    np.testing.assert_array_equal(watch.never_positive["rows"], never_positive(rows))
    assert 0 < watch.never_positive["rows"].sum() < 40
    np.testing.assert_array_equal(watch.stuck["rows"], whole.stuck["rows"])
    assert 0 < watch.stuck["rows"].sum() < 40


def test_a_watch_shows_a_row_for_each_layer_and_what_it_was_shown():
    watch = Watch()
    assert watch.summary().rows == ()
    watch.see("first", [[1.0, -1.0], [2.0, 0.0]])
    watch.see("second", [[-1.0, -1.0, -1.0, 4.0]])
    assert str(watch.summary()) == ("layer   units  never positive\nfirst   2      50%\nsecond  4      75%")
    watch.see_gradient("first", [[1.0, 0.0], [2.0, 0.0], [1.0, 1e-4]])
    assert watch.summary().columns == ("layer", "units", "never positive", "stuck")
    assert [row[3] for row in watch.summary().rows] == ["50%", "–"]


def test_a_watch_needs_no_more_memory_for_more_batches():
    watch, z = Watch(), np.random.default_rng(0).standard_normal((1000, 50))
    watch.see("layer", z)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(50):
            watch.see("layer", z)
        assert tracemalloc.get_traced_memory()[0] - before < 5_000
    finally:
        tracemalloc.stop()


def test_what_does_not_fit_the_layer_as_it_was_is_named():
    watch = Watch(channels=1, units=0)
    watch.see("conv", np.ones((2, 4, 3, 3)))
    with pytest.raises(ValueError, match=r"^pre_activations of 'conv' must have 4 units, as before; got 3"):
        watch.see("conv", np.ones((2, 3, 3, 4)))
    watch.see_gradient("conv", np.ones((4, 5)))
    with pytest.raises(ValueError, match=r"^weight_gradient of 'conv' must have shape \(4, 5\), as before"):
        watch.see_gradient("conv", np.ones((4, 6)))


def test_stuck_units_by_either_layout():
    gradient = np.array([[0.0, 0.0], [1.0, 1.0], [1e-4, 0.0]])
    for (mask,) in (stuck_units([gradient]), stuck_units([gradient.T], units=-1)):
        assert mask.tolist() == [True, False, True]


def test_stuck_units_are_those_of_our_own_networks():
    """The same measure as `stuck`: against the largest gradient of the network, not of the layer."""
    rng = np.random.default_rng(0)
    layers = [10.0 ** rng.uniform(-9, 0, (6, 1)) * rng.standard_normal((6, fan_in)) for fan_in in (2, 6, 6)]
    layers[1] *= 1e-4
    norms = np.stack([np.sqrt(np.square(layer).sum(axis=1)) for layer in layers])
    np.testing.assert_array_equal(stuck_units(layers), stuck(norms))
    assert stuck_units(layers)[1].all()
    assert [len(mask) for mask in stuck_units([np.ones((4, 2)), np.ones((7, 4))])] == [4, 7]


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros((0, 3))])
def test_what_is_no_layer_is_named(bad):
    with pytest.raises(ValueError, match=r"^pre_activations of 'layer' must have two axes or more"):
        never_positive_units(bad)
    with pytest.raises(ValueError, match=r"^weight_gradient of '1' must have two axes or more"):
        stuck_units([np.ones((2, 2)), bad])


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_stuck_units_are_found_in_a_gradient_whose_square_is_none(size):
    (mask,) = stuck_units([size * np.array([[0.0, 1.0], [2.0, 1.0]])], units=1)
    assert mask.tolist() == [size < 1] * 2
    (mask,) = stuck_units([size * np.array([[0.0, 1e-6], [2.0, 1.0]])])
    assert mask.tolist() == [True, size < 1], "below 1e-8 every unit is"


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (never_positive, "pre_activations"),
        (never_positive_units, "pre_activations of 'layer'"),
        (stuck, "gradient_norms"),
        (lambda texts: stuck_units([texts]), "weight_gradient of '0'"),
    ],
)
def test_what_is_no_number_is_counted_as_nothing(count, name):
    with pytest.raises(TypeError, match=f"^{name} must be real numbers .*; got list of dtype <U1"):
        count([["0", "1"]])


@pytest.mark.parametrize(
    ("axis", "error", "said"),
    [
        ("a", TypeError, "a whole number; got str"),
        (0.5, TypeError, "a whole number; got float"),
        (True, TypeError, "a whole number; got bool"),
        (2, ValueError, "at most 1; got 2"),
        (-3, ValueError, "at least -2; got -3"),
    ],
)
def test_an_axis_that_is_none_is_refused(axis, error, said):
    with pytest.raises(error, match=f"^channels must be {said}"):
        never_positive_units(np.ones((2, 3)), channels=axis)
    with pytest.raises(error, match=f"^units must be {said}"):
        stuck_units([np.ones((2, 3))], units=axis)


@pytest.mark.parametrize(
    ("function", "returned"),
    [
        (np.square, r"shape \(2,\) of dtype float64"),
        (lambda v: None, r"shape \(\) of dtype object"),
        (lambda v: "1", r"shape \(\) of dtype <U1"),
    ],
)
def test_a_function_that_gives_no_single_number_has_no_gradient(function, returned):
    with pytest.raises(TypeError, match=f"^function must return one number; got {returned}"):
        numerical_gradient(function, [1.0, 2.0])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_numbers_that_diverged_are_named_and_not_counted(wrong):
    bad = np.array([[1.0, wrong], [0.5, 2.0]])
    for count, numbers in ((never_positive_units, bad), (stuck_units, [bad])):
        with pytest.raises(ValueError, match="must be finite"):
            count(numbers)


@pytest.mark.parametrize(
    "measure",
    [
        *(never_positive, never_positive_units, lambda z: never_positive_units(z, channels=1)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8])
def test_an_array_is_measured_without_a_copy_of_it(measure, dtype):
    z = np.ones((500, 8, 16, 16), dtype)
    tracemalloc.start()
    try:
        measure(z)
        assert tracemalloc.get_traced_memory()[1] < z.nbytes / 4
    finally:
        tracemalloc.stop()


def test_of_a_number_format_that_numpy_cannot_read_the_framework_names_the_cast():
    torch = pytest.importorskip("torch", reason="PyTorch is an optional peer")
    with pytest.raises(
        TypeError, match=r"^pre_activations of 'layer' must be real numbers; got Tensor: .*BFloat16"
    ):
        never_positive_units(torch.zeros(2, 2, dtype=torch.bfloat16))
