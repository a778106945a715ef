"""Predict-first questions: a choice, and an answer to each choice, the wrong ones above all.

The first choice of each question is the prediction. The kernel remembers it until it is restarted, and
`predictions` sets it against what was found.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill

import ipywidgets as widgets
import traitlets

from leaky_lib import page
from leaky_lib.arguments import name_among
from leaky_lib.exercises.content import Entries, check_keys
from leaky_lib.tables import Table


@dataclass(frozen=True)
class Question:
    """A question, a reply to every choice, and which choice is right."""

    prompt: str
    replies: Mapping[str, str]
    right: str

    def __str__(self) -> str:
        lines = [fill(self.prompt, 96), *(f"  ( ) {choice}" for choice in self.replies)]
        return "\n".join(lines)


class Memory(traitlets.HasTraits):
    """What was asked so far, in order, and what was chosen first; None where nothing was."""

    first = traitlets.Dict()

    def note(self, name: str, choice: str | None = None) -> None:
        """Keep the first choice of a question; later ones change nothing."""
        if self.first.get(name) is None:
            self.first = {**self.first, name: choice}


MEMORY = Memory()
"""That of this kernel."""


class QuestionBox(widgets.VBox):
    """A question with a button to choose each answer; replies as soon as one is chosen.

    Asked again, it stands where the first choice was.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.question = question = QUESTIONS[name]
        prompt = widgets.HTML(
            f'<div style="line-height: 1.4"><b>Predict.</b> {html.escape(question.prompt)}</div>',
            layout={"max_width": "820px"},
        )
        self.choices = widgets.RadioButtons(
            options=list(question.replies),
            value=None,
            layout={"width": "auto"},
            description="your prediction",
            style={"description_width": "initial"},
        )
        self.answer = widgets.HTML(layout={"min_height": "3.2em", "max_width": "820px"})
        self.answer.add_class("leaky-answer")
        self.choices.observe(self._chosen, "value")
        super().__init__([prompt, self.choices, self.answer, page.arrows_kept()])
        self.add_class("leaky-question")
        MEMORY.note(name)
        self.choices.value = MEMORY.first[name]

    def _chosen(self, change: dict) -> None:
        choice = change["new"]
        if choice is None:
            return
        MEMORY.note(self.name, choice)
        verdict = "That is it." if choice == self.question.right else "Not so."
        reply = html.escape(self.question.replies[choice])
        self.answer.value = f'<div role="status" style="line-height: 1.4"><b>{verdict}</b> {reply}</div>'

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": str(self.question)}


def ask(name: str) -> QuestionBox:
    """Ask the question called ``name``.

    Raises
    ------
    ValueError
        If there is no question of that name.
    """
    return QuestionBox(name_among("question", name, QUESTIONS))


def predictions() -> "Predictions":
    """Set what was predicted first, question by question, against what was found."""
    return Predictions()


class Predictions(widgets.HTML):
    """A table of all questions asked in this notebook; it follows the answers, also later ones."""

    COLUMNS = ("question", "you predicted", "found", "agree")

    def __init__(self) -> None:
        super().__init__(layout={"max_width": "980px"})
        self.add_class("leaky-predictions")
        MEMORY.observe(lambda _: self.show(), "first")
        self.show()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """A row per question, in the order of asking; what is not answered yet is not given away."""
        return [self._row(QUESTIONS[name], choice) for name, choice in MEMORY.first.items()]

    @staticmethod
    def _row(question: Question, choice: str | None) -> tuple[str, str, str, str]:
        if choice is None:
            return question.prompt, "not answered", "–", "–"
        return question.prompt, choice, question.right, "yes" if choice == question.right else "no"

    def count(self) -> str:
        """How many were answered, and how many of them agreed."""
        agree = [row[-1] for row in self.rows()]
        answered = len(agree) - agree.count("–")
        return f"{answered} of {len(agree)} questions answered; {agree.count('yes')} as it was found."

    def show(self) -> None:
        """Bring the table up to date."""
        head = "".join(f'<th scope="col">{column}</th>' for column in self.COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows()
        )
        rules = (
            "<style>.leaky-predictions td, .leaky-predictions th {text-align: left; vertical-align: top; "
            "padding: 0.2em 0.9em 0.2em 0; line-height: 1.4; border-bottom: 1px solid #B8B8B8}</style>"
        )
        self.value = f"{rules}<table><tr>{head}</tr>{body}</table><p>{self.count()}</p>"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        table = Table(self.COLUMNS, tuple(self.rows()), wrap=True)
        still = {
            "text/markdown": f"{table._repr_markdown_()}\n\n{self.count()}",
            "text/plain": f"{table}\n\n{self.count()}",
        }
        return {**super()._repr_mimebundle_(**kwargs), **still}


def _question_of(entry: dict) -> Question:
    """A question from its entry in a TOML file."""
    check_keys(entry, ("prompt", "right", "replies"))
    if not isinstance(entry["right"], str) or entry["right"] not in entry["replies"]:
        raise ValueError(f"right must be one of the choices that have a reply; got {entry['right']!r}")
    if empty := [choice for choice, reply in entry["replies"].items() if not reply]:
        raise ValueError(f"no reply to {', '.join(empty)}")
    return Question(**entry)


QUESTIONS: Mapping[str, Question] = Entries("question", _question_of)
