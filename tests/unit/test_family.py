"""Holds the relatives of Leaky ReLU to finite differences, to PyTorch, and to what their table says."""

import numpy as np
import pytest

from leaky_lib.family import FAMILY

X = np.concatenate([np.linspace(-6, 6, 121) + 0.013, [-800.0, -50.0, 50.0, 800.0]])


@pytest.mark.parametrize("name", FAMILY)
def test_the_slope_is_what_finite_differences_measure(name):
    compute, h = FAMILY[name].compute, 1e-5
    measured = (compute(X + h)[0] - compute(X - h)[0]) / (2 * h)
    np.testing.assert_allclose(compute(X)[1], measured, atol=2e-6)


@pytest.mark.parametrize("name", FAMILY)
def test_values_are_finite_and_keep_large_inputs(name):
    value, slope = FAMILY[name].compute(X)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    scale = 1.0507 if name == "SELU" else 1
    assert value[-1] == pytest.approx(800 * scale, rel=1e-4)


@pytest.mark.parametrize("name", FAMILY)
def test_values_agree_with_pytorch(name):
    torch = pytest.importorskip("torch", reason="PyTorch is an optional peer")
    functional = torch.nn.functional
    theirs = {
        "ReLU": functional.relu,
        "Leaky ReLU 0.01": functional.leaky_relu,
        "PReLU at 0.25": lambda x: functional.prelu(x, torch.tensor([0.25], dtype=torch.float64)),
        "ELU": functional.elu,
        "SELU": functional.selu,
        "GELU": lambda x: functional.gelu(x, approximate="tanh"),
        "SiLU": functional.silu,
        "Mish": functional.mish,
    }[name]
    np.testing.assert_allclose(FAMILY[name].compute(X)[0], theirs(torch.tensor(X)).numpy(), atol=1e-12)


@pytest.mark.parametrize("name", FAMILY)
def test_the_table_tells_the_truth(name):
    relative = FAMILY[name]
    value, slope = relative.compute(np.linspace(-60, 0, 6001)[:-1])
    if relative.bounded_below == "none":
        assert value.min() < -0.5
    else:
        least = float(relative.bounded_below.replace("−", "-"))
        assert value.min() == pytest.approx(least, abs=0.006)
    if relative.dead_zone.startswith("yes"):
        assert (slope == 0).all()
    elif relative.dead_zone.startswith("fades"):
        assert abs(slope[0]) < 1e-15
        assert abs(slope[-1]) > 0.4
    else:
        assert (slope > 0).all()


@pytest.mark.parametrize(
    ("name", "slope"), [("ReLU", 0), ("Leaky ReLU 0.01", 0.01), ("PReLU at 0.25", 0.25)]
)
def test_where_the_curve_has_a_corner_its_slope_is_that_of_the_left_as_in_pytorch(name, slope):
    assert FAMILY[name].compute(0.0)[1] == slope


@pytest.mark.parametrize("name", ["ELU", "SELU", "GELU", "SiLU", "Mish"])
def test_the_year_is_that_of_the_paper_cited(name):
    assert f", {FAMILY[name].year}, " in FAMILY[name].compute.__doc__
