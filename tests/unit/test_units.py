"""Holds the measures of dead and stuck units to cases whose answer is known."""

import tracemalloc
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaky_lib.units import (
    STUCK_ABSOLUTE,
    STUCK_RELATIVE,
    Watch,
    exactly_zero_share,
    near_zero_share,
    never_positive,
    numerical_gradient,
    stuck,
    unit_gradient_norms,
)

COUNTS = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


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


def test_the_gradient_norm_is_the_length_of_weights_and_bias_together():
    weights = np.array([[[2.0, 0.0, -3.0], [3.0, 0.0, 0.0]], [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]])
    biases = np.array([[[6.0, 0.0, 4.0]], [[0.0, 0.0, -2.0]]])
    np.testing.assert_allclose(unit_gradient_norms(weights, biases), [[7, 0, 5], [0, 1, 2]], rtol=1e-15)


@pytest.mark.parametrize("size", [1e-15, 1.0, 1e20, 1e30])
def test_a_gradient_norm_is_right_for_very_small_and_very_large_float32(size):
    norms = unit_gradient_norms(np.full((4, 1), size, np.float32), np.zeros((1, 1), np.float32))
    assert norms.item() == pytest.approx(2 * size, rel=1e-6, abs=0)


def test_a_huge_gradient_is_not_stuck():
    gradients = np.array([[1e20, 1e25, 0.0]], np.float32)
    norms = unit_gradient_norms(gradients, np.zeros((1, 3), np.float32))
    np.testing.assert_array_equal(stuck(norms[None], relative=1e-9), [[False, False, True]])


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


def test_the_thresholds_can_be_chosen():
    norms = [[1.0, 0.3, 0.05]]
    np.testing.assert_array_equal(stuck(norms, relative=0.1), [[False, False, True]])
    np.testing.assert_array_equal(stuck(norms, relative=0.0, absolute=0.3), [[False, True, True]])
    np.testing.assert_array_equal(stuck(norms, relative=0.0, absolute=0.0), [[False, False, False]])


def test_a_network_is_measured_by_its_own_largest_gradient():
    norms = np.array([[[1.0, 1e-4]], [[1e-4, 1e-4]], [[1e4, 1.0]]])
    np.testing.assert_array_equal(stuck(norms), [[[False, True]], [[False, False]], [[False, True]]])


@given(st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=6), st.sampled_from([2.0**k for k in range(9)]))
def test_stuck_does_not_depend_on_the_scale_of_the_loss(norms, scale):
    norms = np.array([norms])
    np.testing.assert_array_equal(stuck(norms, relative=0.1), stuck(scale * norms, relative=0.1))


@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (2, 0)])
def test_stuck_needs_layers_and_units(shape):
    with pytest.raises(ValueError, match=r"^gradient_norms must have shape .*layers, units.*; got \("):
        stuck(np.ones(shape))


# --- Zeros


def test_zero_shares_count_what_they_say():
    activations = [[0.0, -0.0, 0.04, -0.04], [0.05, -0.05, 1.0, 1e-30]]
    assert exactly_zero_share(activations) == 2 / 8
    assert near_zero_share(activations) == 5 / 8
    assert near_zero_share(activations, within=0.06) == 7 / 8
    assert near_zero_share(activations, within=0.0) == 0
    assert near_zero_share(np.int8([-128, 127])) == 0, "whose distance from 0 is no int8"


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


def test_bias_gradients_that_do_not_fit_the_weights_are_refused():
    with pytest.raises(ValueError, match=r"^bias_gradient must have shape \(3, 1, 2\); got \(3, 2\)"):
        unit_gradient_norms(np.zeros((3, 4, 2)), np.zeros((3, 2)))


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
    assert watch.examples == whole.examples == {"images": 50, "rows": 50}
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
    with pytest.raises(
        ValueError, match=r"^pre_activations of 'conv' must have 4 units on axis 1 \(channels\)"
    ):
        watch.see("conv", np.ones((2, 3, 3, 4)))
    with pytest.raises(
        ValueError, match=r"^weight_gradient of 'conv' must have 4 units .*\(units\).*; got 5"
    ):
        watch.see_gradient("conv", np.ones((5, 4)))
    watch.see_gradient("conv", np.ones((4, 5)))
    with pytest.raises(ValueError, match=r"^weight_gradient of 'conv' must have shape \(4, 5\), as before"):
        watch.see_gradient("conv", np.ones((4, 6)))
    assert watch.examples == {"conv": 2}, "what is refused is not counted"


@pytest.mark.parametrize("layer", [3, None])
def test_a_layer_has_a_name(layer):
    for look in (Watch().see, Watch().see_gradient):
        with pytest.raises(
            TypeError, match=r"^layer must be the name of a layer, a text; got \w+ (3|None)"
        ):
            look(layer, np.ones((2, 2)))


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
        (exactly_zero_share, "activations"),
        (near_zero_share, "activations"),
    ],
)
def test_what_is_no_number_is_counted_as_nothing(count, name):
    with pytest.raises(TypeError, match=f"^{name} must be real numbers .*; got list of dtype <U1"):
        count([["0", "1"]])


@pytest.mark.parametrize("wrong", [np.nan, -0.1, np.inf])
@pytest.mark.parametrize("name", ["relative", "absolute"])
def test_a_threshold_that_nothing_could_pass_is_refused(name, wrong):
    with pytest.raises(ValueError, match=rf"^{name} must be a finite number of at least 0; got {wrong}"):
        stuck([[0.0, 1.0]], **{name: wrong})


@pytest.mark.parametrize("wrong", [np.nan, -1, np.inf])
def test_a_distance_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"^within must be a finite number of at least 0; got {wrong}"):
        near_zero_share([0.0, 2.0], within=wrong)
    with pytest.raises(TypeError, match=r"^within must be a number; got str 'a'"):
        near_zero_share([0.0, 2.0], within="a")


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


@pytest.mark.parametrize("share", [exactly_zero_share, near_zero_share])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_activations_that_diverged_have_no_share_of_zeros(share, wrong):
    with pytest.raises(ValueError, match=r"^activations must be finite; .*: training diverged"):
        share([0.0, wrong])


@pytest.mark.parametrize("share", [exactly_zero_share, near_zero_share])
def test_nothing_has_no_share(share):
    with pytest.raises(ValueError, match=r"^activations must hold at least one number; got shape \(0,\)"):
        share([])


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
        *(exactly_zero_share, near_zero_share),
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
