"""Make the notebooks' saved outputs by machine, so that running them twice makes the same files.

    python tests/refresh_notebooks.py                               every notebook
    python tests/refresh_notebooks.py notebooks/01_definition.ipynb  only this one
    python tests/refresh_notebooks.py --check                       write nothing; exit 1 if one
                                                                    would change (PNGs aside)
    python tests/refresh_notebooks.py --anew                        make the kept results anew, too

Each notebook runs from top to bottom in its own folder. Outputs, cell ids and execution counts
are kept; what changes from run to run or from machine to machine goes. What each cell is in a slide
show is marked anew (see slides.py).

Why widget views are dropped from the saved outputs: we save no widget state, so a saved
``application/vnd.jupyter.widget-view+json`` names a model that no longer exists. In a trusted
notebook JupyterLab (4.6) prefers that entry to every other and shows "Error displaying widget:
model not found" until the cell is run; only in an untrusted one does it pass the entry over.
Without it, the picture or text beside it in the same output is shown either way; running the cell
brings the live widget. nbval's strict mode does not mind: the entry stands in its
``skip_compare`` list, which drops the key on both sides before it compares which keys there are
(read in nbval 0.11, and tried). A view with nothing beside it stays, for the hygiene test to
refuse.
"""

import argparse
import copy
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
import slides
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from leaky_lib import kept

ROOT = Path(__file__).resolve().parent.parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PATIENCE = 1800
"""Seconds, so many that no busy machine needs them."""
TIMINGS = ("execution", "ExecuteTime")
INSTALL_FOLDER = re.compile(r"[~/][^\s:]*/(?=(?:site-packages|leaky_lib)/)|[~/][^\s:]*/lib/python[\d.]+/")
SAVED_PNG = re.compile(r'(?<="image/png": )"[^"]*"')


class CellFailedError(Exception):
    """Says which cell of which notebook stopped the run."""


def client_of(path: Path, **options: object) -> NotebookClient:
    """What runs a notebook's cells in a kernel, in the notebook's own folder."""
    ours = {
        "kernel_name": KERNELSPEC["name"],
        "resources": {"metadata": {"path": str(path.parent)}},
        **{"timeout": PATIENCE, "startup_timeout": PATIENCE, "iopub_timeout": PATIENCE},
        # The kernel sends a cell's prints in pieces, cut differently from run to run.
        "coalesce_streams": True,
        "record_timing": False,
        "store_widget_state": False,
    }
    return NotebookClient(nbformat.read(path, as_version=nbformat.NO_CONVERT), **{**ours, **options})


def execute(path: Path) -> NotebookNode:
    """Run a notebook in a fresh kernel and return it with its new outputs."""
    place = "before its first cell"

    def remember(cell: NotebookNode, cell_index: int) -> None:
        nonlocal place
        place = f"in cell {cell_index} (id {cell.get('id')})"

    try:
        return client_of(path, on_cell_start=remember).execute()
    except (CellControlSignal, DeadKernelError) as error:
        raise CellFailedError(f"{path}: failed {place}:\n{error}") from error


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without what changes from run to run or by machine, and with its slides marked."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = nbformat.from_dict(KERNELSPEC)
    language = notebook.metadata.setdefault("language_info", NotebookNode())
    language["name"] = "python"
    language.pop("version", None)
    for cell in notebook.cells:
        for key in TIMINGS:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            _normalise_code_cell(cell)
    return slides.mark(notebook)


def _normalise_code_cell(cell: NotebookNode) -> None:
    if not cell.source.strip():
        # nbclient skips an empty cell, so what an earlier run left there would stay.
        cell["outputs"], cell["execution_count"] = [], None
    for output in cell.outputs:
        if "data" in output:
            _drop_widget_view(output)
        if "traceback" in output:
            output["traceback"] = [INSTALL_FOLDER.sub("", line) for line in output["traceback"]]


def _drop_widget_view(output: NotebookNode) -> None:
    if set(output["data"]) - {WIDGET_VIEW}:
        output["data"].pop(WIDGET_VIEW, None)
        output["metadata"].pop(WIDGET_VIEW, None)


def as_text(notebook: NotebookNode) -> str:
    """Return the text of the notebook's file."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def differs_beyond_pictures(old: str, new: str) -> bool:
    """Compare two notebook files; another Matplotlib's PNGs have other bytes."""
    return SAVED_PNG.sub('""', old) != SAVED_PNG.sub('""', new)


def refresh(path: Path, check: bool) -> bool:
    """Execute one notebook; write it, or with `check` return whether it is as it should be."""
    old = path.read_text(encoding="utf-8")
    new = as_text(normalise(execute(path)))
    if check:
        stale = differs_beyond_pictures(old, new)
        print(f"{path}: {'would change' if stale else 'up to date'}")
        return not stale
    if new != old:
        path.write_text(new, encoding="utf-8", newline="\n")
    print(f"{path}: {'written' if new != old else 'unchanged'}")
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh every notebook that is asked for; one that fails does not stop the others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: notebooks/*.ipynb")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    parser.add_argument("--anew", action="store_true", help="run the kept large runs again, and keep them")
    options = parser.parse_args(arguments)
    if options.anew:
        shutil.rmtree(kept.FOLDER, ignore_errors=True)
        os.environ[kept.ANEW] = "1"
    all_fine = True
    for path in options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")):
        try:
            all_fine &= refresh(path, options.check)
        except CellFailedError as error:
            print(error, file=sys.stderr)
            all_fine = False
    return 0 if all_fine else 1


if __name__ == "__main__":
    sys.exit(main())
