"""Proves that the activation functions are what their formulas say, for every dtype, shape and slope."""

import numpy as np
import pytest
from hypothesis import assume, given
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

FLOATS = (np.float16, np.float32, np.float64)
SLOPES = st.one_of(st.sampled_from([0.0, 1.0, 0.01, -0.5, 2.0]), st.floats(-1e3, 1e3))
ANY_FLOATS = st.sampled_from(FLOATS).flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_side=4)))
FUNCTIONS = [leaky_relu, leaky_relu_derivative, leaky_relu_inverse]


def by_definition(x: np.ndarray, alpha: float) -> np.ndarray:
    """The formula, in the dtype of x; a slope of 0 lets nothing through, not even infinity."""
    alpha = x.dtype.type(alpha)
    with np.errstate(all="ignore"):
        leaked = np.zeros_like(x) if alpha == 0 else alpha * x
    return np.where(x < 0, leaked, x)


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)


@given(x=ANY_FLOATS, alpha=SLOPES)
def test_the_value_is_the_definitions_to_the_last_bit(x, alpha):
    kept = x.copy()
    assert same_bits(leaky_relu(x, alpha), by_definition(x, alpha))
    assert same_bits(x, kept), "the input was changed"


@given(x=ANY_FLOATS)
def test_relu_is_leaky_relu_without_a_leak(x):
    assert same_bits(relu(x), leaky_relu(x, 0.0))
    assert same_bits(relu_derivative(x), leaky_relu_derivative(x, 0.0))


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_slope_of_zero_gives_plain_zeros(dtype):
    outputs = leaky_relu(np.array([-np.inf, -1, -0.0], dtype), 0.0)
    assert np.array_equal(outputs, [0, 0, 0])
    assert not np.signbit(outputs[:2]).any()


@given(x=ANY_FLOATS, alpha=SLOPES)
def test_the_derivative_is_a_step_and_one_at_zero(x, alpha):
    expected = np.where(x >= 0, x.dtype.type(1), x.dtype.type(alpha))
    assert same_bits(leaky_relu_derivative(x, alpha), np.where(np.isnan(x), x, expected))


@given(x=st.floats(-1e3, 1e3), alpha=st.floats(-5, 5))
def test_finite_differences_agree_with_the_derivative(x, alpha):
    h = 1e-4
    assume(abs(x) > h)
    measured = (leaky_relu(x + h, alpha) - leaky_relu(x - h, alpha)) / (2 * h)
    assert measured == pytest.approx(leaky_relu_derivative(x, alpha), abs=1e-6)


@given(
    y=hnp.arrays(np.float64, 5, elements=st.floats(-1e6, 1e6, allow_subnormal=False)),
    alpha=st.floats(1e-3, 1e3),
)
def test_the_inverse_leads_back_and_is_a_leaky_relu_itself(y, alpha):
    assume(np.abs(y)[y != 0].min(initial=1) > 1e-300)
    x = leaky_relu_inverse(y, alpha)
    np.testing.assert_allclose(leaky_relu(x, alpha), y, rtol=1e-15)
    np.testing.assert_allclose(x, leaky_relu(y, 1 / alpha), rtol=1e-15)


@given(x=hnp.arrays(np.float64, 5, elements=st.floats(-1e6, 1e6)), power=st.integers(-20, 20), alpha=SLOPES)
def test_stretching_the_input_stretches_the_output(x, power, alpha):
    assume(np.abs(x)[x != 0].min(initial=1) > 1e-100 and (alpha == 0 or abs(alpha) > 1e-100))
    c = 2.0**power  # a power of two, so that nothing is rounded
    assert np.array_equal(leaky_relu(c * x, alpha), c * leaky_relu(x, alpha))


@given(a=st.floats(-1e6, 1e6), b=st.floats(-1e6, 1e6), alpha=st.floats(0, 1e3))
def test_it_never_falls_and_is_never_steeper_than_its_slopes(a, b, alpha):
    low, high = min(a, b), max(a, b)
    rise = leaky_relu(high, alpha) - leaky_relu(low, alpha)
    assert rise >= 0
    assert rise <= max(1, alpha) * (high - low) * (1 + 1e-12) + 1e-9


@pytest.mark.parametrize("function", FUNCTIONS)
class TestLikeAUfunc:
    def test_floating_dtypes_are_kept(self, function):
        assert [function(np.ones(2, dtype), 0.1).dtype for dtype in FLOATS] == list(FLOATS)
        assert function(np.ones(2, np.float32), np.float64(0.1)).dtype == np.float32

    @pytest.mark.parametrize(
        "x", [[-2, 3], [True, False], np.array([-2, 3], np.int8), np.arange(2, dtype=np.uint8)]
    )
    def test_integers_and_booleans_become_float64(self, function, x):
        outputs = function(x, 0.5)
        assert outputs.dtype == np.float64
        assert np.array_equal(outputs, function(np.array(x, np.float64), 0.5))

    def test_scalars_come_back_as_scalars(self, function):
        for x in (-3, -3.0, np.float32(-3), np.array(-3.0)):
            assert isinstance(function(x, 0.1), np.floating)

    def test_shapes_are_kept_and_alpha_broadcasts(self, function):
        x = np.linspace(-1, 1, 24).reshape(2, 3, 4)
        alphas = np.array([0.1, 0.5, 2.0])
        together = function(x, alphas[:, None])
        for channel, alpha in enumerate(alphas):
            assert np.array_equal(together[:, channel], function(x[:, channel], alpha))
        assert function(np.empty((0, 3)), 0.1).shape == (0, 3)
        assert function(np.array([-1.0]), alphas[:, None]).shape == (3, 1)

    def test_strided_and_reversed_views_give_the_same(self, function):
        x = np.linspace(-1, 1, 20)
        assert np.array_equal(function(x[::-3], 0.1), function(x[::-3].copy(), 0.1))

    def test_out_receives_the_result_and_may_be_the_input(self, function):
        x = np.linspace(-1, 1, 9)
        expected = function(x, 0.1)
        out = np.empty(9)
        assert function(x, 0.1, out=out) is out
        assert np.array_equal(out, expected)
        assert function(x, 0.1, out=x) is x
        assert np.array_equal(x, expected)

    @pytest.mark.parametrize("bad", ["three", None, 1j, [1, "a"], np.array([object()]), [[1, 2], [3]]])
    def test_what_is_no_real_number_is_a_type_error_that_names_it(self, function, bad):
        name = "y" if function is leaky_relu_inverse else "x"
        with pytest.raises(TypeError, match=f"^{name} must be "):
            function(bad, 0.1)
        with pytest.raises(TypeError, match=r"^alpha must be "):
            function(1.0, bad)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, [0.1, np.nan]])
    def test_a_slope_that_is_not_finite_is_refused(self, function, bad):
        with pytest.raises(ValueError, match=r"alpha must be finite.*got .*(nan|inf)"):
            function(np.ones(2), bad)

    def test_a_slope_too_large_for_the_dtype_is_refused(self, function):
        with pytest.raises(ValueError, match="alpha must be finite in float16; got"):
            function(np.ones(2, np.float16), 1e6)

    def test_a_slope_that_does_not_broadcast_is_refused_with_the_shapes(self, function):
        with pytest.raises(ValueError, match=r"alpha of shape \(2,\).*shape \(2, 3\)"):
            function(np.ones((2, 3)), [0.1, 0.2])

    @pytest.mark.parametrize("out", [np.empty(4), np.empty(3, np.float32), np.empty((3, 1))])
    def test_an_out_that_does_not_fit_is_refused(self, function, out):
        with pytest.raises(ValueError, match=r"out must have shape \(3,\) and dtype float64; got"):
            function(np.ones(3), 0.1, out=out)

    def test_an_out_that_is_no_array_is_refused(self, function):
        with pytest.raises(TypeError, match="out must be a NumPy array; got list"):
            function(np.ones(3), 0.1, out=[0, 0, 0])


@pytest.mark.parametrize("alpha", [0.0, -0.5, [0.1, 0.0]])
def test_no_inverse_where_there_is_no_way_back(alpha):
    with pytest.raises(ValueError, match=r"alpha must be greater than 0.*got"):
        leaky_relu_inverse([1.0, 2.0], alpha)


def test_the_usage_example():
    assert leaky_relu([-2, -1, 0, 1, 2], alpha=0.01).tolist() == [-0.02, -0.01, 0.0, 1.0, 2.0]
    assert leaky_relu(-3.0) == -0.03, "the default slope is 0.01"


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.2, 1.0, -0.5, 5.0])
def test_the_gain_keeps_the_mean_square_of_a_signal(alpha):
    from statistics import NormalDist

    bell = np.array([NormalDist().inv_cdf((i + 0.5) / 20_000) for i in range(20_000)])
    mean_square = np.mean(np.square(leaky_relu_gain(alpha) * leaky_relu(bell, alpha)))
    assert mean_square == pytest.approx(1, abs=2e-3)  # the tails beyond the last quantile are missing


def test_the_gain_of_many_slopes_and_of_a_huge_one():
    assert np.allclose(leaky_relu_gain([0.0, 1.0]), [np.sqrt(2), 1.0])
    assert leaky_relu_gain(1e300) == pytest.approx(np.sqrt(2) / 1e300)
    with pytest.raises(ValueError, match="alpha must be finite"):
        leaky_relu_gain(np.nan)
