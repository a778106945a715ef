"""Holds the activation functions to their definitions: values, derivative, inverse, gain, bad input."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from leaky_lib import (
    leaky_relu,
    leaky_relu_derivative,
    leaky_relu_gain,
    leaky_relu_inverse,
    relu,
    relu_derivative,
)
from leaky_lib.activations import CACHED_NUMBERS
from leaky_lib.data import bell

FLOATS = (np.float16, np.float32, np.float64)
UNSIGNED = ("u1", "u2", "u4", "u8")
OF_X_AND_ALPHA = (leaky_relu, leaky_relu_derivative, leaky_relu_inverse)
EVERY_FUNCTION_OF_X = (*OF_X_AND_ALPHA, relu, relu_derivative)
SPECIAL_SLOPES = (0.0, -0.0, 0.01, 0.25, 1.0, 1.5, -0.5, 5e-324, 1e-6, 6e4)


def bits(values: np.ndarray) -> np.ndarray:
    """The bit pattern of every number, with one pattern for all NaNs."""
    values = np.array(values, order="C")
    values[np.isnan(values)] = np.nan
    return values.view(UNSIGNED[values.itemsize.bit_length() - 1])


def assert_same_bits(actual: np.ndarray, expected: np.ndarray) -> None:
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(bits(actual), bits(expected))


def definition(x: np.ndarray, alpha: object) -> np.ndarray:
    """The notebooks' own line, and +0.0 on the negative side where the slope is 0."""
    alpha = np.asarray(alpha).astype(x.dtype)
    with np.errstate(all="ignore"):
        negative_side = np.where(alpha == 0, x.dtype.type(0), alpha * x)
    result = np.where(np.isnan(x) | (x >= 0), x, negative_side)
    # A zero that comes in, of either sign, is a zero that goes out: IEEE 754 leaves max(-0, +0) open.
    return np.where(x == 0, x.dtype.type(0), result).astype(x.dtype)


def unsigned_zero_for_zero(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Take the sign off the zeros that come of a zero, and off no other."""
    return np.where((x == 0) & (y == 0), y.dtype.type(0), y)


@st.composite
def x_with_alpha(draw: st.DrawFn, slopes: st.SearchStrategy[float] | None = None) -> tuple:
    """An array of some dtype and shape, and finite slopes that broadcast against it."""
    dtype = draw(st.sampled_from(FLOATS))
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
    x_shape, alpha_shape = shapes.input_shapes
    x = draw(hnp.arrays(dtype, x_shape))
    width = np.dtype(dtype).itemsize * 8
    if slopes is None:
        finite = st.floats(allow_nan=False, allow_infinity=False, width=width)
        slopes = st.sampled_from(SPECIAL_SLOPES) | finite
    alpha = draw(hnp.arrays(np.float64, alpha_shape, elements=slopes))
    return x, alpha if draw(st.booleans()) else alpha.astype(dtype)


@given(x_with_alpha())
@example((np.array([-np.inf, -1, 0, 1, np.inf, np.nan], np.float32), np.array(0.0)))
@example((np.array([[-np.inf], [np.nan], [-3.0]]), np.array([0.0, 1.0, 2.0, -1.0])))
@example((np.array([[-np.inf], [np.nan], [-3.0], [np.inf]], np.float32), np.array([0.0, 0.01, 1.0])))
def test_the_value_is_the_definition_to_the_last_bit(case):
    x, alpha = case
    y = np.asarray(leaky_relu(x, alpha))
    assert_same_bits(unsigned_zero_for_zero(np.broadcast_to(x, y.shape), y), definition(x, alpha))


@given(x_with_alpha(st.just(0.0)))
def test_relu_is_leaky_relu_of_slope_zero(case):
    x, _ = case
    assert_same_bits(unsigned_zero_for_zero(x, np.asarray(relu(x))), definition(x, 0.0))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("alpha", [0, 0.0, -0.0, [0.0], [0.0, 0.5]])
def test_slope_zero_gives_plus_zero_even_for_minus_infinity(dtype, alpha):
    x = np.array([[-np.inf], [-1.0], [np.finfo(dtype).min]], dtype)
    of_slope_zero = leaky_relu(x, alpha)[:, 0]
    assert_same_bits(of_slope_zero, np.zeros(3, dtype))


@given(x_with_alpha())
def test_the_derivative_is_its_definition(case):
    x, alpha = case
    slope = np.where(x >= 0, x.dtype.type(1), alpha.astype(x.dtype))
    expected = np.where(np.isnan(x), x, slope)
    assert_same_bits(np.asarray(leaky_relu_derivative(x, alpha)), expected)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, False])
@pytest.mark.parametrize("alpha", [-1, 0, 0.01, 1, 3])
def test_the_derivative_at_zero_is_one(zero, alpha):
    assert leaky_relu_derivative(zero, alpha) == 1
    assert relu_derivative(zero) == 1


@given(
    st.floats(-1e3, 1e3).filter(lambda x: abs(x) > 1e-3),
    st.floats(-1e3, 1e3),
)
def test_the_derivative_is_the_limit_of_finite_differences(x, alpha):
    h = 2.0**-11  # below the smallest |x|: both ends on one side of the bend
    difference = (leaky_relu(x + h, alpha) - leaky_relu(x - h, alpha)) / (2 * h)
    rounding = 4 * np.finfo(float).eps * (abs(x) + h) * max(1, abs(alpha)) / (2 * h)
    assert abs(difference - leaky_relu_derivative(x, alpha)) <= rounding


@pytest.mark.parametrize("function", EVERY_FUNCTION_OF_X)
@pytest.mark.parametrize(
    ("given_x", "dtype"),
    [
        *((np.array([-2, 0, 3], kind), kind) for kind in FLOATS),
        *((np.array([2, 0, 3], kind), np.float64) for kind in (np.int8, np.uint16, np.int64, np.bool_)),
        ([-2, 0, 3], np.float64),
        ((-2.0, True, 3), np.float64),
        ([], np.float64),
        (np.empty((2, 0, 3), np.float32), np.float32),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_dtype_and_shape_are_a_ufuncs(function, given_x, dtype):
    y = function(given_x)
    assert isinstance(y, np.ndarray)
    assert y.dtype == dtype
    assert y.shape == np.shape(given_x)


@pytest.mark.parametrize("function", EVERY_FUNCTION_OF_X)
@pytest.mark.parametrize(
    ("scalar", "kind"),
    [(-2, np.float64), (2.5, np.float64), (True, np.float64), (np.array(-1.0), np.float64)]
    + [(kind(-1), kind) for kind in FLOATS],
)
def test_a_scalar_gives_a_numpy_scalar(function, scalar, kind):
    assert type(function(scalar)) is kind


@pytest.mark.parametrize("function", OF_X_AND_ALPHA)
@given(case=x_with_alpha(st.floats(0.01, 3)))
@settings(max_examples=40)
def test_alpha_broadcasts_as_its_full_array_would(function, case):
    x, alpha = case
    y = np.asarray(function(x, alpha))
    one_by_one = [function(*pair) for pair in np.nditer([x, alpha], flags=["zerosize_ok"])]
    assert y.shape == np.broadcast_shapes(x.shape, alpha.shape)
    assert_same_bits(y.ravel(), np.array(one_by_one, y.dtype))


@pytest.mark.parametrize("function", OF_X_AND_ALPHA)
@given(case=x_with_alpha(st.floats(0.01, 3)))
@settings(max_examples=40)
def test_the_inputs_stay_as_they_are(function, case):
    x, alpha = case
    x.flags.writeable = alpha.flags.writeable = False
    before = x.copy(), alpha.copy()
    y = np.asarray(function(x, alpha))
    assert_same_bits(x, before[0])
    assert_same_bits(alpha, before[1])
    assert not np.shares_memory(x, y)
    assert not np.shares_memory(alpha, y)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0, 2.0])
def test_a_long_array_is_the_definition_too(dtype, alpha):
    """More than one part, no whole number of parts, special numbers at the seam."""
    x = np.random.default_rng(0).normal(size=3 * CACHED_NUMBERS + 3).astype(dtype)
    x[CACHED_NUMBERS - 2 : CACHED_NUMBERS + 2] = -np.inf, np.nan, -1, np.inf
    for laid_out in (x, x.reshape(1, -1), x[::-1].copy()[::-1], np.stack([x, x]).T[:, 0]):
        assert_same_bits(leaky_relu(laid_out, alpha).reshape(-1), definition(x, alpha))


@given(x_with_alpha(st.floats(2**-7, 2**7)))
def test_the_inverse_leads_back(case):
    x, alpha = case
    info = np.finfo(x.dtype)
    # Inside this range neither alpha * x nor the way back leaves the normal numbers.
    assume(np.all((x == 0) | ((abs(x) > 2.0**8 * info.tiny) & (abs(x) < info.max / 2.0**8))))
    back = leaky_relu_inverse(leaky_relu(x, alpha), alpha)
    expected = np.broadcast_to(x, np.shape(back))
    # One rounding on the way there, one on the way back.
    np.testing.assert_array_less(abs(back - expected), 2 * np.spacing(abs(expected)) + info.tiny)


@given(x_with_alpha(st.sampled_from([2.0**power for power in range(-8, 9)])))
def test_the_inverse_is_a_leaky_relu_of_slope_one_over_alpha(case):
    y, alpha = case
    # 1 / alpha is exact for a power of two, so the two agree to the last bit.
    assert_same_bits(np.asarray(leaky_relu_inverse(y, alpha)), np.asarray(leaky_relu(y, 1 / alpha)))


@given(st.floats(-1e6, 1e6))
def test_the_gain_is_hes_formula(alpha):
    gain = leaky_relu_gain(alpha)
    assert type(gain) is np.float64
    assert gain == pytest.approx((2 / (1 + alpha**2)) ** 0.5, rel=4e-15, abs=0)


@pytest.mark.parametrize("alpha", [-1.0, 0.0, 0.01, 0.3, 1.0, 2.0])
def test_the_gain_keeps_the_mean_square_of_a_normal_signal(alpha):
    z = bell(20_000)
    mean_square = np.mean(leaky_relu(z, alpha) ** 2)
    assert mean_square == pytest.approx((1 + alpha**2) / 2, rel=1e-3)
    assert leaky_relu_gain(alpha) ** 2 * mean_square == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_gain_of_a_huge_slope_is_small_and_not_zero(dtype):
    steepest = np.finfo(dtype).max
    gain = leaky_relu_gain(np.array([steepest]))
    assert gain.dtype == dtype
    assert 0 < gain[0] < 2 / float(steepest)


def test_the_sources_example():
    y = leaky_relu([-2, -1, 0, 1, 2], 0.01)
    np.testing.assert_array_equal(y, [-0.02, -0.01, 0, 1, 2], strict=True)
    np.testing.assert_array_equal(leaky_relu([-2, -1, 0, 1, 2]), y)
    np.testing.assert_array_equal(relu([-2, -1, 0, 1, 2]), [0, 0, 0, 1, 2])
    np.testing.assert_array_equal(leaky_relu_derivative([-2, -1, 0, 1, 2]), [0.01, 0.01, 1, 1, 1])
    np.testing.assert_array_equal(leaky_relu_inverse([-0.02, -0.01, 0, 1, 2]), [-2, -1, 0, 1, 2])


def test_numbers_beyond_the_range_give_infinity_and_no_warning(recwarn):
    assert leaky_relu(-1e300, 1e300) == -np.inf
    assert leaky_relu(-1e300, -1e300) == np.inf
    assert leaky_relu_inverse(-1e300, 1e-300) == -np.inf
    assert leaky_relu(np.float16(-6e4), 2) == -np.inf
    assert [str(warning.message) for warning in recwarn] == []


NOT_REAL = [
    ("abc", "str"),
    (["1", "2"], "list"),
    (None, "NoneType"),
    (1j, "complex"),
    (np.array([1 + 0j], np.complex64), "complex64"),
    (np.array([1, None]), "object"),
    ({1: 2}, "dict"),
    (np.datetime64("2020-01-01"), "datetime64"),
    ([[1], [1, 2]], "ragged"),
    (np.ma.masked_equal([1.0, 2.0], 2), "1 masked"),
]


@pytest.mark.parametrize(("value", "came"), NOT_REAL, ids=[came for _, came in NOT_REAL])
@pytest.mark.parametrize("function", OF_X_AND_ALPHA)
def test_what_is_not_real_numbers_is_refused(function, value, came):
    name = "y" if function is leaky_relu_inverse else "x"
    for called, call in (
        (name, lambda: function(value)),
        ("alpha", lambda: function(1.0, value)),
        ("alpha", lambda: leaky_relu_gain(value)),
    ):
        with pytest.raises(TypeError, match=rf"^{called} must be .*real numbers.*got .*{came}"):
            call()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("function", [*OF_X_AND_ALPHA, lambda _, alpha: leaky_relu_gain(alpha)])
@pytest.mark.parametrize("wrap", [float, lambda bad: [0.1, bad]])
def test_a_slope_that_is_infinite_or_nan_is_refused(function, bad, wrap):
    with pytest.raises(ValueError, match=rf"^alpha must be finite.*got .*{bad}"):
        function(1.0, wrap(bad))


@pytest.mark.parametrize("function", OF_X_AND_ALPHA)
def test_a_slope_too_large_for_the_dtype_is_refused(function):
    with pytest.raises(ValueError, match=r"^alpha must be finite in float16; got 1000000"):
        function(np.float16(1), 1e6)


@pytest.mark.parametrize("function", OF_X_AND_ALPHA)
@pytest.mark.parametrize("alpha", [[0.1, 0.2], np.full((2, 2), 0.1), np.full((4, 1, 2), 0.1)])
def test_a_slope_that_does_not_broadcast_is_refused_with_both_shapes(function, alpha):
    x = np.zeros((5, 3))
    with pytest.raises(ValueError, match=r"^alpha of shape \(.*does not broadcast.*\(5, 3\).*equal or 1"):
        function(x, alpha)


@pytest.mark.parametrize("alpha", [0, -0.0, -0.01, [0.1, 0.0], [0.1, -2]])
def test_no_inverse_without_a_positive_slope(alpha):
    with pytest.raises(ValueError, match=r"^alpha must be greater than 0 .*got"):
        leaky_relu_inverse([1.0, 2.0], alpha)
