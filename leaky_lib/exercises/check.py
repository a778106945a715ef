"""Four kinds of exercise that answer back: a function, a number, words, and what a judge has to try.

``check("leaky_relu", my_function)`` tries an answer on a few inputs. An untouched stub is *not attempted
yet* and never raises. A wrong answer gets the input that breaks it, what came out, what was expected,
and, where the outputs are those of a common mistake, the hint for that mistake.
"""

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature

import numpy as np

import leaky_lib.exercises.cases as cases
import leaky_lib.exercises.judges as judges
from leaky_lib import figures
from leaky_lib.arguments import name_among, true_or_false
from leaky_lib.exercises.content import Entries, check_keys
from leaky_lib.exercises.slips import (
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


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all kinds have: the task, and a word of praise."""

    task: str
    praise: str
    hint: str = ""

    def check(self, answer: object) -> Verdict:
        """Try an answer; whatever happens when it is looked at, a verdict comes of it."""
        if answer is ... or answer is None:
            return Verdict("not attempted yet", self.task)
        verdict = guarded(answer, lambda: self._verdict(answer))
        if isinstance(verdict, Verdict):
            return verdict
        hint = slip_in_error(verdict) or "give plain numbers, words or a function, as the cell above does."
        return Verdict("not yet", f"{self.task}\n{_raised(verdict)}\nHint: {hint}")

    def _verdict(self, answer: object) -> Verdict:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class AFunction(Exercise):
    """A function, tried on each tuple of ``inputs`` beside the right one, ``answer``.

    One that returns several arrays names them in ``parts``. ``untouched`` is the function that the learner
    finds, where that is more than a stub; ``rule`` says what a right answer lacks all the same, or None.
    """

    answer: Callable
    inputs: tuple[tuple, ...]
    mistakes: tuple[Mistake, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    parts: tuple[str, ...] = ()
    untouched: Callable | None = None
    rule: Callable[[object], str | None] | None = None

    def _verdict(self, answer: object) -> Verdict:
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
        for number, (got, want) in enumerate(zip(outcomes, wanted, strict=True)):
            if not _same(got, want):
                return self._wrong(outcomes, wanted, number)
        missing = self.rule and self.rule(answer)
        return Verdict("not yet", missing) if missing else Verdict("right", self.praise)

    def _wrong(self, outcomes: list, wanted: list, shown: int) -> Verdict:
        """What to say of outcomes of which the one shown is wrong."""
        got, want = outcomes[shown], wanted[shown]
        found = _contrast_parts(self.parts, got, want) if self.parts else _contrast(got, want)
        tried = _tried(self.answer, self.inputs[shown], largest=0 if self.parts else SHOWN_WHOLE)
        if self._does_like(outcomes, self.untouched):
            as_found = "The results are still those of what you found."
            return Verdict("not attempted yet", f"{self.task} {as_found}\n{tried}\n{found}")
        hint = slip_in_error(got) or self._hint_for(outcomes, wanted, shown)
        return Verdict("not yet", f"{tried}\n{found}\nHint: {hint}")

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


@dataclass(frozen=True, kw_only=True)
class ANumber(Exercise):
    """A number."""

    answer: float
    mistakes: tuple[Mistake, ...] = ()

    def _verdict(self, answer: object) -> Verdict:
        number = as_number(answer)
        if number is None:
            return Verdict("not yet", f"Expected a number; got {type(answer).__name__} {told(answer)}.")
        if np.isclose(number, self.answer):
            return Verdict("right", self.praise)
        hints = (mistake.hint for mistake in self.mistakes if np.isclose(number, float(mistake.like)))
        hint = next(hints, None) or _slip_in_number(number, self.answer) or self.hint
        return Verdict("not yet", f"You said {number:g}.\nHint: {hint}")


@dataclass(frozen=True, kw_only=True)
class Words(Exercise):
    """A dict of words, and a reply to each wrong one: ``replies[key][word]``."""

    answer: Mapping[str, str]
    replies: Mapping[str, Mapping[str, str]]

    def _verdict(self, answer: object) -> Verdict:
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
        words = {*self.answer.values(), *(word for replies in self.replies.values() for word in replies)}
        if not isinstance(word, str) or word not in words:
            return f"{told(word)} is none of the words: {self.hint}"
        return self.replies[key].get(word, self.hint)


@dataclass(frozen=True, kw_only=True)
class Judged(Exercise):
    """An answer that a judge of `leaky_lib.exercises.judges` has to try, such as a dict of settings.

    ``answer`` is one of those that are right, and says whether a dict is wanted.
    """

    judge: Callable
    answer: object
    hints: Mapping[str, str]
    mistakes: tuple[Mistake, ...] = ()

    def _verdict(self, answer: object) -> Verdict:
        if isinstance(self.answer, Mapping):
            if not isinstance(answer, Mapping):
                return Verdict("not yet", f"Expected a dict of settings; got {type(answer).__name__}.")
            if all(value is ... or value is None for value in answer.values()):
                return Verdict("not attempted yet", self.task)
        wrong, found = self.judge(answer, self.hints)
        return Verdict("not yet", wrong) if wrong else Verdict("right", f"{found}{self.praise}")


def _exercise_of(entry: dict) -> Exercise:
    """An exercise from its entry in a TOML file; which kind it is, its keys tell."""
    common = {key: entry[key] for key in ("task", "praise", "hint") if key in entry}
    if "judge" in entry:
        check_keys(entry, ("task", "praise", "judge", "answer"), ("hints", "mistakes"))
        hints, answer = entry.get("hints", {}), entry["answer"]
        mistakes = tuple(
            Mistake({**answer, **mistake["like"]}, hints[mistake["hint"]])
            for mistake in entry.get("mistakes", [])
        )
        judge = getattr(judges, entry["judge"])
        return Judged(judge=judge, answer=answer, hints=hints, mistakes=mistakes, **common)
    if "inputs" in entry:
        return _function_of(entry, common)
    if isinstance(entry.get("answer"), dict):
        check_keys(entry, ("task", "praise", "hint", "answer", "replies"))
        if entry["replies"].keys() != entry["answer"].keys():
            raise ValueError(f"wants replies for each of {', '.join(entry['answer'])}")
        return Words(answer=entry["answer"], replies=entry["replies"], **common)
    check_keys(entry, ("task", "praise", "hint", "answer"), ("mistakes",))
    mistakes = tuple(Mistake(**mistake) for mistake in entry.get("mistakes", []))
    return ANumber(answer=float(entry["answer"]), mistakes=mistakes, **common)


def _function_of(entry: dict, common: dict) -> AFunction:
    optional = ("mistakes", "alternatives", "parts", "untouched", "rule")
    check_keys(entry, ("task", "praise", "hint", "answer", "inputs"), optional)

    def value(expression: str) -> object:
        return eval(expression, vars(cases))

    def arguments(expression: str) -> tuple:
        given = value(expression)
        return given if isinstance(given, tuple) else (given,)

    return AFunction(
        answer=value(entry["answer"]),
        inputs=tuple(map(arguments, entry["inputs"])),
        mistakes=tuple(
            Mistake(value(mistake["like"]), mistake["hint"]) for mistake in entry.get("mistakes", [])
        ),
        alternatives=tuple(
            Alternative(value(other["like"]), other["remark"]) for other in entry.get("alternatives", [])
        ),
        parts=tuple(entry.get("parts", ())),
        untouched=value(entry["untouched"]) if "untouched" in entry else None,
        rule=value(entry["rule"]) if "rule" in entry else None,
        **common,
    )


EXERCISES: Mapping[str, Exercise] = Entries("exercise", _exercise_of)


def check(name: str, answer: object) -> Verdict:
    """Try an answer to the exercise called ``name``; a ValueError lists the names there are."""
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
