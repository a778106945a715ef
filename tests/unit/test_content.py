"""Proves that what stands in the texts of notebooks can be read, and that a broken entry is named."""

import pytest

from leaky_lib.exercises import EXERCISES, QUESTIONS, check, content
from leaky_lib.exercises.content import Entries


@pytest.mark.parametrize("entries", [EXERCISES, QUESTIONS], ids=["exercises", "questions"])
def test_every_entry_can_be_read(entries):
    assert len(entries) == len([entries[name] for name in entries]) > 15


QUESTION = """
[question.sky]
prompt = "Which colour?"
right = "blue"
replies = { blue = "Look up.", green = "That is the grass." }
"""
WORDS = """
[exercise.sort]
task = "Sort them."
hint = "Look."
praise = "Good."
answer = { A = "up" }
replies = { A = { down = "No." } }
"""
FUNCTION = """
[exercise.double]
task = "Double it."
hint = "Twice."
praise = "Good."
answer = "lambda z: 2 * z"
inputs = ["X"]
mistakes = [{ like = "lambda z: z", hint = "Once." }]
"""


def read(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Every entry of a folder with this file alone."""
    (tmp_path / "07_more.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(content, "FOLDER", tmp_path)
    content.tables.cache_clear()
    try:
        for heading, made in (("question", QUESTIONS), ("exercise", EXERCISES)):
            entries = Entries(heading, made.make)
            assert all(entries[name] for name in entries)
    finally:
        content.tables.cache_clear()


@pytest.mark.parametrize("text", [QUESTION, WORDS, FUNCTION])
def test_a_good_entry_is_read(text, monkeypatch, tmp_path):
    read(text, monkeypatch, tmp_path)


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        (QUESTION, '"Look up."', '""', "question sky: no reply to blue"),
        (QUESTION, 'right = "blue"', 'right = "red"', "question sky: right must be one of the choices"),
        (QUESTION, 'right = "blue"', 'right = ["blue", "green"]', "question sky: right must be one of"),
        (QUESTION, 'prompt = "Which colour?"', "", "question sky: lacks prompt"),
        (QUESTION, "prompt", "promt", "question sky: lacks prompt"),
        (WORDS, 'praise = "Good."', "", "exercise sort: lacks praise"),
        (WORDS, "replies = { A = ", "replies = { B = ", "exercise sort: wants replies for each of A"),
        (FUNCTION, 'hint = "Twice."', "", "exercise double: lacks hint"),
        (FUNCTION, "2 * z", "2 * z +", "exercise double: invalid syntax"),
        (FUNCTION, '"X"', '"nowhere"', "exercise double: name 'nowhere' is not defined"),
        (FUNCTION, "mistakes", "mistake", "exercise double: there is no mistake in such an entry"),
    ],
)
def test_a_broken_entry_is_named_with_its_file(text, old, new, said, monkeypatch, tmp_path):
    assert text.count(old) == 1
    with pytest.raises(ValueError, match=f"^07_more.toml, {said}"):
        read(text.replace(old, new), monkeypatch, tmp_path)


def test_a_name_that_is_there_twice_is_refused(monkeypatch, tmp_path):
    (tmp_path / "08_again.toml").write_text(QUESTION, encoding="utf-8")
    with pytest.raises(ValueError, match=r"^08_again.toml: sky is there twice, also in 07_more.toml"):
        read(QUESTION, monkeypatch, tmp_path)


def test_an_exercise_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match=r"'leaky_relu'.*; got 'leaky_rely'"):
        check("leaky_rely", ...)
