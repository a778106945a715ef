"""Runs notebooks twice, then cells in other orders: `python tests/notebooks/again.py [NOTEBOOK …]`.

The exercises' solutions stand in their cells, so that their checks have something to say. After two full
runs in one kernel the cells of each scene (what stands under one heading of level 2) run in random orders.
Each time a cell must show what it showed first, unless it is tagged ``nbval-ignore-output``, and a check
must find the solution right.
"""

import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import refresh_notebooks

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 3
HEADING = re.compile(r"^## ", re.MULTILINE)
SOLUTION = re.compile(r"```python\n(.*?)```", re.DOTALL)


def tags_of(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def solve(notebook: NotebookNode) -> None:
    """Put the folded solutions into the cells of the exercises."""
    exercise = None
    for cell in notebook.cells:
        if "exercise" in tags_of(cell):
            exercise = cell
        elif "solution" in tags_of(cell) and exercise is not None:  # a challenge has an answer, and no cell
            exercise.source, exercise = SOLUTION.search(cell.source)[1], None


def scenes(notebook: NotebookNode) -> list[list[int]]:
    """The numbers of the code cells under each heading of level 2; those before the first are left out."""
    found: list[list[int]] = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            found.append([])
        elif cell.cell_type == "code" and found:
            found[-1].append(number)
    return found


def orders(notebook: NotebookNode, seed: int = 0) -> Iterator[tuple[str, list[int]]]:
    """Ways to run cells again, each with a name: all from top to bottom, then every scene's at random."""
    cells = [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    yield "the second run", cells
    shuffled = random.Random(seed)
    for scene in scenes(notebook):
        for _ in range(ORDERS if len(scene) > 1 else 0):
            order = shuffled.sample(scene, len(scene))
            yield f"the order {order}", order


def shown(notebook: NotebookNode) -> dict[int, list]:
    """What each code cell shows, without what changes from run to run."""
    cells = refresh_notebooks.normalise(notebook).cells
    for cell in cells:
        for output in cell.get("outputs", []):
            output.pop("execution_count", None)
    return {number: cell.outputs for number, cell in enumerate(cells) if cell.cell_type == "code"}


def wrong_checks(notebook: NotebookNode, numbers: Iterable[int]) -> list[int]:
    """Which of these cells check a solution and do not find it right."""
    return [
        number
        for number in numbers
        if "exercise-check" in tags_of(notebook.cells[number])
        and "Right." not in str(notebook.cells[number].outputs)
    ]


def problems(path: Path) -> list[str]:
    """What differs, fails or finds a solution wrong when a notebook's cells run again."""
    client = refresh_notebooks.client_of(path)
    notebook = client.nb
    solve(notebook)
    found = []
    with client.setup_kernel():

        def run(numbers: list[int], name: str) -> None:
            for number in numbers:
                try:
                    client.execute_cell(notebook.cells[number], number)
                except CellExecutionError as error:
                    found.append(f"{name}: cell {number} fails: {error.ename}: {error.evalue}")
            found.extend(f"{name}: check {number} fails" for number in wrong_checks(notebook, numbers))

        run(list(shown(notebook)), "the first run")
        first = shown(notebook)
        for name, order in orders(notebook):
            run(order, name)
            now = shown(notebook)
            found += [
                f"{name}: cell {number} shows something else"
                for number in order
                if "nbval-ignore-output" not in tags_of(notebook.cells[number])
                and now[number] != first[number]
            ]
    return found


def main(*names: str) -> int:
    """Run the notebooks named, or all, again and again; print a line for each."""
    wrong = 0
    for path in map(Path, names) if names else sorted((ROOT / "notebooks").glob("*.ipynb")):
        found = problems(path.resolve())
        wrong += bool(found)
        tried = len(list(orders(refresh_notebooks.client_of(path).nb)))
        print(f"{path.name}: {tried} ways to run cells again, {len(found)} problems", flush=True)
        for problem in found:
            print(f"  {problem}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:]), 1))
