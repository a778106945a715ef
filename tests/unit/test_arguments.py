"""Holds the check of whole numbers to what it lets by and how it refuses the rest."""

import numpy as np
import pytest

from leaky_lib.arguments import whole_number


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
