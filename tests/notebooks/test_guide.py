"""Proves that the instructor's guide names only what is there, and that its lessons last what they say."""

import re
import sys
from functools import cache
from pathlib import Path

import guide
import pytest
import slides
from showcase import NAMES, make

import leaky_lib
from leaky_lib.exercises import EXERCISES, QUESTIONS
from leaky_lib.explorers import Choice, Explorer, Number

ROOT = Path(__file__).parents[2]
TEXT = guide.GUIDE.read_text(encoding="utf-8")
IN_THE_ROOM = "In the room"
ELSEWHERE = {
    "HEAD",
    "slides/01_definition.slides.html",
    "python",
    "source .venv/bin/activate",
    r".venv\Scripts\python",
}
"""Named in the guide, and rightly not in the repository."""


@cache
def explorer(name: str) -> Explorer:
    return make(name)


def buttons(widget) -> set[str]:
    """The texts of all buttons in a widget."""
    found = {widget.description} if type(widget).__name__ == "Button" else set()
    return found.union(*(buttons(child) for child in getattr(widget, "children", ())))


def problems(text: str) -> list[str]:
    """What is wrong with a guide, in words."""
    found = []
    for lesson in guide.lessons(text):
        found += problems_with_the_clock(lesson)
        for step in lesson.steps:
            found += [f"{step.place}: {problem}" for problem in problems_with_a_step(step)]
    for span in guide.SPAN.findall(guide.GENERATED.sub("", without_code(text))):
        found += problems_with_a_span(span)
    found += [
        f"a note on {heading}, which is not in {number}"
        for number, heading in slides.notes(text)
        if heading not in guide.scenes(number)
    ]
    return [*found, *problems_with_the_answers(text)]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def problems_with_the_clock(lesson: guide.Lesson) -> list[str]:
    found, now = [], 0
    for step in lesson.steps:
        if step.start != now:
            found.append(f"{step.place} starts at minute {step.start}, but the steps before end at {now}")
        now = step.start + step.minutes
    if now != lesson.minutes:
        found.append(f"a lesson of {lesson.minutes} minutes lasts {now}")
    starts = {step.start for step in lesson.steps}
    return found + [f"no step starts at minute {time}" for time in lesson.named if time not in starts]


def problems_with_a_step(step: guide.Step) -> list[str]:
    if step.place == IN_THE_ROOM:
        return []
    number, _, heading = step.place.partition(" · ")
    scenes = guide.scenes(number)
    if heading not in scenes:
        return ["there is no such notebook or heading"]
    code, found = scenes[heading], []
    for span in step.spans:
        name = re.match(r"(?:ask |exercise )?(\w+)", span)[1]
        kind = {"ask ": "exercises.ask", "exercise ": "exercises.check"}.get(span[: -len(name)])
        if kind and f'{kind}("{name}"' not in code:
            found.append(f"{name} does not stand in this scene")
        if ": " in span and f"explorers.{name}(" not in code:
            found.append(f"the explorer {name} does not stand in this scene")
    return found


def problems_with_a_span(span: str) -> list[str]:
    """What is named in it that does not exist."""
    if asked := re.fullmatch(r"ask (\w+)", span):
        return [] if asked[1] in QUESTIONS else [f"no question {asked[1]}"]
    if exercise := re.fullmatch(r"exercise (\w+)", span):
        return [] if exercise[1] in EXERCISES else [f"no exercise {exercise[1]}"]
    if told := re.fullmatch(r"(\w+): (?:press (.+)|(.+?) = (.+))", span, re.DOTALL):
        return problems_with_an_order(*(part and " ".join(part.split()) for part in told.groups()))
    if span in NAMES or span in ELSEWHERE or (ROOT / span).is_file():
        return []
    if call := re.fullmatch(r"(\w+)\.(\w+)\(.*\)", span):
        return [] if hasattr(getattr(leaky_lib, call[1], None), call[2]) else [f"no call {span}"]
    command = re.fullmatch(r"python (?:-m pytest |-m pip install -r )?(\S+)", span)
    return [] if command and (ROOT / command[1]).exists() else [f"what is `{span}`?"]


def problems_with_an_order(
    name: str, button: str | None, label: str | None, value: str | None
) -> list[str]:
    if name not in NAMES:
        return [f"no explorer {name}"]
    if button is not None:
        return [] if button in buttons(explorer(name)) else [f"no button {button!r} in {name}"]
    shown = explorer(name).controls.values()
    controls = {c.label if isinstance(c, Number) else c.description: c for c in shown}
    if label not in controls:
        return [f"no control {label!r} in {name}"]
    control = controls[label]
    if isinstance(control, Choice):
        texts = [text for text, _ in control.options]
        return [] if value in texts else [f"{label} of {name} cannot be {value!r}"]
    try:
        low, high = control.places[[0, -1]]
        right = low <= float(value.replace("−", "-")) <= high
    except ValueError:
        right = False
    return [] if right else [f"{label} of {name} cannot be {value!r}"]


def problems_with_the_answers(text: str) -> list[str]:
    found, said = [], guide.answers(text)
    visited = {step.place[:2] for lesson in guide.lessons(text) for step in lesson.steps} - {"In"}
    code = "".join("".join(guide.scenes(number).values()) for number in sorted(visited))
    for name in re.findall(r'exercises\.ask\("(\w+)"\)', code):
        if name not in said:
            found.append(f"the answers to {name} are missing")
    for name, (prompt, remarks) in said.items():
        if name not in QUESTIONS:
            found.append(f"no question {name}")
            continue
        question = QUESTIONS[name]
        if prompt != question.prompt or list(remarks) != list(question.replies):
            found.append(f"{name} is asked otherwise, or has other choices")
        right = [choice for choice, remark in remarks.items() if remark.startswith("right.")]
        if right != [question.right]:
            found.append(f"{name}: marked as right is {right}")
    return found


def test_the_guide_names_only_what_is_there():
    assert problems(TEXT) == []


def test_there_is_one_lesson_of_45_minutes_and_there_are_three_of_50():
    assert [lesson.minutes for lesson in guide.lessons(TEXT)] == [45, 50, 50, 50]


def test_every_bullet_of_a_lesson_is_read_as_a_step():
    bullets = re.findall(r"^- \*\*\d", TEXT, re.MULTILINE)
    assert len(bullets) >= sum(len(lesson.steps) for lesson in guide.lessons(TEXT)) > 30
    assert all(lesson.named for lesson in guide.lessons(TEXT))


def test_every_notebook_is_visited_or_its_place_is_marked():
    visited = {step.place[:2] for lesson in guide.lessons(TEXT) for step in lesson.steps}
    there = {path.name[:2] for path in guide.NOTEBOOKS.glob("*.ipynb")}
    assert there - visited <= {number for number in there if f"<!-- {number}: " in TEXT}


def test_every_note_is_read():
    section = TEXT.partition("## Notes, scene by scene")[2].partition("\n## ")[0]
    assert len(slides.notes(TEXT)) == section.count("\n**") > 0


def test_the_generated_part_is_up_to_date():
    assert guide.renewed(TEXT) == TEXT, "run python tests/notebooks/guide.py"
    assert all(f"| {name} |" in TEXT for name in EXERCISES if name in guide.page_of_exercises())


GOOD = """### One lesson (9 minutes)

- **0:00 · 4 min · 00 · Start here** `one_number: α = 0.2`, then `one_number: press α = 0`.
- **0:04 · 3 min · 01 · The formula, in one line** `exercise leaky_relu`, `figures.projector()`.
- **0:07 · 2 min · In the room** Ask.

**When late**, leave out 0:04.

## Notes, scene by scene

**00 · Start here.** Say nothing yet.
"""

BREAKAGES = {
    "no such notebook": ("· 00 · Start", "· 09 · Start"),
    "no such heading": ("Start here** `one", "Start there** `one"),
    "explorer of another scene": ("`one_number: α = 0.2`", "`shape: α = 0.2`"),
    "no such explorer": ("one_number: α = 0.2", "one_numbers: α = 0.2"),
    "no such control": ("one_number: α = 0.2", "one_number: beta = 0.2"),
    "value out of range": ("one_number: α = 0.2", "one_number: α = 2"),
    "value that is none": ("one_number: α = 0.2", "one_number: α = large"),
    "no such preset": ("press α = 0`", "press α = 7`"),
    "no such exercise": ("exercise leaky_relu", "exercise leaky_rely"),
    "note on no scene": ("**00 · Start here.**", "**01 · Start here.**"),
    "exercise of another scene": ("exercise leaky_relu", "exercise inverse"),
    "no such question": ("Ask.", "`ask nothing_at_all`"),
    "no such call": ("figures.projector()", "figures.projektor()"),
    "something else": ("Ask.", "`whatever`"),
    "gap in the clock": ("0:07 · 2", "0:08 · 1"),
    "too short": ("0:07 · 2", "0:07 · 1"),
    "no step to leave out": ("leave out 0:04", "leave out 0:05"),
}


@pytest.fixture
def without_answers(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "problems_with_the_answers", lambda text: [])


def test_a_good_specimen_is_accepted(without_answers):
    assert problems(GOOD) == []


@pytest.mark.parametrize("what", BREAKAGES)
def test_a_broken_specimen_is_refused(what, without_answers):
    old, new = BREAKAGES[what]
    assert GOOD.count(old) == 1
    assert problems(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("`ask bad_news` A neuron", "`ask bad_news` The neuron"),
        ("- **0.03**", "- **0.3**"),
        ("- **−0.03**: right.", "- **−0.03**: wrong."),
        ("`ask paths` Ten", "`ask path` Ten"),
    ],
)
def test_an_answer_that_is_not_that_of_the_library_is_refused(old, new):
    assert TEXT.count(old) == 1
    assert problems_with_the_answers(TEXT.replace(old, new))
