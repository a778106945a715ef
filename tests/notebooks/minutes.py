"""Reckons how many minutes a notebook takes: ``python tests/notebooks/minutes.py`` prints it for each.

Reading goes at 150 words a minute; folded solutions are not counted. The times to do something are guesses
for a learner who tries everything once, none of them measured on learners.
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
WORDS_A_MINUTE = 150
QUESTION, EXPLORER, SHOWN, EXERCISE, CAPSTONE = 1, 3, 1, 5, 10
"""Minutes for each; what is shown is a saved table or picture beyond those of the explorers."""

NOT_WORDS = re.compile(r"```.*?```|\$\$.*?\$\$|<[^>]+>|\(http\S+\)", re.DOTALL)
MASTHEAD = re.compile(r"^\*\*Minutes\.\*\* (\d+)", re.MULTILINE)


def reckoned(notebook: NotebookNode) -> float:
    """The minutes that a notebook takes."""
    words = questions = explorers = exercises = shown = 0
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            words += 0 if "solution" in tags else len(NOT_WORDS.sub(" ", cell.source).split())
            continue
        questions += "exercises.ask(" in cell.source
        explorers += "explorers." in cell.source
        if "exercise-check" in tags:
            exercises += CAPSTONE if '"capstone"' in cell.source else EXERCISE
        shown += any(
            {"text/markdown", "image/png"} & set(output.get("data", {})) for output in cell.outputs
        )
    done = QUESTION * questions + EXPLORER * explorers + exercises
    return words / WORDS_A_MINUTE + done + SHOWN * max(0, shown - explorers)


def stated(notebook: NotebookNode) -> int:
    """The minutes that a notebook's masthead states."""
    return int(next(filter(None, (MASTHEAD.search(cell.source) for cell in notebook.cells)))[1])


if __name__ == "__main__":
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, nbformat.NO_CONVERT)
        print(f"{path.stem}: {stated(notebook)} stated, {reckoned(notebook):.1f} reckoned")
