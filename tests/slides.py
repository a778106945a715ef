"""Which part of a slide show each cell of a notebook is, worked out from the cell alone.

`mark` writes it into the notebook's metadata; ``refresh_notebooks.py`` calls it, and the hygiene test holds
every notebook to it. So nobody sets a slide type by hand. The rule:

* a heading begins a slide; a question has a sub-slide of its own, and so has a picture, with at most two
  lines of text that lead up to it;
* anything else goes on below what is there while there is room, and on a new sub-slide when there is not;
  text that ends with a colon stays with what it announces;
* the imports, the checks of exercises and the folded solutions are left out;
* speaker notes are Markdown cells with the tag ``notes``.

Why notes are cells, folded under a line "For whoever teaches this": nbconvert makes a cell of the type
``notes`` into reveal.js' speaker notes (press S) without any option, JupyterLab shows the same cell as one
line that opens with a click, so they are at hand in the live walk-through too, and GitHub folds them
likewise. A note kept in a cell's metadata would be seen in none of the three.

The tag ``hide-input`` marks code of which only the outcome belongs on a slide.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from nbformat import NotebookNode

WIDTH, HEIGHT = 1440, 810
"""Of a slide, in pixels: code of 108 characters fits, and so does the highest picture with its words."""

ROOM = 22
"""Lines of text that fit on a slide."""

LINE = 118
"""Characters of text in a line of a slide."""

LEAD_IN = 2.2
"""Lines of text that may stand above a picture."""

PREDICTIONS = ("questions.predictions", "**Your predictions.**")
"""Kept in the running notebook: there is nothing to show of them in a deck."""

PLUMBING = {"solution", "exercise-check"}
ONLY_OUTCOME = re.compile(
    r"^(?:questions|explorers)\.|^\w+\.setup_check\.|\b(?:exercises\.defend|figures\.show)\(", re.MULTILINE
)


def command(notebooks: Path | str, folder: Path | str) -> list[str]:
    """The command that makes slide shows of notebooks, as the instructor's guide gives it."""
    return [
        *("jupyter", "nbconvert", "--to", "slides", "--output-dir", str(folder)),
        "--TagRemovePreprocessor.enabled=True",
        "--TagRemovePreprocessor.remove_input_tags=hide-input",
        f"--SlidesExporter.reveal_width={WIDTH}",
        f"--SlidesExporter.reveal_height={HEIGHT}",
        str(notebooks),
    ]


def mark(notebook: NotebookNode) -> NotebookNode:
    """Write slide types and the tag ``hide-input`` into a notebook, and return it."""
    for cell, kind in zip(notebook.cells, slide_types(notebook), strict=True):
        cell.metadata["slideshow"] = NotebookNode(slide_type=kind)
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != "hide-input"]
        tags += ["hide-input"] * _only_its_outcome(cell)
        if tags:
            cell.metadata["tags"] = tags
        else:
            cell.metadata.pop("tags", None)
    return notebook


def slide_types(notebook: NotebookNode) -> Iterator[str]:
    """The slide type of every cell; "-" goes on below the cell before."""
    used = 0.0
    for number, cell in enumerate(notebook.cells):
        kind = _fixed_type(cell, is_first_code=_is_first_code(notebook, number))
        if kind == "":
            room = LEAD_IN if has_picture(cell) else ROOM - lines(cell) - _announced(notebook, number)
            kind = "-" if used <= room else "subslide"
        if kind not in ("skip", "notes"):
            used = lines(cell) + (used if kind == "-" else 0)
            if has_picture(cell) or _is_question(cell):
                used = ROOM
        yield kind


def _fixed_type(cell: NotebookNode, is_first_code: bool) -> str:
    """The type that a cell has wherever it stands, or an empty text."""
    tags = set(cell.metadata.get("tags", []))
    if "notes" in tags:
        return "notes"
    if is_first_code or tags & PLUMBING or cell.source.startswith(PREDICTIONS):
        return "skip"
    if cell.cell_type == "markdown" and re.match(r"#{1,3} ", cell.source):
        return "slide"
    return "subslide" if _is_question(cell) else ""


def _is_first_code(notebook: NotebookNode, number: int) -> bool:
    return number == next((n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)


def _announced(notebook: NotebookNode, number: int) -> float:
    """The lines of the next cell, where this one ends with a colon and so belongs to it."""
    shown = (cell for cell in notebook.cells[number + 1 :] if "notes" not in cell.metadata.get("tags", []))
    announces = notebook.cells[number].source.rstrip().endswith(":")
    return sum(map(lines, islice(shown, 1))) if announces else 0


def _is_question(cell: NotebookNode) -> bool:
    return cell.source.startswith("questions.ask")


def has_picture(cell: NotebookNode) -> bool:
    """Whether a cell shows a picture."""
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def _only_its_outcome(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(ONLY_OUTCOME.search(cell.source))


def lines(cell: NotebookNode) -> float:
    """About how many lines a cell takes on a slide, with its output, code in smaller letters."""
    if cell.cell_type == "markdown":
        return _lines_of_text(cell.source)
    code = 0 if _only_its_outcome(cell) else 1 + 0.8 * len(cell.source.splitlines())
    return code + sum(map(_lines_of_output, cell.outputs))


def _lines_of_text(source: str) -> float:
    height = 0.0
    for line in source.splitlines():
        if line.startswith("$$") or r"\frac" in line or r"\begin" in line:
            height += 1.5
        elif line.startswith("#"):
            height += 2
        else:
            height += -(-len(line) // LINE) if line else 0.6
    return height


def _lines_of_output(output: NotebookNode) -> float:
    bundle = output.get("data", {})
    if "text/markdown" in bundle:
        return 1 + 1.2 * len(bundle["text/markdown"].splitlines())
    return 0.8 * (1 + len((output.get("text") or bundle.get("text/plain", "")).splitlines()))
