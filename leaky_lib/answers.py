"""Tries a learner's answer where nothing it does can hurt, and names slips that any exercise may meet."""

import sys
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from types import FrameType

import numpy as np

__all__ = ["ChangedInputError", "EndlessError", "attempt", "slip_in_error", "slip_in_numbers"]


LIMIT_SECONDS = 5.0
"""An answer that takes longer is taken for one that never ends."""


class ChangedInputError(Exception):
    """Says that an answer wrote into the array that it was given."""


class EndlessError(BaseException):
    """Says that an answer was stopped; no `except Exception` of its own holds it up."""


def attempt(answer: Callable, args: tuple) -> object:
    """What an answer makes of an input, or the exception that came of it."""
    given = deepcopy(args)
    try:
        with np.errstate(all="ignore"):
            result = _within_limit(answer, given)
    except (Exception, SystemExit, EndlessError) as error:
        return error
    if any(not np.array_equal(after, before) for after, before in zip(given, args, strict=True)):
        return ChangedInputError()
    return result


def _within_limit(answer: Callable, args: tuple) -> object:
    # Neither a thread nor a signal exists where Python runs in the browser; a trace function does. It
    # has to see every instruction: the lines of `while True: pass` are not told about in Python 3.11.
    end = time.monotonic() + LIMIT_SECONDS

    def watch(frame: FrameType, event: str, arg: object) -> Callable:
        if time.monotonic() > end:
            raise EndlessError(f"it was still running after {LIMIT_SECONDS:g} seconds.")
        frame.f_trace_opcodes = True
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        return answer(*args)
    finally:
        sys.settrace(before)


SLIPS_IN_ERRORS: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        EndlessError,
        "",
        "it does not come to an end. Does the condition of its loop ever become false?",
    ),
    (SystemExit, "", "it leaves Python; return the result instead."),
    (RecursionError, "", "it calls itself again and again."),
    (
        ValueError,
        "truth value of an array",
        "`if`, `and`, max(), min() and all() of Python want one truth value, and an array has many: take "
        "NumPy's, which work per element (np.maximum, np.minimum, .all(axis=...) and the like).",
    ),
    (
        TypeError,
        "converted to Python scalar",
        "right for one number, perhaps; but the argument can also be an array of them: use np.sqrt and the "
        "like, not those of math, and no float().",
    ),
    (
        ValueError,
        "inhomogeneous",
        "right for one number, perhaps; but the argument can also be an array of them: compute with it "
        "directly (+, *, **), and do not pack it into a list beside a number.",
    ),
    (
        TypeError,
        "object is not iterable",
        "the argument can also be one number alone: compute with it directly, without a loop.",
    ),
    (
        TypeError,
        "positional argument",
        "it is called with as many arguments as the cell above gave it: leave its first line as it was.",
    ),
    (NameError, "", "that name is not defined; is it spelled as in the first line, or in the imports?"),
    (
        TypeError,
        "'list' and",
        "a list is no array: make one of it with np.array, or go through it number by number.",
    ),
)
"""What an error says about its cause: its type, a part of its words, and the hint."""

NEARLY = "nearly: is something rounded, or measured on a sample?"
SHAPES_DIFFER = "the shapes do not line up: look at the .shape of both sides."


def slip_in_error(error: object) -> str | None:
    """Name the cause of an error where the error alone tells it."""
    for kind, words, hint in SLIPS_IN_ERRORS:
        if isinstance(error, kind) and words in str(error):
            return hint
    return None


def slip_in_numbers(
    got: Sequence, want: Sequence, inputs: Sequence[tuple] = (), shown: int = 0
) -> str | None:
    """Name what wrong results have in common: one result, and one that is right, for each input.

    What is named holds for the input shown. Where another one's result cannot be compared, only the shown
    one counts.
    """
    if flaw := _flaw(got[shown], want[shown]):
        return flaw
    pairs = list(zip(got, want, strict=True))
    if any(_flaw(*pair) or not isinstance(pair[0], np.ndarray) for pair in pairs):
        just_this = slice(shown, shown + 1)
        got, want, inputs = got[just_this], want[just_this], inputs[just_this]
    if not all(isinstance(each, np.ndarray) for each in (*got, *want)):
        return None
    mine, right = (np.concatenate([np.ravel(each) for each in arrays]) for arrays in (got, want))
    if right.dtype.kind == "b":
        return None
    if mine.size == 1:
        return NEARLY if np.allclose(mine, right, rtol=0.05, atol=0) else None
    if np.allclose(np.abs(mine), np.abs(right)):
        return "only the signs differ."
    factors = mine[right != 0] / right[right != 0]
    if np.allclose(mine[right == 0], 0) and np.allclose(factors, factors[0]) and factors[0] != 0:
        return f"all of it is {factors[0]:.4g} times what it should be."
    if np.allclose(mine, right, rtol=0.05, atol=0):
        return NEARLY
    return _side(inputs, got, want) if inputs else None


def _flaw(got: object, want: object) -> str | None:
    """What keeps a result from being compared number by number."""
    if isinstance(got, ValueError) and ("broadcast" in str(got) or "matmul" in str(got)):
        return SHAPES_DIFFER
    if got is None:
        return "it returns nothing: end with `return` and the result. print only shows it."
    if not isinstance(got, np.ndarray) or not isinstance(want, np.ndarray):
        return None
    if got.dtype.kind not in "fiub":
        wanted = "True and False" if want.dtype.kind == "b" else "numbers"
        return f"it returns {_kind_of(got)}; {wanted} are wanted."
    if want.dtype.kind == "b" and got.dtype.kind != "b":
        return "True and False are wanted, not numbers."
    if want.dtype.kind != "b" and got.dtype.kind == "b":
        return "numbers are wanted, not True and False."
    if got.ndim == 2 and got.shape == want.shape[::-1] != want.shape:
        return "rows and columns are swapped."
    if got.shape != want.shape:
        return f"a result of shape {want.shape} is wanted."
    if got.dtype.kind in "iu" and np.any(want % 1) and np.array_equal(got, np.trunc(want)):
        return "an array of whole numbers cannot hold the rest behind the point: make it of floats."
    return None


def _kind_of(result: np.ndarray) -> str:
    """What a result that is not made of numbers is made of, in words."""
    if result.dtype.kind == "O" and result.ndim == 0 and result[()] is None:
        return "nothing"
    if result.dtype.kind == "O" and result.ndim == 0:
        return f"a {type(result[()]).__name__}"
    return {"U": "text", "S": "text", "c": "complex numbers"}.get(
        result.dtype.kind, "a list of unlike things"
    )


def _side(inputs: Sequence[tuple], got: Sequence[np.ndarray], want: Sequence[np.ndarray]) -> str | None:
    """On which side of 0 of their first argument the results are wrong, if it is one side alone."""
    if any(
        np.shape(args[0]) != right.shape or right.ndim == 0
        for args, right in zip(inputs, want, strict=True)
    ):
        return None
    x = np.concatenate([np.ravel(args[0]) for args in inputs])
    wrong = np.concatenate(
        [~np.isclose(mine, right, equal_nan=True).ravel() for mine, right in zip(got, want, strict=True)]
    )
    first = "the first argument"
    for side, name in (
        *((x < 0, "negative"), (x > 0, "positive"), (x == 0, "0")),
        *((x <= 0, "0 or negative"), (x >= 0, "0 or positive")),
    ):
        if not wrong[~side].any():
            return f"wrong only where {first} is {name}."
    return None
