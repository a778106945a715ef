"""Proves that every point of the subject keeps its home, and that a masthead's minutes are fair."""

import base64
import re
from io import BytesIO
from pathlib import Path

import hygiene
import minutes
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

# The points, by number: definition, range, derivative, two slopes, the kink at 0, hidden layers,
# convolutional example, recovery, cost and sparsity, simple to implement, fixed slope, not zero-centred,
# unbounded, the two functions, the picture, the usage example, NumPy and Matplotlib alone.
HOMES = {
    "00_start_here": ("S8",),
    "01_definition": ("S1", "S2", "S4", "S10", "S14", "S16"),
    "02_derivative": ("S3", "S5", "S8", "S10", "S14", "S15", "S17"),
    "03_dying_relu": ("S6", "S8"),
    "04_choosing_alpha": ("S11",),
    "05_going_deep": ("S6", "S7", "S9"),
    "06_limits": ("S9", "S11", "S12", "S13"),
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


def test_every_point_of_the_subject_has_a_home():
    assert {point for points in HOMES.values() for point in points} == {f"S{n}" for n in range(1, 18)}


def test_every_notebook_is_in_the_table():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(HOMES)


def test_the_usage_example_prints_input_and_output():
    (cell,) = tagged_cells("01_definition", "S16")
    printed = "".join(output.get("text", "") for output in cell.outputs)
    assert printed.split("\n")[:2] == [
        "Input:  [-2 -1  0  1  2]",
        "Output: [-0.02 -0.01  0.    1.    2.  ]",
    ]


def test_the_picture_of_both_is_in_its_form():
    (cell,) = tagged_cells("02_derivative", "S15")
    for part in (
        "np.linspace(-10, 10, 100)",
        "figsize=(10, 6)",
        '"b-"',
        '"r--"',
        "set_title",
        "set_xlabel",
    ):
        assert part in cell.source
    picture = next(output.data["image/png"] for output in cell.outputs if "image/png" in output.data)
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(picture)))).astype(int)
    assert pixels.shape[:2] == (600, 1000)
    red, green, blue = np.moveaxis(pixels[..., :3], -1, 0)
    solid, dashed = (blue > 200) & (red < 60) & (green < 60), (red > 200) & (blue < 60) & (green < 60)
    assert solid.any(axis=0).sum() > 650, "the function runs over the whole picture, without gaps"
    assert 250 < dashed.any(axis=0).sum() < 650, "the derivative runs over the whole picture, with gaps"


README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("notebook", HOMES)
def test_the_stated_minutes_are_those_that_are_reckoned_and_fit_in_a_lesson(notebook):
    cells = hygiene.load(NOTEBOOKS / f"{notebook}.ipynb")
    assert minutes.stated(cells) == pytest.approx(minutes.reckoned(cells), rel=0.1)
    assert minutes.stated(cells) <= 50


@pytest.mark.parametrize("notebook", HOMES)
def test_masthead_and_readme_state_the_same_minutes(notebook):
    row = rf"\(notebooks/{notebook}\.ipynb\) \|.*\| (\d+) \|"
    readme = re.search(row, README.read_text(encoding="utf-8"))
    assert minutes.stated(hygiene.load(NOTEBOOKS / f"{notebook}.ipynb")) == int(readme[1])


def test_every_kind_of_work_adds_minutes():
    check = {"tags": ["exercise-check"]}
    table = new_output("display_data", data={"text/markdown": "| a |"})
    cells = [
        new_markdown_cell("A hint. " * 100, metadata={"tags": ["solution"]}),
        new_markdown_cell("Three hundred words. " * 100),
        new_code_cell('exercises.ask("bad_news")'),
        new_code_cell("explorers.shape()", outputs=[table]),
        new_code_cell('exercises.check("inverse", inverse)', metadata=check),
        new_code_cell('exercises.check("capstone", mine)', metadata=check),
        new_code_cell("it.summary()", outputs=[table]),
    ]
    assert minutes.reckoned(new_notebook(cells=cells)) == 2 + 1 + 3 + 5 + 10 + 1
