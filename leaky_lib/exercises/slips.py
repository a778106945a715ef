"""Tries a learner's answer where nothing it does can hurt, and names slips that any exercise may meet."""

import builtins
import sys
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from types import FrameType

import numpy as np

from leaky_lib.exercises.content import tables

LIMIT_SECONDS = 5.0
"""An answer whose own code takes longer is said to be endless; one call counts a tenth of it at most."""


class ChangedInputError(Exception):
    """Says that an answer wrote into the array that it was given."""


class EndlessError(BaseException):
    """Says that an answer was stopped; no `except Exception` of its own holds it up."""

    def __str__(self) -> str:
        return (
            f"it was still running after {LIMIT_SECONDS:g} seconds. Does the condition of its loop ever "
            "become false? If it is only slow, compute with whole arrays (np.where, x * y, .sum()), not "
            "number by number."
        )


def attempt(answer: Callable, args: tuple, read: Callable = lambda result: result) -> object:
    """What an answer makes of an input, as `read` reads it, or the exception that came of it."""
    given = deepcopy(args)
    result = guarded(answer, lambda: read(answer(*given)))
    if isinstance(result, BaseException):
        return result
    if any(not np.array_equal(after, before) for after, before in zip(given, args, strict=True)):
        return ChangedInputError()
    return result


def guarded(answer: object, work: Callable[[], object]) -> object:
    """What comes of work that runs an answer's code, or the exception: that it takes too long, for one."""
    traced = sys.gettrace()
    try:
        with np.errstate(all="ignore"):
            return _stopped_when_endless(work, _learners_own(answer))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    finally:
        sys.settrace(traced)


def told(value: object, say: Callable[[object], str] = repr) -> str:
    """What a value says of itself, cut short; only its type where it cannot say it."""
    try:
        words = say(value)
    except Exception:
        return f"<{type(value).__name__}>"
    return words if len(words) <= 1000 else f"{words[:100]}…"


def as_number(value: object) -> float | None:
    """One real number; None of anything else, whatever happens when it is asked for one."""
    try:
        if isinstance(value, str | bytes | bytearray | bool | np.bool_) or np.iscomplexobj(value):
            return None
        return None if np.ndim(value) > 0 or np.ma.is_masked(value) else float(value)  # type: ignore[arg-type]
    except Exception:
        return None


def as_array(result: object) -> np.ndarray:
    """Whatever was returned, as an array; what does not fit into one is an array of one object."""
    try:
        if not np.ma.is_masked(result):
            return np.asarray(result)
    except Exception:  # whatever an `__array__` raises
        pass
    whole = np.empty((), dtype=object)
    whole[()] = result
    return whole


def _learners_own(answer: object) -> Callable[[FrameType], bool]:
    """Build the test whether a frame runs code of the answer's module, or of the one that had it checked.

    Only such code is stopped: an import or a library that is stopped halfway is broken for good.
    """
    caller = sys._getframe()
    while caller.f_globals.get("__name__", "").startswith("leaky_lib."):
        caller = caller.f_back
    modules = (caller.f_globals, getattr(answer, "__globals__", None))
    return lambda frame: any(frame.f_globals is module for module in modules)


def _stopped_when_endless(work: Callable[[], object], own: Callable[[FrameType], bool]) -> object:
    """Do work, and stop it when the learner's code has taken too long.

    A trace function is everywhere, also where there are no threads or signals. It has to see every
    instruction of that code: the lines of `while True: pass` are not told about in Python 3.11.
    """
    spent, last = 0.0, time.monotonic()

    def watch(frame: FrameType, event: str, arg: object) -> Callable | None:
        nonlocal spent, last
        if not own(frame):
            return None
        now = time.monotonic()
        spent, last = spent + min(now - last, LIMIT_SECONDS / 10), now  # a call may be an import
        if spent >= LIMIT_SECONDS:
            raise EndlessError
        frame.f_trace_opcodes = True
        return watch

    sys.settrace(watch)
    return work()


NEARLY = "nearly: is something rounded, or measured on a sample?"
SHAPES_DIFFER = "the shapes do not line up: look at the .shape of both sides."


def slip_in_error(error: object) -> str | None:
    """Name the cause of an error where the error alone tells it."""
    if isinstance(error, EndlessError):
        return str(error)
    for slip in tables("slips")["error"]:
        if isinstance(error, getattr(builtins, slip["kind"])) and slip["says"] in told(error, str):
            return slip["hint"]
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
        return f"it returns {_kind_of(got)}; {wanted} are wanted.{_way_to_numbers(got)}"
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
        one = result[()]
        return "a whole number too large for an array" if type(one) is int else f"a {type(one).__name__}"
    return {"U": "text", "S": "text", "c": "complex numbers", "O": "a list of unlike things"}.get(
        result.dtype.kind, f"an array of type {result.dtype}"
    )


def _way_to_numbers(result: np.ndarray) -> str:
    """How numbers are made of what holds some, but is no array that can be compared."""
    if result.dtype.kind == "V":
        return " Return it .astype(np.float32)."
    kind = type(result[()]) if result.ndim == 0 else None
    if hasattr(kind, "detach"):
        return " Of a tensor return .detach().cpu().float().numpy()."
    return " None may be masked: .filled(...) puts numbers there." if hasattr(kind, "filled") else ""


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
