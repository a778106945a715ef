"""Proves that the measures count what they say, and that intervals cover as often as they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaky_lib.diagnostics import (
    Estimate,
    bootstrap_interval,
    exactly_zero_share,
    near_zero_share,
    never_positive,
    numerical_gradient,
    stuck,
    unit_gradient_norms,
    wilson_interval,
)


def test_a_unit_is_never_positive_only_if_no_example_is():
    z = np.array([[-1.0, 2.0, 0.0, -1.0, np.nan], [-3.0, -1.0, 0.0, 1e-30, -1.0]])
    assert never_positive(z).tolist() == [True, False, True, False, False]
    assert never_positive(np.stack([z, -z])).shape == (2, 5)


@pytest.mark.parametrize("bad", [[1.0, 2.0], np.empty((0, 3)), 3.0])
def test_never_positive_wants_examples_by_units(bad):
    with pytest.raises(
        ValueError, match=r"pre_activations must have shape \(\.\.\., examples, units\).*got"
    ):
        never_positive(bad)


def test_gradient_norms_take_weights_and_bias_together():
    weights, bias = np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([[4.0, 2.0]])
    assert unit_gradient_norms(weights, bias).tolist() == [5.0, 2.0]


def test_stuck_is_relative_to_the_network_or_below_a_floor():
    norms = np.array([[1.0, 1e-2, 1e-3, 1e-4], [0.0, 0.5, 2e-3, 1.0]])
    assert stuck(norms).tolist() == [[False, False, True, True], [True, False, False, False]]
    assert stuck(np.array([[1e-9, 1e-9]])).all(), "the absolute floor"
    assert stuck(np.array([[[1.0, 1.0]], [[1e-6, 1e-6]]])).sum() == 0, "another network is no measure"
    assert stuck(norms, relative=0.1).sum() == 5
    with pytest.raises(ValueError, match=r"gradient_norms must have shape .*got \(2,\)"):
        stuck([1.0, 2.0])


def test_zeros_exact_and_near():
    activations = [0.0, -0.0, 0.01, -0.04, 0.05, 1.0, -2.0, 0.2]
    assert exactly_zero_share(activations) == 0.25
    assert near_zero_share(activations) == 0.5
    assert near_zero_share(activations, within=0.3) == 0.75


def test_numerical_gradients_of_functions_known_by_heart():
    at = np.array([[0.5, -1.0], [2.0, 0.0]])
    np.testing.assert_allclose(numerical_gradient(lambda v: (v**3).sum(), at), 3 * at**2, atol=1e-6)
    assert numerical_gradient(lambda v: float(np.sin(v)), 0.0) == pytest.approx(1.0)
    for h in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="h must be a finite number greater than 0; got"):
            numerical_gradient(np.sum, at, h=h)


def test_wilson_agrees_with_a_published_example():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, and 15 of 148, and 0 of 20.
    for k, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        assert wilson_interval(k, n) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(n=st.integers(1, 10_000), part=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_wilson_stays_between_0_and_1_around_the_share(n, part, confidence):
    k = round(part * n)
    low, high = wilson_interval(k, n, confidence)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1
    wider = wilson_interval(k, n, (1 + confidence) / 2)
    assert wider[0] <= low + 1e-12
    assert high <= wider[1] + 1e-12


@pytest.mark.parametrize("p", [0.05, 0.3, 0.9])
def test_wilson_covers_about_as_often_as_it_says(p):
    k = np.random.default_rng(0).binomial(50, p, 20_000)
    low, high = wilson_interval(k, 50)
    # Wilson's coverage swings around 95 % with p; over these it stays within 92 and 98.
    assert 0.92 < np.mean((low <= p) & (p <= high)) < 0.98


def test_the_bootstrap_covers_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits = [
        low <= 1.0 <= high for low, high in (bootstrap_interval(rng.normal(1, 2, 40)) for _ in range(400))
    ]
    assert 0.90 < np.mean(hits) < 0.98


def test_the_bootstrap_is_the_same_twice_and_exact_without_spread():
    values = np.random.default_rng(2).normal(size=30)
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values, seed=1) != bootstrap_interval(values)
    assert bootstrap_interval([0.5] * 4) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wilson_interval(3, 2), "need 0 <= successes <= trials"),
        (lambda: wilson_interval(0, 0), "trials >= 1"),
        (lambda: wilson_interval(-1, 2), "need 0 <= successes"),
        (lambda: wilson_interval(1, 2, 1.0), "confidence must be between 0 and 1; got 1.0"),
        (lambda: bootstrap_interval([]), "values must be one number per network"),
        (lambda: bootstrap_interval([[1.0]]), r"got shape \(1, 1\)"),
        (lambda: bootstrap_interval([1.0], confidence=95), "confidence must be between 0 and 1; got 95"),
    ],
)
def test_bad_counts_and_confidences_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_an_estimate_is_shown_with_its_interval_and_none_as_a_dash():
    share = Estimate.of_share(30, 100)
    assert f"{share:.2f}" == "0.30 [0.22, 0.40]"
    assert share.networks == 100
    mean = Estimate.of_mean([1.0, 2.0, 3.0])
    assert (mean.value, mean.networks) == (2.0, 3)
    assert mean.low < 2 < mean.high
    for nothing in (Estimate.of_mean([]), Estimate.of_share(0, 0)):
        assert f"{nothing:.2f}" == "–"
        assert np.isnan(nothing.value)
