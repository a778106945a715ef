"""Checks at the learner's edge: a value in one form, or an error with its argument and what is allowed."""

import reprlib
from collections.abc import Callable, Collection
from itertools import islice
from math import inf, isfinite
from numbers import Real
from operator import index

import numpy as np

MOST_BYTES = 1_000_000_000
"""Of memory for the arrays of one call: what a small machine, or a tab of a browser, can spare."""

MOST_VALUES = 100_000
"""In a sequence."""


def check_memory(needed: int, **settings: object) -> None:
    """Refuse ``settings`` for which arrays of ``needed`` bytes would be made; a count of 1 is not named."""
    if needed <= MOST_BYTES:
        return
    counts = {name: value for name, value in settings.items() if value != 1}
    got = ", ".join(f"{name}={reprlib.repr(value)}" for name, value in counts.items())
    raise ValueError(
        f"{' or '.join(counts)} must be smaller: at most {MOST_BYTES / 1e9:g} GB of memory is allowed "
        f"(leaky_lib.arguments.MOST_BYTES), not {min(needed, 10**18) // 10**9:,} GB or more; got {got}"
    )


def whole_number(name: str, value: object, minimum: int, maximum: int | None = None) -> int:
    """``value`` as an int from ``minimum`` to ``maximum``; True and False are none."""
    try:
        number = index(None if isinstance(value, bool | np.bool_) else value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number; got {type(value).__name__} {value!r}") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {reprlib.repr(value)}")
    if maximum is not None and number > maximum:
        raise ValueError(f"{name} must be at most {maximum}; got {reprlib.repr(value)}")
    return number


def finite_number(
    name: str, value: object, allowed: str = "", fits: Callable[[float], bool] = lambda number: True
) -> float:
    """``value`` as a float that ``fits``: ``finite_number("h", h, "above 0", lambda h: h > 0)``."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number; got {type(value).__name__} {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not (isfinite(number) and fits(number)):
        raise ValueError(f"{name} must be {f'a finite number {allowed}'.strip()}; got {value}")
    return number


def name_among(argument: str, value: object, names: Collection[str]) -> str:
    """``value`` as one of the ``names``."""
    if not (isinstance(value, str) and value in names):
        raise ValueError(f"{argument} must be one of {', '.join(map(repr, names))}; got {value!r}")
    return value


def true_or_false(name: str, value: object) -> bool:
    """``value`` as a bool; any text, even "no", would pass for true."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {type(value).__name__} {value!r}")
    return bool(value)


def sequence(name: str, values: object, minimum: int = 1) -> tuple:
    """``values`` as a tuple of ``minimum`` to `MOST_VALUES`; a text or one number is no sequence."""
    try:
        listed = None if isinstance(values, str) else tuple(islice(values, MOST_VALUES + 1))
    except TypeError:
        listed = None
    if listed is None:
        raise TypeError(f"{name} must be a sequence, [{values!r}] for one; got {type(values).__name__}")
    if len(listed) < minimum:
        raise ValueError(f"{name} must name at least {minimum}; got {values!r}")
    if len(listed) > MOST_VALUES:
        raise ValueError(f"{name} must name at most {MOST_VALUES:,}; got {reprlib.repr(values)}")
    return listed
