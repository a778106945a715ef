"""Hold every notebook to the hygiene checks, and every check to a notebook it must refuse."""

import copy
from collections.abc import Callable
from pathlib import Path

import hygiene
import nbformat
import pytest
import refresh_notebooks
from nbformat import NotebookNode
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PNG = "iVBORw0KGgo="
SOMEBODYS_FILE = "/".join(["", "home", "somebody", "points.csv"])
WIDGET_VIEW_BUNDLE = {
    hygiene.WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": "0f" * 16},
    "image/png": PNG,
    "text/plain": "The bend for slope 0.1.",
}

TITLE, IMPORTS, PICTURE, ERROR, EXCUSED, LAST, CHALLENGE, ANSWER = range(8)


def good_notebook() -> NotebookNode:
    picture = new_output(
        "display_data",
        data={"image/png": PNG, "text/plain": "<Figure size 640x480 with 1 Axes>"},
        metadata={"image/png": {"alt": "A line that bends at zero."}},
    )
    error = new_output("error", ename="ValueError", evalue="no slope", traceback=["ValueError"])
    cells = [
        new_markdown_cell("# The bend\n\nOn to [the next](next.ipynb#part), $f[x](y)$.\n\n## One"),
        new_code_cell("import math\nfrom math import pi", execution_count=1),
        new_code_cell("draw()", execution_count=2, outputs=[picture]),
        new_code_cell("fail()", execution_count=3, outputs=[error]),
        new_code_cell("clock()", execution_count=4, outputs=[new_output("stream", text="3 ms\n")]),
        new_markdown_cell("### Two\n\n```text\n# a comment\n```\n\n![The bend](bend.png)"),
        new_markdown_cell("## Carry it on\n\nWhy?"),
        new_markdown_cell("<details>Because.</details>", metadata={"tags": ["solution"]}),
        new_code_cell(""),
    ]
    for index, cell in enumerate(cells):
        cell.id = f"cell-{index}"
    cells[ERROR].metadata["tags"] = ["raises-exception"]
    cells[EXCUSED].metadata.update(tags=["nbval-ignore-output"], reason="Every machine's own time.")
    return refresh_notebooks.normalise(new_notebook(cells=cells))


def save(notebook: NotebookNode, folder: Path) -> Path:
    for neighbour in ("next.ipynb", "bend.png"):
        (folder / neighbour).touch()
    path = folder / "specimen.ipynb"
    # Not nbformat.write: it repairs what some specimens break.
    path.write_text(nbformat.v4.writes(notebook) + "\n", encoding="utf-8")
    return path


def problems(check: hygiene.Check, path: Path) -> list[str]:
    return check(hygiene.load(path), path)


def source(index: int, text: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells[index].update(source=text)


def metadata(index: int, **entries: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells[index].metadata.update(entries)


def output(index: int, kind: str, **entries: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.cells[index].update(outputs=[new_output(kind, **entries)])


def shown(**bundle: object) -> Callable[[NotebookNode], None]:
    return output(PICTURE, "display_data", data=bundle)


def text_output(text: str) -> Callable[[NotebookNode], None]:
    return output(PICTURE, "execute_result", data={"text/plain": text}, execution_count=2)


BREAKAGES: list[tuple[hygiene.Check, str, Callable[[NotebookNode], object]]] = [
    (hygiene.is_as_it_is_refreshed, "no cell id", lambda nb: nb.cells[PICTURE].pop("id")),
    (hygiene.is_as_it_is_refreshed, "id twice", lambda nb: nb.cells[LAST].update(id="cell-0")),
    (hygiene.is_as_it_is_refreshed, "widget state", lambda nb: nb.metadata.update(widgets={})),
    (hygiene.is_as_it_is_refreshed, "timings", metadata(PICTURE, execution={})),
    (hygiene.is_as_it_is_refreshed, "no language", lambda nb: nb.metadata.pop("language_info")),
    (hygiene.is_as_it_is_refreshed, "slide by hand", metadata(PICTURE, slideshow={"slide_type": "slide"})),
    (hygiene.is_as_it_is_refreshed, "tag left over", metadata(LAST, tags=["hide-input"])),
    (hygiene.is_as_it_is_refreshed, "code shown", source(PICTURE, "explorers.shape()")),
    (hygiene.is_as_it_is_refreshed, "code hidden", metadata(PICTURE, jupyter={"source_hidden": True})),
    (
        hygiene.is_executed_in_order,
        "not executed",
        lambda nb: nb.cells[PICTURE].update(execution_count=None, outputs=[]),
    ),
    (
        hygiene.is_executed_in_order,
        "executed again",
        lambda nb: nb.cells[PICTURE].update(execution_count=9),
    ),
    (hygiene.has_no_stderr, "warning", output(PICTURE, "stream", name="stderr", text="oh")),
    (hygiene.has_no_widget_view, "view", shown(**WIDGET_VIEW_BUNDLE)),
    (hygiene.has_no_machine_path, "in text", source(LAST, f"See {SOMEBODYS_FILE}")),
    (hygiene.has_no_machine_path, "in code", source(PICTURE, f"open('{SOMEBODYS_FILE}')")),
    (hygiene.has_no_machine_path, "Windows", source(PICTURE, r"open(r'C:\Users\me\points.csv')")),
    (hygiene.has_no_machine_path, "in an output", text_output(SOMEBODYS_FILE)),
    (
        hygiene.has_no_machine_path,
        "coloured traceback",
        output(ERROR, "error", traceback=[f"File \x1b[32m{SOMEBODYS_FILE}\x1b[39m"]),
    ),
    (hygiene.has_ordered_headings, "no title", source(TITLE, "## The bend")),
    (hygiene.has_ordered_headings, "two titles", source(LAST, "# Another")),
    (hygiene.has_ordered_headings, "title not first", source(TITLE, "Hello\n\n# The bend")),
    (hygiene.has_ordered_headings, "title in second cell", lambda nb: nb.cells.reverse()),
    (hygiene.has_ordered_headings, "skipped level", source(LAST, "#### Deep")),
    (hygiene.has_alternative_texts, "Markdown image", source(LAST, "![](bend.png)")),
    (hygiene.has_alternative_texts, "HTML image", source(LAST, '<img src="bend.png">')),
    (hygiene.has_alternative_texts, "PNG alone", shown(**{"image/png": PNG})),
    (
        hygiene.has_alternative_texts,
        "bare repr",
        shown(**{"image/png": PNG, "text/plain": "<IPython.core.display.Image object>"}),
    ),
    (
        hygiene.has_alternative_texts,
        "widget's repr",
        shown(**{"image/png": PNG, "text/plain": "VBox(children=(IntSlider(value=0),))"}),
    ),
    (hygiene.gives_reasons_to_nbval, "no reason", metadata(EXCUSED, reason=" ")),
    (
        hygiene.gives_reasons_to_nbval,
        "exception without reason",
        metadata(PICTURE, tags=["nbval-raises-exception"]),
    ),
    (
        hygiene.gives_reasons_to_nbval,
        "skip with reason",
        metadata(EXCUSED, tags=["nbval-skip"]),
    ),
    (hygiene.gives_reasons_to_nbval, "comment", source(PICTURE, "# NBVAL_SKIP\ndraw()")),
    (hygiene.has_working_links, "link", source(LAST, "[on](elsewhere.ipynb#part)")),
    (hygiene.has_working_links, "image", source(LAST, "![The bend](elsewhere.png)")),
    (hygiene.imports_first, "statement", source(IMPORTS, "import math\nmath.tau")),
    (hygiene.imports_first, "magic", source(IMPORTS, "%load_ext autoreload")),
    (hygiene.shows_what_it_makes, "figure", source(PICTURE, "figures.show(f, 'A bend.')\nprint(1)")),
    (hygiene.shows_what_it_makes, "explorer", source(PICTURE, "explorers.shape()\nx = 1")),
    (hygiene.shows_what_it_makes, "table", source(PICTURE, "hot.summary()\nhot.summary()")),
    (hygiene.is_small, "large", source(LAST, "x" * hygiene.MOST_BYTES)),
    (hygiene.makes_few_claims, "seven", source(PICTURE, f"exercises.defend({dict.fromkeys(range(7))})")),
    (hygiene.folds_an_answer_below_its_challenge, "none", source(ANSWER, "Try it.")),
]


@pytest.mark.parametrize("check", hygiene.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path: Path, check: hygiene.Check) -> None:
    assert not problems(check, path)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("check", hygiene.CHECKS, ids=lambda check: check.__name__)
def test_good_specimen_is_accepted(check: hygiene.Check, tmp_path: Path) -> None:
    assert not problems(check, save(good_notebook(), tmp_path))


@pytest.mark.parametrize(
    ("check", "break_it"),
    [pytest.param(check, break_it, id=f"{check.__name__}-{what}") for check, what, break_it in BREAKAGES],
)
@pytest.mark.filterwarnings("ignore:.*cell id", "ignore:Cell is missing an id")
def test_broken_specimen_is_refused(
    check: hygiene.Check, break_it: Callable[[NotebookNode], object], tmp_path: Path
) -> None:
    notebook = good_notebook()
    break_it(notebook)
    assert problems(check, save(notebook, tmp_path))


def test_every_check_has_a_broken_specimen() -> None:
    assert {check for check, _, _ in BREAKAGES} == set(hygiene.CHECKS)


def executed_notebook() -> NotebookNode:
    notebook = good_notebook()
    notebook.metadata.update(widgets={hygiene.WIDGET_VIEW: {"state": {}}})
    notebook.metadata.language_info.update(version="3.12.1")
    notebook.metadata.kernelspec = {"name": "my-venv", "display_name": "Mine", "env": {}}
    notebook.cells[PICTURE].metadata["execution"] = {"iopub.status.busy": "2024-01-01T00:00:00Z"}
    notebook.cells[PICTURE].outputs = [new_output("display_data", data=WIDGET_VIEW_BUNDLE)]
    folder = SOMEBODYS_FILE.removesuffix("points.csv")
    notebook.cells[ERROR].outputs[0].traceback = [f"File \x1b[32m{folder}leaky_lib/a.py:3\x1b[39m"]
    return nbformat.from_dict(notebook)


def test_normalise_leaves_nothing_for_the_checks_to_find(tmp_path: Path) -> None:
    before, after = executed_notebook(), refresh_notebooks.normalise(executed_notebook())
    found_before, found_after = (
        {check.__name__ for check in hygiene.CHECKS if problems(check, save(each, tmp_path))}
        for each in (before, after)
    )
    assert found_before == {"is_as_it_is_refreshed", "has_no_widget_view", "has_no_machine_path"}
    assert not found_after


def test_normalise_keeps_what_the_reader_sees() -> None:
    picture = refresh_notebooks.normalise(executed_notebook()).cells[PICTURE]
    assert picture.outputs[0].data == {
        "image/png": PNG,
        "text/plain": WIDGET_VIEW_BUNDLE["text/plain"],
    }
    assert (picture.id, picture.execution_count) == ("cell-2", 2)


def test_normalise_forgets_whose_python_it_was() -> None:
    noted = refresh_notebooks.normalise(executed_notebook()).metadata
    assert noted.language_info == {"name": "python"}
    assert noted.kernelspec == refresh_notebooks.KERNELSPEC


def test_normalise_is_idempotent_and_leaves_its_argument_alone() -> None:
    notebook = executed_notebook()
    untouched = copy.deepcopy(notebook)
    once = refresh_notebooks.normalise(notebook)
    assert refresh_notebooks.normalise(once) == once
    assert notebook == untouched


@pytest.mark.parametrize(
    ("other", "differs"), [(PNG.replace("g", "h"), False), (f'{PNG}", "text/plain": "x', True)]
)
def test_only_pictures_may_differ(other: str, differs: bool) -> None:
    files = (f'{{"image/png": "{png}"}}' for png in (PNG, other))
    assert refresh_notebooks.differs_beyond_pictures(*files) is differs
