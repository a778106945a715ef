"""Proves that the first choice of a question is kept, and set against what was found."""

import re

import pytest

from leaky_lib.exercises import questions
from leaky_lib.exercises.questions import QUESTIONS, Memory, ask, predictions


@pytest.fixture(autouse=True)
def a_fresh_kernel(monkeypatch):
    monkeypatch.setattr(questions, "MEMORY", Memory())


def said(table: questions.Predictions) -> list[tuple[str, str]]:
    return [(row[1], row[3]) for row in table.rows()]


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_text_carries_marks_that_the_widget_would_show_as_they_are(name):
    question = QUESTIONS[name]
    for text in (question.prompt, *question.replies, *question.replies.values()):
        assert not re.search(r"\*\w|\w\*|`|\$", text), text


def test_a_question_left_alone_is_not_answered():
    ask("bad_news")
    ask("collapse")
    bundle = predictions()._repr_mimebundle_()
    assert bundle["text/plain"].count("not answered") == 2
    assert QUESTIONS["bad_news"].right not in bundle["text/plain"], "nothing is given away"
    assert bundle["text/plain"].endswith("0 of 2 questions answered; 0 as it was found.")
    assert r"the function \|x\|" in bundle["text/markdown"], "a bar in a prompt must not end its cell"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_table_names_prediction_finding_and_agreement_in_the_order_of_asking():
    ask("paths").choices.value = "5 %"
    ask("bad_news").choices.value = QUESTIONS["bad_news"].right
    assert predictions().rows() == [
        (QUESTIONS["paths"].prompt, "5 %", QUESTIONS["paths"].right, "no"),
        (QUESTIONS["bad_news"].prompt, "−0.03", "−0.03", "yes"),
    ]
    assert "2 of 2 questions answered; 1 as it was found." in predictions().value


def test_the_first_choice_counts_not_the_last():
    box = ask("bad_news")
    box.choices.value = "0"
    box.choices.value = "−0.03"
    assert "That is it." in box.answer.value
    assert said(predictions()) == [("0", "no")]


def test_running_everything_again_keeps_the_prediction_and_shows_it():
    ask("bad_news").choices.value = "0"
    again = ask("bad_news")
    assert again.choices.value == "0"
    assert "Not so." in again.answer.value
    again.choices.value = "−0.03"
    assert said(predictions()) == [("0", "no")]


def test_a_table_that_stands_already_follows_a_late_answer():
    box, table = ask("bad_news"), predictions()
    assert "not answered" in table.value
    box.choices.value = "−0.03"
    assert "not answered" not in table.value
    assert re.search("<td>−0.03</td><td>−0.03</td><td>yes</td>", table.value)


def test_the_table_can_be_shown_before_anything_was_asked():
    assert "0 of 0 questions" in repr(predictions()._repr_mimebundle_())


def test_what_stands_in_the_table_is_text_not_markup(monkeypatch):
    rude = questions.Question("<b>bold</b>?", {"<i>": "yes"}, right="<i>")
    monkeypatch.setattr(questions, "QUESTIONS", {"rude": rude})
    ask("rude").choices.value = "<i>"
    assert not {"<b>bold", "<i>"} & set(re.findall(r"<b>bold|<i>", predictions().value))
