"""Holds the stacked ensemble to single networks, its gradients to finite differences, its start to He."""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given
from hypothesis import strategies as st

from leaky_lib import leaky_relu_gain, parallel
from leaky_lib.family import gain_of
from leaky_lib.networks import (
    Ensemble,
    backward,
    forward,
    in_chunks,
    initialise,
    outputs,
)
from leaky_lib.parallel import on_all_cores, usable_threads
from leaky_lib.training import gradients_of_loss, loss_for

MIXED = (0.0, 0.01, 1.0, -0.5, 1.5)


def examples_for(ensemble: Ensemble, kind: str, count: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Random inputs with labels or real-valued targets."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((count, ensemble.inputs))
    if kind == "labels":
        return x, rng.integers(0, ensemble.outputs, count)
    return x, rng.standard_normal((count, ensemble.outputs))


def parameters_of(ensemble: Ensemble) -> tuple[np.ndarray, ...]:
    return (*ensemble.weights, *ensemble.biases)


def assert_same_networks(one: Ensemble, other: Ensemble) -> None:
    for ours, theirs in zip(
        (*parameters_of(one), *one.alphas), (*parameters_of(other), *other.alphas), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs, strict=True)


def single_networks(ensemble: Ensemble) -> Iterator[tuple[list, list, list]]:
    """Weights, biases and slopes of one network after the other, as matrices, vectors and numbers."""
    for member in np.ndindex(ensemble.members):
        yield (
            [weight[member] for weight in ensemble.weights],
            [bias[member][0] for bias in ensemble.biases],
            [alpha[member].item() for alpha in ensemble.alphas],
        )


def pass_through_one(weights: list, biases: list, alphas: list, x: np.ndarray, y: np.ndarray) -> tuple:
    """One network as it stands on a blackboard: pre-activations, and gradients of the loss."""
    h, zs, hs = x, [], []
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        hs.append(h)
        z = h @ weight + bias
        zs.append(z)
        if layer < len(alphas):
            h = np.where(z >= 0, z, alphas[layer] * z)
    if y.ndim == 1:
        odds = np.exp(z)
        error = (odds / odds.sum(axis=1, keepdims=True) - np.eye(z.shape[1])[y]) / len(y)
    else:
        error = (z - y) / y.size
    gradients = []
    for layer in reversed(range(len(weights))):
        gradients.insert(0, (hs[layer].T @ error, error.sum(axis=0)))
        if layer:
            error = (error @ weights[layer].T) * np.where(zs[layer - 1] > 0, 1, alphas[layer - 1])
    return zs, gradients


@pytest.mark.parametrize("kind", ["labels", "targets"])
@pytest.mark.parametrize("widths", [(3, 2), (3, 4, 2), (2, 5, 4, 3), (2, 3, 3, 3, 3, 2)])
@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0, MIXED, "ELU", "GELU", "SiLU"])
def test_gradients_agree_with_finite_differences(kind, widths, alpha):
    function = alpha if isinstance(alpha, str) else None
    slope = 0.0 if function else alpha
    start = {"alpha": slope, "bias": 0.1, "dtype": np.float64, "function": function}
    ensemble = initialise(widths, seeds=2, seed=1, **start)
    x, y = examples_for(ensemble, kind)
    _, trace = gradients_of_loss(ensemble, x, y)
    h = 1e-6
    # No pre-activation may cross the bend while a parameter is moved by h.
    assert all(abs(z).min() > 10 * h for z in trace.pre_activations[:-1])
    analytic = [gradient.copy() for gradient in (*trace.weight_gradients, *trace.bias_gradients)]
    for parameter, gradient in zip(parameters_of(ensemble), analytic, strict=True):
        for entry in np.ndindex(parameter.shape[-2:]):
            at = (..., *entry)
            start = parameter[at].copy()
            parameter[at] = start + h
            above, _ = gradients_of_loss(ensemble, x, y)
            parameter[at] = start - h
            below, _ = gradients_of_loss(ensemble, x, y)
            parameter[at] = start
            np.testing.assert_allclose(gradient[at], (above - below) / (2 * h), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", ["labels", "targets"])
@pytest.mark.parametrize("alpha", [0.01, MIXED])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_the_stack_is_a_loop_over_single_networks(kind, alpha, dtype, tolerance):
    ensemble = initialise((3, 5, 4, 3), seeds=3, alpha=alpha, bias=-0.05, seed=2, dtype=dtype)
    x, y = examples_for(ensemble, kind, 20)
    _, trace = gradients_of_loss(ensemble, x, y)
    for member, network in zip(np.ndindex(ensemble.members), single_networks(ensemble), strict=True):
        zs, gradients = pass_through_one(*network, x, y)
        for z, expected in zip(trace.pre_activations, zs, strict=True):
            np.testing.assert_allclose(z[member], expected, rtol=tolerance, atol=tolerance)
        stacked = zip(trace.weight_gradients, trace.bias_gradients, strict=True)
        for (weight, bias), (expected_weight, expected_bias) in zip(stacked, gradients, strict=True):
            np.testing.assert_allclose(weight[member], expected_weight, rtol=tolerance, atol=tolerance)
            np.testing.assert_allclose(bias[member][0], expected_bias, rtol=tolerance, atol=tolerance)
        np.testing.assert_array_equal(outputs(ensemble, x)[member], trace.output[member])


def test_gradients_agree_with_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is an optional peer")
    ensemble = initialise((3, 6, 5, 4), seeds=1, alpha=MIXED, bias=0.1, dtype=np.float64)
    x, y = examples_for(ensemble, "labels", 15)
    loss, trace = gradients_of_loss(ensemble, x, y)
    for member, (weights, biases, alphas) in zip(
        np.ndindex(ensemble.members), single_networks(ensemble), strict=True
    ):
        ws, bs = ([torch.tensor(p, requires_grad=True) for p in kind] for kind in (weights, biases))
        h = torch.tensor(x)
        for layer, (w, b) in enumerate(zip(ws, bs, strict=True)):
            h = h @ w + b
            if layer < len(alphas):
                h = torch.nn.functional.leaky_relu(h, alphas[layer])
        theirs = torch.nn.functional.cross_entropy(h, torch.tensor(y))
        theirs.backward()
        assert loss[member] == pytest.approx(theirs.item(), rel=1e-12)
        for ours, w in zip(trace.weight_gradients, ws, strict=True):
            np.testing.assert_allclose(ours[member], w.grad, rtol=1e-9, atol=1e-13)
        for ours, b in zip(trace.bias_gradients, bs, strict=True):
            np.testing.assert_allclose(ours[member][0], b.grad, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.3, 1.0, -0.5])
def test_at_exactly_zero_the_backward_slope_is_alpha(alpha):
    ensemble = initialise((2, 3, 1), alpha=alpha, bias=0.0, dtype=np.float64)
    x = np.zeros((4, 2))
    _, trace = gradients_of_loss(ensemble, x, np.ones((4, 1)))
    assert not trace.pre_activations[0].any()
    error_at_output = np.full(4, -1 / 4)
    into_hidden = error_at_output.sum() * ensemble.weights[1][0, :, 0]
    np.testing.assert_allclose(trace.bias_gradients[0][0, 0], alpha * into_hidden, rtol=1e-12)


def test_a_relu_layer_of_zeros_lets_no_gradient_through():
    ensemble = initialise((2, 4, 4, 1), alpha=0.0, bias=0.0)
    ensemble.weights[0][...] = -1
    x = np.random.default_rng(0).uniform(0.1, 1, (9, 2))
    _, trace = gradients_of_loss(ensemble, x, np.ones((9, 1)))
    assert not trace.pre_activations[1].any()  # behind the dead layer all is exactly 0
    for layer in (0, 1):
        assert not trace.weight_gradients[layer].any()
        assert not trace.bias_gradients[layer].any()


@pytest.mark.parametrize("alpha", [1e4, -1e4, 1e9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_steep_leak_leaves_the_positive_side_its_slope_of_one(alpha, dtype):
    ensemble = initialise((1, 1, 1), alpha=alpha, bias=0.0, dtype=dtype)
    for weight in ensemble.weights:
        weight[...] = 1
    # z = h = output = 1 and the target is 0, so that dLoss/dw is 1 everywhere.
    _, trace = gradients_of_loss(ensemble, np.ones((1, 1)), np.zeros((1, 1)))
    assert trace.weight_gradients[0].item() == pytest.approx(1)


def test_twins_start_from_the_same_weights():
    ensemble = initialise((3, 8, 2), seeds=4, alpha=MIXED, bias=0.2)
    for parameter in parameters_of(ensemble):
        assert parameter.shape[:2] == (5, 4)
        np.testing.assert_array_equal(parameter, np.broadcast_to(parameter[:1], parameter.shape))
    assert not np.array_equal(ensemble.weights[0][0, 0], ensemble.weights[0][0, 1])
    for alphas in ensemble.alphas:
        np.testing.assert_array_equal(alphas[:, :, 0, 0], np.repeat(np.float32(MIXED)[:, None], 4, axis=1))


@pytest.mark.parametrize("alpha", [0.01, (0.0, 0.1)])
def test_a_seed_number_gets_its_weights_however_many_are_drawn(alpha):
    few, many = (initialise((3, 8, 2), seeds=seeds, alpha=alpha, seed=5) for seeds in (2, 7))
    assert_same_networks(few, many[..., :2])


def test_the_seed_decides_the_weights():
    one, same, other = (initialise((3, 8, 2), seeds=2, seed=seed) for seed in (5, 5, 6))
    assert_same_networks(one, same)
    assert not np.isin(one.weights[0], other.weights[0]).any()


def test_shapes_and_dtypes_are_as_documented():
    for dtype in (np.float32, np.float64):
        ensemble = initialise((3, 5, 4, 2), seeds=6, alpha=(0.0, 0.1), dtype=dtype)
        assert ensemble.members == (2, 6)
        assert (ensemble.inputs, ensemble.outputs) == (3, 2)
        assert ensemble.dtype == dtype
        assert [w.shape for w in ensemble.weights] == [(2, 6, 3, 5), (2, 6, 5, 4), (2, 6, 4, 2)]
        assert [b.shape for b in ensemble.biases] == [(2, 6, 1, 5), (2, 6, 1, 4), (2, 6, 1, 2)]
        assert [a.shape for a in ensemble.alphas] == [(2, 6, 1, 1)] * 2
        assert {array.dtype for array in (*parameters_of(ensemble), *ensemble.alphas)} == {np.dtype(dtype)}
    assert initialise((3, 2), seeds=6).members == (6,)
    assert initialise((3, 2), seeds=6, alpha=[0.1]).members == (1, 6)


@pytest.mark.parametrize("gain", [2**0.5, 1.0, leaky_relu_gain(0.5)])
def test_weights_have_hes_mean_and_deviation(gain):
    widths, seeds = (20, 60, 40, 10), 50
    ensemble = initialise(widths, seeds=seeds, gain=gain, seed=0)
    for weight, (fan_in, fan_out) in zip(ensemble.weights, pairwise(widths), strict=True):
        count, deviation = seeds * fan_in * fan_out, gain / fan_in**0.5
        # Of a normal sample the mean has error s / sqrt(n), the deviation s / sqrt(2 n): five of them.
        assert abs(weight.mean(dtype=float)) < 5 * deviation / count**0.5
        assert abs(weight.std(dtype=float) / deviation - 1) < 5 / (2 * count) ** 0.5


def test_a_gain_per_slope_scales_the_twins():
    slopes = np.array([0.0, 0.5, 1.0])
    corrected = initialise((3, 8, 2), seeds=4, alpha=slopes, gain=leaky_relu_gain(slopes))
    for weight in corrected.weights:
        ratio = leaky_relu_gain(slopes) / leaky_relu_gain(0.0)
        np.testing.assert_allclose(weight, ratio[:, None, None, None] * weight[:1], rtol=1e-6)


@pytest.mark.parametrize(
    ("which", "members"),
    [
        (0, (3,)),
        ((0, 2), ()),
        ((slice(None), 1), (2,)),
        ((slice(None), [0, 2]), (2, 2)),
        ((slice(None), slice(1)), (2, 1)),
        (np.array([[True, False, True], [False, False, True]]), (3,)),
    ],
)
def test_an_index_picks_networks_as_it_picks_numbers(which, members):
    ensemble = initialise((3, 5, 2), seeds=3, alpha=(0.0, 0.1))
    x, _ = examples_for(ensemble, "labels")
    before = ensemble.copy()
    picked = ensemble[which]
    assert picked.members == members
    np.testing.assert_array_equal(outputs(picked, x), outputs(ensemble, x)[which])
    for parameter in parameters_of(picked):
        parameter[...] = 7
    assert_same_networks(ensemble, before)


def test_a_copy_stands_alone_and_views_do_not():
    ensemble = initialise((3, 5, 2), seeds=3, alpha=(0.0, 0.1))
    copy, flat, part = ensemble.copy(), ensemble.flat(), ensemble.part(slice(1, 2))
    assert_same_networks(ensemble, copy)
    assert flat.members == (6,)
    assert part.members == (1, 3)
    flat.weights[0][4] = 7
    part.biases[1][0, 2] = 8
    assert np.all(ensemble.weights[0][1, 1] == 7)
    assert np.all(ensemble.biases[1][1, 2] == 8)
    assert not np.any(copy.weights[0] == 7)


def test_a_gain_of_none_keeps_the_signal_for_each_slope_or_the_function():
    slopes = np.array([0.0, 0.5])
    own, told = (initialise((3, 8, 2), alpha=slopes, gain=gain) for gain in (None, leaky_relu_gain(slopes)))
    assert_same_networks(own, told)
    bent, told = (initialise((3, 8, 2), gain=gain, function="GELU") for gain in (None, gain_of("GELU")))
    assert_same_networks(bent, told)


@given(st.integers(1, 300), st.integers(1, 5000), st.integers(1, 9), st.integers(1, 64))
def test_chunks_cover_every_network_once_and_fit(count, examples, threads, width):
    flat = Ensemble((np.empty((count, 1, width)),), (np.empty((count, 1, width)),), ())
    chunks = flat.chunks(examples, threads)
    numbers = np.arange(count)
    np.testing.assert_array_equal(np.concatenate([numbers[chunk] for chunk in chunks]), numbers)
    sizes = [len(numbers[chunk]) for chunk in chunks]
    assert min(sizes) >= 1
    assert max(sizes) == 1 or max(sizes) * examples * width <= parallel.CHUNK_ELEMENTS
    # Where there is work for every thread, no thread has more than the even share, rounded up.
    if count * examples * width >= threads * parallel.THREAD_ELEMENTS:
        assert max(sizes) <= -(-count // threads)
    if count * examples * width < 2 * parallel.THREAD_ELEMENTS:
        assert len(chunks) == 1 or max(sizes) == 1, "two threads would only be in each other's way"


@pytest.mark.parametrize("elements", [1, 200, 1000, 10**9])
def test_numbers_do_not_depend_on_the_chunks(monkeypatch, elements):
    ensemble = initialise((2, 9, 7, 3), seeds=11, alpha=(0.0, 0.01), bias=0.1)
    x, y = examples_for(ensemble, "labels", 33)
    loss, trace = gradients_of_loss(ensemble, x, y)
    monkeypatch.setattr(parallel, "CHUNK_ELEMENTS", elements)
    np.testing.assert_array_equal(outputs(ensemble, x), trace.output)
    parts = in_chunks(lambda part: gradients_of_loss(part, x, y), ensemble, len(x))
    np.testing.assert_array_equal(np.concatenate([part_loss for part_loss, _ in parts]), loss.ravel())
    for layer, whole in enumerate(trace.weight_gradients):
        pieces = [part_trace.weight_gradients[layer] for _, part_trace in parts]
        np.testing.assert_array_equal(np.concatenate(pieces), whole.reshape(-1, *whole.shape[-2:]))


def blas_threads() -> set[int]:
    """Of NumPy's BLAS; a test before this one may have loaded another."""
    info = [library for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]
    ours = [library for library in info if "numpy" in library["filepath"]]
    return {library["num_threads"] for library in ours or info}


@pytest.mark.parametrize("fails", [False, True])
def test_threads_that_overlap_leave_blas_as_it_was(fails):
    before = threadpoolctl.threadpool_info()
    first_in, second_in, first_out, seen = (*(threading.Event() for _ in range(3)), [])

    def work(came_in: threading.Event, may_leave: threading.Event) -> None:
        came_in.set()
        assert may_leave.wait(60)
        seen.append(blas_threads())
        if fails:
            raise ZeroDivisionError

    def run(*events: threading.Event) -> None:
        with suppress(ZeroDivisionError):
            on_all_cores(lambda events: work(*events), [events])

    first = threading.Thread(target=run, args=(first_in, second_in))
    second = threading.Thread(target=run, args=(second_in, first_out))
    first.start()
    assert first_in.wait(60)
    second.start()
    first.join()
    first_out.set()
    second.join()
    assert seen[0] == {1}
    assert threadpoolctl.threadpool_info() == before
    with threadpoolctl.threadpool_limits(2, "blas"):
        assert blas_threads() == {2}, "the limit can still be set"


@pytest.mark.parametrize(
    ("says", "threads"),
    [("1", 1), ("2,1", 2), ("3", 3), ("64", 3), ("0", 3), ("", 3), ("many", 3), ("-1", 3), ("²", 3)],
)
def test_who_shares_a_machine_can_ask_for_fewer_threads(says, threads, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 2, 5}, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", says)
    assert usable_threads() == threads
    monkeypatch.setattr(parallel, "platform", "emscripten")
    assert usable_threads() == 1


@pytest.mark.parametrize("normalised", [False, True])
def test_a_used_trace_gives_the_same_numbers_as_a_new_one(normalised):
    ensemble = initialise((3, 5, 4, 2), seeds=3, alpha=(0.0, 0.1), normalised=normalised)
    x, y = examples_for(ensemble, "labels")
    used = forward(ensemble, 5 * x)
    backward(ensemble, used, np.ones_like(used.output))
    assert forward(ensemble, x, used) is used
    _, error = loss_for(y)(used.output, y)
    backward(ensemble, used, error)
    _, fresh = gradients_of_loss(ensemble, x, y)
    for name in ("pre_activations", "activations", "weight_gradients", "bias_gradients"):
        for ours, theirs in zip(getattr(used, name), getattr(fresh, name), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_passes_leave_networks_and_inputs_as_they_are():
    ensemble = initialise((3, 5, 2), seeds=3)
    x, y = examples_for(ensemble, "targets")
    x = x.astype(np.float32)
    x.flags.writeable = y.flags.writeable = False
    before = ensemble.copy()
    trace = forward(ensemble, x)
    _, error = loss_for(y)(trace.output, y)
    backward(ensemble, trace, error)
    assert trace.weight_gradients[0].any()
    assert_same_networks(ensemble, before)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"seeds": 0}, ValueError, r"seeds must be at least 1; got 0"),
        ({"seeds": -3}, ValueError, r"seeds must be at least 1; got -3"),
        ({"seeds": 2.0}, TypeError, r"seeds must be a whole number; got float 2\.0"),
        ({"seeds": "3"}, TypeError, r"seeds must be a whole number; got str"),
        ({"seeds": None}, TypeError, r"seeds must be a whole number; got NoneType"),
        ({"seeds": True}, TypeError, r"seeds must be .*; got .*True"),
        ({"widths": (2, 0, 1)}, ValueError, r"widths must be at least 1; got 0"),
        ({"widths": (2, 3.5, 1)}, TypeError, r"widths must be a whole number; got float 3\.5"),
        ({"widths": (2,)}, ValueError, r"widths must name at least 2; got \(2,\)"),
        ({"widths": 3}, TypeError, r"widths must be a sequence, \[3\] for one; got int"),
        ({"alpha": [0.1, [0.2]]}, TypeError, r"alpha must be .*; got a ragged sequence"),
        ({"widths": ()}, ValueError, r"widths must name at least 2; got \(\)"),
        ({"alpha": np.nan}, ValueError, r"alpha must be finite in float32; got \[*nan"),
        ({"alpha": (0.0, np.inf)}, ValueError, r"(?s:alpha must be finite in float32; got .*inf)"),
        ({"alpha": 1e39}, ValueError, r"alpha must be finite"),
        (
            {"alpha": "0.1"},
            TypeError,
            r"alpha must be real numbers \(floating, integer or boolean\); got \w+ of dtype <U",
        ),
        ({"dtype": int}, ValueError, r"data type .*int64.* not inexact"),
        (
            {"alpha": None},
            TypeError,
            r"alpha must be real numbers \(floating, integer or boolean\); got \w+ of dtype object",
        ),
        (
            {"alpha": 1j},
            TypeError,
            r"alpha must be real numbers \(floating, integer or boolean\); got \w+ of dtype complex",
        ),
        ({"alpha": ()}, ValueError, r"alpha must be .*non-empty.*; got shape \(0,\)"),
        ({"alpha": [[0.1, 0.2]]}, ValueError, r"alpha must be .*flat.*; got shape \(1, 2\)"),
        ({"gain": np.inf}, ValueError, r"gain must be finite.*; got inf"),
        ({"gain": np.nan}, ValueError, r"gain must be finite.*; got nan"),
        ({"gain": (1.0, 2.0)}, ValueError, r"gain must be .*one per alpha; got \[1\. 2\.\]"),
        ({"gain": (1.0, 2.0), "alpha": (0, 1, 2)}, ValueError, r"gain must be .*one per alpha"),
        ({"bias": np.inf}, ValueError, r"bias must be a finite number; got inf"),
        ({"bias": np.nan}, ValueError, r"bias must be a finite number; got nan"),
        ({"bias": 1e39}, ValueError, r"bias must be finite in float32; got 1e\+39"),
        ({"seed": -1}, ValueError, r"seed must be at least 0; got -1"),
        ({"seeds": range(0)}, ValueError, r"seeds must name seed numbers from 0 on"),
        ({"seeds": range(-1, 3)}, ValueError, r"seeds must name seed numbers from 0 on"),
        ({"seeds": 10**9}, ValueError, r"seeds or widths must be smaller: at most 1 GB"),
        ({"network": "deep"}, ValueError, r"network must be one of 'dense', 'convolutional'; got 'deep'"),
        ({"function": "elu"}, ValueError, r"function must be one of 'ReLU', .*; got 'elu'"),
        ({"normalised": "no"}, TypeError, r"normalised must be True or False; got str 'no'"),
        ({"bias": "1"}, TypeError, r"bias must be a number; got str '1'"),
        (
            {"gain": "2"},
            TypeError,
            r"gain must be real numbers \(floating, integer or boolean\); got str of dtype <U1",
        ),
    ],
)
def test_a_bad_start_is_refused(changes, error, message):
    with pytest.raises(error, match=f"^{message}"):
        initialise(**{"widths": (2, 3, 1), **changes})


@pytest.mark.parametrize("shape", [(5, 3), (2,), (5, 2, 1), ()])
@pytest.mark.parametrize("function", [forward, outputs])
def test_inputs_of_another_shape_are_refused(function, shape):
    if function is outputs and shape == ():
        shape = (5, 1)
    with pytest.raises(ValueError, match=r"^x must have shape \(examples, 2\); got \("):
        function(initialise((2, 3, 1)), np.zeros(shape))


def test_no_examples_give_no_outputs():
    assert outputs(initialise([3, 4, 2], seeds=2), np.empty((0, 3))).shape == (2, 0, 2)


def test_a_range_of_seeds_makes_those_members_of_the_whole():
    whole = initialise([3, 4, 2], seeds=6, alpha=[0.0, 0.1])
    part = initialise([3, 4, 2], seeds=range(2, 5), alpha=[0.0, 0.1])
    assert part.members == (2, 3)
    for ours, theirs in zip(part.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs[:, 2:5])
