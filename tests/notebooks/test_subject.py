"""Proves that every point of the subject that a notebook carries keeps its home there."""

from pathlib import Path

import hygiene
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# The points, by number: definition, range, derivative, two slopes, the kink at 0, hidden layers,
# convolutional example, recovery, cost and sparsity, simple to implement, fixed slope, not zero-centred,
# unbounded, the two functions, the picture, the usage example. A point gets its row with its notebook.
HOMES = {
    "01_definition": ("S1", "S2", "S4", "S10", "S14", "S16"),
    "03_dying_relu": ("S6", "S8"),
}


def tagged_cells(notebook: str, point: str) -> list:
    cells = hygiene.load(NOTEBOOKS / f"{notebook}.ipynb").cells
    return [cell for cell in cells if point in cell.metadata.get("tags", [])]


@pytest.mark.parametrize(
    ("notebook", "point"), [(notebook, point) for notebook, points in HOMES.items() for point in points]
)
def test_a_point_of_the_subject_is_shown_by_a_cell_that_computes(notebook, point):
    assert any(cell.cell_type == "code" and cell.outputs for cell in tagged_cells(notebook, point)) or (
        point == "S10" and tagged_cells(notebook, point)
    )


def test_every_notebook_is_in_the_table():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(HOMES)


def test_the_usage_example_prints_input_and_output():
    (cell,) = tagged_cells("01_definition", "S16")
    printed = "".join(output.get("text", "") for output in cell.outputs)
    assert printed.split("\n")[:2] == [
        "Input:  [-2 -1  0  1  2]",
        "Output: [-0.02 -0.01  0.    1.    2.  ]",
    ]
