"""Exercises that answer back: a check, a hint for each common mistake, and claims that must hold.

``check("leaky_relu", my_function)`` tries an answer on a few inputs. An untouched stub is *not attempted
yet* and never raises. A wrong answer gets the input that breaks it, what came out, what was expected,
and, where the outputs are those of a common mistake, the hint for that mistake.
"""

import html
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from inspect import signature
from types import CellType, CodeType, FunctionType, MethodType

import numpy as np

from leaky_lib import figures
from leaky_lib.activations import (
    leaky_relu,
    leaky_relu_derivative,
    leaky_relu_gain,
    leaky_relu_inverse,
)
from leaky_lib.answers import (
    ChangedInputError,
    EndlessError,
    as_array,
    as_number,
    attempt,
    guarded,
    slip_in_error,
    slip_in_numbers,
    told,
)
from leaky_lib.arguments import finite_number, name_among, true_or_false
from leaky_lib.experiments.choice import sweep
from leaky_lib.experiments.death import training_death
from leaky_lib.experiments.patients import CURED, FAULTS, REPAIRABLE, heal, patient
from leaky_lib.units import numerical_gradient

__all__ = ["EXERCISES", "Alternative", "Exercise", "Mistake", "Verdict", "check", "defend"]


SHOWN_WHOLE = 16
"""Arrays of up to so many numbers are shown in full in an answer."""


@dataclass(frozen=True)
class Verdict:
    """What a check says: ``state`` is "right", "not yet" or "not attempted yet"."""

    state: str
    words: str

    def __bool__(self) -> bool:
        return self.state == "right"

    def __repr__(self) -> str:
        return f"{self.state.capitalize()}. {self.words}"

    def _repr_html_(self) -> str:
        colour = figures.COLOURS[{"right": "theory", "not yet": "relu"}.get(self.state, "dead")]
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 0.2em 0.8em; white-space: pre-wrap">'
            f"<b>{self.state.capitalize()}.</b> {html.escape(self.words)}</div>"
        )


@dataclass(frozen=True)
class Mistake:
    """A wrong answer somebody would give, and the hint that is meant for it."""

    like: object
    hint: str


@dataclass(frozen=True)
class Alternative:
    """Another answer that is right as well, and a remark on how it differs."""

    like: Callable
    remark: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: the right answer, inputs to try, the common mistakes, and a word of praise.

    ``answer`` is a function, tried on each tuple of ``inputs``; or, with no inputs, a number or a dict of
    words, whose mistakes are ``(key, word)``. If many numbers are right it is a function that says of one
    whether it is, and what was found. With a ``judge`` a dict of settings is asked for, and the
    judge says what is wrong with it, or None; its mistakes are whole dicts. A function that returns
    several arrays names them in ``parts``. ``untouched`` is the function that the learner finds, where
    that is more than a stub.
    """

    task: str
    answer: object
    praise: str
    hint: str = ""
    inputs: tuple[tuple, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    parts: tuple[str, ...] = ()
    untouched: Callable | None = None
    judge: Callable[[Mapping], str | None] | None = None
    rule: Callable[[object], str | None] = field(default=lambda answer: None)
    """A further demand on a right answer: returns what is missing, or None."""

    def check(self, answer: object) -> Verdict:
        """Try an answer; whatever happens when it is looked at, a verdict comes of it."""
        verdict = guarded(answer, lambda: self._verdict(answer))
        if isinstance(verdict, Verdict):
            return verdict
        hint = slip_in_error(verdict) or "give plain numbers, words or a function, as the cell above does."
        return Verdict("not yet", f"{self.task}\n{_raised(verdict)}\nHint: {hint}")

    def _verdict(self, answer: object) -> Verdict:
        if answer is ... or answer is None:
            return Verdict("not attempted yet", self.task)
        if self.judge is not None:
            return self._check_settings(answer)
        if isinstance(self.answer, Mapping):
            return self._check_words(answer)
        if not self.inputs:
            return self._check_number(answer)
        if not callable(answer):
            return Verdict("not yet", f"Expected a function; got {type(answer).__name__}.")
        outcomes = self._outcomes(answer)
        if all(outcome is ... for outcome in outcomes):
            return Verdict("not attempted yet", self.task)
        if any(isinstance(outcome, ChangedInputError) for outcome in outcomes):
            return Verdict("not yet", "It changed its input. Make a new array instead.")
        for alternative in self.alternatives:
            if self._does_like(outcomes, alternative.like):
                return Verdict("right", f"{alternative.remark} {self.praise}")
        wanted = [self._outcome(self.answer, args) for args in self.inputs]
        for number, (args, got, want) in enumerate(zip(self.inputs, outcomes, wanted, strict=True)):
            if not _same(got, want):
                found = _contrast_parts(self.parts, got, want) if self.parts else _contrast(got, want)
                tried = _tried(self.answer, args, largest=0 if self.parts else SHOWN_WHOLE)
                if self._does_like(outcomes, self.untouched):
                    as_found = "The results are still those of what you found."
                    return Verdict("not attempted yet", f"{self.task} {as_found}\n{tried}\n{found}")
                hint = slip_in_error(got) or self._hint_for(outcomes, wanted, shown=number)
                return Verdict("not yet", f"{tried}\n{found}\nHint: {hint}")
        missing = self.rule(answer)
        return Verdict("not yet", missing) if missing else Verdict("right", self.praise)

    def _check_settings(self, answer: object) -> Verdict:
        if not isinstance(answer, Mapping):
            return Verdict("not yet", f"Expected a dict of settings; got {type(answer).__name__}.")
        if all(value is ... or value is None for value in answer.values()):
            return Verdict("not attempted yet", self.task)
        problem = self.judge(answer)
        return Verdict("not yet", problem) if problem else Verdict("right", self.praise)

    def _check_words(self, answer: object) -> Verdict:
        keys = ", ".join(map(repr, self.answer))
        if not isinstance(answer, Mapping):
            return Verdict("not yet", f"Expected a dict with the keys {keys}; got {type(answer).__name__}.")
        if unknown := [key for key in answer if key not in self.answer]:
            return Verdict("not yet", f"The keys are {keys}; got {', '.join(map(told, unknown))}.")
        said = {key: _tidy(answer.get(key, ...)) for key in self.answer}
        if all(word is ... or word is None for word in said.values()):
            return Verdict("not attempted yet", self.task)
        wrong = [key for key, word in said.items() if not isinstance(word, str) or word != self.answer[key]]
        if not wrong:
            return Verdict("right", self.praise)
        lines = [f"{key}: {self._reply_to(key, said[key])}" for key in wrong]
        return Verdict("not yet", "\n".join([f"{len(said) - len(wrong)} of {len(said)} right.", *lines]))

    def _reply_to(self, key: str, word: object) -> str:
        if word is ... or word is None:
            return "still open."
        hints = {mistake.like: mistake.hint for mistake in self.mistakes}
        words = {*self.answer.values(), *(word for _, word in hints)}
        if not isinstance(word, str) or word not in words:
            return f"{told(word)} is none of the words: {self.hint}"
        return hints.get((key, word), self.hint)

    def _check_number(self, answer: object) -> Verdict:
        number = as_number(answer)
        if number is None:
            return Verdict("not yet", f"Expected a number; got {type(answer).__name__} {told(answer)}.")
        if callable(self.answer):
            right, found = self.answer(number)
            return Verdict("right", f"{found} {self.praise}") if right else Verdict("not yet", found)
        right = float(self.answer)  # type: ignore[arg-type]
        if np.isclose(number, right):
            return Verdict("right", self.praise)
        hints = (mistake.hint for mistake in self.mistakes if np.isclose(number, float(mistake.like)))
        hint = next(hints, None) or _slip_in_number(number, right) or self.hint
        return Verdict("not yet", f"You said {number:g}.\nHint: {hint}")

    def _hint_for(self, outcomes: list, wanted: list, shown: int) -> str:
        """Take the hint for a mistake that is known, else what the numbers themselves give away.

        Who forgets an argument often returns one number where many are wanted: a mistake like any other.
        """
        forms, spread_out = [outcomes], list(map(_spread_out, outcomes, wanted))
        if any(spread is not got for spread, got in zip(spread_out, outcomes, strict=True)):
            forms.append(spread_out)
        known = (
            mistake.hint
            for form in forms
            for mistake in self.mistakes
            if self._does_like(form, mistake.like)
        )
        if hint := next(known, None):
            return hint
        slip = slip_in_numbers(outcomes, wanted, self.inputs, shown)
        return f"{slip} Remember: {self.hint}" if slip else self.hint

    def _does_like(self, outcomes: list, other: object) -> bool:
        """Whether another answer, if there is one, has these outcomes too."""
        return other is not None and all(
            _same(outcome, self._outcome(other, args))
            for outcome, args in zip(outcomes, self.inputs, strict=True)
        )

    def _outcomes(self, answer: Callable) -> list:
        """What an answer makes of each input; one that has not come to an end is not asked again."""
        outcomes = []
        for args in self.inputs:
            outcomes.append(self._outcome(answer, args))
            if isinstance(outcomes[-1], EndlessError):
                return outcomes[-1:] * len(self.inputs)
        return outcomes

    def _outcome(self, answer: Callable, args: tuple) -> object:
        """What an answer makes of an input: an array, several of them, or the exception it raises."""
        return attempt(answer, args, self._read)

    def _read(self, result: object) -> object:
        if result is None or result is ...:
            return result
        if self.parts and isinstance(result, tuple | list):
            return tuple(map(as_array, result))
        return as_array(result)


def check(name: str, answer: object) -> Verdict:
    """Try an answer to the exercise called ``name``.

    Raises
    ------
    ValueError
        If there is no exercise of that name.
    """
    return EXERCISES[name_among("exercise", name, EXERCISES)].check(answer)


def defend(claims: Mapping[str, bool]) -> "Claims":
    """Say which claims hold in this run.

    Raises
    ------
    AssertionError
        If one does not: then either this run or the text around it is wrong.
    TypeError
        If one is neither True nor False.
    """
    for claim, holds in claims.items():
        true_or_false(f"the claim {claim!r}", holds)
    broken = [claim for claim, holds in claims.items() if not holds]
    if broken:
        raise AssertionError("does not hold in this run: " + "; ".join(broken))
    return Claims(tuple(claims))


@dataclass(frozen=True)
class Claims:
    """Claims that hold."""

    claims: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(f"holds: {claim}" for claim in self.claims)


def _tidy(word: object) -> object:
    """A word without its capitals and the spaces around it."""
    return word.strip().lower() if isinstance(word, str) else word


def _spread_out(got: object, want: object) -> object:
    """A lone number, as often as numbers are wanted; anything else as it is."""
    both_arrays = isinstance(got, np.ndarray) and isinstance(want, np.ndarray)
    if both_arrays and got.ndim == 0 < want.ndim and got.dtype.kind in "fiu":
        return np.broadcast_to(got, want.shape)
    return got


def _slip_in_number(said: float, right: float) -> str | None:
    """Name what one wrong number tells about the way to it."""
    if not math.isfinite(said):
        return "a finite number is wanted."
    for wrong, slip in (
        (-right, "mind the sign."),
        (1 / right, "upside down: divide the other way round."),
        (100 * right, "not in percent."),
    ):
        if math.isclose(said, wrong, rel_tol=1e-5):
            return slip
    near = math.isclose(said, right, rel_tol=0.05)
    return "near, but not it: is it rounded?" if near else None


def _same(got: object, want: object) -> bool:
    if isinstance(got, BaseException) or isinstance(want, BaseException):
        return type(got) is type(want) and not isinstance(got, EndlessError)
    if got is None or got is ...:
        return got is want
    if isinstance(got, tuple) or isinstance(want, tuple):
        alike = isinstance(got, tuple) and isinstance(want, tuple) and len(got) == len(want)
        return alike and all(map(_same, got, want))
    if (
        got.shape != want.shape
        or got.dtype.kind not in "fiub"
        or (want.dtype.kind == "b") != (got.dtype.kind == "b")
    ):
        return False
    return np.allclose(got, want, equal_nan=True)


def _tried(answer: Callable, args: tuple, largest: int) -> str:
    """Say what an answer was tried with, by the names that our own answer gives its arguments."""
    named = zip(signature(answer).parameters, args, strict=False)  # what has a default may be left out
    said = (f"{name} = {_brief(arg, largest)}" for name, arg in named)
    return "Tried with " + ", ".join(said) + "."


def _contrast(got: object, want: object) -> str:
    if isinstance(got, BaseException):
        return f"{_raised(got)}\nExpected {_brief(want)}."
    if got is ...:
        return f"Got ..., still open.\nExpected {_brief(want)}."
    if got is not None and got.shape != want.shape:
        return f"Got shape {got.shape}, expected shape {want.shape}."
    if got is not None and got.size > SHOWN_WHOLE and got.dtype.kind in "fiub":
        at = tuple(map(int, np.argwhere(~np.isclose(got, want, equal_nan=True))[0]))
        return f"At index {at} got {got[at]:.4g}, expected {want[at]:.4g}."
    return f"Got {_brief(got)}\nExpected {_brief(want)}."


def _contrast_parts(parts: tuple[str, ...], got: object, want: tuple) -> str:
    """Say of each part of an answer whether it agrees."""
    if isinstance(got, BaseException):
        return _raised(got)
    if not isinstance(got, tuple) or len(got) != len(parts):
        count = len(got) if isinstance(got, tuple) else 1
        return f"Got {count} of {len(parts)} results: return {', '.join(parts)}."
    return "\n".join(
        f"{name}: {_contrast_part(mine, theirs)}"
        for name, mine, theirs in zip(parts, got, want, strict=True)
    )


def _contrast_part(got: np.ndarray, want: np.ndarray) -> str:
    if _same(got, want):
        return "agrees with finite differences."
    if got.dtype.kind == "O" and got.ndim == 0 and got[()] is ...:
        return "still open."
    slip = slip_in_numbers([got], [want])
    return f"{_contrast(got, want)}{f' Hint: {slip}' if slip else ''}"


def _raised(error: BaseException) -> str:
    if isinstance(error, EndlessError):
        return "Your answer was stopped."
    return f"Your answer raised {type(error).__name__}: {told(error, str)}"


def _brief(value: object, largest: int = SHOWN_WHOLE) -> str:
    if isinstance(value, np.ndarray) and value.size > largest:
        return f"an array of shape {value.shape}"
    if value is None or (isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.ndim == 0):
        return told(value if value is None else value[()])
    return told(np.asarray(value), lambda array: np.array2string(array, precision=4, separator=", "))


def _short_of(wanted: float, value: float) -> str:
    """Format of a number that falls short: as many decimals as show it, but two at least."""
    decimals = next(count for count in itertools.count(2) if round(value, count) < wanted)
    return f".{decimals}f"


# --- Notebook 01: the definition -------------------------------------------------------------------

X = np.array([-3.0, -2.0, -0.5, 0.0, 0.5, 4.0])
IMAGE = np.linspace(-2, 2, 2 * 3 * 2 * 3).reshape(2, 3, 2, 3)
CHANNEL_ALPHAS = np.array([0.05, 0.1, 0.5])

TINY, SMALL = 1e-30, 1e-7
"""Inputs scaled by one of them tell a comparison with 0 from one with a number near 0. Where the results
shrink with the inputs, TINY ones would all pass for 0."""


def _uses_where(answer: object) -> str | None:
    names = _names_behind(answer)
    if "leaky_relu" in names:
        return "The numbers are right, but leaky_relu does the work: write what it does, without np.where."
    if "where" in names:
        return "The numbers are right, but np.where is still in it: find a way without."
    return None


WRAPPERS = (partial, np.vectorize, MethodType, staticmethod)


def _names_behind(thing: object, home: str | None = None, seen: list | None = None) -> set[str]:
    """The names in a callable's code, and in all it is made of that comes from the same notebook."""
    seen = [] if seen is None else seen
    if any(thing is one for one in seen):
        return set()
    seen.append(thing)
    if thing is np.where or thing is leaky_relu:
        return {thing.__name__}
    if not isinstance(thing, WRAPPERS):
        module = getattr(thing, "__module__", None) or ""
        if home not in (None, module):
            return set()
        home = module
    names = _names_in(getattr(thing, "__code__", None))
    return names.union(*(_names_behind(one, home, seen) for one in _held_by(thing) if callable(one)))


def _held_by(thing: object) -> list:
    """What a wrapper wraps, what a function has at hand, or what an object and its class hold."""
    if isinstance(thing, partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, np.vectorize):
        return [thing.pyfunc]
    if isinstance(thing, MethodType | staticmethod):
        return [thing.__func__, getattr(thing, "__self__", None)]
    if isinstance(thing, FunctionType):
        cells = [cell.cell_contents for cell in thing.__closure__ or () if cell != CellType()]
        defaults = [*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
        return [*map(thing.__globals__.get, _names_in(thing.__code__)), *cells, *defaults]
    kinds = [value for kind in type(thing).__mro__ for value in vars(kind).values()]
    return [*kinds, *getattr(thing, "__dict__", {}).values()]


def _names_in(code: object) -> set[str]:
    if not isinstance(code, CodeType):
        return set()
    return set(code.co_names).union(*map(_names_in, code.co_consts))


ONLY_THE_DEFAULT = (
    "0.01 is only the default: use the argument alpha (and hand it on to a function that takes it)."
)
ABOUT_ALPHA = Mistake(
    lambda z, alpha: np.where(z >= 0, z, alpha),
    "on the negative side the value is alpha times z; alpha alone is the slope there.",
)
ABOUT_RELU = Mistake(
    lambda z, alpha: np.maximum(z, 0),
    "that is ReLU: it gives 0 on the negative side. There the value is alpha times z.",
)
ABOUT_SIGN = Mistake(
    lambda z, alpha: np.where(z >= 0, z, -alpha * z),
    "the sign: a negative z must stay negative, alpha * z and not -alpha * z.",
)
ABOUT_BOTH_SIDES = Mistake(
    lambda z, alpha: alpha * z,
    "you scale the positive side as well; there z stays as it is.",
)
ABOUT_FIXED = Mistake(
    lambda z, alpha: np.where(z >= 0, z, 0.01 * z),
    ONLY_THE_DEFAULT,
)
ABOUT_MAXIMUM = Mistake(
    lambda z, alpha: np.maximum(z, alpha * z),
    "the larger of z and alpha * z is right up to alpha = 1. Above 1 the two lines swap places. "
    "Try to treat the positive and the negative part of z separately.",
)


# --- Notebook 02: the derivative --------------------------------------------------------------------


def _numerical(function: Callable, at: np.ndarray) -> np.ndarray:
    """The gradient by steps that suit the size of the numbers: one too long would cross the bend."""
    return numerical_gradient(function, at, h=1e-6 * np.abs(at).max())


def _numerical_layer_backward(
    x: np.ndarray, z: np.ndarray, weights: np.ndarray, error: np.ndarray, alpha: float
) -> tuple[np.ndarray, ...]:
    bias = z[:1] - x[:1] @ weights

    def asked(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> float:
        return float((error * leaky_relu(x @ weights + bias, alpha)).sum())

    return (
        _numerical(lambda weights: asked(x, weights, bias), weights),
        _numerical(lambda bias: asked(x, weights, bias), bias)[0],
        _numerical(lambda x: asked(x, weights, bias), x),
    )


def _layer_backward_with(slope: Callable) -> Callable:
    """Build the backward pass of a layer with a slope of one's own, ``slope(z, alpha)``."""

    def layer_backward(x, z, weights, error, alpha):
        back = error * slope(z, alpha)
        return x.T @ back, back.sum(axis=0), back @ weights.T

    return layer_backward


def _then(layer_backward: Callable, change: Callable) -> Callable:
    """Spoil the result of a backward pass."""
    return lambda x, z, weights, error, alpha: change(*layer_backward(x, z, weights, error, alpha))


def _right_slope(z: np.ndarray, alpha: float) -> np.ndarray:
    return np.where(z > 0, 1.0, alpha)


_RIGHT_LAYER = _layer_backward_with(_right_slope)


def _numerical_two_layers(
    x: np.ndarray, y: np.ndarray, w1: np.ndarray, w2: np.ndarray, alpha: float
) -> tuple[np.ndarray, ...]:
    def loss(w1: np.ndarray, w2: np.ndarray) -> float:
        return float(((leaky_relu(x @ w1, alpha) @ w2 - y) ** 2).sum() / 2 / len(x))

    return (
        _numerical(lambda w1: loss(w1, w2), w1),
        _numerical(lambda w2: loss(w1, w2), w2),
    )


def _two_layers_with(slope: Callable) -> Callable:
    """Build the backward pass of two layers with a slope of one's own, ``slope(z, h, alpha)``."""

    def backward(x, y, w1, w2, alpha):
        z = x @ w1
        h = leaky_relu(z, alpha)
        error = (h @ w2 - y) / len(x)
        return x.T @ (error @ w2.T * slope(z, h, alpha)), h.T @ error

    return backward


MAXIMUM = "torch.maximum(x, 0.3 * x)"
WHERE = "torch.where(x >= 0, x, 0.3 * x)"
LEAKY = "torch.nn.functional.leaky_relu(x, 0.3)"

CUT_OFF = "(If you did write alpha: an array of whole numbers cannot hold it.)"
SLOPE_OF_RELU = f"that is the slope of ReLU: 0 on the negative side. Here it is alpha. {CUT_OFF}"
ABOUT_ZERO = (
    "all but the value at z = 0 is right. There is no derivative there; take the convention above, 1 "
    "(alpha is accepted too)."
)


def _layer_case(alpha: float, size: float = 1.0) -> tuple:
    """A layer whose pre-activations are about so large."""
    rng = np.random.default_rng(7)
    x, weights, error = (rng.normal(size=shape) for shape in ((5, 3), (3, 4), (5, 4)))
    return x, size * (x @ weights + 0.1), size * weights, error, alpha


def _two_layer_case(alpha: float, size: float = 1.0) -> tuple:
    """Two layers; the pre-activations of the first are about so large, and the outputs about 1."""
    rng = np.random.default_rng(8)
    x, y, w1, w2 = (rng.normal(size=shape) for shape in ((6, 2), (6, 1), (2, 3), (3, 1)))
    return x, y, size * w1, w2 / size, alpha


# --- Notebook 03: the dying ReLU -------------------------------------------------------------------

PRE_ACTIVATIONS = np.array(
    [
        [-1.0, 2.0, -0.5, 0.0, -2.0],
        [-3.0, -1.0, -0.1, 0.0, 0.3],
        [-0.2, 1.0, -4.0, 0.0, -1.0],
    ]
)


def _kills_half(learning_rate: float) -> tuple[bool, str]:
    """Train 20 ReLU networks at this rate: does it kill between 40 and 60 % of the units, and how many."""
    if not np.isfinite(learning_rate) or learning_rate <= 0:
        return False, f"A learning rate is a finite number above 0; you said {learning_rate:g}."
    too_high = f"At {learning_rate:g} every network diverges.\nHint: go lower, start again below 10."
    if learning_rate > float(np.finfo(np.float32).max):
        return False, too_high
    result = training_death(
        alphas=[0.0], depth=5, learning_rate=learning_rate, seeds=20, steps=200, snapshots=1, seed=100
    )
    share = result.mean("never_positive", alpha=0)
    if share.networks == 0:
        return False, too_high
    found = f"At {learning_rate:g}, {share:.0%} of the units are never positive after 200 steps"
    if 0.4 <= share.value <= 0.6:
        return True, f"{found}."
    where = "higher" if share.value < 0.4 else "lower"
    return False, f"{found}; wanted 40 % to 60 %.\nHint: go {where}."


# --- Notebook 04: choosing alpha -------------------------------------------------------------------

SLOPES = np.array([0.0, 0.01, 0.2, 0.5, 1.0])

WITHOUT_BASELINE = "there is no ReLU in it (α = 0, first in the list): better than what?"
WITHOUT_SUBJECT = "the claim is about α = 0.3; your sweep does not try it."
TOO_FEW_SEEDS = (
    "with fewer than 10 seeds the interval can be too wide to show that a claim is wrong. Take 10 or more."
)
ONE_DEPTH = (
    "you cannot know beforehand at which depth the claim fails. Try a shallow and a deep network: two "
    "layers apart or more."
)
DEPTHS_ALIKE = (
    "these depths are so alike that the claim is hardly tried at another one. Try a shallow and a deep "
    "network: two layers apart or more."
)
ONE_RATE = (
    "at one learning rate you find out which slope likes that one. Try several, at least four times apart, "
    "so that each slope has its own."
)
BASELINE_FIRST = "ReLU is in it, but not first: the first slope is the baseline, so put 0 there."


def _could_prove_wrong(design: Mapping) -> str | None:
    """What keeps a design from testing that α = 0.3 beats ReLU on any data at any depth."""
    said = {name: design.get(name, ...) for name in GOOD_DESIGN}
    open_settings = [name for name, value in said.items() if value is ... or value is None]
    if open_settings:
        return f"Still open: {', '.join(open_settings)}."
    if not isinstance(design["data"], str):
        got = told(design["data"])
        return f'data: one name, such as "moons"; got {got}. A sweep answers for one data set.'
    for name in ("alphas", "depths", "learning_rates"):
        if not isinstance(design[name], list | tuple | range):
            return f"{name}: a list of numbers; got {told(design[name])}."
    try:
        sweep.live(**design)
    except (TypeError, ValueError) as error:
        return f"The sweep does not take it. {error}"
    alphas, depths = list(design["alphas"]), list(design["depths"])
    if 0 not in alphas:
        return f"Hint: {WITHOUT_BASELINE}"
    if alphas[0] != 0:
        return f"Hint: {BASELINE_FIRST}"
    if not any(np.isclose(alpha, 0.3) for alpha in alphas if not isinstance(alpha, str)):
        return f"Hint: {WITHOUT_SUBJECT}"
    if design["seeds"] < 10:
        return f"Hint: {TOO_FEW_SEEDS}"
    if max(depths) - min(depths) < 2:
        return f"Hint: {DEPTHS_ALIKE if len(set(depths)) > 1 else ONE_DEPTH}"
    rates = design["learning_rates"]
    return f"Hint: {ONE_RATE}" if max(rates) < 4 * min(rates) else None


GOOD_DESIGN = {
    **{"data": "spirals", "alphas": [0, 0.1, 0.3], "depths": [1, 4]},
    **{"learning_rates": [0.1, 0.3, 1], "seeds": 10},
}


# --- Notebook 05: going deep -----------------------------------------------------------------------

LEVERS = {
    **{"learning_rate": 0.03, "alpha": 0.0, "normalised": False, "optimiser": "adam"},
    **{"warm_up": 0, "bias": 0.0},
}
"""What can be changed about the network that is to be repaired, and how it is broken: as it stands it loses
channels, and accuracy with them."""


BROKEN_NETWORK = {
    **{"data": "digits", "network": "convolutional", "gain": None, "depth": 8, "width": 8},
    **{"steps": 60, "batch": 60, "seeds": 4, "snapshots": 1, "look_at": 20, "seed": 52},
}


@cache
def _repaired(alpha: float, **levers: object) -> float:
    """Mean test accuracy of four networks whose levers stand so; one that diverged counts as a guess."""
    result = training_death(**BROKEN_NETWORK, **levers, alphas=[alpha])
    return float(np.nan_to_num(result.of("accuracy"), nan=0.1).mean())


def _repair_fails(repairs: Mapping) -> str | None:
    """What is wrong with two ways to repair the broken network."""
    if len(repairs) != 2 or any(
        not isinstance(change, Mapping) or not change for change in repairs.values()
    ):
        return f"Two dicts are wanted, each with at least one of {', '.join(LEVERS)}."
    unknown = {told(name, str) for change in repairs.values() for name in change} - set(LEVERS)
    if unknown:
        return f"Not one of the levers {', '.join(LEVERS)}: {', '.join(sorted(unknown))}."
    for way, change in repairs.items():
        levers = {**LEVERS, **change}
        try:
            alphas = [finite_number("alpha", levers.pop("alpha"))]
            training_death.live(**BROKEN_NETWORK, **levers, alphas=alphas)  # trains nothing yet
        except (TypeError, ValueError) as error:
            return f"{way}: {error}"
    first, second = (
        {name for name, value in change.items() if value != LEVERS[name]} for change in repairs.values()
    )
    if first <= second or second <= first:
        return f"Hint: {SAME_LEVER}"
    for name, change in repairs.items():
        right = _repaired(**{**LEVERS, **change})
        if right < REPAIRED:
            accuracy = format(right, _short_of(REPAIRED, right))
            return f"{name}: accuracy {accuracy} over four networks; wanted {REPAIRED}.\nHint: {NOT_ENOUGH}"
    return None


REPAIRED = 0.85
SAME_LEVER = (
    "all that one way changes, the other changes too; find two that pull different levers, and leave out "
    "what stays as it was."
)
NOT_ENOUGH = "look which rows of the table above are near the one with learning rate 0.01."


# --- Notebook 06: limits ---------------------------------------------------------------------------


def _images_of_channels() -> np.ndarray:
    """Pre-activations of three images, five channels and 2 × 2 pixels."""
    z = np.random.default_rng(11).uniform(-3, -0.1, (3, 5, 2, 2))
    z[0, 1, 0, 1] = 2.0  # alive on one pixel of the first image
    z[:, 2] = np.minimum(z[:, 2] + 1, 0)  # dead, and now and then at 0
    z[1, 3, 1, 0] = 30.0  # alive on one pixel of the second, and loud enough there for a positive mean
    z[:, 4] *= -1  # alive, but on one pixel
    z[1, 4, 0, 1] = -0.2
    return z


IMAGES_OF_CHANNELS = _images_of_channels()


OTHER_FAULT = {
    "dead": "look at the shares that are never positive: a dead layer has 100 % (where it says –, "
    "the network diverged).",
    "diverging": "its numbers are finite: a network that diverges does not come back.",
    "straight": "its output is not straight, or it does not vary at all: look at the other columns first.",
}
STILL_BROKEN = {
    "dead": "what pushed the units down is still there. A leak lets them climb; better not to push them.",
    "diverging": "look with my_patient.after(repair).examine(): do they still diverge? And finite is not "
    "enough: the step must also suit the task. Which optimiser and learning rate served elsewhere?",
    "straight": "more of what is straight stays straight. What would let it bend?",
}
CAUSE_REMOVED = (
    "what made it ill is no longer there: look with my_patient.after(repair).examine(). But it must also "
    "learn. Do optimiser, learning rate, steps and size suit the task? Which served elsewhere?"
)


def _hint_for_a_repair(fault: str, settings: Mapping) -> str:
    """What to think of next, where networks of these settings are not well yet."""
    removed = (fault == "dead" and settings["bias"] >= 0) or (
        fault == "straight" and abs(settings["alpha"] - 1) > 0.5
    )
    return CAUSE_REMOVED if removed else STILL_BROKEN[fault]


def _capstone_fails(answer: Mapping) -> str | None:
    """What is wrong with a diagnosis, or with a repair, of the patient of the learner's number."""
    if answer.get("patient", ...) is ...:
        return "patient: put your number here, such as 7."
    try:
        sick = patient(answer["patient"])
    except (TypeError, ValueError) as error:
        return f"patient: {error}"
    fault, repair = _tidy(answer.get("fault", ...)), answer.get("repair", ...)
    if not isinstance(fault, str) or fault not in FAULTS:
        return f"fault: say one of {', '.join(map(repr, FAULTS))}."
    if fault != sick.fault:
        return f"fault: not {fault}. Hint: {OTHER_FAULT[fault]}"
    if not isinstance(repair, Mapping) or not repair:
        return (
            f"fault: right. repair: a dict is wanted that changes one or more of {', '.join(REPAIRABLE)}."
        )
    try:
        cured = heal(sick, repair)
    except (TypeError, ValueError) as error:
        return f"fault: right. repair: {error}"
    if cured.value < CURED:
        accuracy = format(cured, _short_of(CURED, cured.value))
        return (
            f"fault: right. repair: accuracy {accuracy} over {cured.networks} networks; wanted {CURED}.\n"
            f"Hint: {_hint_for_a_repair(fault, sick.after(repair).settings)}"
        )
    return None


EXERCISES: Mapping[str, Exercise] = {
    "leaky_relu": Exercise(
        task="Replace the ... by one line that returns z where z >= 0, and alpha * z elsewhere.",
        answer=lambda z, alpha: leaky_relu(z, alpha),
        inputs=((X, 0.01), (X, 0.2), (SMALL * X, 0.2)),
        mistakes=(ABOUT_ALPHA, ABOUT_RELU, ABOUT_SIGN, ABOUT_BOTH_SIDES, ABOUT_FIXED),
        hint="where z >= 0 the output is z; everywhere else it is alpha * z.",
        praise="That one line is the whole activation function; everything in this course builds on it.",
    ),
    "without_where": Exercise(
        task="Write it without np.where, so that it is right for every alpha: 0.01, 1, 2 and −0.5.",
        answer=lambda z, alpha: leaky_relu(z, alpha),
        inputs=((X, 0.01), (X, 1.0), (X, 2.0), (X, -0.5), (SMALL * X, -0.5)),
        mistakes=(
            ABOUT_MAXIMUM,
            ABOUT_ALPHA,
            ABOUT_RELU,
            Mistake(
                lambda z, alpha: np.maximum(z, 0) - alpha * np.minimum(z, 0),
                "where z is negative the sign is turned: −alpha * z. np.minimum(z, 0) is already negative: "
                "add alpha times it. With |z|: 1 + alpha belongs to z, 1 − alpha to |z|.",
            ),
            Mistake(
                lambda z, alpha: (1 + alpha) / 2 * z + (1 - alpha) * np.abs(z),
                "both terms carry a half: (1 + alpha) / 2 * z + (1 - alpha) / 2 * |z|.",
            ),
        ),
        hint="split z into its positive part np.maximum(z, 0) and its negative part np.minimum(z, 0).",
        praise="Right for every alpha. With np.maximum and np.minimum it needs no condition at all.",
        rule=_uses_where,
    ),
    "inverse": Exercise(
        task="Return the z that Leaky ReLU turns into h.",
        answer=lambda h, alpha: leaky_relu_inverse(h, alpha),
        inputs=((X, 0.01), (X, 0.3), (SMALL * X, 0.01)),
        mistakes=(
            Mistake(leaky_relu, "that is Leaky ReLU forward. To undo `times alpha`, divide by it."),
            Mistake(
                lambda h, alpha: np.where(h >= 0, h, -h / alpha),
                "the sign: a negative h comes from a negative z.",
            ),
            Mistake(lambda h, alpha: h / alpha, "the positive side did not change: leave it as it is."),
            Mistake(
                lambda h, alpha: np.where(h >= 0, h, h + alpha),
                "the way there was a multiplication; undo it by a division.",
            ),
        ),
        hint="where h >= 0 nothing happened on the way; where h < 0, h is alpha times z.",
        praise="So every h can be reached, and the inverse is a Leaky ReLU itself, with slope 1 / alpha.",
    ),
    "per_channel": Exercise(
        task="z has shape (images, channels, height, width); give channel c the slope alphas[c].",
        answer=lambda z, alphas: leaky_relu(z, alphas[:, None, None]),
        # Two of them let a slope for each row pass, and one for each image: what differs tells them apart.
        inputs=tuple(
            (z, CHANNEL_ALPHAS)
            for z in (
                IMAGE,
                IMAGE[..., :2],
                IMAGE.reshape(2, 3, 3, 2),
                IMAGE.reshape(3, 3, 2, 2),
                SMALL * IMAGE,
            )
        ),
        mistakes=(
            Mistake(
                lambda z, alphas: leaky_relu(z, alphas),
                "broadcasting lines up the last axes, so the slopes went along the width. "
                "Give alphas the shape (channels, 1, 1) first.",
            ),
            Mistake(
                lambda z, alphas: leaky_relu(z, alphas[:, None]),
                "that lines the slopes up with the height. Two axes come after the channels, "
                "so alphas needs two more axes behind its own.",
            ),
            Mistake(
                lambda z, alphas: leaky_relu(z, alphas[:, None, None, None]),
                "that lines the slopes up with the images: one axis too many. Two come after the channels.",
            ),
            Mistake(
                lambda z, alphas: leaky_relu(z, alphas.mean()),
                "that is one slope for all channels, their mean.",
            ),
            Mistake(
                lambda z, alphas: leaky_relu(z, alphas[0]),
                "that gives every channel the slope of the first.",
            ),
        ),
        hint="reshape alphas so that its only long axis meets the channels: (channels, 1, 1).",
        praise="This is how a PReLU layer with one slope per channel computes its output.",
    ),
    "derivative": Exercise(
        task="Replace the ... by one line that returns the slope: 1 where z >= 0, and alpha elsewhere.",
        answer=lambda z, alpha: leaky_relu_derivative(z, alpha),
        inputs=((X, 0.01), (X, 0.2), (TINY * X, 0.2)),
        alternatives=(
            Alternative(
                lambda z, alpha: np.where(z > 0, 1.0, alpha),
                "At z = 0 yours says alpha, as PyTorch does, and ours says 1: there is no derivative at 0, "
                "so both are choices.",
            ),
        ),
        mistakes=(
            Mistake(
                lambda z, alpha: np.where(z >= 0, 1.0, alpha * z),
                "alpha * z is the *value* on the negative side; its slope is alpha alone.",
            ),
            Mistake(lambda z, alpha: np.where(z >= 0, 1.0, 0.0), SLOPE_OF_RELU),
            Mistake(lambda z, alpha: np.where(z > 0, 1.0, 0.0), SLOPE_OF_RELU),
            Mistake(
                lambda z, alpha: np.where(z >= 0, z, alpha),
                "z is the *value* on the positive side; its slope is 1.",
            ),
            Mistake(
                lambda z, alpha: np.where(z >= 0, 1.0, -alpha),
                "the sign: walk to the right on the negative side and the curve rises, by alpha per step.",
            ),
            Mistake(
                lambda z, alpha: np.where(z >= 0, alpha, 1.0),
                "the two sides are swapped: np.where takes its second argument where the condition holds.",
            ),
            Mistake(
                lambda z, alpha: np.where(z >= 0, 1.0, 0.01),
                ONLY_THE_DEFAULT,
            ),
            Mistake(leaky_relu, "that is the function itself; what is asked for is its slope."),
            Mistake(
                lambda z, alpha: np.where(z == 0, (1 + alpha) / 2, np.where(z > 0, 1.0, alpha)),
                ABOUT_ZERO,
            ),
            Mistake(
                lambda z, alpha: np.where(z == 0, np.nan, np.where(z > 0, 1.0, alpha)),
                ABOUT_ZERO,
            ),
            Mistake(
                lambda z, alpha: np.where(z == 0, 0.0, np.where(z > 0, 1.0, alpha)),
                ABOUT_ZERO,
            ),
        ),
        hint="the slope is 1 where z >= 0 and alpha where z < 0; z itself does not appear in it.",
        praise="This step function is all that Leaky ReLU contributes to the chain rule.",
    ),
    "three_spellings": Exercise(
        task='Replace each ... by "left" (0.3), "mean" (0.65) or "right" (1).',
        answer={MAXIMUM: "mean", WHERE: "right", LEAKY: "left"},
        mistakes=(
            Mistake(
                (MAXIMUM, "left"), "both arguments are 0 there, a tie: x gets half of the gradient too."
            ),
            Mistake((MAXIMUM, "right"), "both arguments are 0 there, a tie: 0.3 * x gets half as well."),
            Mistake((WHERE, "left"), "the condition x >= 0 holds at 0. Which of the two is taken there?"),
            Mistake((WHERE, "mean"), "where takes one of its two values, and shares nothing."),
            Mistake((LEAKY, "mean"), "there is no tie to share in one function. The table has its answer."),
            Mistake((LEAKY, "right"), "that is the answer of JAX. Look at PyTorch's row of the table."),
        ),
        hint='say "left", "mean" or "right".',
        praise="Three spellings, the same values, three slopes at 0. Everywhere else their slopes agree.",
    ),
    "layer_backward": Exercise(
        task="Replace the ... so that the three gradients of a layer come back.",
        answer=_numerical_layer_backward,
        parts=("weight_gradient", "bias_gradient", "x_gradient"),
        inputs=(_layer_case(0.1), _layer_case(0.0), _layer_case(0.1, TINY)),
        mistakes=(
            Mistake(
                _layer_backward_with(lambda z, alpha: 1.0),
                "the slope f'(z) is missing: multiply error by it before anything else.",
            ),
            Mistake(
                _layer_backward_with(lambda z, alpha: np.where(z > 0, 1.0, alpha * z)),
                "alpha * z is the value on the negative side; the chain rule wants the slope, alpha.",
            ),
            Mistake(
                _layer_backward_with(lambda z, alpha: np.where(z > 0, 1.0, 0.0)),
                f"that is ReLU's slope: on the negative side use alpha, not 0. {CUT_OFF}",
            ),
            Mistake(
                _layer_backward_with(lambda z, alpha: np.where(z > 0, 1.0, 0.01)),
                ONLY_THE_DEFAULT,
            ),
            Mistake(
                _layer_backward_with(lambda z, alpha: np.where(leaky_relu(z, alpha) >= 0, 1.0, alpha)),
                "the mask was taken from the activation instead of z. With alpha = 0 the activation is 0 "
                "where z is negative, and >= 0 cannot tell any more.",
            ),
            Mistake(
                _layer_backward_with(lambda z, alpha: np.where(z > 0, alpha, 1.0)),
                "the two sides are swapped: the slope is 1 where z >= 0.",
            ),
            Mistake(
                _then(_RIGHT_LAYER, lambda w, b, x: (-w, -b, -x)),
                "the sign: this is the gradient itself; the minus comes with the step of learning.",
            ),
            Mistake(
                _then(_RIGHT_LAYER, lambda w, b, x: (w.T, b, x)),
                "weight_gradient must have the shape of weights: x.T comes first.",
            ),
            Mistake(
                _then(_RIGHT_LAYER, lambda w, b, x: (w, b / 5, x)),
                "the bias gradient is the sum over the examples, not their mean.",
            ),
            Mistake(
                _then(_RIGHT_LAYER, lambda w, b, x: (w / 5, b, x)),
                "the weight gradient is the sum over the examples, not their mean: x.T @ back has it.",
            ),
            Mistake(
                _then(_RIGHT_LAYER, lambda w, b, x: (w / 5, b / 5, x)),
                "weights and bias want the sum over the examples, not the mean: the error that comes from "
                "above is already that of the mean loss.",
            ),
        ),
        hint="first back = error * slope, with slope 1 where z >= 0 and alpha elsewhere. Then x.T @ back, "
        "the sum of back over the examples (axis 0), and back @ weights.T.",
        praise="Finite differences agree on every number: you have written backpropagation for a layer.",
    ),
    "find_the_bug": Exercise(
        task="Something in this backward pass is wrong. Find it and change it; the loss is right.",
        answer=_numerical_two_layers,
        parts=("w1_gradient", "w2_gradient"),
        inputs=(_two_layer_case(0.01), _two_layer_case(0.3), _two_layer_case(0.3, TINY)),
        untouched=_two_layers_with(lambda z, h, alpha: np.where(z >= 0, alpha, 1.0)),
        mistakes=(
            Mistake(
                _two_layers_with(lambda z, h, alpha: 1.0),
                "without a slope the activation is treated as a straight line. Which slope belongs where?",
            ),
            Mistake(
                _two_layers_with(lambda z, h, alpha: np.where(z >= 0, 1.0, 0.0)),
                f"that is ReLU's slope; the forward pass uses Leaky ReLU. {CUT_OFF}",
            ),
            Mistake(
                _two_layers_with(lambda z, h, alpha: np.where(z >= 0, 1.0, 0.01)),
                ONLY_THE_DEFAULT,
            ),
            Mistake(
                _two_layers_with(lambda z, h, alpha: np.where(z >= 0, 1.0, alpha * z)),
                "alpha * z is the value on the negative side; its slope is alpha.",
            ),
            Mistake(
                _two_layers_with(lambda z, h, alpha: np.where(z < 0, -alpha, 1.0)),
                "the sign of alpha: the curve rises on the negative side too.",
            ),
        ),
        hint="as you found it w2_gradient agreed, so the loss and all that leads to it are right: leave "
        "those alone. Look at what comes after, and ask of the slope: where is it 1, where alpha?",
        praise="A swapped mask trains, mostly worse, and raises no error. A gradient check sees it.",
    ),
    "never_positive": Exercise(
        task="Return one True or False per unit: True where it is at most 0 on every example.",
        answer=lambda z: (z <= 0).all(axis=0),
        inputs=((PRE_ACTIVATIONS,), (PRE_ACTIVATIONS[:, :3],), (TINY * PRE_ACTIVATIONS,)),
        mistakes=(
            Mistake(
                lambda z: (z <= 0).any(axis=0),
                "a unit that is negative now and then does its job; ask whether it *always* is.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=1),
                "the axes: rows are examples, columns are units. This asks a question to each example.",
            ),
            Mistake(
                lambda z: (z < 0).all(axis=0),
                "a unit at exactly 0 on every example is not positive either: use <=.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=0).sum(),
                "that counts them; return the row of True and False, one for each unit.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=0).astype(int),
                "return True and False, not 1 and 0; leave the comparison's answers as they are.",
            ),
            Mistake(
                lambda z: (z == 0).all(axis=0),
                "these are pre-activations: most are negative, not 0.",
            ),
        ),
        hint="compare with 0, then ask whether it holds for all examples: axis 0.",
        praise="You can count them in any network with it. Under ReLU these units are dead.",
    ),
    "diagnose": Exercise(
        task='Replace each ... by "dead", "saturated" or "fine".',
        answer={"A": "saturated", "B": "dead", "C": "fine"},
        mistakes=(
            Mistake(("A", "dead"), "no gradient, true, but look whether its units are ever positive."),
            Mistake(("A", "fine"), "no gradient reaches any hidden unit. How large are its outputs?"),
            Mistake(("B", "saturated"), "its outputs are small. Look at its second layer."),
            Mistake(
                ("B", "fine"),
                "its second layer is never positive: it answers the same to every input.",
            ),
            Mistake(
                ("C", "dead"),
                "a few units are never positive. Which network has a whole dead *layer*?",
            ),
            Mistake(("C", "saturated"), "its gradients are not 0, and its outputs are of ordinary size."),
        ),
        hint='say "dead", "saturated" or "fine".',
        praise="No gradient can mean two things: nothing gets through, or there is nothing left to learn. "
        "One look at the pre-activations tells them apart.",
    ),
    "kill_half": Exercise(
        task="Replace the ... by a learning rate at which about half of the ReLU units end never positive.",
        answer=_kills_half,
        praise="With two more layers the cliff comes earlier: with three, a rate of 2 did as much.",
    ),
    "he_gain": Exercise(
        task="Return the gain g for which g² times the share kept is 1.",
        answer=leaky_relu_gain,
        inputs=((SLOPES,), (0.3,)),
        mistakes=(
            Mistake(
                lambda alpha: 2 / (1 + alpha**2),
                "that is the gain squared: the weights' variance is g²/n, their standard deviation g/√n.",
            ),
            Mistake(lambda alpha: np.sqrt(2.0) + 0 * alpha, "that is right for ReLU only: α is missing."),
            Mistake(
                lambda alpha: np.sqrt(2 / (1 + alpha)),
                "the leak acts on squares: α², not α.",
            ),
            Mistake(
                lambda alpha: np.sqrt((1 + alpha**2) / 2),
                "upside down: the smaller the share that is kept, the larger the gain must be.",
            ),
        ),
        hint="solve g² · (1 + α²)/2 = 1 for g.",
        praise="He et al. (2015), equation 15. At α = 0.01 it is √2 to four digits, at α = 1 it is 1.",
    ),
    "design": Exercise(
        task="Replace each ... so that the sweep could prove the claim wrong.",
        answer=GOOD_DESIGN,
        judge=_could_prove_wrong,
        mistakes=(
            Mistake({**GOOD_DESIGN, "alphas": [0.1, 0.3]}, WITHOUT_BASELINE),
            Mistake({**GOOD_DESIGN, "alphas": [0.3, 0]}, BASELINE_FIRST),
            Mistake({**GOOD_DESIGN, "alphas": [0, 0.1]}, WITHOUT_SUBJECT),
            Mistake({**GOOD_DESIGN, "seeds": 3}, TOO_FEW_SEEDS),
            Mistake({**GOOD_DESIGN, "depths": [8]}, ONE_DEPTH),
            Mistake({**GOOD_DESIGN, "depths": [1, 2]}, DEPTHS_ALIKE),
            Mistake({**GOOD_DESIGN, "learning_rates": [0.1]}, ONE_RATE),
        ),
        praise="A baseline, the slope in question, enough seeds, two depths, and for each slope a learning "
        "rate of its own. Run it (some seconds): experiments.sweep(**design).at_best_rate().summary().",
    ),
    "read_intervals": Exercise(
        task='Replace each ... by "better", "worse", "no difference" or "cannot say".',
        answer={"A": "better", "B": "cannot say", "C": "no difference", "D": "worse"},
        mistakes=(
            Mistake(
                ("A", "cannot say"), "the whole interval lies above 0: all values it allows are gains."
            ),
            Mistake(("A", "no difference"), "the whole interval lies above 0: no difference is not in it."),
            Mistake(("A", "worse"), "the whole interval lies above 0: it reads mine minus the other's."),
            Mistake(("B", "worse"), "its middle lies above 0, and it reaches to both sides of it."),
            Mistake(
                ("B", "better"),
                "the middle is the same as A's, but the interval reaches below 0: a loss is possible too.",
            ),
            Mistake(
                ("B", "no difference"),
                "not seen is not the same as not there: this interval allows a gain of three points.",
            ),
            Mistake(
                ("C", "cannot say"),
                "it is narrow around 0: it allows a difference of no more than a tenth of a point.",
            ),
            Mistake(
                ("C", "better"), "the interval lies around 0, and a tenth of a point is all it allows."
            ),
            Mistake(("C", "worse"), "the interval lies around 0, and a tenth of a point is all it allows."),
            Mistake(("D", "better"), "the whole interval lies below 0: all values it allows are losses."),
            Mistake(("D", "no difference"), "the whole interval lies below 0."),
            Mistake(("D", "cannot say"), "the whole interval lies below 0."),
        ),
        hint="ask where 0 lies, and how large a difference the interval still allows.",
        praise="Where 0 lies says whether there is a difference; the width says what could have been seen.",
    ),
    "first_dead_layer": Exercise(
        task="Replace the ... by the number of the first layer, from 1, in which every channel is dead.",
        answer=4,
        mistakes=(
            Mistake(3, "layers are counted from 1 here, lists from 0."),
            Mistake(5, "layer 5 is dead as well, but only because nothing reaches it."),
            Mistake(8, "that is the last one; where does it begin?"),
        ),
        hint="units.never_positive(z), for the z of each layer: where is it True for all channels?",
        praise="Behind a dead layer nothing depends on the image: look for the first.",
    ),
    "two_repairs": Exercise(
        task="Replace each ... by a dict of settings that repairs the network.",
        answer={"one way": {"learning_rate": 0.01}, "another way": {"normalised": True}},
        judge=_repair_fails,
        mistakes=(
            Mistake(
                {"one way": {"learning_rate": 0.01}, "another way": {"learning_rate": 0.005}}, SAME_LEVER
            ),
            Mistake(
                {"one way": {"learning_rate": 0.01}, "another way": {"learning_rate": 0.01, "alpha": 0.0}},
                SAME_LEVER,
            ),
            Mistake(
                {
                    "one way": {"learning_rate": 0.01},
                    "another way": {"learning_rate": 0.005, "normalised": True},
                },
                SAME_LEVER,
            ),
            Mistake(
                {"one way": {"learning_rate": 0.01}, "another way": {"optimiser": "sgd"}},
                NOT_ENOUGH,
            ),
        ),
        praise="Different levers, one aim: keep channels from being thrown to where nothing is positive.",
    ),
    "dead_channels": Exercise(
        task="Return one True or False per channel, for z of shape (images, channels, height, width).",
        answer=lambda z: (z <= 0).all(axis=(0, 2, 3)),
        inputs=((IMAGES_OF_CHANNELS,), (TINY * IMAGES_OF_CHANNELS,)),
        mistakes=(
            Mistake(
                lambda z: (z <= 0).any(axis=(0, 2, 3)),
                "one pixel at or below 0 is not enough: of a dead channel all pixels of all images are.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=(1, 2, 3)),
                "the axes: this says which *image* is positive in no channel. Channels are axis 1.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=(0, 1, 2)),
                "this layout has the channels on axis 1, not last; you kept the width.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=0),
                "that still has a True or False for each pixel; take height and width together as well.",
            ),
            Mistake(
                lambda z: (z < 0).all(axis=(0, 2, 3)),
                "a channel at exactly 0 passes no gradient either: use <=.",
            ),
            Mistake(
                lambda z: (z > 0).any(axis=(0, 2, 3)),
                "upside down: this is True for the channels that are alive.",
            ),
            Mistake(
                lambda z: (z <= 0).all(axis=(0, 2, 3)).astype(int),
                "return True and False, not 1 and 0; leave the comparison's answers as they are.",
            ),
            Mistake(
                lambda z: z.mean(axis=(0, 2, 3)) <= 0,
                "a negative mean is not enough: one positive pixel in one image is enough to be alive.",
            ),
            Mistake(
                lambda z: (z[0] <= 0).all(axis=(1, 2)),
                "that looks at the first image only; a channel may be alive in another one.",
            ),
        ),
        hint="compare with 0, then .all over every axis but that of the channels.",
        praise="`take_home.Watch(channels=1)` does that batch by batch, on arrays of any framework.",
    ),
    "for_and_against": Exercise(
        task='Replace each ... by "for", "against" or "not so".',
        answer={"A": "for", "B": "not so", "C": "against", "D": "against", "E": "not so", "F": "for"},
        mistakes=(
            Mistake(("A", "not so"), "it is so: the slope α is what arrives (02), and it is not 0."),
            Mistake(("B", "for"), "it would be, if it were so: the mean is (1 − α)/√(2π)."),
            Mistake(("B", "against"), "it is not even so: the mean is (1 − α)/√(2π), not 0."),
            Mistake(("C", "not so"), "look at the figure above: the largest α diverges first."),
            Mistake(("C", "for"), "to diverge is no better than to die: neither network has learned."),
            Mistake(("A", "against"), "why against? A gradient is what lets it come back."),
            Mistake(("D", "for"), "having to choose is work, and a way to be wrong."),
            Mistake(
                ("D", "not so"),
                "in 04, with 2 layers, 0.8 costs 0.4 points on digits; on spirals, in 400 steps, 11.",
            ),
            Mistake(
                ("E", "for"),
                "the table under What came after has both, each at its own learning rate: the interval of "
                "their difference holds 0, with two layers and with eight.",
            ),
            Mistake(
                ("E", "against"), "it is not even so: at 0.01 the intervals of the differences hold 0."
            ),
            Mistake(("F", "not so"), "05 timed it: beside the convolution both are a small part."),
            Mistake(("F", "against"), "costing hardly more is nothing to hold against it."),
        ),
        hint='say "for" or "against" if the sentence is true, "not so" if it is not.',
        praise="You can now argue both ways, and say which sentences of either side are not so.",
    ),
    "capstone": Exercise(
        task="Fill in the patient's number, your diagnosis and your repair.",
        answer={"patient": 7, "fault": "diverging", "repair": {"optimiser": "adam", "learning_rate": 0.01}},
        judge=_capstone_fails,
        mistakes=(
            Mistake({"patient": 7, "fault": "dead", "repair": {"bias": 0}}, OTHER_FAULT["dead"]),
            Mistake({"patient": 3, "fault": "diverging", "repair": {"bias": 0}}, OTHER_FAULT["diverging"]),
            Mistake({"patient": 3, "fault": "straight", "repair": {"alpha": 0.1}}, OTHER_FAULT["straight"]),
            Mistake(
                {"patient": 7, "fault": "diverging", "repair": {"alpha": 0.0}}, STILL_BROKEN["diverging"]
            ),
            Mistake({"patient": 5, "fault": "dead", "repair": {"alpha": 0.01}}, STILL_BROKEN["dead"]),
            Mistake({"patient": 0, "fault": "straight", "repair": {"depth": 8}}, STILL_BROKEN["straight"]),
        ),
        praise="Measured, named, repaired, and judged over twenty networks. Do the same with your own.",
    ),
}
