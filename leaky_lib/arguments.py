"""Checks arguments of the kinds that many functions of the library share, and names what is wrong."""

from collections.abc import Callable, Collection
from math import inf, isfinite
from numbers import Real
from operator import index

import numpy as np

__all__ = ["finite_number", "name_among", "place_among", "sequence", "true_or_false", "whole_number"]


def whole_number(name: str, value: object, minimum: int) -> int:
    """``value`` as an int, or an error that names the argument.

    Raises
    ------
    TypeError
        If it is no whole number; True and False are none.
    ValueError
        If it is below ``minimum``.
    """
    try:
        number = index(None if isinstance(value, bool | np.bool_) else value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number; got {type(value).__name__} {value!r}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {value!r}")
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
    place = whole_number(name, value, minimum=-places)
    if place >= places:
        raise ValueError(f"{name} must be at most {places - 1}; got {value!r}")
    return place


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
        If it has fewer than ``minimum``.
    """
    try:
        listed = None if isinstance(values, str) else tuple(values)
    except TypeError:
        listed = None
    if listed is None:
        raise TypeError(f"{name} must be a sequence, [{values!r}] for one; got {type(values).__name__}")
    if len(listed) < minimum:
        raise ValueError(f"{name} must name at least {minimum}; got {values!r}")
    return listed
