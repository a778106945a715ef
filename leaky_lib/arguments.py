"""Checks arguments of the kinds that many functions of the library share, and names what is wrong."""

import reprlib
from collections.abc import Callable, Collection
from itertools import islice
from math import inf, isfinite
from numbers import Real
from operator import index

import numpy as np

__all__ = [
    "check_memory",
    "finite_number",
    "name_among",
    "place_among",
    "sequence",
    "true_or_false",
    "whole_number",
]

MOST_BYTES = 1_000_000_000
"""Of memory for the arrays of one call: what a small machine, or a tab of a browser, can spare."""

MOST_VALUES = 100_000
"""In a sequence."""


def check_memory(needed: int, **settings: object) -> None:
    """Refuse settings that ask for more than `MOST_BYTES`, before anything is made.

    Parameters
    ----------
    needed : int
        Bytes, about.
    **settings : object
        Those they come from; a count of 1 is not named.

    Raises
    ------
    ValueError
    """
    if needed > MOST_BYTES:
        counts = {name: value for name, value in settings.items() if value != 1}
        got = ", ".join(f"{name}={_shown(value)}" for name, value in counts.items())
        raise ValueError(
            f"{' or '.join(counts)} must be smaller: at most {MOST_BYTES / 1e9:g} GB of memory is allowed "
            f"(leaky_lib.arguments.MOST_BYTES), not {min(needed, 10**18) // 10**9:,} GB or more; got {got}"
        )


def _shown(value: object) -> str:
    """``repr``, but short; of the longest numbers Python itself refuses it."""
    if isinstance(value, int) and value.bit_length() > 1000:
        return f"a number of about {value.bit_length() * 0.30103:,.0f} digits"
    return reprlib.repr(value)


def whole_number(name: str, value: object, minimum: int, maximum: int | None = None) -> int:
    """``value`` as an int, or an error that names the argument.

    Raises
    ------
    TypeError
        If it is no whole number; True and False are none.
    ValueError
        If it is below ``minimum`` or above ``maximum``.
    """
    try:
        number = index(None if isinstance(value, bool | np.bool_) else value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number; got {type(value).__name__} {value!r}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {_shown(value)}")
    if maximum is not None and number > maximum:
        raise ValueError(f"{name} must be at most {maximum}; got {_shown(value)}")
    return number


def finite_number(
    name: str, value: object, allowed: str = "", fits: Callable[[float], bool] = lambda number: True
) -> float:
    """``value`` as a float, or an error that names the argument and what is ``allowed``.

    Raises
    ------
    TypeError
        If it is not one real number; True and False are none.
    ValueError
        If it is NaN or infinite, or does not fit: ``finite_number("h", h, "above 0", lambda h: h > 0)``.
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number; got {type(value).__name__} {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = value = inf
    if not (isfinite(number) and fits(number)):
        raise ValueError(f"{name} must be {f'a finite number {allowed}'.strip()}; got {value}")
    return number


def name_among(argument: str, value: object, names: Collection[str]) -> str:
    """``value`` as one of some ``names``, or an error that lists them.

    Raises
    ------
    ValueError
        If it is none of them, or no text at all.
    """
    if not (isinstance(value, str) and value in names):
        raise ValueError(f"{argument} must be one of {', '.join(map(repr, names))}; got {value!r}")
    return value


def place_among(name: str, value: object, places: int) -> int:
    """``value`` as a place among so many, from the end if negative, or an error that names the argument.

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If there is no such place.
    """
    return whole_number(name, value, minimum=-places, maximum=places - 1)


def true_or_false(name: str, value: object) -> bool:
    """``value`` as a bool, or an error that names the argument: any text, even "no", would pass for true.

    Raises
    ------
    TypeError
        If it is neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {type(value).__name__} {value!r}")
    return bool(value)


def sequence(name: str, values: object, minimum: int = 1) -> tuple:
    """``values`` as a tuple, or an error that names the argument; one number or a text is no sequence.

    Raises
    ------
    TypeError
        If it is no sequence.
    ValueError
        If it has fewer than ``minimum``, or more than `MOST_VALUES`.
    """
    try:
        listed = None if isinstance(values, str) else tuple(islice(values, MOST_VALUES + 1))
    except TypeError:
        listed = None
    if listed is None:
        raise TypeError(f"{name} must be a sequence, [{values!r}] for one; got {type(values).__name__}")
    if len(listed) < minimum:
        raise ValueError(f"{name} must name at least {minimum}; got {values!r}")
    if len(listed) > MOST_VALUES:
        raise ValueError(f"{name} must name at most {MOST_VALUES:,}; got {_shown(values)}")
    return listed
