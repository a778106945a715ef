"""Reckons how many minutes a notebook takes, from what a learner does in it.

``python tests/notebooks/minutes.py`` prints the reckoning, scene by scene, beside what the mastheads state.

Reading goes at 200 words a minute; notes for teachers and folded hints are not counted. The times to do
something are fair guesses for a learner who tries everything once, none of them measured on learners.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hygiene
from nbformat import NotebookNode

from leaky_lib.questions import QUESTIONS

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))

WORDS_A_MINUTE = 200
QUESTION, EXPLORER, EXERCISE, CODE = 0.5, 1.0, 3.0, 0.25
"""Minutes to decide on an answer, to try an explorer's controls, to solve an exercise, and to look through
a cell of code with what it prints."""

SECONDS_TO_RUN = {"00": 1, "01": 1, "02": 2, "03": 24, "04": 33, "05": 30, "06": 13}
"""From a fresh kernel to the end on two cores, by tests/benchmarks/notebooks.py in November 2026."""

MASTHEAD = re.compile(r"\| minutes \|\n.*\n\|.*\| (\d+) \|")
UNREAD = {"notes", "solution"}


@dataclass(frozen=True)
class Scene:
    """A scene of a notebook, and how long it takes."""

    title: str
    minutes: float


def scenes(notebook: NotebookNode) -> list[Scene]:
    """The scenes of a notebook; the masthead is a scene too."""
    starts = [n for n, cell in enumerate(notebook.cells) if re.match("##? ", cell.source)]
    ends = [*starts[1:], len(notebook.cells)]
    return [
        Scene(_title(notebook.cells[start]), sum(map(cell_minutes, notebook.cells[start:end])))
        for start, end in zip(starts, ends, strict=True)
    ]


def _title(cell: NotebookNode) -> str:
    return cell.source.split("\n")[0].lstrip("# ")


def cell_minutes(cell: NotebookNode) -> float:
    """The minutes that a cell takes, its computing left aside."""
    tags = set(cell.metadata.get("tags", []))
    if tags & UNREAD:
        return 0.0
    if cell.cell_type == "markdown":
        return _words(cell.source) / WORDS_A_MINUTE
    if "exercise" in tags:
        return EXERCISE
    if asked := re.match(r'questions\.ask\("(\w+)"\)', cell.source):
        question = QUESTIONS[asked[1]]
        read = f"{question.prompt} {' '.join(question.replies)} {question.replies[question.right]}"
        return QUESTION + _words(read) / WORDS_A_MINUTE
    if cell.source.startswith("explorers."):
        return EXPLORER
    return 0.0 if cell.source.startswith("exercises.check") else CODE


def _words(text: str) -> int:
    return len(re.findall(r"\w[\w'’.-]*", text))


def reckoned(path: Path) -> float:
    """The minutes of a whole notebook, its computing included."""
    seconds = SECONDS_TO_RUN[path.name[:2]]
    return sum(scene.minutes for scene in scenes(hygiene.load(path))) + seconds / 60


def stated(path: Path) -> int:
    """The minutes that a notebook's masthead states."""
    text = "\n".join(cell.source for cell in hygiene.load(path).cells if cell.cell_type == "markdown")
    return int(MASTHEAD.search(text)[1])


def main() -> None:
    """Print the table."""
    print("| notebook | stated | reckoned |\n|---|---|---|")
    for path in NOTEBOOKS:
        print(f"| {path.stem} | {stated(path)} | {reckoned(path):.1f} |")
        for scene in scenes(hygiene.load(path)):
            print(f"|   {scene.title} | | {scene.minutes:.1f} |")


if __name__ == "__main__":
    main()
