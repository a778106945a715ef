"""Checks an argument that many functions of the library share: a whole number."""

from operator import index

import numpy as np

__all__ = ["whole_number"]


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
