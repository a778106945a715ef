"""Holds the checks of arguments to what they let by and how they refuse the rest."""

from fractions import Fraction

import numpy as np
import pytest

from leaky_lib.arguments import (
    finite_number,
    name_among,
    place_among,
    sequence,
    true_or_false,
    whole_number,
)


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


@pytest.mark.parametrize("value", [0, 2.5, -1, np.float32(0.5), np.int8(3), Fraction(1, 4)])
def test_a_finite_number_comes_back_as_a_float(value):
    found = finite_number("noise", value)
    assert type(found) is float
    assert found == value


@pytest.mark.parametrize("value", ["2", None, True, np.True_, [2.0], 1j])
def test_what_is_no_number_is_refused_by_kind(value):
    with pytest.raises(TypeError, match=f"^noise must be a number; got {type(value).__name__} "):
        finite_number("noise", value)


@pytest.mark.parametrize("value", [10**400, Fraction(10**400)])
def test_a_number_beyond_every_float_is_refused_in_words(value):
    with pytest.raises(ValueError, match=r"^noise must be a finite number; got inf$"):
        finite_number("noise", value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.5])
def test_a_number_that_does_not_fit_is_refused_with_what_is_allowed(value):
    with pytest.raises(ValueError, match=f"^noise must be a finite number of at least 0; got {value}$"):
        finite_number("noise", value, "of at least 0", lambda noise: noise >= 0)


def test_a_number_that_need_only_be_finite_is_refused_in_so_many_words():
    with pytest.raises(ValueError, match=r"^noise must be a finite number; got nan$"):
        finite_number("noise", np.nan)


def test_a_name_comes_back_as_itself():
    assert name_among("data", "moons", ("moons", "digits")) == "moons"


@pytest.mark.parametrize("value", ["mnist", "Moons", None, 3, ["moons"], {}, np.zeros(2)])
def test_what_is_none_of_the_names_is_refused_with_those_there_are(value):
    with pytest.raises(ValueError, match=r"^data must be one of 'moons', 'digits'; got "):
        name_among("data", value, {"moons": 1, "digits": 2})


@pytest.mark.parametrize("values", [(1, 2), [0.1], range(3), np.arange(2)])
def test_a_sequence_comes_back_as_a_tuple(values):
    assert sequence("depths", values) == tuple(values)


@pytest.mark.parametrize(
    ("value", "kind"), [(2, "int"), (0.1, "float"), ("PReLU", "str"), (None, "NoneType")]
)
def test_one_value_is_no_sequence(value, kind):
    with pytest.raises(TypeError, match=rf"^depths must be a sequence, \[{value!r}\] for one; got {kind}"):
        sequence("depths", value)


@pytest.mark.parametrize("values", [(), [], range(0)])
def test_an_empty_sequence_is_refused(values):
    with pytest.raises(ValueError, match=r"^depths must name at least 1; got "):
        sequence("depths", values)


def test_a_sequence_may_be_empty_where_that_means_something():
    assert sequence("rates", [], minimum=0) == ()


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_true_and_false_come_back_as_themselves(value):
    assert true_or_false("centred", value) is bool(value)


@pytest.mark.parametrize("value", ["no", "False", "", 0, 1, None, np.nan])
def test_what_only_counts_as_true_or_false_is_refused(value):
    with pytest.raises(TypeError, match=f"^centred must be True or False; got {type(value).__name__}"):
        true_or_false("centred", value)


@pytest.mark.parametrize("value", [0, 2, -3, np.int64(1)])
def test_a_place_is_counted_from_either_end(value):
    assert place_among("layer", value, 3) == value


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (3, ValueError, "at most 2; got 3"),
        (-4, ValueError, "at least -3; got -4"),
        (1.0, TypeError, "a whole number; got float"),
        (True, TypeError, "a whole number; got bool"),
        ("a", TypeError, "a whole number; got str"),
    ],
)
def test_a_place_that_is_none_is_refused(value, error, said):
    with pytest.raises(error, match=f"^layer must be {said}"):
        place_among("layer", value, 3)
