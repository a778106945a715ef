"""Proves that exercises and questions answer back: stubs, solutions, common mistakes, every choice."""

import re
from inspect import signature
from pathlib import Path

import hygiene
import numpy as np
import pytest
from foreseen_mistakes import FORESEEN

from leaky_lib import activations, exercises, experiments, intervals
from leaky_lib.exercises import EXERCISES, QUESTIONS, ask, cases, check, judges, questions, slips
from leaky_lib.exercises.check import AFunction, Words

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
CHECK_CALL = re.compile(r'exercises\.check\("(\w+)", (\w+)\)')


@pytest.fixture(autouse=True)
def a_kernel_that_has_seen_no_answers(monkeypatch):
    monkeypatch.setattr(questions, "MEMORY", questions.Memory())


def exercise_checks() -> list:
    """Every checking cell of every notebook, with the cells around it."""
    found = []
    for path in NOTEBOOKS:
        cells = hygiene.load(path).cells
        for position, cell in enumerate(cells):
            if cell.cell_type == "code" and (call := CHECK_CALL.fullmatch(cell.source.strip())):
                around = (cells[position - 1], cells[position + 1])
                found.append(pytest.param(*call.groups(), *around, id=f"{path.stem}-{call[1]}"))
    return found


def namespace_of_a_notebook() -> dict[str, object]:
    from leaky_lib import leaky_relu

    return {"np": np, "leaky_relu": leaky_relu}


@pytest.mark.parametrize(("name", "answer", "stub", "solution"), exercise_checks())
class TestInTheNotebooks:
    def test_an_untouched_stub_is_not_attempted_yet(self, name, answer, stub, solution):
        names = namespace_of_a_notebook()
        exec(stub.source, names)
        assert check(name, names[answer]).state == "not attempted yet"

    def test_the_printed_solution_is_right(self, name, answer, stub, solution):
        assert "solution" in solution.metadata.get("tags", [])
        (code,) = re.findall(r"```python\n(.*?)```", solution.source, re.DOTALL)
        names = namespace_of_a_notebook()
        exec(code, names)
        assert check(name, names[answer]).state == "right"


class TestWhatAnswersAreTriedWith:
    def test_a_curve_is_tried_on_both_sides_and_at_0_and_nowhere_twice(self):
        x = cases.X
        assert (np.diff(x) > 0).all()
        assert x.min() < 0 < x.max()
        assert 0 in x
        assert -x.min() not in x, "a sign that is lost has to show"

    def test_images_are_as_much_negative_as_positive_and_each_channel_has_its_own_slope(self):
        assert cases.IMAGE.mean() == pytest.approx(0)
        assert cases.IMAGE.shape[1] == len(set(cases.CHANNEL_ALPHAS.tolist()))
        assert ((cases.CHANNEL_ALPHAS > 0) & (cases.CHANNEL_ALPHAS < 1)).all()

    def test_slopes_are_those_from_relu_to_no_bend(self):
        inputs = EXERCISES["he_gain"].inputs
        slopes = np.concatenate([np.ravel(args[0]) for args in inputs])
        assert {0.0, 1.0} <= set(slopes.tolist())
        assert ((slopes >= 0) & (slopes <= 1)).all()
        assert any(np.ndim(args[0]) == 0 for args in inputs), "and one number alone"

    def test_units_are_dead_below_0_dead_at_0_and_alive_for_a_single_example(self):
        z = cases.PRE_ACTIVATIONS
        assert (z < 0).all(axis=0).tolist() == [True, False, True, False, False]
        assert (z == 0).all(axis=0).tolist() == [False, False, False, True, False]
        assert (z > 0).sum(axis=0).min() == 0
        assert 1 in (z > 0).sum(axis=0)

    def test_settings_that_a_mistake_foresees_could_be_tried(self):
        foreseen = [
            settings
            for mistake in EXERCISES["two_repairs"].mistakes
            for settings in mistake.like.values()
            if isinstance(settings, dict)
        ]
        rates = [settings["learning_rate"] for settings in foreseen if "learning_rate" in settings]
        assert min(rates) > 0

    def test_after_one_without_end_nothing_more_is_tried(self, monkeypatch):
        monkeypatch.setattr(slips, "LIMIT_SECONDS", 0.05)
        calls = []

        def endless_from_the_second_on(x, alpha):
            calls.append(alpha)
            while len(calls) > 1:
                pass
            return x

        assert len(EXERCISES["without_where"].inputs) > 2
        assert check("without_where", endless_from_the_second_on).state == "not yet"
        assert len(calls) == 2


def test_every_exercise_is_asked_in_a_notebook():
    asked = {parameters.values[0] for parameters in exercise_checks()}
    assert asked == set(EXERCISES)


def test_every_question_is_asked_in_a_notebook():
    text = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    assert set(re.findall(r'exercises\.ask\(\\"(\w+)\\"\)', text)) == set(QUESTIONS)


def mistakes_of(name: str) -> list[tuple[object, str]]:
    """Every answer that an exercise foresees, as somebody would hand it in, and the hint meant for it."""
    exercise = EXERCISES[name]
    if isinstance(exercise, Words):
        return [
            ({**exercise.answer, key: word}, reply)
            for key, replies in exercise.replies.items()
            for word, reply in replies.items()
        ]
    return [(mistake.like, mistake.hint) for mistake in exercise.mistakes]


MISTAKES = [
    pytest.param(name, *mistake, id=f"{name}-{number}")
    for name in EXERCISES
    for number, mistake in enumerate(mistakes_of(name))
]


@pytest.mark.parametrize(("name", "like", "hint"), MISTAKES)
def test_a_common_mistake_draws_its_own_hint(name, like, hint):
    verdict = check(name, like)
    assert verdict.state == "not yet"
    assert hint in verdict.words


@pytest.mark.parametrize(
    "name", [name for name, exercise in EXERCISES.items() if isinstance(exercise, AFunction)]
)
class TestAnyFunction:
    def test_one_that_raises_is_answered(self, name):
        def broken(*args):
            raise KeyError("a slip of the pen")

        verdict = check(name, broken)
        assert verdict.state == "not yet"
        assert "KeyError: 'a slip of the pen'" in verdict.words

    def test_something_else_than_a_function_is_named(self, name):
        assert "got int" in check(name, 3).words

    def test_one_that_changes_its_input_is_told_so(self, name):
        def careless(x, *rest):
            x *= 2
            return EXERCISES[name].answer(x, *rest)

        verdict = check(name, careless)
        assert verdict.state == "not yet"
        assert "changed its input" in verdict.words

    def test_text_instead_of_numbers_is_not_right(self, name):
        assert check(name, lambda *args: "0.01").state == "not yet"

    def test_the_verdict_shows_input_output_and_expectation(self, name):
        def sevens(*args):
            right = EXERCISES[name].answer(*args)
            return tuple(map(sevens_like, right)) if isinstance(right, tuple) else sevens_like(right)

        def sevens_like(array):
            return np.full(np.shape(array), 7)

        words = check(name, sevens).words
        assert words.startswith(f"Tried with {next(iter(signature(EXERCISES[name].answer).parameters))} = ")
        assert "7" in words
        assert "xpected" in words


@pytest.mark.parametrize(
    ("name", "number", "answer"),
    [
        pytest.param(name, number, answer, id=f"{name}-{number}")
        for name, answers in FORESEEN.items()
        for number, answer in enumerate(answers)
    ],
)
def test_a_foreseen_mistake_is_known_in_whatever_words(name, number, answer):
    verdict = check(name, answer)
    assert verdict.state == "not yet"
    assert EXERCISES[name].mistakes[number].hint in verdict.words


def test_every_mistake_that_is_a_function_or_a_number_is_written_once_more():
    with_functions_or_numbers = {
        name: len(exercise.mistakes)
        for name, exercise in EXERCISES.items()
        if not isinstance(exercise.answer, dict) and exercise.mistakes
    }
    assert {name: len(answers) for name, answers in FORESEEN.items()} == with_functions_or_numbers


@pytest.mark.parametrize(
    "style",
    [
        lambda x, alpha: np.where(x > 0, x, alpha * x),
        lambda x, alpha: [value if value >= 0 else alpha * value for value in x.tolist()],
        lambda x, alpha: np.vectorize(lambda value: max(value, alpha * value))(x),
        lambda x, alpha: x * np.where(x < 0, alpha, 1),
        lambda x, alpha: x * ((x >= 0) + alpha * (x < 0)),
    ],
)
def test_other_styles_of_a_right_answer_are_accepted(style):
    assert check("leaky_relu", style)


ALTERNATIVES = [
    pytest.param(name, alternative, id=f"{name}-{number}")
    for name, exercise in EXERCISES.items()
    for number, alternative in enumerate(getattr(exercise, "alternatives", ()))
]


@pytest.mark.parametrize(("name", "alternative"), ALTERNATIVES)
def test_another_right_answer_is_accepted_and_the_difference_explained(name, alternative):
    verdict = check(name, alternative.like)
    assert verdict
    assert alternative.remark in verdict.words


def test_a_result_in_parts_is_judged_part_by_part():
    exercise = EXERCISES["layer_backward"]

    def without_bias_gradient(*args):
        weight_gradient, bias_gradient, x_gradient = exercise.answer(*args)
        return weight_gradient, 0 * bias_gradient, x_gradient

    words = check("layer_backward", without_bias_gradient).words
    assert "weight_gradient: agrees" in words
    assert "x_gradient: agrees" in words
    assert "bias_gradient: Got" in words
    assert "Got 1 of 3 results" in check("layer_backward", lambda *args: exercise.answer(*args)[0]).words
    assert "Got 2 of 3 results" in check("layer_backward", lambda *args: exercise.answer(*args)[:2]).words


def test_several_results_may_come_in_a_list():
    exercise = EXERCISES["layer_backward"]
    assert check("layer_backward", lambda *args: list(exercise.answer(*args)))


def test_the_praised_design_does_prove_the_claim_wrong():
    shallow = experiments.sweep(**{**EXERCISES["design"].answer, "depths": [1]})
    assert shallow.at_best_rate().paired("accuracy", alpha=0.3).high < -0.02


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"data": ["moons", "digits"]}, "data: one name"),
        ({"depths": 8}, "depths: a list"),
        ({"seeds": 2.5}, "seeds"),
        ({"seeds": 1_000_000}, "seeds or alphas or depths or learning_rates must be smaller"),
        ({"seeds": 10**400}, "got seeds=1000"),
        ({"depths": range(1, 10**9)}, "depths must name at most 100,000"),
    ],
)
def test_a_design_of_the_wrong_kind_is_named(change, named):
    verdict = check("design", {**EXERCISES["design"].answer, **change})
    assert verdict.state == "not yet"
    assert named in verdict.words


def test_a_bug_left_alone_is_not_attempted_yet_and_another_bug_is():
    exercise = EXERCISES["find_the_bug"]
    untouched = check("find_the_bug", exercise.untouched)
    assert untouched.state == "not attempted yet"
    assert "still those of what you found" in untouched.words, "also to who changed >= to >"
    assert "w1_gradient: At index" in untouched.words or "w1_gradient: Got" in untouched.words
    assert "w2_gradient: agrees" in untouched.words
    assert check("find_the_bug", exercise.mistakes[0].like).state == "not yet"


def test_a_dict_of_words_is_judged_word_by_word():
    right = dict(EXERCISES["diagnose"].answer)
    words = check("diagnose", {**right, "A": "fine", "B": ...}).words
    assert words.startswith("1 of 3 right.")
    assert "B: still open." in words
    assert EXERCISES["diagnose"].hint in check("diagnose", {**right, "C": "healthy"}).words
    assert check("diagnose", {}).state == "not attempted yet"
    assert "got str" in check("diagnose", "dead").words
    assert check("diagnose", right)


def test_capitals_and_spaces_around_a_word_do_not_matter():
    right = EXERCISES["diagnose"].answer
    assert check("diagnose", {key: f" {word.upper()} " for key, word in right.items()})
    hint = EXERCISES["diagnose"].replies["A"]["dead"]
    assert hint in check("diagnose", {**right, "A": "Dead "}).words


def test_where_is_not_accepted_where_it_is_forbidden():
    def with_where(x, alpha=0.01):
        return np.where(x >= 0, x, alpha * x)

    assert "np.where" in check("without_where", with_where).words


def test_a_function_that_lets_leaky_relu_do_the_work_is_not_accepted_where_it_is_to_be_written():
    verdict = check("without_where", lambda x, alpha: activations.leaky_relu(x, alpha))
    assert verdict.state == "not yet"
    assert "leaky_relu does the work" in verdict.words


def test_a_function_of_the_learners_own_may_help_if_it_does_without_where_too():
    notebook = {"np": np}
    exec(
        "def my_leaky_relu(x, alpha=0.01): return np.where(x >= 0, x, alpha * x)\n"
        "def by_masks(x, alpha): return x * (x >= 0) + alpha * x * (x < 0)\n"
        "def first(x, alpha=0.01): return my_leaky_relu(x, alpha)\n"
        "def second(x, alpha=0.01): return first(x, alpha)\n"
        "def third(x, alpha=0.01): return by_masks(x, alpha)\n",
        notebook,
    )
    for name in ("first", "second"):
        verdict = check("without_where", notebook[name])
        assert verdict.state == "not yet"
        assert "np.where is still in it" in verdict.words
    assert check("without_where", notebook["third"])


HIDING_PLACES = """
import functools
pick, alias = np.where, leaky_relu
vectorized = np.vectorize(lambda x, alpha: np.where(x >= 0, x, alpha * x))

def by(choose, x, alpha): return choose(x >= 0, x, alpha * x)
def enclosed(choose): return lambda x, alpha: choose(x >= 0, x, alpha * x)

class Base:
    def __call__(self, x, alpha=0.01): return self.choose(x >= 0, x, alpha * x)

class Held(Base):
    def __init__(self, choose): self.choose = choose

class Shared(Base):
    choose = staticmethod(np.where)

class Helped:
    def __call__(self, x, alpha): return self.helper(x, alpha)
    def helper(self, x, alpha): return np.where(x >= 0, x, alpha * x)

def waits(function):
    @functools.wraps(function)
    def inner(*args): return function(*args)
    return inner

def multiply(factor, x, alpha): return factor * (x * (x >= 0) + alpha * x * (x < 0))
"""


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        *(
            ("functools.partial(by, np.where)", True),
            ("functools.partial(functools.partial(by, pick))", True),
        ),
        *(("Held(np.where)", True), ("Held(np.where).__call__", True), ("Shared()", True)),
        *(("Helped()", True), ("Helped().helper", True), ("lambda x, alpha: Helped()(x, alpha)", True)),
        *(("vectorized", True), ("lambda x, alpha: vectorized(x, alpha)", True)),
        *(("enclosed(np.where)", True), ("lambda x, alpha: pick(x >= 0, x, alpha * x)", True)),
        *(("lambda x, alpha, choose=np.where: choose(x >= 0, x, alpha * x)", True), ("alias", True)),
        *(("lambda x, alpha, *, choose=np.where: choose(x >= 0, x, alpha * x)", True),),
        *(("waits(enclosed(np.where))", True), ("functools.partial(alias)", True)),
        *(("functools.partial(multiply, 1.0)", False), ("waits(functools.partial(multiply, 1.0))", False)),
        ("Held(lambda where, x, otherwise: x * where + otherwise * ~where)", False),
        ("functools.partial(by, lambda where, x, otherwise: np.select([where], [x], otherwise))", False),
    ],
)
def test_where_is_found_wherever_it_hides_and_only_there(answer, found):
    notebook = {**namespace_of_a_notebook(), "__name__": "__main__"}
    exec(HIDING_PLACES, notebook)
    verdict = check("without_where", eval(answer, notebook))
    assert verdict.state == ("not yet" if found else "right")
    assert ("The numbers are right, but" in verdict.words) is found


@pytest.mark.parametrize(("rate", "word"), [(0.5, "higher"), (8.0, "lower"), (1e30, "below 10")])
def test_the_search_for_a_learning_rate_points_the_way(rate, word):
    verdict = check("kill_half", rate)
    assert verdict.state == "not yet"
    assert word in verdict.words


@pytest.mark.parametrize("rate", [-1.0, 0.0, float("nan"), float("inf")])
def test_an_impossible_learning_rate_is_answered(rate):
    assert "above 0" in check("kill_half", rate).words


def test_the_rate_of_the_table_above_is_not_the_answer():
    assert check("kill_half", 2.0).state == "not yet"


def test_a_rate_that_kills_half_is_told_how_many_it_killed():
    verdict = check("kill_half", 1.2)
    assert verdict
    share = int(re.search(r"At 1\.2, (\d+)% \[\d+%, \d+%\] of the units", verdict.words)[1])
    assert 40 <= share <= 60


@pytest.mark.parametrize("another", [{"normalised": False}, {"alpha": 0.0, "learning_rate": 0.02}])
def test_a_lever_that_is_not_moved_does_not_count_as_a_way_to_repair(another):
    verdict = check("two_repairs", {"one way": {"learning_rate": 0.01}, "another way": another})
    assert verdict.state == "not yet"
    assert EXERCISES["two_repairs"].hints["same_lever"] in verdict.words


def test_two_repairs_may_share_a_lever_if_each_has_one_of_its_own():
    one, another = {"learning_rate": 0.01, "alpha": 0.1}, {"learning_rate": 0.02, "normalised": True}
    assert check("two_repairs", {"one way": one, "another way": another})


def test_a_wrong_number_draws_the_general_hint_too():
    assert EXERCISES["first_dead_layer"].hint in check("first_dead_layer", 7).words
    assert "got str" in check("first_dead_layer", "four").words


@pytest.mark.parametrize("unknown", ["", "leaky", "LEAKY_RELU"])
def test_an_unknown_name_is_answered_with_those_there_are(unknown):
    with pytest.raises(ValueError, match="'without_where'"):
        check(unknown, ...)
    with pytest.raises(ValueError, match="'bad_news'"):
        ask(unknown)


@pytest.mark.parametrize("name", QUESTIONS)
class TestQuestions:
    def test_the_right_choice_is_one_of_the_choices(self, name):
        assert QUESTIONS[name].right in QUESTIONS[name].replies

    def test_every_choice_gets_a_reply_of_its_own(self, name):
        box = ask(name)
        replies = []
        for choice in QUESTIONS[name].replies:
            box.choices.value = choice
            replies.append(box.answer.value)
            right = "That is it." in box.answer.value
            assert right == (choice == QUESTIONS[name].right)
        assert len(set(replies)) == len(replies)

    def test_nothing_is_chosen_and_nothing_given_away_at_first(self, name):
        box = ask(name)
        assert box.choices.value is None
        assert box.answer.value == ""
        text = box._repr_mimebundle_()["text/plain"]
        assert all(choice in text for choice in QUESTIONS[name].replies)
        assert not any(reply in text for reply in QUESTIONS[name].replies.values())


def test_claims_that_hold_are_listed_and_one_that_does_not_stops_the_run():
    assert repr(exercises.defend({"two is even": True})) == "holds: two is even"
    with pytest.raises(AssertionError, match="three is even"):
        exercises.defend({"two is even": True, "three is even": False})


@pytest.mark.parametrize("neither", [np.nan, "no", 1, None, np.array([True, True])])
def test_a_claim_that_is_neither_true_nor_false_is_no_claim(neither):
    with pytest.raises(TypeError, match=r"^the claim 'two is even' must be True or False; got "):
        exercises.defend({"one is odd": np.True_, "two is even": neither})


def test_an_accuracy_that_falls_short_does_not_read_as_enough(monkeypatch):
    just_short = intervals.Estimate(0.8996, 0.86, 0.93, networks=20)
    monkeypatch.setattr(judges, "heal", lambda sick, repair: just_short)
    words = check("capstone", {"patient": 7, "fault": "diverging", "repair": {"steps": 400}}).words
    assert "accuracy 0.8996 [0.8600, 0.9300] over 20 networks; wanted 0.9." in words
    monkeypatch.setattr(judges, "accuracy_with", lambda **levers: 0.8493)
    words = check("two_repairs", {"first": {"alpha": 0.1}, "second": {"optimiser": "sgd"}}).words
    assert "accuracy 0.849 over four networks; wanted 0.85." in words
