"""Proves that no answer breaks an exercise: each of a corpus is judged, and told its right cause."""

from decimal import Decimal

import numpy as np
import pytest
from wrong_answers import COMPARING, ODD, RIGHT, WRONG, calls_itself, empty_handed, endless, leaves

from leaky_lib.exercises import EXERCISES, check, judges, slips
from leaky_lib.exercises.check import AFunction, ANumber

FUNCTIONS = [name for name, exercise in EXERCISES.items() if isinstance(exercise, AFunction)]


def test_every_exercise_has_eight_wrong_answers_and_four_right_ones():
    assert WRONG.keys() == RIGHT.keys() == EXERCISES.keys()
    assert min(map(len, WRONG.values())) >= 8
    assert min(map(len, RIGHT.values())) >= 4


@pytest.mark.parametrize(
    ("name", "answer", "cause"),
    [
        pytest.param(name, *wrong, id=f"{name}-{number}")
        for name, entries in WRONG.items()
        for number, wrong in enumerate(entries)
    ],
)
def test_a_wrong_answer_is_told_its_cause(name, answer, cause):
    verdict = check(name, answer)
    assert verdict.state == "not yet"
    assert cause in verdict.words


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param(name, right, id=f"{name}-{number}")
        for name, entries in RIGHT.items()
        for number, right in enumerate(entries)
    ],
)
def test_a_right_answer_is_right_in_any_style(name, answer):
    assert check(name, answer).state == "right"


NEAR_ZERO = {
    **{f"> {bound:g}": lambda z, bound=bound: z > bound for bound in (0.5, 0.1, 1e-3, 1e-6)},
    **{f"> -{bound:g}": lambda z, bound=bound: z > -bound for bound in (0.5, 0.1, 1e-3, 1e-6)},
    "whole > 0": lambda z: z.astype(int) > 0,
    "whole >= 0": lambda z: z.astype(int) >= 0,
    "rounded > 0": lambda z: np.round(z) > 0,
    "not close to 0": lambda z: (z > 0) & ~np.isclose(z, 0, atol=1e-6),
}


@pytest.mark.parametrize("name", COMPARING)
class TestWhatIsComparedWith0:
    @pytest.mark.parametrize("positive", NEAR_ZERO.values(), ids=NEAR_ZERO)
    def test_is_not_compared_with_a_number_near_0(self, name, positive):
        verdict = check(name, COMPARING[name](positive))
        assert verdict.state == "not yet"
        assert "Hint: " in verdict.words

    def test_may_be_compared_exactly(self, name):
        assert check(name, COMPARING[name](lambda z: z > 0))
        assert check(name, COMPARING[name](lambda z: z.astype(np.float32) > 0))


SHRINKING = {"leaky_relu", "without_where", "inverse", "per_channel"}


@pytest.mark.parametrize("name", sorted(COMPARING.keys() - SHRINKING))
@pytest.mark.parametrize("bound", [1e-9, -1e-9, 1e-28, -1e-28])
def test_where_the_result_does_not_shrink_with_the_input_no_bound_is_small_enough(name, bound):
    assert check(name, COMPARING[name](lambda z: z > bound)).state == "not yet"


def forms(name: str, odd: object) -> list[object]:
    """What belongs nowhere, as an answer, its result, all of its entries, and one among right ones."""
    right = EXERCISES[name].answer
    if name in FUNCTIONS:
        parts = EXERCISES[name].parts or ("one", "another")
        return [odd, lambda *args: odd, lambda *args: (odd,) * len(parts)]
    if not isinstance(right, dict):
        return [odd]
    inside = {key: dict.fromkeys(value, odd) for key, value in right.items() if isinstance(value, dict)}
    return [
        odd,
        dict.fromkeys(right, odd),
        *({**right, key: odd} for key in right),
        *({**right, key: value} for key, value in inside.items()),
    ]


def does_answer(name: str, odd: object) -> str:
    """The words of a verdict that an answer of that kind draws, and never a traceback."""
    verdict = check(name, odd)
    assert verdict.state != "right"
    assert verdict._repr_html_()
    return verdict.words


@pytest.mark.parametrize("name", EXERCISES)
def test_what_belongs_nowhere_gets_an_answer_in_words(name, monkeypatch):
    monkeypatch.setattr(
        judges, "accuracy_with", lambda **levers: tried.append(levers["learning_rate"]) or 0.0
    )
    tried = []
    for odd in ODD:
        for form in forms(name, odd):
            assert does_answer(name, form)
    assert set(tried) <= {0, 0.01}, "else settings that are none would have been trained"


@pytest.mark.parametrize("kind", ["requires_grad", "bfloat16", "meta"])
@pytest.mark.parametrize("name", EXERCISES)
def test_a_tensor_that_numpy_cannot_read_is_told_what_to_return(name, kind):
    torch = pytest.importorskip("torch")
    tensor = {
        "requires_grad": lambda: torch.ones(3, requires_grad=True),
        "bfloat16": lambda: torch.ones(3, dtype=torch.bfloat16),
        "meta": lambda: torch.ones(3, device="meta"),
    }[kind]()
    words = [does_answer(name, form) for form in forms(name, tensor)]
    if name in FUNCTIONS:
        assert ".detach().cpu().float().numpy()" in words[-1 if EXERCISES[name].parts else 1]


@pytest.mark.parametrize(
    ("result", "advice"),
    [
        (np.ma.masked_less(np.arange(6.0), 3), ".filled(...) puts numbers there"),
        (10**400, "it returns a whole number too large for an array"),
        ([[1], [1, 2]], "it returns a list; numbers are wanted"),
        (np.datetime64("2000-01-01"), "it returns an array of type datetime64"),
        (Decimal("sNaN"), "it returns a Decimal; numbers are wanted"),
    ],
)
def test_what_is_no_array_of_numbers_is_told_what_to_return(result, advice):
    assert advice in check("leaky_relu", lambda *args: result).words


def test_numbers_of_few_digits_are_told_what_to_return():
    coarse = pytest.importorskip("ml_dtypes").bfloat16
    words = check("leaky_relu", lambda x, alpha: x.astype(coarse)).words
    assert (
        "it returns an array of type bfloat16; numbers are wanted. Return it .astype(np.float32)." in words
    )


@pytest.mark.parametrize(("right", "upside_down"), [(4.0, 0.25), (0.2, 5), (-3, -1 / 3)])
def test_a_number_upside_down_is_called_so(right, upside_down):
    exercise = ANumber(task="", answer=right, praise="", hint="another")
    assert "upside down" in exercise.check(upside_down).words
    assert "upside down" not in exercise.check(1 + right).words


@pytest.mark.parametrize("name", FUNCTIONS)
class TestAnyFunction:
    def test_one_that_never_ends_is_stopped(self, name, monkeypatch):
        monkeypatch.setattr(slips, "LIMIT_SECONDS", 0.05)
        verdict = check(name, endless)
        assert verdict.state == "not yet"
        assert "still running after 0.05 seconds" in verdict.words

    def test_one_that_never_ends_is_not_right_even_where_ours_is_too_slow(self, name, monkeypatch):
        monkeypatch.setattr(slips, "LIMIT_SECONDS", 0.0)
        assert check(name, endless).state == "not yet"

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [(leaves, "leaves Python"), (calls_itself, "calls itself"), (empty_handed, "returns nothing")],
    )
    def test_one_that_comes_back_with_nothing_is_told_why(self, name, answer, cause):
        verdict = check(name, answer)
        assert verdict.state == "not yet"
        assert cause in verdict.words

    def test_what_it_prints_is_seen_and_changes_no_verdict(self, name, capsys):
        def talks(*args):
            print("here I am")
            return EXERCISES[name].answer(*args)

        assert check(name, talks).state == "right"
        assert "here I am" in capsys.readouterr().out


@pytest.mark.parametrize(
    "forever",
    [
        lambda *args: [0 for _ in iter(int, 1)],
        lambda *args: next(number for number in iter(int, 1) if number),
        lambda *args: forever_dividing(args[0]),
    ],
)
def test_a_loop_without_end_is_stopped_however_it_is_written(forever, monkeypatch):
    monkeypatch.setattr(slips, "LIMIT_SECONDS", 0.05)
    assert "still running after 0.05 seconds" in check("leaky_relu", forever).words


def test_a_number_that_never_says_what_it_is_is_stopped_too(monkeypatch):
    monkeypatch.setattr(slips, "LIMIT_SECONDS", 0.05)

    class Number:
        def __float__(self):
            while True:
                pass

    assert "still running after 0.05 seconds" in check("first_dead_layer", Number()).words


def forever_dividing(x):
    while np.any(x != 0.1):
        x = x / 2
    return x
