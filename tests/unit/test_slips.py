"""Proves that an answer is tried without harm, and that a slip is named by what gives it away."""

import contextlib
import functools
import importlib
import sys

import numpy as np
import pytest

from leaky_lib.exercises import slips
from leaky_lib.exercises.slips import (
    ChangedInputError,
    EndlessError,
    attempt,
    slip_in_error,
    slip_in_numbers,
)

X = np.array([-2.0, 0.0, 0.5, 3.0])


class TestAttempt:
    def test_a_result_comes_back_as_it_is(self):
        assert attempt(lambda x, alpha: (x.tolist(), alpha), (X, 0.1)) == (X.tolist(), 0.1)

    @pytest.mark.parametrize("error", [ValueError("a"), SystemExit(3), RecursionError()])
    def test_an_error_comes_back_too(self, error):
        def raises():
            raise error

        assert attempt(raises, ()) is error

    def test_ones_own_interrupt_is_not_taken_away(self):
        def interrupted():
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            attempt(interrupted, ())

    def test_input_that_was_changed_is_noticed_and_the_original_safe(self):
        def careless(first, second):
            second[0] = 7
            return first

        mine = X.copy()
        assert isinstance(attempt(careless, (1.0, mine)), ChangedInputError)
        assert np.array_equal(mine, X)

    def test_warnings_of_numpy_stay_away(self):
        with np.errstate(all="raise"):
            assert np.isinf(attempt(lambda x: x / 0, (np.array([1.0]),))).all()


def endless():
    while True:
        pass


def endless_and_catching_errors():
    while True:
        with contextlib.suppress(Exception):
            raise ValueError


def endless_calls_of_a_library():
    while True:
        np.linalg.norm(X)


def endless_long_calls_of_a_library():
    while True:
        importlib.import_module("slow").wait(5)


def endless_in_a_callback():
    np.vectorize(lambda value: endless())(X)


LIMIT = 0.1


@pytest.fixture
def short_limit(monkeypatch):
    monkeypatch.setattr(slips, "LIMIT_SECONDS", LIMIT)


@pytest.fixture
def slow_module(tmp_path, monkeypatch):
    """A module whose import takes longer than the limit, as do calls of its function."""
    (tmp_path / "slow.py").write_text(
        "import time\n"
        "def wait(steps):\n"
        "    for _ in range(steps):\n"
        "        end = time.monotonic() + 0.01\n"
        "        while time.monotonic() < end: pass\n"
        f"wait({3 * LIMIT / 0.01:.0f})\n"
        "whole = True\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("slow", None)


class TestTheLimit:
    @pytest.mark.parametrize(
        "answer",
        [
            endless,
            endless_and_catching_errors,
            endless_calls_of_a_library,
            endless_long_calls_of_a_library,
            endless_in_a_callback,
            functools.partial(endless),
        ],
    )
    def test_what_never_ends_is_stopped_and_told_why(self, answer, short_limit, slow_module):
        error = attempt(answer, ())
        assert isinstance(error, EndlessError)
        hint = slip_in_error(error)
        assert f"still running after {LIMIT} seconds" in hint
        assert "the condition of its loop" in hint
        assert "whole arrays" in hint

    def test_an_import_that_takes_long_is_whole_and_costs_no_time(self, short_limit, slow_module):
        def imports():
            import slow

            return slow

        assert attempt(imports, ()).whole
        assert importlib.import_module("slow").whole

    def test_a_long_call_of_a_library_is_let_come_back(self, short_limit, slow_module):
        slow = importlib.import_module("slow")
        assert attempt(lambda: (slow.wait(60), "done"), ()) == (None, "done")

    def test_whoever_watched_before_watches_again(self, short_limit):
        def whoever(*args):
            return None

        trace = sys.gettrace()
        sys.settrace(whoever)
        try:
            for answer in (lambda: 1, lambda: 1 / 0, endless, endless_calls_of_a_library):
                attempt(answer, ())
                assert sys.gettrace() is whoever
        finally:
            sys.settrace(trace)

    def test_an_answer_may_try_another_one(self, short_limit):
        def tries():
            return attempt(endless, ()), attempt(lambda: "done", ())

        stopped, done = attempt(tries, ())
        assert isinstance(stopped, EndlessError)
        assert done == "done"


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda: 1 if X > 0 else 0, "take NumPy's, which work per element"),
        (lambda: __import__("math").sqrt(X), "not those of math"),
        (lambda: float(X), "not those of math"),
        (lambda: (lambda x: x)(X, 0.1), "leave its first line"),
        (lambda: (lambda x, y, z: x)(X), "leave its first line"),
        (lambda: nobody_knows_it, "not defined"),  # noqa: F821
        (lambda: [1.0] - [2.0], "a list is no array"),
        (lambda: [1.0] * [2.0], None),
        (lambda: sys.exit(), "leaves Python"),
        (lambda: (_ for _ in ()).throw(RecursionError), "calls itself"),
        (lambda: (_ for _ in ()).throw(EndlessError), "still running after 5 seconds"),
        (lambda: {}["a"], None),
        (lambda: 1 / 0, None),
        (lambda: X, None),
    ],
)
def test_an_error_that_tells_its_cause(function, told):
    slip = slip_in_error(attempt(function, ()))
    assert slip is None if told is None else told in slip


RIGHT = np.where(X >= 0, X, 0.1 * X)
TRUE = np.array([True, False, True])


@pytest.mark.parametrize(
    ("got", "want", "told"),
    [
        (ValueError("operands could not be broadcast"), RIGHT, "shapes do not line up"),
        (ValueError("matmul: mismatch"), RIGHT, "shapes do not line up"),
        (ValueError("something else"), RIGHT, None),
        (KeyError("broadcast"), RIGHT, None),
        (None, RIGHT, "returns nothing: end with `return`"),
        (np.array(["a"]), RIGHT, "it returns text; numbers are wanted"),
        (np.array(["True"] * 3), TRUE, "it returns text; True and False are wanted"),
        (np.array([b"a"]), RIGHT, "it returns text"),
        (np.array("a"), np.array(1.0), "it returns text"),
        (np.array([1j]), RIGHT, "it returns complex numbers"),
        (np.array(None), RIGHT, "it returns nothing;"),
        (np.array({}), RIGHT, "it returns a dict"),
        (np.array([None, 1]), RIGHT, "a list of unlike things"),
        (TRUE.astype(int), TRUE, "True and False are wanted"),
        (TRUE, TRUE.astype(float), "numbers are wanted, not True"),
        (~TRUE, TRUE, None),
        (np.ones((2, 3)), np.ones((3, 2)), "rows and columns are swapped"),
        (np.ones((3, 2)), np.ones((2, 3)), "rows and columns are swapped"),
        (np.ones((2, 2)), np.ones((2, 2)) + 1, "0.5 times"),
        (np.ones((3, 2, 1)), np.ones((1, 2, 3)), "a result of shape (1, 2, 3) is wanted"),
        (RIGHT.sum(), RIGHT, None),
        (np.array(1.0), RIGHT, "a result of shape (4,) is wanted"),
        (RIGHT.astype(int), RIGHT, "whole numbers cannot hold"),
        ((X > 0).astype(int), np.where(X > 0, 1.0, 0.2), "whole numbers cannot hold"),
        (np.where(X > 0, 1, -1), np.where(X > 0, 1.0, 0.2), None),
        (np.array([1, 2]), np.array([1.0, 4.0]), None),
        (-RIGHT, RIGHT, "only the signs differ"),
        (np.abs(RIGHT), RIGHT, "only the signs differ"),
        (3 * RIGHT, RIGHT, "3 times"),
        (np.array([0.0, 6.0]), np.array([0.0, 2.0]), "3 times"),
        (-2 * RIGHT, RIGHT, "-2 times"),
        (RIGHT / 5, RIGHT, "0.2 times"),
        (0 * RIGHT, RIGHT, None),
        (3 * RIGHT + (X == 0), RIGHT, None),
        (RIGHT * np.array([1.02, 1, 0.97, 1]), RIGHT, "is something rounded"),
        (RIGHT * np.array([1.2, 1, 0.9, 1]), RIGHT, None),
        (np.array(2.0), np.array(1.0), None),
        ((RIGHT, RIGHT), (RIGHT, -RIGHT), None),
    ],
)
def test_what_gives_a_wrong_result_away(got, want, told):
    slip = slip_in_numbers([got], [want])
    assert slip is None if told is None else told in slip


@pytest.mark.parametrize(
    ("wrong", "side"),
    [
        (X < 0, "is negative."),
        (X > 0, "is positive."),
        (X == 0, "is 0."),
        (X <= 0, "is 0 or negative."),
        (X >= 0, "is 0 or positive."),
        (X != 0, None),
    ],
)
def test_the_side_on_which_a_result_is_wrong(wrong, side):
    odd = RIGHT + wrong * np.array([5.0, 6.0, 7.0, 9.0])
    slip = slip_in_numbers([odd, RIGHT], [RIGHT, RIGHT], [(X, 0.1), (X, 0.2)])
    assert slip is None if side is None else slip == f"wrong only where the first argument {side}"


def test_a_side_begins_right_at_0():
    x = np.array([-0.5, -0.1, 0.0, 0.1, 0.5])
    sides = ((x < 0, "negative"), (x > 0, "positive"), (x <= 0, "0 or negative"), (x >= 0, "0 or positive"))
    for wrong, side in sides:
        slip = slip_in_numbers([x + wrong * np.array([3, 5, 7, 9, 2])], [x], [(x,)])
        assert slip == f"wrong only where the first argument is {side}."


def test_there_is_no_side_where_input_and_result_differ_in_shape():
    assert slip_in_numbers([RIGHT + (X < 0)], [RIGHT], [(X[:, None], 0.1)]) is None
    got, want = [np.array(1.0), np.array(3.0)], [np.array(1.0), np.array(5.0)]
    assert slip_in_numbers(got, want, [(1.0,), (2.0,)]) is None


def test_where_no_number_is_wanted_none_is_right():
    right = np.append(RIGHT, np.nan)
    slip = slip_in_numbers([right + (np.append(X, 0) < 0)], [right], [(np.append(X, 7.0),)])
    assert slip == "wrong only where the first argument is negative."


def test_what_is_named_is_a_slip_in_the_result_that_is_shown():
    assert "returns nothing" in slip_in_numbers([RIGHT, None], [RIGHT, RIGHT], shown=1)
    assert slip_in_numbers([RIGHT, KeyError()], [RIGHT, RIGHT], shown=1) is None
    assert slip_in_numbers([X + 1, None], [X, X]) is None
    for flawed in (None, KeyError(), ValueError("could not be broadcast"), RIGHT[:2]):
        assert "2 times" in slip_in_numbers([2 * RIGHT, flawed], [RIGHT, RIGHT], [(X,), (X,)])


def test_a_single_number_can_be_nearly_right():
    one = np.array(0.4)
    assert "rounded" in slip_in_numbers([np.array(0.404)], [one])
    assert slip_in_numbers([np.array(0.8)], [one]) is None
    assert slip_in_numbers([np.array(-0.4)], [one]) is None


def test_a_factor_has_to_be_the_same_for_every_input():
    assert "2 times" in slip_in_numbers([2 * RIGHT, 2 * X], [RIGHT, X])
    assert slip_in_numbers([2 * RIGHT, 3 * X], [RIGHT, X]) is None


def test_whole_numbers_that_are_right_do_not_hide_what_another_input_tells():
    got, want = [np.array([1, 2]), np.array([1.0, 3.0])], [np.array([1.0, 2.0]), np.array([0.5, 1.5])]
    assert slip_in_numbers(got, want, shown=1) is None, "not 2 times what it should be, for every input"


def test_every_input_has_one_result():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        slip_in_numbers([RIGHT, RIGHT], [RIGHT])
    odd = RIGHT + (X < 0)
    with pytest.raises(ValueError, match="argument 2 is longer"):
        slip_in_numbers([odd, odd], [RIGHT, RIGHT], [(X,)])
