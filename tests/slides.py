"""Makes slide shows of all notebooks, or of some: ``python tests/slides.py FOLDER [NOTEBOOK ...]``.

What each cell is in a slide show is worked out from the cell alone. `mark` writes it into the notebook's
metadata; ``refresh_notebooks.py`` calls it, and the hygiene test holds every notebook to it. So nobody sets
a slide type by hand. The rule:

* a heading begins a slide; a question has a sub-slide of its own, and so has a picture, with at most two
  lines of text that lead up to it;
* anything else goes on below what is there while there is room, and on a new sub-slide when there is not;
  text that ends with a colon stays with what it announces;
* the imports, the checks of exercises and the folded solutions are left out;
* speaker notes (press S) are those of the instructor's guide, scene by scene.

The tag ``hide-input`` marks code of which only the outcome belongs on a slide. In JupyterLab the tag does
nothing; there ``source_hidden`` collapses a cell that has no code for a reader: a call of ours alone, or
what the tag ``fold-code`` marks, a long table that is put together.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from traitlets.config import Config

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
GUIDE = NOTEBOOKS / "instructor_guide.md"

WIDTH, HEIGHT = 1440, 810
"""Of a slide, in pixels: code of 108 characters fits, and so does the highest picture with its words."""

ROOM = 22
"""Lines of text that fit on a slide."""

LINE = 118
"""Characters of text in a line of a slide."""

LEAD_IN = 2.2
"""Lines of text that may stand above a picture."""

PREDICTIONS = ("exercises.predictions", "**Your predictions.**")
"""Kept in the running notebook: there is nothing to show of them in a deck."""

PLUMBING = {"solution", "exercise-check"}
ONLY_OUTCOME = re.compile(
    r"^explorers\.|\b(?:exercises\.(?:ask|predictions|defend)|figures\.show)\(", re.MULTILINE
)


NOTE = re.compile(r"^\*\*(\d\d) · ([^*]+?)\.?\*\* (.+?)\n(?=\n|\Z)", re.MULTILINE | re.DOTALL)


def notes(guide: str) -> dict[tuple[str, str], str]:
    """The notes in the text of the guide, by number of the notebook and heading of the scene."""
    _, _, section = guide.partition("\n## Notes, scene by scene\n")
    found = NOTE.findall(section.partition("\n## ")[0])
    return {(number, " ".join(heading.split())): text for number, heading, text in found}


def heading(cell: NotebookNode) -> str:
    """The heading that a cell opens with, or an empty text."""
    found = cell.cell_type == "markdown" and re.match(r"#{1,3} (.+)", cell.source)
    return found[1] if found else ""


def deck(path: Path, **options: object) -> str:
    """The slide show of a notebook as a page, with the guide's notes below the headings of their scenes."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    to_say = notes(GUIDE.read_text(encoding="utf-8"))
    for cell in list(notebook.cells):
        if note := to_say.get((path.stem[:2], heading(cell))):
            below = new_markdown_cell(note, metadata={"slideshow": {"slide_type": "notes"}})
            notebook.cells.insert(notebook.cells.index(cell) + 1, below)
    config = Config()
    config.TagRemovePreprocessor.update(enabled=True, remove_input_tags={"hide-input"})
    config.SlidesExporter.update(reveal_width=str(WIDTH), reveal_height=str(HEIGHT), **options)
    about = {"metadata": {"name": path.stem}}
    return SlidesExporter(config=config).from_notebook_node(notebook, about)[0]


def write(folder: Path, names: list[str], **options: object) -> None:
    """Write the slide shows of these notebooks, or of all, as FOLDER/NOTEBOOK.slides.html."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")):
        page = deck(NOTEBOOKS / f"{name}.ipynb", **options)
        (folder / f"{name}.slides.html").write_text(page, encoding="utf-8", newline="\n")


def mark(notebook: NotebookNode) -> NotebookNode:
    """Write slide types, the tag ``hide-input`` and ``source_hidden`` into a notebook, and return it."""
    for cell, kind in zip(notebook.cells, slide_types(notebook), strict=True):
        cell.metadata["slideshow"] = NotebookNode(slide_type=kind)
        others = [tag for tag in cell.metadata.get("tags", []) if tag != "hide-input"]
        _set(cell.metadata, "tags", others + ["hide-input"] * _only_its_outcome(cell))
        _set(cell.metadata, "jupyter", {"source_hidden": True} if _has_no_readers_code(cell) else {})
    return notebook


def _set(metadata: NotebookNode, key: str, value: list | dict) -> None:
    if value:
        metadata[key] = value
    else:
        metadata.pop(key, None)


def slide_types(notebook: NotebookNode) -> Iterator[str]:
    """The slide type of every cell; "-" goes on below the cell before."""
    used = 0.0
    for number, cell in enumerate(notebook.cells):
        kind = _fixed_type(cell, is_first_code=_is_first_code(notebook, number))
        if kind == "":
            room = LEAD_IN if has_picture(cell) else ROOM - lines(cell) - _announced(notebook, number)
            kind = "-" if used <= room else "subslide"
        if kind != "skip":
            used = lines(cell) + (used if kind == "-" else 0)
            if has_picture(cell) or _is_question(cell):
                used = ROOM
        yield kind


def _fixed_type(cell: NotebookNode, is_first_code: bool) -> str:
    """The type that a cell has wherever it stands, or an empty text."""
    tags = set(cell.metadata.get("tags", []))
    if is_first_code or tags & PLUMBING or cell.source.startswith(PREDICTIONS):
        return "skip"
    if heading(cell):
        return "slide"
    return "subslide" if _is_question(cell) else ""


def _is_first_code(notebook: NotebookNode, number: int) -> bool:
    return number == next((n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)


def _announced(notebook: NotebookNode, number: int) -> float:
    """The lines of the next cell, where this one ends with a colon and so belongs to it."""
    announces = notebook.cells[number].source.rstrip().endswith(":")
    return sum(map(lines, notebook.cells[number + 1 : number + 2])) if announces else 0


def _is_question(cell: NotebookNode) -> bool:
    return cell.source.startswith("exercises.ask")


def has_picture(cell: NotebookNode) -> bool:
    """Whether a cell shows a picture."""
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def _only_its_outcome(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(ONLY_OUTCOME.search(cell.source) or _is_folded(cell))


def _is_folded(cell: NotebookNode) -> bool:
    return "fold-code" in cell.metadata.get("tags", [])


def _has_no_readers_code(cell: NotebookNode) -> bool:
    """Whether it is one call of ours, the list of claims, or marked as such."""
    if not _only_its_outcome(cell):
        return False
    return _is_folded(cell) or "exercises.defend(" in cell.source or len(ast.parse(cell.source).body) == 1


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


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]), sys.argv[2:])
