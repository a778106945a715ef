"""Reads the instructor's guide: its lessons, their steps, and what they tell the instructor to do.

Run it as ``python tests/notebooks/guide.py`` to make the page of exercises anew.
"""

import re
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hygiene

from leaky_lib.exercises import EXERCISES

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
GUIDE = NOTEBOOKS / "instructor_guide.md"

LESSON = re.compile(r"^### [^\n]*\((\d+) minutes\)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
STEP = re.compile(
    r"^- \*\*(\d+):(\d\d) · (\d+) min · (.+?)\*\* (.*?)(?=^- \*\*|^\n?\*\*|\Z)", re.MULTILINE | re.DOTALL
)
REMARK = re.compile(r"\*\*(?:When late|Break).*?(?=\n\n|\Z)", re.DOTALL)
CLOCK = re.compile(r"\b(\d+):(\d\d)\b")
SPAN = re.compile(r"`([^`]+)`")
ASKED = re.compile(r"^`ask (\w+)` (.+)\n\n((?:- \*\*.+\n)+)", re.MULTILINE)
ANSWER = re.compile(r"^- \*\*(.+?)\*\*: (.+)$", re.MULTILINE)
GENERATED = re.compile(
    r"(<!-- exercises: made by python tests/notebooks/guide.py -->\n)(.*?)(<!-- /exercises -->)", re.DOTALL
)
CHECK_CALL = re.compile(r'exercises\.check\("(\w+)"')


@dataclass(frozen=True)
class Step:
    """A step of a lesson: when, how long, in which notebook under which heading, and what to do."""

    start: int
    minutes: int
    place: str
    text: str

    @property
    def spans(self) -> list[str]:
        """What stands between backticks."""
        return SPAN.findall(self.text)


@dataclass(frozen=True)
class Lesson:
    """A lesson: the minutes it promises, its steps, and the clock times named after them."""

    minutes: int
    steps: tuple[Step, ...]
    named: tuple[int, ...]


def lessons(text: str) -> list[Lesson]:
    """The lessons of a guide."""
    return [
        Lesson(
            int(minutes),
            tuple(_step(*found) for found in STEP.findall(body)),
            tuple(60 * int(h) + int(m) for each in REMARK.findall(body) for h, m in CLOCK.findall(each)),
        )
        for minutes, body in LESSON.findall(text)
    ]


def _step(hour: str, minute: str, minutes: str, place: str, text: str) -> Step:
    return Step(60 * int(hour) + int(minute), int(minutes), place, text)


def answers(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """What the guide says of each question: its prompt, and a remark on every choice."""
    return {name: (prompt, dict(ANSWER.findall(listed))) for name, prompt, listed in ASKED.findall(text)}


def scenes(number: str) -> dict[str, str]:
    """The code of each scene of a notebook, by its heading; an empty dict if there is no such notebook."""
    found: dict[str, str] = {}
    heading = ""
    for path in NOTEBOOKS.glob(f"{number}_*.ipynb"):
        for cell in hygiene.load(path).cells:
            if cell.cell_type == "markdown" and (title := re.match(r"##? (.+)", cell.source)):
                heading = title[1].removeprefix(f"{number} · ")
                found[heading] = ""
            elif cell.cell_type == "code":
                found[heading] += cell.source + "\n"
    return found


def page_of_exercises() -> str:
    """A table of all exercises, from the notebooks that set them and the library that checks them."""
    rows = ["| in | exercise | task | hint |", "| --- | --- | --- | --- |"]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = hygiene.load(path).cells
        for cell, after in pairwise(cells):
            if call := CHECK_CALL.match(cell.source):
                exercise = EXERCISES[call[1]]
                hint = exercise.hint or _folded_hint(after.source)
                row = (path.stem[:2], call[1], exercise.task, hint)
                rows.append("| " + " | ".join(entry.replace("|", r"\|") for entry in row) + " |")
    return "\n".join(rows) + "\n"


def _folded_hint(solution: str) -> str:
    return re.search(r"A hint</summary>\n\n(.+?)\n\n</details>", solution, re.DOTALL)[1].replace("\n", " ")


def renewed(text: str) -> str:
    """The guide with its page of exercises made anew."""
    return GENERATED.sub(lambda found: found[1] + page_of_exercises() + found[3], text)


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
